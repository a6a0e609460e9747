"""Remarks on a plan: on a camera, a place or the whole, each a thread that is open or settled.

A remark is an entry of the audit and is known by its number; an answer to it names that number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from sqlalchemy import Connection

from civicsight.core.errors import N_
from civicsight.core.settings import present_day
from civicsight.store.actors import Act, Actor
from civicsight.store.attachments import File, attachments_of, keep_files, require_files, size_of
from civicsight.store.audit import Entry, append, entries
from civicsight.store.records import Answer, Attachment
from civicsight.store.refusals import refuse
from civicsight.store.store import Store
from civicsight.store.tables import AUDIT
from civicsight.store.transactions import looking, moving, require_latest, require_texts

REMARK: Final = "remark"
"""Rule and answer of a remark among the answers of a store; it is of no pack."""


@dataclass(frozen=True, slots=True)
class Said:
    """One contribution to a thread.

    Parameters
    ----------
    seq
        Number of its entry in the audit.
    name, at, text
        Who said it, when (ISO 8601 with seconds), and what.
    digest
        Root of the version that it was said of.
    files
        What is attached.
    settled
        Whether the thread is settled with it; None leaves that as it was.
    """

    seq: int
    name: str
    at: str
    text: str
    digest: str
    files: tuple[Attachment, ...] = ()
    settled: bool | None = None


@dataclass(frozen=True, slots=True)
class Thread:
    """A remark and what was answered to it, oldest first; no subject is the whole plan."""

    subject: str
    said: tuple[Said, ...]

    @property
    def seq(self) -> int:
        """The number that an answer names."""
        return self.said[0].seq

    @property
    def is_open(self) -> bool:
        """Whether it waits for somebody: who settled it last may have opened it again."""
        states = [one.settled for one in self.said if one.settled is not None]
        return not (states and states[-1])


def leave_remark(
    store: Store,
    actor: Actor,
    plan_id: str,
    text: str,
    *,
    digest: str,
    subject: str = "",
    to: int = 0,
    settled: bool | None = None,
    files: Sequence[File] = (),
) -> int:
    """Leave a remark on the latest version, or answer one; return the number of its entry.

    Parameters
    ----------
    store, actor, plan_id, text, digest
        Where, who, on which plan, what, and the root of the version that it is said of.
    subject
        Id of a camera or a place; empty for the plan. An answer is about what its remark is about.
    to
        Number of the remark that it answers, 0 for a new one.
    settled
        True settles the thread, False opens it again, None leaves it.
    files
        Documents or pictures, see `attachments.require_files`.

    Raises
    ------
    Denied
        If somebody may not remark; it is in the audit.
    Conflict
        If there is another version by now.
    InputError
        If there is no text, no such remark, or a file is not taken.
    """
    require_texts(store.name, plan_id, {"text": text})
    require_files(store.name, plan_id, files)
    with moving(store.database, actor, Act.ANSWER, plan_id, need_bytes=size_of(files)) as deed:
        root = require_latest(deed, store.name, digest)
        about = _subject_of(deed.connection, store.name, plan_id, to) if to else subject
        day = present_day().isoformat()
        said = Answer(Act.ANSWER, "", REMARK, about, REMARK, text, actor.name, day, root)
        body: dict[str, Any] = {"answer": {one.name: getattr(said, one.name)
                                           for one in fields(Answer)}}  # fmt: skip
        body |= {"to": to} if to else {}
        body |= {} if settled is None else {"settled": settled}
        body |= keep_files(deed.connection, files)
        return append(deed.connection, actor, Act.ANSWER, body, plan_id=plan_id).seq


def _subject_of(connection: Connection, file: str, plan_id: str, number: int) -> str:
    """Return what a remark is about; refuse a number that none has."""
    done = entries(connection, file, AUDIT.c.plan_id == plan_id)
    known = {thread.seq: thread.subject for thread in _threads(done)}
    if number not in known:
        refuse(
            "store.no_remark",
            file,
            N_("the number of a remark on this plan"),
            N_("Choose one of the list."),
            where=plan_id,
            found=str(number),
        )
    return known[number]


def threads(store: Store, actor: Actor, plan_id: str) -> list[Thread]:
    """Return the remarks on all versions of a plan with their answers, oldest first.

    Raises
    ------
    Denied
        If the plan is not open to the actor.
    """
    with looking(store.database, actor, Act.READ, plan_id) as (connection, _):
        return _threads(entries(connection, store.name, AUDIT.c.plan_id == plan_id))


def _threads(done: Iterable[Entry]) -> list[Thread]:
    subjects: dict[int, str] = {}
    found: dict[int, list[Said]] = {}
    for entry in done:
        says = entry.says
        given = says.get("answer", {})
        if entry.action != Act.ANSWER or given.get("rule") != REMARK:
            continue
        said = Said(entry.seq, entry.actor, entry.at, given["reason"], given["digest"],
                    attachments_of(entry), says.get("settled"))  # fmt: skip
        first = says.get("to", entry.seq)
        subjects.setdefault(first, given["subject"])
        found.setdefault(first, []).append(said)
    return [Thread(subjects[seq], tuple(said)) for seq, said in found.items()]
