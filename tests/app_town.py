"""The school of `tests.test_check` with what the law forbids around it: a toilet, a dormitory."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from shapely.geometry import Point, box

from civicsight.coverage.check import check
from civicsight.coverage.result import CheckResult
from civicsight.editing.refusals import Guard, make_guard
from civicsight.editing.session import PlanSession, begin
from civicsight.model import BUILDINGS, CONSENT_AREAS, DISTRICTS, PRIVATE_PLACES, City
from civicsight.rules import load_packs
from tests.test_check import CAMS, table, town

RULES = load_packs()
DIGEST = "ab" * 32

SHAPES = {
    "school": (box(20, 15, 40, 30), 12.0),
    "shop": (box(90, 10, 100, 30), 9.0),
    "toilet": (box(-30, 10, -24, 16), 4.0),
    "dorm": (box(110, 50, 130, 70), 15.0),
    "hostel": (box(110, 75, 130, 90), 15.0),
}
IN_TOILET, IN_DORM, IN_HOSTEL, SECRET = (-27.0, 13.0), (120.0, 60.0), (120.0, 82.0), (-40.0, 90.0)


@cache
def app_city() -> City:
    """Return the city: two counties, east and west of x = 50."""
    buildings = table(
        BUILDINGS,
        {name: {"height_m": high, "height_assumed": False} for name, (_, high) in SHAPES.items()},
        [shape for shape, _ in SHAPES.values()],
    )
    private = table(
        PRIVATE_PLACES,
        {
            "wc": {"kind": "toilet", "name": "WC North", "scope": "whole_interior"},
            "hall": {"kind": "dormitory", "name": "Hall 3", "scope": "interior_rooms"},
            "inn": {"kind": "lodging_room", "name": "Inn", "scope": "interior_rooms"},
        },
        [SHAPES[name][0] for name in ("toilet", "dorm", "hostel")],
    )
    counties = table(
        DISTRICTS,
        {
            "west": {"code": "360102", "name": "West", "level": "county"},
            "east": {"code": "360103", "name": "East", "level": "county"},
        },
        [box(-60, -60, 50, 110), box(50, -60, 160, 110)],
    )
    secret = table(CONSENT_AREAS, {"c": {"kind": "military"}}, [Point(SECRET).buffer(5.0)])
    cameras = CAMS.loc[["south", "twin", "away", "gone", "wall"]]
    return replace(
        town(cameras),
        buildings=buildings,
        private_places=private,
        districts=counties,
        consent_areas=secret,
    )


@cache
def app_result() -> CheckResult:
    """Return the check of the city, made once."""
    return check(app_city(), rules=RULES, cell_m=1.0)


@cache
def app_guard() -> Guard:
    """Return what the law forbids there."""
    return make_guard(app_city(), RULES)


def session() -> PlanSession:
    """Begin to edit."""
    return begin(app_city(), app_guard(), DIGEST)
