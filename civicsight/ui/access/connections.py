"""What a connection may take before a visit is behind it: bytes, time and number.

The server below the pages holds a message of 64 MB of anybody, waits for headers without end, and
counts no connections. Here each connection begins as that of a stranger: its messages are small,
its headers have to come in time, what it is sent has to be read, and a stranger too many ends the
one that came first. So nobody is kept out by strangers who stay. With a visit, and as long as it
lasts, the bounds of the app hold.

References
----------
RFC 9110 (HTTP semantics), RFC 6455 (the line of a session: fragments 5.4, pings 5.5.2).
"""

from __future__ import annotations

import logging
from asyncio import AbstractEventLoop, BaseTransport, TimerHandle, Transport
from collections import Counter
from collections.abc import Callable, Mapping
from secrets import token_hex
from typing import Any, Final, Protocol, TypeAlias

import uvicorn.config
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request

from civicsight.ui.access.addresses import own_address
from civicsight.ui.access.presses import pressed_keys
from civicsight.ui.access.signin import Way, visit_of, way_in

MESSAGE_BYTES: Final = 64 * 1024
"""Most bytes of a message of a stranger; the sign-in takes some hundred."""

MOST_PARTS: Final = 1_024
"""Most fragments of a message of anybody; empty ones would cost a list without end."""

PIECE_BYTES: Final = 64 * 1024
"""What is handed over at a time, so that an answer that nobody reads is not copied whole."""

HEADERS_S: Final = 10.0
STALL_S: Final = 30.0
"""Within what time headers have to be complete, and something has to be read of an answer."""

MOST_STRANGERS: Final = 400
"""Connections without a visit; a process may often have 1024 files open, connections among them."""

MOST_LINES: Final = 32
"""Lines without a visit of one address, where addresses tell people apart."""

MOST_PRESSED: Final = 100
"""Buttons of a line that are noted until a page asks for them."""

TOO_BIG, POLICY_VIOLATION = 1009, 1008
MARK: Final = b"x-civicsight-line"
"""Header by which a session knows its line; what a browser sends under the name is thrown away."""

STATE: Final = "civicsight_connection"
"""Key of the connection in what the server hands to the app with each request."""

Stands: TypeAlias = Callable[[], bool]
LOG: Final = logging.getLogger("civicsight.ui")


class Connection(Protocol):
    """A connection of the server."""

    loop: AbstractEventLoop
    transport: Transport


class Deadline:
    """Ends a connection on which something does not happen in time."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.timer: TimerHandle | None = None

    def begin(self, seconds: float) -> None:
        """Begin to wait, unless that has begun."""
        if self.timer is None:
            end = self.connection.transport.abort
            self.timer = self.connection.loop.call_later(seconds, end)

    def cancel(self) -> None:
        """Wait no longer: it happened."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


class Crowd:
    """The connections without a visit, the first one first; one too many ends the first."""

    def __init__(self, most: int = MOST_STRANGERS, most_lines: int = MOST_LINES) -> None:
        self.most, self.most_lines = most, most_lines
        self.held: dict[Connection, str] = {}

    def enter(self, connection: Connection) -> None:
        """Count a connection; end the first of all if there are too many."""
        self.held[connection] = ""
        if len(self.held) > self.most:
            self._end(next(iter(self.held)))

    def name(self, connection: Connection, address: str) -> None:
        """Count a line for its address; end the first of this address if it has too many."""
        if connection not in self.held:
            return
        self.held[connection] = address
        if address and Counter(self.held.values())[address] > self.most_lines:
            self._end(next(one for one, known in self.held.items() if known == address))

    def leave(self, connection: Connection) -> None:
        """Count a connection no more."""
        self.held.pop(connection, None)

    def _end(self, connection: Connection) -> None:
        self.leave(connection)
        connection.transport.abort()


CROWD: Final = Crowd()
"""The connections without a visit of this process."""


