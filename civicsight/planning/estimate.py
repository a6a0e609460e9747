"""The estimate: what is bought and done, by neutral class and item of work, district and year.

Every yuan comes from a line of the bill, and every line names where its price is from.

References
----------
Article 12: nothing here names a maker, a model or a supplier.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from civicsight.planning.plan import Plan

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
        Columns of `schema.MEASURES`, such as ``year``, ``district``, ``measure`` or
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
