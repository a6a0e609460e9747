"""The two numbers that say where a row is: read, judged, and the CRS they are in."""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NoReturn

import numpy as np
from pyproj import CRS

from civicsight.core.arrays import FloatArray
from civicsight.core.errors import N_, Fault, Text, refuse
from civicsight.io.crs import crs_name, number_in, numbered_crs, zone_of
from civicsight.io.faults import fault, reject
from civicsight.io.plausible import METRES, looks_like, looks_swapped, pair
from civicsight.io.source_options import Declared
from civicsight.io.tables.quantities import Angle, read_angle, symbols
from civicsight.io.tables.sheet import Sheet
from civicsight.io.tables.synonyms import normal
from civicsight.model.notes import Note, noted

NULL_ISLAND_DEG = 1e-3
"""Longitude and latitude both closer to 0 than this mean "unknown" [deg]."""

_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3}){2,}(?:\.\d*)?")

SWAPPED = N_("Longitude and latitude look swapped.")


def read_pairs(
    sheet: Sheet, headers: tuple[str, str], *, degrees: bool, placed: bool = True
) -> tuple[FloatArray, list[Fault]]:
    """Read two columns of coordinates, shape (n, 2); NaN and a fault where a cell has none.

    Where rows need no place (`placed` is False) both cells may be empty.
    """
    expected = (
        N_("degrees such as 115.9035 or 115 54 12.6") if degrees else N_("a number of metres")
    )
    values = np.full((len(sheet.rows), 2), np.nan)
    faults = []
    for n, (row, where) in enumerate(zip(sheet.rows, sheet.where, strict=True)):
        texts = [row[header] for header in headers]
        if not placed and texts == [None, None]:
            continue
        for side, (text, axis) in enumerate(zip(texts, ("lon", "lat"), strict=True)):
            read = (None if text is None else read_angle(text)) if degrees else _metres(text)
            if read is None:
                faults.append(
                    Fault(
                        "place.number",
                        sheet.source,
                        where,
                        headers[side],
                        text or "",
                        expected,
                        N_("Enter the coordinate."),
                    )
                )
            elif read.axis not in (None, axis):
                faults.append(
                    fault("place.swapped", sheet.source, where, headers[side], text or "")
                )
            else:
                values[n, side] = read.value
    return values, faults


def read_metres(text: str | None) -> float | None:
    """Read a number of metres in any width of digits, with or without its unit.

    Commas are read where there are two or more, which only thousands have.
    """
    plain = symbols(unicodedata.normalize("NFKC", text or "")).strip().removesuffix("m").rstrip()
    plain = plain.replace(",", "") if _THOUSANDS.fullmatch(plain) else plain
    try:
        value = float(plain)
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def _metres(text: str | None) -> Angle | None:
    value = read_metres(text)
    return None if value is None else Angle(value)


def degree_faults(
    sheet: Sheet, headers: tuple[str, str], pairs: FloatArray, known: set[str]
) -> list[Fault]:
    """Name the rows whose longitude and latitude cannot be right; those in `known` are named."""
    faults = []
    for (lon, lat), where in zip(pairs, sheet.where, strict=True):
        wrong = None if where in known or np.isnan(lon + lat) else _wrong_degrees(lon, lat)
        if wrong is not None:
            code, expected, remedy = wrong
            field = ", ".join(headers)
            faults.append(Fault(code, sheet.source, where, field, pair(lon, lat), expected, remedy))
    return faults


def _wrong_degrees(lon: float, lat: float) -> tuple[str, Text, Text] | None:
    if abs(lon) < NULL_ISLAND_DEG and abs(lat) < NULL_ISLAND_DEG:
        return (
            "place.null",
            N_("a known place"),
            N_("(0, 0) stands for unknown; enter the place."),
        )
    if looks_swapped(lon, lat):
        return "place.swapped", N_("longitude first, latitude second"), SWAPPED
    if abs(lon) > METRES and abs(lat) > METRES:
        return (
            "place.metres",
            N_("degrees"),
            N_(
                "These look like metres: name the columns x and y, and declare their coordinate "
                "system with --source-crs. %(advice)s",
                advice=looks_like(lon, lat),
            ),
        )
    if abs(lon) > 180 or abs(lat) > 90:
        return (
            "place.range",
            N_("longitude from -180 to 180 and latitude from -90 to 90"),
            N_("Enter decimal degrees in WGS 84."),
        )
    return None


def easting_first(
    headers: tuple[str, str], pairs: FloatArray, declared: Declared
) -> tuple[FloatArray, tuple[Note, ...]]:
    """Return columns X and Y as easting and northing, whichever of them surveyors write first.

    A local system says which. Else the size of the numbers does, where all rows agree; a column
    whose name says east or north, or that a mapping names, is what it is called.
    """
    called = zip(headers, "xy", strict=True)
    if not all(letter in normal(header) for header, letter in called):
        return pairs, ()
    known = pairs[np.isfinite(pairs).all(axis=1)]
    if declared.local is not None:
        swapped = declared.local.northing_first
    else:
        swapped = len(known) > 0 and all(looks_swapped(x, y) for x, y in known)
    note = noted(
        "read.coordinates",
        N_("%(x)s counts to the north, %(y)s to the east", x=headers[0], y=headers[1]),
    )
    return (pairs[:, ::-1], (note,)) if swapped else (pairs, ())


