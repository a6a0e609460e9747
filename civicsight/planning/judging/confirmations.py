"""Gates that somebody confirmed, in one go or one by one: how many, by whom, when, on what basis.

A confirmed gate lifts the cap from its findings, so a reviewer has to see who lifted it.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from civicsight.coverage.result import CheckResult
from civicsight.model.provenance import of_layer

COLUMNS: Final = ("by", "on", "basis", "count")
"""Columns of `confirmed_gates`."""

CONFIRMED: Final = "confirmed"
LAYER: Final = "entrances"


def confirmed_gates(result: CheckResult) -> pd.DataFrame:
    """Return one row for everybody who confirmed gates or places at one time on one basis.

    Counted are gates of which something is demanded. Columns `COLUMNS`. A register that does not
    say so of its rows stands for itself; its day is that of its import, empty where it is not
    known. Largest groups first.
    """
    city = result.city
    asked = city.entrances.index.isin(set(result.parts["entrance_id"].dropna()))
    entrances = city.entrances[city.entrances["confirmed"] & asked]
    days = {entry.source: entry.imported_on for entry in of_layer(city.provenance, LAYER)}
    sources = entrances["source"].fillna("").astype(str)
    told = entrances["confirmed_on"].fillna(sources.map(days))
    by_register = (
        pd.DataFrame(
            {
                "by": entrances["confirmed_by"],
                "on": told,
                "basis": entrances["basis"].fillna(sources),
            }
        )
        .fillna("")
        .astype(str)
    )
    rows = [
        dict(zip(COLUMNS, (*key, len(group)), strict=True))
        for key, group in by_register.groupby(list(COLUMNS[:3]), sort=True)
    ]
    said = city.answers[city.answers["answer"].eq(CONFIRMED)]
    groups = said.assign(
        answered_on=said["answered_on"].astype(str), reason=said["reason"].fillna("").astype(str)
    ).groupby(["answered_by", "answered_on", "reason"], sort=True)
    rows += [
        {"by": str(by), "on": str(on), "basis": str(reason), "count": len(group)}
        for (by, on, reason), group in groups
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.sort_values(["count", "by", "basis"], ascending=[False, True, True]).reset_index(
        drop=True
    )
