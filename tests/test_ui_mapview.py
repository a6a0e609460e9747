"""The bridge to the map: an act reaches the page once, before the map is drawn."""

from __future__ import annotations

import pytest

from tests.ui_made import AppTest

CLICK = {"kind": "point", "seq": 7, "lat": 28.66, "lng": 115.87}


def page():
    import streamlit as st

    from civicsight.maps.live import live_map
    from civicsight.maps.vectortiles import tile_source
    from civicsight.ui.mapview import Sources, show_map, take_event
    from tests.result_factory import make_result

    result = make_result()
    event = take_event("plan")
    st.text(f"before: {event.at if event else None}")
    runs = {"r": result.raster, "s": result.raster} if st.query_params.get("two") else {}
    sources = Sources(tile_source(result.city), "wang", lambda _actor: True, runs, ("A", "B"))
    later = show_map(live_map(result), "plan", sources)
    st.text(f"after: {later}")


@pytest.fixture
def app():
    return AppTest.from_function(page, default_timeout=30)


def texts(app):
    assert not app.exception
    return [entry.value for entry in app.text]


def test_nothing_was_done_before_the_first_run(app):
    assert texts(app.run()) == ["before: None", "after: None"]


def test_an_act_is_there_before_the_map_is_drawn_and_only_once(app):
    app.run()
    app.session_state["plan.event"] = CLICK
    assert texts(app.run())[0] == "before: (115.87, 28.66)"
    assert texts(app.run())[0] == "before: None"


@pytest.mark.slow
def test_the_same_act_told_again_is_not_done_again(app):
    app.session_state["plan.event"] = CLICK
    assert texts(app.run())[0] == "before: (115.87, 28.66)"
    app.session_state["plan.event"] = dict(CLICK)
    assert texts(app.run())[0] == "before: None"
    app.session_state["plan.event"] = {**CLICK, "seq": 8, "lng": 115.0}
    assert texts(app.run())[0] == "before: (115.0, 28.66)"


def test_nonsense_of_a_browser_is_nothing(app):
    app.session_state["plan.event"] = {"kind": "point", "seq": 1, "lat": "x", "lng": None}
    assert texts(app.run()) == ["before: None", "after: None"]


def test_two_runs_are_compared(app):
    app.query_params["two"] = "1"
    assert texts(app.run()) == ["before: None", "after: None"]


def test_the_browser_is_told_in_which_grid_a_service_is_cut(app, monkeypatch):
    told = []
    service = "http://127.0.0.1/{z}/{x}/{y}"
    monkeypatch.setenv("CIVICSIGHT_BASEMAPS", f"City={service}|Nation={service}#EPSG:4490")
    monkeypatch.setattr("civicsight.ui.mapview._mount", lambda _key, data: told.append(data))
    texts(app.run())
    basemaps = told[0]["basemaps"]
    assert [own["url"] for own in basemaps] == [service] * 2
    assert [own["degrees"] for own in basemaps] == [False, True]
