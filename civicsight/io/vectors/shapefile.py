"""Shapefiles: what has to lie beside the .shp, and the encoding of its text.

A .dbf names its encoding in a .cpg file beside it or in one byte of its head; Chinese sources often
do neither, and readers then take GBK for Latin without a word. Here all text of the table decides,
in a stated order: what a person declares, the .cpg, the byte, UTF-8, GB18030.

References
----------
ESRI, "ESRI Shapefile Technical Description" (1998), for .shp and .shx; the dBASE table file format
for the head of the .dbf: count of records at byte 4, length of head and record at 8 and 10,
language driver at 29, and 32 bytes for each field.
"""

from __future__ import annotations

import codecs
import glob
import struct
from pathlib import Path
from typing import NamedTuple, NoReturn

from civicsight.core.errors import N_, InputError, Text, refuse
from civicsight.io.faults import fault, reject
from civicsight.model.notes import Note, noted

MEMBERS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
SHX_HEAD, SHX_RECORD = 100, 8
DBF_HEAD, DBF_FIELD, DBF_END, STRUCK = 32, 32, 0x0D, b"*"

LANGUAGE_DRIVERS = {
    0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x08: "cp865", 0x13: "cp932", 0x26: "cp866",
    0x4D: "gb18030", 0x4E: "cp949", 0x4F: "cp950", 0x50: "cp874", 0x58: "cp1252", 0x59: "cp1252",
    0x64: "cp852", 0x65: "cp866", 0x66: "cp865", 0x78: "cp950", 0x79: "cp949", 0x7A: "gb18030",
    0x7B: "cp932", 0x7C: "cp874", 0x7D: "cp1255", 0x7E: "cp1256", 0xC8: "cp1250", 0xC9: "cp1251",
    0xCA: "cp1254", 0xCB: "cp1253", 0xCC: "cp1257",
}  # fmt: skip
"""Encoding by the language driver byte.

0x57 stands for "ANSI", whatever that was on the machine that wrote the file (GBK on a Chinese
one), so it says nothing.
"""

GB_NAMES = frozenset({"gbk", "gb2312", "cp936", "936", "euccn", "hz", "ansi936", "gb18030"})
"""Names of subsets of GB18030; decoded as the whole, which loses nothing."""

CODE_PAGES = {"65001": "utf-8", "utf8": "utf-8", "big5": "cp950", "88591": "latin-1"}

WESTERN = frozenset({"iso8859-1", "latin-1", "cp1252"})
"""Codecs that take nearly any bytes for letters."""

COMMON_SHARE = 0.9
"""Least share of GB 2312 among the double bytes of text that is taken for GB18030.

Chinese names hardly use anything else, while accented letters before plain ones (as in
``Müller``) decode as rare characters outside of it.
"""


class Table(NamedTuple):
    """What the head of a .dbf says, and all its text as bytes.

    `full` holds the values that fill their field to its end, where a character may be cut; `struck`
    counts the records that are marked as deleted.
    """

    records: int
    names: list[bytes]
    text: bytes
    full: list[bytes]
    driver: int
    struck: int


class Encoding(NamedTuple):
    """Encoding of the text of a Shapefile, and the sentence on how it was found."""

    name: str
    note: Note


def members_of(file: Path) -> dict[str, Path]:
    """Return the files of a Shapefile by suffix; the case of their suffixes does not matter."""
    beside = sorted(file.parent.glob(f"{glob.escape(file.stem)}.*"))
    found = {other.suffix.lower(): other for other in beside if other.suffix.lower() in MEMBERS}
    return {**found, ".shp": file}


def require_members(file: Path, members: dict[str, Path]) -> None:
    """Refuse a Shapefile that lost its index or its attributes, which GDAL reads without a word.

    Raises
    ------
    InputError
        If one is missing, or they count different numbers of features.
    """
    missing = sorted({".shx", ".dbf"} - set(members))
    if missing:
        reject("shapefile.incomplete", file.name, names=", ".join(missing))


