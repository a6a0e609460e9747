"""Cameras of several views: tours of presets, and several heads in one housing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from civicsight.core.errors import Fault, InputError
from civicsight.coverage.faults import fault

MAX_PRESETS: Final = 255
"""Presets are numbered in one byte (GB/T 28181, Annex A)."""


def read_presets(text: str) -> tuple[Preset, ...]:
    """Read a tour written as ``azimuth/tilt/hfov/dwell`` [deg, deg, deg, s], joined by ``;``.

    Raises
    ------
    InputError
        If an entry is not four numbers, a field of view is not positive, or nothing dwells; all
        faults at once.

    Examples
    --------
    >>> [preset.azimuth_deg for preset in read_presets("90/12/40/30; 180/10/35/10")]
    [90.0, 180.0]
    """
    entries = [entry.strip() for entry in text.split(";") if entry.strip()]
    presets, faults = [], []
    for position, entry in enumerate(entries, start=1):
        try:
            azimuth, tilt, hfov, dwell = (float(value) for value in entry.split("/"))
        except ValueError:
            azimuth = tilt = hfov = dwell = float("nan")
        if -360 <= azimuth <= 360 and -90 <= tilt <= 90 and 0 < hfov < 180 and 0 <= dwell < 1e6:
            presets.append(Preset(azimuth, tilt, hfov, dwell))
        else:
            faults.append(_fault(str(position), entry))
    if len(entries) > MAX_PRESETS:
        faults.append(_fault("", f"{len(entries)} presets"))
    if not faults and not any(preset.dwell_s > 0 for preset in presets):
        faults.append(_fault("", text))
    if faults:
        raise InputError(faults)
    return tuple(presets)


def preset_duty(presets: Sequence[Preset]) -> tuple[float, ...]:
    """Return the share of time that a tour spends on each preset; a preset without dwell gets 0."""
    total = sum(preset.dwell_s for preset in presets)
    return tuple(preset.dwell_s / total for preset in presets)


def head_azimuths_deg(azimuth_deg: float, span_deg: float, count: int) -> tuple[float, ...]:
    """Return the directions of equal heads that share a span, centred on an azimuth.

    Parameters
    ----------
    span_deg
        Angle that the heads cover together; each has an equal part of it.

    Examples
    --------
    >>> head_azimuths_deg(0.0, 360.0, 4)
    (225.0, 315.0, 45.0, 135.0)
    """
    part = span_deg / count
    first = azimuth_deg - span_deg / 2.0 + part / 2.0
    return tuple((first + i * part) % 360.0 for i in range(count))


def _fault(where: str, found: str) -> Fault:
    return fault("rigs.preset", where=where, field="presets", found=found, most=MAX_PRESETS)


@dataclass(frozen=True, slots=True)
class Preset:
    """One stop of a tour: direction, field of view and how long it is held."""

    azimuth_deg: float
    tilt_deg: float
    hfov_deg: float
    dwell_s: float
