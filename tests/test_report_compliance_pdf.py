"""The compliance report as a printed document."""

from __future__ import annotations

import builtins
import contextlib
import re
import sys
import zlib
from types import SimpleNamespace

import pytest

from civicsight.core.errors import SetupError
from civicsight.core.i18n import HTML_LANGUAGE
from civicsight.io.project import read_city
from civicsight.report.compliance import give_account
from civicsight.report.compliance.places import MOST_PAGES
from civicsight.report.compliance.volumes import render_report
from civicsight.report.pdf import load_printer, refuse_all_but_own, write_pdf
from tests.conftest import IN_CI
from tests.test_compliance import TODAY
from tests.test_report_compliance import page
from tools.system_packages import missing_text_libraries


def inflated(path):
    """Return a PDF with its streams unpacked."""
    data = path.read_bytes()
    found = [data]
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", data, flags=re.DOTALL):
        with contextlib.suppress(zlib.error):
            found.append(zlib.decompress(stream))
    return b"\n".join(found)


@pytest.mark.compiled_only
@pytest.mark.skipif(not IN_CI and bool(missing_text_libraries()), reason="no Pango")
@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.slow
def test_the_pdf_is_tagged_and_brings_its_fonts(tmp_path, language):
    write_pdf(tmp_path / "a.pdf", page(language))
    text = inflated(tmp_path / "a.pdf")
    assert b"/StructTreeRoot" in text
    assert b"/Marked true" in text
    assert f"/Lang ({HTML_LANGUAGE[language]})".encode() in text
    assert b"pdfuaid" in text
    assert text.count(b"/FontFile") >= 1
    assert b"CJK" in text
    write_pdf(tmp_path / "b.pdf", page(language))
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


def sheets(path):
    """Return how many pages a PDF has."""
    return len(re.findall(rb"/Type /Page\b(?!s)", inflated(path)))


@pytest.mark.slow
@pytest.mark.compiled_only
@pytest.mark.skipif(not IN_CI and bool(missing_text_libraries()), reason="no Pango")
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_report_of_a_city_has_some_twenty_sheets_and_page_one_is_one(
    helsinki, tmp_path, language
):
    city = read_city(helsinki, name="Helsinki")[0]
    told = give_account(city, today=TODAY)
    html = render_report(told, language, "ab" * 32)
    assert html.count('<article class="place">') == MOST_PAGES
    write_pdf(tmp_path / "a.pdf", html)
    assert 15 <= sheets(tmp_path / "a.pdf") <= 25
    first = html[: html.index('<section class="new" id="figures">')] + "</main></body></html>"
    write_pdf(tmp_path / "first.pdf", first)
    assert sheets(tmp_path / "first.pdf") == 1


@pytest.mark.skipif(not IN_CI and bool(missing_text_libraries()), reason="no Pango")
def test_a_pdf_asks_for_nothing_outside_its_page(tmp_path):
    secret = tmp_path / "secret.svg"
    secret.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    asked = []
    fetch = refuse_all_but_own(SimpleNamespace(default_url_fetcher=asked.append))
    for url in (secret.as_uri(), "http://example.org/a.png"):
        with pytest.raises(ValueError, match="nothing outside itself"):
            fetch(url)
    fetch("data:,")
    assert asked == ["data:,"]


def test_without_pango_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    real = builtins.__import__

    def broken(name, *args, **more):
        if name == "weasyprint":
            raise OSError(name)
        return real(name, *args, **more)

    monkeypatch.setattr(builtins, "__import__", broken)
    with pytest.raises(SetupError, match="--no-pdf"):
        load_printer()
