"""The plan as it is handed on: the same content in every format, opened again by other programs."""

from __future__ import annotations

import json
import re
import zipfile
from io import BytesIO
from xml.etree import ElementTree as ET

import docx
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
from docx.shared import Cm
from PIL import Image

from civicsight.cli.plan_output import describe
from civicsight.core.errors import InputError
from civicsight.core.i18n import translate
from civicsight.planning.duplicates.robustness import robustness
from civicsight.planning.record.documents import documents_in, from_documents, to_record
from civicsight.planning.record.plan import FUNDS, STAGES, UNBUILT_COLUMNS
from civicsight.planning.record.root import read_list, root_of, to_scan
from civicsight.planning.solver.outcome import Status
from civicsight.planning.statement.claims import statement_of
from civicsight.planning.statement.figures import figures_of
from civicsight.presentation.document import Figure, Table
from civicsight.presentation.drawing import FINER, Canvas
from civicsight.presentation.qr import draw_qr
from civicsight.report.docx import shares_of
from civicsight.report.docx_layout import OFFICIAL, OPEN_FONTS, PLAIN
from civicsight.report.html import ROOT_COVERS, render_plan
from civicsight.report.plan import papers, write_plan
from civicsight.report.plan.endings import describe_open, ending_of_record
from civicsight.report.plan.figures import (
    draw_history,
    draw_overview,
    draw_sheet,
    draw_slider,
    numbered,
    sheets_of,
)
from civicsight.report.plan.script import plan_document, read_script, with_told, write_script
from civicsight.report.plan.teller import measure_table, new_camera, teller_of
from tests.plan_made import checked, hand_plan, make_parts, make_proof
from tests.test_i18n import CHINESE
from tests.test_report_page import Reader

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture(scope="module")
def plan():
    return hand_plan()


@pytest.fixture(scope="module")
def folder(plan, tmp_path_factory):
    out = tmp_path_factory.mktemp("plan")
    steps = []
    files = write_plan(plan, checked(), out, pdf=False, progress=lambda *step: steps.append(step))
    assert sorted(path for path in out.rglob("*") if path.is_file()) == sorted(files)
    assert steps[-1] == (len(files), len(files))
    return out


def sections_of(plan, language="en"):
    return plan_document(teller_of(plan, checked(), language)).sections


