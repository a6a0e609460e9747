"""What leaves is what a commit has: nothing that lies beside it, and the same bytes twice."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from zipfile import ZipFile

import pytest

from tools import bundle, tree

VENDOR = "civicsight/maps/vendor/leaflet.js"
PROJECT = """[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "civicsight"
version = "0.1"
[tool.hatch.build]
ignore-vcs = true
[tool.hatch.build.targets.wheel]
packages = ["civicsight"]
"""


def git(folder, *words):
    named = ("-c", "user.name=Li", "-c", "user.email=li@city.example")
    subprocess.run(["git", *named, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A small repository with a browser file that set-up fetched, as ours has them."""
    folder = tmp_path / "clone"
    sums = f"{hashlib.sha256(b'fetched').hexdigest()}  leaflet.js\n"
    files = {"pyproject.toml": PROJECT, ".gitignore": "/civicsight/maps/vendor/\n.env\n",
             "civicsight/__init__.py": "", "civicsight/maps/assets.sha256": sums,
             "data/demo/cameras.csv": "id\r\n1\r\n", "docs/index.md": "# Index\n"}  # fmt: skip
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "Begin")
    (folder / VENDOR).parent.mkdir()
    (folder / VENDOR).write_bytes(b"fetched")
    monkeypatch.setattr(bundle, "ROOT", folder)
    return folder


BESIDE = {"data/.env": "PGPASSWORD=1", "civicsight/.env": "1", "data/real/cameras.csv": "id\n",
          "docs/notes.md": "", f"{VENDOR}.map": ""}  # fmt: skip
"""What lay in folders that are packed: ignored by git, and not."""


def lay_beside(clone):
    for name, text in BESIDE.items():
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        (clone / name).write_text(text, encoding="utf-8")


def test_what_git_does_not_track_is_in_no_export_and_in_no_wheel(clone, tmp_path):
    lay_beside(clone)
    (clone / "data/demo/cameras.csv").write_text("changed and not committed")
    exported = tree.export(clone, tmp_path / "exported")
    held = {path.relative_to(exported).as_posix() for path in exported.rglob("*") if path.is_file()}
    tracked = subprocess.check_output(["git", "ls-files"], cwd=clone, text=True).split()
    assert held == {*tracked, VENDOR}
    assert (exported / "data/demo/cameras.csv").read_bytes() == b"id\r\n1\r\n"
    tree.hatch(exported, tmp_path, "wheel")
    with ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = {name for name in wheel.namelist() if "dist-info" not in name}
    assert names == {"civicsight/__init__.py", "civicsight/maps/assets.sha256", VENDOR}


@pytest.mark.parametrize("name", ["data/real/cameras.csv", "data/demo/cameras.csv"])
def test_a_dirty_tree_is_refused_by_name_before_anything_is_built(clone, monkeypatch, name):
    (clone / name).parent.mkdir(exist_ok=True)
    (clone / name).write_text("real\n", encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["bundle"])
    monkeypatch.setattr(bundle, "build", lambda *_: pytest.fail("it was built"))
    with pytest.raises(SystemExit, match="data") as error:
        bundle.main()
    assert "git status" in str(error.value)


def test_what_is_no_clone_is_refused(tmp_path):
    with pytest.raises(tree.NotReadyError, match="git"):
        tree.require_clean(tmp_path)


def test_a_browser_file_that_is_another_is_refused(clone, tmp_path):
    (clone / VENDOR).write_bytes(b"another")
    with pytest.raises(tree.NotReadyError, match="make setup"):
        tree.export(clone, tmp_path / "exported")


@pytest.mark.slow
def test_two_builds_of_one_commit_are_the_same_bytes(clone, tmp_path, monkeypatch):
    """Whatever the clock of the sources, the rights of new files and the setting of the time."""
    digests = set()
    for number, (epoch, mask) in enumerate((("1", 0o022), ("1900000000", 0o077))):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
        before = os.umask(mask)
        try:
            exported = tree.export(clone, tmp_path / f"exported{number}")
            for path in exported.rglob("*"):
                os.utime(path, (int(epoch), int(epoch)))
            out = tmp_path / f"out{number}"
            tree.hatch(exported, out, "wheel", "sdist")
        finally:
            os.umask(before)
        built = sorted(out.iterdir())
        assert len(built) == 2
        digests.add(tuple(hashlib.sha256(one.read_bytes()).hexdigest() for one in built))
    assert len(digests) == 1
