"""How a document is set: as Chinese offices expect it, or plainly in other languages.

References
----------
GB/T 9704-2012, Layout key for official document of Party and government organs: sheet and type area
(5.1, 5.2), lines and signs (5.2.3), title and body (7.3.1, 7.3.3), page numbers (7.5).
ECMA-376, Office Open XML, part 1, 17.3.2.26 (``rFonts``), 17.8.3.1 (``altName``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from xml.sax.saxutils import quoteattr

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

LATIN_FONT: Final = "Times New Roman"
SONG, HEI, KAI, FANG, TITLE_SONG = (
    "SimSun",
    "SimHei",
    "楷体_GB2312",
    "仿宋_GB2312",
    "方正小标宋简体",
)
OPEN_FONTS: Final[Mapping[str, str]] = {
    SONG: "宋体,Noto Serif CJK SC,Noto Serif SC",
    HEI: "黑体,Noto Sans CJK SC,Noto Sans SC",
    KAI: "KaiTi,楷体,LXGW WenKai,Noto Serif CJK SC",
    FANG: "FangSong,仿宋,朱雀仿宋,Noto Serif CJK SC",
    TITLE_SONG: "FZXiaoBiaoSong-B05S,方正小标宋_GBK,Source Han Serif SC,Noto Serif CJK SC",
}
"""What a word processor takes where a font is not installed, in this order."""

FONT_TABLE: Final = "/word/fontTable.xml"

DIGITS: Final = "〇一二三四五六七八九"
TEN: Final = 10


@dataclass(frozen=True, slots=True)
class Layout:
    """How a document is set.

    Parameters
    ----------
    styles
        Name of a style, Chinese font and size [pt].
    margins_mm
        Top, right, bottom and left of an A4 sheet.
    line_pt
        Height of a line of text [pt], None for what the font asks for.
    closer_pt
        How much closer than its size a sign stands to the next [pt].
    is_official
        Whether titles stand in the middle, paragraphs begin two signs in, and pages are numbered
        outside, between dashes.
    number
        Writes the number of a section from those of all its levels.
    """

    styles: tuple[tuple[str, str, float], ...]
    margins_mm: tuple[float, float, float, float]
    line_pt: float | None
    closer_pt: float
    is_official: bool
    number: Callable[[tuple[int, ...]], str]

    @property
    def width_cm(self) -> float:
        """Width of the type area."""
        return (210.0 - self.margins_mm[1] - self.margins_mm[3]) / 10.0


def chinese(number: int) -> str:
    """Write a number below a hundred in Chinese.

    Examples
    --------
    >>> [chinese(n) for n in (1, 10, 12, 20, 35)]
    ['一', '十', '十二', '二十', '三十五']
    """
    tens, ones = divmod(number, TEN)
    if not tens:
        return DIGITS[ones]
    return ("" if tens == 1 else DIGITS[tens]) + "十" + (DIGITS[ones] if ones else "")


def official_number(levels: tuple[int, ...]) -> str:
    """Write the number of a section as official documents do: 一、（一）1.（1）.

    Examples
    --------
    >>> [official_number(levels) for levels in ((2,), (2, 3), (2, 3, 1), (2, 3, 1, 4))]
    ['二、', '（三）', '1.', '（4）']
    """
    last = levels[-1]
    by_level = (f"{chinese(last)}、", f"（{chinese(last)}）", f"{last}.", f"（{last}）")
    return by_level[min(len(levels), len(by_level)) - 1]


def plain_number(levels: tuple[int, ...]) -> str:
    """Write the numbers of all levels of a section: ``2.3``."""
    return ".".join(map(str, levels)) + " "


PLAIN: Final = Layout(
    (
        ("Normal", SONG, 10.5),
        ("Title", HEI, 22.0),
        ("Heading 1", HEI, 16.0),
        ("Heading 2", HEI, 13.0),
        ("Caption", SONG, 9.0),
    ),
    (25.4, 25.0, 25.4, 25.0),
    None,
    0.0,
    is_official=False,
    number=plain_number,
)

OFFICIAL: Final = Layout(
    (
        ("Normal", FANG, 16.0),
        ("Title", TITLE_SONG, 22.0),
        ("Heading 1", HEI, 16.0),
        ("Heading 2", KAI, 16.0),
        ("Heading 3", FANG, 16.0),
        ("Heading 4", FANG, 16.0),
        ("Caption", SONG, 10.5),
    ),
    (37.0, 26.0, 35.0, 28.0),
    28.95,  # 22 lines in 225 mm
    0.25,  # 28 signs of 16 pt in 156 mm
    is_official=True,
    number=official_number,
)


def set_layout(document: Any, layout: Layout, language: str) -> None:
    """Set sheet, fonts and paragraphs of an empty document.

    Parameters
    ----------
    document
        Of python-docx.
    layout
        How it is set.
    language
        Tag of its language, which spelling and screen readers go by.
    """
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    top, right, bottom, left = layout.margins_mm
    section.top_margin, section.bottom_margin = Mm(top), Mm(bottom)
    section.left_margin, section.right_margin = Mm(left), Mm(right)
    for name, font, size in layout.styles:
        style = document.styles[name]
        style.font.name, style.font.size = LATIN_FONT, Pt(size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)  # a theme would win over the names
        for key, value in (("ascii", LATIN_FONT), ("hAnsi", LATIN_FONT), ("eastAsia", font)):
            fonts.set(qn(f"w:{key}"), value)
    normal = document.styles["Normal"]
    spoken = OxmlElement("w:lang")
    spoken.set(qn("w:val"), "en-GB" if language == "en" else language)
    spoken.set(qn("w:eastAsia"), "zh-CN")
    normal.element.get_or_add_rPr().append(spoken)
    if layout.is_official:
        _set_officially(document, layout)
    # The table of fonts says what stands in for one that is not installed.
    part = next(one for one in document.part.package.iter_parts() if one.partname == FONT_TABLE)
    rows = "".join(
        f"<w:font w:name={quoteattr(font)}><w:altName w:val={quoteattr(others)}/></w:font>"
        for font, others in OPEN_FONTS.items()
    )
    end = b"</w:fonts>"
    part._blob = part.blob.replace(end, rows.encode() + end)  # noqa: SLF001 - a part kept as bytes


def _set_officially(document: Any, layout: Layout) -> None:
    section = document.sections[0]
    section.footer_distance = Mm(
        layout.margins_mm[2] - 12.0
    )  # seven under the type area, and a line
    for name, _, size in layout.styles:
        style = document.styles[name]
        style.font.bold, style.font.italic = False, False
        style.font.color.rgb = RGBColor(0, 0, 0)
        shape = style.paragraph_format
        shape.space_before = shape.space_after = Pt(0)
        if name == "Caption":
            shape.line_spacing, shape.first_line_indent = 1.0, Pt(0)
            shape.alignment = WD_ALIGN_PARAGRAPH.CENTER
            continue
        shape.line_spacing = Pt(layout.line_pt or size)
        is_title = name == "Title"
        for rule in style.element.findall(f".//{qn('w:pBdr')}"):
            rule.getparent().remove(rule)
        shape.first_line_indent = Pt(0 if is_title else 2 * (size - layout.closer_pt))
        if is_title:
            shape.alignment, shape.space_after = WD_ALIGN_PARAGRAPH.CENTER, Pt(layout.line_pt or 0)
    closer = OxmlElement("w:spacing")
    closer.set(qn("w:val"), str(round(-20 * layout.closer_pt)))  # twentieths of a point
    document.styles["Normal"].element.get_or_add_rPr().append(closer)


def stand_close(paragraph: Any) -> None:
    """Set a paragraph of a table or a picture as close as its font asks for, from the edge."""
    shape = paragraph.paragraph_format
    shape.line_spacing, shape.first_line_indent = 1.0, Pt(0)


def number_pages(document: Any, layout: Layout, version: str) -> None:
    """Put the version and the number of the page into the foot; outside, if it is official."""
    section = document.sections[0]
    feet = [(section.footer, WD_ALIGN_PARAGRAPH.CENTER)]
    if layout.is_official:
        document.settings.odd_and_even_pages_header_footer = True
        feet = [
            (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
            (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
        ]
    for foot, side in feet:
        paragraph = foot.paragraphs[0]
        paragraph.alignment = side
        stand_close(paragraph)
        dash = "— " if layout.is_official else ""
        paragraph.add_run(f"{version}   {dash}")
        for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
            paragraph.add_run()._r.append(_field(kind, text))  # noqa: SLF001 - no name for it
        paragraph.add_run(dash[::-1])
        for run in paragraph.runs:
            run.font.size = Pt(14.0 if layout.is_official else 10.5)
            run.font.name = SONG if layout.is_official else LATIN_FONT


def mark_pages(document: Any, layout: Layout, mark: str) -> None:
    """Put a mark at the head of every page, to the left."""
    section = document.sections[0]
    heads = [section.header] + ([section.even_page_header] if layout.is_official else [])
    for head in heads:
        paragraph = head.paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT
        stand_close(paragraph)
        run = paragraph.add_run(mark)
        run.font.size, run.font.name = Pt(16.0), LATIN_FONT
        run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), HEI)  # noqa: SLF001 - no name for it


def _field(kind: str, text: str) -> Any:
    if kind:
        mark = OxmlElement("w:fldChar")
        mark.set(qn("w:fldCharType"), kind)
        return mark
    mark = OxmlElement("w:instrText")
    mark.text = text
    return mark
