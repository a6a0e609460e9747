"""What something in the way takes from the cameras that stand, and whether it may stand there.

It is tried alone, by the permit check: what the draft does beside it plays no part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import pandas as pd

from civicsight.core.cache import Remembered
from civicsight.coverage.obstruction import (
    Facility,
    Outlook,
    Permit,
    gather_views,
    greatest_heights,
    lose,
    lost_ground,
    smallest_offsets,
)
from civicsight.coverage.obstruction.permit import GROWTH_COLUMNS, tolerated_share
from civicsight.coverage.result import no_inventory
from civicsight.model import READINGS
from civicsight.scene.bodies import SEASONS

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from civicsight.editing.project import Project
    from civicsight.scene.bodies import Season

PROPOSED: Final = {"panel": "advert"}
"""What a kind of obstacle is as a proposed facility; any other is a structure."""

MOST_GROUNDS: Final = 6
"""Of so many cameras, those that lose most, the lost ground is drawn."""

CAMERAS: Final = ("seen_m2", "lost_m2", "share", "holds")

_OUTLOOKS: Final[Remembered[Outlook]] = Remembered(2)
_JUDGED: Final[Remembered[Judged]] = Remembered(32)


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What was found of one obstacle.

    Parameters
    ----------
    permit
        Its verdict and losses, without limits of height and place.
    cameras
        `CAMERAS` by id of each camera that stands and loses of its view, in the surest reading in
        which it does, worst first: ground seen today, ground lost or seen in a lower class, the
        share of that, and how certain it is.
    falling
        How certain each part is that is no longer met, by its id.
    ground
        Ground that is no longer seen, by camera.
    """

    permit: Permit
    cameras: pd.DataFrame
    falling: pd.Series
    ground: Mapping[str, BaseGeometry]


def judge_obstacle(
    project: Project, shape: BaseGeometry, top_m: float, base_m: float, kind: str
) -> Judged:
    """Judge an obstacle where it stands, once for the same project and body.

    Parameters
    ----------
    project
        Whose cameras that stand are hindered.
    shape, top_m, base_m, kind
        Footprint (a line or an area) in the CRS of the city, top and underside above the ground
        [m], and kind of obstacle.
    """
    key = (project.digest, shape.wkb, top_m, base_m, kind)
    return _JUDGED.get(key, lambda: _judge(project, _facility(project, shape, *key[2:])))


def limit_obstacle(project: Project, judged: Judged) -> Permit:
    """Return its permit with the greatest height and the smallest move that take nothing."""
    outlook, permit = _outlook(project), judged.permit
    found = outlook.among(outlook.views)
    return replace(
        permit,
        heights=greatest_heights(found, permit.facility, permit.tolerance),
        offsets=smallest_offsets(found, permit.facility, permit.loss, permit.tolerance),
    )


def _facility(
    project: Project, shape: BaseGeometry, top_m: float, base_m: float, kind: str
) -> Facility:
    passing: dict[Season, float | None] = dict.fromkeys(SEASONS, 0.0)
    proposed, crs = PROPOSED.get(kind, "structure"), project.city.crs
    return Facility("drawn", proposed, "", None, shape, crs, top_m, base_m, passing)


def _outlook(project: Project) -> Outlook:
    return _OUTLOOKS.get(project.digest, lambda: Outlook(gather_views(project.result)))


def _judge(project: Project, facility: Facility) -> Judged:
    known = _outlook(project)
    views = known.views
    loss, outlook = lose(views, facility), known.among(views).lost_to(facility)
    permit = Permit(
        facility,
        loss,
        dict.fromkeys(READINGS, float("nan")),
        dict.fromkeys(READINGS),
        pd.DataFrame(columns=list(GROWTH_COLUMNS)),
        0,
        outlook=outlook,
        tolerance=tolerated_share(project.rules),
        looked=not no_inventory(project.result),
    )
    cameras = _cameras(outlook)
    worst = cameras.index[:MOST_GROUNDS]
    ground = {str(label): lost_ground(views, facility, str(label)).lost for label in worst}
    falls = loss.parts[loss.parts["falls"].astype(bool)]
    return Judged(permit, cameras, _surest(falls, "part_id")["holds"], ground)


def _cameras(outlook: pd.DataFrame) -> pd.DataFrame:
    sums = outlook.groupby(["reading", "holds", "camera_id"], as_index=False)[
        ["seen_m2", "lost_m2", "lower_m2"]
    ].sum()
    sums["lost_m2"] += sums["lower_m2"]
    found = _surest(sums[sums["lost_m2"].gt(0.0)], "camera_id")
    found["share"] = found["lost_m2"] / found["seen_m2"]
    order = found.assign(certain=found["holds"].map(READINGS.index))
    order = order.sort_values(["certain", "share"], ascending=[True, False])
    return order[list(CAMERAS)]


def _surest(rows: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return each of a key once, in the surest reading that has it."""
    order = rows["reading"].map(READINGS.index).sort_values(kind="stable").index
    return rows.loc[order].drop_duplicates(key).set_index(key)
