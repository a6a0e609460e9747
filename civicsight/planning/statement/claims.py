"""What is said of how good a plan is: its value, what anybody can recount, the solver's own claim.

Panel, sheet, papers, terminal and JSON take it from here; nothing else words it. A plan is called
optimal only where the bound that can be recounted meets its value and all that was asked for by
name is kept. What a solver alone claims is called its claim.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from civicsight.core.errors import N_, Text
from civicsight.core.figure import keyed
from civicsight.planning.choice.order_of_aims import AIM_TEXTS, Aim
from civicsight.planning.record.plan import Goal, Plan, Proof
from civicsight.planning.solver.lawful_model import whole_count
from civicsight.planning.solver.outcome import Status, gap_between
from civicsight.planning.statement.promises import Kind, Unmet, unmet_of
from civicsight.planning.statement.spending import compare_spending, describe_spending

MEETS: Final = 1e-8
"""A bound that is nearer to a value than this share of it meets it."""

ENDS: Final[Mapping[Status, Text]] = MappingProxyType(
    {
        Status.OPTIMAL: N_("the search ended by itself"),
        Status.FEASIBLE: N_("the permitted steps were used up"),
        Status.STOPPED: N_("the search was stopped or its time was up"),
        Status.INFEASIBLE: N_("nothing satisfies what is asked for"),
        Status.UNDECIDED: N_("nothing was found in time"),
    }
)
"""How a search ended, for a person."""


@dataclass(frozen=True, slots=True)
class Statement:
    """How good a plan is, as far as it is known.

    Parameters
    ----------
    goal, aim, by_life
        What the value is of: money, or what a budget buys first; whether money is that of the
        years that are counted.
    value, bound, word
        What is reached; what no plan can beat, as anybody can recount, and by the solver's word.
    is_met
        Whether bound and value meet, also of the aims after the first.
    status, steps, processor_s
        How the search ended; its effort: steps of the local search, time of all processors, None
        where it is not on record.
    unmet
        What was asked for by name and is not kept.
    holds
        Whether it takes measures whatever they cost; the bound is that of plans without them too.
    pays_all
        Whether there is a budget, and it pays for all that can be met.
    is_weighted
        Whether places count by the weights of their classes, so that their value is no count.
    """

    goal: Goal
    aim: Aim | None
    by_life: bool
    value: float
    bound: float
    word: float
    is_met: bool
    status: Status
    steps: int
    processor_s: float | None
    unmet: tuple[Unmet, ...]
    holds: bool = False
    pays_all: bool = False
    is_weighted: bool = False

    @property
    def is_optimal(self) -> bool:
        """Tell whether nothing better exists, as anybody can recount."""
        return self.is_met and not self.unmet

    @property
    def is_claimed(self) -> bool:
        """Tell whether the solver reports that nothing better exists."""
        return self.status is Status.OPTIMAL and _meet(self.value, self.word) and not self.unmet

    @property
    def code(self) -> str:
        """Return in one word how good the plan is: a machine reads the same as a person."""
        if self.unmet:
            return "missed"
        if self.is_optimal:
            return "optimal"
        return (
            "reported_optimal"
            if self.is_claimed
            else str(Status.FEASIBLE if self.status is Status.OPTIMAL else self.status)
        )

    def describe(self) -> Text:
        """Return the statement as one sentence."""
        if self.unmet:
            return N_(
                "The plan does not keep all that was asked for (%(count)s not kept).",
                count=len(self.unmet),
            )
        limit = self._limit()
        if self.is_optimal:
            return N_("Optimal, and independently verifiable: %(limit)s.", limit=limit)
        if not self.is_claimed:
            return N_("Best plan found. Independently verifiable: %(limit)s.", limit=limit)
        if self.goal is Goal.CHEAPEST and not self.by_life and self.bound > 0.0:
            return N_(
                "Best plan found. Reported optimal by the solver; independently verifiable: "
                "no plan can be more than %(gap)s cheaper.",
                gap=keyed("proof.gap", at_most(self.value, self.bound)),
            )
        return N_(
            "Best plan found. Reported optimal by the solver; independently verifiable: %(limit)s.",
            limit=limit,
        )

    def lines(self) -> list[Text]:
        """Return the statement, and below it what is not kept, one by one."""
        found = [self.describe(), *(each.describe() for each in self.unmet)]
        if self.pays_all:
            found.append(
                N_(
                    "The money pays for all that can be covered: no plan can make more "
                    "places compliant."
                )
            )
        if self.holds and not self.is_met:
            found.append(
                N_(
                    "It is compared with all plans, also those without the measures that "
                    "are always kept."
                )
            )
        return found

    def effort(self) -> Text:
        """Say what the search took, and how it ended."""
        took = [
            N_("%(steps)s steps of the search", steps=keyed("proof.steps", f"{self.steps:,}"))
        ] * (self.steps > 0)
        if self.processor_s is not None:
            seconds = f"{self.processor_s:,.{1 if self.processor_s < 10.0 else 0}f}"
            took.append(
                N_("%(seconds)s s of processor time", seconds=keyed("proof.seconds", seconds))
            )
        if not took:
            return N_("How it ended: %(end)s.", end=ENDS[self.status])
        whole = took[0] if len(took) == 1 else N_("%(one)s, %(other)s", one=took[0], other=took[1])
        return N_("Effort: %(effort)s; %(end)s.", effort=whole, end=ENDS[self.status])

    def margin(self) -> Text:
        """Say in a cell by how much another plan could be better at most."""
        if self.is_met:
            return Text(keyed("proof.more", "0"))
        if self.goal is Goal.CHEAPEST:
            is_known = self.bound > 0.0
            return Text(keyed("proof.gap", at_most(self.value, self.bound)) if is_known else "–")
        more = keyed("proof.more", _figure(abs(self.bound - self.value)))
        return N_("places: %(count)s", count=more) if self.aim is Aim.PLACES else Text(more)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON holds; a share of nought is None unless nothing is left."""
        return {
            "goal": str(self.goal),
            "status": self.code,
            "value": self.value,
            "bound": self.bound,
            "gap": _share(self.value, self.bound),
            "gap_absolute": 0.0 if self.is_met else abs(self.value - self.bound),
            "solver_bound": self.word,
            "solver_gap": _share(self.value, self.word),
            "steps": self.steps,
            "processor_seconds": self.processor_s,
            "unmet": [each.to_dict() for each in self.unmet],
        }

    def _limit(self) -> Text:
        """Say what no plan can beat."""
        if self.goal is Goal.CHEAPEST:
            return self._limit_of_cost()
        values: dict[str, Any] = {
            "value": keyed("proof.value", _figure(self.value)),
            "bound": keyed("proof.bound", _figure(self.bound)),
        }
        if self.aim is Aim.PLACES and not self.is_weighted:
            if _meet(self.value, self.bound):
                return N_(
                    "no plan for this money can make more places compliant; this plan makes "
                    "%(value)s",
                    value=values["value"],
                )
            return N_(
                "no plan for this money can make more than %(bound)s places compliant; this "
                "plan makes %(value)s",
                **values,
            )
        values["aim"] = AIM_TEXTS[self.aim or Aim.METRES]
        if self.aim is Aim.EXPOSURE:
            return N_(
                "no plan for this money can have less than %(bound)s; this plan has "
                "%(value)s (%(aim)s)",
                **values,
            )
        return N_(
            "no plan for this money can reach more than %(bound)s; this plan reaches "
            "%(value)s (%(aim)s)",
            **values,
        )

    def _limit_of_cost(self) -> Text:
        is_met = _meet(self.value, self.bound)
        if not is_met and self.bound <= 0.0:
            return N_("how much cheaper a plan could be is not known")
        gap = keyed("proof.gap", at_most(self.value, self.bound))
        if self.by_life:
            return (
                N_("no plan can have a lower life-cycle cost")
                if is_met
                else N_("no plan can have a life-cycle cost more than %(gap)s lower", gap=gap)
            )
        return (
            N_("no plan can be cheaper")
            if is_met
            else N_("no plan can be more than %(gap)s cheaper", gap=gap)
        )


