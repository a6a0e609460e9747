"""From a check of what exists to a plan: candidates, problem, choice, proof, ledger, phases.

References
----------
Article 7: one plan that uses what exists. The steps are those of optimal camera placement as set
cover (Kritter, Brevilliers, Lepagnot, Idoumghar 2019), with a certificate for each run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from civicsight.core.arrays import BoolArray
from civicsight.core.errors import N_, MismatchError, Text
from civicsight.core.progress import Progress
from civicsight.core.settings import present_day
from civicsight.coverage.check import check
from civicsight.coverage.result import CheckResult
from civicsight.model import City
from civicsight.planning.aims.compliant_places import UNCOUNTED, uncounted_places
from civicsight.planning.aims.request import Aims, Run, Step
from civicsight.planning.aims.requirements import Posed, build_problem, lawful_of
from civicsight.planning.area.districts import name_districts
from civicsight.planning.candidates import CandidateSet
from civicsight.planning.candidates.at_hand import candidates_of
from civicsight.planning.choice.cheapest import minimise_cost
from civicsight.planning.choice.clock import Clock, TimeUpError
from civicsight.planning.choice.cost_coverage_curve import LEVELS, Below, below, staged
from civicsight.planning.choice.ledger import ledger
from civicsight.planning.choice.most_compliance import most_lawful
from civicsight.planning.choice.order_of_aims import Aim, by_order
from civicsight.planning.choice.price_of_share import CHOSEN
from civicsight.planning.choice.wanted_measures import (
    beside,
    find_held,
    staged_with,
    watching,
    with_held,
    without_opened,
)
from civicsight.planning.extras import CUT_SHORT, extras, new_sites
from civicsight.planning.judging.credit import credited, not_today
from civicsight.planning.judging.secrecy import count_hidden
from civicsight.planning.money.bill import life_costs
from civicsight.planning.prices.price_table import Prices
from civicsight.planning.prices.terms import require_life, works_within
from civicsight.planning.proof.evidence import prove
from civicsight.planning.record.digests import input_digests
from civicsight.planning.record.plan import (
    CHECKED_ON,
    NOT_WEIGHED,
    PRICES,
    STAGES,
    Plan,
    no_rows,
    planned_city,
)
from civicsight.planning.solver import worker
from civicsight.planning.solver.bounds import best_dual, lower_bound, round_up
from civicsight.planning.solver.lawful_model import Lawful
from civicsight.planning.solver.model import Problem
from civicsight.planning.solver.outcome import Limits, Outcome, Status, Watch
from civicsight.planning.statement.figures import before_of
from civicsight.planning.statement.promises import refuse_contradictions
from civicsight.planning.statement.spending import require_kept
from civicsight.planning.works.measures import (
    apply_selection,
    history,
    parts_before_after,
    unreachable_parts,
    urgent_cameras,
)
from civicsight.planning.works.shared_works import share_works
from civicsight.planning.years.pins import refuse_named, refuse_pins
from civicsight.planning.years.timetable import (
    Timed,
    areas_of_money,
    frame_of,
    in_years,
    only_built,
    require_known,
    timetable,
    years_in_order,
)

__all__ = ["Aims", "Run", "choose", "found_in_time", "make_plan", "with_prices"]

CANDIDATES, CHOICE, CHECK, LEDGER = (
    N_("Finding permitted candidates"),
    N_("Choosing the measures"),
    N_("Computing what the planned cameras see"),
    N_("Writing the ledger"),
)
"""Steps of a plan, for whoever waits for it."""

NOTHING: Final = N_(
    "Nothing permitted meets what is asked for, not even in part: look at the candidates first "
    "(civicsight plan candidates)."
)
SHORT: Final = N_(
    "No choice within the money reaches the least shares of the districts: lower a floor, or raise "
    "a budget."
)
EARLY: Final = N_(
    "Stopped before there was a first plan: nothing is kept. Start it again, and wait longer."
)
LATE: Final = N_(
    "The search ended before it had found anything that satisfies what is asked for; whether "
    "something does is not known. Give it more time (--seconds)."
)
HIDDEN: Final = N_(
    "A plan for the public rests on no hidden record, and the city has some: leave out secret "
    "cameras and places, areas of consent, private places, answers and documents first."
)
ENOUGH: Final = 0.001
"""A gap of the recountable bound that no better duals are looked for below."""

UP: Final = N_(
    "The time was up while candidates were sought: after %(spent)s s about %(share)s of them had "
    "been tried, and nothing is chosen yet. Give it about %(needed)s s (--seconds), or ask for "
    "fewer places at a time."
)

PROOF_SECONDS: Final = 60.0
"""Longest time for better duals; below a million entries they are found sooner."""

SEARCH_SHARE, PROOF_SHARE = 0.6, 0.6
"""Share of the time after candidates that the search has, and of what is left then that duals have;
the rest is for the check of what is planned, the ledger and extras."""

BELOW_SHARE: Final = 0.3
"""Share of the time after the search in which less money is tried, where a curve is asked for."""

BRIEF: Final = Limits(steps=2_000)
"""For the search for what would do instead of one measure: it is small."""


def make_plan(
    result: CheckResult,
    aims: Aims | None = None,
    *,
    prices: Prices | None = None,
    offers: CandidateSet | None = None,
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
    prices, offers
        Price table, by default the planning figures; candidates at hand, with their own prices.
    step, watch
        Hears the name of each step, and returns who hears of its progress; hears of the optimiser.

    Raises
    ------
    InputError
        If a table of budgets names years or districts that there are not, or what is asked for
        names years or cameras that there are not, or a camera both ways; see `planning.years.pins`.
    MismatchError
        If nothing satisfies what is asked for, a floor contradicts the money, a plan for the public
        would rest on hidden records, a recount contradicts the optimiser, or the plan would spend
        more than it may.
    """
    aims, run, begin = aims or Aims(), run or Run(), step or _in_silence
    clock = Clock(run.limits)
    require_known(aims.grants, result.city, aims.years)
    refuse_named(aims, result)
    more: dict[str, Any] = {"robust_k": aims.robust_k, "memory_mb": run.memory_mb, "prices": prices}
    more |= {"ruled_out": aims.ruled_out, "scope": aims.scope}
    if aims.public and count_hidden(result.city, result.cameras, result.rules):
        raise MismatchError(HIDDEN)
    offers = offers or found_in_time(
        clock, begin(CANDIDATES), lambda hear: candidates_of(result, progress=hear, **more)
    )
    refuse_pins(aims, result, offers)
    offers = share_works(offers, result.city, years_in_order(aims.years, aims.grants), aims.pinned)
    posed = build_problem(offers, result)
    priced = by_life(posed, offers) if aims.life_cycle else posed
    begin(CHOICE)
    spent = worker.processor_s()
    outcome, stages, timed, lawful, begun = _decide(
        posed, priced, offers, result, aims, run, clock, watch
    )
    spent = worker.processor_s() - spent
    chosen = outcome.chosen
    proof, files = prove(priced.problem, outcome, offers, lawful)
    works = apply_selection(offers, posed, chosen, result)
    areas = areas_of_money(result.city, aims.grants)
    measures = in_years(works.measures, offers, timed, urgent_cameras(offers, result))
    measures["district"] = name_districts(measures.geometry, areas)
    after = _check(planned_city(result, measures, works.cameras), result, begin(CHECK))
    costed = offers.table.assign(cost_yuan=priced.problem.cost)
    book = ledger(
        priced,
        chosen,
        costed,
        result.parts,
        limits=BRIEF,
        hurries=lambda: clock.is_over,
        progress=begin(LEDGER),
    )
    today = credited(result, not_today(result, offers.barred["camera_id"]))
    # A planned camera that was not weighed is not promised by the plan either.
    promised = credited(
        after, measures.index[[NOT_WEIGHED in (names or ()) for names in measures["assumptions"]]]
    )
    told = _tables(today, promised, offers, areas) | _asked(result, offers, posed, aims, run)
    told["history"] = history(outcome, spent)
    told |= {"ledger": book.reset_index(), "stages": stages, **timed.tables(offers)}
    beside, missing = extras(
        priced.problem, lawful, offers, outcome, after, aims, run, clock, begin, begun
    )
    told |= beside
    if missing:
        told["parameters"][CUT_SHORT] = missing
    told["terms"] = offers.prices.terms
    told["before"], told["places_before"] = before_of(result, today, aims.scope.left_out(result))
    plan = Plan(measures, works.cameras, works.bill, proof=proof, files=files, **told)
    require_kept(plan)
    return plan


