"""The map of the app in a browser: what comes back from it, and what does not run in it."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import sync_playwright

from civicsight.maps.live import live_map
from tests.map_app.town import HOSTILE_LABEL, make_project
from tests.ui_server import serving_map

WAIT_MS = 120_000
MOST_OF_IT = 0.95

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with serving_map(tmp_path_factory.mktemp("map")) as url:
        yield f"{url}/"


@pytest.fixture(scope="module")
def chromium(browser):
    with sync_playwright() as play:
        opened = play.chromium.launch(
            executable_path=browser, args=["--no-sandbox", "--disable-gpu"]
        )
        yield opened
        opened.close()


@pytest.fixture
def page(chromium, address):
    """A page that fails the test on an error of its scripts or a request to anywhere else."""
    tab = chromium.new_page(viewport={"width": 1366, "height": 768})
    tab.set_default_timeout(WAIT_MS)
    errors, foreign = [], []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    tab.on(
        "request",
        lambda sent: (
            None
            if sent.url.startswith((address, "data:", "blob:", address.replace("http", "ws")))
            else foreign.append(sent.url)
        ),
    )
    yield tab
    tab.close()
    assert foreign == []
    assert errors == []


def open_map(page, url):
    page.goto(url)
    page.wait_for_selector(".civicsight-panel")
    page.wait_for_function("civicsight.find('cameras', 'c1') !== null")


def go_near(page, label):
    """Move the map so near to a camera that its neighbours are apart from it."""
    page.evaluate(
        """(id) => {
            const found = civicsight.find('cameras', id);
            civicsight.map.setView(found.data.at[found.k], 21, {animate: false});
        }""",
        label,
    )


def point_of(page, layer, label):
    """Return where a feature stands on the screen."""
    return page.evaluate(
        """([layer, id]) => {
            const found = civicsight.find(layer, id);
            const at = civicsight.map.latLngToContainerPoint(found.data.at[found.k]);
            const box = civicsight.map.getContainer().getBoundingClientRect();
            return [box.x + at.x, box.y + at.y];
        }""",
        [layer, label],
    )


def last_event(page, **wanted):
    """Wait until the page has told an event like this one, and return all of it."""
    for key, value in wanted.items():
        page.get_by_text(f'"{key}": {json.dumps(value)}').wait_for()
    text = page.get_by_text(re.compile("^EVENT ")).inner_text()
    return json.loads(text.removeprefix("EVENT "))


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


def test_a_camera_is_dragged_and_turned_and_keeps_its_id(page, address):
    open_map(page, address)
    go_near(page, "c1")
    page.mouse.click(*point_of(page, "cameras", "c1"))
    handle = page.locator(".civicsight-handle.place")
    handle.wait_for()
    before = point_of(page, "cameras", "c1")
    drag(page, handle, -60, 40)
    moved = last_event(page, kind="move")
    assert moved["id"] == "c1"
    page.wait_for_function("civicsight.find('edited_cameras', 'c1') !== null")
    now = point_of(page, "edited_cameras", "c1")
    assert now == pytest.approx([before[0] - 60, before[1] + 40], abs=2)
    aim = page.locator(".civicsight-handle.aim")
    aim.focus()
    aim.press("ArrowRight")
    assert last_event(page, kind="aim")["id"] == "c1"


INKED = """() => {
    const canvas = document.querySelector(".leaflet-focus-pane > canvas");
    const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    return data.some((value, k) => k % 4 === 3 && value > 0);
}"""
DIMMED = "document.querySelector('.civicsight-dimmed') !== null"


def test_what_is_chosen_stays_bright_and_a_click_beside_it_lifts_the_rest_again(page, address):
    open_map(page, address)
    go_near(page, "c1")
    assert not page.evaluate(DIMMED)
    page.mouse.click(*point_of(page, "cameras", "c1"))
    page.wait_for_function(DIMMED)
    page.wait_for_function(f"({INKED})()")
    pane = "document.querySelector('.leaflet-overlay-pane')"
    page.wait_for_function(f"Number(getComputedStyle({pane}).opacity) < 0.5")
    x, y = point_of(page, "cameras", "c1")
    page.mouse.click(x + 160, y + 160)
    page.wait_for_function(f"!({DIMMED})")
    page.wait_for_function(f"!({INKED})()")


RENEWED = """() => {
    const layer = L.tileLayer("/tiles/basemap/x/{z}/{x}/{y}?token=old");
    civicsight.layers.basemap0 = layer;
    civicsight.renewBasemaps([{ url: "/tiles/basemap/x/{z}/{x}/{y}?token=new" }]);
    delete civicsight.layers.basemap0;
    return layer._url;
}"""


def test_a_basemap_is_asked_for_by_the_address_of_the_moment(page, address):
    """Its token ends while the map stays open."""
    open_map(page, address)
    assert page.evaluate(RENEWED).endswith("token=new")


def test_a_name_is_found_by_keyboard_whatever_it_holds_and_the_map_goes_there(page, address):
    open_map(page, f"{address}?hostile=1")
    field = page.get_by_role("combobox", name="Find a camera, place or street")
    field.fill("no such thing")
    page.get_by_text("Nothing on this map is called that.").wait_for()
    assert page.get_by_role("option").count() == 0
    field.fill(HOSTILE_LABEL[:20])
    page.get_by_role("option").first.wait_for()
    assert "onerror" in page.get_by_role("option").first.inner_text()
    kinds = page.locator(".civicsight-search small").all_inner_texts()
    for _ in range(kinds.index("place") + 1):
        field.press("ArrowDown")
    field.press("Enter")
    assert last_event(page, kind="select")["layer"] == "zones"
    assert page.evaluate("window.ran") is None
    assert field.get_attribute("aria-expanded") == "false"


def drag(page, handle, dx, dy):
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx / 2, y + dy / 2, steps=3)
    page.mouse.move(x + dx, y + dy, steps=3)
    page.mouse.up()


DRAWN = "civicsight.layers.cameras.getLayers().length"
RINGS = "civicsight.above.getLayers().length"


def test_places_are_rings_from_afar_and_signs_near_by(page, address):
    open_map(page, f"{address}?dense=1")
    page.evaluate("() => { civicsight.map.setZoom(16.5, {animate: false}); }")
    page.wait_for_function(f"{RINGS} > 0 && {DRAWN} === 0 && civicsight.said.length > 0")
    at, open_parts = page.evaluate(
        """() => {
            const rings = civicsight.above.getLayers();
            const ring = rings.sort((a, b) => b.place.open - a.place.open)[0];
            const p = civicsight.map.latLngToContainerPoint(ring.place.at);
            const box = civicsight.map.getContainer().getBoundingClientRect();
            return [[box.x + p.x, box.y + p.y], ring.place.open];
        }"""
    )
    assert open_parts > 0
    counted = "civicsight.above.getLayers().reduce((all, ring) => all + ring.place.open, 0)"
    before = page.evaluate(counted)
    open_part = """() => {
        const data = civicsight.layers.parts.all[0].data;
        const isOpen = (part) => data.styles[data.style[part.k]].sign !== "disc";
        const one = civicsight.layers.parts.all.find(isOpen);
        one.hidden = true;
        civicsight.map.fire("civicsight:recount");
        return data.ids[one.k];
    }"""
    page.evaluate(open_part)
    page.wait_for_function(f"{counted} === {before - 1}")
    zoom = page.evaluate("civicsight.map.getZoom()")
    page.mouse.click(*at)  # one place is chosen, several are told apart
    page.wait_for_function(f"civicsight.map.getZoom() > {zoom}")
    page.evaluate("() => { civicsight.map.setZoom(20, {animate: false}); }")
    page.wait_for_function(f"{RINGS} === 0 && {DRAWN} > 0")
    page.wait_for_function("civicsight.said.some((one) => (one.name || one).includes('Town'))")


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


def test_hostile_names_do_not_run(page, address):
    open_map(page, f"{address}?hostile=1&compare=1")
    go_near(page, "c1")
    page.mouse.move(*point_of(page, "cameras", "c1"))
    page.wait_for_selector(".civicsight-tip")
    page.mouse.click(*point_of(page, "cameras", "c1"))
    page.wait_for_selector(".civicsight-handle.place")
    assert page.evaluate("window.ran") is None
    inside = page.locator(".civicsight-live img:not(.leaflet-tile), .civicsight-live script")
    assert inside.count() == 0


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


def test_what_is_in_the_middle_stays_there_in_a_window_of_another_size(page, address):
    """A map that a page makes narrower for a moment would else leave another place behind."""
    open_map(page, address)
    go_near(page, "c1")
    middle = "[civicsight.map.getCenter().lat, civicsight.map.getCenter().lng]"
    before = page.evaluate(middle)
    wide = page.evaluate("civicsight.map.getSize().x")
    page.set_viewport_size({"width": 700, "height": 768})
    page.wait_for_function(f"civicsight.map.getSize().x < {wide}")
    assert page.evaluate(middle) == pytest.approx(before, abs=2e-6)
    page.set_viewport_size({"width": 1366, "height": 768})
    page.wait_for_function(f"civicsight.map.getSize().x === {wide}")
    assert page.evaluate(middle) == pytest.approx(before, abs=2e-6)
