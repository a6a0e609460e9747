"""What is covered at the end of each year of a plan, among the buildings that stand in that year.

References
----------
Article 11: systems are designed, built and put into use with the works that they belong to. A
camera is of use in the city of its day; what is built later may stand in its view, and what is
demolished no longer does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from civicsight.core.progress import Progress
from civicsight.coverage.check import check
from civicsight.coverage.findings.status import STATUSES
from civicsight.coverage.result import CheckResult
from civicsight.model import City
from civicsight.model.city import COMES, GOES, YEARS, comes_or_goes, standing_in, stands_in
from civicsight.planning.record.plan import Plan, planned_city


@dataclass(frozen=True, slots=True, eq=False)
class Covered:
    """What is covered year by year.

    Parameters
    ----------
    years
        By year: ``works`` done by its end, ``buildings`` that stand, those that ``come`` and ``go``
        in it, gates and key parts by status, and the ``share`` of the demanded weight that is met
        for sure.
    turns
        Gates and key parts whose status is another than a year before: ``year``, ``part_id``,
        ``before``, ``after`` and the ``blockers`` afterwards, by label.
    """

    years: pd.DataFrame
    turns: pd.DataFrame


def cover_years(
    city: City,
    plan: Plan,
    now: CheckResult,
    *,
    night: bool = False,
    years: Iterable[int] | None = None,
    progress: Progress | None = None,
) -> Covered:
    """Judge a plan at the end of each of its years, in the city of that year.

    Parameters
    ----------
    city
        As it is kept, with the years of its buildings; that of a check has those of one year alone.
    plan, now
        The plan, and the check of the inventory that it was made from.
    night
        Whether views end at the reach of each camera's own light.
    years
        By default those of the works, and those in which a building comes or goes from the year
        of the check on.
    progress
        Called with years done and in all.
    """
    chosen = sorted(set(plan_years(city, plan) if years is None else years))
    rows, turns, before = [], [], now.part_status["status"]
    for done, year in enumerate(chosen):
        result = _check(city, plan, now, year, night=night)
        rows.append(_row(city, plan, result, year))
        turns.append(_turns(before, result.part_status, year))
        before = result.part_status["status"]
        if progress is not None:
            progress(done + 1, len(chosen))
    table = pd.DataFrame(rows, index=pd.Index(chosen, name="year", dtype=np.int64))
    columns = ["year", "part_id", "before", "after", "blockers"]
    return Covered(table, pd.DataFrame([row for rows in turns for row in rows], columns=columns))


def plan_years(city: City, plan: Plan) -> list[int]:
    """Return the years of the works, and those after the first in which a building changes."""
    works = {int(year) for year in plan.works["year"]}
    moving = city.buildings[comes_or_goes(city.buildings)]
    changes = moving[list(YEARS)].to_numpy(np.float64).ravel() if len(moving) else np.empty(0)
    later = {int(year) for year in changes[np.isfinite(changes)]}
    return sorted(works | {year for year in later if year > min(works, default=year)})


def _check(city: City, plan: Plan, now: CheckResult, year: int, *, night: bool) -> CheckResult:
    """Check the city of a year with what the plan has done by its end."""
    measures = plan.measures[plan.measures["year"].le(year)]
    cameras = plan.cameras[plan.cameras.index.isin(measures.index)]
    planned = planned_city(now, measures, cameras).cameras
    then = replace(standing_in(city, year), cameras=planned)
    return check(then, rules=now.rules, raster=False, night=night, before=now.parts)


def _row(city: City, plan: Plan, result: CheckResult, year: int) -> dict[str, float]:
    status = result.part_status
    met = float((status["weight"] * status["fraction_sure"]).sum())
    buildings = city.buildings
    return {
        "works": int(plan.works["year"].le(year).sum()),
        "buildings": int(stands_in(buildings, year).sum()),
        "come": _counted(buildings, COMES, year),
        "go": _counted(buildings, GOES, year),
        **{name: int(status["status"].eq(name).sum()) for name in STATUSES},
        "share": met / max(float(status["weight"].sum()), 1e-12),
    }


def _counted(buildings: pd.DataFrame, name: str, year: int) -> int:
    return int(buildings[name].eq(year).sum()) if name in buildings else 0


def _turns(before: pd.Series, status: pd.DataFrame, year: int) -> list[tuple[object, ...]]:
    """Return the parts whose status is another than before; new ones have none before."""
    old = before.reindex(status.index)
    changed = status[old.ne(status["status"])]
    return [
        (year, label, None if pd.isna(old[label]) else old[label], row.status, list(row.blockers))
        for label, row in zip(changed.index, changed.itertuples(), strict=True)
    ]
