"""No candidate that the law forbids: private places at random, judged once more independently."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
import shapely

from civicsight.coverage.check import build_scenes
from civicsight.coverage.ground import seen_ground
from civicsight.coverage.matrix import compute_matrix
from civicsight.coverage.privacy.exposure import expose
from civicsight.coverage.privacy.facades import find_private
from civicsight.coverage.privacy.position import find_faced
from civicsight.model import READINGS
from civicsight.planning.candidates import generate
from civicsight.planning.candidates.lawful import Law, find_breaches
from civicsight.planning.duplicates import barred_by_article_9
from civicsight.planning.judging.dossier import Dossier
from tests.candidate_town import RULES, at, checked, city, gate, lanes, rect
from tests.drawn import a_few

DAY = date(2026, 3, 1)
FEW, THOUSAND = 6, 1_000

pytestmark = pytest.mark.compiled_only
"""Hundreds of poses are looked from; the interpreter would take minutes and find the same."""


def random_town(seed):
    """Draw houses around a gate, some of them private, and cameras in the street."""
    rng = np.random.default_rng(seed)
    houses, private = {}, {}
    for number in range(5):
        turn, away = rng.uniform(0.0, 2.0 * np.pi), rng.uniform(14.0, 40.0)
        x, y = away * np.sin(turn), away * np.cos(turn)
        wide, deep = rng.uniform(3.0, 9.0, 2)
        shape = rect(x - wide, y - deep, x + wide, y + deep)
        if any(shape.intersects(other) for other, _ in houses.values()):
            continue
        houses[f"h{number}"] = (shape, {"height_m": rng.uniform(4.0, 20.0)})
        if number < 3:
            private[f"h{number}"] = (shape, {})
    blocked = shapely.union_all([shape.buffer(1.0) for shape, _ in houses.values()])
    cameras = {}
    for number in range(4):
        x, y = rng.uniform(-20.0, 20.0, 2)
        if not blocked.contains(at(x, y)):
            cameras[f"c{number}"] = (at(x, y), {"azimuth_deg": rng.uniform(0.0, 360.0)})
    return city(buildings=houses, private_places=private, cameras=cameras)


@pytest.mark.parametrize("seed", a_few(range(FEW), 2))
def test_no_candidate_breaks_article_nine(seed):
    require_lawful(random_town(seed))


@pytest.mark.slow
def test_nor_in_a_thousand_towns():
    for seed in range(FEW, THOUSAND):
        require_lawful(random_town(seed))


def require_lawful(town):
    """Look from every candidate once more: none sees a private facade, stands in or faces one."""
    found = generate(checked(town, gate()))
    private, scenes = find_private(town, RULES), build_scenes(town)
    every = [found.heads.assign(reading=reading) for reading in READINGS]
    for heads in every:
        named = heads.set_axis(heads.index + heads["reading"])
        exposure = expose(named, scenes, private, RULES.value("private_view_density"))
        assert exposure.area_m2().le(RULES.value("private_view_area")).all()
        assert not exposure.unplaced
    walls = shapely.union_all(private.areas.geometry.to_numpy())
    assert not found.table.geometry.intersects(walls).any()
    made = found.heads["camera_id"].str.startswith(("new", "reaim", "refurbish"))
    faced = find_faced(
        every[0][made.to_numpy()],
        town.entrances,
        private.areas,
        scenes,
        within_m=RULES.value("private_door_distance"),
        angle_deg=RULES.value("private_door_angle"),
    )
    assert faced.empty


def test_an_existing_camera_that_breaks_article_nine_is_listed_and_not_credited():
    """It looks through the gate at a dormitory; one inside a toilet block sees nothing lawful."""
    home, block = rect(-20, 14, 20, 30), rect(30, -5, 40, 5)
    town = city(
        buildings={"d": (home, {}), "t": (block, {})},
        private_places={"d": (home, {}), "t": (block, {"kind": "toilet"})},
        cameras={"c": (at(0, -12), {"tilt_deg": 2.0}), "i": (at(39.9, 0), {})},
        roads=lanes(),
    )
    found = generate(checked(town, gate()))
    assert dict(zip(found.barred["camera_id"], found.barred["reason"], strict=True)) == {
        "c": "sight",
        "i": "inside",
    }
    assert not found.table.index.isin(["keep:c", "keep:i"]).any()
    assert not found.table["camera_id"].eq("i").any()
    masked = found.table.index[found.table.index.str.endswith("/mask")]
    assert len(masked) == 1
    assert found.table.loc[masked[0], "exposure_m2"] <= RULES.value("private_view_area")


def test_a_mask_makes_no_camera_see_more_of_what_another_covers_already():
    """The gate is covered by `k`: what `c` sees of it behind its mask is what its head gives."""
    home = rect(-20, 14, 20, 30)
    town = city(
        buildings={"d": (home, {})},
        private_places={"d": (home, {})},
        cameras={"c": (at(0, -12), {"tilt_deg": 2.0}), "k": (at(0, -6), {"tilt_deg": 35.0})},
        roads=lanes(),
    )
    result = checked(town, gate())
    found = generate(result)
    assert "reaim:camera:c/mask" in found.table.index
    scene = build_scenes(town)["sure"]
    again = compute_matrix(
        found.heads, result.parts, result.samples, scene, camera_ids=found.table.index
    ).select(samples=found.matrix.sample_ids)
    assert np.array_equal(again.q.toarray(), found.matrix.q.toarray())


@pytest.mark.parametrize("seed", a_few(range(4), 2))
def test_plans_and_duplicates_bar_the_same_cameras(seed):
    town = random_town(seed)
    result = checked(town, gate())
    law = Law(town, RULES, find_private(town, RULES), build_scenes(town))
    listed = generate(result).barred
    assert find_breaches(result, law).table.equals(listed.drop(columns="maskable"))
    assert barred_by_article_9(Dossier(result, DAY)) == set(listed["camera_id"])


@pytest.mark.parametrize(
    ("setting", "is_barred"), [("indoor", True), (None, True), ("outdoor", False)]
)
def test_who_hangs_outdoors_on_a_private_place_is_not_inside(setting, is_barred):
    block = {"t": (rect(30, -5, 40, 5), {})}
    town = city(
        buildings=block,
        private_places={"t": (block["t"][0], {"kind": "toilet"})},
        cameras={"i": (at(30.1, 0), {"azimuth_deg": 270.0, "setting": setting, "mount": "wall"})},
    )
    listed = barred_by_article_9(Dossier(checked(town, gate()), DAY))
    assert (listed == {"i"}) is is_barred


def test_private_houses_carry_no_camera():
    homes = {"d": (rect(-20, -40, 20, -14), {})}
    town = city(buildings=homes, private_places=homes, roads=lanes())
    found = generate(checked(town, gate()))
    assert not found.table["host"].eq("facade").any()


def test_an_area_that_needs_consent_is_out_of_view():
    """Poles on both sides of a gate: only those in the area itself look the other way."""
    area = rect(-60, 3, 60, 60)
    poles = {f"c{y}": (at(0, y), {"azimuth_deg": 90.0}) for y in (-12, 12)}
    town = city(consent_areas={"s": (area, {})}, cameras=poles, roads=lanes())
    found = generate(checked(town, gate()))
    assert "consent" in set(found.forbidden["reason"])
    heads = found.heads[~found.heads["camera_id"].str.startswith("keep")]
    scene = build_scenes(town)["possible"]
    assert len(heads)
    assert seen_ground(heads, scene, area)["inside_m2"].eq(0.0).all()
