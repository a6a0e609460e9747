"""Each row that is read is kept, refused, or left out by name: for every reader there is."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from pyproj import CRS
from shapely.geometry import box, mapping

from civicsight.io.assemble import RASTERS
from civicsight.io.project import read_city
from civicsight.io.rasters.surface import SurfaceOptions
from civicsight.io.reader_registry import TABLE_READERS
from civicsight.io.registers.templates import OTHERS, SOURCE_SCHEMAS, TABLES, write_templates
from civicsight.io.source_options import Declared
from tests.catalogue_made import answer, camera, item
from tests.test_citymodels import block, cityjson
from tests.test_registers_templates import reader_of

METRIC = CRS.from_epsg(4549)
PLACE = Declared(datum="wgs84")


def as_geojson(path: Path, *rows: tuple[object, dict[str, object]]) -> Path:
    """Write shapes in degrees beside Nanchang, some without any, with their columns."""
    features = [
        {"type": "Feature", "properties": said, "geometry": shape and mapping(shape)}
        for shape, said in rows
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


def cell(x: int, y: int, size: float = 0.6):
    """Return a square of some 60 m."""
    west, south = 115.9 + x * 1e-3, 28.6 + y * 1e-3
    return box(west, south, west + size * 1e-3, south + size * 1e-3)


TWO = cell(4, 0).union(cell(6, 0))
POINT = cell(9, 9).centroid
SPECK = POINT.buffer(1e-7)


def table_of(name):
    """Return how a table of text is made: good rows, bad cells, an id twice, empty lines."""

    def made(folder: Path) -> Path:
        write_templates(folder, tables=[name], form="csv")
        path = folder / f"{name}.csv"
        header, example = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
        rows = [header, example]
        for n in range(6):
            row = [f"{cell}{n}" if at == 0 else cell for at, cell in enumerate(example)]
            if n == 2:
                row = ["?!" if at else cell for at, cell in enumerate(row)]
            if n == 3:
                row = ["" if at else cell for at, cell in enumerate(row)]
            rows += [row, [""] * len(row)] if n == 4 else [row]
        rows.append(rows[2])
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
        return path

    return made


def buildings(folder: Path) -> Path:
    return as_geojson(
        folder / "b.geojson",
        (cell(0, 0), {"height": 9}), (cell(0, 0), {"height": 9}), (TWO, {"height": 9}),
        (None, {"height": 9}), (SPECK, {"height": 9}), (cell(2, 0), {"height": "much"}),
        (cell(8, 0), {"height": 9, "location": "underground"}), (POINT, {"height": 9}),
        (cell(8, 2), {"height": 30}), (cell(8, 2, 0.3), {"height": 9, "building:part": "yes"}),
        (cell(900, 900), {"height": 9}),
    )  # fmt: skip


def joined(folder: Path) -> Path:
    rows = [(cell(n, 0), {"height": 9, "building_id": str(n // 2)}) for n in range(6)]
    rows += [(cell(n, 4), {"height": 9, "building_id": str(n)}) for n in range(10, 30)]
    return as_geojson(folder / "b.geojson", *rows)


def features(folder: Path) -> Path:
    """An export of OSM: with an element twice, one without a place, one without a tag."""
    kinds = (
        (cell(0, 0), {"building": "yes"}), (cell(0, 0), {"building": "yes"}),
        (None, {"building": "yes"}), (cell(3, 0), {}), (TWO, {"natural": "wood"}),
        (cell(1, 1).exterior, {"highway": "service"}), (POINT, {"natural": "tree"}),
        (POINT, {"entrance": "no"}), (cell(2, 2), {"landuse": "military"}),
        (cell(900, 900), {"building": "yes"}), (SPECK, {"building": "yes"}),
        (TWO, {"landuse": "grass"}), (cell(5, 5).exterior, {"barrier": "fence"}),
        (POINT, {"man_made": "surveillance"}), (POINT, {"amenity": "school"}),
    )  # fmt: skip
    rows = [
        (shape, {"element": "way", "id": 1 if n == 1 else n, **said})
        for n, (shape, said) in enumerate(kinds, start=1)
    ]
    return as_geojson(folder / "osm.geojson", *rows, rows[0])


def model_json(folder: Path) -> Path:
    """A city model: two roofs, an object that is no building, one bare, one broken, one knotted."""
    vertices, faces = block(0, 0, 10, 8, 0, 20)
    vertices += [(10, 0, 6), (16, 0, 6), (16, 8, 6), (10, 8, 6)]
    vertices += [(10, 0, 0), (16, 0, 0), (16, 8, 0), (10, 8, 0)]
    faces = [*faces, ("RoofSurface", [8, 9, 10, 11]), ("GroundSurface", [15, 14, 13, 12])]
    wall = [(60, 0, 0), (60, 9, 0), (60, 9, 9), (60, 0, 9)]
    document = cityjson(
        {
            "two": ("Building", "2", vertices, faces, {}),
            "again": ("Building", "1", *block(30, 0, 9, 9, 0, 9), {}),
            "same": ("Building", "1", *block(30, 0, 9, 9, 0, 9), {}),
            "flat": ("Building", "1", wall, [("", [0, 1, 2, 3])], {}),
            "road": ("Road", "1", wall, [("", [0, 1, 2, 3])], {}),
            "bare": ("Building", "1", [], [], {"geometry": []}),
            "broken": ("Building", "1", [], [], {"geometry": [{"type": "Solid"}]}),
        },
        crs="EPSG:4549",
    )
    path = folder / "model.city.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


GML = """<CityModel xmlns="http://www.opengis.net/citygml/2.0"
 xmlns:gml="http://www.opengis.net/gml" xmlns:b="http://www.opengis.net/citygml/building/2.0">
{members}</CityModel>"""


def model_gml(folder: Path) -> Path:
    """A model in GML: two houses of one id whose rings are broken, a road, and a house."""
    ring = "<b:lod0FootPrint><gml:Polygon srsName='EPSG:4549'><gml:LinearRing><gml:posList>{}"
    ring += "</gml:posList></gml:LinearRing></gml:Polygon></b:lod0FootPrint>"
    house = "<cityObjectMember><b:Building gml:id='{}'>{}</b:Building></cityObjectMember>\n"
    corners = "480000 3170000 3 480009 3170000 3 480009 3170009 3 480000 3170009 3 480000 3170000 3"
    members = [
        house.format("a", ring.format(corners)),
        *[house.format("b", ring.format("1 2"))] * 2,
        house.format("c", ""),
        "<cityObjectMember><Road/></cityObjectMember>",
    ]
    path = folder / "model.gml"
    path.write_text(GML.format(members="".join(members)), encoding="utf-8")
    return path


def catalogue(folder: Path) -> Path:
    """A catalogue: recorders, secret and mobile cameras, entries twice, answers that were lost."""
    held = [
        camera(1), camera(2), camera(2), camera(3), camera(3, Name="another"),
        camera(4, Secrecy="1"), camera(5, Longitude=None), camera(6, Longitude="900"),
        item({"DeviceID": "360103"}), item({"DeviceID": "3601030000118" + "0" * 7}),
        item({"DeviceID": "none"}),
    ]  # fmt: skip
    path = folder / "catalogue.xml"
    path.write_bytes(answer(held, total=20).encode("gb18030"))
    return path


def lines_and_areas(folder: Path) -> Path:
    return as_geojson(
        folder / "shapes.geojson",
        (TWO, {"kind": "wall"}), (TWO.boundary, {"kind": "wall"}), (None, {"kind": "wall"}),
        (POINT, {"kind": "wall"}), (cell(1, 1), {"kind": "nonsense"}), (SPECK, {"kind": "wall"}),
    )  # fmt: skip


def woods(folder: Path) -> Path:
    return as_geojson(
        folder / "trees.geojson",
        (TWO, {"kind": "wood"}), (TWO.boundary, {"kind": "row"}), (None, {"kind": "tree"}),
        (POINT, {"kind": "tree"}), (SPECK, {"kind": "wood"}), (cell(1, 1), {"kind": "nonsense"}),
    )  # fmt: skip


def areas(folder: Path) -> Path:
    return as_geojson(
        folder / "areas.geojson",
        (TWO, {"kind": "dormitory", "name": "A", "code": "360102", "level": "county"}),
        (POINT, {"kind": "hotel_room", "name": "B", "code": "360103", "level": "county"}),
        (None, {"kind": "dormitory", "name": "C", "code": "360104", "level": "county"}),
        (SPECK, {"kind": "dormitory", "name": "D", "code": "360111", "level": "county"}),
    )


def heights(folder: Path) -> Path:
    """A raster of 20 x 20 cells with a hill, a hole and an impossible value."""
    z = np.full((20, 20), 0.0, "float32")
    z[4:9, 4:9], z[10:13, 2:12], z[0, 0], z[15:18, 15:18] = 8.0, 12.0, 9e6, -9999.0
    z[12, 12], z[13, 13] = 9.0, 9.0
    path = folder / "heights.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=20, height=20, count=1, dtype="float32", nodata=-9999.0,
        crs=METRIC, transform=Affine(5, 0, 480_000, 0, -5, 3_170_100),
    ) as file:  # fmt: skip
        file.write(z, 1)
    return path


AREA = (480_000.0, 3_170_000.0, 480_100.0, 3_170_100.0)


def from_table(name, path):
    """Read by the reader of a kind of table, good rows all the same."""
    return reader_of(name)(path, crs=METRIC, declared=PLACE, keep_good=True)[1]


def from_city(_, path, **asked):
    return read_city(path, declared=PLACE, keep_good=True, **asked)[1]


def from_city_within(_, path):
    return from_city("city", path, bounds=(115.8995, 28.5995, 115.9025, 28.6025))


def from_raster(name, path):
    asked = {"options": SurfaceOptions("above_ground")} if name == "surface" else {}
    return RASTERS[name](path, AREA, METRIC, **asked)[1]


CASES = [
    *((name, table_of(name), from_table, 7) for name in (*SOURCE_SCHEMAS, *OTHERS)),
    ("buildings", buildings, from_table, 11),
    ("buildings", joined, from_table, 26),
    ("buildings", model_json, from_table, 7),
    ("buildings", model_gml, from_table, 5),
    ("catalogue", catalogue, from_table, 10),
    ("obstacles", lines_and_areas, from_table, 6),
    ("barriers", lines_and_areas, from_table, 6),
    ("trees", woods, from_table, 6),
    ("districts", areas, from_table, 4),
    ("private", areas, from_table, 4),
    ("city", buildings, from_city, 11),
    ("city", buildings, from_city_within, 11),
    ("city", features, from_city, 16),
    ("city", features, from_city_within, 16),
    ("city", model_json, from_city, 7),
    ("terrain", heights, from_raster, None),
    ("canopy", heights, from_raster, None),
    ("surface", heights, from_raster, None),
]
"""What is read, how it is made, by whom it is read, and how many rows it has; cells are many."""


def test_each_row_is_kept_refused_or_left_out_by_name(tmp_path):
    silent = []
    for number, (name, make, read, rows) in enumerate(CASES):
        folder = tmp_path / str(number)
        folder.mkdir()
        report = read(name, make(folder))
        leaves = report.parts or (report,)
        lost = {part.layer: part.unnamed for part in leaves if part.unnamed}
        if lost or rows not in (None, leaves[0].read):
            silent.append((name, make.__name__, read.__name__, rows, leaves[0].read, lost))
    assert silent == []


def test_every_reader_of_rows_is_tried():
    assert {name for name, *_ in CASES} >= {*TABLE_READERS, *SOURCE_SCHEMAS, *TABLES, *RASTERS} - {
        "heights"  # it reads no rows of its own
    }
