"""The map of the app in a browser: what `make verify` looks at besides."""

# ruff: noqa: F811 - fixtures are named as arguments

from __future__ import annotations

import re

import pytest

from civicsight.maps.live import live_map
from tests.map_app.town import HOSTILE_LABEL, make_project
from tests.map_page import (  # noqa: F401 - fixtures
    MOST_OF_IT,
    address,
    chromium,
    go_near,
    last_event,
    open_map,
    page,
    point_of,
)

pytestmark = pytest.mark.browser


@pytest.mark.slow
def test_a_click_on_a_camera_selects_it_and_the_map_stays(page, address):
    open_map(page, address)
    go_near(page, "c1")
    page.evaluate("civicsight.map.getContainer().dataset.same = 'yes'")
    page.mouse.click(*point_of(page, "cameras", "c1"))
    assert last_event(page, kind="select")["id"] == "c1"
    page.wait_for_selector(".civicsight-handle.place")
    assert page.evaluate("civicsight.map.getContainer().dataset.same") == "yes"
    assert page.locator(".civicsight-live").count() == 1


@pytest.mark.slow
def test_an_area_is_drawn_corner_by_corner(page, address):
    open_map(page, f"{address}?tool=zone")
    box = page.locator(".civicsight-live").bounding_box()
    corners = [(250, 300), (350, 300), (350, 420)]
    for x, y in corners:
        page.mouse.click(box["x"] + x, box["y"] + y)
    page.keyboard.press("Enter")
    drawn = last_event(page, kind="draw")
    expected = page.evaluate(
        "(all) => all.map(([x, y]) => civicsight.map.containerPointToLatLng([x - 1, y - 1]))",
        corners,  # the frame of the map is one pixel wide
    )
    assert drawn["what"] == "zone"
    for (lng, lat), there in zip(drawn["ring"], expected, strict=True):
        assert (lng, lat) == pytest.approx((there["lng"], there["lat"]), abs=6e-6)  # about a pixel


@pytest.mark.slow
def test_the_ground_is_dark_if_somebody_likes_it_so_and_stays_so(page, address):
    ground = "() => getComputedStyle(document.querySelector('.civicsight-live')).backgroundColor"
    open_map(page, address)
    light = page.evaluate(ground)
    page.locator(".civicsight-panel summary").click()
    page.get_by_label("Dark look").check()
    page.wait_for_function(f"({ground})() !== '{light}'")
    dark = page.evaluate(ground)
    assert sum(map(int, re.findall(r"\d+", dark)[:3])) < 150
    page.reload()
    page.wait_for_selector(".civicsight-panel")
    assert page.evaluate(ground) == dark
    page.locator(".civicsight-panel summary").click()
    page.get_by_label("Dark look").uncheck()
    page.wait_for_function(f"({ground})() === '{light}'")


@pytest.mark.slow
def test_a_wall_is_a_line_that_enter_ends(page, address):
    open_map(page, f"{address}?tool=wall")
    box = page.locator(".civicsight-live").bounding_box()
    page.mouse.click(box["x"] + 250, box["y"] + 300)
    page.keyboard.press("Enter")  # one corner is nothing yet
    page.mouse.click(box["x"] + 350, box["y"] + 300)
    page.keyboard.press("Enter")
    drawn = last_event(page, kind="draw")
    assert (drawn["what"], len(drawn["ring"])) == ("wall", 2)


@pytest.mark.slow
def test_the_first_view_fills_the_map_and_the_next_zoom_is_whole(page, address):
    open_map(page, address)
    corners = live_map(make_project(HOSTILE_LABEL), "en").bounds
    seen = page.evaluate(
        """(corners) => {
            const box = civicsight.map.getContainer().getBoundingClientRect();
            const legend = document.querySelector(".civicsight-panel").getBoundingClientRect();
            const [low, high] = corners.map((at) => civicsight.map.latLngToContainerPoint(at));
            return [low.x, high.x, legend.left - box.left, high.y, low.y, box.height];
        }""",
        corners,
    )
    west, east, width, north, south, height = seen
    assert 0 <= west < east <= width  # nothing is under the legend
    assert 0 <= north < south <= height
    assert (east - west) / width > MOST_OF_IT or (south - north) / height > MOST_OF_IT
    page.get_by_role("button", name="Zoom in").click()
    page.wait_for_function("Number.isInteger(civicsight.map.getZoom())")
    zoom = page.evaluate("civicsight.map.getZoom()")
    page.wait_for_function(f"location.search.endsWith(',{zoom}')")  # when it has come to rest
    page.reload()
    page.wait_for_selector(".civicsight-panel")
    assert page.evaluate("civicsight.map.getZoom()") == zoom


