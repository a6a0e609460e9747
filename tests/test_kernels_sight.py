"""Single sight lines against every wall and body of a scene."""

import math

import numpy as np
import pytest
import shapely

from civicsight.coverage._kernels.lines import BY_CROWNS, BY_GROUND, UNNAMED
from civicsight.coverage._kernels.sight import CLEAR, WHOLE
from civicsight.coverage.prepare import prepare
from civicsight.model.terrain import Terrain
from civicsight.scene.bodies import MIN_TRANSMITTANCE, build_scene
from tests.conftest import INTERPRETED
from tests.kernel_parts import (
    NOBODY,
    camera_at,
    compiled,
    crowns,
    eye_of,
    ground_of,
    houses,
    no_houses,
    panels,
)

pytestmark = [pytest.mark.kernels, pytest.mark.parts]

(body_transmittance, bucket_of, crosses_body, crossing) = compiled(
    "sight", "body_transmittance", "bucket_of", "crosses_body", "crossing"
)
(first_met, first_wall, look_at_points) = compiled(
    "lines", "first_met", "first_wall", "look_at_points"
)

LINES = 100 if INTERPRETED else 1500
TIE = 1e-9


def random_scene(rng):
    """Make low, high and raised boxes and panels over many buckets of the index."""
    shapes = []
    for _ in range(40):
        x, y, w, h = *rng.uniform(0.0, 200.0, 2), *rng.uniform(1.0, 50.0, 2)
        turned = shapely.affinity.rotate(shapely.box(x, y, x + w, y + h), rng.uniform(0, 90))
        top = rng.uniform(1.0, 20.0)
        shapes.append((turned, top, rng.choice([0.0, 0.5 * top])))
    lines = [shapely.LineString(rng.uniform(0.0, 250.0, (2, 2))) for _ in range(4)]
    return build_scene(
        houses(*shapes),
        panels(*((line, float(rng.uniform(1.0, 6.0)), 0.5) for line in lines)),
        crowns((shapely.box(90, 90, 110, 110), 12.0, 2.0, 0.1)),
    )


def random_lines(rng, count):
    """Draw eyes and targets; some lines run along the axes or along borders of buckets."""
    lines = rng.uniform((-20, -20, 0, -20, -20, 0), (250, 250, 25, 250, 250, 25), (count, 6))
    for column in (0, 1):
        level = rng.random(count) < 0.1
        lines[level, column + 3] = lines[level, column]
    lines[rng.random(count) < 0.1] *= np.array([1.0, 0.0, 1.0, 1.0, 0.0, 1.0])
    # Straight down there is no length in plan to compare; single cases of that follow below.
    return lines[(lines[:, :2] != lines[:, 3:5]).any(axis=1)]


SOMEBODY, _ = eye_of(camera_at(0.0, 0.0))


def looking_from(line):
    return SOMEBODY._replace(x=float(line[0]), y=float(line[1]), z=float(line[2]))


def crossings(walls, line):
    """Return where each wall is crossed strictly between base and top, NaN where it is not."""
    a, b = walls[:, 0:2], walls[:, 2:4]
    eye, d = line[:2], line[3:5] - line[:2]
    normal = np.column_stack([(b - a)[:, 1], -(b - a)[:, 0]])
    side_a, side_b = ((p - eye) @ np.array([-d[1], d[0]]) for p in (a, b))
    with np.errstate(divide="ignore", invalid="ignore"):
        t = ((a - eye) * normal).sum(axis=1) / (normal @ d)
        z = line[2] + t * (line[5] - line[2])
    met = (side_a * side_b < 0.0) & (t > 0.0) & (t < 1.0) & (walls[:, 4] < z) & (z < walls[:, 5])
    return np.where(met, t, np.nan)


def entries(scene, bodies, walls, owner, line):
    """Return where each wall's feature is entered, by a wall or from above or below, if it is.

    Bodies are the shapes and heights of the scene's features: thousands of lines ask for them.
    """
    t = crossings(walls, line)
    solid = scene.transmittance[owner] < MIN_TRANSMITTANCE
    t = np.where(solid, t, np.nan)
    (shapes, heights), rise = bodies, line[5] - line[2]
    for who in np.unique(owner[np.isfinite(t)]):
        own = owner == who
        met = [np.nanmin(t[own])]
        for height in heights[who] if rise else ():
            share = (height - line[2]) / rise
            place = line[:2] + share * (line[3:5] - line[:2])
            if 0.0 <= share <= 1.0 and shapely.intersects_xy(shapes[who], *place):
                met.append(share)
        t[own & np.isfinite(t)] = min(met)
    return t


