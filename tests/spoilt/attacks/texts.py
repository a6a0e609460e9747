"""Tables of text: encodings that mix, cells and rows without end, names that act."""

from __future__ import annotations

from typing import Final

from tests.spoilt.case import Case, written
from tests.spoilt.sound import CSV

HEAD: Final = "camera_id,name,lon,lat,height_m,azimuth_deg\n"
ROW: Final = "c1,北门,115.9,28.68,4,30\n"
PLAIN: Final = HEAD + ROW


def cell(text: str) -> str:
    """Return a table with a text as the name of a camera."""
    return f"{HEAD}c1,{text},115.9,28.68,4,30\n"


def height(text: str) -> str:
    """Return a table with a text as a height."""
    return f"{HEAD}c1,a,115.9,28.68,{text},30\n"


def place(east: str, north: str) -> str:
    return f"{HEAD}c1,a,{east},{north},4,30\n"


TEXTS: Final = {
    "NULs in cells": lambda: cell("a\0b\0c"),
    "a NUL behind each letter": lambda: PLAIN.encode("utf-16-le")[:-1],
    "UTF-16 without a mark": lambda: CSV.encode("utf-16-le"),
    "UTF-16 of an odd length": lambda: CSV.encode("utf-16") + b"x",
    "UTF-16 with half a pair": lambda: CSV.encode("utf-16") + b"\x3d\xd8",
    "UTF-32": lambda: CSV.encode("utf-32"),
    "UTF-32 the other way round": lambda: b"\0\0\xfe\xff" + CSV.encode("utf-32-be"),
    "UTF-7": lambda: CSV.encode("utf-7"),
    "UTF-8 in the first half, GBK in the second": lambda: CSV.encode() + ROW.encode("gbk"),
    "GB18030 of four bytes": lambda: cell("\U0001f4f7\U00020bb7").encode("gb18030"),
    "Big5": lambda: CSV.replace("东", "東").replace("广场", "廣場").encode("big5", "replace"),
    "Shift-JIS": lambda: cell("監視カメラ").encode("shift-jis"),
    "the letters of EBCDIC": lambda: PLAIN.replace("北门", "a").encode("cp037"),
    "three byte order marks": lambda: b"\xef\xbb\xbf" * 3 + CSV.encode(),
    "byte order marks within": lambda: CSV.replace(",", ",\ufeff").encode(),
    "halves of pairs": lambda: cell("\ud800\udc00\udfff"),
    "overlong UTF-8": lambda: HEAD.encode() + b"c1,\xc0\xaf\xc0\xae,115.9,28.68,4,30\n",
    "letters cut in their middle": lambda: CSV.encode()[:-30] + "门".encode()[:2] + b"\n",
    "a cell of ten megabytes": lambda: cell("x" * (10 << 20)),
    "one line of thirty megabytes": lambda: "a" * (30 << 20),
    "a quote that is never closed": lambda: HEAD + '"' + ROW * 100_000,
    "five million quotes": lambda: HEAD + '"' * 5_000_000,
    "five million commas": lambda: HEAD + "," * 5_000_000,
    "ten million line breaks": lambda: HEAD + "\n" * 10_000_000,
    "blanks alone": lambda: " " * 10_000_000,
    "all kinds of line breaks": lambda: "".join(
        f"{line}{end}"
        for line, end in zip(
            CSV.splitlines(),
            ("\r", "\n", "\r\n", "\x85", "\u2028", "\x0b", "\n\r") * 2,
            strict=False,
        )
    ),
    "carriage returns alone": lambda: CSV.replace("\n", "\r"),
    "a line break in each cell": lambda: HEAD + '"c\n1","a\r\nb",115.9,28.68,4,30\n',
    "separators that change": lambda: PLAIN + "c2;b;115.9;28.68;4;30\nc3\tc\t115.9\t28.68\t4\t30\n",
    "a line that names the separator": lambda: "sep=;\n" + PLAIN.replace(",", ";"),
    "200,000 columns": lambda: ",".join(f"n{n}" for n in range(200_000)) + "\n",
    "20,000 columns and rows of them": lambda: (
        ",".join(f"n{n}" for n in range(20_000)) + "\n" + ("1," * 19_999 + "1\n") * 50
    ),
    "1,100,000 rows": lambda: HEAD + "c1,,,,,\n" * 1_100_000,
    "rows that are longer and longer": lambda: (
        HEAD + "".join("c" + "," * n + "\n" for n in range(3_000))
    ),
    "the header a hundred times": lambda: HEAD * 100 + ROW,
    "one name for all columns": lambda: ",".join(["lon"] * 1_000) + "\n" + ",".join(["1"] * 1_000),
    "columns without names": lambda: ",,,,\n1,2,3,4,5\n",
    "a column with a name of a megabyte": lambda: "n" * (1 << 20) + "," + PLAIN,
    "a column with a script for a name": lambda: (
        "<script>alert(1)</script>," + PLAIN.replace("\n", ",x\n")
    ),
    "columns that differ by what is not seen": lambda: PLAIN.replace(
        "name,", "name,na\u200bme,n\u0430me,"
    ).replace("c1,", "c1,1,2,"),
    "formulas for names": lambda: cell("=cmd|' /C calc'!A0"),
    "formulas that fetch": lambda: cell('"=HYPERLINK(""http://127.0.0.1:9/x"",""a"")"'),
    "a formula for an id": lambda: PLAIN.replace("c1", "@SUM(1+1)*cmd|' /C calc'!A0"),
    "names from right to left": lambda: cell("\u202egnp.exe\u2066\u2069"),
    "escape sequences for names": lambda: cell("\x1b]0;owned\x07\x1b[2J\x1b[31mred"),
    "escape sequences for columns": lambda: PLAIN.replace("name", "\x1b[2Jname"),
    "a format for a name": lambda: cell("%(file)s %s {0.__class__} ${HOME} `id`"),
    "marks upon marks": lambda: cell("a" + "\u0301" * 200_000),
    "ids of a megabyte": lambda: PLAIN.replace("c1", "c" * (1 << 20)),
    "one id 100,000 times": lambda: HEAD + ROW * 100_000,
    "ids that only look different": lambda: (
        HEAD + ROW + ROW.replace("c1", "ｃ1") + ROW.replace("c1", "c1\u200b")
    ),
    "a number without end": lambda: height("9" * 1_000_000),
    "a number beyond all": lambda: height("1e999"),
    "no number": lambda: height("nan"),
    "infinity": lambda: height("inf"),
    "a number in hexadecimal": lambda: height("0x1p1023"),
    "numbers of other scripts": lambda: height("١٢"),
    "an exponent of ten thousand digits": lambda: height("1e" + "9" * 10_000),
    "a Chinese number without end": lambda: height("一亿" * 100_000),
    "a million units": lambda: height("1" + "米" * 1_000_000),
    "places without end": lambda: place("1e308", "1e308"),
    "places that are none": lambda: place("nan", "-inf"),
    "places beyond the pole": lambda: place("115.9", "91"),
    "places in the sea of zeros": lambda: place("0", "0"),
    "degrees, minutes and seconds without end": lambda: place("115°" * 50_000, "28.68"),
    "shapes nested 50,000 deep": lambda: (
        f'camera_id,geometry\nc1,"{"GEOMETRYCOLLECTION(" * 50_000}"\n'
    ),
    "a day that does not exist": lambda: (
        HEAD.replace("height_m", "installed_on") + "c1,a,115.9,28.68,99999-99-99,30\n"
    ),
    "JSON in a cell 50,000 deep": lambda: cell('"' + "[" * 50_000 + '"'),
    "a table that begins as JSON": lambda: '{"type": ' + PLAIN,
    "a table that begins as XML": lambda: "<osm " + PLAIN,
    "a table that begins as an archive": lambda: b"PK\x03\x04" + PLAIN.encode(),
}
OTHERS: Final = (
    "places", "entrances", "private", "districts", "signs", "projects", "obstacles", "trees",
    "barriers", "proposals", "plans", "documents", "answers", "consent", "boundary", "gazetteer",
    "replies", "progress", "measured", "gate_list", "surveyed", "sheet", "kind",
)  # fmt: skip
"""Readers of tables beside that of cameras; each gets a table that is hostile in many ways."""

ALL_AT_ONCE: Final = (
    "id,名称,类别,lon,lat,wkt,date,rule\n"
    f'=1+1,"{"a" * 100_000}","\x1b[2J\u202e",1e999,nan,"{"POLYGON((" * 20_000}",99999-99-99,'
    + "9" * 5_000
    + "\n"
    + '"unclosed,1,2,3\n' * 1_000
)

CASES: Final = (
    *(
        Case("text", name, "cameras", written("table.csv", content))
        for name, content in TEXTS.items()
    ),
    *(
        Case("text", f"all at once, read as {reader}", reader, written("all.csv", ALL_AT_ONCE))
        for reader in OTHERS
    ),
    *(
        Case("text", f"two million commas, read as {reader}", reader,
             written("wide.csv", lambda: "," * 2_000_000 + "\n1"))
        for reader in ("gazetteer", "replies", "places")
    ),
)  # fmt: skip
