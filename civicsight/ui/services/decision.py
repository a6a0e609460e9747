"""What a version of a plan asks to be decided, in the order in which it matters, on one sheet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pandas as pd

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import Language
from civicsight.coverage.result import GAP, NOT_JUDGED, partition
from civicsight.editing.draft import Draft
from civicsight.editing.draft_costs import MEASURES, draft_costs, sum_costs
from civicsight.editing.gap_changes import COVERED, part_changes
from civicsight.editing.refusals import changed_cameras
from civicsight.editing.session import PlanSession, from_json
from civicsight.planning.prices import read_prices
from civicsight.planning.proof.root import SHORT
from civicsight.presentation.document import Block, Document, Section, Table
from civicsight.presentation.lexicon import clock, number
from civicsight.presentation.names import Names
from civicsight.store import STATE_LABELS, Actor, open_store
from civicsight.ui.services.drawing_up import TEN_THOUSAND
from civicsight.ui.services.workflow import SESSION

if TYPE_CHECKING:
    from civicsight.editing.edit_context import EditContext
    from civicsight.editing.project import Project
    from civicsight.ui.services.review import Review

NAMED: Final = 12
"""So many gates are named one by one."""


@dataclass(frozen=True, slots=True)
class Cameras:
    """How many cameras a version builds, changes and gives up."""

    built: int
    changed: int
    given_up: int


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """What is to be decided of a version that was drawn in the app.

    Parameters
    ----------
    session
        The version as a session of the editor.
    cameras, since
        Cameras that it changes beside those that stand, and beside the version before, if any.
    costs
        From `draft_costs.draft_costs`, beside what stands.
    closed, opened, left
        Parts that it covers for sure and that were not, those that it uncovers, and how many gaps
        stay.
    """

    session: PlanSession
    cameras: Cameras
    since: Cameras | None
    costs: pd.DataFrame
    closed: tuple[str, ...]
    opened: tuple[str, ...]
    left: int


def read_decision(
    project: Project, actor: Actor, edit_context: EditContext, review: Review
) -> Decision | None:
    """Return what the latest version of a plan asks for; None if it was not drawn in the app.

    Raises
    ------
    Denied
        If the plan is not open to the actor.
    InputError
        If the version was drawn in another state of the project.
    """
    plan = review.plan
    if not plan.version:
        return None
    with open_store(project.store_path) as store:
        versions = [
            store.read_version(actor, plan.plan_id, n)
            for n in range(max(plan.version - 1, 1), plan.version + 1)
        ]
    drawn = [version.documents.get(SESSION) for version in versions]
    if not isinstance(drawn[-1], str):
        return None
    session = from_json(drawn[-1], project.city, edit_context.guard, project.base)
    before = None
    if len(drawn) > 1 and isinstance(drawn[0], str):
        before = from_json(drawn[0], project.city, edit_context.guard, project.base).draft
    changes = part_changes(session.draft, edit_context)
    was, now = changes["before"].eq(COVERED), changes["after"].eq(COVERED)
    state = partition(project.result).parts["state"]
    gaps = set(state.index[state.eq(GAP)].astype(str))
    stay = changes["after"].eq(GAP)
    left = (gaps - set(changes.index[~stay].astype(str))) | set(changes.index[stay].astype(str))
    return Decision(
        session,
        _count(Draft(project.city), session.draft),
        None if before is None else _count(before, session.draft),
        draft_costs(Draft(project.city), session.draft, read_prices()),
        tuple(map(str, changes.index[now & ~was])),
        tuple(map(str, changes.index[was & ~now & changes["after"].ne("")])),
        len(left),
    )


def _count(before: Draft, after: Draft) -> Cameras:
    """Count the cameras that two drafts differ in."""
    old, new = before.cameras, after.cameras
    stays = new.index[new["status"].ne("removed")]
    known = old.index[old["status"].ne("removed")]
    changed = pd.Index(changed_cameras(before, after))
    return Cameras(
        len(stays.difference(known)),
        len(changed.intersection(stays).intersection(known)),
        len(known.difference(stays)),
    )


def tell_decision(
    project: Project, review: Review, decision: Decision, names: Names, language: Language
) -> Document:
    """Put a decision into words: money, changes, gaps, privacy, what nobody knows, opinions."""
    say, plan = names.say, review.plan
    head = review.versions[-1]
    lead = (
        say(N_("State: %(state)s, version %(n)s", state=STATE_LABELS[plan.state], n=plan.version)),
        say(N_("Drawn up by %(author)s, %(at)s", author=head.author, at=clock(head.created_at))),
    )
    heads = (N_("Cameras"), N_("Beside those that stand"), N_("Beside the version before"))
    rows = tuple(
        (say(label), str(getattr(decision.cameras, name)),
         "–" if decision.since is None else str(getattr(decision.since, name)))
        for name, label in (("built", N_("built")), ("changed", N_("changed")),
                            ("given_up", N_("given up")))
    )  # fmt: skip
    table = Table(say(N_("What changes")), tuple(map(say, heads)), rows, frozenset({1, 2}))
    questions: list[Block] = [f"{names.cameras.get(label, label)}: {say(text)}"
                 for label, text in review.questions]  # fmt: skip
    sections = (
        Section(say(N_("Money")), _money(decision, say)),
        Section(say(N_("What changes")), [table]),
        Section(say(N_("Gaps")), _gaps(decision, names)),
        Section(say(N_("Questions of privacy")),
                questions or [say(N_("None is left open."))]),
        Section(say(N_("Not judged")), [_unjudged(project, say)]),
        Section(say(N_("Opinions")), _opinions(review, say)),
    )  # fmt: skip
    small = say(N_("The version begins with %(start)s.", start=plan.digest[:SHORT]))
    return Document(language, plan.name, lead, (), sections, small=small)


def _money(decision: Decision, say: Callable[[Text], str]) -> list[Block]:
    """Sum the investment by measure; what the sum is silent on stands below it."""
    sums = sum_costs(decision.costs)
    heads = (N_("Measure"), N_("Cameras"), N_("10,000 yuan"))
    rows = [(say(MEASURES[str(name)]), number(int(row["count"])), _wan(row["yuan"]))
            for name, row in sums.iterrows()]  # fmt: skip
    total = (say(N_("In all")), number(int(sums["count"].sum())), _wan(sums["yuan"].sum()))
    table = Table(say(N_("Money")), tuple(map(say, heads)), (*rows, total), frozenset({1, 2}))
    told = N_(
        "Investment by the price table of the project: each new device as the class nearest to "
        "what was drawn, a pole that is not on record as a new one. Yearly costs and planned "
        "cameras that stay as they were are not in it."
    )
    return [table, say(told)]


def _wan(yuan: float) -> str:
    return number(float(yuan) / TEN_THOUSAND, 2)


def _gaps(decision: Decision, names: Names) -> list[Block]:
    say = names.say
    told: list[Block] = [say(N_("Closed: %(count)s", count=number(len(decision.closed)))),
            *_named(decision.closed, names)]  # fmt: skip
    if decision.opened:
        told += [say(N_("Opened: %(count)s", count=number(len(decision.opened)))),
                 *_named(decision.opened, names)]  # fmt: skip
    return [*told, say(N_("Still open: %(count)s", count=number(decision.left)))]


def _named(labels: tuple[str, ...], names: Names) -> list[str]:
    """Name gates one by one, and say how many are left out."""
    told = [f"  {names.parts.get(label, label)}" for label in labels[:NAMED]]
    if len(labels) > NAMED:
        told.append("  " + names.say(N_("... and %(count)s more", count=len(labels) - NAMED)))
    return told


def _unjudged(project: Project, say: Callable[[Text], str]) -> str:
    counts = partition(project.result).counts()
    values = {name: number(counts[name][NOT_JUDGED]) for name in ("places", "parts")}
    return say(N_("%(places)s places, %(parts)s gates and key parts", **values))


def awaited(review: Review) -> list[str]:
    """Return the departments that have not yet spoken on the latest version."""
    heard = {one.department for one in review.opinions if one.digest == review.plan.digest}
    return [name for name in review.plan.departments if name not in heard]


def _opinions(review: Review, say: Callable[[Text], str]) -> list[Block]:
    told: list[Block] = [
        f"{one.department}: {one.text}"
        for one in review.opinions
        if one.digest == review.plan.digest
    ]
    still = sum(one.is_open for one in review.threads)
    if still:
        told.append(say(N_("Remarks that nobody has settled: %(count)s", count=still)))
    missing = awaited(review)
    if missing:
        told.append(say(N_("Still awaited: %(names)s", names=", ".join(missing))))
    return told or [say(N_("No department was named when the plan began."))]
