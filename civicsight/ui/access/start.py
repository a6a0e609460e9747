"""The token of the start: who may come in while nobody has to sign in.

Whoever reaches this machine's own network is not yet whoever started the app: other users of the
machine and other programs reach it too. So the address that the start prints carries a token, which
the first visit turns into a cookie, as Jupyter does.
"""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256
from html import escape
from typing import Final
from urllib.parse import quote, urlencode

from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from civicsight.application.tokens import OGC_PATH
from civicsight.core.errors import N_
from civicsight.core.i18n import HTML_LANGUAGE, LANGUAGES, translate
from civicsight.core.settings import setting
from civicsight.ui.access.signin import Way, way_in
from civicsight.ui.config import root_path
from civicsight.ui.faults import reject

PARAMETER: Final = "token"
NONE: Final = "none"
MIN_LENGTH: Final = 16
MADE: Final = secrets.token_urlsafe(24)
"""The token of this process, where none is chosen."""

HEALTH: Final = "/_stcore/health"
READS: Final = frozenset({"GET", "HEAD"})
SEE_OTHER, UNAUTHORIZED = 303, 401
POLICY_VIOLATION: Final = 1008

STYLE: Final = "<style>body {font: 1.1rem/1.6 sans-serif; max-width: 40rem; margin: auto;}</style>"
TITLE: Final = N_("The address lacks its token")
REMEDY: Final = N_(
    "This app serves whoever started it. Open the address that it printed when it started, with "
    "?token= in it; after that this browser is known until the app ends. If you did not start it, "
    "ask who did, or for an account."
)


def start_token() -> str:
    """Return the token that is asked for, empty where none is.

    Raises
    ------
    InputError
        If the chosen one is too short.
    """
    chosen = setting("token")
    if chosen == NONE:
        return ""
    if chosen and len(chosen) < MIN_LENGTH:
        reject("app.token", field="CIVICSIGHT_TOKEN", least=MIN_LENGTH)
    return chosen or MADE


def start_address(address: str, port: int, root: str) -> str:
    """Return the address to open, with the token where one is asked for."""
    host = f"[{address}]" if ":" in address else address
    token = start_token() if way_in() is Way.LOCAL else ""
    tail = f"/?{urlencode({PARAMETER: token})}" if token else ""
    return f"http://{host}:{port}{root}{tail}"


def cookie_of(token: str, port: int) -> tuple[str, str]:
    """Return name and value of the cookie; browsers share cookies between the ports of a host."""
    value = hmac.new(token.encode(), b"civicsight start", sha256).hexdigest()
    return f"civicsight_start_{port}", value


class StartGate:
    """Lets in whoever brings the token, and then its cookie; a probe needs neither.

    Programs bring tokens of their own, which are asked for behind this gate.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on who is known, or say how to get in."""
        asked = scope["type"] in {"http", "websocket"} and way_in() is Way.LOCAL
        token = start_token() if asked else ""
        if not token or _asks_for_none(scope["path"].removeprefix(root_path())):
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        name, value = cookie_of(token, (scope.get("server") or ("", 0))[1])
        given = connection.query_params.get(PARAMETER)
        if scope["type"] == "http" and scope["method"] in READS and _same(given, token):
            await _welcome(connection, name, value)(scope, receive, send)
        elif _same(connection.cookies.get(name), value):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose(POLICY_VIOLATION)(scope, receive, send)
        else:
            await _explain_entry()(scope, receive, send)


def _asks_for_none(path: str) -> bool:
    """Tell whether a path is that of a probe, or of programs that bring tokens of their own."""
    return path == HEALTH or path.startswith(f"{OGC_PATH}/")


def _same(given: str | None, wanted: str) -> bool:
    """Compare in the same time whatever is given."""
    return given is not None and hmac.compare_digest(given.encode(), wanted.encode())


def _welcome(connection: HTTPConnection, name: str, value: str) -> Response:
    """Give the cookie and lead to the same page without the token."""
    rest = [(key, each) for key, each in connection.query_params.multi_items() if key != PARAMETER]
    path = "/" + quote(connection.url.path.lstrip("/"), safe="/%")  # never another host
    answer = RedirectResponse(f"{path}?{urlencode(rest)}" if rest else path, SEE_OTHER)
    answer.set_cookie(
        name,
        value,
        path=f"{root_path()}/",
        secure=connection.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _explain_entry() -> Response:
    """Say in every language how to get in."""
    parts = "".join(
        f'<section lang="{HTML_LANGUAGE[code]}"><h1>{escape(translate(TITLE, code))}</h1>'
        f"<p>{escape(translate(REMEDY, code))}</p></section>"
        for code in sorted(LANGUAGES, key=lambda code: code != setting("language"))
    )
    first = HTML_LANGUAGE[LANGUAGES[0]]
    text = f'<!DOCTYPE html><html lang="{first}"><head><meta charset="utf-8">{STYLE}'
    page = f"{text}<title>civicsight</title></head><body><main>{parts}</main></body></html>"
    return HTMLResponse(page, UNAUTHORIZED, headers={"Cache-Control": "no-store"})
