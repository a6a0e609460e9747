"""What is asked of a view, declared once: heights of targets, tours, light, and who reads it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, Point

from civicsight.core.errors import PackError
from civicsight.coverage.check import check
from civicsight.coverage.demand.needs import _by_target
from civicsight.coverage.incidence import Targets, find_met
from civicsight.coverage.matrix import compute_matrix
from civicsight.model import OBSTACLES
from civicsight.planning.proof.rebuild import rebuild
from civicsight.presentation.evidence import finding_remedy, finding_sentence
from civicsight.presentation.facts import part_facts
from civicsight.presentation.names import name_all
from civicsight.rules import load_packs
from civicsight.scene.bodies import build_scene
from civicsight.ui.editor.look import describe_likeness, likeness_of
from tests.small import parts, samples
from tests.test_check import inventory, table, town
from tests.test_matrix import FAR, one_head
from tests.test_rules_overriding import pack, param, profile

RULES = load_packs()

PTZ = {"kind": "ptz", "height_px": 1440.0, "vfov_deg": np.nan}


def gated(cams, *, vehicle=False, obstacles=None):
    """Return the school of the checks, its southern gate for vehicles or persons."""
    city = town(cams)
    doors = city.entrances.assign(vehicle=[vehicle, False])
    return replace(
        city, entrances=doors, obstacles=city.obstacles if obstacles is None else obstacles
    )


def gate_of(result):
    """Return how the southern gate stands, and its part."""
    own = result.parts.index[result.parts["entrance_id"].eq("s")]
    assert len(own) == 1
    return result.part_status.loc[own[0]], result.parts.loc[own[0]]


class TestPack:
    def test_packs_declare_all_that_is_asked_of_a_view(self):
        for loaded in RULES.packs:
            found = {
                name: (each.target, each.target_height_m, each.min_time_share, each.light)
                for name, each in loaded.profiles.items()
            }
            person = ("person", 1.6, 0.5, "day")
            assert found == dict.fromkeys(found, person) | {"plate": ("plate", 0.5, 0.5, "day")}

    def test_the_strictest_of_a_target_is_what_is_shown(self):
        plate, person = RULES.asked_of("plate"), RULES.asked_of("person")
        assert (plate.px_per_m, plate.max_tilt_deg, plate.max_yaw_deg) == (167, 30, 30)
        assert (person.name, person.target_height_m) == ("identify", 1.6)
        assert load_packs(["eu-uk-video"]).asked_of("plate") is None
        idle = load_packs(user=[pack(profile("own", "px_per_m: 900, max_tilt_deg: 5"))])
        assert idle.asked_of("person").px_per_m == 250  # no class asks for the other

    @pytest.mark.parametrize("number", [1, 2])
    def test_a_pack_of_a_user_that_is_silent_keeps_what_the_law_asks(self, number):
        body = pack(profile("plate", "px_per_m: 200, max_tilt_deg: 30, max_yaw_deg: 20"))
        body = body.replace(b"format_version: 1", b"format_version: %d" % number)
        own = load_packs(user=[body])
        plate = own.profile("nanchang", "plate")
        assert (plate.px_per_m, plate.max_yaw_deg, plate.target_height_m) == (200, 20, 0.5)
        assert {(e.what, e.field) for e in own.overrides} == {
            ("plate", "px_per_m"),
            ("plate", "max_yaw_deg"),
        }

    def test_profiles_of_earlier_packs_get_the_documented_defaults(self):
        body = pack(
            profile("plate", "px_per_m: 200")
            + "  face: {px_per_m: 300, label: {zh: 甲, en: a}, basis: assumption, source: bureau}\n"
        )
        earlier = load_packs(["eu-uk-video"], user=[body.replace(b"[nanchang]", b"[eu-uk-video]")])
        own = earlier.pack("ours").profiles
        assert (own["plate"].target, own["plate"].target_height_m) == ("plate", 0.5)
        assert (own["face"].target, own["face"].target_height_m) == ("person", 1.6)
        assert own["face"].min_time_share == 0.5

    def test_a_profile_for_another_target_looks_at_its_height(self):
        text = "px_per_m: 200, max_tilt_deg: 30, max_yaw_deg: 30, target: person"
        assert load_packs(user=[pack(profile("plate", text))]).profile(
            "nanchang", "plate"
        ).target_height_m == pytest.approx(1.6)

    @pytest.mark.parametrize(("value", "direction"), [(0.8, "tightened"), (0.2, "weakened")])
    def test_the_share_of_a_tour_is_set_as_any_number_is(self, value, direction):
        own = load_packs(user=[pack(param("tour_share", value, "ratio"))])
        assert own.profile("nanchang", "plate").min_time_share == value
        assert {(e.what, e.direction) for e in own.overrides} == {("tour_share", direction)}

    @pytest.mark.parametrize(
        ("text", "code", "field"),
        [
            ("target: truck", "pack.bad_value", "target"),
            ("target_height_m: 25", "pack.bad_value", "target_height_m"),
            ("min_time_share: 1.5", "pack.bad_value", "min_time_share"),
            ("min_time_share: $nothing", "pack.unknown_name", "min_time_share"),
            ("light: dusk", "pack.bad_value", "light"),
        ],
    )
    def test_what_is_wrong_is_named(self, text, code, field):
        with pytest.raises(PackError) as caught:
            load_packs(user=[pack(profile("own", f"px_per_m: 30, {text}"))])
        fault = caught.value.faults[0]
        assert (fault.code, fault.field) == (code, f"profiles.own.{field}")


class TestHeight:
    CAMS = inventory(south=((30, -9), 0.0, {"tilt_deg": 17.0, "hfov_deg": 40.0, "height_m": 3.0}))

    def test_a_plate_is_looked_for_where_it_hangs(self):
        for vehicle, height in ((True, 0.5), (False, 1.6)):
            result = check(gated(self.CAMS, vehicle=vehicle), raster=False)
            part = gate_of(result)[1]
            own = result.samples[result.samples["part_id"].eq(part.name)]
            assert own["height_m"].eq(height).all()
            assert part["target_height_m"] == height

    def test_a_wall_of_a_metre_hides_plates_and_no_faces(self):
        """By hand: 1.5 m before the gate the line to 1.6 m passes at 1.83 m, to 0.5 m at 0.92 m."""
        wall = table(
            OBSTACLES,
            {"w": {"height_m": 1.0, "kind": "wall"}},
            [LineString([(9, -1.5), (50, -1.5)])],
        )
        for vehicle, status in ((False, "covered"), (True, "gap")):
            result = check(gated(self.CAMS, vehicle=vehicle, obstacles=wall), raster=False)
            assert gate_of(result)[0]["status"] == status
            free = check(gated(self.CAMS, vehicle=vehicle), raster=False)
            assert gate_of(free)[0]["status"] == "covered"

    def test_a_gate_for_plates_and_for_persons_more_finely_is_two_parts(self):
        """A bank in a school: its class does not tell gates for vehicles apart, and identifies."""
        school = next(s for s in RULES.zone_class("nanchang", "8.5").parts
                      if s.kind == "vehicle_entrance")  # fmt: skip
        door = replace(RULES.zone_class("nanchang", "8.4").parts[0], kind="vehicle_entrance")
        asked = list(_by_target([(("nanchang", "8.5"), school), (("nanchang", "8.4"), door)]))
        assert [(a.spec.profile.name, a.spec.profile.target_height_m) for a in asked] == [
            ("plate", 0.5),
            ("identify", 1.6),
        ]
        coarser = replace(door, profile=RULES.profile("nanchang", "recognise"))
        asked = list(_by_target([(("nanchang", "8.5"), school), (("nanchang", "8.4"), coarser)]))
        assert [a.spec.profile.name for a in asked] == ["plate"]


def touring(*stops):
    """Return the southern camera on a tour of azimuths and dwells."""
    text = ";".join(f"{azimuth}/12/60/{dwell}" for azimuth, dwell in stops)
    return inventory(south=((30, -8), np.nan, PTZ | {"tags": {"presets": text}}))


class TestTour:
    @pytest.mark.parametrize(
        ("stops", "status", "share"),
        [
            (((0, 1), (180, 86_399)), "possible", 1 / 86_400),
            (((0, 49), (180, 51)), "possible", 0.49),
            (((0, 50), (180, 50)), "covered", 0.5),
            (((0, 30), (2, 25), (180, 45)), "covered", 0.55),
            (((0, 60),), "covered", None),
        ],
    )
    def test_a_tour_counts_for_sure_from_the_share_that_is_asked(self, stops, status, share):
        result = check(gated(touring(*stops)), raster=False)
        gate, _ = gate_of(result)
        assert gate["status"] == status
        if share is None:
            assert pd.isna(gate["time_share"])
        else:
            assert gate["time_share"] == pytest.approx(share)

    def test_the_finding_tells_the_share_and_what_would_mend_it(self):
        result = check(gated(touring((0, 1), (180, 3))), raster=False)
        finding = result.gaps[result.gaps["subject"].eq(gate_of(result)[1].name)].iloc[0]
        assert finding["evidence"]["tours"] == [{"camera": "south", "share": 0.25}]
        assert finding["evidence"]["min_time_share"] == 0.5
        assert finding["outcome"] == "undetermined"
        for language, said, remedy in (
            ("en", "looks here for 25 % of the time, but at least 50 % is required", "for longer"),
            ("zh_CN", "25 %", "巡航"),
        ):
            names = name_all(result, language)
            assert said in finding_sentence(finding, names)
            assert remedy in finding_remedy(finding, names)

    def test_a_second_a_day_is_little_and_not_nothing(self):
        result = check(gated(touring((0, 1), (180, 86_399))), raster=False)
        finding = result.gaps[result.gaps["subject"].eq(gate_of(result)[1].name)].iloc[0]
        said = finding_sentence(finding, name_all(result, "en"))
        assert "looks here for < 1 % of the time" in said

    @pytest.mark.parametrize("stops", [((0, 70), (180, 30)), ((0, 30), (180, 70))])
    def test_the_part_tells_the_share_whatever_comes_of_it(self, stops):
        result = check(gated(touring(*stops)), raster=False)
        place = result.parts.index.get_loc(gate_of(result)[1].name)
        facts = dict(part_facts(result, name_all(result, "en"))[place])
        told = facts["Share of time for which a turning camera looks at it"]
        assert told == f"{stops[0][1]} %"

    def test_a_user_may_ask_for_more_time(self):
        own = load_packs(user=[pack(param("tour_share", 0.8, "ratio"))])
        city = gated(touring((0, 70), (180, 30)))
        assert gate_of(check(city, raster=False))[0]["status"] == "covered"
        assert gate_of(check(city, rules=own, raster=False))[0]["status"] == "possible"

    def test_a_tour_that_nobody_recorded_holds_no_direction_longer_than_its_image(self):
        """Sixty degrees of the circle are a sixth of the time."""
        cams = inventory(south=((30, -8), np.nan, PTZ | {"hfov_deg": 60.0}))
        result = check(gated(cams), raster=False)
        gate, _ = gate_of(result)
        assert gate["status"] == "possible"
        assert gate["time_share"] == pytest.approx(1 / 6)

    def test_all_who_compute_coverage_agree_on_tours(self):
        """The matrix, the search for poses and the proof of a plan, on tours drawn at random."""
        rng = np.random.default_rng(7)
        table_ = parts(p={"min_time_share": 0.5}, q={"min_time_share": 0.0, "need_px_m": 60.0})
        points = samples(table_, {"p": [1.0] * 5, "q": [1.0] * 5})
        scene = build_scene(FAR)
        views = pd.concat(
            [
                one_head((1.5, -9.0), float(rng.uniform(-40, 40)))
                .query("reading == 'sure'")
                .assign(duty=float(rng.uniform(0.1, 0.6)), camera_id=f"c{n // 3}")
                .set_axis([f"h{n}"])
                for n in range(24)
            ]
        )
        matrix = compute_matrix(views, table_, points, scene)
        rows = matrix.camera_ids.get_indexer(views["camera_id"])
        met = find_met(views, rows, len(matrix.camera_ids), Targets(points, table_, scene))
        assert (met.toarray() == matrix.meets(points).toarray()).all()
        assert 0 < met.nnz < 80
        assert rebuild(matrix, views, table_, points, scene).differences == ()


class TestLight:
    @pytest.mark.parametrize(("light_m", "seen"), [(9.0, False), (12.0, True), (np.nan, False)])
    def test_a_profile_for_the_night_counts_what_own_light_reaches(self, light_m, seen):
        table_ = parts(p={"light": "night"}, q={"light": "day"})
        points = samples(table_, {"p": [1.0], "q": [1.0]}, at=[Point(0, 0), Point(0.1, 0)])
        views = one_head((0, -10)).query("reading == 'sure'").assign(night_reach_m=light_m)
        scene = build_scene(FAR)
        matrix = compute_matrix(views, table_, points, scene)
        assert (matrix.q.toarray()[0] > 0).tolist() == [seen, True]
        met = find_met(views, np.zeros(1, np.int64), 1, Targets(points, table_, scene))
        assert met.toarray()[0].tolist() == [seen, True]
        assert rebuild(matrix, views, table_, points, scene).differences == ()


class TestEditor:
    HEAD = pd.Series(
        {"height_m": 4.0, "azimuth_deg": 0.0, "tilt_deg": 10.0, "roll_deg": 0.0, "hfov_deg": 40.0,
         "vfov_deg": 30.0, "width_px": 2560.0, "near_m": 0.0, "reach_m": 60.0,
         "lens": "rectilinear"}
    )  # fmt: skip

    def told(self, rules, distance_m=16.5, **changed):
        head = pd.Series({**self.HEAD, **changed})
        seen = likeness_of(head, distance_m, rules)
        return seen, " ".join(map(str, describe_likeness(seen, head, rules)))

    def test_it_judges_a_plate_by_the_packs_in_use(self):
        """At 207 px/m the check was met while the editor said unreadable."""
        seen, told = self.told(RULES)
        assert seen.plate_px_m == pytest.approx(207.0, abs=5.0)
        assert "Legible by the rule packs in use." in told
        text = "px_per_m: 295.5, max_tilt_deg: 30, max_yaw_deg: 20"
        stricter = load_packs(user=[pack(profile("plate", text))])
        assert "at least 295.5 px/m" in self.told(stricter)[1]
        assert "No rule pack in use says" in self.told(load_packs(["eu-uk-video"]))[1]

    def test_a_plate_hangs_where_the_profile_says(self):
        """Level and high above the road, the lower edge of the picture passes over a low plate."""
        text = "px_per_m: 100, max_tilt_deg: 30, max_yaw_deg: 30, target_height_m: 1.1"
        higher = load_packs(user=[pack(profile("plate", text))])
        low = {"tilt_deg": 0.0, "height_m": 3.0}  # at 8 m the picture ends at 3 - 8 tan 15 = 0.86 m
        assert not self.told(RULES, 8.0, **low)[0].sees_plate
        assert self.told(higher, 8.0, **low)[0].sees_plate

    def test_too_steep_is_what_the_check_calls_too_steep(self):
        """From 4 m down to 0.5 m at 6 m is 30.3 degrees, to 1.6 m it is 21.8."""
        told = self.told(RULES, 6.0, tilt_deg=25.0)[1]
        assert "vertical angle 30.3°, at most 30°" in told
        assert "fails from 30°" in told
