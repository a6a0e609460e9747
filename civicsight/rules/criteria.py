"""What is asked of a view, and whether it is met: the one place that compares them.

A need is a density, but not every camera is judged by its pixels. One that is, delivers what the
optics give at the target. A thermal one delivers by a range that its maker states: whatever is
nearer counts as detected, however many pixels it has, and as no more than that. Both are told on
one scale, so that whoever asks need not know by which criterion a camera is judged.

References
----------
EN 62676-4:2015 (levels, and that detection means to tell that a person is there); docs/decisions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from civicsight.core.arrays import BoolArray, FloatArray, IntArray
from civicsight.core.errors import N_, Text
from civicsight.model import NEED
from civicsight.rules.ladders import LADDERS


@dataclass(frozen=True, slots=True, eq=False)
class Need:
    """What is asked of the views of samples or parts.

    Parameters
    ----------
    px_m
        float64, one value for all or one for each: density [px/m].

    Examples
    --------
    >>> Need.of([125.0, 25.0, 0.0]).is_met([124.9, 25.0, 0.0]).tolist()
    [False, True, False]
    """

    px_m: FloatArray

    @classmethod
    def of(cls, asked: Asked) -> Need:
        """Return the need of a table that states one, or of a density or several [px/m]."""
        if isinstance(asked, Need):
            return asked
        column = asked[NEED] if isinstance(asked, pd.DataFrame) else asked
        return cls(np.asarray(column, np.float64))

    def __getitem__(self, rows: IntArray | slice) -> Need:
        """Return the need of some rows."""
        return Need(self.px_m[rows])

    def is_met(self, delivered: npt.ArrayLike) -> BoolArray:
        """Tell which views are enough; a bound belongs to it, and a need of 0 asks for a view."""
        found = np.asarray(delivered)
        enough: BoolArray = (found >= self.px_m) & (found > 0.0)
        return enough


Asked: TypeAlias = "Need | pd.DataFrame | npt.ArrayLike"
"""What states a need: a table of samples or parts, or densities [px/m]."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """By what a camera is judged: a column of its record, and how what it delivers is written."""

    column: str
    said: Text

    def with_unit(self, value: str) -> Text:
        """Write a value with its unit."""
        return Text(self.said.template, MappingProxyType({"value": value}))


PIXEL_DENSITY: Final = Criterion("width_px", N_("%(value)s px/m"))
DETECTION_RANGE: Final = Criterion("detection_range_m", N_("detects a person within %(value)s m"))

BY_KIND: Final[Mapping[str, Criterion]] = MappingProxyType({"thermal": DETECTION_RANGE})
"""Criterion of each kind of camera that is not judged by its pixels."""

DETECTED_PX_M: Final = next(
    level.px_m for level in LADDERS["dori"].levels if level.name == "detect"
)
"""What a target within the stated range is taken for: detected, and no more than that [px/m]."""


def criterion_of(kind: object) -> Criterion:
    """Return by what a kind of camera is judged."""
    return BY_KIND.get(str(kind), PIXEL_DENSITY)


def credited_px_m(heads: pd.DataFrame) -> FloatArray:
    """Return what each head is credited with anywhere in its reach, 0 where its pixels count."""
    if DETECTION_RANGE.column not in heads.columns:
        return np.zeros(len(heads))
    stated = heads[DETECTION_RANGE.column].notna().to_numpy(bool)
    return np.where(stated, DETECTED_PX_M, 0.0)
