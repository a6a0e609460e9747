"""Cameras that nobody may rely on, by Article 9: one judgement for plans and for duplicates.

It decides what is credited, not who is to blame, so a doubt counts against the camera: obstacles
are taken as low as they may be, and one within the outline of a private place is inside of it
unless its record says that it hangs outdoors. What is proven is for the rules to say, which know a
third answer.

References
----------
Article 9: no camera in private places nor where it looks into them (rules R9.1 to R9.3).
"""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import pandas as pd

from civicsight.coverage.check import CheckResult
from civicsight.coverage.privacy.position import CONTRADICTED
from civicsight.planning.candidates.lawful import Law
from civicsight.planning.candidates.model import BARRED
from civicsight.planning.candidates.offers import standing
from civicsight.planning.judging.sightings import as_recorded

INDOORS = frozenset({"indoor", "deep_inside", CONTRADICTED})
OUTDOORS = "outdoor"
ALLOWED_ROOMS = frozenset({"lobby", "corridor", "stairs", "reception", "plant_room"})
"""Rooms of a dormitory or hotel in which a camera may be (R9.2)."""


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
    hits = law.inside(as_recorded(result.cameras))
    rooms = result.cameras["room_use"].reindex(hits["camera_id"]).set_axis(hits.index)
    in_rooms = hits["setting"].isin(INDOORS) & rooms.notna() & ~rooms.isin(ALLOWED_ROOMS)
    whole = hits["scope"].eq("whole_interior") & hits["setting"].ne(OUTDOORS)
    removed = result.cameras.index[result.cameras["status"].eq("removed")]
    return frozenset(hits.loc[whole | in_rooms, "camera_id"]) - frozenset(removed)
