"""Remarks on a plan: on a camera, a place or the whole, each a thread that is open or settled.

A remark is an entry of the audit and is known by its number; an answer to it names that number.
What a department wants changed (`consultation`) is a thread too, settled by whoever draws the plan.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from civicsight.core.errors import N_, Text
from civicsight.core.settings import present_day
from civicsight.planning.record.opinions import AGREED
from civicsight.store.actors import Act, Actor
from civicsight.store.attachments import File, attachments_of, keep_files, require_files, size_of
from civicsight.store.audit import Entry, append, entries
from civicsight.store.faults import reject
from civicsight.store.handover_proof import HIDDEN
from civicsight.store.records import Answer, Attachment
from civicsight.store.store import Store
from civicsight.store.tables import AUDIT
from civicsight.store.transactions import (
    Transaction,
    looking,
    moving,
    require_latest,
    require_texts,
)

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
    department, reply
        For which department it is said, and what that answered; empty of others.
    adopted
        How an opinion is settled with it, a key of `planning.record.opinions.ADOPTIONS`.
    brought_by
        Who took it over from another installation, where name and time are what a package says.
    """

    seq: int
    name: str
    at: str
    text: str
    digest: str
    files: tuple[Attachment, ...] = ()
    settled: bool | None = None
    department: str = ""
    reply: str = ""
    adopted: str = ""
    brought_by: str = ""

    @property
    def who(self) -> Text:
        """Who said it, and by whom it was brought where it was not said here."""
        if not self.brought_by:
            return N_("%(name)s", name=self.name)
        return N_("%(name)s (taken over by %(actor)s)", name=self.name, actor=self.brought_by)


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark, or an answer to one, as a package carries it to another installation.

    Parameters
    ----------
    by, at
        Who said it, and when (ISO 8601).
    subject, text
        On what, empty for the plan; and what.
    to
        Position of the remark that it answers among those of the package; None of a new one.
    settled
        As of `Said`.
    """

    by: str
    at: str
    subject: str
    text: str
    to: int | None = None
    settled: bool | None = None

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What makes it the same remark wherever it is kept."""
        return self.by, self.at, self.subject, self.text


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

    @property
    def department(self) -> str:
        """The department whose opinion it is; empty of a remark of anybody else."""
        return self.said[0].department

    @property
    def settlement(self) -> Said | None:
        """How the opinion of a department was settled last; None while it is open."""
        found = [one for one in self.said if one.adopted]
        return found[-1] if found and not self.is_open else None


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
        about = _subject_of(deed, store.name, to, settled=settled) if to else subject
        day = present_day().isoformat()
        said = Answer(Act.ANSWER, "", REMARK, about, REMARK, text, actor.name, day, root)
        body: dict[str, Any] = {"answer": asdict(said)}
        body |= {"to": to} if to else {}
        body |= {} if settled is None else {"settled": settled}
        body |= keep_files(deed.connection, files)
        return append(deed.connection, actor, Act.ANSWER, body, plan_id=plan_id).seq


def _subject_of(deed: Transaction, file: str, to: int, *, settled: bool | None) -> str:
    """Return what the remark that is answered is about; refuse one that is not settled so."""
    plan_id = deed.before.plan_id
    # The thread of a number; refuse a number that none has.
    done = entries(deed.connection, file, AUDIT.c.plan_id == plan_id)
    known = {thread.seq: thread for thread in threads_of(done)}
    if to not in known:
        reject("store.no_remark", file, plan_id, found=str(to))
    answered = known[to]
    if answered.department and settled:
        reject("store.adoption:remark", file, plan_id, found=str(answered.seq))
    return answered.subject


def threads(store: Store, actor: Actor, plan_id: str) -> list[Thread]:
    """Return the remarks on all versions of a plan with their answers, oldest first.

    Raises
    ------
    Denied
        If the plan is not open to the actor.
    """
    with looking(store.database, actor, Act.READ, plan_id) as (connection, _):
        return threads_of(entries(connection, store.name, AUDIT.c.plan_id == plan_id))


