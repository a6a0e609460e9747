"""A project within a boundary: what counts, what still stands in the way, what was left out."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point, box
from streamlit.testing.v1 import AppTest

from civicsight.cli.entry import BAD_INPUT, OK, run
from civicsight.core.errors import InputError
from civicsight.coverage.check import check
from civicsight.io.project_file import load_city, save_city
from civicsight.model import BUILDINGS
from civicsight.model.provenance import years_of
from civicsight.planning.aims.boundary import (
    SURROUND,
    describe_left_out,
    farthest_reach_m,
    kept_within,
    left_out,
    named_area,
    with_years,
    within,
)
from civicsight.planning.candidates.sites import _are_beyond
from tests.app_town import app_city
from tests.plan_made import checked
from tests.test_check import table

EAST = box(50, -200, 300, 300)
"""The county of `app_city` east of x = 50."""


def with_wall(city):
    """Return a city with a house between the south gate and its camera."""
    house = table(BUILDINGS, {"wall": {"height_m": 9.0, "height_assumed": False}},
                  [box(27, -5, 33, -3)])  # fmt: skip
    joined = gpd.GeoDataFrame(pd.concat([city.buildings, house]), crs=city.crs)
    return replace(city, buildings=BUILDINGS.complete(joined))


def test_what_counts_lies_within_and_the_rest_is_a_number():
    city = app_city()
    cut = within(city, EAST, "East")
    counts = left_out(cut)
    for name in ("places", "cameras"):
        own, all_ = getattr(cut, name), getattr(city, name)
        assert own.representative_point().within(EAST).all()
        assert counts[name] == len(all_) - len(own)
    assert counts["places"] + counts["cameras"] > 0
    near = city.buildings.intersects(EAST.buffer(farthest_reach_m(cut.cameras)))
    assert set(cut.buildings.index) == set(city.buildings.index[near])
    assert counts[SURROUND] == int((~cut.buildings.intersects(EAST)).sum())
    assert f"{counts['places']:,} places" in str(describe_left_out(cut)[0])
    assert describe_left_out(city) == []


def test_what_stands_beyond_the_boundary_still_blocks():
    """The boundary has a notch, in which a house stands between a gate and its camera."""
    city = with_wall(checked().city)
    notch = box(-500, -500, 500, 500).difference(box(26, -6, 34, -2))
    cut = within(city, notch, "notched")
    assert "wall" in cut.buildings.index
    assert left_out(cut)[SURROUND] == 1
    whole, bounded = check(city, raster=False), check(cut, raster=False)
    assert bounded.part_status["status"].to_dict() == whole.part_status["status"].to_dict()
    free = check(checked().city, raster=False).part_status["status"]
    assert bounded.part_status["status"].to_dict() != free.to_dict()


def test_nothing_is_built_beyond_the_boundary():
    cut = within(app_city(), EAST, "East")
    sites = gpd.GeoDataFrame(geometry=[Point(60, 0), Point(40, 0)], crs=cut.crs)
    assert _are_beyond(sites, cut).tolist() == [False, True]
    assert not _are_beyond(sites, app_city()).any()


def test_what_is_added_later_is_within_it_too():
    city = app_city()
    cut = within(city, EAST, "East")
    assert kept_within(cut) is cut
    assert kept_within(city) is city
    again = kept_within(replace(cut, places=city.places))
    assert set(again.places.index) == set(cut.places.index)
    assert left_out(again)["places"] == 2 * left_out(cut)["places"]


def test_a_boundary_elsewhere_is_refused():
    with pytest.raises(InputError, match="where the data lie"):
        within(app_city(), box(9_000, 9_000, 9_100, 9_100), "far.geojson")


def test_districts_are_named_by_name_or_code():
    districts = app_city().districts
    first = districts.iloc[0]
    for text in (first["name"], first["code"]):
        assert named_area(districts, text).equals(first.geometry)
    assert named_area(districts, "Nowhere") is None


def test_boundary_and_years_are_kept_with_the_project(tmp_path):
    city = with_years(within(app_city(), EAST, "East"), [2029, 2027])
    kept = load_city(save_city(city, tmp_path / "p.gpkg"))
    assert years_of(kept.provenance) == (2027, 2029)
    assert left_out(kept) == left_out(city)
    assert kept.extent.equals(EAST)
    assert years_of(with_years(app_city(), []).provenance) == ()


def test_the_command_bounds_a_project_by_name_or_file(capsys, tmp_path):
    city, out = tmp_path / "city.gpkg", tmp_path / "east.gpkg"
    save_city(app_city(), city)
    words = ["import", str(city), "--out", str(out), "--overwrite", "--lang", "en", "--boundary"]
    assert run([*words, "East"]) == OK
    assert "Boundary: East." in " ".join(capsys.readouterr().err.split())
    assert left_out(load_city(out)) == left_out(within(app_city(), EAST, "East"))
    area = tmp_path / "area.geojson"
    shape = gpd.GeoSeries([EAST], crs=app_city().crs).to_crs("EPSG:4326")
    gpd.GeoDataFrame({"kind": ["any"]}, geometry=shape).to_file(area)
    assert run([*words, str(area)]) == OK
    assert left_out(load_city(out))["places"] == left_out(within(app_city(), EAST, ""))["places"]
    capsys.readouterr()
    assert run([*words, "North"]) == BAD_INPUT
    assert "East" in capsys.readouterr().err


def test_the_command_makes_a_project_for_years(capsys, tmp_path):
    city, out = tmp_path / "city.gpkg", tmp_path / "out.gpkg"
    save_city(app_city(), city)
    words = ["import", str(city), "--lang", "en", "--years", "2029,2027"]
    assert run([*words, "--out", str(out)]) == OK
    assert years_of(load_city(out).provenance) == (2027, 2029)
    capsys.readouterr()
    assert run([*words, "--into", str(out)]) == BAD_INPUT
    assert "--years" in capsys.readouterr().err
    assert run([*words[:-1], "soon", "--out", str(tmp_path / "none.gpkg")]) == BAD_INPUT
    assert not (tmp_path / "none.gpkg").exists()


def page():
    import streamlit as st

    from civicsight.application.beginning import Beginning
    from civicsight.core.i18n import translate
    from civicsight.store import Actor, Role
    from civicsight.ui.frame import Guest
    from civicsight.ui.starting import ask_frame
    from tests.app_town import app_city

    who = Guest("en", Actor("Li", Role.PLANNER), translate_to := lambda t: translate(t, "en"))
    del translate_to
    framed = ask_frame(who, Beginning(), app_city())
    st.session_state["framed"] = framed


def test_boundary_and_years_are_chosen_when_a_project_is_made(monkeypatch):
    monkeypatch.setenv("CIVICSIGHT_TODAY", "2026-11-29")
    test = AppTest.from_function(page, default_timeout=60).run()
    assert not test.exception
    assert years_of(test.session_state["framed"].provenance) == (2027,)
    assert left_out(test.session_state["framed"]) is None
    test.selectbox(key="start.boundary").set_value("East")
    test.multiselect(key="start.years").set_value([2027, 2028]).run()
    assert not test.exception
    framed = test.session_state["framed"]
    assert years_of(framed.provenance) == (2027, 2028)
    assert left_out(framed) is not None
    assert any("Boundary: East." in text.value for text in test.text)
