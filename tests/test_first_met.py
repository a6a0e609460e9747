"""What is named as being in the way: the first thing that a line of sight meets in 3D."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from civicsight.coverage.viewshed import sightlines
from civicsight.model.terrain import Terrain
from civicsight.scene.bodies import build_scene
from tests.conftest import INTERPRETED
from tests.drawn import a_few
from tests.first_met import CROWNS, GROUND, first_met
from tests.kernel_parts import camera_at, crowns, heads_of, houses, no_houses, panels, samples_at
from tests.oracle_cells import features_of, ground

ROWS = {-2: GROUND, -3: CROWNS}
EYE = (0.0, 5.0)


def named(tables, terrain, camera, *places):
    """Return what the engine names for places that are hidden from a camera, None for the free."""
    scene = build_scene(*tables, terrain)
    lines = sightlines(heads_of(camera), samples_at(*places), scene)
    rows = list(zip(scene.features["layer"], scene.features["id"], strict=True))
    found = [None] * len(places)
    for line in lines.blocked.itertuples():
        found[line.sample] = ROWS[line.blocker] if line.blocker < 0 else rows[line.blocker]
    return found


def town(*rows, fences=(), trees=()):
    """Return the three tables of a scene; a row is a label, a shape, a top and perhaps a base."""
    buildings = houses(*(row[1:] for row in rows))
    buildings.index = [row[0] for row in rows]
    return buildings, panels(*fences) if fences else None, crowns(*trees) if trees else None


def told(*rows, target=(40.0, 5.0, 1.5), terrain=None, height_m=6.0, **more):
    """Name what hides one target, whatever the order of the rows."""
    camera = camera_at(*EYE, height_m=height_m, reach_m=90.0)
    answers = {
        named(town(*order, **more), terrain, camera, target)[0] for order in (rows, rows[::-1])
    }
    (answer,) = answers
    return answer


LOW = ("low", shapely.box(10, 0, 20, 10), 4.5)
HIGH = ("high", shapely.box(20, 0, 30, 10), 9.0)


def ridge(crest: float) -> Terrain:
    """Return a ridge of 8 m along x = `crest`, as wide as two patches of 10 m."""
    z = np.zeros((9, 21))
    z[:, 10] = 8.0
    return Terrain(z, crest - 100.0, -40.0, 10.0)


def test_a_terrace_is_named_by_the_roof_that_the_line_enters_first():
    """At 10 m the line is 4.9 m up, over the eaves; it dips into the low roof at 13.3 m."""
    assert told(LOW, HIGH) == ("building", "low")
    assert told((*LOW[:2], 3.5), HIGH) == ("building", "high")
    assert told(LOW, HIGH, height_m=4.0) == ("building", "low")


def test_a_ridge_before_a_house_is_named():
    house = ("house", shapely.box(20, 0, 30, 10), 30.0)
    for crest, expected in (
        (0.0, ("building", "house")),
        (10.0, GROUND),
        (40.0, ("building", "house")),
    ):
        assert told(house, target=(60.0, 5.0, 1.5), terrain=ridge(crest)) == expected


def test_of_two_at_the_same_distance_the_lower_id_is_named():
    whole, part = ("w2", shapely.box(10, 0, 20, 10), 9.0), ("w10", shapely.box(10, 2, 15, 8), 12.0)
    assert told(whole, part) == ("building", "w10")
    turned = ("a", shapely.Polygon([(10, 10), (20, 10), (20, 0), (10, 0), (10, 4)]), 9.0)
    assert told(whole, turned) == ("building", "a")


def test_what_stands_clear_of_the_ground_is_met_by_its_underside_or_roof():
    bridge = ("bridge", shapely.box(8, 0, 14, 10), 7.0, 4.0)
    wall = ("wall", shapely.box(16, 0, 18, 10), 9.0)
    assert told(bridge, wall) == ("building", "bridge")
    under = ("under", shapely.box(2, 0, 14, 10), 9.0, 3.0)
    # Looking up from 2 m the line enters by the underside at 8 m, behind the fence at 7 m.
    target = (40.0, 5.0, 7.0)
    assert told(under, wall, target=target, height_m=2.0) == ("building", "under")
    fence = ((shapely.LineString([(7, 0), (7, 10)]), 4.0, 0.0),)
    assert told(under, wall, target=target, height_m=2.0, fences=fence) == ("obstacle", "o0")


def test_billboards_and_crowns_take_part():
    board = ((shapely.LineString([(5, 0), (5, 10)]), 7.0, 4.0),)
    assert told(HIGH, fences=board) == ("obstacle", "o0")
    dark = (shapely.box(12, 0, 16, 10), 9.0, 1.0, 0.2)
    assert told(HIGH, trees=(dark,)) == ("canopy", "c0")
    light = tuple((shapely.box(x, 0, x + 2, 10), 9.0, 1.0, 0.7) for x in (4, 8))
    assert told(HIGH, trees=light) == CROWNS
    assert told(HIGH, trees=light[:1]) == ("building", "high")
    behind = tuple((shapely.box(x, 0, x + 1, 10), 9.0, 0.5, 0.7) for x in (32, 34))
    assert told(HIGH, trees=(light[0], *behind)) == ("building", "high")


def test_a_place_inside_a_house_is_hidden_by_the_house_before_it():
    assert told(LOW, HIGH, target=(25.0, 5.0, 1.5)) == ("building", "low")
    assert told((*LOW[:2], 1.0), HIGH, target=(25.0, 5.0, 1.5)) == ("building", "high")


def random_town(rng):
    """Make terraces of different roofs, twins on one footprint, halls, boards, trees, a ridge."""
    rows, x, y = [], rng.integers(8, 16) / 1.0, float(rng.integers(-6, 3))
    for _ in range(int(rng.integers(3, 7))):
        wide, deep = float(rng.integers(3, 8)), float(rng.integers(6, 14))
        rows.append((shapely.box(x, y, x + wide, y + deep), float(rng.uniform(1.5, 9.0))))
        if rng.random() < 0.3:
            rows.append((rows[-1][0], float(rng.uniform(1.5, 12.0))))
        x += wide
    for _ in range(int(rng.integers(0, 5))):
        x, y, wide, deep = *rng.uniform(6, 50, 2), *rng.uniform(2, 12, 2)
        shape = shapely.affinity.rotate(shapely.box(x, y - 20, x + wide, y - 20 + deep), x)
        top = float(rng.uniform(2.0, 12.0))
        rows.append((shape, top, float(rng.choice([0.0, 0.6 * top]))))
    labels = [f"b{k}" for k in rng.permutation(len(rows))]
    tables = town(*((label, *row) for label, row in zip(labels, rows, strict=True)))
    boards = [
        (shapely.LineString(rng.uniform((5, -8), (50, 14), (2, 2))), 6.0, float(rng.choice([0, 3])))
        for _ in range(int(rng.integers(0, 4)))
    ]
    trees = [
        (shapely.Point(*rng.uniform((4, -8), (50, 14))).buffer(3, quad_segs=2), 9.0, 1.0, share)
        for share in rng.choice([0.2, 0.6, 0.8], int(rng.integers(0, 5)))
    ]
    terrain = None
    if rng.random() < 0.5:
        z = np.round(rng.uniform(0.0, 2.0, (16, 20)), 3)
        z[:, int(rng.integers(9, 14))] += float(rng.uniform(0.0, 9.0))
        terrain = Terrain(z, -31.3, -42.9, 5.0)
    return (tables[0], panels(*boards) if boards else None, crowns(*trees) if trees else None), (
        terrain
    )


@pytest.mark.parametrize("seed", a_few(range(4 if INTERPRETED else 30), 6))
def test_random_towns_are_named_as_by_an_exact_walk(seed):
    rng = np.random.default_rng(seed)
    tables, terrain = random_town(rng)
    features, names = features_of(*tables, terrain)
    camera = camera_at(
        *rng.uniform((-3, -2), (4, 8)), height_m=float(rng.uniform(1.0, 14.0)), reach_m=90.0
    )
    count = 20 if INTERPRETED else 60
    places = rng.uniform((5, -12, 0.3), (56, 18, 6.0), (count, 3))
    z = ground(np.array([camera.x]), np.array([camera.y]), terrain)[0] + camera.height_m
    feet = ground(places[:, 0], places[:, 1], terrain)
    found = named(tables, terrain, camera, *places)
    order = rng.permutation(len(tables[0]))
    shuffled = (tables[0].iloc[order], *tables[1:])
    assert named(shuffled, terrain, camera, *places) == found
    expected = [
        first_met((camera.x, camera.y, z), (x, y, foot + height), features, names, terrain)
        for (x, y, height), foot in zip(places, feet, strict=True)
    ]
    differ = [(k, e, f) for k, (e, f) in enumerate(zip(expected, found, strict=True)) if e != f]
    assert not differ
    assert any(found)


def test_labels_of_the_ground_and_of_an_empty_town_stay():
    assert named((no_houses(), None, None), None, camera_at(*EYE), (20.0, 5.0, 1.5)) == [None]
    flat = gpd.GeoDataFrame(houses((shapely.box(10, 0, 20, 10), 9.0)))
    assert named((flat, None, None), None, camera_at(*EYE), (40.0, 5.0, 1.5)) == [
        ("building", "b0")
    ]
