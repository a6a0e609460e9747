"""What the law forbids a candidate, found out before it is put into any set.

A pose that is planned is known, so it is judged in the scene that shows most: assumed heights at
their lowest. A mask is part of the pose: it is tried where private walls are in view, and the
candidate keeps what the mask leaves of its purpose. Cameras on record that nobody may rely on are
found by the same bans, for plans and duplicates alike; a check credits them with nothing where they
cover anything (`coverage.privacy.barred_cameras`).

References
----------
Article 9: no camera in private places nor where it looks into them. Article 6: consent around
areas of secrecy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from civicsight.core.arrays import FloatArray
from civicsight.coverage.ground import seen_ground
from civicsight.coverage.privacy.barred_cameras import seen_m2, stand_inside
from civicsight.coverage.privacy.facades import Private
from civicsight.coverage.privacy.look import Looks, WallPoints, look_at_walls
from civicsight.coverage.privacy.masks import COLUMN
from civicsight.coverage.privacy.position import as_recorded, find_doors, find_faced, find_inside
from civicsight.coverage.privacy.proposal import propose_masks
from civicsight.coverage.result import CheckResult
from civicsight.model import READINGS, City
from civicsight.planning.candidates.model import BARRED
from civicsight.planning.candidates.offers import standing
from civicsight.rules import Rules
from civicsight.scene.bodies import Scene

CONSENT: Final = "consent"
"""Kind of the document that allows a view of an area of secrecy."""


PIECE: Final = ["normal_deg", "width_m", "low_m", "high_m", "geometry"]
"""Columns of a piece of wall that its mask is drawn from."""


class Verdicts(NamedTuple):
    """What the law says of candidates, one row each in the order asked.

    `reason` is None, or a key of `model.REASONS`; `area_m2` is private wall in view, masks counted;
    `mask` is a mask that was added, or None.
    """

    reason: npt.NDArray[np.object_]
    area_m2: FloatArray
    mask: npt.NDArray[np.object_]


class Law:
    """The bans of the packs, laid over one city.

    Parameters
    ----------
    city, rules
        Tables of the project, and packs that say from which density and area a view counts.
    private, scenes
        What is private, and the scene of each reading.
    """

    def __init__(
        self, city: City, rules: Rules, private: Private, scenes: Mapping[str, Scene]
    ) -> None:
        self.private, self.entrances = private, city.entrances
        self.scene = scenes["possible"]
        self.density_px_m = rules.limit("private_view_density")
        self.allowed_m2 = rules.limit("private_view_area") or 0.0
        self.door = (rules.limit("private_door_distance"), rules.limit("private_door_angle"))
        self.walls = WallPoints(private.facades, self.scene)
        self.areas_m2 = private.facades["area_m2"].to_numpy(np.float64)
        self.pieces = gpd.GeoDataFrame(private.facades[PIECE])
        ids = find_doors(city.entrances, private.areas)["entrance_id"]
        self.doors = shapely.STRtree(city.entrances.geometry.reindex(ids).to_numpy())
        papers = city.documents
        whole = papers["kind"].eq(CONSENT) & papers["subject"].fillna("").eq("")
        areas = city.consent_areas.geometry.to_numpy()
        self.secret = shapely.union_all(areas[:0] if whole.any() else areas)

    def inside(self, places: gpd.GeoDataFrame) -> pd.DataFrame:
        """Return which places are within the outline of private ones, as `find_inside`."""
        return find_inside(places, self.private.areas)

    def judge(self, heads: gpd.GeoDataFrame, *, may_mask: bool) -> Verdicts:
        """Judge candidates by their heads.

        Parameters
        ----------
        heads
            Table `model.HEADS` with ``camera_id`` the candidate; rows of one stand together.
        may_mask
            Whether a mask may be added.
        """
        ids = pd.Index(heads["camera_id"].unique())
        reason = np.full(len(ids), None, object)
        mask = np.full(len(ids), None, object)
        heads = heads.assign(reading="possible")
        looks, area = self._look(heads, ids)
        exposed = area > self.allowed_m2
        if may_mask and exposed.any():
            mask[exposed] = self._masks(heads, looks, ids[exposed])
            heads = with_masks(heads, ids, mask)
            area[exposed] = self._look(*_of(heads, ids[exposed]))[1]
        reason[area > self.allowed_m2] = "sight"
        fine = _of(heads, ids[reason == None])[0]  # noqa: E711 - elementwise
        reason[ids.isin(self._facing(fine))] = "door"
        reason[ids.isin(self._peeping(fine))] = "consent"
        return Verdicts(reason, area, mask)

    def _look(self, heads: gpd.GeoDataFrame, ids: pd.Index) -> tuple[Looks, FloatArray]:
        """Look at private walls; return what is seen, and the area beside masks by candidate."""
        density = np.inf if self.density_px_m is None else self.density_px_m
        looks = look_at_walls(heads, self.walls, density)
        return looks, seen_m2(looks, heads, ids, self.areas_m2)

    def _masks(
        self, heads: gpd.GeoDataFrame, looks: Looks, ids: pd.Index
    ) -> npt.NDArray[np.object_]:
        """Draw a mask for each candidate over the walls it sees."""
        number = ids.get_indexer(heads["camera_id"])
        rows = np.flatnonzero(number >= 0)
        place = np.cumsum(number >= 0) - 1
        own = number[looks.head] >= 0
        mine = Looks(place[looks.head[own]], looks.sample[own], looks.px_m[own], looks.veiled[own])
        some = gpd.GeoDataFrame(heads.iloc[rows])
        return propose_masks(some, number[rows], len(ids), self.pieces, mine, self.scene)

    def _facing(self, heads: gpd.GeoDataFrame) -> pd.Series:
        """Return the candidates that face a private door."""
        within_m, angle_deg = self.door
        if within_m is None or angle_deg is None:
            return heads["camera_id"].iloc[:0]
        near = self.doors.query(heads.geometry.to_numpy(), "dwithin", within_m)[0]
        heads = gpd.GeoDataFrame(heads.iloc[np.unique(near)])
        scenes = dict.fromkeys(READINGS, self.scene)
        faced = find_faced(
            heads,
            self.entrances,
            self.private.areas,
            scenes,
            within_m=within_m,
            angle_deg=angle_deg,
        )
        return faced["camera_id"]

    def _peeping(self, heads: gpd.GeoDataFrame) -> pd.Index:
        """Return the candidates that see ground of an area of secrecy."""
        if self.secret.is_empty:
            return pd.Index([])
        near = heads[heads.geometry.distance(self.secret) <= heads["reach_m"]]
        seen = seen_ground(near, self.scene, self.secret)
        return pd.Index(seen.index[seen["inside_m2"].gt(0.0)])


def with_masks(
    heads: gpd.GeoDataFrame, ids: pd.Index, masks: npt.NDArray[np.object_]
) -> gpd.GeoDataFrame:
    """Return heads with the masks that were added to their candidates."""
    added = masks[ids.get_indexer(heads["camera_id"])]
    old = heads.get(COLUMN, pd.Series(None, heads.index, dtype=object)).to_numpy(object)
    new = np.where(pd.isna(added), old, added)
    return gpd.GeoDataFrame(heads.assign(**{COLUMN: new}))


def _of(heads: gpd.GeoDataFrame, ids: pd.Index) -> tuple[gpd.GeoDataFrame, pd.Index]:
    return gpd.GeoDataFrame(heads[heads["camera_id"].isin(ids)]), ids


class Breaches(NamedTuple):
    """Who is credited with nothing, and what the cameras in use see of private walls.

    `table` has columns `model.BARRED` but the last, sorted; `area_m2` is indexed by camera, masks
    counted.
    """

    table: pd.DataFrame
    area_m2: pd.Series

    @property
    def camera_ids(self) -> frozenset[str]:
        """Cameras that are credited with nothing."""
        return frozenset(self.table["camera_id"])


def find_breaches(result: CheckResult, law: Law) -> Breaches:
    """Find the cameras on record that stand or look where Article 9 forbids it.

    Parameters
    ----------
    result
        What `check` found. A view is judged by the head that is sure: where nobody knows which way
        a camera looks, it is credited with nothing in any case.
    law
        The bans, laid over its city.
    """
    inside = _inside(result, law)
    used = {label for _, label, _ in standing(result.cameras)} - inside
    heads = result.heads[result.heads["reading"].eq("sure")]
    heads = gpd.GeoDataFrame(heads[heads["camera_id"].isin(used)])
    ids = pd.Index(heads["camera_id"].unique(), dtype=object)
    area = pd.Series(law.judge(heads, may_mask=False).area_m2, ids)
    seen = area[area > law.allowed_m2]
    rows = [(label, "9", "inside", float("nan")) for label in inside]
    rows += [(label, "9", "sight", float(m2)) for label, m2 in seen.items()]
    return Breaches(pd.DataFrame(sorted(rows), columns=list(BARRED[:-1])), area)


def _inside(result: CheckResult, law: Law) -> frozenset[str]:
    """Return the cameras that stand inside a private place, as the rules of Article 9 have it."""
    return stand_inside(result.cameras, law.inside(as_recorded(result.cameras)))
