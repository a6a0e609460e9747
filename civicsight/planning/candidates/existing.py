"""Existing, approved and planned cameras as candidates: what stands is credited before all else."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from civicsight.coverage.result import CheckResult
from civicsight.planning.candidates.classes import CameraClass
from civicsight.planning.candidates.demand import Demand, look
from civicsight.planning.candidates.gather import Gathered
from civicsight.planning.candidates.lawful import Law, find_breaches, with_masks
from civicsight.planning.candidates.offers import (
    items_of,
    lit,
    nearest_class,
    planned_host,
    standing,
)


def offer_existing(
    result: CheckResult,
    demand: Demand,
    law: Law,
    found: Gathered,
    classes: tuple[CameraClass, ...],
    *,
    night: bool,
    left_alone: frozenset[str] = frozenset(),
) -> None:
    """Add the cameras that stand, are approved or planned, as their records have them.

    One that breaks Article 9 is not credited; where a mask ends the breach, setting the mask is
    offered. Of those that are left alone nothing is: they count if they count as they stand.
    """
    breaches = find_breaches(result, law)
    found.barred += list(breaches.table.itertuples(index=False, name=None))
    heads = lit(result.heads[result.heads["reading"].eq("sure")], night=night)
    cameras = {label: (measure, row) for measure, label, row in standing(result.cameras)}
    touched = {label for label, (measure, _) in cameras.items() if measure != "keep"}
    heads = heads[~heads["camera_id"].isin(touched & left_alone)]
    judged = heads["camera_id"].isin(breaches.area_m2.index)
    barred = heads["camera_id"].isin(breaches.camera_ids)
    kept = gpd.GeoDataFrame(heads[judged & ~barred])
    fine = pd.Index(kept["camera_id"].unique(), dtype=object)
    matrix = result.matrices["sure"]
    rows = csr_array(matrix.select(cameras=fine, samples=demand.samples.index).q)
    first = kept.drop_duplicates("camera_id").iterrows()
    made = [
        _row(*cameras[label], head, classes, float(breaches.area_m2[label]))
        for label, (_, head) in zip(fine, first, strict=True)
    ]
    _add(found, made, kept, rows, demand)
    masked = judged & barred & ~heads["camera_id"].isin(left_alone)
    _offer_masks(gpd.GeoDataFrame(heads[masked]), cameras, law, demand, found)


def _add(
    found: Gathered,
    rows: list[dict[str, Any]],
    heads: gpd.GeoDataFrame,
    q: csr_array,
    demand: Demand,
) -> None:
    """Add candidates, one a camera; heads are named after them."""
    if not rows:
        return
    table = pd.DataFrame(rows)
    for site_id, label in zip(table["site_id"], table["camera_id"], strict=True):
        found.sites.setdefault(site_id, ("camera", label, 1))
    name = pd.Series(table["candidate_id"].to_numpy(object), table["camera_id"])
    owner = name.reindex(heads["camera_id"]).to_numpy(object)
    nth = heads.groupby("camera_id", sort=False).cumcount().astype(str).to_numpy(object)
    numbers = pd.Index(owner + "/" + nth, name="head_id", dtype=object)
    heads = gpd.GeoDataFrame(heads.assign(camera_id=owner).set_axis(numbers))
    found.add(table, demand.meets(q), heads, q)


def _row(
    measure: str,
    camera: pd.Series,
    head: pd.Series,
    classes: tuple[CameraClass, ...],
    area_m2: float,
) -> dict[str, Any]:
    """Return the row of a camera as its record has it."""
    kind = nearest_class(camera, classes).camera_class if measure == "new" else None
    host = planned_host(camera) if measure == "new" else "camera"
    label = str(camera.name)
    return {
        "candidate_id": f"{'planned' if measure == 'new' else measure}:{label}",
        "measure": measure,
        "camera_id": label,
        "site_id": f"camera:{label}",
        "host": host,
        "host_id": camera["pole_id"] if host == "pole" else label,
        "camera_class": kind,
        "height_m": float(head["height_m"]),
        "azimuth_deg": float(head["azimuth_deg"]) % 360.0,
        "tilt_deg": float(head["tilt_deg"]),
        "items": items_of(measure, host, kind),
        "new_site": measure == "new" and host != "pole",
        "exposure_m2": area_m2,
        "mask_plan": camera["mask_plan"],
        "assumptions": (),
        "geometry": head["geometry"],
    }


def _offer_masks(
    heads: gpd.GeoDataFrame,
    cameras: dict[str, tuple[str, pd.Series]],
    law: Law,
    demand: Demand,
    found: Gathered,
) -> None:
    """Offer exposed cameras with a mask, where it ends the breach and leaves something of use."""
    if heads.empty:
        return
    ids = pd.Index(heads["camera_id"].unique(), dtype=object)
    verdicts = law.judge(heads, may_mask=True)
    found.maskable.update(ids[pd.isna(verdicts.reason)])
    heads = with_masks(heads, ids, verdicts.mask)
    q = look(heads, ids, demand)
    meets = np.diff(demand.meets(q).indptr)
    first = heads.drop_duplicates("camera_id")
    rows, taken = [], []
    for number, (label, (_, head)) in enumerate(zip(ids, first.iterrows(), strict=True)):
        measure, camera = cameras[label]
        if verdicts.reason[number] in (None, "door") and meets[number] and measure != "new":
            row = _row(measure, camera, head, (), float(verdicts.area_m2[number]))
            items = (*(row["items"] if measure == "connect" else ()), ("mask", 1))
            name = "connect" if measure == "connect" else "reaim"
            row |= {"measure": name, "candidate_id": f"{name}:camera:{label}/mask", "items": items}
            rows.append(row | {"mask_plan": verdicts.mask[number]})
            taken.append(number)
    _add(
        found,
        rows,
        gpd.GeoDataFrame(heads[heads["camera_id"].isin(ids[taken])]),
        csr_array(q[taken]),
        demand,
    )
