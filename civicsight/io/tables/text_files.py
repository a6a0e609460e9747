"""Text tables: bytes decoded by an encoding that is named, then parted into records.

The order of encodings is: byte order mark, UTF-8, UTF-16 without a mark, GB18030 (of which GBK and
GB 2312 are parts). Any other one has to be declared. GB18030 accepts almost any bytes, so text that
it yields has to look like Chinese before it is believed.

References
----------
GB 18030-2022, Information technology: Chinese coded character set.
GB/T 2312-1980: its first level, rows 16 to 55, holds the common characters by pronunciation.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final, NamedTuple, NoReturn

from civicsight.core.errors import N_, Text, refuse
from civicsight.io.faults import reject
from civicsight.model.notes import Note, noted

MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8 BOM"),
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32 LE"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32 BE"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16 LE"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16 BE"),
)
"""Byte order marks, the longer before those that they begin with."""

NOT_FOR_FILES: Final = frozenset(
    {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "utf-7"}
)
"""Codecs of Python that no table is written in."""

CHINESE: Final = frozenset({"gbk", "gb2312", "cp936", "gb18030"})
"""Names of the Chinese encodings, which are all read as the largest of them."""

SAMPLE_PAIRS: Final = 100_000
"""Two-byte characters that are looked at to judge whether a text is Chinese."""

COMMON_SHARE: Final = 0.6
"""Least share of Chinese characters that are of the common first level in Chinese text."""

LATE_SHARE: Final = 0.02
"""Least share of common characters whose sound comes after the letter r.

