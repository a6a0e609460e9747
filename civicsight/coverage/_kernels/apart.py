"""Compile kernels in a process of its own, so that who waits for one can be told to stop.

A compiler hears nothing before a kernel is done, and none can be ended in a thread. numba is not
known here: a kernel is asked for by its name and types, and comes as code that numba can load.
"""

from __future__ import annotations

import atexit
import os
import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO, Final, cast

from civicsight.core.child import Child, start_python
from civicsight.core.errors import CivicsightError

POLL_S: Final = 0.02
"""A wish to stop is looked for this often [s]."""

COMPILER: Final = Path(__file__).with_name("compiler.py")

AHEAD: Final = f"{__name__.rpartition('.')[0]}.ahead"

Over = Callable[[], bool]
Order = tuple[str, str, str, bytes]
"""Digest of all kernels, module and name of one, and the types that it is asked for."""


class Unready(CivicsightError):  # noqa: N818 - no error, an end
    """A kernel is not compiled yet, and who called it waits no longer."""


def _never() -> bool:
    return False


_heeded: ContextVar[Over] = ContextVar("heeded", default=_never)
_process: Child | None = None
_beside: Child | None = None
_listeners: list[Callable[[str], None]] = []
_pending = ""


@contextmanager
def heeding(is_over: Over) -> Iterator[None]:
    """Leave the block where it would wait for the compiler though it is over."""
    token = _heeded.set(_either(is_over))
    try:
        yield
    except Unready:
        if not is_over():  # whoever is outside has ended it
            raise
    finally:
        _heeded.reset(token)


def workers(count: int, is_over: Over = _never) -> ThreadPoolExecutor:
    """Return threads that heed what this one heeds, and something more; they raise `Unready`."""
    return ThreadPoolExecutor(count, initializer=_heeded.set, initargs=(_either(is_over),))


def _either(is_over: Over) -> Over:
    """Tell of what is heeded here already, and of something more, whether it is over."""
    outer = _heeded.get()
    return lambda: is_over() or outer()


@contextmanager
def reported_to(listener: Callable[[str], None]) -> Iterator[None]:
    """Let somebody hear the name of each kernel that is compiled, in whatever thread."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def pending() -> str:
    """Return the name of the kernel that this process waits for, empty if for none."""
    return _pending


def compiled(order: Order) -> bytes | None:
    """Return a kernel as code; numba's own lock lets one thread at a time ask for it.

    Returns
    -------
    bytes or None
        None if no process can be had, or it did not manage.

    Raises
    ------
    Unready
        If it is over, as far as this thread heeds.
    """
    global _pending  # noqa: PLW0603 - one compiler for all that runs here
    if _heeded.get()():
        raise Unready
    _pending = order[2]
    code = None
    try:
        for listener in tuple(_listeners):
            listener(_pending)
        code = _converse(order)
    finally:
        _pending = ""
        if code is None:  # it still compiles, or is gone
            end()
    return code


def _converse(order: Order) -> bytes | None:
    """Ask, and wait for the answer."""
    inbox: SimpleQueue[bytes | None] = SimpleQueue()
    try:
        process = _running()
        sink, source = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
        pickle.dump(order, sink)
        sink.flush()
    except OSError:
        return None
    Thread(target=_listen, args=(source, inbox), daemon=True).start()
    while True:
        with suppress(Empty):
            return inbox.get(timeout=POLL_S)
        if _heeded.get()():
            raise Unready


def _listen(source: IO[bytes], inbox: SimpleQueue[bytes | None]) -> None:
    """Pass one answer on, or that there is none to come."""
    try:
        inbox.put(pickle.load(source))  # noqa: S301 - written by the process that this one started
    except (EOFError, OSError, ValueError, pickle.UnpicklingError):
        inbox.put(None)


def _running() -> Child:
    """Return the compiler, started if there is none; keys pressed for this process spare it."""
    global _process  # noqa: PLW0603 - see `compiled`
    if _process is not None and _process.poll() is not None:
        end()
    if _process is None:
        _process = start_python(str(COMPILER), keys=False)
    return _process


@atexit.register
def end() -> None:
    """End the compiler, whatever it does."""
    global _process
    process, _process = _process, None
    if process is None:
        return
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        with suppress(OSError):
            cast("IO[bytes]", stream).close()


def compile_beside() -> None:
    """Begin to compile all that somebody may need (see `ahead`), in a process that gives way.

    Whoever needs a kernel meanwhile waits for it, or compiles another one: each has a lock.
    """
    global _beside  # noqa: PLW0603 - one is enough
    if _beside is None:
        with suppress(OSError):
            _beside = start_python("-m", AHEAD, keys=False)


@atexit.register
def end_beside() -> None:
    """End what compiles beside; what it has compiled is kept."""
    global _beside
    process, _beside = _beside, None
    if process is not None:
        process.kill()
        process.communicate()


def _forget() -> None:
    """Leave the compiler to the parent: two processes may not talk to one."""
    global _process, _beside  # noqa: PLW0603 - see `compiled`
    _process = _beside = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
