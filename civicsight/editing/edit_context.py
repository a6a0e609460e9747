"""What editing needs at hand: scenes, private facades and the matrix, brought up to any draft.

It is prepared once for a project. Cameras that a draft changes cost a row each, remembered by what
they are; only a draft with other obstacles, places, gates or walls is looked at as a whole anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array, vstack

from civicsight.core.cache import Remembered
from civicsight.coverage.check import build_scenes, scenes_of
from civicsight.coverage.demand.find import Demand, find_demand
from civicsight.coverage.matrix import CoverageMatrix, at_night, compute_matrices
from civicsight.coverage.pose.placement import leave_unknown, place_cameras
from civicsight.coverage.pose.sensor_views import read_heads
from civicsight.coverage.privacy.exposure import lay_out
from civicsight.coverage.privacy.facades import Private, find_private
from civicsight.coverage.privacy.look import WallPoints
from civicsight.coverage.result import CheckResult
from civicsight.editing.draft import Draft
from civicsight.editing.project import Project
from civicsight.editing.refusals import Guard, changed_cameras
from civicsight.model import READINGS, City
from civicsight.rules import Rules
from civicsight.scene.bodies import Scene

SURROUNDINGS_M: Final = 300.0
"""How far around a camera buildings, roads and doors have a part in how it is read [m]."""

NEIGHBOURS: Final = ("buildings", "roads", "entrances")
OF_SCENE: Final = ("buildings", "obstacles", "canopies")
OF_DEMAND: Final = ("places", "roads", "entrances", "barriers", "buildings")

KEPT_ROWS: Final = 256
KEPT_HEADS: Final = 4_096
KEPT_VIEWS: Final = 2


def edit_context_of(project: Project) -> EditContext:
    """Return the bench of a project, prepared once for all who edit it."""
    return BENCHES.get(project.digest, lambda: EditContext(project.result))


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """What does not depend on the cameras under edit.

    Parameters
    ----------
    zones, parts, samples, missing
        What has to be seen, and what of it cannot be judged.
    scenes
        Scene of each reading.
    walls
        Private facades laid out in each of them, by reading.
    matrices
        Of the cameras of the project, by reading.
    mark
        What tells it apart, also from others once it is forgotten: an `id` would come again.
    """

    zones: gpd.GeoDataFrame
    parts: gpd.GeoDataFrame
    samples: gpd.GeoDataFrame
    missing: pd.DataFrame
    scenes: Mapping[str, Scene]
    walls: Mapping[str, WallPoints]
    matrices: Mapping[str, CoverageMatrix]
    mark: object = field(default_factory=object)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One camera of a draft: as placed, its heads, and its row of the matrix by reading."""

    placed: gpd.GeoDataFrame
    heads: gpd.GeoDataFrame
    rows: Mapping[str, csr_array]


