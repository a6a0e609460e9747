"""The plan as one page: it prints, opens anywhere and asks the network for nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from civicsight.coverage.check import CheckResult
from civicsight.errors import N_, Text
from civicsight.i18n import HTML_LANGUAGE, Language
from civicsight.maps.describe import Names
from civicsight.report.elsewhere import applied_elsewhere
from civicsight.report.plan.story import Ask, Figure, Grid, Section, Teller
from civicsight.report.shell import content_policy, make_environment, package_version, read_template


def plan_name(language: Language, suffix: str = "html") -> str:
    """Return the file name of the plan in a language."""
    return f"plan.{HTML_LANGUAGE[language]}.{suffix}"


def render_plan(
    teller: Teller, title: str, lead: Sequence[str], sections: Sequence[Section], root: str
) -> str:
    """Return the plan as a page.

    Parameters
    ----------
    teller
        The plan and its words.
    title, lead, sections
        What it says; see `chapters`.
    root
        What binds it to the plan that is kept; its beginning stands in the foot of every page.
    """
    label = N_("Root of the plan:")
    return render_sections(teller.names, teller.result, title, lead, sections, (label, root))


def render_sections(
    names: Names,
    result: CheckResult,
    title: str,
    lead: Sequence[str],
    sections: Sequence[Section],
    bound_to: tuple[Text, str],
) -> str:
    """Return sections as a page; `bound_to` stands in its foot: what the digest is of, and it."""
    language, city = names.language, result.city
    label, digest = bound_to
    context: dict[str, Any] = {
        "policy": content_policy([]),
        "styles": [read_template("compliance.css")],
        "html_lang": HTML_LANGUAGE[language],
        "title": title,
        "lead": lead,
        "synthetic": city.synthetic,
        "banners": [names.say(text) for text in applied_elsewhere(city, result.rules, language)],
        "version": package_version(language),
        "digest": digest,
        "digest_label": names.say(label),
        "sections": [_section(section) for section in sections],
    }
    template = make_environment(language).from_string(read_template("plan.html.jinja"))
    return template.render(context)


def _section(section: Section) -> dict[str, Any]:
    return {
        "title": section.title,
        "blocks": [_block(block) for block in section.blocks],
        "parts": [_section(part) for part in section.parts],
    }


def _block(block: Any) -> dict[str, Any]:
    if isinstance(block, Grid):
        return {"kind": "grid", "grid": block}
    if isinstance(block, Figure):
        svg = block.canvas.svg(block.caption)
        return {"kind": "figure", "svg": svg, "caption": block.caption}
    if isinstance(block, Ask):
        return {"kind": "ask", "ask": block}
    return {"kind": "text", "text": block}
