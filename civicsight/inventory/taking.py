"""What was settled, put into the project: the cameras, what names them, and the record of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from civicsight.core.errors import InputError
from civicsight.inventory.comparing import TAG
from civicsight.inventory.difference import Reconciliation
from civicsight.inventory.faults import fault, reject
from civicsight.inventory.settling import APART, TAKE, as_text
from civicsight.model import CAMERAS, CHANGES, City
from civicsight.model.provenance import Provenance

NAMED_IN: Final = (("signs", "camera_id"), ("answers", "subject"), ("documents", "subject"))
"""Columns of other tables that name a camera by its number."""

AS_SETTLED: Final = (
    "what", "distance_m", "certainty", "decision", "decided_by", "decided_on", "reason"
)  # fmt: skip
"""Columns of the record of changes that are those of the differences."""


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
    if len(found.pulled):
        pulled = found.pulled.assign(
            what=APART,
            field=CAMERAS.index,
            decision=APART,
            old=found.pulled["known_id"],
            new=found.pulled["listed_id"],
        )
        settled = pd.concat([settled, pulled])
    if settled.empty:
        return city
    nobody = settled[settled["decided_by"].eq("") | settled["decided_on"].eq("")]
    if len(nobody):
        reject("inventory.nobody", found.source, count=len(nobody))

    taken = settled[settled["decision"].eq(TAKE)]
    cameras = _with_values(found, taken)
    anew = taken[taken["what"].eq("renumbered")]
    numbers = dict(zip(anew["known_id"].map(str), anew["listed_id"].map(str), strict=True))
    labels = [numbers.get(label, label) for label in cameras.index]
    twice = pd.Index(labels).duplicated(keep=False)
    _require_free(
        [
            (old, label)
            for old, label, bad in zip(cameras.index, labels, twice, strict=True)
            if bad and old in numbers
        ]
    )
    cameras = cameras.set_axis(pd.Index(labels, dtype=object, name=cameras.index.name))
    added = found.listed.loc[taken.loc[taken["what"].eq("added"), "listed_id"]]
    _require_free([(label, label) for label in added.index if label in cameras.index])
    if len(added):
        both = pd.concat([cameras.astype(object), added.astype(object)])
        table = gpd.GeoDataFrame(both).set_geometry("geometry", crs=cameras.crs)
        cameras = gpd.GeoDataFrame(CAMERAS.complete(table))

    named_anew = {
        name: table.assign(**{column: table[column].map(lambda label: numbers.get(label, label))})
        for name, column in NAMED_IN
        if (table := getattr(city, name))[column].isin(numbers.keys()).any()
    }
    subject = settled["known_id"].where(settled["known_id"].ne(""), settled["listed_id"])
    record = settled[[*AS_SETTLED]].assign(
        layer="cameras",
        subject=subject.map(lambda label: numbers.get(label, label)),
        field=settled["field"].where(settled["field"].ne(""), None),
        old=settled["old"].map(as_text),
        new=settled["new"].map(as_text),
        source=found.source,
    )
    note = Provenance(
        "cameras",
        found.source,
        how="edited",
        imported_on=str(settled["decided_on"].max()),
        read=len(found.listed),
        kept=len(cameras),
        counts=tuple(
            (f"reconciled.{what}", int(n)) for what, n in taken["what"].value_counts().items()
        ),
    )
    return replace(
        city,
        cameras=cameras,
        changes=add_changes(city.changes, record),
        provenance=(*city.provenance, note),
        **named_anew,
    )


def _with_values(found: Reconciliation, taken: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the register with values and places of the list where they were taken."""
    cameras = found.known.copy()
    for field, rows in taken[~taken["what"].isin(["added", "missing"])].groupby("field"):
        if str(field).startswith(TAG):
            key, tags = str(field).removeprefix(TAG), cameras["tags"].copy()
            for label, said in zip(rows["known_id"], rows["new"], strict=True):
                tags[label] = {**(tags[label] or {}), key: said}
            cameras["tags"] = tags
        elif field in cameras.columns and field != "geometry":
            values = cameras[field].astype(object)
            values.loc[rows["known_id"]] = rows["new"].to_numpy(object)
            cameras[field] = values
    cameras.loc[taken.loc[taken["what"].eq("missing"), "known_id"], "status"] = "removed"
    moved = taken[taken["what"].eq("moved")]
    places = cameras.geometry.to_numpy().copy()
    places[cameras.index.get_indexer(moved["known_id"])] = found.listed.geometry.loc[
        moved["listed_id"]
    ].to_numpy()
    cameras = cameras.set_geometry(gpd.GeoSeries(places, cameras.index, crs=cameras.crs))
    return gpd.GeoDataFrame(CAMERAS.complete(cameras))


def _require_free(taken: Sequence[tuple[str, str]]) -> None:
    """Refuse numbers that another camera has, each behind the number of the camera it is for."""
    faults = [fault("inventory.number_taken", where=old, found=label) for old, label in taken]
    if faults:
        raise InputError(faults)


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
        geometry=np.full(len(rows), None, object),
        crs=known.crs,
    )
    both = pd.concat([known.astype(object), CHANGES.complete(own).astype(object)])
    return gpd.GeoDataFrame(
        CHANGES.complete(gpd.GeoDataFrame(both).set_geometry("geometry", crs=known.crs))
    )
