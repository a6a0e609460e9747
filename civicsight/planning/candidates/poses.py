"""Poses of new cameras: which way, how steeply, at which height and with which class of device.

A pose is made for samples that lie together, from each site that sees them within the limits of
their part and near enough for some class. Whether it meets them is found out by the matrix, which
knows what stands in the way.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from civicsight.core.arrays import BoolArray, nth_of
from civicsight.coverage.optics.rigs import head_azimuths_deg
from civicsight.model import HEADS
from civicsight.planning.candidates.classes import CameraClass
from civicsight.planning.candidates.sights import Sights, sights_of
from civicsight.scene.bodies import Scene

HEIGHTS: Final[tuple[Mapping[str, tuple[float, ...]], ...]] = (
    {"facade": (3.5,), "other": (4.6,)},
    {"facade": (3.0, 4.6), "other": (3.5, 6.0)},
)
"""Heights that are tried in each round: steps of a code list of the police [m]."""

SECTORS: Final = 8
"""Directions around a piece from which sites are taken."""

BEST: Final = ({True: 2, False: 1}, {True: 6, False: 4})
"""Sites taken in each direction by round: on what stands already, and to be erected."""

FILL: Final = 0.9
"""Share of the angle of view that is filled before another direction is added."""

EDGE_DEG: Final = 1.5
"""What is looked at stays this far within the upper edge of the picture."""

STEEPEST_DEG: Final = 75.0

POSE: Final = ("site", "height_m", "camera_class", "azimuth_deg", "tilt_deg")
"""Columns of poses; ``site`` is a row of the table of sites. Angles are whole degrees."""


def aim(
    sites: gpd.GeoDataFrame,
    wanting: gpd.GeoDataFrame,
    parts: gpd.GeoDataFrame,
    scene: Scene,
    classes: tuple[CameraClass, ...],
    *,
    rivals: Mapping[str, tuple[CameraClass, ...]] = MappingProxyType({}),
    number: int = 0,
    night: bool = False,
) -> pd.DataFrame:
    """Make the poses that could meet samples.

    Parameters
    ----------
    sites, wanting, parts
        From `find_sites`, and tables `model.SAMPLES` and `model.PARTS`.
    scene
        Whose ground they stand on.
    classes, night
        Classes of cameras, and whether they see by their own light alone.
    rivals
        By class, those that are as wide and no dearer: where one of them is fine enough too, a pose
        of the class is not made. In the second round all are made: a narrow view may be lawful
        where a wide one is not.
    number
        Of the round: 0, or 1 for a finer one.

    Returns
    -------
    DataFrame
        Columns `POSE`, each pose once.
    """
    on_record = ~sites["host"].isin(["corner", "ground"]).to_numpy(bool)
    aimed: dict[CameraClass, list[pd.DataFrame]] = {kind: [] for kind in classes}
    for sights in sights_of(sites, wanting, parts, scene, HEIGHTS[number]):
        for kind, found in aimed.items():
            fits = (kind.low_m <= sights.height_m) & (sights.height_m <= kind.high_m)
            fits &= sights.distance_m <= kind.range_m(sights.need, night=night)
            for rival in rivals.get(kind.camera_class, ()) if number == 0 else ():
                fits &= sights.distance_m > rival.range_m(sights.need, night=night)
            own = sights.where(fits)
            own = own.where(_best_sites(own, on_record, BEST[number]))
            if len(own.spot):
                found.append(_to_pieces(own, kind))
    poses = [_poses(found, kind) for kind, found in aimed.items()]
    frame = pd.concat(poses, ignore_index=True)
    return frame.drop_duplicates(list(POSE), ignore_index=True)[list(POSE)]


def _best_sites(sights: Sights, on_record: BoolArray, best: Mapping[bool, int]) -> BoolArray:
    """Tell which pairs are of the best sites of a piece: those of most samples, then the nearest.

    Sites are taken from all directions, those on record and those to be erected apart, so that a
    later ban or obstacle leaves others.
    """
    pair = pd.DataFrame(
        {
            "piece": sights.piece,
            "spot": sights.spot,
            "known": on_record[sights.site],
            "sector": np.floor(sights.bearing % 360.0 / (360.0 / SECTORS)),
            "distance": sights.distance_m,
        }
    )
    by_spot = pair.groupby(["piece", "spot"], sort=True)
    spots = by_spot.agg(
        known=("known", "first"),
        sector=("sector", "median"),
        count=("distance", "size"),
        distance=("distance", "mean"),
    ).reset_index()
    spots["sector"] = np.floor(spots["sector"])
    spots = spots.sort_values(
        ["piece", "count", "distance", "spot"], ascending=[True, False, True, True], kind="stable"
    )
    rank = spots.groupby(["piece", "known", "sector"]).cumcount()
    kept = spots[rank < spots["known"].map(best)]
    width = int(sights.spot.max(initial=0)) + 1
    chosen: BoolArray = np.isin(
        sights.piece * width + sights.spot, kept["piece"].to_numpy() * width + kept["spot"]
    )
    return chosen


def _poses(found: list[pd.DataFrame], kind: CameraClass) -> pd.DataFrame:
    """Turn a class at each spot to each of its pieces, and between neighbours."""
    if not found:
        return pd.DataFrame(columns=list(POSE))
    aimed = pd.concat(found, ignore_index=True)
    aimed = aimed.sort_values(["nth", "spot", "piece"], kind="stable", ignore_index=True)
    frame = pd.concat([aimed, _between(aimed, kind)], ignore_index=True)
    azimuth = frame["azimuth_deg"].round() % 360.0
    return frame.assign(
        camera_class=kind.camera_class,
        azimuth_deg=azimuth % 90.0 if kind.heads > 1 else azimuth,
        tilt_deg=frame["tilt_deg"].clip(0.0, STEEPEST_DEG).round(),
    )


def _to_pieces(sights: Sights, kind: CameraClass) -> pd.DataFrame:
    """Turn a class at each spot to each of its pieces, by two tilts, ``nth``."""
    order = np.lexsort((sights.sample, sights.piece, sights.spot))
    own = sights.where(order)
    first = np.flatnonzero(
        (np.diff(own.spot, prepend=-1) != 0) | (np.diff(own.piece, prepend=-1) != 0)
    )
    turn = np.radians(own.bearing)
    middle = np.degrees(
        np.arctan2(np.add.reduceat(np.sin(turn), first), np.add.reduceat(np.cos(turn), first))
    )
    length = np.diff(np.append(first, len(own.spot)))
    off = (own.bearing - np.repeat(middle, length) + 180.0) % 360.0 - 180.0
    low, high = np.minimum.reduceat(off, first), np.maximum.reduceat(off, first)
    flat = np.minimum.reduceat(own.depression, first)
    steep = np.maximum.reduceat(own.depression, first)
    count = np.ceil((high - low) / (FILL * kind.hfov_deg)).clip(1, 4).astype(np.int64)
    count = np.ones_like(count) if kind.heads > 1 else count
    row = np.repeat(np.arange(len(first)), count)
    nth = nth_of(count)
    share = (nth + 0.5) / count[row]
    azimuth = middle[row] + low[row] + share * (high - low)[row]
    # Level enough to hold all, and as steep as it may be: less of the walls behind is seen.
    tilts = ((flat + steep) / 2.0, flat + kind.vfov_deg / 2.0 - EDGE_DEG)
    tables = [
        pd.DataFrame(
            {
                "site": own.site[first][row],
                "spot": own.spot[first][row],
                "piece": own.piece[first][row],
                "nth": number,
                "height_m": own.height_m[first][row],
                "azimuth_deg": azimuth,
                "tilt_deg": np.maximum(tilt, tilts[0])[row],
            }
        )
        for number, tilt in enumerate(tilts)
    ]
    return pd.concat(tables, ignore_index=True)


def _between(aimed: pd.DataFrame, kind: CameraClass) -> pd.DataFrame:
    """Return poses between two neighbouring directions that one picture holds."""
    if kind.heads > 1:
        return aimed.iloc[:0]
    frame = aimed.assign(azimuth_deg=aimed["azimuth_deg"] % 360.0)
    frame = frame.sort_values(["spot", "azimuth_deg", "tilt_deg"], kind="stable", ignore_index=True)
    after = frame.shift(-1)
    gap = after["azimuth_deg"] - frame["azimuth_deg"]
    pair = after["spot"].eq(frame["spot"]) & gap.between(0.05 * kind.hfov_deg, FILL * kind.hfov_deg)
    middle = frame.assign(
        azimuth_deg=frame["azimuth_deg"] + gap / 2.0,
        tilt_deg=(frame["tilt_deg"] + after["tilt_deg"]) / 2.0,
    )
    return middle[pair]


def heads_of(
    poses: pd.DataFrame, places: gpd.GeoSeries, classes: Mapping[str, CameraClass], *, night: bool
) -> gpd.GeoDataFrame:
    """Return the heads of poses as table `model.HEADS`, in the reading ``sure``.

    Parameters
    ----------
    poses
        Columns `POSE` but ``site``, by candidate.
    places
        Of each pose, by candidate.
    """
    rows = []
    kept: list[int] = []
    columns = (poses[name] for name in POSE[1:])
    for number, (label, height, name, azimuth, tilt) in enumerate(
        zip(poses.index, *columns, strict=True)
    ):
        kind = classes[name]
        turns = head_azimuths_deg(azimuth, 360.0, kind.heads) if kind.heads > 1 else (azimuth,)
        for nth, turn in enumerate(turns):
            reach = kind.reach(night=night)
            optics = kind.hfov_deg, kind.vfov_deg, kind.width_px, reach, kind.light_m
            rows.append((f"{label}/{nth}", label, height, turn, tilt, *optics))
            kept.append(number)
    names = ("head_id", "camera_id", "height_m", "azimuth_deg", "tilt_deg", *OPTICS)
    frame = pd.DataFrame(rows, columns=list(names)).set_index("head_id")
    frame = frame.assign(reading="sure", roll_deg=0.0, near_m=0.0, lens="rectilinear")
    frame["confidence"] = 1.0
    points = places.to_numpy()[kept]
    heads = gpd.GeoDataFrame(frame, geometry=points, crs=places.crs)
    return gpd.GeoDataFrame(HEADS.complete(heads))


OPTICS: Final = ("hfov_deg", "vfov_deg", "width_px", "reach_m", "night_reach_m")
