"""Small files that mean enormous ones: each multiplies by what its own format allows."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

from tests import exchange_made as made
from tests.spoilt.case import READ, Case
from tests.spoilt.sound import PLANE
from tests.test_city_point_cloud import cloud

CORNERS: Final = 20_000
"""Corners of the one large shape that a million rows are said to be."""

ROWS: Final = 1_000_000


def large() -> gpd.GeoDataFrame:
    """Return one round shape of many corners beside the houses."""
    turn = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    xy = np.column_stack([np.cos(turn), np.sin(turn)]) * 30 + (made.X0 + 60, made.Y0 + 60)
    return gpd.GeoDataFrame({"height": [9.0]}, geometry=[shapely.Polygon(xy)], crs=made.TOWN_CRS)


def geodatabase(folder: Path) -> Path:
    """Return a file geodatabase whose list of a million rows leads to one large row each time."""
    base = folder / "inside" / "a.gdb"
    base.parent.mkdir()
    pyogrio.write_dataframe(large(), base, driver="OpenFileGDB", layer="houses")
    table = max(base.glob("*.gdbtable"), key=lambda path: path.stat().st_size)
    index = table.with_suffix(".gdbtablx")
    old = index.read_bytes()
    size = struct.unpack_from("<I", old, 12)[0]
    blocks = -(-ROWS // 1024)
    rows = old[16 : 16 + size] * ROWS
    head = struct.pack("<IIII", 3, blocks, ROWS, size)
    index.write_bytes(
        head + rows.ljust(blocks * 1024 * size, b"\0") + struct.pack("<4I", 0, blocks, blocks, 0)
    )
    data = bytearray(table.read_bytes())
    struct.pack_into("<I", data, 4, ROWS)
    table.write_bytes(bytes(data))
    return packed(folder / "a.gdb.zip", base.parent)


def mapinfo(folder: Path) -> Path:
    """Return a table of MapInfo whose index leads each of a million rows to one large shape."""
    base = folder / "inside"
    base.mkdir()
    pyogrio.write_dataframe(large(), base / "a.tab", driver="MapInfo File")
    (base / "a.id").write_bytes((base / "a.id").read_bytes()[:4] * ROWS)
    data = (base / "a.dat").read_bytes()
    first, width = struct.unpack_from("<HH", data, 8)
    head = bytearray(data[:first])
    struct.pack_into("<I", head, 4, ROWS)
    (base / "a.dat").write_bytes(bytes(head) + data[first : first + width] * ROWS)
    return packed(folder / "a.zip", base)


def packed(target: Path, base: Path) -> Path:
    """Return a ZIP file with all that lies in a folder."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for file in sorted(base.rglob("*")):
            out.write(file, file.relative_to(base))
    return target


def flat_bomb(folder: Path) -> Path:
    """Return FlatGeobuf: collections of ten that are all the same one, twelve levels deep."""
    path = folder / "a.fgb"
    frame = made.HOUSES[["height", "geometry"]]
    pyogrio.write_dataframe(frame, path, driver="FlatGeobuf", SPATIAL_INDEX="NO")
    whole = path.read_bytes()
    head = whole[: 12 + struct.unpack_from("<I", whole, 8)[0]]
    path.write_bytes(head + feature(12, 10))
    return path


def feature(levels: int, each: int) -> bytes:
    """Return a feature of FlatGeobuf by hand."""
    out = bytearray(8)
    inner = len(out)  # fields of a geometry: corners 1, type 6, parts 7
    out += struct.pack("<10H", 20, 12, 0, 0, 0, 0, 0, 0, 8, 4)
    leaf = len(out)
    out += struct.pack("<10H", 20, 12, 0, 4, 0, 0, 0, 0, 8, 0)
    outer = len(out)
    out += struct.pack("<4H", 6, 8, 4, 0)
    struct.pack_into("<I", out, 4, len(out) - 4)
    out += struct.pack("<iI", len(out) - outer, 4)
    for _ in range(levels):
        out += struct.pack("<iIB3x", len(out) - inner, 8, 7)
        ends = len(out) + 4 + 4 * each
        out += struct.pack("<I", each)
        out += b"".join(struct.pack("<I", ends - len(out) - 4 * k) for k in range(each))
    out += struct.pack("<iIB3x", len(out) - leaf, 8, 1)
    out += struct.pack("<I", 2) + bytes(-(len(out) + 4) % 8) + struct.pack("<2d", made.X0, made.Y0)
    struct.pack_into("<I", out, 0, len(out) - 4)
    return bytes(out)


