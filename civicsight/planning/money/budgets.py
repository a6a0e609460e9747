"""The table of budgets by year and district, and the estimate of what is bought and done.

Districts pay for their own systems year by year; a floor keeps a plan from spending everything
where coverage is cheap.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pandas as pd

from civicsight.core.errors import N_, Fault, InputError, Text
from civicsight.core.settings import present_day
from civicsight.io.apart.reading import read_apart
from civicsight.io.registers.headers_of_money import BUDGET_WORDS, FUND_HEADERS
from civicsight.io.tables.sheet import Sheet
from civicsight.io.tables.synonyms import match_headers, match_value
from civicsight.planning.faults import fault
from civicsight.planning.prices.amounts import AmountError, factor_of_header, read_budget, same_unit
from civicsight.planning.prices.terms import BudgetOf
from civicsight.planning.record.plan import Plan

YEARS_AHEAD: Final = 30
"""A plan for a year further off is a slip of the pen."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One row: what a district has in a year, and what it has to reach by its end.

    Parameters
    ----------
    year
        None: all years together.
    district
        Name or code; empty: all districts together.
    budget_yuan
        Money there is; None: no limit.
    floor
        Least share of the demand of the district that is met by the end of the year [0-1]; None:
        none is asked for.
    budget_of
        Which sum the money limits.
    where
        File and row that it stands in; no part of what it says.
    """

    year: int | None
    district: str
    budget_yuan: float | None = None
    floor: float | None = None
    budget_of: BudgetOf = BudgetOf.INVESTMENT
    where: tuple[str, str] = field(default=("", ""), compare=False)


def read_funds(path: str | Path) -> tuple[Grant, ...]:
    """Read a table of budgets.

    Parameters
    ----------
    path
        CSV or XLSX with columns year, district, budget_yuan, floor and budget_of, or their Chinese
        names; a floor is a share such as 0.9 or 90%. Empty cells: all years, all districts, no
        limit, no floor, the investment. Money is in yuan unless its cell, the brackets of its
        column or a column currency say 10,000 yuan.

    Raises
    ------
    InputError
        Every row that cannot be used: a year that is over or far off, money below 0, of another
        currency or with a comma for a point, a floor beyond 1 or of no district, neither money nor
        floor, a year and district that stand twice.
    """
    sheet: Sheet = read_apart("sheet", path)
    found = match_headers(sheet.header, FUND_HEADERS)
    faults, grants = list(sheet.faults), dict[tuple[int | None, str], Grant]()
    if not {"budget_yuan", "floor"} & set(found):
        header = ", ".join(sheet.header)
        faults.append(fault("funds.column", sheet.source, field="budget_yuan", found=header))
    column, unit = found.get("budget_yuan", ""), None
    try:
        unit = factor_of_header(column)
    except AmountError as error:
        faults.append(_fault(sheet, "", column, column, error.expected, error.remedy))
    for where, cells in zip(sheet.where, sheet.rows, strict=True):
        values, wrong = _read_row(sheet, found, where, cells, unit)
        faults += wrong
        grant = Grant(**values, where=(sheet.source, where))
        if not wrong:
            faults += _unfit(grant, grants)
        grants.setdefault((grant.year, grant.district), grant)
    if faults:
        raise InputError(faults)
    return tuple(grants.values())


def _read_row(
    sheet: Sheet, found: dict[str, str], where: str, cells: dict[str, str | None], unit: int | None
) -> tuple[dict[str, Any], list[Fault]]:
    """Read one row, and say what is wrong with it; `unit` is how many yuan its column counts."""
    texts = {name: (cells.get(header) or "").strip() for name, header in found.items()}
    currency, money = texts.pop("currency", ""), texts.pop("budget_yuan", "")
    values: dict[str, Any] = {"year": None, "district": ""}
    faults = []
    for name, text in texts.items():
        if not text:
            continue
        read, expected, remedy = _READERS[name]
        values[name] = read(text)
        if values[name] is None:
            faults.append(_fault(sheet, where, found[name], text, expected, remedy))
    column = "currency"
    try:
        unit, column = same_unit(unit, currency), "budget_yuan"
        values |= {"budget_yuan": read_budget(money, unit)} if money else {}
    except AmountError as error:
        text = currency if column == "currency" else money
        faults.append(_fault(sheet, where, found[column], text, error.expected, error.remedy))
    return values, faults


def _unfit(grant: Grant, before: dict[tuple[int | None, str], Grant]) -> list[Fault]:
    """Return what a row lacks or repeats."""
    wrong = []
    if grant.budget_yuan is None and grant.floor is None:
        wrong.append(fault("funds.row:empty", *grant.where, "budget_yuan"))
    if grant.floor is not None and not grant.district:
        wrong.append(fault("funds.row:whose", *grant.where, "district"))
    if (grant.year, grant.district) in before:
        wrong.append(fault("funds.row:once", *grant.where, "district", grant.district))
    return wrong


def _year(text: str) -> int | None:
    first = present_day().year
    with suppress(ValueError):
        year = float(text)
        if year == int(year) and first <= year <= first + YEARS_AHEAD:
            return int(year)
    return None


def _name(text: str) -> str:
    return text


def read_budget_of(text: str) -> BudgetOf | None:
    """Return which sum a word stands for, None if for none."""
    found = match_value("budget_of", text, {"budget_of": BUDGET_WORDS})
    return None if found is None else BudgetOf(found)


def _share(text: str) -> float | None:
    with suppress(ValueError):
        value = float(text.removesuffix("%")) / (100.0 if text.endswith("%") else 1.0)
        if 0.0 <= value <= 1.0:
            return value
    return None


def _fault(sheet: Sheet, where: str, field: str, found: str, expected: Text, remedy: Text) -> Fault:
    return Fault("funds.row", sheet.source, where, field, found, expected, remedy)


_READERS: Final[dict[str, tuple[Callable[[str], Any], Text, Text]]] = {
    "year": (
        _year,
        N_(
            "a year from this one to %(ahead)s years from now, or nothing for all years",
            ahead=YEARS_AHEAD,
        ),
        N_(
            "Give the year of the works in four digits: nothing can be built in a year that is "
            "over."
        ),
    ),
    "district": (_name, N_("a district"), N_("Name the district as the register does.")),
    "budget_of": (
        read_budget_of,
        N_("investment or works, or nothing for investment"),
        N_("Say which sum the money limits: the investment of the bill, or its works alone."),
    ),
    "floor": (
        _share,
        N_("a share from 0 to 1, or from 0% to 100%"),
        N_("Give the least share of the demand of the district, such as 0.9."),
    ),
}


UNIT_KEYS: Final = ("item", "unit", "unit_yuan", "source", "dated_on")


def bill_of_quantities(plan: Plan) -> pd.DataFrame:
    """Return quantities and sums by item of work.

    Returns
    -------
    DataFrame
        ``item``, ``unit``, ``unit_yuan``, ``source``, ``dated_on``, ``quantity`` and ``cost_yuan``;
        the sums are exactly the cost of the plan.
    """
    groups = plan.bill.groupby(list(UNIT_KEYS), dropna=False, sort=True)
    return groups[["quantity", "cost_yuan"]].sum().reset_index()


def estimate_by(plan: Plan, *keys: str) -> pd.DataFrame:
    """Return the number of cameras and the cost by columns of the measures.

    Parameters
    ----------
    plan
        The plan.
    keys
        Columns of `model.MEASURES`, such as ``year``, ``district``, ``measure`` or
        ``camera_class``.

    Returns
    -------
    DataFrame
        The keys, ``cameras`` and ``cost_yuan``; the costs sum exactly to that of the plan.
    """
    works = plan.works
    named = works.assign(**{key: works[key].where(works[key].notna(), "") for key in keys})
    groups = named.groupby(list(keys), sort=True)["cost_yuan"]
    table: pd.DataFrame = groups.agg(cameras="size", cost_yuan="sum").reset_index()
    return table


def estimate_by_item(plan: Plan) -> pd.DataFrame:
    """Return the cost by year, district and item of work: the table of an investment estimate."""
    where = plan.measures[["year", "district"]]
    lines = plan.bill.join(where, on="camera_id")
    lines["district"] = lines["district"].fillna("")
    groups = lines.groupby(["year", "district", "item", "unit"], sort=True)
    return groups[["quantity", "cost_yuan"]].sum().reset_index()
