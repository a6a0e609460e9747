"""What a hundred strangers cost a server: memory over idle, by each route of its own table."""

from __future__ import annotations

import re
import socket
import struct
import sys
from contextlib import ExitStack
from pathlib import Path
from select import select
from time import monotonic
from types import SimpleNamespace
from unittest.mock import MagicMock

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.web.server.starlette.starlette_app import create_streamlit_routes

from civicsight.core.settings import MEGABYTE
from civicsight.store import Actor, Role
from civicsight.ui.serve import parts
from tests.caches import own_cache
from tests.ui_made import add_cheaply
from tests.ui_server import free_port, process_of, serving

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")

STRANGERS = 100
MOST = 64 * MEGABYTE
"""What a hundred strangers may cost over idle."""

FRAME_BYTES = 60 * 2**20
BODY_BYTES = 300_000
STUCK_S = 0.5
"""After this long without a byte that went either way, nothing more comes of it."""

ZEROS = memoryview(bytes(2**20))
LINE = "/_stcore/stream"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Start the app where people sign in; give its port and process."""
    folder = tmp_path_factory.mktemp("strangers")
    port = free_port()
    with pytest.MonkeyPatch.context() as patch:
        add_cheaply(patch, folder / "accounts.json", Actor("Li", Role.PLANNER))
        cache = own_cache(folder)
        with serving(
            folder, port, program="tests.cheap_app", CIVICSIGHT_CACHE_DIR=str(cache)
        ) as address:
            found = SimpleNamespace(port=port, address=address, process=process_of(port))
            flood(found, 1, [opening_line(port), rerun()])  # the first page loads much
            yield found


def memory_of(process):
    """Return what a process has for itself in memory, and its part of what it shares [bytes]."""
    text = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    return int(re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)[1]) * 1024


def flood(server, count, chunks):
    """Send as strangers who read nothing; return the most that it costs over idle [bytes].

    It ends when each has sent all or was put out, or when none comes any farther.
    """
    idle = peak = memory_of(server.process)
    with ExitStack() as opened:
        left = {}
        for _ in range(count):
            one = opened.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            one.setblocking(False)
            left[one] = [memoryview(chunk) for chunk in chunks]
        moved = monotonic()
        while monotonic() - moved < STUCK_S:
            _, ready, _ = select([], [one for one, chunks in left.items() if chunks], [], 0.1)
            for one in ready:
                left[one] = sent_on(one, left[one])
                moved = monotonic()
            peak = max(peak, memory_of(server.process))
    return peak - idle


def sent_on(one, chunks):
    """Send what a connection takes now of some chunks; return what is left to send."""
    first, *rest = chunks
    try:
        first = first[one.send(first) :]
    except OSError:  # it was put out
        return []
    return [first, *rest] if first else rest


def opening_line(port, path=LINE):
    """Return what a browser sends to open a line."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: streamlit\r\n\r\n"
    ).encode()


def framed(length):
    """Return the head of a binary frame of a browser, whose mask changes nothing."""
    size = bytes([0x80 | length]) if length < 126 else b"\xff" + struct.pack("!Q", length)
    return b"\x82" + size + bytes(4)


def rerun():
    """Return the message by which a browser asks for a page."""
    asked = BackMsg()
    asked.rerun_script.query_string = "lang=en"
    content = asked.SerializeToString()
    return framed(len(content)) + content


def routes():
    """Return path and methods of each route of the server, its own and ours."""
    table = [*parts("")["routes"], *create_streamlit_routes(MagicMock())]
    found = set()
    for one in table:
        path = re.sub(r"\{\w+:int\}", "1", one.path)
        path = re.sub(r"\{[^}]+\}", "a", path) or "/static/index.html"
        methods = getattr(one, "methods", None) or {"GET", "POST"}
        found |= {(method, path) for method in methods}
    return sorted(found)


def asked(port, method, path):
    """Return a request with a body that is larger than what any route takes of a stranger."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
    return f"{head}Content-Length: {BODY_BYTES}\r\n\r\n".encode()


def floods(port):
    """Return what strangers send, by its name."""
    line = opening_line(port)
    huge = [line, framed(FRAME_BYTES), *[ZEROS] * 60, framed(FRAME_BYTES), *[ZEROS] * 60]
    return {
        "nothing": [],
        "a line alone": [line],
        "a page": [line, rerun()],
        "pages without end": [line, rerun() * 200],
        "two messages of 60 MB": huge,
        "headers without end": [b"GET / HTTP/1.1\r\nX-Long: ", ZEROS],
        **{
            f"{method} {path}": [asked(port, method, path), ZEROS[:BODY_BYTES]]
            for method, path in routes()
        },
    }


QUICK = ("two messages of 60 MB", "headers without end", "GET /_stcore/health")


@pytest.mark.parametrize(
    "names", [QUICK, pytest.param(None, marks=pytest.mark.slow)], ids=["some", "all"]
)
def test_a_hundred_strangers_cost_next_to_nothing(server, names):
    known = floods(server.port)
    cost = {name: flood(server, STRANGERS, known[name]) for name in names or known}
    print({name: round(value / MEGABYTE, 1) for name, value in cost.items()})  # noqa: T201
    assert {name: value for name, value in cost.items() if value > MOST} == {}
