"""The document that every page of the app arrives in: its language, its title, where the server is.

The server's own document says that it is in English, and lets the browser try whether the server
answers below the address of the page before it tries the right one: two answers 404 with each
visit of a page other than the first.
"""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route
from streamlit.file_util import get_static_dir

from civicsight.core.i18n import DEFAULT_LANGUAGE, HTML_LANGUAGE
from civicsight.core.settings import setting
from civicsight.ui.language import PARAMETER, parse_language
from civicsight.ui.pages import PAGES

PLAIN_LANGUAGE: Final = '<html lang="en">'
PLAIN_TITLE: Final = "<title>Streamlit</title>"
TITLE: Final = """<title>civicsight</title>
    <script>window.__streamlit = {BACKEND_BASE_URL: new URL("./", location).href}</script>"""
"""Every page lies beside the server's own addresses, whatever path a proxy puts before both."""

INLINE: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)
AGENTS: Final = re.compile(r"\s*<!--[^<>]*agent API.*?agent/openapi.json\" />", re.DOTALL)
"""Where the server's document points to a door that is closed here."""


def document_routes(root: str = "") -> list[BaseRoute]:
    """Return the routes of the addresses of the pages, below a path such as ``/city``."""
    return [Route(f"{root}/{code}", _answer) for code in ("", *(page.code for page in PAGES[1:]))]


def document(asked: str | None) -> str:
    """Return the document in the language that an address asks for, else in the one set."""
    language = parse_language(asked) or parse_language(setting("language")) or DEFAULT_LANGUAGE
    text = _template().replace(PLAIN_LANGUAGE, f'<html lang="{HTML_LANGUAGE[language]}">', 1)
    return AGENTS.sub("", text.replace(PLAIN_TITLE, TITLE, 1), count=1)


@cache
def inline_scripts() -> tuple[str, ...]:
    """Return by its digest, as a policy names it, each script that stands in a document."""
    found = INLINE.findall(_template() + TITLE)
    digests = (b64encode(sha256(script.encode()).digest()).decode() for script in found)
    return tuple(f"'sha256-{digest}'" for digest in digests)


def _answer(request: Request) -> Response:
    text = document(request.query_params.get(PARAMETER))
    return HTMLResponse(text, headers={"Cache-Control": "no-cache"})


@cache
def _template() -> str:
    return Path(get_static_dir(), "index.html").read_text(encoding="utf-8")
