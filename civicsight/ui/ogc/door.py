"""The door of the service: who asks by which token and how often; every refusal in words.

It lies beside the pages in the one process, and asks for no cookie: a token is worth one project
and the rights of whom it stands for. Nothing is ever changed through it.

References
----------
RFC 9110 (statuses, challenges), RFC 6750 (bearer tokens), RFC 7617 (Basic), RFC 6585 (429).
"""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import logging
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from civicsight.application.plans import require_right
from civicsight.application.tokens import OGC_PATH, Token, find_token, tokens_path
from civicsight.core.errors import N_, CivicsightError, Text
from civicsight.core.i18n import DEFAULT_LANGUAGE, HTML_LANGUAGE, Language, translate
from civicsight.core.settings import setting
from civicsight.editing.project import opening
from civicsight.store import Act, Denied
from civicsight.ui.access.connections import admit_program
from civicsight.ui.language import PARAMETER, parse_language
from civicsight.ui.ogc.documents import JSON, Place
from civicsight.ui.ogc.layers import Served, serving
from civicsight.ui.ogc.limits import A_SECOND, AT_ONCE, WRONG_A_SECOND, WRONG_AT_ONCE, Bucket
from civicsight.ui.ogc.query import MOST_TEXT, AnswerError, refuse_tokens
from civicsight.ui.ogc.reading import NOTHING, Answer, Ground, Reading

READS: Final = ("GET", "HEAD")
OK, UNAUTHORIZED, FORBIDDEN, NOT_ALLOWED = 200, 401, 403, 405
TOO_LONG, TOO_MANY, UNAVAILABLE = 414, 429, 503

GZIP_LEVEL: Final = 5
LEAST_ZIPPED: Final = 1_000
AGAIN_S: Final = 5
"""After how long a program asks again for a project that is being opened [s]."""

PRIVATE: Final = {"Cache-Control": "no-store", "Vary": "Authorization, Accept-Language"}
CHALLENGE: Final = 'Bearer realm="civicsight", Basic realm="civicsight", charset="UTF-8"'

LOG: Final = logging.getLogger("civicsight.ui.ogc")


