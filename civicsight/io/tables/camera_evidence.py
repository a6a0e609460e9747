"""Evidence of cameras: whether anything in a list speaks of them, and rows that are other things.

The words stand in ``camera_words.toml``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from civicsight.io.tables.directions import read_direction
from civicsight.io.tables.synonyms import CAMERA_HEADERS, match_headers, match_value
from civicsight.io.word_patterns import parted, pattern_of

OF_CAMERAS: Final = frozenset(
    {"tilt_deg", "hfov_deg", "vfov_deg", "width_px", "height_px", "resolution", "focal_mm",
     "sensor_mm", "reach_m", "night_reach_m", "detection_range_m", "pan_min_deg", "pan_max_deg",
     "tilt_min_deg", "tilt_max_deg", "direction_code", "kind_code", "count_fixed", "count_dome",
     "count_ptz", "count_panorama", "retention_days", "network_state", "capture_profile",
     "mask_plan"}
)  # fmt: skip
"""Columns that nothing but a camera has."""

LEAST_DIRECTIONS: Final = 2
"""So many directions that differ are of things that look somewhere."""

NOTHING: Final = frozenset({"", "0", "0.0", "0°"})
NUMBERED: Final = re.compile(r"[\s\d#]+|\b[a-z]\b")
"""What numbers things of one kind, as in ``lamp L-07``."""


@cache
def _words(group: str) -> tuple[str, ...]:
    text = files("civicsight.io.tables").joinpath("camera_words.toml").read_text("utf-8")
    return tuple(word for words in tomllib.loads(text)[group].values() for word in words)


@cache
def _cameras() -> re.Pattern[str]:
    return pattern_of(_words("camera"))


@cache
def _others() -> frozenset[str]:
    return frozenset(parted(word).strip() for word in _words("other"))


def speaks_of_cameras(text: str) -> bool:
    """Tell whether a text has a word of cameras, in any of the languages.

    Examples
    --------
    >>> speaks_of_cameras("CCTV_list"), speaks_of_cameras("Telecamera 3"), speaks_of_cameras("lamp")
    (True, True, False)
    """
    return _cameras().search(parted(text)) is not None


def is_other_thing(text: str) -> bool:
    """Tell whether a text is the name of another thing of a street, and no more but its number.

    Examples
    --------
    >>> is_other_thing("Street lamp 12"), is_other_thing("highway=street_lamp")
    (True, True)
    >>> is_other_thing("Lamp at the gate, camera 3")
    False
    """
    plain = parted(text.rpartition("=")[2])
    return NUMBERED.sub(" ", plain).strip() in _others() or plain.strip() in _others()


def own_columns(columns: Mapping[str, Iterable[str | None]]) -> list[str]:
    """Return the headers of what nothing but a camera has, of those that are filled.

    Parameters
    ----------
    columns
        Cells by header.
    """
    found = match_headers(columns, CAMERA_HEADERS)
    own = (found[meaning] for meaning in found if meaning in OF_CAMERAS)
    return [header for header in own if {text for text in columns[header] if text} - NOTHING]


def is_of_cameras(names: Iterable[str], columns: Mapping[str, Iterable[str | None]]) -> bool:
    """Tell whether anything speaks for rows being cameras.

    Parameters
    ----------
    names
        Name of the file, sheet or layer, titles.
    columns
        Cells by header.

    Returns
    -------
    bool
        Whether a name, a header or a cell has a word of cameras, a column that only cameras have
        is filled, or directions differ.
    """
    cells = {header: {text for text in own if text} for header, own in columns.items()}
    if any(map(speaks_of_cameras, (*names, *cells))) or own_columns(columns):
        return True
    found = match_headers(cells, CAMERA_HEADERS)
    kinds = cells[found["kind"]] if "kind" in found else set()
    if any(match_value("kind", text) not in {None, "unknown"} for text in kinds):
        return True
    said = cells[found["azimuth_deg"]] - NOTHING if "azimuth_deg" in found else set()
    told = {read_direction(text).azimuths for text in said} - {()}
    if len(told) >= LEAST_DIRECTIONS:
        return True
    return any(speaks_of_cameras(text) for own in cells.values() for text in own)
