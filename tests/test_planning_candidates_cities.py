"""Candidates of whole cities: the made district, and the middle of Helsinki."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from civicsight.coverage.check import build_scenes, check
from civicsight.coverage.matrix import compute_matrix
from civicsight.coverage.privacy.exposure import expose
from civicsight.coverage.privacy.facades import find_private
from civicsight.io.project import read_city
from civicsight.io.tables.inventory import read_cameras
from civicsight.model import READINGS
from civicsight.planning.aims.requirements import build_problem
from civicsight.planning.candidates import generate
from civicsight.planning.candidates.model import WHY_UNREACHABLE

pytestmark = [pytest.mark.slow, pytest.mark.compiled_only]

DEMO = Path(__file__).resolve().parent.parent / "data" / "demo"


@pytest.fixture(scope="module")
def district():
    city = read_city(DEMO / "district.gpkg")[0]
    cameras = read_cameras(DEMO / "cameras.csv", crs=city.crs, near=city.extent)[0]
    result = check(replace(city, cameras=cameras), raster=False)
    return result, generate(result)


@pytest.fixture(scope="module")
def middle_of_helsinki(helsinki):
    result = check(read_city(helsinki, name="Helsinki")[0], raster=False)
    return result, generate(result)


def judge_again(result, found):
    """Judge all candidates by their exposure in every reading, and a draw by the matrix, anew."""
    scenes, private = build_scenes(result.city), find_private(result.city, result.rules)
    heads = found.heads
    every = [heads.assign(reading=r).set_axis(heads.index + r) for r in READINGS]
    exposure = expose(pd.concat(every), scenes, private, result.rules.value("private_view_density"))
    assert exposure.area_m2().le(result.rules.value("private_view_area")).all()
    rng = np.random.default_rng(7)
    some = found.table.index[np.sort(rng.choice(len(found.table), 200, replace=False))]
    heads = heads[heads["camera_id"].isin(some)]
    again = compute_matrix(heads, result.parts, result.samples, scenes["sure"], camera_ids=some)
    there = found.matrix.select(cameras=some, samples=found.matrix.sample_ids)
    again = again.select(samples=found.matrix.sample_ids)
    assert np.array_equal(again.q.toarray(), there.q.toarray())


def test_the_district_can_be_closed(district):
    result, found = district
    posed = build_problem(found, result)
    assert posed.short.empty
    assert posed.problem.n_requirement == len(result.samples)
    assert set(found.unreachable["reason"]) <= set(WHY_UNREACHABLE)
    inside = {"C185", "C186"}
    assert inside <= set(found.barred["camera_id"])
    assert not found.table["camera_id"].isin(inside).any()
    assert {"C188", "C189"} <= set(found.barred["camera_id"])


def test_the_district_keeps_to_the_law(district):
    judge_again(*district)


def test_helsinki_keeps_to_the_law(middle_of_helsinki):
    judge_again(*middle_of_helsinki)


def test_helsinki_credits_no_camera_of_unknown_direction(middle_of_helsinki):
    result, found = middle_of_helsinki
    assert result.cameras["azimuth_deg"].isna().any()
    sure = set(result.heads.loc[result.heads["reading"].eq("sure"), "camera_id"])
    kept = found.table[found.table["measure"].isin(["keep", "connect"])]
    assert set(kept["camera_id"]) <= sure
