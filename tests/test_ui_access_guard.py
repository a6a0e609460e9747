"""Who is answered at all: machine, name, origin and address are looked at before anything else."""

from __future__ import annotations

import asyncio

import pytest

from civicsight.ui.access import guard
from civicsight.ui.access.signin import Way

HOST = "127.0.0.1:8501"
OPTIONS = {
    "server.allowedHosts": ["127.0.0.1", "localhost", "named.example", "map.example"],
    "browser.serverAddress": "map.example",
}


@pytest.fixture(autouse=True)
def options(monkeypatch):
    """Let somebody sign in, on a server that browsers know as two names."""
    monkeypatch.setattr(guard, "way_in", lambda: Way.ACCOUNTS)
    monkeypatch.setattr("streamlit.config.get_option", OPTIONS.__getitem__)
    monkeypatch.setattr(guard.st, "get_option", OPTIONS.__getitem__)


def answer_of(kind, at="127.0.0.1", path="/plan", scheme="http", method="GET", **headers):
    """Return the status that the guard sends, or "in" if it passes the connection on."""
    sent = []

    async def inner(_scope, _receive, _send):
        sent.append("in")

    async def receive():
        return {"type": f"{kind}.connect"}

    async def send(message):
        sent.append(message.get("status", message.get("code")))

    headers = {"host": HOST} | headers
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": kind, "server": at and (at, 80), "headers": raw, "method": method,
             "path": path, "scheme": scheme}  # fmt: skip
    asyncio.run(guard.Guard(inner)(scope, receive, send))
    return sent[0]


@pytest.mark.parametrize(
    ("way", "address", "inside"),
    [
        (Way.LOCAL, "127.0.0.1", True),
        (Way.LOCAL, "10.0.0.7", False),
        (Way.LOCAL, "/run/app.socket", False),
        (Way.LOCAL, None, False),
        (Way.ACCOUNTS, "10.0.0.7", True),
        (Way.PROVIDER, "10.0.0.7", True),
    ],
)
def test_the_guard_looks_at_the_connection_itself(monkeypatch, way, address, inside):
    monkeypatch.setattr(guard, "way_in", lambda: way)
    assert answer_of("http", address) == ("in" if inside else 403)
    line = answer_of("websocket", address, scheme="ws", origin=f"http://{HOST}")
    assert line == ("in" if inside else 1008)
    assert answer_of("lifespan", address) == "in"


@pytest.mark.parametrize("header", ["x_forwarded_for", "forwarded", "x_real_ip"])
def test_a_proxy_on_this_machine_brings_nobody_in_without_sign_in(monkeypatch, header):
    for way, answer in ((Way.LOCAL, 403), (Way.ACCOUNTS, "in")):
        monkeypatch.setattr(guard, "way_in", lambda way=way: way)
        assert answer_of("http", "127.0.0.1", **{header: "10.0.0.7"}) == answer


@pytest.mark.parametrize(
    ("host", "origin", "scheme", "inside"),
    [
        (HOST, "http://127.0.0.1:8501", "http", True),
        (HOST, "http://127.0.0.1:9999", "http", False),  # another port of this host
        (HOST, "http://localhost:8501", "http", False),
        (HOST, "http://127.0.0.1", "http", False),
        (HOST, "https://127.0.0.1:8501", "http", False),  # another scheme
        ("named.example", "https://named.example", "https", True),  # a proxy hands all on
        ("named.example", "http://named.example", "https", False),
        ("named.example:8443", "https://named.example:8443", "https", True),
        ("named.example", "https://named.example:8443", "https", False),
        (HOST, "https://map.example", "http", True),  # one that does not: the main name
        (HOST, "https://MAP.example", "http", True),
        (HOST, "https://map.example:8443", "http", False),
        (HOST, "http://map.example", "http", False),
        (HOST, "https://evil.example", "http", False),
        (HOST, "https://evil-map.example", "http", False),
        (HOST, "null", "http", False),
        (HOST, "", "http", False),
    ],
)
def test_an_origin_is_scheme_host_and_port(host, origin, scheme, inside):
    line = "wss" if scheme == "https" else "ws"
    expected = answer_of("websocket", scheme=line, host=host, origin=origin)
    assert expected == ("in" if inside else 1008)
    for method in ("GET", "POST", "PUT"):
        asked = answer_of("http", scheme=scheme, method=method, host=host, origin=origin)
        assert asked == ("in" if inside else 403)


def test_a_line_for_a_session_says_where_it_comes_from():
    assert answer_of("websocket", scheme="ws") == 1008
    assert answer_of("http", method="POST") == "in"  # no browser


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8501", "127.0.0.1.evil.example",
                                  "", "map.example@evil.example", "map.example:x"])  # fmt: skip
def test_a_name_that_is_not_ours_gets_nothing(host):
    for path in ("/", "/_stcore/health", "/tiles/files/x/map.js"):
        assert answer_of("http", host=host, path=path) == 421
    assert answer_of("websocket", scheme="ws", host=host, origin=f"http://{host}") == 1008


@pytest.mark.parametrize(
    ("site", "mode", "method", "inside"),
    [
        ("same-origin", "cors", "POST", True),
        ("none", "navigate", "GET", True),
        ("cross-site", "navigate", "GET", True),  # a link
        ("cross-site", "navigate", "POST", False),  # a form
        ("same-site", "no-cors", "GET", False),  # a picture on another port of this host
        ("cross-site", "no-cors", "GET", False),
        ("cross-site", "cors", "GET", False),
    ],
)
def test_what_a_foreign_page_draws_in_is_refused(site, mode, method, inside):
    asked = answer_of("http", method=method, sec_fetch_site=site, sec_fetch_mode=mode)
    assert asked == ("in" if inside else 403)


@pytest.mark.parametrize("base", ["", "/city"])
def test_what_no_page_needs_of_the_server_is_closed(base):
    for path in ("metrics", "agent/openapi.json", "agent/interact", "agent/mcp", "unknown",
                 "script-health-check", "health-x", "/metrics"):  # fmt: skip
        assert answer_of("http", path=f"{base}/_stcore/{path}") == 404, path
    for path in ("health", "host-config", "upload_file/a/b", "bidi-components/a.js"):
        assert answer_of("http", path=f"{base}/_stcore/{path}") == "in", path
