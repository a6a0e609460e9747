"""A plan that agrees with itself to the yuan, keeps itself as bytes, and knows when it is old."""

from __future__ import annotations

import hashlib
import json
import subprocess
from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest

from civicsight.core.errors import InputError, MismatchError, SchemaError
from civicsight.coverage.check import check
from civicsight.planning.money.budgets import bill_of_quantities, estimate_by, estimate_by_item
from civicsight.planning.record.digests import changed, city_digests
from civicsight.planning.record.documents import (
    PLAN_FILE,
    documents_of,
    from_documents,
    to_documents,
    to_record,
)
from civicsight.planning.record.plan import Plan, planned_city
from civicsight.planning.record.root import (
    LIST_FILE,
    compare,
    list_of,
    read_list,
    root_of,
    whole_root,
)
from civicsight.planning.statement.difference import compare_plans
from civicsight.planning.statement.figures import figures_of
from tests.plan_made import checked, gate, hand_plan, make_bill, make_measures, make_proof


@pytest.fixture(scope="module")
def plan() -> Plan:
    return hand_plan()


def test_sums_by_hand(plan):
    assert plan.cost_yuan == 800 + 3_500 + 12_000 + 8_000
    assert list(plan.works.index) == ["away", "new/1"]
    n = figures_of(plan)
    done = ("keep", "drop", "reaim", "new")
    assert [n.of(f"measures.{name}") for name in done] == [1, 1, 1, 1]
    assert (n["share.covered.before"].value, n["share.covered.after"].value) == (0.5, 1.0)
    assert (n.of("parts.compliant.before"), n.of("parts.compliant.after")) == (1, 2)
    assert plan.proof.gap == pytest.approx(300 / 24_300)
    assert plan.proof.solver_gap == 0.0


@pytest.mark.parametrize("keys", [("year",), ("district",), ("year", "district"), ("measure",)])
def test_every_estimate_sums_to_the_cost(plan, keys):
    table = estimate_by(plan, *keys)
    assert table["cost_yuan"].sum() == plan.cost_yuan
    assert table["cameras"].sum() == len(plan.works)


def test_the_bill_of_quantities_names_items_with_their_source(plan):
    table = bill_of_quantities(plan).set_index("item")
    assert table["cost_yuan"].sum() == plan.cost_yuan
    line = table.loc["supply.new", ["quantity", "unit", "unit_yuan"]]
    assert line.tolist() == [4.0, "camera", 2_000.0]
    assert table["source"].notna().all()
    by_item = estimate_by_item(plan)
    assert by_item["cost_yuan"].sum() == plan.cost_yuan
    assert by_item.query("year == 2028 and district == 'West'")["cost_yuan"].sum() == 23_500.0


def test_a_bill_that_does_not_sum_is_refused():
    bill = make_bill()
    bill.loc[0, "cost_yuan"] = 801.0
    with pytest.raises(MismatchError, match="away"):
        hand_plan(bill=bill)
    with pytest.raises(MismatchError, match="stranger"):
        hand_plan(bill=pd.concat([make_bill(), make_bill().iloc[:1].assign(camera_id="stranger")]))
    with pytest.raises(MismatchError, match="away"):
        hand_plan(measures=make_measures().assign(year=0))
    with pytest.raises(SchemaError):
        hand_plan(measures=make_measures().assign(measure="pray"))


def test_documents_give_the_plan_back_to_the_last_digit(plan):
    documents = to_documents(plan)
    again = from_documents(documents)
    assert to_documents(again) == documents
    for entry in fields(plan):
        one, two = getattr(plan, entry.name), getattr(again, entry.name)
        if isinstance(one, pd.DataFrame):
            pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(two), check_names=False)
        elif isinstance(one, np.ndarray):
            np.testing.assert_array_equal(one, two)
        else:
            assert one == two
    assert again.measures.crs == plan.measures.crs


def test_damaged_documents_are_named(plan):
    documents = to_documents(plan)
    with pytest.raises(InputError, match=r"plan\.missing.*root\.sha256"):
        from_documents({PLAN_FILE: documents[PLAN_FILE]})
    with pytest.raises(InputError, match=r"plan\.missing.*plan\.json"):
        from_documents({LIST_FILE: documents[LIST_FILE]})
    with pytest.raises(InputError, match=r"plan\.damaged"):
        from_documents(documents | {PLAN_FILE: documents[PLAN_FILE][:-40]})
    with pytest.raises(InputError, match=r"plan\.damaged.*root\.sha256"):
        from_documents(documents | {LIST_FILE: documents[LIST_FILE] + b"\n"})
    proof = "certificate/plan.json"
    wrong = {proof: b"[]", "certificate/more": b""}
    with pytest.raises(
        InputError, match=r"(?s)plan\.changed.*certificate/plan\.json.*plan\.foreign.*more"
    ):
        from_documents(documents | wrong)
    with pytest.raises(InputError, match=r"plan\.missing.*certificate/plan\.json"):
        from_documents({name: text for name, text in documents.items() if name != proof})
    cheaper = json.loads(documents[PLAN_FILE])
    cheaper["bill"]["columns"]["cost_yuan"][0] = 1.0
    with pytest.raises(InputError, match=r"plan\.changed.*plan\.json"):
        from_documents(documents | {PLAN_FILE: json.dumps(cheaper).encode()})
    own = {name: text for name, text in documents.items() if name != LIST_FILE}
    own[PLAN_FILE] = json.dumps(cheaper).encode()
    with pytest.raises(InputError, match=r"plan\.damaged"):
        from_documents(own | {LIST_FILE: list_of(own)})


