"""Neutral classes of cameras: what a device has to deliver, never who makes it.

References
----------
Article 12: a plan names performance, no maker, no model and no supplier.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files
from math import radians, tan
from typing import Final

import numpy as np

from civicsight.core.arrays import FloatArray
from civicsight.core.errors import N_, Text

CLASS_LABELS: Final[dict[str, Text]] = {
    "wide": N_("wide: a gate from near by, a small square"),
    "standard": N_("standard: a gate across a street"),
    "fine": N_("wide and fine: a square, several gates"),
    "long": N_("long: faces from farther away"),
    "plate": N_("plates: a vehicle entrance from farther away"),
    "panorama": N_("four heads: all round from one mount"),
}
"""Classes for a person."""


@dataclass(frozen=True, slots=True)
class CameraClass:
    """What a class of devices delivers.

    Parameters
    ----------
    camera_class
        Its name; its device is the item ``device.<name>`` of the price table.
    hfov_deg, vfov_deg, width_px
        Of one head, a plane picture.
    heads
        Heads in one housing, which share the circle if there are several.
    reach_m, light_m
        Greatest distance at which its view is used, by day and by its own light at night.
    low_m, high_m
        Heights at which it may hang.
    """

    camera_class: str
    hfov_deg: float
    vfov_deg: float
    width_px: float
    heads: int
    reach_m: float
    light_m: float
    low_m: float
    high_m: float

    def reach(self, *, night: bool = False) -> float:
        """Return the greatest distance at which its view is used [m]."""
        return min(self.reach_m, self.light_m) if night else self.reach_m

    def range_m(self, need_px_m: FloatArray, *, night: bool = False) -> FloatArray:
        """Return the greatest distance at which a need is met on the axis [m].

        The lesser of what the plane of the picture and what its arc give, as coverage is credited.
        """
        angle = radians(self.hfov_deg)
        focal_px = self.width_px / (2.0 * tan(angle / 2.0))
        per_radian = self.width_px / angle
        with np.errstate(divide="ignore"):
            reach: FloatArray = np.minimum(
                min(focal_px, per_radian) / need_px_m, self.reach(night=night)
            )
        return reach


def read_classes() -> tuple[CameraClass, ...]:
    """Read the classes that come with the project."""
    text = (files("civicsight.planning") / "data" / "camera_classes.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return tuple(
        CameraClass(
            row.pop("camera_class"),
            heads=int(row.pop("heads")),
            **{name: float(value) for name, value in row.items()},
        )
        for row in rows
    )
