"""What a record of GB/T 28181 says in the columns of `model.CAMERAS`, and back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from civicsight.core.values import as_flag
from civicsight.io.catalogue.fields import BY_NAME, PREFIX, WITHHELD, cleaned, is_unset, read_number
from civicsight.io.tables.directions import KIND_CODES
from civicsight.io.tables.directions import SECTORS as CODED

KINDS: Final[Mapping[str, str]] = {str(code): kind for code, kind in KIND_CODES.items()}
"""``PTZType``; each channel of a housing with several lenses is listed by itself."""

CODES_OF_KINDS: Final[Mapping[str, str]] = {"ptz": "1", "dome": "2", "fixed": "3", "panorama": "6"}

SECTORS: Final[Mapping[str, float]] = {str(code): deg for code, deg in CODED.items()}
"""``DirectionType``: the direction looked towards, each good for 22.5 degrees to either side."""

HALF_SECTOR_DEG: Final = 22.5

SETTINGS: Final[Mapping[str, str]] = {"1": "outdoor", "2": "indoor"}

USABLE: Final[Mapping[str, bool]] = {"ON": True, "OFF": False, "VLOST": False, "DEFECT": False}
"""``Status``: on line or not, and the two faults that a platform tells."""

SECRET: Final[Mapping[str, bool]] = {"0": False, "1": True}

RESOLUTIONS: Final[Mapping[str, tuple[int, int]]] = {
    "1": (176, 144),
    "2": (352, 288),
    "3": (704, 576),
    "4": (720, 576),
    "5": (1280, 720),
    "6": (1920, 1080),
}
"""Codes of Annex G; 4CIF and D1 as the 576 lines of PAL."""

NO_LIGHT: Final = "1"

THERMAL: Final = "2"
"""``PhotoelectricImagingType`` of heat alone; with others beside it is no such kind."""

SAME_DEG: Final = 2e-8
"""A place that moved by less than this, some 2 mm, is the one that the catalogue gave [deg]."""

DECIMALS: Final = 8
"""Decimals of degrees that are written: 1 mm."""

SECTOR_SLACK_DEG: Final = 1.0
"""An azimuth this far outside of the sector that the catalogue gave does not contradict it."""

ILLEGAL: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML cannot hold."""


def columns_of(values: Mapping[str, str]) -> dict[str, object]:
    """Return what a record says in the columns of the table; None where it says nothing.

    Several resolutions are what a camera can do, not what it records, so only a single one counts.
    Without a statement on light or room nothing is taken for granted.
    """
    kinds = {KINDS[code] for code in values.get("PTZType", "").split("/") if code in KINDS}
    is_thermal = values.get("PhotoelectricImagingType") == THERMAL
    width, height = _pixels(values.get("Resolution", ""))
    return {
        "name": values.get("Name"),
        "kind": "thermal" if is_thermal else kinds.pop() if len(kinds) == 1 else None,
        "setting": SETTINGS.get(values.get("RoomType", "")),
        "hfov_deg": _number(values, "HorizontalFieldAngle"),
        "vfov_deg": _number(values, "VerticalFieldAngle"),
        "width_px": width,
        "height_px": height,
        "reach_m": _number(values, "MaxViewDistance"),
        "night_reach_m": 0.0 if values.get("SupplyLightType") == NO_LIGHT else None,
        "usable": USABLE.get(values.get("Status", "").upper()),
        "secrecy": SECRET.get(values.get("Secrecy", "")),
    }


def tags_of(values: Mapping[str, str]) -> dict[str, str]:
    """Return a record as tags, so that it can be written again as it was."""
    return {f"{PREFIX}{name}": text for name, text in values.items()}


def values_of(tags: object) -> dict[str, str]:
    """Return the record that tags hold; empty without one."""
    if not isinstance(tags, Mapping):
        return {}
    return {
        str(name).removeprefix(PREFIX): str(text)
        for name, text in tags.items()
        if str(name).startswith(PREFIX)
    }


def sector_of(azimuth_deg: float) -> str:
    """Return the ``DirectionType`` of an azimuth from true north."""
    return min(SECTORS, key=lambda code: _off_deg(azimuth_deg, code))


def _off_deg(azimuth_deg: float, code: str) -> float:
    """Return how far an azimuth is off the middle of a sector [deg]."""
    return abs((azimuth_deg - SECTORS[code] + 180.0) % 360.0 - 180.0)


