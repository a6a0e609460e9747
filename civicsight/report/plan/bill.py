"""The bill of a plan in words: what is paid once, what each year costs, and both as of today."""

from __future__ import annotations

import re
from typing import Any, Final

import numpy as np
import pandas as pd

from civicsight.core.errors import N_, Text
from civicsight.core.figure import keyed
from civicsight.core.i18n import in_all
from civicsight.planning.money.bill import (
    INVESTED,
    LATER,
    PRESENT,
    SECTIONS,
    SUBTOTAL,
    TOTAL,
    WORKS,
    statement,
)
from civicsight.planning.money.budgets import estimate_by_item
from civicsight.planning.prices.price_table import LABELS, SHARED
from civicsight.planning.prices.terms import ADDED, REACH, YEARLY, annuity_of, lacking
from civicsight.planning.record.actions import MEASURE_LABELS
from civicsight.planning.record.plan import Plan
from civicsight.planning.statement.figures import Figures
from civicsight.presentation.document import Table, lay_out
from civicsight.presentation.lexicon import number
from civicsight.report.plan.teller import PRICE_SOURCES, UNITS, Teller
from civicsight.report.tables import SUMS

WORDS: Final[dict[str, Text]] = {
    **LABELS,
    **SHARED,
    **YEARLY,
    **ADDED,
    **REACH,
    TOTAL: N_("In all"),
    WORKS: N_("Investment"),
    LATER: N_("Yearly cost over these years"),
    PRESENT: N_("Net present cost"),
}
"""Rows of a bill, for a person; an item of a city's own is said as it is."""

SUM_KEYS: Final[dict[tuple[str, str], str]] = {
    ("works", SUBTOTAL): "cost.works",
    ("added", SUBTOTAL): "cost.added",
    ("added", TOTAL): "cost.investment",
    ("yearly", TOTAL): "cost.yearly",
    ("present", WORKS): "cost.investment",
    ("present", LATER): "cost.later",
    ("present", PRESENT): "cost.present",
}
"""Which figure of a plan a sum in the rows of its bill is, by section and item."""

DIGITS: Final = 4
"""Of quantities and prices, after the point."""

A_YEAR: Final = N_("In all, a year")
OVER_YEARS: Final = re.compile(r"camera-(\d+)-years")


def headline_money(plan: Plan, n: Figures) -> list[Text]:
    """Return what a plan comes to with its terms, in a sentence; none without terms."""
    if plan.terms.empty:
        return []
    text = N_(
        "Investment with what is added to the works: %(investment)s yuan. Yearly cost: %(yearly)s "
        "yuan. Net present cost: %(present)s yuan.",
        **{name: n[f"cost.{name}"] for name in ("investment", "yearly", "present")},
    )
    return [text]


def tables(teller: Teller) -> list[str | Table]:
    """Return the tables of the bill, each with what has to be said beside it."""
    plan, translate = teller.plan, teller.names.translate
    rows = statement(plan)
    yearly = rows[rows["section"].eq("yearly")]
    present = rows[rows["section"].eq("present")]
    invested = rows[rows["section"].isin(INVESTED)]
    blocks: list[str | Table] = [_table(teller, N_("Investment"), _PRICE, invested)]
    if plan.terms.empty or yearly.empty:
        blocks.append(translate(NO_YEARLY))
    else:
        blocks.append(_table(teller, N_("Yearly cost"), N_("Price [yuan]"), yearly))
        beside = []
        if teller.figures.of("measures.untouched"):
            text = N_(
                "%(count)s cameras stand that the plan neither needs nor changes: what they cost a "
                "year goes on as before and is not in this bill.",
                count=teller.figures["measures.untouched"],
            )
            beside.append(text)
        if annuity_of(plan.terms) is None:
            beside.append(NO_PRESENT)
        blocks += [translate(text) for text in beside]
    if len(present):
        blocks.append(_table(teller, N_("Present cost"), N_("A year [yuan]"), present))
        blocks.append(translate(FROM_WHEN))
    blocks += [translate(text) for text in _beside_all(teller, has_yearly=len(yearly) > 0)]
    return blocks


def bill_table(plan: Plan) -> pd.DataFrame:
    """Return the bill as a sheet, in words of every language, by section."""
    rows = statement(plan)
    table = pd.DataFrame(
        {
            "section": [in_all(SECTIONS[name]) for name in rows["section"]],
            "work": [in_all(row_text(row)) for row in rows.itertuples()],
            "quantity": rows["quantity"].round(DIGITS),
            "unit": [in_all(unit_text(unit)) for unit in rows["unit"]],
            **rows[["unit_yuan", "cost_yuan"]],
            "source": [in_all(PRICE_SOURCES.get(name, Text(name))) for name in rows["source"]],
            **rows[["dated_on"]],
        }
    )
    table = table.set_index("section")
    table.attrs[SUMS] = np.flatnonzero(rows["item"].isin((SUBTOTAL, TOTAL, PRESENT))).tolist()
    return table


