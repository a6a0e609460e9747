"""What a stranger names and nothing heeds is refused before any work, in words: by the terminal.

Each row was tried on a small city, and passed in silence or was answered wrongly.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from civicsight.cli.entry import BAD_INPUT, OK, run
from civicsight.core.errors import N_, InputError, MismatchError
from civicsight.core.settings import present_day
from civicsight.coverage.check import check
from civicsight.coverage.result import STATES
from civicsight.coverage.standing import shown_parts
from civicsight.editing.commands import Aim, Remove
from civicsight.editing.projects import plans_beside
from civicsight.io import read_cameras, read_places, read_signs
from civicsight.io.datum_fit import Hypothesis, find_shifted
from civicsight.io.datums import from_wgs84
from civicsight.io.project_file import load_city, save_city
from civicsight.io.source_options import Declared
from civicsight.maps.plan import feature_layers
from civicsight.model.notes import NOTE_KINDS, keep_on, noted
from civicsight.planning.aims.request import Aims
from civicsight.planning.compliance import judge
from civicsight.planning.statement.figures import figures_of_check
from civicsight.planning.works.acceptance import POSE, accept, blind_zone_m
from civicsight.presentation.names import name_all
from civicsight.presentation.symbols import PART_STYLES
from civicsight.report.brief import brief_result
from civicsight.report.tables import make_tables
from civicsight.scene.nearness import SHIFT, reading_notes
from civicsight.ui.access import signin
from tests.app_town import RULES, app_city, app_result
from tests.drawn import a_few, every_other
from tests.test_handover import FAR, LI, NEAR, WEI, cameras_of, draw, hand

PLAN = "plan optimise CITY --plan-alone --no-pdf --out OUT "
KEPT = "--from FOLDER --out OUT "

NO_EFFECT = [
    (PLAN + "--plan other", "--plan: expected --store / --from beside it"),
    (PLAN + "--plan other --from FOLDER", "--plan: expected --store beside it"),
    (PLAN + "--as Li", "--as: expected --store beside it"),
    (PLAN + "--budget-of works", "--budget-of: expected --budget beside it"),
    (PLAN + "--policy POLICY", "--policy: expected --budget / --budget-table beside it"),
    (PLAN + "--budget 50000 --few-sites", "few new sites"),
    (PLAN + "--forbid 24.9384,60.1699,25", "lies outside the city"),
    ("plan options CITY --out OUT --plan other", "--plan: expected --store beside it"),
    ("plan options CITY --out OUT --as Li", "--as: expected --store beside it"),
    ("plan frontier CITY --out OUT --plan other", "--plan: expected --from beside it"),
    ("plan frontier CITY --out OUT --version 9", "--version: expected --from beside it"),
    ("plan frontier CITY --out OUT --from FOLDER --version 9", "one plan and no versions"),
    ("check CITY --out OUT --datum gcj02", "--datum: expected cameras beside it"),
    ("check CITY --out OUT --crs EPSG:4326", "crs: expected nothing: a saved project keeps"),
    ("plan verify FOLDER --version 7", "one plan and no versions"),
    ("plan verify FOLDER --plan other", "one plan and no versions"),
    ("plan verify FOLDER --cameras NONE.csv", "--cameras: expected --city beside it"),
    ("plan verify FOLDER --rules NONE.yaml", "--rules: expected --city beside it"),
    ("plan verify FOLDER --datum gcj02", "--datum: expected --city beside it"),
    ("plan ledger FOLDER --version 7", "one plan and no versions"),
    ("plan diff FOLDER", "the other plan"),
    ("plan diff FOLDER FOLDER --version 4", "one plan and no versions"),
    ("plan diff FOLDER FOLDER --plan other", "one plan and no versions"),
    ("plan years CITY --from FOLDER --version 5", "one plan and no versions"),
    ("plan export CITY --no-pdf " + KEPT + "--version 3", "one plan and no versions"),
    ("plan export CITY --no-pdf " + KEPT + "--scan POLICY", "a version that was approved"),
    ("plan fund CITY " + KEPT + "--version 3", "one plan and no versions"),
    ("plan progress FOLDER POLICY --version 3", "one plan and no versions"),
    ("gates answer CITY POLICY", "the list of gates that was written from this project"),
    ("specify CITY --out OUT --version 3", "--version: expected --of-plan beside it"),
    ("accept CITY --measured POLICY --out OUT --plan x", "--plan: expected --of-plan beside it"),
]
"""A command, and words of what it says; capitals are files."""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Return a city with a plan in a folder, and a table of aims."""
    folder = tmp_path_factory.mktemp("tries")
    found = SimpleNamespace(city=folder / "city.gpkg", plan=folder / "plan", out=folder / "out")
    found.policy = folder / "policy.csv"
    found.policy.write_text("aim,class,weight\nplaces,,\n,8.5,2\n", encoding="utf-8")
    save_city(app_city(), found.city)
    words = ["plan", "optimise", found.city, "--plan-alone", "--no-pdf", "--out", found.plan]
    assert run([*map(str, words)]) == OK
    return found


