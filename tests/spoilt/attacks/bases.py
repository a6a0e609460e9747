"""GeoPackages whose tables and blobs lie, and Parquet whose footer and pages do."""

# ruff: noqa: S608 - the statements are written here

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from tests.spoilt.attacks.projects import ENDLESS, nested, saying
from tests.spoilt.attacks.whole import content_of
from tests.spoilt.case import ADDRESS, Case, Make, foreign, written
from tests.spoilt.sound import ORIGIN

LAYERS: Final = "blocks.gpkg"
MANY: Final = 20_000_000


def sql(*statements: str) -> Make:
    """Return a maker of a layer on which statements were run."""
    return saying(*statements, name=LAYERS)


def instead(query: str) -> Make:
    """Return a maker of layers with a view in place of the houses."""
    return sql("ALTER TABLE blocks RENAME TO kept", f"CREATE VIEW blocks AS {query}")


def virtual(module: str) -> Make:
    """Return a maker of layers with a virtual table over the foreign file behind a view."""
    head = "INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES"
    return sql(
        "ALTER TABLE blocks RENAME TO kept",
        f"{head} ('table', 'leak', 'leak', 0, 'CREATE VIRTUAL TABLE leak USING {module}')",
        "CREATE VIEW blocks AS SELECT kept.* FROM kept, leak",
    )


def blob(flags: int, body: bytes, *, version: int = 0, system: int = 4326) -> Make:
    """Return a maker of layers whose first shape is this one."""
    shape = b"GP" + struct.pack("<BBi", version, flags, system) + body
    return sql(f"UPDATE blocks SET geom = x'{shape.hex()}' WHERE fid = 1")


def wkb(kind: int, *counts: int, tail: bytes = b"") -> bytes:
    """Return the beginning of a shape: its kind, and the counts that follow."""
    return struct.pack("<BI", 1, kind) + struct.pack(f"<{len(counts)}I", *counts) + tail


