"""Which version of this package runs, as its metadata say."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Final


def installed_version() -> str:
    """Return the version of this package; empty if it runs without being installed."""
    try:
        return version("civicsight")
    except PackageNotFoundError:
        return ""


__version__: Final = installed_version() or "0+unknown"
"""What `civicsight.__version__` says; a version by PEP 440 in either case."""