def found_in_time(
    clock: Clock, progress: Progress | None, find: Callable[[Progress], CandidateSet]
) -> CandidateSet:
    """Find candidates while there is time.

    Parameters
    ----------
    clock, progress
        Of the whole run; who hears of the step.
    find
        Finds them, and tells how far it is.

    Raises
    ------
    MismatchError
        If the time was up before they were found.
    """
    try:
        return find(clock.ending(progress))
    except TimeUpError as up:
        needed = clock.spent / max(up.share, 0.01) / (1.0 - SEARCH_SHARE)
        figures = {"spent": clock.spent, "needed": needed}
        told = {name: f"{seconds:,.0f}" for name, seconds in figures.items()}
        raise MismatchError(Text(UP.template, told | {"share": f"{up.share:.0%}"})) from None


def choose(
    problem: Problem,
    offers: CandidateSet,
    aims: Aims,
    run: Run,
    watch: Watch | None = None,
    *,
    lawful: Lawful | None = None,
    start: BoolArray | None = None,
) -> tuple[Outcome, pd.DataFrame]:
    """Choose candidates: the cheapest that meet what can be met, or most places within budgets.

    Returns
    -------
    tuple
        The choice, and what was reached of each aim in their order, columns `plan.STAGES`. Within
        a budget that the cheapest keeps it is the cheapest.

    Raises
    ------
    MismatchError
        If nothing satisfies what is asked for, or nothing was found before a stop or in time.
    """
    limits, seed, threads = run.limits, run.seed, run.threads
    stages = no_rows(STAGES)
    more: dict[str, Any] = {"limits": limits, "seed": seed, "threads": threads, "watch": watch}
    if start is None:
        start = run.known(problem, offers.table.index)
    if lawful is not None:
        outcome = most_lawful(lawful, start=start, **more)
    else:
        held = find_held(problem, offers.table.index, aims.held)
        more["watch"] = watching(watch, problem.price(held))
        more["start"] = None if start is None else start & ~held
        if aims.few_sites:
            outcome, stages = _few_sites(problem, offers, aims, held, more)
        else:
            outcome = minimise_cost(beside(problem, held), **more)
        outcome = with_held(problem, held, outcome)
    if outcome.status is Status.UNDECIDED:
        raise MismatchError(EARLY if run.is_stopped else LATE)
    if outcome.status not in CHOSEN:
        raise MismatchError(NOTHING if lawful is None else SHORT)
    return outcome, stages


