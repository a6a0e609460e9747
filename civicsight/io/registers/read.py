"""Registers of places, private places, districts, signs and projects; the district of a place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.core.errors import N_, CrsError, Text
from civicsight.io.faults import reject
from civicsight.io.registers.classes import (
    count_known,
    level_of,
    read_district_code,
    read_floor,
    read_floors,
    with_classes,
)
from civicsight.io.registers.prepare import (
    bad_cell,
    find_headers,
    read_placed,
    require,
    tidy,
    with_column,
)
from civicsight.io.report import Count, ImportReport
from civicsight.io.source_options import NOTHING, Declared
from civicsight.io.tables.camera_evidence import own_columns
from civicsight.io.tables.inventory import fill
from civicsight.io.tables.rows import Cell, Rows
from civicsight.io.tables.sheet import Sheet
from civicsight.io.tables.source_schema import SourceSchema, label_in
from civicsight.io.tables.synonyms import PLACE_HEADERS
from civicsight.io.tables.words import header_datums
from civicsight.model import CONSENT_AREAS, DISTRICTS, PLACES, PRIVATE_PLACES, PROJECTS, SIGNS
from civicsight.model.inputs import PRIVATE_SOURCE
from civicsight.model.notes import Note, noted

if TYPE_CHECKING:
    from pyproj import CRS
    from shapely.geometry.base import BaseGeometry


Result = tuple[gpd.GeoDataFrame, ImportReport]

ONE_SPOT_M = 20.0
"""So near to each other two places of one name and class are taken for one that stands twice."""

LISTED = 10

PLACE_SCHEMA = SourceSchema(PLACES)


def _without_storeys(rows: Rows) -> None:
    """Drop the storeys of one cell: they were parted before, or stand in columns of their own."""
    rows.columns.pop("floors", None)


PRIVATE_SCHEMA = SourceSchema(
    PRIVATE_PLACES,
    extra=PRIVATE_SOURCE,
    after=_without_storeys,
    readers={"from_floor": read_floor, "to_floor": read_floor},
)
BOUNDARY_SCHEMA = SourceSchema(
    replace(
        CONSENT_AREAS,
        identifier=replace(CONSENT_AREAS.identifier, headers=()),
        columns=tuple(
            replace(column, headers=DISTRICTS.headers["name"] if column.name == "name" else ())
            for column in CONSENT_AREAS
        ),
    )
)
"""A boundary is an area, whatever stands beside it but a name."""
DISTRICT_SCHEMA = SourceSchema(DISTRICTS)
SIGN_SCHEMA = SourceSchema(SIGNS)
PROJECT_SCHEMA = SourceSchema(PROJECTS)


def read_places(
    path: str | Path,
    *,
    crs: CRS | None = None,
    near: BaseGeometry | None = None,
    declared: Declared = NOTHING,
    keep_good: bool = False,
) -> Result:
    """Read a register of places, or places that a map vendor exported.

    A row with an item of Article 8 - its number, or the name of a class as the rule packs list
    them - is a register's word: it outranks the map. A row with AMap's code or class name, Baidu's
    class, or a GB/T 4754 code is a candidate, with the confidence that the packs give the mark; a
    class that no pack knows selects nothing. Parameters, results and errors as for `read_cameras`.

    Notes
    -----
    AMap's coordinates are in GCJ-02 and Baidu's in BD-09. If the source does not say so and nothing
    is declared, they are taken as they are and the report warns.

    References
    ----------
    AMap's table of POI codes; Baidu's table of POI classes; GB/T 4754-2017.
    """
    sheet, declared = read_placed(path, declared, with_classes)
    table, report = fill(
        sheet, PLACE_SCHEMA, crs, near=near, declared=declared, keep_good=keep_good
    )
    marked = [("amap", "GCJ-02"), ("baidu", "BD-09")]
    places = find_headers(sheet, PLACE_HEADERS, declared)
    named = header_datums(places[name] for name in ("lon", "lat") if name in places)
    said = declared.datum is not None or "datum" in places or bool(named)
    vendors = [name for name, _ in marked if table[name].notna().any()]
    found = _twice(table) + _unclassed(table)
    notes = report.notes + found
    by_id = {**report.named, **{label: (label,) for one in found for label in one.rows}}
    if vendors and not said:
        datum = " / ".join(system for name, system in marked if name in vendors)
        notes += (datum_warning(datum),)
    counts = (
        Count("item", N_("named by a register"), int(table["item"].notna().sum())),
        Count("amap", N_("with an AMap class"), int(table["amap"].notna().sum())),
        Count("baidu", N_("with a Baidu class"), int(table["baidu"].notna().sum())),
        Count("industry", N_("with an industry code"), int(table["industry"].notna().sum())),
        Count("known", N_("of a class that the rule packs know"), count_known(table)),
    )
    counted = (*report.counts, *counts)
    return table, replace(report, counts=counted, notes=notes, named=by_id)


def _twice(table: gpd.GeoDataFrame) -> tuple[Note, ...]:
    """Say which places seem to stand more than once: of one name and class, at one spot."""
    key = [table[name].fillna("").astype(str) for name in ("name", "item", "amap", "baidu")]
    like = table[pd.concat(key, axis=1).duplicated(keep=False) & table["name"].notna()]
    shapes = like.geometry.to_numpy()
    first, second = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=ONE_SPOT_M)
    words = [one.reindex(like.index).to_numpy() for one in key]
    same = (first < second) & np.all([word[first] == word[second] for word in words], axis=0)
    again = like.index[np.unique(second[same])]
    if not len(again):
        return ()
    note = noted(
        "places.twice",
        N_(
            "%(count)s places have the name and class of another one within %(metres)s m, and "
            "count as places of their own: remove them if they are the same: %(places)s",
            count=len(again),
            metres=f"{ONE_SPOT_M:g}",
            places=", ".join(map(str, again[:LISTED])) + (" ..." if len(again) > LISTED else ""),
        ),
        rows=map(str, again),
    )
    return (note,)


def _unclassed(table: gpd.GeoDataFrame) -> tuple[Note, ...]:
    """Say which places no column gives a class, so that no law asks anything of them."""
    bare = table.index[table[["item", "amap", "baidu", "industry"]].isna().all(axis=1)]
    if not len(bare):
        return ()
    said = N_(
        "%(count)s of %(all)s rows name no item of the law, class or code, and change nothing: "
        "%(places)s",
        count=len(bare),
        all=len(table),
        places=", ".join(map(str, bare[:LISTED])) + (" ..." if len(bare) > LISTED else ""),
    )
    return (noted("places.unclassed", said, rows=map(str, bare)),)


def datum_warning(datum: str) -> Note:
    """Return the sentence that warns of coordinates in a vendor's system."""
    return noted(
        "datum.doubt",
        N_(
            "the classes are those of a map vendor, whose coordinates usually are in %(datum)s and "
            "then lie some 500 m off: nothing was shifted; declare the datum if it is so",
            datum=datum,
        ),
    )


