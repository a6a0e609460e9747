"""What a version of a plan asks to be decided, in the order in which it matters, on one sheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Final

import pandas as pd

from civicsight.application.decided_plan import Money, money_of, privacy_of
from civicsight.application.drawing_up import describe_left_out
from civicsight.application.report_subject import changed_since
from civicsight.application.workflow import SESSION
from civicsight.core.errors import N_, Text
from civicsight.core.figure import Figure, Unit, keyed
from civicsight.core.i18n import Language
from civicsight.core.settings import present_day
from civicsight.editing.draft import Draft
from civicsight.editing.draft_costs import MEASURES, draft_costs, sum_costs
from civicsight.editing.gap_changes import parts_after
from civicsight.editing.refusals import changed_cameras
from civicsight.editing.session import PlanSession, from_json
from civicsight.planning.money.bill import HUNDRED, spread
from civicsight.planning.prices.price_table import read_prices
from civicsight.planning.prices.terms import rounded
from civicsight.planning.record.actions import CHANGES
from civicsight.planning.record.consultation import call_department
from civicsight.planning.record.documents import find_plan
from civicsight.planning.record.opinions import REPLIES
from civicsight.planning.record.plan import Plan, planned_city
from civicsight.planning.record.root import SHORT
from civicsight.planning.statement.difference import CHANGES as MEASURE_CHANGES
from civicsight.planning.statement.difference import compare_plans
from civicsight.planning.statement.figures import (
    Figures,
    before_of,
    figures_between,
    figures_of,
    figures_of_check,
)
from civicsight.presentation.changed_inputs import describe_changed
from civicsight.presentation.columns import HEADINGS
from civicsight.presentation.document import Block, Document, Section, Table
from civicsight.presentation.lexicon import clock, number
from civicsight.presentation.names import Names
from civicsight.report.licence import describe_origin
from civicsight.report.plan.endings import describe_open, describe_today
from civicsight.report.plan.funding import in_wan, wan
from civicsight.report.plan.teller import new_camera, teller_with
from civicsight.store import STATE_LABELS, Actor, Opinion, Version, open_store

if TYPE_CHECKING:
    from civicsight.application.review import Review
    from civicsight.editing.edit_context import EditContext
    from civicsight.editing.project import Project

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
    """What is to be decided of a version that was drawn in the app, or that an optimiser made.

    Parameters
    ----------
    made
        The version: a session of the editor, or a plan of the optimiser.
    cameras, since
        Cameras that it changes beside those that stand, and beside the version before, if there is
        one of the same kind.
    money
        What is paid.
    figures
        How places and parts stand before and after it; of a plan as its record has it.
    before
        The version before, if there is one of the same kind.
    """

    made: PlanSession | Plan
    cameras: Cameras
    since: Cameras | None
    money: Money
    figures: Figures
    before: PlanSession | Plan | None = None


def read_decision(
    project: Project, actor: Actor, edit_context: EditContext, review: Review
) -> Decision | None:
    """Return what the latest version of a plan asks for; None if others made it than the program.

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
    made = [_made(project, edit_context, version) for version in versions]
    latest = made[-1]
    if latest is None:
        return None
    was, now = _draft_before(project, latest), _draft_after(project, latest)
    figures = _figures(latest, edit_context)
    before = next((one for one in made[:-1] if type(one) is type(latest)), None)
    return Decision(
        latest,
        Cameras(*(figures.of(f"measures.{name}") for name in CHANGES))
        if isinstance(latest, Plan)
        else _count(was, now),
        None if before is None else _count(_draft_after(project, before), now),
        money_of(latest, figures, project.result.cameras["owner"])
        if isinstance(latest, Plan)
        else _money_of(was, now),
        figures,
        before,
    )


def _made(
    project: Project, edit_context: EditContext, version: Version
) -> PlanSession | Plan | None:
    """Return a version as what made it; None if neither the app nor the optimiser did."""
    if (plan := find_plan(version.documents)) is not None:
        return plan
    drawn = version.documents.get(SESSION)
    if not isinstance(drawn, str):
        return None
    return from_json(drawn, project.city, edit_context.guard, project.base)


def _draft_before(project: Project, made: PlanSession | Plan) -> Draft:
    """Return what stands today, as what was made counts from it: a plan from cameras as placed."""
    if isinstance(made, Plan):
        return Draft(replace(project.city, cameras=project.result.cameras))
    return Draft(project.city)


def _draft_after(project: Project, made: PlanSession | Plan) -> Draft:
    """Return the cameras that something leaves."""
    if isinstance(made, Plan):
        return Draft(planned_city(project.result, made.measures, made.cameras))
    return made.draft


