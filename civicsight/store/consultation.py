"""What departments answered to a plan, and how each of their opinions was settled.

What a department says of the plan as a whole is its opinion in the joint review; what it wants
changed of a point is a remark in its name. Both are entries of the audit and threads: a planner
settles each as adopted, adopted in part or not adopted, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from hashlib import sha256
from typing import Any

from civicsight.core.errors import N_
from civicsight.planning.record.opinions import ADOPTIONS, AGREED, REPLIES, Answered, Reply, Voiced
from civicsight.store.actors import Act, Actor
from civicsight.store.attachments import File, attachments_of, keep_files, require_files, size_of
from civicsight.store.audit import Entry, append, entries
from civicsight.store.due import require_days
from civicsight.store.faults import reject
from civicsight.store.records import Answer, Opinion, Plan
from civicsight.store.remarks import REMARK, Thread, threads_of
from civicsight.store.store import Store
from civicsight.store.tables import AUDIT
from civicsight.store.transactions import Transaction, moving, require_latest, require_texts


def require_reply(file: str, plan_id: str, reply: str) -> None:
    """Refuse what is no answer of a department; empty is one that nobody stated."""
    if reply and reply not in REPLIES:
        reject("store.reply", file, plan_id, found=reply, choices=", ".join(REPLIES))


@dataclass(frozen=True, slots=True)
class Brought:
    """The answers of one department as they came back.

    Parameters
    ----------
    department, replies
        Who answers what; one reply is to the plan as a whole.
    file
        The file as it came back.
    """

    department: str
    replies: Sequence[Reply]
    file: File


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of the answers of a department.

    Parameters
    ----------
    opinion
        Number of its opinion.
    remarks
        Numbers of what it wants changed of single points.
    agreed
        To how many points it agreed by name.
    """

    opinion: int
    remarks: tuple[int, ...]
    agreed: int


def take_replies(
    store: Store, actor: Actor, plan_id: str, brought: Sequence[Brought], *, digest: str
) -> tuple[Taken, ...]:
    """Keep the answers of departments, all or none, with the files that they came in.

    Parameters
    ----------
    store, actor, plan_id, digest
        Where, who brings them in, of which plan, and the root of the version that was seen.
    brought
        The answers of each department.

    Raises
    ------
    Denied
        If somebody may not give an opinion; it is in the audit.
    Conflict
        If there is another version by now.
    InputError
        If a file was brought in before or is none that is taken, or a day cannot be.
    """
    for one in brought:
        require_files(store.name, plan_id, [one.file])
    need = size_of(one.file for one in brought)
    with moving(store.database, actor, Act.OPINION, plan_id, need_bytes=need) as deed:
        root = require_latest(deed, store.name, digest)
        days = [reply.dated_on for one in brought for reply in one.replies]
        require_days(deed, store.name, N_("the opinion"), days)
        return tuple(_take(deed, store.name, one, root) for one in brought)


def _take(deed: Transaction, store: str, one: Brought, root: str) -> Taken:
    """Keep the answers of one department."""
    _require_new(deed, store, one.file)
    whole = next(reply for reply in one.replies if not reply.subject)
    points = [reply for reply in one.replies if reply.subject]
    agreed = [reply.subject for reply in points if reply.reply == AGREED]
    body: dict[str, Any] = {
        "department": one.department,
        "dated_on": whole.dated_on,
        "text": whole.text,
        "digest": root,
        "reply": whole.reply,
        "answered_by": whole.name,
        "agreed": agreed,
    } | keep_files(deed.connection, [one.file])
    plan_id = deed.before.plan_id
    opinion = append(deed.connection, deed.actor, Act.OPINION, body, plan_id=plan_id).seq
    remarks = tuple(
        _remark(deed, one.department, reply, root) for reply in points if reply.reply != AGREED
    )
    return Taken(opinion, remarks, len(agreed))


def _require_new(deed: Transaction, file: str, given: File) -> None:
    digest = sha256(given.content).hexdigest()
    done = entries(
        deed.connection,
        file,
        AUDIT.c.plan_id == deed.before.plan_id,
        AUDIT.c.action == str(Act.OPINION),
    )
    if any(digest == one.sha256 for entry in done for one in attachments_of(entry)):
        reject("store.same_file", given.name, deed.before.plan_id)


