"""How the server is set up: closed to the network, silent, and the document of every page."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

import streamlit as st
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route
from streamlit.file_util import get_static_dir

from civicsight.core.i18n import DEFAULT_LANGUAGE, HTML_LANGUAGE
from civicsight.core.settings import setting
from civicsight.maps.own_basemaps import Named, read_basemaps
from civicsight.ui.faults import reject
from civicsight.ui.language import PARAMETER, parse_language
from civicsight.ui.pages import PAGES

LOOPBACK: Final = "127.0.0.1"
EVERY: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - named, not bound
BASE_OPTION: Final = "server.baseUrlPath"
BASE: Final = re.compile(r"/?[\w.~-]+(/[\w.~-]+)*/?", re.ASCII)

OPTIONS: Final[dict[str, Any]] = {
    "server.address": LOOPBACK,
    "server.headless": True,
    "server.allowedHosts": ["127.0.0.1", "localhost"],
    "server.enableCORS": True,
    "server.enableXsrfProtection": True,
    "server.enableStaticServing": False,
    "server.enableAgentApi": False,
    "server.fileWatcherType": "none",
    "server.maxUploadSize": 50,
    "server.maxMessageSize": 64,
    "server.maxCacheDataSize": "256mb",
    "server.showEmailPrompt": False,
    "browser.gatherUsageStats": False,
    "client.allowedOrigins": [],
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "client.toolbarMode": "minimal",
    "runner.magicEnabled": False,
    # It would look through all of memory after each run of a page; Python does when it has to.
    "runner.postScriptGC": False,
    "theme.base": "light",
    "theme.primaryColor": "#0072B2",
    "theme.backgroundColor": "#FFFFFF",
    "theme.secondaryBackgroundColor": "#F6F4EF",
    "theme.textColor": "#1F2933",
}
"""Options of the server; `.streamlit/config.toml` states the same for ``streamlit run``."""

ICON: Final = Path(str(files("civicsight.ui") / "icon.png"))
"""Icon of the page; a name of a built-in icon would be fetched from the internet."""

SCRIPT: Final = Path(str(files("civicsight.ui.entry") / "main.py"))
"""What the server runs for each session."""


def is_loopback(host: str | None) -> bool:
    """Tell whether only this machine reaches an address; no address means every one."""
    if host is None:
        return False
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def own_basemaps() -> tuple[Named, ...]:
    """Return the basemaps that whoever runs the server names.

    Raises
    ------
    InputError
        See `own_basemaps.read_basemaps`.
    """
    return _read_once(setting("basemaps"))


_read_once: Final = cache(read_basemaps)


def root_path() -> str:
    """Return the path below which the app runs, as ``/civicsight``, empty at the root."""
    return as_root(st.get_option(BASE_OPTION) or "")


def as_root(base: str) -> str:
    """Return a path as what stands before every address: with a slash before it, none after it."""
    path = base.strip("/")
    return f"/{path}" if path else ""


def options_for(
    address: str, port: int, hosts: Sequence[str] = (), base: str = ""
) -> dict[str, Any]:
    """Return the options of a server at an address.

    Parameters
    ----------
    address, port
        Where it listens.
    hosts
        Names by which browsers reach it; one that is not named is refused (DNS rebinding).
    base
        Path below which it runs, as ``/civicsight``; empty: at the root.

    Raises
    ------
    InputError
        If it listens on every address and no name is given, or the path is none.
    """
    names = [*OPTIONS["server.allowedHosts"], *hosts]
    if not hosts and address in EVERY:
        reject("app.host", field="server.allowedHosts", found=address)
    if not hosts and address not in names:
        names.append(address)
    return OPTIONS | {
        "server.address": address,
        "server.port": port,
        "server.allowedHosts": names,
        BASE_OPTION: _checked(base).strip("/"),
        "browser.serverAddress": names[-1],  # else the server asks the internet who it is
        "logger.hideWelcomeMessage": True,
    }


def refuse_open_address(host: str | None, *, signed_in: bool) -> None:
    """Refuse to serve others than this machine while nobody has to sign in.

    Raises
    ------
    InputError
        If the address is open and `signed_in` is False.
    """
    if signed_in or is_loopback(host):
        return
    shown = host or "0.0.0.0"  # noqa: S104 - named, not bound
    reject("app.address", field="server.address", found=shown)


def _checked(base: str) -> str:
    """Return a path below which the app may run."""
    if not base or BASE.fullmatch(base):
        return base
    return reject("app.base", field=BASE_OPTION, found=base)


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