@pytest.mark.parametrize(
    ("line", "said"), every_other(NO_EFFECT, 0, every=3), ids=[line for line, _ in NO_EFFECT]
)
def test_what_would_change_nothing_is_refused_before_any_work(files, capsys, line, said):
    code, heard = say(files, capsys, line)
    assert code == BAD_INPUT
    assert said in heard
    assert not files.out.exists()


def say(files, capsys, line, lang="en", **more):
    """Give a command; return its exit code and what it said."""
    names = {"CITY": files.city, "OUT": files.out, "FOLDER": files.plan, "POLICY": files.policy}
    names |= more
    words = [str(names.get(word, word)) for word in line.split()]
    capsys.readouterr()
    code = run([*words, "--lang", lang])
    heard = capsys.readouterr()
    return code, " ".join((heard.out + heard.err).split())


def test_an_unknown_command_is_named_as_typed_with_what_is_near(files, capsys):
    code, heard = say(files, capsys, "verify FOLDER")
    assert code == BAD_INPUT
    assert "There is no command verify; near it: specify." in heard
    assert not re.search("[a-z]'", heard)


CONFLICT = "plan takeover PACKAGE OURS --as Li --unproven "

TAKEN_BACK = [
    ("--settle south=ours --settle south=theirs", "one decision for each"),
    ("--settle south=both", "expected something that differs, and one of ours, theirs, found"),
    ("--settle nosuch=ours", "nosuch: expected something that differs"),
    ("--settle south=ours --settle twin=mine", "twin: expected something that differs"),
]  # fmt: skip
"""What is said of a conflict before anything is accepted, and why that is nothing."""


@pytest.fixture(scope="module")
def came_back(tmp_path_factory):
    """Return a package that was worked on elsewhere, and our project, which went on as well."""
    folder = tmp_path_factory.mktemp("back")
    ours, there = (folder / name / "town.gpkg" for name in ("ours", "there"))
    save_city(app_city(), ours)
    draw(ours, LI, Aim("south", 170.0))
    went = hand(ours, folder / "went")
    there.parent.mkdir()
    there.write_bytes(ours.read_bytes())
    words = ["plan", "takeover", str(went), str(there), "--as", "Wei", "--accept", "--unproven"]
    assert run(words) == OK
    draw(there, WEI, Aim("south", 200.0), Remove("twin"), FAR)
    draw(ours, LI, Aim("south", 90.0), NEAR)
    return {"PACKAGE": hand(there, folder / "back", who="Wei"), "OURS": ours,
            "PLANS": plans_beside(ours)}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("settled", "said"), a_few(TAKEN_BACK))
def test_a_decision_about_a_conflict_that_settles_nothing_is_refused_when_it_is_looked_at(
    files, came_back, capsys, settled, said
):
    code, heard = say(files, capsys, CONFLICT + settled, **came_back)
    assert code == BAD_INPUT
    assert said in heard


def test_what_was_taken_beside_ours_is_not_taken_once_more(files, came_back, capsys):
    """The same package again, with the same words, put a third camera where there were two."""
    words = CONFLICT + "--settle south=ours --settle new/1=both --reason x --accept"
    assert say(files, capsys, words, **came_back)[0] == OK
    kept = cameras_of(came_back["OURS"])
    assert {"new/1", "new/2"} <= set(kept.index)
    code, heard = say(files, capsys, words, **came_back)
    assert code == BAD_INPUT
    assert "new/1: expected ours or theirs: what is theirs is here already" in heard
    assert cameras_of(came_back["OURS"]).equals(kept)


@pytest.mark.parametrize(("line", "said"), [
    ("plan remark PLANS plan --as Li --text done --settled",
     "--settled: expected --to beside it"),
    ("plan approve PLANS plan --as Zhao --body x --number 1 --date 2026-01-01 --scan POLICY "
     "--paper POLICY --root " + "a" * 64, "--paper: expected either this or --root"),
])  # fmt: skip
def test_an_act_on_a_plan_heeds_each_of_its_words(files, came_back, capsys, line, said):
    code, heard = say(files, capsys, line, **came_back)
    assert code == BAD_INPUT
    assert said in heard


