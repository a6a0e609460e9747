"""Files that browsers send: from whom they are taken, and how much is held in memory at a time.

The server itself takes a file from whoever has opened the page, signed in or not, and keeps it in
memory. Here it is asked before the first byte is read whether the visit was offered to send one,
and each byte is counted while it comes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

import streamlit as st
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime import exists, get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx

from civicsight.application.inbox.desk import inbox, waiting_bytes
from civicsight.core.errors import N_, Text
from civicsight.core.settings import MEGABYTE, inbox_bounds, upload_bytes
from civicsight.ui.access.signin import this_visit, visit_of

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

PLAIN: Final = "<style>[data-testid=stFileUploaderDropzoneInstructions] {display: none;}</style>"
"""The server names the limits of a file in English; the label of the field says them."""

ADDRESS: Final = re.compile(r"_stcore/upload_file(?:/([^/]*))?")
"""Where the server takes files, whatever path it runs below; the part is the session."""

CHANGES_NOTHING: Final = frozenset({"GET", "HEAD", "OPTIONS"})

LEAST_BYTES: Final = 1_000_000
"""What a file counts at least, so that a thousand empty ones are too many as well."""

UNAUTHORIZED, FORBIDDEN, TOO_LARGE = 401, 403, 413
SAYS: Final = {
    UNAUTHORIZED: "sign in first",
    FORBIDDEN: "no page of this visit takes files",
    TOO_LARGE: "too much is held already",
}

OF_VISIT: Final = N_(
    "The file was not taken: more than %(size)s MB of this window would be held. Have read what "
    "you have chosen, or take it out, and choose the file again."
)
OF_PERSON: Final = N_(
    "The file was not taken: more than %(size)s MB of yours would be here. Put away one that was "
    "read, or cancel one, and choose it again."
)
OF_ALL: Final = N_(
    "The file was not taken: the server has its %(size)s MB of files. Choose it again in a few "
    "minutes."
)


class Entitled(NamedTuple):
    """Who may send files in which visit, and whether he still may: asked with each file."""

    person: str
    still: Callable[[], bool]
    visit: str = ""


Files = Mapping[str, Mapping[str, Any]]
"""What is held: files by session and id."""


def ask_for_file(
    label: str, key: str, entitled: Entitled, types: Sequence[str] | None = None
) -> UploadedFile | None:
    """Draw a field for a file; the visit may send files as long as whoever it is is entitled."""
    _offer(entitled)
    return st.file_uploader(label, types, key=key)


def take_file(
    label: str,
    key: str,
    entitled: Entitled,
    types: Sequence[str],
    take: Callable[[str, bytes], None],
) -> None:
    """Draw a field for a file that is taken at once, by name and content; then it is empty."""
    turn = _turn(key)
    file = ask_for_file(label, f"{key}.{turn}", entitled, types)
    if file is not None:
        take(file.name, file.getvalue())
        _empty(key, turn, [file])


def take_files(
    label: str,
    key: str,
    entitled: Entitled,
    types: Sequence[str],
    take: Callable[[list[tuple[str, bytes]]], None],
) -> None:
    """Draw a field for several files that are taken together; see `take_file`."""
    turn = _turn(key)
    files = ask_for_files(label, f"{key}.{turn}", entitled, types)
    if files:
        take([(file.name, file.getvalue()) for file in files])
        _empty(key, turn, files)


def _turn(key: str) -> int:
    return int(st.session_state.get(f"{key}.turn", 0))


def _empty(key: str, turn: int, taken: Sequence[UploadedFile]) -> NoReturn:
    """Let go what was taken, and draw the page anew, with another field in its place."""
    for file in taken:
        release(file)
    st.session_state[f"{key}.turn"] = turn + 1
    st.rerun()


def ask_for_files(
    label: str, key: str, entitled: Entitled, types: Sequence[str] | None = None
) -> list[UploadedFile]:
    """Draw a field for several files; see `ask_for_file`."""
    _offer(entitled)
    return st.file_uploader(label, types, key=key, accept_multiple_files=True)


def _offer(entitled: Entitled) -> None:
    """Let this session send files, from the browser of this visit alone."""
    UPLOADS.offer(_visit(), entitled._replace(visit=this_visit()))
    st.html(PLAIN)


def release(file: UploadedFile) -> None:
    """Let the server hold a file no longer: whoever asked for it has it."""
    if exists():
        manager: Any = get_instance().uploaded_file_mgr
        manager.remove_file(_visit(), file.file_id)


def coming_of(person: str) -> list[Coming]:
    """Return the files that somebody is sending at this moment."""
    return [one for one in list(UPLOADS.coming) if UPLOADS.person_of(one.session_id) == person]


def why_not() -> Text | None:
    """Return why the file that this visit sent last was not taken; None if it was."""
    return UPLOADS.told.get(_visit())


def sweep() -> None:
    """Let go of all that belongs to visits that are over: what is held, waits and was read."""
    UPLOADS.sweep()
    inbox().sweep()


@contextmanager
def closing_offers() -> Iterator[None]:
    """End what the visit was offered before, unless what is drawn meanwhile offers it anew."""
    before = UPLOADS.offered.get(_visit())
    yield
    if UPLOADS.offered.get(_visit()) is before:
        UPLOADS.end(_visit())


def _visit() -> str:
    """Return the session that runs now."""
    context = get_script_run_ctx()
    return "" if context is None else context.session_id


def _held() -> Files:
    """Return what the server holds."""
    files: Files = getattr(get_instance().uploaded_file_mgr, "file_storage", {}) if exists() else {}
    return files


def _let_go(session_id: str) -> None:
    """Have the server hold nothing any more that a session sent."""
    if exists():
        get_instance().uploaded_file_mgr.remove_session_files(session_id)


def _is_open(session_id: str) -> bool:
    return not exists() or get_instance().is_active_session(session_id)


@dataclass(slots=True, eq=False)
class Uploads:
    """Which visits may send files, and what is on its way.

    Parameters
    ----------
    held, let_go
        Returns what is held, and ends it for a session.
    waiting
        Bytes of somebody, or of all, that were taken and wait.
    offered
        By session, who was offered to send files.
    coming
        Bytes that are announced or came, of each file on its way, with its session.
    told
        By session, why the file that it sent last was not taken.
    """

    held: Callable[[], Files] = _held
    let_go: Callable[[str], None] = _let_go
    waiting: Callable[[str | None], int] = waiting_bytes
    offered: dict[str, Entitled] = field(default_factory=dict)
    coming: list[Coming] = field(default_factory=list)
    told: dict[str, Text] = field(default_factory=dict)

    def offer(self, session_id: str, entitled: Entitled) -> None:
        """Let a session send files; those that are over are forgotten."""
        self.sweep()
        self.offered[session_id] = entitled

    def end(self, session_id: str) -> None:
        """Let a session send nothing more, and hold nothing that it sent."""
        self.told.pop(session_id, None)
        if self.offered.pop(session_id, None) is not None:
            self.let_go(session_id)

    def sweep(self) -> None:
        """End what was offered to sessions that are over, or to whom is entitled no more."""
        for session_id, entitled in list(self.offered.items()):
            if not (_is_open(session_id) and entitled.still()):
                self.end(session_id)

    def may_send(self, session_id: str, visit: str | None) -> bool:
        """Tell whether a visit may send a file to a session, or take one out, at this moment."""
        entitled = self.offered.get(session_id)
        return entitled is not None and entitled.visit == visit and entitled.still()

    def person_of(self, session_id: str) -> str | None:
        """Return who a session was offered to send files, None for one that was not."""
        entitled = self.offered.get(session_id)
        return None if entitled is None else entitled.person

    @contextmanager
    def taking(self, session_id: str) -> Iterator[Coming]:
        """Count a file as long as it is on its way."""
        one = Coming(self, session_id)
        self.coming.append(one)
        try:
            yield one
        finally:
            self.coming.remove(one)

    def lacks_room(self, session_id: str) -> Text | None:
        """Return which bound of visit, person or server is passed by what is here; None if none."""
        visit_bytes, all_bytes = upload_bytes()
        person_bytes, _, scratch_bytes, _ = inbox_bounds()
        person = self.person_of(session_id)
        own = {one for one in self.offered if self.offered[one].person == person} | {session_id}
        for most, sessions, waiting, told in (
            (visit_bytes, {session_id}, 0, OF_VISIT),
            (person_bytes, own, self.waiting(person), OF_PERSON),
            (all_bytes, None, 0, OF_ALL),
            (scratch_bytes, None, self.waiting(None), OF_ALL),
        ):
            held = [
                len(one.data)
                for key, of in dict(self.held()).items()
                if sessions is None or key in sessions
                for one in list(of.values())
            ]
            coming = [
                one.size
                for one in list(self.coming)
                if sessions is None or one.session_id in sessions
            ]
            if sum(max(size, LEAST_BYTES) for size in [*held, *coming]) + waiting > most:
                return Text(told.template, {"size": most // MEGABYTE})
        return None


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
        told = self.uploads.lacks_room(self.session_id)
        if told is not None:
            self.uploads.told[self.session_id] = told
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
        if session_id is None or scope["method"] in CHANGES_NOTHING:
            await self.app(scope, receive, send)
            return
        asked = HTTPConnection(scope)
        visit = visit_of(asked.cookies)
        if not self.uploads.may_send(session_id, visit):
            status = UNAUTHORIZED if visit is None else FORBIDDEN
            await _refusal(status)(scope, receive, send)
            return
        self.uploads.told.pop(session_id, None)
        length = asked.headers.get("content-length", "")
        with self.uploads.taking(session_id) as coming:
            try:
                coming.announce(int(length) if length.isdecimal() else 0)

                async def counted() -> Message:
                    message = await receive()
                    coming.count(message)
                    return message

                await self.app(scope, counted, send)
            except _TooMuch:
                await _refusal(TOO_LARGE)(scope, receive, send)


def _session_of(scope: Scope) -> str | None:
    """Return the session that a file is sent to, or taken out of; None for anything else."""
    if scope["type"] != "http":
        return None
    found = ADDRESS.search(scope["path"])
    return None if found is None else found[1] or ""


def _refusal(status: int) -> PlainTextResponse:
    # Whatever else is sent on this connection is not read.
    return PlainTextResponse(SAYS[status], status, headers={"Connection": "close"})