def refuse_orphan(file: Path) -> None:
    """Refuse a companion of a Shapefile whose .shp is not there; other files are left alone.

    Raises
    ------
    InputError
        If there is no .shp, or there is one and it was not given.
    """
    if file.suffix.lower() not in {".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx"}:
        return
    shapes = file.with_suffix(".shp")
    refuse(
        "shapefile.incomplete",
        file.name,
        N_("the file %(name)s, which holds the shapes", name=shapes.name),
        N_("Give the .shp file.") if shapes.exists() else N_("Copy all files of the Shapefile."),
    )


def read_table(file: Path) -> Table:
    """Read head and text of a .dbf; numbers and dates are passed over.

    Raises
    ------
    InputError
        If it is cut off, two fields share a name, or the fields reach out of their row: GDAL reads
        the shapes then, and leaves out all attributes without a word.
    """
    data = file.read_bytes()
    try:
        records, head, length = struct.unpack_from("<IHH", data, 4)
        fields = [
            data[at : at + DBF_FIELD]
            for at in range(DBF_HEAD, head - 1, DBF_FIELD)
            if data[at] != DBF_END
        ]
        driver = data[29]
    except (struct.error, IndexError):
        return _refuse_cut(file)
    if len(data) < head + records * length or not fields:
        return _refuse_cut(file)
    wide = 1 + sum(field[16] for field in fields)  # a row begins with its mark of deletion
    if wide > length:
        return _refuse_cut(file, f"{wide} > {length} bytes")
    names = [field[:11].split(b"\x00", 1)[0] for field in fields]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(
            [
                fault(
                    "shapefile.field_twice",
                    file.name,
                    field=name.decode("utf-8", "backslashreplace"),
                    found=name.decode("utf-8", "backslashreplace"),
                )
                for name in twice
            ]
        )
    pieces: list[bytes] = list(names)
    full: list[bytes] = []
    spans, at = [], 1  # where text stands in a record, after the mark of deletion
    for field in fields:
        if field[11:12] == b"C":
            spans.append((at, at + field[16]))
        at += field[16]
    for row in range(head, head + records * length, length):
        for start, end in spans:
            value = data[row + start : row + end].rstrip(b" \x00")
            (full if len(value) == end - start else pieces).append(value)
    struck = data[head : head + records * length : length].count(STRUCK)
    return Table(records, names, b"\n".join(pieces), full, driver, struck)


def _refuse_cut(file: Path, found: str = "") -> Table:
    return reject("file.damaged", file.name, found=found, driver="dBASE")


def require_counts(members: dict[str, Path], table: Table) -> None:
    """Refuse a Shapefile whose index and attributes count different numbers of features.

    Raises
    ------
    InputError
        With both numbers: the attributes would belong to the wrong shapes.
    """
    shapes = max(members[".shx"].stat().st_size - SHX_HEAD, 0) // SHX_RECORD
    if shapes != table.records:
        reject("shapefile.counts", members[".dbf"].name, found=str(table.records), count=shapes)


def find_encoding(
    table: Table, members: dict[str, Path], declared: str | None, source: str
) -> Encoding:
    """Find the encoding of all text: declared, .cpg, language driver, UTF-8, GB18030.

    Raises
    ------
    InputError
        If the text contradicts what is declared, or none of them decodes all of it.
    """
    if declared is not None:
        note = noted("read.as", N_("text encoding as declared: %(name)s", name=declared))
        return _stated(table, declared, note, source, "encoding")
    named = _page_named(members.get(".cpg"))
    if named:
        note = noted("read.as", N_("text encoding from the .cpg file: %(name)s", name=named))
        return _stated(table, named, note, source, ".cpg")
    driver = LANGUAGE_DRIVERS.get(table.driver)
    if driver:
        note = noted(
            "read.as",
            N_("text encoding from the head of the .dbf file: %(name)s", name=shown(driver)),
        )
        return _stated(table, driver, note, source, f"LDID 0x{table.driver:02X}")
    for name in ("utf-8", "gb18030"):
        if _fits(table, name):
            note = noted(
                "read.as",
                N_(
                    "the Shapefile names no text encoding; all its text reads as %(name)s. "
                    "Declare the encoding if names look wrong.",
                    name=shown(name),
                ),
            )
            return Encoding(name, note)
    return refuse_encoding(source, N_("text in UTF-8 or GB18030"), "", "")


