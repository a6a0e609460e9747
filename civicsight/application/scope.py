"""What of a project somebody may read: a district planner the own district, all others all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from civicsight.model import City
from civicsight.planning.area.districts import find_districts, labels_of, levels_of, name_districts
from civicsight.store import Actor

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult


def home_names(actor: Actor, city: City) -> frozenset[str] | None:
    """Return what the district of somebody is called; None if all are open to him."""
    if not actor.role.is_bound:
        return None
    districts = home_areas(actor, city)
    label = labels_of(districts)
    own = districts["code"].eq(actor.district) | label.eq(actor.district)
    return frozenset({*label[own], actor.district})


def home_areas(actor: Actor, city: City) -> gpd.GeoDataFrame:
    """Return the areas among which somebody's district is; the districts of the city for others."""
    if actor.role.is_bound:
        for areas in levels_of(city):
            if (areas["code"].eq(actor.district) | labels_of(areas).eq(actor.district)).any():
                return areas
    return find_districts(city)


def hidden_places(result: CheckResult, actor: Actor) -> frozenset[str]:
    """Return the places of other districts than that of a district planner; else none."""
    return frozenset(map(str, result.zones.index[~home_of(result.zones, actor, result.city)]))


def home_of(frame: gpd.GeoDataFrame, actor: Actor, city: City) -> npt.NDArray[np.bool_]:
    """Tell of each row whether it is open to somebody; what has no place is open to all."""
    home = home_names(actor, city)
    if home is None:
        return np.ones(len(frame), np.bool_)
    placed = np.asarray(frame.geometry.notna(), np.bool_)
    open_to = ~placed
    names = name_districts(frame.geometry[placed], home_areas(actor, city))
    open_to[placed] = [name in home for name in names]
    return open_to