class BoundedHttp(H11Protocol):
    """A connection whose headers come in time, and whose answers are read."""

    def __init__(
        self,
        config: Any,
        server_state: Any,
        app_state: dict[str, Any],
        _loop: AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, {**app_state, STATE: self}, _loop)
        self.ws_protocol_class = BoundedLine
        self.headers_due, self.reading_due = Deadline(self), Deadline(self)

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Begin to wait for headers."""
        super().connection_made(transport)
        self.headers_due.begin(HEADERS_S)
        CROWD.enter(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._forget()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Wait no longer once the headers are there, and anew once the next ones begin."""
        super().data_received(data)
        if self.transport.get_protocol() is not self:
            return  # it is a line by now
        asked: RequestResponseCycle | None = self.cycle
        if asked is None or asked.response_complete:
            self.headers_due.begin(HEADERS_S)
        else:
            self.headers_due.cancel()

    def handle_websocket_upgrade(self, event: Any) -> None:
        """Hand the connection over to the line that it becomes."""
        self._forget()
        super().handle_websocket_upgrade(event)

    def pause_writing(self) -> None:
        """Begin to wait for who reads the answer."""
        super().pause_writing()
        self.reading_due.begin(STALL_S)

    def resume_writing(self) -> None:
        """Wait no longer: something was read."""
        super().resume_writing()
        self.reading_due.cancel()

    def admit(self, _stands: Stands) -> None:
        """Count it among strangers no more, whatever comes of the visit: the next request tells."""
        CROWD.leave(self)

    def _forget(self) -> None:
        CROWD.leave(self)
        self.headers_due.cancel()
        self.reading_due.cancel()


