"""Bad inputs: coordinates, their systems and datums."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import cast

import geopandas as gpd
import shapely
from pyproj import CRS, Transformer

from civicsight.io import read_buildings, read_cameras
from civicsight.io.datums import Datum, from_wgs84
from civicsight.io.source_options import Declared
from tests.bad_input.case import Case, Outcome

Pair = tuple[float, float]
Make = Callable[[Path], Path]

HOMES: tuple[Pair, ...] = ((115.9, 28.6), (115.901, 28.6), (115.9, 28.601), (115.902, 28.602))
"""South-west corners of four houses in Nanchang [deg]."""

FIRST = "28.6, 115.9"
"""The first of them with latitude first, as messages write it."""

ZONE_39, PLAIN_117 = 4527, 4548
"""Gauss-Krueger at 117 degrees with the number of the zone and without."""

BUILDINGS = ("import", "{input}", "--as", "buildings", "--out", "{out}")
CAMERAS = ("import", "{input}", "--as", "cameras", "--out", "{out}")


def moved(code: int, pairs: Sequence[Pair] = HOMES) -> list[Pair]:
    """Return places in another CRS, easting first."""
    return [_forth(code).transform(*pair) for pair in pairs]


@cache
def _forth(code: int) -> Transformer:
    return Transformer.from_crs(4326, code, always_xy=True)


def swapped(pairs: Sequence[Pair]) -> list[Pair]:
    """Return places with the second axis first."""
    return [(y, x) for x, y in pairs]


def squares(pairs: Sequence[Pair]) -> list[shapely.Polygon]:
    """Return a house at each place, in degrees or metres as the numbers are."""
    size = 1e-4 if min(map(abs, pairs[0])) <= 400 else 10.0
    return [shapely.box(x, y, x + size, y + size) for x, y in pairs]


def geojson(pairs: Sequence[Pair], crs: str | None = None) -> Make:
    """Return what writes houses as GeoJSON, with the CRS that is named."""

    def make(folder: Path) -> Path:
        features = [
            {
                "type": "Feature",
                "properties": {"id": f"b{n}", "height": 9},
                "geometry": shapely.geometry.mapping(shape),
            }
            for n, shape in enumerate(squares(pairs), start=1)
        ]
        data: dict[str, object] = {"type": "FeatureCollection", "features": features}
        if crs is not None:
            data["crs"] = {"type": "name", "properties": {"name": crs}}
        path = folder / "houses.geojson"
        path.write_text(json.dumps(data), encoding="utf-8")
        return path

    return make


def shapefile(pairs: Sequence[Pair]) -> Make:
    """Return what writes houses as a Shapefile without .prj."""

    def make(folder: Path) -> Path:
        path = folder / "houses.shp"
        frame = gpd.GeoDataFrame({"height": 9.0}, geometry=squares(pairs), crs=PLAIN_117,
                                 index=range(len(pairs)))  # fmt: skip
        frame.to_file(path, encoding="utf-8")
        (folder / "houses.prj").unlink()
        return path

    return make


def geopackage(*codes: int) -> Make:
    """Return what writes houses once in each of several CRSs, a layer each."""

    def make(folder: Path) -> Path:
        path = folder / "houses.gpkg"
        for code in codes:
            frame = gpd.GeoDataFrame({"height": 9.0}, geometry=squares(HOMES), crs=4326,
                                     index=range(len(HOMES)))  # fmt: skip
            frame.to_crs(code).to_file(path, layer=f"houses_{code}", driver="GPKG")
        return path

    return make


def table(pairs: Sequence[Pair], header: str = "id,lon,lat") -> Make:
    """Return what writes an inventory of cameras."""

    def make(folder: Path) -> Path:
        rows = [f"c{n},{x!r},{y!r}" for n, (x, y) in enumerate(pairs, start=1)]
        path = folder / "cameras.csv"
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return path

    return make


def vendor(datum: Datum) -> list[Pair]:
    """Return the places as a map vendor gives them."""
    lon, lat = from_wgs84([x for x, _ in HOMES], [y for _, y in HOMES], datum)
    return [(float(x), float(y)) for x, y in zip(lon, lat, strict=True)]


def houses(
    number: int,
    title: str,
    make: Make,
    code: str = "",
    says: tuple[str, ...] = (),
    *,
    outcome: Outcome = "refused",
    declared: dict[str, str] | None = None,
) -> Case:
    """Return a case of a file of buildings."""
    return _case(number, title, make, read_buildings, BUILDINGS, outcome, code,
                 ("houses", *says), declared)  # fmt: skip


def cameras(
    number: int,
    title: str,
    make: Make,
    code: str = "",
    says: tuple[str, ...] = (),
    *,
    outcome: Outcome = "rows",
    declared: dict[str, str] | None = None,
) -> Case:
    """Return a case of an inventory."""
    return _case(number, title, make, read_cameras, CAMERAS, outcome, code,
                 ("cameras.csv", *says), declared)  # fmt: skip


def _case(
    number: int,
    title: str,
    make: Make,
    read: Callable[..., object],
    command: tuple[str, ...],
    outcome: Outcome,
    code: str,
    says: tuple[str, ...],
    declared: dict[str, str] | None,
) -> Case:
    """Declare the same through Python and through options."""
    told = declared or {}
    crs = CRS.from_user_input(told["source-crs"]) if "source-crs" in told else None
    datum = cast("Datum | None", told.get("datum"))
    call = partial(read, declared=Declared(datum=datum, crs=crs, layer=told.get("layer")))
    options = tuple(word for name, value in told.items() for word in (f"--{name}", value))
    return Case(number, title, make, call, command + options, outcome, code, says)


CASES: tuple[Case, ...] = (
    houses(79, "latitude first in GeoJSON", geojson(swapped(HOMES)), "crs.swapped", ("28.6",)),
    houses(
        79,
        "northing first without a CRS",
        shapefile(swapped(moved(ZONE_39))),
        "crs.swapped",
        ("EPSG:4527",),
    ),
    cameras(
        79,
        "latitude under the heading of longitude",
        table([*HOMES, (28.6, 115.9)]),
        "place.swapped",
        (FIRST,),
    ),
    houses(
        80,
        "degrees without a CRS",
        shapefile(HOMES),
        "crs.missing",
        ("--source-crs", "EPSG:4326", "EPSG:4490"),
    ),
    houses(
        80,
        "metres without a CRS",
        shapefile(moved(PLAIN_117)),
        "crs.missing",
        ("--source-crs", "EPSG:4534-4554"),
    ),
    houses(
        80,
        "a missing CRS that is declared",
        shapefile(moved(PLAIN_117)),
        says=("EPSG:4548",),
        outcome="read",
        declared={"source-crs": "EPSG:4548"},
    ),
    cameras(
        80,
        "x and y without a CRS",
        table(moved(PLAIN_117), "id,x,y"),
        "crs.missing",
        ("--source-crs",),
        outcome="refused",
    ),
    houses(
        81,
        "EPSG:999999 in a file",
        geojson(HOMES, "urn:ogc:def:crs:EPSG::999999"),
        "geojson.crs",
        ("999999",),
    ),
    houses(
        82,
        "degrees labelled as metres",
        geojson(HOMES, "urn:ogc:def:crs:EPSG::4548"),
        "crs.degrees",
        ("EPSG:4548",),
    ),
    houses(82, "metres labelled as degrees", geojson(moved(PLAIN_117)), "crs.metres", ("EPSG:",)),
    houses(
        82,
        "metres in GeoJSON without a CRS, which is declared",
        geojson(moved(PLAIN_117)),
        says=("EPSG:4548",),
        outcome="read",
        declared={"source-crs": "EPSG:4548"},
    ),
    cameras(
        82,
        "degrees under the headings of metres",
        table(HOMES, "id,x,y"),
        "crs.degrees",
        outcome="refused",
    ),
    cameras(82, "metres under the headings of degrees", table(moved(PLAIN_117)), "place.metres"),
    houses(
        83,
        "layers in three systems",
        geopackage(4326, 4548, 3857),
        "layer.several",
        ("houses_4326", "houses_4548", "houses_3857"),
    ),
    houses(
        83,
        "one of the layers, named",
        geopackage(4326, 4548, 3857),
        says=("EPSG:3857",),
        outcome="read",
        declared={"layer": "houses_3857"},
    ),
    houses(
        83,
        "a declared CRS against that of the file",
        geopackage(4548),
        "crs.contradiction",
        ("EPSG:4548", "EPSG:4547"),
        declared={"source-crs": "EPSG:4547"},
    ),
    houses(
        84,
        "a system whose register has latitude first",
        geojson(HOMES, "urn:ogc:def:crs:EPSG::4490"),
        says=("EPSG:4490",),
        outcome="read",
    ),
    houses(
        85,
        "one feature beyond the domain of the projection",
        geojson([*moved(PLAIN_117), (1e9, 1e9)], "urn:ogc:def:crs:EPSG::4548"),
        "place.domain",
        ("1000000000",),
        outcome="rows",
    ),
    houses(
        85,
        "all features where the CRS is not used",
        geojson(moved(PLAIN_117), "urn:ogc:def:crs:EPSG::28992"),
        "crs.area",
        ("EPSG:28992", "3.2, 50.75, 7.22, 53.7"),
    ),
    houses(
        86,
        "GCJ-02 labelled as WGS 84, declared",
        geojson(vendor("gcj02")),
        says=("GCJ-02",),
        outcome="read",
        declared={"datum": "gcj02"},
    ),
    cameras(
        86,
        "BD-09 labelled as WGS 84, declared",
        table(vendor("bd09")),
        says=("BD-09",),
        outcome="read",
        declared={"datum": "bd09"},
    ),
    houses(
        86,
        "a vendor's datum outside of China",
        geojson([(24.94, 60.17), (24.95, 60.17)]),
        "datum.outside",
        ("GCJ-02",),
        declared={"datum": "gcj02"},
    ),
    houses(
        87,
        "eastings with the number of a zone under a CRS without",
        geojson(moved(ZONE_39), "urn:ogc:def:crs:EPSG::4548"),
        "crs.zone",
        ("39", "EPSG:4527"),
    ),
    houses(
        87,
        "eastings without a number under a CRS with one",
        geojson(moved(PLAIN_117), "urn:ogc:def:crs:EPSG::4527"),
        "crs.zone",
        ("EPSG:4548",),
    ),
    cameras(
        87,
        "eastings of another zone than declared",
        table(moved(ZONE_39), "id,x,y"),
        "crs.zone",
        ("EPSG:4526", "EPSG:4527"),
        outcome="refused",
        declared={"source-crs": "EPSG:4526"},
    ),
    cameras(88, "a longitude of 4000", table([*HOMES, (4000.0, 28.6)]), "place.range", ("4000",)),
    houses(
        88,
        "a house at longitude 4000",
        geojson([*HOMES, (4000.0, 28.6)]),
        "place.range",
        ("4000",),
        outcome="rows",
    ),
    houses(88, "all houses at longitude 4000", geojson([(4000.0, 28.6)]), "crs.range", ("4000",)),
)
"""All cases, in the order of their numbers."""
