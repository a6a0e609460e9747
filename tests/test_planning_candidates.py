"""Candidates by hand: what exists comes first, what must be chosen is there, what is banned not."""

from __future__ import annotations

import numpy as np
import pytest

from civicsight.core.errors import MismatchError
from civicsight.coverage.check import build_scenes
from civicsight.coverage.matrix import compute_matrix
from civicsight.planning.candidates import generate
from civicsight.planning.prices.price_table import read_prices
from tests.candidate_town import at, checked, city, gate, lanes, line, met, rect

pytestmark = pytest.mark.compiled_only
"""Hundreds of poses are looked from; the interpreter would take minutes and find the same."""

PRICES = read_prices()
FRONT = {"azimuth_deg": 0.0}


def town_with(cameras, **tables):
    return city(cameras=cameras, roads=lanes(), **tables)


def make(town, *gates, **options):
    result = checked(town, *(gates or (gate(),)))
    return result, generate(result, **options)


@pytest.fixture(scope="module")
def mixed():
    """A low house, a gate that a camera watches, and one beside it that nobody does."""
    halves = {"w": (rect(-200, -200, 0, 200), {}), "e": (rect(0, -200, 200, 200), {})}
    town = city(
        buildings={"h": (rect(-10, -30, 10, -14), {"height_m": 3.2})},
        cameras={"c": (at(-9, -12), {"tilt_deg": 20.0})},
        districts=halves,
    )
    return make(town, gate(), gate("watched", -9.0))


def measures(found):
    return set(found.table["measure"])


class TestWhatExists:
    def test_a_camera_that_serves_is_kept_and_nothing_is_made(self):
        result, found = make(town_with({"c": (at(0, -12), {})}))
        assert list(found.table.index) == ["keep:c"]
        assert met(found, result).loc["keep:c"].all()
        assert found.table.loc["keep:c", "cost_yuan"] == PRICES.price_yuan("keep")
        assert found.unreachable.empty

    def test_it_is_credited_where_it_looks_whatever_the_order_of_samples(self):
        town = town_with({"c": (at(0, -12), {})})
        result, found = make(town, gate("z"), gate("a", 40.0))
        seen = met(found, result).loc["keep:c"]
        assert seen[seen].index.tolist() == ["z/0", "z/1", "z/2", "z/3"]

    def test_a_camera_of_another_owner_is_connected(self):
        owner = {"owner": "non_government"}
        for state, measure in (("connected", "keep"), ("scheduled", "keep"), (None, "connect")):
            row = owner | {"network_state": state}
            _, found = make(town_with({"c": (at(0, -12), row)}))
            assert measures(found) == {measure}

    def test_nobody_turns_the_camera_of_another_owner(self):
        away = {"owner": "non_government", "azimuth_deg": 180.0}
        _, found = make(town_with({"c": (at(0, -12), away)}))
        assert not measures(found) & {"reaim", "refurbish"}

    def test_a_camera_that_looks_away_is_turned(self):
        result, found = make(town_with({"c": (at(0, -12), {"azimuth_deg": 180.0})}))
        turned = found.table[found.table["measure"].eq("reaim")]
        assert met(found, result).loc[turned.index].all(axis=1).any()
        assert set(turned["cost_yuan"]) == {PRICES.price_yuan("reaim")}
        assert set(turned["site_id"]) == {"camera:c"}
        assert found.sites.loc["camera:c", "capacity"] == 1

    def test_a_camera_of_unknown_direction_is_no_keep_but_may_be_turned(self):
        _, found = make(town_with({"c": (at(0, -12), {"azimuth_deg": np.nan})}))
        assert "reaim" in measures(found)
        assert "keep" not in measures(found)

    def test_an_unknown_lens_is_replaced_not_turned(self):
        row = {"azimuth_deg": np.nan, "hfov_deg": np.nan, "vfov_deg": np.nan}
        _, found = make(town_with({"c": (at(0, -12), row)}))
        assert "refurbish" in measures(found)
        assert "reaim" not in measures(found)

    def test_a_broken_camera_is_replaced(self):
        _, found = make(town_with({"c": (at(0, -12), {"usable": False})}))
        assert "refurbish" in measures(found)
        assert not measures(found) & {"keep", "reaim"}

    def test_a_planned_camera_is_new_and_not_credited(self):
        _, found = make(town_with({"c": (at(0, -12), {"status": "planned"})}))
        row = found.table.loc["planned:c"]
        assert row["measure"] == "new"
        assert row["cost_yuan"] > PRICES.price_yuan("device.standard")

    def test_what_is_assumed_of_a_camera_is_named(self):
        row = {"azimuth_deg": 180.0, "owner": "unknown", "height_m": np.nan}
        _, found = make(town_with({"c": (at(0, -12), row)}))
        made = found.table[found.table["measure"].eq("refurbish")]
        assert all({"owner_unknown", "height_unknown"} <= set(names) for names in made.assumptions)


