"""The figures of a check and a plan: counted once more by hand, and what holds of any of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from civicsight.core.errors import N_
from civicsight.core.figure import MARKS, Figure, Unit, tracing
from civicsight.core.i18n import LANGUAGES, translate
from civicsight.coverage.check import check
from civicsight.coverage.result import STATES, partition
from civicsight.planning.aims.request import Aims, Run
from civicsight.planning.area.scope import Scope
from civicsight.planning.make import make_plan
from civicsight.planning.record.actions import ACTIONS, actions_of, describe_action
from civicsight.planning.record.plan import PARTS_BEFORE, PLACES_BEFORE, no_rows
from civicsight.planning.solver.outcome import Limits
from civicsight.planning.statement.figures import SUBJECTS, figures_of, figures_of_check
from tests.plan_made import checked, hand_plan
from tests.silent_town import holey_town, vanished_places

RUN = Run(Limits(steps=2_000))


def require_identities(found, whens):
    n = found.of
    for subject in SUBJECTS:
        for when in whens:
            whole = n(f"{subject}.count.{when}")
            assert sum(n(f"{subject}.{state}.{when}") for state in STATES) == whole
            parts = (n(f"{subject}.{key}.{when}") for key in ("compliant", "open", "not_judged"))
            assert sum(parts) == whole, (subject, when)
            assert n(f"{subject}.presumed.{when}") <= n(f"{subject}.compliant.{when}")
    if "after" in whens:
        left = n("parts.open.before") - n("gaps.closed") + n("gaps.opened")
        assert left == n("parts.open.after") == len(found.left)
        reasons = (n(f"parts.uncredited.{name}") for name in ("planned", "barred"))
        assert sum(reasons) == n("parts.uncredited")
    for when in whens:
        if n(f"parts.open.{when}"):
            assert str(found[f"share.covered.{when}"]) != "100 %"


CITIES = {
    "school": checked,
    "fronts": cache(lambda: check(vanished_places(2, 4), raster=False)),
    "holes": cache(
        lambda: check(holey_town(np.random.default_rng(5), ("entrances", "heights")), raster=False)
    ),
}
"""A place with two gates; gates that are all presumed; a town in which some is not on record."""

PLANS = {
    "school, all": ("school", Aims(extras=False)),
    "school, some money": ("school", Aims(budget_yuan=30_000.0, extras=False)),
    "fronts, known gates": ("fronts", Aims(scope=Scope(known_gates=True), extras=False)),
    "fronts, no money": ("fronts", Aims(budget_yuan=0.0, extras=False)),
    "holes, in years": ("holes", Aims(years=(2027, 2028), extras=False)),
}


@pytest.mark.parametrize("city", CITIES)
def test_a_check_is_counted_as_its_partition_has_it(city):
    result = CITIES[city]()
    found, told = figures_of_check(result), partition(result)
    require_identities(found, ("before",))
    for subject, table in (("places", told.places), ("parts", told.parts)):
        count = Counter(table["state"])
        assert {state: found.of(f"{subject}.{state}.before") for state in STATES} == {
            state: count[state] for state in STATES
        }
    assert found.of("cameras.count") == len(result.cameras)


@pytest.mark.parametrize(("city", "aims"), PLANS.values(), ids=list(PLANS))
def test_a_plan_keeps_its_check_and_its_figures_add_up(city, aims):
    result = CITIES[city]()
    plan = make_plan(result, aims, run=RUN)
    found, today = figures_of(plan), figures_of_check(result)
    require_identities(found, ("before", "after"))
    if result.looked:
        same = [key for key in found.entries if key.endswith(".before")]
        assert {key: found[key].value for key in same} == {key: today[key].value for key in same}
    measures = Counter(actions_of(plan))
    assert {name: found.of(f"measures.{name}") for name in ACTIONS} == {
        name: measures[name] for name in ACTIONS
    }
    assert sum(measures.values()) == len(plan.measures)
    assert found["cost.works"].value == plan.bill["cost_yuan"].sum()
    assert found["gates.presumed"].value == today["gates.presumed"].value


def test_each_way_of_giving_a_camera_up_is_an_action_of_its_own():
    plan = hand_plan()
    rows = {"masked": ("drop", 1, "9"), "moved": ("drop", 1, "9"), "inside": ("drop", 1, "9"),
            "old": ("drop", 2027, None), "unbuilt": ("drop", 0, None), "at_once": ("reaim", 1, "9"),
            }  # fmt: skip
    extra = pd.concat([plan.measures.loc[["twin"]]] * len(rows)).set_axis(list(rows))
    extra["measure"], extra["year"], extra["article"] = zip(*rows.values(), strict=True)
    barred = pd.DataFrame(
        {"camera_id": ["masked", "moved", "inside"], "article": "9",
         "reason": ["sight", "sight", "inside"], "area_m2": 1.0, "maskable": [True, False, False]}
    )  # fmt: skip
    mask = plan.bill.iloc[:1].assign(camera_id="at_once", item="mask", cost_yuan=0.0)
    more = replace(
        plan, measures=pd.concat([plan.measures, extra]), barred=barred,
        bill=pd.concat([plan.bill, mask], ignore_index=True),
    )  # fmt: skip
    actions = actions_of(more)
    expected = {"masked": "mask", "moved": "move", "inside": "take_down", "old": "take_down",
                "unbuilt": "drop", "at_once": "mask", "twin": "drop", "new/1": "new"}  # fmt: skip
    assert {label: actions[label] for label in expected} == expected
    assert str(describe_action("mask", "9")) == "Mask its picture: Article 9"
    assert str(describe_action("drop", "9")) == "Drop from the plan"


def test_a_plan_of_before_says_that_its_check_was_not_kept():
    plan = hand_plan(before=no_rows(PARTS_BEFORE), places_before=no_rows(PLACES_BEFORE))
    found = figures_of(plan)
    for key in ("parts.open.before", "gaps.closed", "gaps.opened", "parts.uncredited"):
        assert found[key].value is None
        assert str(found[key]) == "–"
    assert found.of("parts.compliant.after") == found.of("parts.count.after") == 2
    assert found.closed == found.opened == []


def test_a_figure_is_written_one_way_and_traced_to_its_key():
    half = Figure("share.covered.before", 0.9999, Unit.SHARE, N_("Places"))
    text = N_("%(what)s: %(value)s", what="x", value=half)
    assert {translate(text, language) for language in LANGUAGES} <= {"x: > 99 %", "x：> 99 %"}
    with tracing():
        begin, between, end = MARKS
        assert f"{begin}share.covered.before{between}> 99 %{end}" in translate(text, "en")
    assert translate(text, "en") == "x: > 99 %"
