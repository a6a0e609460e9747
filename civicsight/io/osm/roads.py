"""Roads, barriers and obstacles out of OSM features."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.core.errors import N_
from civicsight.io.osm import tags
from civicsight.io.report import Count, ImportReport
from civicsight.io.vectors.attributes import Field, read_column
from civicsight.io.vectors.geometry import as_line
from civicsight.io.vectors.measures import read_length
from civicsight.model import BARRIERS, OBSTACLES, ROADS

NO_ROAD = frozenset(
    {"platform", "rest_area", "services", "elevator", "bus_stop", "corridor", "proposed",
     "planned", "construction", "razed", "abandoned", "demolished", "no", "street_lamp",
     "via_ferrata"},
)  # fmt: skip
"""Values of ``highway`` on lines that carry no traffic now."""

BARRIER_KINDS = frozenset(
    {"wall", "fence", "hedge", "city_wall", "retaining_wall", "guard_rail", "jersey_barrier",
     "railing", "cable_barrier"},
)  # fmt: skip
"""Linear barriers that stop a person or a vehicle."""

SEE_THROUGH = frozenset(
    {"chain_link", "wire", "barbed_wire", "railing", "bars", "metal_bars", "pole", "post_and_rail",
     "split_rail", "roundpole", "chain", "rope", "electric", "mesh", "net", "glass", "metal"},
)  # fmt: skip
"""Fence types that a camera sees through."""

BARRIER_HEIGHT_M = {"wall": 2.0, "city_wall": 8.0, "hedge": 1.5, "fence": 1.8}
"""Heights of barriers where none is mapped [m] (assumptions of the project)."""

STRUCTURE_HEIGHT_M = {
    "chimney": 30.0, "water_tower": 20.0, "storage_tank": 8.0, "silo": 12.0, "gasometer": 15.0,
    "cooling_tower": 50.0, "lighthouse": 15.0,
}  # fmt: skip
"""Heights of free-standing structures where none is mapped [m] (assumptions of the project)."""

BILLBOARD_BASE_M, BILLBOARD_TOP_M, BILLBOARD_WIDTH_M = 2.5, 6.0, 6.0
"""Underside, top and width of a billboard where they are not mapped [m] (assumptions)."""

COLUMN_RADIUS_M, COLUMN_TOP_M = 0.7, 3.5
"""Advertising column where its size is not mapped [m] (assumptions of the project)."""

HEIGHT = Field("height", read_length, 1_000.0)
LOW_HEIGHT = Field("height", read_length, 100.0)


def read_roads(features: gpd.GeoDataFrame, source: str) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Turn lines tagged ``highway`` into the table of roads."""
    lines = _lines(features[tags.has(features, "highway") & ~tags.among(features, "area", {"yes"})])
    kind = tags.value(lines, "highway")
    used = ~kind.isin(NO_ROAD).to_numpy(bool)
    taken = lines[used]
    table = ROADS.complete(
        gpd.GeoDataFrame(
            {
                "kind": kind[used],
                "name": tags.value(taken, "name"),
                "bridge": tags.has(taken, "bridge"),
                "tunnel": tags.has(taken, "tunnel"),
                "tags": taken["tags"],
            },
            geometry=taken.geometry.to_numpy(),
            crs=features.crs,
            index=taken.index,
        )
    )
    counts = (
        Count("bridge", N_("on bridges"), int(table["bridge"].sum())),
        Count("tunnel", N_("in tunnels"), int(table["tunnel"].sum())),
        Count("excluded.no_road", N_("platforms, planned or closed ways"), int((~used).sum())),
    )
    return table, ImportReport(source, "roads", len(lines), len(table), counts)


