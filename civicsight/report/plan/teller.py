"""A plan with the words of one language for it: names, labels of measures, rows of its tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from types import MappingProxyType
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import in_all
from civicsight.coverage.result import CheckResult
from civicsight.planning.candidates.classes import CLASS_LABELS
from civicsight.planning.record.actions import describe_action, done_in
from civicsight.planning.record.plan import Plan
from civicsight.planning.statement.figures import Figures, figures_of
from civicsight.presentation.changed_inputs import describe_changed, note_changed
from civicsight.presentation.lexicon import drawn_name, number
from civicsight.presentation.names import Names, name_all
from civicsight.report.licence import WEAKENED
from civicsight.report.plan.figures import numbered
from civicsight.report.tables import plain_positions
from civicsight.rules.departures import describe_weakened
from civicsight.rules.vocabulary import join

HOST_LABELS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "camera": N_("place of a camera"),
        "pole": N_("existing pole"),
        "lamp": N_("lamp post"),
        "facade": N_("wall of a building"),
        "gate": N_("gate"),
        "corner": N_("street corner, with a new pole"),
        "ground": N_("open ground, with a new pole"),
    }
)
PRICE_SOURCES: Final[Mapping[str, Text]] = MappingProxyType(
    {"planning figures of the project": N_("planning figures of the project")}
)
"""Sources of the prices that come with the project; a city's own are said as they are."""

UNITS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "camera": N_("camera"),
        "pole": N_("pole"),
        "camera-day": N_("camera-day"),
        "camera-month": N_("camera-month"),
        "camera-year": N_("camera-year"),
        "year": N_("years"),
        "%": N_("per cent"),
    }
)
GOAL_TEXTS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "cheapest": N_("least cost for all that can be covered"),
        "widest": N_(
            "most places made compliant within the budget, then gates and key parts, then metres"
        ),
    }
)
LIFE_GOAL: Final = N_("least life-cycle cost for all that can be covered")
"""The first of these where cost is that of the years that are counted."""

SAFEGUARDS: Final[tuple[Text, ...]] = (
    N_(
        "Organisation: the lead department answers for the plan; each department named in it gives "
        "its opinion in joint review, with name and date, before the plan is submitted."
    ),
    N_(
        "One plan: nothing is built beside it. A proposal for another camera is checked against "
        "this inventory first, so that nothing is built twice."
    ),
    N_(
        "Privacy: a position inside a private place, or with a view of private walls that no mask "
        "removes, was never among the choices. Masks named in the table of cameras are set before "
        "a camera is put into use, and checked at acceptance."
    ),
    N_(
        "Neutrality: the plan and its specification name performance and interfaces, no maker, no "
        "model and no supplier; the bill names classes of work."
    ),
    N_(
        "In step with the works: cameras that belong to another project are designed, built and "
        "put into use together with it."
    ),
    N_(
        "Acceptance: place, height, direction and picture of every camera are measured when it is "
        "built, and its coverage is computed anew; what deviates is mended before acceptance."
    ),
    N_(
        "Obstruction: new boards, trees and structures are checked against these views before they "
        "are permitted."
    ),
    N_(
        "Upkeep: the inventory is updated with every change; the plan says by itself when one of "
        "its inputs is no longer as it was."
    ),
)
"""What a plan of this kind provides for, whatever its cameras."""


NEW_CAMERA: Final = re.compile(r"new:(\w+):(.+)@([\d.]+)/\w+/([\d.]+)/[\d.]+")
"""Label of a new camera: carrier, place, height, neutral class, azimuth and tilt."""


@dataclass(frozen=True, eq=False)
class Teller:
    """A plan, the check of what exists, and words of a language for both.

    Parameters
    ----------
    plan, result
        The plan, and what `check` found without it.
    names
        What cameras, places and parts are called.
    """

    plan: Plan
    result: CheckResult
    names: Names

    @cached_property
    def figures(self) -> Figures:
        """Figures of the plan, counted once: every chapter reads them."""
        return figures_of(self.plan)

    def changed(self) -> tuple[str, ...]:
        """Say which inputs changed since the plan was made: every paper that leaves says it."""
        return tuple(map(self.names.translate, describe_changed(self.plan.stale(self.result))))

    def noted(self) -> dict[str, str]:
        """Return the same as notes of a workbook, with what packs weakened."""
        told = describe_weakened(self.result.rules)
        notes = note_changed(self.plan.stale(self.result))
        return notes | ({in_all(WEAKENED): in_all(join(told, loose=True))} if told else {})


