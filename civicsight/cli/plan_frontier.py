"""What a budget buys: the curve, the plans none of which beats another, the price of survival."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from civicsight.cli.effects import require_effect
from civicsight.cli.inputs import reads_city
from civicsight.cli.options import JsonOption, OutOption
from civicsight.cli.plan_arguments import (
    BudgetOfOption,
    DistrictOption,
    ForbidOption,
    KnownGatesOption,
    PolicyOption,
    PricesOption,
    SecondsOption,
    SeedOption,
    StepsOption,
    bans_of,
    budget_of_option,
    money_of,
)
from civicsight.cli.plan_inputs import (
    READER,
    ReaderOption,
    StartOption,
    VersionOption,
    WhichOption,
    read_choice,
    run_check,
)
from civicsight.cli.plan_output import showing, stopping
from civicsight.cli.plans import STOPPED
from civicsight.cli.show import show_files
from civicsight.core.errors import N_
from civicsight.core.settings import worker_count

if TYPE_CHECKING:
    import pandas as pd

    from civicsight.cli.session import Session
    from civicsight.planning.frontier import Frontier

LevelsOption = Annotated[
    str,
    typer.Option(
        "--levels",
        help=str(
            N_(
                "Amounts of money in yuan, such as 100000,250000; by default shares of what the "
                "cheapest plan that meets all costs."
            )
        ),
    ),
]


@reads_city
def frontier(
    ctx: typer.Context,
    *,
    reading: Any,
    from_: StartOption = None,
    plan: WhichOption = None,
    version: VersionOption = None,
    as_: ReaderOption = READER,
    levels: LevelsOption = "",
    budget_of: BudgetOfOption = "investment",
    policy: PolicyOption = None,
    prices: PricesOption = None,
    forbid: ForbidOption = None,
    known_gates: KnownGatesOption = False,
    district: DistrictOption = None,
    seed: SeedOption = 0,
    steps: StepsOption = None,
    seconds: SecondsOption = 120.0,
    out: OutOption = Path("out/frontier"),
    json_: JsonOption = False,
) -> None:
    """Show what a budget buys."""
    from civicsight.planning.aims.policy_file import read_policy
    from civicsight.planning.frontier import draw_frontier
    from civicsight.planning.prices.price_table import read_prices
    from civicsight.planning.solver.outcome import Limits
    from civicsight.report.licence import describe_origin
    from civicsight.report.plan.frontier import table_of, write_frontier

    session: Session = ctx.obj
    require_effect(ctx, dict.fromkeys(("plan", "version", "as_"), ("from_",)))
    money, bans = levels_of(levels), bans_of(forbid, known_gates, district)
    counts = budget_of_option(budget_of)
    aims, table = read_policy(policy), read_prices(prices)
    known = read_choice(from_, plan, version, as_)
    result = run_check(session, reading)
    with stopping(session) as stop, showing(session, money=None) as shown:
        found, ids = draw_frontier(
            result,
            policy=aims,
            prices=table,
            levels=money,
            budget_of=counts,
            start=known,
            limits=Limits(steps, seconds, stop),
            seed=seed,
            threads=worker_count(),
            **bans,
            step=shown.begin,
        )
    origin = partial(describe_origin, result.city, result.rules)
    files = write_frontier(found, ids, out, name=result.city.name, origin=origin)
    _show(session, found, table_of(found, ids), files, json_=json_)
    if stop.is_set():
        raise typer.Exit(STOPPED)


def levels_of(text: str) -> list[float] | None:
    """Return amounts of money from a list; nothing: None.

    Raises
    ------
    InputError
        If one is no amount.
    """
    if not text.strip():
        return None
    return [money for part in text.split(",") if (money := money_of(part, "--levels")) is not None]


def _show(
    session: Session, found: Frontier, plans: pd.DataFrame, files: list[Path], *, json_: bool
) -> None:
    """Print what was found."""
    from civicsight.report.plan.frontier import ending_of, survival_of

    survival = found.survival
    if json_:
        told = {
            "budget_of": str(found.budget_of),
            "curve": found.curve.to_dict(orient="records"),
            "plans": plans.reset_index().to_dict(orient="records"),
            "complete": found.is_complete,
            "survival": None if survival is None else survival.to_dict(),
        }
        session.show_json(told, files)
        return
    _print_curve(session, found.curve)
    for text in (ending_of(found), *(survival_of(survival, found.budget_of) if survival else ())):
        session.out.print(session.translate(text), markup=False, highlight=False)
    show_files(session, files)


def _print_curve(session: Session, curve: Any) -> None:
    """Print what each level of money buys."""
    from civicsight.planning.choice.cost_coverage_curve import counted_in
    from civicsight.planning.prices.terms import BUDGET_OF
    from civicsight.presentation.lexicon import number

    for row in curve.itertuples():
        line = N_(
            "%(of)s %(budget)s yuan: places made compliant %(places)s (at most %(most_places)s), "
            "gates and key parts %(parts)s (%(most_parts)s), met %(metres)s (%(most_metres)s)",
            of=BUDGET_OF[counted_in(curve)],
            budget=number(row.budget_yuan),
            **{
                name: number(getattr(row, name), 1).removesuffix(".0")
                for name in (
                    "places",
                    "most_places",
                    "parts",
                    "most_parts",
                    "metres",
                    "most_metres",
                )
            },
        )
        session.out.print(session.translate(line), markup=False, highlight=False)