@pytest.mark.slow
def test_the_address_remembers_the_view(page, address):
    open_map(page, f"{address}?at=28.65,115.86,15")
    assert page.evaluate("civicsight.map.getZoom()") == 15
    page.evaluate("civicsight.map.setView([28.66, 115.87], 16, {animate: false})")
    assert "at=28.660000,115.870000,16" in page.url


@pytest.mark.slow
def test_two_runs_are_compared_with_a_slider_that_a_keyboard_reaches(page, address):
    open_map(page, f"{address}?compare=1")
    slider = page.get_by_role("slider", name="Part the map between Old and Town")
    slider.focus()
    slider.press("Home")
    clip = "civicsight.layers.left.getContainer().style.clip"
    at_start = page.evaluate(clip)
    slider.press("End")
    assert page.evaluate(clip) != at_start


@pytest.mark.slow
def test_tiles_are_read_as_they_were_written(page, address):
    """The browser's reader finds in a tile what GDAL finds in it."""
    import io

    import pyogrio

    open_map(page, address)
    url = page.evaluate("civicsight.layers.buildings._data.url")
    z, x, y = 16, 53862, 27318
    path = url.format(z=z, x=x, y=y)
    found = page.evaluate(
        """(path) => fetch(path).then((a) => a.arrayBuffer()).then((b) => {
            const layer = civicsight.readTile(b).buildings;
            return layer.features.map((f) => [f.value, f.paths.map((p) => Array.from(p.flat))]);
        })""",
        path,
    )
    raw = page.request.get(address.rstrip("/") + path).body()
    peer = pyogrio.read_dataframe(io.BytesIO(raw), layer="buildings", CLIP="NO")
    assert len(found) == len(peer) > 0
    for (value, paths), row in zip(found, peer.itertuples(), strict=True):
        assert value == row.h
        corners = {
            (px, 4096 - py) for flat in paths for px, py in zip(flat[::2], flat[1::2], strict=True)
        }
        rings = [g.exterior for g in getattr(row.geometry, "geoms", [row.geometry])]
        assert {tuple(map(int, c)) for ring in rings for c in ring.coords} <= corners


HIDE = """addEventListener("DOMContentLoaded", () => {
    const style = document.createElement("style");
    style.id = "hide";
    style.textContent = ".civicsight-live {display: none}";
    document.head.append(style);
})"""


VIEW = """() => {
    const map = civicsight.map, at = map.getCenter();
    return [at.lat, at.lng, map.getZoom()].map((n) => n.toFixed(3)).join();
}"""


@pytest.mark.slow
def test_a_map_that_is_made_before_it_is_seen_shows_the_same_once_it_is(page, address):
    open_map(page, address)
    wanted = page.evaluate(VIEW)
    page.add_init_script(HIDE)
    page.goto(address)
    page.wait_for_function("window.civicsight?.find?.('cameras', 'c1')")
    assert page.evaluate("civicsight.map.getSize().x") == 0
    page.evaluate("document.getElementById('hide').remove()")
    page.wait_for_function(f"({VIEW})() === '{wanted}'")


@pytest.mark.slow
def test_a_map_that_is_moved_while_it_is_out_of_sight_shows_that_place_afterwards(page, address):
    open_map(page, address)
    box = "civicsight.map.getContainer()"
    page.evaluate(f"{box}.style.display = 'none'")
    page.wait_for_function(f"{box}.clientWidth === 0")
    page.evaluate("() => new Promise((seen) => requestAnimationFrame(() => setTimeout(seen)))")
    go_near(page, "c1")
    wanted = page.evaluate(VIEW)
    page.evaluate(f"{box}.style.display = ''")
    page.wait_for_function(f"{box}.clientWidth > 0")
    page.evaluate("() => new Promise((seen) => requestAnimationFrame(() => setTimeout(seen)))")
    x, y = point_of(page, "cameras", "c1")
    left, top, width, height = page.evaluate(
        f"(({{ x, y, width, height }}) => [x, y, width, height])({box}.getBoundingClientRect())"
    )
    assert abs(x - left - width / 2) < 2
    assert abs(y - top - height / 2) < 2
    assert page.evaluate(VIEW) == wanted
