"""What of a drawing hangs on no language, made once a result: every further page takes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult

T = TypeVar("T")

_KEPT: Final[WeakKeyDictionary[CheckResult, dict[str, Any]]] = WeakKeyDictionary()
"""Texts of shapes and pictures, about as large as a page; they go with the result."""


def once(result: CheckResult, name: str, make: Callable[[], T]) -> T:
    """Return what was made of a result under a name, or make it; nobody may change it."""
    kept = _KEPT.setdefault(result, {})
    if name not in kept:
        kept[name] = make()
    made: T = kept[name]
    return made
