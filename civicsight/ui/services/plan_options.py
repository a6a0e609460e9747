"""Three options for whoever decides: at least, recommended, everything, with figures to compare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from civicsight.core.errors import N_, Text
from civicsight.coverage.result import partition
from civicsight.planning.candidates.scope import Scope
from civicsight.presentation.lexicon import number
from civicsight.report.plan.teller import MEASURE_LABELS
from civicsight.ui.services.drawing_up import TEN_THOUSAND, bought_by, say_aims
from civicsight.ui.services.plan_work import PlanAims

if TYPE_CHECKING:
    from civicsight.report.plan.teller import Teller
    from civicsight.ui.services.job import Job

LEAST, RECOMMENDED, EVERYTHING = "least", "recommended", "everything"

OPTIONS: Final[Mapping[str, Text]] = {
    LEAST: N_("At least"),
    RECOMMENDED: N_("Recommended"),
    EVERYTHING: N_("Everything"),
}
"""The options in the order in which they stand side by side."""

WHAT: Final[Mapping[str, Text]] = {
    LEAST: N_("what the law demands of known gates, for least money"),
    RECOMMENDED: N_("the same, few new sites before little money: what exists goes first"),
    EVERYTHING: N_("gates that are only presumed as well, even if any one camera fails"),
}  # fmt: skip
"""What each asks for. Money on a gate that is only presumed may be lost, so that it is asked for by
the last one alone."""

ASKED: Final = {
    LEAST: (True, False, 0),
    RECOMMENDED: (True, True, 0),
    EVERYTHING: (False, False, 1),
}
"""Whether each asks for known gates alone, for few new sites, and how many cameras may fail."""


def three_of(aims: PlanAims) -> list[PlanAims]:
    """Return what the options ask with the years, districts, time and bans of some aims."""
    plain = replace(aims, budget_yuan=None, start=())
    return [
        replace(plain, known_gates=known, few_sites=few, robust_k=spare)
        for known, few, spare in ASKED.values()
    ]


def option_of(aims: PlanAims) -> str:
    """Return the option that aims are; empty if they are none."""
    if aims.budget_yuan is not None:
        return ""
    asked = (aims.known_gates, aims.few_sites, aims.robust_k)
    return next((code for code, own in ASKED.items() if own == asked), "")


def title_of(aims: PlanAims) -> Text:
    """Return what a plan is called: the option that it is, else what was asked in a few words."""
    return OPTIONS.get(option_of(aims)) or say_aims(aims)


def alike(tellers: Mapping[str, Teller]) -> list[tuple[str, ...]]:
    """Return the options that came out as one plan, each group in order."""
    groups: dict[tuple[tuple[str, str, int], ...], list[str]] = {}
    for code, teller in tellers.items():
        works = teller.plan.measures.sort_index()
        done = zip(works.index.astype(str), works["measure"], works["year"], strict=True)
        groups.setdefault(tuple(done), []).append(code)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def comparable(jobs: Iterable[Job], with_: PlanAims | None) -> dict[str, Job]:
    """Return the last job of each option that asks the same but for what the options differ in.

    Parameters
    ----------
    jobs
        The last one first.
    with_
        What is looked at; where it is no option, the last option stands for it.
    """
    known = [(option_of(job.task.aims), job) for job in jobs]
    options = [(code, job) for code, job in known if code]
    if with_ is None or not option_of(with_):
        with_ = options[0][1].task.aims if options else None
    found: dict[str, Job] = {}
    for code, job in options:
        if with_ is not None and _but_for_option(job.task.aims) == _but_for_option(with_):
            found.setdefault(code, job)
    return {code: found[code] for code in OPTIONS if code in found}


def beside(teller: Teller, other: Teller) -> list[tuple[Text, str, str]]:
    """Return in what a plan differs from another: cost, what is lawful, measures by kind.

    Of each row the figure of the other plan comes first; rows that do not differ are left out.
    """
    ours, theirs = bought_by(teller.plan), bought_by(other.plan)
    cost = [number(told.cost_yuan / TEN_THOUSAND, 2) for told in (theirs, ours)]
    rows = [
        (N_("Cost [10,000 yuan]"), cost[0], cost[1]),
        (N_("Places lawful"), number(theirs.places), number(ours.places)),
        (N_("Gates and key parts covered"), number(theirs.parts), number(ours.parts)),
    ]
    counts, before = (one.plan.measures["measure"].value_counts() for one in (teller, other))
    rows += [
        (label, number(int(before.get(kind, 0))), number(int(counts.get(kind, 0))))
        for kind, label in MEASURE_LABELS.items()
    ]
    return [row for row in rows if row[1] != row[2]]


def lost_beside(teller: Teller, other: Teller) -> list[str]:
    """Return the parts that another plan covers for sure and this one does not."""
    is_met, was_met = (one.plan.parts["status_after"].eq("covered") for one in (teller, other))
    known = was_met.index[was_met].intersection(is_met.index)
    return [str(label) for label in known[~is_met[known]]]


def _but_for_option(aims: PlanAims) -> PlanAims:
    return replace(aims, known_gates=False, few_sites=False, robust_k=0, start=())


def figures_of(teller: Teller) -> list[tuple[Text, str]]:
    """Return what an option costs, reaches and is silent on: the same rows for each."""
    plan, told = teller.plan, bought_by(teller.plan)
    parts = plan.parts
    before, after = (parts[f"status_{when}"].eq("covered") for when in ("before", "after"))
    whole = before.groupby(parts["zone_id"]).all()
    scope, is_open = Scope.of(plan.parameters), parts.index[~after]
    left = scope.left_out(teller.result) if scope else is_open[:0]
    lost = plan.unreachable["part_id"].unique()
    unjudged = partition(teller.result).counts()["places"]["not_judged"]
    return [
        (N_("Cost [10,000 yuan]"), number(told.cost_yuan / TEN_THOUSAND, 2)),
        (N_("Places lawful"), f"{number(told.places)} / {number(told.all_places)}"),
        (N_("Places newly lawful"), number(told.places - int(whole.sum()))),
        (N_("Gates and key parts closed"), number(int((after & ~before).sum()))),
        (N_("Left open"), number(len(is_open))),
        (N_("of these not asked for"), number(int(is_open.isin(left).sum()))),
        (N_("of these within reach of nothing lawful"),
         number(int(is_open.isin(lost).sum()))),
        (N_("Places not judged"), number(unjudged)),
        (N_("From the best at most"), f"{told.gap:.2%}"),
    ]  # fmt: skip
