"""Plans, documents, answers and areas of consent, as an office writes them."""

from __future__ import annotations

import pytest

from civicsight.core.errors import InputError
from civicsight.io.project_file import load_city, save_city
from civicsight.io.reader_registry import read_into
from civicsight.io.registers.planning import (
    read_answers,
    read_consent_areas,
    read_documents,
    read_plans,
)
from civicsight.io.tables.inventory import read_cameras
from tests.city_made import METRIC, write


def test_a_plan_in_chinese(tmp_path):
    text = "规划编号,规划状态,牵头单位,会同部门,批准日期,底数日期\n"
    path = write(
        tmp_path / "p.csv", text + "G1,实施中,市公安局,财政;规划,2026年3月1日,2025-12-01\n"
    )
    table, _ = read_plans(path, crs=METRIC)
    row = table.loc["G1"]
    assert (row["status"], row["lead"]) == ("in_implementation", "市公安局")
    assert (row["approved_on"], row["inventory_date"]) == ("2026-03-01", "2025-12-01")


def test_kinds_of_documents_are_known_by_their_names_and_others_are_kept(tmp_path):
    text = "文件编号,文件类型,对象编号,文件日期\n"
    path = write(tmp_path / "d.csv", text + "1,验收报告,P1,2026-01-02\n2,环评批复,P1,\n")
    table, _ = read_documents(path, crs=METRIC)
    assert table["kind"].tolist() == ["acceptance", "环评批复"]


def test_a_waiver_needs_a_reason_and_a_day(tmp_path):
    text = "编号,规则包,规则编号,结论,答复人,答复日期,理由\n"
    path = write(
        tmp_path / "a.csv",
        text
        + "1,nanchang,R10.2,豁免,张三,2026-01-02,地下管廊无行人\n2,nanchang,R4.1,豁免,张三,,\n",
    )
    with pytest.raises(InputError) as caught:
        read_answers(path, crs=METRIC)
    assert [(fault.code, fault.where, fault.field) for fault in caught.value.faults] == [
        ("answer.waiver", "row 3", "理由"),
        ("answer.waiver", "row 3", "答复日期"),
    ]
    table, report = read_answers(path, crs=METRIC, keep_good=True)
    assert (table["answer"].tolist(), report.read, report.kept) == (["waived"], 2, 1)


def test_areas_of_consent_are_read_and_kept_in_a_project(tmp_path):
    wkt = '"POLYGON((115.89 28.67,115.891 28.67,115.891 28.671,115.89 28.67))"'
    path = write(tmp_path / "c.csv", f"编号,区域类型,边界\nT1,军事禁区,{wkt}\n")
    areas, _ = read_consent_areas(path, crs=METRIC)
    assert areas["kind"].tolist() == ["military"]
    city, _ = read_into(path, "consent", crs=METRIC)
    save_city(city, tmp_path / "p.gpkg")
    again = load_city(tmp_path / "p.gpkg")
    assert again.consent_areas.index.tolist() == ["T1"]
    assert again.answers.empty


def test_an_inventory_holds_the_record_that_rules_read(tmp_path):
    text = "设备编号,经度,纬度,备案日期,投入使用日期,录像保存天数,"
    text += "联网状态,接口标准,是否涉密,权属单位\n"
    path = write(
        tmp_path / "c.csv",
        text + "A1,115.89,28.67,2025-06-01,2020-01-01,30天,已联网,GB/T 28181-2022,否,东湖分局\n",
    )
    row = read_cameras(path, crs=METRIC)[0].loc["A1"]
    assert (row["filed_on"], row["in_use_on"]) == ("2025-06-01", "2020-01-01")
    assert (row["retention_days"], row["network_state"]) == (30.0, "connected")
    assert (row["interface_standard"], row["secrecy"]) == ("GB/T 28181-2022", False)
    assert row["owner_unit"] == "东湖分局"
