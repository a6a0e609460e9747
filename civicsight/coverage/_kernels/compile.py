"""How kernels are compiled: `kernel` for those that Python calls, `part` for what they call.

numba's disk cache looks at the file of the compiled function only, so an edit in a part that it
calls would go unnoticed. The cache folder is therefore named after a digest of all kernel files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.extending import register_jitable

from civicsight.settings import cache_dir

F = TypeVar("F", bound=Callable[..., object])
_CONFIG: Any = numba.config

_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}
"""Kernels allocate nothing, so none of their code has to count references."""


def _digest() -> str:
    """Digest the text of every kernel of every room, and what else decides the compiled code."""
    text = hashlib.sha256(f"{numba.__version__} {_CONFIG.BOUNDSCHECK}".encode())
    for path in sorted(Path(__file__).parents[2].glob("*/_kernels/*.py")):
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
        options = {**_OPTIONS, "cache": _FOLDER is not None, "no_cfunc_wrapper": True}
        return cast("F", numba.njit(**options)(func))
    finally:
        _CONFIG.CACHE_DIR = before


def part(func: F) -> F:
    """Compile `func` into the kernels that call it; called from Python, it runs as it is written.

    Doors from Python into every small function would take a quarter more time to compile.
    """
    return register_jitable(**_OPTIONS, no_cfunc_wrapper=True)(func)
