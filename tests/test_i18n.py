"""Every sentence that a person reads exists in both languages, with the same values in it."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from functools import cache
from importlib import import_module
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2 import Environment

from civicsight.core.errors import N_, Text
from civicsight.core.faults import DECLARED
from civicsight.core.i18n import LANGUAGES, pick, translate
from civicsight.model import TABLES
from tests.source_trees import nodes_of

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "civicsight"
CATALOGUE = "locale/zh_CN/LC_MESSAGES/civicsight.po"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "vendor" not in path.parts)
TEMPLATES = sorted(PACKAGE.rglob("templates/**/*.*"))

MARKS = {"N_", "Text", "translate"}
"""Functions whose first argument, where it is a literal, is a sentence for a person."""
CHINESE = re.compile(r"[\u2e80-\u2fff\u3000-\u9fff\uf900-\ufaff\uff00-\uffef]")
PLACEHOLDER = re.compile(r"%\((\w+)\)[-+ #0]*\d*(?:\.\d+)?[a-z]")

CHINESE_IN_CODE = re.compile(
    r"(model/(inputs|records|plan_tables)|io/\w+/(synonyms|headers|words)\w*|core/words"
    r"|report/docx_layout)\.py"
)
"""Modules whose strings may be Chinese: words that inputs use, names of fonts, Chinese numerals."""


def sentences_of(path: Path) -> set[str]:
    """Return the marked sentences of a module."""
    found = set()
    for node in nodes_of(path):
        if not (isinstance(node, ast.Call) and node.args):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        first = node.args[0]
        if name in MARKS and isinstance(first, ast.Constant) and isinstance(first.value, str):
            found.add(first.value)
    return found


def sentences_of_template(path: Path) -> set[str]:
    """Return the marked sentences of a page template."""
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    found = set()
    for _, _, message in environment.extract_translations(path.read_text(encoding="utf-8")):
        parts = message if isinstance(message, tuple) else (message,)
        found |= {part for part in parts if isinstance(part, str)}
    return found


@cache
def marked() -> frozenset[str]:
    """Return everything that is marked, also what is only punctuation between values."""
    found = {str(column.meaning) for table in TABLES for column in table}
    for path in PACKAGE.glob("*/faults.py"):
        import_module(f"civicsight.{path.parent.name}.faults")
    found |= {text for sentences in DECLARED.values() for text in sentences}
    for path in MODULES:
        found |= sentences_of(path)
    for path in TEMPLATES:
        found |= sentences_of_template(path)
    return frozenset(found)


@cache
def used() -> frozenset[str]:
    """Return every sentence of the product that has words in it."""
    return frozenset(text for text in marked() if re.search("[A-Za-z]", PLACEHOLDER.sub("", text)))


def catalogue_bytes() -> bytes:
    return files("civicsight").joinpath(CATALOGUE).read_bytes()


@cache
def catalogue() -> dict[str, str]:
    messages = read_po(BytesIO(catalogue_bytes()), locale="zh_CN", abort_invalid=True)
    return {str(message.id): str(message.string) for message in messages if message.id}


def test_every_sentence_has_its_chinese():
    assert not sorted(text for text in used() if not catalogue().get(text))


def test_no_entry_is_left_over():
    assert not sorted(catalogue().keys() - marked())


def test_no_entry_stands_twice():
    text = catalogue_bytes().decode("utf-8")
    blocks = re.findall(r'^msgid ((?:"(?:[^"\\]|\\.)*"\s*)+)', text, flags=re.MULTILINE)
    keys = Counter("".join(re.findall(r'"((?:[^"\\]|\\.)*)"', block)) for block in blocks)
    assert not [key for key, count in keys.items() if count > 1]


def test_the_chinese_is_chinese():
    assert not [key for key, text in catalogue().items() if text and not CHINESE.search(text)]


def test_both_languages_carry_the_same_values():
    for key, text in catalogue().items():
        assert set(PLACEHOLDER.findall(key)) == set(PLACEHOLDER.findall(text)), key


@pytest.mark.parametrize("column", [0, 1])
def test_every_sentence_can_be_filled_in(column):
    for pair in catalogue().items():
        if PLACEHOLDER.search(pair[column]):
            assert pair[column] % defaultdict(int)


def test_marks_take_literals():
    """A sentence put together at run time cannot be looked up."""
    wrong = [
        f"{path.name}:{node.lineno}"
        for path in MODULES
        for node in nodes_of(path)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "N_"
        and not isinstance(node.args[0], ast.Constant)
    ]
    assert not wrong


def test_every_sum_of_a_budget_says_which_sum_it_limits():
    """Works, or the investment that is a fifth more; what is refused has no sum yet."""
    told = [
        text
        for text in catalogue()
        if re.search(r"\bbudget\b", text, re.IGNORECASE)
        and re.search(r"%\((?:budget|money|less)\)s yuan", text)
    ]
    assert len(told) >= 6
    assert [text for text in told if "%(of)s" not in text and "(works)" not in text] == []


def test_chinese_stands_in_the_catalogue_and_not_in_code():
    wrong = [
        f"{path.relative_to(PACKAGE).as_posix()}:{node.lineno}"
        for path in MODULES
        if not CHINESE_IN_CODE.fullmatch(path.relative_to(PACKAGE).as_posix())
        for node in nodes_of(path)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and CHINESE.search(node.value)
    ]
    assert not wrong


def test_the_extraction_finds_marked_sentences_only(tmp_path):
    module = tmp_path / "module.py"
    module.write_text(
        'a = N_("one %(n)s", n=1)\n'
        'b = errors.Text("two " "parts")\n'
        'c = translate("three", language)\n'
        'd = other("four")\n'
        "e = translate(a, language)\n",
        encoding="utf-8",
    )
    assert sentences_of(module) == {"one %(n)s", "two parts", "three"}


def test_the_extraction_reads_templates(tmp_path):
    page = tmp_path / "page.html"
    page.write_text('<p title="{{ _("one") }}">{{ other("two") }}</p>', encoding="utf-8")
    assert sentences_of_template(page) == {"one"}


def test_a_sentence_is_rendered_in_the_language_asked_for():
    text = N_("one of %(choices)s", choices="a, b")
    assert translate(text, "en") == "one of a, b"
    chinese = translate(text, "zh_CN")
    assert CHINESE.search(chinese)
    assert "a, b" in chinese


def test_a_sentence_inside_a_sentence_is_rendered_too():
    text = Text("%(inner)s!", {"inner": N_("each id once")})
    assert translate(text, "en") == "each id once!"
    assert CHINESE.search(translate(text, "zh_CN"))


def test_what_the_catalogue_lacks_stays_english():
    assert translate("zzz unknown zzz", "zh_CN") == "zzz unknown zzz"


def test_a_sentence_without_values_may_hold_a_percent_sign():
    assert translate(Text("100 %"), "en") == "100 %"


def test_labels_are_picked_by_language():
    label = {"zh": "中", "en": "middle"}
    assert [pick(label, language) for language in LANGUAGES] == ["中", "middle"]
