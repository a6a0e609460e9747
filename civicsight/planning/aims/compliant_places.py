"""What counts as a compliant part or place of a plan: one rule for optimiser, pages and papers.

A part is met where cameras are sure to meet the share of it that the law asks for. Where a gate is
only presumed, that is its presumed position: it is met, and the plan says that it rests on the
presumption unless all positions that the gate may have are met as well. A place is compliant where
all its parts are met, each of them asked for by the plan and looked at.

The optimiser counts the same (`solver.lawful_model.Lawful.count`), by the same tolerance, of the
parts that `uncounted_places` leaves; the verifiers of certificates count once more on their own.

References
----------
Article 8 of the Measures: every main entrance, passage or key part of a mandatory place.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from civicsight.coverage.result import CheckResult
from civicsight.planning.solver.model import least_of

MET, PRESUMED, OPEN = COMPLIANCE = ("met", "presumed", "open")
"""Met wherever a gate may be; met where the gate is presumed; not met. The first is the best."""

UNCOUNTED: Final = "uncounted_places"
"""Parameter of a plan: places that it cannot make compliant, as of `uncounted_places`."""


def compliance_of_parts(parts: pd.DataFrame, when: str = "after") -> pd.Series:
    """Return one of `COMPLIANCE` for each part of a plan.

    Parameters
    ----------
    parts
        Columns `plan.PART_COLUMNS`.
    when
        ``before`` or ``after`` the plan.
    """
    share = parts[f"share_{when}"].to_numpy(np.float64)
    is_met = share >= least_of(parts["required"].to_numpy(np.float64))
    status = parts[f"status_{when}"]
    resting = np.where(is_met & status.eq("assumed"), PRESUMED, OPEN)
    return pd.Series(np.where(status.eq("covered"), MET, resting), parts.index, dtype=object)


def uncounted_places(result: CheckResult, asked: pd.Index) -> list[str]:
    """Return the places of which a part is not among those asked for: no plan makes one compliant.

    Parameters
    ----------
    result
        What `check` found.
    asked
        Ids of the parts that the problem asks for. One that a scope leaves out is not among them,
        nor one of which nothing could be looked at.
    """
    parts = result.parts
    unasked = parts["zone_id"][~parts.index.isin(asked)]
    return sorted({*map(str, unasked), *map(str, result.missing["zone_id"])})
