"""Rows of text out of a CSV file or a vector layer, with the place of each row in its file."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import pandas as pd

from civicsight.city.crs import crs_name
from civicsight.city.refusal import refuse
from civicsight.city.vectors.vector import Vector
from civicsight.errors import N_, Fault, InputError, Text

MAX_BYTES = 256 << 20
"""Larger text tables are refused; an inventory of a million cameras stays well below."""

MAX_CELL = 100_000
"""Characters in one cell; a longer one is an opened quote that nobody closed."""

SEPARATORS = ",;\t"

HEADER_AND_ROW = 2
"""Fewest records of a table; a header alone is no inventory, and success would hide that."""


class Sheet(NamedTuple):
    """A table as text.

    `rows` maps header to cell, empty cells are None; `where` names each row as its file counts it.
    `geometry` is given where the source has places of its own.
    """

    source: str
    header: list[str]
    rows: list[dict[str, str | None]]
    where: list[str]
    geometry: gpd.GeoSeries | None = None
    encoding: str = ""
    crs_found: str = ""
    notes: tuple[Text, ...] = ()
    faults: tuple[Fault, ...] = ()


def read_csv(path: Path) -> Sheet:
    """Read a CSV file in UTF-8, with or without byte order mark, as text.

    Nothing is guessed: ``0012``, ``NA`` and 20-digit numbers stay what they are.

    Raises
    ------
    InputError
        If the text is not UTF-8, too large, holds a NUL, an open quote, a repeated or empty
        header, or a row of another length.
    """
    text = _decode(path)
    first_line = text.split("\n", 1)[0]
    separator = max(SEPARATORS, key=first_line.count)
    records = _records(text, separator, path.name)
    if len(records) < HEADER_AND_ROW:
        refuse("csv.empty", path.name, N_("a header and rows"), N_("Export the table again."))
    header = [cell.strip() for cell in records[0][1]]
    faults = _header_faults(header, path.name)
    rows, where = [], []
    for line, cells in records[1:]:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            faults.append(
                Fault(
                    "csv.ragged_row",
                    path.name,
                    f"row {line}",
                    "",
                    str(len(cells)),
                    N_("%(count)s cells", count=len(header)),
                    N_("Put text that holds a separator in quotes."),
                )
            )
            continue
        rows.append(dict(zip(header, (cell.strip() or None for cell in cells), strict=True)))
        where.append(f"row {line}")
    if faults:
        raise InputError(faults)
    return Sheet(path.name, header, rows, where, encoding="UTF-8")


def sheet_of(vector: Vector, source: str) -> Sheet:
    """Turn a vector layer into rows of text beside its geometry."""
    frame = vector.frame
    header = [str(name) for name in frame.columns if name != frame.geometry.name]
    columns = {name: [_text(value) for value in frame[name]] for name in header}
    rows = [{name: columns[name][row] for name in header} for row in range(len(frame))]
    where = [str(label) for label in frame.index]
    return Sheet(
        source, header, rows, where, frame.geometry, "", crs_name(frame.crs), (), vector.faults
    )


def _text(value: object) -> str | None:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if value is None or pd.isna(value):
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # a column of whole numbers with gaps arrives as floats
    return str(value).strip() or None


def _decode(path: Path) -> str:
    size = path.stat().st_size
    if size > MAX_BYTES:
        refuse(
            "file.too_large",
            path.name,
            N_("at most %(limit)s bytes", limit=MAX_BYTES),
            N_("Split the table."),
            found=f"{size} bytes",
        )
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        refuse(
            "csv.encoding",
            path.name,
            N_("text in UTF-8"),
            N_("Save the table as CSV UTF-8."),
            found=f"byte 0x{data[error.start]:02x}",
            where=f"row {line}",
        )
    if "\x00" in text:
        line = text[: text.index("\x00")].count("\n") + 1
        refuse(
            "csv.nul",
            path.name,
            N_("text without NUL characters"),
            N_("Export the table again as CSV UTF-8."),
            found="NUL",
            where=f"row {line}",
        )
    return text


def _records(text: str, separator: str, file: str) -> list[tuple[int, list[str]]]:
    """Split text into records, each with the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    records: list[tuple[int, list[str]]] = []
    begin = 1
    try:
        for cells in reader:
            if cells:
                records.append((begin, cells))
            if any(len(cell) > MAX_CELL for cell in cells):
                break
            begin = reader.line_num + 1
        else:
            return records
    except csv.Error:
        pass
    return refuse(
        "csv.quote",
        file,
        N_("quotes that are closed in the same cell"),
        N_("Close the quote, or double it inside of text."),
        where=f"row {begin}",
    )


def _header_faults(header: list[str], file: str) -> list[Fault]:
    faults = []
    for number, name in enumerate(header, start=1):
        if not name:
            faults.append(
                Fault(
                    "csv.header",
                    file,
                    "row 1",
                    str(number),
                    "",
                    N_("a name for every column"),
                    N_("Name or remove the column."),
                )
            )
        elif header.index(name) < number - 1:
            faults.append(
                Fault(
                    "csv.header",
                    file,
                    "row 1",
                    name,
                    name,
                    N_("each column name once"),
                    N_("Rename or remove one of them."),
                )
            )
    return faults
