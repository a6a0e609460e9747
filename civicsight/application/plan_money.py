"""The money of a plan as a page shows it: the bill, and its sums by source, year and district."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from civicsight.core.errors import N_, Text
from civicsight.planning.money.bill import hundreds_of, statement
from civicsight.planning.statement.figures import figures_of_funding
from civicsight.report.plan.bill import amount, keyed_sum, row_text
from civicsight.report.plan.funding import NO_DISTRICT, in_wan, project_name, source_text, wan

if TYPE_CHECKING:
    from civicsight.planning.money.funding import Funding
    from civicsight.planning.record.plan import Plan

Row = tuple[Text | str, str, str]
"""What is paid, how many, and the sum in units of ten thousand yuan."""

IN_ALL = N_("In all")


def bill_rows(plan: Plan) -> list[Row]:
    """Return the bill as the documents have it: items, sums of sections, what it comes to."""
    rows = statement(plan)
    return [
        (
            row_text(row),
            amount(row.quantity),
            "" if hundreds is None else keyed_sum(row, wan(hundreds)),
        )
        for row, hundreds in zip(rows.itertuples(), hundreds_of(rows), strict=True)
    ]


def source_rows(funding: Funding) -> list[Row]:
    """Return points and cost by source, what nobody assigned as a line of its own."""
    return _rows(funding, "source", source_text)


def year_rows(funding: Funding) -> list[Row]:
    """Return points and cost by year, in all at the end."""
    return _rows(funding, "year", str)


def district_rows(funding: Funding) -> list[Row]:
    """Return points and cost by year and district, in all at the end."""

    def call(label: str) -> Text:
        year, _, district = label.partition("/")
        return N_("%(district)s, %(year)s", district=district or NO_DISTRICT, year=year)

    return _rows(funding, "year_district", call)


def project_rows(funding: Funding) -> list[Row]:
    """Return the list of projects, in all at the end."""
    called = {row.Index: project_name(row) for row in funding.projects.itertuples()}
    return _rows(funding, "project", called.__getitem__)


def _rows(funding: Funding, by: str, call: Callable[[str], Text | str]) -> list[Row]:
    """Return a row for each label of a sum, and what they come to."""
    n = figures_of_funding(funding)
    keys = {f"money.{by}.{label}": call(label) for label in n.labels(f"money.{by}")}
    keys["money.all."] = IN_ALL
    return [
        (text, str(n[f"{key}.points"]), n[f"{key}.yuan"].written(in_wan))
        for key, text in keys.items()
    ]
