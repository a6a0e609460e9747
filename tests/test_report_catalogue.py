"""Catalogues that are written: what comes back is what went in, and what is missing is marked."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from shapely.geometry import Point

from civicsight.core.errors import InputError
from civicsight.io.catalogue.fields import FIELDS
from civicsight.io.catalogue.mapping import values_of
from civicsight.io.catalogue.reader import read_catalogue
from civicsight.model import CAMERAS
from civicsight.report.catalogue import write_catalogue
from tests.catalogue_made import (
    CLASS_1,
    INFO_1,
    INNER_SECRETS,
    SECRETS,
    SYSTEM,
    answer,
    camera,
    item,
)
from tests.drawn import LONGER

METRIC = CRS.from_epsg(4548)
FIRST = "36010300001320000001"


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "source.xml"
    text = answer([camera(1), camera(2, PTZType="5", ContactInfo=None, DirectionType=None)])
    path.write_bytes(text.encode("gb18030"))
    return path


def read(path):
    return read_catalogue(path, crs=METRIC)[0]


def fields_of(path):
    """Return the fields of each item by a reader that is not the product's."""
    root = ET.fromstring(path.read_bytes().decode("gb18030").split("?>", 1)[1])  # noqa: S314 - ours
    out = {}
    for entry in root.iter("Item"):
        values = {
            e.tag: (e.text or "").strip() for e in entry.iter() if e.tag not in ("Item", "Info")
        }
        out[values["DeviceID"]] = values
    return out


class TestRoundTrip:
    def test_table_and_fields_come_back_as_they_were(self, source, tmp_path):
        before = read(source)
        export = write_catalogue(before, tmp_path / "out.xml")
        after = read(export.path)
        pd.testing.assert_frame_equal(
            pd.DataFrame(before.drop(columns=["source", "geometry"])),
            pd.DataFrame(after.drop(columns=["source", "geometry"])),
        )
        assert (before.geometry.distance(after.geometry) == 0).all()
        kept = {field.name for field in FIELDS}
        for device, values in fields_of(source).items():
            other = fields_of(export.path)[device]
            assert {n: t for n, t in values.items() if n in kept} == {
                n: t for n, t in other.items() if n in kept and t
            }
        assert fields_of(export.path)[FIRST]["Name"] == CLASS_1["Name"]

    def test_a_catalogue_that_was_written_is_written_the_same(self, source, tmp_path):
        one = write_catalogue(read(source), tmp_path / "one.xml").path
        two = write_catalogue(read(one), tmp_path / "two.xml").path
        assert one.read_bytes() == two.read_bytes()

    @pytest.mark.parametrize("encoding", ["GB18030", "GBK", "GB2312", "UTF-8"])
    def test_every_encoding_carries_every_character(self, source, tmp_path, encoding):
        table = read(source)
        table["name"] = "㐂𠮷 <&> 门"
        path = write_catalogue(table, tmp_path / "out.xml", encoding=encoding).path
        assert set(read(path)["name"]) == {"㐂𠮷 <&> 门"}

    names = st.text(max_size=20).map(str.strip)
    records = st.fixed_dictionaries(
        {},
        optional={
            "Name": names,
            "Block": names,
            "PTZType": st.sampled_from([*"1234567", "1/4"]),
            "PhotoelectricImagingType": st.sampled_from([*"123459", "1/2"]),
            "RoomType": st.sampled_from("12"),
            "SupplyLightType": st.sampled_from("12349"),
            "DirectionType": st.sampled_from("12345678"),
            "Resolution": st.sampled_from(["6", "6/4", "3840x2160"]),
            "HorizontalFieldAngle": st.floats(0.1, 179).map(lambda v: f"{v:.3f}"),
            "MaxViewDistance": st.integers(1, 9999).map(str),
            "Status": st.sampled_from(["ON", "OFF", "VLOST"]),
            "PointType": st.sampled_from("1239"),
            "RecordSaveDays": st.integers(0, 999).map(str),
            "Parental": st.just("0"),
        },
    )

    @pytest.mark.slow
    @settings(max_examples=12 * LONGER)  # each is read and written twice
    @given(st.lists(records, min_size=1, max_size=4), st.booleans())
    def test_any_record(self, tmp_path_factory, records, edition):
        folder = tmp_path_factory.mktemp("x")
        inner = set(INFO_1)
        items = []
        for number, record in enumerate(records):
            outer = {**{n: CLASS_1[n] for n in ("Longitude", "Latitude")},
                     "DeviceID": f"3601030000131{number:07d}"}  # fmt: skip
            legal = {n: "".join(c for c in t if c.isprintable()).strip() for n, t in record.items()}
            outer |= {n: t for n, t in legal.items() if n not in inner and t}
            info = {n: t for n, t in legal.items() if n in inner and t}
            items.append(item(outer, info if edition or info else None))
        path = folder / "in.xml"
        path.write_bytes(answer(items).encode("gb18030", "xmlcharrefreplace"))
        before = read(path)
        one = write_catalogue(before, folder / "one.xml").path
        after = read(one)
        assert [values_of(t) for t in before["tags"]] == [values_of(t) for t in after["tags"]]
        columns = ["name", "kind", "setting", "hfov_deg", "width_px", "reach_m", "night_reach_m",
                   "usable"]  # fmt: skip
        pd.testing.assert_frame_equal(
            pd.DataFrame(before[columns]), pd.DataFrame(after[columns]), check_dtype=False
        )
        two = write_catalogue(after, folder / "two.xml").path
        assert one.read_bytes() == two.read_bytes()


