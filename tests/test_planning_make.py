"""From a check to a plan: predicted coverage is what a new check finds, and every sum agrees."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from threading import Event
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import load_npz, save_npz

from civicsight.core.errors import MismatchError
from civicsight.coverage.check import check
from civicsight.planning import make
from civicsight.planning.aims.request import Aims, Run
from civicsight.planning.aims.requirements import build_problem
from civicsight.planning.candidates import at_hand, generate
from civicsight.planning.candidates.ruled_out import RuledOut
from civicsight.planning.duplicates.robustness import robustness
from civicsight.planning.extras import SCENARIOS, withstand
from civicsight.planning.make import choose, make_plan
from civicsight.planning.money.bill import sums_of
from civicsight.planning.money.budgets import Grant
from civicsight.planning.prices.terms import BudgetOf, invested
from civicsight.planning.proof.contradictions import contradictions
from civicsight.planning.proof.evidence import chosen_ids, rebuild_rows, recount, unpack
from civicsight.planning.record.documents import (
    from_documents,
    from_record,
    to_documents,
    to_record,
)
from civicsight.planning.record.plan import Goal, Plan, planned_city
from civicsight.planning.solver import highs
from civicsight.planning.solver.model import Problem
from civicsight.planning.solver.outcome import Limits, Outcome, Status
from civicsight.planning.statement.figures import figures_of
from civicsight.planning.works.measures import apply_selection
from tests.compliant_counted import count_compliant
from tests.test_check import CAMS, inventory, town

RUN = Run(Limits(steps=500), seed=3)
NOTHING = Outcome(np.zeros(0, bool), 0.0, 0.0, 0.0, np.zeros(0), Status.INFEASIBLE, (), 0, 0)


@pytest.fixture(scope="module")
def result():
    return check(town(CAMS), raster=False)


@pytest.fixture(scope="module", autouse=True)
def found_once():
    """Candidates of the same check are found once for all tests of this module."""
    known = {}

    def find(asked, **more):
        key = tuple(asked.cameras.index)
        if key not in known:
            known[key] = generate(asked, **more)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("civicsight.planning.make.candidates_of", find)
        yield find


@pytest.fixture(scope="module")
def plan(result) -> Plan:
    return make_plan(result, Aims(years=(2028, 2027), extras=False), run=RUN)


def test_what_is_planned_is_what_a_new_check_sees():
    """To the sample: each chosen candidate meets in the new check what it was chosen for."""
    bare = check(town(inventory(away=((5, -8), 180.0, {}))), raster=False)
    offers = generate(bare)
    posed = build_problem(offers, bare)
    chosen = choose(posed.problem, offers, Aims(), RUN)[0].chosen
    works = apply_selection(offers, posed, chosen, bare)
    assert works.measures["measure"].eq("new").any()
    after = check(planned_city(bare, works.measures, works.cameras), raster=False)
    matrix = after.matrices["sure"]
    for label in offers.table.index[chosen]:
        camera = offers.table.loc[label, "camera_id"] or label
        told = offers.matrix.q[[offers.matrix.camera_ids.get_loc(label)]].toarray()
        seen = matrix.q[[matrix.camera_ids.get_loc(camera)]].toarray()
        columns = matrix.sample_ids.get_indexer(offers.matrix.sample_ids)
        np.testing.assert_allclose(seen[:, columns], told, rtol=1e-5)
    assert after.part_status["status"].eq("covered").all()


def test_the_plan_mends_what_is_open_and_keeps_what_stands(plan, result):
    before = result.part_status["status"]
    assert before.ne("covered").any()
    assert plan.parts["status_before"].to_dict() == before.to_dict()
    assert plan.parts["status_after"].eq("covered").all()
    measures = plan.measures["measure"]
    assert measures["twin"] == "drop"
    assert measures["south"] == "keep"
    assert "gone" not in measures.index
    assert plan.measures.loc["twin", "saved_yuan"] > 0
    assert plan.measures["year"].isin([0, 2027, 2028]).all()
    assert plan.proof.goal is Goal.CHEAPEST
    assert plan.proof.status is Status.OPTIMAL
    assert plan.proof.value == plan.cost_yuan == plan.proof.solver_bound
    assert json.loads(plan.files["plan.json"])["solver"] in ("", highs.NAME)


def test_the_same_seed_gives_the_same_plan(plan, result):
    turned = replace(result, cameras=result.cameras.iloc[::-1])
    again = make_plan(turned, Aims(years=(2027, 2028), extras=False), run=RUN)
    pd.testing.assert_frame_equal(again.measures, plan.measures)
    assert again.proof == plan.proof


def test_the_files_of_a_plan_prove_it_and_every_flipped_byte_shows(plan, tmp_path):
    unpack(plan.files, tmp_path / "whole")
    assert recount(tmp_path / "whole") == []
    for name in ("plan.json", "dual.npy", "problem/cost.npy", "problem/run_start.npy"):
        changed = bytearray(plan.files[name])
        changed[-2] ^= 4
        unpack({**plan.files, name: bytes(changed)}, tmp_path / name)
        assert recount(tmp_path / name), name
    assert recount(tmp_path / "nowhere") == ["unreadable"]


def test_rows_of_the_matrix_are_what_brute_force_finds(plan, result):
    found, same = rebuild_rows(plan.files, result, rows=8)
    assert (found.differences, same) == ((), True)
    assert found.seen
    wrong = load_npz(BytesIO(plan.files["densities.npz"]))
    wrong.data[:] *= 3.0
    file = BytesIO()
    save_npz(file, wrong)
    found, same = rebuild_rows({**plan.files, "densities.npz": file.getvalue()}, result, rows=8)
    assert found.differences
    fewer = replace(result, samples=result.samples.iloc[1:])
    with pytest.raises(MismatchError, match="other samples"):
        rebuild_rows(plan.files, fewer)


def test_a_plan_survives_documents_and_store_records(plan):
    for again in (from_documents(to_documents(plan)), from_record(to_record(plan))):
        assert again.proof == plan.proof
        assert again.files == plan.files
        pd.testing.assert_frame_equal(again.measures, plan.measures, check_dtype=False)


def test_a_budget_is_kept_and_counted_again(result, tmp_path):
    plan = make_plan(result, Aims(60.0, extras=False, budget_of=BudgetOf.WORKS), run=RUN)
    assert plan.cost_yuan <= 60.0
    assert plan.proof.goal is Goal.WIDEST
    assert plan.proof.value <= plan.proof.bound + 1e-9
    reached = plan.stages.set_index("aim")["value"]
    assert reached["parts"] == figures_of(plan).of("parts.compliant.after")
    was, now = (count_compliant(plan.parts, when).parts for when in ("before", "after"))
    assert now >= was
    unpack(plan.files, tmp_path)
    assert recount(tmp_path) == []
    told = (tmp_path / "plan.json").read_text(encoding="utf-8")
    for before, after in (
        ('"budget_yuan": 60.0', '"budget_yuan": 10.0'),
        ('"cost": ', '"cost": 9'),
    ):
        assert before in told
        (tmp_path / "plan.json").write_text(told.replace(before, after), encoding="utf-8")
        assert "sha256.changed" in recount(tmp_path)


def test_a_budget_is_the_investment_and_the_bill_never_exceeds_it(result):
    """It was works: a plan for 60 yuan had a bill of 73. Works that fit are found to the yuan."""
    whole = make_plan(result, Aims(extras=False), run=RUN)
    bill = sums_of(whole).investment
    assert bill > whole.cost_yuan
    for budget, is_whole in ((bill, True), (bill - 1, False), (whole.cost_yuan, False)):
        plan = make_plan(result, Aims(float(budget), extras=False), run=RUN)
        assert sums_of(plan).investment <= budget
        assert (plan.cost_yuan == whole.cost_yuan) is is_whole
        assert plan.parameters["budget_of"] == "investment"
        if not is_whole:
            limit = int(json.loads(plan.files["plan.json"])["budget_yuan"])
            assert invested(plan.terms, limit) <= budget < invested(plan.terms, limit + 1)
        assert contradictions(plan) == []
    other = replace(plan, parameters={**plan.parameters, "budget_of": "works"})
    assert contradictions(other) == ["money.differs"]
    assert "budget_of" not in whole.parameters


@pytest.mark.parametrize("money", [float("inf"), float("nan"), -1.0])
def test_money_that_is_no_sum_is_refused_in_words(money):
    with pytest.raises(MismatchError, match="A budget is a sum from 0 yuan on"):
        Aims(budget_yuan=money)
    with pytest.raises(MismatchError, match="A budget is a sum from 0 yuan on"):
        Aims(grants=(Grant(None, "", money),))


def test_nothing_costs_nothing(result):
    plan = make_plan(result, Aims(budget_yuan=0.0, extras=False), run=RUN)
    assert plan.cost_yuan == 0.0
    assert plan.works.empty


def test_few_sites_go_before_little_money(result):
    plan = make_plan(result, Aims(few_sites=True, extras=False), run=RUN)
    assert not plan.measures["new_site"].any()
    assert plan.parts["status_after"].eq("covered").all()
    assert plan.stages["aim"].tolist() == ["unmet", "new_sites", "cost", "exposure"]
    assert plan.stages["value"].tolist()[:3] == [0.0, 0.0, plan.cost_yuan]


@pytest.mark.slow
def test_shares_are_priced_and_skipped_once_stopped(result):
    plan = make_plan(result, run=RUN)
    assert plan.slider["share"].tolist() == [0.95, 0.98, 0.99, 1.0]
    assert (plan.slider["bound_yuan"] <= plan.slider["cost_yuan"] + 1e-9).all()
    assert plan.slider["cost_yuan"].iloc[-1] == plan.cost_yuan
    assert plan.alternatives["cost_yuan"].between(plan.cost_yuan, 1.01 * plan.cost_yuan).all()
    assert plan.alternatives["differs"].map(len).gt(0).all()
    after = check(planned_city(result, plan.measures, plan.cameras), raster=False)
    kept = robustness(after, failures=(1,), errors=("pose", "height"), scenarios=SCENARIOS)
    pd.testing.assert_frame_equal(
        plan.robustness.set_index("case"), kept, check_names=False, check_dtype=False
    )
    assert from_documents(to_documents(plan)).robustness["case"].tolist() == list(kept.index)
    stop = Event()
    stop.set()
    stopped = make_plan(result, run=Run(Limits(stop=stop)))
    assert stopped.slider.empty
    assert stopped.robustness.empty
    assert stopped.parts["status_after"].eq("covered").all()


def test_where_nothing_is_covered_nothing_can_be_kept():
    assert withstand(check(town(CAMS.iloc[:0]), raster=False)).empty


def test_what_cannot_be_is_said(result, monkeypatch):
    monkeypatch.setattr(
        "civicsight.planning.make.minimise_cost",
        lambda problem, **_: replace(NOTHING, chosen=np.zeros(problem.n_candidate, bool)),
    )
    with pytest.raises(MismatchError, match="plan candidates"):
        make_plan(result, run=RUN)


def test_steps_are_announced_in_their_order(result):
    heard, reached = [], []
    make_plan(result, Aims(extras=False), run=RUN, step=lambda t: heard.append(str(t)),
              watch=reached.append)  # fmt: skip
    assert [step.split()[0] for step in heard] == ["Finding", "Choosing", "Computing", "Writing"]
    assert reached  # what a plan alone leaves out is no step of it


def test_a_new_plan_begins_from_a_kept_one_and_leaves_out_what_is_no_more(result, plan):
    """Without a step of search the kept plan stands; what is unknown or too many on a site goes."""
    offers = generate(result)
    posed = build_problem(offers, result)
    kept = chosen_ids(plan.files)
    assert set(kept) <= set(posed.candidate_ids)
    still = Run(Limits(steps=0), start=(*kept, "gone"))
    known = still.known(posed.problem, posed.candidate_ids)
    assert tuple(posed.candidate_ids[known]) == kept
    for aims in (Aims(), Aims(few_sites=True), Aims(budget_yuan=1e9)):
        again = make_plan(result, replace(aims, extras=False), run=still)
        assert aims.few_sites or again.cost_yuan <= plan.cost_yuan
    crowded = Run(start=tuple(posed.candidate_ids)).known(posed.problem, posed.candidate_ids)
    assert posed.problem.keeps_capacities(crowded)
    assert Run().known(posed.problem, posed.candidate_ids) is None
    with pytest.raises(MismatchError, match="draw it up anew"):
        chosen_ids({})


@pytest.mark.slow
def test_planning_again_finds_no_candidates_anew(result, monkeypatch):
    """Whatever is held or begun from; only what candidates hang on asks for others."""
    asked = []

    def find(_, **more):
        asked.append(more["ruled_out"].names)
        return generate(result, **more)

    monkeypatch.setattr(make, "candidates_of", at_hand.candidates_of)
    monkeypatch.setattr(at_hand, "generate", find)
    own = replace(result)  # as large as the other, and of nobody else
    first = make_plan(own, Aims(extras=False), run=RUN)
    kept = chosen_ids(first.files)
    again = make_plan(own, Aims(extras=False, held=kept[:1]), run=replace(RUN, start=kept))
    assert asked == [()]
    assert again.cost_yuan == first.cost_yuan
    anew = make_plan(
        replace(result), Aims(extras=False, held=kept[:1]), run=replace(RUN, start=kept)
    )
    pd.testing.assert_frame_equal(again.measures, anew.measures)
    pd.testing.assert_frame_equal(again.ledger, anew.ledger)
    assert again.proof == anew.proof
    make_plan(own, Aims(extras=False, ruled_out=RuledOut(("twin",))), run=RUN)
    assert asked == [(), (), ("twin",)]


def test_a_search_that_ended_too_early_does_not_say_that_there_is_nothing():
    """Greedy takes the cheapest, 0, whose site the only camera for the last part needs."""
    dead_end = {"cost": [1.0, 2.0, 2.0], "site": [0, 0, -1], "capacity": [1]}
    problem = Problem.of([[0], [1], [0]], **dead_end)
    offers = SimpleNamespace(table=pd.DataFrame(index=["a", "b", "c"]))
    with pytest.raises(MismatchError, match="is not known"):
        choose(problem, offers, Aims(), Run(Limits(seconds=0.0)))
    assert choose(problem, offers, Aims(), Run())[0].value == 4.0
    impossible = Problem.of([[0], [1], [0]], **(dead_end | {"site": [0, 0, 0]}))
    with pytest.raises(MismatchError, match="Nothing permitted"):
        choose(impossible, offers, Aims(), Run())


def test_nobody_waits_longer_for_search_and_duals_than_was_said(result, plan, monkeypatch):
    given = []

    def chosen(*arguments, **more):
        given.append(arguments[3].limits.seconds)
        return choose(*arguments, **more)

    def proven(_, outcome, run):
        given.append(run.limits.seconds)
        return outcome

    monkeypatch.setattr(make, "choose", chosen)
    monkeypatch.setattr(make, "with_prices", proven)
    for start in ((), chosen_ids(plan.files)):
        make_plan(result, Aims(extras=False), run=Run(Limits(steps=0, seconds=50.0), start=start))
    assert all(0.0 < seconds <= 50.0 * make.SEARCH_SHARE for seconds in given)
