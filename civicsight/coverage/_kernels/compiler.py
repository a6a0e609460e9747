"""The process that compiles kernels for another one (see `apart`); it ends with its input.

It runs as a file, not as a module, so that no folder of whoever starts it is looked into; what it
compiles is its own text, and it has no answer for who has another one.
"""

from __future__ import annotations

import gc
import os
import pickle
import sys
import threading
from importlib import import_module
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, Any, Final

IDLE_S: Final = 20.0
"""It ends when nothing was asked for so long [s]: an idle compiler holds a hundred megabytes."""


def serve(source: IO[bytes], sink: IO[bytes]) -> None:
    """Answer orders until there are no more."""
    inbox: SimpleQueue[Any] = SimpleQueue()
    threading.Thread(target=_listen, args=(source, inbox), daemon=True).start()
    while True:
        try:
            order = inbox.get(timeout=IDLE_S)
        except Empty:
            return
        pickle.dump(_fill(*order), sink)
        sink.flush()


def _fill(digest: str, module: str, name: str, types: bytes) -> bytes | None:
    """Compile a kernel of this package, if it is the one that was meant."""
    from civicsight.core.damage import damage_reported_to
    from civicsight.coverage._kernels import compile as compiling

    if digest != compiling.DIGEST:
        return None
    with damage_reported_to(lambda _text: None):  # who asked has said so
        return compiling.code_of(getattr(import_module(module), name), types)


def _listen(source: IO[bytes], inbox: SimpleQueue[Any]) -> None:
    """Pass orders on; end the process, whatever it does, once nobody is left to answer."""
    try:
        while True:
            inbox.put(pickle.load(source))  # noqa: S301 - written by the process that started this
    except (EOFError, OSError):
        os._exit(0)


if __name__ == "__main__":
    gc.disable()  # what a compiler makes stays until it ends: looking for garbage finds none
    # Whatever a library prints goes nowhere: the stream carries answers alone.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.path.append(str(Path(__file__).parents[3]))
    serve(sys.stdin.buffer, out)
    os._exit(0)  # the thread that still listens would keep the interpreter from ending in order
