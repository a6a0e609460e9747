"""A plan as the page of the optimiser tells it, against the plan itself counted by hand."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from civicsight.application.drawing_up import (
    PLAN_ID,
    candidate_of,
    describe_aims,
    describe_left_out,
    explain,
    keep_drawn,
    list_works,
    may_draw_up,
    name_work,
    see_from,
)
from civicsight.application.plan_work import PlanAims
from civicsight.coverage.bounds import CELL_M
from civicsight.coverage.check import MAP_READING, check, scenes_of
from civicsight.coverage.raster import compute_coverage
from civicsight.coverage.result import partition
from civicsight.editing.project import Project
from civicsight.planning.make import Aims, Run, make_plan
from civicsight.planning.proof.evidence import chosen_ids
from civicsight.planning.record.plan import planned_city
from civicsight.planning.solver.outcome import Limits
from civicsight.planning.statement.figures import figures_of
from civicsight.report.plan.teller import teller_of
from civicsight.store import Actor, Denied, Role, open_store, start_review
from tests.app_town import DIGEST, RULES, app_city, app_result
from tests.plan_made import checked, gate, hand_plan

LI = Actor("Li", Role.PLANNER)


@cache
def made():
    aims = Aims(years=(2027, 2028), extras=False)
    return make_plan(app_result(), aims, run=Run(Limits(steps=200)))


@cache
def teller(language="en"):
    return teller_of(made(), app_result(), language)


def said(label):
    return [teller().names.translate(text) for text in explain(teller(), label)]


def test_every_work_is_listed_once_by_year_and_the_dropped_last():
    works = list_works(made())
    measures = made().measures
    wanted = set(measures.index[(measures["year"] > 0) | (measures["measure"] == "drop")])
    assert set(works.index) == wanted
    assert len(works) == len(wanted)
    done = works[works["measure"] != "drop"]
    assert works.index[: len(done)].equals(done.index)
    assert done["year"].is_monotonic_increasing
    for _, of_year in done.groupby("year"):
        assert (np.diff(of_year["cost_yuan"]) <= 0).all()


def test_a_place_is_compliant_where_all_of_its_parts_are():
    plan, n = made(), figures_of(made())
    good = {part for part, row in n.parts.iterrows() if row["after"] in ("met", "presumed")}
    places = {zone: set(own) for zone, own in n.parts.groupby("zone_id").groups.items()}
    assert (n.of("parts.compliant.after"), n.of("parts.count.after")) == (len(good), len(n.parts))
    assert n.of("places.compliant.after") == sum(own <= good for own in places.values())
    assert n["cost.works"].value == plan.measures["cost_yuan"].sum()


def test_each_measure_says_what_it_is_for_and_what_would_do_instead():
    book = made().ledger.set_index("camera_id")
    names = teller().names
    told = {label: "\n".join(said(label)) for label in list_works(made()).index}
    for label, text in told.items():
        row = made().measures.loc[label]
        if row["measure"] == "drop":
            assert "not built" in text
            continue
        for part in list(row["parts"] or ())[:3]:
            assert names.parts[part] in text
        if label not in book.index:
            continue
        entry = book.loc[label]
        if pd.isna(entry["instead_yuan"]):
            assert ("nothing else" in text) == bool(entry["parts_alone"])
        elif entry["instead"]:
            assert f"Works {entry['instead_yuan'] / 10_000:,.2f} × 10,000 yuan" in text
            assert f"{entry['instead_yuan'] - row['cost_yuan']:,.0f} yuan more" in text
        else:
            assert "meets this without it" in text
    assert any("instead" in text or "other way" in text or "nothing else" in text
               for text in told.values())  # fmt: skip


def test_gates_that_are_only_presumed_are_counted():
    parts = app_result().parts
    for label, row in list_works(made()).iterrows():
        own = [p for p in row["parts"] or () if p in parts.index]
        count = sum(
            parts.loc[p, "how"] in ("frontage", "front") and not parts.loc[p, "confirmed"]
            for p in own
        )
        if row["measure"] != "drop":
            assert any("only presumed" in text for text in said(label)) == (count > 0)


def test_a_new_camera_is_named_by_what_it_is_for():
    new = [label for label in list_works(made()).index if label.startswith("new:")]
    assert new
    for label in new:
        own = list(made().measures.loc[label, "parts"])
        assert name_work(teller(), label).startswith(teller().names.parts[own[0]])
        assert not any(character in name_work(teller(), label) for character in "@_")


def test_what_a_plan_is_silent_on_is_a_number_beside_its_headline():
    unpaid = pd.DataFrame(
        {"camera_id": ["x", "y"], "measure": "new", "cost_yuan": 1.0, "reason": "total"}
    )
    lost = hand_plan().unreachable.assign(part_id=gate("n"))
    parts = hand_plan().parts.assign(status_after="gap", share_after=0.0)
    plan = hand_plan(unbuilt=unpaid, unreachable=lost, parts=parts)
    result = checked()
    told = [str(text) for text in describe_left_out(teller_of(plan, result, "en"))]
    counts = partition(result).counts()["places"]
    assert any("1 gates and key parts" in text for text in told if "no permitted" in text)
    assert any(text.endswith(": 2") for text in told if "no year" in text)
    assert any("Not judged" in text for text in told) == bool(counts["not_judged"])
    met = replace(
        plan,
        parts=plan.parts.assign(status_after="covered"),
        unreachable=plan.unreachable.assign(part_id=plan.parts.index[0]),
    )
    told = [str(text) for text in describe_left_out(teller_of(met, result, "en"))]
    assert any("completely" in text for text in told), "met, though not to the last metre"
    assert not any("Left open" in text for text in told)
    whole = hand_plan(unreachable=hand_plan().unreachable.iloc[:0])
    assert not [
        text
        for text in describe_left_out(teller_of(whole, result, "en"))
        if "no permitted" in str(text)
    ]


def test_what_was_asked_is_said_in_few_words():
    asked = [PlanAims(), PlanAims(few_sites=True), PlanAims(robust_k=1), PlanAims(1e5)]
    assert len({str(describe_aims(one)) for one in asked}) == 4
    assert "10.00" in str(describe_aims(asked[-1]))


def test_a_plan_is_kept_as_the_next_version_of_a_draft_or_as_a_plan_of_its_own(tmp_path):
    project = Project(app_city(), RULES, app_result(), DIGEST, tmp_path / "plans.gpkg")
    assert [keep_drawn(project, LI, made(), "First") for _ in range(2)] == [PLAN_ID, PLAN_ID]
    with open_store(project.store_path) as store:
        head = store.plan(LI, PLAN_ID)
        assert (head.version, head.name) == (2, "First")
        version = store.read_version(LI, PLAN_ID)
        assert set(version.layers["measures"].index) == set(made().measures.index)
        start_review(store, LI, PLAN_ID, base_rev=head.rev)
    wu = Actor("Wu", Role.PLANNER)
    assert keep_drawn(project, wu, made(), "Of another") == f"{PLAN_ID}-2"
    assert keep_drawn(project, LI, made(), "Second") == f"{PLAN_ID}-3"


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.ANALYST, Role.AUDITOR])
def test_nobody_without_the_right_keeps_one(tmp_path, role):
    project = Project(app_city(), RULES, app_result(), DIGEST, tmp_path / "plans.gpkg")
    actor = Actor("Wang", role)
    assert not may_draw_up(actor)
    with pytest.raises(Denied):
        keep_drawn(project, actor, made(), "Mine")


def test_a_district_planner_draws_up_no_plan_for_the_whole_city():
    assert may_draw_up(LI)
    assert not may_draw_up(Actor("Xi", Role.DISTRICT_PLANNER, "West"))


def test_each_measure_that_was_chosen_knows_its_candidate():
    plan = made()
    chosen = set(chosen_ids(plan.files))
    found = [candidate_of(plan, str(label)) for label in plan.measures.index]
    assert {each for each in found if each} == chosen
    assert len([each for each in found if each]) == len(chosen)
    for label, candidate in zip(plan.measures.index, found, strict=True):
        assert bool(candidate) == (label in set(plan.bill["camera_id"]))


def test_a_planned_camera_sees_what_a_new_check_of_the_plan_says(tmp_path):
    plan, result = made(), app_result()
    project = Project(app_city(), RULES, result, DIGEST, tmp_path / "plans.gpkg")
    new = next(label for label in plan.cameras.index if label.startswith("new:"))
    pictures, areas = see_from(project, plan, new)
    assert pictures
    after = check(planned_city(result, plan.measures, plan.cameras), rules=RULES, raster=False)
    own = after.heads[after.heads["camera_id"].eq(new) & after.heads["reading"].eq(MAP_READING)]
    raster = compute_coverage(own, scenes_of(after)[MAP_READING], cell_m=CELL_M)
    wanted = raster.area_by_class({area.level: area.px_per_m for area in areas})["area_m2"]
    assert [area.area_m2 for area in areas] == list(wanted)
    assert areas[0].area_m2 > 0
    dropped = plan.measures.index[plan.measures["measure"].eq("drop")]
    assert len(dropped)
    assert see_from(project, plan, str(dropped[0])) == ((), ())
