"""The year after approval: stages, what is late, what is to be filed, and what a report may say."""

from __future__ import annotations

import datetime as dt
import json

import geopandas as gpd
import pandas as pd
import pytest

from civicsight.cli.entry import BAD_INPUT, OK, run
from civicsight.core.errors import InputError
from civicsight.io.registers.planning import read_progress
from civicsight.model.plan_tables import PROGRESS
from civicsight.planning.record.documents import to_documents
from civicsight.planning.works.progress import NONE, STATES, follow_works
from civicsight.report.progress import summary_of, write_progress
from tests.plan_made import hand_plan

ON = dt.date(2027, 6, 30)
CRS = "EPSG:4548"


def measures(**rows):
    """Return measures of a plan by camera: kind, year and district."""
    return gpd.GeoDataFrame(
        {
            "measure": [kind for kind, _, _ in rows.values()],
            "year": [year for _, year, _ in rows.values()],
            "district": [district for _, _, district in rows.values()],
        },
        index=list(rows), geometry=[None] * len(rows), crs=CRS,
    )  # fmt: skip


def reported(**rows):
    frame = pd.DataFrame.from_dict(rows, orient="index")
    return PROGRESS.complete(gpd.GeoDataFrame(frame, geometry=[None] * len(rows), crs=CRS))


PLAN = measures(
    a=("new", 2026, "east"), b=("new", 2027, "east"), c=("refurbish", 2028, "west"),
    d=("new", 2026, "west"), e=("new", 2026, "east"), f=("keep", 0, "east"), g=("new", 2026, None),
)  # fmt: skip
REPORT = reported(
    a={"contractor": "One", "pole_on": "2026-05-01", "accepted_on": "2026-11-30",
       "online_on": "2026-08-01", "filed_on": "2026-08-20"},
    b={"contractor": "One", "pole_on": "2027-05-01", "power_on": "2027-05-10"},
    d={"contractor": "Two", "online_on": "2027-05-01"},
    e={"contractor": "Two", "accepted_on": "2027-01-10", "online_on": "2027-06-20"},
)  # fmt: skip


def test_each_measure_stands_somewhere_against_its_year():
    works = follow_works(PLAN, REPORT, ON).works
    assert works["state"].to_dict() == {
        "a": "done", "b": "due", "c": "later", "d": "late", "e": "done_late", "g": "late",
    }  # fmt: skip
    assert works["stage"].to_dict() == {
        "a": "accepted", "b": "power", "c": NONE, "d": "online", "e": "accepted", "g": NONE,
    }  # fmt: skip
    assert works.loc["d", "late_days"] == (ON - dt.date(2026, 12, 31)).days
    assert works.loc["e", "late_days"] == 10
    assert set(works["state"]) <= set(STATES)


def test_sums_by_district_and_contractor_add_up():
    found = follow_works(PLAN, REPORT, ON)
    sums = found.sums
    assert sums["works"].sum() == len(found.works) == 6
    assert sums.loc[("east", "One")].to_dict() == {
        "works": 2, "pole": 2, "power": 2, "online": 1, "accepted": 1, "late": 0,
    }  # fmt: skip
    assert sums["late"].sum() == found.works["state"].eq("late").sum()
    for earlier, later in (("pole", "power"), ("power", "online"), ("online", "accepted")):
        assert (sums[earlier] >= sums[later]).all()


def test_what_is_on_line_and_not_filed_is_listed_the_longest_overdue_first():
    filing = follow_works(PLAN, REPORT, ON).filing
    assert list(filing.index) == ["d", "e"]
    assert filing.loc["d", "due_on"] == "2027-05-31"
    assert filing.loc["d", "overdue_days"] == 30
    assert filing.loc["e", "overdue_days"] < 0


def test_what_is_not_of_the_plan_or_not_yet_is_refused():
    for bad, said in (
        (reported(z={"contractor": "One"}), "a measure of the plan"),
        (reported(f={"contractor": "One"}), "a measure of the plan"),
        (reported(a={"pole_on": "2027-07-01"}), "a day up to 2027-06-30"),
    ):
        with pytest.raises(InputError, match=said):
            follow_works(PLAN, bad, ON)


def test_stages_are_reached_in_their_order(tmp_path):
    path = tmp_path / "june.csv"
    path.write_text(
        "点位编号,施工单位,立杆日期,通电日期,上线日期,验收日期\n"
        "a,甲,2027-03-01,2027-03-05,,\nb,乙,,2027-04-01,,2027-04-20\n",
        encoding="utf-8",
    )
    table, _ = read_progress(path, crs=CRS)
    assert table.loc["a", "contractor"] == "甲"
    assert table.loc["b", "accepted_on"] == "2027-04-20"
    path.write_text("camera_id,pole_on,accepted_on\na,2027-03-01,2027-02-01\n", encoding="utf-8")
    with pytest.raises(InputError, match="no day before 2027-03-01"):
        read_progress(path, crs=CRS)


def test_page_and_workbook_say_what_is_late(tmp_path):
    found = follow_works(PLAN, REPORT, ON)
    files = write_progress(found, tmp_path, name="East", root="ab" * 32)
    assert {file.name for file in files} == {
        "page.zh-CN.html", "page.en.html", "progress.xlsx",
    }  # fmt: skip
    page = (tmp_path / "page.en.html").read_text("utf-8")
    assert "Late: 2" in page
    assert "To be filed: 2" in page
    told = " ".join(map(str, summary_of(found)))
    assert "Late: 2; due this year: 1; nothing reported: 2" in told
    assert "of them overdue: 1" in told


def test_the_command_follows_a_kept_plan(capsys, tmp_path):
    plan = tmp_path / "plan"
    plan.mkdir()
    for name, content in to_documents(hand_plan()).items():
        (plan / name).parent.mkdir(parents=True, exist_ok=True)
        (plan / name).write_bytes(content)
    report = tmp_path / "june.csv"
    report.write_text("camera_id,contractor,online_on\naway,One,2028-01-10\n", encoding="utf-8")
    words = ["plan", "progress", str(plan), str(report), "--out", str(tmp_path / "out")]
    assert run([*words, "--on", "2028-06-30", "--lang", "en"]) == OK
    said = " ".join(capsys.readouterr().out.split())
    assert "Late: 1; due this year: 1; nothing reported: 1" in said
    assert run([*words, "--on", "2028-06-30", "--json"]) == OK
    told = json.loads(capsys.readouterr().out)
    assert told["states"] == {"late": 1, "due": 1}
    assert told["overdue"] == ["away"]
    assert run([*words, "--on", "2027-06-30"]) == BAD_INPUT
