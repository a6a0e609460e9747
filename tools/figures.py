"""Print how large the code base is and how it hangs together, as a page of figures.

python -m tools.figures            what can be counted without running anything
python -m tools.figures --cases    the cases that each stage of `make test` collects, too
python -m tools.figures --seconds  and how long each stage takes, one after the other

Figures are read by whoever folds the house; no test goes for one of them but the circles.
"""

from __future__ import annotations

import argparse
import ast
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final, TypeGuard

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

ROOT: Final = Path(__file__).resolve().parent.parent
PACKAGE: Final = "civicsight"
SMALL_LINES: Final = 80
"""Modules below this should have a reason to stand alone."""

LONGEST: Final = 10
"""How many of the longest modules and functions are printed."""

MANY_PARAMETERS: Final = 10
"""A function with more asks for a value that holds them."""

SAME_BODY_STATEMENTS: Final = 3
"""Bodies of so many statements or more are compared; shorter ones are alike by nature."""

BUDGET: Final[Mapping[str, float]] = {
    "io": 17, "ui": 14, "planning": 14, "coverage": 14, "report": 9, "cli": 5, "rules": 5,
    "store": 4.2, "maps": 3, "editing": 2.3, "region": 1.8, "presentation": 1.6, "inventory": 1.4,
    "core": 2.6,
}  # fmt: skip
"""What a room should need, in thousand lines of code. A measure to fold towards."""

COUNTED_WITH: Final[Mapping[str, str]] = {"application": "ui", "model": "core"}
"""Rooms that share the budget of another one."""

STAGES: Final = ("lint", "compiled", "alone", "uncompiled")
MARKS: Final = {
    "compiled": "not slow and not alone and not parts",
    "alone": "alone and not slow",
    "uncompiled": "kernels and not slow and not compiled_only and not alone",
    "make verify": "slow",
}

SIZES: Final = ("statements", "data", "lines", "modules", "small", "single")

IMPORTS: Final = (ast.Import, ast.ImportFrom)
FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)

Row = tuple[str, ...]