def read_barriers(features: gpd.GeoDataFrame, source: str) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Turn linear barriers into the table of walls and fences, on which gates are looked for."""
    lines = _lines(features[tags.among(features, "barrier", BARRIER_KINDS)])
    kind = tags.value(lines, "barrier")
    height, faults = read_column(tags.value(lines, "height"), LOW_HEIGHT, source)
    table = BARRIERS.complete(
        gpd.GeoDataFrame(
            {"kind": kind, "height_m": height.where(height > 0)},
            geometry=lines.geometry.to_numpy(),
            crs=features.crs,
            index=lines.index,
        )
    )
    counts = tuple(
        Count(f"kind.{name}", N_("kind %(kind)s", kind=name), int(number))
        for name, number in kind.value_counts().items()
    )
    return table, ImportReport(source, "barriers", len(lines), len(table), counts, tuple(faults))


def read_obstacles(
    features: gpd.GeoDataFrame, source: str
) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Turn walls, opaque fences, billboards and free-standing structures into obstacles.

    Fences that a camera sees through are left out; a fence of unknown type counts as opaque, which
    never credits a view that may not exist. Retaining walls are part of the terrain.
    """
    lines = _lines(features[tags.among(features, "barrier", BARRIER_HEIGHT_M)])
    clear = tags.among(lines, "barrier", {"fence"}) & tags.among(lines, "fence_type", SEE_THROUGH)
    opaque = lines[~clear]
    barrier = tags.value(opaque, "barrier")
    kind = barrier.where(barrier == "fence", "wall")
    walls, see_through = _raw(opaque, kind, barrier.map(BARRIER_HEIGHT_M)), int(clear.sum())
    panels, unturned = _panels(features)
    found = features[tags.among(features, "advertising", {"column"})]
    points = found[shapely.get_dimensions(found.geometry.to_numpy()) == 0]
    round_ = shapely.buffer(points.geometry.to_numpy(), COLUMN_RADIUS_M, quad_segs=2)
    points = points.set_geometry(gpd.GeoSeries(round_, index=points.index, crs=features.crs))
    columns, structures = _raw(points, "structure", COLUMN_TOP_M), _structures(features)
    parts = [walls, panels, columns, structures]
    frame = pd.concat([part for part in parts if len(part)]) if any(map(len, parts)) else walls
    frame = gpd.GeoDataFrame(frame, geometry="geometry", crs=features.crs)
    frame = frame[~frame.index.duplicated()]
    mapped, faults = read_column(frame["height"], HEIGHT, source)
    mapped = mapped.where(mapped > 0)
    base_m = frame["base_m"].astype(float)
    default = np.maximum(pd.to_numeric(frame["default"]).astype(float), base_m + 1.0)
    height_m = mapped.fillna(default)
    frame = frame.assign(
        height_m=height_m,
        base_m=np.minimum(base_m, height_m - 0.1).clip(lower=0.0),
        height_assumed=mapped.isna().to_numpy(bool),
    )
    table = OBSTACLES.complete(frame.drop(columns=["default", "height"]))
    counts = (
        Count("kind.wall", N_("walls and hedges"), int((table["kind"] == "wall").sum())),
        Count("kind.fence", N_("fences"), int((table["kind"] == "fence").sum())),
        Count("kind.panel", N_("billboards"), int((table["kind"] == "panel").sum())),
        Count(
            "kind.structure",
            N_("towers, tanks and columns"),
            int((table["kind"] == "structure").sum()),
        ),
        Count("height_assumed", N_("height assumed by kind"), int(table["height_assumed"].sum())),
        Count("excluded.see_through", N_("fences that a camera sees through"), see_through),
        Count("excluded.no_direction", N_("billboards of unknown direction"), unturned),
    )
    read = len(table) + see_through + unturned
    return table, ImportReport(source, "obstacles", read, len(table), counts, faults)


def _lines(found: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep what is or encloses a line, as lines."""
    geometry = as_line(found.geometry.to_numpy())
    keep = (shapely.get_dimensions(geometry) == 1) & (shapely.length(geometry) > 0)
    out = found.set_geometry(gpd.GeoSeries(geometry, index=found.index, crs=found.crs))
    return out[keep]


def _raw(
    found: gpd.GeoDataFrame,
    kind: pd.Series | str,
    default: pd.Series | float,
    base: pd.Series | float = 0.0,
) -> gpd.GeoDataFrame:
    """Lay out obstacles with their default height; the mapped one is read later."""
    return gpd.GeoDataFrame(
        {
            "kind": kind,
            "default": default,
            "base_m": base,
            "name": tags.value(found, "name"),
            "height": tags.value(found, "height"),
        },
        geometry=found.geometry.to_numpy(),
        crs=found.crs,
        index=found.index,
    )


def _panels(features: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, int]:
    """Return billboards as lines; a point becomes one across the direction that it faces."""
    found = features[tags.among(features, "advertising", {"billboard", "screen"})]
    drawn = _lines(found)
    points = found[shapely.get_dimensions(found.geometry.to_numpy()) == 0]
    facing = pd.to_numeric(tags.value(points, "direction"), errors="coerce")
    turned = points[facing.notna().to_numpy()]
    across = np.radians(facing.dropna().to_numpy(float) + 90.0)
    width, _ = read_column(tags.value(turned, "width"), LOW_HEIGHT, "")
    half = width.fillna(BILLBOARD_WIDTH_M).to_numpy(float) / 2
    centre = shapely.get_coordinates(turned.geometry.to_numpy())
    shift = np.column_stack([np.sin(across), np.cos(across)]) * half[:, None]
    ends = np.stack([centre - shift, centre + shift], axis=1)
    turned = turned.set_geometry(
        gpd.GeoSeries(shapely.linestrings(ends), index=turned.index, crs=features.crs)
    )
    both = gpd.GeoDataFrame(pd.concat([drawn, turned]), geometry="geometry", crs=features.crs)
    base, _ = read_column(tags.value(both, "min_height"), LOW_HEIGHT, "")
    return _raw(both, "panel", BILLBOARD_TOP_M, base.fillna(BILLBOARD_BASE_M)), len(points) - len(
        turned
    )


def _structures(features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    found = features[
        tags.among(features, "man_made", STRUCTURE_HEIGHT_M) & ~tags.has(features, "building")
    ]
    geometry = found.geometry.to_numpy()
    areas = found[(shapely.get_dimensions(geometry) == 2) & shapely.is_valid(geometry)]
    return _raw(areas, "structure", tags.value(areas, "man_made").map(STRUCTURE_HEIGHT_M))
