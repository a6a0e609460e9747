"""Districts and years of a plan: what money there is, what has to be reached, what is done when.

References
----------
Article 11: a camera that belongs to another project is designed, built and put into use with it.
Article 9: what ends a breach is done first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from civicsight.core.arrays import BoolArray, FloatArray, IndexArray
from civicsight.core.errors import N_, InputError, MismatchError
from civicsight.coverage.result import CheckResult
from civicsight.model import City
from civicsight.planning.aims.requirements import Posed
from civicsight.planning.area.districts import find_named, labels_of, levels_of, name_districts
from civicsight.planning.candidates.model import CandidateSet
from civicsight.planning.choice.most_compliance import left_of
from civicsight.planning.faults import fault
from civicsight.planning.money.budgets import Grant
from civicsight.planning.prices.terms import counted, works_within
from civicsight.planning.record.plan import FUNDS, UNBUILT_COLUMNS
from civicsight.planning.solver.budget_model import Budgets
from civicsight.planning.solver.lawful_model import Lawful
from civicsight.planning.solver.model import FREE, TOLERANCE, Problem
from civicsight.planning.solver.outcome import Limits, Outcome, Status
from civicsight.planning.solver.phases_model import UNBUILT, Schedule, Years
from civicsight.planning.works.measures import camera_ids, urgent_cameras
from civicsight.planning.works.shared_works import completed_on
from civicsight.planning.years.phases import schedule

FIRST_YEAR: Final = 1
"""Year of the works where no years are given."""

BRIEF: Final = Limits(steps=2_000)
"""For the search for a better schedule: it is small."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Years, districts, money and floors in the numbers of a problem.

    Parameters
    ----------
    years, districts, grants
        Years in their order, districts by name in their order, and the rows behind all else.
    of_candidate, of_requirement
        District of each, `FREE` for none; also for a sample that is asked for in part only, since
        no choice meets it as the law has it.
    total_yuan, limits_yuan
        Works that the money of a year pays, and of a year and district; infinite for no limit.
    whole_yuan, most_yuan
        Works that the money of each district over all years pays, and of all districts and years.
    floors
        Least share of the reachable weight by year and district.
    reach
        Share of the weight of each district that can be met as the law has it.
    """

    years: tuple[int, ...]
    districts: tuple[str, ...]
    grants: tuple[Grant, ...]
    of_candidate: IndexArray
    of_requirement: IndexArray
    total_yuan: FloatArray
    limits_yuan: FloatArray
    whole_yuan: FloatArray
    most_yuan: float
    floors: FloatArray
    reach: FloatArray

    @property
    def is_budgeted(self) -> bool:
        """Tell whether any row limits money."""
        return any(grant.budget_yuan is not None for grant in self.grants)

    def budgets(self, problem: Problem, total_yuan: float | None) -> Budgets:
        """Return what a choice may cost over all years, and what it has to reach at their end.

        `total_yuan` are works.
        """
        total = min(self.most_yuan, float(self.total_yuan.sum()))
        total = total if total_yuan is None else min(total, total_yuan)
        return Budgets.of(
            problem,
            total,
            limits_yuan=np.minimum(self.whole_yuan, self.limits_yuan.sum(axis=0)),
            floors=self.floors.max(axis=0, initial=0.0),
            of_candidate=self.of_candidate,
            of_requirement=self.of_requirement,
        )


def frame_of(
    posed: Posed,
    offers: CandidateSet,
    result: CheckResult,
    years: Sequence[int],
    grants: Sequence[Grant],
) -> Frame:
    """Put years and grants into the numbers of a problem.

    Raises
    ------
    InputError
        If grants name a year or a district that there is not; see `require_known`.
    MismatchError
        If a floor is beyond what can be reached at all.
    """
    require_known(grants, result.city, years)
    order, codes = years_in_order(years, grants), _codes(result.city)
    grants = [replace(each, district=codes.get(each.district, "")) for each in grants]
    districts = tuple(sorted({grant.district for grant in grants} - {""}))
    number = {name: k for k, name in enumerate(districts)}
    areas = areas_of_money(result.city, grants)
    lying = name_districts(offers.table.geometry, areas)
    parts = name_districts(result.parts.geometry.loc[posed.part_ids], areas)
    of_part = np.array([number.get(name, FREE) for name in parts], np.int32)
    of_requirement = of_part[posed.problem.group]
    whole = _sum_by(of_requirement, posed.problem.weight, len(districts))
    of_requirement = np.where(posed.problem.need >= posed.asked, of_requirement, FREE)
    able = _sum_by(of_requirement, posed.problem.weight, len(districts))
    reach = np.divide(able, whole, out=np.ones(len(districts)), where=whole > 0)
    money = _money(order, number, reach, grants, offers.prices.terms)
    return Frame(
        order,
        districts,
        tuple(grants),
        np.array([number.get(name, FREE) for name in lying], np.int32),
        of_requirement.astype(np.int32),
        *money,
        reach,
    )


def require_known(grants: Sequence[Grant], city: City, years: Sequence[int]) -> None:
    """Refuse grants of years and districts that there are not, before anything is searched.

    Raises
    ------
    InputError
        Every such row, with the years of the plan, or the districts of the city.
    """
    order, codes = years_in_order(years, grants), _codes(city)
    known = ", ".join(sorted(set(codes.values()))) or "–"
    faults = []
    for grant in grants:
        if grant.year is not None and grant.year not in order:
            faults.append(
                fault(
                    "funds.year",
                    *grant.where,
                    "year",
                    str(grant.year),
                    years=", ".join(map(str, order)),
                )
            )
        if grant.district and grant.district not in codes:
            faults.append(
                fault("funds.district", *grant.where, "district", grant.district, known=known)
            )
    if faults:
        raise InputError(faults)


def years_in_order(years: Sequence[int], grants: Sequence[Grant]) -> tuple[int, ...]:
    """Return the years of a plan: those asked for, else those of its money, else one."""
    named = sorted({grant.year for grant in grants if grant.year is not None})
    return tuple(sorted(years) or named or [FIRST_YEAR])


def _money(
    years: tuple[int, ...],
    number: Mapping[str, int],
    reach: FloatArray,
    grants: Sequence[Grant],
    terms: pd.DataFrame,
) -> tuple[FloatArray, FloatArray, FloatArray, float, FloatArray]:
    """Return works by year, by year and district, by district and in all, and the floors.

    Here budgets become works, once: whatever searches and proves from here on counts works alone.
    """
    shape = (len(years), len(number))
    total, limits, whole = (np.full(size, np.inf) for size in (shape[0], shape, shape[1]))
    most, floors = np.inf, np.zeros(shape)
    for grant in grants:
        d = number.get(grant.district, FREE)
        t = len(years) - 1 if grant.year is None else years.index(grant.year)
        if grant.floor is not None:
            floors[t, d] = _floor(grant.floor, float(reach[d]), grant.district)
        if grant.budget_yuan is None:
            continue
        works = works_within(terms, grant.budget_yuan, grant.budget_of)
        if grant.year is None and d != FREE:
            whole[d] = works
        elif grant.year is None:
            most = works
        elif d != FREE:
            limits[t, d] = works
        else:
            total[t] = works
    return total, limits, whole, most, floors


def _floor(floor: float, reach: float, place: str) -> float:
    """Return a floor as a share of what can be reached."""
    if floor > reach + TOLERANCE:
        raise MismatchError(
            N_(
                "%(district)s: at most %(reach)s of its demand can be met by permitted cameras; "
                "the floor asks for %(floor)s",
                district=place,
                reach=f"{reach:.1%}",
                floor=f"{floor:.1%}",
            )
        )
    return min(floor / reach, 1.0) if reach > 0.0 else 0.0


def areas_of_money(city: City, grants: Sequence[Grant]) -> gpd.GeoDataFrame:
    """Return the areas by which money is given: those of the one level that the grants name.

    Raises
    ------
    MismatchError
        If the grants name areas of several levels, which would count the same money twice.
    """
    return find_named(city, {grant.district for grant in grants if grant.district})


def _codes(city: City) -> dict[str, str]:
    """Return the name under which each area of the city is known, by name and by code."""
    known: dict[str, str] = {}
    for areas in reversed(levels_of(city)):
        names = labels_of(areas)
        codes = {str(code): name for code, name in zip(areas["code"], names, strict=True) if code}
        known |= codes | {name: name for name in names}
    return known


def _sum_by(label: IndexArray, weight: FloatArray, count: int) -> FloatArray:
    return np.bincount(label + 1, weight, count + 1)[1:].astype(np.float64)


def project_years(posed: Posed, offers: CandidateSet, result: CheckResult) -> dict[int, int]:
    """Return the year of the project that candidates belong to, by number of the candidate.

    A candidate belongs to a project if it stands in its area, or if all the parts that it meets lie
    in areas of projects; of several projects the last to be completed counts. One whose completion
    nobody recorded pins nothing.
    """
    projects = result.city.projects
    done = completed_on(projects).astype("str")
    year = pd.to_numeric(done.str[:4], errors="coerce")
    known = projects[year.notna() & ~projects.geometry.is_empty & projects.geometry.notna()]
    if known.empty:
        return {}
    when = year.loc[known.index].to_numpy(np.int64)
    tree = shapely.STRtree(known.geometry.to_numpy())

    def last(shapes: gpd.GeoSeries) -> npt.NDArray[np.int64]:
        found = np.zeros(len(shapes), np.int64)
        row, project = tree.query(shapes.to_numpy(), predicate="intersects")
        np.maximum.at(found, row, when[project])
        return found

    own = last(offers.table.geometry)
    parts = last(result.parts.geometry.loc[posed.part_ids].representative_point())
    problem = posed.problem
    pinned = {}
    for j in range(problem.n_candidate):
        cells = problem.met_by(j)
        of_parts = parts[np.unique(problem.group[cells])]
        whole = int(of_parts.max()) if len(of_parts) and of_parts.all() else 0
        if own[j] or whole:
            pinned[j] = int(own[j]) or whole
    return pinned


@dataclass(frozen=True, slots=True, eq=False)
class Timed:
    """When everything is done; `frame` and what `phases.schedule` made of it."""

    frame: Frame
    made: Schedule

    def tables(self, offers: CandidateSet) -> dict[str, pd.DataFrame]:
        """Return ``funds`` and ``unbuilt`` as `plan.Plan` holds them."""
        return {"funds": self.funds(offers.prices.terms), "unbuilt": self.unbuilt(offers)}

    def unbuilt(self, offers: CandidateSet) -> pd.DataFrame:
        """Return what no year has the money for, columns `plan.UNBUILT_COLUMNS`."""
        rows = self.made.unbuilt
        table = offers.table.iloc[sorted(rows)]
        labels = camera_ids(table)
        reasons = [str(rows[j]) for j in sorted(rows)]
        columns = (labels, table["measure"], table["cost_yuan"], reasons)
        return pd.DataFrame(dict(zip(UNBUILT_COLUMNS, map(list, columns), strict=True)))

    def funds(self, terms: pd.DataFrame) -> pd.DataFrame:
        """Return what became of each grant, columns `plan.FUNDS`; shares are of all the demand.

        What is spent is the sum that the budget limits.
        """
        frame, made = self.frame, self.made
        rows = []
        for grant in frame.grants:
            t = slice(None) if grant.year is None else frame.years.index(grant.year)
            d = frame.districts.index(grant.district) if grant.district else -1
            spent = counted(terms, float(np.sum(made.cost_yuan[t, d])), grant.budget_of)
            last = -1 if grant.year is None else t
            share = float(made.shares[last, d] * frame.reach[d]) if d >= 0 else None
            rows.append(
                (grant.year or 0, grant.district, grant.budget_yuan, spent, grant.floor, share)
            )
        table = pd.DataFrame(rows, columns=list(FUNDS))
        numbers = ["budget_yuan", "spent_yuan", "floor", "share"]
        return table.astype(dict.fromkeys(numbers, np.float64))


def timetable(
    posed: Posed,
    offers: CandidateSet,
    chosen: BoolArray,
    result: CheckResult,
    frame: Frame,
    pinned: Mapping[str, int],
) -> Timed:
    """Spread a choice over the years.

    What ends a breach of the law comes in the first year; then a camera has the year it is pinned
    to by hand, then that of its project. Without money by year each year has about the same, or as
    much as its pinned works take; the last takes what is left.
    """
    problem, years, taken = posed.problem, frame.years, np.flatnonzero(chosen)
    ids = camera_ids(offers.table.iloc[taken])
    by_project = project_years(posed, offers, result)
    by_hand = dict(pinned) | dict.fromkeys(urgent_cameras(offers, result), years[0])
    wanted = {
        int(j): by_hand.get(label, by_project.get(int(j)))
        for j, label in zip(taken, ids, strict=True)
    }
    places = {j: years.index(year) for j, year in wanted.items() if year in years}
    money = frame.total_yuan
    if not np.isfinite(money).any() and not np.isfinite(frame.limits_yuan).any():
        money = _even(problem, chosen, places, len(years))
    made = schedule(
        problem,
        chosen,
        Years.of(
            problem,
            money,
            limits_yuan=frame.limits_yuan,
            floors=frame.floors,
            of_candidate=frame.of_candidate,
            of_requirement=frame.of_requirement,
        ),
        pinned=places,
        first=offers.table["measure"].eq("connect").to_numpy(np.bool_),
        limits=BRIEF,
    )
    return Timed(frame, made)


def _even(
    problem: Problem, chosen: BoolArray, places: Mapping[int, int], n_year: int
) -> FloatArray:
    """Return about the same money for each year, and no limit for the last."""
    cost = np.where(chosen, problem.cost, 0.0)
    even = max(problem.price(chosen) / n_year, float(cost.max(initial=0.0)))
    money = np.full(n_year, even)
    np.add.at(money, list(places.values()), [cost[j] for j in places])
    money[-1] = np.inf
    return money


def only_built(
    problem: Problem, outcome: Outcome, made: Schedule, lawful: Lawful | None = None
) -> Outcome:
    """Return an outcome without what no year has the money for; its bound holds all the more."""
    if not made.unbuilt:
        return outcome
    chosen = made.year != UNBUILT
    if lawful is not None:
        return left_of(lawful, outcome, chosen)
    value = float(problem.worth[problem.is_met(chosen)].sum())
    return replace(outcome, chosen=chosen, value=value, status=Status.FEASIBLE)


def in_years(
    measures: gpd.GeoDataFrame, offers: CandidateSet, timed: Timed, urgent: frozenset[str]
) -> gpd.GeoDataFrame:
    """Return measures with their years; 0 where nothing is to be done."""
    built = np.flatnonzero(timed.made.year != UNBUILT)
    labels = camera_ids(offers.table.iloc[built])
    years = [timed.frame.years[k] for k in timed.made.year[built]]
    year = pd.Series(years, labels, dtype=np.int64).reindex(measures.index).fillna(0)
    paid, first = measures["cost_yuan"].gt(0.0), measures.index.isin(urgent)
    dated = year.where(paid, 0).mask(first, timed.frame.years[0])
    return measures.assign(year=dated.astype(np.int64))
