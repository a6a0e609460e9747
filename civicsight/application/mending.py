"""Rows of a file that were refused, cell by cell, and what a person writes in their place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from civicsight.application.columns import Table
from civicsight.application.inbox.entry import Entry
from civicsight.core.errors import Fault, InputError, Text
from civicsight.io.registers.templates import SOURCE_SCHEMAS
from civicsight.io.source_options import Corrections

PLACE, AXES = "place.", frozenset({"lon", "lat", "x", "y"})
"""What codes of faults of a place begin with, and the meanings of its columns."""

BETWEEN = ", "
"""Between the columns of a fault that concerns two, as those of coordinates do."""


class BadCell(NamedTuple):
    """A cell for which its row was refused: where it is, what is in it, and what is expected."""

    where: str
    column: str
    found: str
    expected: Text


def bad_cells(entry: Entry) -> list[BadCell]:
    """Return the cells of a file for which rows were refused, whether good ones were taken or not.

    Faults of whole rows, of the header and of the file are none: they cannot be mended here.
    """
    table = entry.table
    if table is None or table.kind not in SOURCE_SCHEMAS:
        return []
    cells: dict[tuple[str, str], BadCell] = {}
    for fault in _refused(entry):
        for name in _columns_of(fault, table) if fault.where else ():
            cell = BadCell(fault.where, name, fault.found, fault.expected)
            cells.setdefault((fault.where, name), cell)
    return list(cells.values())


def _columns_of(fault: Fault, table: Table) -> list[str]:
    """Return the columns that a fault is about: one, two, those of the place, or none."""
    headers = [one.header for one in table.seen.columns]
    names = [fault.field] if fault.field in headers else fault.field.split(BETWEEN)
    if not fault.field and fault.code.startswith(PLACE):
        names = [one.header for one in table.seen.columns if one.meaning in AXES]
    return names if set(names) <= set(headers) else []


def _refused(entry: Entry) -> tuple[Fault, ...]:
    if isinstance(entry.error, InputError):
        return entry.error.faults
    return () if entry.intake is None else entry.intake.report.rejected


def corrections_of(
    written: Mapping[tuple[str, str], str], before: Corrections | None, who: str
) -> Corrections | None:
    """Return what was corrected before with what is written now, in the name of who wrote last.

    Parameters
    ----------
    written
        Texts by row and column; empty ones correct nothing.
    before, who
        What was corrected when the file was read last, and who corrects now.
    """
    cells = {} if before is None else {row: dict(own) for row, own in before.cells.items()}
    new = {place: text.strip() for place, text in written.items() if text.strip()}
    for (row, column), text in new.items():
        cells.setdefault(row, {})[column] = text
    return Corrections(cells, who) if new else before
