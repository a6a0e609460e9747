"""What a facility takes: equal to a full computation, to an analytic shadow, and to hand counts."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import LineString, Point, Polygon, box

from civicsight.core.errors import CrsError, SchemaError
from civicsight.coverage.check import build_scenes, check
from civicsight.coverage.matrix import compute_matrices
from civicsight.coverage.obstruction import (
    PROPOSALS,
    Outlook,
    gather_views,
    greatest_heights,
    lose,
    lost_ground,
    matrices_after,
    obstruct,
    place,
    read_facilities,
    smallest_offsets,
    with_facility,
)
from civicsight.model import BUILDINGS, CANOPIES, OBSTACLES, READINGS
from civicsight.model.terrain import Terrain
from tests.test_check import EPSG, inventory, table, town


def proposals(crs=EPSG, **rows):
    """Build proposals: footprint, kind, height and what else is known."""
    records = {
        name: {"kind": kind, "height_m": top} | more for name, (_, kind, top, more) in rows.items()
    }
    made = gpd.GeoDataFrame(
        list(records.values()),
        index=list(records),
        geometry=[row[0] for row in rows.values()],
        crs=crs,
    )
    return PROPOSALS.complete(made)


def one(shape, kind, top, **more):
    return read_facilities(proposals(it=(shape, kind, top, more)))[0]


def stand(city, shape, kind, top, more):
    """Return a city in which a facility stands, put there by hand."""
    base = {"height_m": top, "base_m": more.get("base_m", 0.0)}
    if kind == "tree" or more.get("summer", 0.0) > 0.0:
        row = base | {"summer": more.get("summer", np.nan), "winter": more.get("winter", np.nan)}
        add, name, declared = row, "canopies", CANOPIES
    elif kind == "building":
        add, name, declared = base, "buildings", BUILDINGS
    else:
        add, name, declared = base, "obstacles", OBSTACLES
    rows = table(declared, {"it": add}, [shape])
    rows["height_assumed"] = False
    both = [frame for frame in (getattr(city, name), rows) if len(frame)]
    return replace(city, **{name: gpd.GeoDataFrame(pd.concat(both), crs=EPSG)})


def random_town(seed):
    """Make a school with cameras of every sort around it, houses of doubtful height, crowns."""
    rng = np.random.default_rng(seed)
    cameras = inventory(
        **{
            f"c{i}": (
                (rng.uniform(5, 55), rng.choice([-9.0, -6.0, 46.0, 49.0])),
                float(rng.uniform(0, 360)) if rng.random() < 0.3 else np.nan,
                {
                    "hfov_deg": float(rng.uniform(40, 100)),
                    "kind": str(rng.choice(["fixed", "dome", "ptz"])),
                    "width_px": 3840.0,
                    "height_m": float(rng.uniform(2.5, 7)),
                    "status": str(rng.choice(["existing", "approved", "planned"])),
                },
            )
            for i in range(12)
        }
    )
    for name in ("c0", "c1", "c2"):
        cameras.loc[name, "azimuth_deg"] = 0.0 if cameras.geometry[name].y < 0 else 180.0
    city = town(cameras)
    crowns = {
        f"t{i}": {
            "height_m": 7.0,
            "base_m": 1.0,
            "summer": 0.7,
            "winter": np.nan,
            "height_assumed": i > 0,
        }
        for i in range(3)
    }
    spots = [Point(rng.uniform(20, 40), rng.choice([-4.0, 44.0])).buffer(1.5) for _ in crowns]
    terrain = None
    if seed % 2:
        z = rng.uniform(0.0, 0.6, (20, 25))
        if seed % 4 == 3:
            z[:2, :2] = np.nan
        terrain = Terrain(z, -60.0, -60.0, 10.0)
    return replace(city, canopies=table(CANOPIES, crowns, spots), terrain=terrain)


def random_facility(rng, result):
    """Put something between a camera and what it sees."""
    matrix = gather_views(result).matrices["possible"]
    seen = matrix.meets(result.samples["need_px_m"].to_numpy()).tocoo()
    seen = seen if seen.nnz and rng.random() < 0.7 else matrix.q.tocoo()
    pick = rng.integers(seen.nnz)
    a = result.cameras.geometry[matrix.camera_ids[int(seen.coords[0][pick])]]
    b = result.samples.geometry.iloc[int(seen.coords[1][pick])]
    t = rng.uniform(0.0, 1.0)
    x, y = a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)
    kind = str(rng.choice(["advert", "tree", "pipeline", "building", "structure"]))
    turn, half = rng.uniform(0, np.pi), rng.uniform(0.2, 3.0)
    step = np.array([np.cos(turn), np.sin(turn)]) * half
    line = LineString([(x - step[0], y - step[1]), (x + step[0], y + step[1])])
    shape = (
        line.buffer(rng.uniform(0.1, 1.0)) if kind in ("tree", "building", "structure") else line
    )
    top = float(rng.uniform(2.0, 8.0))
    more = {"base_m": float(rng.uniform(0, 4))} if rng.random() < 0.5 else {}
    if kind == "tree" and rng.random() < 0.6:
        more |= {"summer": float(rng.choice([0.0, 0.3, 0.6])), "winter": 0.7}
    return shape, kind, top, more


@pytest.mark.parametrize(
    "seed",
    [
        0,
        pytest.param(1, marks=pytest.mark.compiled_only),
        *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 6)),
    ],
)
def test_the_loss_equals_a_full_computation(seed):
    rng = np.random.default_rng(100 + seed)
    city = random_town(seed)
    result = check(city, raster=False)
    touched = 0
    for _ in range(4):
        shape, kind, top, more = random_facility(rng, result)
        season = str(rng.choice(["summer", "winter"]))
        views = gather_views(result, season=season, computed=season == "summer")
        facility = one(shape, kind, top, **more)
        site = place(views, facility)
        after = matrices_after(views, site.rays, site.densities())
        if more.get("base_m", 0.0) >= top:
            continue
        scenes = build_scenes(stand(city, shape, kind, top, more), season=season)
        full, _ = compute_matrices(
            views.heads, result.parts, result.samples, scenes, camera_ids=views.cameras
        )
        for reading in READINGS:
            assert (after[reading].q.toarray() == full[reading].q.toarray()).all()
            touched += int((full[reading].q.toarray() != views.matrices[reading].q.toarray()).sum())
        loss = lose(views, facility)
        assert loss.looked <= (views.heads["reading"].size * len(result.samples))
        assert (
            not loss.cameras["camera_id"]
            .isin(result.cameras.index[result.cameras["status"].eq("planned")])
            .any()
        )
    assert touched > 0


@pytest.mark.parametrize(
    "seed", [2, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (0, 1, 3))]
)
def test_at_the_limits_nothing_is_lost_and_a_step_beyond_something_is(seed):
    rng = np.random.default_rng(200 + seed)
    result = check(random_town(seed), raster=False)
    views, moved = gather_views(result), 0
    for _ in range(2):
        shape, kind, _, more = random_facility(rng, result)
        facility = one(shape, kind, 9.0, **more)
        loss = lose(views, facility)
        for reading, height in greatest_heights(Outlook(views), facility, 1.0).items():
            if np.isinf(height):
                assert not lose(views, facility.at_height(100.0)).harms(reading)
                continue
            assert not lose(views, facility.at_height(height)).harms(reading)
            assert lose(views, facility.at_height(height + 0.01)).harms(reading)
        for reading, offset in smallest_offsets(Outlook(views), facility, loss, 1.0).items():
            if not loss.harms(reading):
                assert offset.distance_m == 0.0
            elif offset is not None:
                turn = np.radians(offset.direction_deg)
                way = np.array([np.sin(turn), np.cos(turn)])
                assert not lose(views, facility.moved(*(way * offset.distance_m))).harms(reading)
                nearer = facility.moved(*(way * (offset.distance_m - 0.1)))
                assert lose(views, nearer).harms(reading)
                moved += 1
    assert moved or seed > 2


CELL_M = 0.25
EYE, TARGET_M = (30.0, -30.0, 8.0), 1.5


def watched(**more):
    """Return the views of one camera that looks north over open ground, 8 m up."""
    camera = {
        "height_m": EYE[2],
        "tilt_deg": 12.0,
        "hfov_deg": 60.0,
        "vfov_deg": 40.0,
        "reach_m": 60.0,
    }
    city = town(
        inventory(c=(EYE[:2], 0.0, camera | more)), {"far": (box(140, 90, 145, 95), 3.0, False)}
    )
    return gather_views(check(city, raster=False))


def shadow(x0, x1, y, base, top):
    """Return where an upright panel hides targets, by the theorem on intersecting lines."""

    def thrown(x, z):
        scale = (EYE[2] - TARGET_M) / (EYE[2] - z)
        return EYE[0] + (x - EYE[0]) * scale, EYE[1] + (y - EYE[1]) * scale

    return Polygon([thrown(x0, base), thrown(x1, base), thrown(x1, top), thrown(x0, top)])


def test_a_billboard_costs_its_analytic_shadow_within_a_cell():
    views = watched()
    west, east, y, base, top = 28.3, 34.3, -17.9, 3.0, 6.0  # 6 m by 3 m, on legs
    board = one(LineString([(west, y), (east, y)]), "advert", top, base_m=base)
    ground = lost_ground(views, board, "c", cell_m=CELL_M)
    cast = shadow(west, east, y, base, top)
    assert ground.before.buffer(1e-6).covers(cast)  # all of it was seen
    x, up = np.meshgrid(
        np.arange(0, 60, CELL_M) + CELL_M / 2, np.arange(-30, 30, CELL_M) + CELL_M / 2
    )
    hidden = shapely.contains_xy(cast, x, up)
    lost = shapely.contains_xy(ground.lost, x, up)
    assert (hidden != lost).sum() <= 1
    assert ground.lost_m2 == pytest.approx(hidden.sum() * CELL_M**2, abs=CELL_M**2)
    assert ground.lost_m2 == pytest.approx(cast.area, abs=cast.length * CELL_M / 2)
    flat = ground.lost.symmetric_difference(cast)
    assert flat.difference(cast.boundary.buffer(CELL_M)).area < 1e-6


def test_a_board_below_every_line_costs_nothing():
    views = watched()
    board = one(LineString([(28, -17), (34, -17)]), "advert", 1.4)
    assert lost_ground(views, board, "c", cell_m=CELL_M).lost_m2 == 0.0
    assert not lose(views, board).holds


WALL = LineString([(28, -4), (32, -4)])


@pytest.fixture(scope="module")
def school():
    return check(town(), raster=False)


@pytest.mark.slow
def test_a_tree_begins_to_harm_in_the_year_that_is_worked_out_by_hand(school):
    # From (30, -8, 3.5) to the gate (30, 0, 1.6) the line leaves the crown at y = -3.5, after
    # 4.5 m of 8: 3.5 - 1.9 * 4.5 / 8 = 2.43 m up. The tree grows 2.0, 2.2, 2.4, 2.6: year 3.
    tree = {"base_m": 0.5, "height_growth_m": 0.2, "summer": 0.1, "winter": 0.7}
    rows = proposals(it=(Point(30, -4).buffer(0.5), "tree", 2.0, tree))
    (permit,) = obstruct(school, rows, years=5)
    assert not permit.loss.holds
    assert permit.first_year() == (3, "summer")
    assert set(permit.growth["season"]) == {"summer"}
    assert permit.heights["sure"] == pytest.approx(2.43, abs=0.02)
    assert permit.holds == "sure"


def test_a_crown_that_widens_reaches_a_line_beside_it(school):
    # The outermost line, to (31.75, 0), passes (30.875, -4). A crown that begins 3 m east of that
    # and widens by 1 m a year has reached it once it is 2.9 m wider: in year 3.
    tree = {"base_m": 0.5, "crown_growth_m": 1.0, "summer": 0.1, "winter": 0.1}
    rows = proposals(it=(box(33.8, -4.5, 35.0, -3.5), "tree", 9.0, tree))
    (permit,) = obstruct(school, rows, years=4)
    assert permit.first_year() == (3, "summer")
    assert {"summer", "winter"} == set(permit.growth["season"])


def test_the_density_of_a_crown_caps_how_certain_its_loss_is(school):
    unknown = one(Point(30, -4).buffer(1.5), "tree", 6.0)
    summer = lose(gather_views(school), unknown)
    assert summer.holds == "assumed"
    winter = lose(gather_views(school, season="winter"), unknown)
    assert winter.holds == "possible"
    known = one(Point(30, -4).buffer(1.5), "tree", 6.0, summer=0.2, winter=0.2)
    assert lose(gather_views(school), known).holds == "sure"


def test_a_wall_before_a_gate_has_to_move_aside(school):
    # The camera looks north along x = 30; lines to the gate pass y = -4 between 29.1 and 30.9.
    wall = one(LineString([(28, -4), (32, -4)]), "advert", 5.0)
    views = gather_views(school)
    loss = lose(views, wall)
    row = loss.cameras[loss.cameras["reading"].eq("sure")].iloc[0]
    assert (row["camera_id"], row["share_lost"], row["class_after"]) == ("south", 1.0, "")
    assert row["class_before"]
    part = loss.parts[loss.parts["reading"].eq("sure")].iloc[0]
    assert part["falls"]
    assert part["share_before"] == 1.0
    assert part["share_after"] == 0.0
    offset = smallest_offsets(Outlook(views), wall, loss, 1.0)["sure"]
    assert offset.distance_m == pytest.approx(2.9, abs=0.11)
    assert offset.direction_deg in (pytest.approx(90.0), pytest.approx(270.0))
    assert "twin" not in set(loss.cameras["camera_id"])  # only planned


def test_what_stands_nowhere_near_costs_nothing(school):
    far = one(box(140, 80, 145, 85), "building", 30.0)
    loss = lose(gather_views(school), far)
    assert loss.looked == 0
    assert not loss.harms()
    assert loss.totals["share_lost"].eq(0.0).all()


def test_proposals_need_a_footprint_and_a_height():
    with pytest.raises(SchemaError, match="it"):
        read_facilities(proposals(it=(Point(0, 0), "advert", 3.0, {})))
    with pytest.raises(SchemaError, match="height_m"):
        read_facilities(proposals(it=(box(0, 0, 1, 1), "advert", np.nan, {})))
    with pytest.raises(SchemaError, match="it"):
        read_facilities(proposals(it=(LineString([(0, 0), (1, 1)]), "tree", 3.0, {})))


def test_proposals_in_another_crs_are_refused(school):
    rows = proposals(it=(WALL, "advert", 5.0, {})).to_crs("EPSG:4549")
    with pytest.raises(CrsError, match="to_crs"):
        obstruct(school, rows)


@pytest.mark.parametrize("kind", ["advert", "building", "tree"])
def test_a_facility_joins_the_table_it_belongs_to(school, kind):
    area = WALL.buffer(0.4)
    facility = one(area, kind, 5.0)
    city = with_facility(school.city, facility)
    full, _ = compute_matrices(
        school.heads,
        school.parts,
        school.samples,
        build_scenes(city),
        camera_ids=school.cameras.index,
    )
    views = gather_views(school)
    site = place(views, facility)
    after = matrices_after(views, site.rays, site.densities())
    for reading in READINGS:
        own = full[reading].select(cameras=views.cameras)
        assert (own.q.toarray() == after[reading].q.toarray()).all()
