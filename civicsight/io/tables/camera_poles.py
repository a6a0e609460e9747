"""Cameras on one pole: a row for each of those that a row counts, and records at one place."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Final

import numpy as np
import shapely

from civicsight.core.arrays import BoolArray, FloatArray
from civicsight.core.errors import N_
from civicsight.io.registers.prepare import find_headers, with_column
from civicsight.io.report import Count
from civicsight.io.source_options import Declared
from civicsight.io.tables.addresses import PLACED_BY
from civicsight.io.tables.rows import Rows, as_objects, rows_of
from civicsight.io.tables.sheet import Sheet
from civicsight.io.tables.synonyms import CAMERA_HEADERS, match_value
from civicsight.io.tables.words import BETWEEN, PIECE
from civicsight.model.notes import Note, noted

BUILDS: Final = ("fixed", "dome", "ptz", "panorama")
"""Builds that have a column for their number."""


def with_builds(sheet: Sheet, declared: Declared) -> Sheet:
    """Return a sheet with a column for each build where the count of a row names several.

    Cells such as ``1 dome + 3 fixed`` become numbers by build; a cell that holds anything else
    stays as it is, and its reader refuses it.
    """
    header = find_headers(sheet, CAMERA_HEADERS, declared).get("count")
    if header is None:
        return sheet
    told = [_builds_of(row[header]) for row in sheet.rows]
    if not any(told):
        return sheet
    rows = [
        {**row, header: None} if found else row for row, found in zip(sheet.rows, told, strict=True)
    ]
    sheet = sheet._replace(rows=rows)
    for build in BUILDS:
        numbers = [str(found[build]) if found.get(build) else None for found in told]
        if any(numbers):
            sheet = with_column(sheet, f"count_{build}", numbers)
    return sheet


def _builds_of(text: str | None) -> dict[str, int]:
    """Return the number of each build that a cell names; nothing where it is not wholly read."""
    if not text or not BETWEEN.fullmatch(PIECE.sub("", text)):
        return {}
    found: dict[str, int] = {}
    for number, word in PIECE.findall(text):
        build = match_value("kind", word)
        if build not in BUILDS:
            return {}
        found[build] = found.get(build, 0) + int(number)
    return found


def count_builds(rows: Rows) -> tuple[FloatArray, list[list[str]]]:
    """Return the cameras of each row, and their builds where counts by build say them.

    A total beside them that is another number makes the row unusable.
    """
    total = rows.number("count")
    by_build = np.column_stack([rows.number(f"count_{build}") for build in BUILDS])
    told: BoolArray = np.asarray(np.isfinite(by_build).any(axis=1), bool)
    numbers: FloatArray = np.nan_to_num(by_build)
    whole: BoolArray = np.asarray((numbers == np.round(numbers)).all(axis=1), bool)
    added = numbers.sum(axis=1)
    for row in np.flatnonzero(told & np.isfinite(total) & (total != added)):
        expected = N_("the sum of the counts by build, %(sum)s", sum=f"{added[row]:g}")
        remedy = N_("Correct the total or the counts by build.")
        rows.fault(int(row), "count", "camera.counts", expected, remedy)
    builds = [
        list(np.repeat(BUILDS, numbers[row].astype(int))) if told[row] and whole[row] else []
        for row in range(len(total))
    ]
    return np.where(told, added, total), builds


SAME_PLACE_M: Final = 0.05
"""Records closer than this are at the same place [m]: a coordinate with six decimals is 0.1 m."""


GROUPS_NAMED: Final = 5
"""Groups of rows that a note names before it counts the others."""


def note_same_places(rows: Rows) -> None:
    """Tell heads at one place from records that stand twice; both are kept."""
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    good = rows.good() & rows.points.notna().to_numpy()
    xy = np.full((len(good), 2), np.nan)
    xy[good] = shapely.get_coordinates(rows.points[good].centroid.to_numpy())
    for row in rows_of(good):
        groups[round(xy[row, 0] / SAME_PLACE_M), round(xy[row, 1] / SAME_PLACE_M)].append(row)
    label = rows.found.get("camera_id")
    together: list[list[int]] = []
    twice: list[list[int]] = []
    for group in (group for group in groups.values() if len(group) > 1):
        cells = {
            tuple(v for name, v in rows.sheet.rows[row].items() if name != label) for row in group
        }
        (twice if len(cells) < len(group) else together).append(group)
    _note_groups(
        rows,
        together,
        noted(
            "camera.same_point",
            N_(
                "records at the same address, which need not be one pole: %(rows)s",
                rows=_named(rows, together),
            ),
        )
        if PLACED_BY in rows.sheet.header
        else noted(
            "camera.same_point",
            N_(
                "records at the same point, taken for heads of one pole: %(rows)s",
                rows=_named(rows, together),
            ),
        ),
    )
    _note_groups(
        rows,
        twice,
        noted(
            "camera.repeated",
            N_(
                "records that are the same in all but their id, kept: %(rows)s",
                rows=_named(rows, twice),
            ),
        ),
    )
    _compare_digits(rows, {row for group in (*together, *twice) for row in group})


def _compare_digits(rows: Rows, told: set[int]) -> None:
    """Name records whose coordinates are written alike and yet lie apart: in different datums."""
    if not {"lon", "lat"} <= rows.found.keys():
        return
    alike: dict[tuple[str | None, str | None], list[int]] = defaultdict(list)
    for row in rows_of(rows.good()):
        cells = rows.sheet.rows[row]
        alike[cells[rows.found["lon"]], cells[rows.found["lat"]]].append(row)
    groups = [group for group in alike.values() if len(group) > 1 and not told & set(group)]
    _note_groups(
        rows,
        groups,
        noted(
            "camera.same_digits",
            N_(
                "records with the same coordinates in different datums, which lie apart: %(rows)s",
                rows=_named(rows, groups),
            ),
        ),
    )


def _note_groups(rows: Rows, groups: list[list[int]], found: Note) -> None:
    """Note groups of rows, with all that are in one."""
    members = [str(rows.where[row]) for group in groups for row in group]
    if members:
        rows.notes.append(replace(found, count=len(members), rows=tuple(members)))


def _named(rows: Rows, groups: list[list[int]]) -> str:
    """Write the places of rows in groups, the first of many."""
    named = "; ".join(
        ", ".join(str(rows.where[row]).removeprefix("row ") for row in group[: GROUPS_NAMED * 2])
        + (" ..." if len(group) > GROUPS_NAMED * 2 else "")
        for group in groups[:GROUPS_NAMED]
    )
    return named + ("" if len(groups) <= GROUPS_NAMED else " ...")


def row_per_camera(rows: Rows) -> None:
    """Make as many rows of each as it has cameras, on one pole, their directions unknown."""
    if not {"count", *(f"count_{build}" for build in BUILDS)} & rows.columns.keys():
        return
    counts, builds = count_builds(rows)
    several = dict(rows.several)
    azimuth = rows.text("azimuth_deg")
    index: list[int] = []
    labels: list[str] = []
    directions: list[object] = []
    kinds: list[object] = []
    for row, count in enumerate(counts):
        if np.isfinite(count) and not float(count).is_integer():
            expected = N_("a whole number of cameras")
            rows.fault(row, "count", "cell.value", expected, N_("Correct the number."))
        heads = 1 if np.isnan(count) else int(count)
        own, built = several.get(row, ()), builds[row]
        if heads > 1 and azimuth[row] is not None:
            header = rows.found.get("azimuth_deg")
            if header is not None:
                rows.columns["tags"][row][header] = str(rows.sheet.rows[row][header])
        for head in range(heads):
            index.append(row)
            labels.append(str(rows.labels[row]) if heads == 1 else f"{rows.labels[row]}#{head + 1}")
            known = own[head] if len(own) == heads else None
            kinds.append(built[head] if len(built) == heads else rows.text("kind")[row])
            directions.append(azimuth[row] if heads == 1 and not own else known)
    empty = int((counts == 0)[rows.good()].sum())
    pole = rows.text("pole_id").copy()
    pole[[value is None for value in pole]] = rows.labels[[value is None for value in pole]]
    rows.columns["pole_id"] = pole
    rows.take(index, labels)
    rows.columns |= {"azimuth_deg": as_objects(directions), "kind": as_objects(kinds)}
    poles = set(rows.text("pole_id")[rows.good()])
    rows.counts.append(Count("poles", N_("poles"), len(poles)))
    if empty:
        rows.counts.append(Count("excluded.no_camera", N_("rows without a camera"), empty))
        said = N_("%(count)s rows name 0 cameras, and were left out", count=empty)
        rows.notes.append(noted("rows.without_camera", said))
    rows.notes.append(
        noted(
            "camera.heads",
            N_(
                "each row stands for the number of cameras that it names; where these are several, "
                "their directions are unknown"
            ),
            int((counts > 1).sum()),
        )
    )