SAID_OF_GROUPS = "states no groups under"
PROVIDERS = [
    # claims, settings, who comes in, or words of why nobody does
    ({"sub": "7", "email": "zhou@b", "email_verified": False}, {}, "7"),
    ({"sub": "7", "email": "zhou@b", "email_verified": "false"}, {}, "7"),
    ({"sub": "7", "email": "zhou@b", "email_verified": True}, {}, "zhou@b"),
    ({"email": "zhou@b", "email_verified": False}, {}, "states no name"),
    ({"preferred_username": ["Li", "Zhou"], "sub": "7"}, {}, "7"),
    ({"preferred_username": "Li\nZhou\u202e", "sub": "7"}, {}, "7"),
    ({"preferred_username": "   "}, {}, "states no name"),
    ({"preferred_username": "Li", "groups": None}, {}, SAID_OF_GROUPS + " groups"),
    ({"preferred_username": "Li", "groups": {"planner": 1}}, {}, SAID_OF_GROUPS + " groups"),
    ({"preferred_username": "Li"}, {"groups_claim": "realm_access.roles"},
     SAID_OF_GROUPS + " realm_access.roles"),
    ({"preferred_username": "Li", "groups": ["g"]}, {"roles": {"g": "planer"}}, "g = planer"),
    ({"preferred_username": "Li", "groups": ["g"]}, {"roles": {"g": ["planner"]}}, "planner"),
    ({"preferred_username": "Li", "groups": ["g"]}, {"roles": {"g": "district_planner"}},
     "g = district_planner"),
    ({"preferred_username": "Li"}, {"roles": "planner"}, "[civicsight.roles]"),
    ({"preferred_username": "Li"}, "planner", "[civicsight.roles]"),
    ({"preferred_username": "Li", "groups": ["planner", "reviewer"]}, {}, "more than one"),
    ({"preferred_username": "Li", "groups": ["staff"]}, {}, "more than one"),
]  # fmt: skip


@pytest.mark.parametrize(("claims", "settings", "expected"), PROVIDERS)
def test_a_provider_names_whom_it_vouches_for_or_the_page_says_what_lacks(
    monkeypatch, claims, settings, expected
):
    claims = {"groups": ["planner"]} | claims
    user = SimpleNamespace(is_logged_in=True, to_dict=lambda: claims)
    monkeypatch.setattr(signin, "_secrets", lambda: {"auth": {}, "civicsight": settings})
    monkeypatch.setattr(signin.st, "user", user)
    found = signin.current_actor()
    assert expected in (str(signin.find_lack(claims)) if found is None else found.name)


def test_nothing_is_accepted_that_nobody_measured():
    city = app_city()
    cameras = city.cameras.assign(status=city.cameras["status"].mask(of_both(city), "planned"))
    planned = check(replace(city, cameras=cameras), rules=RULES, raster=False)
    built = planned.cameras.loc[["twin"]]
    width, reach = built["width_px"], 2.0 * np.tan(np.radians(built["hfov_deg"] / 2.0))
    blind = blind_zone_m(built["height_m"], built["tilt_deg"], built["vfov_deg"].iloc[0])
    measured = gpd.GeoDataFrame(built[["geometry", *POSE]]).assign(
        chart_px_m=width / (10.0 * reach), chart_distance_m=10.0, blind_m=blind,
        sign_up=True, mask_set=True, night_ok=True, measured_by="Li",
        measured_on=str(present_day()),
    )  # fmt: skip
    assert accept(planned, measured, wanted=["twin"]).outcome == "pass"
    found = accept(planned, measured)
    assert found.by_camera == {"twin": "pass", "away": "undetermined"}
    assert found.outcome == "undetermined"
    assert accept(planned, measured.iloc[:0], wanted=()).outcome == "undetermined"


def of_both(city):
    return city.cameras.index.isin(["twin", "away"])


CALLS = [
    ({"season": "autumn"}, "season is 'autumn', expected summer or winter"),
    ({"night": "no"}, "night is str, expected bool"),
    ({"rules": "cn-national-799"}, "rules is str, expected Rules: load_packs returns them"),
    ({"year": "2027"}, "year is str, expected int"),
    ({"year": 2027.5}, "year is float, expected int"),
]
"""What a notebook asks of a check, and what it is told; `night="no"` was computed as by night."""


