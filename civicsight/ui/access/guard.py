"""Who is answered at all: by the machine, the name, the page and the address that is asked.

References
----------
RFC 6454 (an origin is scheme, host and port); RFC 9110 15.5.20 (421); W3C Fetch Metadata.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from civicsight.core.errors import InputError
from civicsight.core.settings import setting
from civicsight.ui.access.addresses import HANDED_ON
from civicsight.ui.access.signin import Way, way_in
from civicsight.ui.access.visits import FORGET
from civicsight.ui.config import inline_scripts, is_loopback, own_basemaps, root_path
from civicsight.ui.faults import fault

FORBIDDEN, NOT_FOUND, MISDIRECTED = 403, 404, 421
POLICY_VIOLATION: Final = 1008
SAYS: Final[Mapping[int, str]] = {
    FORBIDDEN: "not from there",
    NOT_FOUND: "not found",
    MISDIRECTED: "not under that name",
}

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


ORIGIN: Final = re.compile(r"https?://[\w.-]+(:\d{1,5})?|https?://\[[0-9a-fA-F:]+\](:\d{1,5})?")

POLICY: Final = {
    "default-src": "'none'",
    "script-src": "'self' blob: 'wasm-unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",  # it writes its sheets while it draws
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "worker-src": "'self' blob:",
    "media-src": "'self' blob:",
    "manifest-src": "'self'",
    "frame-src": "'none'",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
}
"""What a page may load; no other host stands in it, but pictures from that of a basemap in the own
network. Inline scripts run by their digest alone, those
of components as blobs, and the server's reader of numbers is WebAssembly. No text is evaluated."""

FEATURES: Final = (
    *("accelerometer", "camera", "display-capture", "geolocation", "gyroscope"),
    *("hid", "magnetometer", "microphone", "midi", "payment", "serial", "usb"),
)
"""What the app never asks a browser for."""

FIXED: Final = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in FEATURES),
}

LOGOUT: Final = "/auth/logout"
"""Where the server leads a browser that signs out of an identity provider."""

STARTS: Final = frozenset({"http.response.start", "websocket.http.response.start"})
FAILED: Final = 500


def frame_origins() -> tuple[str, ...]:
    """Return the origins that may show the app in a frame: nobody, unless the setting names some.

    Raises
    ------
    InputError
        If one is not a scheme, a host and perhaps a port.
    """
    origins = tuple(setting("frame_origins").split())
    faults = [
        fault("app.frame", field="CIVICSIGHT_FRAME_ORIGINS", found=origin)
        for origin in origins
        if not ORIGIN.fullmatch(origin)
    ]
    if faults:
        raise InputError(faults)
    return origins


def sealing() -> dict[str, str]:
    """Return the headers of every answer."""
    scripts = " ".join([POLICY["script-src"], *inline_scripts()])
    services = (each.origin for each in own_basemaps() if each.origin)
    rules = POLICY | {
        "script-src": scripts,
        "img-src": " ".join([POLICY["img-src"], *services]),
        "frame-ancestors": " ".join(frame_origins()) or "'none'",
    }
    policy = "; ".join(f"{name} {value}" for name, value in rules.items())
    return {"Content-Security-Policy": policy, **FIXED}


async def fail(_request: Request, _error: Exception) -> PlainTextResponse:
    """Answer what broke; the server logs why. The outermost of its layers asks nobody else."""
    return PlainTextResponse("internal error", FAILED, headers=sealing())


class Sealed:
    """Puts the headers on every answer, whoever gave it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, and seal what comes back."""

        async def sealed(message: Message) -> None:
            if message["type"] in STARTS:
                headers = MutableHeaders(scope=message)
                headers.update(sealing())
                if scope["path"] == f"{root_path()}{LOGOUT}":
                    headers.update(FORGET)
            await send(message)

        await self.app(scope, receive, sealed)