class BoundedLine(WebSocketsSansIOProtocol):
    """A line for a session: small messages, all of them read, until a visit is behind it."""

    def __init__(
        self,
        config: Any,
        server_state: Any,
        app_state: dict[str, Any],
        _loop: AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, {**app_state, STATE: self}, _loop)
        self.conn.max_message_size = MESSAGE_BYTES
        self.mark = token_hex(16)
        self.pressed: set[str] = set()
        self.reading_due = Deadline(self)

    def connection_made(self, transport: BaseTransport) -> None:
        """Begin as a stranger's line."""
        super().connection_made(transport)
        CROWD.enter(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the line."""
        LINES.forget(self)
        self.reading_due.cancel()
        super().connection_lost(exc)

    def handle_connect(self, event: Request) -> None:
        """Make the line known by its mark before anything answers."""
        LINES.known[self.mark] = self
        super().handle_connect(event)

    def handle_cont(self, event: Frame) -> None:
        """End a line that sends a message in pieces without end."""
        if len(self.frames) < MOST_PARTS:
            super().handle_cont(event)
            return
        self.conn.fail(TOO_BIG, "too many fragments")
        self.handle_parser_exception()

    def handle_ping(self) -> None:
        """Answer a ping, but of who reads no answers."""
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()

    def pause_writing(self) -> None:
        """Begin to wait for who reads, where nobody has come in."""
        super().pause_writing()
        if self in CROWD.held:
            self.reading_due.begin(STALL_S)

    def resume_writing(self) -> None:
        """Wait no longer: something was read."""
        super().resume_writing()
        self.reading_due.cancel()

    def admit(self, stands: Stands) -> None:
        """Lift the bounds of strangers as long as a visit stands."""
        if self.disconnected:
            return
        CROWD.leave(self)
        self.reading_due.cancel()
        self.conn.max_message_size = self.config.ws_max_size
        LINES.stands[self] = stands

    def exclude(self) -> None:
        """Put the bounds of strangers up again: the visit is over."""
        if LINES.stands.pop(self, None) is not None and not self.disconnected:
            self.conn.max_message_size = MESSAGE_BYTES
            CROWD.enter(self)


class Lines:
    """The lines of this process: by the mark that their session knows, and who came in."""

    def __init__(self) -> None:
        self.known: dict[str, BoundedLine] = {}
        self.stands: dict[BoundedLine, Stands] = {}

    def admit(self, headers: Mapping[str, str], stands: Stands) -> None:
        """Let the line in that the headers of a session name; called from a page."""
        line = self.known.get(headers.get(MARK.decode(), ""))
        if line is not None:
            line.loop.call_soon_threadsafe(line.admit, stands)

    def take_pressed(self, headers: Mapping[str, str]) -> set[str]:
        """Return the buttons that were pressed on the line of a session since this was asked."""
        line = self.known.get(headers.get(MARK.decode(), ""))
        if line is None or not line.pressed:
            return set()
        pressed, line.pressed = line.pressed, set()
        return pressed

    def sweep(self) -> None:
        """Put the bounds up again where a visit is over; called beside the server."""
        for line, stands in list(self.stands.items()):
            if not stands():
                line.loop.call_soon_threadsafe(line.exclude)

    def forget(self, line: BoundedLine) -> None:
        """Forget a line that is over."""
        self.known.pop(line.mark, None)
        self.stands.pop(line, None)
        CROWD.leave(line)


LINES: Final = Lines()
"""The lines of this process."""


def bound_connections() -> None:
    """Have the server, which is about to start, bound connections as is done here."""
    uvicorn.config.HTTP_PROTOCOLS["auto"] = f"{__name__}:{BoundedHttp.__name__}"


def admit_program(scope: Scope) -> None:
    """Count the connection of a program whose token is good among strangers no more."""
    connection = scope.get("state", {}).get(STATE)
    if connection is not None:
        connection.loop.call_soon_threadsafe(CROWD.leave, connection)


class Admission:
    """Tells strangers from visits at each connection, by its cookies and its address.

    A line that the server does not bound gets no session where people sign in: another program
    than ours serves the app.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request, its answer in pieces; and a line, which then knows its mark."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        asked = HTTPConnection(scope)
        cookies = dict(asked.cookies)
        visit, connection = visit_of(cookies), scope.get("state", {}).get(STATE)
        if visit is not None and connection is not None:
            connection.admit(lambda: visit_of(cookies) == visit)
        if scope["type"] == "http":
            await self.app(scope, receive, _in_pieces(send))
            return
        if connection is None and way_in() is not Way.LOCAL:
            LOG.critical(
                "No session: another program than ours serves the app, which bounds nothing of "
                "strangers. Start it with 'civicsight app'."
            )
            await WebSocketClose(POLICY_VIOLATION)(scope, receive, send)
            return
        headers = [(name, value) for name, value in scope["headers"] if name != MARK]
        if connection is not None:
            headers.append((MARK, connection.mark.encode()))
            address = asked.client.host if asked.client else ""
            CROWD.name(connection, own_address(address, asked.headers))
            receive = _noting(receive, connection)
        await self.app({**scope, "headers": headers}, receive, send)


def _noting(receive: Receive, line: BoundedLine) -> Receive:
    """Note which buttons are pressed on a line."""

    async def noted() -> Message:
        message = await receive()
        keys = pressed_keys(message.get("bytes") or b"")
        line.pressed = {*sorted(line.pressed | keys)[:MOST_PRESSED]}
        return message

    return noted


def _in_pieces(send: Send) -> Send:
    """Hand an answer over in pieces; the server waits for who reads between them."""

    async def cut(message: Message) -> None:
        body = message.get("body", b"")
        if message["type"] != "http.response.body" or len(body) <= PIECE_BYTES:
            await send(message)
            return
        last = (len(body) - 1) // PIECE_BYTES * PIECE_BYTES
        for start in range(0, last, PIECE_BYTES):
            await send({**message, "body": body[start : start + PIECE_BYTES], "more_body": True})
        await send({**message, "body": body[last:]})

    return cut
