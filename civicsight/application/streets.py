"""Gates along one street: the named road that each stands at, and those of one street together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from civicsight.inventory.streets import named_roads, nearest_road, pieces_of

if TYPE_CHECKING:
    import geopandas as gpd


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
    named = named_roads(roads)
    gates = np.asarray(parts.geometry.loc[list(part_ids)].array)
    at = nearest_road(gates, np.asarray(named.geometry.array))
    mine = at[list(part_ids).index(part_id)]
    if mine < 0:
        return None
    name = str(named["name"].iloc[mine])
    own = np.flatnonzero(named["name"].eq(name).to_numpy(bool))
    piece = pieces_of(np.asarray(named.geometry.array)[own])
    same = own[piece == piece[np.searchsorted(own, mine)]]
    here = np.isin(at, same)
    return Street(
        name, tuple(str(label) for label, is_in in zip(part_ids, here, strict=True) if is_in)
    )
