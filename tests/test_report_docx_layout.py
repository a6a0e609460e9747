"""The DOCX in Chinese is set as official documents are; the one in English is set plainly."""

from __future__ import annotations

import re
from zipfile import ZipFile

import docx
import pytest
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from civicsight.core.i18n import LANGUAGES
from civicsight.presentation.document import Document, Facts, Section, Table
from civicsight.report.docx import EM_CM, shares_of, write_docx
from civicsight.report.docx_layout import OFFICIAL, OPEN_FONTS

WIDTH_CM = OFFICIAL.width_cm
TABLE = Table("费用", ("项目", "金额（万元）"), (("立杆", "1.20"),), frozenset({1}))
TOLD = Section(
    "现状",
    ("正文。", TABLE, Facts((("面积", "3"),))),
    (Section("布局", (TABLE,), (Section("点位", (), (Section("北门", ()),)),)),),
)


@pytest.fixture
def written(tmp_path):
    def write(language):
        path = tmp_path / f"{language}.docx"
        told = Document(language, "方案", ("导语",), ("提示",), (TOLD, TOLD))
        write_docx(path, told, "a" * 64)
        return docx.Document(str(path)), path

    return write


def font_of(style):
    return style.element.rPr.rFonts.get(qn("w:eastAsia"))


def test_sheet_type_area_lines_and_signs_are_those_of_the_standard(written):
    document, _ = written("zh_CN")
    section = document.sections[0]
    twip = 635  # what a word processor rounds to
    sheet = (section.page_width, section.page_height)
    assert sheet == pytest.approx((Mm(210), Mm(297)), abs=twip)
    width = section.page_width - section.left_margin - section.right_margin
    height = section.page_height - section.top_margin - section.bottom_margin
    assert (width, height) == pytest.approx((Mm(156), Mm(225)), abs=3 * twip)
    normal = document.styles["Normal"]
    assert normal.font.size == Pt(16)
    line, sign = normal.paragraph_format.line_spacing, normal.font.size - Pt(OFFICIAL.closer_pt)
    assert int(height / line) == 22
    assert int(width / sign) == 28
    assert normal.paragraph_format.first_line_indent == pytest.approx(2 * sign, abs=twip)


def test_fonts_are_named_with_what_stands_in_for_them(written):
    document, path = written("zh_CN")
    names = ("Title", "Heading 1", "Heading 2", "Heading 3", "Normal", "Caption")
    found = [font_of(document.styles[name]) for name in names]
    assert found == [
        "方正小标宋简体",
        "SimHei",
        "楷体_GB2312",
        "仿宋_GB2312",
        "仿宋_GB2312",
        "SimSun",
    ]
    text = ZipFile(path).read("word/fontTable.xml").decode()
    named = dict(re.findall(r'<w:font w:name="([^"]+)"><w:altName w:val="([^"]+)"/>', text))
    assert set(found) <= set(named) == set(OPEN_FONTS)
    assert all("Noto" in others for others in named.values())


def test_sections_and_tables_are_numbered_as_officials_number_them(written):
    document, _ = written("zh_CN")
    heads = [p.text for p in document.paragraphs if p.style.name.startswith("Heading")]
    assert heads[1:5] == ["一、现状", "（一）布局", "1.点位", "（1）北门"]
    assert heads[5] == "二、现状"
    captions = [p.text for p in document.paragraphs if p.style.name == "Caption"][1:]
    assert captions == [f"表 {n}　费用" for n in range(1, 5)]
    assert "面积：3" in [p.text for p in document.paragraphs]
    (cell,) = {
        p.paragraph_format.line_spacing for p in document.tables[0].rows[1].cells[0].paragraphs
    }
    assert cell == 1.0


def test_pages_are_numbered_outside_between_dashes(written):
    document, _ = written("zh_CN")
    assert document.settings.odd_and_even_pages_header_footer
    odd, even = (foot.paragraphs[0] for foot in (
        document.sections[0].footer, document.sections[0].even_page_footer))  # fmt: skip
    assert (odd.alignment, even.alignment) == (WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.LEFT)
    for foot in (odd, even):
        assert foot.text == f"{'a' * 12}   —  —"  # the field of the page stands between


def test_in_english_it_is_set_plainly(written):
    document, _ = written("en")
    assert font_of(document.styles["Normal"]) == "SimSun"
    heads = [p.text for p in document.paragraphs if p.style.name.startswith("Heading")]
    assert heads[1:3] == ["1 现状", "1.1 布局"]
    assert not document.settings.odd_and_even_pages_header_footer


def members_of(path):
    """Return what an archive holds; the library dates its members by the clock."""
    with ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_document_holds_the_same(written, language):
    first, again = (members_of(written(language)[1]) for _ in range(2))
    assert first == again


def test_where_all_fits_no_heading_is_broken():
    heads = ("项目", "保底方案", "推荐方案", "全覆盖方案")
    short = Table("", heads, (("建设投资，含工程建设其他费用（万元）", "1.47", "1.47", "7.67"),))
    ems = [share * WIDTH_CM / EM_CM for share in shares_of(short, WIDTH_CM)]
    assert all(room > len(head) for room, head in zip(ems, heads, strict=True))
    long = Table("", heads, (("很长的说明" * 40, "1.47", "1.47", "7.67"),))
    shares = shares_of(long, WIDTH_CM)
    assert sum(shares) == pytest.approx(1.0)
    assert shares[0] > 0.6, "what breaks gets what figures do not need"
