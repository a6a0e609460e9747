"""Heights that a source filled in: one value for all that nobody measured.

Such a value stands in the column of heights like a measured one. It is recognised by its share
alone, so the rule asks for much before it speaks: enough rows, one value far ahead of the next, and
no other reason for it. Storeys are such a reason (six storeys everywhere are 18 m everywhere), and
so are classes.

See docs/decisions/0010-filled-heights.md.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from civicsight.errors import N_, Text

LEAST_ROWS = 30
"""Fewer heights say nothing about each other."""

LEAST_SHARE = 0.25
"""Least share of one value among all heights of a source.

Measured heights to a decimetre have less than 1 % at one value (108,937 of New York), heights in
whole metres some 8 %, those by storeys 20 to 40 % (Suzhou, Rome, Berlin).
"""

TIMES_NEXT = 4.0
"""The value is at least this many times as frequent as the next one; storeys reach 2."""

LADDER_SHARE = 0.95
"""Share of the other heights on which steps are looked for; the rest are slips."""

LEAST_STEP_M = 2.0
"""Steps of storeys or classes are at least this high [m]; finer ones are rounding."""

STEP_TOLERANCE = 0.1
"""How far a gap may be from a whole number of steps, in steps."""

LEAST_RUNGS = 3
"""Different heights that make steps; any two do."""

MOST_LEFT_OUT = (1, 2, 3)
"""Into how many steps the smallest gap may fall, where no building has the heights between."""

SAME_STOREYS = 0.8
"""Share of the rows with the value that have one number of storeys, if storeys are its reason."""


class Filled(NamedTuple):
    """Which rows hold the filled value, and the sentence about them; none and nothing without."""

    rows: pd.Series
    notes: tuple[Text, ...] = ()


def find_filled(height: pd.Series, storeys: pd.Series) -> Filled:
    """Find the one value that stands for unknown heights, if there is one.

    Parameters
    ----------
    height
        Heights as the source gives them [m], one row a building; NaN where it says nothing.
    storeys
        Storeys of the same rows, NaN where unknown.

    Returns
    -------
    Filled
        `rows` is a bool for each row of `height`.
    """
    nothing = Filled(pd.Series(data=False, index=height.index))
    counts = height.dropna().value_counts()
    known = int(counts.sum())
    if known < LEAST_ROWS:
        return nothing
    value, most = float(counts.index[0]), int(counts.iloc[0])
    others = counts.iloc[1:]
    far_ahead = not len(others) or most >= TIMES_NEXT * int(others.iloc[0])
    if most < LEAST_SHARE * known or not far_ahead:
        return nothing
    rows = height == value
    reason = _same_storeys(storeys[rows])
    if reason is None:
        reason = _on_a_ladder(value, others)
    if reason:
        return nothing
    share = round(100 * most / known)
    note = N_(
        "%(share)s %% of the heights are exactly %(value)g m: that one was filled in where nothing "
        "was known, so these %(count)s buildings count as assumed",
        share=share,
        value=value,
        count=most,
    )
    return Filled(rows, (note,))


def _same_storeys(storeys: pd.Series) -> bool | None:
    """Tell whether the rows share a number of storeys; None if too few of them say."""
    known = storeys.dropna()
    if len(known) < len(storeys) / 2:
        return None
    return int(known.value_counts().iloc[0]) >= SAME_STOREYS * len(known)


def _on_a_ladder(value: float, others: pd.Series) -> bool:
    """Tell whether the value is one of equal steps, as storeys and classes of height make them."""
    if not len(others):
        return False
    enough = int(np.searchsorted(others.cumsum(), LADDER_SHARE * others.sum())) + 1
    rungs = np.sort(np.append(others.index.to_numpy(float)[:enough], value))
    if len(rungs) < LEAST_RUNGS:
        return False
    gaps = np.diff(rungs)
    return any(_fits(gaps, float(gaps.min()) / left_out) for left_out in MOST_LEFT_OUT)


def _fits(gaps: npt.NDArray[np.float64], step: float) -> bool:
    steps = gaps / step
    whole = np.abs(steps - np.round(steps)) <= STEP_TOLERANCE
    return step >= LEAST_STEP_M and bool(whole.all())
