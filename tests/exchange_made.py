"""The same three houses and two cameras in every format that offices exchange."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

from tests.result_town import TOWN_CRS

X0, Y0 = 390_000.0, 3_172_000.0
"""A corner of the town that `tests.result_town` makes [m]."""

SIDE = 9.0
HOUSES = gpd.GeoDataFrame(
    {
        "building_id": np.array([1, 2, 3], "int32"),
        "name": ["甲", "乙", "丙"],
        "height": [9.0, 12.0, 15.5],
    },
    geometry=[shapely.box(X0 + x, Y0 + 2, X0 + x + SIDE, Y0 + 2 + SIDE) for x in (2, 22, 42)],
    crs=TOWN_CRS,
)
CAMERAS = gpd.GeoDataFrame(
    {"camera_id": ["c-1", "c-2"], "name": ["东门", "西门"], "height_m": [4.0, 5.5]},
    geometry=[shapely.Point(X0 + x, Y0 + 15) for x in (5, 25)],
    crs=TOWN_CRS,
)

Make = Callable[[Path], Path]


def by_gdal(name: str, driver: str, frame: gpd.GeoDataFrame, epsg: int = 0, **options: str) -> Make:
    """Return a maker of a file that GDAL writes, in the CRS of the frame or another one."""

    def make(folder: Path) -> Path:
        placed = frame.to_crs(epsg) if epsg else frame
        pyogrio.write_dataframe(placed, folder / name, driver=driver, **options)
        return folder / name

    return make


def zipped(name: str, make: Make) -> Make:
    """Return a maker of a ZIP file with all that another one makes."""

    def pack(folder: Path) -> Path:
        inside = folder / "inside"
        inside.mkdir()
        make(inside)
        with zipfile.ZipFile(folder / name, "w") as out:
            for file in sorted(inside.rglob("*")):
                out.write(file, file.relative_to(inside))
        return folder / name

    return pack


def text(name: str, content: str, encoding: str = "utf-8") -> Make:
    """Return a maker of a file of text."""

    def make(folder: Path) -> Path:
        (folder / name).write_bytes(content.encode(encoding))
        return folder / name

    return make


def kml(inner: str) -> str:
    """Return a document of KML."""
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">'
    return f"{head}<Document><name>doc</name>{inner}</Document></kml>"


def placemarks(frame: gpd.GeoDataFrame) -> str:
    """Return cameras as placemarks with untyped data, as people make them in Google Earth."""
    return "".join(
        f"<Placemark><name>{row.name}</name><ExtendedData><Data name='camera_id'><value>"
        f"{row.camera_id}</value></Data><Data name='height_m'><value>{row.height_m}</value></Data>"
        f"</ExtendedData><Point><coordinates>{row.geometry.x},{row.geometry.y},30</coordinates>"
        "</Point></Placemark>"
        for row in frame.to_crs(4326).itertuples(index=False)
    )


def gpx(frame: gpd.GeoDataFrame) -> str:
    """Return cameras as waypoints, beside a track without a meaning here."""
    points = "".join(
        f'<wpt lat="{row.geometry.y}" lon="{row.geometry.x}"><ele>30</ele><name>{row.camera_id}'
        "</name></wpt>"
        for row in frame.to_crs(4326).itertuples(index=False)
    )
    head = '<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1">'
    return f'<?xml version="1.0"?>\n{head}{points}</gpx>'


def groups(*pairs: tuple[int, object]) -> str:
    """Return groups of a DXF: a code and a value, each on a line of its own."""
    return "".join(f"{code:>3}\n{value}\n" for code, value in pairs)


def outline(row: int, *, closed: bool = True, layer: str = "JZD") -> str:
    """Return a house as a polyline at the elevation of its roof."""
    house = HOUSES.iloc[row]
    corners = list(house.geometry.exterior.coords)[:-1]
    head = [(0, "LWPOLYLINE"), (8, layer), (90, 4), (70, int(closed)), (38, house["height"])]
    return groups(*head, *(pair for x, y in corners for pair in ((10, x), (20, y))))


def block(row: int, layer: str = "摄像机") -> str:
    """Return a camera as a block that stands somewhere, with its attributes."""
    camera = CAMERAS.iloc[row]
    at = [(10, camera.geometry.x), (20, camera.geometry.y)]
    tags = {"CAMERA_ID": camera["camera_id"], "HEIGHT_M": camera["height_m"]}
    attributes = "".join(
        groups((0, "ATTRIB"), (8, layer), (2, tag), (1, value), *at) for tag, value in tags.items()
    )
    head = [(0, "INSERT"), (8, layer), (2, "CAM"), (66, 1), *at, (50, 30)]
    return groups(*head) + attributes + groups((0, "SEQEND"), (8, layer))


def note(words: str = "砖3", layer: str = "ZJ", sheet: int = 0) -> str:
    """Return a text, on the sheet or in the model."""
    at = [(10, X0 + 6), (20, Y0 + 6), (40, 2)]
    return groups((0, "TEXT"), (8, layer), (67, sheet), *at, (1, words))


SOLID = groups((0, "3DSOLID"), (8, "0"))


def dxf(entities: Iterable[str], *, version: str = "AC1015", page: str = "ANSI_936") -> str:
    """Return a drawing with one block."""
    header = groups((9, "$ACADVER"), (1, version), (9, "$DWGCODEPAGE"), (3, page))
    circle = groups((0, "CIRCLE"), (8, 0), (10, 0), (20, 0), (40, 1))
    begin, end = [(0, "BLOCK"), (2, "CAM"), (70, 2), (10, 0), (20, 0)], [(0, "ENDBLK")]
    sections = {
        "HEADER": header,
        "BLOCKS": groups(*begin) + circle + groups(*end),
        "ENTITIES": "".join(entities),
    }
    told = "".join(
        groups((0, "SECTION"), (2, name)) + inner + groups((0, "ENDSEC"))
        for name, inner in sections.items()
    )
    return told + groups((0, "EOF"))


DRAWING = (outline(0), outline(1), outline(2), outline(0, closed=False, layer="DL"), block(0),
           block(1), note(), note(sheet=1), SOLID)  # fmt: skip
"""Three houses, an open line, two cameras, a text, one on the sheet, and a solid: nine entities."""

MIF = by_gdal("houses.mif", "MapInfo File", HOUSES, FORMAT="MIF")
GDB = by_gdal("houses.gdb", "OpenFileGDB", HOUSES, layer="houses")

HOUSES_IN: dict[str, Make] = {
    "KML with a schema": by_gdal("a.kml", "LIBKML", HOUSES, 4326),
    "KMZ": by_gdal("a.kmz", "LIBKML", HOUSES, 4326),
    "GML 3": by_gdal("a.gml", "GML", HOUSES),
    "GML 2": by_gdal("a.gml", "GML", HOUSES, FORMAT="GML2"),
    "DXF in GBK": text("a.dxf", dxf(DRAWING), "gb18030"),
    "DXF of AutoCAD 2007": text("a.dxf", dxf(DRAWING, version="AC1021")),
    "TAB": zipped("a.zip", by_gdal("houses.tab", "MapInfo File", HOUSES)),
    "MIF": zipped("a.zip", MIF),
    "FileGDB": zipped("houses.gdb.zip", GDB),
    "FlatGeobuf": by_gdal("a.fgb", "FlatGeobuf", HOUSES),
    "GeoJSONSeq": by_gdal("a.geojsonl", "GeoJSONSeq", HOUSES, 4326),
    "PMTiles": by_gdal("a.pmtiles", "PMTiles", HOUSES, 4326,
                       MINZOOM="18", MAXZOOM="18"),
}  # fmt: skip
"""How the houses are made in each format, as one file."""

CAMERAS_IN: dict[str, Make] = {
    "KML without a schema": text("c.kml", kml(placemarks(CAMERAS))),
    "KMZ by hand": zipped("c.kmz", text("doc.kml", kml(placemarks(CAMERAS)))),
    "GPX": text("c.gpx", gpx(CAMERAS)),
    "GML": by_gdal("c.gml", "GML", CAMERAS),
    "blocks of a DXF": text("c.dxf", dxf(DRAWING), "gb18030"),
    "MIF in GBK": zipped("c.zip", by_gdal("c.mif", "MapInfo File", CAMERAS, FORMAT="MIF",
                                          ENCODING="CP936")),
    "TAB in GBK": zipped("c.zip", by_gdal("c.tab", "MapInfo File", CAMERAS, ENCODING="CP936")),
    "FileGDB": zipped("c.gdb.zip", by_gdal("c.gdb", "OpenFileGDB", CAMERAS, layer="cameras")),
    "FlatGeobuf": by_gdal("c.fgb", "FlatGeobuf", CAMERAS),
    "GeoJSONSeq": by_gdal("c.geojsonl", "GeoJSONSeq", CAMERAS, 4326),
    "PMTiles": by_gdal("c.pmtiles", "PMTiles", CAMERAS, 4326, MINZOOM="16", MAXZOOM="16"),
}  # fmt: skip
"""How the cameras are made in each format, as one file."""
