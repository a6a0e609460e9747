"""Thirty kinds of forgery on a folder, in a file of plans and in a store: each is found, always.

The forger of a folder counts every digest in it anew. That of a file of plans has the forged plan
kept by the program itself, so that every digest, manifest and entry of the audit is true. That of
a store changes what is kept in its place, past the triggers.
"""

# ruff: noqa: F811 - fixtures are named as arguments

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
import shutil
import sqlite3
import subprocess
import sys
from base64 import b64encode
from contextlib import closing
from pathlib import Path

import pytest

from civicsight.cli.entry import BAD_INPUT, OK, VIOLATION, run
from civicsight.core.errors import InputError
from civicsight.planning.record.documents import (
    ARRAYS_RECORD,
    PLAN_RECORD,
    documents_in,
    from_documents,
)
from civicsight.planning.record.root import LIST_FILE
from civicsight.store import Actor, Role, open_store
from civicsight.store.optimised_plans import keep_plan
from civicsight.store.records import as_text
from tests.drawn import every_other
from tests.forgeries_made import LANG, city, drawn_up, folder, made, record, reseal, verify  # noqa: F401 - fixtures
from tests.forgery_kinds import KINDS

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "docs" / "explanation" / "verify_plan.py"
PAGES = ("docs/explanation/certificate.md", "docs/explanation/certificate.zh-CN.md")
LI = Actor("Li", Role.PLANNER)
REFUSED = "plan.damaged"
"""What is no plan at all: nothing is said of its proof."""

spec = importlib.util.spec_from_file_location("verify_plan", SCRIPT)
script = importlib.util.module_from_spec(spec)
spec.loader.exec_module(script)


def root_of(place):
    return hashlib.sha256((place / LIST_FILE).read_bytes()).hexdigest()


def keep(place, path):
    """Have a plan kept as a version of a new file of plans; return its root there."""
    with open_store(path, create=True) as store:
        return keep_plan(store, LI, "east", from_documents(documents_in(place)), "East")[1]


@pytest.fixture(scope="module")
def kept(made, tmp_path_factory):
    """The honest plan in a file of plans."""
    path = tmp_path_factory.mktemp("kept") / "plans.gpkg"
    assert keep(made, path) == root_of(made)
    return path


@pytest.mark.slow
def test_the_honest_plan_passes_everywhere(made, kept, record, verify):
    root = root_of(made)
    for place in (record, made):
        for more in ((), ("--root", root)):
            code, found = verify(place, *more)
            assert (code, found["wrong"]) == (OK, [])
        assert script.verify(place, root)[0] == []
    for more in ((), ("--root", root)):
        code, found = verify(kept, "--plan", "east", *more)
        assert (code, found["wrong"]) == (OK, [])


def test_there_are_thirty_kinds_and_the_pages_name_each():
    assert len(KINDS) == 30
    for page in PAGES:
        rows = re.findall(r"^\| (\d+) \| (.+?) \| (.+?) \|$", (ROOT / page).read_text("utf-8"),
                          re.MULTILINE)  # fmt: skip
        assert [int(number) for number, _, _ in rows] == list(range(1, 31))
        codes = [re.findall(r"`([\w.]+)`", found) for _, _, found in rows]
        assert codes == [[kind.found] if kind.found else [] for kind in KINDS.values()]
        if page == PAGES[0]:
            assert [name for _, name, _ in rows] == list(KINDS)


@pytest.mark.parametrize("name", every_other(KINDS, 0, every=3))
def test_in_a_folder_it_is_found(record, verify, name):
    root, by_itself = root_of(record), KINDS[name].found
    KINDS[name].does(record)
    reseal(record)
    alone, with_root = (script.verify(record, given)[0] for given in ("", root))
    assert not [line for line in alone if line.startswith(("changed", "missing", "not of"))]
    assert "this is not the plan that the root was given for" in with_root
    assert alone or not by_itself, "what is found without a root, the script finds too"
    if by_itself == REFUSED:
        for more in ([], ["--root", root]):
            assert run(["plan", "verify", str(record), *more, *LANG]) == BAD_INPUT
        return
    found = verify(record)[1]
    assert not any(found["files"].values()), "the forger forgot no digest"
    assert found["wrong"][:1] == [by_itself] * bool(by_itself)
    code, found = verify(record, "--root", root)
    assert code == VIOLATION
    assert "root.differs" in found["wrong"]


