"""Editions of a plan by whom they are for, and marks on every page, sheet and file name."""

from __future__ import annotations

import json
import re
import zipfile
from dataclasses import replace

import docx
import openpyxl
import pandas as pd
import pytest

from civicsight.cli.entry import BAD_INPUT, OK, run
from civicsight.core.errors import InputError, MismatchError
from civicsight.coverage.check import check
from civicsight.io import save_city
from civicsight.planning.make import Aims, make_plan
from civicsight.planning.record.opinions import stage_of
from civicsight.report.consultation import Asked
from civicsight.report.editions import EDITIONS, require_public, write_edition
from civicsight.report.marking import MARKS
from civicsight.report.plan.papers import write_plan
from civicsight.report.plan.teller import teller_of
from civicsight.store import open_store
from civicsight.store.optimised_plans import keep_plan
from tests.drawn import a_few, every_other
from tests.plan_made import checked, hand_plan, make_bill, make_cameras, make_measures
from tests.store_parts import LI
from tests.test_check import CAMS, town

NEW = "new:ground:3936.0_3176.0@4.6/standard/209/29"
"""A new camera, whose id says where it stands."""


def placed_plan():
    """The plan by hand, whose new camera has the id that the optimiser gives."""
    names = {"new/1": NEW}
    bill = make_bill()
    return hand_plan(
        measures=make_measures().rename(index=names),
        cameras=make_cameras().rename(index=names),
        bill=bill.assign(camera_id=bill["camera_id"].replace(names)),
    )


def written(code, folder, plan=None, language="en", mark=""):
    """Write an edition; return the texts of its workbook and of its document."""
    asked = Asked("East", 1, "ab" * 32, stage_of("submitted", ()))
    teller = teller_of(plan or placed_plan(), checked(), language)
    book, paper = write_edition(code, asked, teller, folder, mark=mark)
    cells = [
        str(cell)
        for sheet in openpyxl.load_workbook(book)
        for row in sheet.iter_rows(values_only=True)
        for cell in row
        if cell is not None
    ]
    document = docx.Document(paper)
    texts = [paragraph.text for paragraph in document.paragraphs]
    texts += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return cells, texts


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("code", [code for code in EDITIONS if code != "full"])
def test_an_edition_shows_what_it_says_and_nothing_else(tmp_path, code, language):
    plan = placed_plan()
    cells, texts = written(code, tmp_path, plan, language)
    said = " ".join(cells + texts)
    lon = plan.measures.geometry.to_crs("EPSG:4326").x[NEW]
    found = [float(cell) for cell in cells if re.fullmatch(r"\d+\.\d+", cell)]
    assert any(abs(value - lon) < 1e-5 for value in found) == (code == "works")
    assert not re.search(r"3936|3176|@4\.6", said)  # its id says where it stands
    assert ("23500" in said or "23,500" in said) == (code == "finance")
    assert ("ab" * 32 in said) == (code != "public")
    assert not any("School" in text for text in cells + texts)
    if code == "finance":
        (total,) = {cell for cell in cells if cell.replace(",", "").startswith("24300")}
        assert total  # 800 of the one that is turned and 23,500 of the new one
    if code == "works":
        assert sum("new point" in cell or "新建点位" in cell for cell in cells) == 1
        assert "unknown" not in cells


def test_points_of_the_edition_for_finance_sum_to_the_works():
    plan = placed_plan()
    measures = plan.measures.copy()
    kept = measures.index[measures["measure"].eq("keep")][0]
    measures.loc[kept, "year"] = int(measures["year"].max())
    measures.loc[kept, "cost_yuan"] = 50.0  # its record is made complete
    more = plan.bill.iloc[[0]].assign(camera_id=kept, quantity=1, unit_yuan=50.0, cost_yuan=50.0)
    bill = pd.concat([plan.bill, more], ignore_index=True)
    plan = replace(plan, measures=measures, bill=bill.rename_axis(plan.bill.index.name))
    points = EDITIONS["finance"].sheets(teller_of(plan, checked(), "en"))["points"]
    assert 50.0 in set(points["cost_yuan"])
    assert points["cost_yuan"].sum() == measures["cost_yuan"].sum()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "stage"), a_few([("zh_CN", "报批稿"), ("en", "draft for approval")])
)
def test_the_whole_text_circulates_with_its_stage_and_mark(tmp_path, language, stage):
    plan = placed_plan()
    cells, texts = written("full", tmp_path / "marked", plan, language, "secret")
    write_plan(plan, checked(), tmp_path / "plain", languages=[language], pdf=False)
    name = f"plan.{'en' if language == 'en' else 'zh-CN'}.docx"
    text = [one.text for one in docx.Document(tmp_path / "plain" / name).paragraphs]
    own = {one.text for one in docx.Document(tmp_path / "plain" / name).paragraphs}
    assert stage in texts[0]
    lacks = own - set(texts)
    assert len(lacks) < len(text) / 10  # title and approval alone
    (paper,) = (tmp_path / "marked").glob("*.docx")
    (section, *_) = docx.Document(paper).sections
    assert section.header.paragraphs[0].text == ("SECRET" if language == "en" else "机密")
    assert any("23500" in cell or "23,500" in cell for cell in cells)


