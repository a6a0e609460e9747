"""The whole chain on a school by hand: two gates, cameras of every sort, and a house in the way."""

from __future__ import annotations

import json
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pyproj import CRS
from shapely.geometry import LineString, Point, box

from civicsight.core.errors import CrsError, InputError, SchemaError
from civicsight.coverage.check import build_scenes, check
from civicsight.coverage.findings.status import STATUSES
from civicsight.coverage.result import CheckResult
from civicsight.model import (
    BARRIERS,
    BUILDINGS,
    CAMERAS,
    CANOPIES,
    ENTRANCES,
    FINDINGS,
    HEADS,
    OBSTACLES,
    PARTS,
    PLACES,
    READINGS,
    ROADS,
    SAMPLES,
    ZONES,
    City,
)
from civicsight.model.terrain import Terrain
from civicsight.rules import load_packs
from tests.city_made import registers

EPSG = CRS.from_epsg(4548)
ITEM = "8.5"  # education and research, with entrances
OPTICS = {
    "kind": "fixed",
    "mount": "pole",
    "height_m": 3.5,
    "tilt_deg": 12.0,
    "hfov_deg": 60.0,
    "vfov_deg": 40.0,
    "width_px": 2560.0,
    "usable": True,
    "owner": "government",
}


def table(declaration, rows, geometry):
    made = gpd.GeoDataFrame(
        list(rows.values()), index=list(rows), geometry=list(geometry), crs=EPSG
    )
    return declaration.complete(made)


def inventory(**rows):
    """Build cameras: place, azimuth and what else differs from `OPTICS`."""
    records = {
        name: OPTICS | {"azimuth_deg": azimuth} | more for name, (_, azimuth, more) in rows.items()
    }
    return table(CAMERAS, records, [Point(at) for at, _, _ in rows.values()])


CAMS = inventory(
    south=((30, -8), 0.0, {}),
    twin=((31, -8), 0.0, {"status": "planned"}),
    away=((5, -8), 180.0, {}),
    unknown=((30, 48), np.nan, {"kind": "dome", "hfov_deg": 90.0, "width_px": 3840.0}),
    hall=((30, 22), 0.0, {"setting": "indoor"}),
    broken=((30, -7), 0.0, {"usable": False}),
    gone=((29, -7), 0.0, {"status": "removed"}),
    wall=((100.0, 22), 90.0, {"mount": "wall"}),
)


def town(cameras=CAMS, buildings=None, terrain=None):
    if buildings is None:
        buildings = {
            "school": (box(20, 15, 40, 30), 12.0, False),
            "shop": (box(90, 10, 100, 30), 9.0, True),
        }
    return City(
        name="Hand", crs=EPSG, extent=box(-50, -50, 150, 100), cameras=cameras, terrain=terrain,
        buildings=table(
            BUILDINGS,
            {k: {"height_m": h, "height_assumed": a} for k, (_, h, a) in buildings.items()},
            [shape for shape, _, _ in buildings.values()],
        ),
        **registers(EPSG), obstacles=OBSTACLES.empty(EPSG), canopies=CANOPIES.empty(EPSG),
        roads=table(
            ROADS, {"r": {"kind": "residential"}, "n": {"kind": "residential"}},
            [LineString([(-50, -12), (150, -12)]), LineString([(-50, 52), (150, 52)])],
        ),
        places=table(
            PLACES,
            {"p": {"name": "School", "tags": {"amenity": "school"}, "item": ITEM,
                   "standing": "designated", "source": "register"}},
            [box(0, 0, 60, 40)],
        ),
        entrances=table(
            ENTRANCES,
            {"s": {"kind": "main", "confirmed": True, "width_m": 4.0},
             "n": {"kind": "main", "confirmed": True, "width_m": 4.0}},
            [Point(30, 0), Point(30, 40)],
        ),
        barriers=BARRIERS.empty(EPSG),
    )  # fmt: skip


@pytest.fixture(scope="module")
def result() -> CheckResult:
    return check(town(), raster=False)


def part_at(result, entrance):
    return result.parts.index[result.parts["entrance_id"].eq(entrance)][0]


def test_tables_follow_their_declarations(result):
    for declared, frame in [
        (CAMERAS, result.cameras),
        (HEADS, result.heads),
        (ZONES, result.zones),
        (PARTS, result.parts),
        (SAMPLES, result.samples),
        (FINDINGS, result.gaps),
        (FINDINGS, result.duplicates),
        (FINDINGS, result.overlaps),
    ]:
        declared.check(frame)
    assert result.raster is None
    assert result.rules.versions == load_packs().versions


