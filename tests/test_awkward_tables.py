"""Inventories as they come: made ones with a trap in each file, and real ones from three cities."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import CRS

from civicsight.core.errors import InputError
from civicsight.io.source_options import ColumnMapping, Declared
from civicsight.io.tables.inventory import read_cameras
from civicsight.io.tables.source import read_sheet
from civicsight.model import CAMERAS

SAME_TEXT = {
    "cameras_zh_utf8bom.csv": "UTF-8 BOM",
    "cameras_zh_gbk.csv": "GB18030",
    "cameras_zh_gb18030_tab.txt": "GB18030",
    "cameras_zh_utf16.csv": "UTF-16 LE",
    "cameras_zh_title_rows.xlsx": "",
}
ALL_SIX = (*SAME_TEXT, "cameras_zh_dms.csv")

SEONGNAM = Declared(
    encoding="cp949", mapping=ColumnMapping({"lat": "위도", "lon": "경도", "count": "카메라대수"})
)
ZAGREB = Declared(
    encoding="cp1250",
    mapping=ColumnMapping({"lat": "column 4", "lon": "column 5", "name": "Lokacija"}),
)
ROTTERDAM = Declared(
    mapping=ColumnMapping(
        words={
            "kind": {
                "fixed": ("Traffic Enforcement Camera", "Doorbell Camera"),
                "unknown": (
                    "C-Mount Camera",
                    'No clue, it\'s a "Unidentified Hanging Object"',
                    "It's a camera, but I don't know what kind.",
                ),
            }
        }
    )
)


@pytest.fixture(scope="module")
def made(test_data):
    return test_data("awkward_made")


def cell(value):
    """Return a text as it compares: workbooks write 0 where a text has 0.0."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


@pytest.mark.parametrize("name", SAME_TEXT)
def test_five_encodings_hold_the_same_sixty_rows(made, name):
    first, sheet = (read_sheet(made / file) for file in ("cameras_zh_utf8bom.csv", name))
    assert len(sheet.rows) == 60
    assert sheet.encoding == SAME_TEXT[name]
    rows = [[{k: cell(v) for k, v in row.items()} for row in s.rows] for s in (first, sheet)]
    assert rows[0] == rows[1]


@pytest.mark.parametrize("name", ALL_SIX)
def test_the_rows_with_a_trap_are_reported_and_the_others_identical(made, name):
    """Rows 3 to 8, counted from 0: null, swapped, missing, two alike, and an id twice."""
    with pytest.raises(InputError) as caught:
        read_cameras(made / name)
    first_row = 4 if name.endswith("xlsx") else 2
    faults = {(f.code, int(f.where.removeprefix("row ")) - first_row) for f in caught.value.faults}
    repeated = {("table.repeated_id", 8)}
    dms = name == "cameras_zh_dms.csv"
    traps = {("place.null", 3), ("place.swapped", 4), ("place.number", 5)}
    assert faults == (repeated if dms else repeated | traps)
    (twice,) = [f for f in caught.value.faults if f.code == "table.repeated_id"]
    assert str(6 + first_row) in str(twice.expected)

    table, report = read_cameras(made / name, keep_good=True)
    CAMERAS.check(table)
    assert (report.read, report.kept) == (60, 59 if dms else 56)
    assert sum(one.count for one in report.notes if one.kind == "camera.same_digits") == (
        0 if dms else 2
    )
    base, _ = read_cameras(made / "cameras_zh_gbk.csv", keep_good=True, crs=table.crs)
    common = [label for label in base.index if not (dms and label == "SZ0007")]
    columns = [column.name for column in CAMERAS if column.name not in {"source", "tags"}]
    if dms:
        # Seconds with two decimals are 0.3 m; directions follow the place by some seconds of arc.
        columns.remove("azimuth_deg")
        assert base.loc[common].distance(table.loc[common]).max() < 0.6
    else:
        assert base.loc[common].geometry.equals(table.loc[common].geometry)
    assert base.loc[common, columns].equals(table.loc[common, columns])
    np.testing.assert_allclose(
        base.loc[common, "azimuth_deg"], table.loc[common, "azimuth_deg"], atol=1e-4
    )


