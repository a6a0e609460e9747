"""Bad inputs: geometries."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd

from civicsight.coverage.pose.placement import place_cameras
from civicsight.io import load_city, read_buildings, save_city
from civicsight.model import CAMERAS, City, empty_tables
from tests.bad_input import made_layers as made
from tests.bad_input.case import Case, Outcome
from tests.bad_input.vectors import layer

NAN = float("nan")
WHERE = ("houses.geojson", "3")


def outline(*corners: tuple[float, float]) -> dict[str, object]:
    """Return a polygon of corners in sides of a house, east of the sound ones."""
    return {"type": "Polygon", "coordinates": [made.ring(*corners, east=6)]}


def shape(
    number: int,
    title: str,
    geometry: object,
    outcome: Outcome = "rows",
    code: str = "",
    says: tuple[str, ...] = (),
) -> Case:
    """Return a case of one shape behind two sound houses."""
    named = (*WHERE, *says) if outcome == "rows" else says
    return layer(number, title, made.shapes(geometry), outcome, code, named)


def point(*numbers: object) -> dict[str, object]:
    return {"type": "Point", "coordinates": list(numbers)}


HOLE_OUTSIDE = {
    "type": "Polygon",
    "coordinates": [
        made.ring(*made.HOME, east=6),
        made.ring((3, 3), (4, 3), (4, 4), (3, 3), east=6),
    ],
}
FAR_WEST = {
    "type": "Polygon",
    "coordinates": [[[-179.99, 10.0], [179.99, 10.0], [179.99, 10.1], [-179.99, 10.0]]],
}
SOLID = {
    "type": "Polygon",
    "coordinates": [[[*corner, 12.0] for corner in made.ring(*made.HOME, east=6)]],
}
LINE = {"type": "LineString", "coordinates": made.ring((0, 0), (1, 1), east=6)}
MIXED = {"type": "GeometryCollection", "geometries": [made.home(6), LINE]}


def walled_in(folder: Path) -> Path:
    """Write a project with a camera inside of a house."""
    houses, _ = read_buildings(made.shapes()(folder))
    (folder / "houses.geojson").unlink()
    inside = houses.geometry.iloc[:1].representative_point()
    rows = {"height_m": [3.0], "azimuth_deg": [90.0], "hfov_deg": [60.0], "reach_m": [50.0]}
    cameras = CAMERAS.complete(
        gpd.GeoDataFrame(rows, geometry=inside.to_numpy(), index=["IN1"], crs=houses.crs)
    )
    tables = {**empty_tables(houses.crs), "buildings": houses, "cameras": cameras}
    save_city(City("made", houses.crs, houses.union_all().envelope, **tables), folder / "city.gpkg")
    return folder / "city.gpkg"


def placed(path: Path) -> object:
    """Return what is said about cameras that cannot stand where they are."""
    city = load_city(path)
    cameras = place_cameras(city.cameras, city.buildings)
    assert cameras.loc["IN1", "placed"] != "kept"
    return cameras


CASES: tuple[Case, ...] = (
    shape(64, "not a number", outline((0, 0), (1, 0), (1, NAN), (0, 0)), "rows",
          "geometry.number", ("nan",)),
    shape(65, "infinite", outline((0, 0), (1, 0), (1, float("inf")), (0, 0)), "rows",
          "geometry.number", ("inf",)),
    layer(65, "beyond all numbers", made.text(made.collection(made.home(6)).replace(
        "115.8606", "1e999", 1)), "rows", "geometry.number", WHERE),
    shape(66, "no geometry", None, "rows", "geometry.unusable", ("None",)),
    shape(66, "text for a coordinate", point("115.86", "28.68"), "rows", "geojson.geometry",
          ("115.86",)),
    shape(66, "one number", point(115.86), "rows", "geojson.geometry", ("115.86",)),
    shape(66, "null for a coordinate", point(None, 28.68), "rows", "geojson.geometry", ("None",)),
    shape(67, "empty", {"type": "Polygon", "coordinates": []}, "rows", "geometry.unusable",
          ("EMPTY",)),
    shape(68, "bow-tie", outline((0, 0), (2, 2), (2, 0), (0, 2), (0, 0)), "read", "",
          ("0.0 -> ", "m2")),
    shape(69, "unclosed ring", outline((0, 0), (1, 0), (1, 1), (0, 1)), "read", "", WHERE),
    shape(70, "ring of two points", outline((0, 0), (1, 1)), "rows", "geometry.ring", ("2",)),
    shape(71, "sliver without area", outline((0, 0), (2, 0), (1, 0), (0, 0)), "read"),
    shape(72, "hole outside", HOLE_OUTSIDE, "read", "", ("-> ", "m2")),
    layer(73, "ten million corners", made.parquet(made.long_ring), "rows", "wkb.size",
          ("houses.parquet", "3", "10000000")),
    shape(74, "house drawn twice", made.home(), "read"),
    shape(74, "house in another", outline((-5.5, 0.2), (-5.2, 0.2), (-5.2, 0.5), (-5.5, 0.2)),
          "read"),
    shape(75, "both sides of the date line", FAR_WEST, "rows", "place.antimeridian", ("-179.99",)),
    Case(76, "camera inside of a house", walled_in, placed,
         ("check", "{input}", "--out", "{out}", "--no-raster"), "read", "", ("5.2",)),
    shape(77, "heights in the coordinates", SOLID, "read"),
    layer(77, "heights and measures, Parquet", made.parquet(made.measured()), "read"),
    shape(78, "line among areas", LINE, "rows", "geometry.unusable", ("LineString",)),
    shape(78, "point among areas", point(*made.CORNER), "rows", "geometry.unusable", ("Point",)),
    shape(78, "areas and lines in one", MIXED, "read", "", ("GeometryCollection",)),
)  # fmt: skip
