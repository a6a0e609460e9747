"""A town whose data are full of holes: places without gates, roads, buildings, relief or lists."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
from pyproj import CRS
from shapely.geometry import box

from civicsight.model import CAMERAS, City, empty_tables
from civicsight.model.provenance import Provenance
from civicsight.model.terrain import Terrain
from tests import town

ITEMS = ("8.4", "8.5", "8.6", "8.7", "8.11")
HOLES = ("roads", "buildings", "inventory", "heights", "half_relief", "register", "entrances")
BLOCK_M = 60.0


def watching(x, y, azimuth, **columns):
    """Return a complete camera."""
    return {
        "kind": "fixed",
        "mount": "pole",
        "status": "existing",
        "owner": "government",
        "usable": True,
        "height_m": 4.0,
        "azimuth_deg": azimuth,
        "tilt_deg": 12.0,
        "hfov_deg": 50.0,
        "vfov_deg": 30.0,
        "width_px": 3840.0,
        "reach_m": 60.0,
        "tags": {},
        "geometry": town.point(x, y),
    } | columns


def vanished_places(count=35, cameras=40):
    """Return places of a register on buildings without any road, and cameras before them.

    Every fourth camera is planned: in turn behind the place that the camera before it looks at, and
    right beside that camera, where it adds nothing wherever the gate is.
    """
    wide = 7
    spots = [(BLOCK_M * (n % wide), BLOCK_M * (n // wide)) for n in range(count)]
    houses = {f"h{n}": (town.rect(x, y, x + 24, y + 16),) for n, (x, y) in enumerate(spots)}
    rows = {
        f"p{n}": (
            town.point(x + 12, y + 8),
            {"name": f"Place {n}"},
            {"item": ITEMS[n % 2], "standing": "designated", "source": "register"},
        )
        for n, (x, y) in enumerate(spots)
    }
    found = {}
    for n in range(cameras):
        planned = n % 4 == 3
        x, y = spots[(n - planned) % count]
        if planned and n % 8 == 7:
            found[f"c{n:02d}"] = watching(x + 12, y + 28, 180.0, status="planned")
        else:
            status = "planned" if planned else "existing"
            found[f"c{n:02d}"] = watching(x + 12 + 0.1 * planned, y - 12, 0.0, status=status)
    return city_of(places=rows, buildings=houses, cameras=found)


def city_of(*, places, buildings, cameras, roads=None, entrances=None, terrain=None, given=True):
    """Return a city of plain rows; `given` says whether an inventory was handed in."""
    crs = CRS.from_user_input(town.CRS)
    tables = empty_tables(crs)
    tables |= {
        "places": town.places(**places),
        "buildings": town.buildings(**buildings),
        "roads": town.roads(**(roads or {})),
        "entrances": town.entrances(**(entrances or {})),
    }
    if cameras:
        frame = gpd.GeoDataFrame.from_dict(cameras, orient="index", geometry="geometry", crs=crs)
        tables["cameras"] = gpd.GeoDataFrame(CAMERAS.complete(frame))
    came = (Provenance("cameras", "inventory.csv", read=len(cameras), kept=len(cameras)),)
    extent = box(town.X - 200, town.Y - 200, town.X + 800, town.Y + 800)
    return City("silent", crs, extent, **tables, terrain=terrain, provenance=came if given else ())


def holey_town(rng, holes):
    """Return a random town in which some of what a check needs is not there."""
    count = int(rng.integers(3, 9))
    spots = [(BLOCK_M * (n % 3), BLOCK_M * (n // 3)) for n in range(count)]
    houses = {
        f"h{n}": (town.rect(x, y, x + 20, y + 14), {"height_m": float(rng.uniform(4, 30))})
        for n, (x, y) in enumerate(spots)
        if rng.random() < 0.8
    }
    if "heights" in holes:
        houses = {name: (shape, {"height_assumed": True}) for name, (shape, _) in houses.items()}
    rows = {}
    for n, (x, y) in enumerate(spots):
        shape = town.point(x + 10, y + 7) if rng.random() < 0.6 else town.rect(x, y, x + 20, y + 14)
        listed = {"item": str(rng.choice(ITEMS)), "standing": "designated", "source": "register"}
        tags = {"name": f"Place {n}", "amenity": str(rng.choice(["school", "bank", "hospital"]))}
        rows[f"p{n}"] = (shape, tags, {} if "register" in holes else listed)
    roads = {"street": (town.line((-40, -8), (200, -8)), "residential")}
    doors = {"d0": (town.point(10, 0), "main")}
    cameras = {
        f"c{n}": watching(
            float(rng.uniform(-10, 180)),
            float(rng.uniform(-20, 180)),
            float(rng.uniform(0, 360)) if rng.random() < 0.7 else np.nan,
            status=str(rng.choice(["existing", "planned", "removed"])),
        )
        for n in range(int(rng.integers(1, 12)))
    }
    terrain = None
    if "half_relief" in holes:
        z = np.zeros((40, 40))
        z[:, 20:] = np.nan
        terrain = Terrain(z, town.X - 200, town.Y - 200, 20.0)
    return city_of(
        places=rows,
        buildings={} if "buildings" in holes else houses,
        cameras={} if "inventory" in holes else cameras,
        roads={} if "roads" in holes else roads,
        entrances={} if "entrances" in holes else doors,
        terrain=terrain,
        given="inventory" not in holes,
    )
