"""The record of a camera in GB/T 28181-2022: ids and codes, fields kept, and what is never read.

Only the fields listed here leave the parser. The order is that of the standard (Annex A, item
type), in which they are written again. An id is eight digits of the place that runs the device
(GB/T 2260), two of the industry, three of the kind of device, one of the network and six of a
serial number. It has no check digit.

References
----------
GB/T 28181-2022, Annex A (catalogue answer, item type), Annex E (ids), Annex G (field f) and
Annex O.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from civicsight.core.errors import N_, Text
from civicsight.io.registers.classes import PROVINCES
from civicsight.io.secrets import without_secrets

Kind = Literal["camera", "device", "platform", "group", "organisation", "region", ""]
"""What an item of a catalogue is; empty where its id is none."""


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


PREFIX = "gb28181:"
"""Fields of the record stand in ``tags`` under their own name behind this."""

EDITION = 2022
"""The edition that is written; that of 2016 is read as well."""

PRESENT = "present"
"""Value of the tag of a field of which only the presence is kept."""

SYSTEM_TAG = f"{PREFIX}System"
"""Tag with the id of the system whose catalogue lists a camera."""

WITHHELD = ("Address", "ContactInfo")
"""Mandatory fields of which only the presence is kept; an export leaves a place to fill in."""

NEVER_READ = (
    "IPAddress",
    "Port",
    "Password",
    "MAC",
    "CertNum",
    "Certifiable",
    "ErrCode",
    "EndTime",
    "SafetyWay",
    "Owner",
    *WITHHELD,
)
"""Fields of either edition whose content stays in the parser: network, access, persons."""

MAX_CHARACTERS = 1_024
"""Longest value of a field, as the standard has it for its extensions."""


class Check(NamedTuple):
    """Which values a field may have, and the sentence that says so."""

    fits: Callable[[str], bool]
    expected: Text


class Field(NamedTuple):
    """One field of the record.

    `inner` fields stand in ``Info``. `vital` ones decide where a camera stands and looks: a value
    that does not fit rejects it; other values are kept and reported. `unset` is what devices write
    that have nothing to say.
    """

    name: str
    check: Check
    inner: bool = False
    vital: bool = False
    unset: str = ""


def _listed(*codes: str) -> Check:
    return Check(codes.__contains__, N_("one of %(choices)s", choices=", ".join(codes)))


def _several(*codes: str) -> Check:
    def fits(text: str) -> bool:
        return all(piece in codes for piece in text.split("/"))

    return Check(fits, N_("some of %(choices)s, separated by strokes", choices=", ".join(codes)))


def _pattern(pattern: str, expected: Text) -> Check:
    compiled = re.compile(pattern)
    return Check(lambda text: compiled.fullmatch(text) is not None, expected)


def _between(low: float, high: float, unit: str) -> Check:
    def fits(text: str) -> bool:
        value = read_number(text)
        return value is not None and low <= value <= high

    expected = N_(
        "a number from %(low)s to %(high)s %(unit)s", low=f"{low:g}", high=f"{high:g}", unit=unit
    )
    return Check(fits, expected)


def read_number(text: str) -> float | None:
    """Read a plain decimal number, None where the text is none."""
    if not re.fullmatch(r"[+-]?(?:[0-9]{1,15}(?:\.[0-9]{0,15})?|\.[0-9]{1,15})", text):
        return None
    return float(text)


def _is_moment(text: str) -> bool:
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _are_ids(text: str) -> bool:
    return all(is_device_id(piece) or is_division(piece) for piece in text.split("/"))


ANY = Check(bool, N_("a text"))
DEVICE_ID = Check(is_device_id, N_("an id of 20 digits that begins with a GB/T 2260 code"))
DIVISION = Check(is_division, N_("a GB/T 2260 code of 2, 4, 6 or 8 digits"))
MOMENT = Check(_is_moment, N_("a time such as 2026-03-01T08:00:00"))
SVC = _listed("0", "1", "2", "3")
RESOLUTION = r"(?:[1-6]|[0-9]{2,5}[xX*][0-9]{2,5})"

FIELDS: tuple[Field, ...] = (
    Field("DeviceID", DEVICE_ID, vital=True),
    Field("Name", ANY),
    Field("Manufacturer", ANY),
    Field("Model", ANY),
    Field("CivilCode", DIVISION),
    Field("Block", ANY),
    Field("Parental", _listed("0", "1")),
    Field("ParentID", Check(_are_ids, N_("ids of the parents, separated by strokes"))),
    Field("RegisterWay", _listed("1", "2", "3", "4")),
    Field("SecurityLevelCode", _listed("A", "B", "C")),
    Field("Secrecy", _listed("0", "1"), vital=True),
    Field("Status", _listed("ON", "OFF", "VLOST", "DEFECT")),
    Field("Longitude", _between(-180, 180, "deg"), vital=True),
    Field("Latitude", _between(-90, 90, "deg"), vital=True),
    Field("BusinessGroupID", DEVICE_ID),
    Field("PTZType", _several(*"1234567"), inner=True, vital=True, unset="0"),
    Field("PhotoelectricImagingType", _several(*"123459"), inner=True, unset="0"),
    Field(
        "CapturePositionType",
        _pattern("[0-9]{7}", N_("seven digits of Annex O of GB/T 28181")),
        inner=True,
    ),
    Field("RoomType", _listed("1", "2"), inner=True, vital=True, unset="0"),
    Field("SupplyLightType", _listed("1", "2", "3", "4", "9"), inner=True, unset="0"),
    Field("DirectionType", _listed(*"12345678"), inner=True, vital=True, unset="0"),
    Field(
        "Resolution",
        _pattern(
            rf"{RESOLUTION}(?:/{RESOLUTION})*",
            N_("resolutions such as 6 or 1920x1080, separated by strokes"),
        ),
        inner=True,
    ),
    Field("StreamNumberList", _pattern("[0-9]+(?:/[0-9]+)*", N_("numbers")), inner=True),
    Field("DownloadSpeed", _pattern("[0-9]+(?:/[0-9]+)*", N_("numbers")), inner=True),
    Field("SVCSpaceSupportMode", SVC, inner=True),
    Field("SVCTimeSupportMode", SVC, inner=True),
    Field(
        "SSVCRatioSupportList",
        _pattern("[0-9]+:[0-9]+(?:/[0-9]+:[0-9]+)*", N_("ratios such as 4:3/2:1")),
        inner=True,
    ),
    Field("MobileDeviceType", _listed(*"123459"), inner=True, vital=True, unset="0"),
    Field("HorizontalFieldAngle", _between(0.1, 360, "deg"), inner=True, vital=True, unset="0"),
    Field("VerticalFieldAngle", _between(0.1, 360, "deg"), inner=True, vital=True, unset="0"),
    Field("MaxViewDistance", _between(0.1, 10_000, "m"), inner=True, vital=True, unset="0"),
    Field(
        "GrassrootsCode",
        _pattern("[0-9A-Za-z]{6,20}", N_("a code of a grass-roots unit, 000000 for none")),
        inner=True,
    ),
    Field("PointType", _listed("1", "2", "3", "9"), inner=True, unset="0"),
    Field("PointCommonName", ANY, inner=True),
    Field("FunctionType", _several("01", "02", "03", "04", "05", "99"), inner=True, unset="0"),
    Field("EncodeType", ANY, inner=True),
    Field("InstallTime", MOMENT, inner=True),
    Field("ManagementUnit", ANY, inner=True),
    Field("RecordSaveDays", _pattern("[0-9]{1,5}", N_("a number of days")), inner=True),
    Field(
        "IndustrialClassification",
        _pattern("[A-T]|[A-T]?[0-9]{2,4}", N_("a GB/T 4754 code")),
        inner=True,
    ),
)
"""What is kept, in the order of the standard."""

BY_NAME: Mapping[str, Field] = {field.name: field for field in FIELDS}

FREE_TEXT = frozenset(field.name for field in FIELDS if field.check is ANY)
"""Fields in which people write what they like, and now and then an address or a telephone."""

ONLY_2016: Mapping[str, Check] = {
    "PositionType": _listed("1", "2", "3", "4", "5", "6", "8", "9", "10"),
    "UseType": _listed("1", "2", "3"),
}
"""Fields of ``Info`` that the edition of 2022 removed: read, kept as tags, not written again.

