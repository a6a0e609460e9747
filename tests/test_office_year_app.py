"""The year of `tests.test_office_year` in the app: the same steps by its pages, and their records.

Files of last year, census, survey, three options, departments, approval, six months of works,
filing and acceptance, on the made district, by three people before the pages in Chinese.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import streamlit as st

from civicsight.application.drawing_up import PLAN_ID
from civicsight.application.inbox import desk
from civicsight.application.job import JobState
from civicsight.application.jobs import JobPool
from civicsight.application.plan_options import OPTIONS, option_of
from civicsight.application.plan_work import PlanAims
from civicsight.core.i18n import translate
from civicsight.core.settings import cache_dir
from civicsight.editing.project import Project, open_project
from civicsight.editing.projects import list_projects
from civicsight.io.project_file import load_city
from civicsight.planning.record.consultation import WHOLE
from civicsight.store import Actor, Role, State, approvals, open_store, read_attachment, threads
from civicsight.ui import frame, plan_jobs
from civicsight.ui import plan_form as plan_asked
from civicsight.ui.access import signin
from civicsight.ui.pages import PAGES, START, remarks
from tests import office_year as year
from tests.caches import own_cache
from tests.consultation_made import column_of, fill_answers
from tests.scans import pdf
from tests.test_office_year import DEMO
from tests.ui_made import AppTest, config, open_page, texts_of
from tests.waiting import wait_until

pytestmark = pytest.mark.slow

LI = Actor(signin.local_name(), Role.PLANNER, user=signin.system_user())
"""Files are brought in by whoever plans on this machine."""

WANG = Actor("王会签", Role.REVIEWER)
ZHOU = Actor("周批准", Role.APPROVER)
HEARD = ("education", "财政局", "住房和城乡建设局", "交通运输局", "城管局", "通信管理局")
SCAN = pdf()
LANGUAGE = "zh_CN"
PLAN_S = 1_200.0


@dataclass
class Desk:
    """An office before the app: its files, and the project that it has come to."""

    folder: Path
    patch: pytest.MonkeyPatch
    project: Project | None = None

    @property
    def city(self) -> str:
        """Return the project as a file, as `test_office_year.census_of` has it."""
        return str(self.latest().path)

    def out(self, name: str) -> Path:
        return self.folder / name

    def latest(self) -> Any:
        return list_projects(self.folder / "projects")[0]

    def page(self, code: str, actor: Actor = LI, **query: str) -> AppTest:
        """Open a page of the project."""
        page = next(one for one in PAGES if one.code == code)
        assert self.project is not None
        test = open_page(self.patch, self.project, page, LANGUAGE, actor=actor, **query)
        assert not test.exception
        return test

    def start(self) -> AppTest:
        """Open the page of all projects, with none open."""
        self.patch.setattr(frame, "PAGES", (START,))
        self.patch.setattr(frame, "chosen_project", lambda: None)
        test = AppTest.from_file(str(config.SCRIPT), default_timeout=120)
        test.query_params["lang"] = LANGUAGE
        return test.run()

    def go_on(self) -> None:
        """Open the project that was kept last."""
        self.project = open_project(self.latest().path, cache_dir())


@pytest.fixture
def office(tmp_path, monkeypatch):
    cache = own_cache(tmp_path)
    for name, path in (("PROJECTS", tmp_path / "projects"), ("CACHE_DIR", cache),
                       ("ACCOUNTS", tmp_path / "accounts.json")):  # fmt: skip
        monkeypatch.setenv(f"CIVICSIGHT_{name}", str(path))
    monkeypatch.delenv("CIVICSIGHT_PROJECT", raising=False)
    monkeypatch.setattr(st, "switch_page", lambda *_, **__: st.stop())
    desk.close_inbox()
    pool = JobPool(tmp_path / "jobs", in_threads=True)
    monkeypatch.setattr(plan_jobs, "job_pool", lambda: pool)
    monkeypatch.setattr(plan_asked, "PlanAims", quick)
    yield Desk(tmp_path, monkeypatch)
    pool.close()
    desk.close_inbox()


def quick(**asked):
    return PlanAims(**asked | {"steps": 200, "seconds": 900.0})


def say(text, **values):
    return translate(replace(text, values=values) if values else text, LANGUAGE)


def press(test, label, key=None):
    """Press the last button that is called so."""
    found = [one for one in test.button if key in (None, str(one.key)) and one.label == label]
    found[-1].click().run()
    assert not test.exception
    assert not test.error, "\n".join(texts_of(test, ("error", "text")))
    return test


def bring(test, *paths, datum=""):
    """Hand files in on a page that reads them, and wait until they are read."""
    field = next(one for one in test.get("file_uploader") if "data.files" in one.id)
    field.set_value([(path.name, path.read_bytes(), "application/octet-stream") for path in paths])
    if datum:
        test.selectbox[1].set_value(datum)
    press(test, "读取并显示")
    wait_until(lambda: all(one.is_over for one in desk.inbox()._entries.values()))
    test.run()
    assert not test.exception
    assert not test.error, "\n".join(texts_of(test, ("error", "text")))


def keep(office, test, name):
    """Keep the project with what was brought in, and go on with it."""
    test.text_input(key="data.name").set_value(name).run()
    press(test, "保存为项目并继续")
    office.go_on()
    assert office.project.city.name == name


def send(test, at, *files):
    """Hand files in where they are taken at once."""
    sent = [(name, content, "application/octet-stream") for name, content in files]
    field = test.get("file_uploader")[at]
    field.set_value(sent if field.accept_multiple_files else sent[0]).run()
    assert not test.exception
    assert not test.error, "\n".join(texts_of(test, ("error", "text")))


def told(test):
    return "\n".join(texts_of(test, ("text", "success", "metric", "info", "markdown")))


def test_a_year_of_one_office_in_the_app(office):
    begin(office)
    take_the_census(office)
    walk_and_measure(office)
    draw_up(office)
    consult(office)
    approve(office)
    follow_the_works(office)
    accept(office)
    look_back(office)


def begin(office):
    """The files of last year become a project."""
    test = office.start()
    bring(test, DEMO / "district.gpkg")
    bring(test, DEMO / "cameras.csv", datum="wgs84")
    test.text_input(key="start.name").set_value("青岚区").run()
    press(test, "建立项目")
    office.go_on()
    assert len(office.project.city.cameras) == 191


def take_the_census(office):
    """What differs is counted, settled by kind, and stands in the record on the page."""
    changed, missing, moved, renumbered = year.census_of(office)
    test = office.page("data")
    bring(test, office.out("census.csv"))
    asked = {str(one.key).split(".")[1]: one for one in test.radio}
    asked["missing"].set_value("keep")
    asked["renumbered"].set_value("take").run()
    assert "未处理 0 处" in told(test)
    keep(office, test, "青岚区普查后")
    city = load_city(office.city)
    assert {*year.NEW, "R900", missing, moved} <= set(city.cameras.index)
    assert renumbered not in city.cameras.index
    tables = [one.value for one in office.page("data").dataframe]
    record = next(table for table in tables if year.NEW[0] in set(table.iloc[:, 0]))
    for label, column in changed.items():
        own = city.changes[city.changes["subject"].eq(label)]
        assert column in set(own["field"])
        assert label in set(record.iloc[:, 0])
    assert set(city.changes["decided_by"]) == {LI.name}


def walk_and_measure(office):
    """The list is written on one page, and comes back filled in on another."""
    packed = write(office, "survey")
    path = office.out("survey.xlsx")
    path.write_bytes(packed["survey.xlsx"])
    book = openpyxl.load_workbook(path)
    sheet = next(one for one in book if column_of(one, "surveyed_by"))
    values = {"azimuth_deg": 90.0, "tilt_deg": 15.0, "height_m": 5.5, "surveyed_by": "陈",
              "surveyed_on": "2026-09-01"}  # fmt: skip
    for row in range(2, 22):
        for name, value in values.items():
            sheet.cell(row, column_of(sheet, name), value)
    book.save(path)
    test = office.page("data")
    bring(test, path)
    assert "20 个点位" in told(test)
    keep(office, test, "青岚区踏勘后")
    walked = office.project.city.changes
    assert walked.loc[walked["decided_by"].eq("陈"), "subject"].nunique() == 20


def write(office, output, **query):
    """Write something on the page of reports; return its files."""
    test = office.page("report", **query)
    test.radio(key="report.output").set_value(output).run()
    press(test, "生成", key="write")
    *_, content = test.session_state["report.made"]
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def draw_up(office):
    """Three options are compared, and the recommended one is kept."""
    test = office.page("draw")
    test.multiselect(key="draw.years").set_value([2027, 2028]).run()
    press(test, "三个方案比选")
    pool = plan_jobs.job_pool()
    (jobs,) = pool.asked_by(LI.name, office.project.store_path)
    assert [option_of(job.task.aims) for job in jobs] == list(OPTIONS)
    assert {job.wait(PLAN_S) for job in jobs} == {JobState.DONE}
    test.run()
    assert not test.exception
    table = next(one.value for one in test.get("html") if "<table" in one.value)
    assert all(say(text) in table for text in OPTIONS.values())
    test.session_state["draw.departments"] = list(HEARD)
    press(test, "保存为方案版本")
    with open_store(office.project.store_path) as store:
        assert store.plan(LI, PLAN_ID).departments == HEARD


def plan_of(office):
    with open_store(office.project.store_path) as store:
        return store.plan(LI, PLAN_ID)


def act(office, actor, label, fill=None):
    """Do something on the page of the review."""
    test = office.page("review", actor)
    if fill is not None:
        fill(test)
    press(test, label)
    return test


def consult(office):
    """Six departments are asked in their names, answer together, and one opinion is settled."""
    act(office, LI, "发起联合审查")
    files = write(office, "consultation", of=f"{PLAN_ID}/1")
    asked = sorted(name for name in files if name.endswith(".xlsx"))[: len(HEARD)]
    assert "教育" in asked[0]
    back = []
    for number, name in enumerate(asked):
        path = office.out(name)
        path.write_bytes(files[name])
        said = ("有修改意见", "开学前完成", "陈", "2026-10-08") if not number else None
        fill_answers(path, {WHOLE: said or ("同意", None, "钱", "2026-10-09")})
        back.append((name, path.read_bytes()))
    test = office.page("review", WANG)
    send(test, -1, *back)
    assert "尚未反馈" not in told(test)
    assert "尚未处理的意见：教育" in told(office.page("review"))
    with open_store(office.project.store_path) as store:
        (thread,) = threads(store, LI, PLAN_ID)
        entries = [one for one in store.history(LI, PLAN_ID) if one.action == "opinion"]
    assert len(entries) == len(HEARD)
    office.patch.setattr(remarks, "pick_row", lambda *_, **__: 0)

    def settle(test):
        test.radio(key=f"review.adopted.{thread.seq}").set_value("partly")
        test.text_area(key=f"review.reason.{thread.seq}").input("暑期施工")

    act(office, LI, "处理意见", settle)
    assert "adoption.xlsx" in write(office, "adoption", of=f"{PLAN_ID}/1")
    act(office, LI, "提交审批")
    assert plan_of(office).state == State.SUBMITTED


def approve(office):
    """The approval keeps its scan, and the works begin."""

    def fill(test):
        test.selectbox(key="review.version").set_value(plan_of(office).digest)
        test.text_input(key="review.body").input("市人民政府")
        test.text_input(key="review.number").input("青府〔2026〕9号")
        field = next(one for one in test.get("file_uploader") if one.label.endswith("*"))
        field.set_value(("scan.pdf", SCAN, "application/pdf"))

    act(office, ZHOU, "批复", fill)
    with open_store(office.project.store_path) as store:
        (approval,) = approvals(store, LI, PLAN_ID)
        kept = read_attachment(store, LI, PLAN_ID, approval.scan.sha256)
    assert (approval.document_number, kept) == ("青府〔2026〕9号", SCAN)
    act(office, LI, "开始实施")
    assert plan_of(office).state == State.IN_IMPLEMENTATION


def works_of(office):
    with open_store(office.project.store_path) as store:
        measures = store.read_version(LI, PLAN_ID).layers["measures"]
    return measures[~measures["measure"].isin(["keep", "drop"])]


def follow_the_works(office):
    """Six tables, a month each; what nobody filed is overdue at last, until it is filed."""
    works = works_of(office)
    test = office.page("works")
    for month in range(1, 7):
        table = pd.DataFrame({"camera_id": works.index[: len(works) * month // 6]})
        for name, day in (("pole_on", "05"), ("power_on", "10"), ("online_on", "20")):
            table[name] = f"2027-{month:02d}-{day}"
        table = table.assign(contractor="甲公司")
        assert overdue_in(test, table, f"2027-{month:02d}-28") == set()
        assert test.metric[3].value == f"{len(table):,}"
    assert len(overdue_in(test, table, "2027-08-30")) == len(works)
    assert overdue_in(test, table.assign(filed_on="2027-08-25"), "2027-08-30") == set()


def overdue_in(test, table, day):
    """Hand a month's table in; return what is listed as overdue for filing."""
    test.text_input(key="works.day").set_value(day).run()
    send(test, 0, ("month.csv", table.to_csv(index=False).encode()))
    test.radio(key="works.list").set_value("filing").run()
    assert not test.exception
    return set(test.dataframe[0].value.index) if test.dataframe else set()