def _few_sites(
    problem: Problem, offers: CandidateSet, aims: Aims, held: BoolArray, more: Mapping[str, Any]
) -> tuple[Outcome, pd.DataFrame]:
    """Choose few new sites before little money; `more` is how the optimiser runs."""
    exposure = offers.table["exposure_m2"].to_numpy(np.float64)
    opens, rest = new_sites(offers), beside(problem, held)
    ranked = by_order(rest, opens=without_opened(opens, held), exposure_m2=exposure, **more)
    money = Aim.LIFE if aims.life_cycle else Aim.COST
    rows = [
        (str(money if each.aim is Aim.COST else each.aim), each.value, each.bound)
        for each in staged_with(ranked.stages, opens, exposure, problem, held)
    ]
    return ranked.outcome, pd.DataFrame(rows, columns=list(STAGES))


def with_prices(problem: Problem, outcome: Outcome, run: Run) -> Outcome:
    """Return the outcome with duals that prove more, where the solver's word goes beyond.

    Duals are what anybody can recount; the exact solver leaves none for what it has closed.
    """
    is_proven = outcome.bound >= outcome.value * (1.0 - ENOUGH)
    if outcome.stages or is_proven or run.is_stopped:
        return outcome
    seconds = min(run.limits.seconds, PROOF_SECONDS)
    limits = Limits(seconds=seconds, stop=run.limits.stop)
    dual = best_dual(problem, limits=limits, threads=run.threads)
    bound = min(round_up(problem, lower_bound(problem, dual)), outcome.value)
    if bound <= outcome.bound:
        return outcome
    word = max(bound, outcome.solver_bound)
    return replace(outcome, dual=dual, bound=bound, solver_bound=word)


