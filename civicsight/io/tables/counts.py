"""Cameras of several builds on one pole: counts by build, in columns or in one cell."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from civicsight.core.arrays import BoolArray
from civicsight.core.errors import N_
from civicsight.io.registers.prepare import find_headers, with_column
from civicsight.io.source_options import Declared
from civicsight.io.tables.rows import Rows
from civicsight.io.tables.sheet import Sheet
from civicsight.io.tables.synonyms import CAMERA_HEADERS, match_value
from civicsight.io.tables.words import BETWEEN, PIECE

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


def count_builds(rows: Rows) -> tuple[npt.NDArray[np.float64], list[list[str]]]:
    """Return the cameras of each row, and their builds where counts by build say them.

    A total beside them that is another number makes the row unusable.
    """
    total = rows.number("count")
    by_build = np.column_stack([rows.number(f"count_{build}") for build in BUILDS])
    told: BoolArray = np.asarray(np.isfinite(by_build).any(axis=1), bool)
    numbers: npt.NDArray[np.float64] = np.nan_to_num(by_build)
    whole: BoolArray = np.asarray((numbers == np.round(numbers)).all(axis=1), bool)
    added = numbers.sum(axis=1)
    for row in np.flatnonzero(told & np.isfinite(total) & (total != added)):
        rows.fault(
            int(row),
            "count",
            "camera.counts",
            N_("the sum of the counts by build, %(sum)s", sum=f"{added[row]:g}"),
            N_("Correct the total or the counts by build."),
        )
    builds = [
        list(np.repeat(BUILDS, numbers[row].astype(int))) if told[row] and whole[row] else []
        for row in range(len(total))
    ]
    return np.where(told, added, total), builds
