"""Catalogues of GB/T 28181: what is read, what is refused, and what never leaves the parser."""

from __future__ import annotations

import pytest
from pyproj import CRS, Transformer

from civicsight.core.errors import InputError
from civicsight.io.catalogue.fields import PREFIX
from civicsight.io.catalogue.mapping import columns_of, values_of
from civicsight.io.catalogue.reader import read_catalogue
from civicsight.io.report import describe_fault
from civicsight.io.source_options import Declared
from civicsight.model import CAMERAS
from tests.catalogue_made import CLASS_1, INFO_1, SYSTEM, answer, camera, item

METRIC = CRS.from_epsg(4548)


def written(folder, text, encoding="gb18030", name="catalogue.xml"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def read(folder, text, encoding="gb18030", **options):
    return read_catalogue(written(folder, text, encoding), crs=METRIC, **options)


def refusal(folder, text, encoding="gb18030", **options):
    with pytest.raises(InputError) as caught:
        read(folder, text, encoding, **options)
    return caught.value.faults


def codes(faults):
    return [fault.code for fault in faults]


class TestRecord:
    def test_a_camera_of_the_edition_of_2022(self, tmp_path):
        table, report = read(tmp_path, answer([camera()]))
        CAMERAS.check(table)
        row = table.loc["36010300001320000001"]
        assert (row["name"], row["kind"], row["setting"]) == ("八一广场东门", "fixed", "outdoor")
        assert (row["hfov_deg"], row["vfov_deg"], row["reach_m"]) == (86.5, 47.0, 80.0)
        assert (row["width_px"], row["height_px"], row["night_reach_m"]) == (1920, 1080, 0.0)
        assert (row["usable"], row["owner"], row["status"]) == (True, "unknown", "existing")
        x, y = Transformer.from_crs(4326, METRIC, always_xy=True).transform(115.89921, 28.67433)
        assert (row.geometry.x, row.geometry.y) == pytest.approx((x, y), abs=1e-6)
        assert (report.read, report.kept, report.rejected) == (1, 1, ())
        assert report.incomplete == ()
        assert report.encoding == "GB2312"

    def test_every_whitelisted_field_is_kept_as_it_stands(self, tmp_path):
        table, _ = read(tmp_path, answer([camera()]))
        held = values_of(table["tags"].iloc[0])
        own = {"Address": "present", "ContactInfo": "present", "System": SYSTEM}
        assert held == {**CLASS_1, **INFO_1, **own}

    def test_a_direction_is_a_sector_and_no_azimuth(self, tmp_path):
        table, report = read(tmp_path, answer([camera()]))
        assert table["azimuth_deg"].isna().all()
        assert table["tags"].iloc[0]["direction_sector_deg"] == "45"
        assert report.count("direction.sector") == 1

    @pytest.mark.parametrize(
        ("code", "kind"),
        [("1", "ptz"), ("2", "dome"), ("3", "fixed"), ("4", "ptz"), ("5", "ptz"),
         ("6", "panorama"), ("7", "fixed"), ("1/4", "ptz"), ("1/3", None), ("", None)],
    )  # fmt: skip
    def test_builds(self, code, kind):
        assert columns_of({"PTZType": code})["kind"] == kind

    @pytest.mark.parametrize(("code", "kind"), [("2", "thermal"), ("1", "dome"), ("1/2", "dome")])
    def test_a_picture_of_heat_alone_makes_a_thermal_camera(self, code, kind):
        assert columns_of({"PTZType": "2", "PhotoelectricImagingType": code})["kind"] == kind

    @pytest.mark.parametrize(
        ("text", "size"),
        [("5", (1280, 720)), ("3840x2160", (3840, 2160)), ("6/4", (None, None)),
         ("6/1920x1080", (None, None))],
    )  # fmt: skip
    def test_only_a_single_resolution_is_the_recorded_one(self, text, size):
        columns = columns_of({"Resolution": text})
        assert (columns["width_px"], columns["height_px"]) == size

    def test_nothing_is_taken_for_granted_where_nothing_is_said(self):
        assert set(columns_of({}).values()) == {None}

    def test_a_platform_that_keeps_to_a_vendor_s_datum(self, tmp_path):
        true, _ = read(tmp_path, answer([camera()]))
        moved, report = read(tmp_path, answer([camera()]), declared=Declared(datum="gcj02"))
        assert 300 < true.geometry.iloc[0].distance(moved.geometry.iloc[0]) < 700
        assert any("GCJ" in str(note) for note in report.notes)

    def test_zero_says_nothing(self, tmp_path):
        text = answer([camera(DirectionType="0", HorizontalFieldAngle="0.0", RoomType="0")])
        table, report = read(tmp_path, text)
        assert table["hfov_deg"].isna().all()
        assert report.rejected == ()
        assert f"{PREFIX}DirectionType" not in table["tags"].iloc[0]

    def test_an_old_record_needs_less(self, tmp_path):
        inner = {"PTZType": "1", "PositionType": "8", "UseType": "1", "DirectionType": "1",
                 "BusinessGroupID": "36010300002150000001", "Resolution": "6/5/4"}  # fmt: skip
        outer = {name: CLASS_1[name] for name in CLASS_1
                 if name not in {"BusinessGroupID", "SecurityLevelCode"}}  # fmt: skip
        table, report = read(tmp_path, answer([item({**outer, "Address": "x"}, inner)]))
        assert report.incomplete == ()
        tags = table["tags"].iloc[0]
        assert tags["gb28181-2016:PositionType"] == "8"
        assert tags["gb28181:BusinessGroupID"] == "36010300002150000001"

    def test_a_place_of_worship_is_not_told_from_others(self, tmp_path):
        one, _ = read(tmp_path, answer([camera(_PositionType="7")]))
        other, _ = read(tmp_path, answer([camera()]))
        assert one["tags"].iloc[0] == other["tags"].iloc[0]


class TestItems:
    def test_regions_groups_organisations_and_devices_are_no_cameras(self, tmp_path):
        others = [
            item({"DeviceID": "360103", "Name": "西湖区"}),
            item({"DeviceID": "36010300002150000001", "Name": "g"}),
            item({"DeviceID": "36010300002160000001", "Name": "o", "ParentID": "1"}),
            item({"DeviceID": "36010300002000000001", "Name": "p"}),
            item({"DeviceID": "36010300001180000001", "Name": "nvr"}),
        ]
        table, report = read(tmp_path, answer([*others, camera()]))
        assert len(table) == 1
        kinds = ("region", "group", "organisation", "platform", "device")
        assert [report.count(f"items.{kind}") for kind in kinds] == [1] * 5

    def test_secret_and_mobile_cameras_are_left_out_without_a_trace(self, tmp_path):
        text = answer(
            [camera(1), camera(2, Secrecy="1", Name="HIDDEN"), camera(3, _MobileDeviceType="4")]
        )
        table, report = read(tmp_path, text)
        assert list(table.index) == ["36010300001320000001"]
        assert (report.count("excluded.secret"), report.count("excluded.mobile")) == (1, 1)
        assert "HIDDEN" not in repr(report)
        assert "36010300001320000002" not in repr(report)

    def test_an_entry_that_stands_twice_alike_counts_once(self, tmp_path):
        table, report = read(tmp_path, answer([camera(1), camera(1), camera(2)]))
        assert len(table) == 2
        assert report.count("excluded.twice") == 1

    def test_entries_that_contradict_each_other_are_both_named(self, tmp_path):
        faults = refusal(tmp_path, answer([camera(1), camera(1, Name="x"), camera(2)]))
        assert codes(faults) == ["catalogue.repeated_id"] * 2
        assert "item 2" in str(faults[0].expected)
        assert faults[1].where.startswith("item 2")

    def test_several_answers_in_one_file_and_several_files(self, tmp_path):
        folder = tmp_path / "answers"
        folder.mkdir()
        one = answer([camera(1)], total=3) + answer([camera(2)], total=3, declaration=False)
        two = answer([camera(3)], encoding="UTF-8")
        written(folder, one, name="a.xml")
        written(folder, two, "utf-8", name="b.xml")
        (folder / "note.txt").write_text("not a catalogue")
        table, report = read_catalogue(folder, crs=METRIC, keep_good=True)
        assert len(table) == 3
        assert report.encoding == "GB2312, UTF-8" or "UTF-8" in report.encoding
        assert set(table["name"]) == {"八一广场东门"}
        # Two of three in file a: the third came in a file of its own and claims a total of 1.
        assert codes(report.rejected) == ["catalogue.sum"]

    def test_other_messages_are_passed_over(self, tmp_path):
        other = "<Response><CmdType>DeviceInfo</CmdType><DeviceID>1</DeviceID></Response>\n"
        _, report = read(tmp_path, answer([camera()]) + other)
        assert report.count("messages.other") == 1


class TestFaults:
    @pytest.mark.parametrize(
        "device",
        ["3601030000132000001", "360103000013200000011", "99010300001320000001",
         "3601030000132000000A", "３６０１０３００００１３２０００００１", "36000300001320000001",
         "12345"],
    )  # fmt: skip
    def test_ids_that_are_none(self, tmp_path, device):
        (fault,) = refusal(tmp_path, answer([camera(1), camera(2, DeviceID=device)]))
        assert (fault.code, fault.field) == ("catalogue.id", "DeviceID")
        assert fault.where.startswith("item 2, line ")

    @pytest.mark.parametrize(
        ("name", "value"),
        [("HorizontalFieldAngle", "725"), ("MaxViewDistance", "-1"), ("PTZType", "12"),
         ("RoomType", "inside"), ("DirectionType", "9"), ("Longitude", "nan"),
         ("Latitude", "1e1"), ("Secrecy", "yes")],
    )  # fmt: skip
    def test_values_that_decide_where_it_looks_reject_it(self, tmp_path, name, value):
        faults = refusal(tmp_path, answer([camera(1), camera(2, **{name: value})]))
        assert [(fault.code, fault.field, fault.found) for fault in faults] == [
            ("catalogue.value", name, value)
        ]
        table, report = read(
            tmp_path, answer([camera(1), camera(2, **{name: value})]), keep_good=True
        )
        assert (len(table), len(report.rejected)) == (1, 1)

    @pytest.mark.parametrize("name", ["CivilCode", "InstallTime", "ParentID", "RecordSaveDays"])
    def test_other_values_are_kept_and_reported(self, tmp_path, name):
        table, report = read(tmp_path, answer([camera(**{name: "99x"})]))
        assert [(fault.code, fault.field) for fault in report.incomplete] == [
            ("catalogue.value", name)
        ]
        assert table["tags"].iloc[0][PREFIX + name] == "99x"

    @pytest.mark.parametrize("name", ["InstallTime", "ContactInfo", "RecordSaveDays"])
    @pytest.mark.parametrize(("point", "count"), [("1", 1), ("2", 0), ("3", 0), ("9", 0)])
    def test_points_of_the_first_class_need_more(self, tmp_path, name, point, count):
        _, report = read(tmp_path, answer([camera(**{name: None}, PointType=point)]))
        assert [fault.field for fault in report.incomplete] == [name] * count

    @pytest.mark.parametrize("name", ["Name", "Model", "Address", "CivilCode", "GrassrootsCode"])
    def test_all_need_the_common_fields(self, tmp_path, name):
        _, report = read(tmp_path, answer([camera(**{name: None})]))
        assert [(fault.code, fault.field) for fault in report.incomplete] == [
            ("catalogue.mandatory", name)
        ]

    def test_without_a_place_a_camera_cannot_be_read(self, tmp_path):
        text = answer([camera(1), camera(2, Longitude=None), camera(3, Latitude="", PointType="3")])
        faults = refusal(tmp_path, text)
        assert {fault.where.split(",")[0] for fault in faults} == {"item 2", "item 3"}

    def test_null_island_is_no_place(self, tmp_path):
        faults = refusal(tmp_path, answer([camera(1), camera(2, Longitude="0", Latitude="0.0")]))
        assert codes(faults) == ["place.null"]

    def test_a_field_twice(self, tmp_path):
        text = answer([camera().replace("</Name>", "</Name><Name>x</Name>")])
        assert codes(refusal(tmp_path, text)) == ["catalogue.repeated_field"]

    def test_numbers_of_items_that_do_not_add_up(self, tmp_path):
        faults = refusal(tmp_path, answer([camera()], num=2))
        assert [(fault.code, fault.field, fault.found) for fault in faults] == [
            ("catalogue.sum", "Num", "1")
        ]
        faults = refusal(tmp_path, answer([camera()], total=5))
        assert [(fault.field, fault.found) for fault in faults] == [("SumNum", "1")]

    def test_an_answer_without_cameras_is_no_success(self, tmp_path):
        assert codes(refusal(tmp_path, answer([]))) == ["catalogue.empty"]

    def test_faults_read_in_both_languages(self, tmp_path):
        (fault,) = refusal(tmp_path, answer([camera(1), camera(2, DeviceID="12345")]))
        assert "第 2 项" in describe_fault(fault, "zh_CN")
        assert "item 2 (line" in describe_fault(fault, "en")
