"""Hold the app against its goals, before a real server and a browser without graphics hardware.

Called as ``python -m benchmarks.app.journey``; ``--only`` takes parts of it. A browser's times run
from the act of a person to what he waits for, on the screen; processor time and memory of a server
are those of all its processes. Helsinki is the extract of the tests with its cameras, the large
city is New York with seeded cameras, places and gates.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import psutil
from playwright.sync_api import Page

from benchmarks.bars import Bar, Figures, print_table
from benchmarks.cities import data_folder
from civicsight.core.settings import cache_dir
from civicsight.coverage.check import check
from civicsight.editing.examples import HELSINKI, read_example
from civicsight.io import read_city, save_city
from tests.caches import own_cache
from tests.made import with_made
from tests.raw_line import raw_line
from tests.test_cities import SEED
from tests.ui_server import browsing, free_port, serving, until
from tools.system_packages import find_browser

WAIT_S, LONGEST_S = 300.0, 1_800.0
"""Longest wait for an element, and for a city that is computed first."""

TIMES = 12
"""Clicks, drags and so on of which the median or the 95th percentile is told."""

PEOPLE = 10
"""Who look at the large city at once."""

LARGE = (20_000, 909)
"""Cameras, and places of each class."""

PAINTED = """(() => {
    const own = window.civicsight;
    return !!own && !!own.layers && !!document.querySelector(".civicsight-panel") &&
        Object.values(own.layers).every((layer) => !layer.isLoading || !layer.isLoading());
})()"""
"""The map is there with what is known of the city, and no tile is waited for."""

COMPLETE = "!!document.querySelector('.civicsight-bar')"
"""How places stand is said."""

RESTS = """!document.querySelector("[data-stale=true]") &&
    !!document.querySelector("[data-test-script-state=notRunning]")"""

DIMMED_AFTER = """() => {
    const map = civicsight.map.getContainer(), began = performance.now();
    window.dimmedAfter = null;
    new MutationObserver((_, watch) => {
        if (map.classList.contains("civicsight-dimmed")) {
            window.dimmedAfter = performance.now() - began;
            watch.disconnect();
        }
    }).observe(map, { attributes: true });
}"""

FRAMES = """() => {
    window.frames_ms = [];
    let last = performance.now();
    const next = (now) => {
        if (window.frames_ms) {
            window.frames_ms.push(now - last);
            last = now;
            requestAnimationFrame(next);
        }
    };
    requestAnimationFrame(next);
}"""

PAN = """(k) => new Promise((done) => {
    civicsight.map.once("moveend", () => done());
    civicsight.map.panBy(k % 2 ? [-240, -90] : [240, 90], { animate: true, duration: 0.8 });
})"""

AT = """([layer, id]) => {
    const found = civicsight.find(layer, id);
    const at = civicsight.map.latLngToContainerPoint(found.data.at[found.k]);
    const box = civicsight.map.getContainer().getBoundingClientRect();
    return [box.x + at.x, box.y + at.y];
}"""

NEAR = """([layer, id]) => {
    const found = civicsight.find(layer, id);
    civicsight.map.setView(found.data.at[found.k], 20, { animate: false });
}"""

ASIDE = """() => {
    civicsight.map.fire("click", { latlng: civicsight.map.getBounds().getNorthWest() });
}"""

THERE = """(() => {
    const found = civicsight.find("edited_cameras", %s);
    return !!found && Math.hypot(...%s.map((v, k) => v - (%s)(["edited_cameras", %s])[k])) < 2;
})()"""

BARS = (
    Bar("first picture, warm", "s", "warm", 2, 2),
    Bar("first picture, fresh home, nothing compiled", "s", "fresh", 5, 5),
    Bar("complete figures, fresh home, all processes", "s CPU", "figures", 20, 20),
    Bar("selection -> focus", "ms", "focus", 300, 300),
    Bar("drag: frame while the hand moves, 95 %", "ms", "drag", 100, 100),
    Bar("drag: exact result after the hand rests, 95 %", "ms", "exact", 500, 500),
    Bar("a camera in front of a gap", "s", "front", 1, 1),
    Bar("planning again with one measure held", "s", "again", 5, 5),
    Bar("its cost / that of a whole run", "x", "as good", 1.01, 1.0),
    Bar("compliance package, both languages", "s CPU", "package", 20, 20),
    Bar("large city: first picture", "s", "large", 2.5, 2.5),
    Bar("large city: frame of a pan, 95 %", "ms", "pan", 25, 25),
    Bar("large city: memory of the server, 1 person", "GB", "memory", 1.2, 1.2),
    Bar("large city: memory, 10 people / 1", "x", "memory of ten", 1.1, 1.1),
)


class Server(NamedTuple):
    """The app that runs, and all of its processes."""

    address: str
    process: psutil.Process

    def _all(self) -> Iterator[psutil.Process]:
        yield self.process
        yield from self.process.children(recursive=True)

    def cpu_s(self) -> float:
        """Return what the server and its processes have used; those that ended are counted."""
        used = [one.cpu_times() for one in self._all()]
        return sum(one.user + one.system + one.children_user + one.children_system for one in used)

    def memory_gb(self) -> float:
        """Return what is theirs alone and their part of what they share."""
        return sum(one.memory_full_info().pss for one in self._all()) / 1e9


def main() -> None:
    parts: dict[str, Callable[[Figures], None]] = {
        "fresh": _fresh,
        "edit": _edit,
        "plan": _plan,
        "package": _package,
        "large": _large,
    }
    parser = argparse.ArgumentParser(prog="python -m benchmarks.app.journey", description=__doc__)
    parser.add_argument("--only", action="append", choices=list(parts), help="may be repeated")
    parser.add_argument("--out", type=Path, help="write the figures as JSON")
    options = parser.parse_args()
    figures: Figures = {}
    for name, measure in parts.items():
        if not options.only or name in options.only:
            measure(figures)
            print(name, {key: round(value, 3) for key, value in figures.items()}, flush=True)
    lines = [bar.line(figures) for bar in BARS if bar.key in figures or not options.only]
    if lines:
        print_table(("goal", "goal", "found", ""), lines)
    if options.out:
        options.out.write_text(json.dumps(figures, indent=2), encoding="utf-8")


@contextmanager
def _running(city: Any, *, fresh: bool = False) -> Iterator[Server]:
    """Run the app on a city that was saved, with a cache of its own."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        project = save_city(city, folder / "city.gpkg")
        cache = folder / "cache" if fresh else own_cache(folder, ("kernels", "compiled"))
        more = {"CIVICSIGHT_PROJECT": str(project), "CIVICSIGHT_CACHE_DIR": str(cache)}
        port = free_port()
        with serving(folder, port, **more) as address:
            own = psutil.Process().children()
            yield Server(address, next(one for one in own if str(port) in one.cmdline()))


