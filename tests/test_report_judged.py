"""One name for each set of parts, wherever a reader meets it; no name for two."""

from __future__ import annotations

import re

import pytest

from civicsight.core.i18n import LANGUAGES, translate
from civicsight.coverage.result import OF_STATUS
from civicsight.presentation.lexicon import EVIDENCE, STATE_LABELS
from civicsight.presentation.symbols import STATUS_LABELS, STATUSES
from civicsight.report.brief import brief_result
from civicsight.report.check_page import write_page
from tests.result_factory import make_result
from tests.test_report_compliance import page

UNDECIDED = ("assumed", "possible")


def names_of_sets(language):
    """Return each set of statuses with the names that it has, and each name with its sets."""
    sets: dict[frozenset[str], set[str]] = {}
    for state in set(OF_STATUS.values()):
        held = frozenset(status for status, of in OF_STATUS.items() if of == state)
        sets.setdefault(held, set()).add(translate(STATE_LABELS[state], language))
    for status in STATUSES:
        name = translate(STATUS_LABELS[status], language)
        sets.setdefault(frozenset({status}), set()).add(name)
    return sets


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_set_of_parts_has_one_name_and_a_name_one_set(language):
    sets = names_of_sets(language)
    names = [name for own in sets.values() for name in own]
    assert {held: len(own) for held, own in sets.items()} == dict.fromkeys(sets, 1)
    assert len(names) == len(set(names)) == 5
    assert translate(EVIDENCE["gaps"], language) in sets[frozenset({"gap"})]
    assert translate(EVIDENCE["unsure"], language) in sets[frozenset(UNDECIDED)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_and_terminal_call_the_same_parts_the_same(tmp_path, language):
    result = make_result()
    write_page(tmp_path / "p.html", result, language, files_beside={})
    html = (tmp_path / "p.html").read_text(encoding="utf-8")
    brief = brief_result(result, language)
    counts = result.part_status["status"].value_counts().to_dict()
    sets = names_of_sets(language)
    wanted = {
        next(iter(sets[held])): str(sum(counts.get(status, 0) for status in held))
        for held in (frozenset({"covered"}), frozenset(UNDECIDED), frozenset({"gap"}))
    }
    headline = re.findall(r'<div class="number \w+"><b>(\d+)</b><span><strong>([^<]+)', html)
    assert {name: count for count, name in headline} == wanted
    parts = brief.stand[1][1:4]
    assert dict(zip(brief.states[:3], parts, strict=True)) == wanted
    assert brief.class_columns[3:] == brief.states[:4]
    for status in UNDECIDED:
        assert f'<th scope="col">{translate(STATUS_LABELS[status], language)}</th>' in html


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compliance_report_heads_its_columns_with_the_same_names(language):
    heads = "".join(
        f'<th scope="col" class="n">{translate(STATUS_LABELS[status], language)}</th>'
        for status in STATUSES
    )
    assert heads in page(language)
