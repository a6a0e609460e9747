"""Separated text into records: separators found, quotes kept to, sizes held."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final

from civicsight.core.errors import N_, refuse

SEPARATORS: Final = (",", ";", "\t", "|")
"""Separators that are tried; the one under which most headers are known is taken."""

MAX_CELL: Final = 100_000
"""Characters in one cell; a longer one is an opened quote that nobody closed."""

MAX_LINE: Final = 4_000_000
"""Characters in one line; no row of an inventory comes near."""

MAX_ROWS: Final = 1_000_000
"""Lines in one table; more are refused before any of them is looked at."""

MAX_CELLS: Final = 10_000_000
"""Cells in one table, which keeps its memory below two gigabytes."""

HEAD: Final = 30
"""Records at the top of a table among which its header is looked for."""

Record = tuple[int, list[str]]
"""Line on which a record begins, and its cells."""


def read_records(text: str, file: str, known: Callable[[list[str]], int]) -> list[Record]:
    """Split text into records under the separator that fits it best.

    Parameters
    ----------
    text, file
        The whole text and the name of its file.
    known
        Counts the cells of a record that are known headers.

    Raises
    ------
    InputError
        If a quote is left open, a line or cell is too long, or there are too many cells.
    """
    lines = text.count("\n")
    if lines > MAX_ROWS:
        refuse(
            "csv.too_many",
            file,
            N_("at most %(limit)s rows", limit=MAX_ROWS),
            N_("Split the table."),
            found=str(lines),
        )
    separator = find_separator(text, known)
    reader = csv.reader(_lines(text, file), delimiter=separator, strict=True)
    records: list[Record] = []
    cells_read = 0
    begin = 1
    try:
        for cells in reader:
            if any(len(cell) > MAX_CELL for cell in cells):
                _refuse_quote(file, begin)
            cells_read += len(cells)
            if cells_read > MAX_CELLS:
                refuse(
                    "csv.too_many",
                    file,
                    N_("at most %(limit)s cells", limit=MAX_CELLS),
                    N_("Split the table."),
                    where=f"row {begin}",
                )
            if cells:
                records.append((begin, cells))
            begin = reader.line_num + 1
    except csv.Error:
        _refuse_quote(file, begin)
    return records


def find_separator(text: str, known: Callable[[list[str]], int]) -> str:
    """Return the separator under which most headers are known, or else most cells are filled."""
    head = "".join(islice(_short_lines(text), HEAD))

    def merit(separator: str) -> tuple[int, int]:
        try:
            records = list(csv.reader(io.StringIO(head, newline=""), delimiter=separator))
        except csv.Error:
            return (0, 0)
        filled = [sum(bool(cell.strip()) for cell in cells) for cells in records]
        return max(map(known, records), default=0), sum(max(count - 1, 0) for count in filled)

    return max(SEPARATORS, key=merit)


def _short_lines(text: str) -> Iterator[str]:
    return (line[:MAX_CELL] for line in io.StringIO(text[: HEAD * MAX_CELL], newline=""))


def _lines(text: str, file: str) -> Iterator[str]:
    """Iterate over lines, whichever way each of them ends."""
    for number, line in enumerate(io.StringIO(text, newline=""), start=1):
        if len(line) > MAX_LINE:
            refuse(
                "csv.long_line",
                file,
                N_("lines of at most %(limit)s characters", limit=MAX_LINE),
                N_("Export the table again with one line for each row."),
                found=f"{len(line)}",
                where=f"row {number}",
            )
        yield line


def _refuse_quote(file: str, line: int) -> None:
    refuse(
        "csv.quote",
        file,
        N_("quotes that are closed in the same cell"),
        N_("Close the quote, or double it inside of text."),
        where=f"row {line}",
    )
