"""Days and flags in whatever type a cell holds them: one value in a table, or a named fault."""

from __future__ import annotations

import datetime as dt
import inspect
from decimal import Decimal

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point

from civicsight import model
from civicsight.core.errors import SchemaError
from civicsight.core.table import Table
from civicsight.core.values import as_day, as_flag
from civicsight.io import save_city
from civicsight.io.project_file import load_city
from civicsight.model import CITY_TABLES
from civicsight.planning.judging.secrecy import is_secret, secret_items, without_hidden
from civicsight.rules import load_packs
from tests.drawn import every_other
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

TABLES = [value for _, value in inspect.getmembers(model) if isinstance(value, Table)]
DATED = [table for table in TABLES if any(column.kind == "date" for column in table)]
DATED_OF_CITIES = [t for t in CITY_TABLES if any(column.kind == "date" for column in t)]


def columns_of(table, *kinds):
    return [column.name for column in table if column.kind in kinds]


def rows_of(table, count):
    """Return a table with the values that it must have, on points of a metric system."""
    made = {}
    for column in table:
        if column.kind == "float" and column.required:
            made[column.name] = [max(column.low, 0.0)] * count
        elif column.required:
            made[column.name] = [(column.choices or ("x",))[0]] * count
    shapes = {"Point": Point(0, 0), "LineString": LineString([(0, 0), (1, 1)])}
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
    table = model.SIGNS
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


YES = {
    "true": True,
    "numpy": np.True_,
    "int": 1,
    "float": 1.0,
    "int8": np.int8(1),
    "float32": np.float32(1),
    "decimal": Decimal(1),
    "bytes": b"1",
    "text": "true",
    "title": "True",
    "upper": "TRUE",
    "yes": " yes ",
    "one": "1",
    "one_float": "1.0",
    "wide": "\uff11",
    "chinese": "\u662f",
}
NO = {
    "false": False,
    "numpy": np.False_,
    "int": 0,
    "float": 0.0,
    "int8": np.int8(0),
    "decimal": Decimal(0),
    "bytes": b"0",
    "text": "false",
    "title": "False",
    "zero": "0",
    "chinese": "\u5426",
}
SILENT = (None, np.nan, pd.NA, pd.NaT, "", "  ")
NEITHER = ("perhaps", "unknown", 2, -1, 0.5, Decimal("0.1"), b"?", "yes and no", (True,))
DTYPES = {
    "bool": bool,
    "nullable": "boolean",
    "int8": "int8",
    "nullable_int": "Int64",
    "float": float,
    "category": "category",
    "object": object,
}
FLAGGED = [table for table in TABLES if any(c.kind in ("maybe", "bool") for c in table)]


@pytest.mark.parametrize("value", YES.values(), ids=YES)
def test_yes_is_true_whichever_type_says_it(value):
    assert as_flag(value) is True


@pytest.mark.parametrize("value", NO.values(), ids=NO)
def test_no_is_false_whichever_type_says_it(value):
    assert as_flag(value) is False


def test_what_says_nothing_is_unknown_and_what_says_neither_stays():
    assert [as_flag(value) for value in SILENT] == [None] * len(SILENT)
    assert all(as_flag(value) is value for value in NEITHER)


@pytest.mark.parametrize("table", FLAGGED, ids=lambda table: table.name)
def test_flags_of_every_table_are_truth_values(table):
    """Mixed in one column of objects; only a column that may be unknown keeps None."""
    values = [*YES.values(), *NO.values()]
    expected: list = [True] * len(YES) + [False] * len(NO)
    more = rows_of(table, len(values) + len(SILENT))
    frame = more.iloc[: len(values)].copy()
    for name in columns_of(table, "maybe", "bool"):
        frame[name] = pd.Series(values, index=frame.index, dtype=object)
        more[name] = pd.Series([*values, *SILENT], index=more.index, dtype=object)
    done = table.complete(frame)
    table.check(done)
    for name in columns_of(table, "bool"):
        assert done[name].dtype == bool
        assert list(done[name]) == expected
    for name in columns_of(table, "maybe"):
        found = table.complete(more)[name]
        assert found.dtype == object
        assert list(found) == [*expected, *[None] * len(SILENT)]
        assert set(map(type, found)) == {bool, type(None)}


@pytest.mark.parametrize("value", NEITHER, ids=repr)
@pytest.mark.parametrize("table", FLAGGED, ids=lambda table: table.name)
def test_what_says_neither_is_named_in_every_table(table, value):
    for name in columns_of(table, "maybe", "bool"):
        frame = rows_of(table, 1)
        frame[name] = pd.Series([value], index=frame.index, dtype=object)
        with pytest.raises(SchemaError, match=name):
            table.check(table.complete(frame))


@pytest.mark.parametrize("dtype", every_other(DTYPES.values(), 0), ids=DTYPES)
def test_flags_come_back_from_every_dtype(tmp_path, dtype):
    """A truth value of numpy, saved and opened, is what it was; so it is beside a cell of none."""
    city = town(CAMS)
    values = pd.Series([True, False], dtype=object).astype(dtype)
    frame = rows_of(model.CAMERAS, 2).to_crs(city.crs)
    for name in columns_of(model.CAMERAS, "maybe"):
        frame[name] = values.to_numpy() if dtype is object else values.set_axis(frame.index)
    cameras = model.CAMERAS.complete(frame)
    fields = {name: getattr(city, name) for name in city.__dataclass_fields__}
    path = save_city(type(city)(**fields | {"cameras": cameras}), tmp_path / "city.gpkg")
    again = load_city(path).cameras
    for name in columns_of(model.CAMERAS, "maybe"):
        assert list(cameras[name]) == [True, False]
        pd.testing.assert_series_equal(again[name], cameras[name])


@pytest.mark.parametrize("value", [*YES.values(), *NEITHER], ids=repr)
def test_a_camera_of_which_anything_but_no_is_said_is_hidden(value):
    """Also in a table that nobody completed, as one that was put together by hand."""
    frame = pd.DataFrame({"secrecy": pd.Series([value, False, None], dtype=object)})
    assert list(is_secret(frame)) == [True, False, False]


@pytest.mark.parametrize("value", [*NO.values(), *SILENT], ids=repr)
def test_a_camera_of_which_no_or_nothing_is_said_is_not_hidden(value):
    frame = pd.DataFrame({"secrecy": pd.Series([value, True], dtype=object)})
    assert list(is_secret(frame)) == [False, True]
    assert not is_secret(frame.drop(columns="secrecy")).any()


@pytest.mark.parametrize("dtype", DTYPES.values(), ids=DTYPES)
def test_a_column_of_any_dtype_hides_what_it_says(dtype):
    frame = pd.DataFrame({"secrecy": pd.Series([True, False], dtype=object).astype(dtype)})
    assert list(is_secret(frame)) == [True, False]


def test_a_hidden_camera_of_numpy_is_not_published():
    cameras = CAMS.copy()
    cameras["secrecy"] = pd.Series(None, index=cameras.index, dtype=object)
    cameras.at["south", "secrecy"] = np.True_  # noqa: PD008 - loc would make it one of Python
    city, rules = town(cameras), load_packs()
    assert type(city.cameras.at["south", "secrecy"]) is np.bool_  # noqa: PD008
    assert secret_items(city, rules) == ["south"]
    assert "south" not in without_hidden(city, rules).cameras.index
    assert "away" in without_hidden(city, rules).cameras.index
