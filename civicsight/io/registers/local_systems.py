"""A file of parameters of a local system of coordinates, as an office hands it in.

Four parameters are two shifts, a rotation and a scale in the plane; seven are shifts, rotations and
scale in space, with ellipsoid and projection.

References
----------
CH/T 2014-2016: plane of four parameters, Bursa-Wolf of seven; EPSG Guidance Note 7-2, methods 9621,
9606 (position vector) and 9607 (coordinate frame).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from pyproj import CRS
from pyproj.exceptions import CRSError

from civicsight.core.errors import N_, Fault, InputError, Text, refuse
from civicsight.io.local_systems import LocalSystem
from civicsight.io.registers.headers_of_local_systems import COLUMNS, NAMES, WORDS
from civicsight.io.tables.quantities import read_angle
from civicsight.io.tables.sheet import Sheet
from civicsight.io.tables.synonyms import match_headers, normal

CGCS2000: Final = "EPSG:4490"

SHARED: Final = ("model", "axes", "scale_ppm")
HELMERT: Final = ("tx_m", "ty_m", "tz_m", "rx_s", "ry_s", "rz_s")
NEEDED: Final = {
    "four": (*SHARED, "crs", "shift_north_m", "shift_east_m", "rotation_s"),
    "seven": (*SHARED, "convention", "ellipsoid", "meridian_deg", *HELMERT),
}
"""What each model cannot do without."""

USUAL: Final = {"false_easting_m": 500_000.0, "false_northing_m": 0.0, "projection_scale": 1.0}
"""What a projection has where the file says nothing of it."""

ELLIPSOIDS: Final = {
    "krass": "ellps=krass",
    "iag75": "a=6378140 rf=298.257",
    "cgcs2000": "a=6378137 rf=298.257222101",
}

LARGEST: Final = {
    "scale_ppm": 10_000.0,
    "scale_factor": 0.01,
    "projection_scale": 0.01,
    "rotation_s": 1_296_000.0,
}
"""Numbers beyond these, of factors their distance from 1, are of another unit."""

NEAR_ONE: Final = 0.01
"""Millionths that are so near 1 are a factor that was written in the wrong row."""

_TWICE: Final = {"scale_ppm": "scale_factor", "scale_factor": "scale_ppm"}
_NUMBER: Final = N_("a number in the unit of the parameter")


def read_local_system(sheet: Sheet) -> LocalSystem:
    """Read a table of parameters.

    Parameters
    ----------
    sheet
        With columns parameter and value, or their Chinese names.

    Raises
    ------
    InputError
        Every row that cannot be used, and every parameter that is missing.
    """
    found = match_headers(sheet.header, COLUMNS)
    if set(found) != set(COLUMNS):
        expected = N_("two columns, parameter and value")
        remedy = N_("Name the columns; each row holds one parameter.")
        header = ", ".join(sheet.header)
        refuse("local.columns", sheet.source, expected, remedy, found=header, where="row 1")
    words, numbers, faults = _rows(sheet, found)
    model = words.get("model", "")
    needed = NEEDED.get(model, SHARED)
    missing = [name for name in needed if name not in words | numbers]
    if missing and not faults:
        names = ", ".join(" / ".join(NAMES[name][:2]) for name in missing)
        expected = N_("these parameters as well: %(names)s", names=names)
        faults.append(Fault("local.missing", sheet.source, "", "", "", expected, _CORRECT))
    if faults:
        raise InputError(faults)
    crs, steps = _four(words, numbers) if model == "four" else _seven(words, USUAL | numbers)
    return LocalSystem(sheet.source, crs, words["axes"] == "north_east", steps)


def _rows(
    sheet: Sheet, found: dict[str, str]
) -> tuple[dict[str, str], dict[str, float], list[Fault]]:
    """Read every row, and say what is wrong with any."""
    codes = {normal(name): code for code, names in NAMES.items() for name in names}
    words: dict[str, str] = {}
    numbers: dict[str, float] = {}
    faults = list(sheet.faults)
    for where, cells in zip(sheet.where, sheet.rows, strict=True):
        name, text = (cells.get(found[column]) or "" for column in ("parameter", "value"))
        code = codes.get(normal(name.partition("(")[0]), codes.get(normal(name)))
        wrong: Text | None = None
        if code is None or code in words | numbers or _TWICE.get(code) in numbers:
            known = ", ".join(" / ".join(names[:2]) for names in NAMES.values())
            wrong = N_("each of these once at most: %(known)s", known=known)
        elif code == "crs":
            wrong = None if _plane(text) else N_("a coordinate system such as EPSG:4548, in metres")
            words[code] = text
        elif code in WORDS:
            own = {normal(word): one for one, known in WORDS[code].items() for word in known}
            words[code] = own.get(normal(text), "")
            known = ", ".join(" / ".join(names[:2]) for names in WORDS[code].values())
            wrong = None if words[code] else N_("one of these words: %(known)s", known=known)
        else:
            value = numbers[code] = _number(code, text)
            wrong = None if np.isfinite(value) else _NUMBER
            if code == "scale_ppm" and abs(value - 1.0) < NEAR_ONE:
                wrong = N_("millionths; a factor such as 0.9999877 is called scale_factor")
        if wrong is not None:
            field = found["value" if code else "parameter"]
            shown = text if code else name
            faults.append(Fault("local.row", sheet.source, where, field, shown, wrong, _CORRECT))
    if "scale_factor" in numbers:
        numbers["scale_ppm"] = (numbers["scale_factor"] - 1.0) * 1e6
    return words, numbers, faults


def _number(code: str, text: str) -> float:
    """Read a number; NaN where it is none, or none that its parameter can be."""
    read = read_angle(text) if code == "meridian_deg" else None
    try:
        value = float(text) if read is None else read.value
    except ValueError:
        return float("nan")
    away = value - 1.0 if code in ("scale_factor", "projection_scale") else value
    return value if abs(away) <= LARGEST.get(code, 1e8) else float("nan")


def _plane(text: str) -> bool:
    try:
        return bool(CRS.from_user_input(text).is_projected)
    except CRSError:
        return False


def _four(words: dict[str, str], numbers: dict[str, float]) -> tuple[CRS, str]:
    """Return the plane that four parameters lead to, and the way.

    North is dN + k (n cos a - e sin a), east is dE + k (n sin a + e cos a), k being 1 and the
    millionths, a clockwise.
    """
    k = 1.0 + numbers["scale_ppm"] * 1e-6
    turn = np.radians(numbers["rotation_s"] / 3600.0)
    along, across = float(k * np.cos(turn)), float(k * np.sin(turn))
    steps = (
        f"proj=affine xoff={numbers['shift_east_m']!r} yoff={numbers['shift_north_m']!r} "
        f"s11={along!r} s12={across!r} s21={-across!r} s22={along!r}"
    )
    return CRS.from_user_input(words["crs"]), steps


def _seven(words: dict[str, str], numbers: dict[str, float]) -> tuple[CRS, str]:
    """Return longitude and latitude on CGCS2000, and the way; heights count as 0."""
    shape, target = ELLIPSOIDS[words["ellipsoid"]], ELLIPSOIDS["cgcs2000"]
    helmert = " ".join(
        f"{key}={numbers[name]!r}"
        for key, name in zip(
            ("x", "y", "z", "rx", "ry", "rz", "s"), (*HELMERT, "scale_ppm"), strict=True
        )
    )
    steps = (
        f"proj=pipeline step inv proj=tmerc lat_0=0 lon_0={numbers['meridian_deg']!r} "
        f"k={numbers['projection_scale']!r} x_0={numbers['false_easting_m']!r} "
        f"y_0={numbers['false_northing_m']!r} {shape} "
        f"step proj=cart {shape} step proj=helmert {helmert} convention={words['convention']} "
        f"step inv proj=cart {target} step proj=unitconvert xy_in=rad xy_out=deg"
    )
    return CRS.from_user_input(CGCS2000), steps


_CORRECT: Final = N_("Correct the file of parameters.")