def _figures(made: PlanSession | Plan, edit_context: EditContext) -> Figures:
    """Return the figures of a plan, or of what somebody drew."""
    if isinstance(made, Plan):
        return figures_of(made)
    return figures_between(*before_of(edit_context.result), parts_after(made.draft, edit_context))


def _money_of(was: Draft, now: Draft) -> Money:
    """Sum what a draft costs by measure."""
    sums = sum_costs(draft_costs(was, now, read_prices()))
    rows = tuple(
        (
            MEASURES[str(name)],
            Figure(f"works.drawn.{name}.cameras", int(row["count"]), Unit.COUNT, N_("Points")),
            Figure(f"works.drawn.{name}.cost_yuan", float(row["yuan"]), Unit.YUAN, N_("Works")),
        )
        for name, row in sums.iterrows()
    )
    whole = Figure("cost.investment", float(sums["yuan"].sum()), Unit.YUAN, N_("Investment"))
    return Money(rows, whole, (DRAWN,))


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


def decision_document(
    project: Project, review: Review, decision: Decision, names: Names, language: Language
) -> Document:
    """Put a decision into words: money, changes, gaps, privacy, what nobody knows, opinions."""
    translate, plan = names.translate, review.plan
    head = review.versions[-1]
    lead = (
        translate(
            N_("State: %(state)s, version %(n)s", state=STATE_LABELS[plan.state], n=plan.version)
        ),
        translate(
            N_("Drawn up by %(author)s, %(at)s", author=head.author, at=clock(head.created_at))
        ),
        *map(translate, describe_changed(changed_since(project, head))),
    )
    headings = (N_("Points"), N_("Beside those that stand"), N_("Beside the version before"))
    rows = tuple(
        (
            translate(label),
            keyed(f"measures.{name}", str(getattr(decision.cameras, name))),
            "–"
            if decision.since is None
            else keyed(f"since.{name}", str(getattr(decision.since, name))),
        )
        for name, (label, _) in CHANGES.items()
    )
    table = Table(
        translate(N_("What changes")), tuple(map(translate, headings)), rows, frozenset({1, 2})
    )
    called = pd.Series(dtype=object)
    if isinstance(decision.made, PlanSession):
        called = decision.made.draft.cameras["name"]
    questions: list[Block] = [
        translate(
            N_("%(what)s: %(value)s", what=names.camera(label, called.get(label)), value=text)
        )
        for label, text in review.questions
    ]
    unjudged: list[Block] = [_unjudged(project, translate)]
    if isinstance(decision.made, Plan):
        teller = teller_with(decision.made, project.result, names)
        questions += privacy_of(teller)
        unjudged += map(translate, describe_left_out(teller))
    sections = (
        Section(translate(N_("Money")), _money(decision.money, translate)),
        Section(translate(N_("What changes")), [table, *_since(decision, names)]),
        Section(translate(N_("Opinions")), _opinions(project, review, names)),
        Section(translate(N_("Gaps")), _gaps(project, decision, names)),
        Section(
            translate(N_("Questions of privacy")),
            questions or [translate(N_("None is left open."))],
        ),
        Section(translate(N_("Not judged")), unjudged),
    )
    small = translate(N_("The version begins with %(start)s.", start=plan.digest[:SHORT]))
    banners = tuple(map(translate, describe_origin(project.city, project.rules, language)))
    return Document(language, plan.name, lead, banners, sections, small=small)


def _money(money: Money, translate: Callable[[Text], str]) -> list[Block]:
    """Sum the investment by measure; what the sum is silent on stands below it."""
    headings = (N_("Measure"), N_("Points"), N_("Investment (10,000 yuan)"))
    shares = spread(
        rounded(Fraction(money.investment.value or 0.0) / HUNDRED),
        [round(yuan.value or 0.0) for _, _, yuan in money.rows],
    )
    rows = [
        (translate(label), "" if count is None else str(count), keyed(yuan.key, wan(share)))
        for (label, count, yuan), share in zip(money.rows, shares, strict=True)
    ]
    counted = sum(count.value or 0.0 for _, count, _ in money.rows if count is not None)
    total = (
        translate(N_("In all")),
        keyed("measures.done", number(counted)),
        money.investment.written(in_wan),
    )
    blocks: list[Block] = []
    for first, own in ((N_("Money from"), money.sources), (N_("Year"), money.years)):
        cells = [
            (translate(label), str(points), value.written(in_wan)) for label, points, value in own
        ]
        if cells:
            named = tuple(map(translate, (first, N_("Points"), N_("Investment (10,000 yuan)"))))
            blocks.append(Table(translate(first), named, tuple(cells), frozenset({1, 2})))
    table = Table(
        translate(N_("Money")), tuple(map(translate, headings)), (*rows, total), frozenset({1, 2})
    )
    return [table, *blocks, *map(translate, money.said)]


