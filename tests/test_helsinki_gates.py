"""Thirty places whose gates were judged by hand before the search existed: how well it finds them.

``python -m tests.test_helsinki_gates`` prints the table. The file of judgements is never changed to
suit the search; see ``helsinki_gates.md``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import pandas as pd
import pytest

from civicsight.coverage.demand.parts import find_parts
from civicsight.io import helsinki_path
from civicsight.io.project import read_city
from civicsight.rules import find_zones, load_packs
from tests.drawn import a_few

JUDGED = Path(__file__).with_name("helsinki_gates.csv")
HIT_M = 15.0
KINDS = ("entrance", "vehicle_entrance")


class Measure(NamedTuple):
    """Gates found and judged at one place, or at all."""

    found: int
    hits: int
    judged: int
    recalled: int

    @property
    def precision(self) -> float:
        """Share of found gates that are judged ones."""
        return self.hits / self.found

    @property
    def recall(self) -> float:
        """Share of judged gates that are found."""
        return self.recalled / self.judged


FIRST = {
    "on a register": Measure(found=49, hits=31, judged=55, recalled=29),
    "by the map's marks": Measure(found=40, hits=23, judged=55, recalled=21),
}
"""What was measured when the search first ran."""

LEAST = {
    "on a register": Measure(found=51, hits=31, judged=55, recalled=29),
    "by the map's marks": Measure(found=38, hits=23, judged=55, recalled=21),
}
"""What it measures since likely gates are weighed (decision 46); it may become better, not worse.

Recall is that of the first run. One of the thirty is a building without a mapped door that has it
to itself, a block: it has four presumed gates for two, and none of them is the judged one.
"""


def read_judged(crs) -> gpd.GeoDataFrame:
    frame = pd.read_csv(JUDGED, dtype={"item": str})
    points = gpd.points_from_xy(frame["lon"], frame["lat"], crs="EPSG:4326")
    return gpd.GeoDataFrame(frame, geometry=points).to_crs(crs)


def measure(*, registered: bool) -> dict[str, Measure]:
    """Measure the search place by place.

    `registered` puts the thirty places on a register first, so that all become zones and the search
    for gates is measured alone; without, a place that the map marks too weakly, or that fails the
    test of "large", counts with no gate found.
    """
    city = read_city(helsinki_path())[0]
    judged = read_judged(city.crs)
    places = city.places.copy()
    if registered:
        items = judged.drop_duplicates("place_id").set_index("place_id")["item"]
        places.loc[items.index, "item"] = items
        places.loc[items.index, ["standing", "source"]] = ["designated", "judged by hand"]
    rules = load_packs()
    zones = find_zones(places, city.roads, rules)
    parts = find_parts(
        zones,
        places=places,
        roads=city.roads,
        entrances=city.entrances,
        barriers=city.barriers,
        buildings=city.buildings,
        rules=rules,
    )
    gates = parts[parts["kind"].isin(KINDS)]
    place_of = zones["place_id"]
    served = [
        {place_of.get(zone) for zone in (own, *also)}
        for own, also in zip(gates["zone_id"], gates["also"], strict=True)
    ]
    out = {}
    for place, own in judged.groupby("place_id", sort=False):
        middles = gates.geometry[[place in names for names in served]].centroid
        hits = sum(bool(own.distance(middle).min() <= HIT_M) for middle in middles)
        recalled = sum(bool((middles.distance(gate) <= HIT_M).any()) for gate in own.geometry)
        out[str(place)] = Measure(len(middles), hits, len(own), recalled)
    return out


def total(measures: dict[str, Measure]) -> Measure:
    return Measure(*(sum(column) for column in zip(*measures.values(), strict=True)))


def test_the_file_holds_thirty_places_with_one_to_four_gates_each():
    judged = read_judged("EPSG:3067")
    counts = judged["place_id"].value_counts()
    assert len(counts) == 30
    assert counts.between(1, 4).all()
    assert set(judged["kind"]) == {"person", "vehicle"}
    assert judged.geometry.x.between(385_000, 387_000).all()
    assert judged["note"].str.len().gt(10).all()


@pytest.mark.parametrize("source", a_few(FIRST))
def test_the_search_finds_at_least_what_it_did(source):
    measures = measure(registered=source == "on a register")
    sys.stdout.write(sentence(source, measures))
    assert len(measures) == 30
    if source == "on a register":
        assert all(one.found for one in measures.values())
    assert total(measures).judged == LEAST[source].judged
    assert total(measures).precision >= LEAST[source].precision
    assert total(measures).recall >= LEAST[source].recall >= FIRST[source].recall


def sentence(source: str, measures: dict[str, Measure]) -> str:
    """Say in one line how well the search does."""
    found, hits, judged, recalled = sums = total(measures)
    return (
        f"places {source}: {hits} of {found} found gates hit, precision {sums.precision:.3f}; "
        f"{recalled} of {judged} judged gates found, recall {sums.recall:.3f}\n"
    )


def main() -> None:
    """Print both measures, place by place and at all."""
    names = read_judged("EPSG:4326").drop_duplicates("place_id").set_index("place_id")["name"]
    for source in FIRST:
        measures = measure(registered=source == "on a register")
        for place, one in measures.items():
            sys.stdout.write(
                f"  {place:18} {one.hits} of {one.found} hit, {one.recalled} of {one.judged} found"
                f"  {names[place]}\n"
            )
        sys.stdout.write(sentence(source, measures))


if __name__ == "__main__":
    main()
