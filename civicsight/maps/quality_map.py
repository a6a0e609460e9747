"""The map of where the data of a project are thin: a light grid over its buildings and streets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import folium
import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from civicsight.core import i18n
from civicsight.core.errors import N_, Text
from civicsight.core.html_safe import safe
from civicsight.core.i18n import Language
from civicsight.maps.basemap import building_layer, road_layer
from civicsight.maps.encode import bounds_of
from civicsight.maps.layers import PlanLayer, PlanPanel, PlanStart, Row, feature_layer
from civicsight.model import City
from civicsight.presentation.symbols import CAMERA_LABELS, CAMERA_STYLES

CLASSES: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Upper bounds of the shares that look alike; the first is none at all."""

CLASS_STYLES: Final[Mapping[str, dict[str, Any]]] = MappingProxyType(
    {
        "none": {"color": "#2f7d5b", "width": 1, "fill": 0.1},
        "few": {"color": "#c9892b", "width": 1, "fill": 0.2},
        "some": {"color": "#b8681a", "width": 1, "fill": 0.4},
        "many": {"color": "#94410e", "width": 1, "fill": 0.55},
        "most": {"color": "#5d1d06", "width": 1.5, "fill": 0.7},
    }
)
"""Darker the less is known: told apart in black and white as well."""

CLASS_LABELS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "none": N_("nothing lacks"),
        "few": N_("up to a quarter"),
        "some": N_("up to a half"),
        "many": N_("up to three quarters"),
        "most": N_("nearly all or all"),
    }
)

MAX_ZOOM: Final = 20


def quality_map(
    city: City,
    cameras: gpd.GeoDataFrame,
    cells: gpd.GeoDataFrame,
    themes: Mapping[str, str],
    rows: Sequence[Row],
    language: Language,
) -> folium.Map:
    """Draw a grid with a layer for each theme, of which the first is on.

    Parameters
    ----------
    city
        The project, for its ground plan and sources.
    cameras
        Cameras with ``known``, how their direction is known.
    cells
        Cells with a column ``share_*`` by theme [0-1], NaN where the theme has nothing to show.
    themes
        Themes and what they are called.
    rows
        What a click on a cell shows, as of `feature_layer`.
    language
        Language of labels.
    """
    drawn = folium.Map(
        tiles=None,
        max_zoom=MAX_ZOOM,
        zoom_snap=0.25,
        zoom_start=14,
        font_size="13px",
        fade_animation=False,
    )
    # folium numbers maps at random; the same project is to give the same file.
    drawn._id = "thin"  # noqa: SLF001
    PlanStart().add_to(drawn)
    for layer in _layers(city, cameras, cells, themes, rows, language):
        layer.add_to(drawn)
    PlanPanel(_panel(city, cameras, cells, language)).add_to(drawn)
    return drawn


def class_of(shares: pd.Series) -> npt.NDArray[np.object_]:
    """Return the class of each share, a key of `CLASS_STYLES`; None for NaN.

    Examples
    --------
    >>> class_of(pd.Series([0.0, 0.25, 0.26, 1.0, float("nan")])).tolist()
    ['none', 'few', 'some', 'most', None]
    """
    values = shares.to_numpy(np.float64)
    names = np.array([*CLASS_STYLES, None], object)
    position = np.searchsorted(CLASSES, values)  # NaN sorts behind everything
    classes: npt.NDArray[np.object_] = names[np.minimum(position, len(CLASSES))]
    return classes


def _layers(
    city: City,
    cameras: gpd.GeoDataFrame,
    cells: gpd.GeoDataFrame,
    themes: Mapping[str, str],
    rows: Sequence[Row],
    language: Language,
) -> list[PlanLayer]:
    layers = []
    if len(city.roads):
        layers.append(road_layer(city.roads, cameras.geometry)[0])
    if len(city.buildings):
        layers.append(building_layer(city.buildings, cameras.geometry)[0])
    order = {name: k for k, name in enumerate(CLASS_STYLES)}
    names = cells.index.to_list()
    for number, theme in enumerate(themes):
        classes = class_of(cells[f"share_{theme}"])
        there = [k for k, name in enumerate(classes) if name is not None]
        shown = cells.iloc[there]
        titles = [i18n.translate(N_("Cell %(name)s", name=names[k]), language) for k in there]
        layers.append(
            feature_layer(
                f"thin_{theme}",
                shown.geometry,
                list(CLASS_STYLES.values()),
                [order[classes[k]] for k in there],
                titles=titles,
                rows=[rows[k] for k in there],
                show=number == 0,
            )
        )
    if len(cameras):
        place = {name: k for k, name in enumerate(CAMERA_STYLES)}
        style = [place[name] for name in cameras["known"]]
        looks = list(CAMERA_STYLES.values())
        layers.append(feature_layer("cameras", cameras.geometry, looks, style))
    return layers


def _panel(
    city: City, cameras: gpd.GeoDataFrame, cells: gpd.GeoDataFrame, language: Language
) -> dict[str, Any]:
    def translate(text: Text) -> str:
        return i18n.translate(text, language)

    known = set(cameras["known"])
    symbols = [
        {"label": translate(CAMERA_LABELS[name]), "style": style}
        for name, style in CAMERA_STYLES.items()
        if name in known
    ]
    entry = {"label": translate(N_("Cameras")), "keys": ["cameras"], "symbols": symbols}
    shapes = list(cells.geometry) or [city.extent]
    return {
        "title": translate(N_("Legend and layers")),
        "label": translate(N_("Map of where the data are thin; the tables below list the same")),
        "entries": [entry] if symbols else [],
        "notes": [translate(N_("Made-up data: no such place exists."))] if city.synthetic else [],
        "credits": [safe(text) for text in city.sources],
        "north": translate(N_("N")),
        "zoomIn": translate(N_("Zoom in")),
        "zoomOut": translate(N_("Zoom out")),
        "open": True,
        "bounds": bounds_of(shapes, city.crs),
    }
