"""A project edited in QGIS: what was changed, shown before it is taken back."""

from civicsight.city.edits.apply import apply
from civicsight.city.edits.compare import compare
from civicsight.city.edits.model import Change, Edits, Fresh, LayerEdits, Reshaped

__all__ = ["Change", "Edits", "Fresh", "LayerEdits", "Reshaped", "apply", "compare"]
