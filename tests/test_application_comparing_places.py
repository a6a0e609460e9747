"""Versions compared place by place: against a check of each version's own city, counted by hand."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from civicsight.application.comparing_places import compare_places, cost_places, state_of
from civicsight.application.coverage_difference import city_of
from civicsight.application.workflow import open_session, perform, save
from civicsight.coverage.check import check
from civicsight.coverage.result import GAP, STATES, partition
from civicsight.editing.commands import Add, Aim, DrawZone, RejectGate, Remove
from civicsight.editing.project import Project
from civicsight.planning.record.documents import to_record
from civicsight.planning.statement.figures import count_places
from civicsight.store import Actor, Denied, Role, open_store
from tests.app_town import DIGEST, RULES, app_city, app_guard, app_result
from tests.plan_made import checked, gate, hand_plan
from tests.store_parts import begun
from tests.ui_made import make_project

LI = Actor("Li", Role.PLANNER)
WEST = Actor("Xi", Role.DISTRICT_PLANNER, "West")
SQUARE = ((60.0, 40.0), (80.0, 40.0), (80.0, 60.0), (60.0, 60.0))


def steps():
    """Return drafts that turn, take away, add, close a gate and draw a place, one after another."""
    return (
        [],
        [Aim("south", 170.0), Remove("twin")],
        [Add("new/1", 30.0, 48.0, 180.0, height_m=3.5)],
        [RejectGate("n", "mapped", ())],
        [DrawZone("zone/1", SQUARE, "8.5", name="Drawn")],
    )


def drawn_versions(folder):
    """Save each of the steps as a version of a plan."""
    project = Project(app_city(), RULES, app_result(), DIGEST, folder / "plans.gpkg")
    session = open_session(project, LI, app_guard())
    for commands in steps():
        for command in commands:
            session = perform(project, LI, session, command)
        _, session = save(project, LI, session)
    return project


@pytest.fixture
def drawn(tmp_path):
    return drawn_versions(tmp_path)


def recounted(project, number):
    """Check the city of a version anew, and return zone and state of every part."""
    with open_store(project.store_path) as store:
        city = city_of(project, store.read_version(LI, project.plan_id, number))
    parts = partition(check(city, rules=RULES, raster=False)).parts
    return {label: (row["zone_id"], row["state"]) for label, row in parts.iterrows()}


@pytest.mark.slow
def test_every_place_is_counted_as_a_check_of_each_city_counts_it(drawn):
    checks = {n: recounted(drawn, n) for n in range(1, len(steps()) + 1)}
    seen = Counter()
    for one, two in ((1, 2), (2, 3), (3, 4), (4, 5), (1, 5), (5, 1)):
        table = compare_places(drawn, LI, drawn.plan_id, one, two)
        before, after = checks[one], checks[two]
        zones = {zone for zone, _ in (*before.values(), *after.values())}
        assert set(table.index) == zones
        for zone, row in table.iterrows():
            for when, parts in (("before", before), ("after", after)):
                count = Counter(state for own, state in parts.values() if own == zone)
                assert [row[f"{when}_{state}"] for state in STATES] == [count[s] for s in STATES]
            was = {label for label, (own, state) in before.items() if (own, state) == (zone, GAP)}
            now = {label for label, (own, state) in after.items() if (own, state) == (zone, GAP)}
            unjudged = {label for label, (_, state) in after.items() if state == "not_judged"}
            assert row["closed"] == len(was - now - unjudged)
            assert row["opened"] == len(now - was)
            own = {label for label, (place, _) in (before | after).items() if place == zone}
            assert row["changed"] == any(before.get(k) != after.get(k) for k in own)
            seen.update(closed=row["closed"], opened=row["opened"], changed=row["changed"])
        assert table[["cost_before", "cost_after"]].isna().all(axis=None)
    assert min(seen["closed"], seen["opened"], seen["changed"]) > 0


@pytest.mark.slow
def test_it_does_not_matter_what_was_compared_before(drawn):
    pairs = [(n, n + 1) for n in range(1, len(steps()))]
    first = [compare_places(drawn, LI, drawn.plan_id, *pair) for pair in pairs]
    for _ in range(4):
        for pair, wanted in zip(pairs, first, strict=True):
            found = compare_places(drawn, LI, drawn.plan_id, *pair)
            assert found.drop(columns="geometry").equals(wanted.drop(columns="geometry"))


@pytest.mark.slow
def test_places_have_their_names_districts_and_outlines_also_where_they_were_drawn(drawn):
    table = compare_places(drawn, LI, drawn.plan_id, 1, 5)
    assert "Drawn" in set(table["name"])
    assert table["geometry"].notna().all()
    assert set(table["district"]) <= {"West", "East"}
    before = compare_places(drawn, LI, drawn.plan_id, 5, 1)
    assert set(before["name"]) == set(table["name"])


def test_money_is_that_of_the_measures_that_differ_and_serve_a_place():
    plan = hand_plan()
    dearer = plan.measures.copy()
    dearer.loc["away", "cost_yuan"] = 900.0
    bill = plan.bill.copy()
    bill.loc[bill["camera_id"].eq("away"), ["unit_yuan", "cost_yuan"]] = 900.0
    after = replace(plan, measures=dearer, bill=bill)
    zone = plan.parts["zone_id"].iloc[0]
    money = cost_places(plan, after)
    assert money.loc[zone].to_dict() == {"cost_before": 800.0, "cost_after": 900.0}
    whole = cost_places(None, plan).loc[zone]
    assert whole.to_dict() == {"cost_before": 0.0, "cost_after": 800.0 + 23_500.0}
    assert cost_places(plan, plan).empty
    assert cost_places(None, None).empty


def test_optimised_versions_are_compared_by_what_was_found(tmp_path):
    result, plan = checked(), hand_plan()
    project = Project(result.city, RULES, result, "d", tmp_path / "plans.gpkg", plan_id="made")
    worse = plan.parts.copy()
    worse.loc[gate("n"), ["status_after", "share_after"]] = ["gap", 0.0]
    worse.loc[gate("s"), ["status_after", "share_after"]] = ["possible", 0.0]
    with open_store(project.store_path, create=True) as store:
        head = store.new_plan(LI, "made", name="Plan")
        for made in (replace(plan, parts=worse), plan):
            head = store.commit_version(
                LI, "made", base_rev=head.rev, documents=to_record(made),
                layers={"measures": made.measures}, inputs=made.inputs,
            )  # fmt: skip
    table = compare_places(project, LI, "made", 1, 2)
    row = table.loc["p"] if "p" in table.index else table.iloc[0]
    assert (row["before_gap"], row["before_assumed"], row["after_covered"]) == (1, 1, 2)
    assert (row["closed"], row["opened"]) == (2, 0)
    assert (row["cost_before"], row["cost_after"]) == (0.0, 0.0)


def test_a_part_that_is_no_longer_judged_closes_no_gap():
    before = pd.DataFrame({"zone_id": "z", "state": ["gap", "gap", "covered"],
                           "compliance": ["open", "open", "met"]}, index=list("abc"))  # fmt: skip
    after = pd.DataFrame({"zone_id": "z", "state": ["not_judged", "gap"],
                          "compliance": ["not_judged", "open"]}, index=list("bc"))  # fmt: skip
    (row,) = count_places(before, after).to_dict("records")
    assert (row["closed"], row["opened"], row["changed"]) == (1, 1, True)  # a is gone, c has opened
    assert row["after_not_judged"] == 1


def test_a_version_of_other_tables_tells_nothing(tmp_path):
    project = replace(make_project(tmp_path), plan_id="donghu")
    begun(project.store_path, versions=2).close()
    assert compare_places(project, LI, "donghu", 1, 2) is None


def test_who_has_one_district_is_told_nothing_of_all(drawn):
    with pytest.raises(Denied):
        compare_places(drawn, WEST, drawn.plan_id, 1, 2)


def test_cameras_that_came_back_from_the_store_are_not_taken_as_changed(drawn):
    with open_store(drawn.store_path) as store:
        version = store.read_version(LI, drawn.plan_id, 1)
    state = state_of(drawn, version)
    now = partition(drawn.result).parts
    assert state.parts["state"].sort_index().equals(now["state"].sort_index())
    assert np.array_equal(state.zones.index, drawn.result.zones.index)
