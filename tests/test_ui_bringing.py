"""What the page for files asks and says: systems of coordinates, and which project stays open."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pyproj import CRS

from civicsight.application.inbox.entry import Asked, State
from civicsight.application.intake import asked_crs
from civicsight.core.errors import N_, InputError
from civicsight.core.i18n import translate
from civicsight.ui import bringing
from civicsight.ui.pages import PAGES, data
from tests.drawn import a_few
from tests.exchange_made import HOUSES, HOUSES_IN, by_gdal, zipped
from tests.inbox_made import CAMERAS, end_of, opened, planner, rows_of, town_project
from tests.result_town import TOWN_CRS
from tests.ui_made import open_page, texts_of

DATA = next(page for page in PAGES if page.code == "data")
LI = planner("Li")
BUILDINGS = Asked("buildings")
LABEL = N_("Coordinate system of files that name none, such as EPSG:4548")
AGAIN = N_("Name its coordinate system in the form above, and send the file again.")
STAYS = N_("The project that is open stays as it is: with the changes it becomes another one.")
WRITE = N_("Write it as a file")

NOWHERE = HOUSES.set_crs(None, allow_override=True).rename(columns={"building_id": "id"})
"""The houses in metres, and nothing that says whose."""

NAMELESS = {
    "DXF": HOUSES_IN["DXF in GBK"],
    "Shapefile": zipped("a.zip", by_gdal("a.shp", "ESRI Shapefile", NOWHERE)),
    "GPKG": by_gdal("a.gpkg", "GPKG", NOWHERE),
    "FlatGeobuf": by_gdal("a.fgb", "FlatGeobuf", NOWHERE),
    "FileGDB": zipped("a.gdb.zip", by_gdal("a.gdb", "OpenFileGDB", NOWHERE, layer="houses")),
    "GML": by_gdal("a.gml", "GML", NOWHERE),
    "MIF": zipped("a.zip", by_gdal("a.mif", "MapInfo File", NOWHERE, FORMAT="MIF")),
    "TAB": zipped("a.zip", by_gdal("a.tab", "MapInfo File", NOWHERE)),
    "GeoJSON": by_gdal("a.geojson", "GeoJSON", NOWHERE),
}
"""Files of each format that may name no coordinate system."""


@pytest.fixture
def box(tmp_path):
    with opened(tmp_path / "box") as inbox:
        yield inbox


def refused(entry):
    assert end_of(entry).state is State.REFUSED
    return entry.error.faults[0].code


@pytest.mark.filterwarnings("ignore:.crs. was not provided:UserWarning")
@pytest.mark.parametrize("name", a_few(NAMELESS, 2))
def test_a_file_without_a_system_is_refused_until_a_person_names_one(tmp_path, box, name):
    project = town_project(tmp_path)
    path = NAMELESS[name](tmp_path)
    entry = box.take(project, LI, path.name, path.read_bytes(), BUILDINGS)
    assert refused(entry) in {"crs.missing", "crs.metres"}
    assert entry.is_unplaced
    asked = replace(BUILDINGS, crs=asked_crs("4548"))
    entry = end_of(box.take(project, LI, path.name, path.read_bytes(), asked))
    assert entry.state is State.DONE, entry.error
    table = entry.intake.city.buildings
    added = table[~table.index.isin(project.city.buildings.index)].geometry
    assert added.crs == TOWN_CRS
    assert added.union_all().symmetric_difference(HOUSES.union_all()).area < 1


@pytest.mark.parametrize("text", ["EPSG:4548", " epsg : 4548", "4548", "\uff14\uff15\uff14\uff18"])
def test_a_system_is_named_by_its_number(text):
    assert asked_crs(text) == CRS.from_epsg(4548)
    assert asked_crs(" ") is None


@pytest.mark.parametrize(
    "text", ["999999", "CGCS2000", "+init=/etc/passwd:1", "+proj=utm +zone=50", "EPSG:45480000"]
)
def test_what_is_no_number_of_a_system_is_refused_and_nothing_looked_up(text):
    with pytest.raises(InputError) as caught:
        asked_crs(text)
    (fault,) = caught.value.faults
    assert (fault.code, fault.found) == ("app.crs", text)
    assert str(fault.remedy)


def page(monkeypatch, box, project, code):
    """Open the page for files of Li, whose files lie in a box."""
    monkeypatch.setattr(bringing, "inbox", lambda: box)
    monkeypatch.setattr(bringing, "owner_of", lambda _who: LI)
    return open_page(monkeypatch, project, DATA, code)


@pytest.mark.parametrize("code", ["en", "zh_CN"])
def test_the_page_asks_for_a_system_once_a_file_was_refused_for_want_of_it(
    tmp_path, monkeypatch, box, code
):
    project = town_project(tmp_path)
    label, again = (translate(text, code) for text in (LABEL, AGAIN))
    test = page(monkeypatch, box, project, code)
    assert label not in texts_of(test, ("text_input",))
    path = NAMELESS["DXF"](tmp_path)
    end_of(box.take(project, LI, path.name, path.read_bytes(), BUILDINGS))
    test = page(monkeypatch, box, project, code)
    assert label in texts_of(test, ("text_input",))
    assert again in texts_of(test, ("text",))


def read(test):
    """Have what is chosen read."""
    label = translate(N_("Read and show"), "en")
    next(one for one in test.button if one.label == label).click().run()
    assert not test.exception


def test_a_number_of_no_system_loses_no_file_that_was_chosen(tmp_path, monkeypatch, box):
    project = town_project(tmp_path)
    path = NAMELESS["DXF"](tmp_path)
    end_of(box.take(project, LI, path.name, path.read_bytes(), BUILDINGS))
    test = page(monkeypatch, box, project, "en")
    chosen = next(one for one in test.get("file_uploader") if "data.files" in one.id)
    chosen.set_value([("new.csv", rows_of("new-1"), "text/csv")])
    test.text_input(key=bringing.SYSTEM).set_value("999999")
    read(test)
    assert "999999" in " ".join(texts_of(test, ("text",)))
    test.text_input(key=bringing.SYSTEM).set_value("4548")
    read(test)
    assert [end_of(one).name for one in box.of_visit(LI)] == [path.name, "new.csv"]


@pytest.mark.slow
@pytest.mark.parametrize("code", ["en", "zh_CN"])
def test_the_page_says_that_the_open_project_stays_and_how_the_new_one_is_opened(
    tmp_path, monkeypatch, box, code
):
    project = town_project(tmp_path)
    end_of(box.take(project, LI, "cams.csv", rows_of("new-1"), CAMERAS))
    test = page(monkeypatch, box, project, code)
    stays, write = translate(STAYS, code), translate(WRITE, code)
    assert stays in texts_of(test, ("text",))
    next(button for button in test.button if button.label == write).click()
    said = texts_of(test.run(), ("text",))
    assert stays in said
    assert any("civicsight app --project" in text for text in said)
    assert translate(data.OPEN, code) in said
    assert "new-1" not in project.city.cameras.index
