"""One page, four ways: nothing, the usual way, the bridge alone, ours; then the last click."""

from __future__ import annotations

from typing import Any

import folium
import streamlit as st
from streamlit_folium import st_folium

from benchmarks.app.town import make_town, plain_buildings
from civicsight.maps.assets import localise
from civicsight.maps.layers import PlanStart, feature_layer
from civicsight.maps.live import camera_handles, live_group
from civicsight.presentation.symbols import CAMERA_STYLES
from civicsight.ui.mapview import Sources, project_ground, project_map, show_map, take_event

HEIGHT = 560


@st.cache_resource
def town(count: int) -> Any:
    return make_town(count)


@st.cache_resource
def plain(count: int) -> Any:
    return plain_buildings(town(count))


@st.fragment
def ours(count: int) -> None:
    result, name = town(count), str(count)
    event = take_event("map")
    if event is not None:
        st.session_state["last"] = event
    last = st.session_state.get("last")
    group = live_group()
    if last is not None and last.kind == "select" and last.layer == "cameras":
        row = result.cameras.loc[last.id]
        handles = camera_handles(last.id, row.geometry, row["azimuth_deg"], result.city.crs, "en")
        group = live_group(selected=(last.layer, last.id), camera=handles)
    sources = Sources(
        project_ground(name, result.city), "me", lambda _actor: True, {name: result.raster}
    )
    drawn = project_map(name, result, "en")
    show_map(drawn, "map", sources, group=group, height=HEIGHT, language="en")
    st.text(f"LAST {last.seq if last else None}")


@st.fragment
def usual(count: int) -> None:
    west, south, east, north = plain(count).total_bounds
    shown = folium.Map([(south + north) / 2, (west + east) / 2], tiles=None, prefer_canvas=True)
    shown.fit_bounds([[south, west], [north, east]])
    folium.GeoJson(plain(count)).add_to(shown)
    back = st_folium(shown, key="map", height=HEIGHT, width=1200, returned_objects=["last_clicked"])
    st.text(f"LAST {back['last_clicked']}")


@st.fragment
def bridge(count: int) -> None:
    """Draw our cameras, without the city, through streamlit-folium: what the bridge alone takes."""
    result = town(count)
    cameras = result.cameras
    shown = folium.Map(tiles=None)
    PlanStart().add_to(shown)
    look = [CAMERA_STYLES["sure"]]
    feature_layer("cameras", cameras.geometry, look, [0] * len(cameras)).add_to(shown)
    shown.fit_bounds(project_map(str(count), result, "en").bounds)
    back = st_folium(
        localise(shown), key="map", height=HEIGHT, width=1200, returned_objects=["last_clicked"]
    )
    st.text(f"LAST {back['last_clicked']}")


@st.fragment
def empty() -> None:
    """Draw a button and a line of text: what Streamlit itself takes."""
    pressed = st.button("Press")
    st.session_state["presses"] = st.session_state.get("presses", 0) + pressed
    st.text(f"LAST {st.session_state['presses'] or None}")


st.set_page_config(layout="wide")
way, number = st.query_params.get("way", "empty"), int(st.query_params.get("n", "0"))
if way == "ours":
    ours(number)
elif way == "usual":
    usual(number)
elif way == "bridge":
    bridge(number)
elif way == "prepared":
    made = town(number)
    plain(number)
    project_map(str(number), made, "en")
    project_ground(str(number), made.city)
    empty()
else:
    empty()
