"""A table is checked against its declaration, and every fault is named at once."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from pandas.testing import assert_frame_equal
from pyproj import CRS
from shapely import LineString, MultiLineString, MultiPoint, Point

from civicsight.core.column import Column, flag, identifier, must, number, text, thing
from civicsight.core.errors import CrsError, SchemaError, Text
from civicsight.core.table import Table, require_metric
from civicsight.model.inputs import CITY_TABLES
from civicsight.model.plan_tables import PROGRESS

METRIC = CRS.from_epsg(32635)
LAMPS = Table(
    "lamps",
    identifier("lamp_id"),
    "Point",
    (
        must("height_m", "m", "Height of the lamp", 0, 50),
        number("azimuth_deg", "deg", "Direction of the arm", -360, 360),
        text("kind", "Kind of lamp", ("led", "gas")),
        flag("lit", "Whether it is lit"),
        thing("tags", "What the source said"),
        Column("bulbs", "int", Text("How many bulbs"), nullable=False),
    ),
)


def lamps(**changes):
    """Return two good lamps, with columns replaced."""
    columns = {
        "height_m": [4.0, 6.0],
        "azimuth_deg": [0.0, np.nan],
        "kind": ["led", None],
        "lit": [True, False],
        "tags": [{"a": "b"}, {}],
        "bulbs": [1, 2],
    } | changes
    geometry = columns.pop("geometry", [Point(0, 0), Point(1, 1)])
    index = columns.pop("index", ["a", "b"])
    crs = columns.pop("crs", METRIC)
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=crs, index=index)


def faults_of(frame):
    with pytest.raises(SchemaError) as caught:
        LAMPS.check(frame)
    return [(fault.code, fault.where, fault.field) for fault in caught.value.faults]


def test_a_good_table_passes():
    LAMPS.check(lamps())


def test_a_table_iterates_over_its_columns():
    assert [column.name for column in LAMPS] == [
        "height_m", "azimuth_deg", "kind", "lit", "tags", "bulbs",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("height_m", [-0.1, 4.0]),
        ("height_m", [50.1, 4.0]),
        ("height_m", [np.nan, 4.0]),
        ("height_m", [np.inf, 4.0]),
        ("height_m", ["tall", 4.0]),
        ("azimuth_deg", [361.0, 0.0]),
        ("kind", ["oil", "led"]),
        ("lit", [None, True]),
        ("bulbs", [None, 1]),
    ],
)
def test_a_bad_value_is_named_with_its_row(field, values):
    assert faults_of(lamps(**{field: values})) == [("table.bad_value", "a", field)]


def test_the_message_says_what_was_found_and_expected():
    with pytest.raises(SchemaError, match=r"lamps, a, height_m: expected a number from 0 to 50 m"):
        LAMPS.check(lamps(height_m=[77.0, 1.0]))
    with pytest.raises(
        SchemaError, match=r"expected one of led, gas, found \"'oil'\"\. Kind of lamp"
    ):
        LAMPS.check(lamps(kind=["oil", "led"]))


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (-np.inf, np.inf, "a finite number"),
        (1, np.inf, "a finite number of at least 1 m"),
        (0, 50, "a number from 0 to 50 m"),
    ],
)
def test_bounds_that_are_none_are_not_told(low, high, expected):
    made = Table(
        "lamps", identifier("lamp_id"), "Point", (must("height_m", "m", "Height", low, high),)
    )
    with pytest.raises(SchemaError) as caught:
        made.check(lamps(height_m=[-np.inf, 5.0]))
    (fault,) = caught.value.faults
    assert str(fault.expected) == expected
    assert fault.found == "-inf"


def test_a_bad_point_is_told_by_its_coordinates_and_a_bad_line_by_its_kind():
    for shape, found in [
        (Point(np.nan, 1), "POINT (NaN 1)"),
        (LineString([(0, 0), (1, 1)]), "LineString"),
    ]:
        with pytest.raises(SchemaError) as caught:
            LAMPS.check(lamps(geometry=[shape, Point(1, 1)]))
        assert caught.value.faults[0].found == found


def test_all_faults_are_listed_at_once():
    frame = lamps(height_m=[-1.0, 99.0], kind=["oil", "led"], geometry=[Point(0, 0), None])
    assert faults_of(frame) == [
        ("table.bad_value", "a", "height_m"),
        ("table.bad_value", "b", "height_m"),
        ("table.bad_value", "a", "kind"),
        ("table.bad_geometry", "b", "geometry"),
    ]


def test_a_required_column_must_be_there_and_another_need_not():
    frame = lamps().drop(columns=["height_m", "kind"])
    assert faults_of(frame) == [("table.missing_column", "", "height_m")]


def test_an_id_stands_once():
    frame = lamps(index=["a", "a"])
    assert faults_of(frame) == [("table.repeated_id", "a", "lamp_id")]


@pytest.mark.parametrize(
    "geometry", [None, Point(), Point(np.nan, 1), Point(np.inf, 1), LineString([(0, 0), (1, 1)])]
)
def test_a_geometry_is_of_its_kind_and_finite(geometry):
    frame = lamps(geometry=[geometry, Point(1, 1)])
    assert faults_of(frame) == [("table.bad_geometry", "a", "geometry")]


def test_a_multi_geometry_is_of_its_kind_but_one_thing_is_at_one_point():
    ways = Table("ways", identifier("way_id"), "LineString", ())
    line = MultiLineString([[(0, 0), (1, 1)], [(2, 2), (3, 3)]])
    ways.check(gpd.GeoDataFrame(geometry=[line], crs=METRIC, index=["a"]))
    frame = lamps(geometry=[MultiPoint([(0, 0), (1, 1)]), Point(1, 1)])
    assert faults_of(frame) == [("table.bad_geometry", "a", "geometry")]


def test_a_table_of_any_shape_takes_all_of_them():
    any_shape = Table("things", identifier("thing_id"), "Any", ())
    line = LineString([(0, 0), (1, 1)])
    any_shape.check(gpd.GeoDataFrame(geometry=[Point(0, 0), line], crs=METRIC, index=["a", "b"]))


def test_a_table_without_a_place_needs_no_crs():
    prices = Table("prices", identifier("price_id"), "", (must("cost", "", "Cost", 0),))
    prices.check(pd.DataFrame({"cost": [1.0]}, index=["a"]))


@pytest.mark.parametrize(
    ("crs", "message"),
    [
        (None, "lamps has no CRS; expected a projected CRS in metres"),
        (4326, "lamps is in 'WGS 84'; expected a projected CRS in metres"),
        (2263, r"lamps is in 'NAD83 / New York Long Island \(ftUS\)'"),
    ],
)
def test_only_a_metric_crs_will_do(crs, message):
    with pytest.raises(CrsError, match=message):
        LAMPS.check(lamps(crs=crs))


def test_the_metric_crs_is_handed_back():
    assert require_metric(lamps(), "lamps") == METRIC


def test_completing_adds_what_is_missing_and_keeps_what_is_more():
    frame = lamps()[["height_m", "geometry"]].assign(colour=["red", "blue"])
    before = frame.copy()
    full = LAMPS.complete(frame)
    LAMPS.check(full)
    assert list(full.columns) == [
        "height_m", "azimuth_deg", "kind", "lit", "tags", "bulbs", "colour", "geometry",
    ]  # fmt: skip
    assert full["azimuth_deg"].isna().all()
    assert full["kind"].tolist() == [None, None]
    assert full["lit"].tolist() == [False, False]
    assert full["bulbs"].tolist() == [0, 0]
    assert full.index.name == "lamp_id"
    assert full.crs == METRIC
    pd.testing.assert_frame_equal(frame, before)


def test_completing_gives_each_column_its_dtype():
    frame = lamps(height_m=[4, 6], kind=["led", np.nan], lit=[1, 0], index=[10, 11])
    full = LAMPS.complete(frame)
    dtypes = full.dtypes.astype(str).to_dict()
    assert dtypes["height_m"] == dtypes["azimuth_deg"] == "float64"
    assert dtypes["kind"] == dtypes["tags"] == "object"
    assert dtypes["lit"] == "bool"
    assert dtypes["bulbs"] == "int64"
    assert full["kind"].tolist() == ["led", None]
    assert full.index.tolist() == ["10", "11"]


def test_completing_leaves_an_unknown_flag_for_the_check_to_find():
    assert faults_of(LAMPS.complete(lamps(lit=[None, True]))) == [("table.bad_value", "a", "lit")]


def test_an_empty_table_is_a_good_one():
    empty = LAMPS.empty(METRIC)
    LAMPS.check(empty)
    assert empty.crs == METRIC
    assert empty.empty
    placeless = Table("prices", identifier("price_id"), "", (must("cost", "", "Cost", 0),)).empty()
    assert list(placeless.columns) == ["cost"]
    assert placeless.index.name == "price_id"


def test_completing_an_empty_table_keeps_it_good():
    LAMPS.check(LAMPS.complete(LAMPS.empty(METRIC)))


def test_who_changes_an_empty_table_changes_no_other():
    first = LAMPS.empty(METRIC)
    first["more"] = 1.0
    first.index.name = "other"
    assert_geodataframe_equal(LAMPS.empty(METRIC), LAMPS.complete(lamps().iloc[:0]))
    assert list(LAMPS.empty(METRIC).columns) == list(LAMPS.complete(lamps()).columns)
    assert LAMPS.empty(METRIC).index.name == LAMPS.index
    assert LAMPS.empty(3857).crs != LAMPS.empty(METRIC).crs


@pytest.mark.parametrize("table", [*CITY_TABLES, PROGRESS], ids=lambda table: table.name)
def test_no_rows_are_completed_as_the_first_rows_of_many_are(table):
    """Types are those of a table with rows, whatever those of what came in."""
    plain = {column.name: np.zeros(0, np.uint8) for column in table}
    came = gpd.GeoDataFrame(plain, geometry=gpd.GeoSeries([], crs=METRIC))
    one = gpd.GeoDataFrame(geometry=gpd.GeoSeries([Point(0, 1)], ["a"], crs=METRIC))
    asked, known = (frame if table.shape else pd.DataFrame(frame) for frame in (came, one))
    assert_frame_equal(table.complete(asked), table.complete(known).iloc[:0])


def test_completing_takes_a_shape_out_of_a_collection_of_one():
    frame = LAMPS.complete(lamps(geometry=[MultiPoint([(0, 1)]), Point(1, 1)]))
    assert frame.geometry.tolist() == [Point(0, 1), Point(1, 1)]
    assert frame.crs == METRIC
