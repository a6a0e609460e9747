"""Any table of rows: separated text, a workbook or a vector layer, told apart by content."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from civicsight.core.errors import N_, Text
from civicsight.io.file_formats import FORMATS, TABLE, recognise, refuse_format, sniff
from civicsight.io.signatures import WIDE
from civicsight.io.source_options import NOTHING, Declared
from civicsight.io.tables.corrections import corrected
from civicsight.io.tables.other_workbooks import read_old_workbook
from civicsight.io.tables.sheet import Sheet, known_words, read_csv, sheet_of
from civicsight.io.tables.synonyms import normal, normal_word
from civicsight.io.tables.words import is_access
from civicsight.io.tables.workbook import read_workbook
from civicsight.io.vectors.files import require_file
from civicsight.io.vectors.vector import read_vector

BOOKS: Final[Mapping[str, Callable[[Path, Declared], Sheet]]] = {
    "XLSX": read_workbook,
    "XLS": read_old_workbook,
    "ODS": read_old_workbook,
}
"""Reader of each format of workbooks."""

TEXT_NAMES: Final = frozenset(FORMATS[-1].endings)
"""Names of files that are read as text even where their first bytes do not look like it."""

BOOK_NAMES: Final = (
    frozenset(end for entry in FORMATS if TABLE in entry.holds for end in entry.endings)
    - TEXT_NAMES
)
"""Names of workbooks; platforms give them to text as well."""

WIDEST: Final = b"\x00\x00\xfe\xff"
"""Byte order mark of UTF-32 in the order that no mark of UTF-16 begins with."""


def is_table(path: str | Path, declared: Declared = NOTHING) -> bool:
    """Tell whether a file is separated text or a workbook, by its content."""
    file = Path(path)
    kind = sniff(file)
    return kind in BOOKS or kind == "text" or (kind == "" and _is_text(file, declared))


def read_sheet(path: str | Path, declared: Declared = NOTHING) -> Sheet:
    """Read any table as rows of text; the content of the file decides how.

    Columns over network addresses, access and telephones are not handed on, unless they have a
    meaning here or are given one; the notes name them.

    Parameters
    ----------
    path
        Separated text, a workbook (XLSX, XLS, ET, ODS), or a vector layer.
    declared
        Encoding, and layer or sheet, where they have to be told; and cells that were corrected.

    Raises
    ------
    InputError
        If the file is none of them, is damaged, or holds several layers and none is named.
    """
    sheet = _without_access(_read(require_file(path), declared), declared)
    return corrected(sheet, declared.corrections)


def _read(file: Path, declared: Declared) -> Sheet:
    read = BOOKS.get(sniff(file))
    if read is not None:
        return read(file, declared)
    if is_table(file, declared):
        return _named(read_csv(file, declared), file)
    found = recognise(file)
    if found is None or not found.is_layer:
        expected = N_("a CSV table, a workbook (XLSX, XLS, ET, ODS) or a vector layer")
        refuse_format(file, expected, N_("Save the table as CSV UTF-8."))
    return sheet_of(read_vector(file, declared=declared), file.name)


def _named(sheet: Sheet, file: Path) -> Sheet:
    """Say of text that is named like a workbook what it was read as."""
    if file.suffix.lower() not in BOOK_NAMES:
        return sheet
    note: Text = N_(
        "the file is named %(suffix)s and holds separated text: read as that", suffix=file.suffix
    )
    return sheet._replace(notes=(note, *sheet.notes))


def _without_access(sheet: Sheet, declared: Declared) -> Sheet:
    """Take out the columns whose content must not come in, as of a catalogue."""
    known = {normal_word(word) for word in known_words(declared)}
    names = [normal(name) for name in sheet.header]
    left = [
        header
        for header, name in zip(sheet.header, names, strict=True)
        if name not in known and is_access(name)
    ]
    if not left:
        return sheet
    note = N_(
        "columns never read, for network addresses, access or telephones: %(columns)s",
        columns=", ".join(left),
    )
    return sheet._replace(
        header=[name for name in sheet.header if name not in left],
        rows=[{name: row[name] for name in row if name not in left} for row in sheet.rows],
        notes=(*sheet.notes, note),
    )


def _is_text(file: Path, declared: Declared) -> bool:
    with file.open("rb") as stream:
        head = stream.read(4)
    if head.startswith((*WIDE, WIDEST)):
        return True
    named = file.suffix.lower() in TEXT_NAMES
    return named and (declared.encoding is not None or not head.startswith((b"PK", b"<")))
