"""What whoever asks for a plan rules out: a camera left as it is, a carrier, a circle.

The law rules out before (`lawful`), for all; this is one person's wish for one plan, and is told as
such.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from civicsight.core.arrays import BoolArray
from civicsight.core.errors import N_, MismatchError
from civicsight.io.crs import LONLAT, moved
from civicsight.model import City
from civicsight.planning.candidates.sites import carriers_of

ASKED: Final = "asked"
"""Reason why a sample is met by too few: what is in range of it was ruled out."""

WIDEST_M: Final = 10_000.0
"""Greatest radius of a circle that is ruled out; a wider one is a slip of the pen."""

MEASURES: Final = ("keep", "connect", "reaim", "refurbish", "new", "planned")
"""What the id of a candidate begins with."""

ON_RECORD: Final = ("facade", "pole", "lamp", "gate", "camera")
"""What a site is on, as its id begins: ``facade:building/2.5/7``, ``pole:id``."""

ON_GROUND: Final = ("ground", "corner")
GROUND: Final = re.compile(r"-?\d+\.\d_-?\d+\.\d")
"""Sites that stand by themselves are named by their place."""


@dataclass(frozen=True, slots=True)
class Circle:
    """A place in degrees (WGS 84) and what lies within a distance of it [m]."""

    lon: float
    lat: float
    radius_m: float


@dataclass(frozen=True, slots=True)
class RuledOut:
    """What a plan leaves alone.

    Parameters
    ----------
    names
        Ids of cameras, which stay as they are or, if planned, are not built; of buildings, poles,
        lamps and gates, which carry nothing new; of sites and candidates of another plan of the
        same city.
    circles
        Circles in which nothing new is put up, planned cameras among it; what stands there stays.
    """

    names: tuple[str, ...] = ()
    circles: tuple[Circle, ...] = ()

    @classmethod
    def of(cls, texts: Sequence[str]) -> RuledOut:
        """Read names, and circles as ``LON,LAT,METRES``.

        Raises
        ------
        MismatchError
            If what looks like a circle is none.

        Examples
        --------
        >>> RuledOut.of(["C012", "24.94,60.17,25"]).circles
        (Circle(lon=24.94, lat=60.17, radius_m=25.0),)
        """
        found = [_circle_of(text) or text.strip() for text in texts]
        names = sorted({each for each in found if isinstance(each, str) and each})
        circles = dict.fromkeys(each for each in found if isinstance(each, Circle))
        return cls(tuple(names), tuple(circles))

    def __bool__(self) -> bool:
        """Tell whether anything is ruled out."""
        return bool(self.names or self.circles)

    def carries_nothing(self, sites: gpd.GeoDataFrame) -> BoolArray:
        """Tell which sites carry nothing new.

        Parameters
        ----------
        sites
            By ``site_id``, with ``host`` and ``host_id``, in a metric CRS.
        """
        own = sites["host"].eq("camera").to_numpy(bool)
        out = sites.index.isin(self.carriers) | sites["host_id"].isin(self.carriers).to_numpy(bool)
        return np.asarray(out | (self._encircled(sites) & ~own), np.bool_)

    def left_alone(self, cameras: gpd.GeoDataFrame) -> frozenset[str]:
        """Return the cameras to which nothing is done: those named, and planned ones in circles.

        Parameters
        ----------
        cameras
            Those of the inventory where they were placed.
        """
        planned = cameras["status"].eq("planned").to_numpy(bool)
        out = cameras.index.isin(self.carriers) | (planned & self._encircled(cameras))
        return frozenset(cameras.index[out].astype(str))

    def _encircled(self, table: gpd.GeoDataFrame) -> BoolArray:
        """Tell which rows lie in a circle."""
        within = np.zeros(len(table), np.bool_)
        if self.circles and len(table):
            places = [shapely.Point(circle.lon, circle.lat) for circle in self.circles]
            centres = moved(gpd.GeoSeries(places, crs=LONLAT), table.crs).to_numpy()
            radii = np.array([circle.radius_m for circle in self.circles])
            tree = shapely.STRtree(table.geometry.to_numpy())
            within[tree.query(centres, predicate="dwithin", distance=radii)[1]] = True
        return within

    @property
    def carriers(self) -> frozenset[str]:
        """Names of what carries nothing new; those of candidates are cut to their sites."""
        return frozenset(carrier_of(name) for name in self.names)

    def require_known(self, city: City, cameras: gpd.GeoDataFrame) -> None:
        """Refuse names and circles that nothing has, so that no slip of the pen rules out nothing.

        Parameters
        ----------
        city, cameras
            Its buildings, lamps and free-standing gates (a door is part of its wall), and the
            inventory.

        Raises
        ------
        MismatchError
            If there is one.
        """
        for circle in self.circles:
            place = gpd.GeoSeries([shapely.Point(circle.lon, circle.lat)], crs=LONLAT)
            if not shapely.dwithin(moved(place, city.crs).iloc[0], city.extent, circle.radius_m):
                text = N_(
                    "the circle %(circle)s lies outside the city: correct the place, or leave it "
                    "out",
                    circle=f"{circle.lon:g},{circle.lat:g},{circle.radius_m:g}",
                )
                raise MismatchError(text)
        known = {str(label) for table in (cameras, city.buildings) for label in table.index}
        known |= carriers_of(city)
        known |= set(cameras["pole_id"].dropna().astype(str))
        for name in self.names:
            if not _is_known(carrier_of(name), known):
                text = N_(
                    "nothing is called %(name)s: give the id of a camera, building, pole, lamp or "
                    "gate, of a site of another plan of this city, or LON,LAT,METRES",
                    name=repr(name),
                )
                raise MismatchError(text)


def _is_known(name: str, known: Collection[str]) -> bool:
    """Tell whether a name is that of something on record, or a site on it or on open ground."""
    host, _, place = name.partition(":")
    if name in known or (host in ON_GROUND and GROUND.fullmatch(place)):
        return True
    return host in ON_RECORD and (place in known or place.rsplit("/", 2)[0] in known)


def _circle_of(text: str) -> Circle | None:
    """Read a circle; None if a text is a name."""
    parts = text.split(",")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        return None
    if len(numbers) == 1:
        return None
    bounds = (180.0, 90.0, WIDEST_M)
    if (
        len(numbers) != len(bounds)
        or not all(abs(number) <= most for number, most in zip(numbers, bounds, strict=True))
        or numbers[-1] <= 0.0
    ):
        wrong = N_(
            "%(text)s is no circle: expected LON,LAT,METRES, in degrees of WGS 84, and at most "
            "%(most)s m",
            text=repr(text),
            most=f"{WIDEST_M:,.0f}",
        )
        raise MismatchError(wrong)
    return Circle(*numbers)


def carrier_of(name: str) -> str:
    """Return the site in the name of a candidate, ``measure:site@height/…``, or the name."""
    measure, _, rest = name.partition(":")
    if measure not in MEASURES:
        return name
    return rest.partition("@")[0].removesuffix("/mask")
