"""From draft to approval: who may do what, in which order, and what is bound to what."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from itertools import product
from pathlib import Path

import pytest

import civicsight
from civicsight.core.errors import InputError
from civicsight.core.i18n import translate
from civicsight.model import PLANS
from civicsight.planning.record.root import to_scan
from civicsight.store import (
    ACT_LABELS,
    ALLOWED,
    ROLE_LABELS,
    STATE_LABELS,
    Act,
    Actor,
    Conflict,
    Damaged,
    Denied,
    Role,
    State,
    answer,
    answers,
    appoint,
    approvals,
    backup,
    dismiss,
    export_version,
    give_opinion,
    hear,
    implement,
    opinions,
    send_back,
    settle_opinion,
    start_review,
    submit,
    supersede,
    verify,
    waive,
)
from civicsight.store.actors import ACTS, ROLES
from civicsight.store.transactions import looking
from tests.store_parts import (
    DECIDED,
    DEPARTMENT,
    LI,
    OPINED,
    ROOT,
    SCAN,
    SUN,
    WANG,
    ZHOU,
    answered,
    approve_latest,
    approved,
    begun,
    commit,
    layers,
    submitted,
)


@pytest.fixture
def store(tmp_path):
    with begun(tmp_path / "plans.gpkg") as store:
        yield store


def refused(store):
    return [entry for entry in store.history(SUN) if "refused" in entry.says]


def test_states_are_those_of_the_table_of_plans():
    status = next(column for column in PLANS if column.name == "status")
    assert tuple(State) == status.choices


def test_the_way_to_approval(store):
    plan = approved(store)
    assert (plan.state, plan.version) == (State.APPROVED, 1)
    (approval,) = approvals(store, LI, "donghu")
    assert (approval.digest, approval.scan_sha256, approval.name) == (plan.digest, SCAN, ZHOU.name)
    assert verify(store, LI, expect_head=approval.head_hash).head.hash == approval.head_hash
    (opinion,) = opinions(store, LI, "donghu")
    assert (opinion.department, opinion.name, opinion.digest) == (
        DEPARTMENT,
        WANG.name,
        plan.digest,
    )
    assert implement(store, LI, "donghu", base_rev=plan.rev).state == State.IN_IMPLEMENTATION


def test_a_root_that_was_scanned_from_paper_is_kept_as_the_root(store):
    plan = start_review(store, LI, "donghu", base_rev=store.plan(LI, "donghu").rev)
    scanned = to_scan(plan.digest)
    said = {"department": DEPARTMENT, "dated_on": OPINED, "text": "同意", "reply": "agree"}
    given = give_opinion(store, WANG, "donghu", digest=scanned, **said)
    assert given.digest == plan.digest
    assert [each.digest for each in opinions(store, LI, "donghu")] == [plan.digest]
    submit(store, LI, "donghu", base_rev=store.plan(LI, "donghu").rev)
    approve_of(store, ZHOU, "donghu", scanned)
    assert [each.digest for each in approvals(store, LI, "donghu")] == [plan.digest]


def test_an_approval_is_bound_to_what_was_read(store):
    """While the approver reads, the planner commits: neither the old nor the new is approved."""
    read = submitted(store)
    commit(store, read, seed=7)
    with pytest.raises((Conflict, InputError)) as error:
        approve_latest(store, read.digest)
    assert error.value.faults[0].code == "store.state"
    submitted(store)
    with pytest.raises(Conflict) as error:
        approve_latest(store, read.digest)
    assert error.value.who == LI.name
    assert approvals(store, LI, "donghu") == []


def test_an_edit_makes_an_approved_plan_a_draft_and_leaves_the_approval_with_its_version(store):
    plan = approved(store)
    after = commit(store, plan, seed=3)
    assert after.state == State.DRAFT
    (approval,) = approvals(store, LI, "donghu")
    assert approval.digest == store.read_version(LI, "donghu", 1).digest != after.digest


def test_a_plan_is_not_submitted_without_every_department(store):
    plan = start_review(store, LI, "donghu", base_rev=store.plan(LI, "donghu").rev)
    with pytest.raises(InputError) as error:
        submit(store, LI, "donghu", base_rev=plan.rev)
    assert error.value.faults[0].found == DEPARTMENT
    plan = submitted_after(store, commit(store, plan, seed=2))
    assert plan.state == State.SUBMITTED


def submitted_after(store, plan):
    """An opinion on the version before does not count for the next."""
    assert plan.state == State.DRAFT
    return submitted(store)


def test_a_stale_plan_is_neither_submitted_nor_approved(store):
    plan = start_review(store, LI, "donghu", base_rev=store.plan(LI, "donghu").rev)
    with pytest.raises(InputError, match=r"city\.gpkg changed since version 1"):
        submit(store, LI, "donghu", base_rev=plan.rev, inputs={"city.gpkg": "d" * 64})
    assert store.plan(LI, "donghu") == plan


def test_a_returned_plan_says_why_and_is_drawn_up_anew(store):
    plan = submitted(store)
    plan = send_back(store, ZHOU, "donghu", base_rev=plan.rev, reason="费用依据不足")
    assert plan.state == State.RETURNED
    assert store.history(LI, "donghu")[-1].says["reason"] == "费用依据不足"
    assert commit(store, plan, seed=4).state == State.DRAFT


def test_a_plan_is_superseded_by_an_approved_one_only(store):
    plan = approved(store)
    new = store.new_plan(LI, "donghu-2", name="东湖区规划（修编）")
    for other in ("donghu", "donghu-2"):
        with pytest.raises(InputError, match="another plan that is approved"):
            supersede(store, ZHOU, "donghu", base_rev=plan.rev, by=other)
    new = commit(store, new)
    new = start_review(store, LI, "donghu-2", base_rev=new.rev)
    new = submit(store, LI, "donghu-2", base_rev=new.rev)
    with pytest.raises(Denied):
        approve_of(store, LI, "donghu-2", new.digest)
    approve_of(store, ZHOU, "donghu-2", new.digest)
    assert supersede(store, ZHOU, "donghu", base_rev=plan.rev, by="donghu-2").state == (
        State.SUPERSEDED
    )
    with pytest.raises(InputError, match="one of these states"):
        commit(store, store.plan(LI, "donghu"))


def approve_of(store, actor, plan_id, digest, **changes):
    from civicsight.store import approve

    said = {"body": "市政府", "document_number": "1", "dated_on": DECIDED, "scan_sha256": SCAN}
    return approve(store, actor, plan_id, digest=digest, **said | changes)


@pytest.mark.parametrize(
    "changes", [{"scan_sha256": "x"}, {"dated_on": "9.3.2026"}, {"document_number": " "}]
)
def test_an_approval_says_everything(store, changes):
    plan = submitted(store)
    with pytest.raises(InputError):
        approve_of(store, ZHOU, "donghu", plan.digest, **changes)
    assert store.plan(LI, "donghu").state == State.SUBMITTED


def test_nobody_judges_his_own_plan(store):
    """Neither under another role, nor under another spelling of the same name."""
    plan = submitted(store)
    for name in (LI.name, f" {LI.name} "):
        for act in (
            lambda me: approve_latest(store, plan.digest, Actor(me, Role.APPROVER)),
            lambda me: waive(
                store, Actor(me, Role.REVIEWER), "donghu", answered(plan.digest, "waived")
            ),
        ):
            with pytest.raises(Denied, match="no part in the plan"):
                act(name)
    assert len(refused(store)) == 4


def test_answers_and_waivers_are_kept_with_their_version(store):
    digest = store.plan(LI, "donghu").digest
    answer(store, LI, "donghu", answered(digest))
    waive(store, WANG, "donghu", answered(digest, "waived"))
    kept = answers(store, LI, "donghu")
    assert [(entry.kind, entry.name) for entry in kept] == [
        ("answer", LI.name),
        ("waive", WANG.name),
    ]


@pytest.mark.parametrize("part", [slice(12), slice(63), slice(0)])
def test_a_part_of_a_root_is_refused_with_what_is_expected(store, part):
    plan = submitted(store)
    with pytest.raises(InputError, match="the whole root of the version: 64 digits") as error:
        approve_latest(store, plan.digest[part])
    assert error.value.faults[0].code == "root.not_whole"
    assert not isinstance(error.value, Conflict)
    assert store.plan(LI, "donghu").state == State.SUBMITTED


def test_the_root_of_no_version_is_refused_and_nobody_is_blamed(store):
    plan = submitted(store)
    for act in (
        lambda: approve_latest(store, "0" * 64),
        lambda: answer(store, LI, "donghu", answered("0" * 64)),
    ):
        with pytest.raises(InputError, match="the root of no version of this plan") as error:
            act()
        assert error.value.faults[0].code == "store.root"
        assert f"begins with {plan.digest[:12]}" in str(error.value)
        assert not isinstance(error.value, Conflict)


def bring_in(store, who):
    """Ask for the right alone, as the app does: what is brought in is no part of the store."""
    with looking(store.database, who, Act.IMPORT):
        pass


def attempts(store, tmp_path, rev, digest):
    """Return every act as a function of who does it."""
    return {
        Act.CREATE: lambda who: store.new_plan(who, "new", name="new", district="东湖区"),
        Act.COMMIT: lambda who: store.commit_version(who, "donghu", base_rev=rev, layers=layers(4)),
        Act.READ: lambda who: store.read_version(who, "donghu"),
        Act.EXPORT: lambda who: export_version(store, who, "donghu", tmp_path / "out.gpkg"),
        Act.START_REVIEW: lambda who: start_review(store, who, "donghu", base_rev=rev),
        Act.OPINION: lambda who: give_opinion(
            store, who, "donghu", digest=digest, department="x", dated_on="2026-01-01", text="x"
        ),
        Act.SUBMIT: lambda who: submit(store, who, "donghu", base_rev=rev),
        Act.RETURN: lambda who: send_back(store, who, "donghu", base_rev=rev, reason="x"),
        Act.APPROVE: lambda who: approve_latest(store, digest, who),
        Act.IMPLEMENT: lambda who: implement(store, who, "donghu", base_rev=rev),
        Act.SUPERSEDE: lambda who: supersede(store, who, "donghu", base_rev=rev, by="x"),
        Act.ANSWER: lambda who: answer(store, who, "donghu", answered(digest)),
        Act.HEAR: lambda who: hear(
            store, who, "donghu", base_rev=rev, departments=["x"], reason="x"
        ),
        Act.SETTLE: lambda who: settle_opinion(
            store, who, "donghu", 0, digest=digest, adopted="adopted", reason="x"
        ),
        Act.WAIVE: lambda who: waive(store, who, "donghu", answered(digest)),
        Act.AUDIT: store.history,
        Act.BACKUP: lambda who: backup(store, who, tmp_path / "copies"),
        Act.APPOINT: lambda who: appoint(store, who, ROOT),
        Act.DISMISS: lambda who: dismiss(store, who, "nobody"),
        Act.IMPORT: lambda who: bring_in(store, who),
    }


def test_every_act_asks_for_the_right_and_every_denial_is_audited(store, tmp_path):
    """All roles x all acts: denied exactly where the table of rights says so."""
    plan = store.plan(LI, "donghu")
    acts = attempts(store, tmp_path, plan.rev, plan.digest)
    assert acts.keys() == ALLOWED.keys() - {Act.RESTORE, Act.MIGRATE}
    denied = 0
    for act, role in product(acts, Role):
        if role in ALLOWED[act]:
            continue
        with pytest.raises(Denied) as error:
            acts[act](Actor("某人", role, "东湖区"))
        denied += 1
        assert error.value.faults[0].field == act
    assert len(refused(store)) == denied > 60
    assert store.plan(LI, "donghu") == plan
    assert Role.ADMIN not in ALLOWED[Act.APPROVE] | ALLOWED[Act.COMMIT] | ALLOWED[Act.WAIVE]


def test_acts_are_refused_outside_their_states(store):
    plan = store.plan(LI, "donghu")
    moves = {
        Act.IMPLEMENT: lambda: implement(store, LI, "donghu", base_rev=plan.rev),
        Act.RETURN: lambda: send_back(store, WANG, "donghu", base_rev=plan.rev, reason="x"),
        Act.SUBMIT: lambda: submit(store, LI, "donghu", base_rev=plan.rev),
    }
    for act, move in moves.items():
        assert plan.state not in ACTS[act].begins_in
        with pytest.raises(InputError, match="one of these states"):
            move()
    assert len(refused(store)) == len(moves)


def test_a_district_planner_stays_in_the_own_district(store):
    at_home, elsewhere = (Actor("钱", Role.DISTRICT_PLANNER, name) for name in ("西湖区", "东湖区"))
    plan = store.new_plan(at_home, "xihu", name="西湖区规划", district="西湖区")
    commit_as = {"base_rev": plan.rev, "layers": layers(4)}
    with pytest.raises(Denied, match="district"):
        store.commit_version(elsewhere, "xihu", **commit_as)
    with pytest.raises(Denied):
        store.read_version(elsewhere, "xihu")
    with pytest.raises(Denied):
        store.new_plan(elsewhere, "other", name="x", district="西湖区")
    store.commit_version(at_home, "xihu", **commit_as)
    assert [plan.plan_id for plan in store.list_plans(at_home)] == ["xihu"]
    assert store.list_plans(elsewhere) == []
    assert len(store.list_plans(LI)) == 2


def test_a_role_that_was_taken_away_counts_no_more(store):
    with pytest.raises(InputError, match="administrator as the first"):
        appoint(store, ROOT, LI)
    appoint(store, ROOT, ROOT)
    with pytest.raises(Denied, match="appointed"):
        store.plan(LI, "donghu")
    appoint(store, ROOT, LI)
    rev = store.plan(LI, "donghu").rev
    dismiss(store, ROOT, LI.name)
    with pytest.raises(Denied):
        store.commit_version(LI, "donghu", base_rev=rev, layers=layers(4))
    with pytest.raises(InputError, match="with an administrator"):
        dismiss(store, ROOT, ROOT.name)
    with pytest.raises(Denied):
        store.plan(Actor("", Role.ADMIN), "donghu")


def test_people_read_roles_states_and_acts_in_their_language(store):
    assert (ROLE_LABELS.keys(), STATE_LABELS.keys(), ACT_LABELS.keys()) == (
        set(Role),
        set(State),
        set(Act),
    )
    with pytest.raises(Denied) as error:
        approve_latest(store, "", SUN)
    expected = error.value.faults[0].expected
    assert str(expected) == "one of these roles: municipal approver"
    assert translate(expected, "zh_CN") == "下列角色之一：市级审批人员"


def test_a_decision_on_a_version_that_was_changed_is_refused(store):
    plan = submitted(store)
    with closing(sqlite3.connect(store.database.path)) as file:
        file.execute("DROP TRIGGER feature_no_update")
        file.execute("UPDATE feature SET properties = '{}' WHERE feature_id = 'camera-3'")
        file.commit()
    with pytest.raises(Damaged, match="camera-3"):
        approve_latest(store, plan.digest)


def test_a_department_is_taken_off_with_a_reason_until_the_plan_is_handed_in(store):
    plan = store.plan(LI, "donghu")
    first, *rest = plan.departments
    for departments, reason in ((rest, " "), (plan.departments, "same")):
        with pytest.raises(InputError):
            hear(store, LI, "donghu", base_rev=plan.rev, departments=departments, reason=reason)
    after = hear(store, LI, "donghu", base_rev=plan.rev, departments=["Parks", " "], reason="why")
    assert (after.departments, after.state, after.rev) == (("Parks",), plan.state, plan.rev + 1)
    says = store.history(LI, "donghu")[-1].says
    assert (says["removed"], says["added"], says["reason"]) == ([first, *rest], ["Parks"], "why")
    with pytest.raises(Denied):
        hear(store, ZHOU, "donghu", base_rev=after.rev, departments=[first], reason="why")
    after = hear(store, LI, "donghu", base_rev=after.rev, departments=[first], reason="back")
    plan = submitted(store)
    with pytest.raises(InputError, match=r"store\.state"):
        hear(store, LI, "donghu", base_rev=plan.rev, departments=["Parks"], reason="late")
    verify(store, SUN)


def test_an_empty_plan_goes_nowhere(store):
    plan = store.new_plan(LI, "empty", name="空")
    with pytest.raises(InputError, match="at least one version"):
        start_review(store, LI, "empty", base_rev=plan.rev)


def test_every_role_and_every_act_has_its_one_record():
    assert list(ROLES) == list(Role)
    assert list(ACTS) == list(Act)
    assert all(ALLOWED.values())
    assert all(bool(one.begins_in) is (one.leads_to is not None) for one in ACTS.values())


def test_only_the_table_of_roles_says_who_is_bound_to_a_district():
    """A role more that is bound to one touches no module but that of the table."""
    package = Path(civicsight.__file__).parent
    naming = [
        str(path.relative_to(package))
        for path in sorted(package.rglob("*.py"))
        if "Role.DISTRICT_PLANNER" in path.read_text(encoding="utf-8")
    ]
    assert naming == ["store/actors.py"]
    assert {role for role in Role if role.is_bound} == {Role.DISTRICT_PLANNER}
    for role in Role:
        assert Actor("x", role, "a").is_at_home("b") is not role.is_bound