class TestWhatIsBuilt:
    def test_the_only_place_that_sees_is_offered(self):
        """Streets leave no room for poles; of two poles one stands behind a wall."""
        far = {"azimuth_deg": 180.0}
        poles = {"seeing": (at(0, -12), far), "blind": (at(0, 12), far)}
        wall = {"w": (line((-60, 6), (60, 6)), {})}
        result, found = make(town_with(poles, obstacles=wall))
        useful = met(found, result).any(axis=1)
        assert useful.any()
        hosts = set(found.table.loc[useful, "host_id"])
        assert hosts == {"seeing"}

    def test_open_ground_takes_a_pole_that_is_named_as_assumed(self, mixed):
        made = mixed[1].table[mixed[1].table["host"].eq("ground")]
        assert len(made)
        assert all("pole_to_be_erected" in names for names in made["assumptions"])
        assert made["new_site"].all()
        assert all(dict(items)["pole"] == 1 for items in made["items"])

    def test_walls_carry_cameras_below_their_roof(self, mixed):
        made = mixed[1].table[mixed[1].table["host"].eq("facade")]
        assert len(made)
        assert made["height_m"].max() <= 3.2

    def test_rows_are_what_the_matrix_of_the_heads_says(self, mixed):
        """Over the samples that poses were tried for, and those of the gate that is met already."""
        result, found = mixed
        scene = build_scenes(result.city)["sure"]
        again = compute_matrix(
            found.heads, result.parts, result.samples, scene, camera_ids=found.table.index
        )
        again = again.select(samples=found.matrix.sample_ids)
        assert np.array_equal(again.q.toarray(), found.matrix.q.toarray())
        made = found.table.index[found.table["measure"].eq("new")]
        assert met(found, result).loc[made].filter(like="watched/").any(axis=None)

    def test_costs_are_the_sums_of_their_items(self, mixed):
        table = mixed[1].table
        for items, cost in zip(table["items"], table["cost_yuan"], strict=True):
            assert cost == sum(n * int(PRICES.table.loc[item, "price_yuan"]) for item, n in items)

    def test_a_candidate_is_in_its_district(self, mixed):
        table = mixed[1].table
        east = table.geometry.x >= 400_000.0  # on the edge, the first by its id
        assert set(table.loc[east, "district"]) == {"e"}
        assert set(table.loc[~east, "district"]) == {"w"}

    def test_at_night_cameras_see_by_their_own_light(self):
        dark = {"night_reach_m": 5.0}
        town = town_with({"c": (at(0, -12), dark)})
        result = checked(town, gate(), night=True)
        found = generate(result)
        assert not met(found, result).loc["keep:c"].any()
        assert found.night
        assert (found.heads["reach_m"] <= found.heads["night_reach_m"]).all()


class TestWhatIsOutOfReach:
    @pytest.mark.parametrize(
        ("reason", "tables", "columns"),
        [
            ("no_site", {"roads": lanes(-90, 90)}, {}),
            ("level", {}, {"need_px_m": 20_000.0}),
            ("angle", {}, {"max_tilt_deg": 0.0}),
            (
                "occluded",
                {
                    "obstacles": {
                        "w": (
                            line((-3, -1), (3, -1), (3, 1), (-3, 1), (-3, -1)),
                            {"height_m": 60.0},
                        )
                    }
                },
                {},
            ),
        ],
    )
    def test_the_reason_is_said(self, reason, tables, columns):
        _, found = make(city(**tables), gate(**columns))
        assert set(found.unreachable["reason"]) == {reason}
        assert len(found.unreachable) == 4
        assert found.table.empty

    @pytest.mark.slow
    def test_only_a_forbidden_view_is_said_to_be_forbidden(self):
        """A dormitory so close behind a gate that every picture of one holds the other.

        At most 10 degrees down, a line through a face meets the wall 0.3 m lower, and the middle of
        its lowest windows is less than a degree above the face: the picture cannot end between
        them, and a mask of the wall hides the face.
        """
        home = {"d": (rect(-60, 1.8, 60, 20), {})}
        _, found = make(
            city(buildings=home, private_places={"d": (home["d"][0], {})}), gate(max_tilt_deg=10.0)
        )
        assert found.table.empty
        assert set(found.unreachable["reason"]) == {"article_9"}
        assert set(found.forbidden["article"]) == {"9"}
        assert "sight" in set(found.forbidden["reason"])

    def test_more_cameras_than_sites_can_carry_are_too_few(self):
        poles = {"p": (at(0, -12), {"azimuth_deg": 180.0})}
        _, found = make(town_with(poles), gate(k=5))
        assert set(found.unreachable["reason"]) == {"too_few"}
        assert (found.unreachable["reachable"] < 5).all()


@pytest.mark.slow
def test_the_order_of_rows_changes_nothing():
    from dataclasses import replace

    house = {"h": (rect(-20, -40, 20, -14), {}), "k": (rect(-20, 14, 20, 40), {})}
    town = city(
        buildings=house, cameras={"b": (at(9, -9), {"azimuth_deg": 90.0}), "a": (at(-9, -9), {})}
    )
    _, found = make(town, gate(), gate("h", 8.0))
    turned = replace(town, buildings=town.buildings.iloc[::-1], cameras=town.cameras.iloc[::-1])
    _, again = make(turned, gate("h", 8.0), gate())
    assert found.table.drop(columns="geometry").equals(again.table.drop(columns="geometry"))
    assert np.array_equal(found.matrix.q.toarray(), again.matrix.q.toarray())


def test_one_more_camera_is_made_room_for():
    result, found = make(town_with({"c": (at(0, -12), {})}), robust_k=1)
    assert found.robust_k == 1
    assert (met(found, result).sum() >= 2).all()


def test_a_negative_number_of_spare_cameras_is_refused():
    with pytest.raises(MismatchError, match="at least 0"):
        generate(checked(city(), gate()), robust_k=-1)


def test_progress_never_falls_and_ends():
    seen = []
    generate(checked(city(), gate()), progress=lambda done, total: seen.append(done / total))
    assert seen == sorted(seen)
    assert seen
    assert seen[-1] <= 1.0
