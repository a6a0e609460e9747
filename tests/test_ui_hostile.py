"""Hostile texts in every field, seen on every page and in every file: they stay texts."""

from __future__ import annotations

import csv
import os
from io import StringIO
from pathlib import Path

import pytest

from civicsight.core.i18n import HTML_LANGUAGE, translate
from civicsight.store import Role
from civicsight.ui.pages import PAGES
from tests.hostile import EVIL, LABEL, PEOPLE, SHORT, hostile_project
from tests.ui_server import browsing, free_port, leaving, serving, until

pytestmark = pytest.mark.browser

WAIT_MS = 120_000
HEADING_PX, ROW_PX = 36, 35

FOUND = """(evil) => {
  const found = [], loads = new Set(["href", "src", "action", "data", "poster", "xlink:href"]);
  const leads = (value) => { try { const url = new URL(value, document.baseURI);
    return url.host.includes(evil) || url.protocol === "javascript:"; } catch { return true; } };
  if (window.ran !== undefined) found.push("ran: " + window.ran);
  const look = (root) => root.querySelectorAll("*").forEach((element) => {
    if (element.shadowRoot) look(element.shadowRoot);
    for (const { name, value } of element.attributes) {
      if (name.startsWith("on") && value.includes("ran")) found.push(name + "=" + value);
      if (loads.has(name) && leads(value)) found.push(name + "=" + value);
      if (name === "srcdoc" && value.startsWith("<script>")) found.push("srcdoc");
    }
    const text = element.textContent, tag = element.localName;
    if (tag === "script" && text.startsWith("window.ran")) found.push("script " + text);
    if (element.dataset?.testid === "stMarkdownContainer" && /evil|window.ran/.test(text))
      found.push("markdown: " + text.slice(0, 80));
  });
  look(document);
  return found;
}"""
"""What a label made of itself in a document: nothing, if all is well."""


HOVERED = """() => {
  let count = 0;
  for (const layer of Object.values(civicsight.layers)) {
    for (const { data, k, parts } of Object.values(layer.byId || {})) {
      if (!data.titles) continue;
      parts[0].fire("mouseover", { latlng: L.latLng(data.at[k]), layer: parts[0] }, true);
      count += 1;
    }
  }
  return count;
}"""
"""Point at every feature of a map, one after the other."""

