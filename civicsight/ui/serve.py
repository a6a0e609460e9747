"""What the server has beside the pages: its start, its guard, its own routes."""

from __future__ import annotations

import logging
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Future
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import streamlit as st
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from civicsight.errors import InputError
from civicsight.ui.access.signin import Way, way_in
from civicsight.ui.access.uploads import UploadGate
from civicsight.ui.access.visits import VISITS, visit_routes
from civicsight.ui.config import (
    BASE_OPTION,
    SCRIPT,
    as_root,
    is_loopback,
    options_for,
    refuse_open_address,
    root_path,
)
from civicsight.ui.document import document_routes
from civicsight.ui.errors import show_script_error
from civicsight.ui.pages import PAGES, load_page
from civicsight.ui.services.cache import settle
from civicsight.ui.services.opening import opening
from civicsight.ui.services.project import Project
from civicsight.ui.tiles import routes

LOG: Final = logging.getLogger("civicsight.ui")

FORBIDDEN: Final = 403
POLICY_VIOLATION: Final = 1008
HANDED_ON: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
"""Headers by which a reverse proxy tells for whom it asks."""


def parts(root: str | None = None) -> dict[str, Any]:
    """Return what ``st.App`` takes beside the script.

    Parameters
    ----------
    root
        Path below which the app runs, with a slash before it; by default as the server is set up.
    """
    if root is None:
        root = root_path()
    return {
        "routes": [*document_routes(root), *visit_routes(VISITS, root), *routes(root=root)],
        "lifespan": lifespan,
        "middleware": [Middleware(Guard), Middleware(UploadGate)],
        "on_script_error": show_script_error,
    }


def serve(
    address: str,
    port: int,
    hosts: Sequence[str] = (),
    base: str = "",
    before: Callable[[str], None] = lambda _root: None,
) -> None:
    """Serve the app until it is stopped.

    Parameters
    ----------
    address, port, hosts, base
        See `config.options_for`.
    before
        Called when everything is in order, right before the server begins, with the path below
        which it runs.

    Raises
    ------
    InputError
        If others could come in, by an address or a name, and nobody has to sign in.
    """
    for name in (address, *hosts):
        if not is_loopback(name):
            refuse_open_address(name, signed_in=way_in() is not Way.LOCAL)
    options = options_for(address, port, hosts, base)
    root = as_root(options[BASE_OPTION])
    before(root)
    st.App(SCRIPT, **parts(root)).run(config=options)


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Refuse an open address without sign-in; begin to open the project before anybody asks."""
    signed_in = way_in() is not Way.LOCAL
    try:
        for name in (st.get_option("server.address"), *_names()):
            refuse_open_address(name, signed_in=signed_in)
    except InputError as error:
        # The server would bury an error of the start under a trace; until it has stopped, the guard
        # answers nobody.
        LOG.critical("%s", error)
        signal.raise_signal(signal.SIGTERM)
    else:
        opening().future.add_done_callback(_lay_out)
    yield


def _lay_out(opened: Future[Project]) -> None:
    """Have ready what every visit needs, before anybody asks for it."""
    if opened.exception() is not None:
        return  # the page says why
    from civicsight.ui.services.bench import bench_of  # heavy: nobody waits for it here

    bench_of(opened.result())
    for page in PAGES:
        load_page(page)
    settle()


class Guard:
    """Answers nobody who comes in from elsewhere while nobody has to sign in, and no foreign site.

    The start looks at the options of the server, this at the connection itself: it holds too where
    another program than ours chose the address, or a reverse proxy stands before it. The session of
    a foreign site would be refused by the server too, but it would first ask the internet what
    address it has.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on whoever may come in."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        is_socket = scope["type"] == "websocket"
        inside = _is_from_here(scope, headers) or way_in() is not Way.LOCAL
        if inside and not (is_socket and _is_foreign(headers)):
            await self.app(scope, receive, send)
            return
        answer: Any = PlainTextResponse("sign-in is not set up", FORBIDDEN)
        if is_socket:
            answer = WebSocketClose(POLICY_VIOLATION)
        await answer(scope, receive, send)


def _is_from_here(scope: Scope, headers: Headers) -> bool:
    """Tell whether a browser on this machine asks, by itself and not through a proxy."""
    host = (scope.get("server") or (None,))[0]
    return is_loopback(host) and not any(name in headers for name in HANDED_ON)


def _is_foreign(headers: Headers) -> bool:
    """Tell whether the page that asks was served under another name than ours."""
    if "origin" not in headers:
        return False
    origin = urlsplit(headers["origin"])
    return origin.netloc != headers.get("host") and origin.hostname not in _names()


def _names() -> list[str]:
    """Return the names by which browsers reach the app; one of every name if there is none."""
    return list(st.get_option("server.allowedHosts")) or ["*"]
