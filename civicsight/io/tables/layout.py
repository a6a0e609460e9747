"""Where the table is on its page: title rows, header, columns without a name, rows beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import zip_longest
from typing import Final, NamedTuple

from civicsight.core.errors import N_, Fault, InputError
from civicsight.core.progress import counted
from civicsight.io.faults import fault, reject
from civicsight.io.secrets import cut_secrets
from civicsight.io.source_options import Remark
from civicsight.io.tables.non_data_rows import (
    drop_non_data_rows,
    tidy_cell,
    tidy_header,
    with_units,
)
from civicsight.io.tables.synonyms import normal, normal_word
from civicsight.io.tables.text_files import HEAD, Record, refuse_width
from civicsight.model.notes import Note, noted

LEAST_HEADER: Final = 2
"""Fewest filled cells of a header; a title has one."""

GAP: Final = 2
"""A table that is pasted beside another stands off by at least this many empty columns."""

MAX_NAME: Final = 1_000
"""Characters of a column's name: instructions to who fills in the form may stand in it."""

SHOWN: Final = 80
"""So many characters of a name are shown in a refusal."""

Known = Callable[[list[str]], int]


class Layout(NamedTuple):
    """A table found on its page: header, rows of text by header, and the line of each row.

    `header_line` is the line of the header, the lower one of two, of which `upper_line` is the
    other; `positions` is the position of each column from 0. `beside` holds the texts above and
    below the rows.
    """

    header: list[str]
    rows: list[dict[str, str | None]]
    lines: list[int]
    header_line: int
    positions: list[int]
    notes: tuple[Note, ...]
    faults: tuple[Fault, ...]
    upper_line: int | None = None
    beside: tuple[Remark, ...] = ()


def count_known(words: Iterable[str]) -> Known:
    """Return a function that counts the cells of a record which are known headers."""
    known = frozenset(map(normal_word, words)) - {""}

    def count(cells: list[str]) -> int:
        return len({plain for cell in cells if (plain := normal(cell[:200])) in known})

    return count


def column_name(position: int) -> str:
    """Name a column without a header by its position.

    Examples
    --------
    >>> column_name(4)
    'column 5'
    """
    return f"column {position + 1}"


def lay_out(records: Sequence[Record], file: str, known: Known, *, padded: bool = True) -> Layout:
    """Find the table among records of text.

    The header is the row near the top in which most headers are known; where fewer than two are,
    the first with one, or with two filled cells. A header in two rows is joined: the lower cell
    counts, the upper one where it is empty. Rows above it are titles. Lines that are no rows are
    left out and named (`drop_non_data_rows`). Columns without header and cells are dropped; what
    stands beyond such a gap is another table. Columns with cells but no header are named by their
    position.

    Parameters
    ----------
    records, file, known
        The lines, the name of their file, and what counts known headers.
    padded
        Whether every row is written to its end, so that a shorter one lacks cells; a workbook
        leaves empty cells at the end of a row out.

    Raises
    ------
    InputError
        If there is no header with rows below, a header stands twice, or there are more columns
        than a table may have.
    """
    top = _header_row(records, known)
    if top is None or len(records) <= top + 1:
        reject("csv.empty", file)
    names, first, last = _join_headers(records, top, known)
    line = records[last][0]
    below = [record for record in records[last + 1 :] if any(cell.strip() for cell in record[1])]
    names = with_units(names, below)
    page = [*records[:first], *below]
    below, asides = drop_non_data_rows(names, below)
    taken = {line for line, _ in below}
    beside = tuple(
        Remark(f"row {line}", "", text)
        for line, cells in page
        if line not in taken and (text := " ".join(" ".join(cells).split()))
    )
    if not below:
        reject("csv.empty", file)
    width = _width(names, below)
    used, beyond, spare = _columns(names, below, width, known)
    refuse_width(len(used), file, f"row {line}")
    header = [names[n] if n < len(names) and names[n] else column_name(n) for n in used]
    _refuse_headers(header, file, line)
    unnamed = [column_name(n) for n in used if n >= len(names) or not names[n]]
    notes = _notes(records[:first], records[first][0], unnamed, beyond, spare) + asides
    upper = records[first][0] if first != last else None
    if upper is not None:
        notes += (
            noted(
                "read.as",
                N_("the header stands in rows %(upper)s and %(lower)s", upper=upper, lower=line),
            ),
        )
    full = used[-1] + 1 if padded else 0
    rows, lines, ragged = _take_rows(below, header, used, full, width)
    faults = tuple(_ragged(file, number, found, len(names)) for number, found in ragged)
    return Layout(header, rows, lines, line, used, notes, faults, upper, beside)


def _take_rows(
    below: Sequence[Record], header: list[str], used: list[int], full: int, width: int
) -> tuple[list[dict[str, str | None]], list[int], list[tuple[int, int]]]:
    """Return the rows by header, their lines, and line and cells of each row that does not fit.

    A row fits that has at least `full` cells and nothing beyond the `width` of the table.
    """
    rows: list[dict[str, str | None]] = []
    lines: list[int] = []
    ragged: list[tuple[int, int]] = []
    pool: dict[str, str] = {}  # a text that stands in many cells is kept once
    for number, cells in counted(below, len(below)):
        if len(cells) < full or any(cell.strip() for cell in cells[width:]):
            ragged.append((number, len(cells)))
            continue
        texts = (tidy_cell(cells[n]) if n < len(cells) else "" for n in used)
        values = [pool.setdefault(text, text) if text else None for text in texts]
        rows.append(dict(zip(header, values, strict=True)))
        lines.append(number)
    return rows, lines, ragged


