"""Colours and signs, each told apart by shape or line as well as by hue.

Hues are those of Okabe and Ito (2008), told apart by people with any common colour blindness; on
the ground `hues.GROUND` each mark has a contrast of at least 3:1, or a dark outline that has.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from civicsight.core import hues
from civicsight.core.errors import N_, Text

WATER: Final = {"fill": "#bcd7e4", "color": "#9dc0d2", "width": 0.5}
GREEN: Final = {"fill": "#dbe5c8", "color": "#c9d7b2", "width": 0.3}

OBSTACLE: Final = {"color": "#8c5a2b", "width": 2.0}
CROWN: Final = {"fill": "#a9c48f", "color": "#7fa05f", "width": 0.5}

ROADS: Final[tuple[dict[str, Any], ...]] = (
    {"color": "#ffffff", "metres": 11.0, "least": 2.0},
    {"color": "#ffffff", "metres": 6.0, "least": 1.0},
    {"color": "#cbc4b8", "metres": 1.5, "least": 0.6, "dash": [3, 3]},
)
"""Main roads, other roads, paths."""

ROAD_EDGE: Final = "#d3ccbf"
"""Edge of a road, so that a white road shows on pale ground."""

MAIN_ROADS: Final = frozenset(
    {"motorway", "trunk", "primary", "secondary", "tertiary"}
    | {f"{kind}_link" for kind in ("motorway", "trunk", "primary", "secondary", "tertiary")}
)
PATHS: Final = frozenset(
    {"footway", "path", "steps", "cycleway", "track", "bridleway", "corridor", "elevator"}
)

STATUSES: Final = ("covered", "assumed", "possible", "gap")

STATUS_STYLES: Final[Mapping[str, dict[str, Any]]] = MappingProxyType(
    {
        "covered": {"color": hues.COVERED, "sign": "disc", "radius": 6, "width": 4},
        "assumed": {"color": hues.ASSUMED, "sign": "diamond", "radius": 6, "width": 4}
        | {"dash": "10 4"},
        "possible": {
            "color": hues.POSSIBLE,
            "sign": "triangle",
            "radius": 7,
            "width": 4,
            "dash": "4 4",
        },
        "gap": {"color": hues.GAP, "sign": "cross", "radius": 7, "width": 4, "dash": "2 5"},
        "unknown": {
            "color": hues.UNKNOWN,
            "sign": "square",
            "radius": 5,
            "width": 3,
            "hollow": True,
        },
    }
)
"""A part of a place by what the cameras do for it."""

STATUS_LABELS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "covered": N_("covered for sure"),
        "assumed": N_("covered as assumed"),
        "possible": N_("covered only at best"),
        "gap": N_("not covered"),
        "unknown": N_("could not be judged"),
    }
)

PART_STYLES: Final[Mapping[str, dict[str, Any]]] = MappingProxyType(
    {
        "covered": STATUS_STYLES["covered"],
        "unbuilt": {"color": "#007a5a", "sign": "disc", "radius": 6, "width": 4, "hollow": True}
        | {"dash": "8 3 2 3"},
        **{name: look for name, look in STATUS_STYLES.items() if name != "covered"},
    }
)
"""A part as the map shows it: what only planned cameras will cover is told apart."""

PART_LABELS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "covered": STATUS_LABELS["covered"],
        "unbuilt": N_("covered for sure once planned cameras are built"),
        **{name: text for name, text in STATUS_LABELS.items() if name != "covered"},
    }
)

CAMERA_STYLES: Final[Mapping[str, dict[str, Any]]] = MappingProxyType(
    {
        "sure": {"color": "#1a1a1a", "sign": "square", "radius": 5, "width": 2},
        "assumed": {"color": "#1a1a1a", "sign": "square", "radius": 5, "hollow": True, "width": 2},
        "unknown": {"color": "#1a1a1a", "sign": "disc", "radius": 5, "hollow": True, "width": 2},
        "unused": {"color": "#666666", "sign": "pause", "radius": 5, "width": 2},
    }
)
"""A camera by how its direction is known; one that does not count stands apart."""

CAMERA_LABELS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "sure": N_("record complete"),
        "assumed": N_("record incomplete, view assumed"),
        "unknown": N_("direction unknown"),
        "unused": N_("not counted (indoors, out of use, removed)"),
    }
)

VIEW_STYLES: Final[Mapping[str, dict[str, Any]]] = MappingProxyType(
    {
        "sure": {"color": "#1a1a1a", "width": 1.2, "fill": 0.14},
        "assumed": {"color": "#1a1a1a", "width": 1.2, "fill": 0.04, "dash": "3 3"},
    }
)
VIEW_LABELS: Final[Mapping[str, Text]] = MappingProxyType(
    {"sure": N_("view as recorded"), "assumed": N_("view as assumed")}
)

ZONE_STYLE: Final = {"color": "#4d5a8f", "width": 1.4, "fill": 0.07}
DRAWN_STYLE: Final = {"color": "#0072b2", "width": 2.5, "fill": 0.12, "dash": "8 4"}
PLACED_STYLE: Final = {
    **DRAWN_STYLE,
    "color": "#d55e00",
    "sign": "disc",
    "radius": 8,
    "hollow": True,
}
"""Rows of a file that is not taken yet; a point needs a sign to be seen."""

MEASURE_STYLES: Final[Mapping[str, dict[str, Any]]] = MappingProxyType(
    {
        "new": {"color": "#d55e00", "sign": "triangle", "letter": "▲", "radius": 8, "width": 2},
        "reaim": {"color": "#0072b2", "sign": "diamond", "letter": "◆", "radius": 7, "width": 2},
        "refurbish": {"color": "#cc79a7", "sign": "square", "letter": "■", "radius": 7, "width": 2},
        "connect": {"color": "#009e73", "sign": "disc", "letter": "●", "radius": 7, "width": 2},
        "keep": {"color": "#0072b2", "sign": "diamond", "letter": "◇", "radius": 6, "width": 2}
        | {"hollow": True},
        "mask": {"color": "#6a3d9a", "sign": "pause", "letter": "‖", "radius": 7, "width": 2},
        "move": {"color": "#8a4b00", "sign": "triangle", "letter": "△", "radius": 7, "width": 2}
        | {"hollow": True},
        "take_down": {"color": "#1a1a1a", "sign": "square", "letter": "□", "radius": 7, "width": 2}
        | {"hollow": True},
        "drop": {"color": "#666666", "sign": "cross", "letter": "✖", "radius": 7, "width": 2},
    }
)
"""What a plan does with a camera, by action (`planning.record.actions`): one table of signs."""

YEAR_COLOURS: Final = ("#d55e00", "#b0006d", "#0b4f8a")
"""From the first year of works to the last."""

SERVED_STYLE: Final = {"color": "#d55e00", "width": 2, "dash": "2 5"}
"""From a measure to each part that it is for."""

FINDING_STYLES: Final[Mapping[str, dict[str, Any]]] = MappingProxyType(
    {
        "gap": {"color": hues.GAP, "width": 3, "dash": "2 6", "fill": 0.2},
        "duplicate": {"color": "#d55e00", "width": 3.5, "dash": "9 4"},
        "overlap": {"color": "#d55e00", "width": 1.5, "dash": "2 3", "fill": 0.1},
    }
)

LEVEL_COLOURS: Final = ("#cfe6f5", "#8ec6ea", "#3f97d3", "#0b4f8a")
"""Levels of a ladder of detail of four from the lowest up: one hue, darker the better."""


@lru_cache(maxsize=32)
def level_colours(count: int, run: tuple[str, ...] = LEVEL_COLOURS) -> tuple[str, ...]:
    """Return a colour for each level of a ladder, along a run of colours."""
    stops = [[int(each[k : k + 2], 16) for k in (1, 3, 5)] for each in run]
    last, found = len(stops) - 1, []
    for k in range(count):
        at = last * k / (count - 1) if count > 1 else float(last)
        low = min(int(at), last - 1)
        mixed = (a + (at - low) * (b - a) for a, b in zip(stops[low], stops[low + 1], strict=True))
        found.append("#" + "".join(f"{round(value):02x}" for value in mixed))
    return tuple(found)
