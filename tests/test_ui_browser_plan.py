"""The editor in a browser, on a town and on the demo: a row, a form, the preview, a step back."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from civicsight.editing.examples import DISTRICT, read_example
from civicsight.io.project_file import save_city
from tests.app_town import app_city
from tests.caches import own_cache
from tests.ui_server import browsing, free_port, leaving, serving

pytestmark = pytest.mark.browser

OPENED_MS = 240_000
WAIT_MS = 120_000
HEADING_PX, ROW_PX = 36, 35


@pytest.fixture(params=["town", pytest.param("demo", marks=pytest.mark.slow)])
def app(tmp_path, request):
    """The app with a town by hand, or with the made district that it offers to try."""
    settings = {"CIVICSIGHT_CACHE_DIR": str(own_cache(tmp_path, ("results", "kernels")))}
    city = app_city() if request.param == "town" else read_example(DISTRICT)
    settings["CIVICSIGHT_PROJECT"] = str(save_city(city, tmp_path / "town.gpkg"))
    with serving(tmp_path, free_port(), **settings) as address:
        yield address


def settle(page):
    """Wait until the page rests: a form that was opened is folded again where rows come before."""
    page.locator("[data-test-script-state=notRunning]").first.wait_for(timeout=WAIT_MS)
    page.locator("[data-stale=true]").first.wait_for(state="detached", timeout=WAIT_MS)


def tick(page, row):
    """Click on a row of the list, which is painted and has no elements to name."""
    grid = page.get_by_test_id("stDataFrame").first
    grid.locator("canvas").first.wait_for(timeout=WAIT_MS)
    grid.click(position={"x": 18, "y": HEADING_PX + ROW_PX * row + ROW_PX // 2})


@pytest.mark.alone  # beside the whole suite it once waited for the change without an end
def test_a_camera_is_selected_added_previewed_and_taken_back(app, browser):
    with browsing(browser) as (page, requests):
        page.goto(f"{app}/plan?lang=en")
        page.get_by_text("No changes").wait_for(timeout=OPENED_MS)
        settle(page)  # the map of the opening is gone
        page.locator(".civicsight-live").wait_for(timeout=OPENED_MS)
        page.evaluate("window.civicsightKept = document.querySelector('.civicsight-live')")
        settle(page)
        tick(page, 0)
        page.get_by_text("Place, direction and optics").wait_for(timeout=WAIT_MS)
        settle(page)
        page.get_by_text("Add a camera by numbers").click()
        page.get_by_label("Azimuth [°]").last.fill("90")
        page.get_by_label("Azimuth [°]").last.press("Tab")  # the page runs once more by itself
        settle(page)
        # By the key: where rows come before it the button moves, and a click would miss it.
        page.get_by_role("button", name="Add the camera").press("Enter")
        page.get_by_text("Changes not saved: 1").wait_for(timeout=WAIT_MS)
        # In the table of cameras and, while one is chosen, in the box that chooses.
        named = page.get_by_text("new camera 1", exact=True)
        named.first.wait_for(state="attached", timeout=WAIT_MS)
        # While the page runs once more, that of the direction before may stand beside it.
        page.get_by_text("of ground at 25 px/m or more").last.wait_for(timeout=WAIT_MS)
        page.get_by_role("button", name="Undo").click()
        page.get_by_text("No changes").wait_for(timeout=WAIT_MS)
        expect(named).to_have_count(0, timeout=WAIT_MS)
        same = "window.civicsightKept === document.querySelector('.civicsight-live')"
        assert page.evaluate(same)
        assert not page.locator("[data-testid=stException]").count()
        assert not leaving(requests, app)
