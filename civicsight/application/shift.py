"""In which datum the rows of a file may be: where they lie in each, for a person to look at."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import shapely

from civicsight.io.datum_fit import claimed_datum
from civicsight.io.datum_readings import Reading, read_in_each
from civicsight.io.datums import Datum

if TYPE_CHECKING:
    from civicsight.application.intake import Intake

NEAR_M: Final = 200.0
"""Rows nearer than this are seen together [m]."""

MOST: Final = 2_000
"""Rows that are asked for their neighbours at most."""


class Shift(NamedTuple):
    """The rows of a file in each datum.

    `at` is the row about which most others lie; `claimed` is the datum in which they were read, and
    `is_declared` tells whether a person said so.
    """

    readings: tuple[Reading, ...]
    at: int
    claimed: Datum
    is_declared: bool


def shift_of(intake: Intake) -> Shift | None:
    """Return where the rows of a file lie in each datum; None where there is nothing to decide.

    There is nothing where no warning was given and nobody declared a datum, where vendors shift
    nothing, and where the rows themselves name several datums.
    """
    places, claimed = intake.placed, claimed_datum(intake.report, intake.datum)
    places = places[~places.is_empty]
    if claimed is None or places.empty or (intake.is_sure and intake.datum is None):
        return None
    readings = read_in_each(places, intake.city.buildings, claimed)
    if not readings:
        return None
    return Shift(readings, _crowded(readings[0]), claimed, intake.datum is not None)


def _crowded(reading: Reading) -> int:
    """Return the row about which most others lie."""
    some = reading.places[:MOST]
    mine, _ = shapely.STRtree(some).query(some, predicate="dwithin", distance=NEAR_M)
    counts = Counter(mine.tolist())
    return int(np.argmax([counts[row] for row in range(len(some))]))
