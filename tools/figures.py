"""Print how large the code base is and how it hangs together, as a page of figures.

python -m tools.figures            what can be counted without running anything
python -m tools.figures --cases    the cases that each stage of `make test` collects, too
python -m tools.figures --seconds  and how long each stage takes, one after the other
"""

from __future__ import annotations

import argparse
import ast
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

ROOT: Final = Path(__file__).resolve().parent.parent
PACKAGE: Final = "civicsight"
SMALL_LINES: Final = 80
"""Modules below this should have a reason to stand alone."""

LONGEST: Final = 10
"""How many of the longest modules and functions are printed."""

STAGES: Final = ("lint", "compiled", "alone", "uncompiled")
MARKS: Final = {
    "compiled": "not slow and not alone and not parts",
    "alone": "alone and not slow",
    "uncompiled": "kernels and not slow and not compiled_only and not alone",
    "make verify": "slow",
}


def modules() -> dict[str, Path]:
    """Return the modules of the package by dotted name; a package goes by its own name."""
    found = {}
    for path in sorted((ROOT / PACKAGE).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(path: Path, known: frozenset[str]) -> Iterator[str]:
    """Yield the modules of the package that a module imports, also for types and inside functions.

    ``from package import name`` imports the module of that name if there is one, else the package.
    """
    for node in statements(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module in known:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in known else node.module


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and all statements in it, at any depth; an import stands in no expression."""
    yield node
    for block in ("body", "orelse", "finalbody", "handlers", "cases"):
        inner = getattr(node, block, ())
        for child in inner if isinstance(inner, list) else ():
            yield from statements(child)


def graph(found: dict[str, Path]) -> np.ndarray:
    """Return which module (row) imports which (column), without those of its own package's door.

    Shape ``(n, n)``, bool. A module that imports its own package only opens the door it stands in.
    """
    known, place = frozenset(found), {name: row for row, name in enumerate(found)}
    linked = np.zeros((len(found), len(found)), bool)
    for name, path in found.items():
        for other in imports(path, known):
            if other != name and not name.startswith(f"{other}."):
                linked[place[name], place[other]] = True
    return linked


def circles(names: list[str], linked: np.ndarray) -> list[list[str]]:
    """Return the groups of modules that import each other, directly or by way of others."""
    _, group = connected_components(coo_array(linked), directed=True, connection="strong")
    sizes = np.bincount(group)
    return [
        [name for name, own in zip(names, group, strict=True) if own == circle]
        for circle in np.flatnonzero(sizes > 1)
    ]


def lines_of(path: Path) -> int:
    """Return how many lines a file has, empty ones and comments too."""
    return len(path.read_text(encoding="utf-8").splitlines())


def sizes() -> Iterator[tuple[str, str]]:
    """Yield the figures of the package and of its tests, each with what it is called."""
    found = modules()
    lines = {name: lines_of(path) for name, path in found.items()}
    linked = graph(found)
    doors = {name for name, path in found.items() if path.stem == "__init__"}
    inner = np.array([name not in doors for name in found])
    importers = linked.sum(axis=0)
    rings = circles(list(found), linked)
    yield "lines of the package", f"{sum(lines.values()):,}"
    yield "modules", f"{len(found):,}"
    small = [name for name in found if lines[name] < SMALL_LINES and name not in doors]
    yield f"modules under {SMALL_LINES} lines, doors of packages aside", f"{len(small):,}"
    yield "modules with a single importer", f"{int(((importers == 1) & inner).sum()):,}"
    yield "imports from module to module", f"{int(linked.sum()):,}"
    yield "circles between modules", f"{len(rings):,}"
    for ring in rings:
        yield "  one of them", ", ".join(name.removeprefix(f"{PACKAGE}.") for name in ring)
    tests = sorted((ROOT / "tests").rglob("*.py"))
    yield "lines of tests", f"{sum(map(lines_of, tests)):,}"
    yield "files of tests", f"{len(tests):,}"


def rooms() -> Iterator[tuple[str, str]]:
    """Yield lines and modules of each room."""
    found = modules()
    names = sorted({".".join(name.split(".")[:2]) for name in found})
    for room in names[1:]:
        own = [path for name, path in found.items() if name == room or name.startswith(f"{room}.")]
        yield room.partition(".")[2], f"{sum(map(lines_of, own)):,} lines, {len(own)} modules"


def longest() -> Iterator[tuple[str, str]]:
    """Yield the longest modules and functions with their lines, docstrings included."""
    found = modules()
    by_module = {name: lines_of(path) for name, path in found.items()}
    by_function = {
        f"{name}.{node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for name, path in found.items()
        for node in statements(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    for kind, lines in (("module", by_module), ("function", by_function)):
        for name in sorted(lines, key=lambda one: -lines[one])[:LONGEST]:
            yield f"{kind} {name.partition('.')[2]}", f"{lines[name]:,} lines"


def cases() -> Iterator[tuple[str, str]]:
    """Yield how many cases each stage collects."""
    for stage, marks in MARKS.items():
        command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-m", marks]
        told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
        counted = re.search(r"^(\d+)(?:/\d+)? tests? collected", told, re.MULTILINE)
        yield f"cases of {stage}", f"{int(counted[1]):,}" if counted else "not collected"


def seconds() -> Iterator[tuple[str, str]]:
    """Yield how long each stage takes by itself, and how it ends if it fails."""
    for stage in STAGES:
        start = time.perf_counter()
        code = subprocess.run(
            ["make", stage], cwd=ROOT, capture_output=True, check=False
        ).returncode
        took = f"{time.perf_counter() - start:,.0f} s"
        yield f"make {stage}", took if code == 0 else f"{took}, failed"


def main() -> None:
    """Print the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", action="store_true", help="collect the cases of each stage")
    parser.add_argument("--seconds", action="store_true", help="run each stage and time it")
    asked = parser.parse_args()
    parts = [sizes(), rooms(), longest()]
    parts += [cases()] if asked.cases else []
    parts += [seconds()] if asked.seconds else []
    for part in parts:
        sys.stdout.write("\n| what | figure |\n|---|---|\n")
        for name, figure in part:
            sys.stdout.write(f"| {name} | {figure} |\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
