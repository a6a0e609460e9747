"""Counts of places and parts, for the head of every report."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd


def count_zones(zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """Count the zones of each class by standing: rows ``pack, item``, one column a standing."""
    counts = pd.crosstab([zones["pack"], zones["item"]], zones["standing"])
    columns = ["designated", "confirmed", "candidate"]
    return counts.reindex(columns=columns, fill_value=0).rename_axis(columns=None).astype("int64")


def count_parts(parts: gpd.GeoDataFrame) -> pd.DataFrame:
    """Count the parts of each class and kind, mapped, confirmed and inferred."""
    state = np.where(
        parts["confirmed"], "confirmed", np.where(parts["inferred"], "inferred", "mapped")
    )
    counts = pd.crosstab([parts["pack"], parts["item"], parts["kind"]], state)
    counts = counts.reindex(columns=["mapped", "confirmed", "inferred"], fill_value=0)
    return counts.rename_axis(columns=None).astype("int64")
