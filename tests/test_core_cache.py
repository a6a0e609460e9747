"""What is remembered: the latest used, made once however many ask."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from civicsight.core.cache import Remembered
from civicsight.core.errors import MismatchError


def test_remembered_forgets_what_was_unused_longest():
    made = []
    kept = Remembered(2)
    for key in ("a", "b", "a", "c", "a", "b"):
        kept.get(key, lambda key=key: made.append(key) or key)
    assert made == ["a", "b", "c", "b"]


def test_remembered_makes_a_value_once_for_all_who_ask_meanwhile():
    made, begun, asked = [], Event(), Event()
    kept = Remembered(2)

    def make():
        begun.set()
        asked.wait(5)
        made.append("a")
        return object()

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(kept.get, "a", make)
        begun.wait(5)
        others = [pool.submit(kept.get, "a", make) for _ in range(3)]
        assert kept.find("a") is None  # who only looks does not wait
        assert kept.get("b", lambda: "b") == "b"
        asked.set()
        found = {first.result(), *(one.result() for one in others)}
    assert len(found) == len(made) == 1
    assert kept.find("a") in found


def test_remembered_tries_again_after_a_failure():
    def fail():
        raise MismatchError

    kept = Remembered(2)
    with pytest.raises(MismatchError):
        kept.get("a", fail)
    assert kept.get("a", lambda: 1) == 1
