"""The answers of a department to a plan, as a table to fill in and as it comes back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np

from civicsight.core.errors import N_
from civicsight.core.settings import present_day
from civicsight.io.registers.prepare import find_headers, read_placed, require
from civicsight.io.registers.template_files import Entry, open_entry
from civicsight.io.report import ImportReport
from civicsight.io.source_options import NOTHING as UNDECLARED
from civicsight.io.source_options import Declared
from civicsight.io.tables.inventory import fill
from civicsight.io.tables.rows import Rows, as_objects
from civicsight.io.tables.sheet import Sheet
from civicsight.io.tables.source_schema import SourceSchema
from civicsight.model.plan_tables import REPLIES

if TYPE_CHECKING:
    from pyproj import CRS
    from shapely.geometry.base import BaseGeometry

SAID: Final = ("replied_by", "replied_on")
"""What an answer needs beside itself."""


def reply_entries() -> tuple[Entry, ...]:
    """Return the columns of the table."""
    asked = (column for column in REPLIES if column.name != "row")
    return tuple(map(open_entry, (REPLIES.identifier, *asked)))


def _settle(rows: Rows) -> None:
    """Name the rows that say half of an answer; one that says nothing is no answer."""
    rows.columns["row"] = as_objects(list(rows.where))
    replies, opinions = rows.text("reply"), rows.text("opinion")
    told = {name: rows.text(name) for name in SAID}
    today = present_day().isoformat()
    bad = {fault.where for fault in rows.faults}
    for row in np.flatnonzero([where not in bad for where in rows.where]).tolist():
        if replies[row] is None:
            if opinions[row] is not None:
                expected = N_("whether the department agrees, for the opinion is filled in")
                remedy = N_("Choose one of the list, or empty the opinion.")
                rows.fault(row, "reply", "reply.unstated", expected, remedy)
            continue
        if replies[row] != "agree" and opinions[row] is None:
            expected = N_("what is to be changed, and why")
            remedy = N_("Fill it in: an objection without a reason cannot be settled.")
            rows.fault(row, "opinion", "reply.unsaid", expected, remedy)
        for name, texts in told.items():
            if texts[row] is None:
                expected = N_("who answers for the department, and on which day")
                rows.fault(row, name, "reply.nobody", expected, N_("Fill it in."))
        day = told["replied_on"][row]
        if day is not None and day > today:
            expected = N_("a day that is not to come: today is %(today)s", today=today)
            rows.fault(row, "replied_on", "reply.day", expected, N_("Correct the day."))


SCHEMA: Final = SourceSchema(REPLIES, after=_settle, places={})


def _whole(sheet: Sheet, declared: Declared) -> Sheet:
    """Refuse a row that does not say who answers to which version."""
    found = find_headers(sheet, REPLIES.headers, declared)
    for name in ("body", "root"):
        sheet = require(sheet, found, name, REPLIES)
    return sheet


def read_replies(
    path: str | Path,
    *,
    crs: CRS | None = None,
    near: BaseGeometry | None = None,
    declared: Declared = UNDECLARED,
    keep_good: bool = False,
) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Read the answers of a department; the columns are those of `model.plan_tables.REPLIES`.

    A row without an answer is none, and half of one is refused. Parameters, results and errors as
    for `read_cameras`; `crs` has to be given.
    """
    sheet, declared = read_placed(path, declared, _whole, asked=REPLIES.headers)
    return fill(sheet, SCHEMA, crs, near=near, declared=declared, keep_good=keep_good)
