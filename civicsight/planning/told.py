"""What a plan tells in tables beside its measures: parts before and after, what is out of reach."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

import numpy as np
import pandas as pd

from civicsight.coverage.result import CheckResult
from civicsight.planning.measures import district_names
from civicsight.planning.solver.outcome import Outcome

HISTORY: Final = ("seconds", "steps", "value", "bound", "stage")


def parts_before_after(before: CheckResult, after: CheckResult) -> pd.DataFrame:
    """Return what became of each part, columns `plan.PART_COLUMNS`; both as the law lets count."""
    one, two = before.part_status, after.part_status.loc[before.part_status.index]
    parts = before.parts.loc[one.index]
    frame = pd.DataFrame(parts[["zone_id", "item", "kind"]]).rename_axis("part_id")
    return frame.assign(
        district=district_names(parts.geometry, before.city),
        weight=one["weight"],
        required=one["required"],
        status_before=one["status"],
        status_after=two["status"],
        share_before=one["fraction_sure"],
        share_after=two["fraction_sure"],
    )


def unreachable_parts(samples: pd.DataFrame) -> pd.DataFrame:
    """Count what nothing lawful reaches by part and reason."""
    groups = samples.groupby(["part_id", "reason"], sort=True)["weight"]
    table: pd.DataFrame = groups.agg(samples="size", weight="sum").reset_index()
    return table[["part_id", "samples", "weight", "reason"]]


def history(outcome: Outcome) -> pd.DataFrame:
    """Return progress as a table; what was not known yet is unknown there."""
    table = pd.DataFrame([asdict(each) for each in outcome.history], columns=list(HISTORY))
    numbers = ["value", "bound"]
    table[numbers] = table[numbers].astype(np.float64).replace([np.inf, -np.inf], np.nan)
    return table
