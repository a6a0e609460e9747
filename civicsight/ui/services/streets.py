"""Gates along one street: the named road that each stands at, and those of one street together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    import geopandas as gpd

NEAR_M: Final = 40.0
"""A gate stands at a street whose middle is nearer than this [m]: half of a wide road, and the
forecourt; assumed."""

GAP_M: Final = 100.0
"""Pieces of one name that are farther apart are two streets [m]: it bridges a square or a junction;
assumed."""


@dataclass(frozen=True, slots=True)
class Street:
    """A street by its name, and the gates that stand at it, in the order in which they came."""

    name: str
    part_ids: tuple[str, ...]


def street_along(
    part_ids: Sequence[str], parts: gpd.GeoDataFrame, roads: gpd.GeoDataFrame, part_id: str
) -> Street | None:
    """Return the street that a gate stands at, with all the gates that stand at it too.

    Parameters
    ----------
    part_ids
        Gates that are asked about, the one in question among them.
    parts, roads
        Tables of `model`.
    part_id
        The gate in question.

    Returns
    -------
    Street or None
        None if no road with a name passes within `NEAR_M`. Each gate belongs to the nearest one.
    """
    named = _with_name(roads)
    gates = np.asarray(parts.geometry.loc[list(part_ids)].array)
    at = _nearest(gates, np.asarray(named.geometry.array))
    mine = at[list(part_ids).index(part_id)]
    if mine < 0:
        return None
    name = str(named["name"].iloc[mine])
    own = np.flatnonzero(named["name"].eq(name).to_numpy(bool))
    piece = _pieces(np.asarray(named.geometry.array)[own])
    same = own[piece == piece[np.searchsorted(own, mine)]]
    here = np.isin(at, same)
    return Street(name, tuple(str(label) for label, is_in in zip(part_ids, here, strict=True)
                              if is_in))  # fmt: skip


def _with_name(roads: gpd.GeoDataFrame) -> Any:
    """Return the roads on or above the ground that have a name, without blanks around it."""
    name = roads["name"].where(roads["name"].map(lambda value: isinstance(value, str)), "")
    name = name.astype(str).str.strip()
    return roads.assign(name=name)[name.ne("") & ~roads["tunnel"].fillna(value=False).astype(bool)]


def _nearest(
    gates: npt.NDArray[np.object_], roads: npt.NDArray[np.object_]
) -> npt.NDArray[np.intp]:
    """Return the place of the nearest road of each gate, -1 without one; of equals the first."""
    found = np.full(len(gates), -1, np.intp)
    if len(roads):
        gate, road = shapely.STRtree(roads).query_nearest(gates, max_distance=NEAR_M)
        first = pd.Series(road).groupby(gate).min()
        found[first.index.to_numpy(np.intp)] = first.to_numpy(np.intp)
    return found


def _pieces(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.int32]:
    """Return a number for each road: the same for those that lie together."""
    one, two = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=GAP_M)
    near = coo_array((np.ones(len(one), bool), (one, two)), shape=(len(shapes), len(shapes)))
    piece: npt.NDArray[np.int32] = connected_components(near, directed=False)[1]
    return piece
