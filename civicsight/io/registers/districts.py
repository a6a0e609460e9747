"""In which district something lies."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from civicsight.core.errors import CrsError

LEVELS = ("street", "county", "city", "province", "other")
"""From the finest level to the coarsest; a point belongs to the finest that holds it."""


def district_of(points: gpd.GeoDataFrame, districts: gpd.GeoDataFrame) -> pd.Series:
    """Return the id of the district in which each row lies; None where it lies in none.

    Parameters
    ----------
    points
        Any table with a place; of a line or an area an inner point counts.
    districts
        Table `schema.DISTRICTS` in the same CRS.

    Returns
    -------
    Series
        ``district_id`` by the index of `points`. Of nested districts the finest counts; a point on
        a shared border counts once, in the district whose code is lower, so that the sum over the
        districts is the whole.

    Raises
    ------
    CrsError
        If the tables are in different CRSs.
    """
    if points.crs != districts.crs:
        msg = f"points are in {points.crs}, districts in {districts.crs}: convert with to_crs()"
        raise CrsError(msg)
    found = np.full(len(points), None, object)
    placed = np.flatnonzero(points.geometry.notna().to_numpy())
    if districts.empty or not len(placed):
        return pd.Series(found, index=points.index, dtype=object, name=districts.index.name)
    inner = points.geometry.to_numpy()[placed]
    spots = gpd.GeoSeries(inner, crs=points.crs).representative_point()
    order = districts.assign(
        rank=[LEVELS.index(level) if level in LEVELS else len(LEVELS) for level in districts.level]
    ).sort_values(["rank", "code"], kind="stable")
    row, area = order.sindex.query(spots.to_numpy(), predicate="intersects")
    first = pd.Series(area).groupby(row).min()
    found[placed[first.index.to_numpy()]] = order.index.to_numpy()[first.to_numpy()]
    return pd.Series(found, index=points.index, dtype=object, name=districts.index.name)
