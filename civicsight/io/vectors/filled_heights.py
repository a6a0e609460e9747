"""Heights that a source filled in: one value, or a few, for all that nobody measured.

Such a value stands in the column of heights like a measured one. It is recognised by its share
alone, so the rule asks for much before it speaks: enough rows, values far ahead of the next, and
no other reason for them. Storeys are such a reason (six storeys everywhere are 18 m everywhere),
and so are classes. Sources fill in by kind of building too, so each kind is looked at by itself.
Heights above the sea in place of heights are known by lying all in one narrow band, high up.

See docs/decisions/0010-filled-heights.md.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from civicsight.core.errors import N_
from civicsight.model.notes import Note, noted

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

MOST_FILLERS = 5
"""A source fills in by kind or district at most so many values that stand out among all heights."""

MEASURED_BESIDE = 3
"""Other values that stand beside each of several fillers; without them they are classes."""

LEAST_ELEVATION_M = 20.0
"""Heights that all lie above this may be elevations [m]; no town is without lower houses."""

BAND = 0.2
"""Elevations of a town spread over at most this share of their middle [0-1]."""

SAME_STOREYS = 0.8
"""Share of the rows with the value that have one number of storeys, if storeys are its reason."""


class Filled(NamedTuple):
    """Which rows hold a filled value, and the sentences about them; none and nothing without."""

    rows: pd.Series
    notes: tuple[Note, ...] = ()


def find_filled(height: pd.Series, storeys: pd.Series, kind: pd.Series | None = None) -> Filled:
    """Find the values that stand for unknown heights, if there are any.

    Parameters
    ----------
    height
        Heights as the source gives them [m], one row a building; NaN where it says nothing.
    storeys
        Storeys of the same rows, NaN where unknown.
    kind
        Kind of building of the same rows, None where unknown; where it is left out all are alike.

    Returns
    -------
    Filled
        `rows` is a bool for each row of `height`.
    """
    elevations = _elevations(height, storeys)
    if elevations.notes:
        return elevations
    counts = height.value_counts()
    rows = pd.Series(data=False, index=height.index)
    notes = []
    for value in _fillers(counts):
        mine = height == value
        if not _has_reason(value, storeys[mine], counts.drop(value)):
            rows |= mine
            notes.append(_sentence(value, int(mine.sum()), int(counts.sum())))
    for name in () if kind is None else kind.dropna().unique():
        of_kind = kind == name
        own = height[of_kind & ~rows].value_counts()
        for value in _fillers(own, most=1):
            mine = of_kind & (height == value)
            ladder = counts if len(own) < LEAST_RUNGS else own
            if not _has_reason(value, storeys[mine], ladder.drop(value)):
                rows |= mine
                count, known = int(mine.sum()), int(height[of_kind].notna().sum())
                notes.append(_sentence(value, count, known, str(name)))
    return Filled(rows, tuple(notes))


def _fillers(counts: pd.Series, most: int = MOST_FILLERS) -> list[float]:
    """Return the values that stand far ahead of all others, the most frequent first.

    Several of them need rows of their own, and measured heights beside them.
    """
    known = int(counts.sum())
    if known < LEAST_ROWS:
        return []
    for number in range(min(most, len(counts)), 0, -1):
        least, others = int(counts.iloc[number - 1]), counts.iloc[number:]
        if len(others) and least < TIMES_NEXT * int(others.iloc[0]):
            continue
        enough = number == 1 or (least >= LEAST_ROWS and len(others) >= MEASURED_BESIDE * number)
        if enough and counts.iloc[:number].sum() >= LEAST_SHARE * known:
            return [float(value) for value in counts.index[:number]]
    return []


def _sentence(value: float, count: int, known: int, kind: str = "") -> Note:
    """Say of one filled value how much of the heights it makes up, of all or of one kind."""
    values = {"share": round(100 * count / known), "value": value, "count": count}
    if kind:
        return noted(
            "heights.filled",
            N_(
                "%(share)s %% of the heights of the kind %(kind)s are exactly %(value)g m: that "
                "one was filled in by kind, so these %(count)s buildings count as assumed",
                kind=kind,
                **values,
            ),
        )
    return noted(
        "heights.filled",
        N_(
            "%(share)s %% of the heights are exactly %(value)g m: that one was filled in where "
            "nothing was known, so these %(count)s buildings count as assumed",
            **values,
        ),
    )


def _elevations(height: pd.Series, storeys: pd.Series) -> Filled:
    """Tell heights above the sea from heights of buildings, by how alike and how high they are."""
    known = height.dropna()
    nothing = Filled(pd.Series(data=False, index=height.index))
    if len(known) < LEAST_ROWS or known.nunique() < LEAST_RUNGS:
        return nothing
    low, middle, high = np.quantile(known, [0.05, 0.5, 0.95])
    said = _same_storeys(storeys[known.index])
    if low < LEAST_ELEVATION_M or high - low > BAND * middle or said:
        return nothing
    note = noted(
        "heights.elevations",
        N_(
            "%(count)s heights lie between %(low)s and %(high)s m, all alike: they look like "
            "elevations of roof or ground above the sea, so these buildings count as assumed; give "
            "heights above the ground",
            count=len(known),
            low=f"{known.min():g}",
            high=f"{known.max():g}",
        ),
    )
    return Filled(height.notna(), (note,))


def _has_reason(value: float, storeys: pd.Series, others: pd.Series) -> bool:
    """Tell whether storeys or equal steps are why a value stands so often."""
    reason = _same_storeys(storeys)
    return _on_a_ladder(value, others) if reason is None else reason


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
    step_m = gaps.min() / np.array(MOST_LEFT_OUT)
    steps = gaps / step_m[:, None]
    whole = (np.abs(steps - np.round(steps)) <= STEP_TOLERANCE).all(axis=1)
    return bool((whole & (step_m >= LEAST_STEP_M)).any())
