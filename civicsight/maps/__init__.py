"""Maps of a plan, made of our own files only: they open on a closed network."""

from civicsight.maps.assets import localise
from civicsight.maps.plan import plan_map
from civicsight.presentation.html_safe import safe

__all__ = ["localise", "plan_map", "safe"]