def teller_of(plan: Plan, result: CheckResult, language: Any) -> Teller:
    """Find the words for a plan in a language; new cameras are named by where they are to stand."""
    return teller_with(plan, result, name_all(result, language))


def teller_with(plan: Plan, result: CheckResult, names: Names) -> Teller:
    """Add the new cameras of a plan to names that are known."""
    labels = {*plan.measures.index, *chain.from_iterable(plan.ledger["instead"].dropna())}
    made = {
        label: names.translate(text) for label in labels if (text := new_camera(label)) is not None
    }
    drawn = plan.cameras.loc[~plan.cameras.index.isin([*names.cameras, *made]), "name"]
    made |= {
        str(label): drawn_name(str(label), name, names.language) for label, name in drawn.items()
    }
    return Teller(plan, result, replace(names, cameras={**names.cameras, **made}))


def new_camera(label: str) -> Text | None:
    """Return what a new camera is called; None for one that has a name of its own.

    Examples
    --------
    >>> str(new_camera("new:pole:L-036@4.6/standard/4/15"))
    'new: existing pole L-036, 4.6 m, 4°'
    """
    found = NEW_CAMERA.fullmatch(label)
    if found is None:
        return None
    host, where, height, azimuth = found.groups()
    return N_(
        "new: %(host)s %(where)s, %(height)s m, %(azimuth)s°",
        host=HOST_LABELS.get(host, Text(host)),
        where=where.replace("_", " "),
        height=height,
        azimuth=azimuth,
    )


FIGURES: Final = {"azimuth_deg": 1, "tilt_deg": 1, "hfov_deg": 1}
"""Digits of angles that a planner can use, two of any other measure; the plan itself keeps all."""

SHEET_COLUMNS: Final = (
    N_("No."),
    N_("Camera"),
    N_("Measure"),
    N_("Carrier"),
    N_("Height [m]"),
    N_("Azimuth [deg]"),
    N_("Works [yuan]"),
    N_("Year"),
    N_("What it is for"),
)
"""Headings of the list beside a map sheet."""


def sheet_rows(teller: Teller, works: gpd.GeoDataFrame) -> list[tuple[Any, ...]]:
    """Return the rows of the list beside a map sheet."""
    names = teller.names
    return [
        (
            row.number,
            names.cameras.get(row.Index, row.Index),
            describe_action(row.action, row.article),
            HOST_LABELS.get(row.host, Text(row.host or "")),
            number(row.height_m, 1),
            number(row.azimuth_deg),
            number(row.cost_yuan),
            row.year,
            names.listed(row.parts, names.parts),
        )
        for row in works.itertuples()
    ]


def measure_table(plan: Plan) -> pd.DataFrame:
    """Return one row a camera with its number on the maps, and positions in degrees and metres."""
    numbers = numbered(plan)["number"]
    table = done_in(plan).assign(number=numbers.reindex(plan.measures.index)).sort_index()
    out = plain_positions(table)
    measured = out.select_dtypes("float").columns.difference(["lon", "lat"])
    out = out.round(dict.fromkeys(measured, 2) | FIGURES)
    out["camera_class"] = [
        None if text is None else in_all(CLASS_LABELS.get(text, Text(text)))
        for text in table["camera_class"].where(table["camera_class"].notna(), None)
    ]
    out["host"] = [in_all(HOST_LABELS.get(value, Text(value or ""))) for value in table["host"]]
    said = zip(table["action"], table["article"], strict=True)
    out["measure"] = [in_all(describe_action(*each)) for each in said]
    out = out.drop(columns="action")
    return out[["number", *out.columns.drop("number")]]
