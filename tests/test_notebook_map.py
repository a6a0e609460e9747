"""The notebook of maps: it runs, its maps load nothing, and its file opens by itself."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import sync_playwright

from tests.test_notebooks import CHINESE, ROOT, plots_and_complaints, run_tour

MAPS = ROOT / "notebooks" / "03_map.ipynb"
SHOWN = ("map", "chinese", "layers", "camera", "swipe")
WAIT_MS = 120_000

ASKED = """
import json
print(json.dumps({
    "busiest": busiest,
    "work": float(work[busiest]),
    "seen_m2": float((cs.maps.alone.camera_alone(now, busiest).raster.best > 0).sum()) * 0.25,
    "change": change.to_dict(),
    "lost": lost.astype(str).to_dict("index"),
    "content": content,
    "folder": str(Path.cwd()),
}, default=float))
"""


@pytest.fixture(scope="module")
def shown():
    return run_tour(MAPS, ASKED)


@pytest.fixture(scope="module")
def found(shown):
    text = "".join(out.text for out in shown.cells[-1].outputs if out.get("name") == "stdout")
    return json.loads(text)


@pytest.fixture(scope="module")
def maps(shown):
    """Return the page of each map that the notebook shows."""
    pages = {}
    for cell in shown.cells:
        for output in cell.get("outputs", []):
            html = output.get("data", {}).get("text/html", "")
            if "srcdoc=" in html:
                pages[cell.id] = unescape(html.partition('srcdoc="')[2].partition('"')[0])
    return pages


def test_it_has_ten_cells():
    book = nbformat.read(MAPS, as_version=4)
    assert sum(cell.cell_type == "code" for cell in book.cells) == 10


@pytest.mark.slow
def test_every_map_is_shown_and_nothing_is_complained_of(shown, maps):
    assert plots_and_complaints(shown) == (0, "")
    assert set(maps) == set(SHOWN)


@pytest.mark.slow
def test_no_map_links_to_anything(maps, found):
    for html in (*maps.values(), found["content"]):
        links = re.findall(r'(?:src|href)="([^"]{0,40})', html)
        assert links
        assert all(link.startswith("data:") for link in links)


@pytest.mark.slow
def test_the_language_is_that_which_was_asked_for(maps):
    titles = {name: re.search(r'"title":\s*"([^"]+)"', maps[name])[1] for name in maps}
    assert titles["map"] == "Legend and layers"
    assert CHINESE.search(titles["chinese"].encode().decode("unicode_escape"))


@pytest.mark.slow
def test_one_camera_is_alone_on_its_map(maps, found):
    assert found["work"] > 0
    assert found["seen_m2"] > 0
    script = maps["camera"]
    ids = re.search(r'"cameras", \{[^\n]*?"ids": (\[[^\]]*\])', script)[1]
    assert json.loads(ids) == [found["busiest"]]
    assert script.count('"views_sure"') > 0


@pytest.mark.slow
def test_what_a_camera_met_is_lost_without_it(found):
    before, after = found["change"]["with"], found["change"]["without"]
    assert sum(before.values()) == sum(after.values())
    assert after["covered"] < before["covered"]
    assert before["covered"] - after["covered"] == sum(
        each["before"] == "covered" for each in found["lost"].values()
    ) - sum(each["after"] == "covered" for each in found["lost"].values())


@pytest.mark.slow
def test_a_wrong_camera_is_refused_in_a_sentence(shown):
    (cell,) = [cell for cell in shown.cells if cell.get("id") == "wrong"]
    assert "found 'C999'" in cell.outputs[0].text


@pytest.mark.slow
def test_a_run_writes_no_file(shown, found):
    assert Path(found["folder"]) == MAPS.parent
    assert shown.metadata["written"] == []


@pytest.mark.browser
@pytest.mark.slow
def test_the_file_opens_by_itself_and_its_line_parts_the_pictures(found, browser, tmp_path):
    file = tmp_path / "plan.html"
    file.write_text(found["content"], encoding="utf-8")
    requests, errors = [], []
    with sync_playwright() as play:
        opened = play.chromium.launch(
            executable_path=browser, args=["--no-sandbox", "--disable-gpu"]
        )
        page = opened.new_page(viewport={"width": 1280, "height": 720})
        page.set_default_timeout(WAIT_MS)
        page.on("request", lambda sent: requests.append(sent.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(file.as_uri())
        page.wait_for_selector(".civicsight-swipe")
        right = page.evaluate("civicsight.layers.right.getContainer().style.clip")
        page.locator(".civicsight-swipe").focus()
        page.keyboard.press("End")
        page.wait_for_function(
            "(was) => civicsight.layers.right.getContainer().style.clip !== was", arg=right
        )
        sides = page.locator(".civicsight-side").all_inner_texts()
        boxes = page.locator(".civicsight-panel input").count()
        opened.close()
    assert [url for url in requests if not url.startswith(("file:", "data:", "blob:"))] == []
    assert len([url for url in requests if url.startswith("file:")]) == 1
    assert errors == []
    assert sides == ["earlier", "later"]
    assert boxes >= 5
