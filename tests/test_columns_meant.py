"""Which column a remedy names: the one that is meant by name, kind and unit, or none."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import civicsight as cs
from civicsight.core.column import Column, column_faults, meant_by
from civicsight.core.errors import SchemaError
from civicsight.model import BUILDINGS, CAMERAS, HEADS, OBSTACLES
from tests.kernel_parts import CRS

TABLES = (CAMERAS, BUILDINGS, HEADS, OBSTACLES)
CASES = [pytest.param(t, c, id=f"{t.name}-{c.name}") for t in TABLES for c in t]
OF_A_KIND = [(t, c) for t in TABLES for c in t if c.kind != "object"]
"""A value that only Python can hold may be of any kind."""


def value_of(column: Column) -> object:
    """Return a value that a column allows."""
    if column.kind in ("float", "int"):
        low = column.low if np.isfinite(column.low) else -1_000.0
        high = column.high if np.isfinite(column.high) else low + 1_000.0
        return 0.5 * (low + high) if column.kind == "float" else int(low)
    if column.kind == "text":
        return column.choices[0] if column.choices else "some words"
    return {"bool": True, "maybe": False, "date": "2026-03-01", "object": {}}[column.kind]


def frame_of(table, without):
    """Lay out two rows of all other columns of a table."""
    return pd.DataFrame({c.name: [value_of(c)] * 2 for c in table if c.name != without.name})


def remedy_of(table, column, frame):
    must = Column(**{name: getattr(column, name) for name in Column.__slots__} | {"required": True})
    (fault,) = column_faults(table.name, must, frame, {c.name for c in table})
    return str(fault.remedy)


def other_kinds(column):
    """Return values that cannot be those of a column, by what they are."""
    values = {
        "flags": [True, False],
        "words": ["twelve", "unknown to every list"],
        "numbers": [1e9 + 0.5, -1e9 - 0.5],
        "nothing": [None, None],
    }
    fits = {"bool": "flags", "maybe": "flags", "object": None}.get(column.kind)
    if column.kind in ("float", "int") and np.isinf([column.low, column.high]).any():
        fits = "numbers"
    if column.kind == "text" and not column.choices:
        fits = "words"
    return {name: some for name, some in values.items() if name != fits}


@pytest.mark.parametrize(("table", "column"), CASES)
def test_no_declared_column_is_taken_for_another(table, column):
    """Not `height_assumed` for `height_m`, nor `vfov_deg` for `hfov_deg`."""
    assert not remedy_of(table, column, frame_of(table, column)).startswith("Rename")


@pytest.mark.parametrize(("table", "column"), OF_A_KIND)
def test_a_column_of_another_kind_is_not_meant_however_it_is_called(table, column):
    for what, values in other_kinds(column).items():
        frame = frame_of(table, column).assign(
            **{f"{column.name}s": pd.Series(values, dtype=object)}
        )
        assert not remedy_of(table, column, frame).startswith("Rename"), what


@pytest.mark.parametrize(("table", "column"), CASES)
def test_a_column_of_its_kind_under_a_name_alike_is_meant(table, column):
    alike = column.name[:-1] if column.name.endswith("s") else f"{column.name}_"
    frame = frame_of(table, column).assign(**{alike: [value_of(column)] * 2})
    assert remedy_of(table, column, frame) == f"Rename {alike} to {column.name}."


@pytest.mark.parametrize("name", ["height_ft", "height_cm", "HEIGHT_FT"])
def test_a_column_in_another_unit_is_not_meant(name):
    (height,) = (column for column in BUILDINGS if column.name == "height_m")
    assert meant_by(height, pd.DataFrame({name: [30.0]}), ()) is None
    assert meant_by(height, pd.DataFrame({"height": [30.0]}), ()) == "height"


def test_a_building_without_a_height_is_not_told_to_take_whether_it_is_assumed():
    table = gpd.GeoDataFrame(
        {"height_assumed": [True]}, geometry=[shapely.box(0, 0, 9, 9)], crs=CRS
    )
    with pytest.raises(SchemaError) as caught:
        cs.build_scene(table)
    (fault,) = caught.value.faults
    assert str(fault.remedy) == "Top above the ground at the foot"
    assert "Rename" not in str(caught.value)
    with pytest.raises(SchemaError, match="Rename height to height_m"):
        cs.build_scene(table.assign(height=[9.0]))