About four in ten do in Chinese; Korean text in CP949 read as GB18030 has none at all, because its
syllables fill the rows before.
"""

ENOUGH: Final = 12
"""Fewest common characters from which the absence of late ones means something: 0.6^12 < 0.3 %."""

SHARE_OF_NUL: Final = 0.05
"""Least share of zero bytes in UTF-16 of tables, whose separators and digits all hold one."""

DETECTED: Final = N_("text in UTF-8, UTF-16 or GB18030")
SAVE: Final = N_("Save the table as CSV UTF-8, or declare its encoding.")

_PAIR = re.compile(rb"[\x81-\xfe][0-9][\x81-\xfe][0-9]|([\x81-\xfe])([\x40-\x7e\x80-\xfe])")
_UTF8_RUN = re.compile(rb"(?:[\xe3-\xe9][\x80-\xbf]{2}){2,}")
_CONTROL = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_HIGH_RUN = re.compile("[\u00a1-\u00fe]{4,}")


class Decoded(NamedTuple):
    """Text, the name of the encoding it was in, and what a person should know about it."""

    text: str
    encoding: str
    notes: tuple[Note, ...] = ()


def decode(data: bytes, file: str, declared: str | None = None) -> Decoded:
    """Decode a file of text.

    Parameters
    ----------
    data, file
        Its bytes and its name.
    declared
        Encoding that a person declares; nothing else is then tried.

    Raises
    ------
    InputError
        If no encoding of the stated order fits, several are mixed, the text was spoilt by an
        earlier conversion, holds a NUL, or the declared encoding is unknown or does not fit.
    """
    found = _declared(data, file, declared) if declared else _detected(data, file)
    text = found.text.removeprefix("\ufeff")
    _refuse_nul(text, file)
    _refuse_spoilt(text, file)
    text, controls = _CONTROL.subn("", text)
    lost = text.count("\ufffd")
    notes = found.notes
    if controls:
        notes += (
            noted("text.lost", N_("%(count)s control characters were removed", count=controls)),
        )
    if lost:
        notes += (
            noted(
                "text.lost",
                N_("%(count)s characters were lost before this file was written", count=lost),
            ),
        )
    return Decoded(text, found.encoding, notes)


def _declared(data: bytes, file: str, name: str) -> Decoded:
    try:
        codec = codecs.lookup(name).name
        "".encode(codec)
    except (LookupError, ValueError):
        codec = ""
    if not codec or codec in NOT_FOR_FILES:
        reject("encoding.unknown", file, found=name[:100])
    codec = "gb18030" if codec in CHINESE else codec
    try:
        return Decoded(data.decode(codec), codec.upper())
    except UnicodeDecodeError as error:
        _refuse_byte(data, file, error.start, N_("text in %(encoding)s", encoding=codec.upper()))


def _detected(data: bytes, file: str) -> Decoded:
    for mark, codec, label in MARKS:
        if data.startswith(mark):
            try:
                return Decoded(data[len(mark) :].decode(codec), label)
            except UnicodeDecodeError as error:
                start = len(mark) + error.start
                _refuse_byte(data, file, start, N_("text in %(encoding)s", encoding=label))
    wide = _utf16(data)
    if wide is not None:
        return wide
    try:
        return Decoded(data.decode("utf-8"), "UTF-8")
    except UnicodeDecodeError as error:
        first_bad = error.start
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        text = ""
    _refuse_mixed(data, file, first_bad)
    if not text:
        _refuse_byte(data, file, first_bad, DETECTED)
    _refuse_unlikely(data, file)
    return Decoded(text, "GB18030")


def _utf16(data: bytes) -> Decoded | None:
    """Return the text of UTF-16 without a mark, if the zero bytes of its separators show it."""
    if len(data) % 2 or data.count(0) < SHARE_OF_NUL * len(data) or not data:
        return None
    even, odd = data[0::2].count(0), data[1::2].count(0)
    codec, label = ("utf-16-le", "UTF-16 LE") if odd > even else ("utf-16-be", "UTF-16 BE")
    if min(even, odd) > max(even, odd) / 10:
        return None
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        return None
    return None if "\x00" in text or "\n" not in text.replace("\r", "\n") else Decoded(text, label)


def _refuse_byte(
    data: bytes, file: str, start: int, expected: Text, remedy: Text = SAVE
) -> NoReturn:
    found = f"0x{data[start]:02x} @ {start}" if start < len(data) else ""
    where = f"row {data.count(bytes([10]), 0, start) + 1}"
    refuse("csv.encoding", file, expected, remedy, found=found, where=where)


def _refuse_mixed(data: bytes, file: str, first_bad: int) -> None:
    """Refuse a file whose lines are partly in UTF-8 and partly in GBK, naming the odd line.

    Parts are told by lines that hold several Chinese characters in UTF-8, which GBK hardly ever
    produces, beside lines that UTF-8 cannot be.
    """
    if not _UTF8_RUN.search(data):
        return
    good: list[tuple[int, int]] = []
    bad: list[tuple[int, int]] = []
    start = 0
    for number, line in enumerate(data.split(b"\n"), start=1):
        high = re.search(rb"[\x80-\xff]", line)
        if high:
            run = _UTF8_RUN.search(line)
            if not decodes(line):
                bad.append((number, start + high.start()))
            elif run:
                good.append((number, start + run.start()))
        start += len(line) + 1
    if not good or not bad:
        return
    line_number, position = bad[0] if len(good) >= len(bad) else good[0]
    position = first_bad if len(good) >= len(bad) else position
    reject(
        "csv.mixed_encodings",
        file,
        f"row {line_number}",
        found=f"0x{data[position]:02x} @ {position}",
    )


def decodes(data: bytes, codec: str = "utf-8") -> bool:
    """Tell whether bytes are text in an encoding."""
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _refuse_unlikely(data: bytes, file: str) -> None:
    """Refuse what decodes as GB18030 and yet is no Chinese: Korean, Greek, Central European ..."""
    early, late, rare = _frequencies(data)
    common = early + late
    if rare + common == 0:
        return
    foreign = common < COMMON_SHARE * (common + rare)
    korean = common >= ENOUGH and late < LATE_SHARE * common
    if not foreign and not korean:
        return
    first = re.search(rb"[\x80-\xff]", data)
    remedy = N_("Save the table as CSV UTF-8, or declare its encoding, such as cp949 or cp1250.")
    _refuse_byte(data, file, first.start() if first else 0, DETECTED, remedy)


def _frequencies(data: bytes) -> tuple[int, int, int]:
    """Count common characters before and after the letter r, and the others, in a sample."""
    early = late = rare = 0
    for number, pair in enumerate(_PAIR.finditer(data)):
        if number >= SAMPLE_PAIRS:
            break
        if pair[1] is None:
            continue
        lead, trail = pair[1][0], pair[2][0]
        if trail >= 0xA1 and lead <= 0xA9 and lead >= 0xA1:
            continue  # punctuation and full-width letters
        if trail >= 0xA1 and 0xB0 <= lead <= 0xC8:
            early += 1
        elif trail >= 0xA1 and 0xC9 <= lead <= 0xD7:
            late += 1
        else:
            rare += 1
    return early, late, rare


def _refuse_nul(text: str, file: str) -> None:
    if "\x00" not in text:
        return
    reject("csv.nul", file, f"row {text.count(chr(10), 0, text.index(chr(0))) + 1}", found="NUL")


def _refuse_spoilt(text: str, file: str) -> None:
    """Refuse Chinese that somebody read as Latin letters and saved like that."""
    for run in _HIGH_RUN.finditer(text):
        data = run[0].encode("latin-1")
        try:
            data.decode("gb18030")
        except UnicodeDecodeError:
            continue
        early, late, rare = _frequencies(data)
        if len(data) % 2 == 0 and not rare and early + late >= len(data) // 2:
            reject(
                "csv.mojibake",
                file,
                f"row {text.count(chr(10), 0, run.start()) + 1}",
                found=run[0][:40],
            )


SEPARATORS: Final = (",", ";", "\t", "|")
"""Separators that are tried; the one under which most headers are known is taken."""

MAX_CELL: Final = 100_000
"""Characters in one cell; a longer one is an opened quote that nobody closed."""

MAX_LINE: Final = 4_000_000
"""Characters in one line; no row of an inventory comes near."""

MAX_ROWS: Final = 1_000_000
"""Lines in one table; more are refused before any of them is looked at."""

MAX_COLUMNS: Final = 2_000
"""Filled columns of one table or layer; the widest lists of offices have some hundreds."""

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
        reject("csv.too_many", file, found=str(lines), limit=MAX_ROWS)
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
            if len(cells) > MAX_COLUMNS:  # programs write empty cells to the end of a sheet
                refuse_width(sum(bool(cell.strip()) for cell in cells), file, f"row {begin}")
            if cells_read > MAX_CELLS:
                refuse_size(file, f"row {begin}")
            if cells:
                records.append((begin, cells))
            begin = reader.line_num + 1
    except csv.Error:
        _refuse_quote(file, begin)
    return records


def find_separator(text: str, known: Callable[[list[str]], int]) -> str:
    """Return the separator under which most headers are known, or else most cells are filled."""
    short_lines = (line[:MAX_CELL] for line in io.StringIO(text[: HEAD * MAX_CELL], newline=""))
    head = "".join(islice(short_lines, HEAD))

    def merit(separator: str) -> tuple[int, int]:
        try:
            records = list(csv.reader(io.StringIO(head, newline=""), delimiter=separator))
        except csv.Error:
            return (0, 0)
        filled = [sum(bool(cell.strip()) for cell in cells) for cells in records]
        return max(map(known, records), default=0), sum(max(count - 1, 0) for count in filled)

    return max(SEPARATORS, key=merit)


def _lines(text: str, file: str) -> Iterator[str]:
    """Iterate over lines, whichever way each of them ends."""
    for number, line in enumerate(io.StringIO(text, newline=""), start=1):
        if len(line) > MAX_LINE:
            where = f"row {number}"
            reject("csv.long_line", file, where, found=f"{len(line)}", limit=MAX_LINE)
        yield line


def _refuse_quote(file: str, line: int) -> None:
    reject("csv.quote", file, f"row {line}")


def refuse_size(file: str, where: str) -> None:
    """Refuse a sheet with more cells than a table may have."""
    reject("csv.too_many:cells", file, where, limit=MAX_CELLS)


def refuse_width(columns: int, file: str, where: str = "") -> None:
    """Refuse a table with more filled columns than a table may have.

    Raises
    ------
    InputError
        ``csv.too_wide``, if there are more than `MAX_COLUMNS`.
    """
    if columns > MAX_COLUMNS:
        reject("csv.too_wide", file, where, found=str(columns), limit=MAX_COLUMNS)