def test_gate_that_a_complete_camera_faces_is_covered(result):
    row = result.part_status.loc[part_at(result, "s")]
    assert row["status"] == "covered"
    assert row["cameras"] == ("south", "twin")
    assert row["best_px_m_sure"] > row["need_px_m"]


def test_gate_that_only_a_camera_of_unknown_direction_may_face_is_undetermined(result):
    part = part_at(result, "n")
    row = result.part_status.loc[part]
    assert row["status"] == "assumed"
    assert row["cameras"] == ("unknown",)
    finding = result.gaps.loc[f"gap/{part}"]
    assert finding["outcome"] == "undetermined"
    assert "all_round" in finding["assumptions"]


def test_planned_twin_is_a_duplicate_and_says_of_whom(result):
    row = result.duplicates[result.duplicates["subject"].eq("twin")]
    assert set(row["kind"]) == {"duplicate", "twin"}
    card = row[row["kind"].eq("duplicate")].iloc[0]
    assert (card["outcome"], card["severity"]) == ("fail", "violation")
    assert card["evidence"]["relies_on"] == ["south"]


def test_cameras_out_of_use_are_listed_and_count_for_nothing(result):
    unused = {"hall", "broken", "gone"}
    assert unused <= set(result.cameras.index)
    assert not unused & set(result.heads["camera_id"])
    assert result.cameras.loc["wall", "placed"] == "moved"
    assert result.cameras.loc["wall", "geometry"].x == pytest.approx(100.3)


def test_every_camera_has_a_row_in_every_matrix(result):
    for reading in READINGS:
        assert result.matrices[reading].camera_ids.equals(result.cameras.index)
        assert result.matrices[reading].sample_ids.equals(result.samples.index)
    dense = [result.matrices[reading].q.toarray() for reading in READINGS]
    assert (dense[0] <= dense[1]).all()
    assert (dense[1] <= dense[2]).all()


def test_summary_is_plain_and_counts_what_can_be_counted_by_hand(result):
    summary = json.loads(json.dumps(result.summary))
    cameras = summary["cameras"]
    assert (cameras["read"], cameras["in_use"], cameras["indoor"]) == (8, 5, 1)
    assert (cameras["moved"], cameras["unknown_direction"], cameras["complete_record"]) == (1, 1, 4)
    assert cameras["by_status"] == {"existing": 6, "planned": 1, "removed": 1}
    assert summary["buildings"] == {"count": 2, "height_assumed": 1, "height_assumed_share": 0.5}
    assert summary["parts"]["gates"] == {"covered": 1, "assumed": 1, "possible": 0, "gap": 0}
    assert list(summary["parts"]["by_status"]) == list(STATUSES)
    duplicates = summary["findings"]["duplicates"]
    assert duplicates["duplicate"]["planned"] == {"sure": 1, "only_if_assumed": 0}
    assert summary["redundant"]["sure"]["serve_demand"] == 2
    assert summary["samples"]["met_sure"] <= summary["samples"]["met_possible"]


def test_removing_the_camera_opens_the_gate_and_a_house_in_the_way_is_named():
    few = CAMS.drop(["south", "twin", "unknown"])
    bare = check(town(), few, raster=False)
    assert set(bare.part_status["status"]) == {"gap"}
    shed = {"shed": (box(26, -5, 34, -4), 4.0, False)}
    hidden = check(town(CAMS.loc[["south"]], shed), raster=False)
    row = hidden.part_status.loc[part_at(hidden, "s")]
    assert (row["status"], row["blockers"]) == ("gap", ("building shed",))
    card = hidden.gaps.loc[f"gap/{part_at(hidden, 's')}"]
    assert card["severity"] == "violation"
    assert card["evidence"]["blockers"] == ["building shed"]


def test_camera_that_looks_away_is_offered_for_the_gap():
    turned = CAMS.loc[["south"]].assign(azimuth_deg=180.0)
    bare = check(town(turned), raster=False)
    offers = bare.gaps.loc[f"gap/{part_at(bare, 's')}", "evidence"]["reuse"]
    assert offers[0]["camera"] == "south"
    assert offers[0]["how"] == "re-aim"