def test_the_first_wall_is_the_one_whose_feature_is_entered_first(rng):
    hits, owners = 0, set()
    for _ in range(4):
        scene = random_scene(rng)
        solids = prepare(scene).solids
        assert solids.wall_index.n_row * solids.wall_index.n_col > 30
        bodies = scene.features.geometry.to_numpy(), scene.features[["base", "top"]].to_numpy()
        for line in random_lines(rng, LINES):
            t = entries(scene, bodies, solids.walls, solids.owner, line)
            expected = CLEAR if np.isnan(t).all() else solids.owner[np.nanargmin(t)]
            nearest, found = first_wall(solids, looking_from(line), NOBODY, *line[3:], 1.0, TIE)
            assert found == expected
            assert nearest == pytest.approx(np.inf if found == CLEAR else np.nanmin(t), abs=1e-9)
            hits += expected != CLEAR
            owners.add(expected)
    assert hits > LINES
    assert len(owners) > 20


def test_a_prism_is_crossed_if_clipping_leaves_a_length(rng):
    scene = random_scene(rng)
    solids = prepare(scene).solids
    shapes = scene.features.geometry.to_numpy()
    bodies = np.flatnonzero((scene.features["base"] > -1.0) & ~scene.features["two_sided"])
    hits = 0
    for line in random_lines(rng, LINES // 4):
        for who in bodies:
            first, last = (int(k) for k in solids.first_wall[who : who + 2])
            expected = inside_share(scene, shapes[who], who, line) > TIE
            assert crosses_body(solids.walls, first, last, *line, WHOLE) == expected
            hits += expected
    assert hits > LINES // 12


def inside_share(scene, shape, who, line):
    """Return the length in plan of the part of a line inside a prism, by clipping with shapely."""
    base, top = scene.features["base"][who], scene.features["top"][who]
    z0, z1 = line[2], line[5]
    ends = np.array([0.0, 1.0])
    if z0 != z1:
        ends = np.clip(np.sort([(base - z0) / (z1 - z0), (top - z0) / (z1 - z0)]), 0.0, 1.0)
    elif not base < z0 < top:
        return 0.0
    a, b = line[:2], line[3:5]
    part = shapely.LineString([a + t * (b - a) for t in ends])
    return shapely.intersection(part, shape).length


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ((-5, 5, 4), (15, 5, 4), True),  # through two walls
        ((-5, 5, 4), (5, 5, 4), True),  # ends inside
        ((5, 5, 4), (6, 6, 4), True),  # wholly inside
        ((5, 5, 9), (6, 5, 4), True),  # through the roof, ends inside
        ((5, 5, 1), (6, 5, 4), True),  # through the underside
        ((5, 5, 9), (5.001, 5, 1), True),  # roof and underside, no wall
        ((5, 5, 9), (5, 5, 1), True),  # straight down
        ((-5, 5, 7), (15, 5, 7), False),  # over it
        ((-5, 5, 6), (15, 5, 6), False),  # along the roof
        ((-5, 5, 3), (15, 5, 3), False),  # along the underside
        ((-5, 5, 6), (15, 5, 3), True),  # from roof height down to the underside
        ((-5, 5, 12), (-1, 5, 3), False),  # down before it
        ((5, 5, 9), (5, 5, 6), False),  # down onto the roof
        ((-5, -5, 4), (15, -5, 4), False),  # beside it
        ((-5, 5, 6.5), (15, 5, 5.9), True),  # in by the roof, out by the far wall
        ((14, 14, 4), (16, 14, 4), False),  # in the hole
        ((14, 14, 9), (15, 14, 1), False),
        ((14, 14, 4), (25, 14, 4), True),  # out of the hole
    ],
)
def test_a_body_is_entered_by_walls_roof_and_underside(start, end, expected):
    outline = shapely.box(0, 0, 20, 20).difference(shapely.box(13, 13, 17, 17))
    solids = prepare(build_scene(houses((outline, 6.0, 3.0)))).solids
    walls = solids.walls
    for a, b in ((start, end), (end, start)):
        points = [float(v) for v in (*a, *b)]
        assert crosses_body(walls, 0, len(walls), *points, WHOLE) == expected


def test_bodies_are_crossed_where_shapely_says(rng):
    shape = shapely.Polygon([(0, 0), (30, 4), (20, 30), (12, 14), (3, 26)])
    scene = build_scene(houses((shape, 9.0, 3.0)))
    walls = prepare(scene).solids.walls
    answers = []
    for line in rng.uniform((-9, -9, 0, -9, -9, 0), (35, 35, 12, 35, 35, 12), (LINES, 6)):
        length = inside_share(scene, shape, 0, line)
        if length == 0.0 or length > TIE:
            answers.append(crosses_body(walls, 0, len(walls), *line, WHOLE))
            assert answers[-1] == (length > 0.0)
    assert 0.2 < np.mean(answers) < 0.9


