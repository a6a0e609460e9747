"""Any table of rows: separated text, a workbook or a vector layer, told apart by content."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import listed
from civicsight.io.file_formats import FORMATS, recognise, refuse_format, sniff
from civicsight.io.format import TABLE
from civicsight.io.secrets import KINDS, cut_secrets, is_of_codes, secret_of_cells, secret_of_header
from civicsight.io.signatures import WIDE
from civicsight.io.source_options import NOTHING, Declared
from civicsight.io.tables.corrections import corrected
from civicsight.io.tables.lexicon import Headers
from civicsight.io.tables.other_workbooks import read_old_workbook
from civicsight.io.tables.sheet import Sheet, known_words, read_csv, sheet_of
from civicsight.io.tables.synonyms import PLACE_HEADERS, SHAPE_HEADERS, normal, normal_word
from civicsight.io.tables.workbook import read_workbook
from civicsight.io.vectors.files import require_file
from civicsight.io.vectors.vector import read_vector
from civicsight.model.notes import noted

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

PLACE_WORDS: Final[Headers] = {**PLACE_HEADERS, **SHAPE_HEADERS}
"""Headers of coordinates and shapes, whose digits are no telephones."""

WIDEST: Final = b"\x00\x00\xfe\xff"
"""Byte order mark of UTF-32 in the order that no mark of UTF-16 begins with."""


def is_table(path: str | Path, declared: Declared = NOTHING) -> bool:
    """Tell whether a file is separated text or a workbook, by its content."""
    file = Path(path)
    kind = sniff(file)
    return kind in BOOKS or kind == "text" or (kind == "" and _is_text(file, declared))


def read_sheet(
    path: str | Path, declared: Declared = NOTHING, asked: Headers = MappingProxyType({})
) -> Sheet:
    """Read any table as rows of text; the content of the file decides how.

    Columns that hold secrets (access, telephones, persons) are not handed on, unless they have a
    meaning here or are given one, and what looks like a secret in other text is cut out; the notes
    name both.

    Parameters
    ----------
    path
        Separated text, a workbook (XLSX, XLS, ET, ODS), or a vector layer.
    declared
        Encoding, and layer or sheet, where they have to be told; and cells that were corrected.
    asked
        Headers that a reader asks for beside those that are known, as for who gave an answer.

    Raises
    ------
    InputError
        If the file is none of them, is damaged, or holds several layers and none is named.
    """
    sheet = _without_secrets(_read(require_file(path), declared), declared, asked)
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
    note = noted(
        "read.as",
        N_(
            "the file is named %(suffix)s and holds separated text: read as that",
            suffix=file.suffix,
        ),
    )
    return sheet._replace(notes=(note, *sheet.notes))


def _without_secrets(sheet: Sheet, declared: Declared, asked: Headers) -> Sheet:
    """Take out the columns that hold secrets, and cut secrets out of the text of the others.

    A header that has a meaning here, or is given one by a mapping, stays a column.
    """
    own = (word for words in asked.values() for word in words)
    known = {normal_word(word) for word in (*known_words(declared), *own)}
    said = {} if declared.mapping is None else declared.mapping.columns
    ids = {header for meaning, header in said.items() if meaning.endswith("_id")}
    places = {normal_word(word) for words in PLACE_WORDS.values() for word in words}
    columns = [name for name in sheet.header if normal(name) not in places]
    left: dict[str, Text] = {}
    cut: dict[str, dict[str, str]] = {}
    why: dict[str, set[str]] = {}
    for header in columns:
        codes = header in ids or is_of_codes(header)
        texts = {text: None for row in sheet.rows if (text := row[header])}
        if normal(header) not in known:
            kind, by = secret_of_header(header), N_("%(what)s, by its header")
            if not kind:
                kind, by = secret_of_cells(texts, codes=codes), N_("%(what)s, by its content")
            if kind:
                left[header] = Text(by.template, {"what": KINDS[kind]})
                continue
        for text in texts:
            tidy, kinds = cut_secrets(text, codes=codes)
            if kinds:
                cut.setdefault(header, {})[text] = tidy
                why.setdefault(header, set()).update(kinds)
    beside = tuple(note._replace(text=cut_secrets(note.text)[0]) for note in sheet.beside)
    if not left and not cut:
        return sheet._replace(beside=beside)
    rows = [
        {
            name: cut.get(name, {}).get(text or "", text)
            for name, text in row.items()
            if name not in left
        }
        for row in sheet.rows
    ]
    notes = []
    if left:
        told = [
            N_("%(column)s (%(why)s)", column=name, why=reason) for name, reason in left.items()
        ]
        notes.append(
            noted(
                "columns.secret",
                N_(
                    "not read and not kept, as they look like secrets: %(columns)s",
                    columns=listed(told),
                ),
                len(left),
            )
        )
    for column, masked in cut.items():
        count = sum(row[column] in masked for row in sheet.rows)
        notes.append(
            noted(
                "cells.secret",
                N_(
                    "cut out of %(count)s cells of %(column)s, as it looks like a secret: "
                    "%(kinds)s",
                    count=count,
                    column=column,
                    kinds=listed([KINDS[kind] for kind in KINDS if kind in why[column]]),
                ),
            )
        )
    kept = [name for name in sheet.header if name not in left]
    return sheet._replace(header=kept, rows=rows, beside=beside, notes=(*sheet.notes, *notes))


def _is_text(file: Path, declared: Declared) -> bool:
    with file.open("rb") as stream:
        head = stream.read(4)
    if head.startswith((*WIDE, WIDEST)):
        return True
    named = file.suffix.lower() in TEXT_NAMES
    return named and (declared.encoding is not None or not head.startswith((b"PK", b"<")))
