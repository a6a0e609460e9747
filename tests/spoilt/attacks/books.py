"""Workbooks: parts that lie about rows and texts, and what they would compute or fetch."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.spoilt.case import ADDRESS, Case, Make, written
from tests.workbooks import (
    HEADER,
    ROWS,
    bomb,
    make_ods,
    make_workbook,
    ods_row,
    ods_table,
    part,
    repack,
)

SHEET: Final = "xl/worksheets/sheet1.xml"
BOOK: Final = "xl/workbook.xml"
RELATIONS: Final = "xl/_rels/workbook.xml.rels"
STRINGS: Final = "xl/sharedStrings.xml"
STYLES: Final = "xl/styles.xml"
TYPES: Final = "[Content_Types].xml"
NAME: Final = "book.xlsx"
MILLION: Final = 1_000_000

Change = Callable[[bytes], bytes | None]


def changed(member: str, change: Change, name: str = NAME) -> Make:
    """Return a maker of a workbook one of whose parts is changed, or taken away."""

    def make(folder: Path) -> Path:
        path = make_workbook(folder / name)
        return repack(path, {member: change(part(path, member))})

    return make


def swapped(member: str, old: bytes, new: bytes) -> Make:
    def change(content: bytes) -> bytes:
        assert old in content, (member, content[:800])
        return content.replace(old, new, 1)

    return changed(member, change)


def added(member: str, content: bytes) -> Make:
    return lambda folder: repack(make_workbook(folder / NAME), {member: content})


def rows(more: bytes) -> Make:
    """Return a maker of a workbook with more rows, written as they are."""
    return swapped(SHEET, b"</sheetData>", more + b"</sheetData>")


def cells(*values: object) -> Make:
    """Return a maker of a workbook whose third camera has these values."""
    return lambda folder: make_workbook(folder / NAME, (HEADER, *ROWS, values))


def wide(folder: Path) -> Path:
    """Write a workbook of 16,384 columns."""
    return make_workbook(folder / NAME, (tuple(f"n{n}" for n in range(16_384)), (1,) * 16_384))


def inline(reference: str, text: str = "x") -> bytes:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'.encode()


def strings(text: bytes, count: int) -> Make:
    """Return a maker of a workbook in which a million cells show one long text."""
    body = b'<row r="%d"><c r="A%d" t="s"><v>0</v></c><c r="B%d" t="s"><v>0</v></c></row>'
    more = b"".join(body % (n, n, n) for n in range(5, count))
    shared = (
        b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>'
        + text + b"</t></si></sst>"
    )  # fmt: skip

    def make(folder: Path) -> Path:
        path = make_workbook(folder / NAME)
        sheet = part(path, SHEET).replace(b"</sheetData>", more + b"</sheetData>")
        return repack(path, {SHEET: sheet, STRINGS: shared})

    return make


XLSX: Final[dict[str, Make]] = {
    "a sheet that expands": lambda folder: bomb(folder / NAME, 400),
    "a text of ten megabytes, 10,000 times": strings(b"x" * (10 << 20), 10_000),
    "a text that is not there": rows(b'<row r="9"><c r="A9" t="s"><v>99999999</v></c></row>'),
    "a text before the first": rows(b'<row r="9"><c r="A9" t="s"><v>-1</v></c></row>'),
    "a sheet that is gone": changed(SHEET, lambda _: None),
    "no list of sheets": changed(BOOK, lambda _: None),
    "no relations": changed(RELATIONS, lambda _: None),
    "no types": changed(TYPES, lambda _: None),
    "a sheet outside of the package": swapped(RELATIONS, b"/xl/worksheets/sheet1.xml",
                                              b"../../../../etc/passwd"),
    "a sheet at an address": swapped(RELATIONS, b'Target="/xl/worksheets/sheet1.xml"',
                                     f'TargetMode="External" Target="{ADDRESS}"'.encode()),
    "a sheet that is the list of sheets": swapped(RELATIONS, b"/xl/worksheets/sheet1.xml",
                                                  b"/xl/workbook.xml"),
    "a link to another workbook": added(
        "xl/externalLinks/externalLink1.xml",
        f'<externalLink><externalBook r:id="{ADDRESS}"/></externalLink>'.encode()),
    "a macro": added("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0" + bytes(512)),
    "a drawing at an address": added("xl/drawings/_rels/drawing1.xml.rels", ADDRESS.encode()),
    "said to have a million rows": swapped(SHEET, b"<dimension", b'<dimension ref="A1:XFD1048576"'
                                           b" x"),
    "said to be nowhere": changed(SHEET, lambda content: content.replace(
        b'<dimension ref="', b'<dimension ref="ZZZZ0:-1', 1)),
    "a row beyond the last": rows(b'<row r="1048577">' + inline("A1048577") + b"</row>"),
    "a row beyond all numbers": rows(b'<row r="99999999999999999999">' + inline("A9") + b"</row>"),
    "a row before the first": rows(b'<row r="-5">' + inline("A9") + b"</row>"),
    "a row that is no number": rows(b'<row r="x">' + inline("A9") + b"</row>"),
    "a column beyond the last": rows(b'<row r="9">' + inline("ZZZZZZ9") + b"</row>"),
    "a place that is none": rows(b'<row r="9">' + inline("9A") + b"</row>"),
    "rows with wide gaps": rows(b"".join(
        b'<row r="%d">' % n + inline(f"XFD{n}") + b"</row>" for n in range(5, 1_048_000, 5_000))),
    "one row a hundred thousand times": rows((b'<row r="9">' + inline("A9") + b"</row>") * 100_000),
    "a number without end": rows(b'<row r="9"><c r="A9"><v>' + b"9" * MILLION + b"</v></c></row>"),
    "numbers that are none": rows(b'<row r="9"><c r="C9"><v>1e999</v></c><c r="D9"><v>NaN</v></c>'
                                  b"</row>"),
    "a value that is no logical one": rows(b'<row r="9"><c r="A9" t="b"><v>7x</v></c></row>'),
    "a kind of cell that nobody knows": rows(b'<row r="9"><c r="A9" t="zz"><v>7</v></c></row>'),
    "a look that is not there": rows(b'<row r="9"><c r="A9" s="99999"><v>7</v></c></row>'),
    "a day beyond all": rows(b'<row r="9"><c r="A9" t="d"><v>99999-99-99T99:99:99</v></c></row>'),
    "looks that are gone": changed(STYLES, lambda _: None),
    "looks that are none": changed(STYLES, lambda _: b"<styleSheet><numFmts>" + b"<a>" * 5_000),
    "100,000 looks": changed(STYLES, lambda content: content.replace(
        b"</cellXfs>", b'<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>' * 100_000
        + b"</cellXfs>", 1)),
    "all cells joined to one": swapped(SHEET, b"</sheetData>", b"</sheetData><mergeCells>"
                                       b'<mergeCell ref="A1:XFD1048576"/></mergeCells>'),
    "50,000 joined cells": swapped(SHEET, b"</sheetData>", b"</sheetData><mergeCells>"
                                   + b"".join(b'<mergeCell ref="A%d:Z%d"/>' % (n, n + 1)
                                              for n in range(9, 50_009)) + b"</mergeCells>"),
    "a rule for a million ranges": swapped(SHEET, b"</sheetData>",
        b'</sheetData><conditionalFormatting sqref="' + b"A1:Z9 " * MILLION
        + b'"><cfRule type="expression" priority="1"/></conditionalFormatting>'),
    "names that lead to each other": swapped(BOOK, b"</workbook>",
        b'<definedNames><definedName name="a">b</definedName><definedName name="b">a</definedName>'
        b"</definedNames></workbook>"),
    "5,000 sheets of one part": changed(BOOK, lambda content: content.replace(
        b"</sheets>", b"".join(b'<sheet name="s%d" sheetId="%d" state="visible" r:id="rId1" '
        b'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"/>'
        % (n, n + 9) for n in range(5_000)) + b"</sheets>", 1)),
    "a sheet with a name of a megabyte": swapped(BOOK, b'name="cameras"',
                                                 b'name="' + b"n" * (1 << 20) + b'"'),
    "all sheets hidden": swapped(BOOK, b'state="visible"', b'state="veryHidden"'),
    "16,384 columns": wide,
    "formulas that fetch": cells("A3", f'=WEBSERVICE("{ADDRESS}")', 115.86, 28.68, "=1/0"),
    "a formula that calls a program": cells("A3", "=cmd|' /C calc'!A0", 115.86, 28.68, 5),
    "a text that ends its element": cells("A3", "</t></is></c><x>&lt;", 115.86, 28.68, 5),
    "a text from right to left": cells("A3", "\u202egpj\u2066", 115.86, 28.68, 5),
    "a place that is no number": cells("A3", "gate", "1e999", "-inf", 5),
    "a binary workbook": written("book.xlsx", b"PK\x03\x04" + b"xl/workbook.bin" + bytes(900)),
}  # fmt: skip


def ods(*tables: str, **more: object) -> Make:
    return lambda folder: make_ods(folder / "book.ods", *tables, **more)


CELL: Final = (
    '<table:table-cell office:value-type="%s" office:%s="%s"><text:p>x</text:p></table:table-cell>'
)
ODS: Final[dict[str, Make]] = {
    "a row two thousand million times": ods(ods_table("cameras", ods_row("camera_id", "lon", "lat"),
        ods_row("a", 1, 2, more='table:number-rows-repeated="2147483647"'))),
    "a column two thousand million times": ods(ods_table("cameras", ods_row("camera_id").replace(
        "<table:table-cell ", '<table:table-cell table:number-columns-repeated="2147483647" '))),
    "a number of repeats that is none": ods(ods_table("cameras", ods_row(
        "camera_id", more='table:number-rows-repeated="-5"'))),
    "20,000 sheets": ods(*(ods_table(f"s{n}", ods_row("camera_id")) for n in range(20_000))),
    "sheets in sheets": ods(ods_table("cameras", ods_table("a", ods_table("b", ods_row("c"))))),
    "numbers that are none": ods(ods_table("cameras", ods_row("camera_id", "lon", "lat"),
        ods_row("a", CELL % ("float", "value", "1e999"), CELL % ("float", "value", "x")))),
    "a day beyond all": ods(ods_table("cameras", ods_row("camera_id", "lon", "lat"),
        ods_row("a", CELL % ("date", "date-value", "99999-99-99"), 2))),
    "a formula that fetches": ods(ods_table("cameras", ods_row("camera_id", "lon", "lat"), ods_row(
        f'<table:table-cell table:formula="of:=WEBSERVICE(&quot;{ADDRESS}&quot;)"/>', 1, 2))),
    "a sheet at an address": ods(ods_table("cameras",
        f'<table:table-source xlink:href="{ADDRESS}" xmlns:xlink="http://www.w3.org/1999/xlink"/>',
        ods_row("camera_id"))),
    "no sheet": ods(),
}  # fmt: skip


def record(kind: int, body: bytes = b"") -> bytes:
    """Return a record of an old workbook."""
    return struct.pack("<HH", kind, len(body)) + body


def compound(stream: bytes) -> bytes:
    """Return a container with one long stream."""
    size, none, end, own = 512, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    held = -(-len(stream) // size)
    tables = 1
    while tables * 128 < held + 1 + tables:
        tables += 1
    assert tables <= 109
    chain = [own] * tables + [end, *range(tables + 2, tables + 1 + held), end]
    head = struct.pack("<8s16x5H6x9I", bytes.fromhex("d0cf11e0a1b11ae1"), 62, 3, 0xFFFE, 9, 6,
                       0, tables, tables, 0, 4096, end, 0, end, 0)  # fmt: skip
    head += struct.pack("<109I", *range(tables), *[none] * (109 - tables))

    def entry(name: str, kind: int, start: int, long: int, child: int) -> bytes:
        said = name.encode("utf-16-le")
        return said.ljust(64, b"\0") + struct.pack(
            "<HBBIII36xIQ", len(said) + 2, kind, 1, none, none, child, start, long
        )

    root = entry("Root Entry", 5, end, 0, 1) + entry("Workbook", 2, tables + 1, len(stream), none)
    fat = struct.pack(f"<{len(chain)}I", *chain).ljust(tables * size, b"\xff")
    return head + fat + root.ljust(size, b"\0") + stream.ljust(held * size, b"\0")


BEGIN: Final = record(0x0809, struct.pack("<HH12x", 0x0600, 0x0005))
LEAF: Final = record(0x0809, struct.pack("<HH12x", 0x0600, 0x0010))
END: Final = record(0x000A)


def stream(*records: bytes, texts: bytes = b"", names: tuple[str, ...] = ("s0",)) -> bytes:
    """Return the stream of a workbook whose sheets are all the same records."""
    size = len(BEGIN) + sum(12 + len(name) for name in names) + len(texts) + len(END)
    bound = b"".join(
        record(0x0085, struct.pack("<IHBB", size, 0, len(name), 0) + name.encode())
        for name in names
    )
    return BEGIN + bound + texts + END + LEAF + b"".join(records) + END + bytes(9_000)


def old(content: Callable[[], bytes]) -> Make:
    return written("a.xls", lambda: compound(content()))


def looped(folder: Path) -> Path:
    """Write an old workbook whose chain of blocks leads back to its beginning."""
    data = bytearray(compound(stream()))
    for at in range(512 + 8, 1024, 4):
        if struct.unpack_from("<I", data, at)[0] == 0xFFFFFFFE:
            struct.pack_into("<I", data, at, 2)
    return written("a.xls", bytes(data))(folder)


XLS: Final[dict[str, tuple[str, Make]]] = {
    "5,000 times one sheet": ("file.damaged", old(lambda: stream(
        record(0x01BA) * MILLION, names=tuple(f"s{n:04}" for n in range(5_000))))),
    "texts without end": ("csv.empty", old(lambda: stream(
        record(0x00FD, bytes(10)),
        texts=record(0x00FC, struct.pack("<II", 0xFFFFFFFF, 0xFFFFFFFF) + b"\1\0\0a")))),
    "blocks that lead in a circle": ("", looped),
    "a cell beyond the last": ("", old(lambda: stream(
        record(0x0203, struct.pack("<HHHd", 0xFFFF, 0xFFFF, 0, 1.0))))),
    "two cells far from each other": ("", old(lambda: stream(
        record(0x0203, struct.pack("<HHHd", 0, 0, 0, 1.0)),
        record(0x0203, struct.pack("<HHHd", 65_535, 255, 0, 1.0))))),
    "a number that is none": ("", old(lambda: stream(
        record(0x0203, struct.pack("<HHHQ", 0, 0, 0, 0x7FF8000000000001))))),
    "a record longer than the file": ("", old(lambda: stream(
        struct.pack("<HH", 0x0203, 0xFFFF)))),
    "a sheet behind the end": ("", old(lambda: BEGIN + record(
        0x0085, struct.pack("<IHBB", 0x7FFFFFF0, 0, 2, 0) + b"s0") + END + bytes(9_000))),
    "a password": ("", old(lambda: BEGIN + record(0x002F, bytes(54)) + END + bytes(9_000))),
}  # fmt: skip


def errors(folder: Path) -> Path:
    """Write an ODS of ten cells in error, each a million times."""
    cell = (
        '<table:table-cell calcext:value-type="error" table:formula="of:=1/0" '
        'office:value-type="float" office:value="0" table:number-columns-repeated="10">'
        "<text:p>#DIV/0!</text:p></table:table-cell>"
    )
    row = f'<table:table-row table:number-rows-repeated="999000">{cell}</table:table-row>'
    return make_ods(folder / "a.ods", ods_table("cameras", ods_row("camera_id", "lon", "lat"), row))


def hidden(folder: Path) -> Path:
    """Write an ODS whose one hidden row is repeated a million times, in ten sheets."""
    cell = '<table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell>'
    row = (
        f'<table:table-row table:visibility="collapse" table:number-rows-repeated="999000">{cell}'
        "</table:table-row>"
    )
    tables = [ods_table(f"s{n}", ods_row("camera_id"), row) for n in range(9)]
    return make_ods(folder / "a.ods", *tables)


CASES: Final = (
    *(Case("XLSX", name, "cameras", make) for name, make in XLSX.items()),
    *(Case("ODS", name, "cameras", make) for name, make in ODS.items()),
    *(Case("XLS", name, "cameras", make, code) for name, (code, make) in XLS.items()),
    Case("ODS", "ten million errors", "cameras", errors, "csv.too_many"),
    Case("ODS", "nine million hidden rows", "cameras", hidden, "csv.too_many"),
)
