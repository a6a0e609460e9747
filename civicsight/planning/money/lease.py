"""Cameras leased from an operator beside cameras that are built, year by year.

Prices, years and rate are rows of the price table of the office; without a row ``lease`` there is
nothing to compare, and no figure is assumed. What a lease does not hold is a yearly row of its own,
such as ``storage.lease``; without one the row of all cameras counts on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import pandas as pd

from civicsight.planning.money.funding import Funding
from civicsight.planning.prices.terms import (
    LEASE,
    MOST_YEARS,
    annuity,
    lease_of,
    price_of,
    rounded,
    yearly_of,
)
from civicsight.planning.record.plan import Plan

LEASABLE: Final = ("new", "refurbish")
"""Measures that put up a device, which an operator could put up in the place of the office."""

YEARS: Final = ("build_yuan", "lease_yuan", "build_present_yuan", "lease_present_yuan")
"""Columns of a comparison: what was paid by the end of a year, and the same as of today."""


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """A lease beside building.

    Parameters
    ----------
    points, assigned
        How many cameras are compared; whether they are those whose source is a lease, or all that
        get a new device because none is assigned to one.
    invested_yuan, build_yuan, lease_yuan
        What building them takes at once; what they cost a year, built and leased.
    years
        `YEARS` by year after they are put into use; none without a number of years. The last two
        are empty without a rate.
    crossing, crossing_present
        First year by whose end the lease has cost more, of at most 50; None: it does not. The
        second counts as of today.
    """

    points: int
    assigned: bool
    invested_yuan: int
    build_yuan: int
    lease_yuan: int
    years: pd.DataFrame
    crossing: int | None
    crossing_present: int | None


def compare_lease(plan: Plan, funding: Funding) -> Comparison | None:
    """Compare a lease with building; None where the price table has none, or nothing is leasable.

    Parameters
    ----------
    plan, funding
        The plan with its terms, and who pays for what of it.
    """
    terms, points = plan.terms, funding.points
    could = points[points["measure"].isin(LEASABLE)]
    chosen = could[could["source"].eq(LEASE)]
    assigned = len(chosen) > 0
    chosen = chosen if assigned else could
    leases = [lease_of(terms, str(measure)) for measure in chosen["measure"]]
    if chosen.empty or any(one is None for one in leases):
        return None
    build = sum((yearly_of(terms, str(m)) for m in chosen["measure"]), Fraction(0))
    lease = sum((one or Fraction(0) for one in leases), Fraction(0))
    lease += len(chosen) * yearly_of(terms, LEASE)
    invested, rate = int(chosen["cost_yuan"].sum()), price_of(terms, "rate")
    life = price_of(terms, "life")
    years = range(1, MOST_YEARS + 1)
    paid = [(invested + build * n, lease * n) for n in years]
    now = (
        []
        if rate is None
        else [
            (invested + build * worth, lease * worth)
            for worth in (annuity(rate / 100, n) for n in years)
        ]
    )
    shown = 0 if life is None else int(life)
    rows = [
        (*map(rounded, paid[n]), *(map(rounded, now[n]) if now else (None, None)))
        for n in range(shown)
    ]
    table = pd.DataFrame(rows, columns=list(YEARS), index=pd.RangeIndex(1, shown + 1, name="year"))
    return Comparison(
        len(chosen),
        assigned,
        invested,
        rounded(build),
        rounded(lease),
        table,
        _crossing(paid),
        _crossing(now),
    )


def _crossing(sums: list[tuple[Fraction, Fraction]]) -> int | None:
    """Return the first year by whose end the lease has cost more than building."""
    return next((n for n, (build, lease) in enumerate(sums, start=1) if lease > build), None)
