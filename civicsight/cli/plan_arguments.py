"""What is asked of a plan on the command line, option by option."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from civicsight.cli.faults import reject
from civicsight.core.errors import N_, Fault, InputError

if TYPE_CHECKING:
    from civicsight.planning.prices.terms import BudgetOf

PricesOption = Annotated[
    Path | None,
    typer.Option(
        "--prices",
        help=str(N_("Price table, CSV or XLSX; by default the planning figures of the project.")),
    ),
]
RobustOption = Annotated[
    int, typer.Option("--robust", min=0, max=5, help=str(N_("How many cameras may fail.")))
]

BudgetOption = Annotated[
    str | None,
    typer.Option(
        "--budget",
        help=str(
            N_(
                "Money there is, in yuan or with its unit; without: no limit. It limits the "
                "investment unless --budget-of says works."
            )
        ),
    ),
]
BudgetOfOption = Annotated[
    str,
    typer.Option(
        "--budget-of",
        help=str(
            N_(
                "Which sum the money limits: investment (works with all that is added to them, the "
                "total of the bill) or works (alone)."
            )
        ),
    ),
]
BudgetTableOption = Annotated[
    Path | None,
    typer.Option(
        "--budget-table",
        help=str(
            N_(
                "Money and least shares by year and district, CSV or XLSX: year, district, "
                "budget_yuan, floor, budget_of."
            )
        ),
    ),
]
PolicyOption = Annotated[
    Path | None,
    typer.Option(
        "--policy",
        "--weights",
        help=str(
            N_(
                "What a budget is for, CSV or XLSX: rows of aim in their order (places, parts, "
                "metres, exposure, joined, surviving), and rows of class and weight. Without it "
                "the first five, and all classes count the same."
            )
        ),
    ),
]
YearsOption = Annotated[
    str, typer.Option("--years", help=str(N_("Years of the works, such as 2027,2028,2029.")))
]
PinOption = Annotated[
    list[str] | None,
    typer.Option(
        "--pin", help=str(N_("CAMERA=YEAR for one that goes with another project; repeat it."))
    ),
]
ForbidOption = Annotated[
    list[str] | None,
    typer.Option(
        "--forbid",
        help=str(
            N_(
                "What the plan leaves alone: the id of a camera, building, pole, lamp or gate, or "
                "of a position of another plan; or LON,LAT,METRES, where nothing new is put up. "
                "Repeat it."
            )
        ),
    ),
]
HoldOption = Annotated[
    list[str] | None,
    typer.Option(
        "--hold",
        help=str(
            N_(
                "What the plan takes whatever it costs: the id of a candidate, as of a kept plan. "
                "Repeat it."
            )
        ),
    ),
]
KnownGatesOption = Annotated[
    bool,
    typer.Option(
        "--known-gates",
        help=str(N_("Gates that are only presumed are not asked for until they are confirmed.")),
    ),
]
DistrictOption = Annotated[
    list[str] | None,
    typer.Option(
        "--district", help=str(N_("Name of a district that is asked for alone; repeat it."))
    ),
]
FewSitesOption = Annotated[
    bool,
    typer.Option("--few-sites", help=str(N_("Fewer new sites are preferred over lower cost."))),
]
PublicOption = Annotated[
    bool,
    typer.Option(
        "--public",
        help=str(
            N_(
                "The plan for the public: drawn up without secret cameras and places, areas of "
                "consent, private places, answers and documents."
            )
        ),
    ),
]
AloneOption = Annotated[
    bool,
    typer.Option(
        "--plan-alone",
        help=str(
            N_(
                "Sooner done: without what other shares cost, plans nearly as good, and what "
                "failures leave."
            )
        ),
    ),
]
LifeCycleOption = Annotated[
    bool,
    typer.Option(
        "--life-cycle",
        help=str(
            N_(
                "The least life-cycle cost instead of the least investment: with yearly cost, over "
                "the years and at the rate of the price table."
            )
        ),
    ),
]
SeedOption = Annotated[int, typer.Option("--seed", help=str(N_("Seed of the search.")))]
StepsOption = Annotated[
    int | None,
    typer.Option("--steps", min=0, help=str(N_("Steps of the search, which repeat a run."))),
]
SecondsOption = Annotated[
    float,
    typer.Option("--seconds", min=0, help=str(N_("Longest time of the whole run, in seconds."))),
]
MemoryOption = Annotated[
    int | None,
    typer.Option(
        "--memory",
        min=1,
        help=str(
            N_(
                "Megabytes that finding candidates may take beside the city; by default as "
                "CIVICSIGHT_PLAN_MEMORY says, 4000."
            )
        ),
    ),
]
PdfOption = Annotated[
    bool, typer.Option("--pdf/--no-pdf", help=str(N_("Whether the pages are printed as PDF.")))
]


def money_of(text: str | None, name: str = "--budget") -> float | None:
    """Return the yuan of a sum that was typed; None of none.

    Raises
    ------
    InputError
        If it is no sum from 0 yuan on.
    """
    from civicsight.planning.prices.amounts import AmountError, read_budget

    if text is None:
        return None
    try:
        return read_budget(text)
    except AmountError as error:
        fault = Fault("option.money", "", "", name, text, error.expected, error.remedy)
        raise InputError([fault]) from None


def budget_of_option(text: str) -> BudgetOf:
    """Return which sum a budget limits.

    Raises
    ------
    InputError
        If the word stands for none.
    """
    from civicsight.planning.money.budgets import read_budget_of

    found = read_budget_of(text)
    if found is None:
        reject("option.sum", field="--budget-of", found=text)
    return found


def bans_of(
    forbid: list[str] | None,
    known_gates: bool,  # noqa: FBT001 - as the option is
    district: list[str] | None,
) -> dict[str, Any]:
    """Return what a plan leaves alone, and what is not asked of it."""
    from civicsight.planning.area.scope import Scope
    from civicsight.planning.candidates.ruled_out import RuledOut

    return {
        "ruled_out": RuledOut.of(forbid or []),
        "scope": Scope(known_gates, tuple(district or ())),
    }


def years_of(text: str) -> tuple[int, ...]:
    """Return years from a list; nothing: none.

    Raises
    ------
    typer.BadParameter
        If one is no year.
    """
    from datetime import date

    if not text.strip():
        return ()
    try:
        return tuple(sorted({date(int(part), 1, 1).year for part in text.split(",")}))
    except ValueError:
        raise typer.BadParameter(repr(text), param_hint="--years") from None


def pins_of(texts: list[str]) -> dict[str, int]:
    """Return the years of pinned cameras.

    Raises
    ------
    typer.BadParameter
        If one is not CAMERA=YEAR.
    InputError
        If a camera has two years.
    """
    found: dict[str, int] = {}
    for text in texts:
        name, _, year = text.rpartition("=")
        if not name or not year.isdecimal():
            raise typer.BadParameter(repr(text), param_hint="--pin")
        if found.get(name, int(year)) != int(year):
            twice = f"{name}={found[name]}, {name}={year}"
            reject("option.pin", field="--pin", found=twice)
        found[name] = int(year)
    return found
