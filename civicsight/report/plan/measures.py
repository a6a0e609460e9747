"""The table of a plan: one row a camera, for people and for spreadsheets."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import pandas as pd

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import Language, translate
from civicsight.planning.candidates.classes import CLASS_LABELS
from civicsight.planning.plan import Plan
from civicsight.presentation.lexicon import number
from civicsight.report.plan.maps import numbered
from civicsight.report.plan.story import Teller
from civicsight.report.plan.words import HOST_LABELS, measure_text
from civicsight.report.tables import plain_positions

FIGURES: Final = {"azimuth_deg": 1, "tilt_deg": 1, "hfov_deg": 1}
"""Digits of angles that a planner can use, two of any other measure; the plan itself keeps all."""

SHEET_COLUMNS: Final = (
    N_("No."),
    N_("Camera"),
    N_("Measure"),
    N_("Carrier"),
    N_("Height [m]"),
    N_("Azimuth [deg]"),
    N_("Cost [yuan]"),
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
            measure_text(row.measure, row.article, row.year),
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
    table = plan.measures.assign(number=numbers.reindex(plan.measures.index)).sort_index()
    out = plain_positions(table)
    measured = out.select_dtypes("float").columns.difference(["lon", "lat"])
    out = out.round(dict.fromkeys(measured, 2) | FIGURES)
    out["camera_class"] = [
        None if text is None else _both(CLASS_LABELS.get(text, Text(text)))
        for text in table["camera_class"].where(table["camera_class"].notna(), None)
    ]
    out["host"] = [_both(HOST_LABELS.get(value, Text(value or ""))) for value in table["host"]]
    said = zip(table["measure"], table["article"], table["year"], strict=True)
    out["measure"] = [_both(measure_text(*each)) for each in said]
    return out[["number", *out.columns.drop("number")]]


def _both(text: Text) -> str:
    languages: tuple[Language, Language] = ("zh_CN", "en")
    chinese, english = (translate(text, language) for language in languages)
    return english if chinese == english else f"{chinese} {english}"
