"""What a camera under edit sees, adds and doubles, and what the law says of its view, at once.

All is as `check` has it for a city with this camera, without looking at any other camera again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array

from civicsight.core.errors import Text
from civicsight.coverage.bounds import CELL_M
from civicsight.coverage.check import MAP_READING
from civicsight.coverage.findings.camera_set import needs_connection, pack_camera_set, states_of
from civicsight.coverage.findings.status import part_status
from civicsight.coverage.matrix import CoverageMatrix, at_night
from civicsight.coverage.pose.sensor_views import is_in_use
from civicsight.coverage.privacy.look import look_at_walls
from civicsight.coverage.privacy.position import find_faced, find_inside
from civicsight.coverage.raster import compute_coverage
from civicsight.editing.draft import Draft
from civicsight.editing.edit_context import EditContext, Seen, Standing
from civicsight.editing.session import PlanSession
from civicsight.maps.picture import coverage_pictures
from civicsight.model import NEED, READINGS
from civicsight.planning.duplicates import IncrementalCover
from civicsight.planning.duplicates.appraise import is_low, read_thresholds
from civicsight.presentation.symbols import level_colours

SURE, POSSIBLE = READINGS[0], READINGS[-1]

MOST_OTHERS: Final = 5
"""So many other cameras that see the same are named."""

DOORS_M: Final = 100.0
"""Doors farther from a camera are not looked at; packs speak of a few metres [m]."""


@dataclass(frozen=True, slots=True)
class ClassArea:
    """Ground seen at a level of detail or a finer one."""

    level: str
    label: Text
    px_per_m: float
    area_m2: float


@dataclass(frozen=True, slots=True)
class PartView:
    """What the camera does for one part.

    `best_px_m` is what it delivers at its best sample of the part in the map's reading, `share` the
    part that is met for sure with it; `before` and `after` are statuses without it and with it.
    """

    part_id: str
    zone_id: str
    need_px_m: float
    best_px_m: float
    share: float
    before: str
    after: str

    @property
    def newly(self) -> bool:
        """Whether it is covered for sure only with the camera."""
        return self.after == "covered" != self.before


@dataclass(frozen=True, slots=True)
class Doubling:
    """Whether others see the same.

    Parameters
    ----------
    gain, kept
        Share of its own that it adds to what stands and is linked, and that the whole draft loses
        without it [0-1]; 1 where it meets nothing.
    others
        Cameras that meet the same samples, and the share of its own that each meets, largest first.
    is_duplicate
        Whether a share is below what the packs ask for.
    least_gain, least_kept, articles
        What they ask for, and where.
    """

    gain: float
    kept: float
    others: tuple[tuple[str, float], ...]
    is_duplicate: bool
    least_gain: float
    least_kept: float
    articles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exposing:
    """What the law on private places says of the camera.

    `inside` and `doors` are ids of private places around it and of private doors that it faces
    (`doors_sure`: whatever is assumed), areas are private facade in view [m2]; `outcome` is
    ``fail``, ``undetermined`` or ``pass``.
    """

    inside: tuple[str, ...]
    doors: tuple[str, ...]
    doors_sure: bool
    sure_m2: float
    possible_m2: float
    allowed_m2: float
    density_px_m: float
    outcome: str


@dataclass(frozen=True, slots=True, eq=False)
class Preview:
    """All of it: pictures as `maps.picture.coverage_pictures` has them."""

    camera_id: str
    reason: str
    pictures: tuple[Mapping[str, Any], ...]
    classes: tuple[ClassArea, ...]
    parts: tuple[PartView, ...]
    doubling: Doubling
    exposing: Exposing
    seconds: float

    @property
    def newly_met(self) -> tuple[str, ...]:
        """Parts that are covered for sure only with the camera."""
        return tuple(part.part_id for part in self.parts if part.newly)


def preview(session: PlanSession, camera_id: str, edit_context: EditContext) -> Preview:
    """Look at one camera of a draft.

    Raises
    ------
    InputError
        If there is no such camera, or it is removed.
    """
    start = perf_counter()
    draft = session.draft
    draft.camera(camera_id)
    standing, seen = edit_context.standing(draft), edit_context.look(draft, camera_id)
    pictures, classes = _paint(edit_context, standing, seen)
    parts, doubling = _weigh(edit_context, standing, draft, camera_id, seen)
    exposing = _expose(edit_context, standing, draft, seen)
    reason = str(seen.placed["reason"].iloc[0])
    taken = perf_counter() - start
    return Preview(camera_id, reason, pictures, classes, parts, doubling, exposing, taken)


def view_of(
    draft: Draft, camera_id: str, edit_context: EditContext
) -> tuple[tuple[Mapping[str, Any], ...], tuple[ClassArea, ...]]:
    """Paint what one camera of a draft sees of the ground, and measure it by level.

    Raises
    ------
    InputError
        If there is no such camera, or it is removed.
    """
    draft.camera(camera_id)
    seen = edit_context.look(draft, camera_id)
    return _paint(edit_context, edit_context.standing(draft), seen)


def _paint(
    edit_context: EditContext, standing: Standing, seen: Seen
) -> tuple[tuple[Mapping[str, Any], ...], tuple[ClassArea, ...]]:
    """Paint what it sees of the ground, and measure it by level."""
    ladder = edit_context.rules.ladder
    levels = ladder.levels
    heads = at_night(seen.heads) if edit_context.night else seen.heads
    heads = heads[heads["reading"].eq(MAP_READING)]
    if heads.empty:
        return (), tuple(ClassArea(level.name, level.label, level.px_m, 0.0) for level in levels)
    raster = compute_coverage(heads, standing.scenes[MAP_READING], cell_m=CELL_M)
    areas = raster.area_by_class({level.name: level.px_m for level in levels})["area_m2"]
    pictures = coverage_pictures(raster, ladder.px_m, level_colours(len(levels)))
    return tuple(pictures), tuple(
        ClassArea(level.name, level.label, level.px_m, float(area))
        for level, area in zip(levels, areas, strict=True)
    )


def _weigh(
    edit_context: EditContext, standing: Standing, draft: Draft, camera_id: str, seen: Seen
) -> tuple[tuple[PartView, ...], Doubling]:
    """Compare the parts that it has a part in, with it and without it."""
    samples = standing.samples
    touched = samples["part_id"].iloc[np.unique(seen.rows[POSSIBLE].indices)].unique()
    parts = standing.parts.loc[touched]
    some = samples[samples["part_id"].isin(touched)]
    matrices = {
        reading: matrix.select(samples=some.index)
        for reading, matrix in edit_context.matrices(draft).items()
    }
    doubling = _double(edit_context, draft, camera_id, parts, some, matrices[SURE])
    if parts.empty:
        return (), doubling
    others = matrices[SURE].camera_ids.drop(camera_id)
    without = {name: matrix.select(cameras=others) for name, matrix in matrices.items()}
    before, after = part_status(parts, some, without), part_status(parts, some, matrices)
    own = matrices[MAP_READING].select(cameras=pd.Index([camera_id]))
    best = pd.Series(own.best(), some.index).groupby(some["part_id"]).max()
    views = [
        PartView(
            str(label),
            str(parts.loc[label, "zone_id"]),
            float(row[NEED]),
            float(best[label]),
            float(row["fraction_sure"]),
            str(before.loc[label, "status"]),
            str(row["status"]),
        )
        for label, row in after.iterrows()
    ]
    return tuple(sorted(views, key=lambda view: (not view.newly, view.part_id))), doubling


def _double(
    edit_context: EditContext,
    draft: Draft,
    camera_id: str,
    parts: gpd.GeoDataFrame,
    samples: gpd.GeoDataFrame,
    sure: CoverageMatrix,
) -> Doubling:
    """Measure what the camera adds to what stands, and to the draft."""
    asked = read_thresholds(edit_context.rules)
    used = draft.cameras.loc[sure.camera_ids]
    used = used[is_in_use(used) | (used.index == camera_id)].sort_index()
    meets = sure.select(cameras=used.index).meets(samples)
    part = parts.index.get_indexer(samples["part_id"])
    camera_set = pack_camera_set(
        csr_array(meets),
        status=states_of(used),
        linked=~needs_connection(used),
        weight=samples["weight"].to_numpy(np.float64),
        k=parts["k"].to_numpy(np.int64)[part],
        part=part,
    )
    at = int(used.index.get_loc(camera_id))
    there = ~camera_set.planned & camera_set.linked
    there[at] = False
    standing, whole = IncrementalCover(camera_set, there), IncrementalCover(camera_set)
    total = whole.total(at)
    gain = standing.gain(at) / total if total else 1.0
    kept = whole.gain(at) / total if total else 1.0
    low = bool(is_low(np.array([gain]), np.array([kept]), asked)[0])
    return Doubling(
        gain,
        kept,
        _others(csr_array(meets), at, camera_set.weight, used.index),
        bool(total) and asked.asked and low,
        asked.gain,
        asked.contribution,
        asked.articles,
    )


def _others(
    meets: csr_array, at: int, weight: Any, labels: pd.Index
) -> tuple[tuple[str, float], ...]:
    """Return who else meets what a camera meets, and which share of it."""
    own = meets.indices[slice(*meets.indptr[at : at + 2])]
    total = float(weight[own].sum())
    if not total:
        return ()
    shares = meets[:, own] @ weight[own] / total
    shares[at] = 0.0
    first = np.argsort(-shares, kind="stable")[:MOST_OTHERS]
    return tuple((str(labels[row]), float(shares[row])) for row in first if shares[row] > 0.0)


def _expose(edit_context: EditContext, standing: Standing, draft: Draft, seen: Seen) -> Exposing:
    """Judge position and view against private places."""
    rules = edit_context.rules
    density = rules.limit("private_view_density") or np.inf
    allowed = rules.limit("private_view_area") or 0.0
    hits: dict[str, set[int]] = {}
    found: set[int] = set()
    for reading in READINGS:
        heads = seen.heads[seen.heads["reading"].eq(reading)]
        proven = reading != READINGS[0]  # as `expose` has it
        looks = look_at_walls(heads, standing.walls[reading], density, proven=proven)
        found = found | set(looks.sample[~looks.veiled].tolist())
        hits[reading] = found
    area_m2 = edit_context.private.facades["area_m2"].to_numpy(np.float64)
    seen_m2 = {name: float(area_m2[sorted(rows)].sum()) for name, rows in hits.items()}
    drawn = draft.cameras.geometry.loc[seen.placed.index]
    as_recorded = seen.placed.set_geometry(gpd.GeoSeries(drawn, crs=seen.placed.crs))
    inside = find_inside(as_recorded, edit_context.private.areas)
    # The private doors that it faces.
    within_m = edit_context.rules.limit("private_door_distance") or 0.0
    angle_deg = edit_context.rules.limit("private_door_angle") or 0.0
    entrances, areas = draft.table("entrances"), edit_context.private.areas
    point = seen.placed.geometry.iloc[0]
    near = entrances[shapely.distance(entrances.geometry.to_numpy(), point) <= DOORS_M]
    beside = areas[shapely.distance(areas.geometry.to_numpy(), point) <= 2.0 * DOORS_M]
    doors = find_faced(
        seen.heads, near, beside, standing.scenes, within_m=within_m, angle_deg=angle_deg
    )
    sure_doors = bool(doors["reading"].eq(SURE).any())
    if seen_m2[SURE] > allowed or sure_doors or inside["setting"].isin(["indoor"]).any():
        outcome = "fail"
    elif seen_m2[POSSIBLE] > allowed or len(doors) or len(inside):
        outcome = "undetermined"
    else:
        outcome = "pass"
    return Exposing(
        tuple(map(str, inside["private_id"])),
        tuple(map(str, doors["entrance_id"])),
        sure_doors,
        seen_m2[SURE],
        seen_m2[POSSIBLE],
        allowed,
        density,
        outcome,
    )
