"""The list of gates that nobody has confirmed, as a table to fill in and as it comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
from pyproj import CRS

from civicsight.core.column import headers_in
from civicsight.core.errors import N_
from civicsight.core.i18n import Label
from civicsight.core.settings import present_day
from civicsight.io.registers.prepare import read_placed
from civicsight.io.registers.template_files import Entry, open_entry
from civicsight.io.report import Count, ImportReport
from civicsight.io.source_options import NOTHING as UNDECLARED
from civicsight.io.source_options import Declared
from civicsight.io.tables.inventory import fill
from civicsight.io.tables.rows import Rows, as_objects
from civicsight.io.tables.source_schema import SourceSchema
from civicsight.io.tables.synonyms import PLACE_HEADERS
from civicsight.model.plan_tables import GATE_LIST, GATE_MOVED

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

ANSWER: Final = ("decided_by", "decided_on", "basis")
"""What a decision needs beside itself."""

NAMES: Final = {"moved_lon": "lon", "moved_lat": "lat"}
"""By what a reader knows the columns of a place."""


def gate_entries(bases: Mapping[str, Label]) -> tuple[Entry, ...]:
    """Return the columns of the list; `bases` are offered as what somebody may rely on."""
    columns = [column for column in GATE_LIST if column.name != "row"]
    at = [column.name for column in columns].index("decision") + 1
    ordered = (GATE_LIST.identifier, *columns[:at], *GATE_MOVED, *columns[at:])
    return tuple(
        replace(entry, words=bases) if entry.column.name == "basis" else entry
        for entry in map(open_entry, ordered)
    )


def _settle(rows: Rows) -> None:
    """Name the rows that say half of an answer; one that says nothing is no answer."""
    rows.columns["row"] = as_objects(list(rows.where))
    placed = rows.points.notna().to_numpy()
    decisions = rows.text("decision")
    told = {name: rows.text(name) for name in ANSWER}
    today = present_day().isoformat()
    presumed = np.isfinite(rows.number("presumed_lon")) & np.isfinite(rows.number("presumed_lat"))
    bad = {fault.where for fault in rows.faults}
    for row in np.flatnonzero([where not in bad for where in rows.where]).tolist():
        decision, day = decisions[row], told["decided_on"][row]
        if decision is None:
            if placed[row] or any(texts[row] is not None for texts in told.values()):
                expected = N_("yes, no or moved, for the rest of the row is filled in")
                remedy = N_("Say what was found, or empty the other cells as well.")
                rows.fault(row, "decision", "gate.undecided", expected, remedy)
            continue
        for name, texts in told.items():
            if texts[row] is None:
                expected = N_("who found out, on which day, and on what that relies")
                rows.fault(row, name, "gate.unsaid", expected, N_("Fill the cell in."))
        if day is not None and day > today:
            expected = N_("a day that is not to come: today is %(today)s", today=today)
            rows.fault(row, "decided_on", "gate.day", expected, N_("Correct the day."))
        if decision == "moved" and not placed[row]:
            expected = N_("longitude and latitude where the gate really is")
            remedy = N_("Fill both in, or say yes if it is where it was presumed.")
            rows.fault(row, "lon", "gate.nowhere", expected, remedy)
        if decision != "moved" and placed[row]:
            expected = N_("no place beside this decision")
            remedy = N_("Say moved if the gate is there, or empty longitude and latitude.")
            rows.fault(row, "lon", "gate.place", expected, remedy)
        if not presumed[row]:
            expected = N_("where the list said that the gate is presumed")
            remedy = N_("Leave these columns as they were written, or write the list anew.")
            rows.fault(row, "presumed_lon", "gate.unknown_place", expected, remedy)


SCHEMA: Final = SourceSchema(
    GATE_LIST,
    after=_settle,
    places={
        **{NAMES.get(name, name): words for name, words in headers_in(GATE_MOVED).items()},
        "datum": PLACE_HEADERS["datum"],
    },
)
"""Where a gate really is. Plain longitude and latitude are no such columns: the list is no
register, and where a gate is only presumed is never read as where one is."""


def read_gate_list(
    path: str | Path,
    *,
    crs: CRS | None = None,
    near: BaseGeometry | None = None,
    declared: Declared = UNDECLARED,
    keep_good: bool = False,
) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Read the list of gates as it comes back; the columns are those of `GATE_LIST`.

    A row without a decision is no answer, and half of one is refused. Parameters, results and
    errors as for `read_cameras`; `crs` has to be given.
    """
    sheet, declared = read_placed(path, declared, asked=GATE_LIST.headers)
    table, report = fill(sheet, SCHEMA, crs, near=near, declared=declared, keep_good=keep_good)
    filled = int(table["decision"].notna().sum())
    counts = (
        Count("filled", N_("filled in"), filled),
        Count("open", N_("not filled in, and left open"), len(table) - filled),
    )
    return table, replace(report, counts=(*report.counts, *counts))
