"""Law is data: no article number, rule or pack is named in code outside the rules."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from civicsight.rules import load_packs
from tests.source_trees import nodes_in

CODE = Path(__file__).resolve().parent.parent / "civicsight"
WORDS = ("synonyms", "headers", "words")
"""Modules of words that files use: a column may well be called after an article."""

TOLD = {"headers", "choices", "words", "example"}
"""What a declaration of a column says of files: their words, and an example of a row."""

MODULES = sorted(
    path
    for path in CODE.rglob("*.py")
    if "rules" not in path.relative_to(CODE).parts and not path.name.startswith(WORDS)
)


def names():
    """Return every rule, class and pack that is delivered."""
    packs = [*load_packs().packs, *load_packs(["eu-uk-video"]).packs]
    return {
        *(pack.id for pack in packs),
        *(rule.id for pack in packs for rule in pack.rules),
        *(zone.id for pack in packs for zone in pack.zones),
    }


NAMES = re.compile(
    r"(?<![\w.])(?:" + "|".join(re.escape(name) for name in sorted(names())) + r")(?![\w.]|\.\d)"
)
ARTICLE = re.compile(r"\b(?:[Aa]rticles?|[Aa]rt\.|§)\s*\d|第[一二三四五六七八九十百\d]+条")


def literals(source: str) -> Iterator[str]:
    """Yield the texts of a module that are no docstrings, and no words of files for a column."""
    nodes = nodes_in(ast.parse(source))
    told = {
        id(inner)
        for node in nodes
        if isinstance(node, ast.keyword) and node.arg in TOLD
        for inner in ast.walk(node)
    }
    bodies = (getattr(node, "body", None) for node in nodes)
    docs = {
        id(step.value)
        for body in bodies
        if isinstance(body, list)
        for step in body
        if isinstance(step, ast.Expr)
    }
    for node in nodes:
        text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if text and id(node) not in docs | told:
            yield node.value


def found(source: str) -> list[str]:
    return [text for text in literals(source) if NAMES.search(text) or ARTICLE.search(text)]


def test_no_law_is_named_in_code():
    texts = {str(path.relative_to(CODE)): found(path.read_text("utf-8")) for path in MODULES}
    assert not {path: said for path, said in texts.items() if said}


@pytest.mark.parametrize(
    "line",
    ['x = "R7.3"', 'x = f"see {y} R10.2"', 'f("nanchang")', 'x = "by Article 8"', 'x = {"8.2a": 1}',
     'x = "第八条"', 'x = "cn-national-799/N14.1"'],
)  # fmt: skip
def test_the_search_finds_what_it_is_for(line):
    assert found(line)


@pytest.mark.parametrize("line", ['"""Article 8."""', 'x = "version 1.0"', "x = 8.5", 'x = "8.25"'])
def test_and_nothing_else(line):
    assert not found(line)
