"""One small sound file of each format, to be spoilt: each is read without a fault."""

from __future__ import annotations

import gzip
import json
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from pyproj import CRS
from rasterio.transform import Affine

from civicsight.io import save_city
from civicsight.io.source_options import Declared
from tests.bad_packs import PACK
from tests.catalogue_made import CLASS_1, answer, item
from tests.exchange_made import CAMERAS_IN, HOUSES_IN
from tests.test_check import CAMS, town
from tests.test_city_point_cloud import cloud
from tests.test_citymodels_damage import GML
from tests.workbooks import make_ods, ods_row, ods_table

TESTS: Final = Path(__file__).resolve().parent.parent
CORPUS: Final = TESTS / "corpus"
ORIGIN: Final = (115.9, 28.68)
STEP_DEG: Final = 0.0005
ROWS: Final = 12
CSV: Final = "camera_id,name,lon,lat,height_m,azimuth_deg\n" + "".join(
    f"c{n},南昌市东湖区八一广场北门{n}号,{ORIGIN[0] + n * STEP_DEG:.4f},28.6800,4,{n * 30}\n"
    for n in range(ROWS)
)
OSM: Final = """<?xml version="1.0"?><osm version="0.6">
<node id="1" lat="28.68" lon="115.9"/><node id="2" lat="28.68" lon="115.901"/>
<node id="3" lat="28.681" lon="115.901"/><node id="4" lat="28.68" lon="115.902">
<tag k="man_made" v="surveillance"/></node>
<way id="9"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="1"/><tag k="building" v="yes"/></way>
</osm>
"""
CITYJSON: Final = {
    "type": "CityJSON",
    "version": "1.1",
    "transform": {"scale": [0.01, 0.01, 0.01], "translate": [0.0, 0.0, 0.0]},
    "metadata": {"referenceSystem": "https://www.opengis.net/def/crs/EPSG/0/28992"},
    "vertices": [
        [10_000_000 + x, 43_000_000 + y, z]
        for z in (0, 900)
        for x, y in ((0, 0), (1000, 0), (1000, 800), (0, 800))
    ],
    "CityObjects": {
        "b": {
            "type": "Building",
            "geometry": [
                {
                    "type": "Solid",
                    "lod": "1",
                    "boundaries": [
                        [
                            [[0, 3, 2, 1]],
                            [[4, 5, 6, 7]],
                            [[0, 1, 5, 4]],
                            [[1, 2, 6, 5]],
                            [[2, 3, 7, 6]],
                            [[3, 0, 4, 7]],
                        ]
                    ],
                }
            ],
        }
    },
}
MAPPING: Final = "columns:\n  编号: camera_id\n  经度: lon\n  纬度: lat\n"


class Sound(NamedTuple):
    """A sound file, the reader that it is for, and what that is told beside the path."""

    path: Path
    reader: str
    told: tuple[Any, ...] = ()
    more: Mapping[str, Any] = MappingProxyType({})


def make_all(folder: Path) -> list[Sound]:
    """Write a sound file of each format into a folder."""
    made = []
    for name, (reader, write) in WRITERS.items():
        path = folder / name
        write(path)
        made.append(Sound(path, reader, TOLD.get(reader, ()), MORE.get(name, {})))
    return made


def _blocks() -> gpd.GeoDataFrame:
    x, y = ORIGIN
    outlines = [
        shapely.box(x + n * STEP_DEG, y, x + (n + 0.6) * STEP_DEG, y + STEP_DEG)
        for n in range(ROWS)
    ]
    columns = {"name": [f"楼{n}" for n in range(ROWS)], "height": np.linspace(3.0, 60.0, ROWS)}
    return gpd.GeoDataFrame(columns, geometry=outlines, crs=4326)


def _text(content: str, encoding: str = "utf-8") -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content.encode(encoding))


def _vector(**options: str) -> Callable[[Path], object]:
    return lambda path: _blocks().to_file(path, **options)


def _shapes(path: Path) -> None:
    folder = path.with_suffix("")
    folder.mkdir()
    _blocks().to_file(folder / "blocks.shp", encoding="utf-8")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for part in sorted(folder.iterdir()):
            package.write(part, part.name)
            part.unlink()
    folder.rmdir()