def text_of(document):
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_every_chapter_that_officials_expect_is_there(plan):
    titles = [section.title for section in sections_of(plan)]
    assert titles == [
        "Present state", "Aims and basis", "Layout", "Phases", "Estimate", "Safeguards", "Ledger",
        "What cannot be covered", "Open questions", "Certificate", "Sources and licences",
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_document_opens_again_and_says_what_the_page_says(folder, language):
    document = docx.Document(folder / f"plan.{language}.docx")
    text = text_of(document)
    page = Reader((folder / f"plan.{language}.html").read_text(encoding="utf-8")).text
    for figure in ("24,300", "23,500", "12,000", "8,000", "public tender, median, 2025-06-30"):
        assert figure in text
        assert figure in page
    assert len(document.inline_shapes) == len(
        re.findall("<svg", (folder / f"plan.{language}.html").read_text())
    )
    assert "GB/T 28181-2022" in text
    assert any(word in text for word in ("not a legal opinion", "不构成法律意见"))
    headings = [p.text for p in document.paragraphs if p.style.name.startswith("Heading")]
    assert len(headings) >= 11
    assert bool(CHINESE.search(headings[0])) == (language == "zh-CN")
    assert document.core_properties.language == language


def test_fonts_are_named_for_chinese_and_no_theme_wins_over_them(folder):
    with zipfile.ZipFile(folder / "plan.zh-CN.docx") as archive:
        styles = ET.fromstring(archive.read("word/styles.xml"))  # noqa: S314 - written above
        body = archive.read("word/document.xml").decode()
    named = {
        style.get(f"{W}styleId"): style.find(f"{W}rPr/{W}rFonts")
        for style in styles.iter(f"{W}style")
    }
    for name in ("Normal", "Title", "Heading1", "Heading2", "Caption"):
        fonts = named[name]
        assert fonts.get(f"{W}eastAsia") in OPEN_FONTS
        assert not [key for key in fonts.attrib if key.endswith("Theme")]
    assert body.count("<w:tblHeader/>") == body.count("<w:tbl>")
    assert re.search(r'docPr [^>]*descr="[^"]+"', body)


def test_the_workbook_has_one_row_a_camera_and_its_sums_are_exact(plan, folder):
    book = openpyxl.load_workbook(folder / "plan.xlsx", read_only=True)
    sheet = list(book.worksheets[1].values)
    heads = {str(head).split()[-1]: k for k, head in enumerate(sheet[0])}
    assert len(sheet) == 1 + len(plan.measures)
    cost = next(k for k, head in enumerate(sheet[0]) if "Works [yuan]" in head)
    assert sum(row[cost] for row in sheet[1:]) == plan.cost_yuan
    assert heads
    assert {row[0] for row in sheet[1:]} == set(plan.measures.index)
    table = pd.read_csv(folder / "measures.csv")
    assert len(table) == len(plan.measures)


def test_the_layers_are_those_of_the_plan(plan, folder):
    layers = {name for name, _ in pyogrio.list_layers(folder / "plan.gpkg")}
    parted = {"planned_parts_lines", "zones_areas"}
    assert {"measures", "buildings"} | parted <= layers
    frame = pyogrio.read_dataframe(folder / "plan.gpkg", layer="measures")
    assert frame.crs == plan.measures.crs
    assert (
        frame.set_index("camera_id")["cost_yuan"].to_dict() == plan.measures["cost_yuan"].to_dict()
    )


def test_the_plan_itself_lies_beside_and_reads_back(plan, folder):
    again = from_documents(documents_in(folder))
    assert again.proof == plan.proof
    assert json.loads((folder / "plan.json").read_bytes())["format"] == 3


@pytest.fixture(scope="module")
def twice(plan, tmp_path_factory):
    """The same plan in two folders, told beforehand; another one lay in the second."""
    told, outs = with_told(plan, checked()), []
    for of_before in ((), OF_BEFORE):
        out = tmp_path_factory.mktemp("twice")
        put(out, dict.fromkeys(of_before, b"of before"))
        write_plan(told, checked(), out, languages=["en"], pdf=False)
        outs.append(bytes_in(out))
    return outs


OF_BEFORE = ("dual.npy", "plan.zh-CN.html", "certificate/terms/floors.npy", "own.txt")


def put(folder, files):
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def bytes_in(folder):
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


@pytest.mark.slow
def test_the_same_record_gives_the_same_bytes(twice):
    one, two = twice
    assert {name for name in one if one[name] != two[name]} == {"plan.gpkg"}
    again = read_script(one["told.json"])
    assert write_script(again) == one["told.json"]


@pytest.mark.slow
def test_page_one_has_the_whole_root_and_every_foot_its_beginning(twice):
    files = twice[0]
    root = root_of({name: files[name] for name in read_list(files["root.sha256"])})
    page = files["plan.en.html"].decode()
    first = page[: page.index('<ul class="contents">')]
    assert f"ask for in full: {root}" in Reader(first).text
    assert str(ROOT_COVERS) in Reader(first).text
    assert f'@bottom-left {{ content: "{root[:12]}"' in page
    document = docx.Document(BytesIO(files["plan.en.docx"]))
    texts = [paragraph.text for paragraph in document.paragraphs]
    assert texts.index(next(t for t in texts if root in t)) < texts.index("1 Present state")
    assert str(ROOT_COVERS) in texts
    assert root[:12] in document.sections[0].footer.paragraphs[0].text
    assert draw_qr(to_scan(root)).svg("The root, to be scanned") in first
    pictures = {shape._inline.docPr.get("descr") for shape in document.inline_shapes}
    assert "The root, to be scanned" in pictures
    assert "Digest" not in page


def test_a_folder_holds_one_plan(twice):
    one, two = twice
    assert two.keys() - one.keys() == {"own.txt"}
    assert one.keys() - two.keys() == set()
    assert two["own.txt"] == b"of before"


def test_a_drawing_of_other_things_than_lines_areas_and_words_is_refused(twice):
    told = json.loads(twice[0]["told.json"])
    stroke = next(s for figure in told["figures"] for s in figure[2] if s[1])
    for place, value in ((1, '#000" onload="x'), (3, float("inf")), (0, [[1]])):
        kept, stroke[place] = stroke[place], value
        with pytest.raises(InputError, match=r"plan\.told"):
            read_script(json.dumps(told).encode())
        stroke[place] = kept
    read_script(json.dumps(told).encode())


@pytest.mark.slow
def test_a_failure_leaves_the_old_files(plan, twice, tmp_path, monkeypatch):
    put(tmp_path, twice[0])

    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(papers, "write_plan_layers", fail)
    with pytest.raises(OSError, match="the disk is full"):
        write_plan(plan, checked(), tmp_path, languages=["en"], pdf=False)
    assert bytes_in(tmp_path) == twice[0]


def test_maps_number_the_works_and_show_them_before_and_after(plan):
    assert numbered(plan)["number"].to_dict() == {"away": 1, "new/1": 2}
    assert sum(len(works) for works in sheets_of(plan).values()) == 2
    before, after = (draw_overview(checked(), plan, when) for when in ("before", "after"))
    assert "#b0006d" in before.svg("x")
    assert before.svg("x") != after.svg("x")
    (works,) = sheets_of(plan).values()
    words = [stroke.text for stroke in draw_sheet(checked(), plan, works).strokes if stroke.text]
    assert {"1", "2", "N"} <= set(words)


def test_a_drawing_is_the_same_in_both_formats():
    canvas = Canvas(40, 30)
    canvas.area([(0, 0), (20, 0), (20, 30), (0, 30)], "#ff0000")
    canvas.trace([(30, 0), (30, 30)], "#0000ff", 4.0)
    painted = canvas.png()
    assert Canvas(40, 30, list(canvas.strokes)).png() is painted, "a drawing is painted once"
    assert Canvas(40, 30, canvas.strokes[:1]).png() != painted
    image = Image.open(BytesIO(painted))
    assert image.size == (40 * FINER, 30 * FINER)
    assert image.getpixel((10 * FINER, 15 * FINER)) == (255, 0, 0)
    assert image.getpixel((30 * FINER, 15 * FINER)) == (0, 0, 255)
    markup = canvas.svg('a "name" <b>')
    drawn = ET.fromstring(markup)  # noqa: S314 - drawn above
    assert drawn.get("aria-label") == 'a "name" <b>'


def test_curves_have_a_point_for_each_share_and_skip_what_is_not_known(plan):
    assert sum(bool(s.fill) and not s.text for s in draw_slider(plan).strokes) == 4
    history = plan.history.assign(bound=[float("nan"), 24_000.0])
    lines = [s for s in draw_history(hand_plan(history=history)).strokes if s.width == 2.0]
    assert len(lines) == 1
    empty = draw_history(hand_plan(history=plan.history.iloc[:0]))
    assert not empty.strokes


def test_a_plan_without_works_is_told_as_well(plan):
    still = plan.measures.assign(measure="keep", cost_yuan=0.0, year=0)
    quiet = hand_plan(
        measures=still, bill=plan.bill.iloc[:0], cameras=plan.cameras.iloc[:0],
        ledger=plan.ledger.iloc[:0], unreachable=plan.unreachable.iloc[:0],
        forbidden=plan.forbidden.iloc[:0], slider=plan.slider.iloc[:0],
        alternatives=plan.alternatives.iloc[:0], history=plan.history.iloc[:0],
    )  # fmt: skip
    blocks = [block for section in sections_of(quiet) for block in section.blocks]
    assert any(isinstance(block, Figure) for block in blocks)
    assert any("enough permitted candidates" in block for block in blocks if isinstance(block, str))


def test_the_estimate_ends_with_the_sum(plan):
    section = next(s for s in sections_of(plan) if s.title == "Estimate")
    bill = next(block for block in section.blocks if isinstance(block, Table))
    assert bill.rows[-1][4] == "24,300"
    assert not any("Not in this sum" in str(block) for block in section.blocks)


def test_a_camera_that_breaks_the_law_is_named_with_the_article_and_what_is_done(plan):
    measures = plan.measures.copy()
    measures.loc["south", ["measure", "article", "year"]] = ["drop", "9", 2027]
    measures.loc["twin", "article"] = "9"  # only planned: it is simply not built
    barred = pd.DataFrame(
        {"camera_id": ["south", "twin"], "article": "9", "reason": "inside", "area_m2": np.nan}
    )
    told = hand_plan(measures=measures, barred=barred)
    by_title = {section.title: section for section in sections_of(told)}
    assert any("2 cameras on record may not look where they look" in str(b)
               for b in by_title["Present state"].blocks)  # fmt: skip
    (table,) = [b for b in by_title["Safeguards"].blocks if isinstance(b, Table)
                and "not credited" in b.caption]  # fmt: skip
    unpriced = [b for b in by_title["Estimate"].blocks if "Not in this sum" in str(b)]
    assert len(unpriced) == 1
    assert "taking down (1)" in unpriced[0]
    done = [row[-1] for row in table.rows]
    assert done == ["Take it down: Article 9", "Drop from the plan"]
    listed = measure_table(told)["measure"]
    assert listed["south"] == "拆除：第9条 Take it down: Article 9"
    assert listed["twin"].endswith("Drop from the plan")


def test_money_floors_failures_and_the_order_of_aims_are_told(plan, tmp_path):
    funds = pd.DataFrame(
        [(2027, "East", 900.0, 800.0, np.nan, 1.0), (0, "", 50_000.0, 24_300.0, np.nan, np.nan)],
        columns=list(FUNDS),
    )
    unbuilt = pd.DataFrame([("new/9", "new", 9.0, "pinned")], columns=list(UNBUILT_COLUMNS))
    stages = pd.DataFrame([("new_sites", 1.0, 1.0)], columns=list(STAGES))
    kept = robustness(checked(), failures=(1,), errors=(), scenarios=0).reset_index(names="case")
    told = hand_plan(funds=funds, unbuilt=unbuilt, stages=stages, robustness=kept)
    write_plan(told, checked(), tmp_path, languages=["en"], pdf=False)
    page = Reader((tmp_path / "plan.en.html").read_text(encoding="utf-8")).text
    for sentence in (
        "Budgets and least shares", "All years", "50,000",
        "Budget (Works; 2027, East): 900 yuan, spent 800 yuan.",
        "Budget (Works; all years, all districts): 50,000 yuan, spent 24,300 yuan.",
        "the money of the year that it is pinned to does not suffice", "new sites",
        "Cameras that fail at once: 1", "The worst failure: ",
    ):  # fmt: skip
        assert sentence in page, sentence
    lines = [str(line) for line in describe(told)]
    assert any("Not built: new/9" in line for line in lines)
    assert any(line.startswith("new sites: 1") for line in lines)
    assert any(line.startswith("Cameras that fail at once: 1") for line in lines)
    assert "No budget was given" not in page
    quiet = Reader(render(plan)).text
    assert "No budget was given" in quiet
    assert "Robustness" not in quiet


def render(plan):
    teller = teller_of(plan, checked(), "en")
    return render_plan(plan_document(teller), "00" * 32)


def test_columns_of_the_document_are_as_wide_as_what_they_hold(folder):
    grid = Table("", ("No.", "Name", "SHA-256"), (("1", "word " * 30, "0f" * 32),), frozenset({0}))
    number, name, digest = shares_of(grid, PLAIN.width_cm)
    assert number + name + digest == pytest.approx(1.0)
    assert number < name
    assert number < digest
    document = docx.Document(folder / "plan.zh-CN.docx")
    for table in document.tables:
        widths = [column.width for column in table.columns]
        assert sum(widths) == pytest.approx(Cm(OFFICIAL.width_cm), rel=1e-3)
        assert [cell.width for cell in table.rows[-1].cells] == widths
    assert any(len({column.width for column in table.columns}) > 1 for table in document.tables)


def test_a_sheet_prints_across_with_its_headings_on_every_page(folder):
    book = openpyxl.load_workbook(folder / "plan.xlsx")
    sheet = book.worksheets[1]
    assert sheet.page_setup.orientation == "landscape"
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$1:$1"


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("new:ground:392.0_317.5@4.6/wide/170/45",
         "new: open ground, with a new pole 392.0 317.5, 4.6 m, 170°"),
        ("new:facade:B030/6/9@3.5/long/238/12", "new: wall of a building B030/6/9, 3.5 m, 238°"),
        ("C017", "None"),
    ],
)  # fmt: skip
def test_a_new_camera_is_called_after_where_it_is_to_stand(label, said):
    assert str(new_camera(label)) == said


