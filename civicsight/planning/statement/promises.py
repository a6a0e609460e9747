"""What was asked of a plan by name: floors, money and pinned years; whether it can hold, and does.

References
----------
A floor that even all candidates which its money pays for one by one do not reach cannot be reached
by any choice among them: what more candidates meet never falls.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import numpy as np
import pandas as pd

from civicsight.core.errors import N_, MismatchError, Text
from civicsight.planning.solver.model import TOLERANCE, Problem
from civicsight.planning.years.timetable import FIRST_YEAR, Frame

NEAR: Final = 1e-6
"""A share or sum that misses what was asked for by less than this keeps it."""


class Kind(StrEnum):
    """What was asked for."""

    FLOOR = "floor"
    """Least share of the demand of a district by the end of a year."""
    GRANT = "grant"
    """Money of a district in a year, which works may not exceed [yuan]."""
    PIN = "pin"
    """Year of a camera."""


@dataclass(frozen=True, slots=True)
class Unmet:
    """Something that was asked of a plan and that it does not keep.

    Parameters
    ----------
    kind
        What was asked for.
    of
        District or camera; empty for all districts.
    year
        Of a floor or of money; 0 for all years.
    asked, reached
        A share, a sum [yuan] or a year; None for a camera for which the plan does nothing.
    told
        The sentence of `spending.describe_spending`, of money alone.
    """

    kind: Kind
    of: str
    year: int
    asked: float
    reached: float | None
    told: Text = field(default_factory=lambda: Text(""), compare=False)

    def describe(self) -> Text:
        """Name what was asked for, and what the plan does instead."""
        if self.kind is Kind.GRANT:
            return self.told
        if self.kind is Kind.PIN:
            done = {"camera": self.of, "asked": int(self.asked)}
            if self.reached is None:
                return N_(
                    "Not kept: %(camera)s is asked for in %(asked)s; the plan does nothing "
                    "there in any year.",
                    **done,
                )
            return N_(
                "Not kept: %(camera)s is asked for in %(asked)s; the plan has it in %(reached)s.",
                **done,
                reached=int(self.reached),
            )
        named = {
            "district": self.of or N_("All districts"),
            "year": self.year or N_("the last year"),
        }
        return N_(
            "Not kept: %(district)s has to reach %(asked)s of its demand by the end of "
            "%(year)s; the plan reaches %(reached)s.",
            **named,
            asked=percent(self.asked),
            reached=percent(self.reached or 0.0),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON holds."""
        return {name: getattr(self, name) for name in ("kind", "of", "year", "asked", "reached")}


def percent(share: float) -> str:
    """Write a share in per cent, rounded down to a tenth: what is missed never reads as reached.

    Examples
    --------
    >>> percent(0.99999), percent(1.0), percent(0.9)
    ('99.9 %', '100 %', '90 %')
    """
    return f"{np.floor(share * 1000.0 + NEAR) / 10.0:.1f}".removesuffix(".0") + " %"


def unmet_of(funds: pd.DataFrame, years: pd.Series, pinned: Mapping[str, int]) -> tuple[Unmet, ...]:
    """Return what was asked for by name and is not kept.

    Parameters
    ----------
    funds
        Columns `plan.FUNDS`.
    years
        Year of each measure by camera, 0 where nothing is done.
    pinned
        Year that was asked for, by camera.
    """
    found = [
        Unmet(
            Kind.FLOOR, str(row.district or ""), int(row.year), float(row.floor), float(row.share)
        )
        for row in funds.itertuples()
        if row.floor - row.share > NEAR
    ]
    done = years[years.gt(0)].to_dict()
    found += [
        Unmet(Kind.PIN, camera, 0, float(year), done.get(camera))
        for camera, year in sorted(pinned.items())
        if done.get(camera) != year
    ]
    return tuple(found)


def refuse_contradictions(frame: Frame, problem: Problem, budget_yuan: float | None) -> None:
    """Refuse floors that the money until then cannot reach, before anything is searched for.

    Parameters
    ----------
    frame, problem
        Years, districts, money and floors; what is asked for.
    budget_yuan
        Money for everything, None for no limit.

    Raises
    ------
    MismatchError
        If a floor cannot be reached, with the money that contradicts it and what that pays for.
    """
    until = frame.total_yuan.cumsum()
    own = np.minimum(frame.limits_yuan.cumsum(axis=0), frame.whole_yuan)
    for t, d in np.argwhere(frame.floors > 0.0):
        whole = min(until[t], np.inf if budget_yuan is None else budget_yuan)
        money = np.minimum(np.append(own[t], np.inf), whole)  # the last: what is in no district
        paid = problem.cost <= money[frame.of_candidate] * (1.0 + TOLERANCE) + TOLERANCE
        weight = problem.weight * (frame.of_requirement == d)
        most = float(weight[problem.is_met(paid)].sum()) / max(float(weight.sum()), TOLERANCE)
        if most < frame.floors[t, d] - NEAR:
            text = N_(
                "%(district)s has to reach %(floor)s of its demand by the end of %(year)s; the "
                "money until then, %(money)s yuan (works), pays for %(reached)s at most. Lower the "
                "floor, or raise the budget.",
                district=frame.districts[d],
                year=frame.years[t] if frame.years[t] != FIRST_YEAR else N_("the last year"),
                floor=percent(frame.floors[t, d] * frame.reach[d]),
                money=f"{money[d]:,.0f}",
                reached=percent(most * frame.reach[d]),
            )
            raise MismatchError(text)
