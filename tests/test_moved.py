"""Modules that moved are found under their old names, with a warning that says the new one."""

from __future__ import annotations

import importlib
import subprocess
import sys
import warnings

import pytest

from civicsight.moved import MOVED, new_name
from civicsight.planning import requirements


def test_every_old_name_gives_what_the_new_one_has():
    wrong = []
    for old, moved in MOVED.items():
        new = importlib.import_module(f"civicsight.{moved}")
        sys.modules.pop(f"civicsight.{old}", None)
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            found = importlib.import_module(f"civicsight.{old}")
        if not any(f"{old} is called civicsight.{moved} now" in str(one.message) for one in said):
            wrong.append(f"{old}: no warning")
        names = (name for name in vars(new) if not name.startswith("__"))
        wrong += [f"{old}.{name}" for name in names if getattr(found, name) is not vars(new)[name]]
    assert not wrong


@pytest.mark.parametrize(
    ("old", "name", "home"),
    [
        ("coverage.optics.picture", "Picture", "coverage.optics.footprint"),
        ("coverage.partition", "partition", "coverage.result"),
        ("store.labels", "ROLE_LABELS", "store.actors"),
        ("store.states", "State", "store.actors"),
    ],
)
def test_an_old_room_leads_to_where_its_names_are(old, name, home):
    new = importlib.import_module(new_name(f"civicsight.{old}"))
    assert new.__name__ == f"civicsight.{home}"
    assert name in vars(new)


def test_what_lies_in_a_room_moved_with_it():
    code = (
        "from civicsight.city.crs import working_crs; from civicsight.schema import City; "
        "from civicsight import io, model; import civicsight.io.crs as crs; "
        "assert working_crs is crs.working_crs and City is model.City"
    )
    assert new_name("civicsight.city.crs") == "civicsight.io.crs"
    run = subprocess.run(
        [sys.executable, "-W", "default", "-c", code], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout) == (0, "")
    assert run.stderr.count("DeprecationWarning") == 3  # the room, what lies in it, the other room


def test_a_room_of_which_bytecode_is_left_hides_nothing(tmp_path):
    """What git leaves of a room in a folder that is brought up to date."""
    (tmp_path / "city" / "__pycache__").mkdir(parents=True)
    code = (
        f"import civicsight; civicsight.__path__.append({str(tmp_path)!r}); "
        "from civicsight.city import read_city"
    )
    command = [sys.executable, "-W", "ignore", "-c", code]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.parametrize("name", ["civicsight.nothing", "civicsight", "elsewhere.city"])
def test_what_never_was_is_not_found(name):
    assert new_name(name) is None


def test_a_module_that_is_missing_still_says_so():
    with pytest.raises(ModuleNotFoundError, match="civicsight\\.nothing"):
        importlib.import_module("civicsight.nothing")


def test_a_name_of_the_notebooks_is_found_too():
    with pytest.warns(DeprecationWarning, match="pose_problem is called build_problem now"):
        found = requirements.pose_problem
    assert found is requirements.build_problem
    with pytest.raises(AttributeError, match="nothing"):
        _ = requirements.nothing