def test_the_root_is_that_of_the_list_and_the_list_is_one_that_sha256sum_checks(plan, tmp_path):
    documents = to_documents(plan)
    for name, content in documents.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    check = ["sha256sum", "--check", "--strict", LIST_FILE]
    done = subprocess.run(check, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert len(done.stdout.splitlines()) == len(documents) - 1
    assert root_of(documents) == hashlib.sha256(documents[LIST_FILE]).hexdigest()
    listed = read_list(documents[LIST_FILE])
    assert compare(listed, documents).is_same
    for torn in (b"", b"\n", documents[LIST_FILE][:-1], documents[LIST_FILE] * 2, b"\xff"):
        with pytest.raises(ValueError, match=r"list|codec"):
            read_list(torn)


def test_a_root_does_not_depend_on_where_the_plan_was_kept(plan):
    """A store orders the names of fields in its own way; the bytes come back all the same."""
    kept = json.loads(json.dumps(to_record(plan), sort_keys=True, separators=(",", ":")))
    assert documents_of(kept) == to_documents(plan)
    again = from_documents(documents_of(kept))
    assert list(again.measures.columns) == list(plan.measures.columns)


@pytest.mark.parametrize("wrong", ["a" * 12, "G" * 64, "a" * 63, "a" * 65, ""])
def test_a_part_of_a_root_is_refused_with_what_is_expected(wrong):
    with pytest.raises(InputError, match=r"root\.not_whole") as error:
        whole_root(wrong, "plan")
    assert "64" in str(error.value)
    assert whole_root("A" * 64, "plan") == "a" * 64


def test_a_plan_says_which_of_its_inputs_changed(plan):
    result = checked()
    assert plan.stale(result) == []
    assert plan.stale(result, prices="ef" * 32) == ["prices"]
    moved = result.cameras.copy()
    moved.loc["south", "azimuth_deg"] = 5.0
    assert plan.stale(replace(result, cameras=moved)) == ["cameras"]
    fewer = replace(result.city, entrances=result.city.entrances.iloc[:1])
    assert plan.stale(replace(result, city=fewer)) == ["entrances"]


def test_digests_do_not_depend_on_the_order_of_rows():
    city = checked().city
    turned = replace(city, cameras=city.cameras.iloc[::-1])
    assert city_digests(city) == city_digests(turned)
    assert changed({"a": "1", "b": "2"}, {"b": "3", "c": "4"}) == ["a", "b", "c"]


def test_the_planned_city_has_what_the_plan_says(plan):
    city = planned_city(checked(), plan.measures, plan.cameras)
    assert set(city.cameras.index) == {"south", "away", "gone", "new/1"}
    assert city.cameras["status"].to_dict() == {
        "south": None, "away": "planned", "gone": "removed", "new/1": "planned"
    }  # fmt: skip
    after = check(city, raster=False)
    assert after.part_status["status"].eq("covered").all()
    assert checked().part_status["status"].eq("covered").sum() == 1


def test_a_plan_equals_itself(plan):
    found = compare_plans(plan, hand_plan())
    assert found.is_empty
    assert found.money["change"].eq(0.0).all()


def test_a_difference_names_cameras_money_and_parts(plan):
    measures = make_measures().drop(index="away")
    measures.loc["new/1", ["azimuth_deg", "year", "cost_yuan"]] = [170.0, 2029, 24_000.0]
    bill = make_bill().drop(index=0)
    bill.loc[1, "cost_yuan"] = 4_000.0
    parts = plan.parts.assign(status_after=["covered", "assumed"], share_after=[1.0, 0.5])
    other = hand_plan(
        measures=measures, bill=bill, parts=parts, cameras=plan.cameras.loc[["new/1"]],
        proof=make_proof(value=24_000.0), inputs={**plan.inputs, "prices": "00"},
    )  # fmt: skip
    found = compare_plans(plan, other)
    rows = {
        (row.camera_id, row.what): (row.before, row.after) for row in found.measures.itertuples()
    }
    assert rows == {
        ("away", "removed"): ("reaim", None),
        ("new/1", "azimuth_deg"): (180.0, 170.0),
        ("new/1", "year"): (2028, 2029),
        ("new/1", "cost_yuan"): (23_500.0, 24_000.0),
    }
    assert found.money["change"].sum() == other.cost_yuan - plan.cost_yuan
    assert found.parts.to_dict("index") == {gate("n"): {"before": "covered", "after": "assumed"}}
    assert [one.value for one in found.figures["share_sure"]] == [1.0, 0.5]
    assert found.inputs == ("prices",)