class TestWhatChanged:
    def test_what_the_table_says_now_wins(self, source, tmp_path):
        table = read(source)
        table.loc[FIRST, "kind"] = "ptz"
        table.loc[FIRST, "name"] = "新名称"
        table.loc[FIRST, "hfov_deg"] = 60.0
        table.loc[FIRST, "width_px"] = 2560.0
        table.loc[FIRST, "height_px"] = 1440.0
        table.loc[FIRST, "usable"] = False
        table.loc[FIRST, "setting"] = "unknown"
        table.loc[FIRST, "night_reach_m"] = 30.0
        table.loc[FIRST, "azimuth_deg"] = 180.0
        values = fields_of(write_catalogue(table, tmp_path / "out.xml").path)[FIRST]
        expected = {"PTZType": "1", "Name": "新名称", "HorizontalFieldAngle": "60",
                    "Resolution": "2560x1440", "Status": "OFF", "DirectionType": "3",
                    "VerticalFieldAngle": INFO_1["VerticalFieldAngle"]}  # fmt: skip
        assert {name: values[name] for name in expected} == expected
        assert "RoomType" not in values
        assert "SupplyLightType" not in values

    def test_a_camera_that_moved_is_written_where_it_is(self, source, tmp_path):
        table = read(source)
        table.loc[FIRST, "geometry"] = Point(
            table.geometry.loc[FIRST].x + 100, table.geometry.loc[FIRST].y
        )
        path = write_catalogue(table, tmp_path / "out.xml").path
        assert float(fields_of(path)[FIRST]["Longitude"]) == pytest.approx(
            115.89921 + 0.001024, abs=2e-6
        )
        assert read(path).geometry.loc[FIRST].distance(table.geometry.loc[FIRST]) < 0.002

    def test_an_azimuth_in_the_sector_leaves_it(self, source, tmp_path):
        table = read(source)
        table.loc[FIRST, "azimuth_deg"] = 60.0
        path = write_catalogue(table, tmp_path / "out.xml").path
        assert fields_of(path)[FIRST]["DirectionType"] == "6"

    def test_only_what_stands_is_listed(self, source, tmp_path):
        table = read(source)
        table.loc[FIRST, "status"] = "planned"
        export = write_catalogue(table, tmp_path / "out.xml")
        assert (export.written, export.not_existing) == (1, 1)


