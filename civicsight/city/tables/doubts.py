"""Values of a table that can be read and are hardly meant: said with their count, and kept."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import numpy.typing as npt

from civicsight.city.report import Count
from civicsight.city.tables.rows import Rows
from civicsight.errors import N_, Text

COARSE_DEG: Final = 0.001
"""Coordinates that are whole multiples of this were cut: one in a million is so by chance [deg]."""

FEWEST_COARSE: Final = 2
"""A single place may lie so by chance."""

FEWEST_ZEROS, LEAST_OTHERS, TIMES_NEXT = 5, 10, 4
"""Zeros, other directions, and how many times as often as the next one 0 has to stand."""

ZERO: Final = re.compile(r"[+-]?0+(?:[.,]0*)?\s*\D{0,3}")
"""How a direction of 0 is written as a number."""


def coarse_places(degrees: npt.NDArray[np.float64]) -> tuple[Text, ...]:
    """Say how many places have coordinates that were cut.

    Parameters
    ----------
    degrees
        Longitude and latitude of each row as the source writes them, NaN where unknown.
    """
    steps = degrees / COARSE_DEG
    with np.errstate(invalid="ignore"):
        cut = (np.abs(steps - np.round(steps)) < COARSE_DEG).all(axis=1)
        tenth = np.abs(steps[cut] / 10 - np.round(steps[cut] / 10)) < COARSE_DEG
    count = int(cut.sum())
    if count < FEWEST_COARSE:
        return ()
    by_cent = bool(tenth.all())
    note = N_(
        "%(count)s rows have coordinates cut to %(digits)s decimals, which leaves their place open "
        "by %(metres)s m: enter them with five",
        count=count,
        digits=2 if by_cent else 3,
        metres=1_000 if by_cent else 100,
    )
    return (note,)


def doubt_zeros(rows: Rows) -> None:
    """Say how many directions are 0 as a number where the others vary: a cell nobody filled in."""
    header = rows.found.get("azimuth_deg")
    values = rows.number("azimuth_deg")
    if header is None or len(values) != len(rows.sheet.rows):
        return
    texts = [row[header] or "" for row in rows.sheet.rows]
    zero = np.array([bool(ZERO.fullmatch(text)) for text in texts], bool)
    others, often = np.unique(values[~zero & np.isfinite(values)], return_counts=True)
    count = int(zero.sum())
    if count < FEWEST_ZEROS or len(others) < LEAST_OTHERS or count < TIMES_NEXT * often.max():
        return
    note = N_(
        "%(count)s of %(known)s directions are exactly 0 while the others vary: they look like "
        "cells that were never filled in; leave those empty, or confirm that they face north",
        count=count,
        known=int(np.isfinite(values).sum()),
    )
    rows.notes.append(note)
    rows.counts.append(Count("doubtful.azimuth", N_("with a direction of 0 in doubt"), count))