def statement_of(plan: Plan) -> Statement:
    """State how good a plan is, with each sum that it exceeds among what it does not keep."""
    spent = compare_spending(plan)
    more = [
        Unmet(
            Kind.GRANT,
            row.district,
            row.year,
            row.budget_yuan,
            row.spent_yuan,
            describe_spending(row),
        )
        for row in spent[~spent["is_kept"].astype(bool)].itertuples()
    ]
    return stated(
        plan.proof,
        plan.parameters,
        {"stages": plan.stages, "history": plan.history, "funds": plan.funds},
        plan.measures["year"],
        more,
    )


def stated(
    proof: Proof,
    parameters: Mapping[str, Any],
    tables: Mapping[str, pd.DataFrame],
    years: pd.Series,
    more: Iterable[Unmet] = (),
) -> Statement:
    """State how good a plan is from what its record holds.

    Parameters
    ----------
    proof, parameters
        What the certificate says, and what was asked for.
    tables
        ``stages``, ``history`` and ``funds`` as of `Plan`.
    years
        Year of each measure by camera.
    more
        What others found that the plan does not keep.
    """
    stages, history = tables["stages"], tables["history"]
    bought = proof.goal is Goal.WIDEST
    aim = Aim(stages["aim"].iloc[0]) if bought and len(stages) else None
    figures = [proof.value, proof.bound, proof.solver_bound]
    if aim is Aim.EXPOSURE:  # what is made small is a loss there
        figures = [abs(each) for each in figures]
    weights = ((parameters.get("policy") or {}).get("weights") or {}).values()
    if aim is not None:
        figures[1:] = [whole_count(aim, each, weights) for each in figures[1:]]
    value, bound, word = map(float, figures)
    later = stages.iloc[1:] if bought else stages.iloc[:0]
    is_met = _meet(value, bound) and all(map(_meet, later["value"], later["bound"]))
    spent = history.get("processor_s", pd.Series(dtype=float)).dropna()
    missed = (*unmet_of(tables["funds"], years, parameters.get("pinned") or {}), *more)
    return Statement(
        proof.goal,
        aim,
        bool(parameters.get("life_cycle")),
        value,
        bound,
        word,
        is_met,
        proof.status,
        proof.steps,
        float(spent.iloc[-1]) if len(spent) else None,
        missed,
        bool(parameters.get("held")),
        not bought and has_budget(parameters),
        any(each != 1.0 for each in weights),
    )


