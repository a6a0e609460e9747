"""What nobody asks for is left out, what is met today never, and both are told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from civicsight.cli.plan_output import describe
from civicsight.core.errors import MismatchError
from civicsight.coverage.check import check
from civicsight.model.results import PRESUMED
from civicsight.planning.aims.request import Aims, Run
from civicsight.planning.area.scope import Scope
from civicsight.planning.candidates import generate
from civicsight.planning.make import make_plan
from civicsight.planning.record.documents import from_record, to_record
from civicsight.planning.solver.outcome import Limits
from civicsight.report.plan.endings import unasked
from civicsight.report.plan.script import unweighed
from civicsight.report.plan.teller import teller_of
from tests import town
from tests.app_town import RULES, app_city, app_result
from tests.silent_town import city_of, watching
from tests.test_check import inventory

RUN = Run(Limits(steps=200), seed=3)
KNOWN = Scope(known_gates=True)


@pytest.fixture(scope="module")
def result():
    """Three places: a known gate, a presumed one that is watched, a presumed one that is not."""
    spots = {"known": 0.0, "watched": 120.0, "open": 240.0}
    places = {
        name: (
            town.point(x + 12, 8),
            {"name": name},
            {"item": "8.4", "standing": "designated", "source": "register"},
        )
        for name, x in spots.items()
    }
    houses = {name: (town.rect(x, 0, x + 24, 16),) for name, x in spots.items()}
    gate = {"e": (town.point(12, 0), "main")}
    middle = spots["watched"] + 12
    cameras = {"c": watching(middle - 24, 10, 90.0)}  # before one of its two presumed gates
    road = {"r": (town.line((middle - 15, -6), (middle + 15, -6)), "residential")}
    city = city_of(places=places, buildings=houses, roads=road, entrances=gate, cameras=cameras)
    return check(city, rules=RULES, raster=False)


def presumed(result):
    parts = result.parts
    return parts.index[parts["how"].isin(PRESUMED) & ~parts["confirmed"].astype(bool)]


def test_presumed_gates_that_nothing_meets_are_left_out(result):
    guessed = presumed(result)
    assert 1 < len(guessed) < len(result.parts)
    is_met = result.part_status["status"].reindex(guessed).isin(["covered", "assumed"])
    assert is_met.any()
    assert set(KNOWN.left_out(result)) == set(guessed[~is_met])
    assert not len(Scope().left_out(result))


def test_a_gate_that_somebody_confirmed_is_asked_for(result):
    parts = result.parts.assign(confirmed=True)
    assert not len(KNOWN.left_out(replace(result, parts=parts)))


def test_no_candidate_is_sought_for_what_is_left_out(result):
    free, asked = generate(result), generate(result, scope=KNOWN)
    out = KNOWN.left_out(result)
    part_of = result.samples["part_id"]
    assert part_of.reindex(free.matrix.sample_ids).isin(out).any()
    assert not part_of.reindex(asked.matrix.sample_ids).isin(out).any()


def test_a_plan_of_known_gates_costs_less_and_says_what_it_leaves_out(result):
    free = make_plan(result, Aims(extras=False), run=RUN)
    asked = make_plan(result, Aims(extras=False, scope=KNOWN), run=RUN)
    assert 0 < asked.cost_yuan < free.cost_yuan
    known = result.parts.index.difference(KNOWN.left_out(result)).difference(presumed(result))
    assert asked.parts.loc[known, "status_after"].eq("covered").all()
    assert "scope" not in free.parameters
    again = from_record(to_record(asked))
    assert Scope.of(again.parameters) == KNOWN
    assert not unasked(teller_of(free, result, "en"))
    (text,) = unasked(teller_of(asked, result, "en"))
    assert f"{len(KNOWN.left_out(result))} gates that are only presumed" in str(text)


def test_a_district_is_asked_for_alone():
    result = app_result()
    scope = Scope(districts=("East",))
    out = scope.left_out(result)
    west = result.parts.geometry.representative_point().x < 50
    unmet = ~result.part_status["status"].reindex(result.parts.index).isin(["covered", "assumed"])
    assert set(out) == set(result.parts.index[west & unmet])
    assert len(out)
    with pytest.raises(MismatchError, match=r"North.*East, West"):
        Scope(districts=("North",)).left_out(result)


@pytest.mark.slow
def test_a_planned_camera_is_not_dropped_for_a_part_that_is_not_asked_for():
    """It looks at the north gate in West from too far: it may be needed, or may not."""
    far = inventory(south=((30, -8), 0.0, {}), far=((30, 75), 180.0, {"status": "planned"}))
    result = check(replace(app_city(), cameras=far), rules=RULES, raster=False)
    free = make_plan(result, Aims(extras=False), run=RUN)
    assert free.measures.loc["far", "measure"] == "drop"
    east = Aims(extras=False, scope=Scope(districts=("East",)))
    asked = make_plan(result, east, run=RUN)
    assert asked.measures.loc["far", "measure"] == "keep"
    assert asked.not_weighed == ("far",)
    for said in (unweighed(teller_of(asked, result, "en")), describe(asked)):
        (text,) = (text for text in said if "Neither taken up nor dropped" in str(text))
        assert "is not asked for" in str(text)
        assert text.values["count"].key == "cameras.unweighed"
