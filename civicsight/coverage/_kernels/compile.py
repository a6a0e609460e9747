"""How kernels are compiled: `kernel` for those that Python calls, `part` for what they call.

numba's disk cache looks at the file of the compiled function only, so an edit in a part that it
calls would go unnoticed. The cache folder is therefore named after a digest of all kernel files.
Nor does it look whether a file is whole: each of ours begins with the digest of what it holds, and
one that a full disk, a power cut or anybody else left otherwise is removed, told, and made anew.
What is not there is compiled in a process of its own (`apart`), so that a stop is heard meanwhile.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import numba
from numba.core.caching import NullCache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps
from numba.extending import register_jitable

from civicsight.core.damage import report_damage
from civicsight.core.errors import N_
from civicsight.core.settings import cache_dir
from civicsight.coverage._kernels import apart, pipeline

F = TypeVar("F", bound=Callable[..., object])
_CONFIG: Any = numba.config

_OPTIONS: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    "_nrt": False,
    "no_cfunc_wrapper": True,
}
"""Kernels allocate nothing, so none of their code has to count references; C never calls them."""


def _digest() -> str:
    """Digest the text of every kernel of every room, and what else decides the compiled code."""
    text = hashlib.sha256(f"{numba.__version__} {_CONFIG.BOUNDSCHECK}".encode())
    for path in sorted(Path(__file__).parents[2].glob("*/_kernels/*.py")):
        text.update(path.read_bytes())
    return text.hexdigest()[:16]


DAMAGED: Final = N_(
    "A compiled kernel in the cache folder is damaged: %(file)s. Damaged kernels are removed and "
    "compiled again; this takes some seconds, once."
)

SEAL: Final = hashlib.sha256().digest_size
"""Bytes of the digest before what a file holds."""

KEPT: Final = b"kept"
"""What stands for code that has to be read from the disk."""

DIGEST = _digest()
"""Digest of the kernels of this process."""


def _cache_folder() -> str | None:
    """Make this version's cache folder, readable by this user only; None if the disk refuses."""
    folder = cache_dir() / "kernels" / DIGEST
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
    except OSError:
        return None
    return str(folder)


FOLDER = _cache_folder()
"""Where code is kept; None: nowhere."""


def kernel(func: F) -> F:
    """Compile `func` without the interpreter lock, and cache it where the disk allows.

    The cache folder is set while the function is declared and put back afterwards, because the
    setting is shared by every library that uses numba.
    """
    before = _CONFIG.CACHE_DIR
    _CONFIG.CACHE_DIR = before or FOLDER or ""
    try:
        options = {**_OPTIONS, "cache": FOLDER is not None, "pipeline_class": pipeline.Kernel}
        compiled: Any = numba.njit(**options)(func)
        if hasattr(compiled, "_cache"):  # not where numba is told to compile nothing
            disk = compiled._cache
            if FOLDER is not None:
                disk._cache_file = _Sealed(Path(disk.cache_path), disk._impl)
            compiled._cache = _Apart(func, disk)
        return cast("F", compiled)
    finally:
        _CONFIG.CACHE_DIR = before


def part(func: F) -> F:
    """Compile `func` into the kernels that call it; called from Python, it runs as it is written.

    Doors from Python into every small function would take a quarter more time to compile.
    """
    return register_jitable(**_OPTIONS, pipeline_class=pipeline.Part)(func)


class _Sealed:
    """Files of compiled code, in place of numba's: one for each kernel and its types.

    Parameters
    ----------
    folder, named
        Where they lie; what numba knows of the kernel: its name and the state of its text.
    """

    def __init__(self, folder: Path, named: Any) -> None:
        self.folder, self.name = folder, named.filename_base
        self.stamp = named.locator.get_source_stamp()

    def path(self, key: Any) -> Path:
        """Return the file of some types, there or not."""
        digest = hashlib.sha256(repr((self.stamp, key)).encode()).hexdigest()[:16]
        return self.folder / f"{self.name}.{digest}.code"

    def load(self, key: Any) -> Any:
        """Return what was kept for some types, None for nothing; what is not whole is removed."""
        path = self.path(key)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError:
            content = b""
        told, data = content[:SEAL], content[SEAL:]
        if hashlib.sha256(data).digest() == told:
            of, made = pickle.loads(data)
            return made if of == key else None
        with suppress(OSError):  # it is written over
            path.unlink()
        report_damage(path.name, DAMAGED, "kernels")
        return None

    def save(self, key: Any, made: Any) -> None:
        """Keep compiled code, whole or not at all; where the disk refuses, not at all."""
        data = dumps((key, made))
        with suppress(OSError):  # it is compiled again by whoever needs it next
            number, scratch = tempfile.mkstemp(dir=self.folder, prefix=".making-")
            try:
                with os.fdopen(number, "wb") as file:
                    file.write(hashlib.sha256(data).digest() + data)
                Path(scratch).replace(self.path(key))
            except OSError:
                Path(scratch).unlink()
                raise


class _Apart:
    """The cache of a kernel on disk, and behind it the process that compiles it.

    Parameters
    ----------
    func, disk
        The kernel as it is written, and numba's own cache: one that is always empty where the disk
        refuses, so that code comes from the process each time.
    """

    def __init__(self, func: Callable[..., object], disk: Any) -> None:
        self.func, self.disk = func, disk

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return the kernel for some types; None: it has to be compiled here."""
        found = self.disk.load_overload(sig, target_context)
        if found is not None or not self._is_public():
            return found
        order = (DIGEST, self.func.__module__, self.func.__name__, dumps(sig))
        code = apart.compiled(order)
        if code is None:
            return None
        if code == KEPT:
            return self.disk.load_overload(sig, target_context)
        target_context.refresh()
        return CompileResult._rebuild(target_context, *pickle.loads(code))

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep what was compiled here."""
        self.disk.save_overload(sig, data)

    def _is_public(self) -> bool:
        """Tell whether another process finds this kernel by its name."""
        found = getattr(sys.modules[self.func.__module__], self.func.__name__, None)
        ours = self.func.__module__.startswith(__name__.partition(".")[0] + ".")
        return ours and getattr(found, "py_func", None) is self.func


def code_of(dispatcher: Any, types: bytes) -> bytes:
    """Compile a kernel here, keep it on disk, and return it as code (see `apart`).

    Returns
    -------
    bytes
        `KEPT` if another process compiled it meanwhile: then it is on the disk.
    """
    sig, cache = pickle.loads(types), dispatcher._cache
    with _held(dispatcher.py_func):
        if cache.disk.load_overload(sig, dispatcher.targetctx) is not None:
            return KEPT
        # Code that comes from the disk cannot be handed on.
        dispatcher._cache = NullCache()
        try:
            dispatcher.compile(sig)
        finally:
            dispatcher._cache = cache
        made = dispatcher.overloads[sig]
        cache.save_overload(sig, made)
    code: bytes = dumps(made._reduce())
    return code


@contextmanager
def _held(func: Callable[..., object]) -> Iterator[None]:
    """Let one process at a time compile a kernel, where there are locks: others wait and take it.

    The system lets go of the lock of a process that ends, however it does.
    """
    if FOLDER is None or sys.platform == "win32":
        yield
        return
    import fcntl

    with (Path(FOLDER) / f"{func.__module__}.{func.__name__}.lock").open("ab") as file:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
