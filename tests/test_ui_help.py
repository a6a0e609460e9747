"""Help: every page has two sentences in both languages, and the frame shows them."""

from __future__ import annotations

import pytest

from civicsight.core.i18n import LANGUAGES, translate
from civicsight.ui.help import STEPS
from civicsight.ui.pages import PAGES
from tests.ui_made import make_project, open_page, texts_of


def test_every_page_has_two_sentences_of_its_own():
    assert {len(page.about) for page in PAGES} == {2}
    for code in LANGUAGES:
        said = [translate(text, code) for page in PAGES for text in page.about]
        assert len(set(said)) == len(said)


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_help_of_a_page_says_what_it_is_for_and_where_it_stands_in_the_job(
    monkeypatch, tmp_path, code
):
    page = next(page for page in PAGES if page.code == "findings")
    test = open_page(monkeypatch, make_project(tmp_path), page, code)
    shown = "\n".join(texts_of(test, ("text",)))
    for text in (*page.about, *STEPS):
        assert translate(text, code) in shown
