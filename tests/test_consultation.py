"""Consultation: who is asked about what, what comes back, and how it is settled and told."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from zipfile import ZipFile

import docx
import openpyxl
import pytest

from civicsight.cli.entry import BAD_INPUT, OK, run
from civicsight.core.errors import InputError, PackError
from civicsight.editing.project import Project
from civicsight.inventory.filled_in import read_filled_in
from civicsight.io import save_city
from civicsight.planning.consultation import (
    WHOLE,
    asked_names,
    call_department,
    find_consulted,
    packages,
    plan_in,
    sort_replies,
    unplaced,
)
from civicsight.planning.opinions import ADOPTIONS, REPLIES, stage_of
from civicsight.report.adoption import BOOK, summary_of, write_adoption
from civicsight.report.consultation import SHEET, Asked, file_name, write_packages
from civicsight.report.plan.teller import teller_of
from civicsight.rules import lint_pack, load_packs
from civicsight.rules.consultation import WORKS
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
from civicsight.store.optimised import keep_plan
from civicsight.ui.pages import PAGES, remarks
from civicsight.ui.services.consultation import take_answers
from civicsight.ui.services.outputs import Output, offered_of, write_output
from civicsight.ui.services.reported import list_reported
from civicsight.ui.services.review import read_review
from tests.plan_made import checked, gate, hand_plan
from tests.store_parts import LI, SUN, WANG
from tests.test_check import CAMS, town
from tests.ui_made import open_page, texts_of

NAMED = ("市教育局", "城管局", "财政局", "动物园")
"""A school, poles, money, and a body that is on no list."""

DAY = "2026-03-02"
COLUMNS = ("reply", "opinion", "replied_by", "replied_on")


def fill_answers(path, answers):
    """Fill in a workbook that a department got: four cells by the number of a point."""
    book = openpyxl.load_workbook(path)
    sheet = next(one for one in book if column_of(one, "reply"))
    at = {str(row[0].value): row[0].row for row in sheet.iter_rows(min_row=2)}
    for label, cells in answers.items():
        for name, value in zip(COLUMNS, cells, strict=True):
            sheet.cell(at[label], column_of(sheet, name), value)
    book.save(path)


def column_of(sheet, name):
    """The number of the column with a code in its heading, 0 without one."""
    heads = [str(cell.value) for cell in sheet[1]]
    return next((n for n, head in enumerate(heads, start=1) if f"({name})" in head), 0)


def asked_by(plan=None, named=NAMED, language="en"):
    return {
        one.department: one for one in packages(plan or hand_plan(), checked(), named, language)
    }


def written(tmp_path, named=NAMED, language="zh_CN"):
    """Write the packages of the plan by hand; return the files by the department."""
    plan = hand_plan()
    asked = Asked("东区", 1, "ab" * 32, stage_of("joint_review", ()))
    found = [one for one in packages(plan, checked(), named, language) if one.is_named]
    files = write_packages(found, asked, teller_of(plan, checked(), language), tmp_path)
    return {one.department: files[2 * n : 2 * n + 2] for n, one in enumerate(found)}


def test_a_department_is_asked_about_what_concerns_it_alone():
    asked = asked_by()
    # Education by the gates of the school; a pole is put up; who pays, and who is on no list.
    assert list(asked["市教育局"].points.index) == ["away", "new/1"]
    assert list(asked["城管局"].points.index) == ["new/1"]
    assert asked["城管局"].points.loc["new/1", "works"] == ("new_pole", "digging")
    assert (
        list(asked["财政局"].points.index)
        == list(asked["动物园"].points.index)
        == ["away", "new/1"]
    )
    assert (asked["动物园"].consulted, asked["动物园"].shows("money")) == (None, True)
    others = {name for name, one in asked.items() if not one.is_named}
    assert {"power", "telecommunications", "planning", "landscaping"} <= others
    assert not {"health", "transport", "education", "urban management"} & others
    # What stays as it is concerns nobody, and what is dropped before it is built costs nothing.
    assert not any({"south", "twin"} & set(one.points.index) for one in asked.values())


def test_a_named_department_that_nothing_concerns_is_asked_all_the_same():
    asked = asked_by(named=("卫健委",))
    assert (len(asked["卫健委"].points), asked["卫健委"].is_named) == (0, True)


def test_points_whose_places_are_gone_are_counted():
    plan = hand_plan()
    assert unplaced(plan, checked()) == 0
    gone = plan.measures.assign(parts=[[gate("s")], [], ["lost#1"], ["lost#1"]])
    assert unplaced(hand_plan(measures=gone), checked()) == 2


def test_whom_the_list_names_is_found_by_every_name():
    rules = load_packs()
    for name in ("教育", "市教育局", "education", "Linhe education bureau"):
        assert find_consulted(name, rules).body.label["en"] == "education"
    assert find_consulted("bakery", rules) is None
    assert set().union(*(one.works for one in rules.consulted)) == set(WORKS)
    names = asked_names(("x", "市教育局"), rules)
    assert (names["x"], names["education"], names["教育"]) == ("x", "市教育局", "市教育局")
    assert (names["health"], names["卫生健康"]) == ("health", "卫生健康")


OURS = """
format: civicsight-rulepack
format_version: 1
pack:
  id: ours
  version: 1.0.0
  released: 2026-01-01
  title: {zh: 本局, en: ours}
  jurisdiction: {zh: 南昌, en: Nanchang, code: "360100", code_system: GB/T 2260}
  instrument:
    {zh: 本局, en: ours, kind: user, rank: 90, in_force: null, status: unverified,
     status_checked: 2026-01-01, articles_available: none}
  load_with: []