def test_camera_out_of_use_beside_the_gap_is_named_and_would_cover_it_again():
    bare = check(town(CAMS.loc[["broken", "gone", "hall", "away"]]), raster=False)
    card = bare.gaps.loc[f"gap/{part_at(bare, 's')}", "evidence"]
    named = [(idle["camera"], idle["why"], idle["would_cover"]) for idle in card["out_of_use"]]
    assert named == [
        ("broken", "broken", True),
        ("gone", "removed", True),
        ("hall", "indoor", None),
    ]
    assert card["out_of_use"][0]["distance_m"] == pytest.approx(7.0, abs=0.5)
    json.dumps(card)


def test_gate_that_only_a_planned_camera_sees_is_covered_once_it_is_built(result):
    assert result.part_status.loc[part_at(result, "s"), "built"]
    later = check(town(CAMS.loc[["twin"]]), raster=False)
    row = later.part_status.loc[part_at(later, "s")]
    assert (row["status"], row["built"]) == ("covered", False)
    counts = later.summary["parts"]
    assert (counts["covered_now"], counts["covered_once_built"]) == (0, 1)


def test_shed_of_assumed_height_leaves_it_undetermined():
    shed = {"shed": (box(26, -5, 34, -4), 3.0, True)}
    unsure = check(town(CAMS.loc[["south"]], shed), raster=False)
    row = unsure.part_status.loc[part_at(unsure, "s")]
    assert row["status"] == "possible"
    finding = unsure.gaps.loc[f"gap/{part_at(unsure, 's')}"]
    assert finding["assumptions"] == ("building_height",)


def same(one: CheckResult, two: CheckResult) -> bool:
    frames = (
        "cameras",
        "heads",
        "parts",
        "samples",
        "part_status",
        "gaps",
        "duplicates",
        "overlaps",
    )
    for name in frames:
        first, second = getattr(one, name), getattr(two, name)
        pd.testing.assert_frame_equal(pd.DataFrame(first), pd.DataFrame(second))
    for reading in READINGS:
        assert (one.matrices[reading].q != two.matrices[reading].q).nnz == 0
    return one.summary == two.summary


@pytest.mark.slow
def test_same_input_and_any_order_of_cameras_give_the_same_result(result):
    assert same(result, check(town(), raster=False))
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(len(CAMS))
        assert same(result, check(town(), CAMS.iloc[order], raster=False))


def test_raster_covers_what_the_assumed_heads_see_and_progress_ends():
    calls = []
    drawn = check(town(), cell_m=1.0, progress=lambda done, total: calls.append((done, total)))
    assert drawn.raster is not None
    assert drawn.raster.cell_m == 1.0
    assert calls[-1][0] == calls[-1][1]
    assert len({total for _, total in calls}) == 1
    assert [done for done, _ in calls] == sorted(done for done, _ in calls)


def test_cameras_replace_those_of_the_city_and_nothing_is_changed():
    city = town()
    before = city.cameras.copy()
    other = check(city, CAMS.loc[["away"]], raster=False)
    assert other.cameras.index.tolist() == ["away"]
    assert city.cameras.equals(before)


def test_city_without_cameras_or_places_is_checked():
    bare = check(town(CAMERAS.empty(EPSG)), raster=True)
    assert set(bare.part_status["status"]) == {"gap"}
    assert bare.summary["cameras"]["read"] == 0
    empty = replace(town(), places=PLACES.empty(EPSG), roads=ROADS.empty(EPSG))
    nothing = check(empty, raster=False)
    assert nothing.parts.empty
    assert nothing.gaps.empty
    assert nothing.summary["parts"]["judged"] == 0


def test_a_camera_on_an_outermost_wall_is_in_the_area_that_the_walls_bound():
    cameras = inventory(
        inside=((21, 20), 270.0, {"height_m": 3.0}),
        on_the_wall=((20, 20), 270.0, {"height_m": 3.0}),
        on_an_arm=((19.6, 20), 270.0, {"height_m": 3.0}),
        across_the_road=((10, 20), 270.0, {"height_m": 3.0}),
    )
    made = town(cameras)
    bounded = replace(made, extent=box(*made.buildings.total_bounds))
    placed = check(bounded, raster=False).cameras["placed"]
    away = placed.pop("across_the_road")
    assert away == "off_map"
    assert placed.to_dict() == {"inside": "moved", "on_the_wall": "moved", "on_an_arm": "kept"}