def square(*values: float) -> bytes:
    """Return a polygon of one ring with these coordinates."""
    return wkb(3, 1, len(values) // 2, tail=struct.pack(f"<{len(values)}d", *values))


def called(name: str) -> Make:
    """Return a maker of layers the first of which has another name."""
    quoted, text = name.replace('"', '""'), name.replace("'", "''")
    return sql(
        f'ALTER TABLE blocks RENAME TO "{quoted}"',
        f"UPDATE gpkg_contents SET table_name = '{text}', identifier = '{text}'",
        f"UPDATE gpkg_geometry_columns SET table_name = '{text}'",
    )


def column(name: str) -> Make:
    quoted = name.replace('"', '""')
    return sql(f"ALTER TABLE blocks ADD COLUMN \"{quoted}\" TEXT DEFAULT 'x'")


def system(definition: str, number: int = 4326) -> Make:
    return sql(
        f"UPDATE gpkg_spatial_ref_sys SET definition = {definition}, organization = 'none', "
        f"organization_coordsys_id = 99 WHERE srs_id = {number}"
    )


def patched(*patches: tuple[int, bytes]) -> Make:
    """Return a maker of layers with other bytes at some places."""

    def content() -> bytes:
        data = bytearray(content_of(LAYERS))
        for at, new in patches:
            data[at : at + len(new)] = new
        return bytes(data)

    return written(LAYERS, content)


PAGE: Final = 4096
RTREE: Final = "rtree_blocks_geom"
NAN: Final = float("nan")
X, Y = ORIGIN
GEOPACKAGES: Final[dict[str, Make]] = {
    "a view that loads a library": instead("SELECT *, load_extension('SECRET') AS a FROM kept"),
    "a view that reads a file": instead("SELECT *, readfile('SECRET') AS a FROM kept"),
    "a view that writes a file": instead("SELECT *, writefile('SECRET', 'x') AS a FROM kept"),
    "a view without end": instead(f"{ENDLESS} SELECT kept.* FROM kept, n"),
    "a view that computes a gigabyte": instead("SELECT *, hex(zeroblob(900000000)) AS a FROM kept"),
    "a view of itself": sql("DROP TABLE blocks", "CREATE VIEW blocks AS SELECT * FROM blocks"),
    "a table of text behind a view": virtual("VirtualText(''SECRET'', ''UTF-8'', 0, POINT)"),
    "a data source behind a view": virtual(f"VirtualOGR(''{ADDRESS}'')"),
    "a Shapefile behind a view": virtual("VirtualShape(''SECRET'', UTF-8, 4326)"),
    "a full text index behind a view": virtual("fts5(a, content=''blocks'')"),
    "a trigger on each step": sql(
        *(
            f"CREATE TRIGGER t{n} AFTER {act} ON blocks BEGIN DELETE FROM blocks; END"
            for n, act in enumerate(("INSERT", "UPDATE", "DELETE"))
        )
    ),
    "a trigger in place of a view": sql(
        "CREATE VIEW v AS SELECT * FROM blocks",
        "CREATE TRIGGER t INSTEAD OF INSERT ON v BEGIN DELETE FROM blocks; END",
    ),
    "a column that computes without end": sql(
        "ALTER TABLE blocks ADD COLUMN a AS (hex(zeroblob(900000000)))"
    ),
    "an index over an expression": sql("CREATE INDEX evil ON blocks (hex(zeroblob(1000000)))"),
    "a page that is another": patched((PAGE, bytes(range(256)) * 16)),
    "pages of noise": patched(*((PAGE * n + 40, b"\xa5" * 2_000) for n in range(2, 9))),
    "a page that leads to itself": patched((PAGE + 8, b"\0\0\0\2")),
    "another application": patched((68, b"MPBX")),
    "an application of zeros": patched((68, bytes(4))),
    "a version of later": patched((60, b"\x7f\xff\xff\xff")),
    "a text encoding that nobody knows": patched((56, b"\0\0\0\x63")),
    "pages of one byte": patched((16, b"\0\0")),
    "fewer pages than it says": patched((28, b"\x7f\xff\xff\xff")),
    "a schema of later": patched((44, b"\0\0\0\x7f")),
    "a shape without a mark": sql("UPDATE blocks SET geom = x'0000' WHERE fid = 1"),
    "a shape of a later version": blob(1, square(X, Y, X + 1, Y, X, Y + 1, X, Y), version=255),
    "a shape with a frame that nobody knows": blob(0b1111, square(X, Y, X + 1, Y, X, Y + 1, X, Y)),
    "a shape with a frame that is gone": blob(0b1001, b""),
    "a shape in another system": blob(1, square(0, 0, 1, 0, 0, 1, 0, 0), system=-1),
    "a shape said to be empty": blob(0b10001, square(X, Y, X + 1, Y, X, Y + 1, X, Y)),
    "a shape of an extension": blob(0b100001, b"EXTN" + bytes(40)),
    "a shape of a kind that nobody knows": blob(1, wkb(9_999, 5)),
    "a shape of curves": blob(1, wkb(8, 3, tail=struct.pack("<6d", X, Y, X + 1, Y, X, Y + 1))),
    "a shape of four billion rings": blob(1, wkb(3, 2**32 - 1)),
    "a shape of four billion corners": blob(1, wkb(3, 1, 2**32 - 1)),
    "a shape of four billion parts": blob(1, wkb(6, 2**32 - 1)),
    "a shape 50,000 deep": blob(1, wkb(7, 1) * 50_000),
    "a shape 300 deep": blob(1, wkb(7, 1) * 300 + wkb(1, tail=struct.pack("<2d", X, Y))),
    "a shape of both byte orders": blob(1, b"\7" + wkb(3, 1)[1:]),
    "a ring of one corner": blob(1, square(X, Y)),
    "a ring of no number": blob(1, square(NAN, NAN, X, Y, X + 1, Y, NAN, NAN)),
    "a ring without end": blob(
        1, square(1e308, -1e308, 1e308, 1e308, float("inf"), 0, 1e308, -1e308)
    ),
    "a shape of a number": sql("UPDATE blocks SET geom = 5"),
    "a shape of text": sql("UPDATE blocks SET geom = 'POLYGON((0 0, 1 0, 0 1, 0 0))'"),
    "a shape of a hundred megabytes": sql(
        "UPDATE blocks SET geom = x'4750000100000000' || zeroblob(100000000) WHERE fid = 1"
    ),
    "no shapes": sql("UPDATE blocks SET geom = NULL"),
    "a name of quotes": called("a\"b'c`d]e;--"),
    "a name that is a statement": called('blocks"; DROP TABLE blocks; --'),
    "a name of escape sequences": called("\x1b[2J\u202egpj"),
    "a name that is empty": called(""),
    "a name of a megabyte": called("n" * (1 << 20)),
    "a name of a line break": called("a\nb"),
    "a name that GDAL takes for another": called("blocks|layername=../SECRET"),
    "a name of the system": sql(
        "UPDATE gpkg_contents SET table_name = 'sqlite_master'",
        "UPDATE gpkg_geometry_columns SET table_name = 'sqlite_master'",
    ),
    "a name in other letters": sql("UPDATE gpkg_contents SET table_name = 'BLOCKS'"),
    "a name that is a number": sql("UPDATE gpkg_contents SET table_name = 5"),
    "a name of bytes": sql("UPDATE gpkg_contents SET table_name = x'ff00'"),
    "a column of quotes": column("a\"b'c`d]e;--"),
    "a column of escape sequences": column("\x1b[2J\u202e"),
    "a column with a name of a megabyte": column("n" * (1 << 20)),
    "a column that is empty": column(""),
    "1,900 columns": sql(*(f"ALTER TABLE blocks ADD COLUMN n{n} TEXT" for n in range(1_900))),
    "a layer that is not there": sql(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) "
        "VALUES ('gone', 'features', 'gone', 4326)"
    ),
    "10,000 layers that are not there": sql(
        f"INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) {ENDLESS} "
        "SELECT 'l' || x, 'features', 'l' || x, 4326 FROM n LIMIT 10000"
    ),
    "a list of layers without end": sql(
        "ALTER TABLE gpkg_contents RENAME TO kept",
        f"CREATE VIEW gpkg_contents AS {ENDLESS} SELECT kept.* FROM kept, n",
    ),
    "no list of layers": sql("DROP TABLE gpkg_contents"),
    "no list of shapes": sql("DROP TABLE gpkg_geometry_columns"),
    "no list of systems": sql("DROP TABLE gpkg_spatial_ref_sys"),
    "a list of shapes that leads elsewhere": sql(
        "UPDATE gpkg_geometry_columns SET column_name = 'name'"
    ),
    "a list of shapes with another kind": sql(
        "UPDATE gpkg_geometry_columns SET geometry_type_name = 'POINT', z = 2, m = 99"
    ),
    "a layer of tiles": sql("UPDATE gpkg_contents SET data_type = 'tiles'"),
    "a layer of a kind that nobody knows": sql("UPDATE gpkg_contents SET data_type = char(27)"),
    "a frame that is no number": sql("UPDATE gpkg_contents SET min_x = 9e999, max_x = 'x'"),
    "a day that does not exist": sql("UPDATE gpkg_contents SET last_change = '99999-99-99'"),
    "a system that is not there": sql(
        "UPDATE gpkg_geometry_columns SET srs_id = 99999", "UPDATE gpkg_contents SET srs_id = 99999"
    ),
    "a system nested 100,000 deep": system(nested("PROJCS[")),
    "a system in a file": system("'+init=SECRET:1'"),
    "a system with grids at an address": system(f"'+proj=utm +zone=50 +nadgrids={ADDRESS}'"),
    "a system of ten megabytes": system("hex(zeroblob(5000000))"),
    "a system that is a number": system("5"),
    "an extension that nobody knows": sql(
        "CREATE TABLE IF NOT EXISTS gpkg_extensions (table_name TEXT, column_name TEXT, "
        "extension_name TEXT, definition TEXT, scope TEXT)",
        f"INSERT INTO gpkg_extensions VALUES ('blocks', 'geom', 'evil', '{ADDRESS}', 'read-write')",
    ),
    "an index of places that lies": sql(
        f'UPDATE "{RTREE}" SET minx = 0, maxx = 0, miny = 0, maxy = 0'
    ),
    "an index of places without a page": sql(f'DELETE FROM "{RTREE}_node"'),
    "an index of places of noise": sql(f'UPDATE "{RTREE}_node" SET data = zeroblob(7)'),
    "statistics that are none": sql(
        "CREATE TABLE a (b)",
        "INSERT INTO a VALUES (1)",
        "ANALYZE",
        "UPDATE sqlite_stat1 SET stat = hex(zeroblob(100000))",
    ),
    "heights beyond all": sql("UPDATE blocks SET height = 9e999"),
    "heights that are text": sql("UPDATE blocks SET height = '1e999999999'"),
    "a text that is bytes": sql("UPDATE blocks SET name = x'ff00feff'"),
    "a text of a hundred megabytes": sql(
        "UPDATE blocks SET name = hex(zeroblob(50000000)) WHERE fid = 1"
    ),
    "numbers at the end of all": sql(
        "UPDATE blocks SET fid = 9223372036854775807 WHERE fid = 1",
        "UPDATE blocks SET fid = -9223372036854775808 WHERE fid = 2",
    ),
    "a table that stands twice": sql(
        "INSERT INTO sqlite_schema SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema"
        " WHERE name = 'blocks'"
    ),
    "a table at the page of another": sql(
        "UPDATE sqlite_schema SET rootpage = 1 WHERE name = 'blocks'"
    ),
    "a schema that is none": sql("UPDATE sqlite_schema SET sql = 'x' WHERE name = 'blocks'"),
}

