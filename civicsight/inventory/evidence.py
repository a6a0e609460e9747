"""How much speaks for two records being of one camera: number, place, name, direction, build.

Each comparison of a pair multiplies the odds that both are of one camera by how much oftener it
comes out so among records of one camera than among others: Fellegi and Sunter's theory of record
linkage. What a register can tell of itself is measured (how far same numbers lie apart, how often
a number was given anew, how dense cameras stand, how often a name occurs); the rest are
assumptions, all of them in `Habits`.

References
----------
I. P. Fellegi, A. B. Sunter: A Theory for Record Linkage. JASA 64 (1969), 1183-1210.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array
from scipy.spatial import KDTree

from civicsight.core.arrays import BoolArray, FloatArray, IntArray, ObjectArray

REACH_M: Final = 150.0
"""Farther apart only number or name can tell that two records are of one camera [m]."""

NEAREST: Final = 16
"""So many rows around each are tried; of more at one spot number and name have to tell."""

OF_ONE_NAME: Final = 32
"""A name, or a text of further columns, that more rows have finds nobody."""

AGREED_M: Final = 50.0
"""When habits are read, rows of one number this near are taken to be of one camera [m]."""

AROUND: Final = 8
"""Neighbours by which it is told how dense cameras stand about a row."""

SAME_WAY_DEG: Final = 20.0
"""Directions up to this far apart are taken for the same, as surveys write them [deg]."""

SPREAD_M: Final = (1.0, 30.0)
"""Least and greatest spread of the places of one camera in two lists that is believed [m]."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How the records of a camera differ from one list to the next: shares [0-1] and metres.

    Parameters
    ----------
    stays
        Cameras that are in both lists.
    moved
        Cameras whose place is another one, not only measured otherwise.
    spread_m
        Standard deviation of a place in each axis where the camera was not moved [m].
    keeps_number
        Cameras that keep their number.
    stray_number
        Chance that a row of the list bears the number of a certain camera and is another one.
    same_name, alike_name
        Cameras whose name is written the same way, and whose name is alike but not the same.
    same_tags
        Cameras of which further columns say the same.
    same_way, same_build
        Cameras with a direction within `SAME_WAY_DEG` of before, and of the same build.
    """

    stays: float = 0.9
    moved: float = 0.03
    spread_m: float = 5.0
    keeps_number: float = 0.95
    stray_number: float = 0.0
    same_name: float = 0.85
    alike_name: float = 0.07
    same_tags: float = 0.8
    same_way: float = 0.85
    same_build: float = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Pairs of a camera of the register and a row of the list that may be the same.

    Parameters
    ----------
    known, listed
        Rows of both tables, int64, shape ``(k,)``.
    distance_m, same_number, name_alike, turned_deg
        How far apart [m], whether the number is the same, how alike the names are [0-1, NaN where
        one has none], and by how much the directions differ [deg, NaN where one is unknown].
    log_odds
        What all of it says together: natural logarithm of the odds that both are of one camera,
        float64, shape ``(k,)``.
    """

    known: IntArray
    listed: IntArray
    distance_m: FloatArray
    same_number: BoolArray
    name_alike: FloatArray
    turned_deg: FloatArray
    log_odds: FloatArray


def find_pairs(
    known: gpd.GeoDataFrame, listed: gpd.GeoDataFrame, *, numbered: bool = True
) -> tuple[Pairs, Habits]:
    """Find the pairs that may be of one camera, and what speaks for each.

    Parameters
    ----------
    known, listed
        Register and list, table `model.CAMERAS` in one metric CRS.
    numbered
        Whether the list has numbers of its own, and not those of its rows.
    """
    nobody = np.zeros(0, np.int64)
    if known.empty or listed.empty:
        unknown = np.zeros(0)
        same = np.zeros(0, bool)
        return Pairs(nobody, nobody, unknown, same, unknown, unknown, unknown), Habits()

    # Pairs of one number, near each other, of one name, of the same further columns: each once.
    numbers = _same_numbers(known.index, listed.index) if numbered else (nobody, nobody)
    spots, listed_spots = (
        shapely.get_coordinates(side.geometry.to_numpy()) for side in (known, listed)
    )
    around_known, around_listed = _nearest(spots, listed_spots), _nearest(listed_spots, spots)
    names = plain_names(known), plain_names(listed)
    texts = plain_tags(known), plain_tags(listed)
    found = (numbers, around_known, around_listed[::-1], _same_texts(*names), _same_texts(*texts))
    keys = np.unique(np.concatenate([rows * len(listed) + columns for rows, columns in found]))
    known_rows, listed_rows = keys // len(listed), keys % len(listed)

    same = np.isin(keys, numbers[0] * len(listed) + numbers[1])
    distance = np.hypot(*(spots[known_rows] - listed_spots[listed_rows]).T)
    alike = _alike_names(*names, known_rows, listed_rows)
    before, now = (side["azimuth_deg"].to_numpy(np.float64) for side in (known, listed))
    way = np.abs(before[known_rows] - now[listed_rows]) % 360.0
    turned = np.minimum(way, 360.0 - way)
    habits = read_habits(same, distance, alike, len(known), len(listed))

    # A list without numbers of its own says nothing by them.
    of_number = np.where(
        same, np.log(habits.keeps_number / habits.stray_number), np.log1p(-habits.keeps_number)
    )
    # Weigh a distance against how dense the list is there; a moved camera may be anywhere.
    count = min(AROUND, len(listed_spots))
    away, _ = KDTree(listed_spots).query(listed_spots, k=[count])
    around = np.maximum(away[:, 0], 2.0 * habits.spread_m)
    density = count / (np.pi * around**2)
    at_hand = (
        np.log(1.0 - habits.moved)
        + np.log(len(listed_spots) / density[listed_rows])
        - np.log(2.0 * np.pi * habits.spread_m**2)
        - 0.5 * (distance / habits.spread_m) ** 2
    )
    weight: FloatArray = np.logaddexp(at_hand, np.log(habits.moved))
    log_odds = (
        np.log(habits.stays / (1.0 - habits.stays) / len(listed))
        + (of_number if numbered else 0.0)
        + weight
        + _of_name(alike, distance, names[1], listed_rows, habits)
        + _of_tags(*texts, known_rows, listed_rows, habits)
        + _of_direction(turned, habits)
        + _of_build(known, listed, known_rows, listed_rows, habits)
    )
    return Pairs(known_rows, listed_rows, distance, same, alike, turned, log_odds), habits


