"""In which datum a file is: the rows drawn in each over the buildings, and read again as chosen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from civicsight.application.beginning import Beginning
from civicsight.application.inbox.entry import Asked, State
from civicsight.application.shift import shift_of
from civicsight.core.i18n import LANGUAGES, translate
from civicsight.io.datums import DATUM_NAMES
from civicsight.io.project import read_city
from civicsight.ui import bringing, columns
from civicsight.ui.pages import start
from civicsight.ui.shift import describe_shift
from tests.inbox_made import CAMERAS, end_of, opened, planner
from tests.made import seeded_cameras
from tests.test_datum_fit import as_datum
from tests.test_ui_pages_start import shown

LI = planner("Li")
COUNT = 40


@pytest.fixture(scope="module")
def begun(test_data):
    return Beginning(city=read_city(test_data("beijing_tsinghua"))[0])


@pytest.fixture
def box(tmp_path):
    with opened(tmp_path / "box") as inbox:
        yield inbox


def inventory(city, datum, head="lon,lat"):
    """Return cameras of streets, written in a datum that nothing names."""
    points = as_datum(seeded_cameras(city, COUNT, 3), datum).geometry
    rows = "".join(f"B{n},{point.x:.7f},{point.y:.7f}\n" for n, point in enumerate(points))
    return f"camera_id,{head}\n{rows}".encode()


def sent(box, begun, datum="gcj02", asked=CAMERAS, **options):
    entry = box.take(begun, LI, "cams.csv", inventory(begun.city, datum, **options), asked)
    assert end_of(entry).state is State.DONE, entry.error
    return entry


@pytest.mark.slow
def test_where_the_datum_is_doubtful_the_rows_are_shown_in_each(box, begun):
    entry = sent(box, begun)
    shift = shift_of(entry.intake)
    assert not entry.intake.is_sure
    assert (shift.claimed, shift.is_declared) == ("wgs84", False)
    wgs, gcj, bd = shift.readings
    assert gcj.inside.sum() == 0 < wgs.inside.sum()
    assert 500 < gcj.shift_m < 600 < bd.shift_m
    assert {len(one.places) for one in shift.readings} == {COUNT}
    said = str(describe_shift(shift, gcj))
    assert said.startswith(f"GCJ-02, {gcj.shift_m:.0f} m away. Of {COUNT} rows 0 lie inside")
    assert str(describe_shift(shift, wgs)).startswith("WGS 84, as it is read now.")


def test_the_picture_is_about_a_row_among_many(box, begun):
    shift = shift_of(sent(box, begun).intake)
    places = shift.readings[0].places
    near = [sum(one.distance(other) <= 200 for other in places) for one in places]
    assert near[shift.at] == max(near)


def test_what_is_sure_is_not_asked(box, begun):
    assert shift_of(sent(box, begun, "wgs84").intake) is None


def test_what_was_declared_can_be_looked_at(box, begun):
    for datum, claimed in (("gcj02", "gcj02"), ("cgcs2000", "wgs84")):
        asked = replace(CAMERAS, datum=datum)
        shift = shift_of(sent(box, begun, "gcj02" if datum == "gcj02" else "wgs84", asked).intake)
        assert (shift.claimed, shift.is_declared) == (claimed, True)
        assert min(shift.readings, key=lambda one: one.shift_m).datum == claimed


def test_what_the_headings_name_is_what_it_was_read_in(box, begun):
    intake = sent(box, begun, "bd09", head="lon (GCJ-02),lat (GCJ-02)").intake
    assert "look like BD-09, not GCJ-02" in str(
        next(one for one in intake.report.told() if one.is_loud)
    )
    assert shift_of(intake).claimed == "gcj02"
    parts = tuple(replace(part, datum="WGS 84, GCJ-02") for part in intake.report.parts)
    several = replace(intake, report=replace(intake.report, parts=parts))
    assert shift_of(several) is None


def page(monkeypatch, box, code):
    """Open the start page of Li, whose files lie in a box."""
    for module in (start, bringing):
        monkeypatch.setattr(module, "owner_of", lambda _who: LI)
    for module in (start, bringing, columns):
        monkeypatch.setattr(module, "inbox", lambda: box)
    return shown(monkeypatch, LI.actor, code)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_person_sees_them_and_decides(monkeypatch, box, begun, code):
    entry = sent(box, begun, asked=Asked())
    test = page(monkeypatch, box, code)
    shift = shift_of(entry.intake)
    told = [translate(describe_shift(shift, reading), code) for reading in shift.readings]
    assert [one.value for one in test.text if one.value in told] == told
    pictures = [one.proto.body for one in test.get("html") if "<img" in one.proto.body]
    assert [any(text in picture for picture in pictures) for text in told] == [True] * 3
    assert folded(test, code) is False
    label = translate(columns.N_("It is %(datum)s: read again", datum=DATUM_NAMES["gcj02"]), code)
    next(one for one in test.button if one.label == label).click()
    test.run()
    assert end_of(entry).intake.is_sure
    assert (entry.asked.datum, entry.asked.kind) == ("gcj02", "cameras")
    test.run()
    assert folded(test, code) is True
    assert not [one for one in test.button if one.label == label]


def folded(test, code):
    """Tell whether the pictures are folded."""
    title = translate(columns.N_("Which datum? Where the rows lie in each"), code)
    (found,) = [one for one in test.get("expander") if one.label == title]
    return not found.proto.expanded


def test_without_the_file_it_is_said_how_to_go_on(monkeypatch, box, begun):
    entry = sent(box, begun)
    box._release(entry)
    test = page(monkeypatch, box, "en")
    assert "To take it so, declare it above and send the file again." in [
        one.value for one in test.text
    ]
