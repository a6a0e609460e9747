"""From the chosen candidates to what is done with each camera, its record and its bill.

And what a plan tells beside its measures: parts before and after, what is out of reach, progress.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from civicsight.core.arrays import BoolArray
from civicsight.coverage.findings.camera_set import UNBUILT
from civicsight.coverage.result import CheckResult
from civicsight.model import CAMERAS, MEASURES, READINGS, City
from civicsight.planning.aims.requirements import Posed
from civicsight.planning.area.districts import district_names, name_districts
from civicsight.planning.candidates.model import CandidateSet
from civicsight.planning.record.plan import BILL, NOT_WEIGHED
from civicsight.planning.solver.outcome import Outcome
from civicsight.planning.works.specification import INTERFACE

MOUNTS: Final[Mapping[str, str]] = {"facade": "wall", "gate": "gate"}
"""How a camera hangs by its host; on any other it stands on a pole."""

POSE: Final = ("height_m", "azimuth_deg", "tilt_deg", "roll_deg", "vfov_deg", "width_px", "reach_m",
               "near_m", "night_reach_m")  # fmt: skip
"""What a record takes over from a head as it is."""

WITHIN: Final = "civicsight plan"
"""Source of the record of a camera that the plan builds."""

HISTORY: Final = ("seconds", "steps", "value", "bound", "stage", "processor_s")
"""Columns of progress, as a plan tells it; the last row has the processor time of all of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Works:
    """What follows from a choice: tables as `plan.Plan` holds them, nothing scheduled yet."""

    measures: gpd.GeoDataFrame
    cameras: gpd.GeoDataFrame
    bill: pd.DataFrame


def apply_selection(
    offers: CandidateSet, posed: Posed, chosen: BoolArray, result: CheckResult
) -> Works:
    """Say what a choice of candidates does with each camera.

    A camera that stands and was not chosen stays as it is, for it may serve what the law does not
    demand; a planned one that was not chosen is dropped, and what it would cost is saved, unless
    something beside it was not judged: then nothing is decided of it. One that breaks Article 9
    is masked where that was chosen and else dropped, whether it stands or not: it counts no more
    until whoever runs it masks, moves or takes it down.

    Parameters
    ----------
    offers, posed, chosen
        The candidates, the problem with its labels, and which were taken.
    result
        What they were made from.
    """
    own = offers.table[chosen]
    ids = pd.Index(camera_ids(own), name="camera_id")
    heads = offers.heads[offers.heads["camera_id"].isin(own.index)]
    by_candidate = dict(iter(heads.groupby("camera_id", sort=False)))
    records = {
        label: _record(row, by_candidate[row.name], result)
        for label, (_, row) in zip(ids, own.iterrows(), strict=True)
        if row["measure"] != "keep"
    }
    done = _measures(own, ids, posed, chosen, by_candidate, result.city)
    rest = _rest(offers, ids, result)
    measures = gpd.GeoDataFrame(pd.concat([done, rest]) if len(rest) else done, crs=own.crs)
    articles = dict(zip(offers.barred["camera_id"], offers.barred["article"], strict=True))
    measures["article"] = pd.Series(measures.index.map(articles.get), measures.index, dtype=object)
    crs = result.cameras.crs
    cameras = CAMERAS.empty(crs)
    if records:
        frame = pd.DataFrame.from_dict(records, orient="index")
        cameras = gpd.GeoDataFrame(frame, geometry="geometry", crs=crs)
    return Works(
        gpd.GeoDataFrame(MEASURES.complete(measures)).sort_index(),
        gpd.GeoDataFrame(CAMERAS.complete(cameras)).sort_index(),
        _bill(own, ids, offers),
    )


def urgent_cameras(offers: CandidateSet, result: CheckResult) -> frozenset[str]:
    """Return the cameras that stand and break the law: what is done with them is done first."""
    status = result.cameras["status"].reindex(offers.barred["camera_id"])
    return frozenset(map(str, status.index[~status.isin(UNBUILT)]))


def camera_ids(table: gpd.GeoDataFrame) -> list[str]:
    """Return the camera of each candidate; a new one is named by the candidate."""
    return [
        str(camera) if isinstance(camera, str) and camera else str(label)
        for label, camera in zip(table.index, table["camera_id"], strict=True)
    ]