Geo = dict[str, Any]
SHAPE: Final = shapely.to_wkb(shapely.box(X, Y, X + 1e-4, Y + 1e-4))
GEO: Final[Geo] = {
    "version": "1.1.0",
    "primary_column": "geometry",
    "columns": {"geometry": {"encoding": "WKB", "geometry_types": ["Polygon"]}},
}


def parquet(
    geo: Geo | bytes | str | None = None,
    /,
    *,
    rows: int = 3,
    more: dict[str, Any] | None = None,
    shape: bytes = SHAPE,
    **options: Any,
) -> Make:
    """Return a maker of Parquet: what its metadata say of shapes, and columns beside those."""

    def make(folder: Path) -> Path:
        shapes = pa.DictionaryArray.from_arrays(np.zeros(rows, np.int8), pa.array([shape]))
        table = pa.table(
            {"geometry": shapes.cast(pa.binary()) if rows < 99 else shapes} | (more or {})
        )
        said = json.dumps(GEO if geo is None else geo) if not isinstance(geo, bytes | str) else geo
        secret = str(foreign(folder))
        told = said.replace("SECRET", secret) if isinstance(said, str) else said
        path = folder / "blocks.parquet"
        pq.write_table(table.replace_schema_metadata({"geo": told}), path, **options)
        return path

    return make