def _remark(deed: Transaction, department: str, given: Reply, root: str) -> int:
    """Keep what a department wants changed of a point; return its number."""
    actor, plan_id = deed.actor, deed.before.plan_id
    said = Answer(
        Act.ANSWER, "", REMARK, given.subject, REMARK, given.text, actor.name, given.dated_on, root
    )
    body = {
        "answer": {one.name: getattr(said, one.name) for one in fields(Answer)},
        "department": department,
        "reply": given.reply,
        "answered_by": given.name,
    }
    return append(deed.connection, actor, Act.ANSWER, body, plan_id=plan_id).seq


def settle_opinion(
    store: Store, actor: Actor, plan_id: str, number: int, *, digest: str, adopted: str, reason: str
) -> int:
    """Settle an opinion of a department; return the number of the entry that says so.

    It may be settled again: what was said last holds, and what was said before stays in the audit.

    Parameters
    ----------
    store, actor, plan_id, digest
        Where, who settles it, of which plan, and the root of its latest version.
    number
        Of the opinion.
    adopted
        A key of `ADOPTIONS`.
    reason
        What was changed, or why it was not.

    Raises
    ------
    Denied
        If somebody may not settle opinions; it is in the audit.
    Conflict
        If there is another version by now.
    InputError
        If there is no such opinion, or no reason.
    """
    require_texts(store.name, plan_id, {"reason": reason})
    if adopted not in ADOPTIONS:
        reject(
            "store.adoption:choice",
            store.name,
            plan_id,
            found=adopted,
            choices=", ".join(ADOPTIONS),
        )
    with moving(store.database, actor, Act.SETTLE, plan_id) as deed:
        root = require_latest(deed, store.name, digest)
        done = [*entries(deed.connection, store.name, AUDIT.c.plan_id == plan_id)]
        known = {one.seq for one in threads_of(done) if one.department}
        known |= {entry.seq for entry in done if _may_be_settled(entry)}
        if number not in known:
            reject("store.no_opinion", store.name, plan_id, found=str(number))
        body = {"to": number, "adopted": adopted, "reason": reason, "digest": root}
        return append(deed.connection, actor, Act.SETTLE, body, plan_id=plan_id).seq


def _may_be_settled(entry: Entry) -> bool:
    """Tell whether an entry is an opinion of which nobody said that it agrees."""
    is_opinion = entry.action == Act.OPINION and "refused" not in entry.says
    return is_opinion and entry.says.get("reply") != AGREED


def unsettled(threads: Iterable[Thread]) -> list[Thread]:
    """Return the opinions of departments that nobody has settled."""
    return [one for one in threads if one.department and one.is_open]


def stand_of(
    plan: Plan, opinions: Iterable[Opinion], threads: Iterable[Thread]
) -> tuple[Answered, ...]:
    """Return how a plan stands with each department: those that it names, then others that spoke.

    Parameters
    ----------
    plan
        The plan as it stands.
    opinions, threads
        Those of all its versions, oldest first.
    """
    given, said = list(opinions), [one for one in threads if one.department]
    latest = {one.department: one for one in given if one.digest == plan.digest and not one.is_past}
    voiced = [(one.department, _voiced(one)) for one in said]
    names = dict.fromkeys((*plan.departments, *latest, *(name for name, _ in voiced)))
    return tuple(
        _answered(
            latest.get(name),
            department=name,
            is_named=name in plan.departments,
            voiced=tuple(one for whose, one in voiced if whose == name),
        )
        for name in names
    )


def _answered(last: Opinion | None, **known: Any) -> Answered:
    if last is None:
        return Answered(**known, has_answered=False)
    return Answered(
        **known,
        has_answered=True,
        reply=last.reply,
        text=last.text,
        answered_by=last.answered_by or last.name,
        dated_on=last.dated_on,
    )


def _voiced(thread: Thread) -> Voiced:
    first, settled = thread.said[0], thread.settlement
    known = (thread.seq, thread.subject, first.reply, first.text)
    if settled is None:
        return Voiced(*known)
    return Voiced(*known, settled.adopted, settled.text, settled.name, settled.at)
