"""What somebody names for a plan: years and cameras that have an effect, or are refused in words.

All of it is looked at before anything is searched, and all faults are told at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from civicsight.core.errors import Fault, InputError
from civicsight.core.settings import present_day
from civicsight.coverage.result import CheckResult
from civicsight.planning.aims.request import Aims
from civicsight.planning.candidates.model import CandidateSet
from civicsight.planning.faults import fault
from civicsight.planning.prices.terms import MOST_YEARS
from civicsight.planning.works.measures import camera_ids, urgent_cameras
from civicsight.planning.years.timetable import FIRST_YEAR, years_in_order

SHOWN = 5
"""Names that a fault lists at most."""


def refuse_named(aims: Aims, result: CheckResult) -> None:
    """Refuse years that no works can be in, and what is pinned and ruled out at once.

    Raises
    ------
    InputError
        With every such year and camera.
    """
    out = aims.ruled_out.left_alone(result.cameras) | set(aims.ruled_out.names)
    faults = [*_year_faults(aims)]
    faults += [
        fault("plan.pin_forbidden", field="pinned", found=name)
        for name in sorted(set(aims.pinned) & out)
    ]
    if faults:
        raise InputError(faults)


def refuse_pins(aims: Aims, result: CheckResult, offers: CandidateSet) -> None:
    """Refuse to pin a camera that nobody knows, that stays as it is, or that the law is sooner for.

    Raises
    ------
    InputError
        With every such name.
    """
    standing, table = {*map(str, result.cameras.index)}, offers.table
    offered, urgent = camera_ids(table), urgent_cameras(offers, result)
    kept = table["measure"].eq("keep")
    able = {name for name, idle in zip(offered, kept, strict=True) if not idle} | urgent
    first = years_in_order(aims.years, aims.grants)[0]
    faults = []
    for name, year in sorted(aims.pinned.items()):
        if name not in standing and name not in able:
            names = _like(name, standing | able)
            faults.append(fault("plan.pin_unknown", field="pinned", found=name, names=names))
        elif name not in able:
            names = _like(name, able)
            faults.append(fault("plan.pin_idle", field="pinned", found=name, names=names))
        elif name in urgent and year != first:
            found = f"{name} = {year}"
            faults.append(fault("plan.pin_urgent", field="pinned", found=found, year=first))
    if faults:
        raise InputError(faults)


def _year_faults(aims: Aims) -> Iterator[Fault]:
    first = present_day().year
    last = first + MOST_YEARS
    order = years_in_order(aims.years, aims.grants)
    years = order if aims.years or order != (FIRST_YEAR,) else ()  # nobody named the one year
    for year in years:
        if not first <= year <= last:
            yield fault("plan.year", field="years", found=str(year), first=first, last=last)
    for name, year in sorted(aims.pinned.items()):
        if year not in years:
            known = ", ".join(map(str, years)) or "–"
            yield fault("plan.pin_year", field="pinned", found=f"{name} = {year}", years=known)


def _like(name: str, known: Collection[str]) -> str:
    from difflib import get_close_matches

    return ", ".join(get_close_matches(name, known, SHOWN, 0.0)) or "–"
