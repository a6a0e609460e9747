"""Against whom nothing is said: who may see what was not judged, or alone sees a presumed gate."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import LineString, MultiLineString, Point, box

from civicsight.coverage.findings.withheld import (
    AROUND_MARK_M,
    OUTSIDE_M,
    PRESUMED_GATE,
    SPACING_M,
    UNJUDGED_PLACE,
    _points_of,
    withheld,
)
from civicsight.model.results import PRESUMED
from tests.small import cameras, matrix, parts, readings, samples

NOTHING = pd.DataFrame({"camera_id": [], "zone_id": []}, dtype=object)


def held(cams, seen, unjudged=NOTHING, **part):
    table = parts(g={"how": PRESUMED[0], "inferred": True, "confirmed": False} | part)
    points = samples(table, {"g": [1.0, 0.0]})
    found = withheld(cams, table, points, readings(matrix(cams, points, seen)), unjudged)
    return found.to_dict("index")


BESIDE_GATE = {"reason": PRESUMED_GATE, "beside": ("z",)}
SEES = {"g": 200.0}


@pytest.mark.parametrize(
    ("others", "is_held"),
    [
        ({}, True),
        ({"b": {}}, False),  # another stands, and sees every position too
        ({"b": {"status": "approved"}}, False),
        ({"b": {"status": "planned"}}, True),  # those may all go together
        ({"b": {"kind": "ptz"}}, True),
        ({"b": {"usable": False}}, True),
    ],
)
def test_who_alone_is_sure_to_see_a_position_of_a_presumed_gate_may_be_needed(others, is_held):
    cams = cameras(a={}, **others)
    found = held(cams, dict.fromkeys(cams.index, SEES))
    assert found.get("a") == (BESIDE_GATE if is_held else None)


def test_every_position_counts_and_every_camera_that_is_asked_for():
    cams = cameras(a={}, b={})
    assert held(cams, {"a": SEES, "b": {"g/0": 200.0}}) == {"a": BESIDE_GATE}
    assert set(held(cams, {"a": SEES, "b": SEES}, k=2)) == {"a", "b"}
    assert held(cams, {"a": {"g": 60.0}, "b": {}}) == {}  # too coarse to be needed
    assert held(cams, {"a": SEES}, how="mapped") == {}


def test_what_was_not_judged_comes_before_a_gate_that_is_presumed():
    cams = cameras(a={}, b={}, idle={"usable": False})
    places = pd.DataFrame(
        {"camera_id": ["a", "b", "b", "idle"], "zone_id": ["u", "v", "u", "u"]}, dtype=object
    )
    assert held(cams, {"a": SEES}, places) == {
        "a": {"reason": UNJUDGED_PLACE, "beside": ("u", "z")},
        "b": {"reason": UNJUDGED_PLACE, "beside": ("u", "v")},
    }


@pytest.mark.parametrize(
    ("shape", "of", "apart"),
    [
        (box(0, 0, 40, 20), box(0, 0, 40, 20), OUTSIDE_M),
        (Point(5, 5), Point(5, 5), AROUND_MARK_M),
        (LineString([(0, 0), (30, 0)]), LineString([(0, 0), (30, 0)]), 0.0),
        (
            MultiLineString([[(0, 0), (9, 0)], [(0, 50), (9, 50)]]),
            LineString([(0, 0), (9, 0)]),
            0.0,
        ),
    ],
)
def test_places_are_looked_at_outside_of_their_walls_around_their_mark_or_along(shape, of, apart):
    points = shapely.points(_points_of(shape))
    distance = shapely.distance(shape, points)
    np.testing.assert_allclose(distance, apart, atol=0.02 * max(apart, 1.0))
    assert shapely.distance(of, points).min() == pytest.approx(apart, abs=0.02 * max(apart, 1.0))
    assert len(points) > shapely.buffer(shape, apart).length / SPACING_M / 3.0
