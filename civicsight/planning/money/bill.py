"""The bill of a plan as an office counts it: investment, yearly cost, and what both come to today.

Works are those of `plan.Plan.bill`; all else follows from the terms that the plan keeps. Each row
is rounded to the whole yuan, a half up, and totals are sums of rows, so that whoever adds them up
finds the same. Present cost counts from the day on which a camera is put into use: what is paid
then, and the yearly cost at the end of each of the years that are counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import accumulate, chain, pairwise
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from civicsight.core.arrays import FloatArray
from civicsight.core.errors import N_, Text
from civicsight.planning.money.budgets import bill_of_quantities
from civicsight.planning.prices.terms import (
    MEASURES,
    YEARLY,
    added_to,
    annuity_of,
    rounded,
    times_a_year,
    with_added,
    yearly_of,
    yearly_rows,
)
from civicsight.planning.record.plan import Plan

SECTIONS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "devices": N_("Devices"),
        "carriers": N_("Poles and mounting"),
        "supply": N_("Power and network"),
        "existing": N_("Work on cameras that exist"),
        "other": N_("Other work"),
        "works": N_("Works"),
        "added": N_("Added to the works"),
        "yearly": N_("Yearly cost"),
        "present": N_("Present cost"),
    }
)
"""Sections of a bill, in their order."""

INVESTED: Final = ("devices", "carriers", "supply", "existing", "other", "works", "added")
"""Sections that are paid once."""

KINDS: Final = (
    ("devices", "device."),
    ("carriers", "mount."),
    ("carriers", "pole"),
    ("carriers", "shared.pole"),
    ("supply", "supply."),
    ("supply", "shared.supply."),
    ("supply", "connect"),
    ("existing", "keep"),
    ("existing", "reaim"),
    ("existing", "mask"),
    ("existing", "dismantle"),
)
"""Section of an item of work by how its name begins; any other is other work."""

SUBTOTAL, TOTAL, WORKS, LATER, PRESENT = "subtotal", "total", "works", "later", "present"
"""Items that are sums: of a section, of investment or a year, and the three of the present cost."""

STATEMENT: Final = ("section", "item", "measure", "quantity", "unit", "unit_yuan", "cost_yuan",
                    "source", "dated_on")  # fmt: skip
"""Columns of a bill; a sum has neither quantity nor source. `measure` is that of a yearly row that
is for one alone."""


HUNDRED: Final = 100
"""Two digits of ten thousand yuan: a row on paper is so many times 100 yuan."""

TEN_THOUSAND: Final = 10_000.0
"""Offices count in units of ten thousand yuan."""


class Sums(NamedTuple):
    """What a bill comes to [yuan]: investment, cost a year, and both today.

    `yearly` is None where nobody gave any yearly cost; `present` where that, a rate or years lack.
    """

    investment: int
    yearly: int | None
    present: int | None


def statement(plan: Plan) -> pd.DataFrame:
    """Return the bill row by row, columns `STATEMENT`, with a sub-total after each section.

    The last row of the investment is its total; the yearly cost and the present cost have sections
    of their own, which are empty where the price table has no rows for them.
    """
    works = _works(plan)
    sums = {name: sum(row[6] for row in rows) for name, rows in works.items()}
    base = sum(sums.values())
    added = _added(plan.terms, base)
    yearly = _yearly(plan)
    rows: list[tuple[Any, ...]] = []
    for name, own in works.items():
        rows += [*own, _sum(name, SUBTOTAL, sums[name])] if own else []
    if added:
        rows += [_sum("works", SUBTOTAL, base), *added]
        rows.append(_sum("added", SUBTOTAL, sum(row[6] for row in added)))
    invested = base + sum(row[6] for row in added)
    rows.append(_sum("added", TOTAL, invested))
    a_year = sum(row[6] for row in yearly)
    rows += [*yearly, _sum("yearly", TOTAL, a_year)] if yearly else []
    rows += _present(plan.terms, invested, a_year) if yearly else []
    return pd.DataFrame(rows, columns=list(STATEMENT))


def sums_of(plan: Plan) -> Sums:
    """Return what a bill comes to."""
    table = statement(plan)
    item, section, cost = table["item"], table["section"], table["cost_yuan"]
    sums = (
        cost[item.eq(TOTAL) & section.eq("added")],
        cost[item.eq(TOTAL) & section.eq("yearly")],
        cost[item.eq(PRESENT)],
    )
    investment, yearly, present = (None if one.empty else int(one.iloc[0]) for one in sums)
    return Sums(investment or 0, yearly, present)


def life_costs(
    terms: pd.DataFrame, cost_yuan: Sequence[float] | FloatArray, measures: Sequence[str]
) -> FloatArray:
    """Return what measures cost over the years that are counted, each to the whole yuan.

    Parameters
    ----------
    terms
        With a rate, years and yearly rows; see `terms.require_life`.
    cost_yuan, measures
        Of each measure: its works, and what it is.
    """
    worth, factor = annuity_of(terms) or Fraction(0), with_added(terms)
    later = {name: yearly_of(terms, name) * worth for name in {*MEASURES, *measures}}
    known: dict[tuple[float, str], int] = {}
    pairs = list(zip(map(float, cost_yuan), measures, strict=True))
    for cost, measure in set(pairs):
        known[cost, measure] = rounded(Fraction(cost) * factor + later[measure])
    return np.array([known[pair] for pair in pairs], np.float64)


def life_of_plan(plan: Plan) -> FloatArray:
    """Return the life-cycle cost of each camera that a plan counts on, as its certificate does."""
    counted = _counted(plan)
    return life_costs(plan.terms, counted["cost_yuan"].to_numpy(), list(counted["measure"]))


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """Share a whole number out by weights, each share whole and their sum exactly the number.

    What is left of each share is carried on to the next, so that those of any rows in a row are
    within one of what they should be.

    Examples
    --------
    >>> spread(10, [1, 1, 1])
    [3, 4, 3]
    """
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    steps = [0, *(rounded(Fraction(total * one, whole)) for one in accumulate(weights))]
    return [after - before for before, after in pairwise(steps)]


def rounded_all(numbers: Iterable[int], unit: int) -> int:
    """Return the sum of whole numbers in whole units, a half up."""
    return rounded(Fraction(sum(numbers), unit))


def hundreds_of(bill: pd.DataFrame) -> list[int | None]:
    """Return the sums of a `statement` in hundreds of yuan: rows that add up to the sums below.

    None of rows that are no money.
    """
    section, item = bill["section"], bill["item"]
    is_sum = item.isin([SUBTOTAL, TOTAL, WORKS, LATER, PRESENT])
    out: dict[int, int] = {}
    for sections in (INVESTED, ("yearly",)):
        own = bill.index[section.isin(sections) & ~is_sum]
        cost = [int(value) for value in bill["cost_yuan"][own]]
        out |= zip(own, spread(rounded(Fraction(sum(cost), HUNDRED)), cost), strict=True)
    rows = pd.Series(out, dtype="int64")
    for label in bill.index[is_sum & section.ne("present")]:
        name = section[label]
        of_all: tuple[str, ...] = (name,)
        of_all = INVESTED if item[label] == TOTAL and name == "added" else of_all
        of_all = INVESTED[:-2] if name == "works" else of_all
        out[label] = int(rows[section[rows.index].isin(of_all)].sum())
    for label in bill.index[section.eq("present") & is_sum]:
        out[label] = rounded(Fraction(int(bill["cost_yuan"][label]), HUNDRED))
    kept = {item[n]: n for n in bill.index[section.eq("present") & is_sum]}
    if kept:
        total = next(n for n in bill.index if (section[n], item[n]) == ("added", TOTAL))
        out[kept[WORKS]] = out[total]
        out[kept[LATER]] = out[kept[PRESENT]] - out[total]
    return [out.get(label) for label in bill.index]


def _works(plan: Plan) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of the works by section, in the order of the sections."""
    found: dict[str, list[tuple[Any, ...]]] = {name: [] for name in INVESTED[:-2]}
    for row in bill_of_quantities(plan).itertuples():
        section = next((name for name, start in KINDS if row.item.startswith(start)), "other")
        found[section].append(
            (
                section,
                row.item,
                "",
                row.quantity,
                row.unit,
                row.unit_yuan,
                rounded(Fraction(row.cost_yuan)),
                row.source,
                row.dated_on,
            )
        )
    return found


