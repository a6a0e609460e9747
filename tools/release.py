"""Check that this commit can be released: `python -m tools.release [--out FOLDER]`.

1. The tree is clean; one version stands in the package, the browser files and the changelog.
2. Wheel and source archive are built without the network, and the one built from the archive holds
   the same files.
3. The locks are compared with the kept snapshot of advisories; without one that is fresh, only
   `--not-audited` goes on, and the release says so.
4. Each locked package has a wheel for each machine and Python that a bundle is made for.
5. The wheel is installed into an empty environment outside of the repository, from locked wheels
   only, and works on the demo there.

Each step prints what it found; the first that fails ends the run. Tag and upload are for people.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import venv
from collections.abc import Callable
from datetime import date
from itertools import product
from pathlib import Path
from typing import Final
from zipfile import ZipFile

from tools.advisories import CLEAN, KEPT, state_of_release
from tools.locked_wheels import AS_PIP, LOCKED, own_sources
from tools.tree import NotReadyError, export, hatch, require_clean
from tools.wheelhouse import PLATFORMS, PYTHONS

ROOT: Final = Path(__file__).resolve().parent.parent
SEMANTIC: Final = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?")
HEADING: Final = re.compile(r"^## (.+)$", re.MULTILINE)
NOTHING_NEW: Final = re.compile(r"^## Unreleased\s+(?=## )", re.MULTILINE)
DATED: Final = re.compile(r"(\S+) \((\d{4}-\d{2}-\d{2})\)")
MOST_DAYS: Final = 30
"""So old may a snapshot of advisories be on the day of a release."""

DEMO: Final = ("summary.json", "civicsight.gpkg", "page.en.html", "page.zh-CN.html")
"""What the demo writes for each city, whatever else."""


def main() -> None:
    """Go through all steps."""
    parser = argparse.ArgumentParser(description="Check that this commit can be released.")
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    parser.add_argument("--not-audited", action="store_true", help="release without an audit")
    asked = parser.parse_args()
    steps: tuple[Callable[[], str], ...] = (
        lambda: require_clean(ROOT),
        lambda: require_version(ROOT),
        lambda: require_audit(ROOT / KEPT, release_day(ROOT), not_audited=asked.not_audited),
        lambda: require_wheels(ROOT / "requirements.lock"),
        lambda: build(asked.out),
        lambda: try_outside(asked.out),
    )
    for step in steps:
        try:
            print(step())
        except NotReadyError as error:
            sys.exit(f"not ready: {error}")


def require_version(root: Path) -> str:
    """Refuse a version that is none, stands otherwise elsewhere, or that the changelog lacks."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    version = str(project["version"])
    if SEMANTIC.fullmatch(version) is None:
        message = f"{version} is no version of semver.org"
        raise NotReadyError(message)
    browser = json.loads((root / "package.json").read_text(encoding="utf-8"))["version"]
    if browser != version:
        message = f"package.json says {browser}, pyproject.toml {version}"
        raise NotReadyError(message)
    changes = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = HEADING.findall(NOTHING_NEW.sub("", changes))
    first = DATED.fullmatch(headings[0]) if headings else None
    if first is None or first[1] != version:
        message = f"CHANGELOG.md has to begin with '## {version} (YYYY-MM-DD)', not {headings[:1]}"
        raise NotReadyError(message)
    return f"version {version}"


def release_day(root: Path) -> date:
    """Return the day of the first version of a changelog that `require_version` took."""
    changes = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    found = DATED.fullmatch(HEADING.findall(NOTHING_NEW.sub("", changes))[0])
    return date.fromisoformat(found[2]) if found else date.min


def require_audit(kept: Path, day: date, *, not_audited: bool = False) -> str:
    """Refuse a release that nobody compared with advisories, or with old ones, or that one hits.

    Parameters
    ----------
    kept
        What `tools.advisories --keep` wrote.
    day
        Day of the release.
    not_audited
        Whether it is released all the same where there is no snapshot; it says so then.
    """
    remedy = "bring one with `python -m tools.advisories SNAPSHOT --keep tools/advisories.json`"
    if not kept.exists():
        if not_audited:
            return "NOT AUDITED: no snapshot of advisories; the bundle and SECURITY.md say so"
        message = f"no snapshot of advisories: {remedy}, or say --not-audited"
        raise NotReadyError(message)
    code, known, lines = state_of_release(kept)
    age = (day - date.fromisoformat(known)).days if known else 0
    if code != CLEAN:
        message = "\n".join(lines)
    elif age < 0:
        message = f"the snapshot is of a day after the release ({known}): date the release anew"
    elif age > MOST_DAYS:
        message = f"the snapshot is of {known}, {age} days before the release: {remedy}"
    else:
        return lines[0]
    raise NotReadyError(message)


