"""What was settled, put into the project: the cameras, what names them, and the record of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from civicsight.core.errors import N_, Fault, InputError, refuse
from civicsight.inventory.comparing import TAG
from civicsight.inventory.difference import Reconciliation
from civicsight.inventory.settling import TAKE, as_text
from civicsight.model import CAMERAS, CHANGES, City
from civicsight.model.provenance import Provenance

NAMED_IN: Final = (("signs", "camera_id"), ("answers", "subject"), ("documents", "subject"))
"""Columns of other tables that name a camera by its number."""


def take_over(city: City, found: Reconciliation) -> City:
    """Return the project with what was settled, and the record of who settled it, when and why.

    What was kept changes nothing and is on record all the same; what is open does neither.

    Parameters
    ----------
    city
        The project whose cameras were held against the list; not changed.
    found
        From `settle`.

    Raises
    ------
    InputError
        If nobody is named who settled, or two cameras would have one number.
    """
    settled = found.differences[found.differences["decision"].ne("")]
    if settled.empty:
        return city
    _require_somebody(settled, found.source)
    taken = settled[settled["decision"].eq(TAKE)]
    cameras = _with_values(found, taken)
    cameras = _with_places(cameras, found, taken)
    cameras, numbers = _with_numbers(cameras, taken)
    cameras = _with_added(cameras, found, taken)
    tables: dict[str, Any] = {
        "cameras": cameras,
        "changes": _recorded(city, found, settled, numbers),
        **_named_anew(city, numbers),
    }
    counts = tuple(
        (f"reconciled.{what}", int(n)) for what, n in taken["what"].value_counts().items()
    )
    day = str(settled["decided_on"].max())
    note = Provenance(
        "cameras", found.source, how="edited", imported_on=day, read=len(found.listed),
        kept=len(cameras), counts=counts,
    )  # fmt: skip
    return replace(city, **tables, provenance=(*city.provenance, note))


def _require_somebody(settled: pd.DataFrame, source: str) -> None:
    nobody = settled[settled["decided_by"].eq("") | settled["decided_on"].eq("")]
    if len(nobody):
        expected = N_("who settled %(count)s differences, and on which day", count=len(nobody))
        remedy = N_("Name the person who answers for it: --by NAME, or a column of the table.")
        refuse("inventory.nobody", source, expected, remedy)


def _with_values(found: Reconciliation, taken: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the register with the values of the list where they were taken."""
    cameras = found.known.copy()
    for field, rows in taken[~taken["what"].isin(["added", "missing"])].groupby("field"):
        if str(field).startswith(TAG):
            _take_tags(cameras, str(field).removeprefix(TAG), rows)
        elif field in cameras.columns and field != "geometry":
            values = cameras[field].astype(object)
            values.loc[rows["known_id"]] = rows["new"].to_numpy(object)
            cameras[field] = values
    gone = taken.loc[taken["what"].eq("missing"), "known_id"]
    cameras.loc[gone, "status"] = "removed"
    return gpd.GeoDataFrame(CAMERAS.complete(cameras))


def _take_tags(cameras: gpd.GeoDataFrame, key: str, rows: pd.DataFrame) -> None:
    tags = cameras["tags"].copy()
    for label, said in zip(rows["known_id"], rows["new"], strict=True):
        tags[label] = {**(tags[label] or {}), key: said}
    cameras["tags"] = tags


def _with_places(
    cameras: gpd.GeoDataFrame, found: Reconciliation, taken: pd.DataFrame
) -> gpd.GeoDataFrame:
    moved = taken[taken["what"].eq("moved")]
    if moved.empty:
        return cameras
    places = cameras.geometry.to_numpy().copy()
    at = cameras.index.get_indexer(moved["known_id"])
    places[at] = found.listed.geometry.loc[moved["listed_id"]].to_numpy()
    return cameras.set_geometry(gpd.GeoSeries(places, cameras.index, crs=cameras.crs))