sources:
  own: {kind: convention, ref: ours, verified: none}
vocabularies:
  bodies: {zh: 单位, en: bodies, terms: [{zh: 教育, en: education}]}
consultation:
  - {body: BODY, why: {zh: 立杆, en: poles}, works: [WORK], shows: [works]MORE}
"""


def ours(body="education", work="new_pole", more=""):
    text = OURS.replace("BODY", body).replace("WORK", work).replace("MORE", more)
    return text.encode()


def test_the_list_of_a_user_goes_before_that_of_the_law():
    rules = load_packs(user=[ours()])
    entry = find_consulted("education", rules)
    assert (entry.pack, entry.works, entry.places) == ("ours", ("new_pole",), ())
    more = ', places: [{pack: nanchang, item: "8.5", kinds: [education]}]'
    entry = find_consulted("education", load_packs(user=[ours(more=more)]))
    assert entry.places == (("nanchang", "8.5", ("education",)),)
    assert len(rules.consulted) == len(load_packs().consulted)


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"body": "bakery"}, "pack.unknown_name", "consultation[0].body"),
        ({"work": "magic"}, "pack.bad_value", "consultation[0].works"),
        ({"more": ', places: [{item: "8.5"}]'}, "pack.unknown_name", "consultation[0].places[0]"),
        (
            {"more": ', places: [{pack: nanchang, item: "8.5", kinds: [bakery]}]'},
            "pack.unknown_name",
            "consultation[0].places[0].kinds",
        ),
        ({"more": ', places: [{pack: no, item: "8.5"}]'}, "pack.unknown_name", "consultation[0]"),
    ],
)
def test_a_list_with_an_unknown_name_is_refused_by_its_line(change, code, field):
    with pytest.raises(PackError) as error:
        load_packs(user=[ours(**change)])
    (fault,) = error.value.faults
    assert fault.code == code
    assert fault.field.startswith(field)
    assert fault.where == "line 19"


def test_a_body_stands_in_the_list_once():
    twice = ours() + b"  - {body: \xe6\x95\x99\xe8\x82\xb2, why: {zh: a, en: b}, shows: []}\n"
    (fault,) = lint_pack(twice)
    assert (fault.code, fault.found) == ("pack.repeated_id", "教育")


def test_a_package_shows_what_the_list_allows(tmp_path):
    files = written(tmp_path)
    for name, columns in {"市教育局": {"lon", "host"}, "财政局": {"cost_yuan"}}.items():
        book = openpyxl.load_workbook(files[name][0])
        points = book.worksheets[2]
        heads = " ".join(str(cell.value) for cell in points[1])
        assert ("Longitude" in heads) == ("lon" in columns)
        assert ("Carrier" in heads) == ("host" in columns)
        assert ("yuan" in heads) == ("cost_yuan" in columns)
        assert points.max_row == 3
        document = docx.Document(files[name][1])
        text = "\n".join(
            cell.text for table in document.tables for row in table.rows for cell in row.cells
        )
        assert ("23500" in text or "23,500" in text) == ("cost_yuan" in columns)
        cells = [row[-1] for row in points.iter_rows(min_row=2, values_only=True)]
        assert None not in cells
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names[0].startswith("01-市教育局")
    again = written(tmp_path / "again")
    assert len(again) == len(files)


def test_a_name_of_somebody_makes_no_path():
    assert file_name("../../etc/pass wd") == "etc-pass-wd"
    assert file_name(" : ") == "-"


def answers(files, name, said):
    fill_answers(files[name][0], said)
    return files[name][0]


def read(path, plan=None, root="ab" * 32, named=NAMED):
    plan = plan or hand_plan()
    table, _ = read_filled_in("replies", path, SHEET, crs=plan.measures.crs)
    return sort_replies(table, path.name, plan, asked_names(named, checked().rules), root)


def test_answers_come_back_from_the_same_file(tmp_path):
    path = answers(written(tmp_path), "市教育局", {
        WHOLE: ("有修改意见", "避开上下学时段施工", "陈", DAY),
        "2": ("不同意", "立杆占用校门通道", "陈", DAY),
    })  # fmt: skip
    department, said, silent = read(path)
    assert (department, silent) == ("市教育局", 1)
    assert [(one.subject, one.reply, one.text) for one in said] == [
        ("", "remark", "避开上下学时段施工"),
        ("new/1", "disagree", "立杆占用校门通道"),
    ]
    assert {(one.name, one.dated_on) for one in said} == {("陈", DAY)}


def codes_of(error):
    return {(fault.code, fault.field.partition("(")[2].rstrip(")") or fault.field)
            for fault in error.value.faults}  # fmt: skip


def test_every_bad_row_is_named_at_once(tmp_path):
    files = written(tmp_path)
    path = answers(files, "市教育局", {
        WHOLE: ("不同意", None, "陈", DAY),
        "1": (None, "太近", None, None),
        "2": ("同意", None, None, "2999-01-01"),
    })  # fmt: skip
    with pytest.raises(InputError) as error:
        read(path)
    assert codes_of(error) == {
        ("reply.unsaid", "opinion"),
        ("reply.unstated", "reply"),
        ("reply.nobody", "replied_by"),
        ("reply.day", "replied_on"),
    }
    path = answers(files, "城管局", {"2": ("maybe", None, "陈", "March")})
    with pytest.raises(InputError) as error:
        read(path)
    assert {fault.code for fault in error.value.faults} == {"cell.value"}


def test_what_is_of_another_version_department_or_point_is_named(tmp_path):
    files = written(tmp_path)
    path = answers(files, "城管局", {"2": ("同意", None, "陈", DAY)})
    with pytest.raises(InputError) as error:
        read(path)
    assert [fault.code for fault in error.value.faults] == ["replies.file"]  # silence is no opinion
    answers(files, "城管局", {WHOLE: ("同意", None, "陈", DAY)})
    with pytest.raises(InputError) as error:
        read(path, root="cd" * 32)
    assert {fault.code for fault in error.value.faults} == {"replies.root"}
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[1]
    sheet.cell(3, 1, "other")
    sheet.cell(2, column_of(sheet, "body"), "面包店")
    book.save(path)
    with pytest.raises(InputError) as error:
        read(path)
    found = {fault.code for fault in error.value.faults}
    assert found == {"replies.reply_id", "replies.body", "replies.file"}


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
    code, text, _ = say(capsys, *words, "--accept")
    assert (code, "education: kept as" in text) == (OK, True)
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


def test_a_version_that_was_drawn_by_hand_is_refused_in_words():
    with pytest.raises(InputError, match=r"consultation\.drawn"):
        plan_in({"session": "x"})


def test_a_department_of_the_list_is_called_in_the_language_of_the_page():
    rules = load_packs()
    assert call_department("education", rules, "zh_CN") == "教育"
    assert call_department("教育", rules, "en") == "education"
    assert call_department("市教育局", rules, "en") == "市教育局"
    assert call_department("动物园", rules, "en") == "动物园"
    (first, *_) = packages(hand_plan(), checked(), ("education",), "zh_CN")
    assert first.department == "教育"
    assert asked_names(("education",), rules)["教育"] == "education"


def test_what_has_no_measures_is_not_offered_for_a_consultation(tmp_path):
    (drawn_up,) = list_reported(east(tmp_path), LI)
    assert Output.CONSULTATION in offered_of(drawn_up)
    by_hand = replace(drawn_up, head=replace(drawn_up.head, inputs={"project": "x"}))
    assert {Output.PLAN, Output.ADOPTION} <= set(offered_of(by_hand))
    assert not {Output.CONSULTATION, Output.FINANCE, Output.WORKS} & set(offered_of(by_hand))
    earlier = replace(drawn_up, plan=replace(drawn_up.plan, version=2))
    assert Output.CONSULTATION not in offered_of(earlier)
    assert Output.FINANCE in offered_of(earlier)
    assert not {Output.PLAN, Output.FINANCE} & set(offered_of(None))
