"""The frontier: all plans that none beats, as by trying every choice, and what surviving costs."""

from __future__ import annotations

import json
from dataclasses import replace
from threading import Event

import numpy as np
import pandas as pd
import pytest
from lxml import etree

from civicsight.planning.choice.cheapest import minimise_cost
from civicsight.planning.choice.cost_coverage_curve import curve
from civicsight.planning.choice.most_compliance import most_lawful
from civicsight.planning.choice.price_of_share import CHOSEN
from civicsight.planning.frontier import PLANS, frontier
from civicsight.planning.record.plan import CURVE
from civicsight.planning.solver.budget_model import Budgets
from civicsight.planning.solver.lawful_model import Lawful, Places
from civicsight.planning.solver.model import Problem
from civicsight.planning.solver.outcome import Limits
from civicsight.report.licence import MADE_UP
from civicsight.report.plan.frontier import write_frontier
from tests.budget_made import every_choice, within_sites
from tests.drawn import LONG
from tests.lawful_made import AIMS, random_town, reached_by_each

QUICK = Limits(steps=20)


def town(seed):
    rng = np.random.default_rng(seed)
    problem, places = random_town(rng, largest=7)
    exposure = np.round(rng.uniform(0, 20, problem.n_candidate)) * (rng.random() < 0.7)
    return Lawful(problem, Budgets.of(problem), places, exposure)


def within_reach(lawful):
    """Ask for no more cameras than there are sites that see a sample."""
    problem = lawful.problem
    sites = np.where(problem.site < 0, -1 - np.arange(problem.n_candidate), problem.site)
    seen = problem.matrix.toarray()
    most = [len(set(sites[seen[:, r]])) for r in range(problem.n_requirement)]
    return replace(
        lawful, problem=replace(problem, need=np.minimum(problem.need, most).astype("i4"))
    )


@pytest.fixture
def as_is(monkeypatch):
    """Nobody asks for further plans."""
    monkeypatch.setattr("civicsight.planning.frontier.SMALL_ENTRIES", -1)


def points_of_every_choice(lawful):
    """Return cost, places, wall and worst loss of all allowed choices, by loops and sets."""
    problem, places = lawful.problem, lawful.places
    choices = every_choice(problem)
    table = reached_by_each(problem, places, choices, lawful.exposure)
    today = table[~choices.any(axis=1)][0]
    ok = within_sites(problem, choices) & (table[:, len(AIMS) :] >= today[len(AIMS) :]).all(axis=1)
    rows = []
    for choice, line in zip(choices[ok], table[ok], strict=True):
        cameras = [set(problem.met_by(j).tolist()) for j in np.flatnonzero(choice)]
        cameras += [
            set(problem.met_by(j).tolist())
            for j in np.flatnonzero(places.standing & ~choice)
            if not (choice & (problem.site == problem.site[j])).any()
        ]
        lost = [
            sum(problem.weight[r] for r in camera
                if problem.need[r] and sum(r in c for c in cameras) == problem.need[r])
            for camera in cameras
        ]  # fmt: skip
        rows.append((choice @ problem.cost, line[0], -line[3], max(lost, default=0.0)))
    return rows


def best_of(rows):
    """Return the points that no other beats: a pair by pair count of its own."""
    points = {(round(c, 3), -round(p, 3), round(w, 3), round(m, 3)) for c, p, w, m in rows}
    return {
        one
        for one in points
        if not any(other != one and all(a <= b for a, b in zip(other, one, strict=True))
                   for other in points)
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(100) if LONG else (0, 2, 3))
def test_a_small_frontier_is_that_of_trying_every_choice(seed):
    lawful = town(seed)
    found = frontier(lawful, limits=QUICK)
    assert found.is_complete
    table = found.plans
    got = {
        (round(row.cost_yuan, 3), -round(row.places, 3), round(row.exposure_m2, 3),
         round(row.lost_m, 3))
        for row in table.itertuples()
    }  # fmt: skip
    assert got == best_of(points_of_every_choice(lawful))
    assert (table["places"] <= table["most_places"] + 1e-9).all()
    assert table["cost_yuan"].is_monotonic_increasing
    assert list(table) == list(PLANS)
    assert list(found.curve) == list(CURVE)


