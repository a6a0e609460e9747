"""Verdicts on planned cameras: the fixtures of a reviewer, and every pitfall of counting."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from civicsight.coverage.findings import find_duplicates
from civicsight.planning.duplicates import Offers, Verdict, duplicates, make_cards
from civicsight.rules import load_packs
from tests.duplicate_cases import COARSE, OK, checked, planned
from tests.small import RULES, cameras, matrix, samples, shuffled


def judge(result, **options):
    return duplicates(result, scenarios=0, **options)


def verdict_of(result, camera="new", **options):
    return judge(result, **options).table["verdict"][camera]


class TestThreeCameras:
    """The reviewer's fixture: a twin, one facing away, one that looks but does not recognise."""

    def test_twin_on_the_same_pole_is_flagged_with_its_saving(self):
        cams = cameras(old={"at": (0, -10)}, new=planned(at=(0, -10)))
        found = judge(
            checked(cams, {"old": {"p": OK}, "new": {"p": OK}}), prices=pd.Series({"new": 12e3})
        )
        row = found.table.loc["new"]
        assert (row["verdict"], row["saving_yuan"]) == (Verdict.CERTAIN, 12e3)
        assert (found.dropped, found.avoidable_yuan) == (("new",), 12e3)
        card = make_cards(found)[0]
        assert [one.camera_id for one in card.relies_on] == ["old"]
        assert card.dominated_by == ("old",)
        assert str(card.statements[0]).startswith("Finding for review")

    def test_same_pole_facing_away_is_not(self):
        cams = cameras(old={"at": (0, -10)}, new=planned(at=(0, -10)))
        found = judge(checked(cams, {"old": {"p": OK}, "new": {"q": OK}}))
        assert found.table["verdict"]["new"] == Verdict.NOT_DUPLICATE
        assert (found.flagged, found.dropped) == ((), ())

    def test_same_view_at_a_lower_class_is_not_and_an_upgrade_is_suggested(self):
        cams = cameras(old={"at": (0, -10)}, new=planned(at=(0, -9)))
        result = checked(cams, {"old": {"p": COARSE}, "new": {"p": OK}})
        result.duplicates = find_duplicates(
            cams, result.parts, result.zones, result.samples, result.matrices, result.heads, RULES
        )
        found = judge(result)
        assert found.table["verdict"]["new"] == Verdict.INTENDED
        assert found.table["reasons"]["new"] == ("level",)
        assert found.dropped == ()
        assert make_cards(found)[0].upgrades == ("old",)


class TestThresholds:
    @pytest.mark.parametrize(
        ("own", "verdict"),
        [
            (0, Verdict.CERTAIN),
            (4, Verdict.SUBSTANTIAL),
            (19, Verdict.SUBSTANTIAL),
            (20, Verdict.NOT_DUPLICATE),
        ],
    )
    def test_gain_beside_what_exists_is_judged_by_the_pack(self, own, verdict):
        cams = cameras(old={}, new=planned())
        weights = {"p": [100 - own], "q": [own or 1]}
        seen = {"old": {"p": OK}, "new": {"p": OK, **({"q": OK} if own else {})}}
        assert verdict_of(checked(cams, seen, weights=weights)) == verdict

    @pytest.mark.parametrize(
        ("own", "verdict"), [(4, Verdict.SUBSTANTIAL), (5, Verdict.NOT_DUPLICATE)]
    )
    def test_contribution_beside_the_plan_is_judged_by_the_pack(self, own, verdict):
        cams = cameras(a=planned(), new=planned())
        weights = {"p": [100 - own], "q": [own], "r": [100]}
        seen = {"a": {"p": OK, "r": OK}, "new": {"p": OK, "q": OK}}
        assert verdict_of(checked(cams, seen, weights=weights)) == verdict

    def test_packs_that_ask_nothing_get_no_verdict(self):
        cams = cameras(old={}, new=planned())
        seen = {"old": {"p": OK}, "new": {"p": OK}}
        found = judge(checked(cams, seen, rules=load_packs(["cn-national-799"])))
        assert found.table["verdict"].isna().all()
        assert found.flagged == ()


