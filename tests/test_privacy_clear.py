"""The mask that is proposed, the changes that clear a camera, and what both cost."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from civicsight.coverage.check import build_scenes, check
from civicsight.coverage.matrix import compute_matrices
from civicsight.coverage.pose.sensor_views import read_heads
from civicsight.coverage.privacy.exposure import expose
from civicsight.coverage.privacy.facades import find_private, sample_facades
from civicsight.coverage.privacy.look import WallPoints, look_at_walls
from civicsight.coverage.privacy.masks import UNPLACED, masked, picture_of, read_mask
from civicsight.coverage.privacy.proposal import WHOLE, outward, propose_mask
from civicsight.coverage.privacy.remediation import LEVERS, change_heads, find_clearance
from civicsight.coverage.viewshed import sightlines
from civicsight.model import READINGS
from civicsight.rules import load_packs
from civicsight.scene.bodies import build_scene
from tests import town
from tests.scenes import fuzz
from tests.small import parts, samples
from tests.test_privacy_exposure import GAP, NARROW, cameras, look, private_of
from tests.test_privacy_facades import _areas, city, home
from tests.witness import scene_of
from tests.witness_lines import make_samples

RULES = load_packs()
DENSITY = RULES.value("private_view_density")
AREA = RULES.value("private_view_area")


def one_by_one(case):
    """Yield what each head of a made town sees of its houses, as a camera of its own."""
    made = case.buildings.assign(kind="house", tags=None)
    facades, _ = sample_facades(_areas(made), made, case.terrain)
    walls = WallPoints(facades, scene_of(case))
    for row in range(len(case.heads)):
        head = case.heads.iloc[[row]].assign(reading="sure", near_m=0.0)
        yield head, facades, walls, look_at_walls(head, walls, 10.0)


THIN = [
    (0.268076000230226, 0.0065308288071530465),
    (0.2589771929183689, -3.822417365013407e-05),
    (0.25897719291753574, -3.822417425176458e-05),
    (0.249453540496178, -0.0069140019748351956),
    (0.24945354049617796, -0.006914001974835223),
    (0.2180135470645168, -0.029612689340106586),
    (0.22570514424329766, 0.09744251486258619),
]
"""An outline of which GEOS makes two shells within each other when it is widened."""


def test_a_mask_is_one_valid_shape_whatever_widening_leaves():
    mask = outward(shapely.Polygon(THIN))
    assert mask.is_valid
    assert WHOLE.covers(mask)
    assert mask.covers(shapely.Polygon(THIN).intersection(WHOLE))


def check_masks(seeds):
    """Mask every head of many towns; return how many had something to mask."""
    count = 0
    for seed in seeds:
        for head, facades, walls, looks in one_by_one(fuzz(seed, 6)):
            mask = propose_mask(head, facades, looks, walls.scene)
            if not len(looks.head):
                assert mask is None
                continue
            after = look_at_walls(head.assign(mask_plan=mask), walls, 10.0)
            assert len(after.head) == len(looks.head)
            assert after.veiled.all(), (seed, head.index[0], mask)
            count += 1
    return count


class TestMask:
    @pytest.mark.compiled_only
    def test_after_the_mask_nothing_private_is_seen_in_random_towns(self):
        assert check_masks(range(8)) > 8

    @pytest.mark.slow
    @pytest.mark.compiled_only
    def test_nor_in_a_thousand(self):
        assert check_masks((*range(8, 25), *range(1000, 2000))) > 1000

    def test_it_covers_the_pieces_and_little_more(self):
        """By hand: 240 m2 of a wall 10 m off in a picture 20 m wide and 11.547 m high.

        The pieces run over the whole width, and from 3 to 15 m; the picture from 4.23 to 15.77 m.
        So the mask is all of the picture up to 15 m: what is 0.77 m below the upper edge.
        """
        wall = {"wall": home(town.rect(-50, 10, 50, 30), 30.0)}
        made = town.buildings(**wall)
        heads = read_heads(cameras(c=(0.0, -0.05)), buildings=made)
        heads = heads[heads["reading"].eq("possible")]
        facades = private_of(**wall).facades
        scene = build_scene(made)
        looks = look_at_walls(heads, WallPoints(facades, scene), 25.0)
        mask = read_mask(propose_mask(heads, facades, looks, scene))
        expected = 1.0 - (10.0 + 10.0 * np.tan(np.radians(30.0)) - 15.0) / (
            20.0 * np.tan(np.radians(30.0))
        )
        assert mask.bounds == pytest.approx((0.0, 1.0 - expected, 1.0, 1.0), abs=0.006)
        assert mask.area == pytest.approx(expected, abs=0.006)
        assert len(shapely.get_coordinates(mask)) <= 8

    def test_through_an_opening_it_ends_what_was_seen(self):
        made = town.buildings(**GAP)
        table = cameras(c=(0.0, 0.0, NARROW))
        before = look(table, made, private_of(**GAP))
        assert before.area_m2()["c"] > AREA
        heads = read_heads(table, buildings=made)
        heads = heads[heads["reading"].eq("possible")]
        scene = build_scene(made)
        looks = look_at_walls(heads, WallPoints(before.facades, scene), DENSITY)
        table["mask_plan"] = propose_mask(heads, before.facades, looks, scene)
        after = look(table, made, private_of(**GAP))
        assert after.area_m2()["c"] == 0.0
        # The gap is 4 m of the 16.8 m that the picture shows at its distance.
        assert read_mask(table["mask_plan"]["c"]).area < 0.4

    def test_a_mask_that_is_there_is_kept(self):
        made = town.buildings(**GAP)
        own = "POLYGON ((0 0.9, 0.1 0.9, 0.1 1, 0 1, 0 0.9))"
        table = cameras(c=(0.0, 0.0, NARROW)).assign(mask_plan=own)
        heads = read_heads(table, buildings=made)
        heads = heads[heads["reading"].eq("possible")]
        scene, facades = build_scene(made), private_of(**GAP).facades
        looks = look_at_walls(heads, WallPoints(facades, scene), DENSITY)
        mask = read_mask(propose_mask(heads, facades, looks, scene))
        assert mask.covers(read_mask(own))

    def test_over_the_seam_of_a_full_circle(self):
        """A house due south of a panorama that looks north: its picture is cut there."""
        house = {"a": home(town.rect(-10, -30, 10, -20), 6.0)}
        made = town.buildings(**house)
        columns = {"kind": "panorama", "hfov_deg": 360.0, "vfov_deg": 80.0, "width_px": 9000.0}
        heads = read_heads(cameras(c=(0.0, 0.0, columns)), buildings=made)
        heads = heads[heads["reading"].eq("possible")]
        scene, facades = build_scene(made), private_of(**house).facades
        walls = WallPoints(facades, scene)
        looks = look_at_walls(heads, walls, DENSITY)
        text = propose_mask(heads, facades, looks, scene)
        mask = read_mask(text)
        assert mask.bounds[0] == 0.0
        assert mask.bounds[2] == 1.0
        assert mask.area < 0.05
        assert look_at_walls(heads.assign(mask_plan=text), walls, DENSITY).veiled.all()

    def test_masks_never_raise_coverage(self):
        """Whatever is drawn: no sample is seen that was not, none better."""
        rng = np.random.default_rng(5)
        for seed in range(320, 326):
            case = fuzz(seed, 5)
            points = make_samples(rng, 200, case)
            scene = scene_of(case)
            before = sightlines(case.heads, points, scene).q.toarray()
            masks = [
                shapely.to_wkt(shapely.MultiPoint(rng.random((5, 2))).convex_hull)
                for _ in range(len(case.heads))
            ]
            after = sightlines(case.heads.assign(mask_plan=masks), points, scene).q.toarray()
            assert (after <= before).all()
            kept = after > 0
            assert (after[kept] == before[kept]).all()


def gated(mask=None, **columns):
    """A town with a gate to watch, a house to leave alone, and one camera."""
    rows = {
        "house": home(town.rect(-40, 30, 2, 40), 9.0),
        "bank": (town.rect(4, 30, 30, 45), {"kind": "yes", "height_m": 9.0}),
    }
    place = {"bank": (town.rect(4, 30, 30, 45), {"amenity": "bank", "name": "Bank"})}
    table = cameras(c=(5.0, 24.0, {"height_m": 4.0, "tilt_deg": 5.0, "width_px": 4000.0} | columns))
    if mask is not None:
        table["mask_plan"] = mask
    made = city(
        buildings=town.buildings(**rows),
        places=town.places(**place),
        entrances=town.entrances(gate=(town.point(8, 30), "main", {"confirmed": True})),
        cameras=table,
    )
    return made, check(made, rules=RULES, raster=False)


def clearance_of(made, result, camera="c", density=DENSITY, area=AREA):
    private = find_private(made, RULES)
    scenes = build_scenes(made)
    found = find_clearance(
        camera, result, scenes, private.facades, density_px_m=density, area_m2=area
    )
    return found, private, scenes


def test_walls_that_are_laid_out_for_many_cameras_give_the_same():
    made, result = gated()
    found, private, scenes = clearance_of(made, result)
    shared = find_clearance(
        "c", result, scenes, private.facades, density_px_m=DENSITY, area_m2=AREA,
        walls=WallPoints(private.facades, scenes["possible"]),
    )  # fmt: skip
    assert shared == found


class TestChanges:
    def test_each_clears_what_it_says_and_a_finer_step_less_does_not(self):
        made, result = gated()
        found, private, scenes = clearance_of(made, result)
        before = expose(result.heads, scenes, private, DENSITY).area_m2()["c"]
        assert found.area_m2 == pytest.approx(before)
        assert before > AREA
        assert {change.lever for change in found.changes} >= {"pan", "tilt"}
        for change in found.changes:
            lever = LEVERS[change.lever]
            changed = change_heads(change.lever, result.heads, change.amount)
            after = expose(changed, scenes, private, DENSITY).area_m2()["c"]
            assert after == pytest.approx(change.area_m2)
            assert after <= AREA
            less = change.amount - np.sign(change.amount) * lever.fine
            less_changed = change_heads(change.lever, result.heads, less)
            assert expose(less_changed, scenes, private, DENSITY).area_m2()["c"] > AREA

    def test_the_house_on_the_left_is_cleared_by_turning_right(self):
        made, result = gated()
        assert result.part_status["status"].eq("covered").any()
        found, *_ = clearance_of(made, result)
        (pan,) = (change for change in found.changes if change.lever == "pan")
        assert pan.amount > 0
        assert pan.value == pan.amount

    def test_what_a_change_costs_is_what_the_check_then_lacks(self):
        made, result = gated()
        found, *_ = clearance_of(made, result)
        weight = result.samples["weight"].to_numpy()
        for change in found.changes:
            moved = change_heads(change.lever, result.heads, change.amount)
            again = self.met_weight(result, moved, made)
            assert self.met_weight(result, result.heads, made) - again == pytest.approx(
                change.cost.lost - change.cost.gained, abs=1e-6
            )
            assert change.cost.lost <= weight.sum()
        order = [(change.cost.lost, abs(change.amount)) for change in found.changes]
        assert order == sorted(order)

    def met_weight(self, result, heads, made):
        matrices, _ = compute_matrices(heads, result.parts, result.samples, build_scenes(made))
        met = matrices["assumed"].met(result.samples["need_px_m"].to_numpy())
        return float(result.samples["weight"].to_numpy()[met].sum())

    def test_the_mask_clears_and_costs_nothing_where_the_gate_is_beside_it(self):
        made, result = gated()
        found, private, scenes = clearance_of(made, result)
        assert found.mask is not None
        table = made.cameras.assign(mask_plan=found.mask)
        heads = read_heads(table, buildings=made.buildings, entrances=made.entrances)
        assert expose(heads, scenes, private, DENSITY).area_m2()["c"] == 0.0
        assert found.mask_cost.lost == 0.0
        assert self.met_weight(result, heads, made) == self.met_weight(result, result.heads, made)

    def test_a_mask_over_a_gate_costs_that_gate(self):
        """The house of the town is behind the gate, so that its wall is the gate's background."""
        made, result = gated()
        house = made.buildings.assign(kind="house")
        made = replace(made, buildings=house)
        found, *_ = clearance_of(made, result)
        before = self.met_weight(result, result.heads, made)
        table = made.cameras.assign(mask_plan=found.mask)
        heads = read_heads(table, buildings=made.buildings, entrances=made.entrances)
        lost = before - self.met_weight(result, heads, made)
        assert lost > 0
        assert found.mask_cost.lost == pytest.approx(lost)
        assert found.mask_cost.samples_lost > 0
        assert set(found.mask_cost.parts_failed) <= set(result.parts.index)

    def test_a_camera_that_sees_nothing_private_needs_nothing(self):
        made, result = gated(azimuth_deg=180.0)
        found, *_ = clearance_of(made, result)
        assert (found.area_m2, found.changes, found.mask, found.reason) == (0.0, (), None, None)

    def test_an_unknown_direction_has_to_be_recorded_first(self):
        made, result = gated(azimuth_deg=np.nan)
        found, *_ = clearance_of(made, result)
        assert found.area_m2 > AREA
        assert (found.changes, found.mask, found.mask_cost) == ((), None, None)
        assert found.reason == UNPLACED

    def test_a_camera_with_a_mask_that_covers_all_is_clear(self):
        made, result = gated(mask="POLYGON ((0 0, 1 0, 1 1, 0 1, 0 0))")
        found, *_ = clearance_of(made, result)
        assert found.area_m2 == 0.0

    def test_limits_of_the_levers(self):
        heads = read_heads(cameras(c=(0, 0), d=(9, 0)), buildings=town.buildings(**GAP))
        assert change_heads("tilt", heads, 91.0) is None
        assert change_heads("zoom", heads, -81.0) is None
        assert change_heads("height", heads, -7.6) is None
        assert change_heads("zoom", heads.assign(lens="equidistant"), -10.0) is None
        turned = change_heads("pan", heads, -10.0)
        assert turned["azimuth_deg"].tolist() == [350.0] * len(heads)
        narrow = change_heads("zoom", heads, -30.0)
        ratio = np.tan(np.radians(narrow["vfov_deg"] / 2)) / np.tan(np.radians(30.0))
        assert ratio.tolist() == pytest.approx([np.tan(np.radians(30.0))] * len(heads))


def test_a_mask_by_hand_takes_a_gate_out_of_the_matrix():
    """Three samples 12 m north of a level camera of 90 degrees; the mask is its left third."""
    table = parts(p={"need_px_m": 20.0})
    x, y = town.X, town.Y
    spots = [town.point(dx, 12.0) for dx in (-9.0, 0.0, 9.0)]
    points = samples(table, {"p": [1.0, 2.0, 4.0]}, at=spots)
    third = "POLYGON ((0 0, 0.3 0, 0.3 1, 0 1, 0 0))"
    made = town.buildings(far=(town.rect(300, 300, 310, 310),))
    heads = read_heads(cameras(c=(0, 0, {"height_m": 4.0})).assign(mask_plan=third), buildings=made)
    scene = build_scene(made)
    found, _ = compute_matrices(heads, table, points, dict.fromkeys(READINGS, scene))
    for reading in READINGS:
        assert (found[reading].q.toarray()[0] > 0).tolist() == [False, True, True]
    picture = picture_of(heads, 0, (x, y, 4.0))
    targets = [(x - 9.0, y + 12.0, 1.6), (x, y + 12.0, 1.6)]
    assert masked(picture, read_mask(third), targets).tolist() == [True, False]
