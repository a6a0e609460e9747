"""Rows that were refused are mended in place, and the file is read again as it lies here."""

from __future__ import annotations

from dataclasses import replace

import pytest

from civicsight.application.inbox.entry import State
from civicsight.application.intake import project_file
from civicsight.application.mending import bad_cells, corrections_of
from civicsight.core.errors import N_
from civicsight.core.i18n import LANGUAGES, translate
from civicsight.io.project_file import load_city
from civicsight.io.source_options import Corrections
from civicsight.ui import mending
from tests.inbox_made import CAMERAS, end_of, opened, planner, town_project
from tests.result_factory import make_result
from tests.test_ui_columns import page
from tests.ui_made import texts_of

LI = planner("Li")
AGAIN = N_("Read again with these corrections")


@pytest.fixture
def project(tmp_path):
    return town_project(tmp_path)


@pytest.fixture
def box(tmp_path):
    with opened(tmp_path / "box") as inbox:
        yield inbox


def bad_rows(*heights):
    """Return an inventory with some heights, the second of its places unknown."""
    spot = make_result("School").city.extent.centroid
    rows = "".join(
        f"D{n},{'0' if n == 1 else spot.x + n},{'0' if n == 1 else spot.y},{height}\n"
        for n, height in enumerate(heights)
    )
    return f"camera_id,x,y,height_m\n{rows}".encode()


def sent(box, project, asked=CAMERAS, heights=("tall", "5", "4")):
    return end_of(box.take(project, LI, "c.csv", bad_rows(*heights), asked))


@pytest.mark.slow
def test_each_cell_for_which_a_row_was_refused_is_told_once(box, project):
    entry = sent(box, project)
    cells = bad_cells(entry)
    assert [(cell.where, cell.column, cell.found) for cell in cells] == [
        ("row 2", "height_m", "tall"), ("row 3", "x", "0, 0"), ("row 3", "y", "0, 0"),
    ]  # fmt: skip
    assert all(str(cell.expected) for cell in cells)
    good = sent(box, project, replace(CAMERAS, keep_good=True))
    assert good.state is State.DONE
    assert bad_cells(good) == cells, "also where the good rows were taken"


def test_a_place_far_away_is_mended_in_both_of_its_columns(box, project):
    entry = end_of(box.take(project, LI, "c.csv", bad_rows("4") + b"a,1000,1000,4\n", CAMERAS))
    assert [fault.code for fault in entry.error.faults] == ["place.far"]
    assert [(cell.where, cell.column) for cell in bad_cells(entry)] == [
        ("row 3", "x"), ("row 3", "y"),
    ]  # fmt: skip


def test_faults_of_the_whole_file_are_none_of_a_cell(box, project):
    entry = end_of(box.take(project, LI, "c.csv", b"camera_id,height_m\na,1\n", CAMERAS))
    assert entry.state is State.REFUSED
    assert bad_cells(entry) == []


def test_what_is_written_goes_over_what_was_written_before():
    before = Corrections({"row 2": {"a": "1", "b": "2"}}, "Wu")
    after = corrections_of({("row 2", "b"): " 3 ", ("row 4", "a"): "5", ("row 5", "a"): ""},
                           before, "Li")  # fmt: skip
    assert after == Corrections({"row 2": {"a": "1", "b": "3"}, "row 4": {"a": "5"}}, "Li")
    assert before.cells == {"row 2": {"a": "1", "b": "2"}}
    assert corrections_of({("row 2", "b"): ""}, before, "Li") is before


def writing(monkeypatch, texts):
    """Let somebody write into the last column of the table of cells."""
    seen = []

    def edit(frame, **options):
        seen.append((frame.copy(), options))
        frame.iloc[: len(texts), -1] = texts
        return frame

    monkeypatch.setattr(mending.st, "data_editor", edit)
    return seen


@pytest.mark.parametrize("code", LANGUAGES)
def test_on_the_page_cells_are_mended_and_the_rows_are_read(
    monkeypatch, box, project, tmp_path, code
):
    spot = make_result("School").city.extent.centroid
    entry = sent(box, project)
    seen = writing(monkeypatch, ["4.5", f"{spot.x}", f"{spot.y}"])
    test = page(monkeypatch, box, project, code)
    shown, options = seen[-1]
    assert options["disabled"] == list(shown.columns[:-1])
    assert shown.iloc[0, :3].tolist() == [
        translate(N_("row %(number)s", number=2), code), "height_m", "tall",
    ]  # fmt: skip
    next(one for one in test.button if one.label == translate(AGAIN, code)).click()
    test.run()
    assert not test.exception
    assert end_of(entry).state is State.DONE, entry.error
    assert entry.asked.corrections.by == "Li"
    saved = tmp_path / "saved.gpkg"
    saved.write_bytes(project_file(entry.intake.city))
    cameras = load_city(saved).cameras
    assert cameras.loc["D0", "height_m"] == 4.5
    assert cameras.loc["D0", "tags"] == {"height_m": "tall", "corrected_by": "Li"}
    test.run()
    said = "\n".join(texts_of(test, ("text",)))
    who = N_("%(who)s corrected it to: %(value)s.", who="Li", value="4.5")
    assert translate(who, code) in said


def test_where_nothing_is_written_nothing_is_read_again(monkeypatch, box, project):
    entry = sent(box, project)
    writing(monkeypatch, [])
    test = page(monkeypatch, box, project, "en")
    next(one for one in test.button if one.label == str(AGAIN)).click()
    test.run()
    assert "Nothing was written, so nothing was read again." in texts_of(test, ("error",))
    assert entry.turn == 0


def test_many_cells_are_folded_and_the_first_of_them_shown(monkeypatch, box, project):
    monkeypatch.setattr(mending, "MOST", 2)
    monkeypatch.setattr(mending, "FEW", 2)
    sent(box, project)
    seen = writing(monkeypatch, [])
    test = page(monkeypatch, box, project, "en")
    assert len(seen[-1][0]) == 2
    assert "The first 2 are shown." in texts_of(test, ("text",))
    (folded,) = [one for one in test.get("expander") if one.label == "Mend cells here (3)"]
    assert not folded.proto.expanded


def test_formulas_in_cells_are_inert(monkeypatch, box, project):
    sent(box, project, heights=("=1+1", "5", "4"))
    seen = writing(monkeypatch, [])
    page(monkeypatch, box, project, "en")
    assert seen[-1][0].iloc[0, 2] == "'=1+1"
