"""From where somebody asks, as far as it tells people apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from civicsight.ui.config import is_loopback

HANDED_ON: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
"""Headers by which a reverse proxy tells for whom it asks."""


def own_address(address: str, headers: Mapping[str, str]) -> str:
    """Return an address, empty if it is that of a proxy, behind which everybody may be.

    A proxy is on this machine, or says that it hands something on. Where the server believes what
    the proxy says of an address, it is that one, and tells people apart.

    Examples
    --------
    >>> own_address("10.0.0.7", {}), own_address("127.0.0.1", {})
    ('10.0.0.7', '')
    >>> own_address("10.0.0.7", {"x-forwarded-for": "10.0.0.7"})
    '10.0.0.7'
    >>> own_address("10.0.0.1", {"x-forwarded-for": "10.0.0.7"})
    ''
    """
    handed_on = " ".join(headers[name] for name in HANDED_ON if name in headers)
    is_proxy = is_loopback(address) or bool(handed_on)
    return "" if is_proxy and address not in handed_on else address
