"""Every command that reads a plan, wherever the plan may lie, with and without a city."""

# ruff: noqa: F811 - fixtures are named as arguments

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from civicsight.cli.entry import BAD_INPUT, OK, VIOLATION, run
from civicsight.store import Actor, Role, copy_store, open_store
from tests.drawn import a_few
from tests.forgeries_made import city, drawn_up  # noqa: F401 - fixtures
from tests.once import once
from tests.postgres_made import (
    HAS_DRIVER,
    SERVERS,
    WITH_POSTGIS,
    new_database,
    serving,
    without_postgis,
)

LANG = ["--lang", "en"]
NEEDS_SERVER = pytest.mark.skipif(
    not (SERVERS and HAS_DRIVER), reason="PostgreSQL or its driver is not installed"
)
PLACES = (
    "folder",
    "file",
    pytest.param("file_url", marks=pytest.mark.slow),
    pytest.param("server_url", marks=NEEDS_SERVER),
    pytest.param("server_url_plain", marks=[NEEDS_SERVER, pytest.mark.slow]),
)
"""Kinds of places; the other spellings of a URL are slow."""


@pytest.fixture(scope="module", autouse=True)
def found_once():
    with once():
        yield


@pytest.fixture(scope="module")
def made(city, drawn_up, tmp_path_factory):
    """A folder and a project file of two versions of one plan, as the command itself leaves them.

    The second version is of one year and within a budget, so that both kinds of proof are kept.
    """
    out = Path(shutil.copytree(drawn_up, tmp_path_factory.mktemp("made") / "own"))
    words = [
        "plan",
        "optimise",
        str(city),
        "--out",
        str(out / "plan"),
        "--no-pdf",
        "--steps",
        "200",
        "--store",
        str(out / "plans.gpkg"),
        "--budget",
        "430",
        "--years",
        "2028",
        "--plan",
        "east",
        "--as",
        "Li",
        *LANG,
    ]
    assert run(words) == OK
    return out


@pytest.fixture(scope="module")
def server():
    with pytest.MonkeyPatch.context() as patch:
        known = WITH_POSTGIS or SERVERS
        if not WITH_POSTGIS:
            without_postgis(patch)
        with serving(known[-1]) as url:
            yield url


@pytest.fixture
def place(made, request):
    """The words that name the plan, where it lies."""
    kind = request.param
    if kind == "folder":
        return [str(made / "plan")]
    if kind == "file":
        return [str(made / "plans.gpkg"), "--plan", "east"]
    if kind == "file_url":
        return [f"sqlite:///{made / 'plans.gpkg'}", "--plan", "east"]
    return [request.getfixturevalue("database")(plain=kind.endswith("plain")), "--plan", "east"]


@pytest.fixture(scope="module")
def database(made, server):
    """A database that the file of plans was copied to; its URL names the driver, or not."""
    url = new_database(server, "plans")
    with open_store(made / "plans.gpkg") as store:
        copy_store(store, url, Actor("An", Role.ADMIN))

    def name(*, plain):
        return url.replace("+psycopg", "") if plain else url

    return name


def say(capsys, *words):
    code = run([*map(str, words), *LANG])
    output = capsys.readouterr()
    assert "Traceback" not in output.err
    return code, output.out, output.err


def told(capsys, *words):
    code, out, err = say(capsys, *words, "--json")
    assert out, err
    return code, json.loads(out)


def slowly(place):
    """Return a place that the long proofs try."""
    kind = place if isinstance(place, str) else place.values[0]
    return pytest.param(kind, marks=[pytest.mark.slow, *getattr(place, "marks", ())])


def in_place(kinds):
    return pytest.mark.parametrize("place", kinds, indirect=True)


@pytest.mark.slow
@in_place(a_few(PLACES))
@pytest.mark.parametrize("with_city", a_few([False, True]), ids=["alone", "with_city"])
def test_a_plan_is_verified_wherever_it_lies(capsys, place, city, with_city):
    """With the city, rows of the matrix are computed again: there are some, and none differs."""
    more = ["--city", city] if with_city else []
    code, found = told(capsys, "plan", "verify", *place, *more)
    assert (code, found["wrong"]) == (OK, [])
    assert (found.get("rows", 0) > 0) == with_city
    code, _, err = say(capsys, "plan", "verify", *place, *more)
    assert code == OK
    assert ("differences: 0" in err) == with_city