def remarks_of(found: Iterable[Thread]) -> tuple[Remark, ...]:
    """Return what threads say in the order of a package; opinions of departments stay behind.

    An opinion holds for the version that a department saw, where it was given.
    """
    told: list[Remark] = []
    for thread in found:
        if thread.department:
            continue
        first = len(told)
        for said in thread.said:
            to = None if said is thread.said[0] else first
            subject, text = (HIDDEN.sub(" ", one) for one in (thread.subject, said.text))
            told.append(Remark(said.name, said.at, subject, text, to, said.settled))
    return tuple(told)


def bring_remarks(
    store: Store, actor: Actor, plan_id: str, remarks: Sequence[Remark], wanted: Collection[int]
) -> None:
    """Keep remarks of a package beside those that are here, each under who said it and when.

    Parameters
    ----------
    store, actor, plan_id
        Where, who takes them over, and of which plan.
    remarks, wanted
        All of the package, and the positions of those to keep. An answer to one that is not kept
        becomes a remark of its own.

    Raises
    ------
    Denied
        If somebody may not remark; it is in the audit.
    """
    with moving(store.database, actor, Act.ANSWER, plan_id) as deed:
        done = threads_of(entries(deed.connection, store.name, AUDIT.c.plan_id == plan_id))
        here = {one.key: thread.seq for thread in done for one in remarks_of([thread])}
        for position in sorted(wanted):
            one = remarks[position]
            said = Answer(
                Act.ANSWER,
                "",
                REMARK,
                one.subject,
                REMARK,
                one.text,
                actor.name,
                present_day().isoformat(),
                deed.before.digest,
            )
            body: dict[str, Any] = {"answer": asdict(said), BROUGHT: {"by": one.by, "at": one.at}}
            to = None if one.to is None else here.get(remarks[one.to].key)
            body |= {} if to is None else {"to": to}
            body |= {} if one.settled is None else {"settled": one.settled}
            kept = append(deed.connection, actor, Act.ANSWER, body, plan_id=plan_id)
            here[one.key] = kept.seq if to is None else to


BROUGHT: Final = "brought"
"""What an entry says of a remark that was said in another installation: by whom, and when."""


def threads_of(done: Iterable[Entry]) -> list[Thread]:
    """Return the threads of entries of one plan, those of departments among them."""
    kept = [entry for entry in done if "refused" not in entry.says]
    subjects: dict[int, str] = {}
    found: dict[int, list[Said]] = {}
    for entry in kept:
        said = _remark_of(entry)
        if said is not None:
            first = entry.says.get("to", entry.seq)
            subjects.setdefault(first, entry.says.get("answer", {}).get("subject", ""))
            found.setdefault(first, []).append(said)
    return [Thread(subjects[seq], tuple(said)) for seq, said in found.items()]


def _remark_of(entry: Entry) -> Said | None:
    """Return what an entry adds to a thread; None of one that is of no thread.

    An opinion that agrees opens none. One of which nobody said whether it does is to be settled.
    """
    says, who = entry.says, (entry.seq, entry.actor, entry.at)
    files, reply = attachments_of(entry), says.get("reply", "")
    if entry.action == Act.SETTLE:
        return Said(*who, says["reason"], says["digest"], settled=True, adopted=says["adopted"])
    if entry.action == Act.OPINION and reply != AGREED:
        return Said(*who, says["text"], says["digest"], files, None, says["department"], reply)
    given = says.get("answer", {})
    if entry.action != Act.ANSWER or given.get("rule") != REMARK:
        return None
    brought = says.get(BROUGHT)
    if brought is not None:
        who = (entry.seq, brought["by"], brought["at"])
    return Said(
        *who,
        given["reason"],
        given["digest"],
        files,
        says.get("settled"),
        says.get("department", ""),
        reply,
        brought_by="" if brought is None else entry.actor,
    )