DRAWN: Final = N_(
    "Investment by the price table of the project: each new device as the class nearest to "
    "what was drawn, a pole that is not on record as a new one. Yearly costs and planned "
    "cameras that stay as they were are not in it."
)


def _since(decision: Decision, names: Names) -> list[Block]:
    """Name what differs from the version before: money, and points one by one."""
    one, two = decision.before, decision.made
    if not (isinstance(one, Plan) and isinstance(two, Plan)):
        return []
    found = compare_plans(one, two)
    sums = [figure.written(in_wan) for figure in found.figures["investment_yuan"]]
    told: list[Block] = [
        names.translate(
            N_(
                "Since the version before: %(before)s -> %(after)s (10,000 yuan)",
                before=sums[0],
                after=sums[1],
            )
        )
    ]
    points = list(dict.fromkeys(found.measures["camera_id"]))
    own = found.measures.groupby("camera_id")["what"].agg(list)
    for label in points[:NAMED]:
        what = names.translate(N_(", ")).join(
            names.translate(MEASURE_CHANGES.get(name) or HEADINGS.get(name) or Text(name))
            for name in dict.fromkeys(own[label])
        )
        new = new_camera(label)
        called = names.label(label) if new is None else names.translate(new)
        told.append(f"  {called}: {what}")
    if len(points) > NAMED:
        told.append("  " + names.translate(N_("... and %(count)s more", count=len(points) - NAMED)))
    return told


def _gaps(project: Project, decision: Decision, names: Names) -> list[Block]:
    """Say which gaps are closed, opened and left, and what today's check has otherwise."""
    translate, n = names.translate, decision.figures
    told: list[Block] = [
        translate(N_("Closed: %(count)s", count=n["gaps.closed"])),
        *_named(n.closed, names),
    ]
    if n.of("gaps.opened"):
        told += [
            translate(N_("Opened: %(count)s", count=n["gaps.opened"])),
            *_named(n.opened, names),
        ]
    told.append(translate(N_("Still open: %(count)s", count=n["parts.open.after"])))
    if isinstance(decision.made, Plan):
        told += map(translate, describe_open(n))
        today = figures_of_check(project.result)
        told += map(translate, describe_today(n, today, present_day().isoformat()))
    return told


def _named(labels: Sequence[str], names: Names) -> list[str]:
    """Name gates one by one, and say how many are left out."""
    told = [f"  {names.parts.get(label, label)}" for label in labels[:NAMED]]
    if len(labels) > NAMED:
        told.append("  " + names.translate(N_("... and %(count)s more", count=len(labels) - NAMED)))
    return told


def _unjudged(project: Project, translate: Callable[[Text], str]) -> str:
    n = figures_of_check(project.result)
    values = {name: n[f"{name}.not_judged.before"] for name in ("places", "parts")}
    return translate(N_("%(places)s places, %(parts)s gates and key parts", **values))


def awaited(review: Review) -> list[str]:
    """Return the departments that have not yet spoken on the latest version."""
    heard = {
        one.department
        for one in review.opinions
        if one.digest == review.plan.digest and not one.is_past
    }
    return [name for name in review.plan.departments if name not in heard]


def describe_opinion(opinion: Opinion, translate: Callable[[Text], str]) -> str:
    """Return what a department said: whether it agrees, where that is known, and in which words."""
    told = [translate(REPLIES[opinion.reply])] if opinion.reply else []
    return translate(N_("; ")).join([*told, opinion.text] if opinion.text else told)


def _opinions(project: Project, review: Review, names: Names) -> list[Block]:
    """List what departments said, whom one waits for, and each remark that nobody has settled."""
    translate, call = (
        names.translate,
        partial(call_department, rules=project.rules, language=names.language),
    )
    told: list[Block] = [
        translate(
            N_(
                "%(what)s: %(value)s",
                what=call(one.department),
                value=describe_opinion(one, translate),
            )
        )
        for one in review.opinions
        if one.digest == review.plan.digest
    ]
    still = [one for one in review.threads if one.is_open]
    if still:
        told.append(translate(N_("Remarks that nobody has settled: %(count)s", count=len(still))))
        told += [
            f"  {names.label(one.subject) if one.subject else translate(N_('the plan'))}: "
            f"{one.said[-1].text} ({translate(one.said[-1].who)})"
            for one in still[:NAMED]
        ]
    if len(still) > NAMED:
        told.append("  " + translate(N_("... and %(count)s more", count=len(still) - NAMED)))
    missing = awaited(review)
    if missing:
        told.append(
            translate(
                N_("Still awaited: %(names)s", names=translate(N_(", ")).join(map(call, missing)))
            )
        )
    return told or [translate(N_("No department was named when the plan began."))]