def shaped(**members: object) -> Make:
    """Return a maker of Parquet whose column of shapes is described otherwise."""
    return parquet(GEO | {"columns": {"geometry": GEO["columns"]["geometry"] | members}})


def footer(change: Callable[[bytes], bytes]) -> Make:
    """Return a maker of Parquet whose end, of eight bytes and a footer before them, is another."""

    def content() -> bytes:
        data = content_of("blocks.parquet")
        size = struct.unpack("<I", data[-8:-4])[0]
        at = len(data) - 8 - size
        return data[:at] + change(data[at:])

    return written("blocks.parquet", content)


def sized(size: int) -> Make:
    return footer(lambda end: end[:-8] + struct.pack("<I", size) + end[-4:])


def swapped(old: bytes, new: bytes) -> Make:
    """Return a maker of Parquet in whose footer some bytes are others."""

    def change(end: bytes) -> bytes:
        assert old in end, old
        return end.replace(old, new)

    return footer(change)


def deep(levels: int) -> pa.Array:
    """Return three values, each within so many structures."""
    found: pa.Array = pa.array([1, 2, 3])
    for _ in range(levels):
        found = pa.StructArray.from_arrays([found], names=["a"])
    return found


def lists(levels: int) -> pa.Array:
    found: pa.Array = pa.array([1, 2, 3])
    for _ in range(levels):
        found = pa.ListArray.from_arrays(pa.array([0, 1, 2, 3], pa.int32()), found)
    return found


