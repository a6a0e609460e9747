"""The page that compares: every difference that was made by hand is found, and no other."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Polygon
from shapely.affinity import translate

from civicsight.application.comparing import Change, changes_of, compare_versions, describe_change
from civicsight.application.comparing_places import compare_places
from civicsight.application.today import TODAY
from civicsight.core.i18n import LANGUAGES
from civicsight.core.keyed_difference import ADDED, REMOVED
from civicsight.coverage.result import STATES
from civicsight.maps.events import EDITED
from civicsight.maps.works import WORKS
from civicsight.planning.record.documents import to_record
from civicsight.presentation.names import name_all
from civicsight.store import Actor, Denied, Role, open_store
from civicsight.ui import comparing
from civicsight.ui.elements import as_frame
from civicsight.ui.pages import PAGES, compare
from tests.drawn import a_few
from tests.plan_made import checked, hand_plan
from tests.store_parts import LI, begun, commit, layers
from tests.test_application_comparing_places import LI as PLANNER
from tests.test_application_comparing_places import drawn_versions
from tests.ui_made import make_project, open_page, texts_of

PAGE = next(page for page in PAGES if page.code == "compare")


@pytest.fixture
def project(tmp_path):
    return replace(make_project(tmp_path), plan_id="donghu")


@pytest.fixture
def drawn(tmp_path):
    return drawn_versions(tmp_path)


def test_each_change_made_by_hand_is_found():
    before = layers()["cameras"]
    assert changes_of("cameras", before, before.copy()) == []
    after = before.drop(index="camera-3").copy()
    after.loc["camera-1", "heads"] = 9
    places = after.geometry.to_dict()
    places["camera-2"] = translate(places["camera-2"], 3.0, 4.0)
    after = after.set_geometry(pd.Series(places).reindex(after.index), crs=before.crs)
    after.loc["camera-4", "height_m"] = float("nan")
    old_heads = before.loc["camera-1", "heads"]
    found = changes_of("cameras", before, after)
    wanted = [
        Change("cameras", "camera-1", "heads", old_heads, 9),
        Change("cameras", "camera-2", "place", None, "5.00 m"),
        Change("cameras", "camera-3", "removed"),
    ]
    height = before.loc["camera-4", "height_m"]
    if height == height:  # noqa: PLR0124 - NaN stays NaN and is no change
        wanted.append(Change("cameras", "camera-4", "height_m", height, None))
    assert found == wanted
    back = changes_of("cameras", after, before)
    assert Change("cameras", "camera-3", "added") in back
    assert len(back) == len(found)


def test_what_is_only_written_otherwise_is_no_change_and_what_is_drawn_otherwise_is_one():
    corners = [(0, 0), (20, 0), (20, 20), (10, 10), (0, 20)]
    outline, turned = Polygon(corners), Polygon([*corners[2:], *corners[:2]])
    swapped = Polygon([corners[at] for at in (0, 1, 3, 2, 4)])

    def told(shape, tags):
        rows = {"tags": [tags]}
        return gpd.GeoDataFrame(rows, index=["a"], geometry=[shape], crs="EPSG:32650")

    before = told(outline, {"a": (1, float("nan"))})
    assert changes_of("obstacles", before, told(turned, {"a": [1.0, None]})) == []
    for shape, way in ((swapped, "7.07 m"), (Polygon(), None), (None, None)):
        found = changes_of("obstacles", before, told(shape, {"a": (1, None)}))
        assert found == [Change("obstacles", "a", "place", None, way)], shape


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_page_compares_the_last_two_versions(monkeypatch, project, code):
    begun(project.store_path, versions=2).close()
    found = compare_versions(project, LI, "donghu", 1, 2)
    assert found.plans is None
    assert not found.is_empty
    assert compare_versions(project, LI, "donghu", 2, 2).is_empty
    test = open_page(monkeypatch, project, PAGE, code)
    assert not test.exception
    shown = test.dataframe[0].value
    assert len(shown) == len(found.changes)
    told = {str(cell) for column in shown.columns[2:] for cell in shown[column]}
    declared = {"height_m", "cost_yuan", "place"}
    assert declared <= {one.what for one in found.changes}
    assert not declared & told
    test.selectbox(key="compare.one.donghu").set_value(2).run()
    assert test.success


def test_optimised_plans_are_compared_by_cost_and_coverage(monkeypatch, project):
    plan = hand_plan()
    repriced = replace(plan, inputs={**plan.inputs, "prices": "f" * 64})
    with open_store(project.store_path, create=True) as store:
        head = store.new_plan(LI, "donghu", name="Plan")
        for made in (plan, repriced):
            head = store.commit_version(
                LI, "donghu", base_rev=head.rev, documents=to_record(made),
                layers={"measures": made.measures}, inputs=made.inputs,
            )  # fmt: skip
    found = compare_versions(project, LI, "donghu", 1, 2).plans
    assert [one.value for one in found.figures["cost_yuan"]] == [plan.cost_yuan] * 2
    assert found.inputs == ("prices",)
    test = open_page(monkeypatch, project, PAGE, "en")
    assert not test.exception
    cost = f"{plan.cost_yuan:,.0f}"
    assert (test.metric[0].label, test.metric[0].value) == ("Works [yuan]", f"{cost} → {cost}")
    assert any("prices" in text for text in texts_of(test, ("text",)))
    money = next(one.value for one in test.dataframe if "District" in one.value.columns)
    assert list(money.columns[2:]) == [
        "Works before [yuan]", "Works after [yuan]", "Change [yuan]"
    ]  # fmt: skip


UPPER, LEFT = "POLYGON ((0 0, 1 0, 1 0.5, 0 0.5, 0 0))", "POLYGON ((0 0, .25 0, .25 1, 0 1, 0 0))"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (None, UPPER, ("not recorded", "masked areas: 1, 50 % of the picture")),
        (
            UPPER,
            LEFT,
            (
                "masked areas: 1, 50 % of the picture",
                "masked areas: 1, 25 % of the picture; newly masked: 12 %, no longer masked: 38 %",
            ),
        ),
        (UPPER, None, ("masked areas: 1, 50 % of the picture", "not recorded")),
        (None, f"2: {LEFT}", ("not recorded", "stop 2: masked areas: 1, 25 % of the picture")),
        (None, "the upper half", ("not recorded", "the upper half")),
    ],
)
def test_a_mask_is_told_by_its_share_of_the_picture(before, after, told):
    names = name_all(checked(), "en")
    change = Change("cameras", "south", "mask_plan", before, after)
    assert describe_change(change, names, names.translate)[2:] == ("masks of the picture", *told)


def test_every_sign_of_the_two_versions_has_its_count():
    sides = [
        [
            {"key": f"{EDITED}{WORKS}_{kind}", "data": {"ids": ["camera"] * count}}
            for kind, count in own
        ]
        for own in ((("keep", 2), ("new", 1)), (("new", 3),))
    ]
    assert compare._counts(sides) == {"keep": "2 → 0", "new": "1 → 3"}


def test_a_version_that_is_the_same_differs_in_nothing(project):
    with begun(project.store_path) as store:
        commit(store, store.plan(LI, "donghu"), note="again")
    assert compare_versions(project, LI, "donghu", 1, 2).is_empty


@pytest.mark.parametrize("code", LANGUAGES)
def test_without_a_version_the_page_says_what_is_needed(monkeypatch, project, code):
    test = open_page(monkeypatch, project, PAGE, code)
    assert test.info
    assert not test.selectbox


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_first_version_is_compared_with_today(monkeypatch, tmp_path, code):
    project = drawn_versions(tmp_path)
    found = compare_versions(project, PLANNER, project.plan_id, TODAY, 2)
    assert {(one.layer, one.row_id, one.what) for one in found.changes} == {
        ("cameras", "south", "azimuth_deg"), ("cameras", "twin", REMOVED),
    }  # fmt: skip
    assert compare_versions(project, PLANNER, project.plan_id, TODAY, 1).is_empty
    back = compare_versions(project, PLANNER, project.plan_id, 2, TODAY).changes
    assert ("cameras", "twin", ADDED) in {(one.layer, one.row_id, one.what) for one in back}
    test = open_page(monkeypatch, project, PAGE, code, actor=PLANNER)
    test.selectbox(key=f"compare.one.{project.plan_id}").set_value(TODAY).run()
    assert not test.exception
    test.selectbox(key=f"compare.two.{project.plan_id}").set_value(2).run()
    assert not test.exception
    assert len(test.dataframe[-1].value) == len(found.changes)


def test_today_beside_a_plan_of_the_optimiser_differs_by_its_measures(project):
    plan = hand_plan()
    with open_store(project.store_path, create=True) as store:
        head = store.new_plan(LI, "donghu", name="Plan")
        store.commit_version(
            LI, "donghu", base_rev=head.rev, documents=to_record(plan),
            layers={"measures": plan.measures}, inputs=plan.inputs,
        )  # fmt: skip
    school = replace(project, city=checked().city, result=checked(), digest="school")
    found = compare_versions(school, LI, "donghu", TODAY, 1)
    told = {(one.row_id, one.what) for one in found.changes}
    assert {("new/1", ADDED), ("twin", REMOVED)} <= told
    assert {label for label, _ in told} == {"new/1", "twin", "away"}
    places = compare_places(school, LI, "donghu", TODAY, 1)
    assert places["closed"].sum() == 1
    assert places["cost_after"].sum() == plan.cost_yuan


def test_a_plan_of_another_district_is_not_compared(monkeypatch, project):
    begun(project.store_path, versions=2).close()
    liu = Actor("Liu", Role.DISTRICT_PLANNER, "xihu")
    with pytest.raises(Denied):
        compare_versions(project, liu, "donghu", 1, 2)
    test = open_page(monkeypatch, project, PAGE, "en", actor=liu)
    assert not test.selectbox
    assert not [text for text in texts_of(test, ("text",)) if "camera-" in text]


@pytest.mark.parametrize("code", a_few(LANGUAGES))
def test_places_stand_in_a_table_beside_the_map(monkeypatch, drawn, code):
    table = compare_places(drawn, PLANNER, drawn.plan_id, 4, 5)
    test = open_page(monkeypatch, drawn, PAGE, code, actor=PLANNER)
    assert not test.exception
    differ = table[table["changed"]]
    shown = test.dataframe[0].value
    assert 0 < len(shown) == len(differ) < len(table)
    drawn_place = differ[differ["name"].eq("Drawn")].iloc[0]
    (row,) = (cells for cells in shown.to_numpy().tolist() if cells[0] == "Drawn")
    counts = [
        " · ".join(str(drawn_place[f"{when}_{state}"]) for state in STATES)
        for when in ("before", "after")
    ]
    assert row == ["Drawn", *counts, str(drawn_place["closed"]), str(drawn_place["opened"])]
    test.toggle(key="compare.all").set_value(True).run()
    assert len(test.dataframe[0].value) == len(table)
    for district in ("West", "East"):
        test.selectbox(key="compare.district").set_value(district).run()
        assert not test.exception
        assert len(test.dataframe[0].value) == int(table["district"].eq(district).sum())
    assert not [text for text in texts_of(test, ("markdown", "caption")) if "Drawn" in text]


def test_a_place_that_is_selected_is_marked_and_the_map_goes_there(drawn):
    table = compare_places(drawn, PLANNER, drawn.plan_id, 4, 5)
    visit = SimpleNamespace(project=drawn)
    names = name_all(drawn.result, "en")
    row = table[table["name"].eq("Drawn")].iloc[0]
    group = comparing._marked(visit, row, names)
    assert group["selected"] == ["zones", row.name]
    assert group["fly"]["n"] == row.name
    (layer,) = group["layers"]
    assert "Drawn" in str(layer["data"])
    bare = comparing._marked(visit, row.copy().where(row.index != "geometry", None), names)
    assert bare["selected"] is None


@pytest.mark.slow
def test_a_version_with_costs_tells_what_they_are_at_each_place(monkeypatch, project):
    plan = hand_plan()
    zone = project.result.zones.index[0]
    moved = plan.parts.assign(zone_id=zone)
    worse = moved.copy()
    worse["status_after"] = "gap"
    free = plan.measures.assign(cost_yuan=0.0)
    with open_store(project.store_path, create=True) as store:
        head = store.new_plan(LI, "donghu", name="Plan")
        for made in (
            replace(plan, parts=worse, measures=free, bill=plan.bill.iloc[:0]),
            replace(plan, parts=moved),
        ):
            head = store.commit_version(
                LI, "donghu", base_rev=head.rev, documents=to_record(made),
                layers={"measures": made.measures}, inputs=made.inputs,
            )  # fmt: skip
    test = open_page(monkeypatch, project, PAGE, "en")
    assert not test.exception
    places = next(one.value for one in test.dataframe if "Works that differ [yuan]" in one.value)
    assert places["Works that differ [yuan]"].tolist() == [f"0 → {plan.cost_yuan:,.0f}"]
    assert places["Closed"].tolist() == ["2"]


def test_a_sum_that_falls_has_no_apostrophe_before_its_sign(monkeypatch):
    money = {"year": [2027], "district": ["青岚区"], "before": [187_200.0], "after": [48_000.0]}
    found = SimpleNamespace(figures={}, money=pd.DataFrame(money).assign(change=-139_200.0))
    drawn = []
    monkeypatch.setattr(compare, "table", lambda rows, heads: drawn.append(as_frame(rows, heads)))
    compare._plans(SimpleNamespace(translate=str), found)
    assert drawn[0].iloc[0].tolist() == ["2027", "青岚区", "187,200", "48,000", "−139,200"]