def test_camera_off_the_terrain_is_not_used():
    ground = Terrain(np.full((16, 16), 20.0), -60.0, -60.0, 20.0)
    hilly = check(town(inventory(far=((400, 0), 0.0, {}), south=((30, -8), 0.0, {})),
                       terrain=ground), raster=False)  # fmt: skip
    assert hilly.cameras.loc["far", "placed"] == "off_terrain"
    assert hilly.summary["cameras"]["off_terrain"] == 1
    assert hilly.part_status.loc[part_at(hilly, "s"), "status"] == "covered"


def test_what_lies_behind_unknown_ground_is_neither_covered_nor_a_gap():
    """A strip without heights between camera and gate: it may be a pit, it may be a bank."""
    z = np.full((111, 111), 20.0)
    cameras = inventory(south=((30, -8), 0.0, {}))
    flat = check(town(cameras, terrain=Terrain(z, -60.0, -60.0, 2.0)), raster=False)
    assert flat.part_status.loc[part_at(flat, "s"), "status"] == "covered"
    z = z.copy()
    z[28, :] = np.nan
    holed = check(town(cameras, terrain=Terrain(z, -60.0, -60.0, 2.0)), raster=False)
    assert holed.part_status.loc[part_at(holed, "s"), "status"] == "possible"
    gap = holed.gaps[holed.gaps["subject"].eq(part_at(holed, "s"))]
    assert gap["outcome"].tolist() == ["undetermined"]
    assert "ground" in holed.part_status.loc[part_at(holed, "s"), "blockers"]


def test_a_house_on_unknown_ground_is_no_obstacle_to_a_check():
    z = np.full((16, 16), 20.0)
    z[8, 12:] = np.nan
    holed = check(town(terrain=Terrain(z, -60.0, -60.0, 20.0)), raster=False)
    assert holed.part_status.loc[part_at(holed, "s"), "status"] == "covered"


def test_one_scene_serves_all_readings_where_no_height_is_assumed():
    known = build_scenes(town(buildings={"school": (box(20, 15, 40, 30), 12.0, False)}))
    assert len({id(scene) for scene in known.values()}) == 1
    assert len({id(scene) for scene in build_scenes(town()).values()}) == 3


def test_night_ends_at_the_reach_of_the_own_light():
    dark = CAMS.loc[["south"]].assign(night_reach_m=0.0)
    assert check(town(dark), raster=False).summary["parts"]["gates"]["covered"] == 1
    night = check(town(dark), night=True)
    assert night.summary["parts"]["gates"]["covered"] == 0
    assert night.summary["night"] is True
    assert next(night.raster.blocks(), None) is None, "the raster is of the same night"


def test_bad_input_is_refused():
    with pytest.raises(SchemaError, match="hfov_deg"):
        check(town(), CAMS.assign(hfov_deg=-5.0))
    with pytest.raises(CrsError, match="convert them with to_crs"):
        check(town(), CAMS.to_crs(4547))


@pytest.mark.parametrize(
    ("at", "more", "code", "field"),
    [
        ((1e9, 0), {}, "place.far", "geometry"),
        ((30, np.nan), {}, "table.bad_geometry", "geometry"),
        ((30, -8), {"azimuth_deg": np.inf}, "table.bad_value", "azimuth_deg"),
        ((30, -8), {"height_m": -np.inf}, "table.bad_value", "height_m"),
        ((30, -8), {"reach_m": 1e6}, "table.bad_value", "reach_m"),
        ((30, -8), {"near_m": 80.0, "reach_m": 80.0}, "camera.near", "near_m"),
    ],
)
def test_senseless_camera_is_refused_by_name(at, more, code, field):
    with pytest.raises(InputError) as caught:
        check(town(), inventory(odd=(at, 0.0, more)), raster=False)
    for fault in caught.value.faults:
        assert (fault.code, fault.field) == (code, field)
        assert fault.where.startswith("odd")
        assert fault.found
        assert str(fault.expected)
        assert str(fault.remedy)


def test_other_cameras_in_a_city_that_was_checked_are_judged_as_if_it_were_new():
    """Places, parts and scenes hang on no camera, so that they may be taken as they are."""
    first = check(town(CAMS), raster=False)
    city = town(CAMS.iloc[:1])
    fresh = check(city, raster=False, before=first.parts)
    taken = check(city, raster=False, before=first)
    assert taken.parts is first.parts
    for name in ("zones", "parts", "samples", "part_status", "gaps", "duplicates", "missing"):
        pd.testing.assert_frame_equal(
            getattr(taken, name), getattr(fresh, name), check_dtype=False, check_index_type=False
        )
    assert taken.summary == fresh.summary
