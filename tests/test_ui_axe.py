"""Every page can be read and used by everybody: axe, the keyboard, two sizes of screen."""

from __future__ import annotations

import os
from itertools import product

import pytest

from civicsight.application.accounts import add_account
from civicsight.core.i18n import HTML_LANGUAGE, LANGUAGES, translate
from civicsight.io.project_file import save_city
from civicsight.store import Actor, Role
from civicsight.ui.pages import PAGES
from tests.app_town import app_city
from tests.ui_made import PASSWORD
from tests.ui_server import browsing, free_port, leaving, serving
from tools import browser_assets

pytestmark = pytest.mark.browser

WAIT_MS = 120_000
RESTS, REST_MS = 5, 1_000
LAPTOP, TABLET = (1366, 768), (820, 1180)
QUICK = [("en", LAPTOP), ("zh_CN", TABLET)]
REST = [pair for pair in product(LANGUAGES, (LAPTOP, TABLET)) if pair not in QUICK]
VISITS = [*QUICK, *(pytest.param(*pair, marks=pytest.mark.slow) for pair in REST)]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
"""Rules of axe: WCAG 2.2 at level AA, and what is good practice beside it."""

GRAVE = """(rules) => axe.run(document, { runOnly: rules }).then((run) => run.violations
  .filter((found) => ["serious", "critical"].includes(found.impact)).flatMap(
    (found) => found.nodes.map((node) => found.id + ": " + node.html.slice(0, 120))))"""

WIDE = """() => ["stMain", "stMainBlockContainer", "stAppViewContainer"].filter((name) => {
  const box = document.querySelector(`[data-testid=${name}]`);
  return box.scrollWidth > box.clientWidth + 1;
}).concat(document.documentElement.scrollWidth > innerWidth ? ["page"] : [])"""
"""What can be scrolled to the side."""

CUT = """() => [...document.querySelectorAll(
    "button, label, h3, summary, [data-testid=stText], [data-testid=stMetricValue], nav a")]
  .filter((one) => one.offsetParent && getComputedStyle(one).overflowX !== "visible")
  .filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent)"""
"""Texts of which a part is hidden."""

OVER = """() => {
  const [map, side] = ["ground", "side"].map((name) => document.querySelector(`.st-key-${name}`));
  if (!map || !side) return [];
  const [a, b] = [map.getBoundingClientRect(), side.getBoundingClientRect()];
  const apart = a.right <= b.left + 1 || b.right <= a.left + 1 || a.bottom <= b.top + 1;
  return apart ? [] : ["the panel lies over the map"];
}"""

FOCUSED = """() => { const at = document.activeElement;
  const near = at.closest("label, summary, [data-testid=stDataFrame], .civicsight-live");
  const kind = at.closest(".civicsight-live") ? "map" : at.closest("[data-testid=stDataFrame]")
    ? "list" : at.closest("nav, [data-testid=stTopNavLinkContainer]") ? "pages" : at.localName;
  return [kind, at.getAttribute("aria-label") || at.labels?.[0]?.textContent
    || (near || at).textContent.slice(0, 80)]; }"""
"""What has the focus: where it lies, and what it is called."""


@pytest.fixture(scope="module")
def axe():
    path = browser_assets.FOR_TESTS / "axe-core" / "axe.min.js"
    if not path.is_file():
        reason = "set-up has not fetched axe-core; run `make setup`"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("axe")
    cache = os.environ.get("CIVICSIGHT_CACHE_DIR", str(folder / "cache"))
    project = str(save_city(app_city(), folder / "town.gpkg"))
    settings = {"CIVICSIGHT_PROJECT": project, "CIVICSIGHT_CACHE_DIR": cache}
    with serving(folder, free_port(), LOGNAME=folder.name, **settings) as address:
        yield address


@pytest.fixture(scope="module")
def opened(browser):
    with browsing(browser) as (page, requests):
        page.set_default_timeout(WAIT_MS)
        yield page, requests


@pytest.fixture
def tab(app, opened):
    """A page on which nothing failed to load and that asked nobody else for anything."""
    page, requests = opened
    failed = []

    def note(answer):
        if answer.status >= 400:
            failed.append((answer.status, answer.url))

    requests.clear()
    page.on("response", note)
    yield page
    page.remove_listener("response", note)
    assert not failed
    assert not leaving(requests, app)


