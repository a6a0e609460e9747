"""Random towns for regions: places, gates, cameras and walls strewn over borders between parts."""

from __future__ import annotations

from concurrent.futures import Executor, Future
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS
from shapely.geometry import LineString, Point, box

from civicsight.model import CITY_TABLES, City, empty_tables

TOWN_CRS = CRS.from_epsg(4548)
EAST, NORTH = 390_000.0, 3_172_000.0
TABLES = {table.name: table for table in CITY_TABLES}


def table(name: str, rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    declared = TABLES[name]
    if not rows:
        return declared.empty(TOWN_CRS)
    frame = gpd.GeoDataFrame(pd.DataFrame(rows), geometry="geometry", crs=TOWN_CRS)
    return declared.complete(frame.set_index(declared.index)).sort_index()


def random_town(
    seed: int, side_m: float = 1_200.0, places: int = 14, cameras: int = 40, planned: float = 0.4
) -> City:
    """Return a town whose tables are in the order of their ids, as those of a region are."""
    rng = np.random.default_rng(seed)
    cells = [(i, j) for i in range(int(side_m // 60)) for j in range(int(side_m // 60))]
    rng.shuffle(cells)
    buildings, roads, entrances, sites = [], [], [], []
    for number, (i, j) in enumerate(cells[: len(cells) // 3]):
        x, y = EAST + 60 * i + rng.uniform(8, 20), NORTH + 60 * j + rng.uniform(8, 20)
        w, d = rng.uniform(10, 30, 2)
        buildings.append(
            {
                "building_id": f"b{number:04}",
                "height_m": float(rng.uniform(3, 25)),
                "base_m": 0.0,
                "height_assumed": bool(rng.random() < 0.3),
                "geometry": box(x, y, x + w, y + d),
            }
        )
    for k in range(0, int(side_m) + 1, 120):
        kind = "primary" if k % 360 == 0 else "residential"
        for axis, end in (("h", (EAST + side_m, NORTH + k)), ("v", (EAST + k, NORTH + side_m))):
            start = (EAST, NORTH + k) if axis == "h" else (EAST + k, NORTH)
            steps = np.linspace(0, 1, int(side_m // 120) + 1)
            line = [tuple(np.array(start) + t * (np.array(end) - start)) for t in steps]
            roads.append(
                {
                    "road_id": f"r{axis}{k:05}",
                    "kind": kind,
                    "name": f"{axis.upper()} {k}",
                    "tags": {},
                    "geometry": LineString(line),
                }
            )
    for number in range(places):
        at = buildings[int(rng.integers(len(buildings)))]["geometry"]
        kind = ("school", "hospital", "bank")[number % 3]
        x0, y0, x1, _ = at.bounds
        ground = at.buffer(6.0, join_style="mitre") if kind != "bank" else at.centroid
        sites.append(
            {
                "place_id": f"p{number:03}",
                "name": f"{kind} {number}",
                "tags": {"amenity": kind, "name": f"{kind} {number}"},
                "source": "osm",
                "geometry": ground,
            }
        )
        if rng.random() < 0.7:
            entrances.append(
                {
                    "entrance_id": f"e{number:03}",
                    "kind": "main",
                    "source": "osm",
                    "geometry": Point((x0 + x1) / 2, y0 if kind == "bank" else y0 - 6.0),
                }
            )
    doors = [row["geometry"] for row in entrances] or [Point(EAST, NORTH)]
    heads = []
    for number in range(cameras):
        door = doors[int(rng.integers(len(doors)))]
        away, turn = rng.uniform(3, 30), rng.uniform(0, 2 * np.pi)
        spot = Point(door.x + away * np.sin(turn), door.y - abs(away * np.cos(turn)))
        known = rng.random() < 0.7
        look = np.degrees(np.arctan2(door.x - spot.x, door.y - spot.y)) % 360.0
        heads.append(
            {
                "camera_id": f"c{number:04}",
                "kind": ("fixed", "dome", "ptz")[int(rng.choice(3, p=[0.7, 0.2, 0.1]))],
                "status": ("existing", "planned", "removed")[
                    int(rng.choice(3, p=[0.9 - planned, planned, 0.1]))
                ],
                "height_m": 4.0 if known else np.nan,
                "azimuth_deg": float(look) if known else np.nan,
                "tilt_deg": 8.0 if known else np.nan,
                "hfov_deg": 70.0 if known else np.nan,
                "width_px": 7680.0 if known else np.nan,
                "height_px": 4320.0 if known else np.nan,
                "usable": (True, None, False)[int(rng.choice(3, p=[0.6, 0.3, 0.1]))],
                "owner": "government",
                "geometry": spot,
            }
        )
    made = {
        "buildings": buildings,
        "roads": roads,
        "entrances": entrances,
        "places": sites,
        "cameras": heads,
    }
    tables = empty_tables(TOWN_CRS) | {name: table(name, rows) for name, rows in made.items()}
    extent = box(EAST, NORTH, EAST + side_m, NORTH + side_m)
    return City("random", TOWN_CRS, extent, **tables, sources=("made",), synthetic=True)


class Here(Executor):
    """Does everything at once, where it is asked."""

    def submit(self, call: Any, *given: Any, **words: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(call(*given, **words))
        except BaseException as error:  # noqa: BLE001 - handed on, as executors do
            future.set_exception(error)
        return future
