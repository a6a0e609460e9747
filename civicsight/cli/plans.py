"""Plans: lawful candidates, the optimiser, what it proves, and a file that keeps every version."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from civicsight.cli.commands import VIOLATION
from civicsight.cli.effects import require_effect
from civicsight.cli.inputs import reads_city
from civicsight.cli.options import JsonOption, OutOption
from civicsight.cli.plan_arguments import (
    AloneOption,
    BudgetOfOption,
    BudgetOption,
    BudgetTableOption,
    DistrictOption,
    FewSitesOption,
    ForbidOption,
    HoldOption,
    KnownGatesOption,
    LifeCycleOption,
    MemoryOption,
    PdfOption,
    PinOption,
    PolicyOption,
    PricesOption,
    PublicOption,
    RobustOption,
    SecondsOption,
    SeedOption,
    StepsOption,
    YearsOption,
    bans_of,
    budget_of_option,
    money_of,
    pins_of,
    years_of,
)
from civicsight.cli.plan_inputs import (
    ActorOption,
    PlanOption,
    StartOption,
    StoreOption,
    acting,
    actor_of,
    read_choice,
    run_check,
)
from civicsight.cli.plan_output import show_made
from civicsight.cli.show import show_files
from civicsight.core.errors import N_
from civicsight.core.settings import present_day, worker_count

if TYPE_CHECKING:
    import pandas as pd

    from civicsight.cli.session import Session
    from civicsight.coverage.result import CheckResult
    from civicsight.planning.aims.request import Aims
    from civicsight.planning.prices.price_table import Prices
    from civicsight.planning.record.plan import Plan


STOPPED = 130
"""Exit code of a command that the user stopped; the last valid plan was kept."""

FROM_HIDDEN = N_(
    "a plan for the public begins from no kept plan: that one may rest on hidden records"
)


@reads_city
def candidates(
    ctx: typer.Context,
    *,
    reading: Any,
    out: OutOption = Path("out/candidates"),
    prices: PricesOption = None,
    robust: RobustOption = 0,
    forbid: ForbidOption = None,
    memory: MemoryOption = None,
    json_: JsonOption = False,
) -> None:
    """List candidates."""
    from civicsight.planning.candidates import generate
    from civicsight.planning.candidates.model import REASONS, WHY_UNREACHABLE
    from civicsight.planning.candidates.ruled_out import RuledOut
    from civicsight.planning.prices.price_table import read_prices
    from civicsight.planning.record.actions import MEASURE_LABELS
    from civicsight.report.tables import plain_positions, write_csv

    session: Session = ctx.obj
    table, left = read_prices(prices), RuledOut.of(forbid or [])
    result = run_check(session, reading)
    print_forecast(session, result, robust_k=robust)
    with session.step(N_("Finding permitted candidates")) as tick:
        found = generate(
            result, prices=table, robust_k=robust, memory_mb=memory, ruled_out=left, progress=tick
        )
    path = out / "candidates.csv"
    write_csv(path, plain_positions(found.table))
    sums = found.forbidden.groupby("reason")["count"].sum()
    counts = {
        "measures": _counted(found.table["measure"]),
        "forbidden": {str(name): int(count) for name, count in sums.items()},
        "unreachable": _counted(found.unreachable["reason"]),
        "barred": sorted(set(found.barred["camera_id"])),
    }
    if json_:
        session.show_json(counts, [path])
        return
    for name, words in (
        ("measures", MEASURE_LABELS),
        ("forbidden", REASONS),
        ("unreachable", WHY_UNREACHABLE),
    ):
        _print_counts(session, name, counts[name], words)
    if counts["barred"]:
        session.print(
            N_("Not credited, for they break the law: %(names)s", names=", ".join(counts["barred"]))
        )
    show_files(session, [path])


@reads_city
def optimise(
    ctx: typer.Context,
    *,
    reading: Any,
    budget: BudgetOption = None,
    budget_of: BudgetOfOption = "investment",
    budget_table: BudgetTableOption = None,
    policy: PolicyOption = None,
    years: YearsOption = "",
    pin: PinOption = None,
    forbid: ForbidOption = None,
    hold: HoldOption = None,
    from_: StartOption = None,
    prices: PricesOption = None,
    robust: RobustOption = 0,
    known_gates: KnownGatesOption = False,
    district: DistrictOption = None,
    few_sites: FewSitesOption = False,
    life_cycle: LifeCycleOption = False,
    plan_alone: AloneOption = False,
    public: PublicOption = False,
    seed: SeedOption = 0,
    steps: StepsOption = None,
    seconds: SecondsOption = 120.0,
    memory: MemoryOption = None,
    store: StoreOption = None,
    plan: PlanOption = "plan",
    as_: ActorOption = "",
    pdf: PdfOption = True,
    out: OutOption = Path("out/plan"),
    json_: JsonOption = False,
) -> None:
    """Draw up a plan."""
    from civicsight.planning.statement.claims import statement_of

    session: Session = ctx.obj
    in_file = None if from_ is None or Path(from_).is_dir() else plan  # a folder has one plan
    is_folder = from_ is not None and in_file is None
    needs = {"plan": ("store",) if is_folder else ("store", "from_"), "as_": ("store",)}
    if plan_alone:  # else what other money would buy is told by both
        needs |= {"budget_of": ("budget",), "policy": ("budget", "budget_table")}
    require_effect(ctx, needs)
    require(store, as_, pdf=pdf)
    if public and from_ is not None:
        raise typer.BadParameter(session.translate(FROM_HIDDEN), param_hint="--from")
    files = (budget_table, policy)
    more: dict[str, Any] = {"few_sites": few_sites, "robust_k": robust, "life_cycle": life_cycle}
    more |= bans_of(forbid, known_gates, district)
    more |= {"held": tuple(hold or ()), "extras": not plan_alone, "public": public}
    more |= {"budget_yuan": money_of(budget), "budget_of": budget_of_option(budget_of)}
    aims = _aims_of(files, years, pin or [], **more)
    run = (prices_of(prices, aims), seed, steps, seconds, memory, read_choice(from_, in_file))
    result = run_check(session, reading, public=public)
    made, stopped = make(session, result, with_years(aims, result), *run)
    kept = None if store is None else keep(session, store, as_, plan, made, result.city.name)
    show_made(session, made, write(session, made, result, out, pdf=pdf), kept, json_=json_)
    if stopped:
        raise typer.Exit(STOPPED)
    if statement_of(made).unmet:
        raise typer.Exit(VIOLATION)


def _aims_of(
    files: tuple[Path | None, Path | None], years: str, pin: list[str], **more: Any
) -> Aims:
    """Return what is asked of a plan; `files` are the tables of money and of aims."""
    from civicsight.planning.aims.policy_file import read_policy
    from civicsight.planning.aims.request import Aims
    from civicsight.planning.money.budgets import read_funds

    money, policy = files
    grants = () if money is None else read_funds(money)
    return Aims(
        years=years_of(years),
        pinned=pins_of(pin),
        grants=grants,
        policy=read_policy(policy),
        **more,
    )


def prices_of(path: Path | None, aims: Aims) -> Prices:
    """Read a price table, refused before any work where it lacks what life-cycle cost takes."""
    from civicsight.planning.prices.price_table import read_prices
    from civicsight.planning.prices.terms import require_life

    prices = read_prices(path)
    if aims.life_cycle:
        require_life(prices.terms, prices.name)
    return prices


def print_forecast(
    session: Session, result: CheckResult, seconds: float | None = None, **asked: Any
) -> None:
    """Tell what finding candidates will take, and how long the whole run may.

    `asked` is what `forecast` takes.
    """
    from civicsight.planning.candidates import forecast

    told = forecast(result, **asked)
    session.print(told.describe())
    if seconds is None:
        return
    session.print(
        N_(
            "All steps together take at most %(limit)s s: candidates, search, proof and "
            "what is told beside the plan.",
            limit=f"{seconds:.3g}",
        )
    )
    text = told.warn(seconds)
    if text is not None:
        session.print(N_("Warning: %(text)s", text=text))


def keep(
    session: Session, store: str, name: str, label: str, made: Plan, city: str
) -> tuple[int, str]:
    """Keep a plan as a version in a store, which is made; return its number and root."""
    from civicsight.store.optimised_plans import describe_better, keep_plan

    actor = actor_of(name, None, "planner")
    with acting(session, store, create=True) as opened:
        kept = keep_plan(opened, actor, label, made, city)
        for text in describe_better(opened, actor, label, made):
            session.print(text)
    return kept


def with_years(aims: Aims, result: CheckResult) -> Aims:
    """Return aims with years: those asked for, else of the budget, the project, or the next one."""
    from civicsight.model.provenance import years_of as years_planned

    if aims.years or any(each.year for each in aims.grants):
        return aims
    years = years_planned(result.city.provenance) or (present_day().year + 1,)
    return replace(aims, years=years)


def write(session: Session, plan: Plan, result: CheckResult, out: Path, *, pdf: bool) -> list[Path]:
    """Write the documents of a plan, with the step shown."""
    from civicsight.report.plan import write_plan

    with session.step(N_("Writing")) as tick:
        return write_plan(plan, result, out, pdf=pdf, progress=tick)


def make(
    session: Session,
    result: CheckResult,
    aims: Any,
    prices: Any,
    seed: int,
    steps: int | None,
    seconds: float,
    memory_mb: int | None,
    start: tuple[str, ...],
) -> tuple[Plan, bool]:
    """Draw up a plan with its steps shown, and say whether somebody stopped it."""
    from civicsight.cli.plan_output import showing, stopping
    from civicsight.planning.aims.request import Run
    from civicsight.planning.make import make_plan
    from civicsight.planning.solver.outcome import Limits
    from civicsight.report.plan.script import with_told

    print_forecast(session, result, seconds, robust_k=aims.robust_k, scope=aims.scope)
    sums = N_("Life-cycle cost") if aims.life_cycle else N_("Works")
    money = None if aims.is_budgeted else sums
    with stopping(session) as stop, showing(session, money=money) as shown:
        run = Run(Limits(steps, seconds, stop), seed, worker_count(), memory_mb, start)
        made = make_plan(result, aims, prices=prices, run=run, step=shown.begin, watch=shown.hear)
    return with_told(made, result), stop.is_set()


def require(store: str | None, name: str, *, pdf: bool) -> None:
    """Refuse what cannot be done before the work and not after it."""
    from civicsight.report.pdf import load_printer
    from civicsight.store import open_store

    if store is not None and not name.strip():
        raise typer.BadParameter(str(N_("who keeps the plan?")), param_hint="--as")
    if store is not None and ("://" in store or Path(store).exists()):
        open_store(store).close()
    if pdf:
        load_printer()


def _counted(column: pd.Series) -> dict[str, int]:
    return {str(name): int(count) for name, count in column.value_counts().sort_index().items()}


def _print_counts(session: Session, name: str, counts: Any, words: Any) -> None:
    """Print counts under a heading, a line each."""
    titles = {
        "measures": N_("Candidates"),
        "forbidden": N_("Kept out by the law"),
        "unreachable": N_("Sample points that no permitted camera can cover"),
    }
    if not counts:
        return
    session.out.print(session.translate(titles[name]), markup=False, highlight=False)
    for code, count in counts.items():
        line = N_("%(what)s: %(value)s", what=words.get(code, code), value=f"{count:,}")
        session.out.print("  " + session.translate(line), markup=False, highlight=False)
