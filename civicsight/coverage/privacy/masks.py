"""Masks: parts of a camera's picture that it is set up never to show.

A mask is one or more polygons in image coordinates (`optics.footprint.Picture`), kept as WKT in
``cameras.mask_plan``. A camera of several heads has the same mask on the picture of each. What
falls in a mask is not seen, for better and for worse: it harms nobody and it covers nothing.

A mask is fixed to the picture. Where it is not known what the picture shows (its direction is not
recorded, or it looks over more than one picture in turn), nobody knows what the mask hides, so it
proves nothing. A tour has a picture for each stop: there a mask proves something at the stop that
it is bound to, written with the number of the stop as ``2: POLYGON (...)``. Whether one that is
bound to none lies on a stop, nobody knows: what it may hide is not covered for sure, and not
hidden for sure either.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from civicsight.core.arrays import BoolArray, FloatArray, IntArray
from civicsight.core.bounded.text import load_wkt
from civicsight.core.errors import N_, Fault, InputError, Text
from civicsight.core.figure import share
from civicsight.coverage.faults import fault, reject
from civicsight.coverage.optics.footprint import Picture

COLUMN: Final = "mask_plan"
"""Column of masks in the tables of cameras and of heads."""

LONGEST_TEXT: Final = 200_000
"""A mask of more characters than this is no drawing of a person."""

DIGITS: Final = 6
"""Decimals of image coordinates in text: a thousandth of a pixel."""

EDGE: Final = 1e-9
"""A point this close to the edge of a picture is on it."""

SWEEPS: Final = frozenset({"all_round", "outward_half", "tour_all_round"})
"""Assumptions under which a head looks over more than one picture."""

STOP: Final = re.compile(r"\s*([0-9]{1,3})\s*:(.*)", re.DOTALL)
"""A mask that is bound to a stop of a tour, by the number of the stop from 1."""

HARMLESS: Final = frozenset({"moved_far"})
"""Assumptions that leave open where a camera stands by a little, not what its picture shows."""

UNPLACED: Final = N_("it is not known what the picture shows, so that the mask proves nothing")
"""Why a mask is not credited, for a person."""


def read_mask(text: str, *, label: str = "") -> BaseGeometry:
    """Read one mask.

    Parameters
    ----------
    text
        WKT of a polygon or several, x to the right and y downwards, both 0 to 1.
    label
        Camera that the errors name.

    Raises
    ------
    InputError
        If the text is no such geometry; the error says what is wrong with it.

    Examples
    --------
    >>> read_mask("POLYGON ((0 0, 1 0, 1 0.25, 0 0.25, 0 0))").area
    0.25
    """
    mask = _parse(text)
    if isinstance(mask, Fault):
        raise InputError([replace(mask, where=label)])
    return mask


@lru_cache(maxsize=4096)
def _parse(text: str) -> BaseGeometry | Fault:
    """Return the mask, or what is wrong with it, of no camera."""
    shape = None
    if len(text) <= LONGEST_TEXT:
        with suppress(ValueError), np.errstate(invalid="ignore"):
            shape = load_wkt(text)
    if shape is None:
        return fault("mask.not_wkt", "cameras", field=COLUMN, found=text[:80])
    corners = shapely.get_coordinates(shape)
    if shape.geom_type not in ("Polygon", "MultiPolygon") or shape.has_z:
        return fault("mask.shape", "cameras", field=COLUMN, found=text[:80])
    if not ((corners >= 0.0) & (corners <= 1.0)).all():
        return fault("mask.outside", "cameras", field=COLUMN, found=text[:80])
    if not shape.is_valid:
        reason = shapely.is_valid_reason(shape)[:80]
        return fault("mask.crossing", "cameras", field=COLUMN, found=reason)
    if not shape.area > 0.0:
        return fault("mask.empty", "cameras", field=COLUMN, found=text[:80])
    shapely.prepare(shape)
    return shape


def write_mask(mask: BaseGeometry) -> str:
    """Return a mask as text, of six decimals."""
    text: str = shapely.to_wkt(mask, rounding_precision=DIGITS)
    return text


def read_bound(text: str, *, label: str = "") -> dict[int, BaseGeometry]:
    """Read the masks of one camera by the stop that each is bound to, 0 for one bound to none.

    Parameters
    ----------
    text
        One mask, or several of stops joined by ``;``.
    label
        Camera that the errors name.

    Raises
    ------
    InputError
        As `read_mask`, and if a stop has no number or comes twice.

    Examples
    --------
    >>> sorted(read_bound("1: POLYGON ((0 0, 1 0, 1 1, 0 0)); 3: POLYGON ((0 0, 1 0, 1 1, 0 0))"))
    [1, 3]
    """
    entries = [STOP.fullmatch(entry) for entry in text.split(";") if entry.strip()]
    if len(entries) == 1 and entries[0] is None:
        return {0: read_mask(text, label=label)}
    found = [(int(entry[1]), entry[2].strip()) for entry in entries if entry is not None]
    stops = [stop for stop, _ in found]
    if len(found) < len(entries) or 0 in stops or len(set(stops)) < len(stops):
        reject("mask.stop", "cameras", label, COLUMN, text[:80])
    return {stop: read_mask(shape, label=label) for stop, shape in found}


def read_masks(cameras: pd.DataFrame) -> dict[str, dict[int, BaseGeometry]]:
    """Read the masks of a table of cameras, by id and stop; cameras without one are left out.

    Raises
    ------
    InputError
        Every mask that cannot be read, at once.
    """
    masks, faults = dict[str, dict[int, BaseGeometry]](), list[Fault]()
    for label, text in _texts(cameras):
        try:
            masks[str(label)] = read_bound(text, label=str(label))
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(faults)
    return masks


def _texts(table: pd.DataFrame) -> Iterator[tuple[Any, str]]:
    if COLUMN in table.columns:
        yield from (
            (label, str(text))
            for label, text in zip(table.index, table[COLUMN], strict=True)
            if isinstance(text, str) and text.strip()
        )


def shows_one_picture(heads: pd.DataFrame) -> BoolArray:
    """Tell of which heads it is known, or assumed as far as they go, what their picture shows.

    Parameters
    ----------
    heads
        Table `model.HEADS`. In the reading ``possible`` a head with an assumption stands for all
        that a camera may see, and is no picture.
    """
    notes = heads.get("assumptions", pd.Series(None, heads.index, dtype=object))
    possible = heads["reading"].eq("possible").to_numpy()
    named = [
        frozenset(entry) if isinstance(entry, tuple | list) else frozenset() for entry in notes
    ]
    kept = [
        (names <= HARMLESS) if is_bound else not names & SWEEPS
        for names, is_bound in zip(named, possible, strict=True)
    ]
    return np.asarray(kept, bool)


def placed_masks(heads: pd.DataFrame, *, proven: bool = False) -> dict[int, BaseGeometry]:
    """Return the mask of each head whose picture is known, by the position of its row.

    Parameters
    ----------
    heads
        Table `model.HEADS`.
    proven
        Whether a mask that is bound to no stop of a tour is left out: it may lie on another stop.

    Raises
    ------
    InputError
        If a mask cannot be read.
    """
    if COLUMN not in heads.columns:
        return {}
    known = shows_one_picture(heads)
    named = dict(_texts(heads.reset_index(drop=True)))
    labels = heads["camera_id"].astype(str).to_numpy()
    stops, steady = stops_of(heads), keeps_still(heads)
    found = {}
    for row, text in named.items():
        masks = read_bound(text, label=labels[row])
        stop = int(stops[row]) if int(stops[row]) in masks else 0
        if known[row] and stop in masks and (stop or steady[row] or not proven):
            found[row] = masks[stop]
    return found


def stops_of(heads: pd.DataFrame) -> IntArray:
    """Return the number of the stop of each head in its tour, 0 of one that is on none."""
    stops = heads.get("stop", pd.Series(0, heads.index)).fillna(0)
    return np.asarray(stops, np.int64)


def keeps_still(heads: pd.DataFrame) -> BoolArray:
    """Tell which heads show one picture all the time: on no tour, or on one of a single stop."""
    duty = heads.get("duty", pd.Series(1.0, heads.index)).fillna(1.0)
    still: BoolArray = (stops_of(heads) == 0) | (duty.to_numpy(np.float64) >= 1.0)
    return still


def write_bound(masks: Mapping[int, BaseGeometry]) -> str:
    """Return masks as text by stop, as `read_bound` reads them."""
    if set(masks) == {0}:
        return write_mask(masks[0])
    return "; ".join(f"{stop}: {write_mask(masks[stop])}" for stop in sorted(masks))


def describe_masks(text: str, before: str = "") -> list[Text]:
    """Say how much of its picture a camera masks, for a person: a line for each stop of a tour.

    Parameters
    ----------
    text
        As `read_bound` reads it.
    before
        The same of an earlier state: what is masked anew and no more is said beside it.

    Raises
    ------
    InputError
        If either cannot be read.

    Examples
    --------
    >>> str(*describe_masks("POLYGON ((0 0, 1 0, 1 0.25, 0 0.25, 0 0))"))
    'masked areas: 1, 25 % of the picture'
    """
    known = read_bound(before) if before else {}
    said = []
    for stop, mask in sorted(read_bound(text).items()):
        line = N_(
            "masked areas: %(count)s, %(share)s of the picture",
            count=shapely.get_num_geometries(mask),
            share=share(mask.area),
        )
        if stop in known:
            line = N_(
                "%(now)s; newly masked: %(new)s, no longer masked: %(gone)s",
                now=line,
                new=share(mask.difference(known[stop]).area),
                gone=share(known[stop].difference(mask).area),
            )
        said.append(N_("stop %(stop)s: %(mask)s", stop=stop, mask=line) if stop else line)
    return said


def masked(picture: Picture, mask: BaseGeometry, points: npt.ArrayLike) -> BoolArray:
    """Tell which points fall in a mask; its outline belongs to it.

    Parameters
    ----------
    picture
        The head.
    mask
        Polygons in image coordinates.
    points
        World coordinates, shape ``(n, 3)``, in the frame of `picture`.

    Examples
    --------
    >>> north = Picture(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 90.0, 90.0, "rectilinear")
    >>> masked(north, read_mask("POLYGON ((0 0, .5 0, .5 1, 0 1, 0 0))"), [(-5, 9, 0), (5, 9, 0)])
    array([ True, False])
    """
    at = picture.project(points)
    nearest = np.clip(at, 0.0, 1.0)
    # Edges belong to the picture, whatever the rounding, and so to a mask that ends there.
    at = np.where(np.abs(at - nearest) <= EDGE, nearest, at)
    inside: BoolArray = shapely.intersects_xy(mask, at[..., 0], at[..., 1])
    return inside


def picture_of(heads: pd.DataFrame, row: int, place: npt.ArrayLike) -> Picture:
    """Return the picture of one row of `model.HEADS` whose lens is at `place`, shape ``(3,)``."""
    return pictures_of(heads.iloc[[row]], np.asarray(place, np.float64)[None, :])(0)


def pictures_of(heads: pd.DataFrame, places: FloatArray) -> Callable[[int], Picture]:
    """Return what gives the picture of each row of `model.HEADS`, lenses at `places`."""
    names = [f"{name}_deg" for name in ("azimuth", "tilt", "roll", "hfov", "vfov")]
    angles, lenses = heads[names].to_numpy(np.float64), heads["lens"].to_numpy(object)

    def picture(row: int) -> Picture:
        x, y, z = places[row].tolist()
        azimuth, tilt, roll, hfov, vfov = angles[row].tolist()
        return Picture(x, y, z, azimuth, tilt, roll, hfov, vfov, lenses[row])

    return picture


def veiled(
    heads: pd.DataFrame,
    eyes: FloatArray,
    points: FloatArray,
    head: IntArray,
    point: IntArray,
    *,
    proven: bool = False,
) -> BoolArray:
    """Tell of which pairs of head and point the mask of the head hides the point.

    Parameters
    ----------
    heads
        Table `model.HEADS` with ``mask_plan``, or without, which hides nothing.
    eyes, points
        Positions of all heads and points in one frame, shape ``(n, 3)``.
    head, point
        The pairs, as rows of the two.
    proven
        As of `placed_masks`.
    """
    hidden = np.zeros(len(head), bool)
    order = np.argsort(head, kind="stable")
    first = np.searchsorted(head[order], np.arange(len(heads) + 1))
    masks = placed_masks(heads, proven=proven)
    pictures = pictures_of(heads, eyes) if masks else None
    for row, mask in masks.items():
        pairs = order[first[row] : first[row + 1]]
        if len(pairs) and pictures is not None:
            look = pictures(row)
            hidden[pairs] = masked(look, mask, points[point[pairs]])
    return hidden
