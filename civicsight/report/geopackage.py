"""One GeoPackage with every layer, its licence and its looks as QML: QGIS shows it as our map."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from civicsight.core.atomic import written_whole
from civicsight.core.errors import N_, Text
from civicsight.core.hues import BUILDING, UNKNOWN
from civicsight.core.i18n import in_all, translate
from civicsight.core.inert import as_json
from civicsight.core.shown import shown
from civicsight.coverage.raster import CoverageRaster
from civicsight.coverage.result import found_gaps
from civicsight.coverage.standing import ALL_ROUND_DEG, direction_of_cameras
from civicsight.coverage.window import trace_levels
from civicsight.io.project_file import index_of
from civicsight.io.project_layers import AREAS, LINES, POINTS
from civicsight.io.qgis_forms import add_styles
from civicsight.maps.shapes import SHOWN_M, blob, trace_findings, view_wedges
from civicsight.model import BUILDINGS, CAMERAS, LAND_COVER
from civicsight.model import ROADS as ROADS_TABLE
from civicsight.presentation.columns import NONE, heading
from civicsight.presentation.lexicon import SEVERITY_LABELS
from civicsight.presentation.names import judge_parts, with_class_names
from civicsight.presentation.symbols import (
    CAMERA_LABELS,
    CAMERA_STYLES,
    FINDING_STYLES,
    GREEN,
    MAIN_ROADS,
    PATHS,
    ROAD_EDGE,
    ROADS,
    STATUS_LABELS,
    STATUS_STYLES,
    VIEW_LABELS,
    VIEW_STYLES,
    WATER,
    ZONE_STYLE,
    level_colours,
)
from civicsight.report.qgis_style import Lettering, Shape, Style, write_qml

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult

MAX_CELLS: Final = 12_000_000
"""Cells of which areas of what is seen are made; of more, every second, fourth and so on."""


QUIET: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        **STATUS_STYLES,
        "covered": STATUS_STYLES["covered"] | {"width": 1.2, "fill": 0.08, "radius": 3},
        "assumed": STATUS_STYLES["assumed"] | {"width": 2, "fill": 0.08, "radius": 4},
        "possible": STATUS_STYLES["possible"] | {"width": 2.5, "fill": 0.1, "radius": 4},
        "gap": STATUS_STYLES["gap"] | {"width": 3.5, "fill": 0.12, "radius": 5},
    }
)
"""Looks of parts: the better covered, the quieter."""

POINTED: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        name: look
        | ({"sign": "arrow", "angle": '"looks_deg" - 90', "radius": 7, "outline": "#ffffff"}
           if name in ("sure", "assumed") else {"radius": 4.5})
        for name, look in CAMERA_STYLES.items()
    }
)  # fmt: skip
"""Looks of cameras, turned to where they look."""

LOUD: Final = FINDING_STYLES["gap"] | {
    "fill": 0.55,
    "dash": "",
    "width": 4,
    "middle": STATUS_STYLES["gap"] | {"radius": 10, "outline": "#ffffff", "turn": 45},
}
"""A gap, with a sign in its middle that shows at any scale."""

DOUBLES: Final = {
    name: FINDING_STYLES["duplicate"] | {"width": width}
    for name, width in (("violation", 3), ("warning", 2), ("judgement", 1), ("info", 0.8))
}

SECTOR: Final = f'wedge_buffer($geometry, "azimuth_deg", "hfov_deg", min("reach_m", {SHOWN_M:g}))'
"""Where a head looks, as QGIS works it out."""

MAIN, OTHER, PATH = ROAD_CLASSES = ("main", "other", "path")

ROAD_STYLES: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        name: {"color": look["color"], "width_m": look["metres"]}
        | ({"dash": "4 3"} if "dash" in look else {"edge": ROAD_EDGE, "edge_m": 2.0})
        for name, look in zip(ROAD_CLASSES, ROADS, strict=True)
    }
)

ROAD_LABELS: Final = {MAIN: N_("main road"), OTHER: N_("other road"), PATH: N_("path")}

_SAMPLE: Final = {"color": UNKNOWN, "sign": "disc", "radius": 1.5}
_PLACE: Final = ZONE_STYLE | {"width": 1.2, "fill": 0.04, "sign": "disc", "radius": 2}

STYLES: Final[Mapping[str, Style]] = MappingProxyType(
    {
        "gaps": Style("fill", {"gaps": LOUD}),
        "duplicates": Style("line", DOUBLES, "severity", SEVERITY_LABELS),
        "overlaps": Style("fill", {"overlaps": FINDING_STYLES["overlap"]}, below=10_000),
        "cameras": Style(
            "marker", POINTED, "direction_known", CAMERA_LABELS,
            Lettering("name", size=7, below=800, beside=True),
        ),
        "heads": Style(
            "marker",
            {name: look | {"area": SECTOR, "width": 0.7} for name, look in VIEW_STYLES.items()},
            "drawn",
            VIEW_LABELS,
            below=15_000,
        ),
        "parts": Style("any", QUIET, "status", STATUS_LABELS),
        "zones": Style(
            "any", {"zones": _PLACE}, names=Lettering("name", colour="#1f2a5a", below=10_000)
        ),
        "samples": Style("marker", {"samples": _SAMPLE}, below=1_500),
        "buildings": Style("fill", {"buildings": BUILDING}),
        "roads": Style(
            "line", ROAD_STYLES, "road_class", ROAD_LABELS,
            Lettering("name", size=7, colour="#6b6459", along=True),
        ),
        "land_cover": Style(
            "fill", {"water": WATER, "green": GREEN}, "kind",
            {"water": N_("water"), "green": N_("parks and open green")},
        ),
    }
)  # fmt: skip
"""Styles by layer; that of what cameras see depends on the ladder of the packs."""


TITLES: Final[dict[str, Text]] = {
    "gaps": N_("Gaps"),
    "duplicates": N_("Duplicates"),
    "overlaps": N_("Overlaps"),
    "cameras": N_("Cameras"),
    "heads": N_("Where cameras look"),
    "parts": N_("Gates and key parts"),
    "zones": N_("Mandatory places"),
    "samples": N_("Sample points"),
    "buildings": N_("Buildings"),
    "views": N_("Detail on the ground"),
    "roads": N_("Roads"),
    "land_cover": N_("Water and open green"),
}
"""Layers in the order in which they are written and drawn, the topmost first."""

SHAPES: Final[Mapping[Shape, tuple[str, Text]]] = MappingProxyType(
    {
        "marker": (POINTS, N_("%(layer)s: points")),
        "line": (LINES, N_("%(layer)s: lines")),
        "fill": (AREAS, N_("%(layer)s: areas")),
    }
)
"""What the layers are called into which one goes that mixes shapes, in the order of dimensions."""

FORMS: Final = {table.name: table for table in (CAMERAS, BUILDINGS, ROADS_TABLE, LAND_COVER)}
"""Layers that can be edited and taken back into a project."""

RING_M: Final = 3.0
"""Radius of the ring about a camera that is a duplicate, and half the width of a gap in a line."""


@dataclass(frozen=True, slots=True, eq=False)
class PackageLayer:
    """One layer of a GeoPackage: its rows are of one geometry.

    Parameters
    ----------
    name
        Of the table.
    of
        PackageLayer of `TITLES` that it belongs to.
    title
        What it is called.
    frame
        Its rows, flat.
    style
        How it looks.
    """

    name: str
    of: str
    title: Text
    frame: gpd.GeoDataFrame
    style: Style


def write_geopackage(path: Path, result: CheckResult, *, notice: Mapping[str, str]) -> list[str]:
    """Write all layers of a result into one GeoPackage.

    Parameters
    ----------
    path
        The ``.gpkg`` file.
    result
        What `check` found.
    notice
        Licence, attribution, synthetic mark and so on, kept as metadata of the file.

    Returns
    -------
    list
        Names of the layers. Each is of one geometry: one that mixes shapes becomes up to three,
        with ``_points``, ``_lines`` and ``_areas`` behind its name. Any other is there as well
        where it has no rows.

    References
    ----------
    OGC 12-128r19, GeoPackage Encoding Standard 1.4.
    """
    layers = map_layers(result)
    write_package(path, layers, notice=notice)
    return [layer.name for layer in layers]


def map_layers(result: CheckResult) -> list[PackageLayer]:
    """Return the layers of the map of a result, the topmost first."""
    ladder = result.rules.ladder
    colours = level_colours(len(ladder.levels))
    views = Style(
        "fill",
        {str(k): {"color": hue, "fill": hue, "width": 0.3} for k, hue in enumerate(colours, 1)},
        "level",
        {
            str(k): N_(
                "%(level)s, %(least)s px/m and more", level=level.label, least=f"{level.px_m:g}"
            )
            for k, level in enumerate(ladder.levels, 1)
        },
        opacity=0.75,
    )
    frames = layers_of(result) | {
        "views": view_areas(result.raster, ladder.px_m, result.city.crs),
        "roads": flat_layer(_classed(result.city.roads)),
        "land_cover": flat_layer(result.city.land_cover),
    }
    return split_layers({name: frames[name] for name in TITLES}, TITLES, {**STYLES, "views": views})


def _classed(roads: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return roads with their class: main road, other road, path; none below the ground."""
    kinds, below = roads["kind"], roads["tunnel"].astype(bool)
    cases = [below, kinds.isin(MAIN_ROADS), kinds.isin(PATHS)]
    return gpd.GeoDataFrame(roads.assign(road_class=np.select(cases, ["", MAIN, PATH], OTHER)))