def read_habits(
    same_number: BoolArray, distance_m: FloatArray, name_alike: FloatArray, known: int, listed: int
) -> Habits:
    """Read from the pairs of one number how places are measured and what a number is worth.

    Parameters
    ----------
    same_number, distance_m, name_alike
        As in `Pairs`.
    known, listed
        Rows of both tables.

    Returns
    -------
    Habits
        Where less than five numbers are shared, those that are assumed.
    """
    shared = int(same_number.sum())
    agreed = same_number & ((distance_m <= AGREED_M) | (name_alike == 1.0))
    plain = Habits()
    if shared < 5:
        return Habits(stray_number=1.0 / (known * listed))
    apart = distance_m[agreed & (distance_m <= AGREED_M)]
    middle = float(np.median(apart)) / np.sqrt(2.0 * np.log(2.0)) if len(apart) else plain.spread_m
    strays = max(shared - int(agreed.sum()), 1)
    kept = agreed.sum() / max(min(known, listed) * plain.stays, 1.0)
    return Habits(
        spread_m=float(np.clip(middle, *SPREAD_M)),
        keeps_number=float(np.clip(kept, 0.01, plain.keeps_number)),
        stray_number=strays / (known * listed),
    )


def plain_names(cameras: gpd.GeoDataFrame) -> ObjectArray:
    """Return names in half width, lower case and without blanks; empty where there is none."""
    texts = ["" if name is None or name != name else str(name) for name in cameras["name"]]  # noqa: PLR0124 - NaN
    return np.array(
        ["".join(unicodedata.normalize("NFKC", text).lower().split()) for text in texts], object
    )


def _how_often(values: ObjectArray) -> FloatArray:
    """Return how many rows have the value of each."""
    return np.asarray(pd.Series(values).groupby(values).transform("size"), np.float64)


def plain_tags(cameras: gpd.GeoDataFrame) -> ObjectArray:
    """Return what columns without a meaning say, as one text a row; empty where there is none."""
    return np.array(
        [
            json.dumps(tags, ensure_ascii=False, sort_keys=True) if tags else ""
            for tags in cameras["tags"]
        ],
        object,
    )


def plain_number(label: object) -> str:
    """Return a number as it is compared: 007 is 7, blanks and width do not count."""
    text = unicodedata.normalize("NFKC", str(label)).strip().lower()
    return text.lstrip("0") or "0" if text.isascii() and text.isdecimal() else text


def _same_numbers(known: pd.Index, listed: pd.Index) -> tuple[IntArray, IntArray]:
    """Return the rows of one number; one that stands twice on a side is compared as written."""
    plain = [pd.Index([plain_number(label) for label in side]) for side in (known, listed)]
    twice = [side.duplicated(keep=False) for side in plain]
    as_written = [
        pd.Index(np.where(often, np.asarray(own, object), np.asarray(short, object)))
        for own, short, often in zip((known, listed), plain, twice, strict=True)
    ]
    left, right = (
        pd.DataFrame({"key": side, name: np.arange(len(side))})
        for side, name in zip(as_written, ("known", "listed"), strict=True)
    )
    both = left.merge(right, on="key")
    return both["known"].to_numpy(np.int64), both["listed"].to_numpy(np.int64)


def _nearest(spots: FloatArray, others: FloatArray) -> tuple[IntArray, IntArray]:
    """Return the nearest others around each spot, within `REACH_M`, as rows of both."""
    count = min(NEAREST, len(others))
    _, found = KDTree(others).query(spots, k=[*range(1, count + 1)], distance_upper_bound=REACH_M)
    row, place = np.nonzero(found < len(others))
    return row.astype(np.int64), found[row, place].astype(np.int64)


