"""XML that expands, points elsewhere, nests or never ends, in each format that is made of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.spoilt.attacks.packages import members_of, pack
from tests.spoilt.attacks.whole import content_of
from tests.spoilt.case import ADDRESS, Case, Make, foreign

DEEP: Final = 100_000
WIDE: Final = 100_000
LONG: Final = 10 << 20
DECLARATION: Final = re.compile(rb"^\s*<\?xml[^>]*\?>\s*")
ROOT: Final = re.compile(rb"<[A-Za-z_][^>]*>", re.DOTALL)

Change = Callable[[bytes], bytes]


def typed(declarations: str, used: str = "") -> Change:
    """Return a change that declares entities, and uses one in the first text."""

    def change(text: bytes) -> bytes:
        body = DECLARATION.sub(b"", text)
        root = ROOT.match(body)
        assert root is not None
        name = re.split(rb"[\s>/]", root[0][1:])[0]
        head = b'<?xml version="1.0"?><!DOCTYPE ' + name + b" [" + declarations.encode() + b"]>"
        return head + body[: root.end()] + used.encode() + body[root.end() :]

    return change


def inside(more: bytes) -> Change:
    """Return a change that puts something behind the opening of the first element."""

    def change(text: bytes) -> bytes:
        body = DECLARATION.sub(b"", text)
        root = ROOT.match(body)
        assert root is not None
        return body[: root.end()] + more + body[root.end() :]

    return change


def attributes(more: bytes) -> Change:
    """Return a change that gives the first element more attributes."""

    def change(text: bytes) -> bytes:
        body = DECLARATION.sub(b"", text)
        root = ROOT.match(body)
        assert root is not None
        at = root.end() - 1 - root[0].endswith(b"/>")
        return body[:at] + b" " + more + body[at:]

    return change


def declared(encoding: str) -> Change:
    head = f'<?xml version="1.0" encoding="{encoding}"?>'.encode()
    return lambda text: head + DECLARATION.sub(b"", text)


LAUGHS: Final = '<!ENTITY e0 "ha">' + "".join(
    f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12)
)
CHANGES: Final[dict[str, Change]] = {
    "entities that multiply": typed(LAUGHS, "&e11;"),
    "one long entity many times": typed(f'<!ENTITY a "{"a" * 50_000}">', "&a;" * 20_000),
    "an entity of itself": typed('<!ENTITY a "&b;"><!ENTITY b "&a;">', "&a;"),
    "an entity in another file": typed('<!ENTITY a SYSTEM "file://SECRET">', "&a;"),
    "an entity at an address": typed(f'<!ENTITY a SYSTEM "{ADDRESS}">', "&a;"),
    "a parameter entity at an address": typed(f'<!ENTITY % a SYSTEM "{ADDRESS}">%a;'),
    "a document type at an address": lambda text: (
        f'<!DOCTYPE a SYSTEM "{ADDRESS}">'.encode() + DECLARATION.sub(b"", text)
    ),
    "XInclude of another file": inside(
        b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file://SECRET"/>'
    ),
    "a schema at an address": attributes(
        b'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://a '
        + ADDRESS.encode()
        + b'"'
    ),
    "a style sheet at an address": lambda text: (
        f'<?xml-stylesheet type="text/xsl" href="{ADDRESS}"?>'.encode() + DECLARATION.sub(b"", text)
    ),
    "100,000 elements deep": inside(b"<a>" * DEEP),
    "100,000 elements deep and closed": inside(b"<a>" * DEEP + b"</a>" * DEEP),
    "100,000 attributes": attributes(b" ".join(b'a%d="1"' % n for n in range(WIDE))),
    "an attribute of ten megabytes": attributes(b'a="' + b"x" * LONG + b'"'),
    "one attribute twice": attributes(b'zz="1" zz="2"'),
    "10,000 name spaces": attributes(
        b" ".join(b'xmlns:n%d="u:%d"' % (n, n) for n in range(10_000))
    ),
    "a text of ten megabytes": inside(b"x" * LONG),
    "a name of a megabyte": inside(b"<" + b"n" * (1 << 20) + b"/>"),
    "a remark without end": inside(b"<!--" + b"-" * 100_000),
    "text without end": inside(b"<![CDATA[" + b"]" * 100_000),
    "500,000 remarks": inside(b"<!---->" * 500_000),
    "a NUL in the text": inside(b"\0"),
    "a sign that XML forbids": inside(b"&#0;&#xFFFE;&#x110000;"),
    "UTF-7": declared("UTF-7"),
    "an encoding that nobody knows": declared("x-" + "none" * 2_000),
    "UTF-16 that is none": declared("UTF-16"),
    "UTF-32": lambda text: DECLARATION.sub(b"", text).decode("utf-8", "replace").encode("utf-32"),
    "XML 1.1": lambda text: b'<?xml version="1.1"?>' + inside(b"&#1;")(text),
    "two documents in one": lambda text: text + DECLARATION.sub(b"", text),
}
"""What is done to a text of XML."""

VESSELS: Final = {
    "KML": ("houses.kml", "buildings", ""),
    "GML": ("houses.gml", "buildings", ""),
    "GPX": ("points.gpx", "cameras", ""),
    "CityGML": ("model.gml", "buildings", ""),
    "catalogue": ("catalogue.xml", "catalogue", ""),
    "OSM": ("map.osm", "city", ""),
    "KMZ": ("houses.kmz", "buildings", "doc.kml"),
    "XLSX": ("book.xlsx", "cameras", "xl/worksheets/sheet1.xml"),
    "ODS": ("book.ods", "cameras", "content.xml"),
}
"""Sound file, reader, and the member of it that is XML."""

FEW: Final = {"KMZ": slice(0, None, 3), "OSM": slice(0, None, 2), "GML": slice(0, None, 2)}
"""Of formats that share a reader with another one, or take long, which changes are tried."""


def _made(name: str, member: str, change: Change) -> Make:
    def make(folder: Path) -> Path:
        secret = str(foreign(folder)).encode()
        if member:
            parts = members_of(name)
            content = pack(parts | {member: change(parts[member]).replace(b"SECRET", secret)})
        else:
            text = content_of(name)
            if name == "catalogue.xml":
                text = DECLARATION.sub(b"", text).decode("gb18030").encode()
            content = change(text).replace(b"SECRET", secret)
        (folder / name).write_bytes(content)
        return folder / name

    return make


CASES: Final = tuple(
    Case(vessel, f"XML, {way}", reader, _made(name, member, CHANGES[way]))
    for vessel, (name, reader, member) in VESSELS.items()
    for way in tuple(CHANGES)[FEW.get(vessel, slice(None))]
)