CHOSEN = """(key) => {
  const { data, k } = Object.values(civicsight.layers[key].byId)[0];
  civicsight.open(data, k, L.latLng(data.at[k]));
}"""
"""Choose the first feature of a layer, as a click on it does."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("hostile")


@pytest.fixture(scope="module")
def app(folder):
    cache = Path(os.environ.get("CIVICSIGHT_CACHE_DIR", folder / "cache"))
    settings = {
        "CIVICSIGHT_PROJECT": str(hostile_project(folder, cache)),
        "CIVICSIGHT_CACHE_DIR": str(cache),
        "LOGNAME": PEOPLE[Role.PLANNER].name,
    }
    with serving(folder, free_port(), **settings) as address:
        yield address


@pytest.fixture(scope="module")
def opened(browser):
    with browsing(browser, accept_downloads=True) as (page, requests):
        page.set_default_timeout(WAIT_MS)
        yield page, requests


@pytest.fixture
def tab(app, opened):
    """A page that has asked nobody else for anything, whatever a test did on it."""
    page, requests = opened
    requests.clear()
    yield page
    assert requests
    assert not leaving(requests, app)


def open_page(tab, app, code, lang="en"):
    tab.goto(f"{app}/{'' if code == PAGES[0].code else code}?lang={lang}")
    tab.locator("h3").first.wait_for()
    settle(tab)


def settle(tab):
    """Wait until the script has run and nothing is fetched any more."""
    tab.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    tab.wait_for_load_state("networkidle")


def stays_text(tab):
    settle(tab)
    for frame in tab.frames:
        assert frame.evaluate(FOUND, EVIL) == [], frame.url[:80]
    assert not tab.locator("[data-testid=stException]").count()


def tick(tab, row, table=0):
    """Click on a row of a table, which is painted and has no elements to name."""
    grid = tab.get_by_test_id("stDataFrame").nth(table)
    grid.click(position={"x": 18, "y": HEADING_PX + ROW_PX * row + ROW_PX // 2})
    settle(tab)


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.slow
def test_on_every_page(tab, app, language):
    open_page(tab, app, PAGES[0].code, HTML_LANGUAGE[language])
    for page in PAGES:
        title = translate(page.title, language)
        tab.get_by_role("link", name=title, exact=True).click()
        tab.get_by_role("heading", name=title, exact=True).wait_for()
        stays_text(tab)
        if not page.is_start:  # the one that names no project above all else
            assert EVIL in tab.locator("[data-testid=stText]").first.inner_text()


@pytest.mark.slow
def test_on_the_maps_and_in_what_is_chosen_there(tab, app):
    for code in ("home", "plan"):
        open_page(tab, app, code)
        until(tab, "window.civicsight?.layers?.cameras !== undefined")
        assert tab.evaluate(HOVERED) > 5
        assert EVIL in tab.locator(".civicsight-tip").inner_text()
        stays_text(tab)
        for layer in ("parts", "cameras"):
            tab.evaluate(CHOSEN, layer)
            stays_text(tab)


@pytest.mark.slow
def test_in_the_list_the_form_and_the_questions_of_the_editor(tab, app):
    open_page(tab, app, "plan")
    tick(tab, 0)
    tab.get_by_text("Place, direction and optics").click()
    stays_text(tab)
    tab.get_by_text("Add a camera by numbers").click()
    tab.get_by_label("East x").last.fill("120")
    tab.get_by_label("North y").last.fill("60")
    tab.get_by_role("button", name="Add the camera").click()
    question = tab.get_by_text("what is the room in")
    question.wait_for()
    assert EVIL in question.inner_text()
    stays_text(tab)


@pytest.mark.slow
def test_in_what_a_row_opens(tab, app):
    for code in ("findings", "duplicates", "compare"):
        open_page(tab, app, code)
        tick(tab, 0)
        stays_text(tab)


@pytest.mark.slow
def test_in_verdicts_and_what_is_asked_about_them(tab, app):
    open_page(tab, app, "compliance")
    tab.get_by_role("button", name="Judge by every article").click()
    tab.get_by_text("Select an article").first.wait_for()
    settle(tab)
    for row in range(5):
        tick(tab, row)
        if tab.get_by_test_id("stDataFrame").count() > 1:
            break
    tick(tab, 0, table=1)
    stays_text(tab)
    assert tab.get_by_test_id("stText").filter(has_text=EVIL).count() > 1


@pytest.mark.slow
def test_in_the_forms_of_the_review(tab, app):
    open_page(tab, app, "review")
    for closed in tab.get_by_test_id("stExpander").all():
        closed.locator("summary").click()
    stays_text(tab)
    tab.get_by_role("button", name="Start the joint review").click()
    tab.get_by_text("it is in the decision log").first.wait_for()
    stays_text(tab)


@pytest.mark.slow
def test_in_what_an_import_says_of_a_file(tab, app):
    open_page(tab, app, "data")
    heads = ["id", "name", "longitude", "latitude", LABEL]
    lines = [heads, [SHORT, LABEL, "115.9", "28.6", LABEL], [SHORT, LABEL, LABEL, "x", LABEL]]
    text = StringIO()
    csv.writer(text).writerows(lines)
    tab.locator("input[type=file]").first.set_input_files(
        {"name": f"{SHORT}.csv".replace("/", ""), "mimeType": "text/csv",
         "buffer": text.getvalue().encode()}
    )  # fmt: skip
    tab.get_by_test_id("stFileChipName").wait_for()
    tab.get_by_test_id("stFileChipIconSpinner").wait_for(state="detached")
    tab.get_by_role("button", name="Read and show").click()
    tab.get_by_text("The file was not taken").first.wait_for()
    stays_text(tab)
