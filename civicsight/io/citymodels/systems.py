"""Coordinate systems as city models write them, and the order of their axes."""

from __future__ import annotations

import re
from typing import NamedTuple

from pyproj import CRS
from pyproj.exceptions import CRSError

from civicsight.core.errors import N_
from civicsight.io.refusal import refuse

_SHORT = re.compile(r"EPSG:([0-9]{4,6})", re.IGNORECASE)
_LONG = re.compile(
    r"(?:https?://www\.opengis\.net/(?:def/crs/EPSG/[0-9.]+/|gml/srs/epsg\.xml#)"
    r"|urn:(?:x-)?ogc:def:crs:EPSG:[0-9.]*:)([0-9]{4,6})",
    re.IGNORECASE,
)
_PAIR = re.compile(
    r"urn:ogc:def:crs,crs:EPSG:[0-9.]*:([0-9]{4,6}),crs:EPSG:[0-9.]*:([0-9]{4,6})", re.IGNORECASE
)
_ADV = re.compile(r"urn:adv:crs:ETRS89_UTM(3[1-3])(?:\*.*)?", re.IGNORECASE)


class System(NamedTuple):
    """A horizontal CRS, whether files give north before east, and metres in a unit of height."""

    crs: CRS
    north_first: bool
    metres: float


def read_system(text: str, source: str) -> System:
    """Read the name of a CRS.

    Long names (URN, address) give the axes in the order of the register; the short ``EPSG:25833``
    gives east first, as programs have always written it.

    Raises
    ------
    InputError
        If the name is not one of a registered CRS.

    Examples
    --------
    >>> read_system("http://www.opengis.net/def/crs/EPSG/0/6697", "x.gml").north_first
    True
    >>> read_system("EPSG:7415", "x.gml").crs.to_epsg()
    28992
    """
    crs, by_register = _named(text.strip())
    if crs is None:
        refuse(
            "crs.unknown",
            source,
            N_("a registered coordinate system such as EPSG:4549"),
            N_("Correct the name of the coordinate system in the file."),
            found=text[:100],
        )
    level = crs
    if crs.is_compound:
        level = crs.sub_crs_list[0]
    elif len(crs.axis_info) == 3:
        level = crs.to_2d()
    first = level.axis_info[0].direction if level.axis_info else ""
    return System(level, by_register and first == "north", metres_of_heights(crs))


def metres_of_heights(crs: CRS) -> float:
    """Return the metres in a unit of height of a CRS.

    A projected CRS without a vertical one has no unit of height; there programs write heights in
    the unit of its eastings, so that a model in feet is one in feet all over.

    Examples
    --------
    >>> metres_of_heights(CRS.from_epsg(7415)), metres_of_heights(CRS.from_epsg(2222))
    (1.0, 0.3048)
    """
    if crs.is_compound:
        return float(crs.sub_crs_list[1].axis_info[0].unit_conversion_factor)
    if len(crs.axis_info) == 3:
        return float(crs.axis_info[2].unit_conversion_factor)
    return float(crs.axis_info[0].unit_conversion_factor) if crs.is_projected else 1.0


def _named(text: str) -> tuple[CRS | None, bool]:
    """Return a CRS, and whether its axes are in the order of the register."""
    try:
        if found := _SHORT.fullmatch(text):
            return CRS.from_epsg(int(found[1])), False
        if found := _LONG.fullmatch(text):
            return CRS.from_epsg(int(found[1])), True
        if found := _PAIR.fullmatch(text):
            return CRS.from_epsg(int(found[1])), True
        if found := _ADV.fullmatch(text):
            return CRS.from_epsg(25800 + int(found[1])), True
    except CRSError:
        return None, False
    return None, False
