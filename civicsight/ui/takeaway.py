"""A file to take away: by an address for one visit, which asks the right and soon expires."""

from __future__ import annotations

from hashlib import sha256
from html import escape

from civicsight.core.errors import N_
from civicsight.ui.access.signin import may_read
from civicsight.ui.config import root_path
from civicsight.ui.frame import Visit
from civicsight.ui.tiles import SERVED


def link_to_file(visit: Visit, name: str, content: bytes) -> str:
    """Return a link to a file that asks the right of who follows it, and soon expires.

    The server's own button would hand the file to whoever has its address, signed in or not.
    """
    digest = sha256(name.encode() + content).hexdigest()
    path = SERVED.offer("output", digest, (name, content), visit.actor.name, may_read(visit.actor))
    address = escape(root_path() + path, quote=True)
    label = escape(visit.say(N_("Download")))
    return f'<a class="civicsight-download" href="{address}" download="{escape(name)}">{label}</a>'
