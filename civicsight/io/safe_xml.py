"""XML from strangers: no entities, no document types, bounded depth and size, any encoding named.

A file may hold several documents one after the other, as recorded answers of a platform do.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Literal, NamedTuple, NoReturn
from xml.parsers import expat

from civicsight.core.errors import N_, refuse
from civicsight.core.progress import report_progress
from civicsight.io.faults import reject
from civicsight.io.tables.text_files import decodes
from civicsight.io.vectors.files import require_size
from civicsight.model.notes import Note, noted

MAX_BYTES = 512 << 20
"""Larger files are refused; a catalogue of a hundred thousand cameras has some 200 MB."""

MAX_DEPTH = 64
"""Elements stand at most this deep in each other; city models need about 25."""

MAX_ATTRIBUTE = 20_000
"""Characters in the attributes of one element."""

PIECE = 1 << 20
"""Bytes parsed before their events are handed on."""

CHINESE = "gb18030"
"""Reads GB 2312 and GBK as well, of which it is a superset."""

ENCODINGS: Mapping[str, str] = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "gb2312": CHINESE,
    "gbk": CHINESE,
    "gb18030": CHINESE,
    "cp936": CHINESE,
    "x-gbk": CHINESE,
    "euc-cn": CHINESE,
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "windows-31j": "cp932",
    "euc-jp": "euc_jp",
    "iso-8859-1": "iso-8859-1",
    "iso-8859-15": "iso-8859-15",
    "windows-1252": "cp1252",
    "utf-16": "utf-16",
}
"""Encodings that a document may declare, and how each is read."""

NEW_LINE = b"\n"
DECLARATION = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml\s")
DECLARED = re.compile(rb"<\?xml\s[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
JUNK = (
    expat.errors.codes[expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT],
    expat.errors.codes[expat.errors.XML_ERROR_MISPLACED_XML_PI],
)
CUT_OFF = (
    expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS],
    expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN],
    expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION],
)


class Event(NamedTuple):
    """One step through a document.

    `name` is that of an element without its prefix, or the text of a text or comment; attributes
    are by name without prefix. Prefixes that nobody declared occur in real files and do no harm.
    """

    kind: Literal["start", "end", "text", "comment"]
    name: str
    line: int
    attributes: Mapping[str, str] = {}


class Source(NamedTuple):
    """The documents of a file as UTF-8, and how they were encoded."""

    data: bytes
    name: str
    encoding: str
    notes: tuple[Note, ...] = ()


def read_xml(path: Path, encoding: str | None = None) -> Source:
    """Read the documents of a file and bring them to UTF-8.

    Parameters
    ----------
    path
        One document or several, each with or without a declaration of its own.
    encoding
        Overrides the declarations. Without any, UTF-8 is tried, then GB 18030.

    Raises
    ------
    InputError
        If the file is too large, or not in the encoding that it declares.
    """
    require_size(path, MAX_BYTES, N_("Split the file."))
    raw = path.read_bytes()
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = _decoded(raw, encoding or "utf-16", path.name, 1)
        return Source(_as_utf8(text), path.name, "UTF-16")
    starts = [match.start() for match in DECLARATION.finditer(raw)]
    borders = [0, *[at for at in starts if at > 0], len(raw)]
    parts = [raw[low:high] for low, high in pairwise(borders)]
    texts, names, doubts, line = [], [], False, 1
    for part in parts:
        text, name, doubt = _part(part, encoding, path.name, line)
        texts.append(text)
        names.append(name)
        doubts = doubts or doubt
        line += part.count(NEW_LINE)
    named = ", ".join(dict.fromkeys(name for name, part in zip(names, parts, strict=True) if part))
    return Source(_as_utf8("".join(texts)), path.name, named, (_doubt(named),) if doubts else ())


def walk(source: Source) -> Iterator[Event]:
    """Go through the documents of a file from start to end.

    Raises
    ------
    InputError
        If a document is not well-formed, has a document type, stands too deep or has attributes
        that are too long.
    """
    data = memoryview(source.data)
    begin, line = 0, 1
    while True:
        events: list[Event] = []
        depth = [0]
        parser = _parser(events, depth, source.name, line)
        end = -1
        for at in range(begin, len(data) + 1, PIECE):
            last = at + PIECE > len(data)
            end = _feed(parser, data[at : at + PIECE], depth, source.name, line, last=last)
            yield from events
            events.clear()
            report_progress(min(at + PIECE, len(data)), len(data))
            if end >= 0:
                break
        if end < 0:
            return
        end += begin
        line += source.data.count(NEW_LINE, begin, end)
        begin = end


def _feed(
    parser: expat.XMLParserType,
    piece: memoryview,
    depth: list[int],
    name: str,
    line: int,
    *,
    last: bool,
) -> int:
    """Parse a piece; return where the next document begins in this one's bytes, -1 for nowhere."""
    try:
        parser.Parse(piece, last)
    except expat.ExpatError as error:
        if error.code in JUNK and depth == [-1]:
            return parser.ErrorByteIndex
        where = f"row {line + error.lineno - 1}"
        if error.code in CUT_OFF:
            remedy = N_("The file ends too early: export or download it again.")
            refuse("xml.cut_off", name, N_("XML that is complete"), remedy, where=where)
        remedy = N_(
            "Export the file again, or mend it at column %(column)s.", column=error.offset + 1
        )
        refuse("xml.malformed", name, N_("well-formed XML"), remedy, where=where)
    return -1


