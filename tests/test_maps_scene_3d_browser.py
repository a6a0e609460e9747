"""The 3D view in a browser without a graphics card: what it draws, hears, says and never runs."""

from __future__ import annotations

import json

import pandas as pd
import pytest
import shapely
from playwright.sync_api import sync_playwright

from tests.map_app.town import make_project
from tests.ui_server import leaving, serving_map

pytestmark = [pytest.mark.browser, pytest.mark.compiled_only]

WAIT_MS = 120_000
READY = "window.civicsight && civicsight.solidView && civicsight.solidView.cost > 0"
SOFTWARE = ["--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader"]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with serving_map(tmp_path_factory.mktemp("map")) as url:
        yield url


@pytest.fixture(scope="module")
def chromium(browser):
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=browser, args=SOFTWARE)
        yield opened
        opened.close()


@pytest.fixture
def page(chromium, address):
    """A page that fails the test on an error of its scripts or a request to anywhere else."""
    tab = chromium.new_page(viewport={"width": 1366, "height": 768})
    tab.set_default_timeout(WAIT_MS)
    errors, requests = [], []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.on("request", lambda sent: requests.append(sent.url))
    yield tab
    tab.close()
    assert leaving(requests, address) == []
    assert errors == []


def pose_of(page):
    return page.evaluate("({...civicsight.solidView.rig.pose})")


def colours(page):
    """Count the colours of the view, drawn and read in one go."""
    return page.evaluate(
        """() => {
            const view = civicsight.solidView, gl = view.renderer.getContext();
            view.renderer.render(view.scene, view.rig.camera);
            const wide = gl.drawingBufferWidth, high = gl.drawingBufferHeight;
            const pixels = new Uint8Array(4 * wide * high), found = new Set();
            gl.readPixels(0, 0, wide, high, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
            for (let k = 0; k < pixels.length; k += 4) {
                found.add((pixels[k] << 16) + (pixels[k + 1] << 8) + pixels[k + 2]);
            }
            return found.size;
        }"""
    )


@pytest.mark.slow
def test_the_view_turns_chooses_and_looks_through_a_camera_and_runs_no_label(page, address):
    page.goto(f"{address}/?solid=1&hostile=1")
    page.wait_for_function(READY)
    assert colours(page) > 200
    assert page.get_by_text("height assumed").count() == 1

    canvas = page.locator(".civicsight-solid > canvas")
    canvas.focus()
    before = pose_of(page)
    for key in ("ArrowLeft", "ArrowUp", "+"):
        page.keyboard.press(key)
    after = pose_of(page)
    assert after["turn"] < before["turn"]
    assert after["rise"] > before["rise"]
    assert after["away"] < before["away"]
    page.keyboard.press("Home")
    page.wait_for_function("(away) => civicsight.solidView.rig.pose.away === away",
                           arg=before["away"])  # fmt: skip

    page.evaluate("civicsight.solidView.rig.fly({turn: 0, rise: 1.5})")
    page.wait_for_function(
        "civicsight.solidView.rig.pose.rise === 1.5 && !civicsight.solidView.waiting"
    )  # drawn as well: a click is judged by what is on the screen
    spot = page.evaluate(
        """() => {
            const view = civicsight.solidView, k = view.head.cameras.ids.indexOf("c4");
            const at = civicsight.solidSpot(view, view.head.cameras.at[k]);
            const box = view.canvas.getBoundingClientRect();
            return [box.x + at.x, box.y + at.y];
        }"""
    )
    page.mouse.click(*spot)
    page.get_by_text("CHOSEN " + json.dumps(["cameras", "c4"])).wait_for()
    page.locator(".civicsight-name.chosen").wait_for()

    page.get_by_role("button", name="Look through the camera").click()
    page.locator(".civicsight-frame").wait_for()
    assert page.get_by_text("no picture of any camera is shown").is_visible()
    eye = page.evaluate("civicsight.solidView.rig.camera.position.z")
    assert eye == pytest.approx(4.0)
    page.keyboard.press("Escape")
    page.locator(".civicsight-frame").wait_for(state="hidden")

    assert page.evaluate("window.ran") is None
    shown = page.locator(".civicsight-name").all_text_contents()
    assert any("<img" in text for text in shown)
    assert page.locator(".civicsight-solid img").count() == 0


@pytest.mark.slow
def test_a_draft_is_drawn_in_place_of_what_it_changes_and_a_click_says_where(page, address):
    page.goto(f"{address}/?solid=1&tool=add")
    page.wait_for_function(READY)
    marks = page.evaluate("civicsight.solidView.head.cameras")
    assert marks["ids"].count("c4") == 1
    assert marks["ids"][-1] == "c4"  # drawn anew, after those that stay
    own = [head for head in marks["heads"] if head[0] == len(marks["ids"]) - 1]
    assert [head[1] for head in own] == [123.0] * len(own)
    sizes = page.evaluate("(({eyes, rays, ray_m}) => [eyes.length, rays.length, ray_m.length])"
                          "(civicsight.solidView.data)")  # fmt: skip
    assert sizes[0] == 3 * len(marks["heads"])
    assert sizes[1] == 3 * sizes[2]
    assert page.evaluate("civicsight.solidView.head.parts.style[0]") == 1
    page.evaluate("civicsight.solidView.rig.fly({turn: 0, rise: 1.55})")
    page.wait_for_function(
        "civicsight.solidView.rig.pose.rise === 1.55 && !civicsight.solidView.waiting"
    )
    place = open_ground()
    click = page.evaluate(
        """(place) => {
            const view = civicsight.solidView, box = view.canvas.getBoundingClientRect();
            const [east, north] = view.head.middle;
            const spot = civicsight.solidSpot(view, [place[0] - east, place[1] - north, 0]);
            return [box.x + spot.x, box.y + spot.y];
        }""",
        place,
    )
    page.mouse.click(*click)
    told = page.get_by_text("SPOT [")
    told.wait_for()
    spot = json.loads(told.inner_text().removeprefix("SPOT "))
    assert spot == pytest.approx(place, abs=1.0)  # about two pixels


def open_ground():
    """Return a place near the middle of the town with nothing on it."""
    city = make_project("Town").city
    taken = [
        table.geometry.buffer(8.0) for table in (city.buildings, city.obstacles, city.canopies)
    ]
    free = city.extent.difference(shapely.union_all(pd.concat(taken).to_numpy()))
    return list(shapely.ops.nearest_points(free, city.extent.centroid)[0].coords[0])


@pytest.mark.slow
def test_without_webgl_the_page_says_so_and_leads_to_the_map(page, address):
    page.add_init_script(
        """const get = HTMLCanvasElement.prototype.getContext;
        HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
            return kind.startsWith("webgl") ? null : get.call(this, kind, ...rest);
        };"""
    )
    page.goto(f"{address}/?solid=1")
    page.get_by_text("This browser cannot draw in three dimensions").wait_for()
    assert page.get_by_role("link", name="Open the map").get_attribute("href") == "/plan"
    assert page.evaluate("performance.getEntriesByType('resource').map(e => e.name)"
                         ".filter(n => n.includes('three')).length") == 0  # fmt: skip
