"""What findings are made of, read from a project by the very code that a check uses."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from civicsight.coverage.check import place_and_read
from civicsight.coverage.demand.find import find_demand
from civicsight.coverage.findings.evidence import weigh_parts
from civicsight.coverage.pose.sensor_views import is_in_use
from civicsight.model import City
from civicsight.presentation.names import directions_of
from civicsight.rules import Rules


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """Cameras with their heads, places and gates, as findings see them.

    Parameters
    ----------
    city, rules
        The project and the packs.
    cameras
        Cameras as placed, with ``known`` (``sure``, ``assumed``, ``unknown`` or ``unused``),
        ``used`` and ``sure`` (whether the record is complete).
    zones
        Mandatory places.
    parts
        Their gates and key parts, with ``guessed`` (inferred and not confirmed), ``capped`` (no
        violation may rest on it) and ``grounds``.
    """

    city: City
    rules: Rules
    cameras: gpd.GeoDataFrame
    zones: gpd.GeoDataFrame
    parts: gpd.GeoDataFrame


def read_basis(city: City, rules: Rules) -> Basis:
    """Read what findings would be made of, without looking for sight lines.

    Raises
    ------
    InputError
        If a register names a class that no pack has.
    """
    cameras, heads = place_and_read(city, city.cameras)
    sure = set(heads.loc[heads["reading"].eq("sure"), "camera_id"])
    cameras = cameras.assign(
        known=directions_of(heads, cameras.index),
        used=is_in_use(cameras),
        sure=[label in sure for label in cameras.index],
    )
    demand = find_demand(city, rules)
    weights = weigh_parts(demand.parts, demand.zones, rules)
    guessed = demand.parts["inferred"].to_numpy(bool) & ~demand.parts["confirmed"].to_numpy(bool)
    parts = demand.parts.assign(
        guessed=guessed,
        capped=weights["capped"].to_numpy(bool),
        grounds=pd.Series(weights["grounds"], index=demand.parts.index, dtype=object),
    )
    return Basis(city, rules, cameras, demand.zones, parts)
