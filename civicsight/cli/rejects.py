"""The rows that an import refused, as a table to mend and to import again."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from civicsight.core.errors import N_, Fault, InputError

if TYPE_CHECKING:
    from civicsight.cli.session import Session
    from civicsight.cli.sources import Source
    from civicsight.io.tables.sheet import Sheet

HEADINGS: Final = (N_("Row"), N_("Column"), N_("Found"), N_("Expected"), N_("How to mend it"))

NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")

BETWEEN: Final = N_("; ")


@contextmanager
def keep_rejects(session: Session, path: Path | None, source: Source) -> Iterator[None]:
    """Write every fault of an input that is refused, and refuse it."""
    try:
        yield
    except InputError as error:
        if path is not None:
            write_rejects(session, path, source, error.faults)
        raise


def write_rejects(session: Session, path: Path, source: Source, faults: Sequence[Fault]) -> None:
    """Write a line a row: what is wrong with it, all faults of a row together, then the row.

    The titles of what is wrong are in the language of the session and mean nothing to a reader, so
    that the mended file can be imported as it is.
    """
    from civicsight.core.atomic import written_whole
    from civicsight.io.report import row_text

    sheet = _sheet(source)
    rows = {} if sheet is None else dict(zip(sheet.where, sheet.rows, strict=True))
    by_row: dict[str, list[Fault]] = {}
    for fault in faults:
        by_row.setdefault(fault.where, []).append(fault)
    with (
        written_whole(path) as scratch,
        scratch.open("w", encoding="utf-8-sig", newline="") as file,
    ):
        writer = csv.writer(file)
        header = [] if sheet is None else sheet.header
        writer.writerow([*(session.say(text) for text in HEADINGS), *header])
        for where, own in by_row.items():
            row = rows.get(where, {})
            said = [
                session.say(BETWEEN).join(dict.fromkeys(filter(None, texts)))
                for texts in (
                    [fault.field for fault in own],
                    [fault.found for fault in own],
                    [session.say(fault.expected) for fault in own],
                    [session.say(fault.remedy) for fault in own],
                )
            ]
            cells = [session.say(row_text(where)), *said, *(row.get(name) for name in header)]
            writer.writerow([_cell(cell) for cell in cells])


def _cell(text: str | None) -> object:
    """Return a cell that no spreadsheet runs; a number stays as it is written."""
    from civicsight.report.tables import inert

    return text if text is not None and NUMBER.fullmatch(text) else inert(text)


def _sheet(source: Source) -> Sheet | None:
    """Return the rows of a table as they stand in the file; None where there are none to show."""
    from civicsight.io.apart.reading import read_apart
    from civicsight.io.registers.templates import SOURCE_SCHEMAS

    if source.kind not in SOURCE_SCHEMAS:
        return None
    try:
        sheet: Sheet = read_apart("sheet", source.path, source.declared)
    except InputError:
        return None
    return sheet