def record_of(
    label: str, row: Mapping[str, Any], lonlat: tuple[float, float], azimuth_deg: float
) -> dict[str, str]:
    """Return the record of a camera: what its catalogue said, unless the table says otherwise.

    Parameters
    ----------
    label, row
        Id and row of `model.CAMERAS`.
    lonlat
        Its place in WGS 84 [deg].
    azimuth_deg
        From true north; NaN where it is not known.

    Returns
    -------
    dict
        Text by field. A field that is withheld here stands as its name with a question mark where
        its source has it.
    """
    old = values_of(row["tags"])
    record = {name: text for name, text in old.items() if name in BY_NAME}
    record["DeviceID"] = label
    said = columns_of(record)
    for name, (columns, encode) in FIELDS_OF_COLUMNS.items():
        if any(_plain(row.get(column)) != _plain(said[column]) for column in columns):
            text = encode(row, record.pop(name, None))
            record |= {name: text} if text else {}
    for name, value in zip(("Longitude", "Latitude"), lonlat, strict=True):
        known = read_number(record.get(name, ""))
        if known is None or abs(known - value) > SAME_DEG:
            record[name] = f"{value:.{DECIMALS}f}"
    code, widest_deg = record.get("DirectionType", ""), HALF_SECTOR_DEG + SECTOR_SLACK_DEG
    inside = code in SECTORS and _off_deg(azimuth_deg, code) <= widest_deg
    if np.isfinite(azimuth_deg) and not inside:
        record["DirectionType"] = sector_of(azimuth_deg)
    clean = {name: cleaned(name, ILLEGAL.sub("", text).strip()) for name, text in record.items()}
    kept = {name: text for name, text in clean.items() if text and not is_unset(name, text)}
    return kept | {f"{name}?": "" for name in WITHHELD if name in old}


def _name(row: Mapping[str, Any], _: str | None) -> str | None:
    return str(row["name"]) if row["name"] else None


def _kind(row: Mapping[str, Any], old: str | None) -> str | None:
    return old if row["kind"] == "thermal" else CODES_OF_KINDS.get(str(row["kind"]))


def _imaging(row: Mapping[str, Any], old: str | None) -> str | None:
    return THERMAL if row["kind"] == "thermal" else (old if old != THERMAL else None)


def _setting(row: Mapping[str, Any], _: str | None) -> str | None:
    return {value: code for code, value in SETTINGS.items()}.get(str(row["setting"]))


def _status(row: Mapping[str, Any], _: str | None) -> str | None:
    usable = _plain(row["usable"])
    return None if usable is None else ("ON" if usable else "OFF")


def _secrecy(row: Mapping[str, Any], old: str | None) -> str | None:
    said = as_flag(row.get("secrecy"))
    return old if said is None else ("0" if said is False else "1")


def _light(row: Mapping[str, Any], old: str | None) -> str | None:
    return NO_LIGHT if row["night_reach_m"] == 0 else (old if old != NO_LIGHT else None)


def _resolution(row: Mapping[str, Any], _: str | None) -> str | None:
    sides = (row["width_px"], row["height_px"])
    return None if any(map(pd.isna, sides)) else "x".join(f"{side:.0f}" for side in sides)


def _decimal(column: str) -> Callable[[Mapping[str, Any], str | None], str | None]:
    def encode(row: Mapping[str, Any], _: str | None) -> str | None:
        return None if pd.isna(row[column]) else f"{row[column]:.10g}"

    return encode


Encode = Callable[[Mapping[str, Any], str | None], str | None]

FIELDS_OF_COLUMNS: Final[Mapping[str, tuple[tuple[str, ...], Encode]]] = {
    "Name": (("name",), _name),
    "PTZType": (("kind",), _kind),
    "PhotoelectricImagingType": (("kind",), _imaging),
    "RoomType": (("setting",), _setting),
    "HorizontalFieldAngle": (("hfov_deg",), _decimal("hfov_deg")),
    "VerticalFieldAngle": (("vfov_deg",), _decimal("vfov_deg")),
    "Resolution": (("width_px", "height_px"), _resolution),
    "MaxViewDistance": (("reach_m",), _decimal("reach_m")),
    "SupplyLightType": (("night_reach_m",), _light),
    "Status": (("usable",), _status),
    "Secrecy": (("secrecy",), _secrecy),
}
"""The columns that a field stands for, and how it is written for a row."""


def _plain(value: object) -> object:
    """Return a value such that "unknown" in any dress is None."""
    if value is None or value == "unknown" or (isinstance(value, float) and np.isnan(value)):
        return None
    return bool(value) if isinstance(value, np.bool_) else value


def _pixels(text: str) -> tuple[float | None, float | None]:
    if text in RESOLUTIONS:
        width, height = RESOLUTIONS[text]
        return float(width), float(height)
    found = re.fullmatch(r"([0-9]+)[xX*]([0-9]+)", text)
    return (float(found[1]), float(found[2])) if found else (None, None)


def _number(values: Mapping[str, str], name: str) -> float | None:
    return read_number(values[name]) if name in values else None
