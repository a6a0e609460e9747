"""The compliance report as one page: it prints, opens anywhere and asks the network for nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from civicsight.core.atomic import written_whole
from civicsight.core.i18n import HTML_LANGUAGE, Language
from civicsight.report.compliance.account import Account
from civicsight.report.compliance.annex import annex
from civicsight.report.compliance.chapters import chapters
from civicsight.report.compliance.front import front_page
from civicsight.report.compliance.places import place_pages
from civicsight.report.compliance.questions import questions
from civicsight.report.compliance.speech import speak
from civicsight.report.jurisdiction import applied_elsewhere
from civicsight.report.shell import content_policy, make_environment, package_version, read_template

SHORT: Final = 16
"""Digits of the digest in the foot of every page; page one has all."""


def report_name(language: Language, suffix: str = "html") -> str:
    """Return the file name of the report in a language."""
    return f"report.{HTML_LANGUAGE[language]}.{suffix}"


def render_report(account: Account, language: Language, digest: str) -> str:
    """Return the report in one language as a page.

    Parameters
    ----------
    account
        What it tells.
    language
        Language of the page.
    digest
        What binds it to its inputs, packs and tables; it stands in the foot of every page.
    """
    speech = speak(account.dossier, language)
    result = account.result
    context: dict[str, Any] = {
        "policy": content_policy([]),
        "styles": [read_template("compliance.css")],
        "html_lang": HTML_LANGUAGE[language],
        "city": result.city.name,
        "synthetic": result.city.synthetic,
        "today": account.dossier.today.isoformat(),
        "crs": result.city.crs.name,
        "version": package_version(language),
        "banners": [
            speech.say(text) for text in applied_elsewhere(result.city, result.rules, language)
        ],
        "public": account.public,
        "digest": digest,
        "short": digest[:SHORT],
        "front": front_page(account, speech),
        "chapters": chapters(account, speech),
        "places": [] if account.public else place_pages(account, speech),
        "questions": questions(account, speech),
        "annex": annex(account, speech),
    }
    template = make_environment(language).from_string(read_template("compliance.html.jinja"))
    return template.render(context)


def write_page(path: Path, text: str) -> None:
    """Write a page as a whole."""
    with written_whole(path) as scratch:
        scratch.write_text(text, encoding="utf-8", newline="\n")