def _same_texts(known: ObjectArray, listed: ObjectArray) -> tuple[IntArray, IntArray]:
    """Return the rows of one text, where not too many have it."""
    left, right = (
        pd.DataFrame({"name": side, label: np.arange(len(side))})[
            (side != "")
            & (pd.Series(side).groupby(side).transform("size").to_numpy() <= OF_ONE_NAME)
        ]
        for side, label in ((known, "known"), (listed, "listed"))
    )
    both = left.merge(right, on="name")
    return both["known"].to_numpy(np.int64), both["listed"].to_numpy(np.int64)


def _alike_names(
    known: ObjectArray, listed: ObjectArray, known_rows: IntArray, listed_rows: IntArray
) -> FloatArray:
    """Return Dice's coefficient of the pairs of letters of two names; NaN where one has no name."""
    one, two = known[known_rows], listed[listed_rows]
    same = one == two
    texts, places = np.unique(np.concatenate([one, two]).astype(str), return_inverse=True)
    vocabulary: dict[str, int] = {}
    rows: list[int] = []
    terms: list[int] = []
    for row, text in enumerate(texts.tolist()):
        pieces = {text[k : k + 2] for k in range(max(len(text) - 1, 1))} if text else set()
        rows += [row] * len(pieces)
        terms += [vocabulary.setdefault(piece, len(vocabulary)) for piece in pieces]
    shape = (len(texts), max(len(vocabulary), 1))
    pieces_of = csr_array((np.ones(len(rows)), (rows, terms)), shape=shape)
    many = np.asarray(pieces_of.sum(axis=1)).ravel()
    left, right = places[: len(one)], places[len(one) :]
    shared = np.asarray(pieces_of[left].multiply(pieces_of[right]).sum(axis=1)).ravel()
    total = many[left] + many[right]
    alike: FloatArray = np.divide(2.0 * shared, total, out=np.zeros(len(one)), where=total > 0)
    alike[same] = 1.0
    alike[(one == "") | (two == "")] = np.nan
    return alike


ALIKE: Final = 0.6
"""From here on names are alike."""

SHARED_NEAR: Final = 0.1
"""Chance that two cameras that stand side by side bear one name: that of their place."""


def _of_name(
    alike: FloatArray, distance_m: FloatArray, names: ObjectArray, rows: IntArray, habits: Habits
) -> FloatArray:
    """Weigh a name by how often it occurs; beside each other cameras are often named alike."""
    counts = _how_often(names)[rows]
    by_chance = np.maximum(counts / len(names), np.where(distance_m <= REACH_M, SHARED_NEAR, 0.0))
    other = 1.0 - habits.same_name - habits.alike_name
    weight = np.where(
        alike >= 1.0,
        np.log(habits.same_name / by_chance),
        np.where(alike >= ALIKE, np.log(habits.alike_name / SHARED_NEAR), np.log(other)),
    )
    return np.where(np.isnan(alike), 0.0, weight)


def _of_tags(
    known: ObjectArray,
    listed: ObjectArray,
    known_rows: IntArray,
    listed_rows: IntArray,
    habits: Habits,
) -> FloatArray:
    """Weigh further columns by how often they say just this; nothing where no row does so again."""
    one, two = known[known_rows], listed[listed_rows]
    said = (one != "") & (two != "")
    same = said & (one == two)
    if not same.any():
        return np.zeros(len(one))
    by_chance = np.maximum((_how_often(listed) / len(listed))[listed_rows], SHARED_NEAR)
    weight = np.where(
        same, np.log(habits.same_tags / by_chance), float(np.log1p(-habits.same_tags))
    )
    return np.asarray(np.where(said, weight, 0.0), np.float64)


def _of_direction(turned_deg: FloatArray, habits: Habits) -> FloatArray:
    share = SAME_WAY_DEG / 180.0
    weight = np.where(
        turned_deg <= SAME_WAY_DEG,
        np.log(habits.same_way / share),
        np.log((1.0 - habits.same_way) / (1.0 - share)),
    )
    return np.where(np.isnan(turned_deg), 0.0, weight)


def _of_build(
    known: gpd.GeoDataFrame,
    listed: gpd.GeoDataFrame,
    known_rows: IntArray,
    listed_rows: IntArray,
    habits: Habits,
) -> FloatArray:
    """Weigh a build by how often the list has it; one that is unknown says nothing."""
    builds = listed["kind"].fillna("unknown").to_numpy(object)
    one, two = known["kind"].fillna("unknown").to_numpy(object)[known_rows], builds[listed_rows]
    often = (pd.Series(builds).groupby(builds).transform("size").to_numpy() / len(builds))[
        listed_rows
    ]
    weight = np.where(
        one == two,
        np.log(habits.same_build / np.maximum(often, 1.0 - habits.same_build)),
        np.log((1.0 - habits.same_build) / np.maximum(1.0 - often, 1.0 - habits.same_build)),
    )
    return np.where((one == "unknown") | (two == "unknown"), 0.0, weight)