def flat_count(folder: Path) -> Path:
    """Return FlatGeobuf whose head tells of 2^50 features and of an index over them."""
    path = folder / "a.fgb"
    pyogrio.write_dataframe(made.HOUSES[["height", "geometry"]], path, driver="FlatGeobuf")
    whole, three = path.read_bytes(), struct.pack("<Q", 3)
    assert whole[: 12 + struct.unpack_from("<I", whole, 8)[0]].count(three) == 1
    path.write_bytes(whole.replace(three, struct.pack("<Q", 1 << 50), 1))
    return path


def block(name: str, *inner: str) -> str:
    """Return a block of a drawing."""
    begin = made.groups((0, "BLOCK"), (2, name), (70, 0), (10, 0), (20, 0))
    return begin + "".join(inner) + made.groups((0, "ENDBLK"))


def insert(name: str) -> str:
    return made.groups((0, "INSERT"), (2, name), (8, 0), (10, 1), (20, 1))


def drawing(folder: Path, entities: str, blocks: str = "") -> Path:
    text = made.dxf([made.outline(0), entities]).replace("ENDBLK\n", f"ENDBLK\n{blocks}", 1)
    return made.text("a.dxf", text, "gb18030")(folder)


def laughing(folder: Path) -> Path:
    """Return a drawing in which each of twelve blocks holds the next one ten times."""
    levels = [block(f"B{n}", *[insert(f"B{n + 1}")] * 10) for n in range(12)]
    return drawing(folder, insert("B0"), "".join(levels) + block("B12", made.note()))


def turning(folder: Path) -> Path:
    """Return a drawing with an arc that goes round a hundred million times."""
    arc = [(0, "ARC"), (8, 0), (10, made.X0), (20, made.Y0), (40, 9), (50, 0), (51, 36e9)]
    return drawing(folder, made.groups(*arc))


def spline(folder: Path) -> Path:
    """Return a drawing with a spline of degree a thousand million."""
    head = [(0, "SPLINE"), (8, 0), (70, 0), (71, 10**9), (72, 2 * 10**9), (73, 2 * 10**9)]
    head += [(10, made.X0), (20, made.Y0), (10, made.X0 + 5), (20, made.Y0)]
    return drawing(folder, made.groups(*head))


def mesh(folder: Path) -> Path:
    """Return a drawing with a mesh of 32,767 by 32,767 corners, of which there are four."""
    head = [(0, "POLYLINE"), (8, 0), (66, 1), (70, 16), (71, 32_767), (72, 32_767)]
    corner = [(0, "VERTEX"), (8, 0), (10, made.X0), (20, made.Y0), (70, 64)]
    return drawing(folder, made.groups(*head, *corner * 4, (0, "SEQEND")))


GML: Final = (
    '<gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml" xmlns:a="http://a">%s'
    "</gml:FeatureCollection>"
)
MEMBER: Final = (
    "<gml:featureMember><a:house><a:name>x</a:name><a:g>%s</a:g></a:house></gml:featureMember>"
)


def arcs(folder: Path) -> Path:
    """Return GML with an arc around its centre that goes round ten million million times."""
    arc = (
        f"<gml:Curve srsName='EPSG:4548'><gml:segments><gml:ArcByCenterPoint numArc='1'>"
        f"<gml:pos>{made.X0} {made.Y0}</gml:pos><gml:radius>9</gml:radius>"
        "<gml:startAngle>0</gml:startAngle><gml:endAngle>3.6e15</gml:endAngle>"
        "</gml:ArcByCenterPoint></gml:segments></gml:Curve>"
    )
    return made.text("a.gml", GML % (MEMBER % arc))(folder)


def wide(folder: Path) -> Path:
    """Return GML of 20,000 houses, each with a column of its own."""
    point = f"<gml:Point srsName='EPSG:4548'><gml:pos>{made.X0} {made.Y0}</gml:pos></gml:Point>"
    rows = "".join((MEMBER % point).replace("a:name", f"a:n{n}") for n in range(20_000))
    return made.text("a.gml", GML % rows)(folder)


def named(folder: Path) -> Path:
    """Return KML of 20,000 places, each with a value under a name of its own."""
    place = (
        "<Placemark><ExtendedData><Data name='n%d'><value>1</value></Data></ExtendedData><Point>"
        "<coordinates>115.87,28.66</coordinates></Point></Placemark>"
    )
    return made.text("a.kml", made.kml("".join(place % n for n in range(20_000))))(folder)


