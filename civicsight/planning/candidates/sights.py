"""Sites and samples paired, tile by tile: from where what is not met may be seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.core.arrays import BoolArray, FloatArray, IntArray
from civicsight.coverage.pose.assumptions import BELOW_ROOF_M
from civicsight.rules.criteria import Need
from civicsight.scene.bodies import Scene

PIECE_M: Final = 20.0
"""Samples of a part within a square of this side are aimed at together."""

FARTHEST_M: Final = 60.0
"""Sites farther from a sample than this are not tried: hardly a class is fine enough."""

IN_FRONT_DEG: Final = 85.0
"""A camera on a wall looks at most this far aside of straight out."""

AT_A_TIME: Final = 2_000
"""Samples that are paired with the sites around them at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class Sights:
    """Pairs of a site at a height and a sample, within the limits of angle.

    `spot` numbers site and height together, `piece` what lies together; `need` is the density
    [px/m]; angles are in degrees, distances in metres.
    """

    spot: IntArray
    site: IntArray
    height_m: FloatArray
    sample: IntArray
    piece: IntArray
    bearing: FloatArray
    depression: FloatArray
    distance_m: FloatArray
    need: FloatArray

    def where(self, kept: BoolArray | IntArray) -> Sights:
        """Return some of the pairs."""
        return Sights(*(getattr(self, name)[kept] for name in Sights.__slots__))


def sights_of(
    sites: gpd.GeoDataFrame,
    wanting: gpd.GeoDataFrame,
    parts: gpd.GeoDataFrame,
    scene: Scene,
    heights: Mapping[str, tuple[float, ...]],
    *,
    at_a_time: int = AT_A_TIME,
) -> Iterator[Sights]:
    """Pair sites and heights with the samples that they may see, limits of angle kept.

    Parameters
    ----------
    sites, wanting, parts, scene
        As `aim`.
    heights
        Heights on walls (``facade``) and on all else (``other``); a site with ``height_m`` has its
        own.
    at_a_time
        Samples that are paired at a time, which bounds memory; a piece is never cut.

    Yields
    ------
    Sights
        In the order of site, sample and height: the same pairs of a piece for any `at_a_time`.
    """
    # The heights at each site, shape `(n, k)`; below the roof on a wall, NaN if twice.
    walls = sites["host"].eq("facade").to_numpy(bool)
    lens: FloatArray = np.where(walls[:, None], heights["facade"], heights["other"]).astype(
        np.float64
    )
    roof = sites["roof_m"].to_numpy(np.float64)[:, None] - BELOW_ROOF_M
    np.fmin(lens, roof, out=lens)
    lens[:, 1:][lens[:, 1:] <= lens[:, :1]] = np.nan
    if "height_m" in sites.columns:
        fixed = sites["height_m"].notna().to_numpy(bool)
        lens[fixed, 0] = sites["height_m"].to_numpy(np.float64)[fixed]
        lens[fixed, 1:] = np.nan
    around = _Around(sites, wanting, parts, scene, lens)
    pieces = pieces_of(wanting)
    order = np.argsort(pieces, kind="stable")
    begins = np.flatnonzero(np.diff(pieces[order], prepend=-1))
    tile = begins // at_a_time
    for rows in np.split(order, begins[np.flatnonzero(np.diff(tile)) + 1]):
        sights = around.pair(np.sort(rows), pieces)
        if len(sights.spot):
            yield sights


class _Around:
    """Sites and samples, laid out to be paired tile by tile."""

    def __init__(
        self,
        sites: gpd.GeoDataFrame,
        wanting: gpd.GeoDataFrame,
        parts: gpd.GeoDataFrame,
        scene: Scene,
        lens_m: FloatArray,
    ) -> None:
        self.lens_m, self.points = lens_m, wanting.geometry.to_numpy()
        self.tree = shapely.STRtree(sites.geometry.to_numpy())
        self.site_xy, self.xy = _xy(sites), _xy(wanting)
        self.eye_m = scene.ground_at(*self.site_xy.T)[:, None] + lens_m
        self.ground_m = scene.ground_at(*self.xy.T)
        self.above_m = wanting["height_m"].to_numpy(np.float64)
        self.need = Need.of(wanting).px_m
        limits = parts[["max_tilt_deg", "max_yaw_deg"]].astype("float64")
        limits = limits.reindex(wanting["part_id"])
        self.limits = np.nan_to_num(limits.to_numpy(np.float64), nan=360.0)
        self.normal = wanting["normal_deg"].to_numpy(np.float64)
        self.facade = sites["facade_deg"].to_numpy(np.float64)

    def pair(self, rows: IntArray, pieces: IntArray) -> Sights:
        """Pair some samples with the sites near them."""
        nth, site = self.tree.query(self.points[rows], predicate="dwithin", distance=FARTHEST_M)
        order = np.lexsort((nth, site))
        site, sample = site[order], rows[nth[order]]
        which, column = np.nonzero(np.isfinite(self.lens_m)[site])
        site, sample = site[which], sample[which]
        step = self.xy[sample] - self.site_xy[site]
        drop = self.eye_m[site, column] - self.ground_m[sample] - self.above_m[sample]
        flat = np.hypot(*step.T)
        sights = Sights(
            site * self.lens_m.shape[1] + column,
            site,
            self.lens_m[site, column],
            sample,
            pieces[sample],
            np.degrees(np.arctan2(step[:, 0], step[:, 1])),
            np.degrees(np.arctan2(drop, flat)),
            np.hypot(flat, drop),
            self.need[sample],
        )
        return sights.where(self._is_allowed(sights))

    def _is_allowed(self, sights: Sights) -> BoolArray:
        """Tell which pairs keep the limits of the part, and look away from the wall."""
        steepest, widest = self.limits[sights.sample].T
        off = np.abs(np.cos(np.radians(sights.bearing - self.normal[sights.sample])))
        aside = (sights.bearing - self.facade[sights.site] + 180.0) % 360.0 - 180.0
        allowed: BoolArray = (
            (sights.depression <= steepest)
            & ~(np.degrees(np.arccos(off)) > widest)
            & ~(np.abs(aside) > IN_FRONT_DEG)
        )
        return allowed


def _xy(table: gpd.GeoDataFrame) -> FloatArray:
    xy: FloatArray = shapely.get_coordinates(table.geometry.to_numpy())
    return xy


def pieces_of(wanting: gpd.GeoDataFrame) -> IntArray:
    """Return the number of each sample's piece: one a part, or a square of a larger part."""
    xy = pd.DataFrame(_xy(wanting), index=wanting.index, columns=["x", "y"])
    part = wanting["part_id"]
    by_part = xy.groupby(part)
    extent = (by_part.max() - by_part.min()).max(axis=1)
    large = part.map(extent).gt(PIECE_M).to_numpy(bool)
    cell = np.where(large[:, None], np.floor(xy.to_numpy() / PIECE_M), 0.0)
    keys = pd.DataFrame({"part": part.to_numpy(object), "x": cell[:, 0], "y": cell[:, 1]})
    numbers: IntArray = keys.groupby(["part", "x", "y"]).ngroup().to_numpy(np.int64)
    return numbers
