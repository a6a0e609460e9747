"""Existing, approved and planned cameras as candidates: what stands is credited before all else."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from civicsight.coverage.check import CheckResult
from civicsight.planning.candidates.classes import CameraClass
from civicsight.planning.candidates.gather import Gathered
from civicsight.planning.candidates.lawful import Law, with_masks
from civicsight.planning.candidates.offers import (
    items_of,
    lit,
    nearest_class,
    planned_host,
    standing,
)
from civicsight.planning.candidates.trial import Demand, look
from civicsight.planning.sightings import as_recorded

INDOORS = frozenset({"indoor", "deep_inside"})
ALLOWED_ROOMS = frozenset({"lobby", "corridor", "stairs", "reception", "plant_room"})
"""Rooms of a dormitory or hotel in which a camera may be (R9.2)."""


def offer_existing(
    result: CheckResult,
    demand: Demand,
    law: Law,
    found: Gathered,
    classes: tuple[CameraClass, ...],
    *,
    night: bool,
) -> None:
    """Add the cameras that stand, are approved or planned, as their records have them.

    One that breaks Article 9 is not credited; where a mask ends the breach, setting the mask is
    offered.
    """
    inside = _inside(result, law)
    found.barred += [(label, "9", "inside", float("nan")) for label in sorted(inside)]
    heads = lit(result.heads[result.heads["reading"].eq("sure")], night=night)
    heads = gpd.GeoDataFrame(heads[~heads["camera_id"].isin(inside)])
    seen = frozenset(heads["camera_id"])
    cameras = {
        label: (measure, row) for measure, label, row in standing(result.cameras) if label in seen
    }
    heads = gpd.GeoDataFrame(heads[heads["camera_id"].isin(list(cameras))])
    ids = pd.Index(heads["camera_id"].unique(), dtype=object)
    verdicts = law.judge(heads, may_mask=False)
    bad = (verdicts.reason == "sight").astype(bool)
    matrix = result.matrices["sure"]
    fine = ids[~bad]
    rows = csr_array(matrix.select(cameras=fine, samples=demand.samples.index).q)
    area = pd.Series(verdicts.area_m2, ids)
    for number, label in enumerate(fine):
        measure, camera = cameras[label]
        own = gpd.GeoDataFrame(heads[heads["camera_id"].eq(label)])
        row = _row(measure, label, camera, own, classes, float(area[label]))
        _add(found, row, own, csr_array(rows[[number]]))
    found.barred += [(label, "9", "sight", float(area[label])) for label in ids[bad]]
    _offer_masks(
        gpd.GeoDataFrame(heads[heads["camera_id"].isin(ids[bad])]), cameras, law, demand, found
    )


def _inside(result: CheckResult, law: Law) -> frozenset[str]:
    """Return the cameras that stand inside a private place, as the rules of Article 9 have it."""
    hits = law.inside(as_recorded(result.cameras))
    rooms = result.cameras["room_use"].reindex(hits["camera_id"]).set_axis(hits.index)
    in_rooms = hits["setting"].isin(INDOORS) & rooms.notna() & ~rooms.isin(ALLOWED_ROOMS)
    breaks = hits["scope"].eq("whole_interior") | in_rooms
    removed = result.cameras.index[result.cameras["status"].eq("removed")]
    return frozenset(hits.loc[breaks, "camera_id"]) - frozenset(removed)


def _add(found: Gathered, row: dict[str, Any], heads: gpd.GeoDataFrame, q: csr_array) -> None:
    label = row["candidate_id"]
    found.sites.setdefault(row["site_id"], ("camera", row["camera_id"], 1))
    numbers = pd.Index([f"{label}/{number}" for number in range(len(heads))], name="head_id")
    named = gpd.GeoDataFrame(heads.assign(camera_id=label).set_axis(numbers))
    found.add(pd.DataFrame([row]), q, named)


def _row(
    measure: str,
    label: str,
    camera: pd.Series,
    heads: gpd.GeoDataFrame,
    classes: tuple[CameraClass, ...],
    area_m2: float,
) -> dict[str, Any]:
    """Return the row of a camera as its record has it."""
    kind = nearest_class(camera, classes).camera_class if measure == "new" else None
    host = planned_host(camera) if measure == "new" else "camera"
    head = heads.iloc[0]
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
        "geometry": head.geometry,
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
    heads = with_masks(heads, ids, verdicts.mask)
    q = look(heads, ids, demand)
    meets = np.diff(demand.meets(q).indptr)
    for number, label in enumerate(ids):
        measure, camera = cameras[label]
        if verdicts.reason[number] in (None, "door") and meets[number] and measure != "new":
            own = gpd.GeoDataFrame(heads[heads["camera_id"].eq(label)])
            row = _row(measure, label, camera, own, (), float(verdicts.area_m2[number]))
            items = (*(row["items"] if measure == "connect" else ()), ("mask", 1))
            name = "connect" if measure == "connect" else "reaim"
            row |= {"measure": name, "candidate_id": f"{name}:camera:{label}/mask", "items": items}
            _add(found, row | {"mask_plan": verdicts.mask[number]}, own, csr_array(q[[number]]))
