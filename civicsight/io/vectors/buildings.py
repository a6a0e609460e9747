"""One prism for each piece of a building: parts over outlines, remainders and duplicates.

Two prisms over the same ground hide what the higher one hides, so overlaps change no sight line and
stay: which of two is the true one is not for an import to say. Only an outline that is drawn twice
becomes one, because it would be counted twice.
"""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.core.arrays import BoolArray, IntArray
from civicsight.core.errors import N_, Fault
from civicsight.io.report import Count, ImportReport
from civicsight.io.vectors.geometry import (
    divide,
    lost_faults,
    mended_faults,
    repair_polygons,
    tangled_faults,
)
from civicsight.model import BUILDINGS
from civicsight.model.city import YEARS
from civicsight.model.notes import Note

SAME_M = 0.01
"""Corners closer than this are the same [m]."""


def drop_twins(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, int]:
    """Take outlines once that are drawn several times with one underside.

    Of those that are the same the one with a known height stays, of these the highest, of these
    the first.

    Returns
    -------
    frame
        Its rows in their order.
    dropped
        How many rows went.
    """
    if not len(frame):
        return frame, 0
    shapes = shapely.normalize(shapely.set_precision(frame.geometry.to_numpy(), SAME_M))
    keys = np.array([shape.wkb for shape in shapes], object)
    base, top = frame["base_m"].to_numpy(float), frame["height_m"].to_numpy(float)
    guessed = frame["height_assumed"].to_numpy(bool)
    best: dict[tuple[bytes, float], int] = {}
    for row in np.lexsort((np.arange(len(frame)), -top, guessed)):
        best.setdefault((keys[row], float(base[row])), int(row))
    keep = np.sort(np.fromiter(best.values(), int, len(best)))
    return frame.iloc[keep], len(frame) - len(keep)


def overlapping(frame: gpd.GeoDataFrame) -> int:
    """Count the footprints whose inner point lies inside another one that stands on the ground."""
    shapes = frame.geometry.to_numpy()
    ground = frame["base_m"].fillna(0).to_numpy(float) <= 0
    rows = np.flatnonzero(ground)
    if len(rows) < 2:
        return 0
    middles = shapely.point_on_surface(shapes[rows])
    point, shape = shapely.STRtree(shapes[rows]).query(middles, predicate="within")
    return len(np.unique(point[point != shape]))


MOST = 0.5
"""Parts that cover at least this share of an outline replace it (assumption)."""

PASSAGE_M = 8.0
"""A part that begins below this height may leave a passage under it [m].

The outline fills what is under a higher one: two storeys and the arch of a gateway are passed,
what begins higher is a tower or dome on a lower body.
"""

SLIVER_M = 0.1
"""Remainders narrower than this come from outlines that were drawn apart by mistake [m]."""


class Raw(NamedTuple):
    """Footprints with their heights, before parts and outlines are brought together.

    `frame` is in metres and holds the columns of `model.BUILDINGS`; `is_part` marks the rows that
    are parts of another outline.
    """

    frame: gpd.GeoDataFrame
    is_part: BoolArray


