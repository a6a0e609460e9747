"""One camera with a known pose, for notebooks and for editing: no table needed."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import geopandas as gpd
import shapely
from pyproj import CRS

from civicsight.errors import MismatchError
from civicsight.schema import HEADS


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera whose pose is believed as it is given.

    Parameters
    ----------
    x, y, crs
        Position, and the metric CRS it is in (anything that pyproj understands).
    azimuth_deg, tilt_deg, roll_deg
        Clockwise from grid north; below the horizontal; clockwise as seen from behind.
    height_m
        Of the lens above the ground.
    hfov_deg, vfov_deg, width_px, lens
        Angles of view, pixels across, and projection: ``rectilinear``, ``equidistant`` (fisheye)
        or ``cylindrical`` (panorama, for which roll is ignored).
    reach_m, near_m
        Greatest and least slant distance at which the view is used.

    Raises
    ------
    MismatchError
        If a value is not finite or out of its bounds; all faults in one message.

    Examples
    --------
    >>> Camera(10.0, 20.0, "EPSG:4548", azimuth_deg=90.0).azimuth_deg
    90.0
    """

    x: float
    y: float
    crs: Any
    azimuth_deg: float = 0.0
    height_m: float = 6.0
    tilt_deg: float = 15.0
    roll_deg: float = 0.0
    hfov_deg: float = 90.0
    vfov_deg: float = 59.0
    width_px: float = 2560.0
    reach_m: float = 80.0
    near_m: float = 0.0
    lens: str = "rectilinear"

    def __post_init__(self) -> None:
        """Check every number against the bounds that `schema.HEADS` declares."""
        object.__setattr__(self, "crs", CRS.from_user_input(self.crs))
        faults = [
            f"{name} is {getattr(self, name)}, expected {low} to {high} {unit}"
            for name, (low, high, unit) in _BOUNDS.items()
            if not low <= getattr(self, name) <= high or math.isinf(getattr(self, name))
        ]
        if self.lens not in _LENSES:
            faults.append(f"lens is {self.lens!r}, expected one of {', '.join(_LENSES)}")
        if faults:
            raise MismatchError("; ".join(faults))

    def as_heads(self) -> gpd.GeoDataFrame:
        """Return the camera as a table `schema.HEADS` of one row."""
        row = asdict(self) | {"camera_id": "camera", "reading": "sure"}
        table = gpd.GeoDataFrame(
            [row], index=["camera"], geometry=[shapely.Point(self.x, self.y)], crs=self.crs
        )
        return gpd.GeoDataFrame(HEADS.complete(table.drop(columns=["x", "y", "crs"])))


_BOUNDS = {
    column.name: (column.low, column.high, column.unit)
    for column in HEADS
    if column.name in Camera.__dataclass_fields__ and column.kind == "float"
} | {"x": (-math.inf, math.inf, "m"), "y": (-math.inf, math.inf, "m")}

_LENSES = next(column.choices for column in HEADS if column.name == "lens")