@pytest.mark.parametrize("seed", range(1_000, 2_000) if LONG else range(12))
def test_more_money_is_never_worse_nor_worse_than_today_and_enough_buys_all(seed):
    """Each level on its own: nothing is handed on from one to the next."""
    lawful = replace(within_reach(town(seed)), aims=AIMS[:3])
    full = minimise_cost(lawful.problem, limits=QUICK)
    has_full = full.status in CHOSEN and lawful.keeps_today(lawful.count(full.chosen))
    dear = lawful.problem.price(full.chosen) if has_full else float(lawful.problem.cost.sum())
    known, today = lawful.today.reached, lawful.today
    for money in (np.round(0.4 * dear, -2), np.round(0.8 * dear, -2)):
        asked = replace(lawful, budgets=Budgets.of(lawful.problem, float(money)))
        got = lawful.count(most_lawful(asked, limits=QUICK, full=full).chosen)
        assert tuple(np.round(got.reached, 6)) >= tuple(np.round(known, 6))
        assert (got.by_kind >= today.by_kind).all()
        known = got.reached
    for money in (dear, 2.0 * dear) if has_full else ():
        asked = replace(lawful, budgets=Budgets.of(lawful.problem, float(money)))
        assert (most_lawful(asked, limits=QUICK, full=full).chosen == full.chosen).all()


@pytest.mark.parametrize("seed", range(40, 340) if LONG else (40, 41))
def test_without_the_exact_solver_a_curve_does_not_fall_and_its_bounds_hold(seed, monkeypatch):
    monkeypatch.setattr("civicsight.planning.choice.most_compliance.EXACT_ENTRIES", -1)
    lawful = town(seed)
    table = curve(lawful, limits=QUICK)
    reached = [tuple(np.round(row, 6)) for row in table[list(AIMS[:3])].to_numpy()]
    assert reached == sorted(reached)
    points = points_of_every_choice(lawful)
    for row in table.itertuples():
        best = max(place for cost, place, _, _ in points if cost <= row.budget_yuan)
        assert row.places <= best + 1e-6 <= row.most_places + 2e-6


def crossing():
    """Two gates, two cameras for each, one of them with private walls in view."""
    problem = Problem.of(
        [[0], [0], [1], [1]], cost=[100.0, 150.0, 200.0, 300.0], weight=[4.0, 6.0],
        group=[0, 1], slack=[0.0, 0.0],
    )  # fmt: skip
    places = Places(
        np.zeros(4, np.bool_), np.array([0, 1], np.int32), np.array([0, 0], np.int32), np.ones(1)
    )
    return Lawful(problem, Budgets.of(problem), places, np.array([5.0, 0.0, 0.0, 0.0]))


@pytest.mark.usefixtures("as_is")
def test_what_surviving_costs_is_told_with_its_bound_beside_the_frontier():
    lawful = crossing()
    spare = replace(lawful.problem, need=np.array([2, 2], np.int32))
    found = frontier(lawful, spare=spare, levels=[300.0], limits=QUICK)
    survival = found.survival
    assert (survival.cost_yuan, survival.spare_yuan, survival.price_yuan) == (300.0, 750.0, 450.0)
    assert (survival.least_yuan, survival.lone_m) == (450.0, 0.0)
    plans = found.plans.set_index("cost_yuan")
    assert plans.loc[750.0, ["places", "lost_m", "exposure_m2"]].tolist() == [2.0, 0.0, 5.0]
    assert plans.loc[350.0, ["places", "lost_m", "exposure_m2"]].tolist() == [2.0, 6.0, 0.0]
    alone = replace(lawful.problem, need=np.array([2, 1], np.int32))
    assert frontier(lawful, spare=alone, levels=[], limits=QUICK).survival.lone_m == 6.0
    assert frontier(lawful, levels=[], limits=QUICK).survival is None


def test_a_known_plan_is_listed_and_a_stop_keeps_what_is_known():
    lawful, stop = crossing(), Event()
    stop.set()
    known = np.array([False, True, True, True])
    found = frontier(lawful, start=known, limits=Limits(steps=20, stop=stop))
    assert not found.is_complete
    assert known.tolist() in found.choices.tolist()


@pytest.mark.usefixtures("as_is")
def test_the_page_tables_and_drawings_say_it_in_both_languages(tmp_path):
    lawful = crossing()
    spare = replace(lawful.problem, need=np.array([2, 2], np.int32))
    found = frontier(lawful, spare=spare, levels=[300.0], limits=QUICK)
    files = write_frontier(
        found, pd.Index(list("abcd")), tmp_path, name="Town", origin=lambda _: [MADE_UP]
    )
    assert all(file.is_file() for file in files)
    for tongue, said in (("en", "450 yuan more"), ("zh-CN", "增加 450 元")):
        page = (tmp_path / f"page.{tongue}.html").read_text(encoding="utf-8")
        assert said in page
        for name in ("curve", "plans"):
            drawn = etree.parse(tmp_path / f"{name}.{tongue}.svg").getroot()
            assert drawn.tag == "{http://www.w3.org/2000/svg}svg"
    chosen = json.loads((tmp_path / "choices.json").read_text(encoding="utf-8"))
    table = pd.read_csv(tmp_path / "plans.csv", index_col=0)
    assert list(chosen) == [str(number) for number in table.index]
    assert len(table) == len(found.plans)
