"""From a check of what exists to a plan: candidates, problem, choice, proof, ledger, phases.

References
----------
Article 7: one plan that uses what exists. The steps are those of optimal camera placement as set
cover (Kritter, Brevilliers, Lepagnot, Idoumghar 2019), with a certificate for each run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from civicsight.coverage.check import CheckResult, check
from civicsight.errors import N_, MismatchError, Text
from civicsight.planning.alternatives import alternatives
from civicsight.planning.bounds import best_dual, lower_bound, round_up
from civicsight.planning.budget import widest
from civicsight.planning.budget_model import Budgets
from civicsight.planning.candidates import CandidateSet, generate
from civicsight.planning.credit import credited
from civicsight.planning.digests import input_digests
from civicsight.planning.evidence import prove
from civicsight.planning.ledger import ledger
from civicsight.planning.measures import Works, camera_ids, district_names, take
from civicsight.planning.model import FREE, Problem
from civicsight.planning.optimise import cheapest
from civicsight.planning.outcome import Limits, Outcome, Watch
from civicsight.planning.partial import CHOSEN, slider
from civicsight.planning.phases import schedule
from civicsight.planning.phases_model import Years
from civicsight.planning.plan import PRICES, Plan, planned_city
from civicsight.planning.policy import by_order
from civicsight.planning.prices import Prices
from civicsight.planning.requirements import Posed, pose_problem
from civicsight.schema import City

BoolArray = npt.NDArray[np.bool_]
IndexArray = npt.NDArray[np.int32]
Progress = Callable[[int, int], None]
Step = Callable[[Text], Progress | None]

CANDIDATES, CHOICE, CHECK, LEDGER, SLIDER = (
    N_("Finding lawful candidates"),
    N_("Choosing the measures"),
    N_("Computing what the planned cameras see"),
    N_("Writing the ledger"),
    N_("Pricing other shares"),
)
"""Steps of a plan, for whoever waits for it."""

NOTHING: Final = N_(
    "Nothing lawful satisfies what is asked for, not even in part: look at the candidates first "
    "(civicsight plan candidates)."
)
ENOUGH: Final = 0.001
"""A gap of the recountable bound that no better prices are looked for below."""

PROOF_SECONDS: Final = 60.0
"""Longest time for better prices; below a million entries they are found sooner."""

FIRST_YEAR: Final = 1
"""Year of the works where no years are given."""

SHARES: Final = ("share", "cost_yuan", "bound_yuan")
ALTERNATIVES: Final = ("number", "cost_yuan", "differs")
HISTORY: Final = ("seconds", "steps", "value", "bound", "stage")

BRIEF: Final = Limits(steps=2_000)
"""For the search for what would do instead of one measure: it is small."""


def make_plan(
    result: CheckResult,
    aims: Aims | None = None,
    *,
    prices: Prices | None = None,
    run: Run | None = None,
    step: Step | None = None,
    watch: Watch | None = None,
) -> Plan:
    """Draw up a plan for what is not covered.

    Parameters
    ----------
    result
        What `check` found of what exists; checked by night, the plan is one for the night.
    aims, run
        What is asked for, by default the cheapest plan; how the optimiser runs.
    prices
        Price table, by default the planning figures of the project.
    step, watch
        Called as each step begins, with its name, and returns who hears of its progress; hears of
        the optimiser.

    Raises
    ------
    MismatchError
        If nothing satisfies what is asked for, or a recount contradicts the optimiser.
    """
    aims, run, begin = aims or Aims(), run or Run(), step or _in_silence
    offers = generate(result, prices=prices, robust_k=aims.robust_k, progress=begin(CANDIDATES))
    posed = pose_problem(offers, result)
    begin(CHOICE)
    outcome = with_prices(posed.problem, choose(posed.problem, offers, aims, run, watch), aims, run)
    proof, files = prove(posed.problem, outcome, offers, aims.budget_yuan)
    works = take(offers, posed, outcome.chosen, result)
    measures = in_years(works, posed, offers, outcome.chosen, aims)
    after = _check(planned_city(result, measures, works.cameras), result, begin(CHECK))
    rows = ledger(
        posed, outcome.chosen, offers.table, result.parts, limits=BRIEF, progress=begin(LEDGER)
    )
    begin(SLIDER)
    before = credited(result, offers.barred["camera_id"])
    told: dict[str, Any] = _tables(before, after, offers, outcome) | {"ledger": rows.reset_index()}
    told |= other_plans(posed.problem, offers, outcome, aims, run)
    told |= _asked(result, offers, aims, run)
    return Plan(measures, works.cameras, works.bill, proof=proof, files=files, **told)


@dataclass(frozen=True, slots=True)
class Aims:
    """What is asked of a plan.

    Parameters
    ----------
    budget_yuan
        Money there is: the plan covers the most that it buys. None: the plan is the cheapest that
        covers all that can be covered.
    years
        Years over which the works are spread; by default `FIRST_YEAR`.
    few_sites
        Whether few new sites go before little money.
    robust_k
        How many cameras may fail without loss.
    extras
        Whether to price other shares of the demand, which takes a run each.
    pinned
        Year of cameras that go with another project, by their ids.
    """

    budget_yuan: float | None = None
    years: tuple[int, ...] = ()
    few_sites: bool = False
    robust_k: int = 0
    extras: bool = True
    pinned: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """How the optimiser runs: the same seed and steps give the same plan on any threads."""

    limits: Limits = field(default_factory=Limits)
    seed: int = 0
    threads: int = 1

    @property
    def is_stopped(self) -> bool:
        """Tell whether someone asked to end."""
        return self.limits.stop is not None and self.limits.stop.is_set()


def choose(
    problem: Problem, offers: CandidateSet, aims: Aims, run: Run, watch: Watch | None = None
) -> Outcome:
    """Choose candidates: the cheapest that meet what can be met, or the most within a budget.

    Raises
    ------
    MismatchError
        If nothing satisfies what is asked for.
    """
    limits, seed, threads = run.limits, run.seed, run.threads
    if aims.budget_yuan is not None:
        budgets = Budgets.of(problem, aims.budget_yuan)
        outcome = widest(problem, budgets, limits=limits, seed=seed, watch=watch)
    elif aims.few_sites:
        outcome = by_order(
            problem,
            opens=new_sites(offers),
            exposure_m2=offers.table["exposure_m2"].to_numpy(np.float64),
            limits=limits,
            seed=seed,
            threads=threads,
            watch=watch,
        ).outcome
    else:
        outcome = cheapest(problem, limits=limits, seed=seed, threads=threads, watch=watch)
    if outcome.status not in CHOSEN:
        raise MismatchError(NOTHING)
    return outcome


def with_prices(problem: Problem, outcome: Outcome, aims: Aims, run: Run) -> Outcome:
    """Return the outcome with dual prices that prove more, where the solver's word goes beyond.

    Prices are what anybody can recount; the exact solver leaves none for what it has closed.
    """
    is_proven = outcome.bound >= outcome.value * (1.0 - ENOUGH)
    if aims.budget_yuan is not None or is_proven or run.is_stopped:
        return outcome
    seconds = min(run.limits.seconds, PROOF_SECONDS)
    limits = Limits(seconds=seconds, stop=run.limits.stop)
    dual = best_dual(problem, limits=limits, threads=run.threads)
    bound = min(round_up(problem, lower_bound(problem, dual)), outcome.value)
    if bound <= outcome.bound:
        return outcome
    word = max(bound, outcome.solver_bound)
    return replace(outcome, dual=dual, bound=bound, solver_bound=word)


def other_plans(
    problem: Problem, offers: CandidateSet, outcome: Outcome, aims: Aims, run: Run
) -> dict[str, pd.DataFrame]:
    """Tell what other shares of the demand cost, and which plans are nearly as good.

    Returns
    -------
    dict
        ``slider`` and ``alternatives`` as `plan.Plan` holds them; empty tables where nobody asked
        or someone stopped the run, and no alternatives to a plan within a budget.
    """
    found = {"slider": _nothing(SHARES), "alternatives": _nothing(ALTERNATIVES)}
    if not aims.extras or run.is_stopped:
        return found
    more: dict[str, Any] = {"limits": run.limits, "seed": run.seed, "threads": run.threads}
    found["slider"] = slider(problem, opens=new_sites(offers), **more).reset_index()
    if aims.budget_yuan is None and not aims.few_sites:
        places = offers.sites.index.get_indexer(offers.table["site_id"]).astype(np.int32)
        near = alternatives(problem, places=places, best=outcome, **more)
        ids = np.array(camera_ids(offers.table), object)
        rows = [
            (number, float(near.cost_yuan[number]), sorted(ids[plan & ~outcome.chosen]))
            for number, plan in enumerate(near.plans)
            if number
        ]
        found["alternatives"] = pd.DataFrame(rows, columns=list(ALTERNATIVES))
    return found


def new_sites(offers: CandidateSet) -> IndexArray:
    """Return the new site that each candidate opens, `FREE` for none."""
    table = offers.table
    site = offers.sites.index.get_indexer(table["site_id"])
    opens: IndexArray = np.where(table["new_site"], site, FREE).astype(np.int32)
    return opens


def in_years(
    works: Works, posed: Posed, offers: CandidateSet, chosen: BoolArray, aims: Aims
) -> gpd.GeoDataFrame:
    """Return the measures with their years: pinned ones in theirs, most gain for its cost first.

    What ends a breach of the law is done in the first year, whatever else it is for. Each year has
    about the same money, or as much as its pinned works take; the last takes what is left.
    """
    years = sorted(aims.years) or [FIRST_YEAR]
    problem, taken = posed.problem, np.flatnonzero(chosen)
    ids = [str(label) for label in camera_ids(offers.table[chosen])]
    wanted = dict(aims.pinned) | dict.fromkeys(works.urgent, years[0])
    pinned = {
        int(j): years.index(wanted[label])
        for j, label in zip(taken, ids, strict=True)
        if wanted.get(label) in years
    }
    connects = offers.table["measure"].eq("connect").to_numpy(np.bool_)
    cost = np.where(chosen, problem.cost, 0.0)
    even = max(problem.price(chosen) / len(years), float(cost.max(initial=0.0)))
    money = np.full(len(years), even)
    np.add.at(money, list(pinned.values()), [cost[j] for j in pinned])
    money[-1] = np.inf
    made = schedule(
        problem, chosen, Years.of(problem, money), pinned=pinned, first=connects, limits=BRIEF
    )
    year = pd.Series([years[k] for k in made.year[taken]], ids, dtype=np.int64)
    in_year = year.reindex(works.measures.index).fillna(0).astype(np.int64)
    paid, urgent = works.measures["cost_yuan"].gt(0.0), works.measures.index.isin(works.urgent)
    return works.measures.assign(year=in_year.where(paid, 0).mask(urgent, years[0]))


def parts_before_after(before: CheckResult, after: CheckResult) -> pd.DataFrame:
    """Return what became of each part, columns `plan.PART_COLUMNS`; both as the law lets count."""
    one, two = before.part_status, after.part_status.loc[before.part_status.index]
    parts = before.parts.loc[one.index]
    frame = pd.DataFrame(parts[["zone_id", "item", "kind"]]).rename_axis("part_id")
    return frame.assign(
        district=district_names(parts.geometry, before.city),
        weight=one["weight"],
        required=one["required"],
        status_before=one["status"],
        status_after=two["status"],
        share_before=one["fraction_sure"],
        share_after=two["fraction_sure"],
    )


def unreachable_parts(samples: pd.DataFrame) -> pd.DataFrame:
    """Count what nothing lawful reaches by part and reason."""
    groups = samples.groupby(["part_id", "reason"], sort=True)["weight"]
    table: pd.DataFrame = groups.agg(samples="size", weight="sum").reset_index()
    return table[["part_id", "samples", "weight", "reason"]]


def prices_digest(prices: Prices) -> str:
    """Return the digest of a price table [SHA-256]."""
    text = prices.table.sort_index().to_csv(lineterminator="\n")
    return hashlib.sha256(text.encode()).hexdigest()


def _tables(
    before: CheckResult, after: CheckResult, offers: CandidateSet, outcome: Outcome
) -> dict[str, Any]:
    """Return the tables of a plan that nothing has to be decided for."""
    return {
        "parts": parts_before_after(before, after),
        "unreachable": unreachable_parts(offers.unreachable),
        "forbidden": offers.forbidden,
        "barred": offers.barred,
        "history": _history(outcome),
        "dual": np.array(outcome.dual, np.float64),
    }


def _asked(result: CheckResult, offers: CandidateSet, aims: Aims, run: Run) -> dict[str, Any]:
    """Return what was asked for, and the digests of what it was made from."""
    said = asdict(aims) | {"years": list(aims.years), "seed": run.seed}
    return {
        "parameters": said | {"candidates": len(offers.table)},
        "inputs": input_digests(result) | {PRICES: prices_digest(offers.prices)},
    }


def _history(outcome: Outcome) -> pd.DataFrame:
    """Return progress as a table; what was not known yet is unknown there."""
    table = pd.DataFrame([asdict(each) for each in outcome.history], columns=list(HISTORY))
    numbers = ["value", "bound"]
    table[numbers] = table[numbers].astype(np.float64).replace([np.inf, -np.inf], np.nan)
    return table


def _check(city: City, result: CheckResult, progress: Progress | None) -> CheckResult:
    night = bool(result.summary["night"])
    return check(city, rules=result.rules, raster=False, night=night, progress=progress)


def _in_silence(_: Text) -> None:
    """Tell nobody that a step begins."""


def _nothing(columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(columns=list(columns), dtype=object)
