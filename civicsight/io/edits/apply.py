"""Changes that were accepted, put into the project: all of them or none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import pandas as pd

from civicsight.core.errors import MismatchError
from civicsight.core.keyed_difference import is_same
from civicsight.core.settings import present_day
from civicsight.io.edits.model import Edits, LayerEdits
from civicsight.model import CITY_TABLES, City, Table
from civicsight.model.notes import placed
from civicsight.model.provenance import Provenance


def apply(before: City, edits: Edits, *, edited_on: str | None = None) -> City:
    """Return the project with the changes in it.

    Parameters
    ----------
    before
        The project that the changes were found against; not changed.
    edits
        From `compare`.
    edited_on
        Day to keep with each changed layer, ISO 8601; today by default.

    Raises
    ------
    MismatchError
        If the project is another one, or has changed since.
    SchemaError
        If a table would not be as declared.
    """
    day = present_day().isoformat() if edited_on is None else edited_on
    declared = {table.name: table for table in CITY_TABLES}
    tables: dict[str, Any] = {}
    notes = []
    for layer in edits.layers:
        if not layer.is_empty:
            old = getattr(before, layer.layer)
            _require_same(old, layer)
            tables[layer.layer] = _changed(old, layer, declared[layer.layer])
            notes.append(_provenance(layer, edits.source, day, len(tables[layer.layer])))
    return replace(before, **tables, provenance=(*before.provenance, *notes))


def _require_same(old: gpd.GeoDataFrame, layer: LayerEdits) -> None:
    """Refuse changes of rows that are not there, or not as they were."""
    named = {*layer.removed, *(e.label for e in layer.reshaped), *(c.label for c in layer.changed)}
    gone = sorted(named - set(old.index)) or sorted(set(layer.added.index) & set(old.index))
    stale = gone or [
        c.label for c in layer.changed if not is_same(old.loc[c.label, c.field], c.old)
    ]
    if stale:
        msg = (
            f"{layer.layer}: the project has changed since the comparison, first at {stale[0]!r}: "
            "compare the edited file with it again"
        )
        raise MismatchError(msg)


def _changed(old: gpd.GeoDataFrame, layer: LayerEdits, table: Table) -> gpd.GeoDataFrame:
    out = old.copy()
    for name in {change.field for change in layer.changed}:
        values = dict(zip(out.index, out[name].astype(object), strict=True))
        values |= {c.label: c.new for c in layer.changed if c.field == name}
        out[name] = pd.Series(list(values.values()), index=out.index, dtype=object)
    shapes = dict(zip(out.index, out.geometry, strict=True))
    shapes |= {entry.label: entry.geometry for entry in layer.reshaped}
    out = out.set_geometry(
        gpd.GeoSeries(list(shapes.values()), index=out.index, crs=old.crs).rename("geometry")
    )
    out = out.drop(index=list(layer.removed))
    if len(layer.added):
        out = gpd.GeoDataFrame(pd.concat([out.astype(object), layer.added.astype(object)]))
        out = out.set_geometry("geometry", crs=old.crs)
    for name in old.columns.difference([column.name for column in table]).drop("geometry"):
        out[name] = out[name].astype(old[name].dtype)
    complete: gpd.GeoDataFrame = table.complete(out)
    return complete


def _provenance(layer: LayerEdits, source: str, day: str, kept: int) -> Provenance:
    counts = {
        "edited.added": len(layer.added),
        "edited.removed": len(layer.removed),
        "edited.moved": len(layer.moved),
        "edited.redrawn": len(layer.redrawn),
        "edited.changed": len(layer.changed),
    }
    return Provenance(
        layer.layer,
        source,
        how="edited",
        imported_on=day,
        read=layer.read,
        kept=kept,
        counts=tuple((code, number) for code, number in counts.items() if number),
        notes=placed(layer.notes, layer.layer, source),
    )
