"""The money of a plan as a page shows it: the bill, and its sums by source, year and district."""

from __future__ import annotations

from typing import TYPE_CHECKING

from civicsight.core.errors import N_, Text
from civicsight.planning.money import hundreds_of, statement
from civicsight.presentation.lexicon import number
from civicsight.report.plan.bill import row_text
from civicsight.report.plan.funding import NO_DISTRICT, project_name, source_text, wan

if TYPE_CHECKING:
    from civicsight.planning.funding import Funding
    from civicsight.planning.plan import Plan

Row = tuple[Text | str, str, str]
"""What is paid, how many, and the sum in units of ten thousand yuan."""

IN_ALL = N_("In all")


def bill_rows(plan: Plan) -> list[Row]:
    """Return the bill as the documents have it: items, sums of sections, what it comes to."""
    rows = statement(plan)
    return [
        (row_text(row), _count(row.quantity), "" if hundreds is None else wan(hundreds))
        for row, hundreds in zip(rows.itertuples(), hundreds_of(rows), strict=True)
    ]


def source_rows(funding: Funding) -> list[Row]:
    """Return points and cost by source, what nobody assigned as a line of its own."""
    return _with_total(funding, [
        (source_text(row.source), number(row.points), wan(row.hundreds))
        for row in funding.by("source").itertuples()
    ])  # fmt: skip


def year_rows(funding: Funding) -> list[Row]:
    """Return points and cost by year, in all at the end."""
    return _with_total(funding, [
        (str(row.year), number(row.points), wan(row.hundreds))
        for row in funding.by("year").itertuples()
    ])  # fmt: skip


def district_rows(funding: Funding) -> list[Row]:
    """Return points and cost by year and district, in all at the end."""
    return _with_total(funding, [
        (N_("%(district)s, %(year)s", district=row.district or NO_DISTRICT, year=row.year),
         number(row.points), wan(row.hundreds))
        for row in funding.by("district", "year").itertuples()
    ])  # fmt: skip


def project_rows(funding: Funding) -> list[Row]:
    """Return the list of projects, in all at the end."""
    return _with_total(funding, [
        (project_name(row), number(row.points), wan(row.hundreds))
        for row in funding.projects.itertuples()
    ])  # fmt: skip


def _with_total(funding: Funding, rows: list[Row]) -> list[Row]:
    total = funding.total
    return [*rows, (IN_ALL, number(total["points"]), wan(total["hundreds"]))]


def _count(value: float) -> str:
    return "" if value != value else f"{value:,g}"  # noqa: PLR0124 - NaN: a sum has none