def _join_headers(records: Sequence[Record], top: int, known: Known) -> tuple[list[str], int, int]:
    """Return the names of the columns, and the first and last of the records that hold them."""
    names = [tidy_header(cell) for cell in records[top][1]]
    below = [tidy_header(cell) for cell in records[top + 1][1]]
    if known(below) >= LEAST_HEADER and known(below) == sum(map(bool, below)) and below != names:
        return _joined(names, below), top, top + 1
    if not top or records[top][0] - records[top - 1][0] != 1:
        return names, top, top
    above = [tidy_header(cell) for cell in records[top - 1][1]]
    gaps = [cell for n, cell in enumerate(above) if cell and not (n < len(names) and names[n])]
    if sum(map(bool, above)) >= LEAST_HEADER and known(gaps):
        return _joined(above, names), top - 1, top
    return names, top, top


def _joined(upper: list[str], lower: list[str]) -> list[str]:
    pairs = zip_longest(upper, lower, fillvalue="")
    return [low or high for high, low in pairs]


def _header_row(records: Sequence[Record], known: Known) -> int | None:
    head = records[:HEAD]
    counts = [known(cells) for _, cells in head]
    if max(counts, default=0) >= LEAST_HEADER:
        return counts.index(max(counts))
    filled = [sum(bool(cell.strip()) for cell in cells) for _, cells in head]
    likely = [row for row, count in enumerate(filled) if count >= LEAST_HEADER or counts[row] == 1]
    return likely[0] if likely else (0 if head else None)


def _width(names: list[str], below: Sequence[Record]) -> int:
    """Return how many columns the table has: those of its header, which a stray cell never adds.

    Where most rows are wider than the header, columns lack their header.
    """
    ends = [
        max((n + 1 for n, cell in enumerate(cells) if cell.strip()), default=0)
        for _, cells in below
    ]
    wider = [end for end in ends if end > len(names)]
    return max(wider) if len(wider) * 2 > len(below) else len(names)


def _columns(
    names: list[str], below: Sequence[Record], width: int, known: Known
) -> tuple[list[int], list[int], list[int]]:
    """Return the positions of the columns used, those beyond a gap, and the empty ones."""
    filled = [
        n
        for n in range(width)
        if (n < len(names) and names[n]) or any(n < len(c) and c[n].strip() for _, c in below)
    ]
    blocks: list[list[int]] = []
    for n in filled:
        if blocks and blocks[-1][-1] == n - 1:
            blocks[-1].append(n)
        else:
            blocks.append([n])
    understood = [known([names[n] for n in block if n < len(names)]) for block in blocks]
    main = understood.index(max(understood)) if understood else 0
    used: list[int] = []
    beyond: list[int] = []
    for number, block in enumerate(blocks):
        apart = number > main and block[0] - blocks[number - 1][-1] > GAP
        (beyond if apart and not understood[number] else used).extend(block)
    return used, beyond, sorted(set(range(width)) - set(filled))


def _refuse_headers(header: list[str], file: str, line: int) -> None:
    once = N_("each column name once"), N_("Rename or remove one of them.")
    short = (
        N_("column names of at most %(limit)s characters", limit=MAX_NAME),
        N_("Shorten it, and put explanations beside the table."),
    )
    first = {name: number for number, name in reversed(list(enumerate(header)))}
    wrong = [(name, once) for number, name in enumerate(header) if first[name] < number]
    wrong += [(name, short) for name in header if len(name) > MAX_NAME]
    if wrong:
        shown = [(name[:SHOWN], said) for name, said in wrong]
        raise InputError(
            [
                Fault("csv.header", file, f"row {line}", name, name, expected, remedy)
                for name, (expected, remedy) in shown
            ]
        )


def _ragged(file: str, line: int, found: int, wanted: int) -> Fault:
    return fault("csv.ragged_row", file, f"row {line}", found=str(found), count=wanted)


def _notes(
    titles: Sequence[Record], line: int, unnamed: list[str], beyond: list[int], spare: list[int]
) -> tuple[Note, ...]:
    notes = []
    text = [next((c.strip() for c in cells if c.strip()), "") for _, cells in titles]
    text = [cut_secrets(title)[0][:60] for title in text if title]
    if text:
        notes.append(
            noted(
                "read.rows",
                N_(
                    "rows above the header in row %(line)s were left out: %(titles)s",
                    line=line,
                    titles=" | ".join(text),
                ),
            )
        )
    if unnamed:
        notes.append(
            noted(
                "read.rows",
                N_(
                    "columns without a name, called by their position: %(columns)s",
                    columns=", ".join(unnamed),
                ),
            )
        )
    if beyond:
        notes.append(
            noted(
                "rows.beside",
                N_(
                    "another table beside this one was left out: %(columns)s",
                    columns=", ".join(map(column_name, beyond)),
                ),
            )
        )
    if spare:
        notes.append(
            noted("read.rows", N_("empty columns were left out: %(count)s", count=len(spare)))
        )
    return tuple(notes)
