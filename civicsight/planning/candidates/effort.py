"""What finding candidates takes, told before it begins, and the bound that its memory is held to.

Unit costs are measured ones of whole cities (docs/decisions/0036-candidates-in-tiles.md), so a
forecast is right within a factor of two or so. What was tried and kept is counted as it grows, and
nothing is begun that would not fit.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import shapely

from civicsight.core.errors import N_, MismatchError, Text
from civicsight.core.settings import plan_memory
from civicsight.coverage.privacy.facades import Private, find_private
from civicsight.coverage.result import CheckResult
from civicsight.planning.area.scope import Scope
from civicsight.planning.candidates.sights import FARTHEST_M, pieces_of

POSES_A_PIECE: Final = 150.0
"""Poses that are tried around each piece of what is not met."""

KEPT_SHARE: Final = 0.35
"""Share of poses that are lawful, of use and not outdone."""

SECONDS_A_POSE: Final = 1.3e-4
"""To aim a pose, look from it, judge it and look again from what is kept [s of one core]."""

SECONDS_A_MASK: Final = 0.06
"""To draw and judge the masks of poses around a piece beside private places [s of one core]."""

MB_AT_LEAST: Final = 180.0
"""Compiled kernels, walls laid out to be looked at, and the tile in work [MB]."""

MB_A_POSE: Final = 6e-4
"""Name, place and directions of a pose that is to be tried [MB]."""

MB_KEPT: Final = 3.6e-3
"""A candidate with its heads and all its densities, as they are put together [MB]."""

MB_IN_TILE: Final = 3e-3
"""A pose with its heads and all that it meets, while its tile is in work [MB]."""

TILE_SHARE: Final = 0.1
"""Share of the memory that a tile may take."""

TILES: Final = (2_048, 32_768)
"""Fewest and most poses of a tile: fewer cost more in calls, more no longer save any."""


class Forecast(NamedTuple):
    """What finding candidates will take.

    `pieces` is what is not met, in parts that are aimed at together; `poses` how many are tried
    around them, `kept` how many of these stay; `seconds` of one core, and `memory_mb` beside the
    city and its check.
    """

    pieces: int
    poses: int
    kept: int
    seconds: float
    memory_mb: float

    def describe(self) -> Text:
        """Tell a person."""
        return N_(
            "About %(poses)s poses are tried around %(pieces)s places that lack a camera: about "
            "%(seconds)s s of one core and %(memory)s MB of memory.",
            poses=f"{float(f'{self.poses:.3g}'):,.0f}",
            pieces=f"{self.pieces:,}",
            seconds=f"{max(self.seconds, 1.0):,.0f}",
            memory=f"{self.memory_mb:,.0f}",
        )

    def warn(self, limit_s: float) -> Text | None:
        """Tell a person that a limit of time [s] may not suffice; None where it does."""
        if self.seconds <= limit_s:
            return None
        return N_(
            "Finding candidates alone may take longer than the limit of %(limit)s s. No plan is "
            "kept then. Allow more time.",
            limit=f"{limit_s:.3g}",
        )


def forecast(
    result: CheckResult,
    *,
    private: Private | None = None,
    robust_k: int = 0,
    scope: Scope | None = None,
) -> Forecast:
    """Tell what finding candidates for a checked city will take, from unit costs.

    Parameters
    ----------
    result
        What was checked: what is not covered for sure wants cameras.
    private
        What is private in the city, where it is at hand.
    robust_k, scope
        As of `generate`.

    Raises
    ------
    MismatchError
        If the city has no district of the scope.
    """
    # The samples that nothing meets for sure, of parts of which too few are met.
    asked = (scope or Scope()).asked_for(result)
    counted = result.samples["part_id"].isin(asked) & result.samples["weight"].gt(0.0)
    samples = gpd.GeoDataFrame(result.samples[counted])
    part = result.parts.index.get_indexer(samples["part_id"])
    sure = result.matrices["sure"].select(samples=samples.index)
    met = sure.met(samples, result.parts["k"].to_numpy(np.int64)[part] + robust_k)
    weight, count = samples["weight"].to_numpy(np.float64), len(result.parts)
    share = np.bincount(part, weight * met, count) / np.maximum(
        np.bincount(part, weight, count), 1e-9
    )
    short = share < result.parts["fraction"].to_numpy(np.float64) - 1e-9
    wanting = gpd.GeoDataFrame(samples[short[part] & ~met])
    if not len(wanting):
        return Forecast(0, 0, 0, 0.0, MB_AT_LEAST)
    private = find_private(result.city, result.rules) if private is None else private
    _, first = np.unique(pieces_of(wanting), return_index=True)
    tree = shapely.STRtree(private.areas.geometry.to_numpy())
    points = wanting.geometry.to_numpy()[first]
    beside = np.unique(tree.query(points, predicate="dwithin", distance=FARTHEST_M)[0])
    poses = round(POSES_A_PIECE * len(first))
    kept = round(KEPT_SHARE * poses)
    seconds = SECONDS_A_POSE * poses + SECONDS_A_MASK * len(beside)
    return Forecast(len(first), poses, kept, seconds, memory_of(poses, kept))


def memory_of(poses: int, kept: int) -> float:
    """Return what so many poses and kept ones take [MB]."""
    return MB_AT_LEAST + MB_A_POSE * poses + MB_KEPT * kept


class Memory:
    """The most that finding candidates may take beside the city and its check.

    Parameters
    ----------
    limit_mb
        By default as the setting ``plan_memory`` says.
    """

    def __init__(self, limit_mb: float | None = None) -> None:
        self.limit_mb = float(plan_memory()) if limit_mb is None else float(limit_mb)
        self.poses = self.kept = 0

    @property
    def tile(self) -> int:
        """How many poses are looked from and judged at a time."""
        return int(np.clip(TILE_SHARE * self.limit_mb / MB_IN_TILE, *TILES))

    def begin(self, told: Forecast) -> None:
        """Refuse work whose forecast does not fit.

        Raises
        ------
        MismatchError
            With what is needed, what is allowed, and what to do.
        """
        self._require(told.memory_mb)

    def count(self, *, poses: int = 0, kept: int = 0) -> None:
        """Count what is in memory from now on.

        Raises
        ------
        MismatchError
            As `begin`, where it is more than allowed.
        """
        self.poses, self.kept = self.poses + poses, self.kept + kept
        self._require(memory_of(self.poses, self.kept))

    def _require(self, needed_mb: float) -> None:
        if needed_mb > self.limit_mb:
            raise MismatchError(
                N_(
                    "Finding candidates needs about %(needed)s MB of memory beside the city, and "
                    "%(limit)s MB are allowed. Allow more (--memory, or %(name)s), plan fewer "
                    "places at a time, or cut the city into parts (civicsight region import).",
                    needed=f"{needed_mb:,.0f}",
                    limit=f"{self.limit_mb:,.0f}",
                    name="CIVICSIGHT_PLAN_MEMORY",
                )
            )
