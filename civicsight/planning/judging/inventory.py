"""Cameras by where they stand, and what their records say of them; laid out once for all rules."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import geopandas as gpd
import shapely


class Inventory:
    """What rules ask of cameras beside one.

    Parameters
    ----------
    cameras
        Table `model.CAMERAS` without those removed.
    """

    def __init__(self, cameras: gpd.GeoDataFrame) -> None:
        self._cameras = cameras
        self._builders: dict[tuple[str, ...], dict[str, str | None]] = {}

    @cached_property
    def poles(self) -> Nearby:
        """Return the places of existing cameras that stand on poles."""
        cameras = self._cameras
        standing = cameras["status"].eq("existing") & (
            cameras["mount"].eq("pole") | cameras["pole_id"].notna()
        )
        return Nearby(cameras.geometry[standing])

    @cached_property
    def places(self) -> Nearby:
        """Return the places of all cameras."""
        return Nearby(self._cameras.geometry)

    @cached_property
    def undirected(self) -> frozenset[str]:
        """Return the cameras of which no direction is on record."""
        return frozenset(self._cameras.index[self._cameras["azimuth_deg"].isna()])

    def builders(self, statuses: tuple[str, ...]) -> Mapping[str, str | None]:
        """Return who built each camera of some states, None where nobody says."""
        if statuses not in self._builders:
            chosen = self._cameras["status"].isin(statuses)
            said = self._cameras.loc[chosen, "builder"].astype(object)
            self._builders[statuses] = dict(said.where(said.notna(), None).items())
        return self._builders[statuses]


class Nearby:
    """Labelled places by where they are.

    Parameters
    ----------
    places
        Points by label.
    """

    def __init__(self, places: gpd.GeoSeries) -> None:
        self._labels = list(map(str, places.index))
        self._points = places.to_numpy()
        self._tree = shapely.STRtree(self._points)

    def within(self, distance_m: float, of: Any) -> list[str]:
        """Return who is within a distance of a geometry, in the order of the places."""
        near = self._tree.query(of, predicate="dwithin", distance=distance_m)
        return [self._labels[at] for at in sorted(near.tolist())]