@pytest.mark.parametrize(("asked", "said"), CALLS)
def test_a_check_is_told_what_an_argument_may_be(asked, said):
    with pytest.raises(MismatchError, match=re.escape(said)):
        check(app_city(), **{"rules": RULES, "raster": False} | asked)


def test_the_day_of_judgement_is_a_day():
    with pytest.raises(MismatchError, match="today is str, expected date"):
        judge(app_result(), today="2026-12-02")


DEMO = Path(__file__).resolve().parents[1] / "data" / "demo"


def half_as(table, datum):
    """Return a table with every second row of it in another datum, and the ids of these."""
    mixed, rows = table.copy(), table.index[::2]
    at = mixed.loc[rows, ["lon", "lat"]]
    mixed.loc[rows, ["lon", "lat"]] = np.column_stack(from_wgs84(at["lon"], at["lat"], datum))
    return mixed, set(table["camera_id"][rows])


def test_a_list_of_two_datums_is_not_read_in_silence(tmp_path):
    """Every second row is of a map vendor: as a whole the list still fits WGS 84 best."""
    city = load_city(DEMO / "district.gpkg")
    table = pd.read_csv(DEMO / "cameras.csv", dtype={"pole_id": str})
    for datum in ("bd09", "gcj02", "wgs84"):
        mixed, shifted = half_as(table, datum)
        at = gpd.points_from_xy(mixed["lon"], mixed["lat"], crs=4326)
        places = gpd.GeoDataFrame(geometry=at.to_crs(city.crs), index=table["camera_id"])
        found = find_shifted(places, city.roads, city.buildings)
        if datum == "wgs84":
            assert found is None
            continue
        assert found[0] == Hypothesis(datum)
        assert len(shifted & set(found[1])) >= 0.6 * len(shifted)
        assert len(set(found[1]) - shifted) <= 0.1 * len(table)
    half_as(table, "gcj02")[0].to_csv(tmp_path / "list.csv", index=False)
    cameras, report = read_cameras(tmp_path / "list.csv", near=city)
    [note] = [one for one in report.told() if one.kind == "datum.mixed"]
    assert "GCJ-02" in str(note.example)
    assert note.count == len(note.rows) > len(table) / 4
    assert any(one.kind == "datum.mixed" for one in reading_notes(city, cameras))


def test_what_to_declare_hangs_on_what_was_found():
    assert "bd09" in str(NOTE_KINDS["datum.shift"].remedy)


def test_a_register_that_names_no_class_is_not_taken_in_silence(tmp_path):
    """Such a list changed nothing: no row designated a place, and a check did not say so."""
    path = tmp_path / "list.csv"
    path.write_text("id,name,item,lon,lat\nP1,A,8.5,24.93,60.16\nP2,B,,24.94,60.17\n")
    _, report = read_places(path)
    [one] = [one for one in report.told() if one.kind == "places.unclassed"]
    assert one.count == 1
    assert list(one.rows) == ["P2"]
    assert NOTE_KINDS[one.kind].weight == "warn"


DECLARED = [
    ({"datum": "GCJ-02"}, "datum is 'GCJ-02', expected wgs84, cgcs2000, gcj02, bd09"),
    ({"datum": "mars"}, "datum is 'mars', expected wgs84, cgcs2000, gcj02, bd09"),
    ({"north": "magnetic"}, "north is 'magnetic', expected grid, true"),
]
"""What a notebook declares of a list; both datums were read as WGS 84 that a person had declared,
so that nothing stopped a check of cameras 602 m off."""


@pytest.mark.parametrize(("said", "told"), DECLARED)
def test_what_nobody_can_declare_is_refused(said, told):
    with pytest.raises(MismatchError, match=re.escape(told)):
        Declared(**said)


