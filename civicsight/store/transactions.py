"""One act in one transaction: right, revision, what it is told, and its entry in the audit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection

from civicsight.core.errors import N_, Fault, InputError, Text
from civicsight.planning.record.digests import changed
from civicsight.planning.record.root import SHORT, WHOLE, whole_root
from civicsight.presentation.changed_inputs import name_input
from civicsight.store.actors import ACT_LABELS, ACTS, Act, Actor
from civicsight.store.audit import append, entries
from civicsight.store.database import Database
from civicsight.store.faults import fault, reject
from civicsight.store.records import Plan, VersionHead
from civicsight.store.refusals import Conflict, Damaged, Denied
from civicsight.store.rights import DENIED, refusal_of
from civicsight.store.tables import AUDIT
from civicsight.store.versions import described, load_heads, load_plan, save_plan, version_faults

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
    # What supersedes a plan is another one, which must not change meanwhile.
    alone = None if act is Act.SUPERSEDE else plan_id
    with database.writing(need_bytes, alone) as connection:
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


def _require_content(connection: Connection, file: str, act: Act, plan: Plan) -> None:
    """Refuse a decision on a version that does not hold what was committed."""
    if plan.version and act != Act.COMMIT:
        faults = version_faults(connection, file, plan.plan_id, plan.version)
        if faults:
            raise Damaged(faults)


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
        with database.writing(plan_id=plan_id or "") as connection:
            _note_refusal(connection, actor, act, plan, fault)
    _raise(fault)


def finish(deed: Transaction, body: Mapping[str, Any] | None = None, **changes: Any) -> Plan:
    """Bring a plan to the state that an act leads to, with one entry in the audit."""
    before = deed.before
    state = ACTS[deed.act].leads_to or before.state
    after = replace(before, state=state, rev=before.rev + 1, **changes)
    said = {**(body or {}), "plan": described(after)}
    append(deed.connection, deed.actor, deed.act, said, plan_id=before.plan_id, rev=after.rev)
    save_plan(deed.connection, after, before.rev)
    return after


def conflict(connection: Connection, file: str, plan: Plan) -> Conflict:
    """Say who brought a plan to its present revision, and when."""
    here = (AUDIT.c.plan_id == plan.plan_id, AUDIT.c.rev == plan.rev)
    last = next(iter(entries(connection, file, *here)))
    return Conflict(plan.plan_id, last.actor, last.at, ACT_LABELS[last.action])


def _note_refusal(
    connection: Connection, actor: Actor, act: Act, plan: Plan | None, fault: Fault
) -> None:
    body = {"refused": fault.code, "expected": str(fault.expected)}
    append(connection, actor, act, body, plan_id="" if plan is None else plan.plan_id)


def _raise(fault: Fault | None) -> None:
    if fault is not None:
        raise Denied([fault]) if fault.code == DENIED else InputError([fault])


def stale_inputs(head: VersionHead, inputs: Mapping[str, str]) -> list[Text]:
    """Say which inputs of a version changed since it was computed.

    Parameters
    ----------
    head
        The version.
    inputs
        Digests of the inputs as they are now, by the names that the version gives them.
    """
    return [
        N_(
            "%(name)s changed since version %(n)s was computed from it",
            name=name_input(name),
            n=head.n,
        )
        for name in changed(head.inputs, inputs)
    ]


def require_latest(deed: Transaction, file: str, root: str) -> str:
    """Return the root of the latest version, typed or scanned; refuse any other version's.

    Raises
    ------
    Conflict
        If there is a later version by now.
    InputError
        If it is not the whole root of a version.
    """
    root = whole_root(root, file)
    before = deed.before
    if root != before.digest:
        if any(head.digest == root for head in load_heads(deed.connection, file, before.plan_id)):
            raise conflict(deed.connection, file, before)
        reject(
            "store.root",
            file,
            before.plan_id,
            "root",
            root,
            n=before.version,
            start=before.digest[:SHORT],
        )
    return root


def require_fresh(deed: Transaction, file: str, inputs: Mapping[str, str] | None) -> None:
    """Refuse a version that was computed from other inputs than those of now, if they are known."""
    if inputs is None:
        return
    latest = load_heads(deed.connection, file, deed.before.plan_id)[-1]
    faults = [
        fault("store.stale", file, deed.before.plan_id, what=text)
        for text in stale_inputs(latest, inputs)
    ]
    if faults:
        raise InputError(faults)


def require_digest(file: str, plan_id: str, scan_sha256: str) -> str:
    """Return the digest of a scanned document that is kept elsewhere; refuse what is none."""
    if not WHOLE.fullmatch(scan_sha256):
        reject("store.scan:digest", file, plan_id, "scan_sha256", scan_sha256)
    return scan_sha256.lower()


def require_texts(
    file: str, plan_id: str, texts: Mapping[str, str], day: str = "2000-01-01"
) -> None:
    """Refuse what is empty, and a day that is none; all of it at once."""
    faults = [
        fault("store.empty", file, plan_id, name)
        for name, text in texts.items()
        if not text.strip()
    ]
    try:
        good = date.fromisoformat(day).isoformat() == day
    except ValueError:
        good = False
    if not good:
        faults.append(fault("store.date", file, plan_id, found=day))
    if faults:
        raise InputError(faults)
