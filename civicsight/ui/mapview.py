"""The bridge between a page and the map in the browser: data down, one event at a time up.

A page, inside a fragment::

    event = take_event("plan")  # first: what was done is on the screen after one run
    ...                         # hand it to the service
    drawn = project_map(project.digest, project.result, visit.language)
    ground = project_ground(project.base, project.city)
    sources = Sources(ground, actor.name, may_read(actor), {project.digest: project.result.raster})
    show_map(drawn, "plan", sources, group=live_group(...), language=visit.language)

Tests of a page put the browser's message, a plain mapping, into ``session_state["plan.event"]``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from civicsight.core.errors import N_
from civicsight.core.i18n import DEFAULT_LANGUAGE, Language
from civicsight.coverage.raster import CoverageRaster
from civicsight.maps import coverage_tiles
from civicsight.maps.events import Event, read_event
from civicsight.maps.hillshade import Hillshade
from civicsight.maps.legend import labels_of
from civicsight.maps.live import LiveMap, ground_tiles, live_group, live_map
from civicsight.maps.own_basemaps import Named
from civicsight.maps.plan import COVERAGE_OPACITY
from civicsight.maps.scene_3d import SolidMap
from civicsight.maps.swipe import swipe_data
from civicsight.maps.vectortiles import TileSource, tile_source
from civicsight.model import City
from civicsight.presentation.names import Names, name_all
from civicsight.rules.ladders import DEFAULT, LADDERS, Ladder
from civicsight.ui.access.signin import may_read
from civicsight.ui.config import own_basemaps, root_path
from civicsight.ui.editor.sight import seen_result
from civicsight.ui.frame import Visit
from civicsight.ui.tiles import SERVED, MayRead, file_address

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult


LOADER: Final = """
export default async function (component) {
  const data = component.data;
  if (!document.getElementById("civicsight-sheet")) {
    const sheet = document.createElement("link");
    sheet.id = "civicsight-sheet";
    sheet.rel = "stylesheet";
    const ready = new Promise((done) => { sheet.onload = sheet.onerror = done; });
    sheet.href = data.sheet;
    document.head.appendChild(sheet);
    const script = import(new URL(data.script, location.origin).href);
    window.civicsightReady = Promise.all([ready, script]);
  }
  await window.civicsightReady;
  await window.civicsight[data.maker](component.parentElement, data, (event) => {
    component.setTriggerValue("event", event);
  });
}
"""
"""All that travels with each run; the map itself is fetched once and kept by the browser."""

_MAP: Final = st.components.v2.component("civicsight_map", js=LOADER, isolate_styles=False)

HEIGHT_PX: Final = 560
ABOVE_PX: Final = 124
"""What the navigation and the line that all pages share take of the window, with some air."""

LEAST_PX: Final = 380


def rest_of_window(above_px: int = 0) -> str:
    """Return as a height of CSS what is left of the window below something of the page."""
    return f"max({LEAST_PX}px, calc(100dvh - {ABOVE_PX + above_px}px))"


THREE: Final = "three.module.min.js"


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """What the map of one visit is fed from, and who may read it.

    Parameters
    ----------
    ground
        Tiles of the ground plan.
    actor, may_read
        Id of who looks, and whether he may, asked with each request.
    runs
        Coverage by the id of its run: one to be shown, or two to be compared.
    names
        What the two sides of a line are called that parts the map; empty: there is none.
    ladder
        Levels of detail that they are shown by.
    relief
        Light and shadow of the ground, where heights are known.
    """

    ground: TileSource
    actor: str
    may_read: MayRead
    runs: Mapping[str, CoverageRaster]
    names: tuple[str, str] = ("", "")
    ladder: Ladder = LADDERS[DEFAULT]
    relief: Named | None = None


@st.cache_resource(show_spinner=False, max_entries=8)
def project_map(
    digest: str,  # noqa: ARG001 - the key
    _result: CheckResult,
    language: Language,
) -> LiveMap:
    """Return the map of a result, made once for each digest and language.

    A result from which cameras were taken because of a right needs a digest of its own.
    """
    return live_map(_result, language)


@st.cache_resource(show_spinner=False, max_entries=8)
def project_names(
    digest: str,  # noqa: ARG001 - the key
    _result: CheckResult,
    language: Language,
) -> Names:
    """Return what everything in a result is called, once for each digest and language."""
    return name_all(_result, language)


@st.cache_resource(show_spinner=False, max_entries=4)
def project_ground(digest: str, _city: City) -> TileSource:  # noqa: ARG001 - the key
    """Return the ground plan of a city, prepared once for each digest."""
    return tile_source(_city)


def take_event(key: str) -> Event | None:
    """Return what a person did on a map since the last run, once.

    A page asks before it draws: what was done is on the screen after one run.
    """
    event = read_event(st.session_state.pop(_raw(key), None))
    seen = f"{key}.seq"
    if event is None or event.seq <= st.session_state.get(seen, -1):
        return None
    st.session_state[seen] = event.seq
    return event


def show_map(
    drawn: LiveMap,
    key: str,
    sources: Sources,
    *,
    group: Mapping[str, Any] | None = None,
    height: int | str = HEIGHT_PX,
    language: Language = DEFAULT_LANGUAGE,
) -> Event | None:
    """Show a map, or bring the one that is there up to date; one map a page.

    Parameters
    ----------
    drawn
        What stays, from `live_map`. Another one takes its place without the view moving.
    key
        Name of the map in the session.
    sources
        Tiles and rights.
    group
        What changes, from `live_group`.
    height
        Height [px], or as CSS: see `rest_of_window`.
    language
        Language of labels.

    Returns
    -------
    Event or None
        What was done and not yet taken by `take_event`.
    """
    root = root_path()
    document = SERVED.offer("layers", drawn.digest, drawn.document, sources.actor, sources.may_read)
    runs = [_coverage(run, raster, sources, root) for run, raster in sources.runs.items()]
    left, right = (runs[0], runs[1]) if len(runs) > 1 else (None, None)
    data = {
        "maker": "live",
        "document": root + document,
        "tiles": ground_tiles(drawn, root + SERVED.offer_city(sources.ground)),
        "coverage": runs[0] if len(runs) == 1 else None,
        "swipe": swipe_data(left, right, sources.names, language) if any(sources.names) else None,
        "basemaps": _basemaps(sources, root),
        "bounds": drawn.bounds,
        "group": live_group() if group is None else dict(group),
        "height": f"{height}px" if isinstance(height, int) else height,
    }
    return _mount(key, data)


def show_solid(
    drawn: SolidMap,
    key: str,
    actor: str,
    may_read: MayRead,
    *,
    selected: tuple[str, str] | None = None,
    flights: int = 0,
    draft: Mapping[str, Any] | None = None,
    height: int | str = HEIGHT_PX,
    language: Language = DEFAULT_LANGUAGE,
) -> Event | None:
    """Show a part of a plan in three dimensions, or bring the one that is there up to date.

    Parameters
    ----------
    drawn
        From `scene_map`.
    key
        Name of the view in the session.
    actor, may_read
        Id of who looks, and whether he may, asked with each request.
    selected, flights
        Layer and id of what is chosen; the view goes there each time that the number grows.
    draft
        What a draft changes: ``tool`` (what a click means), ``hidden`` (ids of cameras),
        ``edited`` (from `edited_solid`) and ``styles`` (rank in `PART_STYLES` of parts, by id).
    height
        Height [px], or as CSS: see `rest_of_window`.
    language
        Language of what stands in place of the view where a browser cannot draw it.

    Returns
    -------
    Event or None
        What was done and not yet taken by `take_event`.
    """
    root = root_path()
    document = SERVED.offer("solid", drawn.digest, drawn.document, actor, may_read)
    chosen = {"selected": list(selected) if selected else None, "fly": flights}
    data = {
        "maker": "solid",
        "document": root + document,
        "three": root + file_address(THREE),
        "map": f"{root}/plan",
        "words": labels_of(language),
        "group": chosen | dict(draft or {}),
        "height": f"{height}px" if isinstance(height, int) else height,
    }
    return _mount(key, data)


def _mount(key: str, data: Mapping[str, Any]) -> Event | None:
    """Hand a view of the browser what it draws; return what was done on it."""
    root = root_path()
    files = {"script": root + file_address("map.js"), "sheet": root + file_address("map.css")}
    _MAP(key=key, data={**files, **data}, on_event_change=lambda: _keep(key))
    return take_event(key)


def _keep(key: str) -> None:
    """Put the event where `take_event` finds it; the server calls this before the page runs."""
    st.session_state[_raw(key)] = st.session_state[key].get("event")


def _raw(key: str) -> str:
    return f"{key}.event"


def _basemaps(sources: Sources, root: str) -> list[dict[str, Any]]:
    """Return name and address of each basemap of an office's own; the browser asks a service."""
    own = [
        {
            "name": each.name,
            "url": each.address or _served(each, sources, root),
            "degrees": each.geographic,
            "shade": False,
        }
        for each in own_basemaps()
    ]
    if sources.relief is None:
        return own
    url = _served(sources.relief, sources, root)
    return [*own, {"name": sources.relief.name, "url": url, "shade": True}]


