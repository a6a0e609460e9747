"""Brands in the text of a plan: found however they are written, and streets are not refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from civicsight.rules.brands import _sections, find_terms

LINES = (Path(__file__).parent / "brands_said.txt").read_text("utf-8").splitlines()
SAID = {mark: [line[2:] for line in LINES if line.startswith(f"{mark} ")] for mark in "+-"}


def test_a_hundred_sentences_that_name_a_brand_and_a_hundred_that_do_not():
    missed = [text for text in SAID["+"] if not find_terms(text, "vendors")]
    blamed = {text: find_terms(text, "vendors") for text in SAID["-"]}
    assert (missed, {text: found for text, found in blamed.items() if found}) == ([], {})
    assert {mark: len(texts) >= 100 for mark, texts in SAID.items()} == {"+": True, "-": True}


def test_every_spelling_is_found_between_chinese_characters_and_in_full_width():
    wide = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
    lists = _sections("vendors")
    assert len(lists["names"]) >= 150
    assert len({name.casefold() for name in lists["names"]}) == len(lists["names"])
    for name in lists["names"]:
        for told in (f"采用{name}球机", f"采用{name.translate(wide)}球机", f"({name.upper()})"):
            assert find_terms(told, "vendors"), told
    for start in lists["models"]:
        assert find_terms(f"型号{start}2431球机", "vendors"), start


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("大华路口采用大 華球机", ["大 華"]),
        ("选用ＨＩＫＶＩＳＩＯＮ", ["ＨＩＫＶＩＳＩＯＮ"]),
        ("Dahua、Uniview或Huawei", ["Dahua", "Uniview", "Huawei"]),
        ("hik\u200bvision", ["hik\u200bvision"]),
    ],
)
def test_a_term_is_told_as_it_is_written(text, terms):
    found = find_terms(text, "vendors")
    assert [span.term for span in found] == terms
    assert all(text[span.start : span.end] == span.term for span in found)
