"""The package of a workbook: what it may hold, how far it may expand, what its cells conceal.

XLSX and ODS are both packages, and what speaks against one speaks against the other.

References
----------
ECMA-376, Office Open XML File Formats: part 1, 18.3.1 (worksheets); part 2 (packages).
OASIS, Open Document Format 1.3, part 2 (packages).
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple, NoReturn
from xml.parsers import expat

from civicsight.io.faults import reject

ZIP: Final = b"PK\x03\x04"
OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""First bytes of the container of old workbooks, and of those locked with a password."""

XLSX: Final = "xl/workbook.xml"
ODS: Final = "content.xml"
"""The part by which each package is a workbook."""

MANIFEST: Final = "META-INF/manifest.xml"
MACROS: Final = re.compile(r".*vbaproject.*|basic/.*|scripts/.*", re.IGNORECASE)
LOCKED: Final = b"encryption-data"
"""What the manifest of a package of ODS says of a part that is locked with a password."""

MAX_EXPANDED: Final = 200 << 20
"""Bytes that all parts together may expand to."""

MAX_RATIO: Final = 100
"""How many times its packed size a large package may expand to."""

SMALL: Final = 10 << 20
"""Below this expanded size [B] the ratio does not matter."""

MAX_PARTS: Final = 2_000
"""Parts in a package."""

PIECE: Final = 1 << 20

DAMAGED: Final = (
    *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, LookupError, RuntimeError),
    ValueError,
)
"""What zipfile raises of a part that is not there, locked, or damaged; and expat of an encoding
that it does not know or does not take, such as UTF-7."""

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None] | None

_CELLS = re.compile(r"([A-Z]{1,3})([0-9]{1,7})(?::([A-Z]{1,3})([0-9]{1,7}))?")


class Merge(NamedTuple):
    """A range of merged cells: rows from 1, columns from 0."""

    label: str
    first_row: int
    last_row: int
    first_column: int
    last_column: int


class Marks(NamedTuple):
    """What a reader of values does not tell of a sheet: rows from 1, columns from 0.

    `errors` and `widths` are left empty for XLSX, whose reader tells of both: what a cell in error
    shows, and how many digits are shown of a whole number that is filled with zeros. `filters` are
    the ranges that show some of their rows; `struck` and `fills` are for XLSX alone: rows with a
    cell that is struck out, and the first fill colour of a row.
    """

    merges: list[Merge]
    hidden_rows: set[int]
    empty_formulas: list[tuple[int, str]]
    errors: dict[tuple[int, int], str]
    widths: dict[tuple[int, int], int]
    filters: list[str]
    struck: set[int]
    fills: dict[int, str]


def no_marks() -> Marks:
    """Return the marks of a sheet about which nothing is known yet."""
    return Marks([], set(), [], {}, {}, [], set(), {})


