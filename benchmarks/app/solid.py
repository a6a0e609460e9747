"""The 3D view by size of the city: cutting out, bytes, first picture, frames while turning, memory.

Run ``python -m benchmarks.app.solid``. The browser draws without a graphics card, as on a terminal
server: frames are the slowest that anybody will see.
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import time
from types import SimpleNamespace
from typing import Any

import shapely
from playwright.sync_api import Browser, Route, sync_playwright

from benchmarks.app.serving import machine_load
from benchmarks.app.town import make_town
from benchmarks.bars import print_table
from civicsight.maps.assets import app_files
from civicsight.maps.legend import labels_of
from civicsight.maps.scene_3d import SolidMap, scene_map, window_of
from civicsight.model import SAMPLES
from tools.system_packages import find_browser

HOST = "http://view.test"
HEAD = ("buildings", "drawn", "cut out s", "MB sent", "triangles", "first picture s",
        "frame ms: 5 %", "median", "95 %", "heap MB")  # fmt: skip
SOFTWARE = ["--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader"]
WAIT_MS, TURNS = 120_000, 60
MB = 1e6

PAGE = """<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="map.css">
<div id="place" style="width: 930px"></div><script src="map.js"></script><script>
civicsight.solid(document.getElementById("place"), DATA, function () {});</script>"""

TURN = """async (turns) => {
    const view = civicsight.solidView, took = [];
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    for (let k = 0; k < turns; k++) {
        const began = performance.now();
        view.rig.turn(0.03, 0);
        await frame();
        await frame();
        took.push((performance.now() - began) / 2);
    }
    return took;
}"""


def main() -> None:
    """Measure the view of towns of growing size and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--buildings", type=int, nargs="+", default=[486, 20_000, 100_000])
    counts = parser.parse_args().buildings
    print(machine_load())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=SOFTWARE)
        rows = [_row(browser, count) for count in counts]
        browser.close()
    print_table(HEAD, rows)


def _row(browser: Browser, count: int) -> tuple[str, ...]:
    result = _town(count)
    middle = shapely.Point(result.city.extent.centroid)
    scene_map(result, window_of(result.city, middle), "en")  # indexes of the tables are built once
    began = time.perf_counter()
    drawn = scene_map(result, window_of(result.city, middle), "en")
    took = time.perf_counter() - began
    size = len(gzip.compress(drawn.document, 5))
    seen = _visit(browser, drawn)
    frames = sorted(seen["frames"])
    return (
        f"{count}", f"{_drawn(drawn)}", f"{took:.2f}", f"{size / MB:.2f}", f"{seen['triangles']}",
        f"{seen['first']:.2f}", f"{frames[len(frames) // 20]:.0f}",
        f"{statistics.median(frames):.0f}", f"{frames[int(0.95 * len(frames))]:.0f}",
        f"{seen['heap'] / MB:.0f}",
    )  # fmt: skip


def _town(count: int) -> Any:
    town = make_town(count)
    town.city = SimpleNamespace(**vars(town.city), terrain=None)
    return SimpleNamespace(**vars(town), samples=SAMPLES.empty(town.city.crs), matrices={})


def _drawn(drawn: SolidMap) -> int:
    """Return how many bodies a document holds."""
    size = int.from_bytes(drawn.document[:4], "little")
    count: int = json.loads(drawn.document[4 : 4 + size])["bodies"]
    return count


def _visit(browser: Browser, drawn: SolidMap) -> dict[str, Any]:
    """Open the view in a browser with nothing kept, and turn it."""
    data = {
        "document": "/document.bin",
        "three": "/three.module.min.js",
        "map": "/plan",
        "words": labels_of("en"),
        "group": {"selected": None, "fly": 0},
        "height": 600,
    }
    files: dict[str, bytes] = {
        "": PAGE.replace("DATA", json.dumps(data)).encode(),
        "document.bin": drawn.document,
        **app_files(),
    }
    kinds = {"": "text/html", "css": "text/css", "js": "text/javascript"}

    def answer(route: Route) -> None:
        name = route.request.url.removeprefix(f"{HOST}/")
        body = files.get(name)
        kind = kinds.get(name.rpartition(".")[2], "application/octet-stream")
        route.fulfill(status=200 if body else 404, body=body or b"", content_type=kind)

    context = browser.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    page.route(f"{HOST}/**", answer)
    began = time.perf_counter()
    page.goto(f"{HOST}/")
    page.wait_for_function("window.civicsight && civicsight.solidView?.cost > 0")
    first = time.perf_counter() - began
    page.wait_for_timeout(1_500)
    triangles = page.evaluate("civicsight.solidView.renderer.info.render.triangles")
    frames = page.evaluate(TURN, TURNS)
    heap = page.evaluate("performance.memory.usedJSHeapSize")
    context.close()
    return {"first": first, "triangles": triangles, "frames": frames, "heap": heap}


if __name__ == "__main__":
    main()
