"""Gates that nobody has confirmed: in which order they are asked for, and what an answer does."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pyproj import Transformer
from shapely.geometry import LineString, Point

from civicsight.application.streets import Street, street_along
from civicsight.core.errors import N_
from civicsight.core.i18n import translate
from civicsight.coverage.check import check
from civicsight.editing.commands import Comment, ConfirmGate, Move, RejectGate
from civicsight.editing.gates import (
    BASES,
    GATES,
    distance_m,
    length_of_answer,
    open_gates,
    settled_gates,
    what_settles,
)
from civicsight.editing.project import Project
from civicsight.inventory.streets import GAP_M, NEAR_M
from civicsight.model import ROADS
from civicsight.presentation.lexicon import number
from civicsight.store import Actor, Role
from civicsight.ui.completing import answers
from civicsight.ui.pages import PAGES
from tests.app_town import DIGEST, RULES, app_city
from tests.caches import own_cache
from tests.test_check import EPSG, table
from tests.test_gate_list import SAID, fill_in, rows_in
from tests.ui_made import open_page, texts_of

PAGE = next(page for page in PAGES if page.code == "complete")
LI, WANG = Actor("Li", Role.PLANNER), Actor("Wang", Role.REVIEWER)
STREET = "Old *Mill* Lane"
SAYS = ("text", "subheader", "info", "success", "button", "error")
ANSWER = ConfirmGate("g", 0.0, 0.0)
TO_DEGREES = Transformer.from_crs(app_city().crs, "EPSG:4326", always_xy=True)


ONE = pd.DataFrame({"kind": ["box"]}, index=["c1"])
"""An inventory: without any no gate is a gap."""


def found(parts, held=(), gaps=()):
    """Return as much of a result as the queue looks at."""
    table = pd.DataFrame(
        [
            {"zone_id": zone, "kind": kind, "how": how, "confirmed": sure, "entrance_id": label}
            | {"confidence": chance[0] if chance else 0.75}
            for label, zone, kind, how, sure, *chance in parts
        ],
        index=[label for label, *_ in parts],
    )
    withheld = pd.DataFrame(held, columns=["reason", "beside"])
    severity = pd.DataFrame(gaps, columns=["subject", "severity"])
    return SimpleNamespace(parts=table, withheld=withheld, gaps=severity, cameras=ONE)


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
    presumed, mapped = (" ".join(map(str, what_settles(queue[at]))) for at in (0, 3))
    assert "say where it is" in presumed, "it cannot be said of it that there is none"
    assert "if there is no gate" not in presumed
    assert "if there is no gate" in mapped


def test_of_gates_on_which_as_much_hangs_the_most_doubtful_is_asked_for_first():
    result = found(
        [
            ("a1", "a", "entrance", "frontage", False, 0.95),
            ("b1", "b", "entrance", "frontage", False, 0.20),
            ("b2", "b", "entrance", "frontage", False, 0.30),
            ("c1", "c", "entrance", "frontage", False, 0.55),
        ]
    )
    assert [one.part_id for one in open_gates(result, ())] == ["c1", "b2", "b1", "a1"]


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
        ((), 0),
        ((ANSWER,), 0),
        ((ANSWER, Comment("g", "seen")), 2),
        ((ANSWER, Comment("another", "seen")), 0),
        ((ANSWER, Comment("g", "seen"), Move("c", 0.0, 0.0)), 0),
        ((Move("c", 0.0, 0.0), Comment("g", "seen")), 0),
    ],
)
def test_only_an_answer_is_taken_back_here(done, last):
    assert length_of_answer(done) == last


@cache
def unsettled():
    city = app_city()
    city = replace(city, entrances=city.entrances.assign(confirmed=False))
    return check(city, rules=RULES, cell_m=2.0)


def roads(*rows):
    return table(
        ROADS,
        {str(n): {"kind": "residential", "name": name} for n, (name, _) in enumerate(rows)},
        [LineString(line) for _, line in rows],
    )


def gates(places):
    names = [f"g{n}" for n in range(len(places))]
    return gpd.GeoDataFrame(index=names, geometry=[Point(at) for at in places], crs=EPSG)


def test_gates_of_a_street_are_those_nearest_to_a_piece_of_its_name():
    ways = roads(
        ("West Road", [(0, 0), (100, 0)]),
        (" West Road", [(160, 0), (260, 0)]),  # beyond a square, the same street
        ("West Road", [(900, 0), (1000, 0)]),  # of the same name in another quarter
        ("Lane", [(50, -60), (50, 60)]),
        (None, [(0, 30), (100, 30)]),
    )
    parts = gates([(10, 12), (250, 39), (95, 45), (950, 5), (53, 20), (0, 200), (90, 28)])
    found = street_along(list(parts.index), parts, ways, "g0")
    assert found == Street("West Road", ("g0", "g1", "g6"))
    assert street_along(["g6", "g1"], parts, ways, "g1").part_ids == ("g6", "g1")
    assert street_along(list(parts.index), parts, ways, "g3").part_ids == ("g3",)
    assert street_along(list(parts.index), parts, ways, "g4") == Street("Lane", ("g4",))
    assert street_along(list(parts.index), parts, ways, "g5") is None
    assert street_along(["g0"], parts, ways.iloc[:0], "g0") is None


def test_gates_of_a_street_are_those_that_a_walk_over_all_roads_finds():
    rng = np.random.default_rng(7)
    lines = [(f"S{n % 9}", rng.uniform(0, 600, (2, 2))) for n in range(40)]
    ways, parts = roads(*lines), gates(rng.uniform(0, 600, (120, 2)))
    spans = list(ways.geometry)

    def road_of(gate):
        far = [gate.distance(line) for line in spans]
        return int(np.argmin(far)) if min(far) <= NEAR_M else None

    @cache  # of one road, however many gates it has
    def reached(first):
        seen, ahead = {first}, [first]
        while ahead:
            one = ahead.pop()
            for two, line in enumerate(spans):
                near = line.distance(spans[one]) <= GAP_M
                if near and ways["name"].iloc[two] == ways["name"].iloc[one] and two not in seen:
                    seen.add(two)
                    ahead.append(two)
        return seen

    at = {label: road_of(shape) for label, shape in parts.geometry.items()}
    assert {None} < set(at.values())
    for label, road in at.items():
        found = street_along(list(parts.index), parts, ways, label)
        if road is None:
            assert found is None
            continue
        wanted = [other for other in parts.index if at[other] in reached(road)]
        assert (found.name, list(found.part_ids)) == (ways["name"].iloc[road], wanted)


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


@pytest.mark.slow
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


def on_street(project):
    """Return the project with its roads as one street that has a name, and the gates at it."""
    result = project.result
    roads = result.city.roads.assign(name=STREET)
    city = replace(result.city, roads=roads)
    gates = result.parts[result.parts["kind"].isin(GATES)]
    near = [
        label
        for label, gate in gates.geometry.items()
        if min(map(gate.distance, roads.geometry)) <= NEAR_M
    ]
    result = replace(result, city=city)
    return replace(project, city=city, result=result, digest="on a street"), near


@pytest.mark.parametrize("code", ["en", "zh_CN"])
def test_all_gates_of_a_street_are_shown_then_confirmed_at_once(monkeypatch, project, code):
    project, near = on_street(project)
    test = opened(monkeypatch, project, code)
    assert STREET in texts_of(test, ("text",))
    assert not [text for text in texts_of(test, ("markdown", "button", "info")) if STREET in text]
    assert press(test, "complete.street") == ()
    confirm = next(one for one in test.button if one.key == "complete.street.confirm")
    said = N_("Confirm all %(count)s gates along this street", count=str(len(near)))
    assert confirm.label == translate(said, code)
    done = press(test, "complete.street.confirm")
    assert len(settled_gates(done)) == len(near)
    assert [type(one) for one in done] == [ConfirmGate, Comment] * len(near)
    assert press(test, "complete.undo") == ()  # given at once, taken back at once


def test_the_street_of_a_gate_can_be_left_again(monkeypatch, project):
    test = opened(monkeypatch, on_street(project)[0])
    press(test, "complete.street")
    press(test, "complete.street.back")
    assert not [one for one in test.button if one.key == "complete.street.confirm"]


def test_a_click_says_where_the_gate_really_is(monkeypatch, project):
    test = opened(monkeypatch, project)
    lng, lat = TO_DEGREES.transform(31.0, 5.0)
    test.session_state["complete.event"] = {"kind": "point", "seq": 1, "lat": lat, "lng": lng}
    test.run()
    assert "It is where I clicked" in texts_of(test, SAYS)
    command = press(test, "complete.confirm")[0]
    assert (round(command.x, 3), round(command.y, 3)) == (31.0, 5.0)


def click(test, x, y, seq=1):
    lng, lat = TO_DEGREES.transform(x, y)
    test.session_state["complete.event"] = {"kind": "point", "seq": seq, "lat": lat, "lng": lng}
    test.run()
    assert not test.exception


def buttons(test):
    return {str(button.key) for button in test.button}


@pytest.mark.parametrize("code", ["en", "zh_CN"])
def test_a_click_farther_than_a_gate_of_the_place_can_be_is_asked_about(monkeypatch, project, code):
    test = opened(monkeypatch, project, code)
    gate = open_gates(project.result, ())[0]
    spot = project.result.parts.geometry.loc[gate.part_id].representative_point()
    at = (spot.x + 400.0, spot.y)
    click(test, *at)
    far = number(distance_m(project.result, gate.zone_id, at))
    assert "complete.confirm" not in buttons(test)
    assert any(f"{far} m" in text or f"{far} 米" in text for text in texts_of(test, ("text",)))
    press(test, "complete.far.back")
    assert "complete.confirm" in buttons(test)
    assert translate(N_("It is there"), code) in texts_of(test, SAYS)
    click(test, *at, seq=2)
    command, said = press(test, "complete.far.confirm")
    assert (round(command.x, 2), round(command.y, 2)) == (round(at[0], 2), round(at[1], 2))
    assert far in said.text


def test_how_far_a_gate_is_from_its_place_is_measured_from_its_edge(project):
    """As the search for gates does: what lies in the middle of a place is no gate of it."""
    result = project.result
    place = result.zones.geometry.geom_type.eq("Polygon").idxmax()
    outline = result.zones.geometry.loc[place]
    middle = outline.representative_point()
    edge = outline.exterior.interpolate(3.0)
    assert distance_m(result, place, (edge.x, edge.y)) == pytest.approx(0.0, abs=1e-6)
    wanted = outline.exterior.distance(middle)
    assert wanted > 1.0
    assert distance_m(result, place, (middle.x, middle.y)) == pytest.approx(wanted)


def test_the_ground_answers_where_a_gate_is_asked_for_and_nobody_else_is(monkeypatch, project):
    asked = []
    monkeypatch.setattr(
        answers, "show_project", lambda *_args, group, **_more: asked.append(group["tool"])
    )
    opened(monkeypatch, project)
    opened(monkeypatch, project, actor=WANG)
    assert asked == ["point", "select"]


def test_who_may_not_draw_reads_what_is_open(monkeypatch, project):
    test = opened(monkeypatch, project, actor=WANG)
    shown = {str(button.key) for button in test.button if str(button.key).startswith("complete.")}
    assert shown == {"complete.list.write", "complete.list.register"}  # to take along, not back
    assert not test.get("file_uploader")
    assert "Gates are settled by a planner." in texts_of(test, SAYS)


def test_an_administrator_takes_no_list_of_gates_along(monkeypatch, project):
    test = opened(monkeypatch, project, actor=Actor("Root", Role.ADMIN))
    assert not [one for one in test.button if str(one.key).startswith("complete.list.")]


def test_names_of_data_are_text_and_never_markdown(monkeypatch, project):
    test = opened(monkeypatch, project)
    name = str(project.result.zones["name"].iloc[0])
    assert name in texts_of(test, ("text",))
    assert not [
        text for text in texts_of(test, ("subheader", "markdown", "caption")) if name in text
    ]


@pytest.mark.slow
@pytest.mark.parametrize("code", ["en", "zh_CN"])
def test_the_queue_is_taken_along_as_a_table_and_comes_back_filled_in(
    monkeypatch, project, tmp_path, code
):
    test = opened(monkeypatch, project, code)
    assert press(test, "complete.list.write") == ()
    _, name, content = test.session_state["complete.list.written"]
    path = tmp_path / name
    path.write_bytes(content)
    ids = [row["gate_id"] for row in rows_in(path)]
    assert set(ids) == {"s", "n"}
    fill_in(path, {ids[0]: {"decision": "yes", **SAID}})
    send(test, path)
    first, said = test.session_state["plan.desk"][1].session.done
    assert (first.gate_id, first.by, first.on, first.basis) == (ids[0], *SAID.values())
    assert said == Comment(ids[0], SAID["basis"])
    told = (
        N_("gates settled: %(count)s", count="1"),
        N_("not filled in, and still open: %(count)s", count="1"),
    )
    for text in told:
        assert any(translate(text, code) in shown for shown in texts_of(test, ("text",)))
    assert press(test, "complete.list.register")
    _, name, content = test.session_state["complete.list.written"]
    path = tmp_path / name
    path.write_bytes(content)
    assert [row["entrance_id"] for row in rows_in(path)] == [ids[0]]
    assert press(test, "complete.undo") == ()


def test_a_list_with_a_bad_row_settles_nothing_unless_the_good_ones_are_asked_for(
    monkeypatch, project, tmp_path
):
    test = opened(monkeypatch, project)
    press(test, "complete.list.write")
    path = tmp_path / "gates.xlsx"
    path.write_bytes(test.session_state["complete.list.written"][2])
    good, bad = (row["gate_id"] for row in rows_in(path))
    fill_in(path, {good: {"decision": "no", **SAID}, bad: {"decision": "yes"}})
    send(test, path)
    assert not test.session_state["plan.desk"][1].session.done
    assert any("row 3" in text and "decided_by" in text for text in texts_of(test, ("text",)))
    test.checkbox(key="complete.list.keep").check().run()
    send(test, path)
    done = test.session_state["plan.desk"][1].session.done
    assert [type(one) for one in done] == [RejectGate, Comment]
    assert any("decided_by" in text for text in texts_of(test, ("text",)))


def send(test, path):
    """Bring a file to the field of the list, as a browser does."""
    field = next(one for one in test.get("file_uploader"))
    field.set_value((path.name, path.read_bytes(), "application/octet-stream")).run()
    assert not test.exception