def phase_table(plan: Plan) -> pd.DataFrame:
    """Return the works by year, district and item as a sheet, in words of every language."""
    rows = estimate_by_item(plan)
    work = [in_all(WORDS.get(item, Text(item))) for item in rows["item"]]
    unit = [in_all(unit_text(unit)) for unit in rows["unit"]]
    table = rows.assign(item=work, unit=unit).rename(columns={"item": "work"})
    return table.set_index("year")


def phases(teller: Teller) -> Table:
    """Return the works by year, district and item, each count and sum under its key."""
    rows = [
        (
            str(row.year),
            row.district or "–",
            WORDS.get(row.item, Text(row.item)),
            keyed(f"works.item.{key}.quantity", amount(row.quantity)),
            unit_text(row.unit),
            keyed(f"works.item.{key}.cost_yuan", number(row.cost_yuan)),
        )
        for row in estimate_by_item(teller.plan).itertuples()
        for key in ["/".join(map(str, (row.year, row.district or "", row.item, row.unit)))]
    ]
    headings = (N_("Year"), N_("District"), _ITEM, N_("Quantity"), N_("Unit"), N_("Works [yuan]"))
    return lay_out(teller.names, N_("Phases"), headings, rows, (0, 3, 5))


def keyed_sum(row: Any, text: str) -> str:
    """Return the sum of a row of a bill as written, with the key of the figure that it is."""
    key = SUM_KEYS.get((row.section, row.item))
    return text if key is None else keyed(key, text)


def row_text(row: Any) -> Text:
    """Return what a row of a bill is called."""
    if row.item == SUBTOTAL:
        return N_("Sub-total: %(section)s", section=SECTIONS[row.section])
    if row.item == TOTAL and row.section == "yearly":
        return A_YEAR
    name = WORDS.get(row.item, Text(row.item))
    if not row.measure:
        return name
    return N_("%(item)s: %(measure)s", item=name, measure=MEASURE_LABELS[row.measure])


def unit_text(unit: str) -> Text:
    """Return what a unit is called."""
    spread = OVER_YEARS.fullmatch(unit)
    if spread is not None:
        return N_("camera-%(years)s-years", years=spread[1])
    return UNITS.get(unit, Text(unit))


def _table(teller: Teller, caption: Text, price: Text, rows: pd.DataFrame) -> Table:
    told = [
        (
            row_text(row),
            amount(row.quantity),
            unit_text(row.unit),
            amount(row.unit_yuan),
            keyed_sum(row, _whole(row.cost_yuan)),
            _source(row),
        )
        for row in rows.itertuples()
    ]
    headings = (_ITEM, N_("Quantity"), N_("Unit"), price, N_("Sum [yuan]"), _WHERE)
    return lay_out(teller.names, caption, headings, told, (1, 3, 4))


def _beside_all(teller: Teller, *, has_yearly: bool) -> list[Text]:
    """Say what is not counted, and by which cost the plan was chosen."""
    plan, found = teller.plan, list[Text]()
    missing = lacking(plan.terms)
    if not has_yearly:
        missing = tuple(name for name in missing if name in ADDED)
    if missing:
        said = {name: teller.names.translate(WORDS[name]) for name in missing}
        names = teller.names.listed(missing, said, len(missing))
        text = N_(
            "The price table has no row for these, and they are not counted: %(names)s.",
            names=names,
        )
        found.append(text)
    if set(ADDED) - set(missing):
        found.append(WORKS_ALONE)
    if plan.by_life:
        found.append(BY_LIFE)
    return found


def _source(row: Any) -> Text:
    """Return where a price is from, and of which day; nothing of a sum."""
    if not row.source:
        return Text("")
    source = PRICE_SOURCES.get(row.source, row.source)
    return Text("%(source)s, %(day)s", {"source": source, "day": row.dated_on})


def amount(value: float) -> str:
    """Return a number with the digits it has, at most four."""
    if value != value:  # noqa: PLR0124 - NaN
        return ""
    return number(value, DIGITS).rstrip("0").rstrip(".")


def _whole(value: float) -> str:
    return "" if value != value else number(value)  # noqa: PLR0124 - NaN


_ITEM: Final = N_("Item of work")
_PRICE: Final = N_("Price or base [yuan]")
_WHERE: Final = N_("Where the price is from")

NO_YEARLY: Final = N_(
    "The price table has no rows of yearly cost (storage, platform, licences, power, network, "
    "upkeep): what these cameras cost a year is not known, and nothing of it is in this bill."
)
NO_PRESENT: Final = N_(
    "The price table has no rate or no number of years: there is no present cost of this plan."
)
FROM_WHEN: Final = N_(
    "Each row is rounded to the whole yuan and sums are sums of rows. Present cost counts from the "
    "day on which a camera is put into use; yearly cost is paid at the end of each year, and its "
    "quantity here is what a yuan a year over these years at this rate is worth."
)
WORKS_ALONE: Final = N_(
    "Costs of single cameras, of years and of districts are those of the works, without what is "
    "added to them."
)
BY_LIFE: Final = N_(
    "This plan has the least life-cycle cost, not the least investment: its certificate, other "
    "plans and ledger count each camera with what is added and its yearly cost as of today, to the "
    "whole yuan, so that their sum may differ from the present cost here by some yuan."
)
