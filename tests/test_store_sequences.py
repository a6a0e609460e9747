"""Whatever people do in whatever order, the store says the same as a plain list of their acts."""

from __future__ import annotations

import random
import tempfile
import time
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import insert

from civicsight.core.errors import InputError
from civicsight.store import (
    Actor,
    Conflict,
    Denied,
    Role,
    State,
    approvals,
    give_opinion,
    implement,
    open_store,
    send_back,
    start_review,
    submit,
    verify,
)
from civicsight.store.audit import chain_faults, end_faults, head
from civicsight.store.records import digest_of
from civicsight.store.tables import AUDIT
from tests.store_parts import DEPARTMENT, LI, OPINED, SUN, WANG, ZHOU, approve_latest, begun, layers

TABLES = [layers(3, seed) for seed in range(4)]
PEOPLE = st.sampled_from([LI, WANG, ZHOU, SUN, Actor("李规划", Role.APPROVER)])

FROM = {
    "start_review": ({State.DRAFT, State.RETURNED}, State.JOINT_REVIEW, {Role.PLANNER}),
    "submit": ({State.JOINT_REVIEW}, State.SUBMITTED, {Role.PLANNER}),
    "send_back": ({State.SUBMITTED}, State.RETURNED, {Role.REVIEWER, Role.APPROVER}),
    "approve": ({State.SUBMITTED}, State.APPROVED, {Role.APPROVER}),
    "implement": ({State.APPROVED}, State.IN_IMPLEMENTATION, {Role.PLANNER}),
}
"""The way of a plan, written down a second time."""


