"""Pages: templates, scripts that cannot end early, a policy that holds, and documents as pages."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from babel import Locale
from jinja2 import Environment, FunctionLoader, StrictUndefined

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import HTML_LANGUAGE, Language, translate
from civicsight.core.release import installed_version
from civicsight.model import City
from civicsight.planning.record.root import SHORT, to_scan
from civicsight.presentation.document import Document, Figure
from civicsight.presentation.qr import draw_qr
from civicsight.report.licence import licences_of


@lru_cache
def make_environment(language: Language) -> Environment:
    """Return the environment of templates: everything is escaped, nothing may be undefined.

    One for each language: it keeps the templates that it has compiled.
    """
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=FunctionLoader(read_template),
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["kind"] = lambda block: type(block).__name__
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        lambda message: translate(message, language),
        lambda one, many, count: translate(one if count == 1 else many, language),
        newstyle=True,
    )
    return environment


def read_template(name: str) -> str:
    """Return a template, script or style sheet of this package."""
    return files("civicsight.report").joinpath("templates", name).read_text(encoding="utf-8")


def render(
    template: str,
    language: Language,
    own: Mapping[str, Any],
    *,
    styles: Sequence[str],
    scripts: Sequence[str] = (),
) -> str:
    """Return a page: what every page has, and what is its own.

    Parameters
    ----------
    template, language
        Which of this package, and the language of its words.
    own
        What it says, ``page_title`` and ``banners`` among it.
    styles, scripts
        Texts of its style sheets and scripts.
    """
    closed = [close_script(text) for text in scripts]
    shared = {
        "html_lang": HTML_LANGUAGE[language],
        "version": package_version(language),
        "policy": content_policy(closed),
        "styles": styles,
        "scripts": closed,
        "synthetic": False,
    }
    return make_environment(language).get_template(template).render({**shared, **own})


def origin_of(city: City, language: Language) -> dict[str, Any]:
    """Return what every page says of its data."""
    return {
        "city": city.name,
        "synthetic": city.synthetic,
        "sources": [*city.sources, *(translate(text, language) for text in licences_of(city))],
        "crs": city.crs.name,
    }


def links_to(
    languages: Sequence[Language], name: Callable[[Language], str]
) -> list[dict[str, str | None]]:
    """Return the links to a page in other languages, by the names of its files."""
    return [
        {
            "file": name(language),
            "lang": HTML_LANGUAGE[language],
            "label": Locale.parse(language).language_name,
        }
        for language in languages
    ]


def close_script(script: str) -> str:
    """Return a script that cannot end early; its line ends are those that a browser hashes."""
    script = script.replace("\r\n", "\n")
    if "</script" in script.lower():
        msg = "a script of the page holds the end of its own element; pass data through tojson"
        raise ValueError(msg)
    return script


def content_policy(scripts: Sequence[str]) -> str:
    """Return the content security policy: these scripts run, no other, and nothing is fetched.

    References
    ----------
    W3C, Content Security Policy Level 3.
    """
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    hashes = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def package_version(language: Language) -> str:
    """Return the version of this package, or that it runs without being installed."""
    return installed_version() or translate(
        N_("(run from its source, without a version)"), language
    )


def plan_name(language: Language, suffix: str = "html") -> str:
    """Return the file name of the plan in a language."""
    return f"plan.{HTML_LANGUAGE[language]}.{suffix}"


def render_plan(told: Document, root: str) -> str:
    """Return the plan as a page.

    Parameters
    ----------
    told
        What it says; see `told.tell`.
    root
        What binds it to the plan that is kept: all of it stands on page one where the approval is,
        its beginning in the foot of every page.
    """
    return _render(told, (N_("Root of the plan:"), root), approval_blocks(told.language, root))


ROOT_COVERS: Final = N_(
    "The root proves what the plan says. Its id, name and author are proved by the audit and by "
    "the root of a hand-over package."
)


def approval_blocks(language: Language, root: str) -> tuple[str | Figure, ...]:
    """Return what page one has where the approval is: what to fill in, and what it is bound to.

    The root stands there in digits, and once more for a camera, with what it does not cover.
    """
    version = N_("Version, to look it up: %(start)s", start=root[:SHORT])
    whole = N_("Root, which approval and verification ask for in full: %(root)s", root=root)
    blanks = (
        N_("Approving body"),
        N_("Number of the document"),
        N_("Date"),
        N_("Seal and signature"),
    )
    lines = [f"{translate(text, language)}: ________________" for text in blanks]
    code = Figure(translate(N_("The root, to be scanned"), language), draw_qr(to_scan(root)))
    said = (translate(text, language) for text in (version, whole, ROOT_COVERS))
    return (code, *said, "    ".join(lines))


def render_sections(told: Document, bound_to: tuple[Text, str]) -> str:
    """Return what is told as a page; `bound_to` is in its foot: a digest after what it is of."""
    return _render(told, bound_to, ())


def render_sheet(told: Document, style: str) -> str:
    """Return what is told on a sheet or two as a page, without numbers and contents."""
    return _render(told, (Text(""), ""), (), styles=[read_template(style)])


def _render(
    told: Document,
    bound_to: tuple[Text, str],
    approval: Sequence[str | Figure],
    styles: Sequence[str] = (),
) -> str:
    label, digest = bound_to
    own = {
        "page_title": told.tab or told.title,
        "title": told.title,
        "small": told.small,
        "lead": told.lead,
        "banners": told.banners,
        "approval": approval,
        "numbered": bool(digest),
        "digest": digest,
        "digest_label": translate(label, told.language),
        "sections": told.sections,
        "foot": told.foot,
    }
    look = styles or [read_template("compliance.css")]
    return render("document.html.jinja", told.language, own, styles=look)
