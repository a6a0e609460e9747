"""Readers under the names of the real ones: each sleeps where the name of its file asks for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from civicsight.io.reader_registry import READERS as REAL
from tests.apart_readers import sleep

SLEEPY = "sleep"
"""What the name of a file has in it that is never read to its end."""


def _read(real: Callable[..., Any], path: Path, *given: Any, **asked: Any) -> Any:
    if SLEEPY in path.name:
        sleep(path)
    return real(path, *given, **asked)


READERS = {name: partial(_read, real) for name, real in REAL.items()}
