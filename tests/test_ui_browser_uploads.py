"""A planner brings files in over the network, in a browser; a reviewer is told who does."""

from __future__ import annotations

import pytest
from pyproj import Transformer

from civicsight.application import accounts
from civicsight.core.errors import N_
from civicsight.io import load_city
from civicsight.io.project_file import save_city
from civicsight.store import Actor, Role
from civicsight.ui.bringing import STAYS
from tests.caches import own_cache
from tests.inbox_made import TOWN, rows_of
from tests.result_factory import make_result
from tests.ui_journey import browser_of, come_in
from tests.ui_made import PASSWORD
from tests.ui_server import free_port, leaving, serving
from tests.waiting import wait_until

pytestmark = pytest.mark.browser

OPENED_MS = 240_000
LI, WANG = Actor("Li Wei", Role.PLANNER), Actor("Wang Fang", Role.REVIEWER)
IN_VIEW = """() => {
  const found = window.civicsight?.find("edited_taken", "new-1");
  if (!found) return false;
  const part = found.parts[0], map = part._map, size = map && map.getSize();
  const at = map && map.latLngToContainerPoint(part.getLatLng());
  return at && at.x > size.x / 4 && at.x < 3 * size.x / 4 && at.y > 0 && at.y < size.y;
}"""
"""A camera that was brought in is in the middle of the map."""

USED = "%(kept)s of %(read)s rows can be used"
WHO_DOES = N_(
    "Files are brought in by a municipal planner: on this page, or with 'civicsight import' "
    "on the command line."
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bringing")
    for actor in (LI, WANG):
        accounts.add_account(folder / "accounts.json", actor, PASSWORD)
    save_city(make_result(TOWN).city, folder / "town.gpkg")
    return folder


@pytest.fixture(scope="module")
def app(folder):
    settings = {
        "CIVICSIGHT_PROJECT": str(folder / "town.gpkg"),
        "CIVICSIGHT_CACHE_DIR": str(own_cache(folder)),
    }
    with serving(folder, free_port(), **settings) as address:
        yield address


@pytest.fixture
def company(app, browser):
    with browser_of(browser) as running:
        yield lambda language, actor: come_in(running, app, language, actor.name)


def register_of(count):
    """Return a register of places in the middle of the town."""
    city = make_result(TOWN).city
    turn = Transformer.from_crs(city.crs, "EPSG:4326", always_xy=True)
    lon, lat = turn.transform(city.extent.centroid.x, city.extent.centroid.y)
    rows = "".join(f"p{n},School {n},141200,{lon + n / 1e5:.6f},{lat:.6f}\n" for n in range(count))
    return f"place_id,name,typecode,lon,lat\n{rows}".encode()


def choose(person, **files):
    """Choose files in the field, and wait until they are there."""
    if person.page.locator("summary", has_text=person.translate("More files")).count():
        person.unfold("More files")  # those that are read stand above it
    field = person.page.locator("input[type=file]").first
    field.set_input_files(
        [{"name": f"{name}.csv", "mimeType": "text/csv", "buffer": text}
         for name, text in files.items()]
    )  # fmt: skip
    for name in files:
        person.page.get_by_test_id("stFileChipName").get_by_text(f"{name}.csv").wait_for()
    person.page.get_by_test_id("stFileChipIconSpinner").first.wait_for(state="detached")


@pytest.mark.parametrize("language", [pytest.param("en", marks=pytest.mark.slow), "zh_CN"])
@pytest.mark.slow
def test_a_planner_brings_in_a_register_and_an_inventory_and_takes_the_project(
    company, app, folder, language
):
    planner = company(language, LI)
    planner.page.get_by_text(TOWN, exact=True).first.wait_for(timeout=OPENED_MS)
    planner.turn_to("Data")
    planner.choose("Datum of their longitudes and latitudes", "WGS 84")
    choose(planner, register=register_of(3), inventory=rows_of("new-1", "new-2"))
    planner.press("Read and show")
    planner.sees(USED, kept="3", read="3")
    planner.sees(USED, kept="2", read="2")
    assert planner.page.get_by_test_id("stFileChipName").count() == 0
    planner.page.wait_for_function(IN_VIEW)
    choose(planner, broken=b"camera_id,x,y\nnew,not a number,3\n")
    planner.press("Read and show")
    planner.sees(STAYS)
    planner.press("Write it as a file")
    with planner.page.expect_download() as download:
        planner.page.get_by_role("link", name=planner.translate("Download")).click()
    taken = folder / f"taken-{language}.gpkg"
    download.value.save_as(taken)
    city = load_city(taken)
    assert {"new-1", "new-2"} <= set(city.cameras.index)
    assert {"p0", "p1", "p2"} <= set(city.places.index)
    planner.open("data")
    planner.sees(USED, kept="3", read="3")  # the same visit, in whatever window
    assert not leaving(planner.requests, app)
    planner.press("Sign out")
    planner.sees("Sign in")
    wait_until(lambda: not list((folder / "cache").rglob("*.csv")))


@pytest.mark.parametrize("language", ["en", pytest.param("zh_CN", marks=pytest.mark.slow)])
@pytest.mark.slow
def test_a_reviewer_reads_who_brings_files_in(company, language):
    reviewer = company(language, WANG)
    reviewer.page.get_by_text(TOWN, exact=True).first.wait_for(timeout=OPENED_MS)
    reviewer.turn_to("Data")
    reviewer.sees(WHO_DOES)
    assert reviewer.page.locator("input[type=file]").count() == 0
