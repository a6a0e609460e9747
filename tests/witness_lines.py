"""Sight lines of engine and oracle: who sees which sample, and what hides the others."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from civicsight.coverage.viewshed import sightlines
from civicsight.scene.bodies import Scene, build_scene
from tests.oracle import see
from tests.oracle_cells import features_of, ground
from tests.scenes import CORNER, CRS, WIDTH_M, Case
from tests.witness import GRAZING_M

GROUND, CROWNS = -2, -3


@dataclass(slots=True)
class LineTally:
    """Pairs compared, pairs that are hidden, ties, and messages about true differences."""

    pairs: int
    hidden: int
    grazing: int
    differ: list[str]


def make_samples(rng: np.random.Generator, n: int, case: Case) -> gpd.GeoDataFrame:
    """Make sample points in streets, yards and rooms, in the air, and a little off facades."""
    xy = np.array(CORNER) + rng.uniform(-10.0, WIDTH_M + 10.0, (n, 2))
    rings = [np.array(r.coords) for r in shapely.get_rings(case.buildings.geometry.to_numpy())]
    for k in range(0, n, 4):
        ring = rings[rng.integers(len(rings))]
        a, b = ring[(i := int(rng.integers(len(ring) - 1)))], ring[i + 1]
        out = np.array([b[1] - a[1], a[0] - b[0]]) / max(np.hypot(*(b - a)), 1e-6)
        xy[k] = a + (b - a) * rng.uniform() + out * rng.choice([-0.01, 0.01])
    height = np.where(rng.random(n) < 0.5, 1.6, rng.uniform(0.1, 40.0, n))
    return sample_table(xy, height)


def sample_table(xy: npt.NDArray[np.float64], height: npt.NDArray[np.float64]) -> gpd.GeoDataFrame:
    """Lay out points as the table SAMPLES."""
    index = pd.Index([f"s{i}" for i in range(len(xy))], name="sample_id")
    data = {"part_id": "p", "height_m": height, "need_px_m": 25.0, "weight": 1.0}
    frame = pd.DataFrame(data, index=index)
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(*xy.T), crs=CRS)


def targets_of(case: Case, samples: gpd.GeoDataFrame) -> npt.NDArray[np.float64]:
    """Return the samples as targets of the oracle."""
    x, y = samples.geometry.x.to_numpy(), samples.geometry.y.to_numpy()
    z = ground(x, y, case.terrain) + samples["height_m"].to_numpy()
    return np.column_stack([x, y, z])


def row_names(scene: Scene) -> list[tuple[str, str]]:
    """Return layer and id of every row of the scene's features."""
    return list(zip(scene.features["layer"], scene.features["id"].astype(str), strict=True))


def compare_lines(case: Case, samples: gpd.GeoDataFrame) -> LineTally:
    """Compare every head with every sample, and check that what is named does hide."""
    features, names = features_of(case.buildings, case.obstacles, case.canopies, case.terrain)
    scene = build_scene(case.buildings, case.obstacles, case.canopies, case.terrain)
    found = sightlines(case.heads, samples, scene)
    q, rows = found.q.toarray(), row_names(scene)
    targets, tally = targets_of(case, samples), LineTally(0, 0, 0, [])
    for k, camera in enumerate(case.cameras()):
        sight = see(camera, targets, features, case.terrain, margins=True)
        tie = np.abs(sight.clearance) < GRAZING_M
        named = found.blocked[found.blocked["head"] == k].set_index("sample")
        blocked = np.zeros(len(targets), bool)
        blocked[named.index] = True
        wrong = ((q[k] > 0) != sight.visible) | (blocked != (sight.in_view & ~sight.visible))
        tally.pairs += len(targets)
        tally.hidden += int(blocked.sum())
        tally.grazing += int((wrong & tie).sum())
        seen = (q[k] > 0) & sight.visible
        np.testing.assert_allclose(q[k][seen], sight.px_m[seen], rtol=2e-6)
        tally.differ += [
            f"h{k} s{i}: expected {sight.visible[i]}, clearance {sight.clearance[i]:.3g}"
            for i in np.flatnonzero(wrong & ~tie)
        ]
        for i in np.flatnonzero(blocked & ~wrong & ~tie):
            blocker = int(named.loc[i, "blocker"])
            if not _hides(blocker, rows, names, features, sight, i):
                who = rows[blocker] if blocker >= 0 else blocker
                tally.differ.append(f"h{k} s{i}: {who} is named and does not hide")
    return tally


def _hides(blocker, rows, names, features, sight, i) -> bool:
    """Say whether the named blocker hides sample `i` by the oracle."""
    if blocker == GROUND:
        return bool(sight.behind_ground[i])
    if blocker == CROWNS:
        share = [
            f.transmittance
            for f, h in zip(features, sight.hiders[:, i], strict=True)
            if h and f.kind == "canopy"
        ]
        return float(np.prod(share)) < 0.5
    place = names.index(rows[blocker])
    dark = features[place].kind != "canopy" or features[place].transmittance < 0.5
    return bool(sight.hiders[place, i]) and dark


def free_by_removing(case: Case, head: int, samples: gpd.GeoDataFrame, limit: int = 60) -> bool:
    """Remove what is named as hiding one sample, again and again, until the sample is seen."""
    one = replace(case, heads=case.heads.iloc[[head]])
    for _ in range(limit):
        scene = build_scene(one.buildings, one.obstacles, one.canopies, one.terrain)
        found = sightlines(one.heads, samples, scene)
        if found.q.nnz:
            return True
        if not len(found.blocked):
            return False
        blocker = int(found.blocked["blocker"].iloc[0])
        if blocker == GROUND:
            one = replace(one, terrain=None)
            return bool(one.terrain is None)
        one = _without(one, blocker, row_names(scene))
    return False


def _without(case: Case, blocker: int, rows: list[tuple[str, str]]) -> Case:
    """Return the case without a feature, or without any crown if several hide together."""
    if blocker == CROWNS:
        return replace(case, canopies=case.canopies.iloc[:0])
    layer, label = rows[blocker]
    field = {"building": "buildings", "obstacle": "obstacles", "canopy": "canopies"}[layer]
    return replace(case, **{field: getattr(case, field).drop(label)})
