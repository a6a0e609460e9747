"""Eight verdicts on a planned camera; each is a finding for review, none a refusal.

References
----------
Article 7 of the Measures leaves the approval of a plan to people; thresholds are those of the rule
packs. Article 14: a camera outside the network is linked before one beside it is built.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import numpy as np

from civicsight.core.arrays import BoolArray
from civicsight.core.errors import N_, Text
from civicsight.coverage.findings.evidence import TOLERANCE
from civicsight.planning.duplicates.appraise import Appraisal


class Verdict(StrEnum):
    """What a reviewer should consider of a planned camera."""

    CERTAIN = "certain"
    SUBSTANTIAL = "substantial"
    REUSE = "reaim_or_refurbish"
    NETWORK = "network_instead"
    INTENDED = "intended_redundancy"
    UNCERTAIN = "uncertain"
    NOT_DUPLICATE = "not_duplicate"
    NOT_WEIGHED = "not_weighed"


MEANINGS: Final[Mapping[Verdict, Text]] = MappingProxyType(
    {
        Verdict.CERTAIN: N_(
            "Finding for review: all that it would see of listed places others see already, as "
            "finely as asked for."
        ),
        Verdict.SUBSTANTIAL: N_(
            "Finding for review: it adds less than the rules ask for to what others see already."
        ),
        Verdict.REUSE: N_(
            "Finding for review: an existing camera would do the same for less money, once turned "
            "or refurbished."
        ),
        Verdict.NETWORK: N_(
            "Finding for review: cameras outside the shared network see the same; link them "
            "instead of building."
        ),
        Verdict.INTENDED: N_("Others see the same, but do not replace it: no duplicate."),
        Verdict.UNCERTAIN: N_(
            "Finding for review: it may be a duplicate, but a small error of the recorded poses or "
            "of an assumed height would change that."
        ),
        Verdict.NOT_DUPLICATE: N_("No duplicate: the plan needs it."),
        Verdict.NOT_WEIGHED: N_(
            "Nothing is said against it: something beside it was not judged, and that may need it."
        ),
    }
)
"""What each verdict says to a person."""

NAMES: Final[Mapping[Verdict, Text]] = MappingProxyType(
    {
        Verdict.CERTAIN: N_("duplicate"),
        Verdict.SUBSTANTIAL: N_("mostly duplicate"),
        Verdict.REUSE: N_("turn or refurbish an existing one"),
        Verdict.NETWORK: N_("link instead of building"),
        Verdict.INTENDED: N_("redundancy that is meant"),
        Verdict.UNCERTAIN: N_("uncertain"),
        Verdict.NOT_DUPLICATE: N_("no duplicate"),
        Verdict.NOT_WEIGHED: N_("not weighed"),
    }
)
"""What each verdict is called in a table."""

REASONS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "k": N_("the place asks for more than one camera"),
        "turning": N_("the other camera turns and looks elsewhere for part of the time"),
        "side": N_("the other camera looks at the gate from the other side"),
        "purpose": N_("the other camera is recorded for another purpose"),
        "level": N_("the other camera sees it too coarsely; better optics there could do"),
    }
)
"""Why cameras that see the same are no duplicates."""


def decide(
    found: Appraisal,
    unsure: BoolArray,
    offered: Mapping[int, object],
    reasons: list[tuple[str, ...]],
) -> list[Verdict | None]:
    """Give each planned camera that meets some demand its verdict; None to all others.

    Parameters
    ----------
    found
        Measures of all cameras.
    unsure
        Cameras whose verdict a small error of the data would change.
    offered
        Planned cameras for which work on an existing one does as well for less.
    reasons
        Intended redundancy of each camera.
    """
    low, low_all = found.low, found.low_all
    verdicts: list[Verdict | None] = [None] * len(low)
    if not found.thresholds.asked:
        return verdicts
    for c in np.flatnonzero(found.judged):
        against = unsure[c] or low[c] or low_all[c] or int(c) in offered
        if against and found.fleet.held[c]:
            verdicts[c] = Verdict.NOT_WEIGHED
        elif unsure[c]:
            verdicts[c] = Verdict.UNCERTAIN
        elif low[c]:
            idle = found.kept[c] <= TOLERANCE
            verdicts[c] = Verdict.CERTAIN if idle else Verdict.SUBSTANTIAL
        elif low_all[c]:
            verdicts[c] = Verdict.NETWORK
        elif int(c) in offered:
            verdicts[c] = Verdict.REUSE
        else:
            verdicts[c] = Verdict.INTENDED if reasons[c] else Verdict.NOT_DUPLICATE
    return verdicts