class EditContext:
    """The prepared project; one serves all sessions and threads.

    Parameters
    ----------
    result
        The project as it was checked.
    """

    def __init__(self, result: CheckResult) -> None:
        self.result, self.rules = result, result.rules
        self.night = bool(result.summary.get("night"))
        self.private: Private = find_private(result.city, result.rules)
        self._seen: Remembered[Seen] = Remembered(KEPT_ROWS)
        self._heads: Remembered[gpd.GeoDataFrame] = Remembered(KEPT_HEADS)
        self._views: Remembered[tuple[list[gpd.GeoDataFrame], Standing]] = Remembered(KEPT_VIEWS)
        self._base = self._stand(Draft(result.city), scenes_of(result))

    @property
    def guard(self) -> Guard:
        """What the law forbids in the project."""
        return Guard(self.rules, self.private.areas)

    def standing(self, draft: Draft) -> Standing:
        """Return what the cameras of a draft are measured against."""
        names = [name for name in {*OF_SCENE, *OF_DEMAND} if name in draft.changed]
        if not names:
            return self._base
        tables = [draft.table(name) for name in sorted(names)]
        key = tuple(map(id, tables))  # the tables are kept with it, so no id comes again
        return self._views.get(key, lambda: (tables, self._anew(draft)))[1]

    def look(self, draft: Draft, camera_id: str) -> Seen:
        """Return what one camera of a draft sees of the samples."""
        standing = self.standing(draft)
        record = draft.cameras.loc[camera_id]
        told = repr(record.drop("geometry").to_dict())
        key = (standing.mark, told, record["geometry"].wkb)
        row = gpd.GeoDataFrame(draft.cameras.loc[[camera_id]])
        return self._seen.get(key, lambda: self._look(standing, draft, row))

    def heads(self, draft: Draft) -> gpd.GeoDataFrame:
        """Return the heads of all cameras of a draft that are not removed, those that differ anew.

        A camera is read again once its own record or place is another one; a door or a wall that a
        draft changes beside it is not looked at here.
        """
        changed = changed_cameras(Draft(draft.base), draft)
        cameras = draft.cameras
        stays = cameras.index[cameras["status"].ne("removed")].intersection(changed)
        kept = self.result.heads[~self.result.heads["camera_id"].isin(changed)]
        fresh = [self._read_again(draft, str(label)) for label in stays]
        return gpd.GeoDataFrame(pd.concat([kept, *fresh])) if fresh else kept

    def _read_again(self, draft: Draft, camera_id: str) -> gpd.GeoDataFrame:
        row = gpd.GeoDataFrame(draft.cameras.loc[[camera_id]])
        told = repr(row.drop(columns="geometry").iloc[0].to_dict())
        key = (camera_id, told, row.geometry.iloc[0].wkb)
        return self._heads.get(key, lambda: _read(draft, row, self.rules)[1])

    def matrices(self, draft: Draft) -> dict[str, CoverageMatrix]:
        """Return the matrix of each reading for all cameras of a draft that are not removed."""
        standing, cameras = self.standing(draft), draft.cameras
        changed = set(changed_cameras(Draft(draft.base), draft))
        stays = cameras.index[cameras["status"].ne("removed")]
        old = stays[~stays.isin(changed)]
        new = [str(label) for label in stays if label in changed]
        seen = [self.look(draft, label).rows for label in new]
        found = {}
        for reading in READINGS:
            base = standing.matrices[reading].select(cameras=old)
            q = vstack([base.q, *(rows[reading] for rows in seen)], format="csr")
            labels = pd.Index([*old, *new], dtype=object)
            found[reading] = CoverageMatrix(csr_array(q), labels, base.sample_ids)
        return found

    def _anew(self, draft: Draft) -> Standing:
        """Look at a whole draft whose surroundings differ from those of the project."""
        changed = set(draft.changed)
        scenes = self._base.scenes
        if changed & set(OF_SCENE):
            scenes = build_scenes(_without_cameras(draft))
        return self._stand(draft, scenes)

    def _stand(self, draft: Draft, scenes: Mapping[str, Scene]) -> Standing:
        changed = set(draft.changed)
        asked: Demand | CheckResult = self.result
        if changed & set(OF_DEMAND):
            before = self.result.parts
            asked = find_demand(_without_cameras(draft), self.rules, before=before)
        walls = lay_out(self.private.facades, scenes)
        matrices: Mapping[str, CoverageMatrix] = self.result.matrices
        if changed & {*OF_DEMAND, *OF_SCENE}:
            heads = at_night(self.result.heads) if self.night else self.result.heads
            matrices, _ = compute_matrices(
                heads, asked.parts, asked.samples, scenes, camera_ids=self.result.cameras.index
            )
        tables = (asked.zones, asked.parts, asked.samples, asked.missing)
        return Standing(*tables, scenes, walls, matrices)

    def _look(self, standing: Standing, draft: Draft, row: gpd.GeoDataFrame) -> Seen:
        placed, heads = _read(draft, row, self.rules)
        seeing = at_night(heads) if self.night else heads
        # Which samples any head can reach.
        samples = standing.samples
        near = np.zeros(len(samples), bool)
        if len(seeing):
            area = shapely.union_all(
                shapely.buffer(seeing.geometry.to_numpy(), seeing["reach_m"].to_numpy() + 1.0)
            )
            near[samples.sindex.query(area, predicate="intersects")] = True
        near = near & samples["part_id"].notna().to_numpy()
        parts = standing.parts.loc[standing.samples.loc[near, "part_id"].unique()]
        matrices, _ = compute_matrices(
            seeing, parts, standing.samples[near], standing.scenes, camera_ids=row.index
        )
        columns, width = np.flatnonzero(near), len(near)
        rows = {}
        for reading, matrix in matrices.items():
            q = matrix.q.tocsr()
            shape = (1, width)
            rows[reading] = csr_array((q.data, columns[q.indices], q.indptr), shape=shape)
        return Seen(placed, heads, rows)


def _read(
    draft: Draft, row: gpd.GeoDataFrame, rules: Rules
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Place a camera and read its heads as `check.place_and_read` does, by what is around it."""
    point = row.geometry.iloc[0]
    near = {}
    for name in NEIGHBOURS:
        table = draft.table(name)
        rows = table.sindex.query(point, predicate="dwithin", distance=SURROUNDINGS_M)
        near[name] = gpd.GeoDataFrame(table.iloc[np.sort(rows)])
    placed = place_cameras(row, near["buildings"])
    placed = leave_unknown(placed, draft.base.extent, draft.base.terrain)
    return placed, read_heads(placed, **near, rules=rules)


def _without_cameras(draft: Draft) -> City:
    """Return the city of a draft, for what has no need of its cameras."""
    return replace(draft.base, **{k: v for k, v in draft.changed.items() if k != "cameras"})


BENCHES: Final[Remembered[EditContext]] = Remembered(2)
"""Benches by the digest of their project."""
