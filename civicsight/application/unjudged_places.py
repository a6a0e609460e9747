"""Places of which something was not judged: why, what would settle it, and where that is done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final

import pandas as pd

from civicsight.coverage.findings.withheld import UNJUDGED_PLACE
from civicsight.coverage.result import NOT_JUDGED, OPEN_WORD, no_inventory, partition
from civicsight.editing.commands import Command, Comment, ConfirmGate
from civicsight.editing.gates import settled_gates

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult

BY_ENTRANCE: Final = frozenset({"no_front", "indoors"})
"""Reasons that go once somebody says where one comes in from outside."""

BY_DESIGNATION: Final = frozenset({OPEN_WORD})
"""Reasons that go once the competent body has decided."""


@dataclass(frozen=True, slots=True)
class UnjudgedPlace:
    """A place of which something was not judged.

    Parameters
    ----------
    place_id
        Its label in the partition.
    part_id
        What an entrance of it is confirmed as; empty where no entrance would settle anything.
    reasons
        Why, keys of `demand.find.REASONS`.
    parts
        How many of its gates and key parts were not judged.
    cameras
        Cameras of which nothing can be said until it is settled.
    """

    place_id: str
    part_id: str
    reasons: tuple[str, ...]
    parts: int
    cameras: int


def unjudged_places(result: CheckResult, done: Iterable[Command]) -> list[UnjudgedPlace]:
    """Return the places that were not judged and that a draft does not settle.

    Those come first at which most cameras hang, then those with most parts. Where no inventory was
    handed in, nothing was judged of any place for that one reason, and none is listed.
    """
    if no_inventory(result):
        return []
    places = partition(result).places
    open_ = places[places["reasons"].map(bool) | places["state"].eq(NOT_JUDGED)]
    reasons = open_["reasons"].groupby(level=0).agg(lambda own: tuple(sorted({*chain(*own)})))
    missing = result.missing
    count = missing["zone_id"].value_counts()
    entrances = missing[missing["reason"].isin(BY_ENTRANCE)].groupby("zone_id")["part_id"].first()
    held = result.withheld[result.withheld["reason"].eq(UNJUDGED_PLACE)]
    hanging = held["beside"].explode().value_counts() if len(held) else pd.Series(dtype=int)
    settled = settled_gates(done)
    found = [
        UnjudgedPlace(
            str(label),
            str(entrances.get(label, "")),
            own,
            int(count.get(label, 0)),
            int(hanging.get(label, 0)),
        )
        for label, own in reasons.items()
    ]
    return sorted(
        (one for one in found if not (one.part_id and one.part_id in settled)),
        key=lambda one: (-one.cameras, -one.parts, one.place_id),
    )


def entrance_with(part_id: str, at: tuple[float, float], reliance: str) -> tuple[Command, ...]:
    """Return the commands that list an entrance of a place, with what that relies on as a remark.

    Parameters
    ----------
    part_id
        From `UnjudgedPlace`.
    at
        Where one comes in, in the CRS of the city.
    reliance
        On what somebody relies, in his words.
    """
    return ConfirmGate(part_id, *at, basis=reliance), Comment(part_id, reliance)
