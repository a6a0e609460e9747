"""Who could look into one private place, against what each camera sees of all of them."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from civicsight.coverage.privacy.exposure import expose
from civicsight.editing.commands import Add, Remove
from civicsight.editing.edit_context import EditContext
from civicsight.editing.onlookers import ONLOOKERS, find_onlookers
from civicsight.editing.session import begin
from tests.app_town import app_guard, app_result

DORMITORY = "private/0"


@cache
def bench():
    return EditContext(app_result())


def session():
    """Return a draft with a camera between a shop and two houses where people sleep."""
    fresh = begin(app_result().city, app_guard(), "base")
    return fresh.do(Add("look", 95.0, 60.0, azimuth_deg=90.0))


def draft():
    return session().draft


@cache
def of_all():
    """Return what every camera sees of every private wall, as the judgement has it."""
    context = bench()
    density = context.rules.limit("private_view_density")
    scenes = context.standing(draft()).scenes
    return expose(context.heads(draft()), scenes, context.private, density)


def test_each_place_has_the_wall_that_the_judgement_counts_for_it():
    """The sums over all places are those of the judgement, which looks at all walls at once."""
    context = bench()
    sums = dict.fromkeys(of_all().matrices["possible"].camera_ids, 0.0)
    for label in context.private.areas.index:
        found = find_onlookers(context, draft(), [str(label)])
        assert tuple(found.columns) == ONLOOKERS
        assert found[ONLOOKERS[-1]].is_monotonic_decreasing
        assert (found[ONLOOKERS[0]] <= found[ONLOOKERS[-1]]).all()
        for camera, area in found[ONLOOKERS[-1]].items():
            sums[camera] += area
    whole = of_all().area_m2()
    assert whole.sum() > 0.0
    for camera, area in whole.items():
        assert sums[camera] == pytest.approx(area), camera


def test_a_camera_that_a_draft_removes_looks_into_nothing():
    assert find_onlookers(bench(), draft(), [DORMITORY]).index.tolist() == ["look"]
    after = session().do(Remove("look")).draft
    assert find_onlookers(bench(), after, [DORMITORY]).empty


def test_what_has_no_wall_is_looked_into_by_nobody():
    found = find_onlookers(bench(), draft(), ["nothing of this name"])
    assert found.empty
    assert found.to_numpy().dtype == np.float64
