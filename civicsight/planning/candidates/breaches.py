"""Cameras that nobody may rely on, by Article 9: one judgement for checks, plans and duplicates.

A check credits these cameras with nothing where they cover anything (`coverage.privacy.barred`);
here all of them are found, with what they see of private walls.

References
----------
Article 9: no camera in private places nor where it looks into them (rules R9.1 to R9.3).
"""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import pandas as pd

from civicsight.coverage.privacy.barred import stand_inside
from civicsight.coverage.privacy.position import as_recorded
from civicsight.coverage.result import CheckResult
from civicsight.planning.candidates.lawful import Law
from civicsight.planning.candidates.model import BARRED
from civicsight.planning.candidates.offers import standing


class Breaches(NamedTuple):
    """Who is credited with nothing, and what the cameras in use see of private walls.

    `table` has columns `model.BARRED`, sorted; `area_m2` is indexed by camera, masks counted.
    """

    table: pd.DataFrame
    area_m2: pd.Series

    @property
    def camera_ids(self) -> frozenset[str]:
        """Cameras that are credited with nothing."""
        return frozenset(self.table["camera_id"])


def find_breaches(result: CheckResult, law: Law) -> Breaches:
    """Find the cameras on record that stand or look where Article 9 forbids it.

    Parameters
    ----------
    result
        What `check` found. A view is judged by the head that is sure: where nobody knows which way
        a camera looks, it is credited with nothing in any case.
    law
        The bans, laid over its city.
    """
    inside = _inside(result, law)
    used = {label for _, label, _ in standing(result.cameras)} - inside
    heads = result.heads[result.heads["reading"].eq("sure")]
    heads = gpd.GeoDataFrame(heads[heads["camera_id"].isin(used)])
    ids = pd.Index(heads["camera_id"].unique(), dtype=object)
    area = pd.Series(law.judge(heads, may_mask=False).area_m2, ids)
    seen = area[area > law.allowed_m2]
    rows = [(label, "9", "inside", float("nan")) for label in inside]
    rows += [(label, "9", "sight", float(m2)) for label, m2 in seen.items()]
    return Breaches(pd.DataFrame(sorted(rows), columns=list(BARRED)), area)


def _inside(result: CheckResult, law: Law) -> frozenset[str]:
    """Return the cameras that stand inside a private place, as the rules of Article 9 have it."""
    return stand_inside(result.cameras, law.inside(as_recorded(result.cameras)))
