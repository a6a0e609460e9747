"""A mask that covers the private walls a camera sees, and what a change costs in coverage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from civicsight.core.arrays import FloatArray, IntArray
from civicsight.coverage.matrix import CoverageMatrix, compute_matrix
from civicsight.coverage.optics.footprint import Picture
from civicsight.coverage.privacy.look import Looks
from civicsight.coverage.privacy.masks import (
    DIGITS,
    keeps_still,
    pictures_of,
    placed_masks,
    shows_one_picture,
    stops_of,
    write_bound,
)
from civicsight.rules.criteria import Need
from civicsight.scene.bodies import Scene

GRID: Final = (5, 9)
"""Points across and up a piece of wall that are followed into the picture."""

CORNERS: Final = np.outer(*(np.isin(np.arange(n), (0, n - 1)) for n in GRID)).ravel()
"""Which of them are its corners."""

MARGIN: Final = 0.004
"""Share of the picture that a mask reaches beyond what it has to cover."""

SLACK: Final = 0.003
"""A corner of a mask may be left out if the outline moves by less than this; below the margin."""

WHOLE: Final = shapely.box(0.0, 0.0, 1.0, 1.0)
"""All of a picture."""

FARTHEST: Final = 1e4
"""A point this many pictures away is almost beside the lens; it no longer shapes what is inside."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a change of one camera does to required coverage.

    Parameters
    ----------
    lost, gained
        Weight of the samples that the plan no longer meets, or meets anew (metres of gate and
        square metres of area together).
    samples_lost
        How many samples the plan no longer meets.
    own_lost
        Weight of the samples that this camera met and no longer meets, whoever else does.
    parts_failed
        Parts that met their fraction and no longer do.
    """

    lost: float
    gained: float
    samples_lost: int
    own_lost: float
    parts_failed: tuple[str, ...]


def propose_mask(
    heads: gpd.GeoDataFrame, facades: gpd.GeoDataFrame, looks: Looks, scene: Scene
) -> str | None:
    """Return a mask that covers every private piece of wall that heads of one camera see.

    Parameters
    ----------
    heads
        Heads of one camera in one reading (`model.HEADS`).
    facades, looks
        Table `places.FACADES`, and what the heads see of it, masks not counted.
    scene
        Whose ground the heads and facades stand on.

    Returns
    -------
    str or None
        Text for ``cameras.mask_plan``, which takes in a mask that the camera has already; None if
        it is not known what the picture of every head shows.
    """
    camera = np.zeros(len(heads), np.int64)
    mask: str | None = propose_masks(heads, camera, 1, facades, looks, scene)[0]
    return mask


def propose_masks(
    heads: gpd.GeoDataFrame,
    camera: IntArray,
    count: int,
    facades: gpd.GeoDataFrame,
    looks: Looks,
    scene: Scene,
) -> npt.NDArray[np.object_]:
    """Return for each of many cameras a mask as of `propose_mask`, shape ``(count,)``.

    Parameters
    ----------
    heads, camera, count
        Heads of all, the number of the camera of each, and how many cameras there are.
    facades, looks, scene
        As of `propose_mask`.
    """
    eyes = _places(heads, scene, heads["height_m"].to_numpy(np.float64))
    unknown = np.zeros(count, np.bool_)
    unknown[camera[~shows_one_picture(heads)]] = True
    # A camera of one picture needs one mask, a tour one for each stop.
    stop = np.where(keeps_still(heads), 0, stops_of(heads))
    shapes: list[dict[int, list[BaseGeometry]]] = [{} for _ in range(count)]
    for row, mask in placed_masks(heads, proven=True).items():
        shapes[camera[row]].setdefault(int(stop[row]), []).append(mask)
    pieces, piece = np.unique(looks.sample, return_inverse=True)
    grids = _grids(gpd.GeoDataFrame(facades.iloc[pieces]), scene)
    order = np.argsort(looks.head, kind="stable")
    rows, first = np.unique(looks.head[order], return_index=True)
    pictures = pictures_of(heads, eyes)
    seen = np.split(order, first[1:]) if len(rows) else []
    for row, own in zip(rows.tolist(), seen, strict=True):
        if not unknown[camera[row]]:
            drawn = shapes[camera[row]].setdefault(int(stop[row]), [])
            drawn += outlines(pictures(row), grids[piece[own]])
    masks = np.full(count, None, object)
    for number, found in enumerate(shapes):
        drawn_by = {at: outward(shapely.union_all(own)) for at, own in found.items() if own}
        if drawn_by and not unknown[number]:
            masks[number] = write_bound(drawn_by)
    return masks


def outlines(picture: Picture, grids: FloatArray) -> list[BaseGeometry]:
    """Return what pieces of wall cover in a picture.

    Parameters
    ----------
    picture
        The head.
    grids
        Points of each piece, `GRID` of them, shape ``(n, m, 3)``, in its frame.
    """
    at = picture.project(grids)
    known = np.all(np.abs(at) <= FARTHEST, axis=2)
    if picture.lens == "rectilinear":  # a plane picture keeps straight lines
        known[known.all(axis=1)] &= CORNERS
    piece = np.broadcast_to(np.arange(len(at))[:, None], known.shape)[known]
    xy = at[known]
    if picture.lens == "cylindrical" and picture.hfov_deg > 180.0:
        piece, xy = _cut_open(piece, xy, 180.0 / picture.hfov_deg)
    number = np.unique(piece, return_inverse=True)[1]
    order = np.argsort(number, kind="stable")
    points = shapely.points(xy[order])
    hulls = shapely.convex_hull(shapely.multipoints(points, indices=number[order]))
    wide = shapely.buffer(hulls, SLACK / 10.0, quad_segs=2)
    shapes = shapely.clip_by_rect(wide, -0.1, -0.1, 1.1, 1.1)
    return list(shapes[~shapely.is_empty(shapes)])


def _cut_open(piece: IntArray, xy: FloatArray, widest: float) -> tuple[IntArray, FloatArray]:
    """Part the pieces that lie across the edge at which a picture of the full circle is cut open.

    Each half gets its points' places on the edge; halves are numbered apart.
    """
    low, high = (
        np.full(piece.max(initial=0) + 1, np.inf),
        np.full(piece.max(initial=0) + 1, -np.inf),
    )
    np.minimum.at(low, piece, xy[:, 0])
    np.maximum.at(high, piece, xy[:, 0])
    across = (high - low > widest)[piece]
    right = xy[:, 0] >= 0.5
    number = 2 * piece + (across & right)
    edge = np.column_stack([right[across].astype(np.float64), xy[across, 1]])
    return np.concatenate([number, number[across]]), np.vstack([xy, edge])


def outward(shape: BaseGeometry) -> BaseGeometry:
    """Widen a mask, leave out corners that do not matter, and keep it within the picture."""
    wide = shape.buffer(MARGIN, join_style="mitre", mitre_limit=2.0)
    # Pieces of few corners may come to lie across each other, which no overlay takes as one shape.
    pieces = shapely.make_valid(shapely.get_parts(wide.simplify(SLACK)))
    inner = shapely.intersection(shapely.union_all(pieces), WHOLE, grid_size=10.0**-DIGITS)
    pieces = [piece for piece in shapely.get_parts(inner) if piece.geom_type == "Polygon"]
    return shapely.union_all(pieces)


def _grids(facades: gpd.GeoDataFrame, scene: Scene) -> FloatArray:
    """Return points spread over each piece of wall, shape ``(n, m, 3)``, relative to the origin."""
    across, up = (np.linspace(0.0, 1.0, count) for count in GRID)
    middle = _places(facades, scene, np.zeros(len(facades)))
    normal = np.radians(facades["normal_deg"].to_numpy(np.float64))
    along = np.column_stack([np.cos(normal), -np.sin(normal)])
    half = (across - 0.5)[None, :] * facades["width_m"].to_numpy(np.float64)[:, None]
    xy = middle[:, None, :2] + half[:, :, None] * along[:, None, :]
    low, high = (facades[name].to_numpy(np.float64)[:, None] for name in ("low_m", "high_m"))
    z = middle[:, 2:] + low + (high - low) * up[None, :]
    shape = (len(facades), len(across), len(up))
    grid = np.empty((*shape, 3))
    grid[..., :2] = xy[:, :, None, :]
    grid[..., 2] = z[:, None, :]
    return grid.reshape(len(facades), len(across) * len(up), 3)


def _places(table: gpd.GeoDataFrame, scene: Scene, height: FloatArray) -> FloatArray:
    xy = shapely.get_coordinates(table.geometry.to_numpy())
    z = scene.ground_at(xy[:, 0], xy[:, 1]) + height
    return np.column_stack([xy - np.asarray(scene.origin), z])


def costs_of(
    camera_id: str,
    variants: Mapping[str, gpd.GeoDataFrame],
    parts: gpd.GeoDataFrame,
    samples: gpd.GeoDataFrame,
    matrix: CoverageMatrix,
    scenes: Mapping[str, Scene],
    *,
    reading: str = "assumed",
) -> dict[str, Cost]:
    """Return what it costs in required coverage to give one camera other heads.

    Parameters
    ----------
    camera_id, variants
        The camera, and its heads of one reading as they would be, by name of the change; they
        stand where they stood.
    parts, samples, matrix
        Of one check, and its matrix of that reading.
    scenes, reading
        Scene of each reading, and the reading.

    Raises
    ------
    MismatchError
        If a table does not fit the others.
    """
    row = matrix.camera_ids.get_loc(camera_id)
    before = matrix.q[[row]].toarray()[0]
    after = _seen_by_variants(variants, parts, samples, scenes[reading])
    weight = samples["weight"].to_numpy(np.float64)
    need = Need.of(samples)
    k = parts["k"].reindex(samples["part_id"]).to_numpy(np.int64)
    own, watchers = need.is_met(before), matrix.watchers(need)
    costs = {}
    for name, q in after.items():
        new = need.is_met(q)
        met, kept = watchers >= k, watchers - own + new >= k
        costs[name] = Cost(
            float(weight[met & ~kept].sum()),
            float(weight[kept & ~met].sum()),
            int((met & ~kept).sum()),
            float(weight[own & ~new].sum()),
            _failed(samples, parts, met, kept, weight),
        )
    return costs


def _seen_by_variants(
    variants: Mapping[str, gpd.GeoDataFrame],
    parts: gpd.GeoDataFrame,
    samples: gpd.GeoDataFrame,
    scene: Scene,
) -> dict[str, npt.NDArray[np.float32]]:
    """Return px/m at all samples for each variant of a camera."""
    seen = {name: np.zeros(len(samples), np.float32) for name in variants}
    tables = [
        heads.assign(camera_id=name).set_axis(heads.index + f" {name}")
        for name, heads in variants.items()
        if len(heads)
    ]
    if not tables:
        return seen
    heads = gpd.GeoDataFrame(pd.concat(tables))
    reach = float(heads["reach_m"].max())
    near = samples.geometry.dwithin(heads.geometry.iloc[0], reach).to_numpy()
    matrix = compute_matrix(heads, parts, samples[near], scene)
    for name, q in zip(matrix.camera_ids, matrix.q.toarray(), strict=True):
        seen[str(name)][near] = q
    return seen


def _failed(
    samples: gpd.GeoDataFrame,
    parts: gpd.GeoDataFrame,
    met: npt.NDArray[np.bool_],
    kept: npt.NDArray[np.bool_],
    weight: FloatArray,
) -> tuple[str, ...]:
    """Return the parts that met their fraction before and do not after."""
    table = pd.DataFrame({"all": weight, "met": weight * met, "kept": weight * kept})
    sums = table.groupby(samples["part_id"].to_numpy(object)).sum()
    fraction = parts["fraction"].reindex(sums.index).to_numpy(np.float64)
    before = sums["met"].to_numpy() >= fraction * sums["all"].to_numpy() - 1e-9
    after = sums["kept"].to_numpy() >= fraction * sums["all"].to_numpy() - 1e-9
    return tuple(str(label) for label in sums.index[before & ~after])
