"""What a compliance report tells, before it is put into words of a language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Literal

import geopandas as gpd

from civicsight.core.settings import present_day
from civicsight.coverage.check import CheckResult, check
from civicsight.model import City
from civicsight.planning.compliance import Compliance, judge
from civicsight.planning.judging.dossier import Dossier
from civicsight.planning.judging.indices import Indices
from civicsight.planning.judging.secrecy import without_hidden
from civicsight.planning.judging.weakening import Weakening, weigh_weakened
from civicsight.report.compliance.exports import city_digest
from civicsight.rules import Rules, load_packs

Edition = Literal["reviewer", "public"]
Progress = Callable[[int, int], None]

REVIEWER: Edition = "reviewer"
PUBLIC: Edition = "public"

STAGES = 2
"""Looking and judging, clearing and writing: each is one half of the way."""


@dataclass(frozen=True, slots=True, eq=False)
class Account:
    """What a compliance report tells.

    Parameters
    ----------
    compliance
        Verdicts of all rules, and what was checked.
    indices
        Indices of the plan.
    at_defaults
        The same indices at the packs' own values; None where users weakened nothing.
    weakening
        What the weakened numbers do; None where there are none.
    edition
        For reviewers, or for the public.
    inputs
        Digest of the tables that it was computed from.
    """

    compliance: Compliance
    indices: Indices
    at_defaults: Indices | None
    weakening: Weakening | None
    edition: Edition
    inputs: str

    @property
    def dossier(self) -> Dossier:
        """Return what was judged."""
        return self.compliance.dossier

    @property
    def result(self) -> CheckResult:
        """Return what was checked."""
        return self.compliance.dossier.result

    @property
    def public(self) -> bool:
        """Tell whether it is the edition for the public."""
        return self.edition == PUBLIC


def give_account(
    city: City,
    cameras: gpd.GeoDataFrame | None = None,
    *,
    rules: Rules | None = None,
    today: date | None = None,
    edition: Edition = REVIEWER,
    night: bool = False,
    progress: Progress | None = None,
) -> Account:
    """Check a city, judge it by every rule, and measure its indices.

    Parameters
    ----------
    city, rules
        The tables of the project; rule packs, by default those of the planners.
    cameras
        Table `schema.CAMERAS` that replaces the city's own.
    today
        The day on which deadlines are judged, and in whose year buildings stand; by default the
        present one.
    edition
        The public one is computed as if no hidden row existed.
    night
        Whether views end at the reach of each camera's own light.
    progress
        Called with steps done and in all.

    Raises
    ------
    SchemaError, CrsError, MismatchError, InputError
        As `check`.
    """
    rules = load_packs() if rules is None else rules
    city = city if cameras is None else replace(city, cameras=cameras)
    if edition == PUBLIC:
        city = without_hidden(city, rules)
    today = present_day() if today is None else today
    looking = partial(check, city, raster=False, night=night, year=today.year)
    result = looking(rules=rules, progress=half(progress, 0))
    compliance = judge(result, today=today, progress=half(progress, 1))
    before = weakening = None
    if rules.weakened:
        plain = looking(rules=rules.at_defaults)
        before = Dossier(plain, compliance.dossier.today).indices
        weakening = weigh_weakened(result, plain)
    indices = compliance.dossier.indices
    return Account(compliance, indices, before, weakening, edition, city_digest(city))


def half(progress: Progress | None, stage: int) -> Progress | None:
    """Report a stage as one half of all."""
    if progress is None:
        return None
    return lambda done, total: progress(stage * total + done, STAGES * total)