@dataclass(slots=True)
class _Marker:
    """Goes through a sheet and notes what it meets; `cell` holds what the present cell has."""

    marks: Marks
    cell: dict[str, str] = field(default_factory=dict)
    within: str = ""
    filter: str = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Meet the beginning of an element."""
        self.within = name.rpartition(":")[2]
        if self.within == "row" and attributes.get("hidden") in {"1", "true"}:
            self.marks.hidden_rows.add(int(attributes.get("r", "0")))
        elif self.within == "autoFilter":
            self.filter = attributes.get("ref", "")
        elif self.within == "filterColumn":
            self.marks.filters.append(self.filter)
        elif self.within == "mergeCell" and (merge := _merge(attributes.get("ref", ""))):
            self.marks.merges.append(merge)
        elif self.within == "c":
            self.cell = {"place": attributes.get("r", ""), "type": attributes.get("t", "")}
        elif self.within == "f":
            self.cell["formula"] = "here"

    def characters(self, text: str) -> None:
        """Meet text."""
        if self.within == "v" and text.strip():
            self.cell["value"] = "here"

    def end(self, name: str) -> None:
        """Meet the end of an element; a computed text may be empty, other values may not."""
        self.within = ""
        if name.rpartition(":")[2] != "c" or "formula" not in self.cell:
            return
        found = _CELLS.fullmatch(self.cell["place"])
        if found and "value" not in self.cell and self.cell["type"] != "str":
            self.marks.empty_formulas.append((int(found[2]), self.cell["place"]))


def open_package(path: Path, main: str = XLSX) -> zipfile.ZipFile:
    """Open a workbook after looking at its parts, before anything of it is parsed.

    Parameters
    ----------
    path
        File.
    main
        The part that makes it a workbook: `XLSX` or `ODS`.

    Raises
    ------
    InputError
        If it is of another kind, locked, damaged, holds macros, expands beyond reason, or a part
        of it declares a document type, which entities come from.
    """
    try:
        package = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        refuse_damaged(path.name, str(error)[:100])
    try:
        if any(part.header_offset < 0 for part in package.infolist()):
            refuse_damaged(path.name, "a part before the beginning")
        _require_harmless(package, path, main)
    except BaseException:
        package.close()
        raise
    return package


def refuse_damaged(file: str, found: str, field: str = "") -> NoReturn:
    """Refuse a workbook that is not whole."""
    reject("file.damaged:workbook", file, field=field, found=found[:100])


def refuse_macros(file: str, found: str) -> NoReturn:
    """Refuse a workbook that holds macros."""
    reject("workbook.macros", file, found=found)


def refuse_kind(file: str, found: str) -> NoReturn:
    """Refuse a workbook of a kind that is not read."""
    reject("workbook.kind", file, found=found)


def _require_harmless(package: zipfile.ZipFile, path: Path, main: str) -> None:
    parts = package.infolist()
    names = {part.filename.lower() for part in parts}
    expanded = sum(part.file_size for part in parts)
    packed = max(path.stat().st_size, 1)
    if (
        expanded > MAX_EXPANDED
        or len(parts) > MAX_PARTS
        or (expanded > SMALL and expanded > MAX_RATIO * packed)
    ):
        reject(
            "workbook.expands",
            path.name,
            found=f"{packed} -> {expanded} bytes",
            limit=MAX_EXPANDED >> 20,
            ratio=MAX_RATIO,
        )
    if _is_locked(package):
        refuse_kind(path.name, "password")
    for part in parts:
        if MACROS.fullmatch(part.filename):
            refuse_macros(path.name, PurePosixPath(part.filename).name[:100])
    if "xl/workbook.bin" in names:
        refuse_kind(path.name, "XLSB")
    if main not in names or any(part.flag_bits & 1 for part in parts):
        refuse_kind(path.name, "ZIP")
    for part in parts:
        if part.filename.lower().endswith((".xml", ".rels")):
            _require_plain(package, part, path.name)


def _is_locked(package: zipfile.ZipFile) -> bool:
    """Tell whether the manifest speaks of a password; a damaged one is found later."""
    try:
        return LOCKED in package.read(MANIFEST)
    except DAMAGED:
        return False


def _require_plain(package: zipfile.ZipFile, part: zipfile.ZipInfo, file: str) -> None:
    """Refuse a part with a document type; it can only stand before the first element."""
    seen: list[str] = []
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = lambda *_: seen.append("DOCTYPE")
    parser.StartElementHandler = lambda *_: seen.append("element")
    try:
        with package.open(part) as stream:
            while not seen and (piece := stream.read(1 << 14)):
                parser.Parse(piece, False)  # noqa: FBT003 - "is this the last piece"
    except (expat.ExpatError, *DAMAGED):
        if "DOCTYPE" not in seen:
            refuse_damaged(file, part.filename)
    if "DOCTYPE" in seen:
        reject("xml.doctype:workbook", file, field=part.filename[:100], found="<!DOCTYPE")


def read_marks(package: zipfile.ZipFile, file: str, sheet: str) -> Marks:
    """Read merged cells, hidden rows and formulas without a value of one sheet.

    Raises
    ------
    InputError
        If the sheet is not to be found in the package.
    """
    marker = _Marker(no_marks())
    part = part_of(package, sheet, file)
    parse_part(package, part, marker.start, marker.end, marker.characters)
    return marker.marks


def parse_part(
    package: zipfile.ZipFile,
    name: str,
    start: Start,
    end: End = None,
    characters: End = None,
    *,
    separator: str | None = None,
) -> None:
    """Hand the elements and the text of a part to functions, names as they are written.

    Parameters
    ----------
    package, name
        A part of a package.
    start, end, characters
        What is called; each may refuse the file.
    separator
        With one, names begin with their namespace and this.

    Raises
    ------
    zipfile.BadZipFile
        If it is no well-formed XML.
    """
    parser = expat.ParserCreate(namespace_separator=separator)
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    with package.open(name) as stream:
        try:
            while piece := stream.read(PIECE):
                parser.Parse(piece, False)  # noqa: FBT003 - "is this the last piece"
        except expat.ExpatError as error:
            raise zipfile.BadZipFile(str(error)) from error


def part_of(package: zipfile.ZipFile, sheet: str, file: str) -> str:
    """Return the part of the package that holds a sheet."""
    ids: dict[str, str] = {}
    targets: dict[str, str] = {}

    def sheets(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "sheet":
            related = [value for key, value in attributes.items() if key.endswith(":id")]
            ids[attributes.get("name", "")] = related[0] if related else ""

    def relations(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    parse_part(package, "xl/workbook.xml", sheets)
    parse_part(package, "xl/_rels/workbook.xml.rels", relations)
    target = targets.get(ids.get(sheet, ""), "")
    part = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
    part = posixpath.normpath(part)
    if part not in package.namelist():
        refuse_damaged(file, sheet)
    return part


def _merge(reference: str) -> Merge | None:
    found = _CELLS.fullmatch(reference)
    if not found or not found[3]:
        return None
    return Merge(reference, int(found[2]), int(found[4]), _column(found[1]), _column(found[3]))


def _column(letters: str) -> int:
    """Return the position from 0 of a column by its letters.

    Examples
    --------
    >>> _column("A"), _column("AA")
    (0, 26)
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
