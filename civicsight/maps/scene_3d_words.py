"""What the 3D view says: its legend, its buttons, and what a screen reader hears."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import Language, translate
from civicsight.maps.plan import level_symbols
from civicsight.maps.prisms import KINDS, Bodies
from civicsight.presentation.names import Names
from civicsight.presentation.symbols import (
    CAMERA_LABELS,
    CAMERA_STYLES,
    PART_LABELS,
    PART_STYLES,
    STATUS_LABELS,
    STATUS_STYLES,
    STATUSES,
    VIEW_STYLES,
    ZONE_STYLE,
)

BODY_COLOURS: Final[Mapping[str, tuple[str, str, str]]] = {
    "building": ("#f1efeb", "#f2e5c8", "#c39a4a"),
    "obstacle": ("#b98b5e", "#d9b48f", "#8c5a2b"),
    "canopy": ("#a9c48f", "#c3d6ac", "#7fa05f"),
}
"""Of each kind: the colour where the height is on record, that where it is assumed, its hatch."""

BODY_LABELS: Final[Mapping[str, Text]] = {
    "building": N_("Buildings"),
    "obstacle": N_("Walls, fences and panels"),
    "canopy": N_("Tree crowns"),
}
LAYER_OF: Final[Mapping[str, str]] = {
    "building": "buildings",
    "obstacle": "obstacles",
    "canopy": "canopies",
}

LABELS: Final[Mapping[str, Text]] = {
    "title": N_("Legend and layers"),
    "view": N_(
        "3D view. Arrow keys turn it, with Shift they move it, plus and minus come nearer and go "
        "back, Home shows all; the list beside it holds the same."
    ),
    "zoomIn": N_("Zoom in"),
    "zoomOut": N_("Zoom out"),
    "reset": N_("Show all"),
    "top": N_("From above"),
    "north": N_("North up"),
    "through": N_("Look through the camera"),
    "leave": N_("Leave the camera"),
    "geometry": N_("What the lens takes in by its geometry: no picture of any camera is shown."),
    "part": N_("A part of a wide view: turn with the arrow keys or by dragging."),
    "missing": N_(
        "This browser cannot draw in three dimensions (WebGL 2 is missing or switched off). "
        "The map shows the same plan."
    ),
    "broken": N_("The 3D view could not be loaded. Open the page anew; the map shows the same."),
    "map": N_("Open the map"),
}
"""Texts of the view itself, by the name under which ``browser/solid.js`` asks for them."""


def labels_of(language: Language) -> dict[str, str]:
    """Return the texts of the view in a language."""
    return {name: translate(text, language) for name, text in LABELS.items()}


def legend_of(
    names: Names, bodies: Bodies, arrays: set[str], present: Mapping[str, set[str]]
) -> list[dict[str, Any]]:
    """List what the view shows, top layer first; what does not occur is left out."""
    say = names.say
    entries = [
        _signs(say(N_("Gates and other key parts")), "parts", PART_STYLES, PART_LABELS,
               present["parts"], names),
        _signs(say(N_("Cameras")), "cameras", CAMERA_STYLES, CAMERA_LABELS, present["cameras"],
               names),
        _entry(say(N_("Where cameras look")), "views", [{"label": "", "style": VIEW_STYLES["sure"]}]
               if present["cameras"] else []),
        _entry(say(N_("Points of gates that were tested")), "samples", [
            {"label": say(STATUS_LABELS[name]), "style": {"dot": STATUS_STYLES[name]["color"]}}
            for name in STATUSES] if "samples" in arrays else []),
        _entry(say(N_("Detail on the ground")), "coverage", level_symbols(names)
               if "coverage" in arrays else []),
        _entry(say(N_("Mandatory places")), "places", [{"label": "", "style": ZONE_STYLE}]),
    ]  # fmt: skip
    kinds = {int(kind) for kind in set(bodies.wall_kind.tolist())}
    entries += [_body(name, 2 * k, kinds, names) for k, name in enumerate(KINDS)]
    return [entry for entry in entries if entry["symbols"]]


def body_looks() -> list[dict[str, str]]:
    """Return the colours of the kinds of body by number, with the hatch where it is assumed."""
    looks: list[dict[str, str]] = []
    for name in KINDS:
        plain, assumed, hatch = BODY_COLOURS[name]
        looks += [
            {"layer": LAYER_OF[name], "swatch": plain},
            {"layer": LAYER_OF[name], "swatch": assumed, "hatch": hatch},
        ]
    return looks


def _signs(
    label: str,
    key: str,
    styles: Mapping[str, dict[str, Any]],
    labels: Mapping[str, Text],
    present: set[str],
    names: Names,
) -> dict[str, Any]:
    symbols = [
        {"label": names.say(labels[name]), "style": styles[name]}
        for name in styles
        if name in present
    ]
    return _entry(label, key, symbols)


def _body(name: str, first: int, kinds: set[int], names: Names) -> dict[str, Any]:
    plain, assumed, hatch = BODY_COLOURS[name]
    symbols = []
    if first in kinds:
        symbols.append({"label": names.say(N_("height on record")), "style": {"swatch": plain}})
    if first + 1 in kinds:
        look = {"swatch": assumed, "hatch": hatch}
        symbols.append({"label": names.say(N_("height assumed")), "style": look})
    return _entry(names.say(BODY_LABELS[name]), LAYER_OF[name], symbols)


def _entry(label: str, key: str, symbols: list[dict[str, Any]]) -> dict[str, Any]:
    return {"label": label, "key": key, "symbols": symbols}