def settle(tab):
    tab.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    tab.wait_for_load_state("networkidle")


def lasting(tab):
    """Return what axe complains of once the page has come to rest."""
    found = tab.evaluate(GRAVE, RULES)
    for _ in range(RESTS):
        if not found:
            break
        tab.wait_for_timeout(REST_MS)
        found = tab.evaluate(GRAVE, RULES)
    return found


def open_page(tab, app, axe, code, language="en", size=LAPTOP):
    tab.set_viewport_size({"width": size[0], "height": size[1]})
    tab.goto(f"{app}/{code}?lang={HTML_LANGUAGE[language]}")
    tab.locator("h3").first.wait_for()
    settle(tab)
    tab.evaluate(axe)


@pytest.mark.parametrize(("language", "size"), VISITS)
@pytest.mark.slow
def test_every_page_is_open_to_everybody(tab, app, axe, language, size):
    open_page(tab, app, axe, "", language, size)
    found = {}
    for page in PAGES:
        title = translate(page.title, language)
        link = tab.get_by_role("link", name=title, exact=True)
        if link.count():
            link.click()
        else:  # it does not fit into the line, and is in the menu at its end
            open_page(tab, app, axe, page.code, language, size)
        tab.get_by_role("heading", name=title, exact=True).wait_for()
        settle(tab)
        found[page.code] = [*lasting(tab), *tab.evaluate(WIDE), *tab.evaluate(CUT),
                            *tab.evaluate(OVER)]  # fmt: skip
    assert not {code: faults for code, faults in found.items() if faults}


@pytest.mark.slow
def test_so_is_what_opens_on_a_page(tab, app, axe):
    for code, row in (("plan", True), ("findings", True), ("review", False), ("report", False)):
        open_page(tab, app, axe, code)
        if row:
            tab.get_by_test_id("stDataFrame").first.click(position={"x": 18, "y": 53})
            settle(tab)
        for closed in tab.locator("details:not(.civicsight-panel) > summary").all():
            closed.click()
        settle(tab)
        assert lasting(tab) == [], code
        assert tab.evaluate(WIDE) == [], code


def go_to(tab, wanted, most=120):
    """Press Tab until something has the focus; return all that had it on the way."""
    passed = []
    for _ in range(most):
        tab.keyboard.press("Tab")
        passed.append(tuple(tab.evaluate(FOCUSED)))
        if wanted in passed[-1][1]:
            return passed
    raise AssertionError(passed)


@pytest.mark.slow
def test_the_keyboard_reaches_everything_in_order_and_draws(tab, app, axe):
    open_page(tab, app, axe, "plan")
    tab.locator(".civicsight-panel").wait_for()
    passed = go_to(tab, "Add a camera by numbers")
    kinds = [kind for kind, _ in passed]
    names = [name for _, name in passed]
    assert any("Plan on the map" in name for name in names)
    tool = next(at for at, name in enumerate(names) if "Select" in name)
    assert kinds.index("pages") < tool < kinds.index("map") < kinds.index("list")
    tab.keyboard.press("Enter")
    for field, value in (("East x", "30"), ("North y", "48"), ("Azimuth", "180")):
        go_to(tab, field)
        tab.keyboard.press("Control+A")
        tab.keyboard.type(value)
    go_to(tab, "Add the camera")
    tab.keyboard.press("Enter")
    tab.get_by_text("Changes not saved: 1").first.wait_for()
    tab.get_by_text("new camera 1", exact=True).filter(visible=True).first.wait_for()


@pytest.mark.slow
def test_so_is_the_way_in(tmp_path, opened, axe):
    page, _ = opened
    add_account(tmp_path / "accounts.json", Actor("Wang", Role.REVIEWER), PASSWORD)
    project = str(save_city(app_city(), tmp_path / "town.gpkg"))
    cache = os.environ.get("CIVICSIGHT_CACHE_DIR", str(tmp_path / "cache"))
    settings = {"CIVICSIGHT_PROJECT": project, "CIVICSIGHT_CACHE_DIR": cache}
    with serving(tmp_path, free_port(), **settings) as address:
        for language in LANGUAGES:
            open_page(page, address, axe, "plan", language, TABLET)
            assert page.evaluate(GRAVE, RULES) == []
            assert page.evaluate(WIDE) == []