def _measures(
    own: gpd.GeoDataFrame,
    ids: pd.Index,
    posed: Posed,
    chosen: BoolArray,
    heads: Mapping[str, gpd.GeoDataFrame],
    city: City,
) -> gpd.GeoDataFrame:
    """Return the measures that were chosen, with what each is for."""
    problem, covered = posed.problem, posed.problem.covered(chosen)
    serves, alone, parts = [], [], []
    for j in np.flatnonzero(chosen):
        cells = problem.met_by(j)
        needed = cells[covered[cells] <= problem.need[cells]]
        serves.append(float(problem.weight[cells].sum()))
        alone.append(float(problem.weight[needed].sum()))
        parts.append(sorted(map(str, posed.part_ids[np.unique(problem.group[cells])])))
    kept = [
        "measure",
        "camera_class",
        "site_id",
        "host",
        "height_m",
        "azimuth_deg",
        "tilt_deg",
        "cost_yuan",
        "new_site",
        "exposure_m2",
        "geometry",
    ]
    table = own[kept].set_axis(ids)
    spans = [float(np.minimum(heads[label]["hfov_deg"].sum(), 360.0)) for label in own.index]
    return gpd.GeoDataFrame(
        table.assign(
            hfov_deg=spans,
            saved_yuan=0.0,
            year=0,
            district=district_names(table.geometry, city),
            serves=serves,
            alone=alone,
            parts=parts,
            assumptions=[list(names or ()) for names in own["assumptions"]],
        )
    )


def _rest(offers: CandidateSet, taken: pd.Index, result: CheckResult) -> gpd.GeoDataFrame:
    """Return what becomes of the cameras that were not chosen."""
    cameras = result.cameras
    rest = cameras[~cameras.index.isin(taken) & cameras["status"].ne("removed")]
    planned = rest["status"].eq("planned")
    barred = rest.index.isin(offers.barred["camera_id"])
    unweighed = result.withheld.index.union(seeing_unasked(offers, result))
    open_ = planned & rest.index.isin(unweighed) & ~barred
    planned &= ~open_
    dropped = planned | barred
    as_planned = offers.table[offers.table["measure"].eq("new") & offers.table["camera_id"].notna()]
    cost = as_planned.set_index("camera_id")["cost_yuan"].reindex(rest.index).fillna(0.0)
    columns = ["height_m", "azimuth_deg", "tilt_deg", "hfov_deg", "geometry"]
    return gpd.GeoDataFrame(
        rest[columns].assign(
            measure=np.where(dropped, "drop", "keep"),
            host="camera",
            cost_yuan=0.0,
            saved_yuan=cost.where(planned, 0.0),
            new_site=False,
            year=0,
            district=district_names(rest.geometry, result.city),
            serves=0.0,
            alone=0.0,
            parts=[[] for _ in rest.index],
            assumptions=[[NOT_WEIGHED] if it_is else [] for it_is in open_],
        )
    )


def seeing_unasked(offers: CandidateSet, result: CheckResult) -> pd.Index:
    """Return the cameras that may see anything of a part that is not asked for.

    Whether they are needed was not weighed, so that none of them may be dropped.
    """
    part = result.samples["part_id"]
    asked = part.reindex(offers.matrix.sample_ids)
    left = part.index[part.isin(result.parts.index) & ~part.isin(asked)]
    if not len(left):
        return left[:0]
    matrix = result.matrices[READINGS[-1]].select(samples=left)
    return matrix.camera_ids[np.diff(csr_array(matrix.q).indptr) > 0]


def _record(row: pd.Series, heads: gpd.GeoDataFrame, result: CheckResult) -> dict[str, Any]:
    """Return the record of a camera as the plan leaves it."""
    label = row["camera_id"]
    columns = [*(column.name for column in CAMERAS), "geometry"]
    if isinstance(label, str) and label:
        record = {name: result.cameras.loc[label, name] for name in columns}
    else:
        record = _new_record(row)
    if row["mask_plan"] is not None:
        record["mask_plan"] = row["mask_plan"]
    if row["measure"] == "connect":
        record["network_state"] = "scheduled"
    items = {item for item, _ in row["items"]}
    turned = "reaim" in items or row["measure"] in ("refurbish", "new")
    as_planned = row["measure"] == "new" and isinstance(label, str)
    if turned and not as_planned:
        record |= _optics(row, heads)
    return record


