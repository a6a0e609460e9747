"""The plan map: what the cameras see, which gates that covers, what is missing, what is double."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any, Final

import folium
import geopandas as gpd
import pandas as pd
from shapely.geometry import box

from civicsight.core.errors import N_
from civicsight.core.html_safe import safe
from civicsight.core.i18n import DEFAULT_LANGUAGE, Language
from civicsight.coverage.result import found_gaps
from civicsight.coverage.standing import direction_of_cameras, shown_parts
from civicsight.maps.alone import camera_alone
from civicsight.maps.assets import localise
from civicsight.maps.basemap import (
    COVERAGE_Z,
    building_layer,
    land_layer,
    obstacle_layers,
    road_layer,
)
from civicsight.maps.encode import bounds_of
from civicsight.maps.layer_cache import once
from civicsight.maps.layers import (
    PlanLayer,
    PlanPanel,
    PlanStart,
    PlanSwipe,
    feature_layer,
    image_layer,
    outline,
)
from civicsight.maps.legend import flat_legend
from civicsight.maps.picture import coverage_pictures
from civicsight.maps.shapes import trace_findings, view_wedges
from civicsight.maps.swipe import swipe_labels
from civicsight.presentation.evidence import finding_facts, finding_title
from civicsight.presentation.facts import camera_facts, part_facts, zone_facts
from civicsight.presentation.lexicon import number
from civicsight.presentation.names import Names, name_all
from civicsight.presentation.symbols import (
    CAMERA_STYLES,
    FINDING_STYLES,
    PART_STYLES,
    VIEW_STYLES,
    ZONE_STYLE,
    level_colours,
)

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult

COVERAGE_OPACITY: Final = 0.8
MARGIN_M: Final = 30.0
MAX_ZOOM: Final = 21


def plan_map(
    result: CheckResult,
    language: Language = DEFAULT_LANGUAGE,
    *,
    before: CheckResult | None = None,
    camera: str | None = None,
    hidden: Collection[str] = (),
) -> folium.Map:
    """Draw a result on a map that opens without any network; ``save`` writes it as one file.

    Parameters
    ----------
    result
        What `check` found.
    language
        Language of labels and of what a click shows.
    before
        An earlier result: a line that can be moved parts what was seen then from what is now.
    camera
        Id of the one camera that is shown, with what it sees alone.
    hidden
        Keys of layers that are off when the map opens: ``coverage``, ``zones``, ``parts``,
        ``cameras``, ``views_sure``, ``views_assumed``, ``gaps``, ``duplicates``, ``overlaps``,
        ``roads``, ``buildings``, ``canopies``, ``obstacles``.

    Returns
    -------
    folium.Map
        Without tiles and without a link to anywhere.

    Raises
    ------
    InputError
        If there is no such camera.
    """
    if camera is not None:
        result = camera_alone(result, camera)
        before = None if before is None else camera_alone(before, camera)
    names, drawn = name_all(result, language), _empty_map()
    PlanStart().add_to(drawn)
    notes: list[str] = []
    ground = [layer for layer in _ground(result, before, names, notes) if layer is not None]
    layers = [*ground, *feature_layers(result, names)]
    for layer in layers:
        layer.show = layer.show and layer.key not in hidden
        layer.add_to(drawn)
    PlanPanel(panel_data(result, names, {layer.key for layer in layers}, notes)).add_to(drawn)
    if before is not None:
        titles = names.translate(N_("earlier")), names.translate(N_("later"))
        PlanSwipe(swipe_labels(titles, language)).add_to(drawn)
    return localise(drawn)


def _empty_map() -> folium.Map:
    """Return a map without tiles; folium numbers maps at random, the same plan is the same file."""
    drawn = folium.Map(
        tiles=None,
        max_zoom=MAX_ZOOM,
        zoom_snap=0.25,
        zoom_start=15,
        font_size="13px",
        fade_animation=False,
    )
    drawn._id = "plan"  # noqa: SLF001
    return drawn


def feature_layers(result: CheckResult, names: Names, *, facts: bool = True) -> list[PlanLayer]:
    """Return what can be clicked, from the places up to the cameras, with `facts` or without."""
    findings = [
        layer
        for kind in ("overlap", "duplicate", "gap")
        for layer in _findings(result, names, kind, facts=facts)
    ]
    layers = [
        _zones(result, names, facts=facts),
        *_views(result),
        *findings,
        _parts(result, names, facts=facts),
        _cameras(result, names, facts=facts),
    ]
    return [layer for layer in layers if layer is not None]


def panel_data(
    result: CheckResult, names: Names, present: set[str], notes: list[str], more: Iterable[str] = ()
) -> dict[str, Any]:
    """Return what the legend says; a layer that is not on the map has no entry.

    `more` are statuses that a part can come to have on the map.
    """
    translate = names.translate
    shown = {
        "parts": {*shown_parts(result), *more},
        "cameras": set(direction_of_cameras(result)),
        "views": set(result.heads["reading"]),
    }
    return {
        "title": translate(N_("Legend and layers")),
        "label": translate(
            N_("Map of cameras, mandatory places and gaps; the tables below list the same")
        ),
        "entries": flat_legend(names, present, shown),
        "notes": notes,
        "credits": [safe(text) for text in result.city.sources],
        "north": translate(N_("N")),
        "zoomIn": translate(N_("Zoom in")),
        "zoomOut": translate(N_("Zoom out")),
        "home": translate(N_("Show all")),
        "open": True,
        "bounds": extent_of(result),
    }


def _ground(
    result: CheckResult, before: CheckResult | None, names: Names, notes: list[str]
) -> list[PlanLayer | None]:
    """Return roads, coverage and buildings, and say what did not fit."""
    city = result.city
    if city.synthetic:
        notes.append(names.translate(N_("Made-up data: no such place exists.")))
    under, over = once(result, "ground", lambda: _ground_plan(result))
    for _, drawn, left_out in (*under, *over):
        if left_out:
            note = N_(
                "Drawn are %(drawn)s of %(all)s outlines, those near cameras and places first.",
                drawn=number(drawn),
                all=number(drawn + left_out),
            )
            notes.append(names.translate(note))
    if before is None:
        seen = [_coverage("coverage", result, names, empty=False)]
    else:
        seen = [_coverage("left", before, names), _coverage("right", result, names)]
    below, above = ([layer.again() for layer, *_ in plan] for plan in (under, over))
    return [*below, *seen, *above]


_Ground = list[tuple[PlanLayer, int, int]]
"""Layers, each with how many shapes it draws and how many it leaves out."""


def _ground_plan(result: CheckResult) -> tuple[_Ground, _Ground]:
    """Return what is drawn under the coverage, and over it."""
    city = result.city
    focus = pd.concat([result.cameras.geometry, result.parts.geometry])
    under, over = [], []
    if len(city.land_cover):
        under.append(land_layer(city.land_cover, focus))
    if len(city.roads):
        under.append(road_layer(city.roads, focus))
    if len(city.buildings):
        over.append(building_layer(city.buildings, focus))
    over += obstacle_layers(city.obstacles, city.canopies, focus)
    found = [
        [(layer, len(thinned.shapes), thinned.left_out) for layer, thinned in layers]
        for layers in (under, over)
    ]
    return found[0], found[1]


def _coverage(
    key: str, result: CheckResult, names: Names, *, empty: bool = True
) -> PlanLayer | None:
    """Return the picture of what is seen; where nothing is, no layer or, if asked, an empty one."""
    thresholds = result.rules.ladder.px_m
    raster, colours = result.raster, level_colours(len(thresholds))
    pictures = (
        []
        if raster is None
        else once(result, "coverage", lambda: coverage_pictures(raster, thresholds, colours))
    )
    if not pictures and not empty:
        return None
    alt = names.translate(N_("What the cameras see on the ground"))
    return image_layer(key, pictures, alt=alt, opacity=COVERAGE_OPACITY, z=COVERAGE_Z)


def _zones(result: CheckResult, names: Names, *, facts: bool) -> PlanLayer | None:
    zones = result.zones
    if zones.empty:
        return None
    titles = [names.zones[label] for label in zones.index]
    style = [0] * len(zones)
    return feature_layer(
        "zones",
        once(result, "zones", lambda: outline(zones.geometry)),
        [ZONE_STYLE],
        style,
        titles=titles,
        rows=zone_facts(result, names) if facts else (),
    )


def _views(result: CheckResult) -> list[PlanLayer]:
    """Draw where cameras look, recorded and assumed views apart."""
    layers = []
    for reading in VIEW_STYLES:
        wedges = view_wedges(result.heads, reading)
        if len(wedges):
            looks, style = [VIEW_STYLES[reading]], [0] * len(wedges)
            layers.append(feature_layer(f"views_{reading}", wedges, looks, style))
    return layers


def _parts(result: CheckResult, names: Names, *, facts: bool) -> PlanLayer | None:
    parts = result.parts
    if parts.empty:
        return None
    order = {name: k for k, name in enumerate(PART_STYLES)}
    return feature_layer(
        "parts",
        once(result, "parts", lambda: outline(parts.geometry)),
        list(PART_STYLES.values()),
        [order[name] for name in shown_parts(result)],
        titles=[names.parts[label] for label in parts.index],
        rows=part_facts(result, names) if facts else (),
    )


def _cameras(result: CheckResult, names: Names, *, facts: bool) -> PlanLayer | None:
    cameras = result.cameras
    if cameras.empty:
        return None
    order = {name: k for k, name in enumerate(CAMERA_STYLES)}
    return feature_layer(
        "cameras",
        once(result, "cameras", lambda: outline(cameras.geometry)),
        list(CAMERA_STYLES.values()),
        [order[name] for name in direction_of_cameras(result)],
        titles=[names.cameras[label] for label in cameras.index],
        rows=camera_facts(result, names) if facts else (),
    )


def _findings(result: CheckResult, names: Names, kind: str, *, facts: bool) -> list[PlanLayer]:
    frame: gpd.GeoDataFrame = {
        "gap": found_gaps(result),
        "duplicate": result.duplicates,
        "overlap": result.overlaps,
    }[kind]
    if frame.empty:
        return []
    return [
        feature_layer(
            f"{kind}s",
            once(result, kind, lambda: outline(trace_findings(frame, result), frame.geometry)),
            [FINDING_STYLES[kind]],
            [0] * len(frame),
            titles=[finding_title(row, names) for row in frame.itertuples()],
            rows=[finding_facts(row, names) for row in frame.itertuples()] if facts else (),
            show=kind != "overlap",
        )
    ]


def extent_of(result: CheckResult) -> list[list[float]]:
    """Return the box of what the report is about: cameras and parts, else the area read."""
    shapes = pd.concat([result.cameras.geometry, result.parts.geometry, result.zones.geometry])
    if shapes.empty:
        return bounds_of([result.city.extent], result.city.crs)
    area = box(*shapes.total_bounds).intersection(result.city.extent.envelope)
    if area.is_empty:
        area = box(*shapes.total_bounds)
    return bounds_of([area.buffer(MARGIN_M)], result.city.crs)