def view_areas(
    raster: CoverageRaster | None, thresholds: Sequence[float], crs: CRS
) -> gpd.GeoDataFrame:
    """Return what the cameras see as areas by level, one row a level and block of the raster.

    Edges are smoothed by about a cell, those between levels alike on both sides; a raster of many
    cells is taken coarser, as `MAX_CELLS` says.
    """
    levels: list[int] = []
    shapes: list[BaseGeometry] = []
    tiles, cell_m, step = [], 0.0, 1
    if raster is not None:
        tiles, cell_m = list(raster.blocks()), raster.cell_m
    while sum(tile.best.size for tile in tiles) > MAX_CELLS * step**2:
        step *= 2
    for tile in tiles:
        classes = np.digitize(tile.best[::step, ::step], thresholds).astype(np.uint8)
        found, areas = trace_levels(classes, tile.west, tile.north, cell_m * step)
        levels += found
        shapes += areas
    least = [float(thresholds[level - 1]) for level in levels]
    columns = {"level": pd.Series(map(str, levels), dtype=object), "least_px_m": least}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=crs)


def split_layers(
    layers: Mapping[str, gpd.GeoDataFrame], titles: Mapping[str, Text], styles: Mapping[str, Style]
) -> list[PackageLayer]:
    """Return layers of one geometry each: one that mixes shapes becomes as many as it has."""
    out = []
    for name, frame in layers.items():
        style, title = styles[name], titles[name]
        if style.shape != "any":
            out.append(PackageLayer(name, name, title, frame, style))
            continue
        dimension = shapely.get_dimensions(frame.geometry.to_numpy())
        for number, (shape, (ending, words)) in enumerate(SHAPES.items()):
            rows = frame[dimension == number]
            if len(rows) or (shape == "fill" and frame.empty):
                told, look = replace(words, values={"layer": title}), replace(style, shape=shape)
                out.append(
                    PackageLayer(f"{name}{ending}", name, told, gpd.GeoDataFrame(rows), look)
                )
    return out


