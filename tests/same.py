"""Whether two results are equal to the bit: every table, every cell, every point."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

TABLES = (
    *("cameras", "heads", "zones", "parts", "samples", "part_status", "gaps", "duplicates"),
    *("overlaps", "left_out", "missing", "withheld"),
)


def plain(value: Any) -> Any:
    """Return a cell as text that differs where any bit of it does."""
    if isinstance(value, float | np.floating):
        return "nan" if np.isnan(value) else float(value).hex()
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(one) for one in value]
    return value.item() if isinstance(value, np.generic) else value


def assert_same_table(one: pd.DataFrame, two: pd.DataFrame, name: str) -> None:
    assert list(one.columns) == list(two.columns), name
    assert list(one.index) == list(two.index), name
    for column in one.columns:
        if isinstance(one, gpd.GeoDataFrame) and column == one.geometry.name:
            pairs = (shapely.to_wkb(frame.geometry.to_numpy()).tolist() for frame in (one, two))
        else:
            pairs = ([plain(value) for value in frame[column]] for frame in (one, two))
        for label, left, right in zip(one.index, *pairs, strict=True):
            assert left == right, f"{name}, {label}, {column}: {left!r} and {right!r}"


def assert_same_check(one: Any, two: Any) -> None:
    for name in TABLES:
        assert_same_table(getattr(one, name), getattr(two, name), name)
    assert one.barred == two.barred
    for reading, matrix in one.matrices.items():
        assert (matrix.q != two.matrices[reading].q).nnz == 0
    assert one.summary == two.summary
    if one.raster is not None:
        for left, right in zip(one.raster.to_dense(), two.raster.to_dense(), strict=True):
            assert np.array_equal(left, right)
