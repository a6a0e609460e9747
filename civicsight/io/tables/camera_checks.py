"""Checks of a camera inventory: codes, lenses, limits, picture sizes, and values in doubt."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import Final

import numpy as np
import pandas as pd

from civicsight.core.errors import N_, Text
from civicsight.core.settings import present_day
from civicsight.io.faults import fault
from civicsight.io.tables.camera_evidence import is_other_thing, speaks_of_cameras
from civicsight.io.tables.camera_poles import note_same_places, row_per_camera
from civicsight.io.tables.directions import KIND_CODES, NO_SECTOR, SECTOR_TAG, SECTORS
from civicsight.io.tables.rows import Cell, Rows, rows_of
from civicsight.io.tables.synonyms import SILENT_WORDS, normal
from civicsight.io.tables.words import MILLIONS, PICTURES, RESOLUTIONS
from civicsight.model.city import BEGINS, begins_after
from civicsight.model.inputs import CAMERA_SOURCE
from civicsight.model.notes import noted

FEWEST_ZEROS, LEAST_OTHERS, TIMES_NEXT = 5, 10, 4
"""Zeros, other directions, and how many times as often as the next one 0 has to stand."""

FEWEST_RADIANS: Final = 5
"""So many directions, all within one turn in radians and not all whole, are hardly degrees."""

NARROWEST_DEG, COARSEST_PX = 3.0, 320.0
"""Less than the longest lens of a surveillance camera sees, and less than any of them delivers."""

ZERO: Final = re.compile(r"[+-]?0+(?:[.,]0*)?\s*\D{0,3}")
"""How a direction of 0 is written as a number."""


def flag_zero_directions(rows: Rows) -> None:
    """Say how many directions are 0 as a number where the others vary: a cell nobody filled in."""
    header = rows.found.get("azimuth_deg")
    values = rows.number("azimuth_deg")
    if header is None or len(values) != len(rows.sheet.rows):
        return
    texts = [row[header] or "" for row in rows.sheet.rows]
    zero = np.array([bool(ZERO.fullmatch(text)) for text in texts], bool)
    others, often = np.unique(values[~zero & np.isfinite(values)], return_counts=True)
    count = int(zero.sum())
    if count < FEWEST_ZEROS or len(others) < LEAST_OTHERS or count < TIMES_NEXT * often.max():
        return
    found = noted(
        "camera.zero_direction",
        N_(
            "%(count)s of %(known)s directions are exactly 0 while the others vary: they look like "
            "cells that were never filled in; leave those empty, or confirm that they face north",
            count=count,
            known=int(np.isfinite(values).sum()),
        ),
        rows=rows.where[zero],
    )
    rows.notes.append(found)


def flag_units(rows: Rows) -> None:
    """Say how many directions, angles of view and picture sizes look as if in another unit."""
    azimuth = rows.number("azimuth_deg")
    known = azimuth[np.isfinite(azimuth)]
    if (
        len(known) >= FEWEST_RADIANS
        and (known >= 0.0).all()
        and (known <= 2 * np.pi).all()
        and (known % 1.0 != 0.0).any()
    ):
        rows.notes.append(
            noted(
                "camera.radians",
                N_(
                    "all %(count)s directions lie between 0 and 6.28: if they are radians, turn "
                    "them into degrees",
                    count=len(known),
                ),
                rows=rows.where[np.isfinite(azimuth)],
            )
        )
    for name, least, kind, sentence in (
        (
            "hfov_deg",
            NARROWEST_DEG,
            "camera.narrow_view",
            N_(
                "%(count)s angles of view are below %(least)s degrees: check their unit; such a "
                "camera sees next to nothing"
            ),
        ),
        (
            "width_px",
            COARSEST_PX,
            "camera.coarse_picture",
            N_(
                "%(count)s pictures are less than %(least)s pixels wide: check their size; such a "
                "camera recognises next to nothing"
            ),
        ),
    ):
        small = rows.number(name) < least
        count = int(small.sum())
        if count:
            said = Text(sentence.template, {"count": count, "least": f"{least:g}"})
            rows.notes.append(noted(kind, said, rows=rows.where[small]))


def flag_future_dates(rows: Rows) -> None:
    """Say how many cameras are recorded as standing, and come into use on a day still to come."""
    today = present_day()
    standing = pd.Series(rows.text("status")).fillna("existing").eq("existing")
    dated = {name: rows.text(name) for name in BEGINS if name in rows.columns}
    late = standing & begins_after(pd.DataFrame(dated, index=standing.index), today)
    count = int(late.sum())
    if count:
        found = noted(
            "camera.future",
            N_(
                "%(count)s cameras are recorded as existing, and as installed or in use only after "
                "%(today)s: correct the date, or record them as planned; until that day they cover "
                "nothing",
                count=count,
                today=today.isoformat(),
            ),
            rows=rows.where[late.to_numpy(bool)],
        )
        rows.notes.append(found)


LISTED: Final = 8
"""So many words of owners are named, the most frequent first."""

HALF_TURN_DEG: Final = 180.0
"""A lens that is not made for panoramas has a smaller field of view [deg]."""

NARROW: Final = frozenset({"fixed", "dome", "ptz"})
"""Builds with one rectilinear lens."""

HEAD_M: Final = 1.6
"""Height of a head [m]: a lens below it looks up at people."""

TALL_M: Final = 60.0
"""Above this a camera is not on a mast but on a tower, or the unit is wrong [m]."""


CONDITIONS: Final[dict[str, tuple[bool | None, str]]] = {
    "working": (True, "existing"),
    "broken": (False, "existing"),
    "in_building": (None, "approved"),
    "removed": (None, "removed"),
}
"""Whether a device of a state works, and its state in the plan."""


def settle_cameras(rows: Rows) -> None:
    """Apply what holds for cameras: codes, optics, limits, and a row for each head."""
    _read_codes(rows)
    refuse_other_things(rows)
    _keep_words_of_owners(rows)
    for name, beside in (("authority", "police_station"), ("owner_unit", "build_unit")):
        if name not in rows.columns and beside in rows.columns:
            rows.columns[name] = rows.text(beside).copy()
    _read_sizes(rows)
    _read_conditions(rows)
    _read_lenses(rows)
    _check_lenses(rows)
    _check_limits(rows)
    _check_heights(rows)
    flag_zero_directions(rows)
    flag_units(rows)
    flag_future_dates(rows)
    note_same_places(rows)
    row_per_camera(rows)
    for column in CAMERA_SOURCE:
        rows.columns.pop(column.name, None)


def refuse_other_things(rows: Rows) -> None:
    """Name the rows that say of themselves that they are another thing, and nothing of a camera."""
    known = set(rows.found.values()) - {rows.found.get("name")}
    kinds = rows.text("kind")
    for number, row in enumerate(rows.sheet.rows):
        told = {name: text for name, text in row.items() if text and name not in known}
        other = [name for name, text in told.items() if is_other_thing(text)]
        if not other or kinds[number] is not None or any(map(speaks_of_cameras, told.values())):
            continue
        where, source = str(rows.where[number]), rows.sheet.source
        found = told[other[0]][:100]
        rows.faults.append(fault("camera.other", source, where, other[0], found))


def _read_codes(rows: Rows) -> None:
    """Keep what a code of GB/T 28181 stands for where the row says nothing of it itself."""
    azimuth, kinds = rows.text("azimuth_deg"), rows.text("kind").copy()
    for row, code in enumerate(rows.number("kind_code")):
        if code in KIND_CODES and kinds[row] is None:
            kinds[row] = KIND_CODES[int(code)]
    if "kind_code" in rows.columns:
        rows.columns["kind"] = kinds
        rows.notes.append(
            noted(
                "read.spelling",
                N_(
                    "codes of builds are read by PTZType of GB/T 28181: %(column)s",
                    column=rows.found["kind_code"],
                ),
            )
        )
    if "altitude_m" in rows.columns and rows.text("height_m").tolist().count(None):
        rows.notes.append(
            noted(
                "camera.altitude",
                N_(
                    "altitudes are kept as text, and heights of lenses above the ground stay "
                    "unknown: %(column)s",
                    column=rows.found["altitude_m"],
                ),
            )
        )
    if "direction_code" not in rows.columns:
        return
    rows.notes.append(
        noted(
            "read.spelling",
            N_(
                "codes of directions are read by DirectionType of GB/T 28181, each as a sector "
                "of 45 degrees: %(column)s",
                column=rows.found["direction_code"],
            ),
        )
    )
    for row, code in enumerate(rows.number("direction_code")):
        if np.isnan(code) or code in NO_SECTOR:
            continue
        if code not in SECTORS:
            expected = N_("a whole number from 1 to 8")
            remedy = N_("Enter the code of GB/T 28181, or leave it empty.")
            rows.fault(row, "direction_code", "cell.value", expected, remedy)
        elif azimuth[row] is None:
            rows.columns["tags"][row][SECTOR_TAG] = f"{SECTORS[int(code)]:g}"


def _keep_words_of_owners(rows: Rows) -> None:
    """Keep beside the class of an owner what the list calls it, where it says more, and say so."""
    header = rows.found.get("owner")
    if header is None:
        return
    classes, own = rows.text("owner"), rows.text("ownership").copy()
    read: Counter[tuple[str, str]] = Counter()
    for row, cells in enumerate(rows.sheet.rows):
        word, value = cells[header], classes[row]
        if word is None or value is None or normal(word) == normal(value):
            continue
        own[row] = own[row] or word
        read[str(word), str(value)] += 1
    rows.columns["ownership"] = own
    if read:
        pairs = [f"{word} = {value} ({count})" for (word, value), count in read.most_common(LISTED)]
        rows.notes.append(
            noted(
                "read.spelling",
                N_(
                    "owners are read as a class of the law, and kept beside it in the words of the "
                    "list: %(pairs)s",
                    pairs=", ".join(pairs),
                ),
            )
        )


def _read_sizes(rows: Rows) -> None:
    """Take the pixels from a picture size that has a name or both numbers."""
    if "resolution" not in rows.columns:
        return
    width, height = rows.text("width_px").copy(), rows.text("height_px").copy()
    for row, size in enumerate(rows.text("resolution")):
        if size is not None and width[row] is None and height[row] is None:
            width[row], height[row] = map(float, str(size).split("x"))
    rows.columns |= {"width_px": width, "height_px": height}


def _read_conditions(rows: Rows) -> None:
    """Take from the state of a device whether it works and stands, where nothing else says so."""
    if "condition" not in rows.columns:
        return
    for number, name in enumerate(("usable", "status")):
        values = rows.text(name).copy()
        for row, word in enumerate(rows.text("condition")):
            if values[row] is None and word is not None:
                values[row] = CONDITIONS[str(word)][number]
        rows.columns[name] = values


def _read_lenses(rows: Rows) -> None:
    """Work the field of view out from focal length and sensor where both are given."""
    if "focal_mm" not in rows.columns:
        return
    focal, sensor = rows.number("focal_mm"), rows.number("sensor_mm")
    view = rows.text("hfov_deg").copy()
    for row in rows_of(np.isfinite(focal)):
        if view[row] is not None:
            continue
        if np.isnan(sensor[row]):
            expected = N_("the width of the sensor beside the focal length")
            remedy = N_("Without it the field of view stays unknown.")
            rows.notice(row, "focal_mm", expected, remedy, "camera.lens")
            continue
        angle = float(np.degrees(2 * np.arctan(sensor[row] / (2 * focal[row]))))
        view[row] = angle
        rows.notice(
            row,
            "focal_mm",
            N_("a field of view"),
            N_("It was worked out from focal length and sensor: %(angle)s.", angle=f"{angle:.1f}°"),
            "camera.lens",
        )
    rows.columns["hfov_deg"] = view


def _check_lenses(rows: Rows) -> None:
    kinds = rows.text("kind")
    for name in ("hfov_deg", "vfov_deg"):
        for row in rows_of(rows.number(name) >= HALF_TURN_DEG):
            if kinds[row] in NARROW:
                expected = N_("a field of view below 180 degrees for a camera with one lens")
                remedy = N_("Enter the angle of the lens, not the range that the camera pans over.")
                rows.fault(row, name, "camera.view", expected, remedy)
    near, reach = rows.number("near_m"), rows.number("reach_m")
    for row in rows_of(near >= reach):
        expected = N_("a least distance below the range of %(reach)s m", reach=f"{reach[row]:g}")
        rows.fault(row, "near_m", "camera.near", expected, N_("Check both distances."))


def _check_limits(rows: Rows) -> None:
    for name in ("pan", "tilt"):
        low, high = rows.number(f"{name}_min_deg"), rows.number(f"{name}_max_deg")
        for row in rows_of(low > high):
            expected = N_("a least value below the greatest, %(high)s", high=f"{high[row]:g}")
            remedy = N_("Exchange the two limits, or correct them.")
            rows.fault(row, f"{name}_min_deg", "camera.limits", expected, remedy)


def _check_heights(rows: Rows) -> None:
    heights = rows.number("height_m")
    for row in rows_of(heights > TALL_M):
        expected = N_("a mast of at most %(limit)s m", limit=f"{TALL_M:g}")
        done = N_("It was taken as it is; check the unit.")
        rows.notice(row, "height_m", expected, done, "camera.high")
    for row in rows_of(heights < HEAD_M):
        expected = N_("a lens above the heads of people")
        done = N_("It was taken as it is; check the height.")
        rows.notice(row, "height_m", expected, done, "camera.low")
    tilt = rows.number("tilt_deg")
    upward = int((tilt < 0).sum())
    if upward and upward > (tilt > 0).sum():
        rows.notes.append(
            noted(
                "camera.looks_up",
                N_(
                    "%(count)s cameras look up: here the tilt counts downwards; if the source "
                    "counts upwards, change the sign",
                    count=upward,
                ),
                rows=rows.where[tilt < 0],
            )
        )


PAIR: Final = re.compile(r"([1-9]\d{1,4})[x×*]([1-9]\d{1,4})(?:p|px)?")
"""Pixels across and down, without blanks."""


def read_size(text: str) -> Cell:
    """Read a size of pictures as ``1920x1080``; one that is not understood stays unknown, and said.

    Millions of pixels stand for the picture that cameras of so many usually have; of two that are
    sold the narrower one.

    Examples
    --------
    >>> read_size("1080P").value, read_size("2560*1440").value, read_size("4 MP").value
    ('1920x1080', '2560x1440', '2560x1440')
    """
    if normal(text) in SILENT_WORDS:
        return Cell(None)
    plain = "".join(unicodedata.normalize("NFKC", text).lower().split())
    pair = PAIR.fullmatch(plain)
    if pair:
        return Cell(f"{pair[1]}x{pair[2]}")
    if plain in RESOLUTIONS:
        return Cell(_written(RESOLUTIONS[plain]))
    found = MILLIONS.fullmatch(plain)
    size = (
        PICTURES.get(round(float(found[1]) * (1 if found["million"] else 0.01), 2))
        if found
        else None
    )
    if size is None:
        return Cell(None, None, N_("It is no picture size that is known: the pixels stay unknown."))
    shown = _written(size)
    return Cell(
        shown, None, N_("It was read as %(value)s, which is usual; enter the pixels.", value=shown)
    )


def _written(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"
