"""Run the tests that concern what changed since a commit: `python -m tools.changed [COMMIT]`.

What imports a changed module, at any depth, is concerned; so is what names a changed file or a
folder of it, as tests do that start processes or read documents. Files of tests run in the order of
their distance to the change. A change to what all tests share, as to the locks, concerns all.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from tools.figures import imports, text_of

ROOT: Final = Path(__file__).resolve().parent.parent
ROOMS: Final = ("civicsight", "tests", "tools", "benchmarks")
SHARED: Final = ("tests/conftest.py", "pyproject.toml", "requirements-dev.lock")
QUICK: Final = "not slow and not alone and not parts"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is concerned, or list it; return what pytest returns."""
    parser = argparse.ArgumentParser(prog="python -m tools.changed", description=__doc__)
    parser.add_argument("commit", nargs="?", default="main", help="main, if not said")
    parser.add_argument("--list", action="store_true", help="name the files, and run nothing")
    asked = parser.parse_args(arguments)
    changed = changed_since(asked.commit)
    files = concerned(changed)
    print(f"changed: {len(changed)} files; concerned: {len(files)} files of tests", flush=True)
    if asked.list or not files:
        print(*files, sep="\n")
        return 0
    words = [sys.executable, "-m", "pytest", "-m", QUICK, *files]
    return subprocess.run(words, cwd=ROOT, check=False).returncode


def changed_since(commit: str, root: Path = ROOT) -> list[str]:
    """Return the files that differ from where this branch left a commit; new and lost ones too."""
    git = partial(subprocess.run, cwd=root, check=False, capture_output=True, text=True)
    left = git(["git", "merge-base", commit, "HEAD"])
    if left.returncode:
        sys.exit(f"{commit} is no commit of this repository: name a branch, a tag or a commit.")
    differing = git(["git", "diff", "--name-only", "--no-renames", "-z", left.stdout.strip()])
    new = git(["git", "ls-files", "--others", "--exclude-standard", "-z"])
    return sorted(set(filter(None, (differing.stdout + new.stdout).split("\0"))))


def concerned(changed: Iterable[str], root: Path = ROOT) -> list[str]:
    """Return the files of tests that concern changed files, the nearest first."""
    changed = list(changed)
    paths = [path for room in ROOMS for path in sorted((root / room).rglob("*.py"))]
    files = {path.relative_to(root).as_posix(): path for path in paths}
    tests = [file for file in files if file.startswith("tests/test_") and file.count("/") == 1]
    if any(file in SHARED for file in changed):
        return tests
    importers = importers_of(files)
    near = {file for file in files if names_any(text_of(files[file]), changed)}
    near |= {file for file in changed if file in files}
    order, reached = sorted(near), set(near)
    for file in order:  # it grows while it is gone through
        more = sorted(importers.get(file, set()) - reached)
        reached.update(more)
        order += more
    return [file for file in order if file in set(tests)]


def importers_of(files: Mapping[str, Path]) -> dict[str, set[str]]:
    """Return by file the files that import it."""
    by_name = {module_of(file): file for file in files}
    found: dict[str, set[str]] = {}
    for file, path in files.items():
        for name in imports(path, frozenset(by_name)):
            found.setdefault(by_name[name], set()).add(file)
    return found


def module_of(file: str) -> str:
    """Return the dotted name of a module; a package goes by its own name."""
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def names_any(text: str, changed: Iterable[str]) -> bool:
    """Tell whether a text names one of some files: its module, its name, or a folder it lies in."""
    return any(name in text for file in changed for name in names_of(file))


def names_of(file: str) -> set[str]:
    """Return what a text may call a file.

    A module is called by its dotted name or its path, another file by its name or a quoted folder
    of it; folders of modules are in every text.
    """
    path = Path(file)
    if path.suffix == ".py":
        return {f'"{module_of(file)}', file}
    folders = [part for part in path.parts[:-1] if part not in ROOMS]
    quoted = {f"{quote}{part}{end}" for part in folders for quote in '"/' for end in '"/'}
    return {path.name, *quoted}


if __name__ == "__main__":
    sys.exit(main())