def require_wheels(lock: Path) -> str:
    """Refuse a lock of which a package has no wheel for a machine that a bundle is made for.

    uv asks where pip takes packages from, and downloads none: that a wheel is the locked one is
    seen by its hash when a bundle is made.
    """
    lacking = []
    asked = [sys.executable, "-m", "uv", "pip", "install", "--dry-run", *LOCKED, *AS_PIP]
    asked += ["--color", "never", *own_sources(), "--requirement", str(lock)]
    with tempfile.TemporaryDirectory() as folder:
        asked += ["--target", folder, "--cache-dir", f"{folder}/uv"]
        for (name, platform), python in product(PLATFORMS.items(), PYTHONS):
            target = ["--python-platform", platform.uv_name, "--python-version", python]
            done = subprocess.run([*asked, *target], capture_output=True, text=True, check=False)
            if done.returncode:
                lacking.append(f"{name}, Python {python}: {' '.join(done.stderr.split())[:300]}")
    if lacking:
        raise NotReadyError("\n".join(lacking))
    return f"a wheel of each locked package for {', '.join(PLATFORMS)}, {', '.join(PYTHONS)}"


def build(out: Path) -> str:
    """Build wheel and source archive, and the wheel of the archive beside them."""
    out.mkdir(parents=True, exist_ok=True)
    for old in (*out.glob("*.whl"), *out.glob("*.tar.gz")):
        old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        hatch(export(ROOT, Path(folder, "tree")), out, "wheel", "sdist")
        (wheel,), (archive,) = out.glob("*.whl"), out.glob("*.tar.gz")
        with tarfile.open(archive) as packed:
            packed.extractall(Path(folder, "sources"), filter="data")
        (source,) = Path(folder, "sources").iterdir()
        again = Path(folder, "again")
        hatch(source, again, "wheel")
        (other,) = again.glob("*.whl")
        differ = names_of(wheel) ^ names_of(other)
    lost = {name for name in differ if "/vendor/" not in name}  # browser files come at set-up
    if lost:
        message = f"wheel and source archive differ: {sorted(lost)[:10]}"
        raise NotReadyError(message)
    return f"built {wheel.name} ({len(names_of(wheel))} files), {archive.name}"


def names_of(wheel: Path) -> set[str]:
    """Return the names in a wheel, without its own list of them."""
    with ZipFile(wheel) as packed:
        return {name for name in packed.namelist() if not name.endswith("/RECORD")}


def try_outside(out: Path) -> str:
    """Install the wheel into an empty environment elsewhere, and let it work on its demo."""
    (wheel,) = out.glob("*.whl")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        venv.create(folder / "env", with_pip=True)
        programs = folder / "env" / ("Scripts" if os.name == "nt" else "bin")
        pip = [str(programs / "python"), "-m", "pip", "install", "--quiet"]
        locked = [
            "--only-binary",
            ":all:",
            "--require-hashes",
            "-r",
            str(ROOT / "requirements.lock"),
        ]
        _run([*pip, *locked], folder)
        _run([*pip, "--no-deps", "--no-index", str(wheel.resolve())], folder)
        _run([str(programs / "civicsight"), "demo", "--out", "demo"], folder)
        cities = sorted(path for path in (folder / "demo").iterdir() if path.is_dir())
        lacking = [
            f"{city.name}/{file}" for city in cities for file in DEMO if not (city / file).is_file()
        ]
        if lacking or not cities:
            message = f"the demo did not write {lacking or 'anything'}"
            raise NotReadyError(message)
        return f"works outside of the repository: {', '.join(city.name for city in cities)}"


def _run(command: list[str], folder: Path) -> None:
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        command, cwd=folder, env=clean, capture_output=True, text=True, check=False
    )
    if done.returncode:
        message = f"{' '.join(command)} ended with {done.returncode}: {done.stderr[-2000:]}"
        raise NotReadyError(message)


if __name__ == "__main__":
    main()
