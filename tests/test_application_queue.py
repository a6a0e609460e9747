"""The queue of what nobody has settled: what is asked, in which order, and what answers do."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from civicsight.application.queue import KINDS, order_kinds, queue_of
from civicsight.application.records import (
    ATTRIBUTES,
    IN_THE_DATA,
    PLACE,
    STANDS_FOR,
    USE,
    doubtful_records,
    recorded_with,
)
from civicsight.application.unjudged_places import entrance_with, unjudged_places
from civicsight.coverage.check import check, place_and_read
from civicsight.coverage.demand.find import find_demand
from civicsight.coverage.pose.assumptions import ASSUMPTIONS
from civicsight.coverage.pose.sensor_views import PLACED_BY
from civicsight.coverage.result import NOT_JUDGED, partition
from civicsight.editing.codec import from_plain, to_plain
from civicsight.editing.commands import Aim, Comment, ConfirmGate, Move, SetOptics
from civicsight.editing.draft import Draft
from civicsight.editing.edit_context import EditContext
from civicsight.editing.gates import distance_m, length_of_answer, open_gates, shape_of
from civicsight.model import CAMERAS
from civicsight.store import Actor, Role
from tests import town
from tests.silent_town import city_of, vanished_places, watching

LI = Actor("Li", Role.PLANNER)
KINDS_OF_CAMERA = ("fixed", "dome", "ptz", "panorama", "fisheye", "multi_head", "thermal", None)
FIGURES = ("height_m", "azimuth_deg", "tilt_deg", "hfov_deg", "vfov_deg", "width_px", "height_px")
RIGHT = {
    "kind": "fixed",
    "height_m": 4.0,
    "azimuth_deg": 10.0,
    "tilt_deg": 12.0,
    "hfov_deg": 60.0,
    "vfov_deg": 40.0,
    "width_px": 2560.0,
    "height_px": 1440.0,
}


@cache
def doubtful():
    """Check houses with cameras of every kind whose records lack this and that."""
    rng = np.random.default_rng(3)
    rows = {}
    for n in range(64):
        lacks = {name: np.nan for name in FIGURES if rng.random() < 0.4}
        tags = {PLACED_BY: "address"} if n % 9 == 0 else {}
        status = "removed" if n % 13 == 12 else "existing"
        record = {**RIGHT, **lacks, "kind": KINDS_OF_CAMERA[n % 8], "tags": tags, "status": status}
        x, y = (32.0, 4.0) if n % 7 == 3 else (float(rng.uniform(-20, 150)), -6.0)
        rows[f"c{n:02d}"] = watching(x, y, record["azimuth_deg"], **record)
    base = vanished_places(count=6, cameras=1)
    street = {"street": (town.line((-40, -8), (200, -8)), "residential")}
    return check(replace(base, cameras=city_of(places={}, buildings={}, cameras=rows).cameras,
                         roads=town.roads(**street)), raster=False)  # fmt: skip


def records_of(result):
    return doubtful_records(result, result.city.cameras, result.heads)


def test_every_assumption_about_a_camera_stands_for_something_that_is_asked_for():
    assert set(STANDS_FOR) == set(ASSUMPTIONS)
    asked = {name for names in STANDS_FOR.values() for name in names}
    assert asked <= {*ATTRIBUTES, *IN_THE_DATA, "shape"}


def test_the_records_are_those_of_cameras_in_use_without_a_sure_view():
    result = doubtful()
    used = set(result.heads["camera_id"])
    sure = set(result.heads.loc[result.heads["reading"].eq("sure"), "camera_id"])
    found = records_of(result)
    assert {one.camera_id for one in found} == used - sure
    assert 10 < len(found) < 64


def test_each_record_asks_for_what_it_lacks_and_for_nothing_else():
    result = doubtful()
    cameras = result.city.cameras
    moved = set(result.heads.loc[[("moved_far" in own) for own in result.heads["assumptions"]],
                                 "camera_id"])  # fmt: skip
    for one in records_of(result):
        row = cameras.loc[one.camera_id]
        for name in set(one.missing) - {PLACE}:
            assert pd.isna(row[name]) or row[name] == "unknown", (one, name)
        wanted = one.camera_id in moved or bool(row["tags"].get(PLACED_BY))
        assert (PLACE in one.missing) is wanted
        assert ("presets" in one.in_the_data) is (row["kind"] == "ptz")
        assert one.assumptions
        if row["kind"] not in ("ptz", "thermal"):
            lacking = {name for name in ("height_m", "width_px", "hfov_deg", "tilt_deg")
                       if pd.isna(row[name])}  # fmt: skip
            assert lacking <= set(one.missing)


@pytest.mark.slow
def test_an_answer_to_all_that_is_missing_makes_the_view_sure():
    result = doubtful()
    context, draft = EditContext(result), Draft(result.city)
    answered = set()
    for _ in range(3):  # what is told of a camera may lead to another question
        queue = doubtful_records(result, draft.cameras, context.heads(draft))
        for one in queue:
            free = (town.X + 3.0 * int(one.camera_id[1:]), town.Y - 20.0)
            given = {name: free if name == PLACE else RIGHT[name] for name in one.missing}
            answered |= {one.camera_id} if given else set()
            for command in recorded_with(one.camera_id, given, "seen on site"):
                draft = command.apply(draft)
    left = doubtful_records(result, draft.cameras, context.heads(draft))
    assert all(one.in_the_data and not one.missing for one in left)
    settled = answered - {one.camera_id for one in left}
    kinds = {str(result.city.cameras.loc[label, "kind"]) for label in settled}
    assert {"fixed", "dome", "panorama", "fisheye"} <= kinds
    _, heads = place_and_read(draft.city, draft.cameras, result.rules)
    assert settled <= set(heads.loc[heads["reading"].eq("sure"), "camera_id"])


def test_those_come_first_on_which_most_places_hang():
    result = doubtful()
    places, findings = {}, {}
    for subject, outcome, evidence in zip(
        result.gaps["subject"], result.gaps["outcome"], result.gaps["evidence"], strict=True
    ):
        for camera in evidence["cameras"] if outcome == "undetermined" else ():
            places.setdefault(camera, set()).add(result.parts["zone_id"][subject])
            findings[camera] = findings.get(camera, 0) + 1
    for subject, outcome, evidence in zip(
        result.duplicates["subject"], result.duplicates["outcome"],
        result.duplicates["evidence"], strict=True,
    ):  # fmt: skip
        others = [evidence.get("twin"), *(evidence.get("relies_on") or ())]
        for camera in {subject, *filter(None, others)} if outcome == "undetermined" else ():
            findings[camera] = findings.get(camera, 0) + 1
    queue = records_of(result)
    for one in queue:
        assert one.places == len(places.get(one.camera_id, ()))
        assert one.findings == findings.get(one.camera_id, 0)
    ranks = [(-one.places, -one.findings, one.camera_id) for one in queue]
    assert ranks == sorted(ranks)
    assert queue[0].places


def test_a_camera_of_which_nobody_knows_whether_it_works_is_asked_for_that_alone():
    listed = {"item": "8.5", "standing": "designated", "source": "register"}
    cameras = {
        "idle": watching(12, -12, 0.0, usable=None),
        "other": watching(13, -12, 0.0),
        "new": watching(11, -12, 0.0, status="planned"),
        "away": watching(12, -40, 180.0, usable=None),
    }
    made = city_of(
        places={"p": (town.point(12, 8), {"name": "P"}, listed)},
        buildings={"h": (town.rect(0, 0, 24, 16),)},
        roads={"s": (town.line((-40, -8), (200, -8)), "residential")},
        entrances={"d": (town.point(12, 0), "main")},
        cameras=cameras,
    )
    result = check(made, raster=False)
    certain = result.duplicates[result.duplicates["outcome"].eq("fail")]
    relying = [
        "idle" in evidence.get("relies_on", ()) and "use_unrecorded" in assumed
        for evidence, assumed in zip(certain["evidence"], certain["assumptions"], strict=True)
    ]
    (one,) = records_of(result)  # nothing stands on the camera that looks away
    assert (one.camera_id, one.missing, one.assumptions) == ("idle", ("usable",), (USE,))
    assert (one.places, one.findings) == (0, sum(relying))
    assert one.findings > 0
    commands = recorded_with("idle", {"usable": False}, "seen on site")
    assert commands[0] == SetOptics("idle", usable=False)
    assert from_plain(to_plain(commands[0])) == commands[0]
    draft = commands[0].apply(Draft(result.city))
    assert draft.cameras.loc["idle", "usable"] is False
    context = EditContext(result)
    assert doubtful_records(result, draft.cameras, context.heads(draft)) == []
    assert "idle" not in set(context.heads(draft)["camera_id"])  # it counts for nothing any more


def test_an_answer_is_commands_that_exist_and_a_remark():
    given = {PLACE: (1.0, 2.0), "azimuth_deg": 370.0, "height_m": 3.0, "kind": "dome"}
    done = recorded_with("c", given, "seen on site; Li")
    assert done == (
        Move("c", 1.0, 2.0),
        Aim("c", 370.0, None),
        SetOptics("c", height_m=3.0, kind="dome"),
        Comment("c", "seen on site; Li"),
    )
    assert recorded_with("c", {"tilt_deg": 5.0}, "x")[0] == Aim("c", None, 5.0)
    assert recorded_with("c", {}, "x") == ()
    assert length_of_answer(done) == 4
    assert length_of_answer((Aim("c", 1.0), *done)) == 4
    assert length_of_answer((Aim("d", 1.0), *done[2:])) == 2
    assert length_of_answer(done[:-1]) == 0
    assert length_of_answer(done[-1:]) == 0


def test_a_tilt_alone_can_be_set_and_a_camera_that_is_moved_is_not_placed_by_its_address():
    result = doubtful()
    draft = Draft(result.city)
    nowhere = next(
        one.camera_id
        for one in records_of(result)
        if {"azimuth_deg", "tilt_deg"} <= set(one.missing)
    )
    tilted = Aim(nowhere, None, 7.0).apply(draft).cameras.loc[nowhere]
    assert tilted["tilt_deg"] == 7.0
    assert pd.isna(tilted["azimuth_deg"])
    moved = Move("c00", town.X, town.Y - 5.0).apply(draft).cameras
    assert moved.loc["c00", "tags"] == {}
    assert draft.cameras.loc["c00", "tags"] == {PLACED_BY: "address"}
    CAMERAS.check(moved)


@cache
def unjudged():
    """Check places of which one lies in a closed yard, and one is fine."""
    listed = {"item": "8.5", "standing": "designated", "source": "register"}
    places = {
        "bare": (town.point(400, 400), {"name": "Bare"}, listed),
        "fine": (town.point(12, 8), {"name": "Fine"}, listed),
    }
    houses = {"h": (town.rect(0, 0, 24, 16),), "around": (town.yard(400, 400),)}
    cameras = {"c": watching(12, -12, 0.0), "far": watching(400, 370, 0.0)}
    return check(city_of(places=places, buildings=houses, cameras=cameras), raster=False)


def test_places_that_were_not_judged_are_those_of_the_partition():
    result = unjudged()
    table = partition(result).places
    wanted = {label for label, row in table.iterrows() if row["reasons"]}
    assert table.loc[list(wanted), "state"].eq(NOT_JUDGED).all()
    queue = unjudged_places(result, ())
    assert {one.place_id for one in queue} == wanted
    assert wanted
    for one in queue:
        assert one.parts == sum(zone == one.place_id for zone in result.missing["zone_id"])
        beside = [one.place_id in own for own, why in zip(
            result.withheld["beside"], result.withheld["reason"], strict=True)
            if why == "unjudged_place"]  # fmt: skip
        assert one.cameras == sum(beside)
        assert shape_of(result, one.place_id).distance(town.point(400, 400)) == 0.0


def test_an_entrance_that_is_listed_lets_a_place_be_judged():
    result = unjudged()
    (one,) = unjudged_places(result, ())
    assert one.reasons == ("indoors",)
    commands = entrance_with(one.part_id, (town.X + 401.0, town.Y + 398.0), "seen on site")
    assert unjudged_places(result, commands) == []
    draft = Draft(result.city)
    for command in commands:
        draft = command.apply(draft)
    assert distance_m(result, one.place_id, (town.X + 403.0, town.Y + 404.0)) == 5.0
    after = find_demand(draft.city, result.rules)
    assert one.place_id in set(after.parts["zone_id"])
    assert one.place_id not in set(after.missing["zone_id"])


def test_without_an_inventory_no_place_is_listed_by_itself():
    base = vanished_places(count=3, cameras=0)
    result = check(replace(base, provenance=()), raster=False)
    assert partition(result).places["state"].eq(NOT_JUDGED).all()
    assert unjudged_places(result, ()) == []


@pytest.mark.parametrize("make", [doubtful, unjudged])
def test_the_kind_that_settles_most_places_comes_first(make):
    result = make()
    gates = {one.zone_id for one in open_gates(result, ()) if one.is_presumed or one.is_gap}
    doubted = {one.camera_id for one in records_of(result)}
    hung = {
        result.parts["zone_id"][subject]
        for subject, outcome, evidence in zip(
            result.gaps["subject"], result.gaps["outcome"], result.gaps["evidence"], strict=True
        )
        if outcome == "undetermined" and doubted & set(evidence["cameras"])
    }
    places = {"gates": len(gates), "records": len(hung), "places": len(unjudged_places(result, ()))}
    order = order_kinds(result)
    assert sorted(order) == sorted(KINDS)
    assert [places[kind] for kind in order] == sorted(places.values(), reverse=True)
    queue = queue_of(EditContext(result), Draft(result.city), (), LI)
    assert queue.records == records_of(result)
    assert queue.counts() == {kind: len(getattr(queue, kind)) for kind in KINDS}


def test_a_settled_gate_of_an_unjudged_place_is_not_asked_again():
    result = SimpleNamespace(
        **{
            name: getattr(unjudged(), name)
            for name in ("parts", "withheld", "gaps", "cameras", "looked")
        }
    )
    done = [ConfirmGate(label, 0.0, 0.0) for label in result.parts.index]
    assert open_gates(result, done) == []
