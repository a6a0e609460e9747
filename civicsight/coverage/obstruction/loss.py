"""What a facility costs: samples, shares and classes of quality, by camera, by part, in all.

References
----------
Sampled geometry proves visibility and pixel density at the samples, and nothing between them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array

from civicsight.core.arrays import FloatArray
from civicsight.coverage.findings.evidence import TOLERANCE
from civicsight.coverage.findings.status import part_status
from civicsight.coverage.matrix import CoverageMatrix
from civicsight.coverage.obstruction.bodies import Facility, hides_for_sure
from civicsight.coverage.obstruction.rays import Rays, Site, Views, entries, place
from civicsight.model import READINGS
from civicsight.rules import Rules
from civicsight.rules.criteria import Need

Densities = Mapping[str, npt.NDArray[np.float32]]

CAMERA_COLUMNS: Final = (
    "reading",
    "holds",
    "camera_id",
    "part_id",
    "samples_met",
    "samples_lost",
    "weight_met",
    "weight_lost",
    "share_lost",
    "px_m_before",
    "px_m_after",
    "class_before",
    "class_after",
)
PART_COLUMNS: Final = (
    "reading",
    "holds",
    "part_id",
    "zone_id",
    "kind",
    "required",
    "share_before",
    "share_after",
    "met_before",
    "met_after",
    "falls",
    "px_m_before",
    "px_m_after",
    "class_before",
    "class_after",
)
SAMPLE_COLUMNS: Final = (
    "reading",
    "camera_id",
    "part_id",
    "sample_id",
    "px_m_before",
    "px_m_after",
)
TOTAL_COLUMNS: Final = (
    "reading",
    "holds",
    "weight_before",
    "weight_after",
    "share_lost",
    "cameras",
    "parts",
    "falling",
)


@dataclass(frozen=True, slots=True, eq=False)
class Loss:
    """What is lost once a facility stands.

    Parameters
    ----------
    facility, season
        What was tried, and which leaves hang.
    cameras
        `CAMERA_COLUMNS`: one row a reading, camera and part of which the camera loses a sample that
        it met. ``share_lost`` is the share of what the camera met of the part; ``px_m`` the density
        that the required share of that got and gets. ``holds`` is how certain the loss is: no
        more than the reading of the pose, and no more than the density of a crown is known.
    parts
        `PART_COLUMNS`: one row a reading and part that a camera loses a sample of; shares are
        those that all counted cameras meet together; it ``falls`` if it was met and is not.
    samples
        `SAMPLE_COLUMNS`: every lost sample.
    totals
        `TOTAL_COLUMNS`: one row a reading, over the whole demand. ``share_lost`` is the share of
        the weight that was met and no longer is.
    looked, kept
        Sight lines that were looked along again, and entries of the matrix that stayed.
    """

    facility: Facility
    season: str
    cameras: pd.DataFrame
    parts: pd.DataFrame
    samples: pd.DataFrame
    totals: pd.DataFrame
    looked: int
    kept: int

    def harms(self, reading: str = "possible") -> bool:
        """Tell whether any camera loses a sample in a reading."""
        return bool(self.cameras["reading"].eq(reading).any())

    @property
    def holds(self) -> str:
        """How certain it is that it harms: sure, assumed or possible; empty if it does not."""
        found = set(self.cameras["holds"])
        return next((reading for reading in READINGS if reading in found), "")


def lose(views: Views, facility: Facility, site: Site | None = None) -> Loss:
    """Say what is lost once a facility stands; `site` is the facility in its place, if at hand."""
    site = place(views, facility) if site is None else site
    after, rays = site.densities(facility), site.rays
    lost = {name: lost_views(views, rays, after, name) for name in READINGS}
    cap = hides_for_sure(facility, views.season)
    by_camera = [_camera_rows(views, rays, after, lost, name, cap) for name in READINGS]
    changed = matrices_after(views, rays, after)
    parts = _part_rows(views, rays, changed, lost, cap)
    totals = [_totals(views, changed, lost, parts, rays, name, cap) for name in READINGS]
    held = int(views.matrices["possible"].q.nnz)
    return Loss(
        facility,
        views.season,
        _joined(by_camera, CAMERA_COLUMNS),
        parts,
        _sample_rows(views, rays, after, lost),
        pd.DataFrame(totals, columns=list(TOTAL_COLUMNS)),
        len(rays.head),
        held - len(rays.camera),
    )


def lost_views(views: Views, rays: Rays, after: Densities, reading: str) -> npt.NDArray[np.bool_]:
    """Tell which views met their need in a reading and no longer do."""
    need = Need.of(views.result.samples)[rays.sample]
    before = rays.before[reading]
    gone: npt.NDArray[np.bool_] = need.is_met(before) & ~need.is_met(after[reading])
    return gone


def matrices_after(views: Views, rays: Rays, after: Densities) -> dict[str, CoverageMatrix]:
    """Return the matrix of each reading once the facility stands."""
    made = {}
    for name, matrix in views.matrices.items():
        held = matrix.q.tocoo()
        rows, columns = (np.asarray(axis, np.int64) for axis in held.coords)
        width = matrix.q.shape[1]
        data = held.data.copy()
        order = np.argsort(rays.camera * width + rays.sample)
        keys = (rays.camera * width + rays.sample)[order]
        if len(keys):
            at = np.minimum(np.searchsorted(keys, rows * width + columns), len(keys) - 1)
            own = keys[at] == rows * width + columns
            data[own] = after[name][order][at[own]]
        stays = data > 0.0
        q = csr_array((data[stays], (rows[stays], columns[stays])), shape=matrix.q.shape)
        made[name] = CoverageMatrix(q, matrix.camera_ids, matrix.sample_ids)
    return made


def ladder_of(rules: Rules) -> dict[str, float]:
    """Return the density that each profile of the rule packs asks for [px/m]."""
    return {
        profile.name: profile.px_per_m
        for pack in reversed(rules.packs)
        for profile in pack.profiles.values()
        if not profile.biometric
    }


def class_of(px_m: float, rules: Rules) -> str:
    """Return the highest profile of the rule packs that a density reaches; empty below all."""
    reached = [(need, name) for name, need in ladder_of(rules).items() if px_m >= need]
    return max(reached)[1] if reached and px_m > 0.0 else ""


def weaker(reading: str, cap: str) -> str:
    """Return the weaker of two readings."""
    return max(reading, cap, key=READINGS.index)


def _camera_rows(
    views: Views,
    rays: Rays,
    after: Densities,
    lost: Mapping[str, npt.NDArray[np.bool_]],
    reading: str,
    cap: str,
) -> list[dict[str, Any]]:
    """Return one row for each camera and part that loses something."""
    part_of = views.result.samples["part_id"].to_numpy(object)
    gone = lost[reading]
    pairs = set(zip(rays.camera[gone].tolist(), part_of[rays.sample[gone]], strict=True))
    rows = []
    for camera, part in sorted(pairs):
        own = np.flatnonzero(part_of == part)
        before = entries(views.matrices[reading], np.full(len(own), camera), own)
        now = before.copy()
        mine = np.flatnonzero((rays.camera == camera) & np.isin(rays.sample, own))
        now[np.searchsorted(own, rays.sample[mine])] = after[reading][mine]
        row = _camera_row(views, own, before, now, float(views.result.parts.loc[part, "fraction"]))
        head = {"reading": reading, "holds": weaker(reading, cap), "part_id": part}
        rows.append({**head, "camera_id": views.cameras[camera], **row})
    return rows


def _camera_row(
    views: Views,
    own: npt.NDArray[np.int64],
    before: npt.NDArray[np.float32],
    now: npt.NDArray[np.float32],
    required: float,
) -> dict[str, Any]:
    """Measure what one camera loses of one part, whose samples are the rows `own`."""
    need = Need.of(views.result.samples)[own]
    weight = views.result.samples["weight"].to_numpy(np.float64)[own]
    met = need.is_met(before)
    gone = met & ~need.is_met(now)
    first, then = (at_share(each[met], weight[met], required) for each in (before, now))
    return {
        "samples_met": int(met.sum()),
        "samples_lost": int(gone.sum()),
        "weight_met": float(weight[met].sum()),
        "weight_lost": float(weight[gone].sum()),
        "share_lost": float(weight[gone].sum() / weight[met].sum()),
        "px_m_before": first,
        "px_m_after": then,
        "class_before": class_of(first, views.result.rules),
        "class_after": class_of(then, views.result.rules),
    }


def at_share(density: npt.ArrayLike, weight: FloatArray, share: float) -> float:
    """Return the greatest density that a share of a weight reaches [px/m].

    Examples
    --------
    >>> at_share([100.0, 50.0, 0.0], np.ones(3), 0.6)
    50.0
    """
    values = np.asarray(density, np.float64)
    order = np.argsort(-values, kind="stable")
    run = np.cumsum(weight[order])
    least = share * float(weight.sum()) * (1.0 - TOLERANCE)
    enough = np.flatnonzero(run >= least)
    return float(values[order][enough[0]]) if len(enough) else 0.0


def _part_rows(
    views: Views,
    rays: Rays,
    changed: Mapping[str, CoverageMatrix],
    lost: Mapping[str, npt.NDArray[np.bool_]],
    cap: str,
) -> pd.DataFrame:
    """Return one row for each reading and part of which a camera loses something."""
    result = views.result
    part_of = result.samples["part_id"].to_numpy(object)
    hit = {name: sorted(set(part_of[rays.sample[lost[name]]])) for name in READINGS}
    some = sorted(set().union(*hit.values()))
    rows: list[dict[str, Any]] = []
    if some:
        parts = gpd.GeoDataFrame(result.parts.loc[some])
        samples = result.samples[result.samples["part_id"].isin(some)]
        before = part_status(parts, samples, views.matrices)
        after = part_status(parts, samples, changed)
        rows = [
            _part_row(result.parts.loc[part], before.loc[part], after.loc[part], name, cap)
            for name in READINGS
            for part in hit[name]
        ]
    for row in rows:
        for when in ("before", "after"):
            row[f"class_{when}"] = class_of(row[f"px_m_{when}"], result.rules)
    return _joined([rows], PART_COLUMNS)


def _part_row(
    part: pd.Series, before: pd.Series, after: pd.Series, reading: str, cap: str
) -> dict[str, Any]:
    share_before, share_after = (float(each[f"fraction_{reading}"]) for each in (before, after))
    met_before, met_after = (
        share >= float(part["fraction"]) - TOLERANCE for share in (share_before, share_after)
    )
    return {
        "reading": reading,
        "holds": weaker(reading, cap),
        "part_id": part.name,
        "zone_id": part["zone_id"],
        "kind": part["kind"],
        "required": float(part["fraction"]),
        "share_before": share_before,
        "share_after": share_after,
        "met_before": met_before,
        "met_after": met_after,
        "falls": met_before and not met_after,
        "px_m_before": float(before[f"best_px_m_{reading}"]),
        "px_m_after": float(after[f"best_px_m_{reading}"]),
    }


def _sample_rows(
    views: Views, rays: Rays, after: Densities, lost: Mapping[str, npt.NDArray[np.bool_]]
) -> pd.DataFrame:
    frames = []
    samples = views.result.samples
    for name in READINGS:
        gone = lost[name]
        row = rays.sample[gone]
        frames.append(
            pd.DataFrame(
                {
                    "reading": name,
                    "camera_id": views.cameras.to_numpy(object)[rays.camera[gone]],
                    "part_id": samples["part_id"].to_numpy(object)[row],
                    "sample_id": samples.index.to_numpy(object)[row],
                    "px_m_before": rays.before[name][gone].astype(np.float64),
                    "px_m_after": after[name][gone].astype(np.float64),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)[list(SAMPLE_COLUMNS)]


def _totals(
    views: Views,
    changed: Mapping[str, CoverageMatrix],
    lost: Mapping[str, npt.NDArray[np.bool_]],
    parts: pd.DataFrame,
    rays: Rays,
    reading: str,
    cap: str,
) -> tuple[Any, ...]:
    """Return the figures of one reading over the whole demand."""
    samples = views.result.samples
    weight = samples["weight"].to_numpy(np.float64)
    k = views.result.parts["k"].reindex(samples["part_id"]).to_numpy(np.int64)
    before = float(weight[views.matrices[reading].met(samples, k)].sum())
    after = float(weight[changed[reading].met(samples, k)].sum())
    own = parts[parts["reading"].eq(reading)]
    return (
        reading,
        weaker(reading, cap) if lost[reading].any() else "",
        before,
        after,
        (before - after) / before if before > 0.0 else 0.0,
        len(np.unique(rays.camera[lost[reading]])),
        len(own),
        int(own["falls"].sum()),
    )


def _joined(rows: list[list[dict[str, Any]]], columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame([row for some in rows for row in some], columns=list(columns))
