"""Columns of files in the app: understood, said otherwise, taught, and the file read again."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pytest
import shapely

from civicsight.application.beginning import Beginning
from civicsight.application.columns import mapping_of, understand
from civicsight.application.inbox.entry import Asked, Owner, State
from civicsight.cli.entry import OK, run
from civicsight.core.errors import N_, InputError
from civicsight.core.i18n import LANGUAGES, translate
from civicsight.io.project_file import save_city
from civicsight.io.source_options import ColumnMapping
from civicsight.io.tables.directions import SECTOR_TAG
from civicsight.io.tables.mapping_file import mapping_text
from civicsight.presentation.column_profiles import field_labels, value_labels
from civicsight.store import Actor, Denied, Role, open_store
from civicsight.ui import bringing, columns, directions
from civicsight.ui.pages import PAGES
from tests.inbox_made import BOUNDS, CAMERAS, end_of, opened, planner, town_project
from tests.result_factory import make_result
from tests.ui_made import open_page, texts_of

DATA = next(page for page in PAGES if page.code == "data")
LI = planner("Li")
GUESSED = Asked()
AGAIN = "Read again with this"


def unusual(**changes):
    """Return an inventory whose headings nobody knows, beside the middle of the town."""
    spot = make_result("School").city.extent.centroid
    kinds = changes.get("kinds", ("枪机", "会转的", "会转的"))
    rows = "".join(f"D{n},{spot.x + n},{spot.y},{kind},4.5\n" for n, kind in enumerate(kinds))
    return f"甲列,向东,向北,样子,净高\n{rows}".encode()


SAID = {"甲列": "camera_id", "向东": "x", "向北": "y", "样子": "kind", "净高": "height_m"}
TAUGHT = {("kind", "会转的"): "ptz"}


@pytest.fixture
def project(tmp_path):
    return town_project(tmp_path)


@pytest.fixture
def box(tmp_path):
    with opened(tmp_path / "box") as inbox:
        yield inbox


def files_in(box):
    return sorted(path.name for path in box.folder.rglob("*") if path.is_file())


def sent(box, project, content=None, asked=CAMERAS, owner=LI, name="表.csv"):
    return end_of(box.take(project, owner, name, unusual() if content is None else content, asked))


@pytest.mark.slow
def test_a_table_that_was_refused_stays_and_is_read_again_with_what_is_said_of_it(box, project):
    entry = sent(box, project)
    assert entry.state is State.REFUSED
    assert entry.error.faults[0].code == "table.missing_column"
    assert [one.header for one in entry.table.seen.columns] == list(SAID)
    assert files_in(box) == ["表.csv"]
    mapping = mapping_of(entry.table, SAID, {}, None)
    box.again(LI, entry.id, replace(entry.asked, mapping=mapping))
    assert end_of(entry).state is State.REFUSED
    (kind,) = [one for one in entry.table.seen.columns if one.meaning == "kind"]
    assert (kind.lost, kind.unread) == (2, (("会转的", 2),))
    mapping = mapping_of(entry.table, {}, TAUGHT, mapping)
    box.again(LI, entry.id, replace(entry.asked, mapping=mapping))
    assert end_of(entry).state is State.DONE, entry.error
    cameras = entry.intake.city.cameras.loc[["D0", "D1", "D2"]]
    assert cameras["kind"].tolist() == ["fixed", "ptz", "ptz"]
    assert cameras["height_m"].tolist() == [4.5] * 3
    assert entry.turn == 2
    box.put_away(entry)
    assert not files_in(box)


def test_the_mapping_is_the_file_that_the_command_line_writes_and_reads(
    box, project, tmp_path, capsys
):
    entry = sent(box, project)
    mapping = mapping_of(entry.table, SAID, TAUGHT, None)
    box.again(LI, entry.id, replace(entry.asked, mapping=mapping))
    assert end_of(entry).state is State.DONE
    text = mapping_text(entry.table.seen, entry.table.schema, mapping, language="en")
    source, ours, theirs = (tmp_path / name for name in ("表.csv", "ours.yaml", "theirs.yaml"))
    source.write_bytes(unusual())
    ours.write_text(text, encoding="utf-8")
    base = save_city(project.city, tmp_path / "town.gpkg")
    words = ["import", str(source), "--as", "cameras", "--into", str(base), "--mapping", str(ours)]
    assert run([*words, "--write-mapping", str(theirs), "--lang", "en"]) == OK
    assert theirs.read_text(encoding="utf-8") == text
    assert "D1" in capsys.readouterr().out


def test_what_is_no_table_or_is_damaged_leaves_nothing(box, project):
    for content in (b"\x00\x01\x02", b'camera_id,x,y\n"open,1,2\n'):
        entry = sent(box, project, content)
        assert (entry.state, entry.table, entry.kept) == (State.REFUSED, None, False)
    assert not files_in(box)
    with pytest.raises(InputError, match="still here"):
        box.again(LI, entry.id, CAMERAS)


def test_a_table_that_fits_several_kinds_is_said_to_be_one_of_them(box, project):
    entry = sent(box, project, b"x,y,name\n1,2,a\n", GUESSED)
    assert entry.state is State.REFUSED
    assert entry.error.faults[0].code == "table.kind"
    assert entry.kept
    box.again(LI, entry.id, replace(entry.asked, kind="entrances"))
    assert end_of(entry).table.kind == "entrances"


@pytest.mark.slow
def test_a_table_that_came_before_the_city_is_read_again_once_there_is_one(box, project, tmp_path):
    begun = Beginning()
    table = sent(box, begun, asked=GUESSED)
    assert (table.state, table.kept) == (State.REFUSED, True)
    city = save_city(project.city, tmp_path / "town.gpkg").read_bytes()
    assert sent(box, begun, city, GUESSED, name="town.gpkg").state is State.DONE
    mapping = mapping_of(table.table, SAID, TAUGHT, None)
    box.again(LI, table.id, replace(table.asked, kind="cameras", mapping=mapping))
    assert end_of(table).state is State.DONE, table.error
    assert "D2" in table.intake.city.cameras.index


def test_a_layer_of_buildings_makes_the_city_anew_with_what_is_said_of_it(box, tmp_path):
    shapes = [shapely.box(x, 3_170_000, x + 8, 3_170_009) for x in range(390_000, 390_200, 10)]
    path = tmp_path / "houses.gpkg"
    gpd.GeoDataFrame({"高程值": [9.0] * len(shapes)}, geometry=shapes, crs=32650).to_file(path)
    begun = Beginning()
    entry = sent(box, begun, path.read_bytes(), GUESSED, name="houses.gpkg")
    assert (entry.state, entry.table.kind, entry.table.known) == (State.DONE, "buildings", 0)
    assert begun.city.buildings["height_assumed"].all()
    mapping = mapping_of(entry.table, {"高程值": "height"}, {}, None)
    box.again(LI, entry.id, replace(entry.asked, mapping=mapping))
    assert end_of(entry).state is State.DONE, entry.error
    assert set(begun.city.buildings["height_m"]) == {9.0}
    assert entry.intake.city is begun.city


def test_who_lost_the_right_has_nothing_read_again(box, project):
    entry = sent(box, project)
    with open_store(project.store_path, create=True):
        pass
    with pytest.raises(InputError, match="still here"):
        box.again(planner("Wu"), entry.id, CAMERAS)
    gone = replace(LI, stands=lambda: False)
    with pytest.raises(Denied):
        box.again(gone, entry.id, CAMERAS)
    entry.owner = Owner(Actor("Li", Role.AUDITOR), LI.visit)
    with pytest.raises(Denied):
        box.again(entry.owner, entry.id, CAMERAS)
    assert entry.state is State.REFUSED


def test_what_is_kept_counts_for_its_person_and_yields_to_what_comes(tmp_path, project):
    size = len(unusual())
    bounds = replace(BOUNDS, person_bytes=2 * size, all_bytes=2 * size)
    with opened(tmp_path / "box", bounds) as box:
        entry = sent(box, project)
        assert entry.kept
        assert box.waiting_bytes("Li") == size
        assert sent(box, project, bytes(2 * size)).error.faults[0].code == "app.full"
        assert entry.kept, "who has too many himself is told so"
        sent(box, project, bytes(2 * size), owner=planner("Wu"))
        assert not entry.kept
        assert entry.table is not None
        assert not files_in(box)


def test_a_visit_that_ends_takes_what_is_kept_with_it(box, project):
    stands = [True]
    sent(box, project, owner=planner("Li", stands=lambda: bool(stands)))
    stands.clear()
    box.sweep()
    assert not files_in(box)


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(unusual())
    return understand(path, "cameras", GUESSED.declared)


def test_a_mapping_leaves_nothing_to_names(table):
    mapping = mapping_of(table, {**SAID, "净高": ""}, {}, None)
    assert set(mapping.columns) == set(table.schema.all_headers)
    assert (mapping.columns["x"], mapping.columns["height_m"]) == ("向东", "")
    assert (table.known, table.lost) == (0, 0)


def test_two_columns_are_not_the_same(table):
    with pytest.raises(InputError) as caught:
        mapping_of(table, {**SAID, "净高": "x"}, {}, None)
    (fault,) = caught.value.faults
    assert (fault.code, fault.field, fault.found) == ("app.columns", "x", "向东, 净高")


def test_a_word_means_nothing_that_its_column_cannot_hold(table):
    for value, place in (("tall", ("height_m", "高")), ("9999", ("height_m", "高"))):
        with pytest.raises(InputError) as caught:
            mapping_of(table, SAID, {place: value}, None)
        (fault,) = caught.value.faults
        assert (fault.code, fault.found) == ("mapping.word", value)


def test_a_word_means_what_was_said_last(table):
    before = ColumnMapping({}, {"kind": {"dome": ("会转的", "半圆")}, "mount": {"pole": ("杆",)}})
    words = mapping_of(table, SAID, TAUGHT | {("kind", "别的"): " "}, before).words
    assert words == {"kind": {"dome": ("半圆",), "ptz": ("会转的",)}, "mount": {"pole": ("杆",)}}


MONTHS = "camera_id,x,y,启用日期\na,{x},{y},2021年3月\nb,{x},{y},2019-06\nc,{x},{y},2023/5/1\n"


@pytest.mark.slow
@pytest.mark.parametrize("code", LANGUAGES)
def test_months_are_taught_as_days_once_each_and_then_their_rows_are_read(
    monkeypatch, box, project, code
):
    """An office writes when a camera began to the month; which day that is a person says."""
    middle = project.city.extent.centroid
    entry = sent(box, project, MONTHS.format(x=middle.x, y=middle.y).encode())
    assert {fault.field for fault in entry.error.faults} == {"启用日期"}
    test = page(monkeypatch, box, project, code)
    hint = translate(columns.HINTS["date"], code)
    fields = [one for one in test.text_input if one.placeholder == hint]
    assert len(fields) == 2
    for field, day in zip(fields, ("2021-03-01", "2019-06-01"), strict=True):
        field.input(day)
    press(test, translate(N_(AGAIN), code))
    assert end_of(entry).state is State.DONE, entry.error
    days = entry.intake.city.cameras["in_use_on"].astype(str)
    assert days[["a", "b", "c"]].tolist() == ["2021-03-01", "2019-06-01", "2023-05-01"]


def test_no_text_is_taught_as_a_day_that_is_none(table):
    for value in ("2021-03", "2021-02-30", "20210301"):
        with pytest.raises(InputError) as caught:
            mapping_of(table, SAID, {("in_use_on", "2021年3月"): value}, None)
        (fault,) = caught.value.faults
        assert (fault.code, fault.found) == ("mapping.word", value)


def test_a_file_that_was_refused_is_named_where_the_project_goes_on_without_it(
    monkeypatch, box, project
):
    middle = project.city.extent.centroid
    sent(box, project, f"camera_id,x,y\na,{middle.x},{middle.y}\n".encode(), name="good.csv")
    sent(box, project, b"camera_id,x,y\nb,here,there\n", name="bad.csv")
    test = page(monkeypatch, box, project, "en")
    assert "Not taken, and missing in what follows: bad.csv" in texts_of(test, ("text",))


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize(
    ("press_it", "read"),
    [("They are degrees: read again", [1, 4, 7]), ("They are these codes: read again", [])],
)
def test_small_whole_directions_are_drawn_in_both_readings_and_taken_with_a_click(
    monkeypatch, box, project, code, press_it, read
):
    """In GB/T 28181 1 is east, 4 north, 7 south-west; as degrees all three are almost north."""
    spot = project.city.extent.centroid
    rows = "".join(f"D{n},{spot.x + n},{spot.y},{turn}\n" for n, turn in enumerate((1, 4, 7)))
    entry = sent(box, project, f"camera_id,x,y,方向\n{rows}".encode())
    assert [fault.code for fault in entry.error.faults] == [directions.ASKED]
    test = page(monkeypatch, box, project, code)
    pictures = "".join(one.body for one in test.get("html") if "<img" in one.body)
    for name, turns in (
        ("Degrees clockwise from north", "1: 1°, 4: 4°, 7: 7°"),
        ("Codes of GB/T 28181, a sector of 45 degrees each", "1: 90°, 4: 0°, 7: 225°"),
    ):
        assert f"{translate(N_(name), code)}: {turns}" in pictures
    press(test, translate(N_(press_it), code))
    assert end_of(entry).state is State.DONE, entry.error
    cameras = entry.intake.city.cameras.loc[["D0", "D1", "D2"]]
    assert cameras["azimuth_deg"].dropna().tolist() == read
    sectors = [tags.get(SECTOR_TAG) for tags in cameras["tags"]]
    assert sectors == ([None] * 3 if read else ["90", "0", "225"])


def page(monkeypatch, box, project, code):
    """Open the page for files of Li, whose files lie in a box."""
    for module in (bringing, columns):
        monkeypatch.setattr(module, "inbox", lambda: box)
    monkeypatch.setattr(bringing, "owner_of", lambda _who: LI)
    return open_page(monkeypatch, project, DATA, code)


def choose(test, label, option):
    next(one for one in test.selectbox if one.label == label).select(option)


def press(test, label):
    next(one for one in test.button if one.label == label).click()
    test.run()
    assert not test.exception


@pytest.mark.parametrize("code", LANGUAGES)
def test_on_the_page_columns_are_said_and_words_taught_until_the_file_is_read(
    monkeypatch, box, project, code
):
    entry = sent(box, project)
    test = page(monkeypatch, box, project, code)
    say = lambda text, **values: translate(N_(text, **values), code)  # noqa: E731
    assert test.error[0].value == translate(bringing.STAYS, code)
    shown = test.dataframe[0].value
    assert shown[say("Column")].tolist() == list(SAID)
    assert set(shown[say("Taken as")]) == {say("kept as text without a meaning")}
    fields = field_labels(entry.table.schema, code)
    for number, meaning in enumerate(SAID.values(), 1):
        choose(test, say("What column %(number)s is", number=number), meaning)
    fourth = say("What column %(number)s is", number=4)
    (asked,) = [one for one in test.selectbox if one.label == fourth]
    assert asked.options == [say("not used"), *fields.values()]
    press(test, say(AGAIN))
    end_of(entry)
    test.run()
    assert say("Not understood in %(column)s:", column="样子") in texts_of(test, ("text",))
    words = value_labels(entry.table.schema, "kind", code)
    word = next(one for one in test.selectbox if one.label == say("What this value means"))
    assert word.options == [say("leave it as it is"), *words.values()]
    word.select("ptz")
    press(test, say(AGAIN))
    assert end_of(entry).state is State.DONE
    test.run()
    assert not test.error
    title = say("Columns: %(known)s of %(all)s understood", known=5, all=5)
    assert title in texts_of(test, ("expander",))


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_file_of_before_says_what_the_columns_are(monkeypatch, box, project, code):
    entry = sent(box, project)
    test = page(monkeypatch, box, project, code)
    label = translate(N_("Columns from a file of before (mapping.yaml)"), code)
    field = next(one for one in test.get("file_uploader") if one.label == label)
    field.set_value(("mapping.yaml", b"columns: {camera_id: nobody}\n", "text/yaml")).run()
    assert not test.exception
    assert any("nobody" in one.value for one in test.text)  # what it names is not there
    assert (entry.turn, entry.kept) == (0, True)
    columns = "".join(f"  {meaning}: {header}\n" for header, meaning in SAID.items())
    text = f"columns:\n{columns}words:\n  kind:\n    ptz: [会转的]\n"
    field = next(one for one in test.get("file_uploader") if one.label == label)
    field.set_value(("mapping.yaml", text.encode(), "text/yaml")).run()
    assert not test.exception
    assert end_of(entry).state is State.DONE, entry.error
    assert sorted(entry.intake.city.cameras.loc[["D0", "D1", "D2"], "kind"]) == [
        "fixed", "ptz", "ptz",
    ]  # fmt: skip


def test_two_columns_said_to_be_one_are_refused_on_the_page(monkeypatch, box, project):
    entry = sent(box, project)
    test = page(monkeypatch, box, project, "en")
    for number in (1, 2):
        choose(test, f"What column {number} is", "x")
    press(test, AGAIN)
    assert any("one column for each field" in one.value for one in test.text)
    assert (entry.turn, entry.kept) == (0, True)


def test_metres_under_degrees_are_read_again_in_the_system_that_is_named(monkeypatch, box, project):
    city = project.city
    spot = gpd.GeoSeries([city.extent.centroid], crs=city.crs).to_crs(32650)[0]
    entry = sent(box, project, f"camera_id,lon,lat\na,{spot.x},{spot.y}\n".encode())
    assert entry.error.faults[0].code == "place.metres"
    test = page(monkeypatch, box, project, "en")
    test.selectbox(key=f"columns-{entry.id}-0-2").select("x")
    test.selectbox(key=f"columns-{entry.id}-0-3").select("y")
    test.text_input(key=f"columns-{entry.id}-0-system").input("EPSG:32650")
    press(test, AGAIN)
    assert end_of(entry).state is State.DONE, entry.error
    assert entry.intake.city.cameras.geometry["a"].distance(city.extent.centroid) < 1


def test_another_kind_has_other_columns(monkeypatch, box, project):
    entry = sent(box, project)
    test = page(monkeypatch, box, project, "en")
    test.selectbox(key=f"columns-{entry.id}-0-kind").select("places")
    press(test, AGAIN)
    assert end_of(entry).table.kind == "places"
    assert entry.asked.mapping is None


def test_what_is_no_longer_here_is_shown_and_not_asked(monkeypatch, box, project):
    entry = sent(box, project)
    box._release(entry)
    test = page(monkeypatch, box, project, "en")
    assert not [one for one in test.button if one.label == AGAIN]
    gone = "Send the file again to say what its columns are: it is no longer here."
    assert gone in texts_of(test, ("text",))