def test_what_stands_in_the_cells_is_understood(made):
    table, report = read_cameras(made / "cameras_zh_gbk.csv", keep_good=True)
    sheet = read_sheet(made / "cameras_zh_gbk.csv")
    words = {row["点位编号"]: row for row in reversed(sheet.rows)}
    heights = {"约5m": 5, "6米": 6, "3.5": 3.5, "4": 4}
    degrees = {"朝南": 180, "北偏东30°": 30, "270度": 270, "东北": 45, "45": 45, "北": 0}
    for label, row in table.iterrows():
        wanted = heights.get(words[label]["安装高度(米)"], np.nan)
        assert row.height_m == pytest.approx(wanted, nan_ok=True)
        said = words[label]["方位角"]
        if said in degrees:
            # Suzhou lies within 0.35 degrees of convergence of its central meridian.
            off = (row.azimuth_deg - degrees[said] + 180) % 360 - 180
            assert 0 < abs(off) < 0.35
        if said in {None, "全向"}:
            assert np.isnan(row.azimuth_deg)
    everywhere = [f for f in report.repaired if f.found == "全向"]
    assert len(everywhere) == 8
    assert sum(f.found == "约5m" for f in report.repaired) == 12
    assert table.loc["SZ0000", "tags"]["安装高度(米)"] == "约5m"


def test_the_north_can_be_declared(made):
    path = made / "cameras_zh_gbk.csv"
    true, said = read_cameras(path, keep_good=True)
    grid, unturned = read_cameras(path, keep_good=True, declared=Declared(north="grid"))
    assert grid.loc["SZ0001", "azimuth_deg"] == 0
    assert true.loc["SZ0001", "azimuth_deg"] != 0
    assert any("true north" in str(note) for note in said.notes)
    assert any("from grid north" in str(note) for note in unturned.notes)


def test_hostile_text_is_text(made):
    path = made / "cameras_hostile_strings.csv"
    table, _ = read_cameras(path, keep_good=True)
    assert table.loc["SZ0000", "name"] == '=HYPERLINK("http://x","点我")'
    assert table.loc["SZ0001", "name"] == "<script>alert(1)</script>"
    assert table.loc["SZ0002", "name"] == '"; DROP TABLE cameras;--'
    names = [row["点位名称"] for row in read_sheet(path).rows]
    assert "../../etc/passwd" in names
    assert len(names[4]) == 5_000


@pytest.mark.parametrize(
    ("name", "code"), [("empty.csv", "file.empty"), ("header_only.csv", "csv.empty")]
)
def test_nothing_is_no_success(made, name, code):
    with pytest.raises(InputError) as caught:
        read_cameras(made / name)
    assert [fault.code for fault in caught.value.faults] == [code]


def test_an_owner_is_read_through_words_of_ones_own(made):
    mapping = ColumnMapping(
        {"owner": "所属单位"}, {"owner": {"government": ("教育局", "城管", "交警")}}
    )
    table, _ = read_cameras(
        made / "cameras_zh_gbk.csv", keep_good=True, declared=Declared(mapping=mapping)
    )
    assert set(table["owner"]) == {"government", "non_government"}


