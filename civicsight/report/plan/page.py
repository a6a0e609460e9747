"""The plan as one page: it prints, opens anywhere and asks the network for nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import HTML_LANGUAGE, Language, translate
from civicsight.planning.proof.root import SHORT
from civicsight.report.plan.story import Ask, Figure, Grid, Section, Told
from civicsight.report.shell import content_policy, make_environment, package_version, read_template


def plan_name(language: Language, suffix: str = "html") -> str:
    """Return the file name of the plan in a language."""
    return f"plan.{HTML_LANGUAGE[language]}.{suffix}"


def render_plan(told: Told, root: str) -> str:
    """Return the plan as a page.

    Parameters
    ----------
    told
        What it says; see `telling.tell`.
    root
        What binds it to the plan that is kept: all of it stands on page one where the approval is,
        its beginning in the foot of every page.
    """
    return _render(told, (N_("Root of the plan:"), root), approval_lines(told.language, root))


def approval_lines(language: Language, root: str) -> tuple[str, ...]:
    """Return what page one has where the approval is: what to fill in, and what it is bound to."""
    version = N_("Version, to look it up: %(start)s", start=root[:SHORT])
    whole = N_("Root, which approval and verification ask for in full: %(root)s", root=root)
    blanks = (
        N_("Approving body"),
        N_("Number of the document"),
        N_("Date"),
        N_("Seal and signature"),
    )
    lines = [f"{translate(text, language)}: ________________" for text in blanks]
    return (*(translate(text, language) for text in (version, whole)), "    ".join(lines))


def render_sections(told: Told, bound_to: tuple[Text, str]) -> str:
    """Return what is told as a page; `bound_to` is in its foot: a digest after what it is of."""
    return _render(told, bound_to, ())


def _render(told: Told, bound_to: tuple[Text, str], approval: Sequence[str]) -> str:
    label, digest = bound_to
    context: dict[str, Any] = {
        "policy": content_policy([]),
        "styles": [read_template("compliance.css")],
        "html_lang": HTML_LANGUAGE[told.language],
        "title": told.title,
        "lead": told.lead,
        "banners": told.banners,
        "approval": approval,
        "version": package_version(told.language),
        "digest": digest,
        "digest_label": translate(label, told.language),
        "sections": [_section(section) for section in told.sections],
    }
    template = make_environment(told.language).from_string(read_template("plan.html.jinja"))
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
