"""People before the app in one browser: sign-in, both languages, the map, painted lists."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import shapely
from playwright.sync_api import Browser, Locator, Page, sync_playwright
from playwright.sync_api import TimeoutError as Late
from pyproj import Transformer

from civicsight.core.errors import Text
from civicsight.core.i18n import translate
from civicsight.editing.edit_context import edit_context_of
from civicsight.editing.project import Project
from tests.ui_made import PASSWORD
from tests.ui_server import until

WAIT_MS, REOPENED_MS = 90_000, 9_000
HEADING_PX, ROW_PX = 36, 35
TILE_PX = 256
TWO_FRAMES = "() => new Promise((on) => requestAnimationFrame(() => requestAnimationFrame(on)))"
CODES = {"zh_CN": "zh-CN", "en": "en"}


@contextmanager
def browser_of(path: str) -> Iterator[Browser]:
    """Open one browser for several people."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            yield running
        finally:
            running.close()


def come_in(browser: Browser, address: str, language: str, name: str) -> Person:
    """Sign somebody in with a local account, in a window that shares nothing with the others."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, accept_downloads=True)
    requests: list[str] = []
    context.on("request", lambda request: requests.append(request.url))
    page = context.new_page()
    page.on("websocket", lambda opened: requests.append(opened.url))
    page.set_default_timeout(WAIT_MS)
    person = Person(page, address, language, requests)
    person.open("")
    page.get_by_label(person.translate("Account name")).fill(name)
    page.get_by_label(person.translate("Password"), exact=True).fill(PASSWORD)
    page.get_by_label(person.translate("Password"), exact=True).press("Enter")
    person.sees(name)
    return person


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """Somebody before the app: what he does, and what he waits for."""

    page: Page
    address: str
    language: str
    requests: list[str]

    def say(self, text: str | Text, **values: Any) -> str:
        """Return a sentence of the app in the language of this person."""
        given = text if isinstance(text, Text) else Text(text, values)
        return str(translate(given, self.language))

    def open(self, code: str, query: str = "") -> None:
        """Go to a page by its address, as after a reload."""
        self.page.goto(f"{self.address}/{code}?lang={CODES[self.language]}{query}")

    def turn_to(self, title: str) -> None:
        """Go to a page by the navigation."""
        self.page.get_by_role("link", name=self.translate(title), exact=True).first.click()
        self.page.get_by_role("heading", name=self.translate(title)).first.wait_for()

    def sees(self, text: str | Text, **values: Any) -> None:
        """Wait until a sentence is on the screen, in the language of the visit."""
        try:
            found = self.page.get_by_text(self.translate(text, **values))
            found.filter(visible=True).first.wait_for()  # not in what is folded
        except Late as error:
            error.add_note(f"{self.page.url} shows:\n{self.page.locator('body').inner_text()}")
            raise

    def press(self, label: str) -> None:
        """Press a button."""
        self.page.get_by_role("button", name=self.translate(label), exact=True).last.click()

    def unfold(self, label: str) -> None:
        """Open what is folded."""
        self.page.locator("summary", has_text=self.translate(label)).first.click()

    def field(self, label: str) -> Locator:
        """Return a field to write into by its label, required or not; a slider may share it."""
        written = self.page.locator("input, textarea")
        labelled = re.compile(f"^{re.escape(self.translate(label))}( \\*)?$")
        return self.page.get_by_label(labelled).and_(written).first

    def fill(self, label: str, value: object) -> None:
        """Write into a field, and leave it."""
        self.field(label).fill(str(value))
        self.field(label).press("Tab")

    def add(self, label: str, *words: str) -> None:
        """Add words of one's own to a list of several."""
        self.rest()
        self.field(label).scroll_into_view_if_needed()
        self.page.evaluate(TWO_FRAMES)  # a list that is open closes where its page scrolls
        for word in words:
            self.field(label).fill(word)
            self._open_list(label, word)
            self.field(label).press("Enter")  # the list holds only what has the word in it
            self.page.locator("[data-tag]", has_text=word).filter(visible=True).wait_for()
        self.field(label).press("Tab")

    def _open_list(self, label: str, word: str) -> None:
        """Have the list below a field show a word, though what came in meanwhile closed it."""
        offered = self.page.get_by_role("option").filter(has_text=word).first
        for _ in range(WAIT_MS // REOPENED_MS):
            with suppress(Late):
                offered.wait_for(timeout=REOPENED_MS)
                return
            self.field(label).fill(word)
            self.field(label).press("ArrowDown")
        offered.wait_for()

    def choose(self, label: str, option: str) -> None:
        """Choose from a list."""
        box = self.page.get_by_role("combobox", name=self.translate(label)).first
        box.scroll_into_view_if_needed()
        self.page.evaluate(TWO_FRAMES)  # a list that is open closes where its page scrolls
        box.click()
        self.page.get_by_role("option", name=option).first.click()

    def follow(self, label: str) -> None:
        """Follow a link of the page."""
        self.page.get_by_role("link", name=self.translate(label)).first.click()

    def tick(self, row: int, nth: int = 0) -> None:
        """Tick a row of a list, which is painted and has no elements to name."""
        grid = self.page.get_by_test_id("stDataFrame").nth(nth)
        grid.wait_for()
        grid.click(position={"x": 18, "y": HEADING_PX + ROW_PX * row + ROW_PX // 2})

    def list_with(self, text: str) -> int:
        """Return the number of the last list that holds a text; a screen reader hears its cells."""
        grids = self.page.get_by_test_id("stDataFrame")
        grids.filter(has_text=text).first.wait_for(state="attached")
        find = "(all, text) => all.map((one) => one.textContent.includes(text)).lastIndexOf(true)"
        return int(grids.evaluate_all(find, text))

    def drag(self, handle: str, to: tuple[float, float]) -> None:
        """Drag a handle of the map to a place on the screen."""
        box = self.page.locator(handle).bounding_box()
        assert box is not None
        self.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        self.page.mouse.down()
        self.page.mouse.move(*to, steps=6)
        self.page.mouse.up()

    def cell(self, row: int, column: int, nth: int = 0) -> str:
        """Return a cell of a list as a reader of the screen has it, from 0."""
        grid = self.page.get_by_test_id("stDataFrame").nth(nth)
        cell = grid.get_by_test_id(f"glide-cell-{column + 1}-{row}")
        cell.wait_for(state="attached")
        return cell.text_content() or ""

    def settle(self) -> None:
        """Wait until the map is there and nothing runs."""
        self.page.locator(".civicsight-live").wait_for()
        until(self.page, "document.querySelector('.civicsight-panel') !== null")
        self.rest()

    def rest(self) -> None:
        """Wait until what is on the screen is what the last act led to."""
        self.page.locator("[data-stale=true]").first.wait_for(state="detached")
        self.page.locator("[data-test-script-state=notRunning]").first.wait_for()

    def pixel(self, lng: float, lat: float) -> tuple[float, float]:
        """Return where a place is on the screen, by the view that the address states."""
        box = self.page.locator(".civicsight-live").bounding_box()
        assert box is not None
        at = re.search(r"at=([-.\d]+),([-.\d]+),([.\d]+)", self.page.url)
        assert at is not None
        middle = _mercator(float(at[2]), float(at[1]), float(at[3]))
        x, y = _mercator(lng, lat, float(at[3]))
        return (
            box["x"] + box["width"] / 2 + x - middle[0],
            box["y"] + box["height"] / 2 + y - middle[1],
        )

    def on_map(self, layer: str, label: str) -> bool:
        """Tell whether the map draws a feature."""
        found = self.page.evaluate(
            "([layer, label]) => { const found = civicsight.find(layer, label);"
            " return !!found && found.parts.some((p) => civicsight.layers[layer].hasLayer(p)); }",
            [layer, label],
        )
        return bool(found)


def private(project: Project, kind: str) -> Any:
    """Return the largest private place of a kind that is sure to be one, with a name if any has."""
    areas = edit_context_of(project).private.areas
    sure = areas[areas["kind"].eq(kind) & areas["confidence"].ge(0.9)]
    named = sure[sure["name"].notna()]
    sure = named if len(named) else sure
    return sure.loc[sure.area.idxmax()]


def inside(area: Any) -> tuple[float, float]:
    """Return a place inside of a private place [m]."""
    spot = shapely.point_on_surface(area.geometry)
    return float(spot.x), float(spot.y)


def position(area: Any) -> dict[str, str]:
    """Return the fields of a camera in a private place."""
    x, y = inside(area)
    return {"East x [m]": f"{x:.2f}", "North y [m]": f"{y:.2f}"}


def place_of(project: Project, part: str) -> shapely.Point:
    """Return where a part is [m]."""
    return shapely.point_on_surface(project.result.parts.geometry.loc[part])


def degrees(project: Project, spot: shapely.Point) -> tuple[float, float]:
    """Return longitude and latitude of a place."""
    turn = Transformer.from_crs(project.city.crs, "EPSG:4326", always_xy=True)
    lng, lat = turn.transform(spot.x, spot.y)
    return float(lng), float(lat)


def _mercator(lng: float, lat: float, zoom: float) -> tuple[float, float]:
    size = TILE_PX * 2.0**zoom
    y = math.log(math.tan(math.pi / 4.0 + math.radians(lat) / 2.0))
    return size * (lng / 360.0 + 0.5), size * (0.5 - y / (2.0 * math.pi))
