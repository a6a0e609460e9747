"""What every answer tells the browser: nothing from elsewhere, no frame, no guess, no trace.

References
----------
W3C Content Security Policy Level 3; W3C Referrer Policy; OWASP HTTP Headers Cheat Sheet.
"""

from __future__ import annotations

import re
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from civicsight.core.errors import N_, Fault, InputError
from civicsight.core.settings import setting
from civicsight.ui.document import inline_scripts

ORIGIN: Final = re.compile(r"https?://[\w.-]+(:\d{1,5})?|https?://\[[0-9a-fA-F:]+\](:\d{1,5})?")

POLICY: Final = {
    "default-src": "'none'",
    "script-src": "'self' blob: 'wasm-unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",  # it writes its sheets while it draws
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "worker-src": "'self' blob:",
    "media-src": "'self' blob:",
    "manifest-src": "'self'",
    "frame-src": "'none'",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
}
"""What a page may load; no other host stands in it. Inline scripts run by their digest alone, those
of components as blobs, and the server's reader of numbers is WebAssembly. No text is evaluated."""

FEATURES: Final = (
    *("accelerometer", "camera", "display-capture", "geolocation", "gyroscope"),
    *("hid", "magnetometer", "microphone", "midi", "payment", "serial", "usb"),
)
"""What the app never asks a browser for."""

FIXED: Final = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in FEATURES),
}

STARTS: Final = frozenset({"http.response.start", "websocket.http.response.start"})
FAILED: Final = 500


def frame_origins() -> tuple[str, ...]:
    """Return the origins that may show the app in a frame: nobody, unless the setting names some.

    Raises
    ------
    InputError
        If one is not a scheme, a host and perhaps a port.
    """
    origins = tuple(setting("frame_origins").split())
    faults = [
        Fault(
            "app.frame",
            field="CIVICSIGHT_FRAME_ORIGINS",
            found=origin,
            expected=N_("origins with a blank between them, as https://portal.example"),
            remedy=N_("Name scheme, host and port without a path, or leave the setting empty."),
        )
        for origin in origins
        if not ORIGIN.fullmatch(origin)
    ]
    if faults:
        raise InputError(faults)
    return origins


def sealing() -> dict[str, str]:
    """Return the headers of every answer."""
    scripts = " ".join([POLICY["script-src"], *inline_scripts()])
    rules = POLICY | {
        "script-src": scripts,
        "frame-ancestors": " ".join(frame_origins()) or "'none'",
    }
    policy = "; ".join(f"{name} {value}" for name, value in rules.items())
    return {"Content-Security-Policy": policy, **FIXED}


async def fail(_request: Request, _error: Exception) -> PlainTextResponse:
    """Answer what broke; the server logs why. The outermost of its layers asks nobody else."""
    return PlainTextResponse("internal error", FAILED, headers=sealing())


class Sealed:
    """Puts the headers on every answer, whoever gave it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, and seal what comes back."""

        async def sealed(message: Message) -> None:
            if message["type"] in STARTS:
                MutableHeaders(scope=message).update(sealing())
            await send(message)

        await self.app(scope, receive, sealed)
