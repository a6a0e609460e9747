"""Walls and fences that nobody steps over: gates are looked for where they are open."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import shapely

from civicsight.core.errors import N_
from civicsight.io.registers.prepare import read_placed
from civicsight.io.report import ImportReport
from civicsight.io.source_options import NOTHING, Declared
from civicsight.io.tables.inventory import fill
from civicsight.io.tables.rows import Rows
from civicsight.io.tables.source_schema import SourceSchema
from civicsight.io.vectors.geometry import as_line, divide
from civicsight.model import BARRIERS
from civicsight.model.inputs import LISTED_BARRIERS

if TYPE_CHECKING:
    from pyproj import CRS
    from shapely.geometry.base import BaseGeometry


def _settle(rows: Rows) -> None:
    """Name points: where a wall is open is only known of a line."""
    flat = shapely.get_dimensions(rows.points.to_numpy()) < 1
    for row in np.flatnonzero(flat & rows.good()):
        rows.fault(
            int(row),
            "geometry",
            "barrier.point",
            N_("a line or an outline"),
            N_("Draw the wall as a line that is open at its gates; gates are entrances."),
        )


BARRIER_SCHEMA: Final = SourceSchema(LISTED_BARRIERS, {"kind": "wall"}, after=_settle)


def read_barriers(
    path: str | Path,
    *,
    crs: CRS | None = None,
    near: BaseGeometry | None = None,
    declared: Declared = NOTHING,
    keep_good: bool = False,
) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Read compound walls and fences, on which gates are looked for; they hide no view.

    Parameters, results and errors as for `read_cameras`. Lines are taken as drawn, areas as their
    outlines; what is no wall by its kind is named. A wall that a camera does not see through is an
    obstacle as well.
    """
    sheet, declared = read_placed(path, declared)
    listed, report = fill(
        sheet, BARRIER_SCHEMA, crs, near=near, declared=declared, keep_good=keep_good
    )
    lines = listed.set_geometry(gpd.GeoSeries(as_line(listed.geometry.to_numpy()), listed.index))
    rows, divided = divide(lines.set_crs(listed.crs))
    table = gpd.GeoDataFrame(BARRIERS.complete(rows))
    BARRIERS.check(table)
    return table, replace(report, kept=len(table), counts=(*report.counts, *divided), given=None)
