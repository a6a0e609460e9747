"""What is known of one camera, and one view that follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

from civicsight.coverage.optics.lens import Lens
from civicsight.coverage.optics.rigs import Preset


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of one camera; NaN and ``unknown`` where nothing is.

    Parameters
    ----------
    heads
        Number of heads of a `multi_head`, 0 if unknown; they span `hfov_deg` together and each has
        `width_px`.
    shift_m
        How far it was moved out of a building.
    facade_deg, roof_m
        Outward azimuth of its wall and height of its building.
    entrance_deg, junction_deg
        Azimuth to the nearest entrance and junction that it may look at.
    sector_deg
        Middle of the 45 degree sector that it is known to look into.
    by_address
        Whether it had no coordinates and was placed by its address.
    """

    kind: str = "unknown"
    mount: str = "unknown"
    height_m: float = nan
    azimuth_deg: float = nan
    tilt_deg: float = nan
    roll_deg: float = 0.0
    hfov_deg: float = nan
    vfov_deg: float = nan
    width_px: float = nan
    height_px: float = nan
    reach_m: float = nan
    near_m: float = 0.0
    presets: tuple[Preset, ...] = ()
    heads: int = 0
    shift_m: float = 0.0
    facade_deg: float = nan
    roof_m: float = nan
    entrance_deg: float = nan
    junction_deg: float = nan
    sector_deg: float = nan
    by_address: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """One head of one reading, as a row of `schema.HEADS`.

    `duty` is the share of time that the head looks this way; `assumptions` are names from
    `assumptions.ASSUMPTIONS`; `edge_gain` is how many times finer than this band a wall may be at
    the edge of the plane picture that the band stands for.
    """

    azimuth_deg: float
    tilt_deg: float
    roll_deg: float
    hfov_deg: float
    vfov_deg: float
    width_px: float
    height_m: float
    reach_m: float
    near_m: float
    lens: Lens
    duty: float = 1.0
    assumptions: tuple[str, ...] = ()
    edge_gain: float = 1.0
