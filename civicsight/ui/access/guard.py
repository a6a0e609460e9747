"""Who is answered at all: by the machine, the name, the page and the address that is asked.

References
----------
RFC 6454 (an origin is scheme, host and port); RFC 9110 15.5.20 (421); W3C Fetch Metadata.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from civicsight.ui.access.signin import Way, way_in
from civicsight.ui.config import is_loopback

FORBIDDEN, NOT_FOUND, MISDIRECTED = 403, 404, 421
POLICY_VIOLATION: Final = 1008
SAYS: Final[Mapping[int, str]] = {
    FORBIDDEN: "not from there",
    NOT_FOUND: "not found",
    MISDIRECTED: "not under that name",
}

HANDED_ON: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
"""Headers by which a reverse proxy tells for whom it asks."""

CORE: Final = "/_stcore/"
SERVED: Final = frozenset({"health", "host-config", "stream", "upload_file", "bidi-components"})
"""What the pages need of the server's own addresses, and the probes; all others are closed."""

ELSEWHERE: Final = frozenset({"same-site", "cross-site"})
"""What a browser says of a page that is not ours; another port of our host is the same site."""

READS: Final = frozenset({"GET", "HEAD"})


class Guard:
    """Answers nobody from elsewhere while nobody has to sign in, no foreign name, no foreign page.

    The start looks at the options of the server, this at the connection itself: it holds too where
    another program than ours chose the address, or a reverse proxy stands before it. The session of
    a foreign page would be refused by the server too, but it would first ask the internet what
    address it has, and takes another port of this host for its own.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on whoever may come in."""
        status = _refusal(scope) if scope["type"] in {"http", "websocket"} else None
        if status is None:
            await self.app(scope, receive, send)
            return
        answer: Any = PlainTextResponse(SAYS[status], status)
        if scope["type"] == "websocket":
            answer = WebSocketClose(POLICY_VIOLATION)
        await answer(scope, receive, send)


def _refusal(scope: Scope) -> int | None:
    """Return why a connection is refused, None if it is not."""
    headers = Headers(scope=scope)
    if not is_host_allowed(headers.get("host")):
        return MISDIRECTED
    if way_in() is Way.LOCAL and not _is_from_here(scope, headers):
        return FORBIDDEN
    if is_foreign(scope, headers):
        return FORBIDDEN
    _, _, core = scope["path"].partition(CORE)
    return NOT_FOUND if core and core.partition("/")[0] not in SERVED else None


def _is_from_here(scope: Scope, headers: Headers) -> bool:
    """Tell whether a browser on this machine asks, by itself and not through a proxy."""
    host = (scope.get("server") or (None,))[0]
    return is_loopback(host) and not any(name in headers for name in HANDED_ON)


def is_foreign(scope: Scope, headers: Headers) -> bool:
    """Tell whether a page asks that is not ours: another scheme, host or port.

    A line for a session has to say where it comes from. A program that is no browser, and names no
    page, may ask for all else. Whoever follows a link from elsewhere opens a page of ours.
    """
    if "origin" in headers:
        return headers["origin"].lower() not in _origins(scope, headers)
    if scope["type"] == "websocket":
        return True
    follows = headers.get("sec-fetch-mode") == "navigate" and scope["method"] in READS
    return headers.get("sec-fetch-site") in ELSEWHERE and not follows


def _origins(scope: Scope, headers: Headers) -> set[str]:
    """Return our own origins: the one that is asked, and the main name behind a proxy.

    A proxy that encrypts may hand on neither the name nor the scheme that a browser knows.
    """
    scheme = "https" if scope["scheme"] in {"https", "wss"} else "http"
    origins = {f"{scheme}://{headers.get('host', '')}".lower()}
    main = str(st.get_option("browser.serverAddress")).lower()
    return origins if is_loopback(main) else origins | {f"https://{main}"}
