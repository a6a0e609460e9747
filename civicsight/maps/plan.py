"""The plan map: what the cameras see, which gates that covers, what is missing, what is double."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import folium
import geopandas as gpd
import pandas as pd
from shapely.geometry import box

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import DEFAULT_LANGUAGE, Language
from civicsight.maps.alone import camera_alone
from civicsight.maps.assets import localise
from civicsight.maps.basemap import COVERAGE_Z, Thinned, building_layer, obstacle_layers, road_layer
from civicsight.maps.encode import bounds_of
from civicsight.maps.layers import (
    PlanLayer,
    PlanPanel,
    PlanStart,
    PlanSwipe,
    feature_layer,
    image_layer,
)
from civicsight.maps.picture import coverage_pictures
from civicsight.maps.swipe import swipe_labels
from civicsight.maps.traces import trace_findings
from civicsight.maps.views import view_wedges
from civicsight.presentation.evidence import finding_facts, finding_title
from civicsight.presentation.html_safe import safe
from civicsight.presentation.lexicon import number
from civicsight.presentation.names import (
    Names,
    camera_facts,
    direction_of_cameras,
    name_all,
    part_facts,
    shown_parts,
    zone_facts,
)
from civicsight.presentation.symbols import (
    BUILDING,
    CAMERA_LABELS,
    CAMERA_STYLES,
    CROWN,
    FINDING_STYLES,
    OBSTACLE,
    PART_LABELS,
    PART_STYLES,
    ROADS,
    VIEW_LABELS,
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
    layers = _layers(result, before, names, notes)
    for layer in layers:
        layer.show = layer.show and layer.key not in hidden
        layer.add_to(drawn)
    PlanPanel(panel_data(result, names, {layer.key for layer in layers}, notes)).add_to(drawn)
    if before is not None:
        titles = names.say(N_("earlier")), names.say(N_("later"))
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


def _layers(
    result: CheckResult, before: CheckResult | None, names: Names, notes: list[str]
) -> list[PlanLayer]:
    """Return all layers from the ground up."""
    ground = [layer for layer in _ground(result, before, names, notes) if layer is not None]
    return [*ground, *feature_layers(result, names)]


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
    say = names.say
    entries = []
    for entry in _legend(result, names, more):
        keys = [key for key in entry["keys"] if key in present]
        if keys:
            entries.append({**entry, "keys": keys})
    return {
        "title": say(N_("Legend and layers")),
        "label": say(
            N_("Map of cameras, mandatory places and gaps; the tables below list the same")
        ),
        "entries": entries,
        "notes": notes,
        "credits": [safe(text) for text in result.city.sources],
        "north": say(N_("N")),
        "zoomIn": say(N_("Zoom in")),
        "zoomOut": say(N_("Zoom out")),
        "open": True,
        "bounds": extent_of(result),
    }


def _ground(
    result: CheckResult, before: CheckResult | None, names: Names, notes: list[str]
) -> list[PlanLayer | None]:
    """Return roads, coverage and buildings, and say what did not fit."""
    city = result.city
    if city.synthetic:
        notes.append(names.say(N_("Made-up data: no such place exists.")))
    focus = pd.concat([result.cameras.geometry, result.parts.geometry])
    layers: list[PlanLayer | None] = []
    if len(city.roads):
        roads, thinned = road_layer(city.roads, focus)
        layers.append(roads)
        _note(thinned, names, notes)
    if before is None:
        layers.append(_coverage("coverage", result, names, empty=False))
    else:
        layers += [_coverage("left", before, names), _coverage("right", result, names)]
    if len(city.buildings):
        buildings, thinned = building_layer(city.buildings, focus)
        layers.append(buildings)
        _note(thinned, names, notes)
    for layer, thinned in obstacle_layers(city.obstacles, city.canopies, focus):
        layers.append(layer)
        _note(thinned, names, notes)
    return layers


def _coverage(
    key: str, result: CheckResult, names: Names, *, empty: bool = True
) -> PlanLayer | None:
    """Return the picture of what is seen; where nothing is, no layer or, if asked, an empty one."""
    thresholds = result.rules.ladder.px_m
    raster, colours = result.raster, level_colours(len(thresholds))
    pictures = [] if raster is None else coverage_pictures(raster, thresholds, colours)
    if not pictures and not empty:
        return None
    alt = names.say(N_("What the cameras see on the ground"))
    return image_layer(key, pictures, alt=alt, opacity=COVERAGE_OPACITY, z=COVERAGE_Z)


def _note(thinned: Thinned, names: Names, notes: list[str]) -> None:
    if thinned.left_out:
        note = N_(
            "Drawn are %(drawn)s of %(all)s outlines, those near cameras and places first.",
            drawn=number(len(thinned.shapes)),
            all=number(len(thinned.shapes) + thinned.left_out),
        )
        notes.append(names.say(note))


def _zones(result: CheckResult, names: Names, *, facts: bool) -> PlanLayer | None:
    zones = result.zones
    if zones.empty:
        return None
    titles = [names.zones[label] for label in zones.index]
    style = [0] * len(zones)
    return feature_layer(
        "zones",
        zones.geometry,
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
        parts.geometry,
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
        cameras.geometry,
        list(CAMERA_STYLES.values()),
        [order[name] for name in direction_of_cameras(result)],
        titles=[names.cameras[label] for label in cameras.index],
        rows=camera_facts(result, names) if facts else (),
    )


def _findings(result: CheckResult, names: Names, kind: str, *, facts: bool) -> list[PlanLayer]:
    frame: gpd.GeoDataFrame = {
        "gap": result.gaps,
        "duplicate": result.duplicates,
        "overlap": result.overlaps,
    }[kind]
    if frame.empty:
        return []
    return [
        feature_layer(
            f"{kind}s",
            trace_findings(frame, result),
            [FINDING_STYLES[kind]],
            [0] * len(frame),
            titles=[finding_title(row, names) for row in frame.itertuples()],
            rows=[finding_facts(row, names) for row in frame.itertuples()] if facts else (),
            at=frame.geometry,
            show=kind != "overlap",
        )
    ]


def _legend(result: CheckResult, names: Names, more: Iterable[str]) -> list[dict[str, Any]]:
    """List what the map shows, top layer first; a sign that does not occur is left out."""
    say = names.say
    statuses = _symbols(PART_STYLES, PART_LABELS, {*shown_parts(result), *more}, names)
    cameras = _symbols(CAMERA_STYLES, CAMERA_LABELS, direction_of_cameras(result), names)
    views = _symbols(VIEW_STYLES, VIEW_LABELS, result.heads["reading"], names)
    return [
        _entry(say(N_("Gates and other key parts")), ["parts"], statuses),
        _entry(say(N_("Cameras")), ["cameras"], cameras),
        _entry(say(N_("Where cameras look")), ["views_sure", "views_assumed"], views),
        _entry(
            say(N_("Detail on the ground")), ["coverage", "left", "right"], level_symbols(names)
        ),
        _entry(
            say(N_("Where a gap is")),
            ["gaps"],
            [
                {
                    "label": say(N_("lines lead to cameras that could help")),
                    "style": FINDING_STYLES["gap"],
                }
            ],
        ),
        _entry(
            say(N_("Cameras that see the same")),
            ["duplicates"],
            [_plain(FINDING_STYLES["duplicate"])],
        ),
        _entry(say(N_("Overlapping views")), ["overlaps"], [_plain(FINDING_STYLES["overlap"])]),
        _entry(say(N_("Mandatory places")), ["zones"], [_plain(ZONE_STYLE)]),
        _entry(say(N_("Walls, fences and panels")), ["obstacles"], [_plain(OBSTACLE)]),
        _entry(say(N_("Tree crowns")), ["canopies"], [_plain({"swatch": CROWN["fill"]})]),
        _entry(say(N_("Buildings")), ["buildings"], [_plain({"swatch": BUILDING["fill"]})]),
        _entry(say(N_("Roads")), ["roads"], [_plain({"swatch": ROADS[0]["color"]})]),
    ]


def _symbols(
    styles: Mapping[str, dict[str, Any]],
    labels: Mapping[str, Text],
    present: Iterable[str],
    names: Names,
) -> list[dict[str, Any]]:
    used = set(present)
    return [{"label": names.say(labels[k]), "style": styles[k]} for k in styles if k in used]


def level_symbols(names: Names) -> list[dict[str, Any]]:
    """Return the symbols of the levels of detail, the best first."""
    levels = names.rules.ladder.levels
    return [
        {
            "label": names.say(
                N_("%(level)s, from %(px)s px/m", level=level.label, px=f"{level.px_m:g}")
            ),
            "style": {"swatch": colour},
        }
        for level, colour in reversed(list(zip(levels, level_colours(len(levels)), strict=True)))
    ]


def _entry(label: str, keys: list[str], symbols: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"label": label, "keys": keys, "symbols": list(symbols)}


def _plain(style: dict[str, Any]) -> dict[str, Any]:
    return {"label": "", "style": style}


def extent_of(result: CheckResult) -> list[list[float]]:
    """Return the box of what the report is about: cameras and parts, else the area read."""
    shapes = pd.concat([result.cameras.geometry, result.parts.geometry, result.zones.geometry])
    if shapes.empty:
        return bounds_of([result.city.extent], result.city.crs)
    area = box(*shapes.total_bounds).intersection(result.city.extent.envelope)
    if area.is_empty:
        area = box(*shapes.total_bounds)
    return bounds_of([area.buffer(MARGIN_M)], result.city.crs)