def test_a_table_put_into_a_city_by_hand_keeps_what_was_measured_and_noted_of_it():
    """A register 602 m off made the verdicts better in a notebook: its gates were nowhere near."""
    city = app_city()
    places, entrances = city.places.copy(), city.entrances.copy()
    note = noted("rows.outside", N_("%(count)s rows", count=2))
    keep_on(entrances, [replace(note, layer="entrances", source="gates.csv")])
    noticed = check(replace(city, entrances=entrances), rules=RULES, raster=False)
    assert [(one.kind, one.source) for one in noticed.notes] == [("rows.outside", "gates.csv")]
    places.attrs[SHIFT] = 602
    with pytest.raises(InputError) as told:
        check(replace(city, places=places), rules=RULES, raster=False)
    [fault] = told.value.faults
    assert (fault.code, fault.file, fault.found) == ("datum.shift", "places", "602 m")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("layer", "kind"), [("entrances", "rows.outside"), ("cameras", "camera.outside")]
)
def test_rows_that_a_notebook_moved_out_of_the_map_are_noted(layer, kind):
    """Gates moved by 3 km were near no place: they were presumed, and the verdict got better."""
    city = app_city()
    table = getattr(city, layer).copy()
    moved = table.set_geometry(table.geometry.translate(3_000.0, 0.0))
    result = check(replace(city, **{layer: moved}), rules=RULES, raster=False)
    [note] = [one for one in result.notes if one.layer == layer]
    assert (note.kind, note.count, set(note.rows)) == (kind, len(table), set(table.index))
    assert not check(city, rules=RULES, raster=False).notes


def test_a_list_of_cameras_is_no_survey_of_signs(tmp_path):
    """Each camera was taken for a sign that announces one."""
    with pytest.raises(InputError) as told:
        read_signs(DEMO / "cameras.csv")
    [fault] = told.value.faults
    assert (fault.code, fault.file) == ("table.kind", "cameras.csv")
    assert "tilt_deg" in fault.found
    signs = tmp_path / "signs.csv"
    signs.write_text("sign id,lon,lat,facing,text,camera id\nS1,115.9,28.7,180,CCTV,C001\n")
    assert list(read_signs(signs, declared=Declared(north="grid"))[0]["camera_id"]) == ["C001"]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"budget_yuan": "50000"}, "budget_yuan is str, expected Real"),
        ({"years": "2027"}, "a year is str, expected Integral"),
    ],
)
def test_an_aim_is_told_what_it_may_be(asked, told):
    with pytest.raises(MismatchError, match=told):
        Aims(**asked)


@pytest.mark.parametrize("metres", [0.0, 6.0, 600.0])
def test_gates_that_a_notebook_moved_count_the_same_everywhere(metres):
    """Table, summary, figures, terminal, map and what a notebook shows are of the same check."""
    city = app_city()
    gates = city.entrances.copy()
    gates["geometry"] = gates.geometry.translate(metres, metres / 2)
    result = check(replace(city, entrances=gates), raster=False)
    found, counted = figures_of_check(result), result.summary
    told = {state: found.of(f"parts.{state}.before") for state in (*STATES, "count")}
    stand = brief_result(result, "en").stand[1]
    assert [int(cell) for cell in stand[1:]] == list(told.values())
    assert {name: counted["partition"]["parts"][name] for name in told} == told
    status = counted["parts"]["by_status"]
    assert (status["covered"], status["gap"]) == (told["covered"], told["gap"])
    assert status["assumed"] + status["possible"] == told["assumed"]
    findings = make_tables(result)["findings"]
    gaps = findings[findings["kind"].eq("gap")]
    assert len(gaps) == counted["findings"]["gaps"]["count"] == told["gap"] + told["assumed"]
    outcomes = ", ".join(f"{k} {v}" for k, v in sorted(gaps["outcome"].value_counts().items()))
    assert f"gaps        {outcomes}" in repr(result)
    layer = next(
        one for one in feature_layers(result, name_all(result, "en")) if one.key == "parts"
    )
    drawn = Counter(list(PART_STYLES)[k] for k in layer.data["style"])
    assert drawn == Counter(shown_parts(result))
    assert (drawn["covered"] + drawn["unbuilt"], drawn["gap"]) == (told["covered"], told["gap"])


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
@pytest.mark.parametrize("rows", [1, 2, 3])
def test_a_list_too_short_to_test_its_datum_says_so_and_nothing_is_guessed(tmp_path, datum, rows):
    city = load_city(DEMO / "district.gpkg")
    listed = pd.read_csv(DEMO / "cameras.csv").head(rows)
    file = tmp_path / "list.csv"
    listed["lon"], listed["lat"] = from_wgs84(listed["lon"], listed["lat"], datum)
    listed.to_csv(file, index=False)
    cameras, report = read_cameras(file, crs=city.crs, near=city.extent)
    told = {note.kind for note in report.notes}
    assert "datum.untested" in told
    assumed, _ = read_cameras(file, crs=city.crs, near=city.extent, declared=Declared("wgs84"))
    assert cameras.geometry.geom_equals_exact(assumed.geometry, 1e-9).all()
    if rows == 2 and datum == "gcj02":
        kept = {note.kind for note in check(city, cameras, raster=False).notes}
        assert "datum.untested" in kept