def lazily(make: Callable[[], Make]) -> Make:
    """Return a maker that is made when it is wanted, of what is large."""

    def made(folder: Path) -> Path:
        return make()(folder)

    return made


def dictionary(text: str, rows: int) -> Make:
    """Return a maker of Parquet in which so many rows name one text."""
    return lazily(
        lambda: parquet(
            rows=rows,
            more={
                "name": pa.DictionaryArray.from_arrays(np.zeros(rows, np.int8), pa.array([text]))
            },
        )
    )


PARQUETS: Final[dict[str, Make]] = {
    "a footer of nothing": sized(0),
    "a footer of four gigabytes": sized(2**32 - 1),
    "a footer longer than the file": sized(10**6),
    "a footer one byte short": footer(
        lambda end: end[:-8] + struct.pack("<I", len(end) - 9) + end[-4:]
    ),
    "a footer that is encrypted": footer(lambda end: end[:-4] + b"PARE"),
    "a footer of zeros": footer(lambda end: bytes(len(end) - 8) + end[-8:]),
    "a footer of ones": footer(lambda end: b"\xff" * (len(end) - 8) + end[-8:]),
    "a footer of structures in each other": footer(lambda end: b"\x1c" * (len(end) - 8) + end[-8:]),
    "a footer of a long list": footer(
        lambda end: b"\x29\xfc\xff\xff\xff\xff\x0f" + bytes(len(end) - 15) + end[-8:]
    ),
    "a footer with a long text": footer(
        lambda end: b"\x18\xff\xff\xff\xff\x0f" + bytes(len(end) - 14) + end[-8:]
    ),
    "a footer with other names": swapped(b"geometry", b"geom\0try"),
    "a footer that counts other rows": footer(lambda end: end.replace(b"\x16\x18", b"\x16\x7e")),
    "columns at other places": footer(lambda end: end.replace(b"\x26\x08", b"\x26\x7e")),
    "metadata that are no JSON": parquet("{"),
    "metadata that are no text": parquet(b"\xff\xfe\0"),
    "metadata that are a list": parquet("[]"),
    "metadata 100,000 deep": parquet('{"columns":' * 100_000),
    "metadata 900 deep": parquet("[" * 900 + "]" * 900),
    "metadata of ten megabytes": lazily(lambda: parquet(GEO | {"more": "x" * (10 << 20)})),
    "metadata of 200,000 columns": lazily(
        lambda: parquet(GEO | {"columns": {f"n{n}": {} for n in range(200_000)}})
    ),
    "metadata with one key twice": parquet(
        json.dumps(GEO).replace('"version"', '"columns":{},"version"')
    ),
    "a column that is not there": parquet(GEO | {"primary_column": "gone"}),
    "a column that is a list": parquet(GEO | {"primary_column": ["geometry"]}),
    "columns that are a list": parquet(GEO | {"columns": [1]}),
    "columns that are none": parquet(GEO | {"columns": {"geometry": 5}}),
    "a version that is a list": parquet(GEO | {"version": [1]}),
    "a version of later": parquet(GEO | {"version": "99.0.0"}),
    "an encoding that nobody knows": shaped(encoding="evil"),
    "an encoding of Arrow": shaped(encoding="polygon"),
    "an encoding that is a list": shaped(encoding=[1]),
    "a system in a file": shaped(crs="+init=SECRET:1"),
    "a system at an address": shaped(crs={"$schema": ADDRESS, "type": "GeographicCRS"}),
    "a system that is a number": shaped(crs=5),
    "a system of nothing": shaped(crs={}),
    "a frame that lies": shaped(bbox=[1e308, "x", None]),
    "edges of a globe": shaped(edges="spherical", orientation=5),
    "an epoch beyond all": shaped(epoch=1e308),
    "shapes of nothing": parquet(shape=b""),
    "shapes of noise": parquet(shape=b"\xff" * 400),
    "shapes 50,000 deep": parquet(shape=wkb(7, 1) * 50_000),
    "shapes of four billion corners": parquet(shape=wkb(3, 1, 2**32 - 1)),
    "shapes of no number": parquet(shape=square(NAN, NAN, X, Y, X + 1, Y, NAN, NAN)),
    "shapes without end": parquet(shape=square(1e308, 0, float("inf"), 1, 0, 1e308, 1e308, 0)),
    "a column 200 deep": lazily(lambda: parquet(more={"a": deep(200)})),
    "lists 60 deep": lazily(lambda: parquet(more={"a": lists(60)})),
    "5,000 columns": lazily(
        lambda: parquet(more={f"n{n}": pa.array([1, 2, 3]) for n in range(5_000)})
    ),
    "a column with a name of a megabyte": lazily(
        lambda: parquet(more={"n" * (1 << 20): pa.array([1, 2, 3])})
    ),
    "a column with a name of escape sequences": parquet(
        more={"\x1b[2J\u202e": pa.array([1, 2, 3])}
    ),
    "a column without a name": parquet(more={"": pa.array([1, 2, 3])}),
    "heights beyond all": parquet(more={"height": pa.array([float("inf"), NAN, -1e308])}),
    "heights of decimals": lazily(
        lambda: parquet(more={"height": pa.array([10**37, 1, None], pa.decimal128(38, 0))})
    ),
    "times beyond all": parquet(
        more={"built": pa.array([2**63 - 1, -(2**63), 0], pa.timestamp("us"))}
    ),
    "days beyond all": parquet(more={"built": pa.array([2**31 - 1, -(2**31), 0], pa.date32())}),
    "texts that are none": parquet(more={"name": pa.array([b"\xff\xfe", b"\0", b"\xed\xa0\x80"])}),
    "20 million rows of one number": lazily(
        lambda: parquet(
            rows=MANY,
            more={
                "height": pa.DictionaryArray.from_arrays(np.zeros(MANY, np.int8), pa.array([9.0]))
            },
        )
    ),
    "two million rows of one shape": lazily(lambda: parquet(rows=2_000_000)),
    "a megabyte of text 100,000 times": dictionary("x" * (1 << 20), 100_000),
    "a hundred letters ten million times": dictionary("x" * 100, 10_000_000),
    "98 groups of one row": lazily(
        lambda: parquet(
            rows=98, more={"a": pa.array(range(98))}, row_group_size=1, write_batch_size=1
        )
    ),
    "no rows": parquet(rows=0),
}
SLOW: Final = frozenset({"20 million rows of one number", "a hundred letters ten million times"})

CASES: Final = (
    *(Case("GPKG", f"layers, {said}", "buildings", make) for said, make in GEOPACKAGES.items()),
    *(
        Case("Parquet", f"columns, {said}", "buildings", make, slow=said in SLOW)
        for said, make in PARQUETS.items()
    ),
)
