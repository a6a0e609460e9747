"""Files that browsers send: from whom they are taken, and how much is held in memory at a time.

The server itself takes a file from whoever has opened the page, signed in or not, and keeps it in
memory. Here it is asked before the first byte is read whether the visit was offered to send one,
and each byte is counted while it comes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import streamlit as st
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime import exists, get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx

from civicsight.settings import upload_bytes
from civicsight.ui.access.signin import is_signed_in

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

PLAIN: Final = "<style>[data-testid=stFileUploaderDropzoneInstructions] {display: none;}</style>"
"""The server names the limits of a file in English; the label of the field says them."""

ADDRESS: Final = re.compile(r"_stcore/upload_file(?:/([^/]*))?")
"""Where the server takes files, whatever path it runs below; the part is the session."""

WITHOUT_FILE: Final = frozenset({"GET", "HEAD", "OPTIONS", "DELETE"})

LEAST_BYTES: Final = 1_000_000
"""What a file counts at least, so that a thousand empty ones are too many as well."""

UNAUTHORIZED, FORBIDDEN, TOO_LARGE = 401, 403, 413
SAYS: Final = {
    UNAUTHORIZED: "sign in first",
    FORBIDDEN: "no page of this visit takes files",
    TOO_LARGE: "too much is held already",
}

Files = Mapping[str, Mapping[str, Any]]
"""What is held: files by session and id."""


def ask_for_file(
    label: str, key: str, is_entitled: Callable[[], bool], types: Sequence[str] | None = None
) -> UploadedFile | None:
    """Draw a field for a file; the visit may send files as long as `is_entitled` says so."""
    UPLOADS.offer(_visit(), is_entitled)
    st.html(PLAIN)
    return st.file_uploader(label, types, key=key)


@contextmanager
def closing_offers() -> Iterator[None]:
    """End what the visit was offered before, unless what is drawn meanwhile offers it anew."""
    before = UPLOADS.offered.get(_visit())
    yield
    if UPLOADS.offered.get(_visit()) is before:
        UPLOADS.offered.pop(_visit(), None)


def _visit() -> str:
    """Return the session that runs now."""
    context = get_script_run_ctx()
    return "" if context is None else context.session_id


def _held() -> Files:
    """Return what the server holds."""
    files: Files = getattr(get_instance().uploaded_file_mgr, "file_storage", {}) if exists() else {}
    return files


def _is_open(session_id: str) -> bool:
    return not exists() or get_instance().is_active_session(session_id)


@dataclass(slots=True, eq=False)
class Uploads:
    """Which visits may send files, and what is on its way.

    Parameters
    ----------
    held
        Returns what is held.
    offered
        By session, whether who was offered it is still entitled: asked with each file.
    coming
        Bytes that are announced or came, of each file on its way, with its session.
    """

    held: Callable[[], Files] = _held
    offered: dict[str, Callable[[], bool]] = field(default_factory=dict)
    coming: list[Coming] = field(default_factory=list)

    def offer(self, session_id: str, is_entitled: Callable[[], bool]) -> None:
        """Let a session send files; those that are over are forgotten."""
        for over in [one for one in list(self.offered) if not _is_open(one)]:
            self.offered.pop(over, None)
        self.offered[session_id] = is_entitled

    def may_send(self, session_id: str) -> bool:
        """Tell whether a session may send a file at this moment."""
        is_entitled = self.offered.get(session_id)
        return is_entitled is not None and is_entitled()

    @contextmanager
    def taking(self, session_id: str) -> Iterator[Coming]:
        """Count a file as long as it is on its way."""
        one = Coming(self, session_id)
        self.coming.append(one)
        try:
            yield one
        finally:
            self.coming.remove(one)

    def has_room(self, session_id: str) -> bool:
        """Tell whether what is held and on its way keeps to the bounds of visit and server."""
        files, (visit_bytes, server_bytes) = dict(self.held()), upload_bytes()
        sizes = {key: _weigh(len(one.data) for one in list(of.values()))
                 for key, of in files.items()}  # fmt: skip
        own = _weigh(one.size for one in self.coming if one.session_id == session_id)
        every = _weigh(one.size for one in self.coming)
        return (
            sizes.get(session_id, 0) + own <= visit_bytes
            and sum(sizes.values()) + every <= server_bytes
        )


def _weigh(sizes: Iterable[int]) -> int:
    return sum(max(size, LEAST_BYTES) for size in sizes)


@dataclass(slots=True, eq=False)
class Coming:
    """A file on its way: what was announced of it, or came if that is more."""

    uploads: Uploads
    session_id: str
    announced: int = 0
    came: int = 0

    @property
    def size(self) -> int:
        """Bytes that it is known to have."""
        return max(self.announced, self.came)

    def announce(self, length: int) -> None:
        """Note how long it is said to be; end it where that is too much."""
        self.announced = length
        self._require_room()

    def count(self, message: Message) -> None:
        """Count what came; end it where that is too much, whatever was announced."""
        self.came += len(message.get("body", b""))
        if self.came > self.announced:
            self._require_room()

    def _require_room(self) -> None:
        if not self.uploads.has_room(self.session_id):
            raise _TooMuch


class _TooMuch(Exception):  # noqa: N818 - no error of ours, an end
    """Ends the reading of a file."""


UPLOADS: Final = Uploads()
"""What the visits of this process may send."""


class UploadGate:
    """Answers whoever may not send a file before its first byte is read, and ends one too large."""

    def __init__(self, app: ASGIApp, uploads: Uploads = UPLOADS) -> None:
        self.app, self.uploads = app, uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is no file, or may come in."""
        session_id = _session_of(scope)
        if session_id is None:
            await self.app(scope, receive, send)
            return
        asked = HTTPConnection(scope)
        if not self.uploads.may_send(session_id):
            status = FORBIDDEN if is_signed_in(asked.cookies) else UNAUTHORIZED
            await _refusal(status)(scope, receive, send)
            return
        length = asked.headers.get("content-length", "")
        with self.uploads.taking(session_id) as coming:
            try:
                coming.announce(int(length) if length.isdecimal() else 0)
                await self.app(scope, _counted(receive, coming), send)
            except _TooMuch:
                await _refusal(TOO_LARGE)(scope, receive, send)


def _session_of(scope: Scope) -> str | None:
    """Return the session that a file is sent to, None where none is sent."""
    if scope["type"] != "http" or scope["method"] in WITHOUT_FILE:
        return None
    found = ADDRESS.search(scope["path"])
    return None if found is None else found[1] or ""


def _counted(receive: Receive, coming: Coming) -> Receive:
    async def counted() -> Message:
        message = await receive()
        coming.count(message)
        return message

    return counted


def _refusal(status: int) -> PlainTextResponse:
    # Whatever else is sent on this connection is not read.
    return PlainTextResponse(SAYS[status], status, headers={"Connection": "close"})
