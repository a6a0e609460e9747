"""A map of what single cameras see, by level of detail, without any network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import folium
import geopandas as gpd
import numpy as np

from civicsight.core.errors import N_, MismatchError
from civicsight.core.i18n import DEFAULT_LANGUAGE, Language, translate
from civicsight.coverage.window import trace_levels
from civicsight.maps.assets import localise
from civicsight.maps.encode import bounds_of
from civicsight.maps.layers import PlanPanel, PlanStart, feature_layer
from civicsight.presentation.lexicon import number
from civicsight.presentation.symbols import level_colours
from civicsight.rules.ladders import DEFAULT, LADDERS, Level

if TYPE_CHECKING:
    from civicsight.coverage.viewsheds import Viewsheds

MAX_ZOOM: Final = 21
KEY: Final = "views"


def views_map(views: Viewsheds, language: Language = DEFAULT_LANGUAGE) -> folium.Map:
    """Draw what each of several cameras sees; a click says which camera it is and how well.

    Parameters
    ----------
    views
        What `viewsheds` found.
    language
        Language of labels.

    Returns
    -------
    folium.Map
        Without tiles and without a link to anywhere; ``save`` writes it as one file.

    Raises
    ------
    MismatchError
        If no camera sees anything.
    """
    if not any(view.visible.any() for view in views):
        msg = "no camera sees anything, so that there is nothing to draw: check the cameras"
        raise MismatchError(msg)
    levels = LADDERS[DEFAULT].levels
    looks = [
        {"color": hue, "fill": 0.5, "width": 1} for hue in (UNGRADED, *level_colours(len(levels)))
    ]
    drawn = folium.Map(
        tiles=None,
        max_zoom=MAX_ZOOM,
        zoom_snap=0.25,
        zoom_start=17,
        font_size="13px",
        fade_animation=False,
    )
    # folium numbers maps at random; the same views are to give the same file.
    drawn._id = "views"  # noqa: SLF001
    PlanStart().add_to(drawn)
    thresholds = [0.0, *(level.px_m for level in levels)]
    shapes, style, titles, rows = [], [], [], []
    for label, view in zip(views.ids, views, strict=True):
        classes = np.where(view.visible, np.digitize(view.px_m, thresholds), 0).astype(np.uint8)
        if not classes.size:
            continue
        found, areas = trace_levels(classes, view.transform.c, view.transform.f, views.cell_m)
        for value, area in zip(found, areas, strict=True):
            shapes.append(area)
            style.append(value - 1)
            titles.append(str(label))
            least = f"{thresholds[value - 1]:g} px/m"
            told = ((N_("At least"), least), (N_("Area"), f"{number(round(area.area))} m²"))
            rows.append([(translate(name, language), text) for name, text in told])
    names = [f"{title}/{k}" for title, k in zip(titles, style, strict=True)]
    frame = gpd.GeoSeries(shapes, index=names, crs=views.crs)
    feature_layer(KEY, frame, looks, style, titles=titles, rows=rows).add_to(drawn)
    PlanPanel(_panel(views, levels, looks, language)).add_to(drawn)
    return localise(drawn)


UNGRADED: Final = "#9a9a9a"
"""What is seen, but below the lowest level."""


def _panel(
    views: Viewsheds, levels: Sequence[Level], looks: Sequence[dict[str, Any]], language: Language
) -> dict[str, Any]:
    labels = [N_("below the lowest level"), *(level.label for level in levels)]
    symbols = [
        {"label": translate(label, language), "style": look}
        for label, look in zip(labels, looks, strict=True)
    ]
    return {
        "title": translate(N_("Legend and layers"), language),
        "label": translate(N_("Map of what single cameras see"), language),
        "entries": [
            {
                "label": translate(N_("Detail on the ground"), language),
                "keys": [KEY],
                "symbols": symbols,
            }
        ],
        "notes": [],
        "credits": [],
        "north": translate(N_("N"), language),
        "zoomIn": translate(N_("Zoom in"), language),
        "zoomOut": translate(N_("Zoom out"), language),
        "home": translate(N_("Show all"), language),
        "open": True,
        "bounds": bounds_of(views.to_polygons().geometry, views.crs),
    }
