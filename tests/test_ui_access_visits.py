"""Visits that outlast a reload: what a ticket is good for, how often, and until when."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.applications import Starlette

from civicsight.ui.access import visits
from civicsight.ui.access.visits import COOKIE, LIVES_S, TICKET_S, Visits, visit_routes

LI = ("Li", b"salt")


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def held(clock):
    return Visits(clock)


def ask(held, body, path="/visit", *, method="POST", root="", scheme="http"):
    """Ask the route itself, without a network."""
    transport = httpx.ASGITransport(app=Starlette(routes=visit_routes(held, root)))

    async def asking():
        async with httpx.AsyncClient(
            transport=transport, base_url=f"{scheme}://127.0.0.1"
        ) as client:
            return await client.request(method, path, content=body)

    return asyncio.run(asking())


def rules_of(answer):
    return set(answer.headers["set-cookie"].casefold().split("; "))


def test_a_ticket_is_exchanged_once_for_a_cookie_that_no_script_reads(held):
    token, ticket = held.begin(LI)
    answer = ask(held, ticket)
    assert (answer.status_code, answer.cookies[COOKIE]) == (204, token)
    assert {"httponly", "samesite=strict", "path=/"} <= rules_of(answer)
    assert ask(held, ticket).status_code == 403
    assert ask(held, ticket, method="GET").status_code == 405
    assert held.find(token) == LI


def test_behind_a_proxy_the_cookie_is_for_its_path_and_for_encrypted_ways_alone(held):
    _, ticket = held.begin(LI)
    where = {"root": "/civicsight", "scheme": "https"}
    assert ask(held, ticket, **where).status_code == 404
    answer = ask(held, ticket, "/civicsight/visit", **where)
    assert {"secure", "path=/civicsight/"} <= rules_of(answer)


@pytest.mark.parametrize(("body", "status"), [("guessed", 403), ("", 403), ("x" * 300, 413),
                                              (b"\xff\xfe", 403)])  # fmt: skip
def test_what_is_no_ticket_brings_no_cookie(held, body, status):
    held.begin(LI)
    answer = ask(held, body)
    assert (answer.status_code, answer.headers.get("set-cookie")) == (status, None)


def test_tickets_and_visits_end_with_their_time(held, clock):
    token, ticket = held.begin(LI)
    clock.now = TICKET_S
    assert held.redeem(ticket) is None
    assert held.find(token) == LI
    clock.now = LIVES_S
    assert held.find(token) is None
    held.begin(LI)
    assert token not in held.known


def test_who_signs_out_is_out_whatever_ticket_is_left(held):
    token, ticket = held.begin(LI)
    held.end(token)
    assert held.find(token) is None
    assert held.redeem(ticket) is None
    assert held.find("") is None


def test_only_so_many_visits_are_kept(held, monkeypatch):
    monkeypatch.setattr(visits, "MAX_VISITS", 3)
    tokens = [held.begin(LI)[0] for _ in range(5)]
    assert [held.find(token) for token in tokens] == [None, None, LI, LI, LI]
