"""The money of a plan as a page shows it: the bill, and its sums by year and by district."""

from __future__ import annotations

from typing import TYPE_CHECKING

from civicsight.core.errors import N_, Text
from civicsight.planning.funds import estimate_by
from civicsight.planning.money import statement
from civicsight.presentation.lexicon import number
from civicsight.report.plan.bill import row_text
from civicsight.ui.services.drawing_up import TEN_THOUSAND

if TYPE_CHECKING:
    from civicsight.planning.plan import Plan

Row = tuple[Text | str, str, str]
"""What is paid, how many, and the sum in units of ten thousand yuan."""

IN_ALL = N_("In all")
NO_DISTRICT = N_("no district on record")


def bill_rows(plan: Plan) -> list[Row]:
    """Return the bill as the documents have it: items, sums of sections, what it comes to."""
    return [
        (row_text(row), _count(row.quantity), _money(row.cost_yuan))
        for row in statement(plan).itertuples()
    ]


def year_rows(plan: Plan) -> list[Row]:
    """Return measures and cost by year, in all at the end."""
    return _with_total(plan, [
        (str(row.year), number(row.cameras), _money(row.cost_yuan))
        for row in estimate_by(plan, "year").itertuples()
    ])  # fmt: skip


def district_rows(plan: Plan) -> list[Row]:
    """Return measures and cost by year and district, in all at the end."""
    return _with_total(plan, [
        (N_("%(district)s, %(year)s", district=row.district or NO_DISTRICT, year=row.year),
         number(row.cameras), _money(row.cost_yuan))
        for row in estimate_by(plan, "district", "year").itertuples()
    ])  # fmt: skip


def _with_total(plan: Plan, rows: list[Row]) -> list[Row]:
    return [*rows, (IN_ALL, number(len(plan.works)), _money(plan.cost_yuan))]


def _count(value: float) -> str:
    return "" if value != value else f"{value:,g}"  # noqa: PLR0124 - NaN: a sum has none


def _money(yuan: float) -> str:
    return "" if yuan != yuan else number(yuan / TEN_THOUSAND, 2)  # noqa: PLR0124 - NaN
