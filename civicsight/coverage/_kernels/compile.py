"""The one decorator of all kernels.

numba's disk cache looks at the file of the compiled function only, so an edit in a kernel that it
calls would go unnoticed. The cache folder is therefore named after a digest of all kernel files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

from civicsight.settings import cache_dir

F = TypeVar("F", bound=Callable[..., object])
_CONFIG: Any = numba.config


def _digest() -> str:
    """Digest the text of every kernel, and what else decides the compiled code."""
    text = hashlib.sha256(f"{numba.__version__} {_CONFIG.BOUNDSCHECK}".encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        text.update(path.read_bytes())
    return text.hexdigest()[:16]


def _cache_folder() -> str | None:
    """Make this version's cache folder, readable by this user only; None if the disk refuses."""
    folder = cache_dir() / "kernels" / _digest()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
    except OSError:
        return None
    return str(folder)


_FOLDER = _cache_folder()


def kernel(func: F) -> F:
    """Compile `func` without the interpreter lock, and cache it where the disk allows.

    The cache folder is set while the function is declared and put back afterwards, because the
    setting is shared by every library that uses numba.
    """
    before = _CONFIG.CACHE_DIR
    _CONFIG.CACHE_DIR = before or _FOLDER or ""
    try:
        return cast(
            "F", numba.njit(nogil=True, cache=_FOLDER is not None, error_model="numpy")(func)
        )
    finally:
        _CONFIG.CACHE_DIR = before
