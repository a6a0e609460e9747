"""Projects made to do harm: their tables, what lies beside them, and folders of layers."""

# ruff: noqa: S608 - the statements are written here

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Final

from tests.spoilt.attacks.whole import PROJECT, WAYS, content_of
from tests.spoilt.case import ADDRESS, Case, Make, beside, foreign, written

ENDLESS: Final = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) "


def saying(*statements: str, name: str = PROJECT) -> Make:
    """Return a maker of a project, or of layers, on which statements were run, triggers away."""

    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content_of(name))
        secret = str(foreign(folder))
        with closing(sqlite3.connect(path)) as base:
            for (spy,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
                base.execute(f'DROP TRIGGER "{spy}"')
            base.execute("PRAGMA writable_schema = ON")
            for statement in statements:
                base.execute(statement.replace("SECRET", secret))
            base.commit()
        return path

    return make


def column(name: str, value: str) -> Make:
    """Return a maker of a project whose own row has another value."""
    return saying(f"UPDATE civicsight SET {name} = {value}")


def instead(table: str, query: str) -> Make:
    """Return a maker of a project with a view in place of a table."""
    return saying(f"ALTER TABLE {table} RENAME TO kept", f"CREATE VIEW {table} AS {query}")


def virtual(module: str) -> Make:
    """Return a maker of a project with a virtual table over the foreign file behind a view."""
    head = "INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES"
    return saying(
        "ALTER TABLE civicsight RENAME TO kept",
        f"{head} ('table', 'leak', 'leak', 0, 'CREATE VIRTUAL TABLE leak USING {module}')",
        "CREATE VIEW civicsight AS SELECT * FROM kept, leak",
    )


def bytes_at(*patches: tuple[int, bytes]) -> Make:
    """Return a maker of a project with other bytes at some places of its file."""

    def content() -> bytes:
        data = bytearray(content_of(PROJECT))
        for at, new in patches:
            data[at : at + len(new)] = new
        return bytes(data)

    return written(PROJECT, content)


def nested(opener: str, depth: int = 100_000) -> str:
    return "'" + (opener * depth).replace("'", "''") + "'"


INSIDE: Final[dict[str, Make]] = {
    "a view over a table of text": virtual("VirtualText(''SECRET'', ''UTF-8'', 0, POINT)"),
    "a view over a table of CSV": virtual("csv(filename=''SECRET'')"),
    "a view over a data source": virtual(f"VirtualOGR(''{ADDRESS}'')"),
    "a view over a full text index": virtual("fts5(a, content=''cameras'')"),
    "a view over pages": virtual("dbstat"),
    "a view that loads a library": instead("cameras", "SELECT load_extension('SECRET') AS fid"),
    "a view that reads a file": instead("cameras", "SELECT readfile('SECRET') AS fid"),
    "a view that writes a file": instead("cameras", "SELECT writefile('SECRET', 'x') AS fid"),
    "a view without end": instead("cameras", f"{ENDLESS} SELECT x AS fid FROM n"),
    "a list of layers without end": instead(
        "gpkg_contents", f"{ENDLESS} SELECT kept.* FROM kept, n"
    ),
    "a view of itself": saying(
        "DROP TABLE cameras", "CREATE VIEW cameras AS SELECT * FROM cameras"
    ),
    "a trigger that deletes": saying(
        "CREATE TRIGGER spy AFTER INSERT ON cameras BEGIN DELETE FROM cameras; END"
    ),
    "a column that computes without end": saying(
        "ALTER TABLE cameras ADD COLUMN endless AS (hex(zeroblob(900000000)))"
    ),
    "an index over an expression": saying("CREATE INDEX evil ON cameras (hex(zeroblob(1000000)))"),
    "a table that stands twice": saying(
        "INSERT INTO sqlite_schema SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema"
        " WHERE name = 'cameras'"
    ),
    "a table at the page of another": saying(
        "UPDATE sqlite_schema SET rootpage = 1 WHERE name = 'cameras'"
    ),
    "a table behind the last page": saying(
        "UPDATE sqlite_schema SET rootpage = 2147483647 WHERE name = 'cameras'"
    ),
    "a schema that is none": saying("UPDATE sqlite_schema SET sql = 'x' WHERE name = 'cameras'"),
    "a schema of ten megabytes": saying(
        "UPDATE sqlite_schema SET sql = sql || '/*' || hex(zeroblob(5000000)) || '*/' "
        "WHERE name = 'cameras'"
    ),
    "no row of its own": saying("DELETE FROM civicsight"),
    "no table of cameras": saying("DROP TABLE cameras"),
    "no list of layers": saying("DROP TABLE gpkg_contents"),
    "no list of systems": saying("DROP TABLE gpkg_spatial_ref_sys"),
    "a column that is gone": saying("ALTER TABLE civicsight DROP COLUMN extent"),
    "a format of a later version": column("format", "99"),
    "a format below zero": column("format", "-9223372036854775808"),
    "a format that is text": column("format", "'one'"),
    "no format": column("format", "NULL"),
    "a name of ten megabytes": column("name", "hex(zeroblob(5000000))"),
    "a name that is no text": column("name", "x'ff00ff'"),
    "a name of escape sequences": column("name", "char(27) || '[2J' || char(8238) || 'gnp.exe'"),
    "a name that is a script": column("name", "'<script>alert(1)</script>'"),
    "sources nested 100,000 deep": column("sources", nested("[")),
    "sources that are no list": column("sources", "'{\"a\": 1}'"),
    "provenance nested 100,000 deep": column("provenance", nested('[{"a":')),
    "provenance of wrong kinds": column("provenance", "'[{\"layer\": 5, \"counts\": \"x\"}]'"),
    "an extent nested 100,000 deep": column("extent", nested("GEOMETRYCOLLECTION(")),
    "an extent without end": column("extent", "'POLYGON ((0 0, 1e308 0, 1e308 inf, nan 0, 0 0))'"),
    "a system nested 100,000 deep": column("crs", nested("PROJCS[")),
    "a system in a file": column("crs", "'+init=SECRET:1 +type=crs'"),
    "a system with grids at an address": column(
        "crs", f"'+proj=utm +zone=50 +nadgrids={ADDRESS} +type=crs'"
    ),
    "a system with grids in a file": column(
        "crs", "'+proj=utm +zone=50 +nadgrids=SECRET +type=crs'"
    ),
    "ground of a size without end": column(
        "terrain",
        """'{"x0": 0, "y0": 0, "step": 1, "shape": [4294967295, 4294967295], "z": "eJw="}'""",
    ),
    "ground nested 100,000 deep": column("terrain", nested("[")),
    "heights beyond all numbers": saying("UPDATE cameras SET height_m = 9e999"),
    "heights that are text": saying("UPDATE cameras SET height_m = 'tall'"),
    "ids that are the same": saying("UPDATE cameras SET camera_id = 'c1'"),
    "ids that are none": saying("UPDATE cameras SET camera_id = NULL"),
    "tags nested 100,000 deep": saying(f"UPDATE cameras SET tags = {nested('[')}"),
    "tags that are no object": saying("UPDATE cameras SET tags = '[1, 2]'"),
    "shapes that are none": saying("UPDATE cameras SET geom = x'4750'"),
    "shapes that are text": saying("UPDATE buildings SET geom = 'POLYGON'"),
    "a shape nested 100,000 deep": saying(
        "UPDATE buildings SET geom = CAST(x'4750000100000000' || "
        "replace(hex(zeroblob(50)), '00', x'010700000001000000') AS BLOB)"
    ),
    "a shape of a hundred megabytes": saying(
        "UPDATE cameras SET geom = zeroblob(100000000) WHERE camera_id = 'c1'"
    ),
    "1,900 columns more": saying(
        "UPDATE sqlite_schema SET sql = rtrim(rtrim(sql), ')') || ', "
        + ", ".join(f"n{n}" for n in range(1_900))
        + ")' WHERE name = 'cameras'"
    ),
    "pages of 64 kilobytes": bytes_at((16, b"\0\1")),
    "pages of one byte": bytes_at((16, b"\0\0")),
    "a list of free pages in a circle": bytes_at((32, b"\0\0\0\1\0\0\0\x7f")),
    "another application": bytes_at((68, b"MPBX")),
    "a text encoding that nobody knows": bytes_at((56, b"\0\0\0\x63")),
    "a journal to be read first": bytes_at((18, b"\2\2")),
    "a journal beside it": beside(
        written(PROJECT, lambda: content_of(PROJECT)),
        (f"{PROJECT}-wal", b"\x37\x7f\x06\x82" * 9_000),
    ),
    "an old journal beside it": beside(
        written(PROJECT, lambda: content_of(PROJECT)),
        (f"{PROJECT}-journal", b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" * 600),
    ),
}  # fmt: skip
"""Projects in one file; nobody may take a word of the foreign file from one."""


def within(folder: Path, fill: Callable[[Path], object]) -> Path:
    """Return a folder with what was put into it."""
    town = folder / "town"
    town.mkdir()
    fill(town)
    return town


def _layers(town: Path) -> None:
    for name in ("map.osm", "blocks.geojson"):
        (town / name).write_bytes(content_of(name))


def linked(town: Path) -> None:
    (town / "blocks.geojson").symlink_to(foreign(town))


def circle(town: Path) -> None:
    _layers(town)
    (town / "again").symlink_to(town)


def piped(town: Path) -> None:
    _layers(town)
    os.mkfifo(town / "waits.geojson")


def called(name: str) -> Callable[[Path], None]:
    def fill(town: Path) -> None:
        (town / name).write_bytes(content_of("blocks.geojson"))

    return fill


def several(town: Path) -> None:
    for n in range(2_000):
        (town / f"{n}.geojson").write_text("{}", encoding="ascii")


FOLDERS: Final[dict[str, Callable[[Path], None]]] = {
    "nothing in it": lambda _: None,
    "a link to another file": linked,
    "a folder of itself": circle,
    "a pipe beside layers": piped,
    "a name of escape sequences": called("\x1b[2J\u202ea.geojson"),
    "a name that looks like an option": called("--out.geojson"),
    "2,000 layers of nothing": several,
}
CASES: Final = (
    *(Case("project", name, "project", make) for name, make in INSIDE.items()),
    *(
        Case("project", f"file, {name}", "project",
             written(PROJECT, lambda change=change: change(content_of(PROJECT))))
        for name, change in WAYS.items()
    ),
    *(
        Case("project", f"folder, {name}", "city", partial(within, fill=fill))
        for name, fill in FOLDERS.items()
    ),
)  # fmt: skip