@contextmanager
def _page() -> Iterator[Page]:
    with browsing(str(find_browser())) as (page, _):
        page.set_default_timeout(1e3 * WAIT_S)
        yield page


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _open(page: Page, server: Server, code: str = "plan") -> float:
    """Open a page; return the seconds until its map is painted."""
    began = time.perf_counter()
    page.goto(f"{server.address}/{code}?lang=en")
    until(page, PAINTED, LONGEST_S)
    return time.perf_counter() - began


def _opened(server: Server) -> float:
    """Open the map in new browsers; return the median of the seconds until it is painted."""
    opened = []
    for _ in range(5):
        with _page() as page:
            opened.append(_open(page, server))
    return float(np.median(opened))


def _fresh(figures: Figures) -> None:
    """Measure the first picture where nothing was ever computed, and how soon all is known."""
    with _running(read_example(HELSINKI), fresh=True) as server, _page() as page:
        figures["fresh"] = _open(page, server, "")
        until(page, COMPLETE, LONGEST_S)
        figures["figures"] = server.cpu_s()


def _edit(figures: Figures) -> None:
    """Measure pictures, focus, dragging and a camera in front of a gap in Helsinki."""
    city = read_example(HELSINKI)
    result = check(city)
    gaps = result.part_status.index[result.part_status["status"].eq("gap")]
    with _running(city) as server:
        with _page() as page:
            _open(page, server, "")
            until(page, COMPLETE, LONGEST_S)
        figures["warm"] = _opened(server)
        with _page() as page:
            _open(page, server)
            until(page, RESTS)
            near = [gap for gap in gaps if page.evaluate(f"!!civicsight.find('parts', '{gap}')")]
            found = [_select(page, "parts", label) for label in near[:TIMES]]
            figures["focus"] = float(np.median(found))
            fronts = [_in_front(page, label) for label in near[:TIMES]]
            figures["front"] = float(np.median(fronts))
            _drag(page, result.cameras.index[0], figures)


def _select(page: Page, layer: str, label: str) -> float:
    """Click on a feature; return the milliseconds until the rest is dimmed."""
    page.evaluate(ASIDE)
    until(page, "!document.querySelector('.civicsight-dimmed')")
    until(page, RESTS)
    page.evaluate(NEAR, [layer, label])
    until(page, PAINTED)
    page.evaluate(DIMMED_AFTER)
    page.mouse.click(*page.evaluate(AT, [layer, label]))
    until(page, "window.dimmedAfter !== null")
    until(page, RESTS)
    return float(page.evaluate("window.dimmedAfter"))


