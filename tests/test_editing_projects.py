"""The projects of a folder: listed, begun, put aside and brought back, and nothing is lost."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from civicsight.core.errors import InputError, WriteError
from civicsight.editing.examples import DISTRICT, HELSINKI, list_examples, read_example
from civicsight.editing.project import open_project
from civicsight.editing.projects import (
    archive_project,
    begin_project,
    bring_back,
    find_project,
    law_beside,
    list_projects,
    packs_beside,
)
from civicsight.io.project_file import load_city
from civicsight.rules import load_packs
from tests.drawn import every_other
from tests.test_check import town
from tests.test_rules_overriding import pack, param


def begun(folder, name):
    return begin_project(folder, replace(town(), name=name))


def test_a_project_is_called_like_its_city_and_found_by_its_code(tmp_path):
    folder = tmp_path / "projects"
    assert list_projects(folder) == []
    one = begun(folder, "东湖区 2026")
    assert (one.code, one.name) == ("东湖区_2026", "东湖区 2026")
    assert load_city(one.path).name == "东湖区 2026"
    assert find_project(folder, "东湖区_2026") == one
    again = begun(folder, "东湖区 2026")
    assert again.code == "东湖区_2026-2"
    assert {entry.code for entry in list_projects(folder)} == {one.code, again.code}


@pytest.mark.parametrize(
    "name", every_other(["../../etc/passwd", "a/b", ".hidden", "///", "x" * 200, "con\x00"], 0)
)
def test_a_name_is_no_path(tmp_path, name):
    folder = tmp_path / "projects"
    one = begun(folder, name)
    assert one.path.parent == folder
    assert not one.code.startswith(".")
    assert len(one.code) <= 40
    assert one.name == load_city(one.path).name


@pytest.mark.parametrize(
    "code", every_other(["", "..", "../town", "/etc/passwd", "archive/a", "a.gpkg"], 1)
)
def test_a_code_is_no_path(tmp_path, code):
    folder = tmp_path / "projects"
    begun(tmp_path, "town")
    archived = begun(folder, "a")
    archive_project(folder, archived.code)
    assert find_project(folder, code) is None
    with pytest.raises(InputError, match="a project of the list"):
        archive_project(folder, code)


def test_without_a_name_nothing_is_begun(tmp_path):
    with pytest.raises(InputError, match="a name for the project"):
        begun(tmp_path / "projects", "  ")
    assert not (tmp_path / "projects").exists()


def test_the_one_written_last_comes_first_and_damaged_ones_are_named(tmp_path):
    first, second = begun(tmp_path, "first"), begun(tmp_path, "second")
    os.utime(first.path, (2e9, 2e9))
    (tmp_path / "torn.gpkg").write_bytes(second.path.read_bytes()[:3000])
    os.utime(tmp_path / "torn.gpkg", (1e9, 1e9))
    second.plans_path.write_bytes(b"plans are no project")
    found = list_projects(tmp_path)
    assert [entry.code for entry in found] == ["first", "second", "torn"]
    assert [entry.is_damaged for entry in found] == [False, False, True]
    assert found[2].name == "torn"


@pytest.mark.slow
def test_what_is_archived_is_out_of_the_way_with_its_plans_and_comes_back(tmp_path):
    one = begun(tmp_path, "one")
    one.plans_path.write_bytes(b"plans")
    archive_project(tmp_path, "one")
    assert find_project(tmp_path, "one") is None
    (aside,) = list_projects(tmp_path)
    assert (aside.name, aside.is_archived) == ("one", True)
    other = begun(tmp_path, "one")
    bring_back(tmp_path, "one")
    assert other.plans_path.exists() is False
    back = find_project(tmp_path, "one-2")
    assert back is not None
    assert back.plans_path.read_bytes() == b"plans"
    assert load_city(back.path).name == "one"


def test_a_law_of_its_own_goes_with_the_project_and_is_what_it_is_judged_by(tmp_path):
    law = pack(param("sign_standard", 1, "count"))
    begun = begin_project(tmp_path, replace(town(), name="own"), law)
    assert packs_beside(begun.path) == (law_beside(begun.path),)
    assert packs_beside(begun.plans_path) == (law_beside(begun.path),)
    plain = begin_project(tmp_path, replace(town(), name="plain"))
    assert packs_beside(plain.path) == ()
    own, usual = (open_project(one.path, tmp_path / "cache") for one in (begun, plain))
    assert [one.id for one in own.rules.packs] != [one.id for one in usual.rules.packs]
    assert own.rules.versions == load_packs(user=[law]).versions
    archive_project(tmp_path, "own")
    assert not law_beside(begun.path).is_file()
    bring_back(tmp_path, "own")
    assert law_beside(begun.path).read_bytes() == law


def test_a_folder_that_cannot_be_written_is_refused_in_words(tmp_path):
    (tmp_path / "projects").write_text("a file is in the way")
    with pytest.raises(WriteError):
        begun(tmp_path / "projects", "town")


def test_there_are_examples_to_try():
    assert list_examples() == [DISTRICT, HELSINKI]
    district = read_example(DISTRICT)
    assert district.synthetic
    assert len(district.cameras) > 100
    with pytest.raises(KeyError):
        read_example("../secret")
