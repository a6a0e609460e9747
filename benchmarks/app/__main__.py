"""First map, clicks, bytes, memory and panning of the app's map beside folium.GeoJson.

Run ``python -m benchmarks.app``. Every visit has a browser of its own with nothing kept. The files
that folium asks the internet for are answered from this machine: the usual way is not charged for
the network, which on a closed one leaves it blank.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, Route, sync_playwright

from benchmarks.app.serving import free_port, machine_load
from benchmarks.bars import Bar, Figures, print_table
from civicsight.maps.assets import asset_text
from tools.system_packages import find_browser

WAIT_MS, REST_MS = 300_000, 400
CLICKS = {"empty": 40, "ours": 40, "bridge": 20, "usual": 2}
VISITS = {"empty": 5, "ours": 5, "bridge": 2, "usual": 1}
KB, MB = 1e3, 1e6

READY = {
    "empty": "() => document.body.innerText.includes('LAST None')",
    "ours": """() => document.querySelector('.civicsight-panel')
        && document.querySelectorAll('.leaflet-tile').length > 8
        && !document.querySelector('.leaflet-tile:not(.leaflet-tile-loaded)')""",
    "usual": """() => {
        const canvas = document.querySelector('.leaflet-overlay-pane canvas');
        return canvas && canvas.width && canvas.getContext('2d')
            .getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0);
    }""",
}
READY["bridge"] = READY["usual"]
WATCH = """() => {
    window.answered = 0;
    const text = () => (document.body.innerText.match(/LAST .*/) || [''])[0];
    window.before = text();
    new MutationObserver(() => {
        if (text() && text() !== window.before) { window.answered = Date.now(); }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""
FRAMES = """() => {
    window.frames_ms = [];
    let last = performance.now();
    const tick = (now) => {
        window.frames_ms.push(now - last);
        last = now;
        requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
}"""
CAMERAS = """(size) => {
    const box = civicsight.map.getContainer().getBoundingClientRect(), chosen = [];
    const layer = civicsight.layers.cameras.byId;
    for (const id of Object.keys(layer)) {
        const at = civicsight.map.latLngToContainerPoint(layer[id].data.at[layer[id].k]);
        const inside = at.x > 80 && at.x < size[0] - 280 && at.y > 40 && at.y < size[1] - 60;
        const apart = (p) => Math.hypot(p[0] - box.x - at.x, p[1] - box.y - at.y) > 40;
        if (inside && chosen.every(apart)) { chosen.push([box.x + at.x, box.y + at.y]); }
    }
    return chosen;
}"""
"""Cameras on the screen, so far apart that none is under the handles of another."""

BARS = (
    Bar("first map above an empty app, 20k buildings", "s", "above 20000", 1.0, 0.7),
    Bar("first map above an empty app, 100k buildings", "s", "above 100000", 1.0, 0.7),
    Bar("first map, usual / ours, 20k", "x", "first 20000", 2.5, 4, more_is_better=True),
    Bar("first map, usual / ours, 100k", "x", "first 100000", 8, 12, more_is_better=True),
    Bar("click to screen, usual / ours, 20k", "x", "click 20000", 10, 15, more_is_better=True),
    Bar("click to screen, median, 100k", "ms", "median", 250, 200),
    Bar("click to screen, 95 %, 100k", "ms", "p95", 500, 300),
    Bar("bytes a click, 100k", "KB", "kb", 50, 10),
    Bar("heap of the browser, 100k", "MB", "heap", 60, 40),
    Bar("frame while panning, 95 %, 100k", "ms", "pan", 33, 20),
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.app", description=__doc__)
    parser.add_argument("--buildings", type=int, nargs="+", default=[20_000, 100_000])
    options = parser.parse_args()
    path = find_browser()
    if path is None:
        sys.exit("no Chromium was found; install it, or name one in CIVICSIGHT_BROWSER")
    found: dict[tuple[str, int], dict[str, float]] = {}
    print(f"{os.cpu_count()} cores, load before {machine_load()}")
    with serve() as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        found["empty", 0] = _measure(browser, address, "empty", 0)
        for count in options.buildings:
            for way in ("ours", "bridge", "usual"):
                found[way, count] = _measure(browser, address, way, count)
                print(f"{way} {count}: {found[way, count]}, load {machine_load()}", flush=True)
        browser.close()
    print_table(
        (
            "way",
            "first s",
            "HTTP MB",
            "WS MB",
            "click ms",
            "95 %",
            "KB/click",
            "heap MB",
            "pan 95 %",
        ),
        [_row(way, count, figures) for (way, count), figures in found.items()],
    )
    print_table(
        ("goal (brackets: stretch)", "goal", "found", ""),
        [bar.line(_compare(found)) for bar in BARS],
    )


@contextmanager
def serve() -> Iterator[str]:
    """Start the pages on a free port; yield their address."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "benchmarks.app.server:app", "--port", str(port)]
    server = subprocess.Popen(
        [*command, "--log-level", "error"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}/"
    try:
        for _ in range(300):
            with suppress(OSError), urllib.request.urlopen(f"{address}_stcore/health"):  # noqa: S310 - our own
                break
            time.sleep(0.2)
        yield address
    finally:
        server.terminate()
        server.wait(10)


def _measure(browser: Browser, address: str, way: str, count: int) -> dict[str, float]:
    """Visit a page several times, once the server has the city ready."""
    with browser.new_page() as page:
        page.set_default_timeout(WAIT_MS)
        page.goto(f"{address}?way=prepared&n={max(count, 1)}")
        page.wait_for_function(READY["empty"])
    visits = [_visit(browser, address, way, count) for _ in range(VISITS[way])]
    figures = {
        key: statistics.median(visit[key] for visit in visits)
        for key in ("first", "http", "ws", "heap", "pan", "kb")
    }
    clicks = [value for visit in visits for value in visit["clicks"]]
    if clicks:
        figures["median"], figures["p95"] = (float(v) for v in np.quantile(clicks, [0.5, 0.95]))
    return figures


def _visit(browser: Browser, address: str, way: str, count: int) -> dict[str, Any]:
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    page.route(re.compile(r"^https?://(?!127\.0\.0\.1)"), _answer_for_the_internet)
    sent = {"http": 0.0, "ws": 0.0}
    page.on("websocket", lambda socket_: socket_.on("framereceived", lambda data: _add(sent, data)))
    began = time.perf_counter()
    page.goto(f"{address}?way={way}&n={count}")
    frame = _wait_until_drawn(page, way)
    out: dict[str, Any] = {"first": time.perf_counter() - began, "ws": sent["ws"] / MB}
    sizes = "() => performance.getEntriesByType('resource').map((r) => r.transferSize)"
    out["http"] = sum(sum(one.evaluate(sizes)) for one in page.frames) / MB
    out["heap"], out["pan"], out["clicks"], out["kb"] = _heap(page), 0.0, [], 0.0
    before = sent["ws"]
    targets = _targets(page, frame, way, max(1, CLICKS[way] // VISITS[way]))
    out["clicks"] = [_click(page, *target) for target in targets]
    out["kb"] = (sent["ws"] - before) / len(targets) / KB
    if way != "empty":
        out["pan"] = _pan(page, frame)
    context.close()
    return out


def _wait_until_drawn(page: Page, way: str) -> Any:
    if way in ("empty", "ours"):
        page.wait_for_function(READY[way])
        return page.main_frame
    handle = page.wait_for_selector("iframe")
    frame = handle.content_frame() if handle else None
    if frame is None:
        sys.exit("the map has no frame")
    frame.wait_for_function(READY[way])
    return frame


def _targets(page: Page, frame: Any, way: str, count: int) -> list[tuple[float, float]]:
    """Return where to click: on cameras, which selects them, or where the usual way knows none."""
    place = "button:has-text('Press')" if way == "empty" else ".leaflet-container"
    box = frame.locator(place).first.bounding_box()
    if way == "empty":
        return [(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)] * count
    if way == "ours":
        found = page.evaluate(CAMERAS, [box["width"], box["height"]])
        return [(x, y) for x, y in found[:count]]
    places = [(0.25 + 0.05 * (k % 9), 0.3 + 0.04 * (k % 10)) for k in range(count)]
    return [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in places]


def _click(page: Page, x: float, y: float) -> float:
    """Click; return how long the answer took to reach the screen [ms]."""
    page.evaluate(WATCH)
    page.mouse.move(x, y)
    began = time.time()
    page.mouse.click(x, y)
    page.wait_for_function("window.answered > 0")
    page.wait_for_timeout(REST_MS)
    return (float(page.evaluate("window.answered")) / 1e3 - began) * 1e3


def _pan(page: Page, frame: Any) -> float:
    """Drag the map; return the time between frames that 95 % do not exceed [ms]."""
    box = frame.locator(".leaflet-container").first.bounding_box()
    x, y = box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.5
    page.mouse.move(x, y)
    frame.evaluate(FRAMES)
    page.mouse.down()
    for step in range(60):
        page.mouse.move(x + 3 * step, y + 2 * step)
    page.mouse.up()
    return float(np.quantile(frame.evaluate("window.frames_ms"), 0.95))


def _heap(page: Page) -> float:
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    session.send("Performance.enable")
    metrics = session.send("Performance.getMetrics")["metrics"]
    return next(entry["value"] for entry in metrics if entry["name"] == "JSHeapUsedSize") / MB


def _answer_for_the_internet(route: Route) -> None:
    """Answer what folium wants from elsewhere: Leaflet with our copy, all else with nothing."""
    url = route.request.url
    for ending in ("leaflet.js", "leaflet.css"):
        if url.endswith(f"/{ending}"):
            route.fulfill(body=asset_text(f"vendor/leaflet/{ending}"), content_type=_kind(ending))
            return
    route.fulfill(body="", content_type=_kind(url))


def _kind(url: str) -> str:
    return "text/css" if url.endswith(".css") else "text/javascript"


def _add(sent: dict[str, float], data: str | bytes) -> None:
    sent["ws"] += len(data)


def _row(way: str, count: int, figures: dict[str, float]) -> tuple[str, ...]:
    keys = ("first", "http", "ws", "median", "p95", "kb", "heap", "pan")
    return f"{way} {count:,}", *(f"{figures[k]:.3g}" if k in figures else "-" for k in keys)


def _compare(found: dict[tuple[str, int], dict[str, float]]) -> Figures:
    """Return the figures of the bars."""
    figures: Figures = {}
    for (way, count), ours in found.items():
        if way != "ours":
            continue
        usual = found["usual", count]
        figures[f"above {count}"] = ours["first"] - found["empty", 0]["first"]
        figures[f"first {count}"] = usual["first"] / ours["first"]
        figures[f"click {count}"] = usual["median"] / ours["median"]
        figures.update({key: ours[key] for key in ("median", "p95", "kb", "heap", "pan")})
    return figures


if __name__ == "__main__":
    main()