@pytest.mark.slow
@in_place(a_few(PLACES[1:]))
def test_each_version_is_verified_with_its_city(capsys, place, city):
    for version in ("1", "2"):
        words = ("plan", "verify", *place, "--version", version, "--city", city)
        code, found = told(capsys, *words)
        assert (code, found["wrong"]) == (OK, [])
        assert found["entries"] > 0


@in_place(a_few(PLACES, 2))
def test_a_plan_is_listed_wherever_it_lies(capsys, place, made):
    code, found = told(capsys, "plan", "ledger", *place)
    kept = json.loads((made / "plan" / "plan.json").read_text(encoding="utf-8"))
    assert code == OK
    assert found["camera_id"] == kept["ledger"]["columns"]["camera_id"]
    assert say(capsys, "plan", "ledger", *place)[0] == OK


@in_place(a_few(PLACES))
def test_a_plan_is_compared_wherever_it_lies(capsys, place, made):
    """With itself it is not compared; the folder holds what the latest version does."""
    code, _, err = say(capsys, "plan", "diff", *place)
    assert code == BAD_INPUT
    assert "--version" in err
    words = ("plan", "diff", place[0], made / "plan", *place[1:])
    code, found = told(capsys, *words)
    assert (code, found["measures"]["what"], found["inputs"]) == (OK, [], [])
    code, _, _ = say(capsys, *words)
    assert code == OK


@in_place(a_few(PLACES[1:]))
def test_two_versions_are_compared_wherever_they_lie(capsys, place):
    code, found = told(capsys, "plan", "diff", *place, "--version", "1")
    money = dict(zip(found["money"]["year"], found["money"]["after"], strict=True))
    assert (code, money) == (OK, {2027: 0.0, 2028: sum(found["money"]["before"])})


@pytest.mark.slow
@in_place((PLACES[0], *map(slowly, PLACES[1:])))
def test_years_documents_and_acceptance_read_every_place(capsys, place, city, tmp_path):
    source = ["--from", *place]
    code, found = told(capsys, "plan", "years", city, *source)
    assert code == OK
    assert found["years"]
    words = ("plan", "export", city, *source, "--no-pdf", "--out", tmp_path / "out")
    code, found = told(capsys, *words)
    assert (code, found["stale"]) == (OK, [])
    sheet = tmp_path / "measured.csv"
    sheet.write_text("camera_id,azimuth_deg\nsouth,0\n", encoding="utf-8")
    words = ("accept", city, "--measured", sheet, "--of-plan", *place, "--out", tmp_path / "out")
    code, found = told(capsys, *words)
    assert found["stale"] == []


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("densities.npz", "missing"),
        *(
            pytest.param(*case, marks=pytest.mark.slow)
            for case in (("heads.parquet", "torn"), ("densities.npz", "torn"),
                         ("heads.parquet", "missing"), ("labels.json", "missing"),
                         ("labels.json", "torn"))
        ),
    ],
)  # fmt: skip
def test_a_file_of_the_proof_that_is_gone_is_a_violation(
    capsys, made, city, tmp_path, name, damage
):
    copy = Path(shutil.copytree(made / "plan", tmp_path / "plan"))
    file = copy / "certificate" / name
    if damage == "missing":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:-9])
    code, found = told(capsys, "plan", "verify", copy, "--city", city)
    kind = "missing" if damage == "missing" else "changed"
    assert (code, found["wrong"]) == (VIOLATION, [f"files.{kind}", "unreadable"])
    assert found["files"][kind] == [f"certificate/{name}"]
    code, _, err = say(capsys, "plan", "verify", copy, "--city", city)
    assert code == VIOLATION
    assert "missing or cannot be read" in err


@pytest.mark.parametrize("url", ["postgresql:/server/plans", "postgresql://[::1/plans"])
def test_a_url_that_is_none_is_bad_input(capsys, url):
    code, out, err = say(capsys, "plan", "ledger", url, "--plan", "east")
    assert (code, out) == (BAD_INPUT, "")
    assert "postgresql://" in err


@in_place(a_few(PLACES[1:]))
def test_a_plan_that_is_not_named_is_bad_input(capsys, place):
    code, out, err = say(capsys, "plan", "ledger", place[0])
    assert (code, out) == (BAD_INPUT, "")
    assert "--plan" in err
    assert "127.0.0.1" not in err  # a URL may hold a password
