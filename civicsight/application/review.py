"""A plan under review: its versions, what was said and decided, and the acts that move it on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from civicsight.application.faults import reject
from civicsight.application.handing_over import open_package
from civicsight.application.messages import text_from
from civicsight.application.workflow import QUESTIONS
from civicsight.core.errors import N_, Text
from civicsight.io.signatures import ZIP
from civicsight.planning.record.root import SHORT, roots_in
from civicsight.presentation.lexicon import clock
from civicsight.report.plan.endings import ending_of_record
from civicsight.store import (
    ACT_LABELS,
    ALLOWED,
    ROLE_LABELS,
    Act,
    Actor,
    Approval,
    Opinion,
    Plan,
    State,
    Store,
    Thread,
    VersionHead,
    approvals,
    open_store,
    opinions,
    threads,
    verify,
)
from civicsight.store.actors import ACTS
from civicsight.store.audit import Head
from civicsight.store.ends import describe_outside, read_ends
from civicsight.store.handover import describe_exchange
from civicsight.store.records import START
from civicsight.store.workflow import HEARD_IN

if TYPE_CHECKING:
    from civicsight.editing.project import Project
    from civicsight.store import Package
    from civicsight.store.audit import Entry

REFUSED: Final = N_("refused")


def read_review(project: Project, actor: Actor, plan_id: str) -> Review:
    """Read everything that the review of a plan shows, as one state of the store.

    Raises
    ------
    Denied
        If the plan is not open to the actor.
    Damaged
        If the store does not hold what was written.
    """
    with open_store(project.store_path) as store:
        plan = store.plan(actor, plan_id)
        version = store.read_version(actor, plan_id) if plan.version else None
        return Review(
            plan,
            tuple(store.list_versions(actor, plan_id)),
            tuple(opinions(store, actor, plan_id)),
            tuple(approvals(store, actor, plan_id)),
            tuple(threads(store, actor, plan_id)),
            tuple(store.history(actor, plan_id)),
            () if version is None else _questions(version.documents.get(QUESTIONS)),
            () if version is None else ending_of_record(version.documents),
            store.end(actor),
        )


def open_acts(plan: Plan, actor: Actor) -> tuple[Act, ...]:
    """Return the acts that state and role allow; the store asks again at the moment of the act."""
    found = moves_of(plan)
    if plan.version:
        found.append(Act.ANSWER)
    if plan.state in HEARD_IN:
        found.append(Act.HEAR)
    return tuple(act for act in found if actor.role in ALLOWED[act] and plan.version)


def moves_of(plan: Plan) -> list[Act]:
    """Return what moves a plan on from its state, whoever may do it."""
    moves = (Act.START_REVIEW, Act.SUBMIT, Act.RETURN, Act.APPROVE, Act.IMPLEMENT)
    found = [act for act in moves if plan.state in ACTS[act].begins_in]
    return [Act.OPINION, *found] if plan.state == State.JOINT_REVIEW else found


def reason_returned(review: Review) -> str:
    """Return why a plan came back that was returned; empty of any other."""
    if review.plan.state != State.RETURNED:
        return ""
    given = [
        one.says for one in review.entries if one.action == Act.RETURN and "refused" not in one.says
    ]
    return str(given[-1].get("reason") or "") if given else ""


def version_in(name: str, content: bytes, versions: Iterable[VersionHead]) -> VersionHead:
    """Return the version that a file was written of: its sheet, page, copy, list or package.

    Parameters
    ----------
    name, content
        The file as it was sent.
    versions
        Those that it can be.

    Raises
    ------
    InputError
        If it is of none of them, or of several; or a package that cannot be read.
    """
    is_package = content.startswith(ZIP)
    named = {_package_in(content, name).head.digest} if is_package else roots_in(content)
    found = [head for head in versions if head.digest in named]
    if len(found) == 1:
        return found[0]
    count = N_("%(count)s versions of this plan", count=len(found))
    return reject("review.paper", name, found=str(count))


def ends_in(name: str, content: bytes, own: Head) -> tuple[Head, ...]:
    """Return the ends of the audit that a package, record or paper says of the plans of a store.

    Parameters
    ----------
    name, content
        The file as it was sent.
    own
        The end of the audit as it is now, with its store.

    Raises
    ------
    InputError
        If it says none of this store.
    """
    if not content.startswith(ZIP):
        return read_ends(content, name)
    found = tuple(end for end in _package_in(content, name).ends if end.store == own.store)
    if not found:
        reject("store.no_end:package", name)
    return found


def _package_in(content: bytes, name: str) -> Package:
    """Read a package from its bytes, in a process of its own."""
    with TemporaryDirectory(prefix="civicsight-") as scratch:
        path = Path(scratch) / Path(name).with_suffix(".zip").name
        path.write_bytes(content)
        return open_package(path)


def compare_end(project: Project, actor: Actor, typed: str) -> Text:
    """Verify the plans of a project against an end of their audit as somebody typed it.

    Raises
    ------
    InputError
        If no end was typed.
    Damaged
        If the audit does not hold it, or anything is not what was written.
    """
    ends = read_ends(typed.encode(), project.store_path.name)
    with open_store(project.store_path) as store:
        verify(store, actor, ends=ends)
    return describe_outside(ends)


def act_on(project: Project, do: Callable[[Store], object]) -> None:
    """Do something with the store of a project; it asks the rights and keeps the audit.

    Raises
    ------
    Denied, Conflict, InputError
        As the act.
    """
    with open_store(project.store_path) as store:
        do(store)


def log_rows(entries: tuple[Entry, ...], translate: Callable[[Text], str]) -> list[tuple[str, ...]]:
    """Return the audit in words, the latest first: when, who, as what, did what, and why."""
    return [
        (
            clock(entry.at),
            entry.actor,
            translate(ROLE_LABELS[entry.role]) if entry.role in ROLE_LABELS else entry.role,
            translate(ACT_LABELS[entry.action]) if entry.action in ACT_LABELS else entry.action,
            _entry_text(entry.says, translate),
            entry.hash[:SHORT],
        )
        for entry in reversed(entries)
    ]


def _questions(kept: Any) -> tuple[tuple[str, Text], ...]:
    """Return what a version leaves to a person; one that others made than the app leaves none."""
    rows = kept if isinstance(kept, list) else []
    return tuple(
        (str(row["camera"]), text_from(row["text"]))
        for row in rows
        if isinstance(row, dict) and isinstance(row.get("text"), dict)
    )


NEWS: Final = (Act.COMMIT, Act.ANSWER, Act.HEAR, Act.OPINION, Act.SETTLE, Act.START_REVIEW,
               Act.SUBMIT, Act.RETURN, Act.APPROVE, Act.IMPLEMENT, Act.SUPERSEDE)  # fmt: skip
"""Acts that others who work on a plan are told of."""


def news_since(entries: Iterable[Entry], actor: Actor) -> dict[Act, int]:
    """Return how often others did what since somebody last acted on a plan; who never did has none.

    Parameters
    ----------
    entries
        Of the audit of one plan, oldest first.
    """
    found: Counter[Act] = Counter()
    has_acted = False
    for entry in entries:
        if entry.actor == actor.name:
            has_acted = True
            found.clear()
        elif has_acted and entry.action in NEWS and "refused" not in entry.says:
            found[Act(entry.action)] += 1
    return dict(found)


def describe_news(news: Mapping[Act, int], translate: Callable[[Text], str]) -> str:
    """Say what others did since somebody last acted on a plan; empty without news."""
    if not news:
        return ""
    told = [f"{translate(ACT_LABELS[act])} {count}" for act, count in news.items()]
    return translate(N_("Since you last acted here: %(news)s", news=", ".join(told)))


def _entry_text(says: dict[str, Any], translate: Callable[[Text], str]) -> str:
    """Return what an entry says beyond who, when and what."""
    given = says.get("answer") or {}
    told = [translate(REFUSED) if "refused" in says else ""]
    told += [
        str(says.get(key) or "")
        for key in ("department", "document_number", "reason", "text", "by", "note")
    ]
    told += [str(given.get(key) or "") for key in ("rule", "subject", "reason")]
    heard = {"removed": N_("taken off: %(names)s"), "added": N_("added: %(names)s")}
    told += [
        translate(replace(text, values={"names": translate(N_(", ")).join(says[key])}))
        for key, text in heard.items()
        if says.get(key)
    ]
    told += map(translate, describe_exchange(says))
    return " · ".join(text for text in told if text)


NO_END: Final = Head(0, START)


@dataclass(frozen=True, slots=True)
class Review:
    """A plan, its versions, opinions, approvals, remarks and audit, each oldest first.

    `questions` are what the latest version leaves to a person: a camera, and what to look at;
    `ending` says how good it is and what it leaves open, if an optimiser made it; `end` is that of
    the audit.
    """

    plan: Plan
    versions: tuple[VersionHead, ...]
    opinions: tuple[Opinion, ...]
    approvals: tuple[Approval, ...]
    threads: tuple[Thread, ...]
    entries: tuple[Entry, ...]
    questions: tuple[tuple[str, Text], ...] = ()
    ending: tuple[Text, ...] = ()
    end: Head = NO_END

    def version_of(self, digest: str) -> str:
        """Return the number of the version that has a digest."""
        return next((str(head.n) for head in self.versions if head.digest == digest), "")
