"""Waiting for states, never for time."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic, sleep
from typing import Any

WAIT_S = 120.0


def wait_until(is_so: Callable[[], Any]) -> Any:
    """Wait for a state and return it; one that does not come is a failure, not a wait."""
    ends = monotonic() + WAIT_S
    while not (found := is_so()):
        assert monotonic() < ends
        sleep(0.01)
    return found