class Office(RuleBasedStateMachine):
    """Several people, one plan, and what each of them last read of it."""

    @initialize()
    def begin(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "plans.gpkg"
        self.store = begun(self.path, versions=0, departments=())
        self.read = {LI.name: self.store.plan(LI, "donghu")}
        self.state, self.rev, self.versions, self.approved = State.DRAFT, 1, [], []
        self.refusals = 0

    def teardown(self):
        self.store.close()
        self.folder.cleanup()

    @rule(who=PEOPLE)
    def look(self, who):
        self.read[who.name] = self.store.plan(who, "donghu")
        assert (self.read[who.name].state, self.read[who.name].rev) == (self.state, self.rev)

    @rule(who=PEOPLE, seed=st.integers(0, 3))
    def commit(self, who, seed):
        base = self.read.get(who.name, self.read[LI.name]).rev
        try:
            plan = self.store.commit_version(who, "donghu", base_rev=base, layers=TABLES[seed])
        except Denied:
            assert who.role != Role.PLANNER
            self.refusals += 1
        except Conflict:
            assert base != self.rev
        else:
            assert (who.role, base) == (Role.PLANNER, self.rev)
            self.read[who.name] = plan
            self.versions.append((seed, plan.digest))
            self.state, self.rev = State.DRAFT, self.rev + 1

    @rule(who=PEOPLE, name=st.sampled_from(sorted(FROM)))
    def move(self, who, name):
        known = self.read.get(who.name, self.read[LI.name])
        acts = {
            "start_review": lambda: start_review(self.store, who, "donghu", base_rev=known.rev),
            "submit": lambda: submit(self.store, who, "donghu", base_rev=known.rev),
            "send_back": lambda: send_back(
                self.store, who, "donghu", base_rev=known.rev, reason="x"
            ),
            "approve": lambda: approve_latest(self.store, known.digest, who),
            "implement": lambda: implement(self.store, who, "donghu", base_rev=known.rev),
        }
        states, after, roles = FROM[name]
        own = name == "approve" and who.name == LI.name
        stale = known.digest != self.digest() if name == "approve" else known.rev != self.rev
        try:
            acts[name]()
        except Denied:
            assert who.role not in roles or own
            self.refusals += 1
        except Conflict:
            assert stale
        except InputError as error:
            code = error.faults[0].code
            assert self.state not in states or not self.versions
            self.refusals += code == "store.state"
        else:
            assert who.role in roles
            assert self.state in states
            assert not own
            assert not stale
            self.state, self.rev = after, self.rev + 1
            self.approved += [self.digest()] if name == "approve" else []

    @rule()
    def speak(self):
        if self.versions:
            said = {"department": DEPARTMENT, "dated_on": OPINED, "text": "同意", "reply": "agree"}
            give_opinion(self.store, WANG, "donghu", digest=self.digest(), **said)

    @rule()
    def open_again(self):
        self.store.close()
        self.store = open_store(self.path)

    @invariant()
    def everything_is_as_it_was_done(self):
        proof = verify(self.store, LI)
        assert proof.versions == len(self.versions)
        plan = self.store.plan(LI, "donghu")
        assert (plan.state, plan.rev, plan.digest) == (self.state, self.rev, self.digest())
        assert [head.digest for head in self.store.list_versions(LI, "donghu")] == [
            digest for _, digest in self.versions
        ]
        assert [entry.digest for entry in approvals(self.store, LI, "donghu")] == self.approved
        refused = [entry for entry in self.store.history(SUN) if "refused" in entry.says]
        assert len(refused) == self.refusals
        for n, (seed, _) in list(enumerate(self.versions, start=1))[-1:]:
            costs = self.store.read_version(LI, "donghu", n).layers["measures"]["cost_yuan"]
            assert list(costs) == list(TABLES[seed]["measures"]["cost_yuan"])

    def digest(self):
        return self.versions[-1][1] if self.versions else ""


Office.TestCase.settings = settings(max_examples=6, stateful_step_count=14, deadline=None)
TestOffice = Office.TestCase


@pytest.mark.slow
class TestLongOffice(Office.TestCase):
    settings = settings(max_examples=60, stateful_step_count=50, deadline=None)


def fill(store, count: int) -> None:
    """Write entries straight into the table, with hashes that the standard library computes."""
    import json

    names = [column.name for column in AUDIT.columns]
    with store.database.writing() as connection:
        last = head(connection)
        prev, rows = last.hash, []
        for seq in range(last.seq + 1, last.seq + count + 1):
            row = [seq, "2026-01-01T00:00:00.000Z", "某人", "analyst", "", "read", "", None, "{}"]
            row.append(prev)
            text = json.dumps([*row, None], separators=(",", ":")).encode()
            prev = sha256(text).hexdigest()
            rows.append(dict(zip(names, [*row, prev], strict=True)))
            if len(rows) == 20_000:
                connection.execute(insert(AUDIT), rows)
                rows.clear()
        if rows:
            connection.execute(insert(AUDIT), rows)


@pytest.mark.parametrize("count", [300, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_a_long_audit_is_verified_in_seconds(tmp_path, count):
    with begun(tmp_path / "plans.gpkg") as store:
        fill(store, count)
        told = []
        start = time.process_time()
        with store.database.reading() as connection:
            end = head(connection)
            assert chain_faults(connection, "x", watch=told.append) == []
            assert end_faults(connection, "x", [end]) == []
        assert time.process_time() - start < 10
        assert len(told) == count // 20_000
        position = random.Random(count).randrange(5, count)
        with store.database.engine.connect() as connection, connection.begin():
            connection.exec_driver_sql("DROP TRIGGER audit_no_update")
            connection.exec_driver_sql("UPDATE audit SET at = 'x' WHERE seq = ?", (position,))
        with store.database.reading() as connection:
            (fault,) = chain_faults(connection, "x")
    assert fault.where == f"audit {position}"


def test_a_digest_tells_types_and_borders_apart():
    different = [["ab", "c"], ["a", "bc"], ["abc", ""], [1], ["1"], [None], [""], [b"1"], [1.0]]
    assert len({digest_of(values) for values in different}) == len(different)
    assert digest_of(["a"], b"") != digest_of(["a"])
