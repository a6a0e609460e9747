"""Works of others that a plan goes along with: what they dig or erect anyway is not paid twice.

References
----------
Article 11: what belongs to another project is built with it. A project on record says which of its
works a camera may share; a measure in its area that is built in its year pays neither trench nor
pole, and the bill names the project.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.model import City
from civicsight.planning.candidates.model import CandidateSet, Paid
from civicsight.planning.prices.price_table import Items
from civicsight.planning.works.measures import camera_ids

POLE, TRENCH, BOX = "pole", "supply.new", "supply.near"
SHARES: Final[Mapping[str, frozenset[str]]] = {
    "pole": frozenset({POLE}),
    "trench": frozenset({TRENCH}),
    "both": frozenset({POLE, TRENCH}),
}
"""Items of the price table that a project pays, by what it shares (`model.PROJECTS`)."""


def completed_on(projects: gpd.GeoDataFrame) -> pd.Series:
    """Return the day on which each project is done; unknown where none is on record.

    That of use, else of acceptance; of one that shares its works that of their completion: once
    they are closed nobody digs again.
    """
    works = projects["main_completed_on"].where(projects["shares"].notna())
    day = works.where(works.notna(), projects["main_in_use_on"])
    return day.where(day.notna(), projects["acceptance_on"])


def share_works(
    offers: CandidateSet, city: City, years: Collection[int], pinned: Mapping[str, int]
) -> CandidateSet:
    """Return candidates that do not pay what a project of others does in a year of the plan.

    Of several projects over a candidate the last to be done counts, in whose year it is built. One
    that is pinned to another year by hand pays all.

    Parameters
    ----------
    offers, city
        Candidates, and the city with its register of projects.
    years, pinned
        Of the plan: its years, and those of cameras that are pinned by hand.
    """
    projects = city.projects[city.projects.geometry.notna() & ~city.projects.geometry.is_empty]
    if not projects["shares"].notna().any():
        return offers
    day = completed_on(projects).astype("str").str[:10]
    year = pd.to_numeric(day.str[:4], errors="coerce").fillna(0).to_numpy(np.int64)
    tree = shapely.STRtree(projects.geometry.to_numpy())
    row, project = tree.query(offers.table.geometry.to_numpy(), predicate="intersects")
    last = np.zeros(len(offers.table), np.int64)
    np.maximum.at(last, row, year[project])
    by_hand = [pinned.get(label) for label in camera_ids(offers.table)]
    fits = (year[project] == last[row]) & np.isin(last[row], list(years))
    fits &= projects["shares"].notna().to_numpy(bool)[project]
    items = list(offers.table["items"])
    paid: dict[str, tuple[Paid, ...]] = {}
    # Who lays a supply for less than a box costs shares no trench.
    dear_box = offers.prices.cost_yuan(((BOX, 1),)) > offers.prices.cost_yuan(((TRENCH, 1),))
    for k, one in zip(row[fits].tolist(), project[fits].tolist(), strict=True):
        if by_hand[k] not in (None, int(last[k])):
            continue
        shared = SHARES[projects["shares"].iloc[one]] & {item for item, _ in items[k]}
        if dear_box:
            shared -= {TRENCH}
        if not shared:
            continue
        name = projects["name"].iloc[one]
        label = str(projects.index[one]) if not isinstance(name, str) else name
        items[k] = _without(items[k], shared)
        own = tuple(Paid(item, label, day.iloc[one]) for item in sorted(shared))
        paid[str(offers.table.index[k])] = paid.get(str(offers.table.index[k]), ()) + own
    if not paid:
        return offers
    cost = [float(offers.prices.cost_yuan(own)) for own in items]
    table = offers.table.assign(cost_yuan=cost, items=pd.Series(items, offers.table.index))
    return replace(offers, table=table, paid=paid)


def _without(items: Items, shared: frozenset[str]) -> Items:
    """Return items without what is shared; beside an open trench power comes from a box."""
    kept = tuple((item, count) for item, count in items if item not in shared)
    box = ((BOX, 1),) if TRENCH in shared else ()
    return kept + box