def write_layers(
    path: Path,
    layers: Mapping[str, gpd.GeoDataFrame],
    titles: Mapping[str, Text],
    styles: Mapping[str, Style],
    *,
    notice: Mapping[str, str],
    headings: Mapping[str, Text] = NONE,
) -> None:
    """Write layers with titles, looks and names of columns into one GeoPackage.

    `headings` says what columns are called that no table of the report has; see `write_geopackage`
    for the rest.
    """
    write_package(path, split_layers(layers, titles, styles), notice=notice, headings=headings)


def write_package(
    path: Path,
    layers: Sequence[PackageLayer],
    *,
    notice: Mapping[str, str],
    headings: Mapping[str, Text] = NONE,
) -> None:
    """Write layers that are of one geometry each; see `write_layers`."""
    with written_whole(path) as scratch:
        for number, layer in enumerate(layers):
            kind, several = geometry_of(layer)
            pyogrio.write_dataframe(
                layer.frame,
                scratch,
                layer=layer.name,
                driver="GPKG",
                append=number > 0,
                geometry_type=kind,
                promote_to_multi=several,
                layer_options={"IDENTIFIER": translate(layer.title), **index_of(layer.frame)},
                layer_metadata=dict(notice),
                dataset_metadata=dict(notice) if number == 0 else None,
            )
        add_styles(
            scratch,
            [
                (
                    layer.name,
                    in_all(layer.title),
                    write_qml(layer.style, FORMS.get(layer.of), names_of(layer.frame, headings)),
                )
                for layer in layers
            ],
        )


