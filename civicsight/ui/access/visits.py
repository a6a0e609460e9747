"""Visits of local accounts that outlast a reload: a random name in a cookie, all else kept here.

The page signs in over its socket, which cannot set a cookie. So it gets a ticket, good once and for
a minute, which the browser hands in over HTTP for the cookie; no script can read that one. A visit
ends with its hours, with a sign-out, and with the server. A browser that signs out says so there
too: it is told to forget the cookie and all that it has stored of our answers.

References
----------
OWASP Session Management Cheat Sheet (names of 128 random bits or more, HttpOnly, SameSite, an end
on the side of the server); RFC 6265; W3C Clear Site Data.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import Final, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

COOKIE: Final = "civicsight_visit"
PATH: Final = "/visit"

LIVES_S: Final = 12 * 3600.0
TICKET_S: Final = 60.0
RANDOM_BYTES: Final = 32
MAX_VISITS: Final = 10_000
MAX_TICKET: Final = 200
FORGET: Final = {"Clear-Site-Data": '"cache"', "Cache-Control": "no-store"}
"""What has a browser forget our answers, where it honours that: over TLS, or on one machine."""

NO_CONTENT, FORBIDDEN, TOO_LARGE = 204, 403, 413

T = TypeVar("T")
Known = tuple[str, bytes]
"""Name of an account, and the salt of the password that it signed in with."""


def visit_routes(visits: Visits, root: str = "") -> list[BaseRoute]:
    """Return the routes at which a browser hands in a ticket, or says that it signed out.

    `root` is as of `tiles.routes`.
    """

    async def take(request: Request) -> Response:
        if int(request.headers.get("content-length", MAX_TICKET + 1)) > MAX_TICKET:
            return Response(status_code=TOO_LARGE)
        token = visits.redeem((await request.body()).decode("ascii", "replace"))
        if token is None:
            return Response(status_code=FORBIDDEN)
        answer = Response(status_code=NO_CONTENT)
        answer.set_cookie(
            COOKIE,
            token,
            path=f"{root}/",
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )
        return answer

    async def leave(request: Request) -> Response:
        visits.end(request.cookies.get(COOKIE, ""))
        answer = Response(status_code=NO_CONTENT, headers=FORGET)
        answer.delete_cookie(COOKIE, path=f"{root}/", httponly=True, samesite="strict")
        return answer

    return [
        Route(root + PATH, take, methods=["POST"]),
        Route(root + PATH, leave, methods=["DELETE"]),
    ]


@dataclass(slots=True, eq=False)
class Visits:
    """Who is signed in by which cookie; `clock` tells the time [s]."""

    clock: Callable[[], float] = monotonic
    known: dict[str, tuple[Known, float]] = field(default_factory=dict)
    tickets: dict[str, tuple[str, float]] = field(default_factory=dict)
    gate: Lock = field(default_factory=Lock)

    def begin(self, known: Known) -> tuple[str, str]:
        """Begin a visit; return its token and the ticket for its cookie."""
        token, ticket = (secrets.token_urlsafe(RANDOM_BYTES) for _ in range(2))
        with self.gate:
            now = self.clock()
            self.known[token] = (known, now + LIVES_S)
            self.tickets[ticket] = (token, now + TICKET_S)
            _forget(self.known, now)
            _forget(self.tickets, now)
        return token, ticket

    def redeem(self, ticket: str) -> str | None:
        """Return the token of a ticket, once and in time."""
        with self.gate:
            token, ends = self.tickets.pop(ticket, ("", 0.0))
            return token if token in self.known and self.clock() < ends else None

    def find(self, token: str) -> Known | None:
        """Return who a token stands for, None if its visit is over."""
        with self.gate:
            known, ends = self.known.get(token, (None, 0.0))
            return known if self.clock() < ends else None

    def end(self, token: str) -> None:
        """End a visit."""
        with self.gate:
            self.known.pop(token, None)


def _forget(held: dict[str, tuple[T, float]], now: float) -> None:
    """Forget what is over, and the oldest where there are too many."""
    for key in [key for key, (_, ends) in held.items() if ends <= now]:
        del held[key]
    while len(held) > MAX_VISITS:
        held.pop(next(iter(held)))


VISITS: Final = Visits()
"""The visits of this process."""
