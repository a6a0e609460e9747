"""The page beside other tools: each statement on a peer has its source, each of ours its page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.documented import ROOT

FOLDER = ROOT / "docs/explanation"
PAGES = ("peers.md", "peers.zh-CN.md")
SILENT = {"peers.md": "not told", "peers.zh-CN.md": "公开资料未载明"}
DAY = "2026-11-30"
"""When the stored copies were read."""

FAMILIES = ("K", "F", "A", "J", "V")
"""How the sources of each peer are marked, in the order of its columns; M is of two of them."""

MARK = re.compile(r"(?<![A-Za-z0-9])[KFAJVM]\d+(?![A-Za-z0-9])")
LINK = re.compile(r"\]\(([^)#]+)")
POINTS = 18
HEADS = {"mark", "标记"}
"""How the list of sources begins; the head of the comparison has an empty cell and so one less."""


def text_of(page: str) -> str:
    return (FOLDER / page).read_text(encoding="utf-8")


def rows_of(page: str, columns: int) -> list[list[str]]:
    """Return the rows of the table of so many columns, without what stands above them."""
    lines = [line for line in text_of(page).splitlines() if line.startswith("| ")]
    rows = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]
    return [row for row in rows if len(row) == columns and row[0] not in HEADS]


def marks_of(text: str) -> list[str]:
    """Return the marks of a text without its links, whose addresses are not ours."""
    return MARK.findall(LINK.sub("](", text))


@pytest.mark.parametrize("page", PAGES)
def test_every_cell_of_a_peer_names_a_source_or_says_that_nothing_was_told(page):
    rows = rows_of(page, 7)
    assert len(rows) == POINTS
    for point, _, *peers in rows:
        for family, cell in zip(FAMILIES, peers, strict=True):
            marks = marks_of(cell)
            assert marks or cell == SILENT[page], f"{point}: {cell}"
            known = {"M", family} if family in "JV" else {family}
            assert {mark[0] for mark in marks} <= known, f"{point}: {cell}"


@pytest.mark.parametrize("page", PAGES)
def test_every_cell_of_ours_leads_to_a_page_that_is_there(page):
    for point, ours, *_ in rows_of(page, 7):
        targets = LINK.findall(ours)
        assert targets, point
        assert [one for one in targets if not (FOLDER / one).is_file()] == [], point


@pytest.mark.parametrize("page", PAGES)
def test_every_source_has_an_address_and_is_used_and_the_day_is_told(page):
    text = text_of(page)
    sources = dict(rows_of(page, 2))
    said, _, listed = text.rpartition("\n## ")
    assert set(marks_of(said)) == set(sources)
    assert [mark for mark, source in sources.items() if "](http" not in source] == []
    assert DAY in said.partition("\n## ")[0]
    assert DAY in listed


def test_both_languages_rest_on_the_same_sources_cell_by_cell():
    here, there = (rows_of(page, 7) for page in PAGES)
    assert [[marks_of(cell) for cell in row] for row in here] == [
        [marks_of(cell) for cell in row] for row in there
    ]
    first, second = (
        {mark: LINK.findall(source) for mark, source in rows_of(page, 2)} for page in PAGES
    )
    assert first == second


def test_an_invented_statement_is_found_out(monkeypatch):
    page = PAGES[0]
    spoilt = text_of(page).replace("| not told |", "| sees through walls |", 1)
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: spoilt)
    with pytest.raises(AssertionError, match="sees through walls"):
        test_every_cell_of_a_peer_names_a_source_or_says_that_nothing_was_told(page)
