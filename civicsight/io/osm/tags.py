"""Questions to tags: which rows carry a key, with which value.

Short names in a module of their own, because rules read as ``tags.has(rows, "bridge")``.
"""

from __future__ import annotations

from collections.abc import Collection

import geopandas as gpd
import numpy as np
import pandas as pd

from civicsight.core.arrays import BoolArray

NO = frozenset({"no", "none", "false", "0"})
"""Values that say that something is not there."""


def value(frame: pd.DataFrame, key: str) -> pd.Series:
    """Return the value of a key in each row, None where it is absent."""
    return pd.Series([tags.get(key) for tags in frame["tags"]], index=frame.index, dtype=object)


def columns(frame: pd.DataFrame, keys: Collection[str]) -> pd.DataFrame:
    """Return the values of several keys as columns of text, None where absent."""
    return pd.DataFrame({key: value(frame, key) for key in keys}, index=frame.index, dtype=object)


def has(frame: pd.DataFrame, key: str) -> BoolArray:
    """Tell which rows carry a key whose value is not a word for "no"."""
    return np.fromiter((tags.get(key, "no") not in NO for tags in frame["tags"]), bool, len(frame))


def among(frame: pd.DataFrame, key: str, values: Collection[str]) -> BoolArray:
    """Tell which rows carry one of the values under a key."""
    return np.fromiter((tags.get(key) in values for tags in frame["tags"]), bool, len(frame))


def element(frame: gpd.GeoDataFrame, kind: str) -> BoolArray:
    """Tell which rows are nodes, ways or relations."""
    return np.fromiter(
        (str(label).startswith(kind + "/") for label in frame.index), bool, len(frame)
    )
