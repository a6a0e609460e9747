"""Local coordinates in the app: parameters handed in once, read with, and kept nowhere."""

from __future__ import annotations

import pytest

from civicsight.application.inbox.entry import State
from civicsight.core.errors import N_
from civicsight.core.i18n import LANGUAGES, translate
from civicsight.store import Actor, Role
from civicsight.ui import bringing, columns, frame
from civicsight.ui.pages import PAGES
from tests.inbox_made import end_of, opened, planner, town_project
from tests.result_town import TOWN_CRS
from tests.test_local_systems import FOUR, into_four
from tests.ui_made import open_page, texts_of

DATA = next(page for page in PAGES if page.code == "data")
LI = planner("Li")
ROWS = FOUR | {"crs": TOWN_CRS.to_string()}
TABLE = "parameter,value\n" + "".join(f"{name},{value}\n" for name, value in ROWS.items())
READ = N_("Read and show")
HOLDS = "read as local coordinates"


@pytest.fixture
def project(tmp_path):
    return town_project(tmp_path)


@pytest.fixture
def box(tmp_path, monkeypatch):
    with opened(tmp_path / "box") as inbox:
        for module in (bringing, columns):
            monkeypatch.setattr(module, "inbox", lambda: inbox)
        monkeypatch.setattr(bringing, "owner_of", lambda _who: LI)
        yield inbox


def hand_in(test, text):
    field_of(test, "data.local").set_value(("local.csv", text.encode(), "text/csv")).run()
    assert not test.exception


def field_of(test, key):
    return next(one for one in test.get("file_uploader") if key in one.id)


def sent(test, box, text):
    """Send a list of cameras by the form of the page; return what became of it."""
    field_of(test, "data.files").set_value([("cams.csv", text.encode(), "text/csv")])
    next(
        one for one in test.button if one.label == translate(READ, test.query_params["lang"])
    ).click().run()
    assert not test.exception
    return end_of(box.of_visit(LI)[-1])


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_list_in_local_coordinates_lies_where_the_office_measured_it(
    monkeypatch, project, box, code
):
    place = project.city.extent.centroid
    north, east = into_four(place.x, place.y, ROWS)
    table = f"camera_id,X,Y,height_m\nnew,{north},{east},4\n"
    test = open_page(monkeypatch, project, DATA, code, actor=LI.actor)
    assert sent(test, box, table).error.faults
    hand_in(test, TABLE)
    assert "local.csv" in " ".join(texts_of(test, ("text",)))
    entry = sent(test, box, table)
    assert entry.state is State.DONE, entry.error
    assert entry.intake.city.cameras.geometry["new"].distance(place) < 0.001
    report = entry.intake.report.summary(code)
    assert "local.csv" in report
    said = f"{entry.intake!r} {report} {texts_of(test, ('text',))}"
    assert not [value for value in (FOUR["shift_north_m"], FOUR["rotation_s"]) if value in said]


@pytest.mark.usefixtures("box")
def test_parameters_are_of_whoever_handed_them_in_until_he_puts_them_away(monkeypatch, project):
    test = open_page(monkeypatch, project, DATA, "en", actor=LI.actor)
    hand_in(test, TABLE)
    monkeypatch.setattr(frame, "current_actor", lambda: Actor("Wang", Role.PLANNER))
    assert HOLDS not in " ".join(texts_of(test.run(), ("text",)))
    monkeypatch.setattr(frame, "current_actor", lambda: LI.actor)
    assert HOLDS in " ".join(texts_of(test.run(), ("text",)))
    test.button(key="data.local.away").click().run()
    assert HOLDS not in " ".join(texts_of(test, ("text",)))
    assert field_of(test, "data.local")


@pytest.mark.usefixtures("box")
def test_a_table_that_holds_no_parameters_is_refused_in_words(monkeypatch, project):
    test = open_page(monkeypatch, project, DATA, "en", actor=LI.actor)
    hand_in(test, TABLE.replace("shift_east_m,401234.567", "shift_east_m,far"))
    said = " ".join(texts_of(test, ("text", "error")))
    assert "a number in the unit of the parameter" in said
    assert HOLDS not in said
    hand_in(test, TABLE)
    assert HOLDS in " ".join(texts_of(test, ("text",)))
