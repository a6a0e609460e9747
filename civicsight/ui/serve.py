"""What the server has beside the pages: its start, its guard, its own routes."""

from __future__ import annotations

import logging
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import streamlit as st
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from civicsight.errors import InputError
from civicsight.ui.access.signin import Way, way_in
from civicsight.ui.config import SCRIPT, is_loopback, options_for, refuse_open_address
from civicsight.ui.errors import show_script_error
from civicsight.ui.services.opening import opening
from civicsight.ui.tiles import routes

LOG: Final = logging.getLogger("civicsight.ui")

FORBIDDEN: Final = 403
POLICY_VIOLATION: Final = 1008


def parts() -> dict[str, Any]:
    """Return what ``st.App`` takes beside the script."""
    return {
        "routes": routes(),
        "lifespan": lifespan,
        "middleware": [Middleware(LoopbackOnly)],
        "on_script_error": show_script_error,
    }


def serve(
    address: str, port: int, hosts: Sequence[str] = (), before: Callable[[], None] = lambda: None
) -> None:
    """Serve the app until it is stopped.

    Parameters
    ----------
    address, port, hosts
        See `config.options_for`.
    before
        Called when everything is in order, right before the server begins.

    Raises
    ------
    InputError
        If the address is open to others and nobody has to sign in.
    """
    if not is_loopback(address):
        refuse_open_address(address, signed_in=way_in() is not Way.LOCAL)
    options = options_for(address, port, hosts)
    before()
    st.App(SCRIPT, **parts()).run(config=options)


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Refuse an open address without sign-in; begin to open the project before anybody asks."""
    try:
        refuse_open_address(st.get_option("server.address"), signed_in=way_in() is not Way.LOCAL)
    except InputError as error:
        # The server would bury an error of the start under a trace; until it has stopped, the guard
        # answers nobody.
        LOG.critical("%s", error)
        signal.raise_signal(signal.SIGTERM)
    else:
        opening()
    yield


class LoopbackOnly:
    """Answers nobody who comes in from elsewhere while nobody has to sign in.

    The start looks at the option of the server, this at the connection itself: it holds too where
    another program than ours chose the address.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what comes in on the loopback address, or where people sign in."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        host = (scope.get("server") or (None,))[0]
        if is_loopback(host) or way_in() is not Way.LOCAL:
            await self.app(scope, receive, send)
            return
        answer: Any = PlainTextResponse("sign-in is not set up", FORBIDDEN)
        if scope["type"] == "websocket":
            answer = WebSocketClose(POLICY_VIOLATION)
        await answer(scope, receive, send)