@pytest.mark.parametrize(
    ("line", "share"),
    [
        ((-5.0, 0.0, 10.0, 0.0), 0.5),
        ((0.0, 0.0, 10.0, 0.0), 0.0),  # it begins on the wall
        ((-5.0, 5.0, 10.0, 0.0), 0.5),  # through the end of the wall
        ((-5.0, 5.1, 10.0, 0.0), math.nan),
        ((-5.0, 0.0, 0.0, 9.0), math.nan),  # alongside
        ((0.0, 0.0, 0.0, 9.0), math.nan),  # along the wall itself
        ((5.0, 0.0, 10.0, 0.0), -0.5),  # behind the eye
        ((-20.0, 0.0, 10.0, 0.0), 2.0),
    ],
)
def test_a_wall_is_crossed_at_a_share_of_the_line_ends_included(line, share):
    wall = np.array([[0.0, -5.0, 0.0, 5.0, 0.0, 9.0]])
    assert crossing(wall, 0, *line) == pytest.approx(share, nan_ok=True)


def test_no_line_slips_between_two_walls_that_meet(rng):
    corner = rng.uniform(0.0, 9.0, 2)
    left, right = corner - np.array([4.0, 3.0]), corner + np.array([5.0, -2.0])
    walls = np.array([[*left, *corner, 0, 9], [*corner, *right, 0, 9]])
    for eye in corner + rng.uniform((-3, 2), (3, 9), (200, 2)):
        d = 2.0 * (corner - eye)
        assert any(math.isfinite(crossing(walls, i, *eye, *d)) for i in (0, 1))


@pytest.mark.parametrize(
    ("value", "expected"), [(-99.0, 0), (10.0, 0), (42.0, 1), (41.9, 0), (1e9, 4)]
)
def test_beyond_the_index_the_outermost_buckets_answer(value, expected):
    assert bucket_of(value, 10.0, 32.0, 5) == expected


def light_through(rows, start, end, least=0.0):
    scene = build_scene(no_houses(), canopies=crowns(*rows))
    solids = prepare(scene).solids
    eye = looking_from([*map(float, start)])
    return body_transmittance(solids, eye, NOBODY, *map(float, end), WHOLE, least)


LONG = (shapely.box(0, 0, 200, 150), 9.0, 2.0, 0.6)


def test_a_crown_over_many_buckets_counts_once():
    for start, end in (
        ((-5, 70, 5), (205, 75, 5)),
        ((-5, -5, 5), (205, 155, 5)),
        ((100, 160, 5), (100, -9, 5)),
    ):
        share, owner = light_through(
            [LONG, (shapely.box(300, 0, 340, 40), 9.0, 2.0, 0.9)], start, end
        )
        assert (share, owner) == (0.6, 0)


def test_crowns_multiply_and_the_darkest_is_named():
    row = [
        (shapely.box(x, 0, x + 5, 5), 9.0, 2.0, t)
        for x, t in ((0, 0.9), (10, 0.7), (20, 0.8), (30, 1.0))
    ]
    share, owner = light_through(row, (-3, 2, 5), (40, 2, 5))
    assert share == pytest.approx(0.9 * 0.7 * 0.8)
    assert owner == 1
    assert light_through(row, (-3, 2, 5), (17, 2, 5))[0] == pytest.approx(0.63)
    assert light_through(row, (-3, 2, 5), (40, 2, 20))[0] == pytest.approx(0.9)
    assert light_through(row, (-3, 9, 5), (40, 9, 5)) == (1.0, CLEAR)
    assert light_through(row, (-3, 2, 5), (40, 2, 5), least=0.65)[0] == pytest.approx(0.63), (
        "stops early"
    )


def test_without_bodies_all_light_passes():
    solids = prepare(build_scene(houses((shapely.box(0, 0, 9, 9), 9.0)))).solids
    eye = looking_from([-9.0, 4.0, 5.0])
    assert body_transmittance(solids, eye, NOBODY, 20.0, 4.0, 5.0, WHOLE, 0.5) == (1.0, CLEAR)


