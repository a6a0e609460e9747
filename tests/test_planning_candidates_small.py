"""Candidates of one gate and one pole: few enough poses to be tried without compiling."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from civicsight.coverage.check import build_scenes
from civicsight.coverage.matrix import compute_matrix
from civicsight.planning.candidates import generate
from civicsight.planning.candidates.classes import read_classes
from civicsight.planning.candidates.demand import STEPS
from civicsight.planning.prices.price_table import read_prices
from tests.candidate_town import at, checked, city, gate, lanes, met, rect

WIDE = tuple(kind for kind in read_classes() if kind.camera_class == "wide")
NO_LENS = {"azimuth_deg": np.nan, "hfov_deg": np.nan, "vfov_deg": np.nan, "pole_id": "p"}
STEEP = {"tilt_deg": 30.0}
OTHERS = {"owner": "non_government", "network_state": "not_connected"} | STEEP


@pytest.fixture(scope="module")
def town():
    """A camera of unknown lens, that of a shop, one too level, and a dormitory behind the gate."""
    home = rect(-6, 14, 6, 20)
    return city(
        buildings={"d": (home, {"height_m": 6.0})},
        private_places={"d": (home, {})},
        cameras={
            "c": (at(0, -9), NO_LENS),
            "s": (at(3, -9), OTHERS),
            "q": (at(4, -9), {"tilt_deg": 2.0}),
            "k": (at(-4, -9), STEEP),
        },
        districts={"all": (rect(-200, -200, 200, 200), {})},
        roads=lanes(),
    )


@pytest.fixture(scope="module")
def result(town):
    return checked(town, gate())


@pytest.fixture(scope="module")
def steps():
    return []


@pytest.fixture(scope="module")
def found(result, steps):
    return generate(
        result, classes=WIDE, robust_k=2, progress=lambda done, total: steps.append((done, total))
    )


def test_each_measure_is_there_at_its_price(found):
    price = read_prices().price_yuan
    table = found.table
    assert set(table["measure"]) == {"keep", "connect", "reaim", "refurbish", "new"}
    assert table.loc["connect:s", "cost_yuan"] == price("connect")
    turned = table[table["measure"].eq("reaim") & ~table.index.str.endswith("/mask")]
    bare = turned[turned["mask_plan"].isna()]
    assert bare["cost_yuan"].eq(price("reaim")).all()
    assert table["district"].eq("all").all()


def test_every_row_is_what_the_matrix_of_its_heads_says(found, result, town):
    scene = build_scenes(town)["sure"]
    ids = found.table.index
    again = compute_matrix(found.heads, result.parts, result.samples, scene, camera_ids=ids)
    again = again.select(samples=found.matrix.sample_ids)
    assert np.array_equal(again.q.toarray(), found.matrix.q.toarray())
    assert (met(found, result).sum() >= 3).all()


def test_a_camera_that_looks_at_the_dormitory_is_not_credited_without_a_mask(found):
    assert found.barred["camera_id"].tolist() == ["q"]
    assert "keep:q" not in found.table.index
    assert found.table.loc["reaim:camera:q/mask", "mask_plan"]
    assert found.table["exposure_m2"].le(1.0).all()


def test_progress_moves_in_every_stage_and_ends(steps):
    assert steps == sorted(steps)
    assert steps[-1] == (STEPS, STEPS)
    assert len({done for done, _ in steps}) > 4


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_whoever_hears_of_progress_may_end_it(result, steps, share):
    last = steps[round(share * (len(steps) - 1))][0]

    def stop(done, total):
        if done >= last * total // STEPS:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate(result, classes=WIDE, robust_k=2, progress=stop)


def test_what_is_out_of_reach_is_said_and_why(town):
    bare = replace(town, cameras=town.cameras.iloc[:0], private_places=town.private_places.iloc[:0])
    for part, reason in ((gate(need_px_m=20_000.0), "level"), (gate(max_tilt_deg=0.0), "angle")):
        found = generate(checked(bare, part), classes=WIDE)
        assert found.table.empty
        assert set(found.unreachable["reason"]) == {reason}
