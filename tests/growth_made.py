"""Files that grow in one respect, and how the time of their reader grows with them.

``python -m tests.growth_made`` prints the slope of each, ``python -m tests.growth_made csv`` of
those whose name holds a word.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
import warnings
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
from pyproj import CRS
from rasterio.transform import Affine

from civicsight.io.reader_registry import READERS
from civicsight.rules.loader import lint_pack
from tests.catalogue_made import answer, camera
from tests.spoilt.attacks import extracts as pbf
from tests.test_city_point_cloud import METRIC, SIDE, X0, Y0, cloud, made
from tests.workbooks import make_ods, ods_row, ods_table

ROOT = Path(__file__).resolve().parent.parent
LON, LAT = 115.85, 28.68
DOUBLINGS = 4
MOST_SLOPE = 1.15


class Growth(NamedTuple):
    """A respect in which a file may grow: what makes it, who reads it, and where it begins."""

    make: Callable[[Path, int], Path]
    read: Callable[[Path], object]
    base: int


def houses(count: int, columns: int = 0, cell: int = 4, corners: int = 4) -> gpd.GeoDataFrame:
    """Return squares, or rounder shapes, in rows beside each other, with attributes."""
    side = int(np.ceil(np.sqrt(count)))
    x, y = np.divmod(np.arange(count), side)
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    ring = 8e-5 * np.column_stack([np.cos(turn), np.sin(turn)])
    middle = np.column_stack([LON + 3e-4 * x / side * 40, LAT + 3e-4 * y / side * 40])
    shapes = shapely.polygons(middle[:, None, :] + ring[None, :, :] * 40 / max(side, 40))
    more = {f"a{n}": ["x" * cell] * count for n in range(columns)}
    frame = pd.DataFrame({"building": ["yes"] * count, "height": 9.0, **more})
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=4326)


def written(name: str, text: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_text(text, encoding="utf-8")
        return path

    return make


def table(folder: Path, rows: int, columns: int = 0, cell: int = 4) -> Path:
    head = ",".join(["id", "lon", "lat", *(f"attribute {n}" for n in range(columns))])
    more = ("," + "x" * cell) * columns
    lines = [f"c{n},{LON + n * 1e-6:.6f},{LAT:.6f}{more}" for n in range(rows)]
    return written("cameras.csv", "\n".join([head, *lines]) + "\n")(folder)


def book(folder: Path, rows: int, columns: int = 0, cell: int = 4) -> Path:
    head = ["id", "lon", "lat", *(f"attribute {n}" for n in range(columns))]
    more = ["x" * cell] * columns
    cells = [[f"c{n}", LON + n * 1e-6, LAT, *more] for n in range(rows)]
    frame = pd.DataFrame(cells, columns=head)
    path = folder / "cameras.xlsx"
    frame.to_excel(path, index=False)
    return path


def sheet(folder: Path, rows: int) -> Path:
    cells = [ods_row(f"c{n}", LON + n * 1e-6, LAT) for n in range(rows)]
    return make_ods(folder / "cameras.ods", ods_table("a", ods_row("id", "lon", "lat"), *cells))


def layer(name: str, driver: str, **grown: int) -> Callable[[Path, int], Path]:
    """Return what writes houses by GDAL; one of `grown` is 0 and stands for the size."""

    def make(folder: Path, size: int) -> Path:
        frame = houses(**{key: value or size for key, value in grown.items()})
        path = folder / name
        if driver == "Parquet":
            frame.to_parquet(path)
        else:
            frame.to_file(path, driver=driver)
        return path

    return make


def layers(folder: Path, count: int) -> Path:
    path = folder / "many.gpkg"
    frame = houses(3)
    for n in range(count):
        frame.to_file(path, layer=f"l{n}", driver="GPKG")
    return path


def one_of(path: Path) -> object:
    from civicsight.io.source_options import Declared

    return READERS["buildings"](path, declared=Declared(layer="l0"))


def members(folder: Path, count: int) -> Path:
    made = layer("houses.geojson", "GeoJSON", count=20)(folder, 0)
    path = folder / "houses.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(made, made.name)
        for n in range(count - 1):
            archive.writestr(f"notes/{n}.md", "text")
    return path


def extract(folder: Path, ways: int) -> Path:
    """Write an extract of OpenStreetMap with squares."""
    nodes, found = [], []
    for n in range(ways):
        x, y = LON + (n % 100) * 2e-4, LAT + (n // 100) * 2e-4
        for k, (dx, dy) in enumerate(((0, 0), (1e-4, 0), (1e-4, 1e-4), (0, 1e-4))):
            nodes.append(f'<node id="{4 * n + k + 1}" lon="{x + dx:.6f}" lat="{y + dy:.6f}"/>')
        refs = "".join(f'<nd ref="{4 * n + k % 4 + 1}"/>' for k in range(5))
        found.append(f'<way id="{n + 1}">{refs}<tag k="building" v="yes"/></way>')
    return written("a.osm", f'<osm version="0.6">{"".join(nodes + found)}</osm>')(folder)


def packed_extract(folder: Path, ways: int) -> Path:
    """Write the same squares as PBF, nodes in blocks of 8,000 and ways behind them."""
    sides = ((0, 0), (1_000, 0), (1_000, 1_000), (0, 1_000))
    at = [(pbf.LAT + n // 100 * 2_000, pbf.LON + n % 100 * 2_000) for n in range(ways)]
    nodes = [
        pbf.node(4 * n + k + 1, lat + dy, lon + dx)
        for n, (lat, lon) in enumerate(at)
        for k, (dx, dy) in enumerate(sides)
    ]
    found = [pbf.way(pbf.numbers(4 * n + 1, 1, 1, 1, -3), number=n + 1) for n in range(ways)]
    several = [all_[n : n + 8_000] for all_ in (nodes, found) for n in range(0, len(all_), 8_000)]
    return pbf.file(*(pbf.block(b"".join(some)) for some in several))(folder)


def cityjson(folder: Path, count: int) -> Path:
    """Write blocks of four walls as CityJSON 1.1."""
    corners, objects = [], {}
    for n in range(count):
        x, y = 400_000 + 30 * (n % 100), 3_170_000 + 30 * (n // 100)
        at = len(corners)
        corners += [[x + a, y + b, z] for z in (0, 9) for a, b in ((0, 0), (9, 0), (9, 9), (0, 9))]
        ring = [at, at + 1, at + 2, at + 3]
        ends = zip(ring, [*ring[1:], ring[0]], strict=True)
        walls = [[[one, other, other + 4, one + 4]] for one, other in ends]
        faces = [[ring[::-1]], [[k + 4 for k in ring]], *walls]
        solid = {"type": "Solid", "lod": "1", "boundaries": [faces]}
        objects[f"b{n}"] = {"type": "Building", "geometry": [solid]}
    told = {
        "type": "CityJSON", "version": "1.1", "CityObjects": objects, "vertices": corners,
        "transform": {"scale": [1, 1, 1], "translate": [0, 0, 0]},
        "metadata": {"referenceSystem": "https://www.opengis.net/def/crs/EPSG/0/32650"},
    }  # fmt: skip
    return written("a.city.json", json.dumps(told))(folder)


def citygml(folder: Path, count: int) -> Path:
    """Write blocks as CityGML 2."""
    found = []
    for n in range(count):
        x, y = 400_000 + 30 * (n % 100), 3_170_000 + 30 * (n // 100)
        faces = []
        base = [(0, 0), (9, 0), (9, 9), (0, 9)]
        rings = [[(a, b, 0) for a, b in base[::-1]], [(a, b, 9) for a, b in base]]
        rings += [
            [(*base[k], 0), (*base[(k + 1) % 4], 0), (*base[(k + 1) % 4], 9), (*base[k], 9)]
            for k in range(4)
        ]
        for ring in rings:
            told = " ".join(f"{x + a} {y + b} {z}" for a, b, z in [*ring, ring[0]])
            faces.append(
                "<gml:surfaceMember><gml:Polygon><gml:exterior><gml:LinearRing><gml:posList>"
                f"{told}</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon>"
                "</gml:surfaceMember>"
            )
        found.append(
            f'<core:cityObjectMember><bldg:Building gml:id="b{n}"><bldg:lod1Solid><gml:Solid>'
            f"<gml:exterior><gml:CompositeSurface>{''.join(faces)}</gml:CompositeSurface>"
            "</gml:exterior></gml:Solid></bldg:lod1Solid></bldg:Building></core:cityObjectMember>"
        )
    head = (
        '<core:CityModel xmlns:core="http://www.opengis.net/citygml/2.0" '
        'xmlns:bldg="http://www.opengis.net/citygml/building/2.0" '
        'xmlns:gml="http://www.opengis.net/gml"><gml:boundedBy><gml:Envelope '
        'srsName="EPSG:32650" srsDimension="3"><gml:lowerCorner>400000 3170000 0</gml:lowerCorner>'
        "<gml:upperCorner>410000 3190000 9</gml:upperCorner></gml:Envelope></gml:boundedBy>"
    )
    return written("a.gml", head + "".join(found) + "</core:CityModel>")(folder)


def drawing(folder: Path, count: int) -> Path:
    path = folder / "a.dxf"
    houses(count)[["geometry"]].to_file(path, driver="DXF")
    return path


def read_drawing(path: Path) -> object:
    from civicsight.io.source_options import Declared
    from civicsight.io.vectors.vector import read_vector

    return read_vector(path, declared=Declared(crs=CRS.from_epsg(4326)))


def named(folder: Path, count: int) -> Path:
    path = folder / "a.kml"
    houses(count).to_file(path, driver="KML")
    return path


def relief(folder: Path, cells: int) -> Path:
    side = int(np.sqrt(cells))
    head = f"ncols {side}\nnrows {side}\nxllcorner 400000\nyllcorner 3170000\ncellsize 5\n"
    path = written("a.asc", head + ("1.5 " * side + "\n") * side)(folder)
    (folder / "a.prj").write_text(CRS_WKT)
    return path


def read_relief(path: Path) -> object:
    """Read all of a grid but its rim."""
    side = 5 * int(path.read_text(encoding="ascii").split(maxsplit=2)[1])
    bounds = (400_005, 3_170_005, 399_995 + side, 3_169_995 + side)
    return READERS["ground"](path, bounds, CRS.from_epsg(4547))


def pack(folder: Path, count: int) -> Path:
    """Write a sound pack with so many sources more than the national one."""
    told = (ROOT / "civicsight/rules/packs/cn-national-799.yaml").read_text(encoding="utf-8")
    before, mark, rest = told.partition("\npolicy:")
    last = before.rstrip().splitlines()[-1]
    key = last.partition(":")[0].strip()
    more = "".join("\n" + last.replace(key, f"{key}{n}", 1) for n in range(count))
    return written("p.yaml", before.rstrip() + more + "\n" + mark + rest)(folder)


def packed(name: str, driver: str, **options: str) -> Callable[[Path, int], Path]:
    """Return what packs a layer of several files, or a folder, as one."""

    def make(folder: Path, count: int) -> Path:
        inside = folder / "inside"
        inside.mkdir()
        houses(count).to_crs(4547).to_file(inside / name, driver=driver, **options)
        with zipfile.ZipFile(folder / "a.zip", "w") as archive:
            for file in sorted(inside.rglob("*")):
                archive.write(file, file.relative_to(inside))
        return folder / "a.zip"

    return make


def tiled(folder: Path, count: int) -> Path:
    path = folder / "a.pmtiles"
    houses(count).to_file(path, driver="PMTiles", MINZOOM="16", MAXZOOM="16")
    return path


def route(folder: Path, count: int) -> Path:
    told = "".join(
        f'<wpt lat="{LAT}" lon="{LON + n * 1e-6:.6f}"><name>c{n}</name></wpt>' for n in range(count)
    )
    head = '<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1">'
    return written("a.gpx", f"{head}{told}</gpx>")(folder)


def picture(folder: Path, cells: int) -> Path:
    side = int(np.sqrt(cells))
    heights = np.linspace(0, 40, side * side, dtype=np.float32).reshape(side, side)
    place = Affine(5.0, 0.0, 400_000.0, 0.0, -5.0, 3_170_000.0 + 5 * side)
    profile = {"driver": "GTiff", "width": side, "height": side, "count": 1, "dtype": "float32"}
    with rasterio.open(folder / "a.tif", "w", crs="EPSG:4547", transform=place, **profile) as file:
        file.write(heights, 1)
    return folder / "a.tif"


def read_picture(path: Path) -> object:
    with rasterio.open(path) as file:
        bounds, crs = file.bounds, CRS.from_user_input(file.crs)
    inside = (bounds.left + 5, bounds.bottom + 5, bounds.right - 5, bounds.top - 5)
    return READERS["ground"](path, inside, crs)


def points(folder: Path, count: int) -> Path:
    return cloud(folder / "a.laz", *made(np.random.default_rng(1), count)[:2])


def read_points(path: Path) -> object:
    return READERS["ground"](path, (X0, Y0, X0 + SIDE, Y0 + SIDE), METRIC)


def words(folder: Path, count: int) -> Path:
    told = "".join(f"  column {n}: note\n" for n in range(count))
    return written("a.yaml", f"columns:\n  编号: camera_id\n{told}")(folder)


def platform(folder: Path, count: int) -> Path:
    return written("a.xml", answer([camera(n + 1) for n in range(count)]))(folder)


def vector(path: Path) -> object:
    return READERS["buildings"](path)


def cameras(path: Path) -> object:
    return READERS["cameras"](path)


def project(folder: Path, count: int) -> Path:
    from civicsight.io import save_city

    path = layer("houses.geojson", "GeoJSON", count=0)(folder, count)
    city, _ = READERS["city"](path)
    return save_city(city, folder / "p.gpkg")


CRS_WKT = gpd.GeoSeries(crs=4547).crs.to_wkt("WKT1_ESRI")

GROWTHS: dict[str, Growth] = {
    "csv rows": Growth(table, cameras, 2_000),
    "csv columns": Growth(lambda f, n: table(f, 20, n), cameras, 120),
    "csv cells": Growth(lambda f, n: table(f, 50, 3, n), cameras, 2_000),
    "xlsx rows": Growth(book, cameras, 500),
    "xlsx columns": Growth(lambda f, n: book(f, 8, n), cameras, 120),
    "xlsx cells": Growth(lambda f, n: book(f, 50, 3, n), cameras, 2_000),
    "ods rows": Growth(sheet, cameras, 500),
    "geojson rows": Growth(layer("a.geojson", "GeoJSON", count=0), vector, 800),
    "geojson vertices": Growth(layer("a.geojson", "GeoJSON", count=2, corners=0), vector, 8_000),
    "geojson columns": Growth(layer("a.geojson", "GeoJSON", count=8, columns=0), vector, 120),
    "geojson cells": Growth(
        layer("a.geojson", "GeoJSON", count=50, columns=3, cell=0), vector, 2_000
    ),
    "gpkg rows": Growth(layer("a.gpkg", "GPKG", count=0), vector, 800),
    "gpkg vertices": Growth(layer("a.gpkg", "GPKG", count=2, corners=0), vector, 8_000),
    "gpkg columns": Growth(layer("a.gpkg", "GPKG", count=8, columns=0), vector, 100),
    "gpkg layers": Growth(layers, one_of, 12),
    "shapefile rows": Growth(layer("a.shp", "ESRI Shapefile", count=0), vector, 800),
    "shapefile vertices": Growth(
        layer("a.shp", "ESRI Shapefile", count=2, corners=0), vector, 8_000
    ),
    "flatgeobuf rows": Growth(layer("a.fgb", "FlatGeobuf", count=0), vector, 800),
    "parquet rows": Growth(layer("a.parquet", "Parquet", count=0), vector, 800),
    "parquet columns": Growth(layer("a.parquet", "Parquet", count=8, columns=0), vector, 120),
    "gml rows": Growth(layer("a.gml", "GML", count=0), vector, 500),
    "kml rows": Growth(named, vector, 500),
    "dxf entities": Growth(drawing, read_drawing, 500),
    "zip members": Growth(members, vector, 60),
    "osm ways": Growth(extract, READERS["osm"], 800),
    "pbf ways": Growth(packed_extract, READERS["osm"], 800),
    "cityjson objects": Growth(cityjson, READERS["city"], 300),
    "citygml objects": Growth(citygml, READERS["city"], 200),
    "kmz rows": Growth(layer("a.kmz", "LIBKML", count=0), vector, 500),
    "geojsonseq rows": Growth(layer("a.geojsonl", "GeoJSONSeq", count=0), vector, 800),
    "gpx points": Growth(route, cameras, 1_000),
    "mif rows": Growth(packed("a.mif", "MapInfo File", FORMAT="MIF"), vector, 500),
    "tab rows": Growth(packed("a.tab", "MapInfo File"), vector, 500),
    "filegdb rows": Growth(packed("a.gdb", "OpenFileGDB"), vector, 500),
    "pmtiles rows": Growth(tiled, vector, 300),
    "geotiff cells": Growth(picture, read_picture, 250_000),
    "las points": Growth(points, read_points, 100_000),
    "mapping columns": Growth(words, READERS["mapping"], 100),
    "catalogue items": Growth(platform, READERS["catalogue"], 500),
    "relief cells": Growth(relief, read_relief, 40_000),
    "pack sources": Growth(pack, lint_pack, 100),
    "project rows": Growth(project, READERS["project"], 4_000),
}


def seconds(read: Callable[[Path], object], path: Path) -> float:
    """Return the least time of the processor that a reader takes, of two tries [s]."""
    found = []
    for _ in range(2):
        begun = time.process_time()
        read(path)
        found.append(time.process_time() - begun)
    return min(found)


def slope(name: str, folder: Path, doublings: int = DOUBLINGS) -> tuple[float, list[float]]:
    """Return the slope of log time over log size, and the times [s] that it follows from."""
    growth = GROWTHS[name]
    sizes = [growth.base << k for k in range(doublings + 1)]
    times = []
    for size in sizes:
        place = folder / str(size)
        place.mkdir(parents=True)
        times.append(seconds(growth.read, growth.make(place, size)))
    steep, _ = np.polyfit(np.log(sizes), np.log(times), 1)
    return float(steep), times


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    say = partial(print, flush=True)
    for wanted in [name for name in GROWTHS if all(word in name for word in sys.argv[1:])]:
        with tempfile.TemporaryDirectory() as made:
            try:
                steep, times = slope(wanted, Path(made))
            except Exception as error:  # noqa: BLE001 - the next one is tried all the same
                say(f"{wanted:22} {type(error).__name__}: {str(error)[:200]}")
                continue
        told = " ".join(f"{t:.2f}" for t in times)
        say(f"{wanted:22} {steep:5.2f}  {told}")