class TestPitfalls:
    def test_of_planned_twins_the_dearer_goes_and_the_other_stays(self):
        cams = cameras(a=planned(), b=planned())
        result = checked(cams, {"a": {"p": OK}, "b": {"p": OK}})
        for prices, gone, kept in [((9, 5), "a", "b"), ((5, 9), "b", "a")]:
            found = judge(result, prices=pd.Series(prices, ["a", "b"]))
            assert found.dropped == (gone,)
            assert found.table["verdict"][gone] == Verdict.CERTAIN
            assert found.table["verdict"][kept] == Verdict.NOT_DUPLICATE
            assert found.avoidable_yuan == 9.0

    @pytest.mark.parametrize("seed", range(4))
    def test_of_a_ring_at_most_the_dearest_goes_in_any_order(self, seed):
        ring = {"a": {"p": OK, "q": OK}, "b": {"q": OK, "r": OK}, "c": {"r": OK, "p": OK}}
        cams = shuffled(cameras(a=planned(), b=planned(), c=planned()), seed)
        result = checked(cams, ring, weights={"p": [1], "q": [1], "r": [1]})
        for dear in "abc":
            prices = pd.Series({name: 7.0 if name == dear else 5.0 for name in "abc"})
            found = judge(result, prices=prices)
            assert found.dropped == (dear,)
            assert found.table["unique"].tolist() == [0.0] * 3
            assert found.table["fair"].tolist() == pytest.approx([1.0] * 3)

    def test_ring_that_stands_can_spare_one(self):
        ring = {"a": {"p": OK, "q": OK}, "b": {"q": OK, "r": OK}, "c": {"r": OK, "p": OK}}
        result = checked(cameras(a={}, b={}, c={}), ring, weights={"p": [1], "q": [1], "r": [1]})
        found = judge(result, prices=pd.Series({"a": 1.0, "b": 3.0, "c": 2.0}))
        assert (found.standing.at_least, found.standing.at_most) == (1, 1)
        assert found.camera_set.camera_ids[found.standing.goes].tolist() == ["b"]
        assert found.standing.counted == 3

    def test_redundancy_that_the_place_asks_for_is_intended(self):
        cams, seen = cameras(old={}, new=planned()), {"old": {"p": OK}, "new": {"p": OK}}
        found = judge(checked(cams, seen, part_rows={"p": {"k": 2}}))
        assert found.table["verdict"]["new"] == Verdict.INTENDED
        assert found.table["reasons"]["new"] == ("k",)
        third = cameras(old={}, two={}, new=planned())
        seen["two"] = {"p": OK}
        assert verdict_of(checked(third, seen, part_rows={"p": {"k": 2}})) == Verdict.CERTAIN

    def test_other_side_of_a_gate_is_intended(self):
        """Who walks north shows the face to the south camera, who walks south to the north one."""
        cams = cameras(old={"at": (0, -10)}, new=planned(at=(0, 10)))
        seen = {"old": {"p": OK}, "new": {"p": OK}}
        found = judge(checked(cams, seen, normals={"p": 0.0}))
        assert found.table["reasons"]["new"] == ("side",)
        assert found.table["verdict"]["new"] == Verdict.INTENDED
        same = cameras(old={"at": (0, -10)}, new=planned(at=(3, -12)))
        assert verdict_of(checked(same, seen, normals={"p": 0.0})) == Verdict.CERTAIN
        assert verdict_of(checked(cams, seen)) == Verdict.CERTAIN  # nobody walks: no sides

    def test_other_purpose_is_intended_and_an_unknown_one_is_not(self):
        seen = {"old": {"p": OK}, "new": {"p": OK}}
        other = cameras(old={"purpose": "traffic"}, new=planned(purpose="faces"))
        found = judge(checked(other, seen))
        assert found.table["reasons"]["new"] == ("purpose",)
        for mine, theirs in [("faces", "faces"), ("faces", None), (None, "faces")]:
            same = cameras(old={"purpose": theirs}, new=planned(purpose=mine))
            assert verdict_of(checked(same, seen)) == Verdict.CERTAIN

    def test_turning_camera_does_not_stand_in_for_a_fixed_one(self):
        seen = {"old": {"p": OK}, "new": {"p": OK}}
        found = judge(checked(cameras(old={"kind": "ptz"}, new=planned()), seen))
        assert found.table["verdict"]["new"] == Verdict.INTENDED
        assert found.table["reasons"]["new"] == ("turning",)
        fixed = checked(cameras(old={}, new=planned(kind="ptz")), seen)
        assert verdict_of(fixed) == Verdict.CERTAIN

    def test_two_reasons_together_are_both_named(self):
        cams = cameras(old={"kind": "ptz", "purpose": "traffic"}, new=planned(purpose="faces"))
        found = judge(checked(cams, {"old": {"p": OK}, "new": {"p": OK}}))
        assert found.table["reasons"]["new"] == ("turning", "purpose")

    @pytest.mark.parametrize(
        "state", [{"status": "removed"}, {"usable": False}, {"tags": {"temporary": "yes"}}]
    )
    def test_camera_out_of_use_or_temporary_replaces_nobody(self, state):
        cams = cameras(old=state, new=planned())
        assert verdict_of(checked(cams, {"old": {"p": OK}, "new": {"p": OK}})) == (
            Verdict.NOT_DUPLICATE
        )

    def test_camera_of_unknown_lens_or_direction_replaces_nobody(self):
        """It could see the place; nobody knows that it does."""
        cams = cameras(old={"azimuth_deg": np.nan}, new=planned())
        could = {"old": {"p": OK}, "new": {"p": OK}}
        found = judge(checked(cams, {"new": {"p": OK}}, possible=could))
        assert found.table["verdict"]["new"] == Verdict.NOT_DUPLICATE
        assert found.table["unique"]["new"] == found.table["total"]["new"] > 0.0

    def test_tag_that_denies_leaves_a_camera_standing(self):
        cams = cameras(old={"tags": {"temporary": "no"}}, new=planned())
        assert verdict_of(checked(cams, {"old": {"p": OK}, "new": {"p": OK}})) == Verdict.CERTAIN

    @pytest.mark.parametrize("state", [{"owner": "non_government"},
                                       {"network_state": "not_connected"}])  # fmt: skip
    def test_camera_outside_the_network_is_to_be_linked_instead(self, state):
        cams = cameras(old=state, new=planned())
        found = judge(
            checked(cams, {"old": {"p": OK}, "new": {"p": OK}}), prices=pd.Series({"new": 8.0})
        )
        assert found.table["verdict"]["new"] == Verdict.NETWORK
        assert (found.avoidable_yuan, found.avoidable_if_linked_yuan) == (0.0, 8.0)
        stand_in = make_cards(found)[0].relies_on[0]
        assert (stand_in.camera_id, stand_in.to_link, stand_in.level) == ("old", True, "recognise")

    def test_camera_that_article_9_forbids_replaces_nobody(self):
        cams = cameras(old={}, new=planned())
        found = judge(checked(cams, {"old": {"p": OK}, "new": {"p": OK}}), barred=["old"])
        assert found.table["verdict"]["new"] == Verdict.NOT_DUPLICATE
        assert found.left_out == ("old",)

    def test_samples_inside_private_places_count_in_no_share(self):
        import geopandas as gpd
        from shapely.geometry import box

        from tests.small import CRS

        cams = cameras(old={}, new=planned())
        result = checked(cams, {"old": {"p": OK}, "new": {"p": OK, "q": OK}})
        area = {"scope": ["whole_interior", "facade_openings"]}
        private = gpd.GeoDataFrame(area, geometry=[box(9, -1, 12, 1), box(-1, -1, 5, 1)], crs=CRS)
        found = judge(result, private=private)
        assert found.table["total"]["new"] == 2.0
        assert found.table["verdict"]["new"] == Verdict.CERTAIN
        assert verdict_of(result) == Verdict.NOT_DUPLICATE

    def test_samples_outside_mandatory_parts_never_count(self):
        cams = cameras(old={}, new=planned())
        result = checked(cams, {"old": {"p": OK}, "new": {"p": OK, "q": OK}})
        result.parts = result.parts.loc[["p"]]
        found = judge(result)
        assert found.table["total"]["new"] == 2.0
        assert found.table["verdict"]["new"] == Verdict.CERTAIN

    def test_shares_are_weighted_and_not_counted(self):
        """Two samples of a hundred metres outweigh fifty of one."""
        cams = cameras(old={}, new=planned())
        seen = {"old": {"p": OK}, "new": {"p": OK, "q": OK}}
        heavy = {"p": [1] * 50, "q": [100, 100]}
        assert verdict_of(checked(cams, seen, weights=heavy)) == Verdict.NOT_DUPLICATE
        light = {"p": [100, 100], "q": [1] * 30}
        assert verdict_of(checked(cams, seen, weights=light)) == Verdict.SUBSTANTIAL

    def test_who_stands_in_by_day_has_to_by_night(self):
        cams = cameras(old={}, new=planned())
        result = checked(cams, {"old": {"p": OK}, "new": {"p": OK}})
        dark = matrix(cams, result.samples, {"new": {"p": OK}})
        found = judge(result, night=dark)
        assert found.table["verdict"]["new"] == Verdict.NOT_DUPLICATE
        assert found.table["total"]["new"] == 2.0
        both = judge(result, night=matrix(cams, result.samples, {"old": {"p": OK}, "new": {}}))
        assert both.table["verdict"]["new"] == Verdict.CERTAIN

    def test_overview_does_not_replace_recognition(self):
        cams = cameras(old={}, new=planned(), idle=planned())
        found = judge(checked(cams, {"old": {"p": COARSE}, "new": {"p": OK}, "idle": {}}))
        assert found.table["gain"]["new"] == 1.0
        assert found.table["verdict"]["idle"] is None  # it meets no demand

    def test_view_that_only_an_assumed_height_hides_is_uncertain(self):
        """For sure both see part p; at best the planned one sees part q as well, and alone."""
        cams = cameras(old={}, new=planned())
        seen = {"old": {"p": OK}, "new": {"p": OK}}
        best = {"old": {"p": OK}, "new": {"p": OK, "q": OK}}
        found = judge(checked(cams, seen, possible=best))
        assert found.table["verdict"]["new"] == Verdict.UNCERTAIN
        assert "building_height" in make_cards(found)[0].assumptions
        wide = {"old": {"p": OK, "q": OK}, "new": {"p": OK}}
        assert verdict_of(checked(cams, seen, possible=wide)) == Verdict.CERTAIN


