"""Python's search for garbage, put off while a city is worked on."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let no garbage be looked for: a context, or a decorator.

    The collector goes through all that is in memory whenever so many objects were made, and a city
    is many objects: a tenth of a judgement. Whatever refers to itself in a circle is
    found afterwards. Where it is put off already, it stays so.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
