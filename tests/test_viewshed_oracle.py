"""The engine against brute force: not one cell may differ, ties within a nanometre apart."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.geometry import Point

from civicsight.coverage.raster import compute_coverage
from civicsight.coverage.viewshed import sightlines
from civicsight.scene.bodies import build_scene
from tests import helsinki
from tests.conftest import INTERPRETED
from tests.drawn import a_few
from tests.oracle_cells import features_of, is_open
from tests.scenes import CORNER, CRS, Case, cameras_of, fuzz, head_table, storeys
from tests.witness import Tally, compare_case, compare_head, scene_of, view_from
from tests.witness_lines import compare_lines, free_by_removing, make_samples, targets_of

GRAZING_SHARE = 1e-6
"""Of all cells compared, fewer than this share may be ties that are decided otherwise."""

LOOKS = (
    {"reach_m": 80.0},
    {"reach_m": 150.0},
    {"reach_m": 80.0, "hfov_deg": 360.0},
    {"reach_m": 80.0, "lens": "rectilinear"},
)


def assert_exact(tally: Tally, least_in_view: int) -> None:
    assert tally.in_view >= least_in_view, "the comparison has to be about something"
    assert 0 < tally.visible < tally.in_view
    assert not tally.differ, "\n".join(map(str, tally.differ[:20]))
    assert tally.grazing <= GRAZING_SHARE * tally.cells


def compare_many(seeds, **changes) -> Tally:
    tally = Tally()
    for seed in seeds:
        tally.add(compare_case(replace(fuzz(seed), **changes)))
    return tally


def coarse(seed: int, cell_m: float = 8.0) -> Case:
    """A scene of so few cells that the interpreter can manage."""
    case = fuzz(seed, 2)
    heads = case.heads.assign(reach_m=case.heads["reach_m"].clip(upper=60.0))
    return replace(case, heads=heads, cell_m=cell_m)


@pytest.mark.slow
def test_no_cell_differs_on_a_few_coarse_scenes():
    tally = Tally()
    for seed in range(300, 324):
        tally.add(compare_case(coarse(seed)))
    assert tally.cells <= 10_000
    assert_exact(tally, 300)


@pytest.mark.compiled_only
@pytest.mark.parametrize("first", a_few(range(0, 30, 5)))
def test_no_cell_differs_on_made_scenes(first):
    assert_exact(compare_many(range(first, first + 5)), 50_000)


@pytest.mark.slow
@pytest.mark.compiled_only
@pytest.mark.parametrize("target_height_m", [0.0, 20.0])
def test_no_cell_differs_for_targets_on_the_ground_or_above_the_cameras(target_height_m):
    flat = [seed for seed in range(500, 530) if fuzz(seed).terrain is None]
    assert_exact(compare_many(flat, target_height_m=target_height_m), 100_000)
    hilly = compare_many(range(530, 536), target_height_m=max(target_height_m, 0.05))
    assert_exact(hilly, 10_000)


@pytest.mark.slow
@pytest.mark.compiled_only
@pytest.mark.parametrize("first", a_few((30, 45)))
def test_no_cell_differs_where_cameras_roofs_and_targets_share_levels(first):
    tally = Tally()
    for seed in range(first, first + 15):
        case = storeys(fuzz(seed, relief=False))
        tally.add(compare_case(case))
    assert tally.in_view > 40_000
    assert not tally.differ, "\n".join(map(str, tally.differ[:20]))


@pytest.mark.parametrize("base_m", [0.0, 4.5])
@pytest.mark.parametrize("above_m", [-0.001, 0.0, 0.001])
def test_a_camera_at_the_height_of_its_roof_sees_what_brute_force_sees(base_m, above_m):
    """On the roof plane itself every line downwards dips into the house at once."""
    x, y = CORNER
    house = gpd.GeoDataFrame(
        {"height_m": [9.0], "base_m": [base_m], "height_assumed": False},
        geometry=[shapely.box(x, y, x + 20.0, y + 30.0)],
        index=["house"],
        crs=CRS,
    )
    cell = 8.0 if INTERPRETED else 1.0
    for height, target in ((9.0 + above_m, 0.3), (base_m - above_m, 12.0)):
        look = {
            "height_m": height,
            "azimuth_deg": 40.0,
            "hfov_deg": 360.0,
            "vfov_deg": 180.0,
            "reach_m": 60.0,
            "lens": "cylindrical",
        }
        heads = head_table([look], [Point(x + 10.3, y + 11.7)])
        case = Case(house, house.iloc[:0], house.iloc[:0], None, heads, cell, target)
        features, _ = features_of(house)
        if height > 0 and is_open(np.array([(x + 10.3, y + 11.7, height)]), features)[0]:
            assert not compare_case(case).differ


@pytest.mark.slow
@pytest.mark.compiled_only
@pytest.mark.parametrize("first", range(1000, 1900, 100))
def test_no_cell_differs_on_hundreds_of_made_scenes(first):
    assert_exact(compare_many(range(first, first + 100)), 1_000_000)


@pytest.mark.slow
@pytest.mark.compiled_only
@pytest.mark.parametrize("look", a_few(LOOKS), ids=str)
def test_no_cell_differs_for_some_cameras_of_helsinki(look):
    compare_helsinki(look, every=25, cell_m=1.0)


@pytest.mark.slow
@pytest.mark.compiled_only
@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_no_cell_differs_in_helsinki(look):
    compare_helsinki(look, every=1, cell_m=0.5)


def compare_helsinki(look, every, cell_m):
    buildings, heads = helsinki.workload(**look)
    case = Case(buildings, None, None, None, heads, cell_m, 1.5)
    scene, (features, _) = build_scene(buildings), features_of(buildings)
    tally = Tally()
    for k in range(0, len(heads), every):
        tally.add(compare_head(case, heads.iloc[[k]], scene, features))
    assert_exact(tally, 10_000)


@pytest.mark.compiled_only
@pytest.mark.parametrize("seed", range(40, 46))
def test_raster_counts_what_the_single_views_show(seed):
    case = fuzz(seed)
    scene, options = (
        scene_of(case),
        {"cell_m": case.cell_m, "target_height_m": case.target_height_m},
    )
    raster = compute_coverage(case.heads, scene, **options)
    best, count, is_free, transform = raster.to_dense()
    summed, most = np.zeros(count.shape, int), np.zeros(best.shape, np.float32)
    for k in range(len(case.heads)):
        one = view_from(case, case.heads.iloc[[k]], scene)
        row = round((transform.f - one.transform.f) / case.cell_m)
        col = round((one.transform.c - transform.c) / case.cell_m)
        r, c = np.nonzero(one.visible)
        summed[r + row, c + col] += 1
        np.maximum.at(most, (r + row, c + col), one.px_m[r, c])
        assert raster.seen[k] == one.visible.sum()
    assert (count == summed).all()
    assert (best == most).all()
    assert count.max() > 0
    assert not count[is_free == 0].any()


@pytest.mark.compiled_only
def test_open_ground_is_that_of_the_oracle():
    for seed in range(60, 70):
        case = fuzz(seed, 2)
        _, _, is_free, at = compute_coverage(
            case.heads, scene_of(case), cell_m=case.cell_m, target_height_m=case.target_height_m
        ).to_dense()
        features, _ = features_of(case.buildings, case.obstacles, case.canopies, case.terrain)
        row, col = (v.ravel() for v in np.indices(is_free.shape))
        x, y = at.c + (col + 0.5) * at.a, at.f + (row + 0.5) * at.e
        z = scene_of(case).ground_at(x, y) + case.target_height_m
        known = np.isfinite(z)
        expected = is_open(np.column_stack([x, y, z]), features)
        assert (expected == is_free.ravel().astype(bool))[known].all()


@pytest.mark.parametrize("seed", a_few(range(70, 90), 8))
def test_no_sight_line_differs_and_every_blocker_named_does_hide(seed):
    case = fuzz(seed, 3)
    rng = np.random.default_rng(seed)
    tally = compare_lines(case, make_samples(rng, 60 if INTERPRETED else 400, case))
    assert not tally.differ, "\n".join(tally.differ[:20])
    assert tally.grazing == 0


def remove_blockers(n: int, first_seed: int) -> None:
    """Take random hidden samples and remove what is named, until each is seen."""
    done, seed = 0, first_seed
    while done < n:
        case = fuzz(seed, 4, relief=False)
        rng = np.random.default_rng(seed)
        samples = make_samples(rng, 60, case)
        features, _ = features_of(case.buildings, case.obstacles, case.canopies)
        samples = samples[is_open(targets_of(case, samples), features)]
        blocked = sightlines(case.heads, samples, scene_of(case)).blocked
        for pair in blocked.sample(min(len(blocked), 20, n - done), random_state=seed).itertuples():
            assert free_by_removing(case, pair.head, samples.iloc[[pair.sample]]), (seed, pair)
            done += 1
        seed += 1


@pytest.mark.slow
def test_removing_the_named_blockers_frees_a_sample():
    remove_blockers(8 if INTERPRETED else 40, 200)


@pytest.mark.slow
@pytest.mark.compiled_only
def test_removing_the_named_blockers_frees_a_thousand_samples():
    remove_blockers(1000, 2000)


def test_the_comparison_notices_a_camera_that_is_turned_a_little():
    case = coarse(300, cell_m=4.0)
    heads = case.heads.assign(
        lens="cylindrical", hfov_deg=90.0, vfov_deg=180.0, tilt_deg=0.0, near_m=0.0, reach_m=60.0
    )
    features, _ = features_of(case.buildings, case.obstacles, case.canopies, case.terrain)
    for k in range(len(heads)):
        head = heads.iloc[[k]]
        (camera,) = cameras_of(head, case.terrain)
        turned = replace(camera, azimuth=camera.azimuth + 8.0)
        assert compare_head(case, head, scene_of(case), features, turned).differ