def read_private_places(
    path: str | Path,
    *,
    crs: CRS | None = None,
    near: BaseGeometry | None = None,
    declared: Declared = NOTHING,
    keep_good: bool = False,
) -> Result:
    """Read a register of private places in the sense of Article 9.

    The columns are those of `model.PRIVATE_PLACES`; storeys may stand in one column, such as
    ``1-6F``. Parameters, results and errors as for `read_cameras`.
    """
    sheet, declared = read_placed(path, declared, _with_storeys)
    return _filled(sheet, PRIVATE_SCHEMA, crs, near, declared, "kind", keep_good=keep_good)


def read_districts(
    path: str | Path,
    *,
    crs: CRS | None = None,
    near: BaseGeometry | None = None,  # noqa: ARG001 - every reader takes it
    declared: Declared = NOTHING,
    keep_good: bool = False,
) -> Result:
    """Read the districts of a city: areas with their GB/T 2260 codes.

    Areas come from a vector layer, or as well-known text in a column. A row without an id has its
    code for one; the level follows from the code where no column says it. Districts may reach far
    beyond the city, so `near` does not bound them. Parameters, results and errors as for
    `read_cameras`.

    References
    ----------
    GB/T 2260-2007, codes of administrative divisions down to the county.
    """
    sheet, declared = read_placed(path, declared, _with_codes)
    return _filled(sheet, DISTRICT_SCHEMA, crs, None, declared, "level", keep_good=keep_good)


def read_boundary(
    path: str | Path,
    *,
    crs: CRS | None = None,
    near: BaseGeometry | None = None,  # noqa: ARG001 - every reader takes it
    declared: Declared = NOTHING,
    keep_good: bool = False,
) -> Result:
    """Read areas that bound a project; only their shapes and names count.

    Parameters, results and errors as for `read_cameras`.
    """
    sheet, declared = read_placed(path, declared)
    return _filled(sheet, BOUNDARY_SCHEMA, crs, None, declared, None, keep_good=keep_good)


def read_signs(
    path: str | Path,
    *,
    crs: CRS | None = None,
    near: BaseGeometry | None = None,
    declared: Declared = NOTHING,
    keep_good: bool = False,
) -> Result:
    """Read a survey of signs; the columns are those of `model.SIGNS`.

    Parameters, results and errors as for `read_cameras`. A list that has what only cameras have is
    refused: each camera would be taken for a sign that announces one.
    """
    sheet, declared = read_placed(path, declared)
    cells = {name: [row[name] for row in sheet.rows] for name in sheet.header}
    if declared.mapping is None and (found := own_columns(cells)):
        reject("table.kind", sheet.source, "row 1", found=", ".join(found))
    return _filled(sheet, SIGN_SCHEMA, crs, near, declared, None, keep_good=keep_good)


def read_projects(
    path: str | Path,
    *,
    crs: CRS | None = None,
    near: BaseGeometry | None = None,
    declared: Declared = NOTHING,
    keep_good: bool = False,
) -> Result:
    """Read a register of building projects; a project may have no place.

    The columns are those of `model.PROJECTS`. Parameters, results and errors as for
    `read_cameras`.
    """
    sheet, declared = read_placed(path, declared)
    return _filled(sheet, PROJECT_SCHEMA, crs, near, declared, "kind", keep_good=keep_good)


