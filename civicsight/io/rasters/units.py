"""Units of height: what the band says, what the CRS says, or what a person declares."""

from __future__ import annotations

from typing import Final, Literal

from pyproj import CRS

from civicsight.core.errors import N_, Text
from civicsight.io.refusal import refuse

Unit = Literal["m", "ft", "us-ft"]
"""Units in which heights may be declared."""

FOOT_M: Final = 0.3048
"""International foot [m], exactly (EPSG unit 9002)."""

US_FOOT_M: Final = 1200 / 3937
"""US survey foot [m], exactly (EPSG unit 9003)."""

METRES: Final[dict[Unit, float]] = {"m": 1.0, "ft": FOOT_M, "us-ft": US_FOOT_M}

SAME = 1e-5
"""Units that differ by less than this, in parts, are one: the two feet differ by 2e-6."""

_WORDS: Final[dict[str, float]] = {
    **dict.fromkeys(("m", "metre", "metres", "meter", "meters", "mtr"), 1.0),
    **dict.fromkeys(("dm", "decimetre", "decimeter"), 0.1),
    **dict.fromkeys(("cm", "centimetre", "centimeter"), 0.01),
    **dict.fromkeys(("mm", "millimetre", "millimeter"), 0.001),
    **dict.fromkeys(("ft", "feet", "foot", "international foot"), FOOT_M),
    **dict.fromkeys(("us survey foot", "us survey feet", "us-ft", "usft", "ftus"), US_FOOT_M),
    **dict.fromkeys(("us_survey_foot", "foot_us"), US_FOOT_M),
}


def unit_of(
    crs: CRS, band: str, declared: Unit | None, name: str
) -> tuple[float, tuple[Text, ...]]:
    """Return metres in one unit of height, and what had to be taken for granted.

    Parameters
    ----------
    crs
        CRS of the raster, with its vertical part if it has one.
    band
        What the band says of its unit; empty if nothing.
    declared
        What a person says; it may fill a gap, not contradict the source.
    name
        File name.

    Raises
    ------
    InputError
        If the unit is unknown, or the source contradicts what is declared.
    """
    word = band.strip().lower()
    own = _WORDS.get(word) if word else _vertical(crs)
    if declared is not None:
        metres = METRES[declared]
        if own is not None and abs(own / metres - 1) > SAME:
            _refuse_unit(name, band or f"{own:g} m")
        return metres, (N_("heights are in %(unit)s, as declared", unit=declared),)
    if word and own is None:
        _refuse_unit(name, band)
    if own is not None:
        said = N_("heights are in a unit of %(metres)s m, as the raster says", metres=f"{own:g}")
        return own, () if own == 1.0 else (said,)
    if _in_feet(crs):
        return 1.0, (
            N_(
                "the raster is laid out in feet and does not say in what its heights are: they are "
                "taken as metres; declare the unit if they are in feet"
            ),
        )
    return 1.0, ()


def _refuse_unit(name: str, found: str) -> None:
    refuse(
        "raster.unit",
        name,
        N_("heights in metres or feet, as the raster itself and its declaration agree"),
        N_("Declare the true unit, or correct the unit in the raster."),
        found=found,
    )


def _vertical(crs: CRS) -> float | None:
    """Return metres in one unit of the vertical axis, if the CRS has one."""
    axes = [axis for part in (crs.sub_crs_list or [crs]) for axis in part.axis_info]
    for axis in axes:
        if axis.direction in ("up", "down"):
            return float(axis.unit_conversion_factor)
    return None


def _in_feet(crs: CRS) -> bool:
    return any("foot" in axis.unit_name or "feet" in axis.unit_name for axis in crs.axis_info)