def _page_named(file: Path | None) -> str:
    """Return what a .cpg file says, empty where it says nothing of use."""
    if file is None:
        return ""
    words = file.read_bytes()[:64].removeprefix(codecs.BOM_UTF8).decode("ascii", "replace").strip()
    plain = words.lower()
    if plain.startswith("ldid/") and plain[5:].isdigit():
        return LANGUAGE_DRIVERS.get(int(plain[5:]), "")
    return words


def codec_of(name: str) -> str | None:
    """Return the codec for the name of an encoding as people and programs write it, or None."""
    plain = "".join(c for c in name.lower() if c.isalnum())
    if plain in GB_NAMES or plain.removeprefix("cp") in GB_NAMES:
        return "gb18030"
    guesses = (CODE_PAGES.get(plain), name, f"cp{plain.removeprefix('ansi').removeprefix('cp')}")
    for guess in guesses:
        try:
            if guess and codecs.lookup(guess)._is_text_encoding:  # noqa: SLF001 - the only mark
                return codecs.lookup(guess).name
        except (LookupError, ValueError):  # ValueError: NUL inside of the name
            continue
    return None


def _stated(table: Table, name: str, note: Note, source: str, field: str) -> Encoding:
    """Hold a stated encoding to the text."""
    codec = codec_of(name)
    if codec is None:
        return refuse_encoding(source, N_("the name of an encoding, such as GBK"), name, field)
    if not _decodes(table, codec) or _is_disguised(table, codec):
        return refuse_encoding(source, N_("text in %(name)s", name=shown(codec)), "", field)
    return Encoding(codec, note)


def refuse_encoding(source: str, expected: Text, found: str, field: str) -> NoReturn:
    """Refuse text that is in another encoding than was stated, or in none that is known.

    Raises
    ------
    InputError
        Always.
    """
    refuse(
        "shapefile.encoding",
        source,
        expected,
        N_("Declare the encoding, for instance --encoding gbk."),
        found=found,
        field=field,
    )


def decode_value(value: bytes, codec: str) -> str:
    """Decode one value without the half of a character that its field had no room for."""
    return codecs.getincrementaldecoder(codec)().decode(value, final=False)


def _decodes(table: Table, codec: str) -> bool:
    try:
        table.text.decode(codec)
        for value in table.full:
            decode_value(value, codec)
    except UnicodeDecodeError:
        return False
    return True


def _all_text(table: Table, codec: str) -> str:
    return table.text.decode(codec) + "".join(decode_value(value, codec) for value in table.full)


def _fits(table: Table, codec: str) -> bool:
    """Tell whether text reads as an encoding, and as what people write in it."""
    if not _decodes(table, codec):
        return False
    return codec == "utf-8" or common_share(_all_text(table, codec)) >= COMMON_SHARE


def common_share(text: str) -> float:
    """Return the share of GB 2312 among the characters beyond ASCII [0-1], 1 without any."""
    wide = [char for char in text if ord(char) > 0x7F]
    if not wide:
        return 1.0
    return sum(_is_common(char) for char in wide) / len(wide)


def _is_common(char: str) -> bool:
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _is_disguised(table: Table, codec: str) -> bool:
    """Tell whether text called Western, which decodes any bytes, is really UTF-8 or Chinese.

    Programs write ``ISO-8859-1`` when nobody chose an encoding. Accented letters stand between
    plain ones; bytes that all come in pairs of Chinese characters, or as UTF-8, do not.
    """
    plain = table.text.isascii() and all(value.isascii() for value in table.full)
    if codec not in WESTERN or plain:
        return False
    if _decodes(table, "utf-8"):
        return True
    if not _decodes(table, "gb18030"):
        return False
    text = _all_text(table, "gb18030")
    wide = [char for char in text if ord(char) > 0x7F]
    high = sum(byte > 0x7F for value in (table.text, *table.full) for byte in value)
    return common_share(text) == 1.0 and 2 * len(wide) >= high - len(table.full)


def shown(codec: str) -> str:
    """Return the name of a codec as people write it."""
    return {"utf-8": "UTF-8", "gb18030": "GB18030"}.get(codec, codec)
