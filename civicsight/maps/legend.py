"""The layers of our maps in one table: names, signs and legends of the 2D, live and 3D map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from civicsight.core.errors import N_, Text
from civicsight.core.hues import BUILDING
from civicsight.core.i18n import Language, translate
from civicsight.maps.prisms import KINDS, Bodies
from civicsight.presentation.names import Names
from civicsight.presentation.symbols import (
    CAMERA_LABELS,
    CAMERA_STYLES,
    CROWN,
    FINDING_STYLES,
    GREEN,
    OBSTACLE,
    PART_LABELS,
    PART_STYLES,
    ROADS,
    STATUS_LABELS,
    STATUS_STYLES,
    STATUSES,
    VIEW_LABELS,
    VIEW_STYLES,
    WATER,
    ZONE_STYLE,
    level_colours,
)

Styles = Mapping[str, Mapping[str, Any]]

PLAIN: Final = ""
"""The one value of a layer whose features all look alike."""

BODY_COLOURS: Final[Mapping[str, tuple[str, str, str]]] = {
    "building": ("#f1efeb", "#f2e5c8", "#c39a4a"),
    "obstacle": ("#b98b5e", "#d9b48f", "#8c5a2b"),
    "canopy": ("#a9c48f", "#c3d6ac", "#7fa05f"),
}
"""Of each kind: the colour where the height is on record, that where it is assumed, its hatch."""

RECORDED, ASSUMED = "recorded", "assumed"
HEIGHTS: Final[Mapping[str, Text]] = {
    RECORDED: N_("height on record"),
    ASSUMED: N_("height assumed"),
}
"""How the height of a body is known."""


@dataclass(frozen=True, slots=True)
class Signs:
    """How features of a layer look, by value, and what each look means.

    Parameters
    ----------
    styles, labels
        By value; a value without a label is what the layer itself is called.
    levels
        Whether the looks are the levels of detail of the rules instead.
    """

    styles: Styles = field(default_factory=dict)
    labels: Mapping[str, Text] = field(default_factory=dict)
    levels: bool = False

    def symbols(self, names: Names, values: set[str] | None) -> list[dict[str, Any]]:
        """Return the symbols of the values that occur, all of them for None."""
        if self.levels:
            return level_symbols(names) if values is None or values else []
        return [
            {
                "label": names.translate(self.labels[value]) if value in self.labels else "",
                "style": style,
            }
            for value, style in self.styles.items()
            if values is None or value in values
        ]


@dataclass(frozen=True, slots=True)
class MapLayer:
    """A layer: what it is called, and how it is drawn on the flat maps and in the 3D view.

    Parameters
    ----------
    label
        What the legend calls it.
    keys, flat
        Its names on the 2D and the live map, none where it is not drawn there, and its signs.
    key, solid
        Its name in the 3D view, empty where it is not drawn there, and its signs.
    """

    label: Text
    keys: tuple[str, ...] = ()
    flat: Signs = Signs()
    key: str = ""
    solid: Signs = Signs()


def _alike(style: Mapping[str, Any], text: Text | None = None) -> Signs:
    return Signs({PLAIN: style}, {} if text is None else {PLAIN: text})


def _body(kind: str) -> Signs:
    plain, assumed, hatch = BODY_COLOURS[kind]
    return Signs(
        {RECORDED: {"swatch": plain}, ASSUMED: {"swatch": assumed, "hatch": hatch}}, HEIGHTS
    )


_PARTS: Final = Signs(PART_STYLES, PART_LABELS)
_CAMERAS: Final = Signs(CAMERA_STYLES, CAMERA_LABELS)
_LEVELS: Final = Signs(levels=True)
_PLACES: Final = _alike(ZONE_STYLE)
_SAMPLES: Final = Signs(
    {name: {"dot": STATUS_STYLES[name]["color"]} for name in STATUSES}, STATUS_LABELS
)
_COVER: Final = Signs(
    {"water": {"swatch": WATER["fill"]}, "green": {"swatch": GREEN["fill"]}},
    {"water": N_("water"), "green": N_("parks and open green")},
)
_HELP: Final = _alike(FINDING_STYLES["gap"], N_("lines lead to cameras that could help"))

LAYERS: Final = (
    MapLayer(N_("Gates and other key parts"), ("parts",), _PARTS, "parts", _PARTS),
    MapLayer(N_("Cameras"), ("cameras",), _CAMERAS, "cameras", _CAMERAS),
    MapLayer(
        N_("Where cameras look"),
        ("views_sure", "views_assumed"),
        Signs(VIEW_STYLES, VIEW_LABELS),
        "views",
        _alike(VIEW_STYLES["sure"]),
    ),
    MapLayer(N_("Points of gates that were tested"), key="samples", solid=_SAMPLES),
    MapLayer(
        N_("Detail on the ground"), ("coverage", "left", "right"), _LEVELS, "coverage", _LEVELS
    ),
    MapLayer(N_("Where a gap is"), ("gaps",), _HELP),
    MapLayer(N_("Cameras that see the same"), ("duplicates",), _alike(FINDING_STYLES["duplicate"])),
    MapLayer(N_("Overlapping views"), ("overlaps",), _alike(FINDING_STYLES["overlap"])),
    MapLayer(N_("Mandatory places"), ("zones",), _PLACES, "places", _PLACES),
    MapLayer(
        N_("Walls, fences and panels"),
        ("obstacles",),
        _alike(OBSTACLE),
        "obstacles",
        _body("obstacle"),
    ),
    MapLayer(
        N_("Tree crowns"),
        ("canopies",),
        _alike({"swatch": CROWN["fill"]}),
        "canopies",
        _body("canopy"),
    ),
    MapLayer(
        N_("Buildings"),
        ("buildings",),
        _alike({"swatch": BUILDING["fill"]}),
        "buildings",
        _body("building"),
    ),
    MapLayer(N_("Roads"), ("roads",), _alike({"swatch": ROADS[0]["color"]})),
    MapLayer(N_("Water and open green"), ("land_cover",), _COVER, "land_cover", _COVER),
)
"""All layers, the topmost first."""

LAYER_OF: Final[Mapping[str, str]] = {
    "building": "buildings",
    "obstacle": "obstacles",
    "canopy": "canopies",
}
"""The layer of the 3D view in which each kind of body lies."""

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


def flat_legend(
    names: Names, present: set[str], shown: Mapping[str, set[str]]
) -> list[dict[str, Any]]:
    """Return the legend of a 2D or live map, top layer first.

    Parameters
    ----------
    names
        Words and rules.
    present
        Keys of the layers that are on the map; others have no entry.
    shown
        Values that occur in the layers that are drawn by value, by the key of the layer in 3D.
    """
    return [
        {
            "label": names.translate(layer.label),
            "keys": [key for key in layer.keys if key in present],
            "symbols": layer.flat.symbols(names, shown.get(layer.key) if layer.key else None),
        }
        for layer in LAYERS
        if present.intersection(layer.keys)
    ]


def legend_of(
    names: Names, bodies: Bodies, arrays: set[str], present: Mapping[str, set[str]]
) -> list[dict[str, Any]]:
    """List what the 3D view shows, top layer first; what does not occur is left out."""
    kinds = {int(kind) for kind in set(bodies.wall_kind.tolist())}
    shown: dict[str, set[str]] = {
        **present,
        "views": {PLAIN} if present["cameras"] else set(),
        "samples": set(STATUSES) if "samples" in arrays else set(),
        "coverage": {PLAIN} if "coverage" in arrays else set(),
        "places": {PLAIN},
    }
    for k, name in enumerate(KINDS):
        known = ((RECORDED, 2 * k), (ASSUMED, 2 * k + 1))
        shown[LAYER_OF[name]] = {how for how, number in known if number in kinds}
    entries = [
        {
            "label": names.translate(layer.label),
            "key": layer.key,
            "symbols": layer.solid.symbols(names, shown[layer.key]),
        }
        for layer in LAYERS
        if layer.key
    ]
    return [entry for entry in entries if entry["symbols"]]


def body_looks() -> list[dict[str, str]]:
    """Return the colours of the kinds of body by number, with the hatch where it is assumed."""
    return [
        {"layer": LAYER_OF[name], **style}
        for name in KINDS
        for style in _body(name).styles.values()
    ]


def level_symbols(names: Names) -> list[dict[str, Any]]:
    """Return the symbols of the levels of detail, the best first."""
    levels = names.rules.ladder.levels
    return [
        {
            "label": names.translate(
                N_("%(level)s, from %(px)s px/m", level=level.label, px=f"{level.px_m:g}")
            ),
            "style": {"swatch": colour},
        }
        for level, colour in reversed(list(zip(levels, level_colours(len(levels)), strict=True)))
    ]
