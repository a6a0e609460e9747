"""What the current versions of all plans show: layers, their columns, and decisions as tables."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, select

from civicsight.store.tables import PLAN, PLAN_VERSION

SHOWN: Final = re.compile(r"[^\W\d]\w{0,62}")
"""Columns that a layer can show: words of any language, without anything that SQL knows."""

FIXED: Final = ("fid", "geom", "plan_id", "plan_name", "plan_state", "plan_version")

DECISIONS: Final = {
    "opinions": ("opinion", ("department", "dated_on", "text", "digest")),
    "approvals": ("approve", ("body", "document_number", "dated_on", "scan_sha256", "digest")),
}
"""Tables of decisions: the act that the audit has them under, and what is said there."""


@dataclass(slots=True)
class Shown:
    """A layer as the current versions of all plans make it up."""

    index: str
    changed_at: str
    columns: dict[str, str] = field(default_factory=dict)
    srs_id: int | None = None
    crs_name: str = ""
    definition: str = ""
    types: set[str] = field(default_factory=set)
    z: int = 0
    boxes: list[list[float]] = field(default_factory=list)


def current_layers(connection: Connection) -> dict[str, Shown]:
    """Put together what the layers of all current versions have in common, and what not."""
    rows = connection.execute(
        select(PLAN_VERSION.c.layers, PLAN_VERSION.c.created_at)
        .join(
            PLAN, (PLAN.c.plan_id == PLAN_VERSION.c.plan_id) & (PLAN.c.version == PLAN_VERSION.c.n)
        )
        .order_by(PLAN.c.plan_id)
    )
    layers: dict[str, Shown] = {}
    for described, created_at in rows:
        for name, about in json.loads(described).items():
            shown = layers.setdefault(name, Shown(about["index"], created_at))
            _add(shown, about, created_at)
    return layers


def _add(shown: Shown, about: dict[str, Any], created_at: str) -> None:
    shown.changed_at = max(shown.changed_at, created_at)
    for column, kind in about["columns"]:
        before = shown.columns.setdefault(column, kind)
        if before != kind:
            shown.columns[column] = "float" if {before, kind} == {"float", "int"} else "text"
    if "crs" in about:
        shown.srs_id, shown.crs_name = about["srs_id"], about["crs_name"]
        shown.definition = about["definition"]
        shown.types.add(about["type"])
        shown.z = max(shown.z, about["z"])
        shown.boxes += [about["bounds"]] if about["bounds"] else []


def index_of(shown: Shown) -> str:
    """Return the name under which a layer shows the ids of its rows."""
    return shown.index if SHOWN.fullmatch(shown.index) else "feature_id"


def columns_of(shown: Shown) -> list[tuple[str, str]]:
    """Return name and kind of the columns that a layer shows beside the fixed ones."""
    taken = {*FIXED, index_of(shown).casefold()}
    columns = []
    for column, kind in shown.columns.items():
        if SHOWN.fullmatch(column) and column.casefold() not in taken:
            taken.add(column.casefold())
            columns.append((column, kind))
    return columns