UNKNOWN_LEVEL: Final = N_("the level of the district, which its code and its name tell apart")
SAY_LEVEL: Final = N_("Say the level in a column (county, street or other).")


def _with_codes(sheet: Sheet, declared: Declared) -> Sheet:
    """Read the codes of districts, and fill ids and levels from them where no column says them."""
    found = find_headers(sheet, DISTRICTS.headers, declared)
    sheet = tidy(sheet, found, {"code": read_district_code}, DISTRICTS)
    sheet = require(sheet, found, "code", DISTRICTS)
    codes = [row[found["code"]] for row in sheet.rows]
    if "district_id" not in found:
        sheet = with_column(sheet, "district_id", codes)
    if "level" not in found:
        names = [row[found["name"]] if "name" in found else None for row in sheet.rows]
        levels = [
            level_of(code, name) if code else None for code, name in zip(codes, names, strict=True)
        ]
        unknown = [
            bad_cell(sheet, where, found["code"], f"{code}, {name}", UNKNOWN_LEVEL, SAY_LEVEL)
            for where, code, name, level in zip(sheet.where, codes, names, levels, strict=True)
            if code and level is None
        ]
        sheet = sheet._replace(faults=(*sheet.faults, *unknown))
        sheet = with_column(sheet, "level", levels)
    return sheet


def _with_storeys(sheet: Sheet, declared: Declared) -> Sheet:
    """Ask for the kind of each private place, and part a column of storeys."""
    found = find_headers(sheet, PRIVATE_SCHEMA.headers, declared)
    sheet = require(sheet, found, "kind", PRIVATE_PLACES)
    if "floors" in found and not {"from_floor", "to_floor"} & found.keys():
        header = found["floors"]
        lowest, highest, faults = [], [], list(sheet.faults)
        for row, where in zip(sheet.rows, sheet.where, strict=True):
            text = row[header]
            low, high = read_floors(text) if text else (Cell(None), Cell(None))
            if text and low.expected is not None:
                faults.append(bad_cell(sheet, where, header, text, low.expected, Text("")))
            lowest.append(None if low.value is None else str(low.value))
            highest.append(None if high.value is None else str(high.value))
        sheet = sheet._replace(faults=tuple(faults))
        return with_column(with_column(sheet, "to_floor", highest), "from_floor", lowest)
    return sheet


def _filled(
    sheet: Sheet,
    schema: SourceSchema,
    crs: CRS | None,
    near: BaseGeometry | None,
    declared: Declared,
    counted: str | None,
    *,
    keep_good: bool,
) -> Result:
    table, report = fill(sheet, schema, crs, near=near, declared=declared, keep_good=keep_good)
    if counted is None:
        return table, report
    words = schema.words.get(counted, {})
    counts = tuple(
        Count(
            f"{counted}.{name}",
            N_("kind %(kind)s", kind=label_in(words.get(str(name), ()), str(name))),
            int(number),
        )
        for name, number in table[counted].value_counts().items()
    )
    return table, replace(report, counts=(*report.counts, *counts))


LEVELS = ("street", "county", "city", "province", "other")
"""From the finest level to the coarsest; a point belongs to the finest that holds it."""


def district_of(points: gpd.GeoDataFrame, districts: gpd.GeoDataFrame) -> pd.Series:
    """Return the id of the district in which each row lies; None where it lies in none.

    Parameters
    ----------
    points
        Any table with a place; of a line or an area an inner point counts.
    districts
        Table `model.DISTRICTS` in the same CRS.

    Returns
    -------
    Series
        ``district_id`` by the index of `points`. Of nested districts the finest counts; a point on
        a shared border counts once, in the district whose code is lower, so that the sum over the
        districts is the whole.

    Raises
    ------
    CrsError
        If the tables are in different CRSs.
    """
    if points.crs != districts.crs:
        msg = f"points are in {points.crs}, districts in {districts.crs}: convert with to_crs()"
        raise CrsError(msg)
    found = np.full(len(points), None, object)
    placed = np.flatnonzero(points.geometry.notna().to_numpy())
    if districts.empty or not len(placed):
        return pd.Series(found, index=points.index, dtype=object, name=districts.index.name)
    inner = points.geometry.to_numpy()[placed]
    spots = gpd.GeoSeries(inner, crs=points.crs).representative_point()
    order = districts.assign(
        rank=[LEVELS.index(level) if level in LEVELS else len(LEVELS) for level in districts.level]
    ).sort_values(["rank", "code"], kind="stable")
    row, area = order.sindex.query(spots.to_numpy(), predicate="intersects")
    first = pd.Series(area).groupby(row).min()
    found[placed[first.index.to_numpy()]] = order.index.to_numpy()[first.to_numpy()]
    return pd.Series(found, index=points.index, dtype=object, name=districts.index.name)