class TestOffers:
    def offer(self, result, seen, **columns):
        table = pd.DataFrame(
            {"measure": "reaim", "camera_id": "old", "cost_yuan": 3.0, **columns}, index=["v"]
        )
        cams = cameras(v={})
        return Offers(table, matrix(cams, result.samples, seen))

    @pytest.mark.parametrize(
        ("seen", "columns", "verdict"),
        [
            ({"p": OK, "q": OK}, {}, Verdict.REUSE),
            ({"p": OK}, {}, Verdict.NOT_DUPLICATE),  # turned to p, it would lose q
            ({"p": OK, "q": OK}, {"cost_yuan": 9.0}, Verdict.NOT_DUPLICATE),
            ({"p": OK, "q": OK}, {"measure": "new"}, Verdict.NOT_DUPLICATE),
            ({"p": OK, "q": OK}, {"camera_id": "unseen"}, Verdict.REUSE),
        ],
    )
    def test_existing_camera_is_turned_if_nothing_is_lost_and_it_is_cheaper(
        self, seen, columns, verdict
    ):
        result = checked(cameras(old={}, new=planned()), {"old": {"q": OK}, "new": {"p": OK}})
        found = judge(
            result,
            prices=pd.Series({"new": 9.0}),
            offers=self.offer(result, {"v": seen}, **columns),
        )
        row = found.table.loc["new"]
        assert row["verdict"] == verdict
        if verdict == Verdict.REUSE:
            assert (row["measure"], row["instead_yuan"], row["saving_yuan"]) == ("reaim", 3.0, 6.0)
            assert make_cards(found)[0].instead.measure == "reaim"


