"""What people do with a plan on its way from draft to approval, each act in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

from civicsight.core.days import Bound, read_day
from civicsight.core.errors import N_, Fault, InputError
from civicsight.core.i18n import listed
from civicsight.rules import Rules
from civicsight.rules.pack import Place
from civicsight.store.actors import STATE_LABELS, Act, Actor, Role, State
from civicsight.store.attachments import (
    File,
    attachments_of,
    find_file,
    keep_files,
    require_scan_file,
    size_of,
)
from civicsight.store.audit import APPOINTED, NOT_JUDGED, SIGNED_IN, USER, Entry, append, entries
from civicsight.store.consultation import require_reply, stand_of, unsettled
from civicsight.store.due import require_days, require_decision, require_department
from civicsight.store.faults import fault, reject
from civicsight.store.records import Answer, Approval, Opinion, Plan
from civicsight.store.remarks import threads_of
from civicsight.store.rights import register, same_person
from civicsight.store.store import Store
from civicsight.store.tables import AUDIT
from civicsight.store.transactions import (
    doing,
    finish,
    looking,
    moving,
    require_digest,
    require_fresh,
    require_latest,
    require_texts,
)
from civicsight.store.unjudged_record import count_unjudged
from civicsight.store.versions import load_plan, load_version


def start_review(store: Store, actor: Actor, plan_id: str, *, base_rev: int) -> Plan:
    """Ask the departments for their opinions."""
    with moving(store.database, actor, Act.START_REVIEW, plan_id, base_rev) as deed:
        if not deed.before.version:
            reject("store.empty_plan", store.name, plan_id)
        return finish(deed)


HEARD_IN: Final = frozenset({State.DRAFT, State.JOINT_REVIEW, State.RETURNED})
"""States in which it can change who is heard: a plan that is handed in was heard."""


def hear(
    store: Store,
    actor: Actor,
    plan_id: str,
    *,
    base_rev: int,
    departments: Sequence[str],
    reason: str,
) -> Plan:
    """Change the departments whose opinions have to be there before a plan is submitted.

    What a department said before it was taken off stays on record, and is settled as any other.

    Parameters
    ----------
    store, actor, plan_id, base_rev
        Where, who, which plan, and its revision as it was read.
    departments
        All that are heard from now on.
    reason
        Why some are taken off or come in; it is kept in the audit.

    Raises
    ------
    Denied
        If somebody may not draw the plan; it is in the audit.
    InputError
        If there is no reason, nothing changes, or the plan is handed in.
    """
    require_texts(store.name, plan_id, {"reason": reason})
    wanted = tuple(dict.fromkeys(filter(None, (name.strip() for name in departments))))
    with moving(store.database, actor, Act.HEAR, plan_id, base_rev) as deed:
        known, state = deed.before.departments, deed.before.state
        if state not in HEARD_IN:
            states = listed(STATE_LABELS[one] for one in sorted(HEARD_IN))
            reject("store.state:return", store.name, plan_id, "state", state, states=states)
        added = [name for name in wanted if name not in known]
        removed = [name for name in known if name not in wanted]
        if not added and not removed:
            reject("store.same_departments", store.name, plan_id)
        body = {"added": added, "removed": removed, "reason": reason}
        return finish(deed, body, departments=wanted)


def give_opinion(
    store: Store,
    actor: Actor,
    plan_id: str,
    *,
    digest: str,
    department: str,
    dated_on: str,
    text: str,
    reply: str = "",
) -> Opinion:
    """Record what a department says of a version in the joint review.

    Parameters
    ----------
    store, actor, plan_id
        Where, who, and of which plan.
    digest
        Root of the version that the department saw; the opinion holds for this one alone.
    department, dated_on, text
        Who says what, and on which day (ISO 8601).
    reply
        Whether it agrees, a key of `planning.record.opinions.REPLIES`; empty if not said.

    Raises
    ------
    Conflict
        If the plan has another version by now.
    InputError
        If it is not the whole root of a version, or there is no such answer.
    """
    require_reply(store.name, plan_id, reply)
    require_texts(store.name, plan_id, {"department": department, "text": text}, dated_on)
    with moving(store.database, actor, Act.OPINION, plan_id) as deed:
        root = require_latest(deed, store.name, digest)
        require_department(store.name, deed.before, department)
        require_days(deed, store.name, N_("the opinion"), [dated_on])
        body = {"department": department, "dated_on": dated_on, "text": text, "digest": root}
        body |= {"reply": reply} if reply else {}
        entry = append(deed.connection, actor, Act.OPINION, body, plan_id=plan_id)
    return Opinion(department, actor.name, dated_on, text, root, reply, entry.seq)


def submit(
    store: Store,
    actor: Actor,
    plan_id: str,
    *,
    base_rev: int,
    inputs: Mapping[str, str] | None = None,
) -> Plan:
    """Submit a plan for approval.

    Parameters
    ----------
    store, actor, plan_id, base_rev
        Where, who, which plan, and its revision as it was read.
    inputs
        Digests of the inputs as they are now; a version that was computed from others is stale and
        cannot be submitted.

    Raises
    ------
    InputError
        If a department has not said anything yet on this version, an opinion of one is not
        settled, or the version is stale.
    """
    with moving(store.database, actor, Act.SUBMIT, plan_id, base_rev) as deed:
        require_fresh(deed, store.name, inputs)
        done = [*entries(deed.connection, store.name, *_of(plan_id))]
        faults = _unanswered(store.name, deed.before, done)
        if faults:
            raise InputError(faults)
        return finish(deed)


def _unanswered(file: str, plan: Plan, done: list[Entry]) -> list[Fault]:
    """Name the departments that said nothing of a version, and opinions that nobody has settled."""
    threads = threads_of(done)
    stand = stand_of(plan, _opinions(done), threads)
    silent = [one.department for one in stand if one.is_named and not one.has_answered]
    left = unsettled(threads)
    faults = []
    if silent:
        faults.append(fault("store.opinions", file, plan.plan_id, found=", ".join(silent)))
    if left:
        said = ", ".join(f"{one.department} ({one.seq})" for one in left)
        faults.append(fault("store.unsettled", file, plan.plan_id, found=said))
    return faults


def send_back(store: Store, actor: Actor, plan_id: str, *, base_rev: int, reason: str) -> Plan:
    """Return a submitted plan to who drew it up, with the reason."""
    require_texts(store.name, plan_id, {"reason": reason})
    with moving(store.database, actor, Act.RETURN, plan_id, base_rev) as deed:
        return finish(deed, {"reason": reason, "digest": deed.before.digest})


def approve(
    store: Store,
    actor: Actor,
    plan_id: str,
    *,
    digest: str,
    body: str,
    document_number: str,
    dated_on: str,
    scan: File | None = None,
    scan_sha256: str = "",
    inputs: Mapping[str, str] | None = None,
    rules: Rules | None = None,
    places: tuple[Place, ...] | None = None,
) -> Approval:
    """Approve the version of a submitted plan that has this digest, and no other.

    Parameters
    ----------
    store, actor, plan_id, digest
        Where, who enters it, of which plan, and the whole root of the version on its paper.
    body, document_number, dated_on
        Approving body, number and day of its document.
    scan, scan_sha256
        The scanned document, which is kept with the plan and whose digest is computed; or the
        digest of one kept elsewhere.
    inputs
        As of `submit`.
    rules, places
        The packs that judge, by default the built-in ones, and the places of the jurisdiction where
        they are known: who may approve a plan.

    Raises
    ------
    Conflict
        If there is another version meanwhile: it was not what was decided on.
    InputError
        If there is no scan or it is no whole document or picture, if no law lets the body approve a
        plan, the number is none, the day cannot be, or opinions are missing or not settled.

    References
    ----------
    Measures of Nanchang for public-safety video, Article 7.
    """
    require_texts(store.name, plan_id, {"body": body, "document_number": document_number}, dated_on)
    require_decision(
        store.name, plan_id, body, document_number, dated_on, rules=rules, places=places
    )
    if scan is None and scan_sha256:
        scan_sha256 = require_digest(store.name, plan_id, scan_sha256)
    else:
        require_scan_file(store.name, plan_id, scan)
    scans = () if scan is None else (scan,)
    proof = scan_sha256 if scan is None else sha256(scan.content).hexdigest()
    said: dict[str, Any] = {"body": body, "document_number": document_number}
    said |= {"dated_on": dated_on}
    with moving(store.database, actor, Act.APPROVE, plan_id, need_bytes=size_of(scans)) as deed:
        root = require_latest(deed, store.name, digest)
        require_fresh(deed, store.name, inputs)
        done = [*entries(deed.connection, store.name, *_of(plan_id))]
        faults = _unanswered(store.name, deed.before, done)
        if faults:
            raise InputError(faults)
        heard = [read_day(one.dated_on) for one in _opinions(done) if one.digest == root]
        last = max(filter(None, heard), default=None)
        since = None if last is None else Bound(last, N_("the last opinion"))
        require_days(deed, store.name, N_("the approval"), [dated_on], since)
        version = load_version(deed.connection, store.name, plan_id, deed.before.version)
        unjudged = count_unjudged(version.documents)
        said |= {} if unjudged is None else {NOT_JUDGED: unjudged}
        said |= keep_files(deed.connection, scans)
        after = finish(deed, said | {"scan_sha256": proof, "digest": root})
        made = entries(deed.connection, store.name, *_of(plan_id), AUDIT.c.rev == after.rev)
        return next(_approvals(made))


def implement(store: Store, actor: Actor, plan_id: str, *, base_rev: int) -> Plan:
    """Record that an approved plan is being built."""
    with moving(store.database, actor, Act.IMPLEMENT, plan_id, base_rev) as deed:
        return finish(deed)


def supersede(store: Store, actor: Actor, plan_id: str, *, base_rev: int, by: str) -> Plan:
    """Record that another approved plan stands in the place of this one."""
    with moving(store.database, actor, Act.SUPERSEDE, plan_id, base_rev) as deed:
        other = load_plan(deed.connection, store.name, by)
        if by == plan_id or other.state not in (State.APPROVED, State.IN_IMPLEMENTATION):
            reject("store.successor", store.name, by, "state", other.state)
        return finish(deed, {"by": by})


def answer(store: Store, actor: Actor, plan_id: str, given: Answer) -> Answer:
    """Record the answer to a question that no computer can decide; it holds for one version."""
    return _answer(store, actor, plan_id, given, Act.ANSWER)


def waive(store: Store, actor: Actor, plan_id: str, given: Answer) -> Answer:
    """Record that a finding is accepted as it is, and why; nobody does so in his own plan."""
    require_texts(store.name, plan_id, {"reason": given.reason})
    return _answer(store, actor, plan_id, given, Act.WAIVE)


def appoint(store: Store, actor: Actor, member: Actor) -> None:
    """Give somebody a role; from the first appointment on, only who is appointed can act.

    The first to be appointed is an administrator, so that there is somebody who can appoint others.
    With a `user` the name is bound to that user of the operating system.
    """
    with doing(store.database, actor, Act.APPOINT) as connection:
        first = not register(connection, store.name)
        if first and member.role != Role.ADMIN:
            reject("store.first_member", store.name, field="role", found=str(member.role))
        body = {"name": member.name, "role": str(member.role), "district": member.district}
        body |= {"bound": member.user} if member.user else {}
        append(connection, actor, Act.APPOINT, body)


def dismiss(store: Store, actor: Actor, name: str) -> None:
    """Take a role away from the next act on; the last administrator stays."""
    with doing(store.database, actor, Act.DISMISS) as connection:
        members = register(connection, store.name)
        members.pop(same_person(name), None)
        if Role.ADMIN not in {member.role for member in members.values()}:
            reject("store.last_admin", store.name, found=name)
        append(connection, actor, Act.DISMISS, {"name": name})


def opinions(store: Store, actor: Actor, plan_id: str) -> list[Opinion]:
    """Return the opinions on all versions of a plan, oldest first."""
    with looking(store.database, actor, Act.READ, plan_id) as (connection, _):
        return list(_opinions(entries(connection, store.name, *_of(plan_id))))


def approvals(store: Store, actor: Actor, plan_id: str) -> list[Approval]:
    """Return the approvals of all versions of a plan, oldest first."""
    with looking(store.database, actor, Act.READ, plan_id) as (connection, _):
        return list(_approvals(entries(connection, store.name, *_of(plan_id))))


def answers(store: Store, actor: Actor, plan_id: str) -> list[Answer]:
    """Return answers and waivers of all versions of a plan, oldest first."""
    with looking(store.database, actor, Act.READ, plan_id) as (connection, _):
        kinds = (Act.ANSWER, Act.WAIVE)
        done = [e for e in entries(connection, store.name, *_of(plan_id)) if e.action in kinds]
        return [Answer(**e.says["answer"]) for e in done if "refused" not in e.says]


def read_attachment(store: Store, actor: Actor, plan_id: str, digest: str) -> bytes:
    """Return the bytes of a file that belongs to a plan, compared with their digest.

    Parameters
    ----------
    store, actor, plan_id
        Where, who reads, and of which plan: nobody gets a file of a plan that is closed to him.
    digest
        Its SHA-256.

    Raises
    ------
    Denied
        If the plan is not open to the actor.
    Damaged
        If the bytes are not what was kept.
    InputError
        If no decision or remark of the plan names such a file.
    """
    with looking(store.database, actor, Act.READ, plan_id) as (connection, _):
        return find_file(connection, store.name, plan_id, digest)


def _answer(store: Store, actor: Actor, plan_id: str, given: Answer, act: Act) -> Answer:
    require_texts(
        store.name, plan_id, {"rule": given.rule, "answer": given.answer}, given.answered_on
    )
    with moving(store.database, actor, act, plan_id) as deed:
        root = require_latest(deed, store.name, given.digest)
        kept = replace(given, kind=str(act), name=actor.name, digest=root)
        fields = {name: getattr(kept, name) for name in Answer.__dataclass_fields__}
        append(deed.connection, actor, act, {"answer": fields}, plan_id=plan_id)
    return kept


def _of(plan_id: str) -> tuple[Any, ...]:
    return (AUDIT.c.plan_id == plan_id,)


def _opinions(done: Iterable[Entry]) -> Iterator[Opinion]:
    kept = [entry for entry in done if "refused" not in entry.says]
    returned = max((entry.seq for entry in kept if entry.action == Act.RETURN), default=0)
    for entry in kept:
        says = entry.says
        if entry.action == Act.OPINION:
            yield Opinion(
                says["department"],
                entry.actor,
                says["dated_on"],
                says["text"],
                says["digest"],
                says.get("reply", ""),
                entry.seq,
                says.get("answered_by", ""),
                entry.seq < returned,
            )


def _approvals(done: Iterable[Entry]) -> Iterator[Approval]:
    for entry in done:
        says = entry.says
        if entry.action == Act.APPROVE and "refused" not in says:
            yield Approval(
                says["body"],
                says["document_number"],
                says["dated_on"],
                says["scan_sha256"],
                says["digest"],
                entry.actor,
                entry.hash,
                says.get(APPOINTED),
                says.get(USER, ""),
                next(iter(attachments_of(entry)), None),
                says.get(SIGNED_IN, ""),
                entry.seq,
                says.get(NOT_JUDGED),
            )
