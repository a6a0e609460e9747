"""Consultation: who is asked about what, what comes back, and how it is settled and told."""

from __future__ import annotations

import docx
import openpyxl
import pytest

from civicsight.core.errors import InputError, PackError
from civicsight.planning.record.consultation import (
    WHOLE,
    asked_names,
    call_department,
    find_consulted,
    packages,
    plan_in,
    unplaced,
)
from civicsight.planning.record.opinions import stage_of
from civicsight.report.consultation import Asked, file_name, write_packages
from civicsight.report.plan.teller import teller_of
from civicsight.rules import lint_pack, load_packs
from civicsight.rules.consultation import WORKS
from tests.consultation_made import COLUMNS, DAY, NAMED, column_of, fill_answers, read
from tests.plan_made import checked, gate, hand_plan


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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_bad_cells_and_strange_rows_are_named_together(tmp_path):
    path = answers(written(tmp_path), "城管局", {
        WHOLE: ("不同意", None, "陈", DAY),
        "2": ("同意", None, None, DAY),
    })  # fmt: skip
    book = openpyxl.load_workbook(path)
    sheet = next(one for one in book if column_of(one, "reply"))
    strange = sheet.max_row + 1
    for column in range(1, sheet.max_column + 1):
        sheet.cell(strange, column, sheet.cell(2, column).value)
    sheet.cell(strange, 1, "77")
    for name, value in zip(COLUMNS, ("同意", None, "陈", DAY), strict=True):
        sheet.cell(strange, column_of(sheet, name), value)
    book.save(path)
    with pytest.raises(InputError) as error:
        read(path)
    assert {fault.code for fault in error.value.faults} == {
        "reply.unsaid",  # the whole, objected to without a reason
        "reply.nobody",
        "replies.reply_id",
    }


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
