"""Places as rings of their parts: what a map of the app shows from afar in place of every sign."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from civicsight.core.errors import N_
from civicsight.coverage.standing import shown_parts
from civicsight.maps.encode import lon_lat
from civicsight.presentation.names import Names
from civicsight.presentation.symbols import PART_LABELS, PART_STYLES

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult

SETTLED: Final = frozenset({"covered", "unbuilt"})
"""States of a part for which nothing has to be done; all others are counted in the ring."""


def place_rings(result: CheckResult, names: Names) -> dict[str, Any] | None:
    """Return where each place with parts is and how many of them are in which state.

    Parameters
    ----------
    result
        What `check` found.
    names
        What places are called.

    Returns
    -------
    dict or None
        ``ids``, ``titles``, ``names`` (empty where the data have none), ``at`` (latitude,
        longitude) and ``counts`` of each place, with ``colors``, ``labels`` and ``open`` of the
        states that are counted; ``parts`` says of each part its place and state, by number, so
        that a draft can be counted too. None without a part.
    """
    if not len(result.parts):
        return None
    states, status = list(PART_STYLES), shown_parts(result)
    counts = pd.crosstab(result.parts["zone_id"], status)
    zones = result.zones.loc[result.zones.index.intersection(counts.index)]
    counts = counts.reindex(index=zones.index, columns=states, fill_value=0)
    return {
        "ids": zones.index.astype(str).tolist(),
        "titles": [names.zones.get(label, label) for label in zones.index.astype(str)],
        "names": zones["name"].fillna("").astype(str).tolist(),
        "at": lon_lat(zones.geometry),
        "counts": counts.to_numpy(np.int64).tolist(),
        "parts": {
            "ids": result.parts.index.astype(str).tolist(),
            "of": zones.index.get_indexer(result.parts["zone_id"]).tolist(),
            "state": [states.index(each) for each in status],
        },
        "colors": [PART_STYLES[state]["color"] for state in states],
        "labels": [names.translate(PART_LABELS[state]) for state in states],
        "open": [state not in SETTLED for state in states],
        "several": names.translate(N_("%(n)s places", n="{n}")),
    }