def has_budget(parameters: Mapping[str, Any]) -> bool:
    """Tell whether money was limited when a plan was asked for."""
    grants = parameters.get("grants") or ()
    limited = any(grant.get("budget_yuan") is not None for grant in grants)
    return limited or parameters.get("budget_yuan") is not None


def at_most(value: float, bound: float) -> str:
    """Return by how much cheaper a plan could be at most, in per cent, rounded up.

    Nought is said only where value and bound meet.

    Examples
    --------
    >>> at_most(100.0, 96.41), at_most(100.0, 99.9999), at_most(100.0, 100.0)
    ('3.59 %', '0.01 %', '0 %')
    """
    if _meet(value, bound):
        return "0 %"
    share = math.ceil(gap_between(value, bound) * 1e4 - 1e-6) / 100.0
    return f"{max(share, 0.01):.2f} %"


def so_far(value: float, bound: float, *, money: Text | None) -> Text | None:
    """Say where a search is: what it has, and the bound by now; None while it has nothing.

    Parameters
    ----------
    value, bound
        Of `outcome.Progress`.
    money
        Which sum they are [yuan]; None: what a budget buys.
    """
    if not math.isfinite(value) or not math.isfinite(bound):
        return None
    figures = {"value": f"{value:,.0f}", "bound": f"{bound:,.0f}"}
    if money is None:
        return N_("Best so far: %(value)s places compliant, at most %(bound)s possible", **figures)
    if bound <= 0.0 < value:
        return N_(
            "Best so far (%(of)s): %(value)s yuan, no bound yet", of=money, value=figures["value"]
        )
    return N_(
        "Best so far (%(of)s): %(value)s yuan, at least %(bound)s needed", of=money, **figures
    )


def _meet(value: float, bound: float) -> bool:
    return abs(value - bound) <= MEETS * max(1.0, abs(value))


def _share(value: float, bound: float) -> float | None:
    share = 0.0 if _meet(value, bound) else gap_between(value, bound)
    return share if math.isfinite(share) else None


def _figure(value: float) -> str:
    return f"{value:,.1f}".removesuffix(".0")