def by_life(posed: Posed, offers: CandidateSet) -> Posed:
    """Return a problem whose candidates cost what they do over the years that are counted.

    Raises
    ------
    MismatchError
        If the price table lacks what that takes.
    """
    prices, table = offers.prices, offers.table
    require_life(prices.terms, prices.name)
    cost = life_costs(prices.terms, table["cost_yuan"].to_numpy(), list(table["measure"]))
    return replace(posed, problem=replace(posed.problem, cost=cost))


def _decide(
    posed: Posed,
    priced: Posed,
    offers: CandidateSet,
    result: CheckResult,
    aims: Aims,
    run: Run,
    clock: Clock,
    watch: Watch | None,
) -> tuple[Outcome, pd.DataFrame, Timed, Lawful, Below | None]:
    """Choose, leave out what no year has the money for, and find duals that prove it.

    Money of a year pays works, whatever the costs by which is chosen (`priced`) are. Where a curve
    is asked for, less money is tried as well: what it reaches the plan reaches too.
    """
    problem, frame = posed.problem, frame_of(posed, offers, result, aims.years, aims.grants)
    money, terms = aims.budget_yuan, offers.prices.terms
    works = None if money is None else works_within(terms, money, aims.budget_of)
    refuse_contradictions(frame, problem, works)
    lawful = lawful_of(posed, offers, result, frame.budgets(problem, works), aims.policy)
    asked = lawful if aims.is_budgeted else None
    search = run.within(clock.part(SEARCH_SHARE, run.search_s * SEARCH_SHARE))
    began = clock.spent
    outcome, stages = choose(priced.problem, offers, aims, search, watch, lawful=asked)
    begun = None
    if asked is not None and aims.extras and outcome.stages and not run.is_stopped:
        time_s = clock.part(BELOW_SHARE, run.search_s - (clock.spent - began))
        each = run.within(time_s / (len(LEVELS) + 2))
        begun = below(asked, each.limits, seed=run.seed, threads=run.threads)
        better = None if begun is None else begun.beats(asked, outcome.chosen)
        if better is not None:
            outcome, stages = choose(
                priced.problem, offers, aims, each, watch, lawful=asked, start=better
            )
    timed = timetable(posed, offers, outcome.chosen, result, frame, aims.pinned)
    built = only_built(priced.problem, outcome, timed.made, asked)
    left = run.within(clock.part(PROOF_SHARE, run.search_s - (clock.spent - began)))
    outcome = with_prices(priced.problem, built, left)
    return outcome, staged(outcome, aims.policy, stages), timed, lawful, begun


def _tables(
    before: CheckResult, after: CheckResult, offers: CandidateSet, areas: gpd.GeoDataFrame
) -> dict[str, Any]:
    """Return the tables of a plan that nothing has to be decided for."""
    return {
        "parts": parts_before_after(before, after, areas),
        "unreachable": unreachable_parts(offers.unreachable),
        "forbidden": offers.forbidden,
        "barred": offers.barred,
    }


def _asked(
    result: CheckResult, offers: CandidateSet, posed: Posed, aims: Aims, run: Run
) -> dict[str, Any]:
    """Return what was asked for, and the digests of what it was made from."""
    said = asdict(aims) | {"years": list(aims.years), "seed": run.seed}
    # A plan that leaves nothing out says what plans said before anything could be.
    for name in ("ruled_out", "scope", "held", "public"):
        if not getattr(aims, name):
            del said[name]
    if aims.budget_yuan is None:
        del said["budget_of"]
    for grant in said["grants"]:
        del grant["where"]
    open_anyway = uncounted_places(result, posed.part_ids)
    if open_anyway or aims.is_budgeted:
        said[UNCOUNTED] = open_anyway
    hidden = count_hidden(result.city, result.cameras, result.rules)
    said |= {CHECKED_ON: present_day().isoformat()}
    notes = result.summary.get("notes") or []
    if notes:
        said["notes"] = notes
    return {
        "parameters": said | {"candidates": len(offers.table), "hidden": hidden},
        "inputs": input_digests(result) | {PRICES: offers.prices.digest},
    }


def _check(city: City, result: CheckResult, progress: Progress | None) -> CheckResult:
    night = bool(result.summary["night"])
    return check(
        city, rules=result.rules, raster=False, night=night, progress=progress, before=result
    )


def _in_silence(_: Text) -> None:
    """Tell nobody that a step begins."""
