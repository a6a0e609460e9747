"""Hues that every drawing shares, from the small map of a notebook to the plan on the wall.

Those of states are of Okabe and Ito (2008), told apart by people with any common colour blindness.
"""

from __future__ import annotations

from typing import Any, Final

GROUND: Final = "#f6f4ef"
INK: Final = "#1a1a1a"
BUILDING: Final[dict[str, Any]] = {"fill": "#e2dcd2", "color": "#b9b0a2", "width": 0.7}

COVERED: Final = "#009e73"
ASSUMED: Final = "#0072b2"
POSSIBLE: Final = "#e69f00"
GAP: Final = "#b0006d"
UNKNOWN: Final = "#666666"

HUES: Final = {"covered": COVERED, "assumed": ASSUMED, "possible": POSSIBLE, "gap": GAP}
"""Hue of a part by its status; `UNKNOWN` for any other."""

SEEN: Final = "#3f97d3"
"""Ground that a camera sees."""