def test_the_public_is_told_no_count_under_five(tmp_path):
    base = make_measures()
    names = [f"c{n}" for n in range(14)]
    rows = base.loc[["away"] * 14].set_axis(names).rename_axis(base.index.name)
    rows = rows.assign(district=["East"] * 7 + ["West"] * 7, cost_yuan=0.0)
    cameras = make_cameras().loc[["away"] * 14].set_axis(names).rename_axis(base.index.name)
    bill = make_bill().iloc[:0]

    def counts(few, secret=()):
        marked = cameras.assign(secrecy=[True if name in secret else None for name in names])
        plan = hand_plan(measures=rows.drop(index=names[:few]), bill=bill,
                         cameras=marked.drop(index=names[:few]))  # fmt: skip
        book = write_edition("public", Asked("East", 1, "ab" * 32, stage_of("draft", ())),
                             teller_of(plan, checked(), "en"), tmp_path)[0]  # fmt: skip
        sheet = openpyxl.load_workbook(book).worksheets[1]
        return {row[0]: row[1] for row in sheet.iter_rows(min_row=2, values_only=True)}

    assert counts(0) == {"East": "7", "West": "7"}
    assert counts(2) == {"East": "5", "West": "7"}
    assert counts(3)["East"] == "*"
    with pytest.raises(InputError, match="--public"):
        counts(0, names[:1])


def test_no_sum_of_fewer_than_five_points_and_no_blank_secrecy_goes_unsaid(tmp_path):
    cells, texts = written("public", tmp_path)
    assert any("fewer than 5 points" in text for text in texts)
    assert not any("2.43" in text for text in texts + cells)
    assert any("taken as not secret: < 5" in text for text in texts)
    assert any(cell == "< 5" for cell in cells)


HIDDEN = ["south"]
"""The camera that alone covers the south gate, secret in one of two cities and not there in the
other."""


@pytest.fixture(scope="module")
def two_cities(tmp_path_factory):
    """A city with a hidden camera, and the same without it."""
    folder = tmp_path_factory.mktemp("cities")
    known = CAMS.loc[["south", "away", "gone"]].assign(secrecy=[True, False, None])
    return {
        "hidden": save_city(town(known), folder / "hidden.gpkg"),
        "without": save_city(town(known.drop(index=HIDDEN)), folder / "without.gpkg"),
    }


def drawn(city, folder, name, *more):
    """Draw a plan up and keep it; return the words of the command for its public edition."""
    store = str(folder / "plans.gpkg")
    words = ["plan", "optimise", str(city), "--out", str(folder / name), "--no-pdf", "--store",
             store, "--steps", "100", "--plan", name, "--as", "Li", "--plan-alone"]  # fmt: skip
    assert run([*words, "--years", "2027", "--lang", "en", *more]) == OK
    return ["plan", "edition", str(city), "--from", store, "--plan", name, "--for", "public",
            "--lang", "en", "--out", str(folder / f"{name}-public")]  # fmt: skip


def contents(folder):
    """Return what each file of an edition holds, but not when it was made."""
    found = {}
    for path in sorted(folder.iterdir()):
        with zipfile.ZipFile(path) as archive:
            found |= {f"{path.name}/{part}": archive.read(part) for part in archive.namelist()
                      if part != "docProps/core.xml"}  # fmt: skip
    return found


def test_a_plan_that_rests_on_a_hidden_camera_is_not_published(two_cities, tmp_path, capsys):
    """Where that camera covers a gate nothing is built: an empty table tells of it."""
    asked = drawn(two_cities["hidden"], tmp_path, "east")
    assert run(asked) == BAD_INPUT
    assert "plan optimise --public" in capsys.readouterr().err
    assert not (tmp_path / "east-public").exists()
    listed = CAMS.loc[HIDDEN].assign(secrecy=True)
    beside = check(town(CAMS.loc[["away"]].assign(secrecy=False)), listed, raster=False)
    for result in (check(town(listed), raster=False), beside):  # in the city, in a list beside it
        with pytest.raises(MismatchError, match="no hidden record"):
            make_plan(result, Aims(public=True))
    assert run(["plan", "optimise", str(two_cities["hidden"]), "--public", "--from", "x"]) != OK


