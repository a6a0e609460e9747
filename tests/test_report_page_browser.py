"""The page of a check in a browser: its map, its keys, its paper, and no network."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import sync_playwright

from tests.drawn import a_few
from tests.result_factory import make_result
from tests.result_town import HOSTILE
from tests.test_report_page import write


@pytest.fixture(scope="module")
def chromium(browser):
    with sync_playwright() as play:
        program = play.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        yield program
        program.close()


def open_page(chromium, path):
    """Open a page from the disk and note every request and every error."""
    window = chromium.new_page(viewport={"width": 1366, "height": 768})
    noted = {"requests": [], "errors": []}
    own = path.as_uri()
    window.on(
        "request",
        lambda r: noted["requests"].append(r.url) if not r.url.startswith(("data:", own)) else None,
    )
    window.on("pageerror", lambda e: noted["errors"].append(str(e)))
    window.on("console", lambda m: noted["errors"].append(m.text) if m.type == "error" else None)
    window.goto(own)
    window.wait_for_selector(".civicsight-panel")
    return window, noted


@pytest.mark.browser
@pytest.mark.parametrize("language", a_few(["zh_CN", "en"]))
def test_a_row_flies_to_its_evidence_without_the_network(tmp_path, chromium, language):
    write(tmp_path / "p.html", make_result("豫章中学"), language)
    window, noted = open_page(chromium, tmp_path / "p.html")
    before = window.evaluate("civicsight.map.getBounds().toBBoxString()")
    window.click("tr[data-id='gap/p4'] button")
    assert window.inner_text(".leaflet-popup h3").startswith("豫章中学")
    assert window.evaluate("civicsight.map.getBounds().toBBoxString()") != before
    centre = window.evaluate(
        "civicsight.map.getBounds().contains(L.latLng(civicsight.layers.gaps.byId['gap/p4'].data.at[0]))"
    )
    assert centre
    assert window.get_attribute("tr[data-id='gap/p4']", "class") == "chosen"
    assert noted == {"requests": [], "errors": []}
    assert len(window.frames) == 1
    window.close()


@pytest.mark.browser
def test_filters_and_layers_work_by_keyboard(tmp_path, chromium):
    write(tmp_path / "p.html", make_result())
    window, noted = open_page(chromium, tmp_path / "p.html")
    assert window.inner_text("#shown") == "6"
    window.select_option("select[name=verdict]", "violation")
    assert window.inner_text("#shown") == "1 / 6"
    window.select_option("select[name=verdict]", "")
    assert window.is_hidden("#none")
    window.fill("input[name=find]", "nothing is called so")
    assert window.inner_text("#shown") == "0 / 6"
    assert "No finding fits" in window.inner_text("#none")
    window.click("#reset")
    assert window.inner_text("#shown") == "6"
    window.fill("input[name=find]", "CAMERA C4")
    assert window.inner_text("#shown") == "1 / 6"
    window.focus("tr[data-id='gap/p4'] button")
    window.keyboard.press("Enter")
    assert window.is_visible(".leaflet-popup")
    shown = "civicsight.map.hasLayer(civicsight.layers.{})"
    assert window.evaluate(shown.format("overlaps")) is False
    window.get_by_label("Overlapping views").check()
    assert window.evaluate(shown.format("overlaps")) is True
    window.get_by_label("Where a gap is").uncheck()
    assert window.evaluate(shown.format("gaps")) is False
    window.click("tr[data-id='gap/p4'] button")  # what a row shows is switched on again
    assert window.evaluate(shown.format("gaps")) is True
    assert window.get_by_label("Where a gap is").is_checked()
    assert noted == {"requests": [], "errors": []}
    window.close()


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("text", a_few(HOSTILE))
def test_hostile_labels_run_nothing(tmp_path, chromium, text):
    """Every text field of the result holds the label; everything that shows it is opened."""
    write(tmp_path / "p.html", make_result(text))
    window, noted = open_page(chromium, tmp_path / "p.html")
    for row in window.query_selector_all("button.show"):
        row.click()
    for layer in ("cameras", "parts", "zones", "overlaps"):
        shown = window.evaluate(
            f"Object.keys(civicsight.layers.{layer}.byId).map(id => civicsight.show('{layer}', id))"
        )
        assert shown
        assert all(shown)
    window.click("details summary >> nth=1")
    window.wait_for_timeout(300)
    assert window.evaluate("window.pwned") is None
    assert noted == {"requests": [], "errors": []}
    window.close()


@pytest.mark.browser
@pytest.mark.slow
def test_paper_gets_the_map_smaller_and_the_screen_gets_it_back(tmp_path, chromium):
    write(tmp_path / "p.html", make_result())
    window, noted = open_page(chromium, tmp_path / "p.html")
    window.evaluate("dispatchEvent(new Event('beforeprint'))")
    style = window.get_attribute("#map", "style")
    assert 0.5 < float(re.search(r"zoom: ([\d.]+)", style).group(1)) < 1.0
    assert window.query_selector("#map .civicsight-panel") is None
    assert window.query_selector("#map + .civicsight-panel[open]") is not None
    window.evaluate("dispatchEvent(new Event('afterprint'))")
    assert window.get_attribute("#map", "style") is None
    assert window.query_selector("#map .civicsight-panel[open]") is not None
    assert noted == {"requests": [], "errors": []}
    window.close()


@pytest.mark.slow
@pytest.mark.browser
def test_the_legend_is_folded_on_a_narrow_window(tmp_path, chromium):
    write(tmp_path / "p.html", make_result())
    for width, is_open in ((1199, False), (1200, True)):
        window = chromium.new_page(viewport={"width": width, "height": 700})
        window.goto((tmp_path / "p.html").as_uri())
        assert window.evaluate("document.querySelector('.civicsight-panel').open") is is_open
        window.close()
