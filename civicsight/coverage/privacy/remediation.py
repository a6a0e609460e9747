"""The smallest change of a camera that clears it: pan, tilt, zoom or height, or else a mask.

Each is tried alone, in coarse steps away from where the camera is, to the first that brings its
exposure down to what is allowed, and then in fine steps from the coarse one before. Between two
steps nothing is tried, so that a smaller change may exist; none that is returned fails.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from civicsight.core.arrays import FloatArray
from civicsight.core.errors import N_, Text
from civicsight.coverage.check import MAP_READING
from civicsight.coverage.pose.assumptions import HEIGHT_RANGE_M, LONGEST_REACH_M
from civicsight.coverage.privacy.look import Looks, WallPoints, look_at_walls
from civicsight.coverage.privacy.masks import COLUMN, UNPLACED, shows_one_picture
from civicsight.coverage.privacy.proposal import Cost, costs_of, propose_mask
from civicsight.coverage.result import CheckResult
from civicsight.scene.bodies import Scene


@dataclass(frozen=True, slots=True)
class Lever:
    """One way to change a camera: how far, in which steps, and how fine in the end.

    `signs` are the senses in which it is tried; `what` names it for a person.
    """

    step: float
    most: float
    fine: float
    signs: tuple[int, ...]
    unit: str
    what: Text


LEVERS: Final[Mapping[str, Lever]] = MappingProxyType(
    {
        "pan": Lever(5.0, 60.0, 0.5, (1, -1), "deg", N_("turn it aside")),
        "tilt": Lever(2.5, 60.0, 0.5, (1,), "deg", N_("tilt it down")),
        "zoom": Lever(5.0, 60.0, 0.5, (-1,), "deg", N_("narrow its field of view")),
        "height": Lever(0.5, 4.0, 0.1, (-1,), "m", N_("hang it lower")),
    }
)
"""Steps of the search (assumptions of the project): pan, tilt and field in degrees, height in m."""

NARROWEST_DEG: Final = 10.0
"""A field of view is not narrowed below this."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change that clears a camera.

    Parameters
    ----------
    lever
        Key of `LEVERS`.
    amount, value
        By how much it changes, signed, and to what: azimuth, tilt, horizontal field [deg] or height
        [m] of the first head.
    area_m2
        Private facade that is still seen.
    cost
        What it does to required coverage.
    """

    lever: str
    amount: float
    value: float
    area_m2: float
    cost: Cost


@dataclass(frozen=True, slots=True)
class Clearance:
    """How a camera could be cleared.

    Parameters
    ----------
    camera_id, area_m2
        The camera, and the private facade that it may see now, masks counted.
    changes
        Those that clear it, each alone: first what costs least, then what is smallest.
    mask, mask_cost
        The last resort: text for ``cameras.mask_plan``, and what it takes from required coverage.
    reason
        Why nothing can be proposed, or None.
    """

    camera_id: str
    area_m2: float
    changes: tuple[Change, ...]
    mask: str | None
    mask_cost: Cost | None
    reason: Text | None


def find_clearance(
    camera_id: str,
    result: CheckResult,
    scenes: Mapping[str, Scene],
    facades: gpd.GeoDataFrame,
    *,
    density_px_m: float,
    area_m2: float,
    walls: WallPoints | None = None,
) -> Clearance:
    """Find the smallest changes that clear a camera, and the mask that does.

    Parameters
    ----------
    camera_id
        The camera.
    result, scenes
        A check, and the scene of each reading.
    facades
        Table `places.FACADES`.
    density_px_m, area_m2
        Density from which a facade counts as looked into, and the area that may be.
    walls
        The facades in the scene of ``possible``, where they are laid out for many cameras.

    Returns
    -------
    Clearance
        Without changes and mask if the camera is clear already, or if its direction and lens are
        not recorded: then there is no picture to change, and its record comes first.
    """
    heads = result.heads[result.heads["camera_id"].eq(camera_id)]
    if walls is None:
        facades = _near(facades, heads)
        walls = WallPoints(facades, scenes["possible"])
    trial = _Trial(heads, facades, walls, density_px_m)
    looks = trial.look(trial.heads)
    now = trial.area_of(looks)
    if now <= area_m2:
        return Clearance(camera_id, now, (), None, None, None)
    if not shows_one_picture(trial.heads).all():
        return Clearance(camera_id, now, (), None, None, UNPLACED)
    mask = propose_mask(trial.heads, trial.facades, looks, scenes["possible"])
    changes, mask_cost = _weigh(camera_id, _search(trial, area_m2), mask, result, scenes)
    return Clearance(camera_id, now, changes, mask, mask_cost, None)


def _weigh(
    camera_id: str,
    found: Mapping[str, tuple[float, float]],
    mask: str | None,
    result: CheckResult,
    scenes: Mapping[str, Scene],
) -> tuple[tuple[Change, ...], Cost]:
    """Return what changes and a mask cost, the changes from the least cost on."""
    heads = result.heads[result.heads["camera_id"].eq(camera_id)]
    heads = heads[heads["reading"].eq(MAP_READING)]
    variants = {name: _changed(name, heads, amount) for name, (amount, _) in found.items()}
    variants["mask"] = heads.assign(**{COLUMN: mask})
    costs = costs_of(
        camera_id, variants, result.parts, result.samples, result.matrices[MAP_READING], scenes
    )
    changes = [
        Change(name, amount, float(variants[name][_COLUMNS[name]].iloc[0]), area, costs[name])
        for name, (amount, area) in found.items()
    ]
    changes.sort(key=lambda change: (change.cost.lost, abs(change.amount)))
    return tuple(changes), costs["mask"]


def change_heads(name: str, heads: gpd.GeoDataFrame, amount: float) -> gpd.GeoDataFrame | None:
    """Return the heads of a camera changed by a lever; None if they cannot be.

    Parameters
    ----------
    name
        Key of `LEVERS`: pan and zoom change every head, tilt and height too.
    amount
        Degrees or metres, signed: clockwise, downwards, wider and higher are positive.
    """
    return _CHANGES[name](heads, amount)


class _Trial:
    """Heads of one camera in the reading ``possible`` against the facades around it."""

    def __init__(
        self,
        heads: gpd.GeoDataFrame,
        facades: gpd.GeoDataFrame,
        walls: WallPoints,
        density_px_m: float,
    ) -> None:
        self.heads = heads[heads["reading"].eq("possible")]
        self.facades, self.density = facades, density_px_m
        self.walls = walls
        self.areas = facades["area_m2"].to_numpy(np.float64)

    def look(self, heads: gpd.GeoDataFrame) -> Looks:
        return look_at_walls(heads, self.walls, self.density)

    def area_of(self, looks: Looks) -> float:
        """Return the area of facade that is seen beside masks [m2]."""
        return float(self.areas[np.unique(looks.sample[~looks.veiled])].sum())

    def areas_after(self, steps: list[tuple[str, float]]) -> FloatArray:
        """Return the area that is seen after each change, infinite where it cannot be made."""
        areas = np.full(len(steps), np.inf)
        tables, kept = list[pd.DataFrame](), list[int]()
        for number, (name, amount) in enumerate(steps):
            changed = change_heads(name, self.heads, amount)
            if changed is not None:
                tables.append(changed.set_axis(changed.index + f" {number}"))
                kept.append(number)
        if not kept:
            return areas
        looks = self.look(gpd.GeoDataFrame(pd.concat(tables)))
        which = np.repeat(kept, len(self.heads))[looks.head[~looks.veiled]]
        pairs = np.unique(np.column_stack([which, looks.sample[~looks.veiled]]), axis=0)
        areas[kept] = 0.0
        np.add.at(areas, pairs[:, 0], self.areas[pairs[:, 1]])
        return areas


def _near(facades: gpd.GeoDataFrame, heads: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    if heads.empty:
        return facades.iloc[:0]
    return facades[facades.geometry.dwithin(heads.geometry.iloc[0], LONGEST_REACH_M).to_numpy()]


def _search(trial: _Trial, area_m2: float) -> dict[str, tuple[float, float]]:
    """Return the smallest change found by each lever that clears, and the area after it."""
    coarse = [
        (name, sign * lever.step * number)
        for name, lever in LEVERS.items()
        for sign in lever.signs
        for number in range(1, round(lever.most / lever.step) + 1)
    ]
    fine = [
        (name, amount + np.sign(amount) * (lever.fine * number - lever.step))
        for name, amount in _first(coarse, trial.areas_after(coarse), area_m2)
        for lever in (LEVERS[name],)
        for number in range(1, round(lever.step / lever.fine) + 1)
    ]
    areas = trial.areas_after(fine)
    after = dict(zip(fine, areas.tolist(), strict=True))
    found: dict[str, tuple[float, float]] = {}
    for name, amount in _first(fine, areas, area_m2):
        if name not in found or abs(amount) < abs(found[name][0]):
            found[name] = (float(amount), after[name, amount])
    return found


def _first(
    steps: list[tuple[str, float]], areas: FloatArray, area_m2: float
) -> list[tuple[str, float]]:
    """Return the first of the steps that clears, for each lever and sense."""
    found: dict[tuple[str, float], tuple[str, float]] = {}
    for (name, amount), area in zip(steps, areas, strict=True):
        if area <= area_m2:
            found.setdefault((name, float(np.sign(amount))), (name, amount))
    return list(found.values())


def _changed(name: str, heads: gpd.GeoDataFrame, amount: float) -> gpd.GeoDataFrame:
    """Return heads after a change that the search has made before."""
    changed = change_heads(name, heads, amount)
    return heads if changed is None else changed


def _pan(heads: gpd.GeoDataFrame, amount: float) -> gpd.GeoDataFrame:
    return heads.assign(azimuth_deg=(heads["azimuth_deg"] + amount) % 360.0)


def _tilt(heads: gpd.GeoDataFrame, amount: float) -> gpd.GeoDataFrame | None:
    tilt = heads["tilt_deg"] + amount
    return heads.assign(tilt_deg=tilt) if tilt.between(-90.0, 90.0).all() else None


def _zoom(heads: gpd.GeoDataFrame, amount: float) -> gpd.GeoDataFrame | None:
    """Narrow plane pictures; other lenses have one field of view."""
    hfov = heads["hfov_deg"] + amount
    if not heads["lens"].eq("rectilinear").all() or (hfov < NARROWEST_DEG).any():
        return None
    wide, narrow = (np.tan(np.radians(v.to_numpy()) / 2.0) for v in (heads["hfov_deg"], hfov))
    tall = np.tan(np.radians(heads["vfov_deg"].to_numpy()) / 2.0) * narrow / wide
    return heads.assign(hfov_deg=hfov, vfov_deg=np.degrees(2.0 * np.arctan(tall)))


def _lower(heads: gpd.GeoDataFrame, amount: float) -> gpd.GeoDataFrame | None:
    """Hang a camera lower, but not within reach of a hand."""
    height = heads["height_m"] + amount
    return heads.assign(height_m=height) if (height >= HEIGHT_RANGE_M[0]).all() else None


_CHANGES: Final[Mapping[str, Callable[[gpd.GeoDataFrame, float], gpd.GeoDataFrame | None]]] = (
    MappingProxyType({"pan": _pan, "tilt": _tilt, "zoom": _zoom, "height": _lower})
)
_COLUMNS: Final = MappingProxyType(
    {"pan": "azimuth_deg", "tilt": "tilt_deg", "zoom": "hfov_deg", "height": "height_m"}
)
