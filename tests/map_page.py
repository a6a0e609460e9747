"""The map of the app in a browser, where features stand on the screen and what it tells."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import sync_playwright

from tests.ui_server import serving_map

WAIT_MS = 120_000


MOST_OF_IT = 0.95


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