Value 7 of the first (places of worship) is discarded: places are not chosen by religion here.
"""

OLD_PREFIX = "gb28181-2016:"

ONLY_2022 = frozenset(
    {"SecurityLevelCode", "PhotoelectricImagingType", "CapturePositionType", "StreamNumberList",
     "SSVCRatioSupportList", "MobileDeviceType", "HorizontalFieldAngle", "VerticalFieldAngle",
     "MaxViewDistance", "GrassrootsCode", "PointType", "PointCommonName", "FunctionType",
     "EncodeType", "InstallTime", "ManagementUnit", "RecordSaveDays", "IndustrialClassification"},
)  # fmt: skip
"""Fields that show a record to be of the edition of 2022."""

ALWAYS = (
    *("Name", "Manufacturer", "Model", "CivilCode", "Address"),
    *("Parental", "ParentID", "RegisterWay", "Secrecy", "Status"),
)
"""Fields that every device must have in either edition."""


def mandatory(values: Mapping[str, str], *, edition: int) -> tuple[str, ...]:
    """Return the fields that a camera must have, by edition and class of its point.

    In 2022 points of class 1 and 2 need a place; those of class 1 also the day of installation, a
    contact and the days for which recordings are kept.
    """
    names: list[str] = list(ALWAYS)
    point = values.get("PointType", "")
    if edition >= EDITION:
        names += ["GrassrootsCode", "PointType"]
        names += ["Longitude", "Latitude"] if point in {"1", "2"} else []
        names += ["InstallTime", "ContactInfo", "RecordSaveDays"] if point == "1" else []
    return tuple(names)


def cleaned(name: str, text: str) -> str:
    """Return a value without secrets; free text and what does not fit its field are searched."""
    plain = name not in FREE_TEXT and BY_NAME[name].check.fits(text)
    return text if plain else without_secrets(text)


def edition_of(values: Mapping[str, str]) -> int:
    """Return the edition that a record shows itself to be of."""
    return EDITION if ONLY_2022 & values.keys() else 2016


def is_unset(name: str, text: str) -> bool:
    """Tell whether a value only says that the device has nothing to say."""
    return bool(BY_NAME[name].unset) and text.strip("0") in {"", "."}