def _in_front(page: Page, label: str) -> float:
    """Have a camera planned in front of a gap, and take it back; return what the first took [s]."""
    _select(page, "parts", label)
    button = page.get_by_role("button", name="Plan a camera in front of it")
    button.wait_for()
    changed = page.get_by_text("Changes not saved: 1")
    spent = _seconds(lambda: (button.click(), changed.wait_for()))
    until(page, RESTS)
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("No changes").wait_for()
    until(page, RESTS)
    return spent


def _drag(page: Page, label: str, figures: Figures) -> None:
    """Drag a camera to and fro: frames under the hand, and the result once it rests."""
    _select(page, "cameras", label)
    frames, exact = [], []
    for k in range(TIMES):
        box: Any = page.locator(".civicsight-handle.place").bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        to = (x + (40 if k % 2 else -40), y + (25 if k % 2 else -25))
        page.mouse.move(x, y)
        page.mouse.down()
        page.evaluate(FRAMES)
        page.mouse.move(*to, steps=30)
        frames += page.evaluate(
            "() => { const all = window.frames_ms; window.frames_ms = null; return all; }"
        )
        spot, name = json.dumps(to), json.dumps(str(label))
        spent = _seconds(lambda at=spot, name=name: (
            page.mouse.up(), until(page, THERE % (name, at, AT, name)), until(page, RESTS)
        ))  # fmt: skip
        exact.append(1e3 * spent)
    figures["drag"] = float(np.quantile(frames, 0.95))
    figures["exact"] = float(np.quantile(exact, 0.95))


def _visit(server: Server) -> None:
    """Come in without a browser, and run the page of the plan a few times."""
    with raw_line(server.address, "plan") as line:
        for _ in range(3):
            time.sleep(1.0)
            line.run()


def _plan(figures: Figures) -> None:
    """Measure planning again from where it stood, with one measure held."""
    from civicsight.planning.make import Aims, Run, make_plan
    from civicsight.planning.proof.evidence import chosen_ids
    from civicsight.planning.solver.outcome import Limits
    from civicsight.ui.plan_form import AGAIN_S

    result = check(read_example(HELSINKI))
    whole = make_plan(result, Aims(extras=False), run=Run(Limits(seconds=60.0)))
    kept = chosen_ids(whole.files)
    held = Aims(extras=False, held=kept[:1])
    began = time.perf_counter()
    again = make_plan(result, held, run=Run(Limits(seconds=AGAIN_S), start=kept))
    figures["again"] = time.perf_counter() - began
    figures["as good"] = again.cost_yuan / whole.cost_yuan


def _package(figures: Figures) -> None:
    """Measure what the app writes as the compliance package."""
    from civicsight.application.outputs import Output, write_output
    from civicsight.editing.project import open_project
    from civicsight.store import Actor, Role

    with tempfile.TemporaryDirectory() as folder:
        saved = save_city(read_example(HELSINKI), Path(folder) / "helsinki.gpkg")
        project = open_project(saved, cache_dir())
        began = time.process_time()
        write_output(project, Actor("bench", Role.PLANNER), Output.COMPLIANCE)
        figures["package"] = time.process_time() - began


def _large(figures: Figures) -> None:
    """Measure a city of 100,000 buildings and 20,000 cameras: picture, pan, memory."""
    cameras, per_item = LARGE
    city = with_made(
        read_city(data_folder() / "nyc_buildings", name="nyc")[0], cameras, SEED, per_item=per_item
    )
    print(f"large city: {len(city.buildings):,} buildings, {len(city.cameras):,} cameras")
    with _running(city) as server:
        with _page() as page:
            _open(page, server, "")
            until(page, COMPLETE, LONGEST_S)
        figures["large"] = _opened(server)
        with _page() as page:
            _open(page, server)
            until(page, RESTS)
            page.evaluate(FRAMES)
            for k in range(TIMES):
                page.evaluate(PAN, k)
            figures["pan"] = float(np.quantile(page.evaluate("window.frames_ms"), 0.95))
        with raw_line(server.address, "plan"):
            figures["memory"] = server.memory_gb()
        with ThreadPoolExecutor(PEOPLE) as team:
            list(team.map(lambda _: _visit(server), range(PEOPLE)))
            figures["memory of ten"] = server.memory_gb() / figures["memory"]


if __name__ == "__main__":
    main()