def ridge():
    z = np.zeros((30, 30))
    z[:, 20] = 8.0
    return Terrain(z, 0.0, 0.0, 10.0)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ((150.0, 20.0), CLEAR),
        ((100.0, 50.0), 0),  # the house
        ((100.0, 5.0), 1),  # under the raised hall, by way of its underside
        ((100.0, 85.0), 2),  # the panel
        ((100.0, 120.0), 3),  # the dark crown
        ((100.0, 150.0), BY_CROWNS),  # two light ones together
        ((60.0, 150.0), CLEAR),  # one of them alone
        ((250.0, 20.0), BY_GROUND),
    ],
)
def test_what_blocks_a_line_is_named(target, expected):
    scene = build_scene(
        houses((shapely.box(50, 40, 70, 60), 9.0), (shapely.box(60, 2, 90, 9), 6.0, 3.0)),
        panels((shapely.LineString([(50, 75), (50, 95)]), 8.0, 0.0)),
        crowns(
            (shapely.box(50, 110, 60, 130), 9.0, 1.0, 0.2),
            (shapely.box(40, 140, 50, 160), 9.0, 1.0, 0.6),
            (shapely.box(70, 140, 80, 160), 9.0, 1.0, 0.7),
        ),
        ridge(),
    )
    eye, skips = eye_of(camera_at(10.0, target[1], height_m=7.0), scene)
    ready = prepare(scene)
    x, y = target
    place = (x, y, 1.5, skips[:0])
    named = first_met(ready.solids, ready.ground, eye, skips, MIN_TRANSMITTANCE, *place)
    assert named == expected


def look(scene, camera, *places, named_from=0.0):
    eye, skips = eye_of(camera, scene)
    ready = prepare(scene)
    points = np.array(places, float)
    density, blocked_by = np.full(len(points), -1.0), np.full(len(points), -9, np.int32)
    solid = np.array([[-1 if z < 50 else 0] for z in points[:, 2]], np.int32)
    points[:, 2] %= 50.0
    order, asked = np.arange(len(points), dtype=np.int32), np.full(len(points), named_from)
    look_at_points(
        ready.solids, ready.ground, eye, skips, MIN_TRANSMITTANCE, points, solid, asked, order, 0,
        len(points) - 1, 0, np.full((len(points), 2), -1, np.int32), density, blocked_by,
    )  # fmt: skip
    return density, blocked_by


def test_points_out_of_view_get_no_pixels_and_points_inside_a_solid_are_blocked_by_it():
    scene = build_scene(houses((shapely.box(20, 20, 30, 30), 9.0)))
    camera = camera_at(0.0, 25.0, azimuth_deg=90.0, hfov_deg=90.0, reach_m=40.0)
    density, blocked_by = look(
        scene,
        camera,
        (10, 25, 1.5),  # seen
        (35, 25, 1.5),  # behind the house
        (25, 25, 51.5),  # said to lie inside it
        (-10, 25, 1.5),  # behind the camera
        (60, 25, 1.5),  # out of reach
        (10, 25, math.nan),  # on unknown ground
        (10, 25, 1.5),  # not asked for
    )
    assert (density > 0.0).tolist() == [True, True, True, False, False, False, False]
    assert blocked_by.tolist() == [CLEAR, 0, 0, CLEAR, CLEAR, CLEAR, -9]
    assert density[-1] == -1.0
    assert density[0] == pytest.approx(2560.0 / (math.pi / 2) / math.hypot(10.0, 4.5))


def test_an_eye_in_a_crown_looks_through_it_and_no_other():
    own, other = shapely.box(0, 0, 10, 10), shapely.box(20, 0, 30, 10)
    scene = build_scene(no_houses(), canopies=crowns((own, 9.0, 1.0, 0.1), (other, 9.0, 1.0, 0.1)))
    eye, skips = eye_of(camera_at(5.0, 5.0, height_m=6.0), scene)
    ready = prepare(scene)
    assert skips[eye.skip_from : eye.skip_to].tolist() == [0]
    for x, expected in ((15.0, CLEAR), (35.0, 1)):
        assert first_wall(ready.solids, eye, skips, x, 5.0, 1.5, 1.0, TIE)[1] == expected
    place = (15.0, 5.0, 1.5, skips[:0])
    assert first_met(ready.solids, ground_of(), eye, skips, 0.5, *place) == CLEAR
    far, _ = eye_of(camera_at(5.0, -5.0, height_m=6.0), scene)
    assert first_wall(ready.solids, far, skips, 5.0, 15.0, 1.5, 1.0, TIE)[1] == 0


def test_what_nobody_asks_about_is_blocked_without_a_name():
    scene = build_scene(houses((shapely.box(20, 20, 30, 30), 9.0)))
    camera = camera_at(0.0, 25.0, azimuth_deg=90.0, hfov_deg=90.0, reach_m=60.0)
    places = [(10, 25, 1.5), (35, 25, 1.5), (50, 25, 1.5), (25, 25, 51.5), (10, 25, 1.5)]
    density, named = look(scene, camera, *places)
    same, asked = look(scene, camera, *places, named_from=float(density[1]))
    assert (density == same).all()
    assert named[:-1].tolist() == [CLEAR, 0, 0, 0]
    assert asked[:-1].tolist() == [CLEAR, 0, UNNAMED, 0]
