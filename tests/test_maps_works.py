"""What a plan does on the map of the app: measures by kind, and parts as they will be."""

from __future__ import annotations

from civicsight.maps.works import (
    changed_parts,
    in_focus,
    layer_of,
    served_layer,
    work_layers,
    year_looks,
)
from civicsight.planning.record.actions import done_in
from civicsight.presentation.names import name_all
from civicsight.presentation.symbols import MEASURE_STYLES, PART_STYLES
from tests.plan_made import checked, gate, hand_plan


def test_each_measure_is_drawn_once_by_its_kind():
    plan = hand_plan()
    layers = work_layers(done_in(plan), {"away": "Far camera"}, plan.cameras, checked())
    drawn = {layer["key"]: layer["data"]["ids"] for layer in layers}
    for kind, rows in plan.measures.groupby("measure"):
        assert drawn[f"edited_works_{kind}"] == [str(label) for label in rows.index]
    assert len(drawn["edited_works_views"]) == len(plan.cameras)
    titles = {layer["key"]: layer["data"]["titles"] for layer in layers}
    assert titles["edited_works_reaim"] == ["Far camera"]


def test_by_year_each_sign_has_the_colour_of_its_year():
    plan = hand_plan()
    layers = work_layers(done_in(plan), {}, plan.cameras, checked(), by_year=True)
    looks = {
        layer["key"]: layer["data"]["styles"][0]["color"]
        for layer in layers
        if "views" not in layer["key"]
    }
    colours = year_looks(plan.measures)
    assert list(colours) == [2027, 2028]
    assert looks["edited_works_reaim_2027"] == colours[2027]
    assert looks["edited_works_new_2028"] == colours[2028]
    assert looks["edited_works_keep_0"] == MEASURE_STYLES["keep"]["color"]  # nothing is done
    for row in done_in(plan).itertuples():
        assert f"edited_{layer_of(row, by_year=True)}" in looks


def test_parts_stand_as_the_plan_leaves_them_and_closed_gaps_are_gone():
    plan, result = hand_plan(), checked()
    layers, past = changed_parts(plan.parts, result, name_all(result, "en"))
    (layer,) = layers
    assert layer["data"]["ids"] == [gate("n")]  # the other one was covered before
    unbuilt = list(PART_STYLES).index("unbuilt")
    assert layer["data"]["style"] == [unbuilt]
    gaps = [str(label) for label, row in result.gaps.iterrows() if row["subject"] == gate("n")]
    assert gaps
    assert set(past) == {("parts", gate("n")), *(("gaps", label) for label in gaps)}


def test_lines_lead_from_a_measure_to_what_it_is_for():
    plan, result = hand_plan(), checked()
    (layer,) = served_layer(plan.measures.loc["away"], result.parts)
    assert layer["data"]["ids"] == [gate("n")]
    assert served_layer(plan.measures.loc["twin"], result.parts) == []


def test_beside_a_chosen_measure_the_parts_stay_bright_that_it_is_for():
    new = done_in(hand_plan()).loc["new/1"]
    layer = layer_of(new)
    focus = [("edited_works_new", "new/1"), ("edited_parts", gate("n"))]
    assert in_focus(new, "new/1", [gate("n")], layer) == focus
    assert in_focus(new, "new/1", [], layer)[1] == ("parts", gate("n"))
    assert in_focus(done_in(hand_plan()).loc["twin"], "twin", [], "works_drop") == [
        ("edited_works_drop", "twin")
    ]