def _served(basemap: Named, sources: Sources, root: str) -> str:
    """Serve a file of pictures; return the address of its tiles."""
    name = sha256(f"{basemap}{sources.ground.digest}".encode()).hexdigest()
    return root + SERVED.offer("basemap", name, basemap.source, sources.actor, sources.may_read)


def _coverage(run: str, raster: CoverageRaster, sources: Sources, root: str) -> dict[str, Any]:
    url = root + SERVED.offer(
        "coverage", run, (raster, sources.ladder.px_m), sources.actor, sources.may_read
    )
    return {
        "url": url,
        "opacity": COVERAGE_OPACITY,
        "least": coverage_tiles.MIN_ZOOM,
        "most": coverage_tiles.MAX_ZOOM,
    }


def show_project(
    visit: Visit,
    key: str,
    *,
    group: Mapping[str, Any] | None = None,
    height: int | str,
    runs: Mapping[str, CoverageRaster] | None = None,
    names: tuple[str, str] = ("", ""),
) -> None:
    """Show the project on a map, or bring the map that is there up to date.

    Parameters
    ----------
    visit
        Who looks at what.
    key, group, height
        See `mapview.show_map`.
    runs, names
        Two pictures of coverage in place of the project's own, and what the two sides of the map
        are called where a line parts it.
    """
    project = visit.project
    result = seen_result(project, visit.actor)
    shown = f"{project.digest}{visit.actor.district}"
    if runs is None:
        runs = {} if result.raster is None else {shown: result.raster}
    # The ground is that of the data, judged or not.
    ground = project_ground(project.base, project.city)
    show_map(
        project_map(shown, result, visit.language),
        key,
        Sources(
            *(ground, visit.actor.name, may_read(visit.actor), runs, names, result.rules.ladder),
            _relief(visit),
        ),
        group=group,
        height=height,
        language=visit.language,
    )


def _relief(visit: Visit) -> Named | None:
    city = visit.project.city
    if city.terrain is None:
        return None
    return Named(visit.translate(N_("Relief")), Hillshade(city.terrain, city.crs))