def unread_metres(sheet: Sheet, found: dict[str, str]) -> tuple[Note, ...]:
    """Say which columns of metres stand beside degrees, if they hold anything."""
    named = [found[name] for name in ("x", "y") if name in found]
    if not any(row[header] for row in sheet.rows for header in named):
        return ()
    names = ", ".join(named)
    return (
        noted(
            "columns.unread",
            N_("not read, as there are longitudes and latitudes: %(names)s", names=names),
            len(names),
        ),
    )


def metre_faults(sheet: Sheet, headers: tuple[str, str], pairs: FloatArray) -> list[Fault]:
    """Name the rows whose x and y cannot be metres: unknown, degrees, or northing first."""
    faults = []
    for (x, y), where in zip(pairs, sheet.where, strict=True):
        if np.isnan(x + y):
            continue
        if x == 0 and y == 0:
            code, expected = "place.null", N_("a known place")
            remedy = N_("(0, 0) stands for unknown; enter the place.")
        elif looks_swapped(x, y):
            code, expected = "place.swapped", N_("easting as x, northing as y")
            remedy = N_("Easting and northing look swapped.")
        else:
            continue
        field = ", ".join(headers)
        faults.append(Fault(code, sheet.source, where, field, pair(x, y), expected, remedy))
    return faults


def source_crs(
    sheet: Sheet, xy: FloatArray, working: CRS | None, declared: Declared
) -> tuple[CRS, tuple[Note, ...]]:
    """Return the CRS of ``x`` and ``y``: declared, or by the number of a zone, or the working one.

    Parameters
    ----------
    xy
        Coordinates, NaN where unknown; not changed.

    Raises
    ------
    InputError
        If nothing says which it is, or rows carry several numbers of zones.
    """
    if declared.local is not None:
        return declared.local.crs, (declared.local.describe(),)
    known = xy[np.isfinite(xy).all(axis=1)]
    numbers = sorted({number_in(x) for x in known[:, 0]})
    if declared.crs is not None:
        _require_number(sheet, known, numbers, declared.crs)
        return declared.crs, (_taken(declared.crs),)
    x, y = (float(v) for v in np.median(known, axis=0)) if len(known) else (np.nan, np.nan)
    if max(abs(x), abs(y)) <= 180:
        reject("crs.degrees:columns", sheet.source, field="x, y", found=pair(x, y))
    if len(numbers) > 1:
        reject(
            "crs.zone", sheet.source, field="x", found=", ".join(str(number) for number in numbers)
        )
    if numbers and numbers[0]:
        crs = numbered_crs(numbers[0])
        return crs, (_taken(crs),)
    return (working, ()) if working is not None else _refuse_missing(sheet, x, y)


def _refuse_missing(sheet: Sheet, x: float, y: float) -> NoReturn:
    reject(
        "crs.missing:columns",
        sheet.source,
        field="x, y",
        found="" if np.isnan(x) else pair(x, y),
        advice=looks_like(x, y),
    )


def _taken(crs: CRS) -> Note:
    return noted("read.coordinates", N_("x and y are taken in %(crs)s", crs=crs_name(crs)))


def _require_number(sheet: Sheet, known: FloatArray, numbers: list[int], crs: CRS) -> None:
    """Refuse eastings whose zone is not that of the declared CRS."""
    zone = zone_of(crs)
    if zone is None or not len(known) or numbers == [zone.number]:
        return
    x, y = (float(v) for v in np.median(known, axis=0))
    if number_in(x) == zone.number:
        return  # single rows are far away, and each is named for it
    expected = N_("eastings of %(crs)s", crs=crs_name(crs))
    refuse("crs.zone", sheet.source, expected, looks_like(x, y), found=pair(x, y), field="x")


COARSE_DEG: Final = 0.001
"""Coordinates that are whole multiples of this were cut: one in a million is so by chance [deg]."""


FEWEST_COARSE: Final = 2
"""A single place may lie so by chance."""


def coarse_places(degrees: FloatArray) -> tuple[Note, ...]:
    """Say how many places have coordinates that were cut.

    Parameters
    ----------
    degrees
        Longitude and latitude of each row as the source writes them, NaN where unknown.
    """
    steps = degrees / COARSE_DEG
    with np.errstate(invalid="ignore"):
        cut = (np.abs(steps - np.round(steps)) < COARSE_DEG).all(axis=1)
        tenth = np.abs(steps[cut] / 10 - np.round(steps[cut] / 10)) < COARSE_DEG
    count = int(cut.sum())
    if count < FEWEST_COARSE:
        return ()
    by_cent = bool(tenth.all())
    note = noted(
        "places.coarse",
        N_(
            "%(count)s rows have coordinates cut to %(digits)s decimals, which leaves their "
            "place open by %(metres)s m: enter them with five",
            count=count,
            digits=2 if by_cent else 3,
            metres=1_000 if by_cent else 100,
        ),
    )
    return (note,)
