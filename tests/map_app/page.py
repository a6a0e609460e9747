"""A town with hostile names, its map, and under it in plain text what came back from the map."""

from __future__ import annotations

import json
from dataclasses import asdict

import streamlit as st

from civicsight.coverage.pose.sensor_views import read_heads
from civicsight.maps.events import azimuth_to, place_of
from civicsight.maps.live import camera_handles, edited_layers, live_group, live_map
from civicsight.maps.scene_3d import scene_map, window_of
from civicsight.maps.solid_marks import edited_solid
from civicsight.maps.swipe import on_side
from civicsight.maps.vectortiles import tile_source
from civicsight.maps.works import work_layers
from civicsight.presentation.names import name_all
from civicsight.ui.mapview import Sources, show_map, show_solid, take_event
from tests.map_app.town import HOSTILE_LABEL, make_dense, make_project

st.set_page_config(layout="wide")


@st.cache_resource(show_spinner=False)
def project(label, *, dense=False):
    result = make_dense(label) if dense else make_project(label)
    return result, live_map(result, "en"), tile_source(result.city)


def works_at(result, action):
    """Draw one action with two cameras, at the same places whatever it is."""
    works = result.cameras.loc[["c1", "c4"]].assign(action=action, year=2027)
    titles = {label: f"{action} {label}" for label in works.index}
    return work_layers(works, titles, result.cameras, result)


@st.fragment
def editor(label, tool, compare, dense):
    result, drawn, ground = project(label, dense=dense)
    crs = result.city.crs
    chosen = st.query_params.get("chosen")
    usual = {"moved": {}, "selected": ("cameras", chosen) if chosen else None, "zones": []}
    state = st.session_state.setdefault("state", usual)
    event = take_event("plan")
    if event is not None:
        state["last"] = asdict(event)
        if event.kind == "select":
            state["selected"] = (event.layer, event.id)
        elif event.kind in {"move", "aim"}:
            cameras = state["moved"].setdefault("cameras", result.cameras.copy())
            if event.kind == "move":
                cameras.loc[event.id, "geometry"] = place_of(event, crs)
            else:
                spot = cameras.loc[event.id, "geometry"]
                cameras.loc[event.id, "azimuth_deg"] = azimuth_to(event, spot, crs)
            state["changed"] = event.id
    group = {"tool": tool, "selected": state["selected"]}
    cameras = state["moved"].get("cameras", result.cameras)
    if state["selected"] and state["selected"][0] == "cameras":
        row = cameras.loc[state["selected"][1]]
        group["camera"] = camera_handles(
            state["selected"][1], row.geometry, row["azimuth_deg"], crs, "en"
        )
    if "changed" in state:
        rows = cameras.loc[[state["changed"]]]
        heads = read_heads(rows, buildings=result.city.buildings)
        group["layers"] = edited_layers(rows, heads, "en")
        group["hidden"] = [("cameras", state["changed"])]
    if state["selected"]:
        group["focus"] = [state["selected"]]
    if st.query_params.get("signs"):
        group["layers"] = [
            layer
            for side, action in (("left", "reaim"), ("right", "new"))
            for layer in on_side(works_at(result, action), side)
        ]
    runs = {"old": result.raster, "new": result.raster} if compare else {"only": result.raster}
    names = ("Old", label) if compare or st.query_params.get("signs") else ("", "")
    sources = Sources(ground, "tester", lambda actor: actor == "tester", runs, names)
    show_map(drawn, "plan", sources, group=live_group(**group), height=520, language="en")
    st.text("EVENT " + json.dumps(state.get("last")), help=None)


@st.fragment
def solid(label, tool):
    result, _, _ = project(label)
    event = take_event("solid")
    if event is not None and event.kind == "point":
        st.session_state["spot"] = event.spot
    elif event is not None:
        st.session_state["chosen"] = (event.layer, event.id)
    chosen = st.session_state.get("chosen")
    drawn = scene_map(result, window_of(result.city), "en")
    draft = {"tool": tool, **(_draft(result, drawn) if tool != "select" else {})}
    show_solid(drawn, "solid", "tester", lambda actor: actor == "tester", selected=chosen,
               height=520, language="en", draft=draft)  # fmt: skip
    st.text("CHOSEN " + json.dumps(chosen), help=None)
    st.text("SPOT " + json.dumps(st.session_state.get("spot")), help=None)


def _draft(result, drawn):
    """Turn a camera and cover a gate, as a draft does."""
    rows = result.cameras.loc[["c4"]]
    heads = result.heads[result.heads["camera_id"].eq("c4")].assign(azimuth_deg=123.0)
    edited = edited_solid(rows, heads, name_all(result, "en"), result.city, drawn.window)
    gate = str(result.parts.index[0])
    return {"hidden": ["c4"], "edited": edited, "styles": {gate: 1}}


params = st.query_params
town = HOSTILE_LABEL if params.get("hostile") else "Town"
if params.get("solid"):
    solid(town, params.get("tool", "select"))
else:
    editor(
        town, params.get("tool", "select"), bool(params.get("compare")), bool(params.get("dense"))
    )