class TestMissing:
    def test_places_for_the_clerk(self, source, tmp_path):
        export = write_catalogue(read(source), tmp_path / "out.xml")
        text = export.path.read_text("gb18030")
        assert "<Address><!-- civicsight present=1: 由备案经办人填写 --></Address>" in text
        assert "<ContactInfo><!-- civicsight present=1: 由备案经办人填写 --></ContactInfo>" in text
        assert "<ContactInfo><!-- civicsight present=0: 由备案经办人填写 --></ContactInfo>" in text
        assert [(f.field, f.where) for f in export.to_fill] == [
            ("ContactInfo", "36010300001320000002")
        ]
        assert not [w for w in [*SECRETS.values(), *INNER_SECRETS.values()] if w in text]

    def test_a_camera_from_elsewhere(self, tmp_path):
        frame = gpd.GeoDataFrame(
            {"name": ["x 10.1.1.1"], "kind": ["dome"], "status": ["existing"]},
            index=pd.Index([FIRST]), geometry=[Point(490_000, 3_174_000)], crs=METRIC,
        )  # fmt: skip
        export = write_catalogue(CAMERAS.complete(frame), tmp_path / "o.xml", system=SYSTEM)
        values = fields_of(export.path)[FIRST]
        assert (values["PTZType"], values["Name"]) == ("2", "x ***")
        assert (values["RegisterWay"], values["Secrecy"]) == ("", ""), "marks, and no values"
        missing = {fault.field for fault in export.to_fill}
        assert missing == {"Manufacturer", "Model", "CivilCode", "Address", "Parental", "ParentID",
                           "Status", "RegisterWay", "Secrecy", "GrassrootsCode",
                           "PointType"}  # fmt: skip

    def test_what_the_source_says_of_secrecy_is_written(self, source, tmp_path):
        """A camera that is said to be no secret is written so; one of which nobody says is not."""
        table = read(source).copy()
        table["tags"] = [{} for _ in table.index]
        table["secrecy"] = pd.Series([False, None], table.index, dtype=object)
        export = write_catalogue(table, tmp_path / "o.xml", system=SYSTEM)
        said = [fields_of(export.path)[label]["Secrecy"] for label in table.index]
        assert said == ["0", ""]

    def test_a_camera_marked_as_secret_in_another_source_is_not_written(self, source, tmp_path):
        table = read(source).copy()
        table["secrecy"] = table["secrecy"].astype(object)
        table.loc[table.index[0], "secrecy"] = True
        with pytest.raises(InputError) as caught:
            write_catalogue(table, tmp_path / "a.xml")
        assert [fault.code for fault in caught.value.faults] == ["catalogue.secret"]
        assert not (tmp_path / "a.xml").exists()

    def test_without_an_id_or_a_system_nothing_is_written(self, source, tmp_path):
        table = read(source).rename(index={FIRST: "camera 1"})
        with pytest.raises(InputError, match=r"catalogue\.id"):
            write_catalogue(table, tmp_path / "out.xml")
        assert not (tmp_path / "out.xml").exists()
        export = write_catalogue(table, tmp_path / "out.xml", keep_good=True)
        assert (export.written, len(export.left_out)) == (1, 1)
        table["tags"] = None
        with pytest.raises(InputError, match=r"catalogue\.system"):
            write_catalogue(table, tmp_path / "out.xml")
        with pytest.raises(InputError, match=r"catalogue\.system"):
            write_catalogue(table, tmp_path / "out.xml", system="7")

    def test_the_id_may_stand_in_a_column_of_its_own(self, source, tmp_path):
        table = read(source).rename(index={FIRST: "camera 1"})
        table["tags"] = [{**tags, "国标编码": FIRST} for tags in table["tags"]]
        export = write_catalogue(table, tmp_path / "out.xml")
        assert (export.written, export.left_out) == (2, ())
        assert FIRST in fields_of(export.path)

    def test_what_is_asked_for_names_the_option_and_the_column(self, source, tmp_path):
        table = read(source).rename(index={FIRST: "camera 1"})
        with pytest.raises(InputError, match="in a column gb_id"):
            write_catalogue(table, tmp_path / "out.xml")
        with pytest.raises(InputError, match="--system: an id of 20 digits"):
            write_catalogue(table.assign(tags=None), tmp_path / "out.xml")
