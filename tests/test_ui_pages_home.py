"""The first page: its map is the map of the app, what is chosen on it is named, and for whom."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from civicsight.application.findings import list_rows
from civicsight.application.overview import (
    NO_PLACES,
    count_districts,
    list_todo,
    read_first,
    worst_gaps,
    year_money,
)
from civicsight.core.errors import N_
from civicsight.core.i18n import LANGUAGES, translate
from civicsight.coverage.check import check
from civicsight.coverage.result import STATES, partition
from civicsight.editing.project import Project
from civicsight.planning.money.payers import Payer, with_payers
from civicsight.planning.record.documents import to_record
from civicsight.planning.statement.figures import DOUBLE_TEXTS
from civicsight.report.partition import UNLISTED, UNTOLD
from civicsight.store import Actor, Role, open_store, start_review
from civicsight.ui import mapview
from civicsight.ui.editor.sight import seen_result
from civicsight.ui.pages import PAGES
from civicsight.ui.pages.complete import LABELS
from civicsight.ui.pages.home import describe_none
from tests.app_town import DIGEST, RULES, app_city, app_result
from tests.plan_made import checked, hand_plan
from tests.ui_made import open_page, remarked, texts_of

PAGE = next(page for page in PAGES if page.code == "home")
LI = Actor("Li", Role.PLANNER)
WEST = Actor("Xi", Role.DISTRICT_PLANNER, "West")


@pytest.fixture
def sent(monkeypatch):
    handed = []
    monkeypatch.setattr(mapview, "_MAP", lambda **arguments: handed.append(arguments["data"]))
    return handed


@pytest.fixture
def project(tmp_path):
    return Project(app_city(), RULES, app_result(), DIGEST, tmp_path / "plans.gpkg")


def choose(test, layer, label):
    test.session_state["home.event"] = {
        "kind": "select", "seq": 1, "layer": layer, "id": label, "lat": 0.0, "lng": 0.0,
    }  # fmt: skip
    test.run()
    assert not test.exception


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_page_has_the_numbers_and_the_map_of_the_app(monkeypatch, project, sent, code):
    test = open_page(monkeypatch, project, PAGE, code)
    assert not test.exception
    assert test.metric
    assert not test.get("iframe")
    assert sent[-1]["maker"] == "live"
    assert sent[-1]["coverage"] is not None


def test_what_is_chosen_is_named_and_marked(monkeypatch, project, sent):
    test = open_page(monkeypatch, project, PAGE, "en")
    label = str(project.result.cameras.index[0])
    choose(test, "cameras", label)
    assert sent[-1]["group"]["selected"] == ["cameras", label]
    assert f"camera {label}" in texts_of(test, ("text",))


def test_a_district_planner_sees_the_own_cameras_alone(monkeypatch, project, sent):
    own = seen_result(project, WEST).cameras.index
    other = str(project.result.cameras.index.difference(own)[0])
    test = open_page(monkeypatch, project, PAGE, "en", actor=WEST)
    choose(test, "cameras", other)
    assert sent[-1]["coverage"] is None
    assert sent[-1]["group"]["selected"] is None
    assert f"camera {other}" not in texts_of(test, ("text",))


def with_plan(project, *rules):
    """Keep a plan of the optimiser that turns a camera in 2027 and builds one in 2028."""
    plan = with_payers(hand_plan(), rules)
    with open_store(project.store_path, create=True) as store:
        head = store.new_plan(LI, project.plan_id, name="Plan 2027", departments=("Police",))
        store.commit_version(LI, project.plan_id, base_rev=head.rev, documents=to_record(plan),
                             layers={"measures": plan.measures}, inputs=plan.inputs)  # fmt: skip


@pytest.fixture
def school(tmp_path):
    found = checked()
    return Project(found.city, found.rules, found, DIGEST, tmp_path / "plans.gpkg")


def test_places_are_counted_once_by_district(project):
    table = count_districts(project.result, LI)
    state = partition(project.result).places["state"]
    assert int(table.to_numpy().sum()) == len(state)
    assert table.sum().to_dict() == {name: int(state.eq(name).sum()) for name in STATES}
    own = count_districts(project.result, WEST)
    assert set(own.index) <= {"West"}


def test_money_is_that_of_this_year_or_of_the_next_with_works(school, monkeypatch):
    assert year_money(school, LI) is None
    with_plan(school, Payer("city", district="East"))
    found = year_money(school, LI)
    assert (found.year, found.total, found.by("district")) == (2027, "0.08", {"East": "0.08"})
    assert found.by("source") == {"city": "0.08"}
    assert found.written("source.") == "2.35"
    monkeypatch.setenv("CIVICSIGHT_TODAY", "2028-03-01")
    assert year_money(school, LI).by("district") == {"West": "2.35"}


def test_where_no_place_is_known_that_is_the_first_thing_to_do(school):
    nothing = count_districts(school.result, LI) * 0
    first = list_todo(school, LI, None, nothing)[0]
    assert (first.text, first.page) == (NO_PLACES, "data")
    wang = Actor("Wang", Role.REVIEWER)
    assert not list_todo(school, wang, None, nothing), "a reviewer brings no files in"


def test_what_waits_depends_on_the_role(school):
    counts = count_districts(school.result, LI)
    before = [str(one.text) for one in list_todo(school, LI, None, counts)]
    assert any("no plan yet" in text for text in before)
    with_plan(school)
    money = year_money(school, LI)
    planner = {one.page for one in list_todo(school, LI, money, counts)}
    assert {"review", "draw"} <= planner
    wang = Actor("Wang", Role.REVIEWER)
    assert list_todo(school, wang, money, counts) == []
    with open_store(school.store_path) as store:
        start_review(store, LI, school.plan_id, base_rev=store.plan(LI, school.plan_id).rev)
    assert [one.page for one in list_todo(school, wang, money, counts)] == ["review"]
    remarked(school, wang, "", "Too dear")
    assert any("Remarks" in str(one.text) for one in list_todo(school, LI, money, counts))


def test_the_worst_gaps_are_those_of_the_district_in_their_order(project):
    rows = list_rows(project.result, "en").rows
    gaps = [row for row in rows if row.layer == "gaps"]
    assert worst_gaps(rows, None) == gaps[:5]
    for name in {row.district for row in gaps}:
        assert worst_gaps(rows, name) == [row for row in gaps if row.district == name][:5]


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_first_page_says_first_what_waits(monkeypatch, school, sent, code):  # noqa: ARG001
    with_plan(school)
    test = open_page(monkeypatch, school, PAGE, code, actor=LI)
    assert not test.exception
    said = [element.value for element in test.main.get("markdown")]
    order = [f"**{translate(text, code)}**"
             for text in ("For you to do", "Places by district", "The worst gaps")]  # fmt: skip
    assert [text for text in said if text in order] == order


def test_plans_that_cannot_be_read_are_something_to_do(school):
    school.store_path.write_bytes(b"not a store")
    first = read_first(school, LI)
    assert [str(one.text) for one in first.todo] == ["its plans cannot be read"]
    assert first.money is None
    assert len(first.districts)


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ({"covered": 0, "assumed": 0, "gap": 0, "not_judged": 3}, "Nothing could be judged here"),
        ({"covered": 0, "assumed": 0, "gap": 0, "not_judged": 0}, "Nothing could be judged here"),
        ({"covered": 1, "assumed": 1, "gap": 0, "not_judged": 2}, "None at the 2 of 4 places"),
        ({"covered": 1, "assumed": 1, "gap": 0, "not_judged": 0}, "None."),
    ],
)
def test_no_gap_is_said_of_the_places_that_could_be_judged_alone(states, said):
    counts = pd.DataFrame([states], index=["West"], columns=list(STATES))
    for district in ("West", None):
        assert str(describe_none(counts, district)).startswith(said)
    assert str(describe_none(counts, "East")).startswith("Nothing could be judged here")


@pytest.mark.parametrize("code", LANGUAGES)
def test_where_no_camera_is_on_record_no_page_says_that_there_is_no_gap(
    monkeypatch, tmp_path, code
):
    city = app_city()
    bare = replace(city, cameras=city.cameras.iloc[:0], provenance=())
    result = check(bare, rules=RULES, raster=False)
    assert not result.looked
    opened = Project(bare, RULES, result, "no inventory", tmp_path / "plans.gpkg")
    for page in (
        page for page in PAGES if page.code in {"home", "findings", "duplicates", "complete"}
    ):
        test = open_page(monkeypatch, opened, page, code)
        shown = texts_of(test, ("text", "markdown", "info"))
        if page.code == "complete":
            count = len(partition(result).places)
            label = replace(LABELS["places"], values={"count": f"{count}"})
            assert translate(label, code) in test.get("button_group")[0].options
            gap = translate(
                N_("It counts as a gap. The building has an entrance: say where it is."), code
            )
            assert gap not in shown
            continue
        if page.code == "duplicates":
            assert shown[-1:] == [translate(UNLISTED, code)]
            assert [one.key for one in test.button] == ["switch_language"]
            continue
        assert shown
        for word in ("None.", "Nothing was found"):
            assert not [text for text in shown if text.startswith(translate(N_(word), code))]
        nothing = N_("Nothing could be judged here, so no gap could be found.")
        assert [text for text in shown if text.startswith(translate(nothing, code))]
        assert not [text for text in shown if text.startswith("1  ") and "\n" not in text]
        assert not test.dataframe or page.code == "home"
        doubles = translate(DOUBLE_TEXTS["twin"], code)
        told = [text for text in shown if text.startswith(doubles)]
        assert len(told) == (page.code == "home")
        assert all(text.count(translate(UNTOLD, code)) == 2 for text in told)
