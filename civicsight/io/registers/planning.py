"""Registers for planning: plans, documents, answers, areas of consent, proposed facilities."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from civicsight.core.errors import N_
from civicsight.io.registers.obstacles import shape_of
from civicsight.io.registers.prepare import Readers, find_headers, read_placed, require, tidy
from civicsight.io.report import Count, ImportReport
from civicsight.io.source_options import NOTHING, Declared
from civicsight.io.tables.inventory import fill
from civicsight.io.tables.rows import Cell, Rows
from civicsight.io.tables.sheet import Sheet
from civicsight.io.tables.source_schema import SourceSchema
from civicsight.io.tables.synonyms import match_value
from civicsight.model import ANSWERS, CONSENT_AREAS, DOCUMENTS, PLANS
from civicsight.model.plan_tables import LISTED_PROPOSALS, MEASURED, PROGRESS, PROPOSALS, SURVEYED

if TYPE_CHECKING:
    from pyproj import CRS
    from shapely.geometry.base import BaseGeometry


PLAN_SCHEMA = SourceSchema(PLANS)
DOCUMENT_SCHEMA = SourceSchema(DOCUMENTS)


def _need_reasons(rows: Rows) -> None:
    """Refuse a waiver without a reason and a day."""
    for row, answer in enumerate(rows.text("answer")):
        for field in ("reason", "answered_on"):
            if answer == "waived" and rows.text(field)[row] is None:
                expected = N_("the reason and the day of a waiver")
                remedy = N_("Say why the rule is waived, and since when.")
                rows.fault(row, field, "answer.waiver", expected, remedy)


ANSWER_SCHEMA = SourceSchema(ANSWERS, after=_need_reasons)
CONSENT_SCHEMA = SourceSchema(CONSENT_AREAS)
MEASURED_SCHEMA = SourceSchema(MEASURED)


def _need_a_reason(rows: Rows) -> None:
    """Refuse that something cannot be built where nobody says why, and a result without a name."""
    for row, buildable in enumerate(rows.text("buildable")):
        if buildable is False and rows.text("why_not")[row] is None:
            expected, remedy = N_("why it cannot be built there"), N_("Say what stands against it.")
            rows.fault(row, "why_not", "survey.why", expected, remedy)
    who = ("surveyed_by", "surveyed_on")
    told = [rows.text(column.name) for column in SURVEYED if column.name not in who]
    filled = np.any([pd.notna(values) for values in told], axis=0)
    for name in who:
        for row in np.flatnonzero(filled & pd.isna(rows.text(name))).tolist():
            expected, remedy = N_("who surveyed, and on which day"), N_("Fill it in.")
            rows.fault(row, name, "survey.nobody", expected, remedy)


STAGE_DAYS: Final = ("pole_on", "power_on", "online_on", "accepted_on")
"""Days of the stages of a measure, in the order in which they are reached."""


def _in_their_order(rows: Rows) -> None:
    """Refuse a stage that is dated before one that has to come first."""
    days = [rows.text(name) for name in STAGE_DAYS]
    for later, name in enumerate(STAGE_DAYS[1:], start=1):
        before = [
            max((str(own[row]) for own in days[:later] if own[row]), default="")
            for row in range(len(rows.labels))
        ]
        wrong = [row for row, least in enumerate(before) if (days[later][row] or least) < least]
        for row in wrong:
            expected = N_(
                "no day before %(day)s, on which an earlier stage was reached", day=before[row]
            )
            rows.fault(row, name, "progress.order", expected, N_("Correct one of both days."))


PROGRESS_SCHEMA = SourceSchema(PROGRESS, after=_in_their_order)
SURVEYED_SCHEMA = SourceSchema(SURVEYED, after=_need_a_reason)

Result = tuple[gpd.GeoDataFrame, ImportReport]


def read_plans(path: str | Path, **asked: Any) -> Result:
    """Read the record of a plan, and of those before it; the last row by day is the one in force.

    The columns are those of `model.PLANS`. Parameters, results and errors as for `read_cameras`.
    """
    return _read(PLAN_SCHEMA, path, **asked)


def read_documents(path: str | Path, **asked: Any) -> Result:
    """Read the list of documents on file; the columns are those of `model.DOCUMENTS`.

    Kinds are those that rules ask for, by their names or in Chinese; another one is kept as it
    stands. Parameters, results and errors as for `read_cameras`.
    """
    return _read(DOCUMENT_SCHEMA, path, {"kind": _read_document_kind}, **asked)


def read_answers(path: str | Path, **asked: Any) -> Result:
    """Read what people decided under open questions; the columns are those of `model.ANSWERS`.

    A waiver needs a reason. Parameters, results and errors as for `read_cameras`.
    """
    return _read(ANSWER_SCHEMA, path, **asked)


def read_consent_areas(path: str | Path, **asked: Any) -> Result:
    """Read the hidden layer of areas that need consent; the columns of `model.CONSENT_AREAS`.

    Parameters, results and errors as for `read_cameras`.
    """
    return _read(CONSENT_SCHEMA, path, **asked)


def read_measured(path: str | Path, **asked: Any) -> Result:
    """Read what was measured of cameras at acceptance; the columns of `model.plan_tables.MEASURED`.

    A row without longitude and latitude stands where it was planned. Parameters, results and
    errors as for `read_cameras`.
    """
    return _read(MEASURED_SCHEMA, path, **asked)


def read_progress(path: str | Path, **asked: Any) -> Result:
    """Read a month's report of the works; the columns of `model.plan_tables.PROGRESS`.

    Stages are reached in their order. Parameters, results and errors as for `read_cameras`.
    """
    return _read(PROGRESS_SCHEMA, path, **asked)


def read_surveyed(path: str | Path, **asked: Any) -> Result:
    """Read what a survey found of cameras; the columns of `model.plan_tables.SURVEYED`.

    A row without longitude and latitude stands where the project has it. That something cannot be
    built needs a reason, every result a name and a day. Parameters, results and errors as for
    `read_cameras`.
    """
    return _read(SURVEYED_SCHEMA, path, **asked)


def _read_document_kind(text: str) -> Cell:
    return Cell(match_value("kind", text, DOCUMENTS.words) or text)


def _read(
    schema: SourceSchema,
    path: str | Path,
    readers: Readers | None = None,
    *,
    crs: CRS | None = None,
    near: BaseGeometry | None = None,
    declared: Declared = NOTHING,
    keep_good: bool = False,
) -> Result:
    def in_order(sheet: Sheet, declared: Declared) -> Sheet:
        found = find_headers(sheet, schema.headers, declared)
        for column in schema.table:
            if column.required:
                sheet = require(sheet, found, column.name, schema.table)
        return tidy(sheet, found, readers or {}, schema.table)

    sheet, declared = read_placed(path, declared, in_order)
    return fill(sheet, schema, crs, near=near, declared=declared, keep_good=keep_good)


SIZES: Final = ("width_m", "crown_m", "facing_deg")
"""What gives a point a shape."""


def settle_proposals(rows: Rows) -> None:
    """Name the rows that say no height, or of which nothing says how far they reach."""
    height, base = rows.number("height_m"), rows.number("base_m")
    width, across, facing = (np.isfinite(rows.number(name)) for name in SIZES)
    flat = shapely.get_dimensions(rows.points.to_numpy())
    kinds = rows.text("kind")
    known = {fault.where for fault in rows.faults}
    for row in np.flatnonzero([where not in known for where in rows.where]).tolist():
        square = width[row] and (facing[row] or kinds[row] not in ("advert", "tree"))
        if np.isnan(height[row]):
            expected = N_("a height")
            remedy = N_("The applicant states it; it is never assumed.")
            rows.fault(row, "height_m", "proposal.height", expected, remedy)
        elif base[row] >= height[row]:
            expected = N_("a top above the underside of %(base)s m", base=f"{base[row]:g}")
            remedy = N_("Both count from the ground: check the top and the underside.")
            rows.fault(row, "height_m", "proposal.top", expected, remedy)
        if flat[row] < 1 and not across[row] and not square:
            expected = N_("a line, an area, a width and the direction that it faces, or a diameter")
            remedy = N_("A point alone hides nothing; say how wide it is and where it faces.")
            rows.fault(row, "width_m", "proposal.no_shape", expected, remedy)


PROPOSAL_SCHEMA: Final = SourceSchema(LISTED_PROPOSALS, after=settle_proposals)


def _with_kinds(sheet: Sheet, declared: Declared) -> Sheet:
    found = find_headers(sheet, LISTED_PROPOSALS.headers, declared)
    return require(sheet, found, "kind", LISTED_PROPOSALS)


def read_proposals(
    path: str | Path,
    *,
    crs: CRS | None = None,
    near: BaseGeometry | None = None,
    declared: Declared = NOTHING,
    keep_good: bool = False,
) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Read a list of proposed facilities.

    Parameters, results and errors as for `read_cameras`; the table is `PROPOSALS`. A line or an
    area is taken as drawn. A point becomes a panel across the direction that it faces, ``width_m``
    wide; or a round body of ``crown_m`` across; or a square one of ``width_m``. A row
    without a height or an extent is refused: neither is ever assumed.
    """
    sheet, declared = read_placed(path, declared, _with_kinds)
    listed, report = fill(
        sheet, PROPOSAL_SCHEMA, crs, near=near, declared=declared, keep_good=keep_good
    )
    shapes = [
        shape_of(shape, *sizes)
        for shape, *sizes in zip(
            listed.geometry.to_numpy(),
            *(listed[name].to_numpy(float) for name in SIZES),
            strict=True,
        )
    ]
    table = listed.drop(columns=list(SIZES)).set_geometry(
        gpd.GeoSeries(shapes, index=listed.index, crs=listed.crs)
    )
    complete = gpd.GeoDataFrame(PROPOSALS.complete(table))
    PROPOSALS.check(complete)
    counts = tuple(
        Count(f"kind.{name}", N_("kind %(kind)s", kind=str(name)), int(count))
        for name, count in complete["kind"].value_counts().items()
    )
    return complete, replace(report, counts=(*report.counts, *counts))
