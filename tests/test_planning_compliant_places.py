"""What the optimiser counts is what pages count: one rule, also where gates are only presumed."""

from __future__ import annotations

import sys
from dataclasses import replace

import pandas as pd
import pytest

from civicsight.core.i18n import translate
from civicsight.coverage.check import check
from civicsight.io.project import read_city
from civicsight.planning import make
from civicsight.planning.aims.compliant_places import (
    MET,
    OPEN,
    PRESUMED,
    UNCOUNTED,
    compliance_of_parts,
)
from civicsight.planning.aims.policy_file import Policy
from civicsight.planning.aims.request import Aims, Run
from civicsight.planning.aims.requirements import build_problem
from civicsight.planning.area.scope import Scope
from civicsight.planning.candidates import generate
from civicsight.planning.choice.cheapest import minimise_cost
from civicsight.planning.make import make_plan
from civicsight.planning.prices.terms import BudgetOf
from civicsight.planning.proof.contradictions import contradictions
from civicsight.planning.proof.evidence import chosen_ids
from civicsight.planning.record.documents import from_record, to_record
from civicsight.planning.solver.outcome import Limits, Status
from civicsight.planning.statement.claims import statement_of
from civicsight.planning.statement.figures import figures_of, places_of
from civicsight.report.plan.endings import ending_of_record, headline
from tests import town
from tests.app_town import RULES
from tests.compliant_counted import count_compliant
from tests.made import with_made
from tests.silent_town import city_of, watching

RUN = Run(Limits(steps=300), seed=3)
POLICY = Policy(("places", "parts"))