def _ground(path: Path) -> None:
    heights = np.linspace(0.0, 40.0, 30 * 40, dtype=np.float32).reshape(30, 40)
    profile = {"driver": "GTiff", "width": 40, "height": 30, "count": 1, "dtype": "float32"}
    place = Affine(10.0, 0.0, 392_000.0, 0.0, -10.0, 3_174_000.0)
    with rasterio.open(path, "w", crs="EPSG:4548", transform=place, **profile) as sink:
        sink.write(heights, 1)


def _zipped_srtm(path: Path) -> None:
    cells = np.full((1201, 1201), 25, dtype=">i2").tobytes()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("N28E115.hgt", cells)


def _exchanged(name: str) -> Callable[[Path], object]:
    """Return what makes houses or cameras in one of the formats that GDAL reads."""
    make = HOUSES_IN.get(name) or CAMERAS_IN[name]

    def write(path: Path) -> None:
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            make(Path(folder)).rename(path)

    return write


def _grid(path: Path) -> None:
    head = "ncols 30\nnrows 20\nxllcorner 392000\nyllcorner 3173800\ncellsize 10\n"
    path.write_text(head + (" ".join(["25.5"] * 30) + "\n") * 20, encoding="ascii")


def _cloud(path: Path) -> None:
    dice = np.random.default_rng(20_261_128)
    x, y = dice.uniform(0, 40, (2, 4000))
    place = (392_000 + x, 3_173_900 + y, 20 + x / 40)
    cloud(path, place, np.full(4000, 2, np.uint8), crs=CRS.from_epsg(4548))


def _open_document(path: Path) -> None:
    rows = [ods_row(*line.split(",")) for line in CSV.splitlines()]
    make_ods(path, ods_table("cameras", *rows))


def _old_workbook(path: Path) -> None:
    path.write_bytes((CORPUS / "tables" / "old.xls").read_bytes())


def _workbook(path: Path) -> None:
    path.write_bytes((CORPUS / "tables" / "sound.xlsx").read_bytes())


def varint(number: int) -> bytes:
    """Return a number as protocol buffers have it."""
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def field(number: int, content: bytes | int) -> bytes:
    """Return a field of a protocol buffer: a number, or bytes with their length."""
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    return varint(number << 3 | 2) + varint(len(content)) + content


def blob(kind: bytes, raw: bytes) -> bytes:
    """Return a block of an extract of OpenStreetMap, compressed."""
    body = field(2, len(raw)) + field(3, zlib.compress(raw))
    head = field(1, kind) + field(3, len(body))
    return struct.pack(">I", len(head)) + head + body


def signed(number: int) -> int:
    """Return a number whose sign stands in its last bit."""
    return number << 1 if number >= 0 else (-number << 1) - 1


def _extract(path: Path) -> None:
    """Write the city of `OSM` as PBF."""
    words = [b"", b"man_made", b"surveillance", b"building", b"yes"]
    text = b"".join(field(1, word) for word in words)

    def node(number: int, east: int, north: int, tags: bytes = b"") -> bytes:
        place = field(8, signed(286_800_000 + north)) + field(9, signed(1_159_000_000 + east))
        return field(1, field(1, signed(number)) + tags + place)

    tags = field(2, bytes([1])) + field(3, bytes([2]))
    corners = node(1, 0, 0) + node(2, 10_000, 0) + node(3, 10_000, 10_000)
    nodes = corners + node(4, 20_000, 0, tags)
    around = bytes([signed(1), signed(1), signed(1), signed(-2)])
    way = field(3, field(1, 9) + field(2, bytes([3])) + field(3, bytes([4])) + field(8, around))
    block = field(1, text) + field(2, nodes) + field(2, way)
    head = field(4, b"OsmSchema-V0.6")
    path.write_bytes(blob(b"OSMHeader", head) + blob(b"OSMData", block))


def _kept(name: str) -> Callable[[Path], object]:
    """Return what writes a file that an earlier version left."""

    def write(path: Path) -> None:
        content = (TESTS / "kept" / name).read_bytes()
        path.write_bytes(gzip.decompress(content) if name.endswith(".gz") else content)

    return write


