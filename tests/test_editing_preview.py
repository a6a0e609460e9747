"""The preview of a camera against a check of the whole city with it, and against the rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pytest

from civicsight.core.errors import InputError
from civicsight.core.i18n import translate
from civicsight.coverage.camera import Camera
from civicsight.coverage.check import check
from civicsight.coverage.result import CheckResult
from civicsight.coverage.viewshed import viewshed
from civicsight.editing.commands import (
    Add,
    Aim,
    AnswerRoomUse,
    DrawObstacle,
    DrawZone,
    Move,
    RejectGate,
    Remove,
)
from civicsight.editing.edit_context import EditContext, edit_context_of
from civicsight.editing.preview import preview
from civicsight.editing.project import Project
from civicsight.editing.sentences import describe_preview
from civicsight.model import READINGS
from civicsight.planning.judging.dossier import Dossier
from tests.app_town import DIGEST, IN_DORM, RULES, app_city, app_guard, app_result, session
from tests.drawn import a_few

OPTICS = {"height_m": 3.5, "tilt_deg": 12.0, "hfov_deg": 60.0, "vfov_deg": 40.0}
NORTH = Add("new/1", 30.0, 48.0, 180.0, **OPTICS)
SOUTH = Add("new/2", 30.5, -8.0, 0.0, **OPTICS)
AT_DORM = Add("new/3", 120.0, 40.0, 0.0, **OPTICS)
ACROSS = ((26.0, 43.0), (34.0, 43.0))


@cache
def edit_context() -> EditContext:
    return EditContext(app_result())


def with_(*commands):
    edited = session()
    for command in commands:
        edited = edited.do(command)
    return edited


@cache
def truth(*commands) -> CheckResult:
    """Check the whole city of a draft."""
    return check(with_(*commands).draft.city, rules=RULES, raster=False)


def sentences(found):
    heed, facts = describe_preview(found, RULES)
    return (*heed, *facts)


def covered(result):
    return set(result.part_status.index[result.part_status["status"].eq("covered")])


CASES = [
    ((NORTH,), "new/1"),
    ((SOUTH,), "new/2"),
    ((SOUTH, Remove("south"), Move("twin", 30.0, 48.0), Aim("twin", 180.0)), "twin"),
    ((NORTH, DrawObstacle("wall", ACROSS, 6.0, closed=False)), "new/1"),
    ((NORTH, RejectGate("n", "mapped", ())), "new/1"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("commands", "camera_id"), a_few(CASES, 2))
def test_preview_is_the_difference_that_a_whole_check_finds(commands, camera_id):
    found = preview(with_(*commands), camera_id, edit_context())
    after = truth(*commands)
    for view in found.parts:
        row = after.part_status.loc[view.part_id]
        assert view.after == row["status"]
        assert view.share == pytest.approx(row["fraction_sure"], abs=1e-12)
        assert view.need_px_m == row["need_px_m"]
    without = truth(*commands, Remove(camera_id))
    assert set(found.newly_met) == covered(after) - covered(without)
    for view in found.parts:
        assert view.before == without.part_status.loc[view.part_id, "status"]
    for name in READINGS:
        whole = after.matrices[name]
        mine = edit_context().matrices(with_(*commands).draft)[name]
        same = whole.select(cameras=mine.camera_ids, samples=mine.sample_ids)
        assert np.array_equal(same.q.toarray(), mine.q.toarray())


def test_camera_that_closes_the_gap_says_so():
    found = preview(with_(NORTH), "new/1", edit_context())
    (part,) = found.newly_met
    assert app_result().parts.loc[part, "entrance_id"] == "n"
    assert part in " ".join(map(str, sentences(found)))
    assert not found.doubling.is_duplicate
    assert found.doubling.gain == pytest.approx(1.0)


def test_second_camera_at_a_gate_is_called_a_duplicate():
    found = preview(with_(SOUTH), "new/2", edit_context())
    doubling = found.doubling
    assert doubling.is_duplicate
    assert {"south", "twin"} <= {camera for camera, _ in doubling.others}
    assert doubling.gain < doubling.least_gain
    assert not found.newly_met
    assert "south" in " ".join(map(str, describe_preview(found, RULES)[0]))


@pytest.mark.slow
def test_shares_of_a_duplicate_are_those_counted_by_hand():
    edited = with_(NORTH, SOUTH)
    result = truth(NORTH, SOUTH)
    need = result.samples["need_px_m"].to_numpy()
    k = result.parts["k"].reindex(result.samples["part_id"]).to_numpy()
    weight = result.samples["weight"].to_numpy()
    matrix = result.matrices["sure"]
    dense = (matrix.q.toarray() >= need) & (matrix.q.toarray() > 0)
    rows = {str(label): dense[i] for i, label in enumerate(matrix.camera_ids)}
    for camera in ("new/1", "new/2", "twin", "south"):
        own = rows[camera]
        if not own.any():
            continue
        stands = sum(rows[c] for c in ("south", "away", "wall") if c != camera)
        others = sum(row for c, row in rows.items() if c != camera)
        doubling = preview(edited, camera, edit_context()).doubling
        assert doubling.gain == pytest.approx(weight[own & (stands < k)].sum() / weight[own].sum())
        assert doubling.kept == pytest.approx(weight[own & (others < k)].sum() / weight[own].sum())


def test_ground_is_that_of_the_viewshed():
    found = preview(with_(NORTH), "new/1", edit_context())
    head = truth(NORTH).heads.loc[lambda t: t["camera_id"].eq("new/1")]
    head = head[head["reading"].eq("assumed")].iloc[0]
    names = ("azimuth_deg", "tilt_deg", "roll_deg", "height_m", "hfov_deg", "vfov_deg",
             "width_px", "reach_m", "near_m", "lens")  # fmt: skip
    camera = Camera(head.geometry.x, head.geometry.y, truth(NORTH).city.crs,
                    **{name: head[name] for name in names})  # fmt: skip
    view = viewshed(camera, edit_context().standing(session().draft).scenes["assumed"])
    for area in found.classes:
        by_hand = float((view.visible & (view.px_m >= area.px_per_m)).sum()) * 0.25
        assert area.area_m2 == pytest.approx(by_hand)
    assert found.pictures
    assert all(picture["url"].startswith("data:image/png") for picture in found.pictures)


def test_view_of_private_facades_is_that_of_the_report():
    found = preview(with_(AT_DORM), "new/3", edit_context()).exposing
    exposed = Dossier(truth(AT_DORM), date(2026, 1, 1)).exposed
    assert found.sure_m2 == pytest.approx(exposed.loc["new/3", "sure_m2"])
    assert found.possible_m2 == pytest.approx(exposed.loc["new/3", "possible_m2"])
    assert found.sure_m2 > found.allowed_m2
    assert found.outcome == "fail"


def test_camera_that_looks_away_passes():
    found = preview(with_(AT_DORM, Aim("new/3", 180.0)), "new/3", edit_context())
    assert (found.exposing.outcome, found.exposing.possible_m2) == ("pass", 0.0)
    heed, facts = describe_preview(found, RULES)
    assert not any("private" in str(text) for text in heed)
    assert str(facts[-1]).startswith("It sees nothing private")


def test_camera_in_a_corridor_of_a_dormitory_is_not_credited():
    commands = (AnswerRoomUse("new/4", "corridor", Add("new/4", *IN_DORM, 0.0)),)
    found = preview(with_(*commands), "new/4", edit_context())
    assert found.exposing.inside
    assert found.reason == "recorded_indoor"
    assert not found.parts
    assert found.pictures == ()


def test_drawn_zone_is_demanded_at_once():
    ring = ((60.0, 0.0), (85.0, 0.0), (85.0, 40.0), (60.0, 40.0))
    zone = DrawZone("zone/1", ring, "8.5", name="Annex")
    camera = Add("new/5", 72.0, -9.0, 0.0, **OPTICS)
    found = preview(with_(zone, camera), "new/5", edit_context())
    assert any("zone/1" in view.part_id for view in found.parts)


def test_sentences_are_all_in_chinese():
    for commands, camera_id in [*CASES, ((AT_DORM,), "new/3")]:
        for text in sentences(preview(with_(*commands), camera_id, edit_context())):
            assert translate(text, "zh_CN") != str(text)


def test_bench_is_prepared_once_for_a_project(tmp_path):
    project = Project(app_city(), RULES, app_result(), DIGEST, tmp_path / "plans.gpkg")
    assert edit_context_of(project) is edit_context_of(replace(project, plan_id="other"))
    assert (
        edit_context_of(project).guard.areas["kind"].tolist() == app_guard().areas["kind"].tolist()
    )


@pytest.mark.parametrize("camera_id", ["nobody", "gone"])
def test_camera_that_is_not_there_is_refused(camera_id):
    with pytest.raises(InputError):
        preview(session(), camera_id, edit_context())
