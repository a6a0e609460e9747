"""Seeded registers of cameras and the census of the year after, with what is true of each row.

Poles carry one to four heads under one name, a third of the cameras have no direction on record and
places are measured anew: what makes a register hard to hold against a list. The same seed gives the
same rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from civicsight.model import CAMERAS

CRS = "EPSG:4548"
EAST, NORTH = 390_000.0, 3_170_000.0
PER_KM2 = 150.0
KINDS = ("fixed", "dome", "ptz", "unknown")
STREETS = tuple(
    f"{name}路" for name in ("人民", "解放", "中山", "建设", "文化", "朝阳", "胜利", "滨江")
)


@dataclass(frozen=True, slots=True, eq=False)
class Year:
    """A register, the census of the year after, and the camera that each of its rows is.

    Parameters
    ----------
    known, listed
        Tables `model.CAMERAS`.
    truth
        Number in the register by number in the census; what is new in it is missing here.
    done
        What was done to each camera of the register, by its number; several things at once.
    """

    known: gpd.GeoDataFrame
    listed: gpd.GeoDataFrame
    truth: pd.Series
    done: dict[str, set[str]]


def make_register(count: int, seed: int = 20) -> gpd.GeoDataFrame:
    """Return a register of cameras on poles along streets."""
    rng = np.random.default_rng(seed)
    side_m = 1_000.0 * np.sqrt(count / PER_KM2)
    heads = rng.choice([1, 2, 3, 4], count, p=[0.5, 0.3, 0.1, 0.1])
    pole = np.repeat(np.arange(count), heads)[:count]
    x, y = (rng.uniform(0.0, side_m, count)[pole] for _ in range(2))
    street = rng.integers(0, len(STREETS), count)[pole]
    house = rng.integers(1, 400, count)[pole]
    azimuth = np.where(rng.random(count) < 0.65, rng.uniform(0.0, 360.0, count).round(), np.nan)
    frame = gpd.GeoDataFrame(
        {
            "name": [f"{STREETS[s]}{h}号" for s, h in zip(street, house, strict=True)],
            "kind": rng.choice(KINDS, count, p=[0.6, 0.15, 0.15, 0.1]),
            "status": "existing",
            "height_m": rng.uniform(3.0, 8.0, count).round(1),
            "azimuth_deg": azimuth,
            "tags": [{} for _ in range(count)],
            "source": "register",
        },
        index=pd.Index([f"36010200001320{n:06d}" for n in range(1, count + 1)], dtype=object),
        geometry=gpd.points_from_xy(EAST + x, NORTH + y),
        crs=CRS,
    )
    return CAMERAS.complete(frame)


def make_year(count: int, share: float = 0.1, seed: int = 21, noise_m: float = 1.5) -> Year:
    """Return a register and the census of the year after.

    Parameters
    ----------
    count, seed
        Cameras of the register, and what both tables are drawn by.
    share
        Part of them that is changed, moved, renumbered, taken down or new, in equal parts.
    noise_m
        Standard deviation in each axis of a place that is measured anew [m].
    """
    known = make_register(count, seed)
    rng = np.random.default_rng(seed + 1)
    listed, each = known.copy(), round(count * share / 5)
    lots = rng.permutation(count)
    lot = {
        what: lots[k * each : (k + 1) * each]
        for k, what in enumerate(("moved", "renumbered", "changed", "gone", "new"))
    }
    x, y = known.geometry.x.to_numpy().copy(), known.geometry.y.to_numpy().copy()
    x, y = x + rng.normal(0.0, noise_m, count), y + rng.normal(0.0, noise_m, count)
    way, far = rng.uniform(0.0, 2.0 * np.pi, each), rng.uniform(10.0, 300.0, each)
    x[lot["moved"]] += far * np.cos(way)
    y[lot["moved"]] += far * np.sin(way)
    listed = listed.set_geometry(gpd.points_from_xy(x, y, crs=CRS))
    changed = listed.index[lot["changed"]]
    half = len(changed) // 2
    listed.loc[changed[:half], "height_m"] += 1.0
    listed.loc[changed[half:], "name"] += "东侧"
    listed.loc[changed[half:], "azimuth_deg"] = (
        listed.loc[changed[half:], "azimuth_deg"] + 90
    ) % 360
    labels = listed.index.to_numpy(object).copy()
    labels[lot["renumbered"]] = [f"36010200001329{n:06d}" for n in range(each)]
    truth = pd.Series(known.index.to_numpy(object), index=pd.Index(labels, dtype=object))
    listed = listed.set_axis(pd.Index(labels, dtype=object))
    stays = np.setdiff1d(np.arange(count), lot["gone"])
    fresh = make_register(each, seed + 2)
    fresh = fresh.set_axis(pd.Index([f"36010200001328{n:06d}" for n in range(each)], dtype=object))
    listed = pd.concat([listed.iloc[stays], fresh]).assign(source="census")
    order = rng.permutation(len(listed))
    done = {what: set(known.index[rows]) for what, rows in lot.items() if what != "new"}
    listed = gpd.GeoDataFrame(listed.iloc[order], geometry="geometry", crs=CRS)
    return Year(known, CAMERAS.complete(listed), truth.iloc[stays], done)


def renumbered(year: Year, labels: list[str]) -> Year:
    """Return the same year with other numbers in the census, in the order of its rows."""
    anew = dict(zip(year.listed.index, labels, strict=True))
    truth = year.truth.set_axis(pd.Index([anew[label] for label in year.truth.index], dtype=object))
    return Year(year.known, year.listed.set_axis(pd.Index(labels, dtype=object)), truth, year.done)


def score(matches: pd.DataFrame, truth: pd.Series) -> tuple[float, float]:
    """Return precision and recall of matches [0-1]."""
    right = int((matches["listed_id"].map(truth) == matches["known_id"]).sum())
    return right / max(len(matches), 1), right / max(len(truth), 1)