WRITERS: Final[Mapping[str, tuple[str, Callable[[Path], object]]]] = {
    "table.csv": ("cameras", _text(CSV)),
    "gbk.csv": ("cameras", _text(CSV, "gb18030")),
    "wide.txt": ("cameras", _text(CSV.replace(",", "\t"), "utf-16")),
    "book.xlsx": ("cameras", _workbook),
    "catalogue.xml": (
        "catalogue",
        lambda path: path.write_bytes(answer([item(CLASS_1)]).encode("gb18030")),
    ),
    "blocks.geojson": ("buildings", _vector(driver="GeoJSON")),
    "lines.geojsonl": ("buildings", _vector(driver="GeoJSONSeq")),
    "blocks.gpkg": ("buildings", _vector(driver="GPKG")),
    "blocks.fgb": ("buildings", _vector(driver="FlatGeobuf")),
    "blocks.parquet": ("buildings", lambda path: _blocks().to_parquet(path)),
    "blocks.zip": ("buildings", _shapes),
    "model.city.json": ("buildings", _text(json.dumps(CITYJSON))),
    "model.gml": ("buildings", _text(GML)),
    "map.osm": ("city", _text(OSM)),
    "map.osm.pbf": ("city", _extract),
    "ground.tif": ("ground", _ground),
    "N28E115.hgt.zip": ("ground", _zipped_srtm),
    "words.yaml": ("mapping", _text(MAPPING)),
    "law.yaml": ("pack", _text(PACK)),
    "handover.zip": ("handover", _kept("handover-v1.zip")),
    "book.ods": ("cameras", _open_document),
    "book.xls": ("sheet", _old_workbook),
    "houses.kml": ("buildings", _exchanged("KML with a schema")),
    "houses.kmz": ("buildings", _exchanged("KMZ")),
    "points.gpx": ("cameras", _exchanged("GPX")),
    "houses.gml": ("buildings", _exchanged("GML 3")),
    "drawing.dxf": ("buildings", _exchanged("DXF in GBK")),
    "houses.tab.zip": ("buildings", _exchanged("TAB")),
    "houses.mif.zip": ("buildings", _exchanged("MIF")),
    "houses.gdb.zip": ("buildings", _exchanged("FileGDB")),
    "houses.pmtiles": ("buildings", _exchanged("PMTiles")),
    "grid.asc": ("ground", _grid),
    "cloud.las": ("ground", _cloud),
    "cloud.laz": ("ground", _cloud),
    "town.gpkg": ("project", lambda path: save_city(town(CAMS), path)),
}
"""Reader and writer of each file, by its name."""

TOLD: Final[Mapping[str, tuple[Any, ...]]] = {
    "ground": ((392_000.0, 3_173_800.0, 392_300.0, 3_174_000.0), CRS.from_epsg(4548))
}

PLANE: Final = Declared(crs=CRS.from_epsg(4548))
MORE: Final[Mapping[str, Mapping[str, Any]]] = {
    "drawing.dxf": {"declared": PLANE},
    "grid.asc": {"declared": PLANE},
    "book.xls": {"declared": Declared(layer="cameras")},
}
"""What a reader is told by name, of files that do not say it themselves."""

NOT_A_TABLE: Final = {
    "words.yaml": "mapping",
    "law.yaml": "pack",
    "handover.zip": "handover",
    "town.gpkg": "project",
}
"""Files that are no data of a format of others: what they are instead."""

FORMAT_OF: Final[Mapping[str, str]] = {
    **dict.fromkeys(("table.csv", "gbk.csv", "wide.txt"), "text"),
    **dict.fromkeys(("blocks.geojson", "lines.geojsonl"), "GeoJSON"),
    **dict.fromkeys(("map.osm", "map.osm.pbf"), "OSM"),
    **dict.fromkeys(("cloud.las", "cloud.laz"), "LAS"),
    "book.xlsx": "XLSX",
    "book.ods": "ODS",
    "book.xls": "XLS",
    "catalogue.xml": "catalogue",
    "blocks.gpkg": "GPKG",
    "blocks.fgb": "FlatGeobuf",
    "blocks.parquet": "Parquet",
    "blocks.zip": "ESRI Shapefile",
    "model.city.json": "CityJSON",
    "model.gml": "CityGML",
    "ground.tif": "GTiff",
    "N28E115.hgt.zip": "SRTMHGT",
    "houses.kml": "KML",
    "houses.kmz": "KMZ",
    "points.gpx": "GPX",
    "houses.gml": "GML",
    "drawing.dxf": "DXF",
    "houses.tab.zip": "TAB",
    "houses.mif.zip": "MIF",
    "houses.gdb.zip": "FileGDB",
    "houses.pmtiles": "PMTiles",
    "grid.asc": "AAIGrid",
    **NOT_A_TABLE,
}
"""What each file is a sound one of."""
