"""SECURITY.md: each promise names its test, each setting is there, both languages say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from civicsight.core.settings import SETTINGS

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("SECURITY.md", "SECURITY.zh-CN.md")
ROW = re.compile(r"^\|(?!-)(.+)\|$", re.MULTILINE)


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_every_setting_is_named(page):
    assert set(re.findall(r"CIVICSIGHT_\w+", read(page))) == {one.variable for one in SETTINGS}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere_and_there_is_no_address_of_ours(page):
    text = read(page)
    targets = re.findall(r"\]\(([^)#]+)", text)
    assert targets
    assert not [target for target in targets if not (ROOT / target).exists()]
    assert not re.search(r"https?://|\w@\w", text)


@pytest.mark.parametrize("page", PAGES)
def test_every_promise_names_tests_that_are_there(page):
    named = re.findall(r"`(tests/\w+\.py)(?:::(\w+))?`", read(page))
    assert len(named) > 25
    missing = [
        f"{file}::{test}"
        for file, test in named
        if not (ROOT / file).is_file() or (test and f"def {test}(" not in read(file))
    ]
    assert not missing
    threats = [row for row in ROW.findall(read(page)) if row.count("|") == 4][1:]
    assert all("`" in row.rpartition("|")[2] for row in threats)


def test_both_languages_promise_the_same():
    said = [re.findall(r"`[^`]+`", read(page)) for page in PAGES]
    assert said[0] == said[1]
    heads = [re.findall(r"^(?:##|-) ", read(page), flags=re.MULTILINE) for page in PAGES]
    assert heads[0] == heads[1]


def test_both_readmes_lead_here():
    assert "](SECURITY.md)" in read("README.md")
    assert "](SECURITY.zh-CN.md)" in read("README.zh-CN.md")