def _with_numbers(
    cameras: gpd.GeoDataFrame, taken: pd.DataFrame
) -> tuple[gpd.GeoDataFrame, dict[str, str]]:
    """Return the cameras under their new numbers, and which number became which."""
    anew = taken[taken["what"].eq("renumbered")]
    numbers = dict(zip(anew["known_id"].map(str), anew["listed_id"].map(str), strict=True))
    labels = [numbers.get(label, label) for label in cameras.index]
    _require_single(labels, cameras.index, numbers)
    return cameras.set_axis(pd.Index(labels, dtype=object, name=cameras.index.name)), numbers


def _require_single(labels: list[str], before: pd.Index, numbers: Mapping[str, str]) -> None:
    twice = pd.Index(labels).duplicated(keep=False)
    faults = [
        _taken(label, old) for label, old, bad in zip(labels, before, twice, strict=True)
        if bad and old in numbers
    ]  # fmt: skip
    if faults:
        raise InputError(faults)


def _taken(label: str, old: str) -> Fault:
    return Fault(
        "inventory.number_taken",
        where=old,
        found=label,
        expected=N_("a number that no other camera of the register has"),
        remedy=N_(
            "Settle the other camera of this number as well, keep the number of before, or correct "
            "the list."
        ),
    )


def _with_added(
    cameras: gpd.GeoDataFrame, found: Reconciliation, taken: pd.DataFrame
) -> gpd.GeoDataFrame:
    labels = taken.loc[taken["what"].eq("added"), "listed_id"]
    if labels.empty:
        return cameras
    known = labels[labels.isin(cameras.index)]
    if len(known):
        raise InputError([_taken(label, label) for label in known])
    added = found.listed.loc[labels]
    both = pd.concat([cameras.astype(object), added.astype(object)])
    table = gpd.GeoDataFrame(both).set_geometry("geometry", crs=cameras.crs)
    return gpd.GeoDataFrame(CAMERAS.complete(table))


def _named_anew(city: City, numbers: Mapping[str, str]) -> dict[str, gpd.GeoDataFrame]:
    """Return the other tables in which a camera has its new number."""
    changed = {}
    for name, column in NAMED_IN:
        table = getattr(city, name)
        named = table[column].isin(numbers.keys())
        if named.any():
            values = table[column].where(~named, table[column].map(numbers))
            changed[name] = table.assign(**{column: values})
    return changed


def _recorded(
    city: City, found: Reconciliation, settled: pd.DataFrame, numbers: Mapping[str, str]
) -> gpd.GeoDataFrame:
    """Return the record of changes with what was settled now behind what was before."""
    subject = settled["known_id"].where(settled["known_id"].ne(""), settled["listed_id"])
    rows = pd.DataFrame(
        {
            "layer": "cameras",
            "subject": subject.map(lambda label: numbers.get(label, label)),
            "what": settled["what"],
            "field": settled["field"].where(settled["field"].ne(""), None),
            "old": settled["old"].map(as_text),
            "new": settled["new"].map(as_text),
            "distance_m": settled["distance_m"],
            "certainty": settled["certainty"],
            "decision": settled["decision"],
            "decided_by": settled["decided_by"],
            "decided_on": settled["decided_on"],
            "reason": settled["reason"],
            "source": found.source,
        }
    )
    return add_changes(city.changes, rows)


def add_changes(known: gpd.GeoDataFrame, rows: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the record of changes with further rows, each under a number of its own.

    Parameters
    ----------
    known, rows
        Table `model.CHANGES`, and rows of its columns under any index.
    """
    free = (f"change-{n}" for n in count(1) if f"change-{n}" not in known.index)
    labels = [next(free) for _ in range(len(rows))]
    plain = rows.astype(object).where(rows.notna() & rows.ne(""), None)
    own = gpd.GeoDataFrame(
        plain.set_axis(pd.Index(labels, dtype=object)),
        geometry=np.full(len(rows), None, object), crs=known.crs,
    )  # fmt: skip
    both = pd.concat([known.astype(object), CHANGES.complete(own).astype(object)])
    return gpd.GeoDataFrame(
        CHANGES.complete(gpd.GeoDataFrame(both).set_geometry("geometry", crs=known.crs))
    )