@pytest.fixture(scope="module")
def result():
    """Four places, each second one with a gate on record, the others presumed; one is watched."""
    spots = {f"p{k}": (70.0 * (k % 3), 70.0 * (k // 3)) for k in range(4)}
    places = {
        name: (
            town.point(x + 12, y + 8),
            {"name": name},
            {"item": "8.4", "standing": "designated", "source": "register"},
        )
        for name, (x, y) in spots.items()
    }
    houses = {name: (town.rect(x, y, x + 24, y + 16),) for name, (x, y) in spots.items()}
    known = [spots[name] for name in ("p0", "p2")]
    gates = {f"e{k}": (town.point(x + 12, y), "main") for k, (x, y) in enumerate(known)}
    roads = {"r": (town.line((-40, -8), (260, -8)), "residential")}
    cameras = {"c": watching(58, 10, 90.0)}
    city = city_of(places=places, buildings=houses, roads=roads, entrances=gates, cameras=cameras)
    return check(city, rules=RULES, raster=False)


def test_more_money_never_shows_fewer_places_and_the_bound_is_that_of_the_number_shown(result):
    """The page counted gates that cameras see wherever they may be, the optimiser where they are
    presumed: 3 of 8 places beside a bound of 5."""
    offers, start, shown, resting = generate(result), (), [], 0
    whole = make_plan(result, Aims(extras=False), offers=offers, run=RUN)
    for share in (0.2, 0.8):
        money = share * whole.cost_yuan
        aims = Aims(money, extras=False, policy=POLICY, budget_of=BudgetOf.WORKS)
        run = Run(RUN.limits, RUN.seed, start=start)
        plan = make_plan(result, aims, offers=offers, run=run)
        told = count_compliant(plan.parts, "after", plan.parameters[UNCOUNTED])
        start, n, stated = chosen_ids(plan.files), figures_of(plan), statement_of(plan)
        assert figures_of(from_record(to_record(plan))).to_dict() == n.to_dict()
        for key, counted in (
            ("parts.compliant.after", told.parts), ("places.compliant.after", told.places),
            ("parts.open.after", told.open_parts), ("places.open.after", told.open_places),
            ("places.presumed.after", told.presumed_places),
        ):  # fmt: skip
            assert n.of(key) == counted, key
        if len(plan.stages):
            assert stated.value == told.places <= stated.bound
            assert plan.stages.set_index("aim")["value"]["parts"] == told.parts
        assert not shown or told.places >= shown[-1]
        shown.append(told.places)
        resting += told.presumed_places
        assert contradictions(plan) == []
    assert shown[-1] > shown[0]
    better = plan.parts.assign(status_after="covered", share_after=1.0)
    assert contradictions(replace(plan, parts=better)) == ["places.differ"]
    richer = dict(plan.parameters) | {"budget_yuan": 2.0 * money}
    assert contradictions(replace(plan, parameters=richer)) == ["money.differs"]
    assert resting, "the city has to have places that rest on a presumption"


def test_places_that_rest_on_a_presumed_gate_are_said_wherever_the_plan_is(result):
    plan = make_plan(result, Aims(extras=False), run=RUN)
    n = figures_of(plan)
    text = (
        f"Compliant only if the gates are where they are presumed: {n['parts.presumed.after']} "
        f"gates and key parts, {n['places.presumed.after']} of the {n['places.compliant.after']} "
        "compliant places. Confirm these gates."
    )
    for lines in (headline(n), ending_of_record(to_record(plan))):
        assert text in [translate(line, "en") for line in lines]


@pytest.mark.slow
def test_a_place_with_a_gate_that_is_not_asked_for_is_not_counted_by_either(result):
    aims = Aims(40_000.0, extras=False, scope=Scope(known_gates=True), policy=POLICY)
    plan = make_plan(result, aims, run=RUN)
    assert plan.parameters[UNCOUNTED]
    counted = count_compliant(plan.parts, "after", plan.parameters[UNCOUNTED])
    assert set(plan.parameters[UNCOUNTED]) & set(plan.parts["zone_id"]) <= set(counted.open)
    assert figures_of(plan).of("places.compliant.after") == counted.places
    if len(plan.stages):
        assert statement_of(plan).value == figures_of(plan).of("places.compliant.after")


def test_the_rule_by_hand():
    rows = [
        ("a", "covered", 1.0, MET),
        ("a", "assumed", 0.95, PRESUMED),  # sure where the gate is presumed
        ("b", "assumed", 0.94, OPEN),  # sure only by half: the rest rests on the cameras
        ("b", "covered", 0.95, MET),
        ("c", "possible", 0.0, OPEN),
        ("d", "covered", 1.0, MET),
        ("e", "gap", 0.0, OPEN),
    ]
    parts = pd.DataFrame(rows, columns=["zone_id", "status_after", "share_after", "is"])
    parts["required"] = 0.95
    assert compliance_of_parts(parts).tolist() == parts["is"].tolist()
    of_place = {"a": PRESUMED, "b": OPEN, "c": OPEN, "d": MET, "e": OPEN}
    judged = parts[["zone_id"]].assign(state="covered", compliance=compliance_of_parts(parts))
    assert places_of(pd.Index(list("abcde")), judged)["compliance"].to_dict() == of_place
    assert places_of(pd.Index(["d"]), judged, ["d"])["compliance"].tolist() == [OPEN]
    found = count_compliant(parts, uncounted=["d"])
    assert (found.parts, found.presumed_parts, found.all_parts) == (4, 1, 7)
    assert (found.places, found.presumed_places, found.open_places) == (1, 1, 4)


def test_a_plan_whose_search_was_cut_off_reaches_what_less_money_does(result, monkeypatch):
    """Its own search ends before it has begun, as in a large city; its curve had more places."""
    offers, searched = generate(result), make.most_lawful
    problem = build_problem(offers, result).problem
    nothing = replace(minimise_cost(problem), status=Status.UNDECIDED)

    def cut_off(lawful, *, start=None, **more):
        if start is None:
            more |= {"limits": Limits(seconds=0.0), "full": nothing}
        return searched(lawful, start=start, **more)

    monkeypatch.setattr(make, "most_lawful", cut_off)
    aims = Aims(0.9 * nothing.value, policy=POLICY, budget_of=BudgetOf.WORKS)
    assert_no_less(make_plan(result, aims, offers=offers, run=RUN))


def assert_no_less(plan):
    """Hold that no less money shows more places than a plan, and no more money fewer."""
    places = float(plan.stages.set_index("aim")["value"]["places"])
    curve, money = plan.curve, plan.parameters["budget_yuan"]
    assert curve["places"].is_monotonic_increasing
    less = curve["budget_yuan"] <= money
    assert less.any()
    assert curve["places"][less].max() <= places
    assert curve["places"][~less].min() >= places
    assert places > 0


@pytest.mark.slow
@pytest.mark.compiled_only
def test_in_a_real_city_whose_searches_end_by_time_more_money_shows_no_fewer_places(test_data):
    """Buildings of Gusu, with cameras and places that are made."""
    city = read_city(test_data("suzhou_gusu/bd_demo_2.json"))[0]
    result = check(with_made(city, 150, 20_260_101, 2), raster=False)
    offers, start, shown, curves = generate(result), (), [], 0
    for money in (200_000.0, 400_000.0, 800_000.0):
        run = Run(Limits(seconds=90.0), start=start)
        plan = make_plan(result, Aims(money, policy=POLICY), offers=offers, run=run)
        if len(plan.stages) and len(plan.curve):  # the time may be up before the curve is drawn
            assert_no_less(plan)
            curves += 1
        shown.append(figures_of(plan).of("places.compliant.after"))
        start = chosen_ids(plan.files)
    sys.stdout.write(f"places by money: {shown}\n")
    assert curves
    assert shown == sorted(shown)