def _new_record(row: pd.Series) -> dict[str, Any]:
    host = row["host"]
    return {
        "mount": MOUNTS.get(host, "pole"),
        "setting": "outdoor",
        "owner": "government",
        "pole_id": row["host_id"] if host in ("pole", "lamp") else None,
        "network_state": "scheduled",
        "interface_standard": INTERFACE,
        "source": WITHIN,
        "tags": {},
        "geometry": row["geometry"],
    }


def _optics(row: pd.Series, heads: gpd.GeoDataFrame) -> dict[str, Any]:
    """Return what a record says so that the heads of the candidate follow from it."""
    head = heads.iloc[0]
    found: dict[str, Any] = {name: float(head[name]) for name in POSE if name in heads}
    found["azimuth_deg"] %= 360.0
    found |= {"usable": True, "hfov_deg": float(head["hfov_deg"]), "height_px": np.nan}
    if row["measure"] != "reaim":
        found["kind"] = "fixed"
    if len(heads) > 1:  # heads of one housing share a span, of which the record says the middle
        part = float(head["hfov_deg"])
        span = part * len(heads)
        found |= {"kind": "multi_head", "hfov_deg": span, "tags": {"heads": str(len(heads))}}
        found["azimuth_deg"] = (float(head["azimuth_deg"]) + span / 2.0 - part / 2.0) % 360.0
    return found


def _bill(own: gpd.GeoDataFrame, ids: pd.Index, offers: CandidateSet) -> pd.DataFrame:
    """Return a line for each camera and item, with where its price is from or who pays it."""
    prices = offers.prices.table
    lines = [
        (
            label,
            item,
            float(count),
            prices.loc[item, "unit"],
            float(prices.loc[item, "price_yuan"]),
            float(count * prices.loc[item, "price_yuan"]),
            prices.loc[item, "source"],
            prices.loc[item, "date"],
        )
        for label, items in zip(ids, own["items"], strict=True)
        for item, count in items
    ]
    lines += [
        (
            label,
            f"shared.{each.item}",
            1.0,
            prices.loc[each.item, "unit"],
            0.0,
            0.0,
            each.project,
            each.day,
        )
        for label, candidate in zip(ids, own.index, strict=True)
        for each in offers.paid.get(candidate, ())
    ]
    return pd.DataFrame(lines, columns=list(BILL))


def parts_before_after(
    before: CheckResult, after: CheckResult, areas: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Return what became of each part, columns `plan.PART_COLUMNS`; both as the law lets count.

    `areas` are the districts by whose names they are told.
    """
    one, two = before.part_status, after.part_status.loc[before.part_status.index]
    parts = before.parts.loc[one.index]
    frame = pd.DataFrame(parts[["zone_id", "item", "kind"]]).rename_axis("part_id")
    return frame.assign(
        district=name_districts(parts.geometry, areas),
        weight=one["weight"],
        required=one["required"],
        status_before=one["status"],
        status_after=two["status"],
        share_before=one["fraction_sure"],
        share_after=two["fraction_sure"],
    )


def unreachable_parts(samples: pd.DataFrame) -> pd.DataFrame:
    """Count what nothing lawful reaches by part and reason."""
    groups = samples.groupby(["part_id", "reason"], sort=True)["weight"]
    table: pd.DataFrame = groups.agg(samples="size", weight="sum").reset_index()
    return table[["part_id", "samples", "weight", "reason"]]


def history(outcome: Outcome, processor_s: float) -> pd.DataFrame:
    """Return progress as a table; what was not known yet is unknown there.

    Parameters
    ----------
    outcome
        What was chosen, with its progress.
    processor_s
        What choosing and proving took of all processors [s].
    """
    seen = [asdict(each) for each in outcome.history]
    table = pd.DataFrame(seen or [{"stage": "end"}], columns=list(HISTORY))
    table.loc[table.index[-1], "processor_s"] = processor_s
    numbers = ["value", "bound", "processor_s"]
    table[numbers] = table[numbers].astype(np.float64).replace([np.inf, -np.inf], np.nan)
    return table
