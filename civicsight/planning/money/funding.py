"""What of a plan is paid from where: its projects, and sums that add up to its bill.

Each measure bears its works and its share of what is added to them. In units of ten thousand yuan
with two digits the projects of a list are rounded so that any sum of them is the sum of what is
printed, and all of them together are the bill.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import pandas as pd

from civicsight.planning.money.bill import HUNDRED, spread, sums_of
from civicsight.planning.money.payers import SOURCES, Payer, assign
from civicsight.planning.money.shares import shares_of
from civicsight.planning.prices.terms import rounded
from civicsight.planning.record.plan import Plan

KEYS: Final = ("year", "district", "source", "unit", "measure")
"""What the measures of one project of the list have in common."""

SUMS: Final = ("points", "cost_yuan", "hundreds")
"""How many points, and what they cost: in whole yuan, and as printed, in hundreds of yuan."""


@dataclass(frozen=True, slots=True, eq=False)
class Funding:
    """Who pays for what.

    Parameters
    ----------
    points
        `KEYS`, ``owner``, ``project`` and ``cost_yuan`` of each measure by ``camera_id``.
    projects
        `KEYS` and `SUMS` by ``project``, a number such as 2027-01; a source or unit that is empty
        is not assigned.
    idle
        Rules that fit no measure of the plan.
    """

    points: pd.DataFrame
    projects: pd.DataFrame
    idle: tuple[Payer, ...]

    def by(self, *keys: str) -> pd.DataFrame:
        """Return `SUMS` by columns of the projects: they add up to those of all projects.

        Of what several sources pay each bears its share; the points count with the largest.
        """
        rows = _by_source(self.projects) if "source" in keys else self.projects
        table: pd.DataFrame = rows.groupby(list(keys), sort=False)[list(SUMS)].sum()
        table = table.reset_index()
        order = [*SOURCES, ""]
        return table.sort_values(
            list(keys),
            key=lambda column: column.map(order.index) if column.name == "source" else column,
            kind="stable",
            ignore_index=True,
        )

    @property
    def total(self) -> pd.Series:
        """Return `SUMS` of all projects."""
        return self.projects[list(SUMS)].sum()


def fund(plan: Plan, payers: Iterable[Payer], owners: pd.Series) -> Funding:
    """Say for each measure of a plan who pays, and sum it.

    Parameters
    ----------
    plan
        The plan; its bill is what everything adds up to.
    payers
        Rules, see `payers.assign`.
    owners
        Class of the owner of cameras that stand, by their id.
    """
    works = plan.works
    points = pd.DataFrame(
        {
            "year": works["year"].astype("int64"),
            "district": works["district"].where(works["district"].notna(), "").astype(str),
            "measure": works["measure"].astype(str),
            "owner": owners.reindex(works.index).fillna("").astype(str),
        }
    )
    assigned, idle = assign(points, payers)
    points = points.join(assigned).rename_axis("camera_id")
    cost = [rounded(Fraction(float(value))) for value in works["cost_yuan"]]
    points["cost_yuan"] = spread(sums_of(plan).investment, cost)
    sums = points.groupby(list(KEYS), sort=False)["cost_yuan"].agg(points="size", cost_yuan="sum")
    # Sort projects by year and district, sources as they are listed, what nobody pays last.
    projects = sums.reset_index()
    order = [*SOURCES, ""]
    rank = [order.index(next(iter(shares_of(source)))) for source in projects["source"]]
    sorted_: pd.DataFrame = projects.assign(rank=rank).sort_values(
        ["year", "district", "rank", "unit", "measure"], kind="stable", ignore_index=True
    )
    projects = sorted_.drop(columns="rank")
    number = projects.groupby("year").cumcount() + 1
    names = projects["year"].astype(str) + "-" + number.astype(str).str.zfill(2)
    projects.index = pd.Index(names, name="project")
    total = rounded(Fraction(int(projects["cost_yuan"].sum()), HUNDRED))
    projects["hundreds"] = spread(total, [int(value) for value in projects["cost_yuan"]])
    of_keys = projects.reset_index().set_index(list(KEYS))["project"]
    points["project"] = of_keys.reindex(pd.MultiIndex.from_frame(points[list(KEYS)])).to_numpy()
    return Funding(points, projects, tuple(idle))


def _by_source(projects: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each source of each project, with its share of the money."""
    shares = [shares_of(source) for source in projects["source"]]
    rows = projects.loc[projects.index.repeat([len(own) for own in shares])].copy()
    rows["source"] = [name for own in shares for name in own]
    for name in SUMS[1:]:
        sums = zip(projects[name], shares, strict=True)
        rows[name] = [part for total, own in sums for part in spread(int(total), [*own.values()])]
    first = [n == 0 for own in shares for n in range(len(own))]
    rows["points"] = rows["points"].where(first, 0)
    return rows
