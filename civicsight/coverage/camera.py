"""One camera with a known pose, for notebooks and for editing: no table needed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import geopandas as gpd
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from civicsight.core.column import expected_number
from civicsight.core.errors import N_, CrsError, Fault, InputError, Text
from civicsight.coverage.bounds import is_number
from civicsight.coverage.faults import fault
from civicsight.coverage.privacy.masks import COLUMN, read_mask
from civicsight.model import HEADS
from civicsight.scene.validation import FARTHEST_COORDINATE_M


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
    mask
        Polygons of the picture that it never shows, as `privacy.masks` reads them.

    Raises
    ------
    InputError
        If a value is not finite or out of its bounds, all faults in one message; or if the mask
        cannot be read.
    CrsError
        If pyproj does not know the CRS.

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
    mask: str | None = None

    def __post_init__(self) -> None:
        """Check every number against the bounds that `model.HEADS` declares."""
        object.__setattr__(self, "crs", _read_crs(self.crs))
        faults = [
            _fault(name, getattr(self, name), expected, meaning)
            for name, (low, high, expected, meaning) in _BOUNDS.items()
            if not is_number(getattr(self, name)) or not low <= getattr(self, name) <= high
        ]
        if self.lens not in _LENSES.choices:
            choices = N_("one of %(choices)s", choices=", ".join(_LENSES.choices))
            faults.append(_fault("lens", self.lens, choices, _LENSES.meaning))
        if not faults and self.near_m >= self.reach_m:
            faults.append(
                fault("camera.value", field="near_m", found=str(self.near_m), reach=self.reach_m)
            )
        if faults:
            raise InputError(faults)
        if self.mask is not None:
            read_mask(str(self.mask))

    def as_heads(self) -> gpd.GeoDataFrame:
        """Return the camera as a table `model.HEADS` of one row."""
        row = asdict(self) | {"camera_id": "camera", "reading": "sure"}
        mask = row.pop("mask")
        row |= {} if mask is None else {COLUMN: mask}
        table = gpd.GeoDataFrame(
            [row], index=["camera"], geometry=[shapely.Point(self.x, self.y)], crs=self.crs
        )
        return gpd.GeoDataFrame(HEADS.complete(table.drop(columns=["x", "y", "crs"])))


def _fault(name: str, found: object, expected: Text, remedy: Text) -> Fault:
    return Fault("camera.value", "", "", name, str(found), expected, remedy)


def _read_crs(value: Any) -> CRS:
    """Read the name of a CRS as pyproj does."""
    try:
        return CRS.from_user_input(value)
    except CRSError as error:
        msg = f"crs is {value!r}, expected a projected CRS in metres, such as 'EPSG:4548'"
        raise CrsError(msg) from error


_BOUNDS = {
    column.name: (column.low, column.high, expected_number(column), column.meaning)
    for column in HEADS
    if column.name in Camera.__dataclass_fields__ and column.kind == "float"
} | dict.fromkeys(
    ("x", "y"),
    (
        -FARTHEST_COORDINATE_M,
        FARTHEST_COORDINATE_M,
        N_("coordinates of at most %(most)s m", most=f"{FARTHEST_COORDINATE_M:,.0f}"),
        N_("Check the coordinates, and the CRS they are in."),
    ),
)

_LENSES = next(column for column in HEADS if column.name == "lens")
