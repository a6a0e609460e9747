"""What the law's places lose if some cameras are not built or taken down.

References
----------
Article 8: a part counts as covered if its required share is met by as many cameras as it asks for.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from civicsight.core.arrays import FloatArray
from civicsight.core.errors import N_, MismatchError, Text
from civicsight.coverage.findings.camera_set import take_away, weigh_by_part
from civicsight.coverage.findings.evidence import TOLERANCE
from civicsight.model import NEED
from civicsight.planning.duplicates.find import Duplicates


def what_if(found: Duplicates, dropped: Collection[str]) -> WhatIf:
    """Say what falls if some cameras go at once; nothing is changed.

    Raises
    ------
    MismatchError
        If a camera is not among those in use.
    """
    camera_set = found.camera_set
    rows = camera_set.camera_ids.get_indexer(sorted(dropped))
    if (rows < 0).any():
        msg = f"{sorted(dropped)[int(np.argmin(rows))]!r} is not among the cameras in use"
        raise MismatchError(msg)
    *_, lost = take_away(camera_set, found.incremental.cover, rows)
    weight = weigh_by_part(camera_set, lost, len(found.incremental.met))
    falls = _falls(found, weight)
    cost = camera_set.cost_yuan[rows]
    return WhatIf(
        tuple(sorted(dropped)),
        tuple(dict.fromkeys(camera_set.sample_ids[lost])),
        float(weight.sum()),
        falls,
        float(np.nansum(cost)),
    )


def _falls(found: Duplicates, lost: FloatArray) -> tuple[Fall, ...]:
    """Return the parts that were met and no longer are."""
    result, met = found.result, found.incremental.met
    whole = weigh_by_part(found.camera_set, slice(None), len(met))
    falls = []
    for part in np.flatnonzero(lost > 0.0):
        row = result.parts.iloc[part]
        before, after = met[part] / whole[part], (met[part] - lost[part]) / whole[part]
        required = float(row["fraction"])
        if before >= required - TOLERANCE and after < required - TOLERANCE:
            falls.append(_fall(result, row, float(before), float(after), float(lost[part])))
    return tuple(sorted(falls, key=lambda fall: fall.part_id))


def _fall(result: Any, row: pd.Series, before: float, after: float, lost: float) -> Fall:
    zones = result.zones
    zone_id = str(row["zone_id"])
    name = zones["name"].get(zone_id) if zone_id in zones.index else None
    return Fall(
        str(row.name),
        zone_id,
        str(name) if name else "",
        str(row["article"]),
        str(row["item"]),
        str(row["kind"]),
        float(row[NEED]),
        before,
        after,
        float(row["fraction"]),
        lost,
    )


@dataclass(frozen=True, slots=True)
class Fall:
    """A part of a listed place that is no longer met.

    Parameters
    ----------
    part_id, zone_id, zone, article, item, kind
        Which part of which place, its article, item of the list, and kind.
    need_px_m
        Density asked for.
    before, after, required
        Shares of its weight [0-1].
    lost
        Weight that falls below the density [m or m2].
    """

    part_id: str
    zone_id: str
    zone: str
    article: str
    item: str
    kind: str
    need_px_m: float
    before: float
    after: float
    required: float
    lost: float


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What happens if some cameras go.

    Parameters
    ----------
    dropped
        The cameras.
    samples, lost
        Samples that fall below what they ask for, and their weight [m or m2].
    falls
        Parts that are met now and would not be.
    saved_yuan
        What the cameras cost, as far as it is known.
    """

    dropped: tuple[str, ...]
    samples: tuple[Any, ...]
    lost: float
    falls: tuple[Fall, ...]
    saved_yuan: float

    @property
    def statement(self) -> Text:
        """Say it in a sentence."""
        if not self.falls and self.lost <= TOLERANCE:
            return N_("If it is dropped, nothing falls below what is asked for.")
        if not self.falls:
            return N_(
                "If it is dropped, %(lost)s m or m2 fall below what is asked for, but every part "
                "keeps its required share.",
                lost=round(self.lost, 2),
            )
        return N_(
            "If it is dropped, these parts are no longer covered: %(parts)s (%(lost)s m or m2).",
            parts=", ".join(fall.part_id for fall in self.falls),
            lost=round(self.lost, 2),
        )
