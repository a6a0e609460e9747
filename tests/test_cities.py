"""Real cities with a seeded inventory: the whole check runs, and its counts are those on file.

The buildings and roads are real. Where a set has no cameras, places or gates they are made by
`tests.made`, seeded, and say that they are synthetic. ``city_expected.json`` holds the counts;
``python -m tests.test_cities`` writes it anew, to be looked at before it is committed.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import pandas as pd
import pytest

from civicsight.coverage.check import check
from civicsight.coverage.demand.parts import find_parts
from civicsight.coverage.result import CheckResult
from civicsight.io.project import read_city
from civicsight.model import CAMERAS, ENTRANCES, PLACES, City
from civicsight.rules import find_zones, load_packs
from tests.drawn import a_few
from tests.made import SOURCE, seeded_cameras, seeded_register, watch, with_made

ROOT = Path(__file__).resolve().parent.parent
EXPECTED = Path(__file__).with_name("city_expected.json")
SEED = 7


class Case(NamedTuple):
    """A data set, what is made for it, and how long the check may take on one core.

    The time includes compiling the kernels on a machine that has not done so.
    """

    path: str
    cameras: int
    register: bool
    budget_s: float
    dem: str = ""


CASES = {
    "suzhou_gusu": Case("suzhou_gusu", 300, register=True, budget_s=90),
    "beijing_tsinghua": Case("beijing_tsinghua", 150, register=True, budget_s=90),
    "shenzhen_nanshan": Case("shenzhen_nanshan", 500, register=True, budget_s=90),
    "osm_beijing_bupt": Case("osm_beijing_bupt/map.osm", 80, register=False, budget_s=90),
    "osm_rome_esquilino": Case(
        "osm_rome_esquilino/rome-piazza-vittorio-emanuele.osm.pbf", 150, register=False, budget_s=90
    ),
    "osm_berlin_wittenau": Case(
        "osm_berlin_wittenau/miraustr.osm.pbf", 150, register=False, budget_s=90
    ),
    "monaco_osm_dem": Case(
        "monaco_osm_dem/monaco-latest.osm.pbf",
        200,
        register=False,
        budget_s=90,
        dem="monaco_osm_dem/N43E007.hgt.zip",
    ),
    "nyc_buildings": Case("nyc_buildings", 10_000, register=True, budget_s=180),
}
QUICK = ("suzhou_gusu", "osm_beijing_bupt", "beijing_tsinghua", "shenzhen_nanshan")
MOST_MIB = 4_096


def make_city(name: str, folder: Path) -> City:
    """Read a data set and give it what it lacks."""
    case = CASES[name]
    dem = folder / case.dem if case.dem else None
    city = read_city(folder / case.path, name=name, dem=dem)[0]
    if case.register:
        return with_made(city, case.cameras, SEED)
    watchers = watch_every_third_gate(city)
    made = seeded_cameras(city, case.cameras - len(watchers), SEED)
    return replace(city, cameras=pd.concat([city.cameras, watchers, made]).astype(made.dtypes))


def watch_every_third_gate(city: City) -> gpd.GeoDataFrame:
    """Return cameras before every third gate found on the map, of those with one way out."""
    rules = load_packs()
    parts = find_parts(
        find_zones(city.places, city.roads, rules),
        places=city.places,
        roads=city.roads,
        entrances=city.entrances,
        barriers=city.barriers,
        buildings=city.buildings,
        rules=rules,
    )
    gates = parts[
        parts["kind"].isin(["entrance", "vehicle_entrance"]) & parts["normal_deg"].notna()
    ]
    gates = gates.sort_index().iloc[::3]
    return watch(gates.geometry.centroid, gates["normal_deg"].to_numpy())


def counts_of(result: CheckResult) -> dict[str, object]:
    """Return the counts that are on file."""
    status = result.part_status["status"].value_counts()
    severity = result.duplicates["severity"].value_counts()
    return {
        "buildings": len(result.city.buildings),
        "heights_assumed": int(result.city.buildings["height_assumed"].sum()),
        "cameras": len(result.cameras),
        "moved_off_walls": int(result.cameras["placed"].eq("moved").sum()),
        "unknown_direction": int(result.cameras["azimuth_deg"].isna().sum()),
        "zones": result.zones["item"].value_counts().sort_index().to_dict(),
        "parts": result.parts["kind"].value_counts().sort_index().to_dict(),
        "status": {
            name: int(status.get(name, 0)) for name in ("covered", "assumed", "possible", "gap")
        },
        "duplicates": {
            name: int(severity.get(name, 0)) for name in ("violation", "warning", "info")
        },
    }


@pytest.mark.slow
@pytest.mark.compiled_only
@pytest.mark.parametrize("name", a_few(QUICK, 2))
def test_counts_are_those_on_file(name, test_data):
    city = make_city(name, test_data(name).parent)
    result = check(city, raster=False)
    if CASES[name].register:
        watched = result.parts.index[result.parts["entrance_id"].isin(city.entrances.index[::2])]
        assert result.part_status.loc[watched, "status"].eq("covered").all()
    assert counts_of(result) == json.loads(EXPECTED.read_text(encoding="utf-8"))[name]


@pytest.mark.slow
@pytest.mark.compiled_only
@pytest.mark.parametrize("name", CASES)
def test_time_and_memory_stay_within_their_budget(name, test_data):
    """Each city in a process of its own, so that its memory is its own."""
    test_data(name)
    command = [sys.executable, "-m", "tests.test_cities", name]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    found = json.loads(done.stdout)
    assert found["counts"] == json.loads(EXPECTED.read_text(encoding="utf-8"))[name]
    assert found["seconds"] < CASES[name].budget_s
    assert found["mib"] < MOST_MIB


def test_made_tables_are_declared_repeatable_and_say_that_they_are_synthetic(test_data):
    city = read_city(test_data("beijing_tsinghua"))[0]
    once, again = (with_made(city, 120, SEED) for _ in range(2))
    other = with_made(city, 120, SEED + 1)
    for table, name in ((CAMERAS, "cameras"), (PLACES, "places"), (ENTRANCES, "entrances")):
        frame = getattr(once, name)
        table.check(frame)
        assert frame["source"].eq(SOURCE).all()
        pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(getattr(again, name)))
        assert not frame.geometry.geom_equals(getattr(other, name).geometry, align=False).all()
    assert "synthetic" in once.sources[-1]
    assert len(once.cameras) == 120
    assert once.places["item"].value_counts().eq(3).all()


def test_made_cameras_stand_where_they_say(test_data):
    city = read_city(test_data("beijing_tsinghua"))[0]
    cameras = seeded_cameras(city, 200, SEED)
    away = [city.buildings.geometry.distance(point).min() for point in cameras.geometry]
    walls = cameras["mount"].eq("wall").to_numpy()
    assert pd.Series(away)[walls].to_numpy() == pytest.approx(0.3, abs=0.06)
    assert pd.Series(away)[~walls].min() > 0.25
    assert cameras["azimuth_deg"].between(0, 360).all()
    places, gates = seeded_register(city, SEED)
    for place, gate in zip(places.geometry, gates.geometry, strict=True):
        assert place.exterior.distance(gate) < 1e-6


def measure(name: str, folder: Path) -> dict[str, object]:
    """Check one city and return its counts, processor time and greatest memory."""
    city = make_city(name, folder)
    start = time.process_time()
    counts = counts_of(check(city, raster=False))
    seconds = time.process_time() - start
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"counts": counts, "seconds": round(seconds, 1), "mib": round(most)}


def main(names: list[str]) -> None:
    """Print what one city gives, or write the counts of all."""
    folder = Path(os.environ.get("CIVICSIGHT_TEST_DATA", ROOT.parent / "shared" / "data"))
    if names:
        sys.stdout.write(json.dumps(measure(names[0], folder)) + "\n")
    else:
        found = {name: measure(name, folder)["counts"] for name in CASES}
        EXPECTED.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