@dataclass(frozen=True, slots=True, eq=False)
class Door:
    """Answers everything below one path.

    Parameters
    ----------
    root
        Path below which the app runs, with a slash before it.
    ground
        Gives the ground plan of a project and its tiles.
    tokens, wrong
        How often a token may ask, and an address without a token that opens anything.
    """

    root: str
    ground: Ground
    tokens: Bucket = field(default_factory=lambda: Bucket(AT_ONCE, A_SECOND))
    wrong: Bucket = field(default_factory=lambda: Bucket(WRONG_AT_ONCE, WRONG_A_SECOND))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; its body is never read."""
        answer = await run_in_threadpool(self.respond, Request(scope))
        await answer(scope, receive, send)

    def respond(self, request: Request) -> Response:
        """Return the answer to a request: what lies there, or why it cannot be."""
        language = _language(request)
        common = PRIVATE | {"Content-Language": HTML_LANGUAGE[language]}
        try:
            answer = self._answer(request, language)
        except AnswerError as refused:
            said = {"code": refused.code, "description": translate(refused.says, language)}
            data = json.dumps(said, ensure_ascii=False).encode()
            return Response(data, refused.status, common | refused.headers, JSON)
        return _packed(request, answer, common | dict(answer.headers))

    def _answer(self, request: Request, language: Language) -> Answer:
        if request.method not in READS:
            says = N_("Nothing can be changed here: only GET and HEAD are answered.")
            raise AnswerError(NOT_ALLOWED, "MethodNotAllowed", says, Allow=", ".join(READS))
        if len(request.url.query) > MOST_TEXT:
            raise AnswerError(TOO_LONG, "TooLong", N_("The address is too long."))
        refuse_tokens(request.query_params)
        token = self._token(request)
        admit_program(request.scope)
        code, *parts = request.path_params["rest"].rstrip("/").split("/", 4)
        if code != token.project.stem:
            says = N_("The token opens another project.")
            raise AnswerError(FORBIDDEN, "OtherProject", says)
        app = f"{request.url.scheme}://{request.headers.get('host', '')}{self.root}"
        place = Place(f"{app}{OGC_PATH}/{quote(code, safe='')}", app, language)
        try:
            served = _served(token)
            require_right(served.project, token.actor, Act.EXPORT)
            answer = Reading(served, token, place, request.query_params, self.ground).answer(parts)
        except Denied as error:
            says = N_("Who the token stands for may take nothing out of this project.")
            raise AnswerError(FORBIDDEN, "Denied", says) from error
        except CivicsightError as error:
            raise _unavailable(error) from error
        # Only now: what lies nowhere may be anything, even a token.
        LOG.info("%s read %s", token.actor.name, "/".join([code, *parts]))
        return answer

    def _token(self, request: Request) -> Token:
        """Return what is kept of the token that a request brings, if it is good at this moment."""
        told = token_of(request.headers.get("authorization", ""))
        if not told:
            says = N_(
                "A token is needed: send it in the header Authorization: Bearer, or as the "
                "password of Basic. Whoever runs the app makes one with civicsight app-token add."
            )
            raise self._unknown(request, "TokenMissing", says)
        try:
            token = find_token(tokens_path(), told)
            stands = token is not None and token.stands
        except CivicsightError as error:
            raise _unavailable(error) from error
        if token is None:
            says = N_(
                "The token is not known, or was revoked. Ask the person who runs the app for one."
            )
            raise self._unknown(request, "TokenUnknown", says)
        if token.is_over:
            says = N_(
                "The token was good until %(day)s. Ask the person who runs the app for another.",
                day=token.until.isoformat(),
            )
            raise self._unknown(request, "TokenExpired", says)
        _require_free(self.tokens, token.digest)
        if not stands:
            says = N_("Who the token stands for has no longer the role that it was made for.")
            raise AnswerError(FORBIDDEN, "RoleLost", says)
        return token

    def _unknown(self, request: Request, code: str, says: Text) -> AnswerError:
        address = request.client.host if request.client else ""
        _require_free(self.wrong, address)
        LOG.warning("%s was refused: %s", address, code)
        return AnswerError(UNAUTHORIZED, code, says, **{"WWW-Authenticate": CHALLENGE})


def token_of(header: str) -> str:
    """Return the token of a header, empty if it has none.

    Examples
    --------
    >>> token_of("Bearer abc"), token_of("Basic dTphYmM="), token_of("abc")
    ('abc', 'abc', '')
    """
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _served(token: Token) -> Served:
    """Return what goes out of the project of a token, or say that it is being opened."""
    under_way = opening(token.project).future
    ready = serving(under_way.result()) if under_way.done() else None
    if ready is not None and ready.done():
        return ready.result()
    says = N_("The project is being opened. Ask again in %(seconds)s seconds.", seconds=AGAIN_S)
    raise AnswerError(UNAVAILABLE, "BeingOpened", says, **{"Retry-After": str(AGAIN_S)})


def _unavailable(error: CivicsightError) -> AnswerError:
    """Say that something cannot be read; why is in the log, for it may name files."""
    LOG.error("%s", error)
    says = N_("The project cannot be read now. Whoever runs the app finds the reason in its log.")
    return AnswerError(UNAVAILABLE, "NotReadable", says)


def _require_free(bucket: Bucket, who: str) -> None:
    wait = bucket.wait_s(who)
    if wait:
        says = N_("Too many requests. Ask again in %(seconds)s seconds.", seconds=wait)
        raise AnswerError(TOO_MANY, "TooMany", says, **{"Retry-After": str(wait)})


def _language(request: Request) -> Language:
    """Return the language that is asked for, by the address or the header, else the one set."""
    asked = request.headers.get("accept-language", "").partition(",")[0].partition(";")[0]
    names = (request.query_params.get(PARAMETER), asked.strip(), setting("language"))
    return next(filter(None, map(parse_language, names)), DEFAULT_LANGUAGE)


def _packed(request: Request, answer: Answer, headers: dict[str, str]) -> Response:
    """Return an answer as who asks can read it: packed if he unpacks it."""
    data: Any = answer.data
    if not data:
        return Response(status_code=NOTHING, headers=headers)
    unpacks = "gzip" in request.headers.get("accept-encoding", "").lower()
    if unpacks and not answer.is_packed and len(data) >= LEAST_ZIPPED:
        data = gzip.compress(data, GZIP_LEVEL)
    elif answer.is_packed and not unpacks:
        data = gzip.decompress(data)
    if unpacks and (answer.is_packed or len(answer.data) >= LEAST_ZIPPED):
        headers["Content-Encoding"] = "gzip"
    headers["Vary"] += ", Accept-Encoding"
    return Response(data, OK, headers, answer.kind)
