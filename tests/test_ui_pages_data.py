"""The page of the data: what they lack, and the files that a planner brings in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from civicsight.application import accounts, intake
from civicsight.application.inbox import desk
from civicsight.application.inbox.entry import Asked, Owner
from civicsight.application.settling import USUAL, Choice, put_in, record_of, rows_of, settled_by
from civicsight.core.errors import N_, InputError
from civicsight.core.i18n import LANGUAGES, translate
from civicsight.inventory import take_census
from civicsight.inventory.difference import WHAT
from civicsight.io.project_file import load_city
from civicsight.model.notes import noted
from civicsight.model.provenance import Provenance
from civicsight.planning.statement.figures import ROWS
from civicsight.report.census import summary_of
from civicsight.report.quality.limits import quality_of
from civicsight.store import Actor, Role
from civicsight.ui import bringing, mapview
from civicsight.ui.access import signin
from civicsight.ui.access.uploads import UPLOADS, Coming
from civicsight.ui.access.visits import VISITS
from civicsight.ui.pages import PAGES
from tests.inbox_made import Held, end_of
from tests.ui_made import add_cheaply, make_project, open_page
from tests.waiting import wait_until

PAGE = next(one for one in PAGES if one.code == "data")


@pytest.fixture
def project(tmp_path):
    return make_project(tmp_path, label="School")


@pytest.fixture
def box(tmp_path, monkeypatch):
    """The inbox of this process, whose files are read when a test says so."""
    monkeypatch.setenv("CIVICSIGHT_CACHE_DIR", str(tmp_path / "cache"))
    desk.close_inbox()
    box = desk.inbox()
    box._read = Held()
    yield box
    desk.close_inbox()
    UPLOADS.offered.clear()


@pytest.fixture
def me():
    """Whoever plans on this machine."""
    return Owner(Actor(signin.local_name(), Role.PLANNER, user=signin.system_user()))


def csv_of(city, *names):
    spot = city.extent.centroid
    rows = "".join(f"{name},{spot.x},{spot.y},4.5\n" for name in names or ("new-1", "new-2"))
    return f"camera_id,x,y,height_m\n{rows}"


def take(folder, city, text, *, name="cams.csv", kind="cameras", datum=""):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return intake.take_in(city, path, kind=kind, declared=Asked(datum=datum).declared)


def done(box, project, me, *intakes):
    """Have files in the inbox of which is known what is in them."""
    box._read = lambda entry, *_: intakes[int(entry.name)]
    for number in range(len(intakes)):
        end_of(box.take(project, me, str(number), b"x", Asked()))


def test_the_table_says_what_the_data_lack(project):
    rows = intake.quality_rows(project.city, project.rules, lambda text: translate(text, "en"))
    limits = quality_of(project.city, rules=project.rules).limits
    assert [row[1] for row in rows] == [translate(limit.lack, "en") for limit in limits]
    assert all(row[4] and row[5] for row in rows)


def test_a_file_is_read_into_the_project_which_stays_as_it_is(project, tmp_path):
    before, told = len(project.city.cameras), []
    path = tmp_path / "cams.csv"
    path.write_text(csv_of(project.city), encoding="utf-8")
    taken = intake.take_in(
        project.city, path, kind="cameras",
        progress=lambda step, _share: told.append(str(step)),
    )  # fmt: skip
    assert (taken.report.read, taken.report.kept) == (2, 2)
    assert taken.report.source == "cams.csv"
    assert told == ["is being read", "is compared with the project"]
    assert len(project.city.cameras) == before
    path = tmp_path / "project.gpkg"
    path.write_bytes(intake.project_file(taken.city))
    assert {"new-1", "new-2"} <= set(load_city(path).cameras.index)
    assert len(taken.city.cameras) == before + 2


def test_what_is_broken_or_a_whole_city_is_refused(project, tmp_path):
    with pytest.raises(InputError):
        take(tmp_path, project.city, "camera_id,x,y\nnew,not a number,3\n")
    with pytest.raises(InputError, match="whole city"):
        take(tmp_path, project.city, '<?xml version="1.0"?><osm version="0.6"></osm>',
             name="x.osm", kind="")  # fmt: skip


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_rows_are_on_the_map_where_the_datum_puts_them(
    monkeypatch, project, box, me, code, tmp_path
):
    sent = []
    monkeypatch.setattr(mapview, "_MAP", lambda **arguments: sent.append(arguments["data"]))
    taken = take(tmp_path, project.city, csv_of(project.city))
    placed = taken.placed
    assert set(placed.index) == {
        *map(str, taken.edits.layer("cameras").added.index),
        *(entry.label for entry in taken.edits.layer("cameras").reshaped),
    }
    assert all(taken.city.cameras.geometry[label].equals(at) for label, at in placed.items())
    done(box, project, me, replace(taken, datum="gcj02"))
    test = open_page(monkeypatch, project, PAGE, code)
    assert not test.exception
    assert any("GCJ-02" in one.value for one in test.text)
    group = sent[-1]["group"]
    assert group["layers"][0]["key"].endswith("taken")
    west, south, east, north = placed.to_crs("EPSG:4326").total_bounds
    lat, lng = group["fly"]["at"]
    assert south <= lat <= north
    assert west <= lng <= east


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_planner_brings_files_in_and_others_read_who_does(
    monkeypatch, project, box, me, code, tmp_path
):
    test = open_page(monkeypatch, project, PAGE, code)
    assert not test.exception
    assert len(test.selectbox) == 2
    test.button[-1].click().run()
    assert test.error
    done(box, project, me, take(tmp_path, project.city, csv_of(project.city)))
    test.run()
    assert not test.exception
    assert any("new-1" in one.value for one in test.text)
    reviewer = open_page(monkeypatch, project, PAGE, code, actor=Actor("Wang", Role.REVIEWER))
    assert not reviewer.selectbox
    assert reviewer.info


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_planner_sees_where_his_files_are_and_ends_them(monkeypatch, project, box, me, code):
    test = open_page(monkeypatch, project, PAGE, code)
    (session,) = UPLOADS.offered
    monkeypatch.setattr(UPLOADS, "coming", [Coming(UPLOADS, session, 5_000_000, 1_500_000)])
    one, two = (box.take(project, me, name, b"x", Asked()) for name in ("one.csv", "two.csv"))
    wait_until(lambda: box._read.begun)
    box.take(project, replace(me, visit="other"), "hidden.csv", b"x", Asked())
    one.report(N_("is compared with the project"), 0.25)
    test.run()
    told = [text.value for text in test.text]
    for text in (N_("A file is being sent: %(came)s of %(size)s MB", came="1.5", size="5.0"),
                 N_("is compared with the project"),
                 N_("waits for its turn: place %(place)s of %(of)s", place=1, of=2)):  # fmt: skip
        assert any(translate(text, code) in line for line in told), told
    assert not any("hidden" in line for line in told)
    test.button(f"cancel-{two.id}").click().run()
    assert two.state == "cancelled"
    test.button(f"cancel-{one.id}").click().run()
    assert end_of(one).state == "cancelled"
    test.run()
    test.button(f"away-{one.id}").click().run()
    assert box.of_visit(me) == [two]
    assert not test.exception


def test_signing_out_ends_what_is_read_and_what_waits(monkeypatch, project, box, tmp_path):
    li = Actor("Li", Role.PLANNER)
    monkeypatch.setenv("CIVICSIGHT_ACCOUNTS", str(tmp_path / "accounts.json"))
    add_cheaply(monkeypatch, tmp_path / "accounts.json", li)
    salt = accounts.read_accounts(tmp_path / "accounts.json")["Li"].salt
    token, _ = VISITS.begin(("Li", salt))
    monkeypatch.setattr(signin, "_token", lambda: token)
    test = open_page(monkeypatch, project, PAGE, "en")
    owner = Owner(li, signin.this_visit(), signin.standing(li))
    reads, waits = (box.take(project, owner, name, b"x", Asked()) for name in ("one", "two"))
    wait_until(lambda: box._read.begun)
    test.run()
    assert any("one" in text.value for text in test.text)
    test.button("sign_out").click().run()
    assert waits.state == "cancelled"
    assert end_of(reads).state == "cancelled"
    assert box.of_visit(owner) == []
    assert not list(box.folder.iterdir())
    assert not UPLOADS.offered


@pytest.mark.parametrize("code", LANGUAGES)
def test_why_a_file_was_refused_is_said(monkeypatch, project, box, me, code):
    box._read = desk.read_entry
    end_of(box.take(project, me, "bad.csv", b"camera_id,x,y\nnew,not a number,3\n",
                    Asked("cameras")))  # fmt: skip
    test = open_page(monkeypatch, project, PAGE, code)
    assert test.error[0].value == translate(bringing.STAYS, code)
    assert any("bad.csv" in one.value and "not a number" in one.value for one in test.text)
    (session,) = UPLOADS.offered
    UPLOADS.told[session] = N_("at most %(size)s MB", size=3)
    test.run()
    assert any(one.value == translate(N_("at most %(size)s MB", size=3), code) for one in test.text)


def test_several_files_become_one_project(monkeypatch, project, box, me, tmp_path):
    taken = [take(tmp_path, project.city, csv_of(project.city, name)) for name in ("a-1", "b-1")]
    done(box, project, me, *taken)
    test = open_page(monkeypatch, project, PAGE, "en")
    assert test.selectbox[-1].options == ["0", "1"]
    test.button[-1].click().run()
    assert not test.exception
    _, content = test.session_state["data.made"]
    path = tmp_path / "project.gpkg"
    path.write_bytes(content)
    assert {"a-1", "b-1"} <= set(load_city(path).cameras.index)
    assert any("civicsight-download" in one.body for one in test.get("html"))


def test_a_doubtful_place_is_not_offered_before_the_datum_is_declared(
    monkeypatch, project, box, me, tmp_path
):
    taken = take(tmp_path, project.city, csv_of(project.city))
    assert taken.is_sure
    shift = noted("datum.shift", N_("off by 500 m"))
    doubtful = replace(taken, report=replace(taken.report, notes=(shift,)))
    assert not doubtful.is_sure
    assert replace(doubtful, datum="gcj02").is_sure
    done(box, project, me, doubtful)
    test = open_page(monkeypatch, project, PAGE, "en")
    assert not test.exception
    assert any("Declare the datum" in one.value for one in test.text)
    assert not any(one.label.startswith("Write the project") for one in test.button)


def shorter_list(city, high=6.5):
    """Return the first camera of a project, higher, as a list."""
    label, row = next(iter(city.cameras.iterrows()))
    spot = row.geometry
    rows = (f"{label},{spot.x},{spot.y},{high}", f"new-1,{spot.x + 40},{spot.y},4")
    return "\n".join(("camera_id,x,y,height_m", *rows, ""))


def test_rows_are_words(project, tmp_path):
    taken = take(tmp_path, project.city, shorter_list(project.city))
    rows = rows_of(taken.against, {what: what.upper() for what in USUAL}, str)
    height = rows[rows["column"].eq("Height [m]")]
    assert list(height["new"]) == ["6.5"]
    assert set(rows["what"]) <= {what.upper() for what in USUAL}


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_page_says_what_is_missing_and_keeps_what_was_settled(
    monkeypatch, project, box, me, code, tmp_path
):
    taken = take(tmp_path, project.city, shorter_list(project.city))
    missing = take_census(taken.against).states["missing"]
    done(box, project, me, taken)
    test = open_page(monkeypatch, project, PAGE, code)
    assert not test.exception
    assert any(f"{missing}" in one.value and "cams.csv" not in one.value for one in test.text)
    kinds = {one.key.split(".")[1]: one for one in test.radio}
    assert kinds["missing"].value == ""
    assert kinds["added"].value == "take"
    kinds["missing"].set_value("keep").run()
    settled = take_census(settled_by(taken.against, Choice(USUAL | {"missing": "keep"}, "x", "")))
    told = str(summary_of(taken.against, settled)[1])
    assert code != "en" or any(told in one.value for one in test.text)
    test.text_input(next(one.key for one in test.text_input if one.key.startswith("settle.reason")))
    next(one for one in test.button if one.key and one.key.startswith("settle.book")).click().run()
    assert any("reconciliation.xlsx" in one.body for one in test.get("html"))
    test.button[-1].click().run()
    assert not test.exception
    path = tmp_path / "project.gpkg"
    path.write_bytes(test.session_state["data.made"][1])
    city = load_city(path)
    assert "new-1" in city.cameras.index
    kept = city.changes[city.changes["what"].eq("missing")]
    assert len(kept) == missing
    assert set(kept["decision"]) == {"keep"}
    assert set(kept["decided_by"]) == {me.actor.name}
    test = open_page(monkeypatch, replace(project, city=city), PAGE, code)
    assert not test.exception
    record = next(one.value for one in test.dataframe if "new-1" in set(one.value.iloc[:, 0]))
    assert len(record) == len(city.changes)
    assert me.actor.name in set(record.iloc[:, 7])


def test_values_are_words(project, tmp_path):
    label, row = next(iter(project.city.cameras.iterrows()))
    x, y = row.geometry.x, row.geometry.y
    listed = take(tmp_path, project.city, f"camera_id,x,y,kind,usable\n{label},{x},{y},ptz,false\n")
    words = rows_of(listed.against, WHAT, lambda text: translate(text, "zh_CN"))
    assert {"云台（PTZ）", "否"} <= set(words["new"])
    changed = put_in(project.city, found=listed.against, choice=Choice(USUAL, "Li", "2026-01-01"))
    told = record_of(changed, lambda text: translate(text, "zh_CN"))
    assert "ptz" not in set(told["new"])
    assert set(told["decision"]) == {"按清单"}


@pytest.mark.parametrize("code", LANGUAGES)
def test_of_each_file_it_is_said_what_could_not_be_read(monkeypatch, project, code):
    note = Provenance(
        "cameras",
        "点位台账.xlsx",
        imported_on="2026-11-29",
        read=40,
        kept=38,
        rejected=2,
        repaired=7,
    )
    city = replace(project.city, provenance=(note,))
    test = open_page(monkeypatch, replace(project, city=city), PAGE, code)
    shown = test.dataframe[0].value
    heads = ("File", *map(str, ROWS.values()))
    cells = [shown[translate(head, code)].tolist() for head in heads]
    assert cells == [["点位台账.xlsx"], ["40"], ["38"], ["7"], ["2"], ["0"], ["0"]]


def test_a_project_keeps_how_much_of_a_file_could_not_be_taken(project, tmp_path):
    """A row that was left out is a number of the project, not of the visit that left it out."""
    path = tmp_path / "cams.csv"
    path.write_text(csv_of(project.city) + "new-3,nowhere,3,tall\n", encoding="utf-8")
    taken = intake.take_in(project.city, path, kind="cameras", keep_good=True)
    (note,) = intake.together(project.city, [taken]).provenance[len(project.city.provenance) :]
    assert (note.source, note.read, note.kept) == ("cams.csv", 3, 2)
    assert note.rejected == 1 < len(taken.report.rejected)