def make_buildings(
    raw: Raw,
    source: str,
    *,
    read: int | None = None,
    counts: tuple[Count, ...] = (),
    faults: tuple[Fault, ...] = (),
    notes: tuple[Note, ...] = (),
) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Turn footprints into the table of buildings and say what was done to them.

    Parameters
    ----------
    raw, source
        The footprints, which are not changed, and the name of their file.
    read, counts, faults, notes
        What is known about the layer: features behind the footprints (their own number by
        default), further figures, faults and sentences.

    Returns
    -------
    buildings
        `model.BUILDINGS`; every row one polygon.
    report
        Its figures add up: outlines and parts read, taken, dropped, and rows by source of height.
    """
    frame, is_part = raw
    labels, before = frame.index.to_numpy(object), frame.geometry.to_numpy()
    repair = repair_polygons(before)
    there, flat = ~repair.lost & ~repair.tiny, repair.lost & ~repair.tangled
    sound = frame.set_geometry(gpd.GeoSeries(repair.geometry, index=frame.index, crs=frame.crs))
    sound, is_part = sound[there], is_part[there]
    single, twice = drop_twins(sound[~is_part])
    whole, part_counts = _parts_over_outlines(single, sound[is_part])
    rows, divided = divide(whole)
    table = BUILDINGS.complete(rows)
    figures = (
        Count("excluded.tiny", N_("outlines below 0.05 square metres"), int(repair.tiny.sum())),
        Count("excluded.twin", N_("outlines drawn twice, taken once"), twice),
        *part_counts,
        *divided,
        Count(
            "overlapping",
            N_("footprints with their middle inside another one: both stay, the higher one hides"),
            overlapping(table),
        ),
        Count("repaired_outlines", N_("invalid outlines repaired"), int(repair.mended.sum())),
        *height_counts(table),
    )
    return table, ImportReport(
        source,
        "buildings",
        len(frame) if read is None else read,
        len(table),
        (*counts, *figures),
        mended_faults(labels, repair, source) + faults,
        lost_faults(labels[flat], before[flat], source)
        + tangled_faults(labels, before, repair.tangled, source),
        notes,
    )


def height_counts(table: gpd.GeoDataFrame) -> tuple[Count, ...]:
    """Count the rows by what their height was read from."""
    by_source = table["height_source"].value_counts()
    return (
        Count("height.height", N_("height from a mapped height"), int(by_source.get("height", 0))),
        Count("height.levels", N_("height from storeys"), int(by_source.get("levels", 0))),
        Count(
            "height.filled", N_("height filled in by the source"), int(by_source.get("filled", 0))
        ),
        Count("height.default", N_("height assumed by kind"), int(by_source.get("default", 0))),
    )


def assumed_share(table: gpd.GeoDataFrame) -> float:
    """Return the share of buildings whose height is a default [0-1], 0 without buildings."""
    return float(table["height_assumed"].mean()) if len(table) else 0.0


def _parts_over_outlines(
    outlines: gpd.GeoDataFrame, parts: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, tuple[Count, ...]]:
    """Let parts replace the outline that they cover, and keep what they leave of it."""
    host = _hosts(outlines, parts)
    hosted = host >= 0
    parts = _inherit(parts, outlines, host)
    keep_part = np.ones(len(parts), bool)
    geometry = outlines.geometry.to_numpy().copy()
    keep_outline = np.ones(len(outlines), bool)
    remainders = 0
    for row in np.unique(host[hosted]):
        mine = np.flatnonzero(host == row)
        bodies = parts.geometry.to_numpy()[mine]
        outline = geometry[row]
        covered = shapely.area(shapely.intersection(outline, shapely.union_all(bodies)))
        if covered < MOST * shapely.area(outline):
            # Few parts only: they may add something on top, the outline stays as it is.
            keep_part[mine] = parts["height_m"].to_numpy()[mine] > outlines["height_m"].iloc[row]
            continue
        low = parts["base_m"].to_numpy()[mine] <= PASSAGE_M
        rest = shapely.difference(outline, shapely.union_all(bodies[low])) if low.any() else outline
        if shapely.buffer(rest, -SLIVER_M / 2).is_empty:
            keep_outline[row] = False
        else:
            geometry[row] = rest
            remainders += 1
    whole = outlines.set_geometry(gpd.GeoSeries(geometry, index=outlines.index, crs=outlines.crs))
    table = pd.concat([whole[keep_outline], parts[keep_part]])
    counts = (
        Count("outlines", N_("outlines"), len(outlines)),
        Count("parts", N_("building parts"), len(parts)),
        Count(
            "outlines_replaced", N_("outlines replaced by their parts"), int((~keep_outline).sum())
        ),
        Count("outlines_cut", N_("outlines of which parts leave a remainder"), remainders),
        Count("parts_without_outline", N_("parts outside of any outline"), int((~hosted).sum())),
        Count(
            "parts_hidden", N_("parts inside a higher outline, left out"), int((~keep_part).sum())
        ),
    )
    return gpd.GeoDataFrame(table, geometry="geometry", crs=outlines.crs), counts


def _hosts(outlines: gpd.GeoDataFrame, parts: gpd.GeoDataFrame) -> IntArray:
    """Return the row of the outline that holds most of each part, -1 where none holds half."""
    host = np.full(len(parts), -1, np.int64)
    if not len(outlines) or not len(parts):
        return host
    shells, bodies = outlines.geometry.to_numpy(), parts.geometry.to_numpy()
    part, outline = shapely.STRtree(shells).query(bodies, predicate="intersects")
    shared = shapely.area(shapely.intersection(bodies[part], shells[outline]))
    order = np.lexsort((outline, -shared, part))
    part, outline, shared = part[order], outline[order], shared[order]
    first = np.flatnonzero(np.r_[True, part[1:] != part[:-1]]) if len(part) else np.zeros(0, int)
    held = shared[first] >= MOST * shapely.area(bodies[part[first]])
    host[part[first][held]] = outline[first][held]
    return host


def _inherit(
    parts: gpd.GeoDataFrame, outlines: gpd.GeoDataFrame, host: IntArray
) -> gpd.GeoDataFrame:
    """Give parts kind, name, years and height of their outline where they have none."""
    out = parts.copy()
    hosted = host >= 0
    above = outlines.iloc[host[hosted]]
    for column in ("kind", "name"):
        own = out[column].astype(object).to_numpy(copy=True)
        missing = hosted & pd.isna(own)
        own[missing] = outlines[column].astype(object).to_numpy()[host[missing]]
        out[column] = own
    for column in (name for name in YEARS if name in out):
        own = out[column].to_numpy(copy=True)
        missing = hosted & np.isnan(own)
        own[missing] = outlines[column].to_numpy()[host[missing]]
        out[column] = own
    known = np.zeros(len(parts), bool)
    top = above["height_m"].to_numpy()
    higher = top > out["base_m"].to_numpy()[hosted]
    known[hosted] = ~above["height_assumed"].to_numpy(bool) & higher
    take = known & out["height_assumed"].to_numpy(bool)
    for column in ("height_m", "height_assumed", "height_source"):
        values = out[column].to_numpy(copy=True)
        values[take] = outlines[column].to_numpy()[host[take]]
        out[column] = values
    return out
