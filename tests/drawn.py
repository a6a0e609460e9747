"""How much is drawn at random: the quick run and the long proofs differ by one factor."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Any

import pytest

LONG = os.environ.get("CIVICSIGHT_TEST_PROFILE") == "long"
LONGER = 20 if LONG else 1
"""What a test multiplies its own number of cases by."""

HIGH_RUN = re.compile("[\u00a1-\u00fe]{4}")


def a_few(values: Iterable[Any], count: int = 1) -> list[Any]:
    """Return parameters of a test: the first few for the quick run, the rest for the long proofs.

    A tuple holds the values of one case; what a value is marked with it keeps.
    """
    few, rest = list(values)[:count], list(values)[count:]
    return [*few, *(_slow(value) for value in rest)]


def every_other(values: Iterable[Any], first: int, every: int = 2) -> list[Any]:
    """Return parameters of a test: every second for the quick run, the others for the long proofs.

    Two tests that begin with 0 and 1 try each value once, in the one way or the other; of three
    with `every` 3 likewise.
    """
    return [value if k % every == first else _slow(value) for k, value in enumerate(values)]


def _slow(value: Any) -> Any:
    if isinstance(value, type(pytest.param())):
        return pytest.param(*value.values, marks=[pytest.mark.slow, *value.marks])
    case = value if type(value) is tuple else (value,)
    return pytest.param(*case, marks=pytest.mark.slow)


def is_unspoilt(text: str) -> bool:
    """Tell whether a text cannot be taken for GBK that was read as Latin, which is refused."""
    return HIGH_RUN.search(text) is None
