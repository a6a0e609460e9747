"""Three options of a plan by one command: computed, kept, and compared on one sheet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from civicsight.cli.commands import VIOLATION
from civicsight.cli.effects import require_effect
from civicsight.cli.inputs import reads_city
from civicsight.cli.options import JsonOption, OutOption
from civicsight.cli.plan_arguments import (
    DistrictOption,
    ForbidOption,
    MemoryOption,
    PdfOption,
    PinOption,
    PricesOption,
    SecondsOption,
    SeedOption,
    StepsOption,
    YearsOption,
    bans_of,
    pins_of,
    years_of,
)
from civicsight.cli.plan_inputs import (
    ActorOption,
    PlanOption,
    StoreOption,
    acting,
    actor_of,
    run_check,
)
from civicsight.cli.plans import STOPPED, make, require, with_years, write
from civicsight.cli.show import show_files, show_table
from civicsight.core.errors import N_

if TYPE_CHECKING:
    from collections.abc import Mapping

    from civicsight.cli.session import Session
    from civicsight.planning.record.plan import Plan
    from civicsight.report.plan.teller import Teller

    Kept = Mapping[str, tuple[int, str]]


@reads_city
def options(
    ctx: typer.Context,
    *,
    reading: Any,
    years: YearsOption = "",
    pin: PinOption = None,
    forbid: ForbidOption = None,
    district: DistrictOption = None,
    prices: PricesOption = None,
    seed: SeedOption = 0,
    steps: StepsOption = None,
    seconds: SecondsOption = 120.0,
    memory: MemoryOption = None,
    store: StoreOption = None,
    plan: PlanOption = "plan",
    as_: ActorOption = "",
    pdf: PdfOption = False,
    out: OutOption = Path("out/options"),
    json_: JsonOption = False,
) -> None:
    """Draw up three options of a plan, and compare them."""
    from civicsight.planning.aims.options import OPTIONS, none_dearer, three_of
    from civicsight.planning.aims.request import Aims
    from civicsight.planning.choice.clock import Clock
    from civicsight.planning.prices.price_table import read_prices
    from civicsight.planning.solver.outcome import Limits
    from civicsight.planning.statement.claims import statement_of

    session: Session = ctx.obj
    require_effect(ctx, dict.fromkeys(("plan", "as_"), ("store",)))
    require(store, as_, pdf=pdf)
    aims = Aims(
        years=years_of(years),
        pinned=pins_of(pin or []),
        **bans_of(forbid, known_gates=False, district=district),
    )
    own_prices = read_prices(prices)
    result = run_check(session, reading)
    made: dict[str, Plan] = {}
    stopped = False
    clock, options = Clock(Limits(seconds=seconds)), three_of(with_years(aims, result))
    for code, asked in options.items():
        session.print(N_("Option: %(option)s", option=OPTIONS[code]))
        share = clock.part(1.0 / (len(options) - len(made)))
        run = (own_prices, seed, steps, share, memory, ())
        made[code], is_stopped = make(session, result, asked, *run)
        stopped |= is_stopped
    made = none_dearer(made, lambda drawn: drawn.cost_yuan)
    for code, drawn in made.items():
        write(session, drawn, result, out / code, pdf=pdf)
    kept = {} if store is None else _keep(session, store, as_, plan, made, result.city.name)
    told = _tellers(session, made, result)
    _show(session, told, kept, out, json_=json_)
    if stopped:
        raise typer.Exit(STOPPED)
    if any(statement_of(plan).unmet for plan in made.values()):
        raise typer.Exit(VIOLATION)


def _keep(
    session: Session, store: str, name: str, label: str, made: Mapping[str, Plan], city: str
) -> Kept:
    """Keep each option as a version; the recommended one last, so that it is what goes on."""
    from civicsight.planning.aims.options import RECOMMENDED
    from civicsight.store.optimised_plans import keep_plan

    order = sorted(made, key=lambda code: code == RECOMMENDED)
    actor = actor_of(name, None, "planner")
    with acting(session, store, create=True) as opened:
        return {code: keep_plan(opened, actor, label, made[code], city) for code in order}


def _tellers(session: Session, made: Mapping[str, Plan], result: Any) -> list[dict[str, Teller]]:
    """Return the options in the words of each language, that of the session first."""
    from civicsight.core.i18n import LANGUAGES
    from civicsight.report.plan.teller import teller_of

    languages = sorted(LANGUAGES, key=lambda one: one != session.language)
    return [
        {code: teller_of(plan, result, language) for code, plan in made.items()}
        for language in languages
    ]


def _show(
    session: Session, told: list[dict[str, Teller]], kept: Kept, out: Path, *, json_: bool
) -> None:
    """Write the sheet, and print what is on it."""
    from civicsight.planning.aims.options import OPTIONS, alike
    from civicsight.planning.money.bill import sums_of
    from civicsight.report.plan.options import ITEM, compare, describe_alike, rows_of, write_options

    tellers = told[0]
    with session.step(N_("Writing")):
        files = write_options(told, out)
    plans = {code: teller.plan for code, teller in tellers.items()}
    if json_:
        options = {
            code: {
                "cost_yuan": plan.cost_yuan,
                "works_yuan": plan.cost_yuan,
                "investment_yuan": sums_of(plan).investment,
                "figures": {
                    str(label): str(value) for label, value in rows_of(tellers[code].figures)
                },
                "kept": None
                if code not in kept
                else dict(zip(("version", "root"), kept[code], strict=True)),
                "folder": str(out / code),
            }
            for code, plan in plans.items()
        }
        same = [list(group) for group in alike(plans)]
        session.show_json({"options": options, "same": same}, files)
        return
    headings = (ITEM, *(OPTIONS[code] for code in tellers))
    rows = [(label, *cells) for label, cells in compare(tellers)]
    show_table(session, headings, rows, range(1, len(headings)))
    lines = [
        N_(
            "%(option)s: kept as version %(n)s, root %(root)s",
            option=OPTIONS[code],
            n=number,
            root=root,
        )
        for code, (number, root) in kept.items()
    ]
    for text in (*describe_alike(tellers), *map(session.translate, lines)):
        session.out.print(text, markup=False, highlight=False, soft_wrap=True)
    show_files(session, files)
