"""One act in one transaction: the right to it, the revision it builds on, and its entry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection

from civicsight.core.errors import Fault, InputError
from civicsight.store.actors import Act, Actor
from civicsight.store.audit import append, entries
from civicsight.store.database import Database
from civicsight.store.labels import ACT_LABELS
from civicsight.store.records import Plan
from civicsight.store.refusals import Conflict, Damaged, Denied
from civicsight.store.rights import DENIED, refusal_of
from civicsight.store.states import MOVES
from civicsight.store.tables import AUDIT
from civicsight.store.versions import described, load_plan, save_plan, version_faults

NOBODYS: Final = Plan("", "", "", "", (), "", 0, 0, "")
"""Stands where an act is about no plan."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """An act under way: its connection, who acts, and the plan as it stood before."""

    connection: Connection
    actor: Actor
    act: Act
    before: Plan


@contextmanager
def doing(
    database: Database, actor: Actor, act: Act, plan: Plan | None = None, *, need_bytes: int = 0
) -> Iterator[Connection]:
    """Give the right to write for one act, or refuse it; a refusal stays in the audit.

    Raises
    ------
    Denied
        If who acts has no right to.
    """
    with database.writing(need_bytes) as connection:
        fault = refusal_of(connection, database.name, actor, act, plan)
        if fault is None:
            yield connection
        else:
            _note_refusal(connection, actor, act, plan, fault)
    _raise(fault)


@contextmanager
def moving(
    database: Database,
    actor: Actor,
    act: Act,
    plan_id: str,
    base_rev: int | None = None,
    *,
    need_bytes: int = 0,
) -> Iterator[Transaction]:
    """Give the right to write for one act on a plan; see `doing`.

    Raises
    ------
    Conflict
        If the plan is no longer at `base_rev`.
    """
    with database.writing(need_bytes) as connection:
        plan = load_plan(connection, database.name, plan_id)
        fault = refusal_of(connection, database.name, actor, act, plan)
        denied = fault is not None and fault.code == DENIED
        if not denied and base_rev is not None and plan.rev != base_rev:
            raise conflict(connection, database.name, plan)
        if fault is None:
            _require_content(connection, database.name, act, plan)
            yield Transaction(connection, actor, act, plan)
        else:
            _note_refusal(connection, actor, act, plan, fault)
    _raise(fault)


@contextmanager
def looking(
    database: Database, actor: Actor, act: Act, plan_id: str | None = None
) -> Iterator[tuple[Connection, Plan]]:
    """Give the right to read, of one plan or of the store; a refusal stays in the audit."""
    with database.reading() as connection:
        plan = None if plan_id is None else load_plan(connection, database.name, plan_id)
        fault = refusal_of(connection, database.name, actor, act, plan)
        if fault is None:
            yield connection, plan or NOBODYS
    if fault is not None and database.closed is None:
        with database.writing() as connection:
            _note_refusal(connection, actor, act, plan, fault)
    _raise(fault)


def finish(deed: Transaction, body: Mapping[str, Any] | None = None, **changes: Any) -> Plan:
    """Bring a plan to the state that an act leads to, with one entry in the audit."""
    before = deed.before
    state = MOVES[deed.act][1] if deed.act in MOVES else before.state
    after = replace(before, state=state, rev=before.rev + 1, **changes)
    save_plan(deed.connection, after, before.rev)
    said = {**(body or {}), "plan": described(after)}
    append(deed.connection, deed.actor, deed.act, said, plan_id=before.plan_id, rev=after.rev)
    return after


def conflict(connection: Connection, file: str, plan: Plan) -> Conflict:
    """Say who brought a plan to its present revision, and when."""
    here = (AUDIT.c.plan_id == plan.plan_id, AUDIT.c.rev == plan.rev)
    last = next(iter(entries(connection, file, *here)))
    return Conflict(plan.plan_id, last.actor, last.at, ACT_LABELS[last.action])


def _require_content(connection: Connection, file: str, act: Act, plan: Plan) -> None:
    """Refuse a decision on a version that does not hold what was committed."""
    if plan.version and act != Act.COMMIT:
        faults = version_faults(connection, file, plan.plan_id, plan.version)
        if faults:
            raise Damaged(faults)


def _note_refusal(
    connection: Connection, actor: Actor, act: Act, plan: Plan | None, fault: Fault
) -> None:
    body = {"refused": fault.code, "expected": str(fault.expected)}
    append(connection, actor, act, body, plan_id="" if plan is None else plan.plan_id)


def _raise(fault: Fault | None) -> None:
    if fault is not None:
        raise Denied([fault]) if fault.code == DENIED else InputError([fault])
