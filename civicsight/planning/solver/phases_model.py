"""Money and floors by year, what is built when, and what that reaches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from civicsight.core.arrays import BoolArray, FloatArray, IndexArray
from civicsight.core.errors import N_, MismatchError, Text
from civicsight.planning.solver.model import FREE, TOLERANCE, Problem
from civicsight.planning.solver.model_builder import picker
from civicsight.planning.solver.outcome import Status

UNBUILT: Final = -1
"""Year of a candidate that is not built."""

PENALTY: Final = 100.0
"""A unit of weight below a floor counts as this many units that are met for a year."""


class Reason(StrEnum):
    """Why a measure is not built."""

    TOTAL = "total"
    """The money of all districts does not suffice in any year."""
    DISTRICT = "district"
    """The money of its district does not suffice in any year."""
    PINNED = "pinned"
    """The money of the year of its main project does not suffice."""


WHY_UNBUILT: Final[Mapping[Reason, Text]] = MappingProxyType(
    {
        Reason.TOTAL: N_("in no year does the money of all districts suffice"),
        Reason.DISTRICT: N_("in no year does the money of its district suffice"),
        Reason.PINNED: N_("the money of the year that it is pinned to does not suffice"),
    }
)
"""Why a measure is not built, for a person."""


@dataclass(frozen=True, slots=True, eq=False)
class Years:
    """Money and floors by year.

    Parameters
    ----------
    total_yuan
        For everything, by year, shape ``(n_year,)``; infinite for no limit.
    limits_yuan, floors
        By year and district, shape ``(n_year, n_district)``: money, infinite for no limit; least
        share of the weight of the district that is met by the end of the year.
    of_candidate, of_requirement
        District of each, `FREE` for none.

    Raises
    ------
    MismatchError
        If shapes differ, money is below 0 or a floor is not between 0 and 1.
    """

    total_yuan: FloatArray
    limits_yuan: FloatArray
    floors: FloatArray
    of_candidate: IndexArray
    of_requirement: IndexArray

    def __post_init__(self) -> None:
        """Check shapes and ranges."""
        shape = (len(self.total_yuan), self.limits_yuan.shape[-1])
        labels = np.concatenate([self.of_candidate, self.of_requirement])
        is_right = (
            self.limits_yuan.shape == self.floors.shape == shape
            and bool((self.total_yuan >= 0).all() and (self.limits_yuan >= 0).all())
            and bool(((self.floors >= 0) & (self.floors <= 1)).all())
            and bool(((labels >= FREE) & (labels < shape[1])).all())
        )
        if not is_right:
            msg = "money by year and district has to be at least 0, floors between 0 and 1"
            raise MismatchError(msg)

    @classmethod
    def of(
        cls,
        problem: Problem,
        total_yuan: npt.ArrayLike,
        *,
        limits_yuan: npt.ArrayLike | None = None,
        floors: npt.ArrayLike | None = None,
        of_candidate: npt.ArrayLike = FREE,
        of_requirement: npt.ArrayLike = FREE,
    ) -> Years:
        """State the years of a problem; left out floors are 0, left out limits infinite."""
        total = np.atleast_1d(np.asarray(total_yuan, np.float64))
        given = limits_yuan if limits_yuan is not None else floors
        shape = (len(total), 0) if given is None else np.shape(given)
        return cls(
            total,
            np.full(shape, np.inf) if limits_yuan is None else np.asarray(limits_yuan, np.float64),
            np.zeros(shape) if floors is None else np.asarray(floors, np.float64),
            np.broadcast_to(np.asarray(of_candidate, np.int32), problem.n_candidate),
            np.broadcast_to(np.asarray(of_requirement, np.int32), problem.n_requirement),
        )

    @property
    def money(self) -> FloatArray:
        """Money by year and district and, last, in all, shape ``(n_year, n_district + 1)``."""
        return np.column_stack([self.limits_yuan, self.total_yuan])


@dataclass(frozen=True, slots=True, eq=False)
class Schedule:
    """What is built when.

    Parameters
    ----------
    year
        Of each candidate, from 0; `UNBUILT` for one that is not chosen or not built.
    coverage
        Weight met by the end of each year; never falls.
    cost_yuan
        By year and district and, last, in all.
    shares
        Share of the weight of each district that is met by the end of each year.
    unbuilt
        Why chosen candidates are not built, by candidate.
    value, bound
        Weight met, added up over the years, less `PENALTY` times what is below a floor; what no
        schedule can beat.
    status
        `Status.OPTIMAL` if the two meet.
    """

    year: IndexArray
    coverage: FloatArray
    cost_yuan: FloatArray
    shares: FloatArray
    unbuilt: Mapping[int, Reason]
    value: float
    bound: float
    status: Status

    def below(self, years: Years) -> pd.DataFrame:
        """List floors that are not reached: ``year``, ``district``, ``share``, ``floor``."""
        year, district = np.nonzero(self.shares < years.floors - TOLERANCE)
        return pd.DataFrame(
            {
                "year": year,
                "district": district,
                "share": self.shares[year, district],
                "floor": years.floors[year, district],
            }
        )


def below(problem: Problem, years: Years, t: int, met: BoolArray) -> BoolArray:
    """Tell which requirements lie in a district that is below its floor."""
    if not years.floors.size:
        return np.zeros(problem.n_requirement, np.bool_)
    short = shares_of(problem, years, met) < years.floors[t] - TOLERANCE
    below: BoolArray = (years.of_requirement != FREE) & short[years.of_requirement]
    return below


def shares_of(problem: Problem, years: Years, met: BoolArray) -> FloatArray:
    """Return the share of the weight of each district that is met; 1 where nothing is asked."""
    count = years.floors.shape[1]
    label = years.of_requirement + 1
    whole = np.bincount(label, problem.weight, minlength=count + 1)[1:]
    kept = np.bincount(label, problem.weight * met, minlength=count + 1)[1:]
    return np.divide(kept, whole, out=np.ones(count), where=whole > 0)


def met_by_year(problem: Problem, year: IndexArray, n_year: int) -> BoolArray:
    """Tell which requirements are met by the end of each year."""
    return np.array([problem.is_met((year != UNBUILT) & (year <= t)) for t in range(n_year)])


def value_of(problem: Problem, years: Years, year: IndexArray) -> float:
    """Return the weight met, added up over the years, less the penalty for missed floors."""
    met = met_by_year(problem, year, len(years.total_yuan))
    return float((met @ problem.weight).sum()) - PENALTY * float(
        missing_of(problem, years, met).sum()
    )


def missing_of(problem: Problem, years: Years, met: BoolArray) -> FloatArray:
    """Return the weight that is missing to each floor, by year and district."""
    members = picker(years.of_requirement, years.floors.shape[1], problem.weight)
    whole = np.asarray(members.sum(axis=1)).ravel()
    missing: FloatArray = np.maximum(years.floors * whole - (members @ met.T).T, 0.0)
    return missing


def spent_of(problem: Problem, years: Years, year: IndexArray) -> FloatArray:
    """Return what is spent by year and district and, last, in all."""
    n_year, n_district = years.floors.shape
    spent = np.zeros((n_year, n_district + 1))
    for j in np.flatnonzero(year != UNBUILT):
        spent[year[j], -1] += problem.cost[j]
        if years.of_candidate[j] != FREE:
            spent[year[j], years.of_candidate[j]] += problem.cost[j]
    return spent
