"""What our pages have in common: templates, scripts that cannot end early, a policy that holds."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined

from civicsight.core.errors import N_
from civicsight.core.i18n import Language, translate


def make_environment(language: Language) -> Environment:
    """Return the environment of templates: everything is escaped, nothing may be undefined."""
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=FunctionLoader(read_template),
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        lambda message: translate(message, language),
        lambda one, many, count: translate(one if count == 1 else many, language),
        newstyle=True,
    )
    return environment


def read_template(name: str) -> str:
    """Return a template, script or style sheet of this package."""
    return files("civicsight.report").joinpath("templates", name).read_text(encoding="utf-8")


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
    try:
        return version("civicsight")
    except PackageNotFoundError:
        return translate(N_("(run from its source, without a version)"), language)