def _parser(
    events: list[Event], depth: list[int], name: str, first_line: int
) -> expat.XMLParserType:
    """Return a parser that notes events; `depth` becomes -1 behind the end of the document."""
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True

    def line() -> int:
        return first_line + parser.CurrentLineNumber - 1

    def start(tag: str, attributes: dict[str, str]) -> None:
        depth[0] += 1
        if depth[0] > MAX_DEPTH:
            _too_deep(name, line())
        if sum(map(len, attributes.values())) > MAX_ATTRIBUTE:
            _too_long(name, line())
        own = {_local(key): value for key, value in attributes.items()}
        events.append(Event("start", _local(tag), line(), own))

    def end(tag: str) -> None:
        depth[0] = depth[0] - 1 if depth[0] > 1 else -1
        events.append(Event("end", _local(tag), line()))

    def no_type(*_: object) -> NoReturn:
        reject("xml.doctype", name, f"row {line()}")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = lambda text: events.append(Event("text", text, line()))
    parser.CommentHandler = lambda text: events.append(Event("comment", text, line()))
    parser.StartDoctypeDeclHandler = no_type
    parser.EntityDeclHandler = no_type
    return parser


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _part(raw: bytes, encoding: str | None, source: str, line: int) -> tuple[str, str, bool]:
    """Decode one document: text, name of the encoding, and whether UTF-8 would fit as well."""
    marked = raw.startswith(codecs.BOM_UTF8)
    raw = raw.removeprefix(codecs.BOM_UTF8)
    found = DECLARED.match(raw)
    declared = encoding or (found[1].decode("ascii") if found else "")
    if marked and encoding is None:
        declared = "UTF-8"  # the mark is in the bytes themselves, whatever a template declares
    if declared:
        text = _decoded(raw, declared, source, line)
        chinese = ENCODINGS.get(declared.lower()) == CHINESE
        return (
            text,
            declared.upper(),
            encoding is None and chinese and not raw.isascii() and decodes(raw),
        )
    try:
        return raw.decode("utf-8"), "UTF-8", False
    except UnicodeDecodeError:
        return _decoded(raw, CHINESE, source, line), "GB18030", False


def _decoded(raw: bytes, encoding: str, source: str, line: int) -> str:
    codec = ENCODINGS.get(encoding.lower())
    if codec is None:
        reject(
            "xml.encoding", source, found=encoding[:40], choices=", ".join(sorted(set(ENCODINGS)))
        )
    try:
        return raw.decode(codec)
    except UnicodeDecodeError as error:
        reject(
            "xml.encoding:other",
            source,
            f"row {line + raw[: error.start].count(NEW_LINE)}",
            encoding=encoding.upper(),
        )


def _as_utf8(text: str) -> bytes:
    return text.removeprefix("\ufeff").encode("utf-8", "replace")


def _doubt(encoding: str) -> Note:
    return noted(
        "read.as",
        N_(
            "The file declares %(encoding)s, but is also valid UTF-8: if names look wrong, "
            "declare the encoding UTF-8.",
            encoding=encoding,
        ),
    )


def _too_deep(name: str, line: int) -> NoReturn:
    reject("xml.depth", name, f"row {line}", limit=MAX_DEPTH)


def _too_long(name: str, line: int) -> NoReturn:
    reject("xml.attribute", name, f"row {line}", limit=MAX_ATTRIBUTE)
