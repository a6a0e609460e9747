"""What rules look up of places and cameras is what a search through the tables finds."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from civicsight.coverage.demand.needs import in_class
from civicsight.planning.judging.inventory import Inventory
from civicsight.planning.judging.part_findings import Demanded

PACKS = ("county", "nation", "park")


@pytest.fixture(params=range(20))
def rng(request):
    return np.random.default_rng(request.param)


def demand(rng):
    """Random parts of places with their classes, status and findings."""
    count = int(rng.integers(0, 40))
    ids = pd.Index([f"p{at}" for at in range(count)], dtype=object)
    laws = [[(str(pack), "1") for pack in PACKS if rng.random() < 0.5] for _ in ids]
    zone = pd.Series(rng.choice(["a", "b", "c", "d"], count), ids, dtype=object)
    parts = pd.DataFrame({"zone_id": zone, "classes": pd.Series(laws, ids, dtype=object)})
    judged = ids[rng.random(count) < 0.8]
    status = pd.Series(rng.choice(["covered", "assumed", "gap"], len(judged)), judged, dtype=object)
    seen = pd.Series([("one",)] * len(judged), judged, dtype=object)
    subjects = rng.permutation(judged[status.ne("covered")].to_numpy(object))
    offers = [{"reuse": [{"camera": "x"}] * int(rng.integers(0, 3))} for _ in subjects]
    gaps = pd.DataFrame(
        {
            "subject": pd.Series(subjects, dtype=object),
            "severity": rng.choice(["violation", "info"], len(subjects)),
            "certainty": rng.random(len(subjects)),
            "evidence": pd.Series(offers, dtype=object),
        }
    )
    table = pd.DataFrame({"status": status, "cameras": seen})
    return SimpleNamespace(parts=parts, part_status=table, gaps=gaps)


def test_parts_of_a_place_are_the_rows_that_name_it(rng):
    result = demand(rng)
    demanded, parts = Demanded(result), result.parts
    for place in ("a", "b", "c", "d", "nowhere"):
        mine = parts["zone_id"].eq(place)
        assert demanded.parts_of(place) == tuple(parts.index[mine])
        for pack in PACKS:
            of_law = parts.index[mine & in_class(parts, pack)]
            assert demanded.parts_of(place, pack) == tuple(of_law)


def test_what_was_found_of_a_part_is_its_row(rng):
    result = demand(rng)
    demanded = Demanded(result)
    assert demanded.status == result.part_status["status"].to_dict()
    assert list(demanded.gaps) == result.gaps["subject"].tolist()
    for rank, row in enumerate(result.gaps.to_dict("records")):
        gap = demanded.gaps[row["subject"]]
        assert (gap.rank, gap.severity, gap.certainty) == (rank, row["severity"], row["certainty"])
        assert list(gap.offers) == [entry["camera"] for entry in row["evidence"]["reuse"]]


def cameras(rng):
    count = int(rng.integers(1, 30))
    labels = pd.Index(sorted(f"c{at}" for at in range(count)), dtype=object)
    frame = pd.DataFrame(
        {
            "status": rng.choice(["existing", "planned"], count),
            "mount": rng.choice(["pole", "wall"], count),
            "pole_id": pd.Series(rng.choice(["7", None], count), labels, dtype=object),
            "builder": pd.Series(rng.choice(["owner", None], count), labels, dtype=object),
            "azimuth_deg": np.where(rng.random(count) < 0.4, np.nan, 90.0),
        },
        index=labels,
    )
    return gpd.GeoDataFrame(frame, geometry=shapely.points(rng.integers(0, 12, (count, 2))))


def test_who_stands_near_is_who_is_within_the_distance(rng):
    table = cameras(rng)
    found = Inventory(table)
    poles = table[table["status"].eq("existing")]
    poles = poles[poles["mount"].eq("pole") | poles["pole_id"].notna()]
    for place in table.geometry:
        away = shapely.distance(table.geometry.to_numpy(), place)
        assert found.places.within(5.0, place) == table.index[away <= 5.0].tolist()
        assert found.poles.within(3.0, place) == poles.index[poles.distance(place) <= 3.0].tolist()
    assert found.undirected == set(table.index[table["azimuth_deg"].isna()])


def test_builder_of_a_camera_of_another_state_is_not_known(rng):
    table = cameras(rng)
    told = Inventory(table).builders(("existing",))
    for label, row in table.iterrows():
        builder = row["builder"] if row["status"] == "existing" else None
        assert told.get(label) == builder
