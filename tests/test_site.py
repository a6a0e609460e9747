"""The documentation site: it builds, and what it says of the product is there in both languages."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path

import pytest

from civicsight.core.i18n import LANGUAGES
from civicsight.model import TABLES
from civicsight.rules.predicates import PREDICATES
from tools.site.__main__ import is_of, links_of, resolve_links, stage
from tools.site.reference import ROOMS, reference

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_reference_names_all_there_is(language):
    pages = reference(language)
    for table in TABLES:
        for column in table:
            assert f"| `{column.name}` |" in pages["tables.md"]
    assert all(f"## {name}\n" in pages["predicates.md"] for name in PREDICATES)
    assert "## civicsight plan optimise" in pages["commands.md"]
    assert "`--budget`" in pages["commands.md"]
    assert "`csv.ragged_row`" in pages["faults.md"]


def test_every_public_name_has_one_place():
    text = "".join(text for name, text in reference("en").items() if name.startswith("api/"))
    named = re.findall(r"\.\. auto(?:class|function|data):: (\S+)", text)
    assert len(named) == len(set(named))
    leaves = {name.rpartition(".")[2] for name in named}
    for room in ROOMS:
        missing = set(import_module(room).__all__) - leaves
        assert not missing, room


@pytest.mark.slow
def test_no_word_of_the_reference_is_left_in_english():
    pages = reference("zh_CN")
    for name, text in pages.items():
        if not name.startswith("api/"):
            assert re.search("[一-鿿]", text.partition("\n\n")[0]), name


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_link_leads_somewhere(language, tmp_path):
    stage(tmp_path, language)
    lost = [
        f"{page.relative_to(tmp_path)}: {target}"
        for page in tmp_path.rglob("*.md")
        for target in links_of(page.read_text(encoding="utf-8"))
        if not target.startswith("mailto:") and not (page.parent / target).exists()
    ]
    assert not lost


def test_a_page_of_one_language_alone_is_shown_in_both(tmp_path):
    (tmp_path / "a.md").touch()
    (tmp_path / "a.zh-CN.md").touch()
    (tmp_path / "b.md").touch()
    shown = {
        language: [path.name for path in sorted(tmp_path.iterdir()) if is_of(path, language)]
        for language in LANGUAGES
    }
    assert shown == {"en": ["a.md", "b.md"], "zh_CN": ["a.zh-CN.md", "b.md"]}


def test_a_link_to_the_other_language_leads_to_its_site(tmp_path):
    page = tmp_path / "docs" / "app.md"
    page.parent.mkdir()
    page.write_text("[中文](app.zh-CN.md)", encoding="utf-8")
    resolve_links(page, tmp_path, "en")
    text = page.read_text(encoding="utf-8")
    assert text == '<a href="../../zh-CN/docs/app.zh-CN.html">中文</a>'


class _Loaded(HTMLParser):
    """What a page loads by itself."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        if tag in {"script", "img", "iframe", "link", "source"}:
            self.found += [value for name, value in attrs if name in {"src", "href"} and value]


@pytest.mark.slow
def test_the_site_builds_without_a_warning_and_loads_nothing_from_elsewhere(tmp_path):
    command = [sys.executable, "-m", "tools.site", "--out", str(tmp_path / "site")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    pages = list((tmp_path / "site").glob("[ez]*/**/*.html"))
    assert len(pages) > 150
    for page in pages:
        loaded = _Loaded()
        loaded.feed(page.read_text(encoding="utf-8"))
        assert not [url for url in loaded.found if "//" in url.partition("?")[0]], page
