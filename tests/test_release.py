"""What stands in the way of a release is named before anybody tags it."""

from __future__ import annotations

import json
import subprocess
import tomllib
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

import pytest

from tools.release import build, require_version, require_wheels, try_outside
from tools.tree import NotReadyError, require_clean

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def tree(tmp_path):
    def write(version="1.2.3", browser="1.2.3", heading="## 1.2.3 (2026-12-01)"):
        (tmp_path / "pyproject.toml").write_text(f'[project]\nversion = "{version}"\n', "utf-8")
        (tmp_path / "package.json").write_text(json.dumps({"version": browser}), "utf-8")
        (tmp_path / "CHANGELOG.md").write_text(f"# Changes\n\n{heading}\n\n- A line.\n", "utf-8")
        return tmp_path

    return write


def test_one_version_everywhere_is_ready(tree):
    assert require_version(tree()) == "version 1.2.3"
    assert require_version(tree(heading="## Unreleased\n\n## 1.2.3 (2026-12-01)"))


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"version": "1.2"}, "no version of semver"),
        ({"version": "01.2.3"}, "no version of semver"),
        ({"browser": "1.2.2"}, "package.json says 1.2.2"),
        (
            {"heading": "## Unreleased\n\n- New.\n\n## 1.2.3 (2026-12-01)"},
            "has to begin with '## 1.2.3",
        ),
        ({"heading": "## 1.2.2 (2026-12-01)"}, "has to begin with '## 1.2.3"),
        ({"heading": "## 1.2.3"}, "has to begin with '## 1.2.3"),
    ],
)
def test_what_differs_is_named(tree, changed, told):
    with pytest.raises(NotReadyError, match=told):
        require_version(tree(**changed))


def test_what_is_not_committed_is_named(tmp_path):
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    assert require_clean(tmp_path) == "clean"
    (tmp_path / "new.txt").touch()
    with pytest.raises(NotReadyError, match=r"new\.txt"):
        require_clean(tmp_path)


def test_the_browser_files_have_the_version_of_the_package():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    for name in ("package.json", "package-lock.json"):
        assert json.loads((ROOT / name).read_text("utf-8"))["version"] == version


def test_a_commit_is_held_to_what_make_lint_runs():
    hooks = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    lint = (
        (ROOT / "Makefile").read_text("utf-8").partition("\nlint: setup\n")[2].partition("\n\n")[0]
    )
    for line in lint.splitlines():
        assert f".venv/bin/python {line.split('$(PY) ')[1]}" in hooks


def locked(folder, name, tag):
    """Make a wheel that holds nothing; return its line in a lock."""
    path, about = folder / f"{name}-1.0-{tag}.whl", f"{name}-1.0.dist-info"
    said = {
        "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        "WHEEL": "Wheel-Version: 1.0\n",
        "RECORD": "",
    }
    with ZipFile(path, "w") as wheel:
        for file, text in said.items():
            wheel.writestr(f"{about}/{file}", text)
    return f"{name}==1.0 --hash=sha256:{sha256(path.read_bytes()).hexdigest()}\n"


@pytest.mark.slow
def test_a_machine_for_which_a_locked_package_has_no_wheel_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    made = {"everywhere": "py3-none-any", "here": "cp311-abi3-manylinux_2_28_x86_64"}
    lock = tmp_path / "requirements.lock"
    lock.write_text("".join(locked(tmp_path, *one) for one in made.items()), "utf-8")
    with pytest.raises(NotReadyError) as told:
        require_wheels(lock)
    lines = str(told.value).splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        f"{name}, Python 3.{n}" for name in ("linux_aarch64", "win_amd64") for n in (11, 12, 13)
    ]
    assert all("here==1.0 has no " in line for line in lines)
    lock.write_text(locked(tmp_path, "everywhere", "py3-none-any"), "utf-8")
    assert "linux_x86_64, linux_aarch64, win_amd64, 3.11, 3.12, 3.13" in require_wheels(lock)


@pytest.mark.slow
def test_what_is_built_works_in_an_empty_environment_elsewhere(tmp_path):
    assert "built civicsight-" in build(tmp_path)
    assert try_outside(tmp_path).endswith("helsinki")
