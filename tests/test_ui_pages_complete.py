"""Gates that nobody has confirmed: in which order they are asked for, and what an answer does."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from types import SimpleNamespace

import pandas as pd
import pytest
from pyproj import Transformer

from civicsight.core.i18n import translate
from civicsight.coverage.check import check
from civicsight.editing.commands import Comment, ConfirmGate, Move, RejectGate
from civicsight.editing.project import Project
from civicsight.store import Actor, Role
from civicsight.ui.pages import PAGES
from civicsight.ui.services.completing import BASES, is_answer_last, open_gates, settled_gates
from tests.app_town import DIGEST, RULES, app_city
from tests.caches import own_cache
from tests.ui_made import open_page, texts_of

PAGE = next(page for page in PAGES if page.code == "complete")
LI, WANG = Actor("Li", Role.PLANNER), Actor("Wang", Role.REVIEWER)
SAYS = ("text", "subheader", "info", "button", "error")
ANSWER = ConfirmGate("g", 0.0, 0.0)
TO_DEGREES = Transformer.from_crs(app_city().crs, "EPSG:4326", always_xy=True)


def found(parts, held=(), gaps=()):
    """Return as much of a result as the queue looks at."""
    table = pd.DataFrame(
        [
            {"zone_id": zone, "kind": kind, "how": how, "confirmed": sure, "entrance_id": None}
            for _, zone, kind, how, sure in parts
        ],
        index=[label for label, *_ in parts],
    )
    withheld = pd.DataFrame(held, columns=["reason", "beside"])
    severity = pd.DataFrame(gaps, columns=["subject", "severity"])
    return SimpleNamespace(parts=table, withheld=withheld, gaps=severity)


def test_what_settles_most_comes_first_and_gates_of_a_place_stay_together():
    result = found(
        [
            ("a1", "a", "entrance", "mapped", False),
            ("b1", "b", "entrance", "frontage", False),
            ("c1", "c", "vehicle_entrance", "frontage", False),
            ("c2", "c", "entrance", "mapped", False),
            ("d1", "d", "entrance", "mapped", True),
            ("e1", "e", "area", "outline", False),
        ],
        held=[("presumed_gate", ("c",)), ("presumed_gate", ("c", "b")), ("unjudged_place", ("b",))],
        gaps=[("a1", "violation"), ("c1", "warning")],
    )
    queue = open_gates(result, ())
    assert [one.part_id for one in queue] == ["c1", "c2", "b1", "a1"]
    assert [one.cameras for one in queue] == [2, 0, 1, 0]
    assert [one.is_presumed for one in queue] == [True, False, True, False]
    assert [one.is_gap for one in queue] == [True, False, False, True]


def test_what_a_draft_has_settled_is_not_asked_again():
    result = found(
        [("a1", "a", "entrance", "mapped", False), ("b1", "b", "entrance", "ways", False)]
    )
    done = [ConfirmGate("a1", 0.0, 0.0), Comment("a1", "seen"), RejectGate("x", "ways", ())]
    assert settled_gates(done) == {"a1", "x"}
    assert [one.part_id for one in open_gates(result, done)] == ["b1"]


@pytest.mark.parametrize(
    ("done", "last"),
    [
        ((), False),
        ((ANSWER,), False),
        ((ANSWER, Comment("g", "seen")), True),
        ((ANSWER, Comment("another", "seen")), False),
        ((ANSWER, Comment("g", "seen"), Move("c", 0.0, 0.0)), False),
        ((Move("c", 0.0, 0.0), Comment("g", "seen")), False),
    ],
)
def test_only_an_answer_is_taken_back_here(done, last):
    assert is_answer_last(done) is last


@cache
def unsettled():
    city = app_city()
    city = replace(city, entrances=city.entrances.assign(confirmed=False))
    return check(city, rules=RULES, cell_m=2.0)


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("CIVICSIGHT_CACHE_DIR", str(own_cache(tmp_path)))
    result = unsettled()
    return Project(result.city, RULES, result, f"{DIGEST}open", tmp_path / "plans.gpkg")


def opened(monkeypatch, project, code="en", actor=LI):
    test = open_page(monkeypatch, project, PAGE, code, actor=actor)
    assert not test.exception
    return test


def press(test, key):
    next(button for button in test.button if button.key == key).click().run()
    assert not test.exception
    return test.session_state["plan.desk"][1].session.done


@pytest.mark.parametrize("code", ["en", "zh_CN"])
def test_gates_are_settled_one_after_the_other_with_what_that_relies_on(monkeypatch, project, code):
    test = opened(monkeypatch, project, code)
    test.selectbox(key="complete.basis").set_value("register").run()
    test.text_input(key="complete.note").set_value(" sheet 7 ").run()
    first, said = press(test, "complete.confirm")
    assert isinstance(first, ConfirmGate)
    reliance = translate(BASES["register"], code)
    assert (said.subject, said.text) == (first.gate_id, f"{reliance}; sheet 7")
    second = press(test, "complete.reject")[2]
    assert isinstance(second, RejectGate)
    assert {first.gate_id, second.gate_id} == {"s", "n"}
    done = translate("Every gate is confirmed, or settled in your draft.", code)
    assert any(done in text for text in texts_of(test, SAYS))


def test_later_puts_a_gate_behind_the_others_and_take_back_undoes_an_answer(monkeypatch, project):
    test = opened(monkeypatch, project)
    press(test, "complete.later")
    (first, _) = press(test, "complete.confirm")
    assert press(test, "complete.undo") == ()
    assert press(test, "complete.confirm")[0].gate_id == first.gate_id
    press(test, "complete.confirm")
    assert len(test.session_state["plan.desk"][1].session.done) == 4


def test_all_gates_of_a_place_are_confirmed_at_once(monkeypatch, project):
    done = press(opened(monkeypatch, project), "complete.place")
    assert settled_gates(done) == {"s", "n"}


def test_a_click_says_where_the_gate_really_is(monkeypatch, project):
    test = opened(monkeypatch, project)
    lng, lat = TO_DEGREES.transform(31.0, 5.0)
    test.session_state["complete.event"] = {"kind": "point", "seq": 1, "lat": lat, "lng": lng}
    test.run()
    assert "It is where I clicked" in texts_of(test, SAYS)
    command = press(test, "complete.confirm")[0]
    assert (round(command.x, 3), round(command.y, 3)) == (31.0, 5.0)


def test_who_may_not_draw_reads_what_is_open(monkeypatch, project):
    test = opened(monkeypatch, project, actor=WANG)
    assert not [button for button in test.button if str(button.key).startswith("complete.")]
    assert "Gates are settled by a planner." in texts_of(test, SAYS)


def test_names_of_data_are_text_and_never_markdown(monkeypatch, project):
    test = opened(monkeypatch, project)
    name = str(project.result.zones["name"].iloc[0])
    assert name in texts_of(test, ("text",))
    assert not [
        text for text in texts_of(test, ("subheader", "markdown", "caption")) if name in text
    ]
