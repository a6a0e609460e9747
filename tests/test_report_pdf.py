"""The structure of the PDF: what a screen reader walks. Not a validation against ISO 14289-1.

A whole validator is too much for the suite (see decision 15), so this reads the objects of the file
and asks of them what a screen reader lives on: a document that says that it is tagged, its language
and its title; pictures with words; cells that name their headers, and headers that say what they
head; lists of items alone; links that print; headings in the order of the page, none of whose
levels is skipped.
"""

import re
import zlib
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from civicsight.report.html import render_plan
from civicsight.report.pdf import write_pdf
from civicsight.report.plan.script import plan_document
from civicsight.report.plan.teller import teller_of
from tests.conftest import IN_CI
from tests.plan_made import checked, hand_plan
from tests.test_report_compliance import page
from tools.system_packages import missing_text_libraries

pytestmark = pytest.mark.skipif(not IN_CI and bool(missing_text_libraries()), reason="no Pango")


@cache
def objects():
    """Return the objects of the report's PDF by number, those in compressed streams."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.pdf"
        write_pdf(path, page("en"))
        data = path.read_bytes()
    found = {}
    stream = rb"/Type /ObjStm/N (\d+)/First (\d+).*?>>\s*stream\r?\n(.*?)\nendstream"
    for count, first, packed in re.findall(stream, data, re.DOTALL):
        text = zlib.decompressobj().decompress(packed)  # a line end may be part of it, or not
        head = [int(value) for value in text[: int(first)].split()]
        starts = [*head[1::2], len(text) - int(first)]
        for number, start, end in zip(head[::2], starts, starts[1:], strict=False):
            found[number] = text[int(first) + start : int(first) + end]
        assert len(head) == 2 * int(count)
    return found


def one(pattern):
    (found,) = [text for text in objects().values() if re.search(pattern, text, re.DOTALL)]
    return re.search(pattern, found, re.DOTALL)


def kind(number):
    found = re.search(rb"/Type /StructElem/S /(\w+)", objects().get(number, b""))
    return found[1].decode() if found else None


def parent(number):
    return int(re.search(rb"/P (\d+) 0 R", objects()[number])[1])


@cache
def walk():
    """Return the numbers of the elements in reading order."""
    root = int(one(rb"/Type /StructTreeRoot.*?/K \[(\d+) 0 R\]")[1])
    order, left = [], [root]
    while left:
        number = left.pop()
        order.append(number)
        children = re.search(rb"/K \[([^]]*)\]", objects()[number])
        below = [int(n) for n in re.findall(rb"(\d+) 0 R", children[1])] if children else []
        left += [child for child in reversed(below) if kind(child)]
    return order


def test_the_document_says_that_it_is_tagged_its_language_and_its_title():
    catalog = one(rb"/Type /Catalog.*")[0]
    for entry in (
        rb"/Marked true",
        rb"/Lang \(en\)",
        rb"/DisplayDocTitle true",
        rb"/StructTreeRoot",
    ):
        assert re.search(entry, catalog), entry
    assert any(re.search(rb"/Title *[(<]", text) for text in objects().values())


def test_elements_form_one_tree():
    assert len(walk()) == len(set(walk()))
    assert all(parent(number) in set(walk()) for number in walk()[1:])


def test_every_page_belongs_to_the_tree():
    pages = [text for text in objects().values() if re.search(rb"/Type /Page\b(?!s)", text)]
    assert pages
    assert all(b"/StructParents" in text for text in pages)


def test_every_picture_has_words():
    pictures = [objects()[number] for number in walk() if kind(number) == "Figure"]
    assert pictures
    assert all(re.search(rb"/Alt *[(<].", text) for text in pictures)


def test_every_cell_names_headers_that_exist():
    names = {re.search(rb"/ID \(([^)]*)\)", objects()[n])[1] for n in walk() if kind(n) == "TH"}
    cells = [objects()[number] for number in walk() if kind(number) == "TD"]
    assert names
    assert cells
    for text in cells:
        headers = re.findall(rb"\(([^)]*)\)", re.search(rb"/Headers \[([^]]*)\]", text)[1])
        assert headers
        assert set(headers) <= names


def test_headings_are_those_of_the_page_in_its_order_and_skip_no_level():
    heads = [(number, kind(number)) for number in walk() if re.fullmatch(r"H[1-6]", kind(number))]
    levels = [int(name[1]) for number, name in heads if kind(parent(number)) != name]
    assert levels == [int(level) for level in re.findall(r"<h([1-6])[ >]", page("en"))]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_header_cell_says_what_it_heads():
    cells = [text for text in objects().values() if b"/Type /StructElem/S /TH/" in text]
    scopes = [re.search(rb"/Scope /(\w+)", text) for text in cells]
    assert cells
    assert {found[1] for found in scopes if found} == {b"Column", b"Row"}
    assert all(scopes)
    heads = {number for number in walk() if kind(number) == "THead"}
    for number in walk():
        if kind(number) == "TH":
            is_column = parent(parent(number)) in heads
            assert (b"/Scope /Column" in objects()[number]) == is_column


def test_lists_hold_items_and_items_lie_in_lists():
    children = {kind(number) for number in walk() if kind(parent(number)) == "L"}
    assert {"LI"} <= children <= {"LI", "L"}  # the printer puts some lists beside their item
    assert {kind(parent(number)) for number in walk() if kind(number) == "LI"} == {"L"}


def test_links_print():
    links = [text for text in objects().values() if b"/Subtype /Link" in text]
    assert links
    assert all(b"/F 4" in text for text in links)


def widths_of_figures(html):
    """Return how wide each figure is drawn on paper [cm], by the matrices before its first box."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.pdf"
        write_pdf(path, html)
        data = path.read_bytes()
    widths = []
    for packed in re.findall(rb"stream\r?\n(.*?)\nendstream", data, re.DOTALL):
        try:
            text = zlib.decompressobj().decompress(packed)
        except zlib.error:  # a font, or what is not compressed
            continue
        scales, waits = [1.0], False
        for line in text.split(b"\n"):
            *values, verb = line.split() or [b""]
            if b"/Figure" in line:
                waits = True
            elif verb == b"q":
                scales.append(scales[-1])
            elif verb == b"Q":
                scales.pop()
            elif verb == b"cm":
                scales[-1] *= float(values[0])
            elif verb == b"re" and waits:
                widths.append(float(values[2]) * scales[-1] / 72 * 2.54)
                waits = False
    return widths


@pytest.mark.slow
def test_map_sheets_and_curves_of_a_plan_are_as_wide_as_the_page_allows():
    teller = teller_of(hand_plan(), checked(), "en")
    html = render_plan(plan_document(teller), "ab" * 32)
    widths = widths_of_figures(html)
    assert len(widths) == html.count("<svg") >= 4
    code, *sheets = widths
    assert code == pytest.approx(3.0, abs=0.01)
    assert min(sheets) >= 12.0
    assert max(sheets) <= 18.5
