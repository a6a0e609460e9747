"""Cells that a person corrected: put in place of what the file says, which stays on record."""

from __future__ import annotations

from typing import Final

from civicsight.core.errors import N_, Fault, InputError
from civicsight.io.faults import fault
from civicsight.io.report import CORRECTED, Count
from civicsight.io.source_options import Corrections
from civicsight.io.tables.sheet import Sheet

BY: Final = "corrected_by"
"""Tag of a row that names who corrected it."""


def corrected(sheet: Sheet, corrections: Corrections | None) -> Sheet:
    """Return a sheet with the cells that a person corrected; the file is not changed.

    Raises
    ------
    InputError
        If a row or a column that was corrected is not there.
    """
    if corrections is None or not corrections.cells:
        return sheet
    order = {where: number for number, where in enumerate(sheet.where)}
    rows, done, gone = list(sheet.rows), [], []
    for where, cells in corrections.cells.items():
        for header, text in ((name, said.strip()) for name, said in cells.items()):
            if where not in order or header not in sheet.header:
                gone.append(_gone(sheet.source, where, header))
                continue
            number = order[where]
            before = rows[number][header] or ""
            rows[number] = {**rows[number], header: text or None}
            done.append(_done(sheet.source, where, header, before, text, corrections.by))
    if gone:
        raise InputError(gone)
    changed = {(fault.where, fault.field) for fault in done}
    return sheet._replace(rows=rows, corrected=tuple(done), dates=sheet.dates - changed)


def originals(sheet: Sheet) -> list[dict[str, str]]:
    """Return what the file said of each row where a person corrected it, and who that was."""
    order = {where: number for number, where in enumerate(sheet.where)}
    kept: list[dict[str, str]] = [{} for _ in sheet.rows]
    for done in sheet.corrected:
        if done.where in order:
            told = {done.field: done.found} if done.found else {}
            kept[order[done.where]] |= {**told, BY: str(done.remedy.values["who"])}
    return kept


def counted(sheet: Sheet) -> list[Count]:
    """Return how many cells were corrected, where any were."""
    label = N_("cells corrected by a person")
    return [Count("corrected", label, len(sheet.corrected))] if sheet.corrected else []


def _done(source: str, where: str, header: str, before: str, text: str, who: str) -> Fault:
    remedy = N_("%(who)s corrected it to: %(value)s.", who=who, value=text[:100])
    if not text:
        remedy = N_("%(who)s emptied it.", who=who)
    return Fault(CORRECTED, source, where, header, before[:100], N_("It was empty."), remedy)


def _gone(source: str, where: str, header: str) -> Fault:
    return fault("cell.corrected:gone", source, where, header)