def names_of(layer: gpd.GeoDataFrame, own: Mapping[str, Text] = NONE) -> dict[str, str]:
    """Return what the columns of a layer are called, in every language."""
    return {name: in_all(heading(name, own)) for name in layer.columns.drop(layer.geometry.name)}


def layers_of(result: CheckResult) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of a check that are tables, with columns that a GeoPackage can hold."""
    # ``sure``, ``assumed``, or empty where another head stands.
    heads = result.heads
    shown = {reading: view_wedges(heads, reading).index for reading in VIEW_STYLES}
    drawn = pd.Series(
        np.select([heads.index.isin(index) for index in shown.values()], list(shown), ""),
        heads.index,
    )
    looks = heads["azimuth_deg"].where(heads["hfov_deg"] < ALL_ROUND_DEG)[drawn.ne("")]
    looks = looks.groupby(heads["camera_id"]).agg(
        lambda all_: all_.iloc[0] if len(all_) == 1 else np.nan
    )
    frames = {
        "cameras": result.cameras.assign(
            direction_known=direction_of_cameras(result),
            looks_deg=looks.reindex(result.cameras.index),
        ),
        "heads": heads.assign(drawn=drawn),
        "zones": with_class_names(result.zones),
        "parts": judge_parts(result),
        "samples": result.samples,
        "gaps": _as_areas(found_gaps(result)),
        "duplicates": _as_lines(result.duplicates, result),
        "overlaps": _as_areas(result.overlaps),
        "buildings": result.city.buildings,
    }
    return {name: flat_layer(frame) for name, frame in frames.items()}


def _as_areas(findings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return findings as areas: sample points as what they stand for, lines as bands."""
    shapes = [blob(shape) for shape in findings.geometry]
    flat = shapely.get_dimensions(shapes) < 2 if shapes else []
    bands: Any = np.where(flat, shapely.buffer(shapes, RING_M / 2), shapes) if shapes else []
    return gpd.GeoDataFrame(
        findings.set_geometry(gpd.GeoSeries(bands, findings.index, findings.crs))
    )


def _as_lines(findings: gpd.GeoDataFrame, result: CheckResult) -> gpd.GeoDataFrame:
    """Return duplicates as lines: a ring about the camera, and lines to those it repeats."""
    traced = trace_findings(findings, result)
    spots = result.cameras.geometry.reindex(findings["subject"]).to_numpy()
    shapes = []
    for spot, parts in zip(spots, traced, strict=True):
        lines = [part for part in shapely.get_parts(parts) if part.geom_type == "LineString"]
        around = spot if spot is not None else shapely.centroid(parts)
        ring = shapely.linestrings(shapely.get_coordinates(shapely.buffer(around, RING_M)))
        shapes.append(shapely.multilinestrings([ring, *lines]))
    return gpd.GeoDataFrame(
        findings.set_geometry(gpd.GeoSeries(shapes, findings.index, findings.crs))
    )


def flat_layer(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a layer with its index as a column, and lists and mappings as JSON."""
    out = frame.reset_index()
    for name in out.columns.drop("geometry"):
        if not pd.api.types.is_numeric_dtype(out[name]):
            out[name] = out[name].map(_text).astype(object)
    return out


def _text(value: Any) -> str | None:
    if value is None or (isinstance(value, float) and value != value):  # noqa: PLR0124 - NaN
        return None
    if not isinstance(value, str):
        value = json.dumps(value, ensure_ascii=False, default=as_json)
    return shown(value)


def geometry_of(layer: PackageLayer) -> tuple[str, bool]:
    """Return the one geometry of a layer, and whether single shapes become collections for it."""
    kinds = set(layer.frame.geom_type.dropna().unique())
    if len(kinds) == 1:
        return str(kinds.pop()), False
    one = {"marker": "Point", "line": "LineString", "fill": "Polygon", "any": "Unknown"}
    return (f"Multi{one[layer.style.shape]}", True) if kinds else (one[layer.style.shape], False)
