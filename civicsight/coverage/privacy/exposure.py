"""Exposure: how much of the private facades each camera sees, and how finely.

Density across a facade is that of a slanted target (optics.md, section 4): the wall is a plane of
its own, so what a facing target would get is lowered by the angle of incidence, and a wall square
to the axis of a plane picture keeps its full plane density. With ``n`` the outward normal, ``v``
the line from the camera, ``Z`` its depth along the axis and ``r`` its length, a plane picture gives
``f (n . -v) / Z^2`` and any other ``N / (hfov r) * (n . -v) / r``. Two things differ from coverage,
where a lower bound is credited, because here what is seen must not be missed: the density is that
of the lens itself, not the lesser of two; and recorded reach, which says where a view is used, does
not end what the picture shows.

What a camera's record proves is seen for ``sure``; what it could see is ``possible``. A mask counts
where it is known what the picture shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from civicsight.core.arrays import FloatArray
from civicsight.core.errors import CrsError
from civicsight.coverage.matrix import CoverageMatrix
from civicsight.coverage.privacy.facades import Private
from civicsight.coverage.privacy.look import WallPoints, look_at_walls
from civicsight.coverage.privacy.masks import COLUMN, placed_masks
from civicsight.model import HEADS, READINGS
from civicsight.scene.bodies import Scene

HITS: Final = (
    "camera_id",
    "building_id",
    "area_m2",
    "masked_m2",
    "best_px_m",
    "samples",
    "storeys",
    "private_id",
    "confidence",
    "height_assumed",
)
"""Columns of `Exposure.hits`."""


@dataclass(frozen=True, slots=True, eq=False)
class Exposure:
    """What cameras see of private facades.

    Parameters
    ----------
    density_px_m
        Density from which a facade counts as looked into.
    matrices
        px/m by reading, cameras by samples of the facades, masks not counted; each reading is at
        least the one before. Only densities that count are stored.
    veiled
        The same, with masks.
    unplaced
        Cameras with a mask of which it is not known what it hides in the reading ``possible``.
    facades
        Table `places.FACADES`.
    """

    density_px_m: float
    matrices: Mapping[str, CoverageMatrix]
    veiled: Mapping[str, CoverageMatrix]
    unplaced: frozenset[str]
    facades: gpd.GeoDataFrame

    def area_m2(self, reading: str = "possible", *, masked: bool = True) -> pd.Series:
        """Return the private facade that each camera sees, by camera [m2].

        Parameters
        ----------
        reading
            How much the poses are believed; what is forbidden counts where it is possible.
        masked
            Whether masks are counted.
        """
        matrix = (self.veiled if masked else self.matrices)[reading]
        areas = (matrix.q > 0.0) @ self.facades["area_m2"].to_numpy(np.float64)
        return pd.Series(areas, matrix.camera_ids, name="area_m2")

    def plan_m2(self, reading: str = "possible", *, masked: bool = True) -> float:
        """Return the private facade that any camera sees, each piece once [m2]."""
        matrix = (self.veiled if masked else self.matrices)[reading]
        seen = matrix.best() > 0.0
        return float(self.facades["area_m2"].to_numpy(np.float64)[seen].sum())

    def hits(self, reading: str = "possible") -> pd.DataFrame:
        """Return who sees what: one row for each camera and building, in their order.

        Columns `HITS`: area without masks and with them, best density, samples and storeys seen,
        the private place that is seen most surely, and whether the building's height is a default.
        """
        open_, veiled = self.matrices[reading].q.tocoo(), self.veiled[reading].q
        camera, sample = open_.coords
        if not len(camera):
            return pd.DataFrame(columns=list(HITS))
        kept = np.asarray(veiled.tocsr()[camera, sample]).ravel() > 0.0
        facts = self.facades.iloc[sample]
        pairs = pd.DataFrame(
            {
                "camera_id": self.matrices[reading].camera_ids.to_numpy(object)[camera],
                "building_id": facts["building_id"].to_numpy(object),
                "area_m2": facts["area_m2"].to_numpy(),
                "masked_m2": np.where(kept, facts["area_m2"].to_numpy(), 0.0),
                "best_px_m": open_.data,
                "samples": 1,
                "storeys": facts["storey"].to_numpy(),
                "private_id": facts["private_id"].to_numpy(object),
                "confidence": facts["confidence"].to_numpy(),
                "height_assumed": facts["height_assumed"].to_numpy(bool),
            }
        )
        pairs = pairs.sort_values("confidence", ascending=False, kind="stable")
        grouped = pairs.groupby(["camera_id", "building_id"])
        hits = grouped.agg(
            area_m2=("area_m2", "sum"),
            masked_m2=("masked_m2", "sum"),
            best_px_m=("best_px_m", "max"),
            samples=("samples", "sum"),
            storeys=("storeys", "nunique"),
            private_id=("private_id", "first"),
            confidence=("confidence", "first"),
            height_assumed=("height_assumed", "first"),
        )
        return hits.reset_index()[list(HITS)]

    def cameras(self) -> pd.DataFrame:
        """Return the exposure of each camera [m2].

        Columns ``sure_m2``, ``assumed_m2``, ``possible_m2`` with masks counted, ``before_m2`` (what
        is possible without them) and ``unplaced`` (it has a mask that proves nothing).
        """
        table = pd.DataFrame({f"{name}_m2": self.area_m2(name) for name in READINGS})
        table["before_m2"] = self.area_m2(masked=False)
        table["unplaced"] = table.index.isin(list(self.unplaced))
        return table


def expose(
    heads: gpd.GeoDataFrame,
    scenes: Mapping[str, Scene],
    private: Private,
    density_px_m: float,
    *,
    camera_ids: pd.Index | None = None,
    walls: Mapping[str, WallPoints] | None = None,
) -> Exposure:
    """Look from every head at the private facades in its sight.

    Parameters
    ----------
    heads
        Table `model.HEADS`, with ``mask_plan`` if cameras have masks.
    scenes, private
        Scene of each reading, as `coverage.check.build_scenes` gives them, and what is private.
    density_px_m
        Density from which a facade counts as looked into.
    camera_ids, walls
        Rows of the matrices, by default the cameras that have a head, sorted; the facades laid out
        in those scenes, by default here.

    Raises
    ------
    SchemaError, InputError, CrsError, MismatchError
        If a table is not as declared, a mask cannot be read, CRSs differ, or a head stands on
        unknown ground.
    """
    HEADS.check(heads)
    if heads.crs != private.facades.crs:
        msg = f"heads are in {heads.crs}, facades in {private.facades.crs}: convert with to_crs()"
        raise CrsError(msg)
    if camera_ids is None:
        camera_ids = pd.Index(sorted(heads["camera_id"].unique()), dtype=object)
    facades = private.facades
    shape = (len(camera_ids), len(facades))
    floors = [csr_array(shape, dtype=np.float32), csr_array(shape, dtype=np.float32)]
    found: list[dict[str, CoverageMatrix]] = [{}, {}]
    walls = lay_out(facades, scenes) if walls is None else walls
    for reading in READINGS:
        chosen = heads[heads["reading"].eq(reading)]
        camera = camera_ids.get_indexer(chosen["camera_id"])
        # What a mask may hide is not seen for sure; what it may leave open is possibly seen.
        proven = reading != READINGS[0]
        looks = look_at_walls(chosen, walls[reading], density_px_m, proven=proven)
        for number, keep in enumerate((np.ones(len(looks.head), bool), ~looks.veiled)):
            at = (camera[looks.head[keep]], looks.sample[keep])
            floors[number] = _greater(floors[number], looks.px_m[keep], at)
            matrix = CoverageMatrix(floors[number], camera_ids, facades.index)
            found[number][reading] = matrix
    return Exposure(density_px_m, found[0], found[1], _unplaced(heads), facades)


def lay_out(facades: gpd.GeoDataFrame, scenes: Mapping[str, Scene]) -> dict[str, WallPoints]:
    """Lay facades out in the scene of each reading, once in a scene that several share."""
    laid = {id(scene): WallPoints(facades, scene) for scene in scenes.values()}
    return {reading: laid[id(scene)] for reading, scene in scenes.items()}


def _greater(floor: csr_array, px_m: FloatArray, at: tuple[Any, Any]) -> csr_array:
    """Return the greater of a matrix and of single entries, of which several may share a place."""
    if not len(px_m):
        return floor
    place = at[0].astype(np.int64) * floor.shape[1] + at[1]
    order = np.argsort(place, kind="stable")  # looks come nearly sorted
    place = place[order]
    first = np.flatnonzero(np.diff(place, prepend=-1))
    best = np.maximum.reduceat(px_m[order], first).astype(np.float32)
    entries = (best, (place[first] // floor.shape[1], place[first] % floor.shape[1]))
    return csr_array(floor.maximum(csr_array(entries, shape=floor.shape)))


def _unplaced(heads: gpd.GeoDataFrame) -> frozenset[str]:
    """Return the cameras with a mask that does not hold for all that they could see."""
    if COLUMN not in heads.columns:
        return frozenset()
    possible = heads[heads["reading"].eq("possible")]
    has = possible[COLUMN].map(lambda text: isinstance(text, str) and bool(text.strip()))
    placed = np.zeros(len(possible), bool)
    placed[list(placed_masks(possible, proven=True))] = True
    return frozenset(possible.loc[has.to_numpy(bool) & ~placed, "camera_id"])
