"""Private places and their facades: what counts, who says so, and every square metre of it."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from civicsight.coverage.privacy.facades import OUTSIDE_M, find_private, sample_facades
from civicsight.coverage.privacy.places import FACADES, PRIVATE
from civicsight.model import PRIVATE_PLACES, City, empty_tables
from civicsight.model.terrain import Terrain
from civicsight.rules import load_packs
from tests import town
from tests.drawn import LONGER
from tests.scenes import fuzz
from tests.small import frame

RULES = load_packs()
HOME = {"kind": "apartments"}


def city(*, terrain=None, register=None, **tables):
    full = empty_tables(town.CRS) | tables
    if register:
        shapes = [row.pop("geometry") for row in register.values()]
        full["private_places"] = frame(PRIVATE_PLACES, register, shapes)
    frame_crs = full["buildings"].crs
    return City("town", frame_crs, town.rect(0, 0, 500, 500), **full, terrain=terrain)


def facades_of(terrain=None, **rows):
    return find_private(city(buildings=town.buildings(**rows), terrain=terrain), RULES).facades


def home(shape, height=9.0, **columns):
    return (shape, HOME | {"height_m": height, "height_assumed": False} | columns)


class TestSamples:
    def test_a_house_by_hand(self):
        """10 m by 6 m, three storeys: 32 metres of wall, 9 m high."""
        found = facades_of(a=home(town.rect(0, 0, 10, 6)))
        FACADES.check(found)
        assert len(found) == 32 * 3
        assert found["area_m2"].sum() == pytest.approx(32 * 9)
        assert found["area_m2"].tolist() == pytest.approx([3.0] * 96)
        assert sorted(set(found["height_m"])) == [1.5, 4.5, 7.5]
        assert sorted(set(found["storey"])) == [1.0, 2.0, 3.0]
        by_side = found.groupby(found["normal_deg"].round(6))["area_m2"].sum()
        assert by_side.to_dict() == pytest.approx({0.0: 90, 90.0: 54, 180.0: 90, 270.0: 54})
        house = town.rect(0, 0, 10, 6)
        assert found.distance(house).tolist() == pytest.approx([OUTSIDE_M] * 96)
        east = found[found["normal_deg"].round(6).eq(90.0)]
        assert (east.geometry.x == town.X + 10 + OUTSIDE_M).all()
        assert sorted(set(east.geometry.y - town.Y)) == [0.5, 1.5, 2.5, 3.5, 4.5, 5.5]

    @pytest.mark.parametrize(
        ("height", "at", "edges"),
        [
            (2.0, [1.0], [0, 2]),
            (4.0, [1.5], [0, 4]),
            (4.5, [1.5, 3.75], [0, 3, 4.5]),
            (10.0, [1.5, 4.5, 7.5], [0, 3, 6, 10]),
            (10.5, [1.5, 4.5, 7.5, 9.75], [0, 3, 6, 9, 10.5]),
        ],
    )
    def test_what_is_left_of_the_height_joins_a_storey_or_is_one(self, height, at, edges):
        found = facades_of(a=home(town.rect(0, 0, 10, 6), height))
        assert sorted(set(found["height_m"])) == pytest.approx(at)
        assert sorted({*found["low_m"], *found["high_m"]}) == pytest.approx(edges)
        assert found["area_m2"].sum() == pytest.approx(32 * height)

    def test_a_shared_wall_is_none_up_to_the_lower_roof(self):
        """A three-storey house against one of a storey: 6 m of wall are shared, 3 m high."""
        found = facades_of(
            a=home(town.rect(0, 0, 10, 6)), b=(town.rect(10, 0, 20, 6), {"height_m": 3.0})
        )
        assert set(found["building_id"]) == {"a"}
        assert found["area_m2"].sum() == pytest.approx(32 * 9 - 6 * 3)
        east = found[found["normal_deg"].round(6).eq(90.0)]
        assert sorted(set(east["storey"])) == [2.0, 3.0]

    @pytest.mark.parametrize(("gap", "shared"), [(0.3, True), (0.49, True), (0.6, False)])
    def test_a_gap_in_the_drawing_is_a_shared_wall(self, gap, shared):
        found = facades_of(
            a=home(town.rect(0, 0, 10, 6)), b=(town.rect(10 + gap, -5, 20, 15), {"height_m": 30.0})
        )
        assert found["area_m2"].sum() == pytest.approx(32 * 9 - (6 * 9 if shared else 0))

    def test_a_court_is_open_and_looks_inward(self):
        ring = town.rect(0, 0, 20, 20).difference(town.rect(5, 5, 15, 15))
        found = facades_of(a=home(ring))
        assert found["area_m2"].sum() == pytest.approx((80 + 40) * 9)
        inner = found[found.within(town.rect(5, 5, 15, 15))]
        assert inner["area_m2"].sum() == pytest.approx(40 * 9)
        middle = np.array([town.X + 10, town.Y + 10])
        to_middle = middle - inner.get_coordinates().to_numpy()
        out = np.radians(inner["normal_deg"])
        assert ((to_middle * np.column_stack([np.sin(out), np.cos(out)])).sum(axis=1) > 0).all()

    def test_a_raised_house_has_no_wall_below_it(self):
        found = facades_of(a=home(town.rect(0, 0, 10, 6), 12.0, base_m=6.0))
        assert found["area_m2"].sum() == pytest.approx(32 * 6)
        assert sorted(set(found["height_m"])) == [7.5, 10.5]
        assert sorted(set(found["storey"])) == [3.0, 4.0]

    def test_on_a_slope_what_is_in_the_ground_is_no_facade(self):
        """The ground rises 1 m in 10 to the east; the foot is the lowest ground along the outline.

        The roof is level, 9 m above the western foot. Of the eastern wall 8 m remain; of each long
        wall 9 m less the half of a metre on average.
        """
        x = np.arange(0, 201.0, 10.0)
        z = np.repeat((x / 10.0)[None] + 100.0, 21, axis=0)
        terrain = Terrain(z, town.X - 100.0, town.Y - 100.0, 10.0)
        found = facades_of(terrain, a=home(town.rect(0, 0, 10, 6)))
        expected = 6 * 9 + 6 * 8 + 2 * 10 * 8.5
        # The samples stand 5 cm outside, where the ground is half a centimetre lower or higher.
        assert found["area_m2"].sum() == pytest.approx(expected, abs=0.07)
        ground = terrain.height_at(found.geometry.x.to_numpy(), found.geometry.y.to_numpy())
        level = ground + found["high_m"].to_numpy()
        roof = 110.0 + 9.0
        assert level.max() == pytest.approx(roof)
        assert (found["low_m"] >= 0).all()
        assert (found["height_m"] > 0).all()
        assert (ground + found["height_m"]).max() == pytest.approx(110.0 + 7.5)

    def test_unknown_ground_is_named_and_not_guessed(self):
        z = np.full((21, 21), 100.0)
        z[:, 10:] = np.nan
        terrain = Terrain(z, town.X - 100.0, town.Y - 100.0, 10.0)
        made = town.buildings(a=home(town.rect(-40, 0, -30, 6)), b=home(town.rect(30, 0, 40, 6)))
        found = find_private(city(buildings=made, terrain=terrain), RULES)
        assert set(found.facades["building_id"]) == {"a"}
        assert found.aside[["place_id", "reason"]].to_numpy().tolist() == [["b", "ground_unknown"]]

    def test_an_assumed_height_stays_one(self):
        found = facades_of(
            a=home(town.rect(0, 0, 10, 6)), b=home(town.rect(40, 0, 50, 6), height_assumed=True)
        )
        assert found.groupby("building_id")["height_assumed"].all().to_dict() == {
            "a": False,
            "b": True,
        }

    @settings(max_examples=30 * LONGER, deadline=None)
    @given(st.integers(0, 10**6))
    def test_random_towns_against_brute_force(self, seed):
        """Every sample is outside and open, and the open area is that of a plain count."""
        case = fuzz(seed, 1)
        made = case.buildings.assign(kind="house", tags=None)
        areas = _areas(made)
        found, lost = sample_facades(areas, made, case.terrain)
        assert not lost
        foot = _foot(made, case.terrain)
        x, y = found.geometry.x.to_numpy(), found.geometry.y.to_numpy()
        ground = np.zeros(len(x)) if case.terrain is None else case.terrain.height_at(x, y)
        z = ground + found["height_m"].to_numpy()
        base, top = foot + made["base_m"].to_numpy(), foot + made["height_m"].to_numpy()
        for row, shape in enumerate(made.geometry):
            held = shapely.contains_xy(shape, x, y) & (base[row] < z) & (z < top[row])
            assert not held.any()
        walls = made.geometry.length.to_numpy() * (top - base)
        area = found.groupby("building_id")["area_m2"].sum().reindex(made.index).fillna(0.0)
        assert (area.to_numpy() <= walls + 1e-6).all()
        alone = _stands_alone(made)
        if case.terrain is None:
            assert area.to_numpy()[alone] == pytest.approx(walls[alone])
        assert found["area_m2"].to_numpy() == pytest.approx(
            found["width_m"] * (found["high_m"] - found["low_m"]), abs=1e-6
        )


def _areas(buildings):
    rows = {
        f"p{label}": {
            "building_id": label,
            "scope": "facade_openings",
            "kind": "home",
            "confidence": 0.8,
            "has_facade": True,
        }
        for label in buildings.index
    }
    made = gpd.GeoDataFrame(
        list(rows.values()), index=list(rows), geometry=list(buildings.geometry), crs=buildings.crs
    )
    return PRIVATE.complete(made)


def _foot(buildings, terrain):
    if terrain is None:
        return np.zeros(len(buildings))
    return np.array(
        [terrain.height_at(*shapely.get_coordinates(s).T).min() for s in buildings.geometry]
    )


def _stands_alone(buildings):
    """Tell which buildings are convex and far from every other."""
    shapes = buildings.geometry.to_numpy()
    apart = [min((s.distance(o) for o in shapes if o is not s), default=9.0) > 1.0 for s in shapes]
    convex = [s.convex_hull.area - s.area < 1e-6 for s in shapes]
    return np.array(apart) & np.array(convex)


class TestWhatIsPrivate:
    def find(self, **tables):
        return find_private(city(**tables), RULES)

    def test_kinds_and_tags_of_buildings(self):
        made = town.buildings(
            flats=home(town.rect(0, 0, 10, 10)),
            dorm=(town.rect(20, 0, 30, 10), {"kind": "dormitory"}),
            ward=(town.rect(40, 0, 50, 10), {"tags": {"building": "hospital"}}),
            shop=(town.rect(60, 0, 70, 10), {"kind": "retail"}),
        )
        found = self.find(buildings=made)
        PRIVATE.check(found.areas)
        scopes = found.areas.groupby("building_id")["scope"].agg(set).to_dict()
        assert scopes == {
            "flats": {"facade_openings"},
            "dorm": {"facade_openings", "interior_rooms"},
            "ward": {"facade_openings"},
        }
        assert set(found.facades["building_id"]) == {"flats", "dorm", "ward"}
        sure = found.facades.groupby("building_id")["confidence"].first()
        selectors = {str(s): s.conf for p in RULES.packs for e in p.privacy for s in e.selectors}
        assert sure["dorm"] == selectors["building=dormitory"]
        assert sure["flats"] == max(
            s.conf
            for pack in RULES.packs
            for entry in pack.privacy
            for s in entry.selectors
            if ("building", "apartments") in {(k, v) for k, vs in s.osm for v in vs}
        )

    def test_a_hotel_mapped_as_a_point_is_in_its_building(self):
        made = town.buildings(
            block=(town.rect(0, 0, 40, 40), {"kind": "yes"}), other=(town.rect(60, 0, 90, 40),)
        )
        hotel = {"tourism": "hotel", "name": "Gan River Hotel"}
        found = self.find(buildings=made, places=town.places(h=(town.point(5, 5), hotel)))
        assert found.areas["building_id"].tolist() == ["block"]
        assert found.areas["name"].tolist() == ["Gan River Hotel"]
        assert set(found.areas["assumptions"].iloc[0]) == {"floors_unknown", "whole_facade"}
        assert set(found.facades["building_id"]) == {"block"}
        outside = self.find(buildings=made, places=town.places(h=(town.point(-3, 5), hotel)))
        assert "at_door" in outside.areas["assumptions"].iloc[0]
        lost = self.find(buildings=made, places=town.places(h=(town.point(-9, 5), hotel)))
        assert lost.areas.empty
        assert set(lost.aside["reason"]) == {"no_footprint"}

    def test_a_restaurant_may_have_private_rooms_but_makes_no_facade_private(self):
        made = town.buildings(block=(town.rect(0, 0, 40, 40), {"kind": "yes"}))
        table = town.places(r=(town.point(5, 5), {"amenity": "restaurant"}))
        found = self.find(buildings=made, places=table)
        assert found.areas["scope"].tolist() == ["interior_rooms"]
        assert found.facades.empty

    def test_a_toilet_in_a_mall_does_not_make_the_mall_private(self):
        made = town.buildings(
            mall=(town.rect(0, 0, 80, 80), {"kind": "retail"}),
            hut=(town.rect(100, 0, 110, 8), {"kind": "yes"}),
        )
        table = town.places(
            inside=(town.point(40, 40), {"amenity": "toilets"}),
            alone=(town.point(105, 4), {"amenity": "toilets"}),
        )
        found = self.find(buildings=made, places=table)
        assert found.areas["building_id"].tolist() == ["hut"]
        assert set(found.aside["place_id"]) == {"inside"}

    def test_an_estate_takes_the_buildings_of_no_other_use(self):
        made = town.buildings(
            a=(town.rect(0, 0, 10, 10), {"kind": "yes"}),
            b=(town.rect(20, 0, 30, 10), {"kind": None}),
            c=(town.rect(40, 0, 50, 10), {"kind": "school"}),
            d=(town.rect(300, 0, 310, 10), {"kind": "yes"}),
        )
        estate = town.places(
            e=(town.rect(-5, -5, 60, 60), {}, {"amap": "120302", "source": "amap"})
        )
        found = self.find(buildings=made, places=estate)
        assert sorted(found.areas["building_id"]) == ["a", "b"]

    def test_places_of_worship_and_of_the_armed_forces_stay_unseen(self):
        made = town.buildings(
            a=(town.rect(0, 0, 9, 9), {"kind": "dormitory", "tags": {"landuse": "military"}}),
            b=(town.rect(20, 0, 29, 9), {"kind": "hotel", "tags": {"amenity": "place_of_worship"}}),
        )
        assert self.find(buildings=made).areas.empty

    def test_the_order_of_rows_does_not_matter(self):
        made = town.buildings(
            a=home(town.rect(0, 0, 10, 10)),
            b=(town.rect(20, 0, 50, 30), {"kind": "yes"}),
            c=(town.rect(60, 0, 70, 10), {"kind": "dormitory"}),
        )
        table = town.places(
            g=(town.point(22, 5), {"tourism": "hotel", "name": "B"}),
            h=(town.point(30, 5), {"tourism": "hostel", "name": "A"}),
        )
        one = self.find(buildings=made, places=table)
        two = self.find(buildings=made.iloc[::-1], places=table.iloc[::-1])
        pd.testing.assert_frame_equal(pd.DataFrame(one.areas), pd.DataFrame(two.areas))
        pd.testing.assert_frame_equal(
            pd.DataFrame(one.facades).sort_index(), pd.DataFrame(two.facades).sort_index()
        )


class TestRegister:
    def find(self, register, **buildings):
        return find_private(city(buildings=town.buildings(**buildings), register=register), RULES)

    def test_floors_of_the_register_replace_the_map(self):
        row = {"kind": "dormitory", "from_floor": 2, "to_floor": 3}
        register = {"r1": row | {"geometry": town.point(5, 3)}}
        dorm = home(town.rect(0, 0, 10, 6), 12.0, kind="dormitory")
        found = self.find(register, a=dorm)
        assert found.areas["registered"].tolist() == [True]
        assert found.areas["scope"].tolist() == ["interior_rooms"]
        assert set(found.facades["storey"]) == {2.0, 3.0}
        assert set(found.facades["confidence"]) == {1.0}
        assert found.area_m2 == pytest.approx(32 * 6)

    def test_lodging_in_a_block_of_flats_adds_to_the_flats(self):
        row = {"kind": "lodging_room", "from_floor": 1, "to_floor": 1}
        register = {"r1": row | {"geometry": town.point(5, 3)}}
        found = self.find(register, a=home(town.rect(0, 0, 10, 6)))
        assert found.area_m2 == pytest.approx(32 * 9)
        first = found.facades["storey"].eq(1.0)
        assert set(found.facades.loc[first, "confidence"]) == {1.0}
        assert (found.facades.loc[~first, "confidence"] < 1.0).all()

    def test_a_wing_is_private_on_its_own_walls(self):
        """The eastern third of a block of 30 m: its front and back, and its gable."""
        register = {"w": {"kind": "other_private", "geometry": town.rect(20, 0, 30, 10)}}
        found = self.find(register, a=(town.rect(0, 0, 30, 10), {"kind": "yes", "height_m": 3.0}))
        assert found.areas["scope"].tolist() == ["facade_openings"]
        # Samples up to a metre beside the wing belong to it, one on either side.
        assert found.area_m2 == pytest.approx(3 * (10 + 10 + 10) + 2 * 3)

    def test_scope_of_the_register_wins(self):
        row = {"kind": "bath", "scope": "facade", "geometry": town.point(5, 3)}
        found = self.find({"b": row}, a=(town.rect(0, 0, 10, 6), {"kind": "yes"}))
        assert found.areas["scope"].tolist() == ["facade_openings"]

    def test_a_toilet_of_the_register_in_a_mall_has_no_walls_of_its_own(self):
        row = {"kind": "toilet", "geometry": town.point(40, 40), "name": "2F west"}
        found = self.find({"t": row}, mall=(town.rect(0, 0, 80, 80), {"kind": "retail"}))
        assert found.areas.empty
        assert found.aside.to_numpy().tolist() == [["t", "toilet", "2F west", "no_footprint"]]


def test_a_city_without_buildings_or_places_has_nothing_private():
    found = find_private(city(), RULES)
    assert found.areas.empty
    assert found.facades.empty
    assert found.aside.empty
    PRIVATE.check(found.areas)
    FACADES.check(found.facades)
