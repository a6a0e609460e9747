"""All that a camera sees is protected: a billboard across a view that no law asks for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from shapely.geometry import LineString, box

from civicsight import judge
from civicsight.coverage.check import check
from civicsight.coverage.obstruction import (
    Outlook,
    gather_views,
    lost_ground,
    obstruct,
    worst_share,
)
from civicsight.model import PRIVATE_PLACES, ROADS
from civicsight.model.provenance import Provenance
from tests.test_check import inventory, table, town
from tests.test_obstruction import one, proposals

ACROSS = LineString([(-1, -14), (11, -14)])
"""South of a camera that looks south, away from the school: nothing there has to be covered."""
GRAZED = LineString([(5, -25), (5.3, -25)])


@pytest.fixture(scope="module")
def result():
    """One camera that looks away from all that has to be covered; a road behind the billboard.

    Empty lists say that there is neither an obstacle nor a tree.
    """
    city = town(inventory(away=((5, -8), 180.0, {"status": "existing"})))
    lists = (Provenance("obstacles", "obstacles.csv"), Provenance("canopies", "trees.csv"))
    city = replace(city, provenance=lists)
    road = table(
        ROADS, {"r": {"kind": "residential", "tags": {}}}, [LineString([(-40, -20), (60, -20)])]
    )
    yard = table(PRIVATE_PLACES, {"y": {"kind": "dormitory"}}, [box(-20, -40, 60, -30)])
    return check(replace(city, roads=road, private_places=yard), raster=False)


def sums(outlook, column, **where):
    own = outlook
    for name, value in where.items():
        own = own[own[name].eq(value)]
    return own[column].sum()


def test_the_areas_are_those_of_the_ground_that_is_lost_and_roads_stand_apart(result):
    views, board = gather_views(result), one(ACROSS, "advert", 8.0)
    outlook = Outlook(views).lost_to(board)
    assert set(outlook["camera_id"]) == {"away"}
    for reading in ("sure", "possible"):
        ground = lost_ground(views, board, "away", reading=reading)
        assert sums(outlook, "seen_m2", reading=reading) == pytest.approx(ground.before_m2)
        assert sums(outlook, "lost_m2", reading=reading) == pytest.approx(ground.lost_m2)
        assert ground.lost_m2 > 0
        band = shapely.intersection(ground.lost, box(-100, -23, 100, -17)).area
        assert sums(outlook, "lost_m2", reading=reading, ground="road") == pytest.approx(
            band, rel=0.05
        )
        inside = shapely.intersection(ground.before, box(-20, -40, 60, -30)).area
        private = sums(outlook, "seen_m2", reading=reading, ground="private")
        assert private == pytest.approx(inside, rel=0.05)
    assert (outlook["lost_m2"] + outlook["lower_m2"] <= outlook["seen_m2"]).all()
    assert len(set(outlook["quality"])) > 1
    assert worst_share(outlook) > 0.1


def test_what_no_camera_reaches_costs_nothing(result):
    outlook = Outlook(gather_views(result)).lost_to(one(box(900, 900, 901, 901), "advert", 9.0))
    assert outlook.empty
    assert worst_share(outlook) == 0.0


def test_a_crown_that_lets_light_pass_lowers_nothing_that_it_does_not_hide(result):
    thin = one(box(-1, -14, 11, -13), "tree", 8.0, summer=0.99, winter=0.99)
    assert worst_share(Outlook(gather_views(result)).lost_to(thin)) == 0.0


@pytest.mark.slow
def test_a_billboard_across_a_view_that_no_law_asks_for_is_refused_with_its_figures(result):
    boards = proposals(
        across=(ACROSS, "advert", 8.0, {}),
        grazed=(GRAZED, "advert", 2.0, {}),
        far=(box(900, 900, 901, 901), "advert", 9.0, {}),
    )
    across, grazed, far = obstruct(result, boards)
    assert not across.loss.harms()  # no sample of a gate or key part is lost
    assert (across.verdict, far.verdict) == ("refused", "free")
    assert across.tolerance == 0.02
    assert 0.0 < worst_share(grazed.outlook) <= 0.02
    assert grazed.verdict == "free"
    assert across.heights["sure"] < 8.0
    assert across.offsets["sure"].distance_m > 0.0
    assert (grazed.offsets["sure"].distance_m, far.heights["sure"]) == (0.0, np.inf)
    judged = judge(check(replace(result.city, proposals=boards), raster=False)).verdicts
    own = judged[judged["rule"].eq("R10.3")].set_index("subject")
    assert own["outcome"].to_dict() == {"across": "fail", "grazed": "pass", "far": "pass"}
    evidence = own.loc["across", "evidence"]
    assert evidence["view_sure"] > 0.02
    assert evidence["lost_road_m2"] > 0
    assert evidence["loss_possible"] == 0.0


def test_what_was_measured_of_one_body_is_not_taken_for_another_on_the_same_ground(result):
    outlook = Outlook(gather_views(result))
    solid = one(ACROSS, "advert", 8.0)
    assert outlook.hinders(solid, "sure", 0.02)
    assert not outlook.hinders(replace(solid, base_m=7.9), "sure", 0.02)
    assert outlook.hinders(solid, "sure", 0.02)


@pytest.mark.slow
def test_a_rule_permits_what_a_sheet_calls_harmless_and_nothing_beyond(result):
    (permit,) = obstruct(result, proposals(across=(ACROSS, "advert", 8.0, {})))
    views = gather_views(result)

    def share(facility):
        return worst_share(Outlook(views).lost_to(facility), ("sure",))

    height, offset = permit.heights["sure"], permit.offsets["sure"]
    own = permit.facility
    assert share(own.at_height(height)) <= permit.tolerance < share(own.at_height(height + 0.01))
    turn = np.radians(offset.direction_deg)
    east, north = np.sin(turn), np.cos(turn)
    nearer = offset.distance_m - 1.0
    assert share(own.moved(nearer * east, nearer * north)) > permit.tolerance
    aside = own.moved(offset.distance_m * east, offset.distance_m * north)
    boards = proposals(
        lower=(ACROSS, "advert", height, {}),
        higher=(ACROSS, "advert", height + 0.01, {}),
        moved=(aside.shape, "advert", 8.0, {}),
    )
    assert [again.verdict for again in obstruct(result, boards)] == ["free", "refused", "free"]
    judged = judge(check(replace(result.city, proposals=boards), raster=False)).verdicts
    own = judged[judged["rule"].eq("R10.3")].set_index("subject")
    assert own["outcome"].to_dict() == {"lower": "pass", "higher": "fail", "moved": "pass"}


@pytest.mark.slow
def test_where_the_direction_is_not_known_a_loss_of_view_is_a_condition():
    city = town(inventory(lost=((5, -8), np.nan, {})))
    found = check(city, raster=False)
    (permit,) = obstruct(found, proposals(across=(ACROSS, "advert", 8.0, {})))
    assert permit.verdict == "conditioned"
    assert worst_share(permit.outlook, ("sure",)) == 0.0