def test_the_chinese_document_says_inputs_in_words(folder):
    cells = text_of(docx.Document(folder / "plan.zh-CN.docx"))
    assert "private_places" not in cells
    assert "涉及公民个人隐私的场所" in cells


@pytest.mark.slow
@pytest.mark.parametrize(("status", "is_open"), [("covered", False), ("possible", True)])
def test_how_good_a_plan_is_is_said_together_with_what_stays_open(status, is_open):
    parts = make_parts()
    parts["status_after"], parts["share_after"] = ["covered", status], [1.0, float(not is_open)]
    plan = hand_plan(parts=parts, proof=make_proof(status=Status.OPTIMAL))
    said = (statement_of(plan).describe(), *describe_open(figures_of(plan)))
    for language in ("en", "zh_CN"):
        good, left, *_ = told = [translate(text, language) for text in said]
        lead = list(plan_document(teller_of(plan, checked(), language)).lead)
        assert lead.index(left) == lead.index(good) + 1
        assert set(told) <= {translate(line, language) for line in describe(plan)}
    n = figures_of(plan)
    assert [n.of(key) for key in ("parts.open.after", "places.open.after")] == [int(is_open)] * 2
    assert ending_of_record(to_record(plan)) == said
    assert ending_of_record({}) == ()
    assert ending_of_record({"plan": {"proof": {}}}) == ()
