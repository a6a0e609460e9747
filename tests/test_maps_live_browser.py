"""The map of the app in a browser: what comes back from it, and what does not run in it."""

# ruff: noqa: F811 - fixtures are named as arguments

from __future__ import annotations

import io
import math

import numpy as np
import pytest
from PIL import Image

from tests.drawn import a_few
from tests.map_app.town import HOSTILE_LABEL
from tests.map_page import address, chromium, go_near, last_event, open_map, page, point_of  # noqa: F401 - fixtures

pytestmark = pytest.mark.browser


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


def put_at(page, layer, label):
    """Move the map so that a point of the outline of a feature is in its middle; return it."""
    return page.evaluate(
        """([layer, id]) => {
            const found = civicsight.find(layer, id);
            civicsight.map.setView(found.data.at[found.k], 20, {animate: false});
            const box = civicsight.map.getContainer().getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2];
        }""",
        [layer, label],
    )


@pytest.mark.parametrize("layer", a_few(["cameras", "zones", "parts"]))
def test_where_a_place_is_asked_for_the_ground_answers_whatever_lies_there(page, address, layer):
    open_map(page, f"{address}?tool=point")
    label = page.evaluate("(layer) => civicsight.layers[layer].all[0].data.ids[0]", layer)
    x, y = put_at(page, layer, label)
    at = page.evaluate("() => civicsight.map.getCenter()")
    page.mouse.click(x, y)
    told = last_event(page, kind="point")
    assert (told["layer"], told["id"]) == ("", "")
    assert told["at"] == pytest.approx([at["lng"], at["lat"]], abs=2e-5)


@pytest.mark.slow
def test_a_ring_of_places_and_a_handle_leave_the_click_to_the_ground(page, address):
    open_map(page, f"{address}?tool=point&chosen=c1&dense=1")
    page.locator(".civicsight-handle.place").wait_for()
    go_near(page, "c1")
    page.mouse.click(*point_of(page, "cameras", "c1"))  # the handle lies over the sign
    first = last_event(page, kind="point")
    page.evaluate("() => { civicsight.map.setZoom(16.5, {animate: false}); }")
    page.wait_for_function(f"{RINGS} > 0")
    x, y = page.evaluate(
        """() => {
            const at = civicsight.above.getLayers()[0].place.at;
            const p = civicsight.map.latLngToContainerPoint(at);
            const box = civicsight.map.getContainer().getBoundingClientRect();
            return [box.x + p.x, box.y + p.y];
        }"""
    )
    page.mouse.click(x, y)
    page.wait_for_function(
        r"(seq) => JSON.parse(document.body.innerText.match(/EVENT (\{.*\})/)[1]).seq > seq",
        arg=first["seq"],
    )
    assert last_event(page, kind="point")["seq"] > first["seq"]


INKED = """() => {
    const canvas = document.querySelector(".leaflet-focus-pane > canvas");
    const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    return data.some((value, k) => k % 4 === 3 && value > 0);
}"""


DIMMED = "document.querySelector('.civicsight-dimmed') !== null"


@pytest.mark.slow
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


SIGNS_ON = """(label) => ["left_works_reaim", "right_works_new"].map((key) => {
    const sign = civicsight.find("edited_" + key, label).parts[0], map = civicsight.map;
    return sign._containsPoint(map.latLngToLayerPoint(sign.getLatLng()));
})"""
PIXEL = """([label, key]) => {
    const sign = civicsight.find(key, label).parts[0], renderer = sign._renderer;
    const canvas = renderer._container, box = renderer._bounds;
    const scale = canvas.width / box.getSize().x;
    const at = sign._point.subtract(box.min).multiplyBy(scale).round();
    return Array.from(canvas.getContext("2d").getImageData(at.x, at.y, 1, 1).data);
}"""
REDRAWN = "(key) => !civicsight.find(key, 'c1').parts[0]._renderer._redrawRequest"


def test_each_version_has_its_own_signs_on_its_side_of_the_line(page, address):
    open_map(page, f"{address}?signs=1")
    page.wait_for_function("civicsight.find('edited_right_works_new', 'c1') !== null")
    slider = page.get_by_role("slider", name="Part the map between Old and Town")
    shown = {}
    for key, expected in (("End", [True, False]), ("Home", [False, True])):
        slider.focus()
        slider.press(key)
        page.wait_for_function(f"({SIGNS_ON})('c1')[0] === {str(expected[0]).lower()}")
        assert page.evaluate(SIGNS_ON, "c1") == expected
        page.wait_for_function(REDRAWN, arg="edited_left_works_reaim")
        shown[key] = page.evaluate(PIXEL, ["c1", "edited_left_works_reaim"])
    assert shown["End"] != shown["Home"], "the sign of the other version is drawn there"


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


IN_DEGREES = """([z, x, y]) => new Promise((done) => {
    const map = L.map(document.createElement("div"));
    const service = { name: "A", url: "/degrees/{z}/{x}/{y}", degrees: true };
    civicsight.ownBasemaps({ map: map }, [service]);
    const layer = civicsight.layers.basemap0;
    delete civicsight.layers.basemap0;
    const tile = layer.createTile(L.extend(L.point(x, y), { z: z }), () => {
        const seen = tile.getContext("2d").getImageData(128, 0, 1, 256).data;
        done(Array.from({ length: 256 }, (_, k) => seen[4 * k]));
    });
})"""
BAND_PX = 32


def answer_in_degrees(route):
    """Answer a tile of the grid in degrees whose bands of rows are dark and light in turn."""
    row = int(route.request.url.rpartition("/")[2])
    pixels = np.arange(256) + 256 * row
    grey = np.where(pixels // BAND_PX % 2, 200, 50).astype(np.uint8)
    memory = io.BytesIO()
    Image.fromarray(np.tile(grey[:, None], (1, 256))).save(memory, "png")
    route.fulfill(body=memory.getvalue(), content_type="image/png")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("z", "x", "y"), a_few([(12, 3373, 1713), (16, 53986, 27417), (5, 26, 13)])
)
def test_tiles_cut_in_degrees_lie_where_they_belong(page, address, z, x, y):
    """Each row of a tile of Web Mercator shows the latitude that it has by the other formula."""
    open_map(page, address)
    page.route("**/degrees/**", answer_in_degrees)
    seen = np.array(page.evaluate(IN_DEGREES, [z, x, y]))
    north = math.pi * (1 - 2 * (y + (np.arange(256) + 0.5) / 256) / 2**z)
    latitude = np.degrees(2 * np.arctan(np.exp(north)) - math.pi / 2)
    row = (90.0 - latitude) / (360.0 / 2**z) * 256
    sure = np.abs(row % BAND_PX - BAND_PX / 2) < BAND_PX / 2 - 1.5
    wanted = np.where(row // BAND_PX % 2, 200, 50)
    assert sure.sum() > 200
    assert np.abs(seen - wanted)[sure].max() <= 2


@pytest.mark.slow
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


@pytest.mark.slow
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
