"""The steps of a year of one office by the commands that it gives, and the records they leave.

Census, survey, plan, three options, departments, submission, approval, six months of works, filing
and acceptance. What the office brings in first is for each city to say.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd

from civicsight.cli.entry import BAD_INPUT, OK, VIOLATION, run
from civicsight.io.project_file import load_city
from civicsight.planning.aims.options import EVERYTHING, LEAST, RECOMMENDED
from civicsight.planning.record.consultation import WHOLE
from civicsight.store import Actor, Role, State, open_store
from tests.consultation_made import column_of, fill_answers
from tests.scans import pdf

LI = Actor("Li", Role.PLANNER)
DEPARTMENTS = ("education", "finance", "housing", "transport", "urban", "telecom")
YEARS = "2027,2028"

CENSUS: dict[str, Any] = {
    "name": "人民路口枪机",
    "kind": "dome",
    "mount": "roof",
    "setting": "indoor",
    "height_m": 7.25,
    "azimuth_deg": 271.0,
    "tilt_deg": 31.0,
    "roll_deg": 2.0,
    "hfov_deg": 73.0,
    "vfov_deg": 44.0,
    "width_px": 3840,
    "height_px": 2160,
    "reach_m": 55.5,
    "near_m": 1.5,
    "night_reach_m": 47.0,
    "usable": "false",
    "purpose": "治安防控",
    "owner": "government",
    "pole_id": "L-777",
    "owner_unit": "区城管局",
    "installed_on": "2026-01-11",
    "in_use_on": "2026-02-12",
    "filed_on": "2026-03-13",
    "retention_days": 90,
    "network_state": "connected",
    "device_type": "星光级网络摄像机",
}
"""What the census says of one camera each, by column: 26 of its 30 kinds of change."""


NEW = [f"N{number}" for number in range(900, 916)]
"""Cameras that the census found first: it says where they are, and nothing of their views."""


@dataclass(frozen=True)
class Office:
    """Where an office keeps its files, and how it is heard."""

    folder: Path
    capsys: Any

    @property
    def city(self) -> str:
        return str(self.folder / "city.gpkg")

    @property
    def plans(self) -> str:
        return str(self.folder / "plans.gpkg")

    def out(self, name: str) -> Path:
        return self.folder / name

    def say(self, *words: object, code: int = OK) -> str:
        self.capsys.readouterr()
        found = run([*map(str, words), "--lang", "en"])
        heard = self.capsys.readouterr()
        assert found == code, heard.err
        return " ".join((heard.out + heard.err).split())

    def told(self, *words: object, code: int = OK) -> Any:
        self.capsys.readouterr()
        found = run([*map(str, words), "--json", "--lang", "en"])
        heard = self.capsys.readouterr()
        assert found == code, heard.err
        return json.loads(heard.out)


def spend_a_year(office):
    """Go through the year of an office whose register is brought in."""
    take_the_census(office)
    walk_and_measure(office)
    root = draw_up(office)
    consult(office)
    approve(office, root)
    follow_the_works(office)
    accept(office)
    look_back(office)


def census_of(office):
    """Write the new list: 26 columns changed, and others added, missing, moved, renumbered."""
    cameras = load_city(office.city).cameras
    standing = cameras[cameras["status"].eq("existing")]
    table = pd.DataFrame(standing.drop(columns=["geometry", "tags", "source"]))
    table = table.astype(object).where(table.notna(), None)
    table["x"], table["y"] = standing.geometry.x.round(2), standing.geometry.y.round(2)
    changed = {}
    for column, value in CENSUS.items():
        other = table.index[table[column].map(str) != str(value)].difference(list(changed))[0]
        table.loc[other, column] = value
        changed[other] = column
    rest = table.index.difference(list(changed))
    missing, moved, renumbered = rest[:3]
    table.loc[moved, "y"] += 9.0
    table = table.rename(index={renumbered: "R900"}).drop(index=missing).rename_axis("camera_id")
    added = (
        table.loc[rest[4 : 4 + len(NEW)], ["x", "y"]].set_axis(NEW).rename_axis("camera_id") + 25.0
    )
    pd.concat([table, added.assign(name="新装枪机")]).to_csv(
        office.out("census.csv"), encoding="utf-8-sig"
    )
    return changed, missing, moved, renumbered


def take_the_census(office):
    """What differs is settled: by rules here, and what is missing is kept with a reason."""
    changed, missing, moved, renumbered = census_of(office)
    words = (
        "inventory",
        "reconcile",
        office.city,
        office.out("census.csv"),
        "--source-crs",
        load_city(office.city).crs.to_string(),
        "--out",
        office.out("reconciled"),
    )
    before = Path(office.city).read_bytes()
    found = office.told(*words)
    assert Path(office.city).read_bytes() == before
    assert (found["states"]["added"], found["differences"]["moved"]["open"]) == (len(NEW), 1)
    rules = [
        part
        for kind in ("changed", "moved", "renumbered", "added", "filled")
        for part in ("--rule", f"{kind}=take")
    ]
    office.translate(
        *words,
        *rules,
        "--rule",
        "missing=keep",
        "--by",
        "Li",
        "--reason",
        "census 2026",
        "--accept",
    )
    city = load_city(office.city)
    changes = city.changes
    assert {*NEW, "R900", missing, moved} <= set(city.cameras.index)
    assert renumbered not in city.cameras.index
    for label, column in changed.items():
        assert column in set(changes.loc[changes["subject"].eq(label), "field"])
    assert set(changes["decided_by"]) == {"Li"}


def walk_and_measure(office):
    """Twenty points are looked at; what was assumed is measured, with name and day."""
    office.translate(
        "survey", "out", office.city, "--stops", "record", "--out", office.out("survey")
    )
    book = openpyxl.load_workbook(office.out("survey") / "survey.xlsx")
    sheet = next(one for one in book if column_of(one, "surveyed_by"))
    names = ("azimuth_deg", "tilt_deg", "height_m", "surveyed_by", "surveyed_on")
    values = (90.0, 15.0, 5.5, "Chen", "2026-09-01")
    rows = list(range(2, min(sheet.max_row, 21) + 1))
    for row in rows:
        for name, value in zip(names, values, strict=True):
            sheet.cell(row, column_of(sheet, name), value)
    book.save(office.out("survey") / "survey.xlsx")
    office.translate("survey", "in", office.city, office.out("survey") / "survey.xlsx", "--accept")
    city = load_city(office.city)
    walked = city.changes[city.changes["decided_by"].eq("Chen")]
    assert len(rows) == 20
    assert walked["subject"].nunique() == len(rows)


def draw_up(office):
    """Three options are versions of the plan; the recommended one goes on, with its root."""
    office.translate(
        "plan",
        "new",
        office.plans,
        "east",
        "--as",
        "Li",
        "--name",
        "本年度建设方案",
        *(part for name in DEPARTMENTS for part in ("--department", name)),
    )
    told = office.told(
        "plan",
        "options",
        office.city,
        "--store",
        office.plans,
        "--plan",
        "east",
        "--as",
        "Li",
        "--years",
        YEARS,
        "--steps",
        "200",
        "--seconds",
        "900",
        "--out",
        office.out("options"),
    )["options"]
    cost = {code: one["cost_yuan"] for code, one in told.items()}
    assert 0 < cost[LEAST] <= min(cost[RECOMMENDED], cost[EVERYTHING])
    found = office.told("plan", "verify", office.plans, "--plan", "east")
    assert found["wrong"] == []
    assert found["root"] == told[RECOMMENDED]["kept"]["root"]
    return found["root"]


def consult(office):
    """Six departments are asked and answer; what one wants is settled before it goes on."""
    office.translate("plan", "submit", office.plans, "east", "--as", "Li")
    asked = office.told(
        "plan",
        "consult",
        office.city,
        "--from",
        office.plans,
        "--plan",
        "east",
        "--out",
        office.out("asked"),
    )
    assert {one["department"] for one in asked["departments"] if one["named"]} == set(DEPARTMENTS)
    books = sorted(office.out("asked").glob("*.xlsx"))[: len(DEPARTMENTS)]
    said = ("agree", None, "Qian", "2026-10-09")
    for book in books[1:]:
        fill_answers(book, {WHOLE: said})
    fill_answers(books[0], {WHOLE: ("remark", "开学前完成", "Chen", "2026-10-08")})
    office.translate(
        "plan", "submit", office.plans, "east", "--as", "Li", code=BAD_INPUT
    )  # nobody answered
    office.translate("plan", "replies", office.plans, "east", *books, "--as", "Wang", "--accept")
    table = office.told("plan", "adoption", office.plans, "east", "--out", office.out("adoption"))
    voiced = [one for told in table["departments"] for one in told["voiced"]]
    office.translate(
        "plan", "submit", office.plans, "east", "--as", "Li", code=BAD_INPUT
    )  # not settled
    for one in voiced:
        office.translate(
            "plan",
            "settle",
            office.plans,
            "east",
            one["number"],
            "--as",
            "Li",
            "--adopted",
            "partly",
            "--reason",
            "暑期施工",
        )
    office.translate("plan", "submit", office.plans, "east", "--as", "Li")


def approve(office, root):
    """The approval keeps its scan, and is of this very plan."""
    scan = office.out("scan.pdf")
    scan.write_bytes(pdf())
    office.translate(
        "plan",
        "approve",
        office.plans,
        "east",
        "--as",
        "Zhou",
        "--root",
        root,
        "--body",
        "市人民政府",
        "--number",
        "府办〔2026〕9号",
        "--date",
        "2026-11-02",
        "--scan",
        scan,
        "--city",
        office.city,
    )
    with open_store(office.plans) as store:
        assert store.plan(LI, "east").state == State.APPROVED


def works_of(office):
    with open_store(office.plans) as store:
        measures = store.read_version(LI, "east").layers["measures"]
    return measures[~measures["measure"].isin(["keep", "drop"])]


def follow_the_works(office):
    """Six tables, a month each; what nobody filed is overdue at last, until it is filed."""
    works = works_of(office)
    for month in range(1, 7):
        done = works.index[: len(works) * month // 6]
        days = {"pole_on": "05", "power_on": "10", "online_on": "20"}
        table = pd.DataFrame({"camera_id": done, "contractor": "甲公司"})
        for name, day in days.items():
            table[name] = f"2027-{month:02d}-{day}"
        table.to_csv(office.out(f"month{month}.csv"), index=False)
        told = office.told(
            "plan",
            "progress",
            office.plans,
            office.out(f"month{month}.csv"),
            "--plan",
            "east",
            "--on",
            f"2027-{month:02d}-28",
            "--out",
            office.out(f"month{month}"),
        )
        assert sum(told["states"].values()) == len(works)
        assert told["overdue"] == []
    told = office.told(
        "plan",
        "progress",
        office.plans,
        office.out("month6.csv"),
        "--plan",
        "east",
        "--on",
        "2027-08-30",
        "--out",
        office.out("overdue"),
    )
    assert set(told["overdue"]) == set(works.index)
    table.assign(filed_on="2027-08-25").to_csv(office.out("filed.csv"), index=False)
    told = office.told(
        "plan",
        "progress",
        office.plans,
        office.out("filed.csv"),
        "--plan",
        "east",
        "--on",
        "2027-08-30",
        "--out",
        office.out("filed"),
    )
    assert told["overdue"] == []


def accept(office):
    """What was built as planned is met; one camera that looks away loses what was promised."""
    works = works_of(office)
    names = ["height_m", "azimuth_deg", "tilt_deg", "hfov_deg"]
    measured = pd.DataFrame(works[names])
    turned = measured.index[0]
    measured.loc[turned, "azimuth_deg"] = (measured.loc[turned, "azimuth_deg"] + 180.0) % 360.0
    measured.rename_axis("camera_id").to_csv(office.out("measured.csv"))
    heard = office.translate(
        "accept",
        office.city,
        "--measured",
        office.out("measured.csv"),
        "--of-plan",
        office.plans,
        "--plan",
        "east",
        "--out",
        office.out("accepted"),
        code=VIOLATION,
    )
    assert "promised and not met as built:" in heard
    assert "changed since the plan was made" not in heard


def look_back(office):
    """The audit is one chain, and says who did what."""
    found = office.told("plan", "audit", office.plans, "--as", "Sun")
    actions = [entry["action"] for entry in found["entries"] if not entry["refused"]]
    steps = ("create", "start_review", "opinion", "settle", "submit", "approve")
    assert list(map(actions.index, steps)) == sorted(map(actions.index, steps))
    assert {entry["actor"] for entry in found["entries"]} >= {"Li", "Wang", "Zhou"}