def _added(terms: pd.DataFrame, works: int) -> list[tuple[Any, ...]]:
    """Return what is added to the works: each share of what it is a share of."""
    known = {row.item: row for row in terms.itertuples()}
    return [
        (
            "added",
            name,
            "",
            known[name].price_yuan,
            known[name].unit,
            float(base),
            yuan,
            known[name].source,
            known[name].dated_on,
        )
        for name, (base, yuan) in added_to(terms, works).items()
    ]


def _yearly(plan: Plan) -> list[tuple[Any, ...]]:
    """Return what the cameras that the plan counts on cost a year, a row for each row of terms."""
    counts = _counted(plan)["measure"].value_counts()
    paying: dict[str, int] = {}
    for measure, count in counts.items():
        for item in yearly_rows(plan.terms, str(measure)):
            paying[item] = paying.get(item, 0) + int(count)
    known = {row.item: row for row in plan.terms.itertuples()}
    order = chain.from_iterable((name, *(f"{name}.{own}" for own in MEASURES)) for name in YEARLY)
    rows = []
    for item in order:
        if item not in paying:
            continue
        row, (name, _, measure) = known[item], item.partition(".")
        yuan = Fraction(str(row.price_yuan)) * times_a_year(row.unit) * paying[item]
        rows.append(
            (
                "yearly",
                name,
                measure,
                float(paying[item]),
                row.unit,
                row.price_yuan,
                rounded(yuan),
                row.source,
                row.dated_on,
            )
        )
    return rows


def _present(terms: pd.DataFrame, invested: int, a_year: int) -> list[tuple[Any, ...]]:
    """Return investment, yearly cost over the years, and their sum today."""
    worth = annuity_of(terms)
    if worth is None:
        return []
    known = {row.item: row for row in terms.itertuples()}
    later = rounded(worth * a_year)
    said = [
        (
            "present",
            name,
            "",
            known[name].price_yuan,
            known[name].unit,
            np.nan,
            np.nan,
            known[name].source,
            known[name].dated_on,
        )
        for name in ("life", "rate")
    ]
    return [
        *said,
        _sum("present", WORKS, invested),
        ("present", LATER, "", float(worth), "", float(a_year), later, "", ""),
        _sum("present", PRESENT, invested + later),
    ]


def _sum(section: str, item: str, yuan: int) -> tuple[Any, ...]:
    return (section, item, "", np.nan, "", np.nan, yuan, "", "")


def _counted(plan: Plan) -> pd.DataFrame:
    """Return the measures of the cameras that the plan counts on: those that its bill names."""
    return plan.measures.loc[plan.measures.index.isin(plan.bill["camera_id"])]
