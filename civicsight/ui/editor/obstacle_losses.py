"""What the map shows of something drawn in the way: itself, and who loses what ground to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
from shapely.geometry import LineString, Polygon

from civicsight.maps.events import EDITED
from civicsight.maps.live import drawn_layer
from civicsight.presentation.symbols import STATUS_STYLES
from civicsight.ui.editor.state import WALL, EditorState

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

GROUND, CAMERAS = "lost", "hindered"
"""Layers of ground that is lost, and of lines from the cameras that lose it."""

LOST: Final = {"color": STATUS_STYLES["gap"]["color"], "width": 1, "fill": 0.4}
LINE: Final = {**LOST, "width": 2, "dash": "6 4"}


def drawn_shape(what: str, ring: Any) -> BaseGeometry:
    """Return what was drawn: a wall is a line, all else an area."""
    return LineString(ring) if what == WALL else Polygon(ring)


def lost_layers(editor: EditorState) -> list[dict[str, Any]]:
    """Return what the map shows of the obstacle that is judged: who loses what ground to it."""
    judged = editor.judged
    if judged is None:
        return []
    crs = editor.project.city.crs
    ground = {name: shape for name, shape in judged.ground.items() if not shape.is_empty}
    layers = []
    if ground:
        shapes = gpd.GeoSeries(list(ground.values()), index=list(ground), crs=crs)
        layers.append(drawn_layer(GROUND, shapes, [""] * len(ground), LOST))
    places = editor.project.result.cameras.geometry
    harmed = [name for name in judged.cameras.index if name in places.index]
    middle = judged.permit.facility.shape.centroid
    lines = gpd.GeoSeries(
        [LineString([places[name], middle]) for name in harmed], index=harmed, crs=crs
    )
    if harmed:
        layers.append(drawn_layer(CAMERAS, lines, [""] * len(harmed), LINE))
    return layers


def lost_features(editor: EditorState) -> list[tuple[str, str]]:
    """Return what of it stays bright beside what is selected, as layer and id."""
    lost = [] if editor.judged is None else list(editor.judged.cameras.index)
    return [(EDITED + layer, str(name)) for layer in (GROUND, CAMERAS) for name in lost]