@pytest.mark.slow
def test_public_editions_of_a_city_with_a_hidden_camera_and_without_are_the_same(
    two_cities, tmp_path, capsys
):
    told = {}
    for name, city in two_cities.items():
        (tmp_path / name).mkdir()
        assert run(drawn(city, tmp_path / name, "east", "--public")) == OK
        assert "do not say whether their record is secret: 1" in capsys.readouterr().err
        told[name] = contents(tmp_path / name / "east-public")
    assert told["hidden"] == told["without"]
    assert any(b"*" in content for content in told["hidden"].values()), "a gate is to be closed"
    verified = ["plan", "verify", str(tmp_path / "hidden" / "east"), "--city",
                str(two_cities["hidden"]), "--seed", "1", "--lang", "en"]  # fmt: skip
    assert run(verified) == OK, capsys.readouterr().err


@pytest.mark.slow
def test_a_plan_of_a_city_without_hidden_records_is_published(two_cities, tmp_path):
    assert run(drawn(two_cities["without"], tmp_path, "east")) == OK


def test_a_point_that_is_hidden_by_now_is_not_published():
    plan, result = placed_plan(), checked()
    require_public(plan, result)
    kept = hand_plan(parameters={"hidden": 0})
    marked = result.cameras.assign(
        secrecy=[True if name == "away" else None for name in result.cameras.index]
    )
    later = replace(result, cameras=marked)
    for each in (plan, kept):
        with pytest.raises(InputError, match=r"edition\.hidden"):
            require_public(each, later)
    other = replace(result, city=replace(result.city, places=result.city.places.iloc[:0]))
    require_public(kept, other)
    with pytest.raises(InputError, match=r"edition\.hidden"):
        require_public(plan, other)  # a plan of before of which nobody can tell


@pytest.mark.parametrize("mark", every_other(MARKS, 0))
def test_a_mark_stands_on_every_page_sheet_and_file_name(tmp_path, mark):
    written("finance", tmp_path, language="zh_CN", mark=mark)
    word = {"internal": "内部", "confidential": "秘密", "secret": "机密", "top_secret": "绝密"}[
        mark
    ]
    files = sorted(tmp_path.iterdir())
    assert {file.name for file in files} == {f"{word}-finance.xlsx", f"{word}-finance.zh-CN.docx"}
    book = next(file for file in files if file.suffix == ".xlsx")
    for sheet in openpyxl.load_workbook(book):
        assert word in sheet.oddHeader.left.text
    section = docx.Document(next(file for file in files if file.suffix == ".docx")).sections[0]
    for head in (section.header, section.even_page_header):
        assert head.paragraphs[0].text == word
    written("finance", tmp_path / "plain", language="zh_CN")
    plain = docx.Document(tmp_path / "plain" / "finance.zh-CN.docx").sections[0]
    assert plain.header.is_linked_to_previous


def test_editions_and_marks_on_the_command_line(capsys, tmp_path):
    city = save_city(town(CAMS.loc[["south", "twin", "away", "gone"]]), tmp_path / "town.gpkg")
    plans = str(tmp_path / "plans.gpkg")
    with open_store(plans, create=True) as opened:
        keep_plan(opened, LI, "east", hand_plan(), "东区", ("education",))
    words = ["plan", "edition", str(city), "--from", plans, "--plan", "east", "--lang", "en"]
    more = ["--for", "works", "--mark", "internal", "--out", str(tmp_path / "out"), "--json"]
    assert run([*words, *more]) == OK
    told = json.loads(capsys.readouterr().out)
    assert [file.rpartition("/")[2] for file in told["files"]] == [
        "INTERNAL-works.xlsx",
        "INTERNAL-works.en.docx",
    ]
    assert run([*words, "--for", "nobody"]) != OK
    assert run([*words, "--for", "works", "--mark", "red"]) != OK
    assert "internal, confidential" in capsys.readouterr().err
    assert run([*words, "--for", "public", "--mark", "secret"]) != OK


def test_the_stage_follows_from_state_and_opinions():
    from civicsight.planning.record.opinions import Answered, Voiced

    heard = Answered("a", is_named=True, has_answered=True, voiced=(), reply="agree")
    silent = replace(heard, has_answered=False)
    objects = replace(heard, voiced=(Voiced(3, "", "remark", "x"),))
    settled = replace(heard, voiced=(Voiced(3, "", "remark", "x", adopted="refused"),))
    stages = [str(stage_of("joint_review", (one,))) for one in (heard, silent, objects, settled)]
    assert stages == ["draft for review", *2 * ["draft for consultation"], "draft for review"]
    assert str(stage_of("joint_review", ())) == "draft for consultation"
    assert str(stage_of("submitted", (heard,))) == "draft for approval"
    assert str(stage_of("approved", (heard,))) == "approved text"
