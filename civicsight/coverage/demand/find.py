"""From a city and rule packs to all that has to be seen, and what of it nobody can judge."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from civicsight.coverage.demand.missing import find_missing, without_buildings
from civicsight.coverage.demand.parts import find_parts, sample_parts
from civicsight.model import City
from civicsight.rules import Rules, select_zones


def find_demand(city: City, rules: Rules) -> Demand:
    """Find the mandatory places, their parts and the samples that stand for them.

    Raises
    ------
    InputError
        If a register names a class that no pack has.
    """
    selection = select_zones(city.places, city.roads, rules)
    parts = find_parts(
        selection.zones,
        places=city.places,
        roads=city.roads,
        entrances=city.entrances,
        barriers=city.barriers,
        buildings=city.buildings,
        rules=rules,
    )
    samples = sample_parts(parts, buildings=city.buildings)
    unseen = pd.Series("no_buildings", parts.index[without_buildings(parts, city)], dtype=object)
    if city.terrain is not None:
        # A part that lies partly on unknown ground cannot be judged; its rest must not pass for it.
        lost = pd.Index(samples.loc[~has_ground(samples, city), "part_id"].unique())
        unseen = pd.concat([unseen, pd.Series("no_ground_height", lost.difference(unseen.index))])
    samples = samples[~samples["part_id"].isin(unseen.index)]
    missing = find_missing(selection.zones, parts, samples, unseen, rules)
    return Demand(
        selection.zones, selection.left_out, parts.drop(columns="positions"), samples, missing
    )


def has_ground(table: gpd.GeoDataFrame, city: City) -> npt.NDArray[np.bool_]:
    """Tell where the height of the ground is known."""
    assert city.terrain is not None  # noqa: S101 - whoever asks has relief
    x, y = table.geometry.x.to_numpy(np.float64), table.geometry.y.to_numpy(np.float64)
    known: npt.NDArray[np.bool_] = np.isfinite(city.terrain.height_at(x, y))
    return known


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """Mandatory places, those an open word of the law leaves out, parts, samples, what lacks."""

    zones: gpd.GeoDataFrame
    left_out: gpd.GeoDataFrame
    parts: gpd.GeoDataFrame
    samples: gpd.GeoDataFrame
    missing: pd.DataFrame
