"""What a budget buys: places made compliant, then parts, then metres, beside exact answers."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from civicsight.core.errors import MismatchError
from civicsight.coverage.check import check
from civicsight.io import read_cameras, read_city
from civicsight.planning.aims.requirements import build_problem, places_of
from civicsight.planning.candidates import generate
from civicsight.planning.choice.cheapest import minimise_cost
from civicsight.planning.choice.cost_coverage_curve import curve
from civicsight.planning.choice.most_compliance import left_of, most_lawful
from civicsight.planning.proof import evidence, recount_places
from civicsight.planning.proof.evidence import recount
from civicsight.planning.solver.budget_model import Budgets
from civicsight.planning.solver.lawful_model import AIMS, KNOWN_AIMS, Lawful, Places, programme_of
from civicsight.planning.solver.model import Problem
from civicsight.planning.solver.opting_out import bound_of
from civicsight.planning.solver.outcome import Limits, Status
from tests.drawn import LONG, a_few
from tests.lawful_made import best_by_every_choice, best_by_programme, random_town
from tests.test_planning_recount_budget import edit

DEMO = Path(__file__).resolve().parent.parent / "data" / "demo"
QUICK = Limits(steps=20)
LEVELS = 4


ORDERS = (AIMS, AIMS, KNOWN_AIMS, ("exposure", "surviving", "places"), ("metres", "places"))


def asked_for(problem, places, money, **more):
    return Lawful(problem, Budgets.of(problem, money), places, **more)


@pytest.mark.parametrize("seed", range(600 if LONG else 4))
def test_small_towns_are_as_by_trying_every_choice_and_never_fall_with_more_money(seed):
    rng = np.random.default_rng(seed)
    problem, places = random_town(rng)
    full = minimise_cost(problem, limits=QUICK)
    dear = problem.price(full.chosen)
    before = None
    levels = np.sort(np.round(rng.uniform(0.0, 1.0, LEVELS) * dear, -2))
    exposure = np.round(rng.uniform(0, 20, problem.n_candidate)) * (seed % 3 > 0)
    aims = ORDERS[seed % len(ORDERS)]
    for money in [0.0, *levels, dear]:
        lawful = asked_for(problem, places, float(money), exposure_m2=exposure, aims=aims)
        got = most_lawful(lawful, limits=QUICK)
        count = lawful.count(got.chosen)
        want, least, cheap = best_by_every_choice(problem, places, float(money), exposure, aims)
        assert got.stages or cheap is not None
        if cheap is None:
            assert count.reached == pytest.approx(want, abs=1e-6)
        assert got.status is Status.OPTIMAL
        assert problem.price(got.chosen) == pytest.approx(least if cheap is None else cheap)
        assert (count.by_kind >= lawful.today.by_kind).all()
        first = tuple(round(count.of_aim[aim], 6) for aim in AIMS[:3])
        assert aims[:3] != AIMS[:3] or before is None or first >= before
        before = first
    assert (got.chosen == full.chosen).all()


@pytest.mark.parametrize("seed", a_few(range(20), 5))
def test_without_the_exact_solver_the_bounds_hold_and_no_class_falls(seed, monkeypatch):
    monkeypatch.setattr("civicsight.planning.choice.most_compliance.EXACT_ENTRIES", -1)
    rng = np.random.default_rng(1_000 + seed)
    problem, places = random_town(rng)
    money = float(np.round(rng.uniform(0.1, 0.9) * problem.cost.sum(), -2))
    exposure = np.round(rng.uniform(0, 20, problem.n_candidate))
    aims = KNOWN_AIMS if seed % 2 else AIMS
    lawful = asked_for(problem, places, money, exposure_m2=exposure, aims=aims)
    got = most_lawful(lawful, limits=QUICK)
    assert lawful.allows(got.chosen)
    want, _, _ = best_by_every_choice(problem, places, money, exposure, aims)
    count = lawful.count(got.chosen)
    assert count.reached <= tuple(np.asarray(want) + 1e-6)
    if got.stages:
        assert got.stages[0].bound >= got.stages[0].word >= want[0] - 1e-6


def saved(folder, seed, share=0.4, aims=AIMS):
    """Write the certificate of a town whose money does not suffice; return what it is of."""
    rng = np.random.default_rng(seed)
    problem, places = random_town(rng)
    full = minimise_cost(problem, limits=QUICK)
    money = np.floor(share * problem.price(full.chosen))
    exposure = np.round(rng.uniform(0, 20, problem.n_candidate))
    lawful = asked_for(problem, places, money, exposure_m2=exposure, aims=aims)
    got = most_lawful(lawful, limits=QUICK)
    assert got.stages
    evidence._save_places(folder, lawful, got)
    return lawful, got


TOWNS = (0, 2, 5, 9)


@pytest.mark.parametrize(
    ("seed", "aims"), list(zip(TOWNS, (AIMS, KNOWN_AIMS, *ORDERS[3:]), strict=True))
)
def test_a_recount_proves_the_same_bound_of_each_aim(seed, aims, tmp_path):
    lawful, got = saved(tmp_path, seed, aims=aims)
    assert recount(tmp_path) == []
    told = json.loads((tmp_path / "plan.json").read_text("utf-8"))
    assert told["values"] == pytest.approx(lawful.count(got.chosen).reached)
    programme, base = programme_of(lawful), 0
    for at, stage in enumerate(got.stages):
        linear = programme.towards(at, tuple(each.kept for each in got.stages[:at]))
        families, m = programme.families, lawful.problem.n_requirement
        count = len(linear.high) + families * (m - len(programme.merged.first))
        prices, base = got.dual[base : base + count], base + count
        cuts = m * np.arange(1, families + 1)
        rows = [programme.merged.total(part) for part in np.split(prices, cuts)[:-1]]
        merged = np.concatenate([*rows, prices[families * m :]])
        proven = max(bound_of(lawful, programme, linear, merged), stage.value)
        assert stage.bound == pytest.approx(proven, rel=1e-9, abs=1e-9)
    assert base == len(got.dual)


LIES = {
    "cost": (lambda told: told["cost"] + 1.0, "cost.differs"),
    "values": (lambda told: [told["values"][0] + 1.0, *told["values"][1:]], "value.differs"),
    "bounds": (lambda _: [-999.0] * 5, "bound.unproven"),
    "words": (lambda _: [99.0] * 5, "solver.contradicts"),
    "aims": (lambda told: ["religion", *told["aims"][1:]], "aims.changed"),
}


@pytest.mark.parametrize("field", LIES)
def test_a_lie_about_what_was_bought_is_found(field, tmp_path):
    saved(tmp_path, 2)
    told = json.loads((tmp_path / "plan.json").read_text("utf-8"))
    lie, code = LIES[field]
    edit(tmp_path, **{field: lie(told)})
    assert code in recount(tmp_path)
    edit(tmp_path, **{field: told[field]})
    assert recount(tmp_path) == []


def test_a_recount_finds_an_array_that_was_changed_and_one_that_is_short(tmp_path):
    saved(tmp_path, 2)
    standing = np.load(tmp_path / "terms" / "standing.npy")
    np.save(tmp_path / "terms" / "standing.npy", ~standing)
    assert "terms.changed" in recount(tmp_path)
    np.save(tmp_path / "terms" / "standing.npy", standing)
    np.save(tmp_path / "dual.npy", np.load(tmp_path / "dual.npy")[:3])
    assert recount(tmp_path) == ["unreadable"] or "dual.changed" in recount(tmp_path)


def test_the_verifier_knows_nothing_of_the_package():
    text = Path(recount_places.__file__).read_text(encoding="utf-8")
    assert "civicsight" not in text
    assert len([line for line in text.splitlines() if line.strip()]) < 130


def school(**more):
    """Two gates of one school, a camera that stands at the first, and what money can do."""
    return Problem.of(
        [[0], [1], [0, 1]],
        cost=[50.0, 900.0, 500.0],
        weight=[4.0, 4.0],
        site=[0, -1, 0],
        capacity=[1],
        group=[0, 1],
        slack=[0.0, 0.0],
        **more,
    )


def places_at(place, kind=(0, 0)):
    return Places(
        np.array([True, False, False]),
        np.array(place, np.int32),
        np.array(kind, np.int32),
        np.ones(2),
    )


def test_a_camera_that_stands_counts_without_money_and_a_whole_place_goes_before_a_part():
    lawful = asked_for(school(), places_at([0, 0]), 0.0)
    got = most_lawful(lawful, limits=QUICK)
    assert (lawful.today.reached, got.chosen.any()) == ((0.0, 1.0, 4.0, 0.0, 0.0), False)
    got = most_lawful(asked_for(school(), places_at([0, 0]), 500.0), limits=QUICK)
    assert got.chosen.tolist() == [False, False, True]  # turned, it sees both gates


def test_no_class_falls_though_another_would_gain_two_places():
    """Turning the camera of one class would close two gates of another."""
    problem = Problem.of(
        [[0], [1, 2]],
        cost=[50.0, 500.0],
        weight=[4.0, 4.0, 4.0],
        site=[0, 0],
        capacity=[1],
        group=[0, 1, 2],
        slack=[0.0] * 3,
    )
    places = Places(
        np.array([True, False]), np.arange(3, dtype=np.int32), np.array([0, 1, 1], np.int32),
        np.ones(2),
    )  # fmt: skip
    got = most_lawful(asked_for(problem, places, 500.0), limits=QUICK)
    assert not got.chosen[1]
    free = replace(places, standing=np.zeros(2, np.bool_))
    got = most_lawful(asked_for(problem, free, 500.0), limits=QUICK)
    assert got.chosen[1]


def test_what_is_left_of_a_choice_keeps_the_bounds_and_the_classes():
    lawful = asked_for(school(), places_at([0, 0]), 500.0)
    got = most_lawful(lawful, limits=QUICK)
    left = left_of(lawful, got, np.zeros(3, np.bool_))
    assert [stage.value for stage in left.stages] == [0.0, 1.0, 4.0, 0.0, 0.0]
    assert left.status is Status.FEASIBLE
    turned_away = replace(
        school(), indptr=np.array([0, 1, 2, 3]), cells=np.array([0, 1, 1], np.int32)
    )
    asked = asked_for(turned_away, places_at([0, 1], (0, 1)), 500.0)
    left = left_of(asked, replace(got, stages=()), np.array([False, False, True]))
    assert not left.chosen.any()
    assert left.stages[0].bound == 2.0


def test_floors_beyond_the_money_are_impossible_and_a_stop_keeps_what_is_known():
    problem = school()
    budgets = Budgets.of(problem, 100.0, floors=[1.0], of_requirement=0)
    got = most_lawful(Lawful(problem, budgets, places_at([0, 0])), limits=QUICK)
    assert (got.status, got.chosen.any()) == (Status.INFEASIBLE, False)
    brief = Limits(steps=20, seconds=0.0)
    got = most_lawful(asked_for(problem, places_at([0, 0]), 100.0), limits=brief)
    assert (got.status, got.value) == (Status.STOPPED, 0.0)


def test_places_that_do_not_fit_are_refused():
    for wrong in ({"kind": np.array([0, 5], np.int32)}, {"weights": np.zeros(2)},
                  {"kind": np.array([0, 1], np.int32)}):  # fmt: skip
        with pytest.raises(MismatchError, match="each place has one class"):
            replace(places_at([0, 0]), **wrong)
    for problem in (
        school(need=1).__class__(**vars_of(school(), group=np.array([0, -1], np.int32))),
    ):
        with pytest.raises(MismatchError, match="no group"):
            asked_for(problem, places_at([0, 0]), 1.0)
    shared = school().__class__(**vars_of(school(), capacity=np.array([2], np.int32)))
    with pytest.raises(MismatchError, match="capacity 1"):
        asked_for(shared, places_at([0, 0]), 1.0)


def vars_of(problem, **more):
    return {name: getattr(problem, name) for name in problem.__dataclass_fields__} | more


@pytest.fixture(scope="module")
def district():
    """Candidates and places of the made district."""
    city = read_city(DEMO / "district.gpkg")[0]
    city = replace(city, cameras=read_cameras(DEMO / "cameras.csv", crs=city.crs)[0])
    result = check(city, raster=False)
    offers = generate(result)
    posed = build_problem(offers, result)
    return posed.problem, places_of(posed, offers, result)


@pytest.mark.slow
@pytest.mark.compiled_only
def test_levels_of_money_on_the_made_district_are_exact_and_rise(district):
    """Ten levels in the long proofs, four every day: each takes another solver seconds."""
    problem, places = district
    full = minimise_cost(problem)
    dear = problem.price(full.chosen)
    levels = [0.0, *np.linspace(0.05, 0.95, 7 if LONG else 1) * dear, dear, 1.1 * dear]
    table = curve(asked_for(problem, places, np.inf), levels)
    assert table["budget_yuan"].tolist() == pytest.approx(levels)
    assert (table["cost_yuan"] <= table["budget_yuan"] + 1e-6).all()
    before = (0.0, 0.0, 0.0)
    for row in table.itertuples():
        want = best_by_programme(asked_for(problem, places, row.budget_yuan))
        reached = (row.places, row.parts, row.metres)
        assert reached == pytest.approx(want, abs=1e-3)
        assert reached == pytest.approx((row.most_places, row.most_parts, row.most_metres))
        assert tuple(np.round(reached, 6)) >= before
        before = tuple(np.round(reached, 6))
    assert table["cost_yuan"].tolist()[-2:] == [dear, dear]
    alone = most_lawful(asked_for(problem, places, 1.1 * dear))
    assert (alone.chosen == full.chosen).all()
