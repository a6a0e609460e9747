"""The compliance report and its annexes as pages that print and ask the network for nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, Literal

from civicsight.core.atomic import written_whole
from civicsight.core.errors import N_
from civicsight.core.i18n import HTML_LANGUAGE, Language
from civicsight.report.compliance.account import Account
from civicsight.report.compliance.annex import annex, questions
from civicsight.report.compliance.articles import laws, outcome_heads
from civicsight.report.compliance.chapters import chapters
from civicsight.report.compliance.front import describe_packs, front_page, legal_notes
from civicsight.report.compliance.places import place_pages, place_rows
from civicsight.report.compliance.speech import Speech, speak
from civicsight.report.html import content_policy, make_environment, package_version, read_template
from civicsight.report.licence import applied_elsewhere

SHORT: Final = 16
"""Digits of the digest in the foot of every page; the second page has all."""

MOST_LISTED: Final = 40
"""So many further places are listed in the report; the annexes list all."""


Volume = Literal["report", "annex"]


def report_name(language: Language, suffix: str = "html", volume: Volume = "report") -> str:
    """Return the file name of the report or of its annexes in a language."""
    return f"{volume}.{HTML_LANGUAGE[language]}.{suffix}"


def render_report(account: Account, language: Language, digest: str) -> str:
    """Return the report in one language as a page: what a reader needs, on some twenty sheets.

    Parameters
    ----------
    account
        What it tells.
    language
        Language of the page.
    digest
        What binds it to its inputs, packs and tables; it stands in the foot of every page.
    """
    speech = speak(account.dossier, language, coded=False)
    further = [] if account.public else place_rows(account, speech)
    own = {
        "front": front_page(account, speech),
        "outcomes": outcome_heads(speech),
        "laws": laws(account, speech),
        "decisions": questions(account, speech)["judgement"],
        "places": [] if account.public else place_pages(account, speech),
        "listed": further[:MOST_LISTED],
        "unlisted": len(further[MOST_LISTED:]),
    }
    title = speech.say(N_("Compliance report"))
    return _render("compliance.html.jinja", account, speech, digest, own | {"title": title})


def render_annex(account: Account, language: Language, digest: str) -> str:
    """Return the annexes: every rule in words, all findings, drawings, questions, parameters."""
    speech = speak(account.dossier, language)
    further = [] if account.public else place_rows(account, speech)
    own = {
        "chapters": chapters(account, speech),
        "questions": questions(account, speech),
        "annex": annex(account, speech),
        "places": further,
        **legal_notes(account, speech),
    }
    title = speech.say(N_("Annexes of the compliance report"))
    return _render("compliance_annex.html.jinja", account, speech, digest, own | {"title": title})


def _render(
    template: str, account: Account, speech: Speech, digest: str, own: dict[str, Any]
) -> str:
    result, language = account.result, speech.language
    plan = account.dossier.plan
    context: dict[str, Any] = {
        "policy": content_policy([]),
        "styles": [read_template("compliance.css")],
        "html_lang": HTML_LANGUAGE[language],
        "city": result.city.name,
        "plan": speech.subject("plan", plan.label) if plan.label else "",
        "packs": describe_packs(account, speech),
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
    }
    return make_environment(language).get_template(template).render(context | own)


def write_page(path: Path, text: str) -> None:
    """Write a page as a whole."""
    with written_whole(path) as scratch:
        scratch.write_text(text, encoding="utf-8", newline="\n")
