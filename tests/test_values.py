"""Days and flags in whatever type a cell holds them: one value in a table, or a named fault."""

from __future__ import annotations

import datetime as dt
import inspect

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point

from civicsight import schema
from civicsight.city import load_city, save_city
from civicsight.errors import SchemaError
from civicsight.schema import CITY_TABLES
from civicsight.table import Table
from civicsight.values import as_day
from tests.test_check import CAMS, town

METRIC = 4547
DAY = "2026-03-01"
DAYS = {
    "text": DAY,
    "blanks": f" {DAY} ",
    "midnight": f"{DAY}T00:00:00",
    "midnight_utc": f"{DAY}T00:00:00Z",
    "date": dt.date(2026, 3, 1),
    "datetime": dt.datetime(2026, 3, 1),  # noqa: DTZ001 - as a file may hold it
    "timestamp": pd.Timestamp(DAY),
    "timestamp_utc": pd.Timestamp(DAY, tz="UTC"),
    "numpy": np.datetime64(DAY),
}
NO_DAYS = (
    "soon",
    "20260301",
    "2026-W09-7",
    "2026-02-30",
    f"{DAY}T08:30:00",
    pd.Timestamp(f"{DAY} 08:30"),
    20260301,
    True,
)
MISSING = (None, np.nan, pd.NA, pd.NaT, np.datetime64("NaT"))

TABLES = [value for _, value in inspect.getmembers(schema) if isinstance(value, Table)]
DATED = [table for table in TABLES if any(column.kind == "date" for column in table)]
DATED_OF_CITIES = [t for t in CITY_TABLES if any(column.kind == "date" for column in t)]


def columns_of(table, *kinds):
    return [column.name for column in table if column.kind in kinds]


def rows_of(table, count):
    """Return a table with the values that it must have, on points of a metric system."""
    made = {}
    for column in table:
        if column.kind == "float" and not column.nullable:
            made[column.name] = [max(column.low, 0.0)] * count
        elif column.required:
            made[column.name] = [(column.choices or ("x",))[0]] * count
    shapes = {"Point": Point(0, 0), "LineString": Point(0, 0).buffer(1).exterior}
    shape = shapes.get(table.shape, Point(0, 0).buffer(1))
    index = [f"{table.name}{n}" for n in range(count)]
    if not table.shape:
        return pd.DataFrame(made, index=index)
    return gpd.GeoDataFrame(made, index=index, geometry=[shape] * count, crs=METRIC)


@pytest.mark.parametrize("value", DAYS.values(), ids=DAYS)
def test_a_day_is_one_text_whichever_type_holds_it(value):
    assert as_day(value) == DAY


@pytest.mark.parametrize("value", NO_DAYS, ids=repr)
def test_what_is_no_day_stays_and_is_named(value):
    assert as_day(value) is value
    table = schema.SIGNS
    frame = rows_of(table, 1).assign(surveyed_on=pd.Series([value], ["signs0"], dtype=object))
    with pytest.raises(SchemaError, match="a date such as 2026-03-01"):
        table.check(table.complete(frame))


@pytest.mark.parametrize("table", DATED, ids=lambda table: table.name)
def test_days_of_every_table_are_text_or_nothing(table):
    values = [*DAYS.values(), *MISSING]
    frame = rows_of(table, len(values))
    days = columns_of(table, "date")
    for name in days:
        frame[name] = pd.Series(values, index=frame.index, dtype=object)
    done = table.complete(frame)
    table.check(done)
    for name in days:
        assert done[name].dtype == object
        assert list(done[name]) == [DAY] * len(DAYS) + [None] * len(MISSING)
    stamped = table.complete(frame.assign(**{days[0]: pd.Timestamp(DAY)}))
    assert set(stamped[days[0]]) == {DAY}


@pytest.mark.parametrize("values", [[], [*DAYS.values(), None]], ids=["empty", "filled"])
def test_a_city_comes_back_with_the_same_days_of_the_same_dtype(tmp_path, values):
    city = town(CAMS)
    changed = {}
    for table in DATED_OF_CITIES:
        frame = rows_of(table, len(values)).to_crs(city.crs)
        for name in columns_of(table, "date"):
            frame[name] = pd.Series(values, index=frame.index, dtype=object)
        changed[table.name] = table.complete(frame)
    fields = {name: getattr(city, name) for name in city.__dataclass_fields__}
    back = load_city(save_city(type(city)(**fields | changed), tmp_path / "city.gpkg"))
    for table in DATED_OF_CITIES:
        for name in columns_of(table, "date"):
            found = getattr(back, table.name)[name]
            pd.testing.assert_series_equal(found, changed[table.name][name])
            assert list(found) == [value and DAY for value in values]
