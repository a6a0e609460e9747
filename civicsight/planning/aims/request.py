"""What is asked of a plan, and how the optimiser runs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from numbers import Integral, Real
from typing import Final

import numpy as np
import pandas as pd

from civicsight.core.arrays import BoolArray
from civicsight.core.errors import N_, MismatchError, Text, require_kind
from civicsight.core.progress import Progress
from civicsight.planning.aims.policy_file import Policy
from civicsight.planning.area.scope import Scope
from civicsight.planning.candidates.ruled_out import RuledOut
from civicsight.planning.money.budgets import Grant
from civicsight.planning.prices.terms import BudgetOf
from civicsight.planning.solver.model import Problem
from civicsight.planning.solver.outcome import Limits

Step = Callable[[Text], Progress | None]

ONE_AIM: Final = N_(
    "A budget buys the most places for what is paid once; life-cycle cost is made small where "
    "there is no budget: ask for one of the two."
)
SITES_AIM: Final = N_(
    "A budget buys the most places that it can; few new sites go before little money where there "
    "is no budget: ask for one of the two."
)
HELD_AIM: Final = N_(
    "A budget buys the most places that it can; a measure is held in a plan without a budget: ask "
    "for one of the two."
)


@dataclass(frozen=True, slots=True)
class Aims:
    """What is asked of a plan.

    Parameters
    ----------
    budget_yuan
        Money there is: the plan covers the most that it buys. None: the plan is the cheapest that
        covers all that can be covered.
    budget_of
        Which sum that money limits: the investment of the bill, or its works alone. Each of the
        grants says so for itself.
    years
        Years over which the works are spread; by default `FIRST_YEAR`.
    few_sites
        Whether few new sites go before little money.
    robust_k
        How many cameras may fail without loss.
    extras
        Whether to price other shares of the demand, which takes a run each.
    pinned
        Year of cameras that go with another project, by their ids. Those in the area of a project
        on record have the year of its completion without being named.
    grants
        Money and floors by year and district.
    policy
        In which order the aims of a budget come, and what a place of each class counts.
    life_cycle
        Whether cost is that of the years that the price table counts, and not of the works alone.
    ruled_out
        What the plan leaves alone, and where it puts up nothing new.
    scope
        What is asked for: known gates alone, or some districts.
    held
        Ids of candidates that the plan takes in any case, such as some of `evidence.chosen_ids` of
        a kept plan; other shares and plans are not priced then.
    public
        Whether it is for the public: drawn up from a city without hidden records, else refused.

    Raises
    ------
    MismatchError
        If life-cycle cost or the new sites are to be few within a budget, which limits what is
        paid once and buys places, or something is held within one; or if money is no sum of yuan
        from 0 on.
    """

    budget_yuan: float | None = None
    years: tuple[int, ...] = ()
    few_sites: bool = False
    robust_k: int = 0
    extras: bool = True
    pinned: Mapping[str, int] = field(default_factory=dict)
    grants: tuple[Grant, ...] = ()
    policy: Policy = field(default_factory=Policy)
    life_cycle: bool = False
    ruled_out: RuledOut = field(default_factory=RuledOut)
    scope: Scope = field(default_factory=Scope)
    held: tuple[str, ...] = ()
    public: bool = False
    budget_of: BudgetOf = BudgetOf.INVESTMENT

    def __post_init__(self) -> None:
        """Refuse what no plan can be asked for at once."""
        if self.budget_yuan is not None:
            require_kind("budget_yuan", self.budget_yuan, Real)
        for year in self.years:
            require_kind("a year", year, Integral)
        if self.life_cycle and self.is_budgeted:
            raise MismatchError(ONE_AIM)
        if self.few_sites and self.is_budgeted:
            raise MismatchError(SITES_AIM)
        if self.held and self.is_budgeted:
            raise MismatchError(HELD_AIM)
        for money in (self.budget_yuan, *(grant.budget_yuan for grant in self.grants)):
            if money is not None and not (math.isfinite(money) and money >= 0.0):
                raise MismatchError(
                    N_("A budget is a sum from 0 yuan on; found: %(sum)s", sum=f"{money:g}")
                )

    @property
    def is_budgeted(self) -> bool:
        """Tell whether money is limited: then the plan covers the most that it buys."""
        granted = any(grant.budget_yuan is not None for grant in self.grants)
        return granted or self.budget_yuan is not None


@dataclass(frozen=True, slots=True)
class Run:
    """How the optimiser runs: the same seed and steps give the same plan on any threads.

    The time of `limits` is that of the whole run, from the first candidate to the last extra;
    `search_s` may end search and duals sooner. `memory_mb` is the most that finding candidates may
    take, as of `candidates.generate`; `start` are ids of candidates to begin from, such as
    `evidence.chosen_ids` of a kept plan, of which those that are no more, or may no longer be taken
    together, are left out.
    """

    limits: Limits = field(default_factory=Limits)
    seed: int = 0
    threads: int = 1
    memory_mb: float | None = None
    start: tuple[str, ...] = ()
    search_s: float = math.inf

    def within(self, seconds: float) -> Run:
        """Return the same run with another limit of time [s]."""
        return replace(self, limits=replace(self.limits, seconds=max(seconds, 0.0)))

    def known(self, problem: Problem, ids: pd.Index) -> BoolArray | None:
        """Return the choice to begin from, None if there is none."""
        return problem.uncrowded(np.asarray(ids.isin(self.start))) if self.start else None

    @property
    def is_stopped(self) -> bool:
        """Tell whether someone asked to end."""
        return self.limits.is_stopped()