def columns(folder: Path) -> Path:
    """Return MIF of one row with 20,000 columns."""
    head = 'Version 300\nCharset "Neutral"\nCoordSys Earth Projection 1, 0\nColumns 20000\n'
    names = "".join(f"  a{n} Char(9)\n" for n in range(20_000))

    def write(inside: Path) -> Path:
        made.text("a.mid", ",".join(['"x"'] * 20_000) + "\n")(inside)
        return made.text("a.mif", f"{head}{names}Data\n\nPoint 115.87 28.66\n")(inside)

    return made.zipped("a.zip", write)(folder)


def folders(folder: Path) -> Path:
    """Return a KMZ of 30,000 folders with a place in each."""
    point = "<Point><coordinates>115.87,28.66</coordinates></Point>"
    place = f"<Folder><name>f%d</name><Placemark>{point}</Placemark></Folder>"
    with zipfile.ZipFile(folder / "a.kmz", "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("doc.kml", made.kml("".join(place % n for n in range(30_000))))
    return folder / "a.kmz"


def chunks(said: int) -> Callable[[Path], Path]:
    """Return a maker of a LAZ whose table tells of so many chunks."""

    def make(folder: Path) -> Path:
        dice = np.random.default_rng(1)
        x, y = dice.uniform(0, 40, (2, 4000))
        place = (392_000 + x, 3_173_900 + y, 20 + x / 40)
        path = cloud(folder / "a.laz", place, np.full(4000, 2, np.uint8), crs=made.TOWN_CRS)
        data = bytearray(path.read_bytes())
        points = struct.unpack_from("<I", data, 96)[0]
        table = struct.unpack_from("<q", data, points)[0]
        struct.pack_into("<I", data, table + 4, said)
        path.write_bytes(bytes(data))
        return path

    return make


def grid(head: str) -> Callable[[Path], Path]:
    """Return a maker of a grid of four values under such a head."""
    return made.text("a.asc", f"{head}\n1 2\n3 4\n")


SIDES: Final = "ncols 2\nnrows 2\n"
NOWHERE: Final = "xllcorner nan\nyllcorner nan\n"
PLACE: Final = "xllcorner 392000\nyllcorner 3173800\n"
DRAWN: Final = {"declared": PLANE}
EXCHANGED: Final = (
    ("FileGDB", "a million times one row", "buildings", "file.too_large", geodatabase),
    ("TAB", "a million times one shape", "buildings", "file.damaged", mapinfo),
    ("MIF", "20,000 columns", "cameras", "file.too_large", columns),
    ("FlatGeobuf", "collections of itself", "buildings", "file.damaged", flat_bomb),
    ("FlatGeobuf", "2^50 features", "buildings", "layer.missing", flat_count),
    ("GML", "an arc without end", "buildings", "geometry.unusable", arcs),
    ("GML", "a column for each row", "cameras", "file.too_large", wide),
    ("KML", "a column for each row", "cameras", "file.too_large", named),
    ("KMZ", "30,000 folders", "cameras", "layer.several", folders),
    ("LAS", "2^32 chunks", "ground", "file.damaged", chunks(0xFFFFFFFF)),
    ("LAS", "300 million chunks", "ground", "file.damaged", chunks(300_000_000)),
)
DRAWINGS: Final = (
    ("DXF", "blocks of blocks", "buildings", READ, laughing),
    ("DXF", "an arc without end", "buildings", READ, turning),
    ("DXF", "a spline of high degree", "buildings", "file.damaged", spline),
    ("DXF", "a mesh of a thousand million", "buildings", READ, mesh),
    ("AAIGrid", "cells of no size", "ground", "raster.no_place",
     grid(f"{SIDES}{PLACE}cellsize 1e-320")),
    ("AAIGrid", "cells without end", "ground", "raster.no_place",
     grid(f"{SIDES}{PLACE}cellsize 1e308")),
    ("AAIGrid", "no place", "ground", "raster.no_place", grid(f"{SIDES}{NOWHERE}cellsize 10")),
)  # fmt: skip
"""Files that do not say in which system they are."""

SLOW: Final = frozenset({geodatabase, mapinfo, flat_bomb, wide, named})

CASES: Final = (
    *(
        Case(kind, name, reader, make, code, slow=make in SLOW)
        for kind, name, reader, code, make in EXCHANGED
    ),
    *(
        Case(kind, name, reader, make, code, more=DRAWN)
        for kind, name, reader, code, make in DRAWINGS
    ),
)
