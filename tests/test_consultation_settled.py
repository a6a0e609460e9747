"""Consultation: what departments answered becomes remarks, is settled, and is told in a table."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from zipfile import ZipFile

import docx
import openpyxl
import pytest

from civicsight.application.consultation import take_answers
from civicsight.application.outputs import Output, offered_of, write_output
from civicsight.application.report_subject import list_reported
from civicsight.application.review import read_review
from civicsight.cli.entry import BAD_INPUT, OK, run
from civicsight.core.errors import InputError
from civicsight.editing.project import Project
from civicsight.io import save_city
from civicsight.planning.record.consultation import WHOLE, packages
from civicsight.planning.record.opinions import ADOPTIONS, REPLIES, stage_of
from civicsight.report.adoption import BOOK, summary_of, write_adoption
from civicsight.report.consultation import Asked, write_packages
from civicsight.report.plan.teller import teller_of
from civicsight.rules import load_packs
from civicsight.store import (
    Brought,
    Conflict,
    Denied,
    File,
    open_store,
    opinions,
    read_attachment,
    settle_opinion,
    stand_of,
    start_review,
    submit,
    take_replies,
    threads,
    verify,
)
from civicsight.store.optimised_plans import keep_plan
from civicsight.ui.pages import PAGES, remarks
from tests.consultation_made import DAY, fill_answers, read
from tests.plan_made import checked, hand_plan
from tests.store_parts import LI, SUN, WANG
from tests.test_check import CAMS, town
from tests.ui_made import open_page, texts_of


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "plans.gpkg", create=True) as opened:
        keep_plan(opened, LI, "east", hand_plan(), "东区", ("市教育局", "财政局"))
        start_review(opened, LI, "east", base_rev=opened.plan(LI, "east").rev)
        yield opened


def bring(store, folder, said, name="市教育局", actor=WANG):
    """Bring the answers of a department in, through a file."""
    plan = store.plan(LI, "east")
    folder.mkdir()
    asked = Asked(plan.name, plan.version, plan.digest, stage_of(plan.state, ()))
    found = packages(hand_plan(), checked(), plan.departments, "zh_CN")[:2]
    files = write_packages(found, asked, teller_of(hand_plan(), checked(), "zh_CN"), folder)
    path = next(file for file in files if name in file.name and file.suffix == ".xlsx")
    fill_answers(path, said)
    department, replies, _ = read(path, root=plan.digest, named=plan.departments)
    brought = Brought(department, replies, File(path.name, path.read_bytes()))
    (taken,) = take_replies(store, actor, "east", [brought], digest=plan.digest)
    return taken


OBJECTS = {WHOLE: ("有修改意见", "避开上下学时段施工", "陈", DAY),
           "2": ("不同意", "占用校门通道", "陈", DAY),
           "1": ("同意", None, "陈", DAY)}  # fmt: skip


def stand(store):
    plan = store.plan(LI, "east")
    return stand_of(plan, opinions(store, LI, "east"), threads(store, LI, "east"))


@pytest.mark.slow
def test_answers_become_an_opinion_and_remarks_and_each_is_settled(store, tmp_path):
    plan = store.plan(LI, "east")
    taken = bring(store, tmp_path / "out", OBJECTS)
    assert (len(taken.remarks), taken.agreed) == (1, 1)
    (opinion,) = opinions(store, LI, "east")
    assert (opinion.department, opinion.reply, opinion.answered_by) == ("市教育局", "remark", "陈")
    whole, point = threads(store, LI, "east")
    assert [(one.department, one.subject, one.is_open) for one in (whole, point)] == [
        ("市教育局", "", True),
        ("市教育局", "new/1", True),
    ]
    kept = read_attachment(store, LI, "east", whole.said[0].files[0].sha256)
    assert openpyxl.load_workbook(BytesIO(kept)).worksheets
    with pytest.raises(InputError) as error:
        submit(store, LI, "east", base_rev=plan.rev)
    assert {fault.code: fault.found for fault in error.value.faults} == {
        "store.opinions": "财政局",
        "store.unsettled": f"市教育局 ({whole.seq}), 市教育局 ({point.seq})",
    }
    bring(store, tmp_path / "money", {WHOLE: ("同意", None, "钱", DAY)}, "财政局")
    settle_opinion(
        store, LI, "east", whole.seq, digest=plan.digest, adopted="adopted", reason="已改"
    )
    settle_opinion(
        store, LI, "east", point.seq, digest=plan.digest, adopted="partly", reason="移位"
    )
    settle_opinion(
        store, LI, "east", point.seq, digest=plan.digest, adopted="refused", reason="已避让"
    )
    first, _ = stand(store)
    assert [(one.adopted, one.reason) for one in first.voiced] == [
        ("adopted", "已改"),
        ("refused", "已避让"),
    ]
    assert str(stage_of("joint_review", stand(store))) == "draft for review"
    submit(store, LI, "east", base_rev=plan.rev)
    verify(store, SUN)


def test_nobody_answers_or_settles_what_is_not_his(store, tmp_path):
    digest = store.plan(LI, "east").digest
    with pytest.raises(Denied):
        bring(store, tmp_path / "own", OBJECTS, actor=LI)
    taken = bring(store, tmp_path / "out", OBJECTS)
    with pytest.raises(Denied):
        settle_opinion(
            store, WANG, "east", taken.opinion, digest=digest, adopted="adopted", reason="x"
        )
    for change, code in (
        ({"adopted": "maybe"}, "store.adoption"),
        ({"reason": " "}, "store.empty"),
        ({"number": 1}, "store.no_opinion"),
    ):
        asked = {"number": taken.opinion, "adopted": "adopted", "reason": "x"} | change
        with pytest.raises(InputError) as error:
            settle_opinion(store, LI, "east", asked.pop("number"), digest=digest, **asked)
        assert error.value.faults[0].code == code
    assert all(one.is_open for one in threads(store, LI, "east"))


def test_the_same_file_is_not_taken_twice_and_opinions_hold_for_their_version(store, tmp_path):
    plan = store.plan(LI, "east")
    path = tmp_path / "out"
    bring(store, path, OBJECTS)
    file = next(one for one in path.iterdir() if "教育" in one.name and one.suffix == ".xlsx")
    _, replies, _ = read(file, root=plan.digest)
    same = Brought("市教育局", replies, File("renamed.xlsx", file.read_bytes()))
    other = Brought("市财政局", replies, File("other.xlsx", file.read_bytes()[:-1] + b"!"))
    before = len(opinions(store, LI, "east"))
    with pytest.raises(InputError, match=r"store\.same_file"):
        take_replies(store, WANG, "east", [other, same], digest=plan.digest)
    assert len(opinions(store, LI, "east")) == before  # of several all are taken, or none
    keep_plan(store, LI, "east", hand_plan(history=hand_plan().history.iloc[:1]), "东区")
    with pytest.raises(Conflict):
        take_replies(store, WANG, "east", [same], digest=plan.digest)
    education, money = stand(store)
    assert (education.has_answered, len(education.open), money.has_answered) == (False, 2, False)


@pytest.mark.slow
def test_the_table_of_adoption_tells_what_is_open_and_who_is_silent(store, tmp_path):
    taken = bring(store, tmp_path / "out", OBJECTS)
    digest = store.plan(LI, "east").digest
    settle_opinion(
        store, LI, "east", taken.opinion, digest=digest, adopted="adopted", reason="已改"
    )
    asked = Asked("东区", 1, digest, stage_of("joint_review", stand(store)))
    said = [str(text) for text in summary_of(stand(store))]
    assert said[0] == "Departments asked: 2, answered: 1, without objection: 0."
    assert said[1].endswith("adopted 1, adopted in part 0, not adopted 0, not settled 1.")
    assert said[2] == "Not answered yet: 财政局"
    files = write_adoption(stand(store), asked, tmp_path / "table")
    assert [file.name for file in files] == ["adoption.zh-CN.docx", "adoption.en.docx", BOOK]
    rows = [*openpyxl.load_workbook(files[-1]).worksheets[1].iter_rows(values_only=True)]
    assert len(rows) == 3
    assert any("已改" in str(cell) for cell in rows[1])
    text = "\n".join(
        cell.text
        for table in docx.Document(files[0]).tables
        for row in table.rows
        for cell in row.cells
    )
    assert "占用校门通道" in text
    assert "未处理" in text
    assert set(ADOPTIONS) == {"adopted", "partly", "refused"}
    assert set(REPLIES) == {"agree", "remark", "disagree"}


def say(capsys, *words):
    code = run([*words, "--lang", "en"])
    out = capsys.readouterr()
    assert "Traceback" not in out.err
    return code, out.out, out.err


@pytest.mark.slow
def test_the_commands_lead_from_asking_to_the_table(capsys, tmp_path):
    city = save_city(town(CAMS.loc[["south", "twin", "away", "gone"]]), tmp_path / "town.gpkg")
    plans = str(tmp_path / "plans.gpkg")
    with open_store(plans, create=True) as opened:
        keep_plan(opened, LI, "east", hand_plan(), "东区", ("education", "finance"))
    assert say(capsys, "plan", "submit", plans, "east", "--as", LI.name)[0] == OK
    out = tmp_path / "asked"
    code, text, _ = say(capsys, "plan", "consult", str(city), "--from", plans, "--plan", "east",
                        "--out", str(out), "--json")  # fmt: skip
    assert code == OK
    told = json.loads(text)
    assert [one["points"] for one in told["departments"][:2]] == [2, 2]
    first, second = (
        str(out / f"0{n}-{name}.xlsx") for n, name in ((1, "education"), (2, "finance"))
    )
    fill_answers(first, {WHOLE: ("remark", "not in term", "Chen", DAY)})
    bad = say(capsys, "plan", "replies", plans, "east", first, second, "--as", WANG.name)
    assert bad[0] == BAD_INPUT
    assert "an answer to the plan as a whole" in bad[2]
    fill_answers(second, {WHOLE: ("agree", None, "Qian", DAY)})
    words = ["plan", "replies", plans, "east", first, second, "--as", WANG.name]
    code, text, err = say(capsys, *words)
    assert code == OK, err
    assert "Nothing was kept" in err
    code, text, _ = say(capsys, *words, "--accept", "--json")
    told = json.loads(text)
    assert [one["reply"] for one in told["answers"]] == ["remark", "agree"]
    assert (code, len(told["kept"])) == (OK, 2)
    code, text, _ = say(
        capsys, "plan", "adoption", plans, "east", "--out", str(tmp_path / "table"), "--json"
    )
    (voiced,) = json.loads(text)["departments"][0]["voiced"]
    refused = say(capsys, "plan", "submit", plans, "east", "--as", LI.name)
    assert (refused[0], "every opinion of a department settled" in refused[2]) == (BAD_INPUT, True)
    settle = ("plan", "settle", plans, "east", str(voiced["number"]), "--as", LI.name)
    said = ("--adopted", "partly", "--reason", "in the holidays")
    code, text, _ = say(capsys, *settle, *said)
    assert (code, "not settled: 0" in text) == (OK, True)
    assert say(capsys, "plan", "submit", plans, "east", "--as", LI.name)[0] == OK
    code, text, _ = say(capsys, "plan", "adoption", plans, "east", "--out", str(tmp_path / "table"))
    assert (code, "adopted in part 1" in text) == (OK, True)


def east(folder):
    """The school as a project of the app, with its plan under review."""
    result = checked()
    path = folder / "plans.gpkg"
    with open_store(path, create=True) as opened:
        keep_plan(opened, LI, "east", hand_plan(), "东区", ("市教育局", "财政局"))
        start_review(opened, LI, "east", base_rev=opened.plan(LI, "east").rev)
    return Project(result.city, load_packs(), result, "digest of east", path, plan_id="east")


@pytest.mark.slow
@pytest.mark.parametrize("code", ["zh_CN"])
def test_the_review_takes_answers_back_and_settles_them(monkeypatch, tmp_path, code):
    project = east(tmp_path)
    (listed,) = list_reported(project, LI)
    name, content = write_output(project, LI, Output.CONSULTATION, of=listed, languages=[code])
    assert name == "civicsight-consultation-v1.zip"
    with ZipFile(BytesIO(content)) as packed:
        first = next(each for each in packed.namelist() if "教育" in each and "xlsx" in each)
        packed.extract(first, tmp_path)
    fill_answers(tmp_path / first, {WHOLE: ("有修改意见", "避开上下学时段施工", "陈", DAY)})
    page = next(page for page in PAGES if page.code == "review")
    content = (tmp_path / first).read_bytes()
    review = read_review(project, WANG, "east")
    for spoilt in (b"PK\x03\x04 nothing", b"x,y\n1,2\n"):
        with pytest.raises(InputError):
            take_answers(project, WANG, review, [(first, content), ("spoilt.xlsx", spoilt)])
    assert not read_review(project, WANG, "east").opinions
    (told,) = take_answers(project, WANG, review, [(first, content)])
    assert "市教育局" in str(told)
    test = open_page(monkeypatch, project, page, code, actor=LI)
    assert not test.exception
    said = "\n".join(texts_of(test, ("text",)))
    assert "尚未反馈：财政局" in said
    assert "尚未处理的意见：市教育局" in said
    monkeypatch.setattr(remarks, "pick_row", lambda *_, **__: 0)
    test = open_page(monkeypatch, project, page, code, actor=LI)
    (thread,) = read_review(project, LI, "east").threads
    test.radio(key=f"review.adopted.{thread.seq}").set_value("partly")
    test.text_area(key=f"review.reason.{thread.seq}").input("已调整工期")
    form = next(one for one in test.button if one.form_id == f"review.settle.{thread.seq}")
    form.click().run()
    assert not test.exception
    (one,) = read_review(project, LI, "east").threads
    assert (one.is_open, one.settlement.adopted) == (False, "partly")
    name, content = write_output(project, LI, Output.ADOPTION, of=listed, languages=[code])
    with ZipFile(BytesIO(content)) as packed:
        assert set(packed.namelist()) == {"adoption.zh-CN.docx", BOOK}
    assert not open_page(monkeypatch, project, page, code, actor=WANG).exception


def test_a_version_drawn_by_hand_has_all_papers_but_the_whole_text(tmp_path):
    (drawn_up,) = list_reported(east(tmp_path), LI)
    assert Output.CONSULTATION in offered_of(drawn_up)
    by_hand = replace(drawn_up, head=replace(drawn_up.head, inputs={"project": "x"}))
    papers = {Output.PLAN, Output.ADOPTION, Output.CONSULTATION, Output.FINANCE, Output.WORKS}
    assert papers <= set(offered_of(by_hand))
    assert Output.FULL not in offered_of(by_hand)
    earlier = replace(drawn_up, plan=replace(drawn_up.plan, version=2))
    assert Output.CONSULTATION not in offered_of(earlier)
    assert Output.FINANCE in offered_of(earlier)
    assert not {Output.PLAN, Output.FINANCE} & set(offered_of(None))
