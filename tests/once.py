"""What many commands of one file of tests ask of the same city, worked out once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from civicsight.cli import (
    plan_deciding,
    plan_duplicates,
    plan_frontier,
    plan_inputs,
    plan_reading,
    plan_verifying,
    plans,
)
from civicsight.planning import candidates, frontier
from civicsight.planning import make as planning


class Once:
    """Answers by what was asked; a plan, a check or candidates are never changed once made."""

    def __init__(self) -> None:
        self.known: dict[Any, Any] = {}

    def keep(self, key: Any, work: Callable[[], Any]) -> Any:
        """Return what is known by a key, worked out if nothing is."""
        if key not in self.known:
            self.known[key] = work()
        return self.known[key]


@contextmanager
def once() -> Iterator[tuple[Once, pytest.MonkeyPatch]]:
    """Let commands check a city, by its bytes, and find its candidates once."""
    found, run_check, generate = Once(), plan_inputs.run_check, candidates.generate

    def check(session: Any, reading: Any, *, public: bool = False) -> Any:
        paths = (reading[0].city, reading[0].cameras)
        key = (tuple(path and path.read_bytes() for path in paths), repr(reading), public)
        return found.keep(key, lambda: run_check(session, reading, public=public))

    def find(result: Any, **more: Any) -> Any:
        if more.get("progress") is not None:
            more["progress"](0, 1)
        key = (id(result), more.get("robust_k"), str(more.get("prices") and more["prices"].name))
        return found.keep(key, lambda: (generate(result, **more), result))[0]

    with pytest.MonkeyPatch.context() as patch:
        for room in (
            plans,
            plan_reading,
            plan_verifying,
            plan_deciding,
            plan_duplicates,
            plan_frontier,
        ):
            patch.setattr(room, "run_check", check)
        for room in (candidates, frontier):
            patch.setattr(room, "generate", find)
        patch.setattr(planning, "candidates_of", find)
        yield found, patch