def accept(office):
    """What was built as planned is met; one camera that looks away loses what was promised."""
    works = works_of(office)
    measured = pd.DataFrame(works[["height_m", "azimuth_deg", "tilt_deg", "hfov_deg"]])
    turned = measured.index[0]
    measured.loc[turned, "azimuth_deg"] = (measured.loc[turned, "azimuth_deg"] + 180.0) % 360.0
    test = office.page("works")
    send(test, -1, ("measured.csv", measured.rename_axis("camera_id").to_csv().encode()))
    assert "方案应达标而建成后未达标的部位：1" in told(test)
    found = test.session_state["works.found.measured"][2][1]
    assert found.outcome == "fail"
    assert turned in set(found.checks.loc[found.checks["outcome"].eq("fail"), "camera_id"])


def look_back(office):
    """The audit is one chain and says who did what; the page of the review shows it."""
    with open_store(office.project.store_path) as store:
        entries = store.history(LI, PLAN_ID)
    actions = [one.action for one in entries]
    steps = ("create", "commit", "start_review", "opinion", "settle", "submit", "approve",
             "implement")  # fmt: skip
    assert list(map(actions.index, steps)) == sorted(map(actions.index, steps))
    assert {one.actor for one in entries} >= {LI.name, WANG.name, ZHOU.name}
    log = office.page("review").dataframe[-1].value
    assert len(log) >= len(entries)
