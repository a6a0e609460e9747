"""The tables of a project are declared once, and a city holds good ones only."""

from __future__ import annotations

import dataclasses
from collections import Counter

import geopandas as gpd
import pytest
from pyproj import CRS
from shapely import Point, box

from civicsight.core.errors import CrsError, SchemaError
from civicsight.model import CAMERAS, PLACES, PROJECTS, TABLES, City, empty_tables

METRIC = CRS.from_epsg(32635)
UNITS = {"_m": "m", "_deg": "deg", "_px": "px", "_px_m": "px/m"}


def layers(crs=METRIC):
    return {
        entry.name: entry.metadata["table"].empty(crs)
        for entry in dataclasses.fields(City)
        if "table" in entry.metadata
    }


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_declaration_is_whole(table):
    names = Counter(column.name for column in table)
    assert max(names.values()) == 1
    assert "geometry" not in names
    for column in table:
        assert str(column.meaning)
        assert column.low <= column.high
        assert not column.choices or column.kind == "text"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_name_that_ends_in_a_unit_is_in_that_unit(table):
    for column in table:
        if column.kind == "float":
            endings = [end for end in UNITS if column.name.endswith(end)]
            longest = max(endings, key=len, default=None)
            assert column.unit == UNITS.get(longest, column.unit), column.name


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_an_empty_table_of_each_kind_is_good(table):
    table.check(table.empty(METRIC))


def test_names_and_ids_of_tables_differ():
    assert len({table.name for table in TABLES}) == len(TABLES)
    # A measure is what is done with one camera, and carries its id.
    assert len({table.index for table in TABLES}) == len(TABLES) - 1


def test_a_city_may_be_empty():
    city = City("Nowhere", METRIC, box(0, 0, 1, 1), **layers())
    assert city.cameras.empty
    assert city.terrain is None


def test_a_city_refuses_a_bad_table():
    camera = gpd.GeoDataFrame({"height_m": [-3.0]}, geometry=[Point(0, 0)], crs=METRIC, index=["a"])
    bad = layers() | {"cameras": CAMERAS.complete(camera)}
    with pytest.raises(SchemaError, match="cameras, a, height_m"):
        City("Nowhere", METRIC, box(0, 0, 1, 1), **bad)


def test_a_city_refuses_a_table_in_another_crs():
    other = layers() | {"roads": layers(CRS.from_epsg(32636))["roads"]}
    with pytest.raises(CrsError, match=r"roads is in 'WGS 84 / UTM zone 36N', the city in .*35N"):
        City("Nowhere", METRIC, box(0, 0, 1, 1), **other)


@pytest.mark.parametrize("value", ["perhaps", "unknown", 2, -1.0, ["yes"]])
def test_a_flag_that_is_no_truth_value_is_refused(value):
    """What says neither yes nor no must not count as a camera that works."""
    table = CAMERAS.complete(
        gpd.GeoDataFrame({"usable": [value]}, index=["C1"], geometry=[Point(0, 0)], crs=4548)
    )
    with pytest.raises(SchemaError, match="true, false or unknown"):
        CAMERAS.check(table)


@pytest.mark.parametrize("bad", ["2026-3-1", "2026-02-30", "20260301", 7])
def test_a_date_is_a_day_of_the_calendar_as_iso_text(bad):
    frame = gpd.GeoDataFrame(
        {"main_in_use_on": ["2026-03-01", None, bad]},
        geometry=[Point(0, 0)] * 3,
        crs=METRIC,
        index=["a", "b", "c"],
    )
    with pytest.raises(SchemaError, match=r"projects, c, main_in_use_on") as caught:
        PROJECTS.check(PROJECTS.complete(frame))
    assert len(caught.value.faults) == 1


def test_what_is_written_into_an_empty_table_stays_there():
    """They are made once: a copy must not lead back to them."""
    crs = CRS.from_epsg(4548)
    first = empty_tables(crs)["places"]
    first.loc["a", "name"] = "School"
    first["more"] = 1.0
    second = empty_tables(crs)["places"]
    assert len(second) == 0
    assert list(second.columns) == [column.name for column in PLACES.columns] + ["geometry"]
