"""The token of the start: once in the address, then in a cookie, and nothing without it."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from civicsight.core.errors import InputError
from civicsight.ui.access import start
from civicsight.ui.access.signin import Way
from civicsight.ui.access.start import MADE, StartGate, cookie_of, start_address, start_token

NAME, VALUE = cookie_of(MADE, 8501)


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    monkeypatch.delenv("CIVICSIGHT_TOKEN", raising=False)
    monkeypatch.setattr(start, "way_in", lambda: Way.LOCAL)


async def inner(_scope, _receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"in"})


def ask(path, cookie=None, method="GET"):
    async def asking():
        transport = httpx.ASGITransport(app=StartGate(inner))
        headers = {} if cookie is None else {"Cookie": f"{NAME}={cookie}"}
        async with httpx.AsyncClient(transport=transport, headers=headers) as client:
            return await client.request(method, f"http://a:8501{path}")

    return asyncio.run(asking())


@pytest.mark.parametrize(
    ("asked", "led"),
    [
        ("/", "/"),
        ("/plan", "/plan"),
        ("/plan?lang=en&selected=a%26b", "/plan?lang=en&selected=a%26b"),
        ("//evil.example/x", "/evil.example/x"),
        ("/%E6%9D%B1", "/%E6%9D%B1"),
    ],
)
def test_the_token_becomes_a_cookie_and_leaves_the_address(asked, led):
    answer = ask(f"{asked}{'&' if '?' in asked else '?'}token={MADE}")
    assert (answer.status_code, answer.headers["location"]) == (303, led)
    rules = set(answer.headers["set-cookie"].casefold().split("; "))
    assert {"httponly", "samesite=strict", "path=/"} <= rules
    assert MADE not in str(answer.headers)
    assert answer.cookies[NAME] == VALUE
    assert ask(led, VALUE).text == "in"


@pytest.mark.parametrize("path", ["/", "/plan", "/tiles/files/x/map.js", "/_stcore/host-config",
                                  "/media/a.png", "/visit", "/x/_stcore/health"])  # fmt: skip
@pytest.mark.parametrize("cookie", [None, "", "guessed", MADE, VALUE[:-1]],
                         ids=["none", "empty", "guessed", "made", "cut"])  # fmt: skip
def test_without_it_a_page_says_in_both_languages_how_to_get_in(path, cookie):
    for wrong in ("", "?token=", "?token=guessed", f"?token={VALUE}", f"?TOKEN={MADE}"):
        answer = ask(path + wrong, cookie)
        assert answer.status_code == 401
        assert 'lang="zh-CN"' in answer.text
        assert "?token= in it" in answer.text
        assert MADE not in answer.text


def test_a_token_in_the_address_sends_nothing():
    assert ask(f"/visit?token={MADE}", method="POST").status_code == 401


def test_a_probe_needs_none():
    assert ask("/_stcore/health").text == "in"


def test_each_app_of_a_machine_has_its_own_cookie():
    assert cookie_of(MADE, 1)[0] != cookie_of(MADE, 2)[0]
    assert cookie_of(MADE, 1)[1] != cookie_of("another token here", 1)[1]


def test_a_line_for_a_session_needs_the_cookie():
    def knock(cookie):
        sent = []

        async def receive():
            return {"type": "websocket.connect"}

        async def send(message):
            sent.append(message.get("code", message.get("status")))

        scope = {"type": "websocket", "path": "/_stcore/stream", "server": ("a", 8501),
                 "query_string": f"token={MADE}".encode(),
                 "headers": [(b"cookie", f"{NAME}={cookie}".encode())]}  # fmt: skip
        asyncio.run(StartGate(inner)(scope, receive, send))
        return sent[0]

    assert knock("guessed") == 1008
    assert knock(VALUE) == 200


def test_where_people_sign_in_or_none_is_wanted_it_is_not_asked_for(monkeypatch):
    monkeypatch.setenv("CIVICSIGHT_TOKEN", "none")
    assert ask("/").text == "in"
    assert start_address("127.0.0.1", 1, "") == "http://127.0.0.1:1"
    monkeypatch.delenv("CIVICSIGHT_TOKEN")
    assert ask("/").status_code == 401
    monkeypatch.setattr(start, "way_in", lambda: Way.ACCOUNTS)
    assert ask("/").text == "in"
    assert start_address("::1", 1, "/city") == "http://[::1]:1/city"


def test_a_chosen_token_is_long(monkeypatch):
    monkeypatch.setenv("CIVICSIGHT_TOKEN", "sixteen letters!")
    assert start_token() == "sixteen letters!"
    monkeypatch.setenv("CIVICSIGHT_TOKEN", "fifteen letters")
    with pytest.raises(InputError, match="16 characters") as caught:
        start_token()
    assert "fifteen" not in str(caught.value)
