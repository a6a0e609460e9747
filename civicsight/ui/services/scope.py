"""What of a project somebody may read: a district planner the own district, all others all."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from civicsight.report.districts import name_districts
from civicsight.store import Actor, Role


def home_names(actor: Actor, districts: gpd.GeoDataFrame) -> frozenset[str] | None:
    """Return what the district of somebody is called; None if all are open to him."""
    if actor.role is not Role.DISTRICT_PLANNER:
        return None
    label = districts["name"].where(districts["name"].notna(), districts["code"])
    own = districts["code"].eq(actor.district) | label.eq(actor.district)
    return frozenset({*label[own].astype(str), actor.district})


def home_of(
    frame: gpd.GeoDataFrame, actor: Actor, districts: gpd.GeoDataFrame
) -> npt.NDArray[np.bool_]:
    """Tell of each row whether it is open to somebody; what has no place is open to all."""
    home = home_names(actor, districts)
    if home is None:
        return np.ones(len(frame), np.bool_)
    placed = np.asarray(frame.geometry.notna(), np.bool_)
    open_to = ~placed
    open_to[placed] = [name in home for name in name_districts(frame.geometry[placed], districts)]
    return open_to
