"""What a person did on the map of the app, read from the browser's message and checked.

Nothing that a browser sends is trusted: what is not exactly as expected is no event.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, cast, get_args

import shapely
from pyproj import CRS

from civicsight.io.crs import LONLAT, between

EventKind = Literal["select", "point", "move", "aim", "draw"]
"""A feature was chosen, an empty place clicked, a camera moved or turned, an area drawn."""

DRAWN: Final = {"zone": 3, "obstacle": 3, "wall": 2}
"""What can be drawn, and how many corners it has at least; a wall is a line."""

EDITED: Final = "edited_"
"""What the layer of edited features is called before the name of the layer that they belong to."""

MAX_TEXT: Final = 300
MAX_CORNERS: Final = 1_000
MAX_LATITUDE: Final = 85.06
"""Web Mercator ends here."""

LngLat = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Event:
    """One act on the map.

    Parameters
    ----------
    kind
        What was done.
    seq
        Larger for every later act of the same browser.
    at
        Longitude and latitude of the click, of the new place, or of the point aimed at.
    layer, id
        Which feature, for ``select``; ``id`` of the camera, for ``move`` and ``aim``.
    what, ring
        For ``draw``: a key of `DRAWN`, and its corners, not closed.
    spot
        The same in the CRS of the city, for ``point`` in three dimensions, in place of `at`.
    """

    kind: EventKind
    seq: int
    at: LngLat = (math.nan, math.nan)
    layer: str = ""
    id: str = ""
    what: str = ""
    ring: tuple[LngLat, ...] = ()
    spot: tuple[float, float] | None = None


def read_event(raw: object) -> Event | None:
    """Read the message of a browser; None if it is not one that our map sends."""
    if not isinstance(raw, Mapping):
        return None
    kind, seq = raw.get("kind"), raw.get("seq")
    if kind not in get_args(EventKind) or isinstance(seq, bool) or not isinstance(seq, int):
        return None
    if kind == "draw":
        return _read_drawing(raw, seq)
    return _read_click(raw, cast("EventKind", kind), seq)


def _read_click(raw: Mapping[Any, Any], kind: EventKind, seq: int) -> Event | None:
    spot = _pair(raw.get("x"), raw.get("y"))
    if kind == "point" and spot is not None:
        return Event("point", seq, spot=spot)
    at, layer, label = (
        _lng_lat(raw.get("lng"), raw.get("lat")),
        raw.get("layer", ""),
        raw.get("id", ""),
    )
    if at is None or not _is_text(layer) or not _is_text(label):
        return None
    if (kind != "point" and not label) or (kind == "select" and not layer):
        return None
    return Event(kind, seq, at, layer.removeprefix(EDITED), label)


def place_of(event: Event, crs: CRS) -> shapely.Point:
    """Return where an act took place, in a metric CRS."""
    if event.spot is not None:
        return shapely.Point(*event.spot)
    return shapely.Point(*between(LONLAT, crs).transform(*event.at))


def corners_of(event: Event, crs: CRS) -> tuple[tuple[float, float], ...]:
    """Return the corners of what was drawn, in a metric CRS; its outline may cross itself."""
    lng, lat = zip(*event.ring, strict=True)
    east, north = between(LONLAT, crs).transform(lng, lat)
    return tuple(zip(map(float, east), map(float, north), strict=True))


def azimuth_to(event: Event, camera: shapely.Point, crs: CRS) -> float:
    """Return the direction from a camera to where it was aimed [0-360), from grid north."""
    target = place_of(event, crs)
    return math.degrees(math.atan2(target.x - camera.x, target.y - camera.y)) % 360.0


def _read_drawing(raw: Mapping[Any, Any], seq: int) -> Event | None:
    what, corners = raw.get("what"), raw.get("ring")
    if not isinstance(what, str) or what not in DRAWN or not isinstance(corners, list):
        return None
    if not DRAWN[what] <= len(corners) <= MAX_CORNERS:
        return None
    pairs = [corner for corner in corners if isinstance(corner, list) and len(corner) == 2]
    ring = [at for lat, lng in pairs if (at := _lng_lat(lng, lat)) is not None]
    if len(ring) != len(corners):
        return None
    return Event("draw", seq, what=what, ring=tuple(ring))


def _lng_lat(lng: object, lat: object) -> LngLat | None:
    pair = _pair(lng, lat)
    if pair is None or abs(pair[0]) > 180.0 or abs(pair[1]) > MAX_LATITUDE:
        return None
    return pair


def _pair(east: object, north: object) -> tuple[float, float] | None:
    numbers = [float(value) for value in (east, north) if isinstance(value, int | float)]
    if len(numbers) != 2 or not all(map(math.isfinite, numbers)):
        return None
    return numbers[0], numbers[1]


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= MAX_TEXT
