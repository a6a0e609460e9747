"""Rows of which nothing says that they are cameras are asked about, and never taken."""

from __future__ import annotations

import csv
import json

import pytest

from civicsight.cli.entry import BAD_INPUT, OK, run
from civicsight.core.errors import InputError
from civicsight.io.reader_registry import TABLE_READERS, guess_kind
from civicsight.io.registers.templates import SOURCE_SCHEMAS, write_templates
from civicsight.io.source_options import ColumnMapping, Declared
from civicsight.io.tables.inventory import read_cameras
from tests.city_made import write


def lamps(folder, name="lamps", **fields):
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [115.9 + n / 1e4, 28.68]},
            "properties": {"id": f"L{n:03d}", "heading": 0, **fields},
        }
        for n in range(41)
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    return write(folder / f"{name}.geojson", text)


def lamp_table(folder, header="id,lon,lat,heading", row="L{n},{lon},28.68,0"):
    rows = "".join(row.format(n=n, lon=115.9 + n / 1e4) + "\n" for n in range(41))
    return write(folder / "lamps.csv", f"{header}\n{rows}")


@pytest.mark.parametrize("make", [lamps, lamp_table])
def test_41_street_lamps_with_a_heading_of_0_are_asked_about(make, tmp_path, capsys):
    path = make(tmp_path)
    with pytest.raises(InputError, match="--as cameras"):
        guess_kind(path)
    words = ["import", str(path), "--dry-run", "--lang", "en"]
    assert run(words) == BAD_INPUT
    assert "--as cameras" in capsys.readouterr().err
    assert run([*words, "--as", "cameras"]) == BAD_INPUT
    assert "all 41 are 0" in " ".join(capsys.readouterr().err.split())
    mapping = write(tmp_path / "map.yaml", "columns: {azimuth_deg: ''}\n")
    assert run([*words, "--as", "cameras", "--mapping", str(mapping)]) == OK


LAMPS = [
    *("street lamp", "Street_Light", "highway=street_lamp", "路灯", "가로등", "Straßenlaterne"),
    *("lampadaire", "farola", "lampione", "фонарь"),
]


@pytest.mark.parametrize("kind", LAMPS)
def test_rows_that_call_themselves_another_thing_are_refused_by_name(kind, tmp_path):
    path = write(
        tmp_path / "a.csv",
        f"id,lon,lat,asset\nC1,115.9,28.68,CCTV\nL1,115.91,28.68,{kind}\nC2,115.92,28.68,\n",
    )
    with pytest.raises(InputError) as caught:
        read_cameras(path)
    (fault,) = caught.value.faults
    assert (fault.code, fault.where, fault.field) == ("camera.other", "row 3", "asset")
    kept, _ = read_cameras(path, keep_good=True)
    assert list(kept.index) == ["C1", "C2"]
    said = path.read_text().replace("lat,asset", "lat,asset,type").replace(kind, f"{kind},unknown")
    lines = [line + "," * (4 - line.count(",")) for line in said.splitlines()]
    mended = write(tmp_path / "b.csv", "\n".join(lines) + "\n")
    assert len(read_cameras(mended)[0]) == 3


def test_a_mapping_that_calls_the_word_a_camera_is_believed(tmp_path):
    path = write(tmp_path / "a.csv", "id,lon,lat,asset\nL1,115.9,28.68,street lamp\n")
    told = ColumnMapping({"kind": "asset"}, {"kind": {"fixed": ("street lamp",)}})
    assert len(read_cameras(path, declared=Declared(mapping=told))[0]) == 1


@pytest.mark.parametrize("name", ["路灯", "Street lamp 12", "Lamp L-07", "红绿灯"])
def test_a_row_that_is_only_named_for_a_lamp_is_refused(name, tmp_path):
    path = write(tmp_path / "a.csv", f"id,name,lon,lat\nL1,{name},115.9,28.68\n")
    with pytest.raises(InputError):
        read_cameras(path)


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("id,name,lon,lat", "1,路灯旁,115.9,28.68"),
        ("id,name,lon,lat", "1,Lamp at the gate,115.9,28.68"),
        ("id,name,lon,lat,安装方式", "1,东门,115.9,28.68,路灯"),
        ("id,lon,lat,mount", "1,115.9,28.68,street lamp"),
        ("id,lon,lat,note", "1,115.9,28.68,behind a street lamp"),
        ("id,name,type,lon,lat", "1,路灯,球机,115.9,28.68"),
        ("id,name,lon,lat,model", "1,路灯,115.9,28.68,IPC-HFW"),
    ],
)
def test_a_camera_at_a_lamp_is_a_camera(header, row, tmp_path):
    mapping = None
    if header.endswith("安装方式"):
        mapping = ColumnMapping(words={"mount": {"pole": ("路灯",)}})
    path = write(tmp_path / "a.csv", f"{header}\n{row}\n")
    assert len(read_cameras(path, declared=Declared(mapping=mapping))[0]) == 1


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("camera_id,lon,lat", "1,115.9,28.68"),
        ("设备编号,经度,纬度,俯角", "1,115.9,28.68,5"),
        ("id,lon,lat,azimuth", "1,115.9,28.68,90\n2,115.91,28.68,180"),
        ("Kennung,Längengrad,Breitengrad,Kamerastandort", "1,115.9,28.68,Markt"),
        ("시설물번호,경도,위도,카메라대수", "1,115.9,28.68,2"),
    ],
)  # fmt: skip
def test_a_list_that_speaks_of_cameras_needs_no_kind(header, row, tmp_path):
    assert guess_kind(write(tmp_path / "list.csv", f"{header}\n{row}\n")) == "cameras"


def test_the_name_of_a_file_tells_it(tmp_path):
    assert guess_kind(lamps(tmp_path, "CCTV_2026")) == "cameras"
    with pytest.raises(InputError):
        guess_kind(lamps(tmp_path, "points"))


@pytest.mark.parametrize("name", SOURCE_SCHEMAS)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_example_of_a_template_never_counts_as_a_row(name, form, tmp_path):
    write_templates(tmp_path, tables=[name], form=form)
    with pytest.raises(InputError) as caught:
        TABLE_READERS[name](tmp_path / f"{name}.{form}")
    assert [fault.code for fault in caught.value.faults] == ["table.example"]


def test_the_remedy_for_an_untouched_template_works(tmp_path):
    write_templates(tmp_path, tables=["cameras"], form="csv")
    path = tmp_path / "cameras.csv"
    header, example = path.read_text(encoding="utf-8-sig").splitlines()
    with pytest.raises(InputError):
        read_cameras(path)
    path.write_text(
        f"{header}\n{example}\n{example.replace('0001', '0002', 1)}\n", encoding="utf-8"
    )
    assert list(read_cameras(path)[0].index) == ["0002"]


def test_an_example_of_which_columns_were_deleted_is_known_still(tmp_path):
    write_templates(tmp_path, tables=["cameras"], form="csv")
    path = tmp_path / "cameras.csv"
    lines = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([line[:-6] for line in lines])
    with pytest.raises(InputError) as caught:
        read_cameras(path)
    assert caught.value.faults[0].code == "table.example"
