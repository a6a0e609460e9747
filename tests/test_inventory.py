"""A new list against the register: what is matched, what differs, what was settled and kept."""

from __future__ import annotations

from itertools import product

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from civicsight.core.errors import CrsError, InputError
from civicsight.inventory import read_rule, reconcile, take_census
from civicsight.inventory.census import STATES
from civicsight.inventory.difference import WHAT
from civicsight.inventory.evidence import Pairs
from civicsight.inventory.matching import chances, choose_pairs
from civicsight.model import CAMERAS
from tests.inventory_made import make_register, make_year, renumbered, score


def brute_force(pairs: Pairs) -> tuple[float, np.ndarray]:
    """Return the greatest sum of logarithms of all choices, and the chance of each pair."""
    best, total, each = 0.0, 0.0, np.zeros(len(pairs.known))
    for taken in product((False, True), repeat=len(pairs.known)):
        chosen = np.flatnonzero(taken)
        if len({*pairs.known[chosen]}) == len({*pairs.listed[chosen]}) == len(chosen):
            weight = float(np.exp(pairs.log_odds[chosen].sum()))
            best = max(best, float(pairs.log_odds[chosen].sum()))
            total += weight
            each[chosen] += weight
    return best, each / total


def random_pairs(seed: int, known: int, listed: int, share: float) -> Pairs:
    rng = np.random.default_rng(seed)
    cells = np.flatnonzero(rng.random(known * listed) < share)
    nothing = np.zeros(len(cells))
    return Pairs(
        cells // listed, cells % listed, nothing, nothing > 0, nothing, nothing,
        rng.normal(0.5, 2.5, len(cells)),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
def test_the_choice_is_the_likeliest_of_all(seed):
    pairs = random_pairs(seed, 4, 4, 0.6)
    chosen = choose_pairs(pairs, 4, 4)
    assert len({*pairs.known[chosen]}) == len({*pairs.listed[chosen]}) == len(chosen)
    assert pairs.log_odds[chosen].sum() == pytest.approx(brute_force(pairs)[0])


@pytest.mark.parametrize("seed", range(40))
def test_a_chance_counts_every_other_choice(seed):
    few = random_pairs(seed, 4, 4, 0.25)
    exact = brute_force(few)[1]
    graph = csr_array((np.ones(len(few.known)), (few.known, 4 + few.listed)), shape=(8, 8))
    circle = len(few.known) > 8 - connected_components(graph, directed=False)[0]
    assert chances(few, 4, 4) == pytest.approx(exact, abs=0.08 if circle else 1e-6)


def test_of_two_that_are_alike_neither_is_sure():
    known = make_register(2).assign(azimuth_deg=np.nan, kind="fixed", name="人民路1号")
    known = known.set_geometry(gpd.points_from_xy([0.0, 0.0], [0.0, 0.0], crs=known.crs))
    listed = known.set_axis(pd.Index(["a", "b"], dtype=object))
    found = reconcile(known, listed)
    assert found.matches["certainty"].to_numpy() == pytest.approx(0.5, abs=0.05)
    turned = (known.assign(azimuth_deg=[10.0, 200.0]), listed.assign(azimuth_deg=[201.0, 12.0]))
    found = reconcile(*turned)
    assert list(found.matches["listed_id"]) == ["b", "a"]
    assert (found.matches["certainty"] > 0.7).all()


@pytest.mark.parametrize(
    ("noise_m", "numbers", "least"),
    [(1.5, True, 0.995), (15.0, True, 0.99), (1.5, False, 0.9)],
    ids=["numbered", "measured badly", "without numbers"],
)
def test_a_year_later_cameras_are_found_again(noise_m, numbers, least):
    year = make_year(1_000, noise_m=noise_m)
    given = None if numbers else {column.name for column in CAMERAS}
    found = reconcile(year.known, year.listed, given=given)
    precision, recall = score(found.matches, year.truth)
    assert min(precision, recall) >= least
    right = found.matches["listed_id"].map(year.truth).eq(found.matches["known_id"])
    assert right[found.matches["certainty"] > 0.95].mean() > 0.99


def test_numbers_of_rows_in_another_order_do_not_lead_astray():
    year = make_year(600)
    known = year.known.set_axis(pd.Index(map(str, range(1, 601)), dtype=object))
    truth = dict(zip(year.known.index, known.index, strict=True))
    listed = renumbered(year, [str(n + 1) for n in range(len(year.listed))])
    found = reconcile(known, listed.listed)
    precision, _ = score(found.matches, listed.truth.map(truth))
    assert precision > 0.9
    assert any("numbered anew" in str(note) for note in found.notes)


def test_what_was_done_is_what_is_found():
    year = make_year(500, noise_m=0.2)
    found = reconcile(year.known, year.listed)
    by_kind = found.differences.groupby("what")["known_id"].agg(set)
    assert by_kind["missing"] == year.done["gone"]
    assert by_kind["moved"] == year.done["moved"]
    assert by_kind["renumbered"] == year.done["renumbered"]
    assert by_kind["changed"] == year.done["changed"]
    assert len(found.differences[found.differences["what"].eq("added")]) == 10
    assert set(by_kind.index) <= set(WHAT)


def test_a_list_of_59_of_191_says_what_is_missing():
    known = make_register(191)
    census = take_census(reconcile(known, known.iloc[:59]))
    assert census.states == {
        "same": 59,
        "different": 0,
        "missing": 132,
        "not_expected": 0,
        "added": 0,
    }
    assert census.kinds.loc["missing", "open"] == 132


def test_the_counts_add_up():
    year = make_year(400)
    known = year.known.copy()
    known.iloc[:7, known.columns.get_loc("status")] = "planned"
    census = take_census(reconcile(known, year.listed))
    states = census.states
    assert sum(states.values()) - states["added"] == len(known)
    assert states["same"] + states["different"] + states["added"] == len(year.listed)
    assert len(census.state_of) == sum(states.values())
    for _, own in census.dimensions.groupby(level="dimension"):
        assert own.sum().to_dict() == states


def one(known, listed, **asked):
    """Return the differences as kind, column, old and new."""
    rows = reconcile(known, listed, **asked).differences
    return [*rows[["what", "field", "old", "new"]].itertuples(index=False, name=None)]


def test_values_that_say_the_same_are_the_same():
    known = make_register(3).assign(azimuth_deg=[0.0, 359.98, 90.0], height_m=4.0)
    listed = known.assign(azimuth_deg=[359.95, 0.02, 90.04], height_m=4.0000001,
                          name=[f" {name} " for name in known["name"]])  # fmt: skip
    assert one(known, listed) == []


def test_each_value_that_differs_is_a_row():
    known = make_register(2).assign(
        height_m=[4.0, np.nan], purpose=["治安", None], tags=[{"街道": "东湖"}, {}]
    )
    listed = known.assign(
        height_m=[np.nan, 5.5], purpose=["交通", None], tags=[{"街道": "西湖", "备注": "新"}, {}]
    )
    first, second = known.index
    assert one(known, listed) == [
        ("changed", "purpose", "治安", "交通"),
        ("changed", "tags.街道", "东湖", "西湖"),
        ("filled", "tags.备注", None, "新"),
        ("emptied", "height_m", 4.0, None),
        ("filled", "height_m", None, 5.5),
    ]
    assert set(reconcile(known, listed).differences["known_id"]) == {first, second}


def test_a_column_that_the_list_lacks_says_nothing():
    known = make_register(4)
    listed = known.assign(height_m=np.nan, name=None)
    assert one(known, listed, given={"camera_id", "azimuth_deg"}) == []


def test_a_planned_camera_that_the_list_has_stands():
    known = make_register(3)
    known["status"] = ["existing", "planned", "planned"]
    listed = known.iloc[:2].assign(status="existing")
    assert one(known, listed, given={"camera_id", "name"}) == [
        ("changed", "status", "planned", "existing")
    ]
    assert any("not missed" in str(note) for note in reconcile(known, listed).notes)


def test_a_list_that_lies_off_as_a_whole_is_warned_of():
    known = make_register(30)
    moved = known.set_geometry(known.geometry.translate(300.0, -400.0))
    notes = [str(note) for note in reconcile(known, moved).notes]
    assert any("500 m off in one direction (300 m east, -400 m north)" in note for note in notes)
    assert not any("off in one" in str(note) for note in reconcile(known, known).notes)


def test_empty_tables_and_other_systems():
    known, none = make_register(3), make_register(3).iloc[:0]
    assert [row[0] for row in one(known, none)] == ["missing"] * 3
    assert [row[0] for row in one(none, known)] == ["added"] * 3
    with pytest.raises(CrsError):
        reconcile(known, known.to_crs("EPSG:4549"))


def test_rules_are_read_and_refused():
    rule = read_rule(" changed:height_m = take @0.95 ")
    assert (rule.what, rule.field, rule.decision, rule.certain) == (
        "changed",
        "height_m",
        "take",
        0.95,
    )
    assert str(rule) == "changed:height_m=take@0.95"
    for bad in ("lost=keep", "missing", "missing=away", "changed:colour=take", "moved=take@2", ""):
        with pytest.raises(InputError):
            read_rule(bad)


def test_every_state_has_a_heading():
    from civicsight.report.census import OWN

    assert set(STATES) <= set(OWN)