def modules() -> dict[str, Path]:
    """Return the modules of the package by dotted name; a package goes by its own name."""
    found = {}
    for path in sorted((ROOT / PACKAGE).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def text_of(path: Path) -> str:
    """Return what a file says."""
    return path.read_text(encoding="utf-8")


@cache
def tree_of(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(text_of(path))


def imports(path: Path, known: frozenset[str]) -> Iterator[str]:
    """Yield the modules of the package that a module imports, also for types and inside functions.

    ``from package import name`` imports the module of that name if there is one, else the package.
    """
    for node in statements(tree_of(path)):
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
    return len(text_of(path).splitlines())


def is_docstring(node: ast.AST) -> TypeGuard[ast.Expr]:
    """Return whether a statement is nothing but a text: a docstring, or one below a constant."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def span(node: ast.stmt) -> range:
    """Return the numbers of the lines that a statement takes."""
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def code_lines(source: str, tree: ast.Module) -> set[int]:
    """Return the numbers of the lines that hold code: no blanks, comments or docstrings."""
    written = (line.strip() for line in source.splitlines())
    lines = {number for number, line in enumerate(written, start=1) if line and line[0] != "#"}
    for node in filter(is_docstring, statements(tree)):
        lines.difference_update(span(node))
    return lines


def functions_of(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Return all functions and methods of a module, inner ones too."""
    return [node for node in statements(tree) if isinstance(node, FUNCTIONS)]


def parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return how many parameters a function has."""
    asked = node.args
    return len(asked.posonlyargs) + len(asked.args) + len(asked.kwonlyargs)


def called_once(tree: ast.Module) -> int:
    """Return how many private helpers of a module are named once in it, where they are called."""
    named = Counter(
        node.id if isinstance(node, ast.Name) else node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Name | ast.Attribute)
    )
    names = [node.name for node in functions_of(tree)]
    return sum(name.startswith("_") and name[1:2] != "_" and named[name] == 1 for name in names)


def same_bodies(found: Mapping[str, Path]) -> dict[str, int]:
    """Return how many lines by module stand in functions whose body is that of another one."""
    bodies: dict[str, list[tuple[str, int]]] = {}
    for name, path in found.items():
        for node in functions_of(tree_of(path)):
            body = [inner for inner in node.body if not is_docstring(inner)]
            if len(body) >= SAME_BODY_STATEMENTS:
                lines = len(range(body[0].lineno, span(body[-1]).stop))
                bodies.setdefault("\n".join(map(ast.dump, body)), []).append((name, lines))
    repeated = (place for places in bodies.values() if len(places) > 1 for place in places)
    counted: Counter[str] = Counter()
    for name, lines in repeated:
        counted[name] += lines
    return dict(counted)


def measures() -> pd.DataFrame:
    """Return the measures of every module, indexed by its name; all are numbers.

    ``code`` are lines without blanks, comments and docstrings, ``statements`` those of the syntax
    tree. ``back`` are imports against the direction that most imports between two folders of one
    room take.
    """
    found = modules()
    linked = graph(found)
    same = same_bodies(found)
    rows = {}
    for name, path in found.items():
        source, tree = text_of(path), tree_of(path)
        code = code_lines(source, tree)
        inner = [node for node in statements(tree) if isinstance(node, ast.stmt)]
        functions = functions_of(tree)
        is_small = path.stem != "__init__" and lines_of(path) < SMALL_LINES
        rows[name] = {
            "lines": lines_of(path),
            "code": len(code),
            "statements": sum(not is_docstring(node) for node in inner),
            "functions": len(functions),
            "once": called_once(tree),
            "imports": sum(len(span(node)) for node in inner if isinstance(node, IMPORTS)),
            "modules": 1,
            "small": int(is_small),
            "skip": source.count("# fmt: skip"),
            "any": sum(isinstance(node, ast.Name) and node.id == "Any" for node in ast.walk(tree)),
            "wide": sum(parameters(node) > MANY_PARAMETERS for node in functions),
            "same": same.get(name, 0),
        }
    table = pd.DataFrame.from_dict(rows, orient="index")
    doors = np.array([path.stem == "__init__" for path in found.values()])
    table["single"] = ((linked.sum(axis=0) == 1) & ~doors).astype(int)
    table["back"] = back_arrows(list(found), linked)
    return table


def back_arrows(names: list[str], linked: np.ndarray) -> np.ndarray:
    """Return how many imports of each module go against the stream between folders of its room.

    Of two folders that import each other, the fewer imports go back. The catalogue of faults of a
    room counts as a folder. Shape ``(n,)``, int.
    """
    pairs = pd.DataFrame(np.argwhere(linked), columns=["one", "other"])
    parts = pd.Series(names).str.split(".")
    is_inside = parts.str.len().gt(3) | parts.str[2].eq("faults")
    room, folder = parts.str[1], parts.str[2].where(is_inside, "")
    for side in ("one", "other"):
        pairs[f"{side}_room"] = pairs[side].map(room)
        pairs[f"{side}_folder"] = pairs[side].map(folder)
    pairs = pairs[
        (pairs["one_room"] == pairs["other_room"]) & (pairs["one_folder"] != pairs["other_folder"])
    ]
    way = ["one_room", "one_folder", "other_folder"]
    there = pairs.groupby(way).size()
    back = there.reindex(
        pd.MultiIndex.from_frame(pairs[["one_room", "other_folder", "one_folder"]])
    )
    onward = there.reindex(pd.MultiIndex.from_frame(pairs[way]))
    against = pairs["one"][back.fillna(0).to_numpy() > onward.to_numpy()]
    return np.bincount(against, minlength=len(names))


def data_lines() -> pd.Series:
    """Return the lines of each room that are no Python: templates, styles, scripts, packs."""
    skipped = {".py", ".pyc", ".png", ".typed"}
    files = [
        path
        for path in sorted((ROOT / PACKAGE).rglob("*"))
        if path.is_file() and path.suffix not in skipped and "vendor" not in path.parts
    ]
    rooms = [path.relative_to(ROOT / PACKAGE).parts[0] for path in files]
    return pd.Series([lines_of(path) for path in files], index=rooms).groupby(level=0).sum()


def rooms() -> Iterator[Row]:
    """Yield the measures of each room, and of the whole package, with their headings first."""
    table = measures()
    room = pd.Series(table.index, index=table.index).str.split(".").str[1].fillna("")
    by_room = table.groupby(room).sum().drop(index=["", "__main__"], errors="ignore")
    by_room = by_room.join(data_lines().rename("data"), how="outer").fillna(0).astype(int)
    by_room.loc["all"] = by_room.sum()
    shared = pd.Series(by_room.index, index=by_room.index).replace(COUNTED_WITH)
    yield (
        "room", "code", "budget", "statements", "data", "lines", "modules", "small", "one importer",
        "functions", "called once", "imports", "back", "fmt: skip", "Any",
        f"over {MANY_PARAMETERS} parameters", "same bodies",
    )  # fmt: skip
    for name, row in by_room.iterrows():
        budget = sum(BUDGET.values()) if name == "all" else BUDGET.get(str(shared[name]), 0)
        with_others = [other for other in shared.index[shared == shared[name]] if other != name]
        yield (
            str(name),
            f"{row['code']:,}",
            " with ".join([f"{budget * 1000:,.0f}" if budget else "-", *with_others]),
            *(f"{row[kind]:,}" for kind in SIZES),
            f"{row['functions']:,}",
            f"{row['once']:,} ({row['once'] / max(row['functions'], 1):.0%})",
            f"{row['imports']:,} ({row['imports'] / max(row['code'], 1):.1%})",
            *(f"{row[kind]:,}" for kind in ("back", "skip", "any", "wide", "same")),
        )


def whole() -> Iterator[Row]:
    """Yield what is no sum of rooms: how modules hang together, and the tests."""
    found = modules()
    linked = graph(found)
    rings = circles(list(found), linked)
    yield ("what", "figure")
    yield ("imports from module to module", f"{int(linked.sum()):,}")
    yield ("circles between modules", f"{len(rings):,}")
    for ring in rings:
        yield ("  one of them", ", ".join(name.removeprefix(f"{PACKAGE}.") for name in ring))
    tests = sorted((ROOT / "tests").rglob("*.py"))
    yield ("files of tests", f"{len(tests):,}")
    yield ("lines of tests", f"{sum(map(lines_of, tests)):,}")
    yield (
        "code lines of tests",
        f"{sum(len(code_lines(text_of(path), tree_of(path))) for path in tests):,}",
    )


def longest() -> Iterator[Row]:
    """Yield the longest modules and functions with their lines, docstrings included."""
    found = modules()
    by_module = {name: lines_of(path) for name, path in found.items()}
    by_function = {
        f"{name}.{node.name}": len(span(node))
        for name, path in found.items()
        for node in functions_of(tree_of(path))
    }
    yield ("longest", "lines")
    for kind, lines in (("module", by_module), ("function", by_function)):
        for name in sorted(lines, key=lambda one: -lines[one])[:LONGEST]:
            yield (f"{kind} {name.partition('.')[2]}", f"{lines[name]:,}")


def cases() -> Iterator[Row]:
    """Yield how many cases each stage collects."""
    yield ("stage", "cases")
    for stage, marks in MARKS.items():
        command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-m", marks]
        told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
        counted = re.search(r"^(\d+)(?:/\d+)? tests? collected", told, re.MULTILINE)
        yield (stage, f"{int(counted[1]):,}" if counted else "not collected")


def seconds() -> Iterator[Row]:
    """Yield how long each stage takes by itself, and how it ends if it fails."""
    yield ("stage", "time")
    for stage in STAGES:
        start = time.perf_counter()
        code = subprocess.run(
            ["make", stage], cwd=ROOT, capture_output=True, check=False
        ).returncode
        took = f"{time.perf_counter() - start:,.0f} s"
        yield (f"make {stage}", took if code == 0 else f"{took}, failed")


def main() -> None:
    """Print the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", action="store_true", help="collect the cases of each stage")
    parser.add_argument("--seconds", action="store_true", help="run each stage and time it")
    asked = parser.parse_args()
    parts: list[Iterable[Row]] = [rooms(), whole(), longest()]
    parts += [cases()] if asked.cases else []
    parts += [seconds()] if asked.seconds else []
    for part in parts:
        for number, row in enumerate(part):
            sys.stdout.write(("\n" if number == 0 else "") + f"| {' | '.join(row)} |\n")
            sys.stdout.write("|" + "---|" * len(row) + "\n" if number == 0 else "")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