def test_order_of_all_rows_changes_nothing():
    cams = cameras(a={}, b={}, c=planned(), d=planned(), e=planned(kind="ptz"), f={"usable": None})
    weights = {"p": [1, 2, 3], "q": [1, 1], "r": [5]}
    seen = {
        "a": {"p": OK},
        "b": {"p/1": OK, "q": OK},
        "c": {"p": OK, "q/0": OK},
        "d": {"q": OK},
        "e": {"r": OK, "p/2": OK},
        "f": {"r": OK},
    }
    one = judge(checked(cams, seen, weights=weights))
    cards = [card.to_dict() for card in make_cards(one)]
    assert len(cards) == 3
    for seed in range(4):
        result = checked(cams, seen, weights=weights)
        for name in ("cameras", "parts", "samples", "heads"):
            setattr(result, name, shuffled(getattr(result, name), seed))
        two = judge(result)
        pd.testing.assert_frame_equal(one.table, two.table)
        assert two.by_zone.equals(one.by_zone)
        assert two.dropped == one.dropped


def test_several_heads_of_one_camera_count_once():
    """Rows of the matrix are cameras: two heads on the same gate are one camera that meets it."""
    cams = cameras(new=planned(kind="multi_head"))
    result = checked(cams, {"new": {"p": OK}})
    found = judge(result)
    assert found.table["kept"]["new"] == 1.0
    assert np.array_equal(found.camera_set.meets.toarray().sum(axis=0), [1, 1, 0, 0])


def test_samples_helper_agrees_with_the_table():
    result = checked(cameras(new=planned()), {"new": {"p": OK}})
    assert samples(result.parts, {"p": [1, 1], "q": [1, 1]}).index.equals(result.samples.index)
