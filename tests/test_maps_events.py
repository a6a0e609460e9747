"""What a browser sends is an event only if it is exactly one that the map sends."""

from __future__ import annotations

import math

import pytest
from pyproj import CRS, Geod
from shapely.geometry import Point, Polygon

from civicsight.maps.events import Event, azimuth_to, corners_of, place_of, read_event

CRS_M = CRS.from_epsg(32635)
AT = {"lat": 60.17, "lng": 24.94}


@pytest.mark.parametrize(
    ("raw", "event"),
    [
        ({"kind": "point", "seq": 5, **AT}, Event("point", 5, (24.94, 60.17))),
        (
            {"kind": "select", "seq": 5, "layer": "zones", "id": "z 1", **AT},
            Event("select", 5, (24.94, 60.17), "zones", "z 1"),
        ),
        (
            {"kind": "select", "seq": 5, "layer": "edited_cameras", "id": "c1", **AT},
            Event("select", 5, (24.94, 60.17), "cameras", "c1"),
        ),
        ({"kind": "move", "seq": 5, "id": "c1", **AT}, Event("move", 5, (24.94, 60.17), "", "c1")),
        ({"kind": "aim", "seq": 5, "id": "c1", **AT}, Event("aim", 5, (24.94, 60.17), "", "c1")),
        (
            {"kind": "draw", "seq": 5, "what": "zone", "ring": [[1, 2], [3, 4], [5, 6]]},
            Event("draw", 5, what="zone", ring=((2.0, 1.0), (4.0, 3.0), (6.0, 5.0))),
        ),
    ],
)
def test_events_of_the_map_are_read(raw, event):
    found = read_event(raw)
    assert repr(found) == repr(event)  # NaN, where there is no place, equals nothing


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "point",
        [],
        {},
        {"kind": "point", **AT},
        {"kind": "point", "seq": "5", **AT},
        {"kind": "point", "seq": True, **AT},
        {"kind": "drop table", "seq": 5, **AT},
        {"kind": ["point"], "seq": 5, **AT},
        {"kind": "point", "seq": 5},
        {"kind": "point", "seq": 5, "lat": "60", "lng": 24},
        {"kind": "point", "seq": 5, "lat": math.nan, "lng": 24},
        {"kind": "point", "seq": 5, "lat": 89, "lng": 24},
        {"kind": "point", "seq": 5, "lat": 60, "lng": 181},
        {"kind": "move", "seq": 5, **AT},
        {"kind": "move", "seq": 5, "id": 7, **AT},
        {"kind": "move", "seq": 5, "id": "x" * 301, **AT},
        {"kind": "select", "seq": 5, "id": "c1", **AT},
        {"kind": "draw", "seq": 5, "what": "zone"},
        {"kind": "draw", "seq": 5, "what": "zone", "ring": [[1, 2], [3, 4]]},
        {"kind": "draw", "seq": 5, "what": "wall", "ring": [[1, 2]]},
        {"kind": "draw", "seq": 5, "what": ["wall"], "ring": [[1, 2], [3, 4]]},
        {"kind": "draw", "seq": 5, "what": "road", "ring": [[1, 2], [3, 4], [5, 6]]},
        {"kind": "draw", "seq": 5, "what": "zone", "ring": [[1, 2], [3, 4], [5]]},
        {"kind": "draw", "seq": 5, "what": "zone", "ring": [[1, 2], [3, 4], [5, "6"]]},
        {"kind": "draw", "seq": 5, "what": "zone", "ring": [[1, 2]] * 1_001},
    ],
)
def test_anything_else_is_no_event(raw):
    assert read_event(raw) is None


def test_a_point_in_three_dimensions_comes_in_the_system_of_the_city():
    found = read_event({"kind": "point", "seq": 5, "x": 500_010.5, "y": 6.0})
    assert found == Event("point", 5, spot=(500_010.5, 6.0))
    assert place_of(found, CRS_M) == Point(500_010.5, 6.0)
    assert read_event({"kind": "point", "seq": 5, "x": float("inf"), "y": 6.0}) is None
    assert read_event({"kind": "move", "seq": 5, "id": "c1", "x": 1.0, "y": 6.0}) is None


def test_a_wall_is_a_line_of_two_corners():
    found = read_event({"kind": "draw", "seq": 5, "what": "wall", "ring": [[1, 2], [3, 4]]})
    assert found == Event("draw", 5, what="wall", ring=((2.0, 1.0), (4.0, 3.0)))


def test_a_camera_is_turned_to_grid_north_and_not_to_true_north():
    """East of its central meridian a grid is turned by some degrees; the geodesic says how far."""
    event = Event("aim", 1, (29.5, 60.17))
    camera = place_of(Event("point", 1, (29.5, 60.10)), CRS_M)
    true = Geod(ellps="WGS84").inv(29.5, 60.10, 29.5, 60.17)[0]
    convergence = math.degrees(
        math.atan(math.tan(math.radians(2.5)) * math.sin(math.radians(60.135)))
    )
    assert true == pytest.approx(0.0, abs=1e-9)
    assert azimuth_to(event, camera, CRS_M) == pytest.approx(360.0 - convergence, abs=0.01)


def test_an_area_has_the_size_that_it_was_drawn_with():
    ring = ((24.94, 60.17), (24.95, 60.17), (24.95, 60.18), (24.94, 60.18))
    area = Polygon(corners_of(Event("draw", 1, what="zone", ring=ring), CRS_M))
    lng, lat = zip(*ring, strict=True)
    geodesic = abs(Geod(ellps="WGS84").polygon_area_perimeter(lng, lat)[0])
    assert area.area == pytest.approx(geodesic, rel=2e-3)