def test_seongnam_has_3642_cameras_on_1564_poles(test_data):
    """With pivot tables pasted beside and below it, the same."""
    folder = test_data("cameras_seongnam")
    table, report = read_cameras(folder / "cctv.csv", declared=SEONGNAM)
    assert (len(table), table["pole_id"].nunique()) == (3_642, 1_564)
    assert (report.encoding, report.count("poles")) == ("CP949", 1_564)
    assert table["azimuth_deg"].isna().all()
    assert table.index[:3].tolist() == ["1#1", "1#2", "1#3"]
    assert table.crs == CRS.from_epsg(32652)

    beside, more = read_cameras(folder / "cctv1.csv", declared=SEONGNAM, keep_good=True)
    assert (len(beside), beside["pole_id"].nunique()) == (3_642, 1_564)
    assert beside.geometry.geom_equals_exact(table.geometry, 1e-6, align=False).all()
    assert any("column 14" in str(note) for note in more.notes)


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("cameras_seongnam", "cctv.csv"),
        ("cameras_zagreb", "zagreb-surveillance-cameras-original.csv"),
    ],
)
def test_their_encodings_are_asked_for(test_data, folder, name):
    with pytest.raises(InputError) as caught:
        read_cameras(test_data(folder) / name)
    assert [fault.code for fault in caught.value.faults] == ["csv.encoding"]


def test_zagreb_leaves_its_coordinates_without_a_name(test_data):
    """Latitude comes first: without names nobody can know, so it is asked for by position."""
    path = test_data("cameras_zagreb") / "zagreb-surveillance-cameras-original.csv"
    with pytest.raises(InputError) as caught:
        read_cameras(path, declared=Declared(encoding="cp1250"))
    (fault,) = caught.value.faults
    assert fault.code == "table.missing_column"
    assert "column 4, column 5" in fault.found
    table, report = read_cameras(path, declared=ZAGREB)
    assert (len(table), report.rejected) == (137, ())
    lonlat = table.to_crs(4326).geometry
    assert lonlat.x.between(15.8, 16.2).all()
    assert lonlat.y.between(45.7, 45.9).all()
    assert table["name"].iloc[0] == "Martićeva - Šubićeva"


def test_rotterdam_names_its_builds_in_free_words(test_data):
    path = test_data("cameras_rotterdam") / "cameras-new.geojson"
    with pytest.raises(InputError) as caught:
        read_cameras(path)
    unknown = {fault.found for fault in caught.value.faults}
    assert {fault.code for fault in caught.value.faults} == {"cell.value"}
    assert unknown == {
        "Doorbell Camera",
        "C-Mount Camera",
        "Traffic Enforcement Camera",
        'No clue, it\'s a "Unidentified Hanging Object"',
        "It's a camera, but I don't know what kind.",
    }
    table, _ = read_cameras(path, declared=ROTTERDAM)
    assert len(table) == 187
    kinds = table["kind"].value_counts().to_dict()
    assert kinds == {
        "fixed": 49 + 16 + 21 + 1, "dome": 52, "ptz": 9, "panorama": 7, "unknown": 12 + 12 + 8,
    }  # fmt: skip
    assert (table["setting"] == "indoor").sum() == 6
    assert sum(tags["signage_visible"] == "Yes" for tags in table["tags"]) == 29


def test_a_workbook_under_another_name_is_known_by_its_content(test_data):
    """It counts cameras by town and has no places: refused, with the cells that are merged."""
    with pytest.raises(InputError) as caught:
        read_sheet(test_data("awkward_real") / "xlsx_named_csv" / "cctv.csv")
    assert {fault.code for fault in caught.value.faults} == {"workbook.merged_header"}
    assert all("!" in fault.field for fault in caught.value.faults)


def test_real_pairs_of_places_agree(test_data):
    """The map vendor's own pairs: its shifted coordinates, declared, fall on its WGS 84 ones."""
    path = test_data("awkward_real") / "bd09_poi_pairs" / "POI_example2.csv"
    everywhere = shapely.box(-4e6, 1e6, 5e6, 6e6)
    options = {"crs": CRS.from_epsg(4509), "near": everywhere}
    shifted, _ = read_cameras(
        path,
        **options,
        declared=Declared(datum="bd09", mapping=ColumnMapping({"lon": "lng", "status": ""})),
    )
    mapping = ColumnMapping({"lon": "lng_wgs84", "lat": "lat_wgs84", "status": ""})
    plain, _ = read_cameras(path, **options, declared=Declared(mapping=mapping))
    assert len(plain) == 7
    assert shifted.distance(plain).max() < 2
