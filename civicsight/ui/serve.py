"""What the server has beside the pages: its start, its layers, its own routes."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from concurrent.futures import Future
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any, Final

import streamlit as st
from starlette.middleware import Middleware

from civicsight.application.inbox.desk import close_inbox
from civicsight.core.errors import N_, CivicsightError, InputError, SetupError
from civicsight.core.i18n import DEFAULT_LANGUAGE, translate
from civicsight.core.settings import setting
from civicsight.coverage._kernels.apart import compile_beside, end_beside
from civicsight.editing.project import Project, opening
from civicsight.io.apart.reading import describe_lacks, set_foreign
from civicsight.ui.access.connections import LINES, Admission, bound_connections
from civicsight.ui.access.guard import Guard, Sealed, fail, frame_origins
from civicsight.ui.access.signin import Way, way_in
from civicsight.ui.access.start import StartGate, start_address, start_token
from civicsight.ui.access.uploads import UploadGate, sweep
from civicsight.ui.access.visits import VISITS, visit_routes
from civicsight.ui.config import (
    BASE_OPTION,
    LOOPBACK,
    SCRIPT,
    as_root,
    document_routes,
    is_loopback,
    options_for,
    own_basemaps,
    refuse_open_address,
    root_path,
)
from civicsight.ui.errors import show_script_error
from civicsight.ui.language import parse_language
from civicsight.ui.ogc.route import program_routes
from civicsight.ui.pages import PAGES, load_page
from civicsight.ui.tiles import routes

OPENS_AT: Final = N_("The app opens at the following address; Ctrl+C ends it.")
SWEEP_S: Final = 1.0
"""How often it is asked which visits are over [s]."""

LAYERS: Final = (Sealed, Guard, StartGate, Admission, UploadGate)
"""What each request passes, the outermost first."""

LOG: Final = logging.getLogger("civicsight.ui")


def parts(root: str | None = None, *, announces: bool = False) -> dict[str, Any]:
    """Return what ``st.App`` takes beside the script.

    Parameters
    ----------
    root
        Path below which the app runs, with a slash before it; by default as the server is set up.
    announces
        Whether the server prints its address, for no command does.
    """
    bound_connections()
    if root is None:
        root = root_path()
    return {
        "routes": [
            *document_routes(root),
            *visit_routes(VISITS, root),
            *routes(root=root),
            *program_routes(root),
        ],
        "lifespan": announced if announces else lifespan,
        "middleware": [Middleware(layer) for layer in LAYERS],
        "exception_handlers": {Exception: fail},
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
        If others could come in, by an address or a name, and nobody has to sign in; or a setting
        is wrong.
    """
    for name in (address, *hosts):
        if not is_loopback(name):
            refuse_open_address(name, signed_in=way_in() is not Way.LOCAL)
    frame_origins()
    own_basemaps()
    start_token()
    options = options_for(address, port, hosts, base)
    root = as_root(options[BASE_OPTION])
    before(root)
    st.App(SCRIPT, **parts(root)).run(config=options)


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Refuse an open address without sign-in; begin to open the project before anybody asks."""
    signed_in = way_in() is not Way.LOCAL
    try:
        for name in (
            st.get_option("server.address"),
            *(list(st.get_option("server.allowedHosts")) or ["*"]),
        ):
            refuse_open_address(name, signed_in=signed_in)
        frame_origins()
        own_basemaps()
        start_token()
    except InputError as error:
        # The server would bury an error of the start under a trace; until it has stopped, the guard
        # answers nobody.
        LOG.critical("%s", error)
        signal.raise_signal(signal.SIGTERM)
    else:
        if setting("project"):
            opening(Path(setting("project"))).future.add_done_callback(_lay_out)
        else:
            Thread(target=_load, name="loading", daemon=True).start()
        set_foreign(lambda: way_in() is not Way.LOCAL)
        Thread(target=_print_lacks, name="reading", daemon=True).start()
    sweeping = asyncio.create_task(_sweep_on())
    try:
        yield
    finally:
        sweeping.cancel()
        with suppress(asyncio.CancelledError):
            await sweeping
        close_inbox()
        end_beside()


@asynccontextmanager
async def announced(app: Any) -> AsyncIterator[None]:
    """Do the same, and print the address to open: it is the only place where its token stands."""
    async with lifespan(app):
        place = (st.get_option("server.address") or LOOPBACK, st.get_option("server.port"))
        language = parse_language(setting("language")) or DEFAULT_LANGUAGE
        said = translate(OPENS_AT, language)
        sys.stderr.write(f"\n  {said}\n  {start_address(*place, root_path())}\n\n")
        yield


async def _sweep_on() -> None:
    """Let go of files of visits that are over; first of all of those of a server that was killed.

    A visit ends by its hours too, and by an account that was taken away: nobody clicks then.
    """
    while True:
        try:
            await _to_its_end(asyncio.to_thread(_sweep))
        except CivicsightError as error:
            LOG.warning("files of visits that are over: %s", error)
        await asyncio.sleep(SWEEP_S)


def _sweep() -> None:
    sweep()
    LINES.sweep()


async def _to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Await work that a server that stops waits for: left alone it would write after the last."""
    under_way = asyncio.ensure_future(work)
    try:
        await asyncio.shield(under_way)
    except asyncio.CancelledError:
        await asyncio.wait([under_way])
        raise


def _print_lacks() -> None:
    """Say what protection files are read without; the first upload then waits for no start."""
    language = parse_language(setting("language")) or DEFAULT_LANGUAGE
    try:
        for text in describe_lacks():
            LOG.warning("%s", translate(text, language))
    except SetupError as error:
        LOG.critical("%s", error)  # whoever brings a file is told so too


def _lay_out(opened: Future[Project]) -> None:
    """Have ready what every visit needs, before anybody asks for it."""
    if opened.exception() is not None:
        return  # the page says why
    from civicsight.editing.edit_context import edit_context_of  # heavy: nobody waits for it here

    edit_context_of(opened.result())
    _load()


def _load() -> None:
    """Import the pages, and compile what is missing, while nobody waits for it."""
    for page in PAGES:
        load_page(page)
    _compile_ahead()


def _compile_ahead() -> None:
    """Compile what a plan or another scene will need while nobody waits for it."""
    from civicsight.coverage._kernels.ahead import is_done  # it knows of a compiler, and is heavy

    if not is_done():
        compile_beside()