@pytest.mark.parametrize("name", every_other(KINDS, 1, every=3))
def test_in_a_file_of_plans_it_is_found(record, verify, tmp_path, name):
    root, path = root_of(record), tmp_path / "forged.gpkg"
    KINDS[name].does(record)
    reseal(record)
    if KINDS[name].found == REFUSED:
        with pytest.raises(InputError, match=REFUSED):
            keep(record, path)
        return
    assert keep(record, path) != root
    code, found = verify(path, "--plan", "east", "--root", root)
    assert code == VIOLATION
    assert "root.differs" in found["wrong"]


@pytest.mark.parametrize("name", every_other(KINDS, 2, every=3))
def test_in_a_store_it_is_found(record, kept, tmp_path, capsys, name):
    path = Path(shutil.copy(kept, tmp_path / "plans.gpkg"))
    KINDS[name].does(record)
    files = documents_in(record)
    text = json.loads(files.pop("plan.json"))
    del files[LIST_FILE]
    packed = {name: b64encode(content).decode() for name, content in files.items()}
    with closing(sqlite3.connect(path)) as file:
        guards = file.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql IS NOT NULL"
        ).fetchall()
        for guard, _ in guards:
            file.execute(f'DROP TRIGGER "{guard}"')
        for document, value in ((PLAN_RECORD, text), (ARRAYS_RECORD, packed)):
            body = (as_text(value), document)
            file.execute("UPDATE document SET body = ? WHERE name = ?", body)
        for _, guard in guards:
            file.execute(guard)  # as if nobody had been here
        file.commit()
    assert run(["plan", "verify", str(path), "--plan", "east", *LANG]) == BAD_INPUT
    said = " ".join(capsys.readouterr().err.split())
    assert re.search(r"east 1, document (plan|arrays): expected what civicsight wrote", said)


def test_the_script_shares_nothing_with_the_package_and_is_short():
    text = SCRIPT.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 150
    imported = set(re.findall(r"^(?:import|from) (\w+)", text, re.MULTILINE))
    assert imported == {"collections", "hashlib", "itertools", "json", "math", "numpy", "pathlib",
                        "sys"}  # fmt: skip


DEMO = ROOT / "data" / "demo"
GOALS = {"cheapest": [], "widest": ["--budget", "100000"]}
"""What is asked of a plan of the made district."""


@pytest.mark.slow
@pytest.mark.parametrize("goal", GOALS)
def test_the_script_proves_a_plan_of_the_made_district_and_finds_it_forged(goal, tmp_path):
    """As a reader would: in a process of its own, from which the package cannot be imported."""
    city, place = tmp_path / "city.gpkg", tmp_path / "plan"
    for words in (
        ["import", str(DEMO / "district.gpkg"), "--out", str(city)],
        ["import", str(DEMO / "cameras.csv"), "--as", "cameras", "--into", str(city), "--accept"],
        ["plan", "optimise", str(city), "--out", str(place), "--no-pdf", "--steps", "100",
         *GOALS[goal]],
    ):  # fmt: skip
        assert run([*words, *LANG]) == OK
    root = root_of(place)

    def say(folder, *given):
        done = subprocess.run(
            [sys.executable, "-I", str(SCRIPT), str(folder), *given], capture_output=True,
            text=True, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout

    for given in ((), (root,)):
        code, said = say(place, *given)
        assert (code, said.splitlines()[0]) == (0, "all that is counted is as the plan says")
        assert "not counted: plan.en.html" in said
        assert ("what a budget reaches" in said) is (goal == "widest")
    for name in ("px/m of a chosen camera", "year of a measure", "what a site carries"):
        forged = Path(shutil.copytree(place, tmp_path / "forged"))
        KINDS[name].does(forged)
        reseal(forged)
        assert say(forged, root)[0] == 1, name
        shutil.rmtree(forged)
