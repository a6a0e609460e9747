"""A project edited in QGIS: what was changed, shown before it is taken back."""

from civicsight.io.edits.apply import apply
from civicsight.io.edits.compare import compare
from civicsight.io.edits.model import Change, Edits, Fresh, LayerEdits, Reshaped

__all__ = ["Change", "Edits", "Fresh", "LayerEdits", "Reshaped", "apply", "compare"]
