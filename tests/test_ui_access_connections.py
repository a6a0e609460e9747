"""Connections without a visit: small messages, headers in time, answers that are read, not many."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Thread

import pytest
import uvicorn
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from civicsight.ui.access import connections
from civicsight.ui.access.connections import (
    CROWD,
    LINES,
    MARK,
    MESSAGE_BYTES,
    MOST_PARTS,
    STATE,
    Admission,
    BoundedHttp,
)
from civicsight.ui.access.signin import Way
from tests.waiting import wait_until

VISITS = {"li"}
"""Cookies of the visits that stand."""

LONG = bytes(30_000_000)
"""An answer that no system buffers whole."""

WAIT_S = 30


class App:
    """What is behind the bounds: it answers, and notes what reaches it."""

    def __init__(self) -> None:
        self.scopes: list = []

    async def __call__(self, scope, receive, send):
        self.scopes.append(scope)
        if scope["type"] == "http":
            body = LONG if scope["path"] == "/long" else b"well"
            length = [(b"content-length", str(len(body)).encode())]
            await send({"type": "http.response.start", "status": 200, "headers": length})
            await send({"type": "http.response.body", "body": body})
            return
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": str(len(message["bytes"]))})


@pytest.fixture(autouse=True)
def people(monkeypatch):
    """Let people sign in; a browser with a cookie of `VISITS` has."""
    monkeypatch.setattr(connections, "way_in", lambda: Way.ACCOUNTS)
    visit = lambda cookies: found if (found := cookies.get("visit")) in VISITS else None  # noqa: E731
    monkeypatch.setattr(connections, "visit_of", visit)
    yield
    VISITS.add("li")


@contextmanager
def served(app, http=BoundedHttp) -> Iterator[int]:
    """Serve an app behind the bounds; give the port."""
    config = uvicorn.Config(Admission(app), port=0, http=http, lifespan="off", log_level="error")
    server = uvicorn.Server(config)
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        thread = Thread(target=lambda: asyncio.run(server.serve([place])))
        thread.start()
        wait_until(lambda: server.started)
        try:
            yield place.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module")
def app():
    return App()


@pytest.fixture(scope="module")
def port(app):
    with served(app) as found:
        yield found


def raw(port, sent=b""):
    """Open a connection and send something."""
    one = socket.create_connection(("127.0.0.1", port), timeout=WAIT_S)
    one.sendall(sent)
    return one


def is_ended(one):
    """Read until a connection is ended by the server, or takes too long."""
    try:
        while one.recv(65_536):
            pass
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False
    return True


def line(port, **headers):
    """Open a line for a session."""
    return connect(f"ws://127.0.0.1:{port}/line", additional_headers=headers, max_size=None)


def answer(opened, size):
    """Send a message of some bytes; return what is answered, or why the line is closed."""
    try:
        opened.send(bytes(size))
        return int(opened.recv(timeout=WAIT_S))
    except ConnectionClosed as error:
        return f"closed {error.rcvd.code}"


GOOD = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
LATE = {
    "of nothing": [b""],
    "of a line": [b"GET / HTTP/1.1\r\nHo"],
    "of the second request": [GOOD, b"GET / HTTP/1.1\r\nHo"],
}


@pytest.mark.parametrize("parts", LATE.values(), ids=LATE)
def test_who_does_not_end_the_headers_in_time_is_put_out(monkeypatch, port, parts):
    monkeypatch.setattr(connections, "HEADERS_S", 0.3)
    with raw(port) as one:
        for part in parts:
            one.sendall(part)
            if part == GOOD:
                wait_until(lambda: one.recv(1_000).endswith(b"well"))
        assert is_ended(one)


def test_a_line_outlives_the_time_for_headers(monkeypatch, port):
    monkeypatch.setattr(connections, "HEADERS_S", 0.3)
    with line(port) as opened, raw(port) as later:
        assert is_ended(later)
        assert answer(opened, 7) == 7


def test_who_reads_nothing_of_an_answer_is_put_out(monkeypatch, port):
    monkeypatch.setattr(connections, "STALL_S", 0.3)
    with raw(port) as one:
        own = one.getsockname()[1]
        connection = wait_until(lambda: next((c for c in CROWD.held if c.client[1] == own), None))
        one.sendall(b"GET /long HTTP/1.1\r\nHost: a\r\n\r\n")
        waiting = [0]

        def is_put_out():
            waiting.append(connection.transport.get_write_buffer_size())
            return connection not in CROWD.held

        wait_until(is_put_out)
        assert 0 < max(waiting) < 10 * connections.PIECE_BYTES
    with raw(port, b"GET /long HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n") as one:
        came = 0
        while part := one.recv(1_000_000):
            came += len(part)
        assert came > len(LONG)  # who reads gets all of it


def test_messages_are_small_until_a_visit_stands_and_when_it_is_over(port):
    with line(port) as stranger:
        assert answer(stranger, MESSAGE_BYTES) == MESSAGE_BYTES
        assert answer(stranger, MESSAGE_BYTES + 1) == "closed 1009"
    with line(port, Cookie="visit=made up") as stranger:
        assert answer(stranger, MESSAGE_BYTES + 1) == "closed 1009"
    with line(port, Cookie="visit=li") as known:
        assert answer(known, 10 * MESSAGE_BYTES) == 10 * MESSAGE_BYTES
        LINES.sweep()
        assert answer(known, 10 * MESSAGE_BYTES) == 10 * MESSAGE_BYTES
        VISITS.clear()
        LINES.sweep()
        wait_until(lambda: not LINES.stands)
        assert answer(known, MESSAGE_BYTES) == MESSAGE_BYTES
        assert answer(known, MESSAGE_BYTES + 1) == "closed 1009"


def test_a_page_lets_its_own_line_in_by_the_mark_that_no_browser_can_name(app, port):
    with line(port) as mine, line(port, **{MARK.decode(): "made up"}) as other:
        marks = [dict(scope["headers"])[MARK].decode() for scope in app.scopes[-2:]]
        assert "made up" not in marks
        assert len(set(marks)) == 2
        LINES.admit({MARK.decode(): marks[0]}, lambda: True)
        LINES.admit({MARK.decode(): "made up"}, lambda: True)
        wait_until(lambda: LINES.stands)
        assert answer(mine, 2 * MESSAGE_BYTES) == 2 * MESSAGE_BYTES
        assert answer(other, 2 * MESSAGE_BYTES) == "closed 1009"
    wait_until(lambda: not LINES.known)
    assert not LINES.stands


def test_a_message_in_pieces_without_end_ends_the_line(port):
    empty, more = b"\x02\x80" + bytes(4), b"\x00\x80" + bytes(4)
    with line(port) as opened:
        opened.socket.sendall(empty + more * (MOST_PARTS + 1))
        with pytest.raises(ConnectionClosed) as error:
            opened.recv(timeout=WAIT_S)
        assert error.value.rcvd.code == 1009


def test_answers_to_pings_that_nobody_reads_do_not_pile_up(port):
    ping = b"\x89\xfd" + bytes(4) + bytes(125)
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13"
    head = f"GET /line HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{key}"
    with raw(port, f"{head}\r\n\r\n".encode()) as one:
        one.recv(65_536)
        (known,) = LINES.known.values()
        for _ in range(100):
            one.sendall(ping * 1_000)
        wait_until(lambda: not known.writable.is_set())
        assert known.transport.get_write_buffer_size() < 20 * connections.PIECE_BYTES


def test_one_stranger_too_many_ends_the_first_and_nobody_who_came_in(monkeypatch, port):
    monkeypatch.setattr(CROWD, "most", 3)
    with ExitStack() as opened:
        known = opened.enter_context(line(port, Cookie="visit=li"))
        strangers = [opened.enter_context(raw(port)) for _ in range(3)]
        wait_until(lambda: len(CROWD.held) == 3)
        late = opened.enter_context(line(port))
        assert is_ended(strangers[0])
        assert [answer(one, 7) for one in (late, known)] == [7, 7]
        assert len(CROWD.held) == 3


def test_lines_of_one_address_are_few_where_addresses_tell_people_apart(monkeypatch, port):
    monkeypatch.setattr(CROWD, "most_lines", 2)
    near, far = ({"X-Forwarded-For": address} for address in ("10.0.0.1", "10.0.0.2"))
    with ExitStack() as opened:
        other, *mine = (opened.enter_context(line(port, **who)) for who in (far, *[near] * 3))
        hidden = [opened.enter_context(line(port)) for _ in range(5)]
        with pytest.raises(ConnectionClosed):
            mine[0].recv(timeout=WAIT_S)
        assert [answer(one, 7) for one in (other, *mine[1:], *hidden)] == [7] * 8


def test_where_another_program_serves_nobody_gets_a_session_who_has_to_sign_in(monkeypatch, app):
    with served(app, "h11") as port:
        with pytest.raises(InvalidStatus, match="403"):
            line(port)
        monkeypatch.setattr(connections, "way_in", lambda: Way.LOCAL)
        with line(port) as opened:
            assert STATE not in app.scopes[-1]["state"]
            assert answer(opened, 7) == 7
