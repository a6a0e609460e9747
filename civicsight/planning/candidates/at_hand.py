"""The candidates that were found last of each result: planning again needs no others."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Final
from weakref import WeakKeyDictionary

from civicsight.coverage.result import CheckResult
from civicsight.planning.area.scope import Scope
from civicsight.planning.candidates.make import generate
from civicsight.planning.candidates.model import CandidateSet
from civicsight.planning.candidates.ruled_out import RuledOut
from civicsight.planning.prices.price_table import Prices, read_prices

_LAST: Final[WeakKeyDictionary[CheckResult, tuple[Hashable, CandidateSet]]] = WeakKeyDictionary()
"""One set a result: it is large, and goes with the result."""


def candidates_of(
    result: CheckResult,
    *,
    prices: Prices | None = None,
    robust_k: int = 0,
    ruled_out: RuledOut | None = None,
    scope: Scope | None = None,
    **more: Any,
) -> CandidateSet:
    """Return what `generate` does, at once where the same was asked of the same result before.

    Parameters
    ----------
    result, prices, robust_k, ruled_out, scope
        What the candidates hang on.
    more
        What they do not hang on: memory and progress.
    """
    prices = prices or read_prices()
    ruled_out, scope = ruled_out or RuledOut(), scope or Scope()
    key = (prices.digest, robust_k, ruled_out, scope)
    known, found = _LAST.get(result, (None, None))
    if found is None or known != key:
        _LAST.pop(result, None)  # two of them at once are too many
        asked: dict[str, Any] = {"ruled_out": ruled_out, "scope": scope, **more}
        found = generate(result, prices=prices, robust_k=robust_k, **asked)
        _LAST[result] = (key, found)
    return found
