"""Codes of devices and places: GB/T 28181 Annex E ids of 20 digits, GB/T 2260 divisions.

An id is eight digits of the place that runs the device, two of the industry, three of the kind of
device, one of the network and six of a serial number. It has no check digit.
"""

from __future__ import annotations

import re
from typing import Literal

Kind = Literal["camera", "device", "platform", "group", "organisation", "region", ""]
"""What an item of a catalogue is; empty where its id is none."""

PROVINCES = frozenset(
    str(code)
    for codes in (
        range(11, 16),
        range(21, 24),
        range(31, 38),
        range(41, 47),
        range(50, 55),
        range(61, 66),
        (71, 81, 82),
    )
    for code in codes
)
"""First two digits of GB/T 2260."""

CAMERAS = frozenset({"131", "132"})
"""Kinds of device that are cameras: analogue or digital camera, network camera."""

BUSINESS_GROUP = "215"
VIRTUAL_ORGANISATION = "216"

_ID = re.compile(r"[0-9]{20}")
_DIVISION = re.compile(r"[0-9]{2}(?:[0-9]{2}){0,3}")


def is_division(code: str) -> bool:
    """Tell whether a code has the shape of GB/T 2260: province, city, county, and what is below.

    A level that is ``00`` has nothing below it.

    Examples
    --------
    >>> is_division("3601"), is_division("36010304"), is_division("36000104"), is_division("99")
    (True, True, False, False)
    """
    if not _DIVISION.fullmatch(code) or code[:2] not in PROVINCES:
        return False
    levels = [code[at : at + 2] for at in range(2, len(code), 2)]
    county = levels[:2]
    return "00" not in county or set(levels[county.index("00") :]) <= {"00"}


def is_device_id(code: str) -> bool:
    """Tell whether a code is an id of 20 digits with a place of GB/T 2260.

    Examples
    --------
    >>> is_device_id("36010300001320000001"), is_device_id("3601030000132000001")
    (True, False)
    """
    if not _ID.fullmatch(code) or code[:2] not in PROVINCES:
        return False
    return code[2:4] != "00" or code[4:6] == "00"


def kind_of(code: str) -> Kind:
    """Tell what an item is by its id.

    Examples
    --------
    >>> kind_of("36010300001320000001"), kind_of("36010300002160000001"), kind_of("360103")
    ('camera', 'organisation', 'region')
    """
    if is_division(code):
        return "region"
    if not is_device_id(code):
        return ""
    device = code[10:13]
    if device in CAMERAS:
        return "camera"
    if device == BUSINESS_GROUP:
        return "group"
    if device == VIRTUAL_ORGANISATION:
        return "organisation"
    return "platform" if device[0] in "25" else "device"
