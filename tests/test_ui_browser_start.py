"""From files to a project in a browser, without the command line: begun, opened, gone on with."""

from __future__ import annotations

from dataclasses import replace

import pytest

from civicsight.application import accounts
from civicsight.io.guessing import LAYER_SCHEMAS
from civicsight.io.project_file import save_city
from civicsight.model import CAMERAS
from civicsight.presentation.column_profiles import field_labels
from civicsight.store import Actor, Role
from tests.caches import own_cache
from tests.inbox_made import TOWN, rows_of
from tests.result_factory import make_result
from tests.ui_journey import browser_of, come_in
from tests.ui_made import PASSWORD
from tests.ui_server import free_port, leaving, serving

pytestmark = pytest.mark.browser

LI = Actor("Li Wei", Role.PLANNER)
OPENED_MS = 240_000
USED = "%(kept)s of %(read)s rows can be used"
UNUSUAL = rows_of("n-1", "n-2").replace(b"camera_id,x,y", "camera_id,甲,乙".encode())
"""An inventory whose coordinates stand under headings that nobody knows."""

NAMES = {"en": "North county", "zh_CN": "北县"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("start")
    accounts.add_account(folder / "accounts.json", LI, PASSWORD)
    city = make_result(TOWN).city
    save_city(replace(city, cameras=CAMERAS.empty(city.crs)), folder / "town.gpkg")
    return folder


@pytest.fixture(scope="module")
def app(folder):
    settings = {
        "CIVICSIGHT_PROJECTS": str(folder / "projects"),
        "CIVICSIGHT_CACHE_DIR": str(own_cache(folder)),
    }
    with serving(folder, free_port(), **settings) as address:
        yield address


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_a_planner_begins_a_project_with_files_and_goes_on_with_it(app, browser, folder, language):
    with browser_of(browser) as running:
        planner = come_in(running, app, language, LI.name)
        planner.open("start")
        planner.sees("New project from files")
        planner.fill("Project name (defaults to the name of the city file)", NAMES[language])
        planner.page.locator("input[type=file]").first.set_input_files(
            [{"name": "cameras.csv", "mimeType": "text/csv", "buffer": UNUSUAL},
             {"name": "town.gpkg", "mimeType": "application/octet-stream",
              "buffer": (folder / "town.gpkg").read_bytes()}]
        )  # fmt: skip
        for name in ("cameras.csv", "town.gpkg"):
            planner.page.get_by_test_id("stFileChipName").get_by_text(name).wait_for()
        planner.page.get_by_test_id("stFileChipIconSpinner").first.wait_for(state="detached")
        planner.press("Read and show")
        fields = field_labels(LAYER_SCHEMAS["cameras"], language)
        for number, meaning in ((2, "x"), (3, "y")):
            label = planner.translate("What column %(number)s is", number=number)
            planner.page.get_by_role("combobox", name=label).click()
            planner.page.keyboard.type(fields[meaning])
            planner.page.get_by_role("option", name=fields[meaning], exact=True).click()
            planner.page.get_by_role("option").first.wait_for(state="detached")
        planner.press("Read again with this")
        planner.sees(USED, kept="2", read="2")
        planner.page.get_by_text(f"2 {planner.say('cameras')}").wait_for()
        planner.page.get_by_role(
            "img", name=planner.translate("The city as it was read, with what was added to it")
        ).wait_for()
        planner.press("Begin the project")
        planner.page.get_by_test_id("stMetric").first.wait_for(timeout=OPENED_MS)
        planner.page.get_by_text(NAMES[language], exact=True).first.wait_for()
        planner.open("")  # as after a reload: the visit goes on with what it had
        planner.page.get_by_test_id("stMetric").first.wait_for(timeout=OPENED_MS)
        planner.turn_to("Projects")
        planner.sees("First the city: OpenStreetMap (.osm.pbf), buildings, CityGML or a project, "
                     "with others beside it if you like (each at most 50 MB)")  # fmt: skip
        planner.press("Archive")
        planner.sees("The project was archived.")
        assert not leaving(planner.requests, app)
