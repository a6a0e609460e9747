"""Maps of a plan, made of our own files only: they open on a closed network."""

from civicsight.core.html_safe import safe
from civicsight.maps.assets import localise
from civicsight.maps.plan import plan_map

__all__ = ["localise", "plan_map", "safe"]
