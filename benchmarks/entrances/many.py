"""Ten thousand places that have no mapped door: time and memory of the search for their gates."""

from __future__ import annotations

import resource
import time
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from civicsight.coverage.demand.gates import GateSearch, find_gates
from civicsight.io import helsinki_path
from civicsight.io.project import read_city
from civicsight.model import ZONES
from civicsight.rules import load_packs

PLACES: Final = 10_000
APART_M: Final = 5_000.0


def measure_many() -> str:
    """Return in one line what it takes to find the gates of `PLACES` buildings of a mapped city."""
    city = read_city(helsinki_path())[0]
    copies = -(-PLACES // len(city.buildings))
    buildings, roads, barriers, places = (
        _beside_each_other(getattr(city, name), copies)
        for name in ("buildings", "roads", "barriers", "places")
    )
    zones = _zones(buildings.iloc[:PLACES])
    start = time.process_time()
    gates, _, _ = find_gates(
        zones,
        places=places,
        roads=roads,
        entrances=city.entrances.iloc[:0],
        barriers=barriers,
        buildings=buildings,
        rules=load_packs(),
        search=GateSearch(),
    )
    spent = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    found = sum(len(each) for each in gates.values())
    return (
        f"{len(zones)} places: {found} gates, {sum(not each for each in gates.values())} places "
        f"without, {spent:.1f} s CPU, {peak:.0f} MB at most\n"
    )


def _beside_each_other(table: gpd.GeoDataFrame, copies: int) -> gpd.GeoDataFrame:
    """Return copies of a table, side by side."""
    moved = [
        table.set_geometry(table.geometry.translate(APART_M * number)).set_axis(
            [f"{label}~{number}" for label in table.index]
        )
        for number in range(copies)
    ]
    return gpd.GeoDataFrame(pd.concat(moved), geometry="geometry", crs=table.crs)


def _zones(buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return every building as a school that somebody designated."""
    frame = gpd.GeoDataFrame(
        {
            "item": "8.5",
            "pack": "nanchang",
            "name": None,
            "standing": "designated",
            "place_id": np.array([f"p{number}" for number in range(len(buildings))], object),
            "confidence": 1.0,
        },
        index=[f"8.5:p{number}" for number in range(len(buildings))],
        geometry=buildings.geometry.to_numpy(),
        crs=buildings.crs,
    )
    full = ZONES.complete(frame)
    return full.assign(kind="", road_id=None, via_pack=full["pack"], via_item=full["item"])
