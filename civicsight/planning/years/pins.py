"""What somebody names for a plan: years and cameras that have an effect, or are refused in words.

All of it is looked at before anything is searched, and all faults are told at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from civicsight.core.errors import N_, Fault, InputError
from civicsight.core.settings import present_day
from civicsight.coverage.result import CheckResult
from civicsight.planning.aims.request import Aims
from civicsight.planning.candidates.model import CandidateSet
from civicsight.planning.prices.terms import MOST_YEARS
from civicsight.planning.works.measures import camera_ids
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
        Fault(
            "plan.pin_forbidden",
            field="pinned",
            found=name,
            expected=N_("a camera that is either pinned to a year or left alone"),
            remedy=N_("Take it out of one of the two."),
        )
        for name in sorted(set(aims.pinned) & out)
    ]
    if faults:
        raise InputError(faults)


def refuse_unknown_pins(aims: Aims, result: CheckResult, offers: CandidateSet) -> None:
    """Refuse to pin a camera that neither stands nor can be built.

    Raises
    ------
    InputError
        With every such name.
    """
    known = {*map(str, result.cameras.index), *map(str, camera_ids(offers.table))}
    faults = [
        Fault(
            "plan.pin_unknown",
            field="pinned",
            found=name,
            expected=N_(
                "a camera of the inventory or a candidate, such as %(names)s",
                names=_like(name, known),
            ),
            remedy=N_("Correct the name, or leave the year out."),
        )
        for name in sorted(set(aims.pinned) - known)
    ]
    if faults:
        raise InputError(faults)


def _year_faults(aims: Aims) -> Iterator[Fault]:
    first = present_day().year
    last = first + MOST_YEARS
    order = years_in_order(aims.years, aims.grants)
    years = order if aims.years or order != (FIRST_YEAR,) else ()  # nobody named the one year
    for year in years:
        if not first <= year <= last:
            yield Fault(
                "plan.year",
                field="years",
                found=str(year),
                expected=N_("a year from %(first)s to %(last)s", first=first, last=last),
                remedy=N_("Works begin this year at the earliest: correct the year."),
            )
    for name, year in sorted(aims.pinned.items()):
        if year not in years:
            known = ", ".join(map(str, years)) or "–"
            yield Fault(
                "plan.pin_year",
                field="pinned",
                found=f"{name} = {year}",
                expected=N_("a year of the plan: %(years)s", years=known),
                remedy=N_("Ask for this year with --years, or pin the camera to another."),
            )


def _like(name: str, known: Collection[str]) -> str:
    from difflib import get_close_matches

    return ", ".join(get_close_matches(name, known, SHOWN, 0.0)) or "–"
