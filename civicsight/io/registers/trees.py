"""Registers of trees: points with crown and height, rows, and areas of woods."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import shapely

from civicsight.core.errors import N_
from civicsight.core.table import Table, maybe, number, text
from civicsight.io.osm.trees import (
    ROW_WIDTH_M,
    TREE_BASE_M,
    TREE_CROWN_M,
    TREE_HEIGHT_M,
    WOOD_BASE_M,
    WOOD_HEIGHT_M,
    octagons,
)
from civicsight.io.registers.headers import TREE_HEADERS, TREE_WORDS
from civicsight.io.registers.prepare import with_added, with_places
from civicsight.io.report import Count, ImportReport
from civicsight.io.source_options import NOTHING, Declared
from civicsight.io.tables.form import Form
from civicsight.io.tables.inventory import fill
from civicsight.io.tables.source import read_sheet
from civicsight.io.vectors.geometry import explode
from civicsight.model import CANOPIES, OBSTACLES
from civicsight.scene.bodies import TRANSMITTANCE

if TYPE_CHECKING:
    from pyproj import CRS
    from shapely.geometry.base import BaseGeometry

KINDS: Final = ("tree", "row", "wood")
"""Kind of a point, a line and an area of which nothing else is said, by dimension."""

LISTED: Final = Table(
    CANOPIES.name,
    CANOPIES.index,
    "Any",
    (
        text("kind", str(N_("What it is")), KINDS),
        number("height_m", "m", str(N_("Top of the crown above the ground")), 0, 150),
        number("base_m", "m", str(N_("Underside of the crown above the ground")), 0, 150),
        number("crown_m", "m", str(N_("Width of the crown")), 0.1, 60),
        maybe("evergreen", str(N_("Whether it keeps its leaves in winter"))),
        *(column for column in OBSTACLES if column.name in {"source", "tags"}),
    ),
)
"""What a register may say of a tree; the crown follows from it where only a point is given."""

TREE_FORM: Final = Form(LISTED, TREE_HEADERS, {}, TREE_WORDS)


def read_trees(
    path: str | Path,
    *,
    crs: CRS | None = None,
    near: BaseGeometry | None = None,
    declared: Declared = NOTHING,
    keep_good: bool = False,
) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Read a register or a layer of trees as crowns, which let part of a view pass.

    A point becomes an octagon as wide as its crown, a line a row as wide, an area stays as drawn.
    Heights, widths and undersides that are not told are those of mapped trees, heights counted as
    assumed. Parameters, results and errors as for `read_cameras`.

    Returns
    -------
    trees
        `schema.CANOPIES`, every row one polygon.
    report
        What was read, assumed and rejected.
    """
    source = read_sheet(path, declared)
    sheet = with_places(source, declared)
    declared = with_added(declared, source, sheet)
    listed, report = fill(sheet, TREE_FORM, crs, near=near, declared=declared, keep_good=keep_good)
    crowns = _crowns(listed)
    table = gpd.GeoDataFrame(CANOPIES.complete(explode(crowns)))
    CANOPIES.check(table)
    unknown = int(listed["crown_m"].isna()[shapely.get_dimensions(listed.geometry) == 0].sum())
    counts = (
        *report.counts,
        Count("height_assumed", N_("height assumed by kind"), int(crowns["height_assumed"].sum())),
        Count("crown_assumed", N_("width of the crown assumed"), unknown),
    )
    return table, replace(report, kept=len(table), counts=counts, given=None)


def _crowns(listed: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Turn what a register says into `schema.CANOPIES`, before shapes are split."""
    shapes = listed.geometry.to_numpy()
    dimension = shapely.get_dimensions(shapes)
    kind = listed["kind"].where(listed["kind"].notna(), np.array(KINDS, object)[dimension])
    wood = (kind == "wood").to_numpy()
    width = listed["crown_m"].to_numpy(float)
    known = listed["height_m"].where(listed["height_m"] > 0)
    height = known.fillna(0.0) + known.isna() * np.where(wood, WOOD_HEIGHT_M, TREE_HEIGHT_M)
    usual = np.minimum(np.where(wood, WOOD_BASE_M, TREE_BASE_M), height / 2)
    base = np.minimum(listed["base_m"].fillna(usual), height)
    point, line = dimension == 0, dimension == 1
    crowns = shapes.copy()
    across = np.where(np.isnan(width), TREE_CROWN_M, width)
    crowns[point] = octagons(shapely.get_coordinates(shapes[point]), across[point] / 2)
    across = np.where(np.isnan(width), ROW_WIDTH_M, width)
    crowns[line] = shapely.buffer(shapes[line], across[line] / 2, quad_segs=2)
    evergreen = np.array([value is True for value in listed["evergreen"]], bool)
    return gpd.GeoDataFrame(
        {
            "kind": kind,
            "height_m": height,
            "base_m": base,
            "summer": TRANSMITTANCE["summer"],
            "winter": np.where(evergreen, TRANSMITTANCE["summer"], TRANSMITTANCE["winter"]),
            "height_assumed": known.isna(),
        },
        geometry=crowns,
        crs=listed.crs,
        index=listed.index,
    )
