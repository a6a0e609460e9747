"""Readers of plans, documents, answers and areas of consent: what no map can say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from civicsight.core.errors import N_
from civicsight.io.registers.headers_planning import (
    ANSWER_HEADERS,
    ANSWER_WORDS,
    CONSENT_HEADERS,
    CONSENT_WORDS,
    DOCUMENT_HEADERS,
    DOCUMENT_WORDS,
    MEASURED_HEADERS,
    PLAN_HEADERS,
    PLAN_WORDS,
)
from civicsight.io.registers.prepare import (
    Readers,
    find_headers,
    require,
    tidy,
    with_added,
    with_places,
)
from civicsight.io.report import ImportReport
from civicsight.io.source_options import NOTHING, Declared
from civicsight.io.tables.inventory import Form, fill
from civicsight.io.tables.rows import Cell, Rows
from civicsight.io.tables.source import read_sheet
from civicsight.io.tables.synonyms import match_value
from civicsight.model import ANSWERS, CONSENT_AREAS, DOCUMENTS, PLANS
from civicsight.model.measured import MEASURED

PLAN_FORM = Form(PLANS, PLAN_HEADERS, {}, PLAN_WORDS)
DOCUMENT_FORM = Form(DOCUMENTS, DOCUMENT_HEADERS, {}, DOCUMENT_WORDS)


def _need_reasons(rows: Rows) -> None:
    """Refuse a waiver without a reason and a day."""
    for row, answer in enumerate(rows.text("answer")):
        for field in ("reason", "answered_on"):
            if answer == "waived" and rows.text(field)[row] is None:
                rows.fault(
                    row,
                    field,
                    "answer.waiver",
                    N_("the reason and the day of a waiver"),
                    N_("Say why the rule is waived, and since when."),
                )


ANSWER_FORM = Form(ANSWERS, ANSWER_HEADERS, {}, ANSWER_WORDS, after=_need_reasons)
CONSENT_FORM = Form(CONSENT_AREAS, CONSENT_HEADERS, {}, CONSENT_WORDS)
MEASURED_FORM = Form(MEASURED, MEASURED_HEADERS, {}, {})


Result = tuple[gpd.GeoDataFrame, ImportReport]


def read_plans(path: str | Path, **asked: Any) -> Result:
    """Read the record of a plan, and of those before it; the last row by day is the one in force.

    The columns are those of `schema.PLANS`. Parameters, results and errors as for `read_cameras`.
    """
    return _read(PLAN_FORM, path, **asked)


def read_documents(path: str | Path, **asked: Any) -> Result:
    """Read the list of documents on file; the columns are those of `schema.DOCUMENTS`.

    Kinds are those that rules ask for, by their names or in Chinese; another one is kept as it
    stands. Parameters, results and errors as for `read_cameras`.
    """
    return _read(DOCUMENT_FORM, path, {"kind": _read_document_kind}, **asked)


def read_answers(path: str | Path, **asked: Any) -> Result:
    """Read what people decided under open questions; the columns are those of `schema.ANSWERS`.

    A waiver needs a reason. Parameters, results and errors as for `read_cameras`.
    """
    return _read(ANSWER_FORM, path, **asked)


def read_consent_areas(path: str | Path, **asked: Any) -> Result:
    """Read the hidden layer of areas that need consent; the columns of `schema.CONSENT_AREAS`.

    Parameters, results and errors as for `read_cameras`.
    """
    return _read(CONSENT_FORM, path, **asked)


def read_measured(path: str | Path, **asked: Any) -> Result:
    """Read what was measured of cameras at acceptance; the columns of `schema.measured.MEASURED`.

    A row without longitude and latitude stands where it was planned. Parameters, results and
    errors as for `read_cameras`.
    """
    return _read(MEASURED_FORM, path, **asked)


def _read_document_kind(text: str) -> Cell:
    return Cell(match_value("kind", text, DOCUMENT_WORDS) or text)


def _read(
    form: Form,
    path: str | Path,
    readers: Readers | None = None,
    *,
    crs: CRS | None = None,
    near: BaseGeometry | None = None,
    declared: Declared = NOTHING,
    keep_good: bool = False,
) -> Result:
    source = read_sheet(path, declared)
    sheet = with_places(source, declared)
    found = find_headers(sheet, form.headers, declared)
    for column in form.table:
        if column.required:
            sheet = require(sheet, found, column.name, form.headers, form.table)
    sheet = tidy(sheet, found, readers or {}, form.table)
    declared = with_added(declared, source, sheet)
    return fill(sheet, form, crs, near=near, declared=declared, keep_good=keep_good)
