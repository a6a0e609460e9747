"""After a sign-out the browser has nothing left of what only a visit may see, and gets nothing."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
from affine import Affine

from civicsight.io.project_file import save_city
from civicsight.store import Actor, Role
from tests.app_town import app_city
from tests.caches import own_cache
from tests.ui_made import PASSWORD, add_cheaply
from tests.ui_server import browsing, free_port, serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LI = Actor("Li", Role.PLANNER)
WAIT_MS = 120_000

ASK = """async ([urls, cache]) => Promise.all(urls.map((url) =>
  fetch(url, { cache, mode: "same-origin" }).then((answer) => answer.status, () => 0)))"""
"""Status of what a browser gets of some addresses; 0 where it has nothing and may not ask."""


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("signed_out")
    save_city(app_city(), folder / "town.gpkg")
    picture = folder / "ortho.tif"
    make_picture(picture)
    settings = {
        "CIVICSIGHT_PROJECT": str(folder / "town.gpkg"),
        "CIVICSIGHT_BASEMAPS": f"Orthophoto={picture}",
        "CIVICSIGHT_CACHE_DIR": str(own_cache(folder, ("results", "kernels"))),
    }
    with pytest.MonkeyPatch.context() as patch:
        add_cheaply(patch, folder / "accounts.json", LI)
        with serving(folder, free_port(), program="tests.cheap_app", **settings) as address:
            yield address


def make_picture(path):
    """Write a picture that lies under the town."""
    city = app_city()
    west, _, _, north = city.extent.bounds
    with rasterio.open(
        path, "w", driver="GTiff", width=64, height=64, count=3, dtype="uint8",
        crs=city.crs.to_wkt(), transform=Affine(10.0, 0.0, west, 0.0, -10.0, north),
    ) as file:  # fmt: skip
        file.write(np.full((3, 64, 64), 200, np.uint8))


def guarded(requests):
    """Return one address of each kind that a token opens."""
    return {url.split("/tiles/")[1].split("/")[0]: url for url in requests if "token=" in url}


def settle(page):
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.wait_for_load_state("networkidle")


def test_nothing_guarded_is_left_in_the_browser_and_nothing_is_answered(app, browser):
    with browsing(browser) as (page, requests):
        page.set_default_timeout(WAIT_MS)
        page.goto(f"{app}/plan?lang=en")
        page.get_by_label("Account name").fill(LI.name)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.locator(".civicsight-panel").wait_for()
        settle(page)
        page.goto(f"{app}/data?lang=en")
        with page.expect_request(lambda one: "/upload_file/" in one.url) as sent:
            page.locator("input[type=file]").first.set_input_files(
                [{"name": "cams.csv", "mimeType": "text/csv", "buffer": b"camera_id,x,y\n"}]
            )
        page.get_by_test_id("stFileChipName").wait_for()
        page.goto(f"{app}/report?lang=en")
        page.get_by_role("button", name="Write", exact=True).click()
        output = page.locator(".civicsight-download").get_attribute("href")
        settle(page)
        urls = guarded([*requests, f"{app}{output}"])
        assert urls.keys() >= {"layers", "coverage", "output"}
        kinds = list(urls)
        asked = list(urls.values())
        assert page.evaluate(ASK, [asked, "default"]) == [200] * len(kinds), kinds
        with page.expect_response(lambda one: one.request.method == "DELETE") as told:
            page.get_by_role("button", name="Sign out").click()
        assert told.value.status == 204
        assert told.value.all_headers()["clear-site-data"] == '"cache"'
        page.get_by_label("Account name").wait_for()
        assert page.evaluate(ASK, [asked, "only-if-cached"]) == [0] * len(kinds), kinds
        assert page.evaluate(ASK, [asked, "force-cache"]) == [403] * len(kinds), kinds
        assert "civicsight_visit" not in {one["name"] for one in page.context.cookies()}
        for method in ("PUT", "DELETE"):
            answer = page.context.request.fetch(sent.value.url, method=method, data=b"x")
            assert answer.status == 401
        page.go_back()
        page.get_by_label("Account name").wait_for()
        assert not page.locator(".civicsight-download").count()
