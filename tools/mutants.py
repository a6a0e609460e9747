"""Change core rules one place at a time, and see whether a test fails: `python -m tools.mutants`.

From each stratum of `tests/mutants/strata.toml` a seed draws as many places, and one change of
each. A changed copy of the tree runs the tests that reach the line, and stops at the first that
fails. Every result is kept as it comes, so a run that was stopped goes on where it was; one that
was killed stands until its module or the test that killed it changes, one that survived until any
test of its stratum does. See docs/decisions/0058-mutants.md.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import hashlib
import io
import json
import multiprocessing
import os
import re
import resource
import shutil
import signal
import sys
import time
import tokenize
import tomllib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
BY_HAND: Final = "by hand"
"""Name of the stratum of `by_hand.toml`: changes that passed once, tried each time."""

FORKED: Final = multiprocessing.get_context("forkserver")
FORKED.set_forkserver_preload(
    ["geopandas", "numba", "pandas", "pytest", "rasterio", "scipy.sparse.csgraph", "shapely"]
)
"""Processes that begin with the libraries read: half of the time that a few tests take."""

PLAIN: Final = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""Plug-ins take a third of a second run; none but that of coverage is needed here."""

NONE_RUN: Final = frozenset({4, 5})
"""Exit codes of pytest where no test of such a name is found: then whole files are run."""

SLACK_S: Final = 60.0
"""A mutant may take five times what its tests took of a processor unchanged, and so much more."""

MOST_S: Final = 120.0
"""Seconds of tests that one mutant is tried by, if nobody says otherwise."""

SHARE: Final = 0.9
"""So many of all that were drawn are killed, or the run fails."""

QUICK: Final = "not slow and not alone and not browser"
"""Tests that mutants are tried by."""

NEWLINE: Final = b"\n"

NOT_COPIED: Final = (".git", ".venv", "node_modules", "out", "__pycache__", ".*_cache")

SWAPPED: Final[Mapping[str, tuple[str, ...]]] = {
    "<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<"),
    "==": ("!=",), "!=": ("==",), "is": ("is not",), "is not": ("is",),
    "in": ("not in",), "not in": ("in",), "and": ("or",), "or": ("and",),
    "+": ("-",), "-": ("+",), "*": ("/",), "/": ("*",), "//": ("*",), "%": ("*",), "**": ("*",),
    "&": ("|",), "|": ("&",), "^": ("&",),
    "+=": ("-=",), "-=": ("+=",), "*=": ("/=",), "/=": ("*=",), "&=": ("|=",), "|=": ("&=",),
}  # fmt: skip
"""Operators: the limit itself left out or let in, the opposite, the inverse."""

RENAMED: Final[Mapping[str, tuple[str, ...]]] = {
    "lt": ("le", "ge"), "le": ("lt", "gt"), "gt": ("ge", "le"), "ge": ("gt", "lt"),
    "eq": ("ne",), "ne": ("eq",), "isna": ("notna",), "notna": ("isna",),
    "any": ("all",), "all": ("any",), "min": ("max",), "max": ("min",),
    "minimum": ("maximum",), "maximum": ("minimum",), "argmin": ("argmax",), "argmax": ("argmin",),
    "idxmin": ("idxmax",), "idxmax": ("idxmin",), "floor": ("ceil", "round"), "ceil": ("floor",),
    "head": ("tail",), "tail": ("head",), "union": ("intersection",),
    "intersection": ("union",), "cummax": ("cummin",), "cummin": ("cummax",),
}  # fmt: skip
"""The same for functions and methods, as arrays and tables are compared by them."""

LEFT_ALONE: Final = frozenset({"strict", "stacklevel", "maxsize", "slots", "frozen", "kw_only"})
"""Arguments by name that guard or speed up, and decide nothing."""

ALIKE_WITHOUT: Final = frozenset({"dataclass", "cache", "lru_cache", "overload", "fragment"})
"""Decorators that are left alone: without them a module breaks at once, or does the same."""


@dataclass(frozen=True)
class Mutant:
    """One change of one place.

    Parameters
    ----------
    stratum, module
        Where it belongs; the module as a path below the root.
    line
        Where the statement begins.
    was, becomes
        The changed lines without indentation, before and after.
    text
        The module with the change.
    span
        First and last line of the statement, without its body.
    """

    stratum: str
    module: str
    line: int
    was: str
    becomes: str
    text: str
    span: tuple[int, int]

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is told by, wherever its lines move to."""
        return self.module, self.was, self.becomes

    @property
    def name(self) -> str:
        """The same as one short text."""
        return digest(*self.key)

    @property
    def is_python(self) -> bool:
        """Whether it can be compiled at all."""
        try:
            compile(self.text, self.module, "exec", dont_inherit=True)
        except SyntaxError:
            return False
        return True


@dataclass(frozen=True)
class Stratum:
    """A room of rules: its modules, and the files of tests that hold them."""

    name: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Reached:
    """What one file of tests reaches: seconds of processors, and the tests by module and line."""

    seconds: float
    lines: Mapping[str, Mapping[str, Sequence[str]]]

    def tests_at(self, module: str, span: tuple[int, int]) -> list[str] | None:
        """Return the tests that reach a statement; none by name if it runs on import."""
        lines = self.lines.get(module, {})
        at = [lines.get(str(line)) for line in range(span[0], span[1] + 1)]
        found = [test for tests in at if tests is not None for test in tests]
        return list(dict.fromkeys(found)) if any(tests is not None for tests in at) else None

    def seconds_a_line(self, module: str) -> float:
        """Return how dear a line of a module is that its tests reach; infinite if they do none."""
        reached = sum(bool(tests) for tests in self.lines.get(module, {}).values())
        return self.seconds / reached if reached else float("inf")


def digest(*texts: str) -> str:
    """Return a short digest of texts in order."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


def read_strata(root: Path = ROOT) -> tuple[int, int, list[Stratum]]:
    """Return the seed, how many mutants are drawn, and the strata."""
    told = tomllib.loads((root / "tests/mutants/strata.toml").read_text("utf-8"))
    strata = [
        Stratum(
            name,
            tuple(
                sorted(
                    str(path.relative_to(root))
                    for glob in own["modules"]
                    for path in root.glob(glob)
                    if path.name != "__init__.py"
                )
            ),
            tuple(f"tests/{test}.py" for test in own["tests"]),
        )
        for name, own in told["strata"].items()
    ]
    return told["seed"], told["drawn"], strata


SIGNS: Final[Mapping[type, str]] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
    ast.And: "and", ast.Or: "or", ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/",
    ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^",
}  # fmt: skip


Spot = tuple[int, int, tuple[str, ...]]
"""The first byte of a place, the one behind it, and what may stand there."""


class Source:
    """A module by its bytes, its tokens and its tree."""

    def __init__(self, text: str) -> None:
        self.text, self.raw, self.lines = text, text.encode(), text.split("\n")
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line.encode()) + 1)
        self.tokens = [
            (self.starts[row - 1] + len(self.lines[row - 1][:column].encode()), token.string)
            for token in tokenize.generate_tokens(io.StringIO(text).readline)
            for row, column in [token.start]
            if token.type in {tokenize.OP, tokenize.NAME}
        ]

    def places(self) -> Iterator[tuple[Any, int, int, tuple[str, ...]]]:
        """Yield every place that may be changed, behind the statement that it stands in.

        Annotations, texts and what only guards or speeds up (`LEFT_ALONE`) are left out.
        """
        yield from self._within(ast.parse(self.text), None)

    def _within(
        self, node: ast.AST, statement: Any
    ) -> Iterator[tuple[Any, int, int, tuple[str, ...]]]:
        if isinstance(node, ast.stmt):
            statement = node
        for first, last, choices in (*self._signs(node), *self._ways(node), *self._words(node)):
            yield statement, first, last, choices
        for name, value in ast.iter_fields(node):
            if name in {"annotation", "returns", "decorator_list"}:
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST) and not _is_left_alone(child):
                    yield from self._within(child, statement)

    def _signs(self, node: Any) -> Iterator[Spot]:
        """Yield the operators of a node."""
        match node:
            case ast.Compare():
                sides = [node.left, *node.comparators]
                for sign, left, right in zip(node.ops, sides, sides[1:], strict=False):
                    yield from self._swapped(SIGNS[type(sign)], left, right)
            case ast.BoolOp():
                for left, right in zip(node.values, node.values[1:], strict=False):
                    yield from self._swapped(SIGNS[type(node.op)], left, right)
            case ast.BinOp() if not _is_text(node.left) and not _is_text(node.right):
                yield from self._swapped(SIGNS.get(type(node.op), ""), node.left, node.right)
            case ast.AugAssign():
                yield from self._swapped(f"{SIGNS.get(type(node.op))}=", node.target, node.value)
            case ast.UnaryOp(op=ast.Not() | ast.Invert() | ast.USub()):
                first = self.begin(node)
                yield first, first + (4 if isinstance(node.op, ast.Not) else 1), ("",)
            case _:
                pass

    def _ways(self, node: Any) -> Iterator[Spot]:
        """Yield what decides where a node goes on."""
        match node:
            case ast.If() | ast.While() | ast.IfExp():
                first, last = self.begin(node.test), self.end(node.test)
                yield first, last, (f"not ({self.raw[first:last].decode()})",)
            case ast.comprehension():
                for test in node.ifs:
                    yield self.begin(test), self.end(test), ("True",)
            case ast.For():
                yield self.begin(node.iter), self.end(node.iter), ("()",)
            case ast.ExceptHandler(type=ast.AST()):
                yield self.begin(node.type), self.end(node.type), ("()",)
            case ast.Break() | ast.Continue():
                other = "continue" if isinstance(node, ast.Break) else "break"
                yield self.begin(node), self.end(node), (other,)
            case _:
                pass

    def _words(self, node: Any) -> Iterator[Spot]:
        """Yield constants, functions that have an opposite, and decorators."""
        match node:
            case ast.Constant(value=bool()):
                yield self.begin(node), self.end(node), (str(not node.value),)
            case ast.Constant(value=int() | float()):
                written = repr(node.value + 1), repr(node.value - 1)
                yield self.begin(node), self.end(node), written
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in RENAMED:
                yield self.end(node.func) - len(name), self.end(node.func), RENAMED[name]
            case ast.FunctionDef():
                for decorator in node.decorator_list:
                    if _called(decorator) not in ALIKE_WITHOUT:
                        yield self.begin(decorator) - 1, self.end(decorator), ("",)
            case _:
                pass

    def _swapped(self, sign: str, left: ast.expr, right: ast.expr) -> Iterator[Spot]:
        """Yield the place of an operator between its operands, where it has another."""
        words = sign.split()
        at = bisect_left(self.tokens, (self.end(left), ""))
        while sign in SWAPPED and self.tokens[at][0] < self.begin(right):
            own = self.tokens[at : at + len(words)]
            if [text for _, text in own] == words:
                yield own[0][0], own[-1][0] + len(own[-1][1]), SWAPPED[sign]
                return
            at += 1

    def begin(self, node: Any) -> int:
        """Return the first byte of a node."""
        return self.starts[int(node.lineno) - 1] + int(node.col_offset)

    def end(self, node: Any) -> int:
        """Return the byte behind a node."""
        return self.starts[int(node.end_lineno) - 1] + int(node.end_col_offset)


def _is_left_alone(node: ast.AST) -> bool:
    """Tell whether a node guards, is for readers of types, or lies where no place is known."""
    match node:
        case ast.keyword(arg=name):
            return name in LEFT_ALONE
        case ast.If(test=ast.Name(id=name)):
            return name == "TYPE_CHECKING"
        case _:
            return isinstance(node, ast.JoinedStr)


def _is_text(node: ast.expr) -> bool:
    said = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return said or isinstance(node, ast.JoinedStr)


def _called(node: ast.expr) -> str:
    """Return the last name of a decorator."""
    node = node.func if isinstance(node, ast.Call) else node
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def mutants_of(text: str, module: str, stratum: str, seed: int) -> list[Mutant]:
    """Return one change of each place of a module; which one hangs on the seed and on its line."""
    source, seen, found = Source(text), Counter[str](), []
    raw, lines = source.raw, source.lines
    for statement, first, last, choices in source.places():
        line, behind = raw[:first].count(NEWLINE), raw[last:].count(NEWLINE)
        place = f"{raw[source.starts[line] : first].decode()}|{lines[line]}|{choices}"
        seen[place] += 1
        order = int(digest(str(seed), module, place, str(seen[place])), 16) % len(choices)
        changed = (raw[:first] + choices[order].encode() + raw[last:]).decode()
        was, becomes = (
            " ".join(part.strip() for part in own[line : len(own) - behind])
            for own in (lines, changed.split("\n"))
        )
        span = _span(statement)
        found.append(Mutant(stratum, module, span[0], was, becomes, changed, span))
    return found


def _span(statement: ast.stmt) -> tuple[int, int]:
    """Return the lines of a statement, of one with a body those of its head."""
    first = min(
        [statement.lineno, *(node.lineno for node in getattr(statement, "decorator_list", []))]
    )
    body = getattr(statement, "body", None)
    last = statement.end_lineno or first
    return (first, max(first, body[0].lineno - 1)) if body else (first, last)


def draw(strata: Sequence[Stratum], seed: int, count: int, root: Path) -> list[Mutant]:
    """Draw mutants evenly by stratum, the first of each stratum first.

    The order of a stratum hangs on each place alone: what is edited elsewhere draws no other ones.
    """
    drawn: list[list[Mutant]] = []
    for nth, stratum in enumerate(strata):
        unlike = {
            mutant.key: mutant
            for module in stratum.modules
            for mutant in mutants_of((root / module).read_text("utf-8"), module, stratum.name, seed)
            if mutant.was != mutant.becomes
        }
        own = sorted(unlike.values(), key=lambda mutant: digest(str(seed), *mutant.key))
        share = count // len(strata) + (nth < count % len(strata))
        drawn.append(list(islice((mutant for mutant in own if mutant.is_python), share)))
    longest = max(len(own) for own in drawn)
    return [own[at] for at in range(longest) for own in drawn if at < len(own)]


def by_hand(root: Path) -> tuple[list[Mutant], tuple[str, ...]]:
    """Return the changes of `by_hand.toml`, and tests that hold them beside those of the strata.

    Each names lines that its module has exactly once.
    """
    told = tomllib.loads((root / "tests/mutants/by_hand.toml").read_text("utf-8"))
    found = []
    for entry in told["mutant"]:
        source = (root / entry["module"]).read_text("utf-8")
        if source.count(entry["was"]) != 1:
            sys.exit(f"by_hand.toml: {entry['module']} has not exactly once: {entry['was']}")
        line = source[: source.index(entry["was"])].count("\n") + 1
        last = line + entry["was"].count("\n")
        text = source.replace(entry["was"], entry["becomes"])
        found.append(
            Mutant(
                BY_HAND, entry["module"], line, entry["was"], entry["becomes"], text, (line, last)
            )
        )
    return found, tuple(f"tests/{test}.py" for test in told["tests"])


def explained(root: Path) -> dict[tuple[str, str, str], str]:
    """Return the reasons why survivors change nothing that anybody sees, by key."""
    told = tomllib.loads((root / "tests/mutants/survivors.toml").read_text("utf-8"))
    return {(own["module"], own["was"], own["becomes"]): own["reason"] for own in told["survivor"]}


def run_tests(tree: str, words: list[str], settings: dict[str, str], log: str) -> None:
    """Run tests in a tree, in a process that was forked with the libraries and nothing of ours."""
    os.setsid()
    os.chdir(tree)
    os.environ.update(settings)
    with Path(log).open("wb") as told:
        os.dup2(told.fileno(), 1)
        os.dup2(told.fileno(), 2)
    for name in [name for name in sys.modules if name.partition(".")[0] in {"tools", "tests"}]:
        del sys.modules[name]
    sys.path[:] = [tree, *(entry for entry in sys.path if not Path(entry, "tools").is_dir())]
    sys.dont_write_bytecode = "PYTHONDONTWRITEBYTECODE" in settings
    import pytest

    code = int(pytest.main(words))
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    seconds = sum(one.ru_utime + one.ru_stime for one in used)
    Path(log).with_suffix(".seconds").write_text(f"{seconds:.1f}", "utf-8")
    sys.stdout.flush()
    os._exit(code)


class Trial:
    """Copies of the tree in which mutants are tried, and what was found before.

    Parameters
    ----------
    root
        The tree; nothing in it is changed.
    kept
        Folder of results and copies.
    most_s
        Files of tests that one mutant is tried by take no longer in all, unchanged [s].
    """

    def __init__(self, root: Path, kept: Path, most_s: float = MOST_S) -> None:
        self.root, self.kept, self.most_s = root, kept, most_s
        self.trees: SimpleQueue[Path] = SimpleQueue()
        self.reached: dict[str, Reached] = {}

    def add_tree(self, nth: int) -> None:
        """Copy the tree once more; always to the same place, which compiled kernels are kept by."""
        tree = self.kept / f"tree-{nth}"
        shutil.rmtree(tree, ignore_errors=True)
        shutil.copytree(self.root, tree, ignore=shutil.ignore_patterns(*NOT_COPIED), symlinks=True)
        self.trees.put(tree)

    def run(
        self, tree: Path, arguments: Sequence[str], limit_s: float, **more: str
    ) -> tuple[int | None, str]:
        """Run tests in a copy; return the exit code, None past the limit, and what was printed.

        Of the cache only kernels stay: what else a mutant keeps there, the next one would believe.
        """
        cache = tree.with_name(f"{tree.name}-cache")
        for entry in cache.glob("*"):
            if entry.name != "kernels":
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        settings = {"PYTHONPATH": str(tree), "CIVICSIGHT_CACHE_DIR": str(cache), **PLAIN, **more}
        log = tree / "told.txt"
        words = ["-q", "-m", QUICK, "-p", "no:cacheprovider", f"--basetemp={tree}-temporary"]
        process = FORKED.Process(
            target=run_tests, args=(str(tree), [*words, *arguments], settings, str(log))
        )
        process.start()
        process.join(limit_s)
        code = process.exitcode
        if code is None:
            process.kill()  # its group is made by itself, a moment after it begins
            with contextlib.suppress(ProcessLookupError):
                os.killpg(int(process.pid or 0), signal.SIGKILL)
            process.join()
        return code, log.read_text("utf-8", "replace") if log.is_file() else ""

    def find_reached(self, test: str, modules: Sequence[str]) -> None:
        """Run a file of tests unchanged, and note which of its tests reach which lines."""
        texts = [(self.root / name).read_text("utf-8") for name in (test, *modules)]
        note = self.kept / "reached" / f"{Path(test).stem}-{digest(*texts)}.json"
        if not note.is_file():
            from coverage import CoverageData

            tree = self.trees.get()
            print(f"which lines {test} reaches", flush=True)
            data, settings = tree / ".coverage.reached", tree / "reached.ini"
            included = "\n".join(f"    {tree / module}" for module in modules)
            settings.write_text(f"[run]\ninclude =\n{included}\n", "utf-8")
            data.unlink(missing_ok=True)
            code, told = self.run(
                tree, [test, "-p", "pytest_cov", "--cov", f"--cov-config={settings}",
                       "--cov-context=test", "--cov-report="],
                900.0, COVERAGE_FILE=str(data),
            )  # fmt: skip
            seconds = float((tree / "told.seconds").read_text("utf-8")) if not code else 0.0
            self.trees.put(tree)
            if code:
                sys.exit(f"{test} fails without any change:\n{told[-3000:]}")
            found = CoverageData(str(data))
            found.read()
            lines = {
                module: {
                    line: sorted({each.rpartition("|")[0] for each in contexts if each})
                    for line, contexts in found.contexts_by_lineno(str(tree / module)).items()
                }
                for module in modules
            }
            note.parent.mkdir(parents=True, exist_ok=True)
            note.write_text(json.dumps({"seconds": seconds, "lines": lines}), "utf-8")
        told_of = json.loads(note.read_text("utf-8"))
        self.reached[test] = Reached(told_of["seconds"], told_of["lines"])

    def stages(self, mutant: Mutant, tests: Sequence[str]) -> list[tuple[list[str], float]]:
        """Return what to run, and its seconds: tests that reach the line, then their whole files.

        Fixtures that are made once count for the first test that asked, so files come after tests.
        A line that no test reaches by itself may be reached in a process that a test starts: then
        files of the stratum are run. What reaches most of the module in least time comes first, and
        no more than `most_s` of it: who is spared by that counts as a survivor.
        """
        order = sorted(tests, key=lambda test: self.reached[test].seconds_a_line(mutant.module))
        near = {
            test: own
            for test in order
            if (own := self.reached[test].tests_at(mutant.module, mutant.span)) is not None
        }
        files, seconds = [], 0.0
        for test in near or order:
            seconds += self.reached[test].seconds
            if not files or seconds <= self.most_s:
                files.append(test)
        named = [test for file in files for test in near.get(file, ())]
        limit = sum(self.reached[file].seconds for file in files)
        return [(named, limit), (files, limit)] if named else [(files, limit)]

    def attempt(self, mutant: Mutant, tests: Sequence[str]) -> dict[str, Any]:
        """Try one mutant in a copy, and keep and return what became of it."""
        tree, stages = self.trees.get(), self.stages(mutant, tests)
        began, outcome, killer = time.monotonic(), "survived", ""
        changed = tree / mutant.module
        whole = changed.read_text("utf-8")
        stale = (changed.parent / "__pycache__").glob(f"{changed.stem}.*.pyc")
        for bytecode in list(stale):
            bytecode.unlink()
        try:
            changed.write_text(mutant.text, "utf-8")
            for named, seconds in stages:
                asked = tree / "asked.txt"
                asked.write_text("\n".join(named), "utf-8")
                code, told = self.run(
                    tree, ["-x", f"@{asked}"], 5.0 * seconds + SLACK_S, PYTHONDONTWRITEBYTECODE="1"
                )
                if code == 0 or (code in NONE_RUN and named is not stages[-1][0]):
                    continue
                outcome = "timeout" if code is None else "killed"
                failed = re.search(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", told, re.MULTILINE)
                killer = failed[1] if failed else next(iter(named), "")
                break
        finally:
            changed.write_text(whole, "utf-8")
        found = {
            "name": mutant.name, "stratum": mutant.stratum, "module": mutant.module,
            "was": mutant.was, "becomes": mutant.becomes, "outcome": outcome, "killer": killer,
            "seconds": round(time.monotonic() - began, 1),
        }  # fmt: skip
        found["stands"] = self.stands(found, tests, tree)
        self.trees.put(tree)
        with (self.kept / "results.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(found, ensure_ascii=False) + "\n")
        return found

    def stands(self, found: Mapping[str, Any], tests: Sequence[str], tree: Path) -> str:
        """Return a digest of what a result hangs on, as a tree has it."""
        killer = found["killer"].partition("::")[0]
        files = [killer] if found["outcome"] == "killed" and killer in tests else sorted(tests)
        there = [tree / name for name in (found["module"], *files)]
        return digest(*(path.read_text("utf-8") if path.is_file() else "" for path in there))

    def known(
        self, mutants: Iterable[Mutant], tests: Mapping[str, Sequence[str]]
    ) -> dict[str, Any]:
        """Return the results of earlier runs that still stand, by name of the mutant."""
        file = self.kept / "results.jsonl"
        lines = file.read_text("utf-8").splitlines() if file.is_file() else []
        last = {found["name"]: found for found in map(json.loads, lines)}
        strata = {mutant.name: mutant.stratum for mutant in mutants}
        return {
            name: found
            for name, found in last.items()
            if name in strata
            and found["stands"] == self.stands(found, tests[strata[name]], self.root)
        }


def table(
    mutants: Sequence[Mutant], known: Mapping[str, Any], reasons: Mapping[Any, str]
) -> Iterator[str]:
    """Yield what was found by stratum, then every survivor that nobody explained."""
    yield f"{'stratum':12} drawn tried killed by limit survived explained  share"
    for stratum in [*dict.fromkeys(mutant.stratum for mutant in mutants), ""]:
        own = [mutant for mutant in mutants if stratum in {"", mutant.stratum}]
        tried = [mutant for mutant in own if mutant.name in known]
        outcomes = Counter(known[mutant.name]["outcome"] for mutant in tried)
        alive = [m for m in tried if known[m.name]["outcome"] == "survived"]
        told = sum(mutant.key in reasons for mutant in alive)
        share = f"{1 - len(alive) / len(tried):6.1%}" if tried else "     -"
        yield (
            f"{stratum or 'all':12} {len(own):5} {len(tried):5} {outcomes['killed']:6} "
            f"{outcomes['timeout']:8} {len(alive):8} {told:9} {share}"
        )
    for mutant in mutants:
        outcome = known.get(mutant.name, {}).get("outcome")
        if outcome == "survived" and mutant.key not in reasons:
            yield f"\n{mutant.module}:{mutant.line} survived"
            yield f"  - {mutant.was}\n  + {mutant.becomes}"


def faults(
    mutants: Sequence[Mutant], known: Mapping[str, Any], reasons: Mapping[Any, str]
) -> Iterator[str]:
    """Yield why a run does not pass."""
    left = sum(mutant.name not in known for mutant in mutants)
    if left:
        yield f"{left} mutants were not tried yet: start the command again"
    alive = {m.key for m in mutants if known.get(m.name, {}).get("outcome") == "survived"}
    if len(alive) > (1 - SHARE) * len(mutants):
        yield f"{len(alive)} of {len(mutants)} survived; at most {1 - SHARE:.0%} may"
    unexplained = sum(key not in reasons for key in alive)
    if unexplained:
        yield f"{unexplained} survivors have no reason in survivors.toml: write a test or a reason"
    tried = {mutant.key for mutant in mutants if mutant.name in known}
    for key in reasons:
        if key in tried - alive or not (left or key in tried):
            yield f"survivors.toml explains one that is killed or not drawn: {key}"


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Try what was not tried yet; return 0 where all passes."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description=__doc__)
    seed, count, strata = read_strata(root)
    parser.add_argument("--list", action="store_true", help="say what was found, and try nothing")
    parser.add_argument("--fresh", action="store_true", help="forget earlier results")
    parser.add_argument("--stratum", action="append", help="try these strata alone")
    parser.add_argument("--take", type=int, help="try so many of each stratum at most")
    parser.add_argument("--minutes", type=float, help="begin no mutant after so many minutes")
    parser.add_argument("--workers", type=int, default=1, help="so many side by side")
    parser.add_argument("--most", type=float, default=MOST_S, help="seconds of tests for each")
    asked = parser.parse_args(arguments)
    began = time.monotonic()
    kept = root / "out" / "mutants"
    kept.mkdir(parents=True, exist_ok=True)
    if asked.fresh:
        (kept / "results.jsonl").unlink(missing_ok=True)
    hand, more = by_hand(root)
    mutants = [*hand, *draw(strata, seed, count, root)]
    modules = sorted({*(m.module for m in mutants), *(n for s in strata for n in s.modules)})
    tests = {stratum.name: stratum.tests for stratum in strata}
    every = (test for own in [*tests.values(), more] for test in own)
    tests[BY_HAND] = tuple(dict.fromkeys(every))
    reasons = explained(root)
    trial = Trial(root, kept, asked.most)
    known = trial.known(mutants, tests)
    taken: Counter[str] = Counter()
    chosen = []
    for mutant in mutants:
        taken[mutant.stratum] += 1
        within = asked.take is None or taken[mutant.stratum] <= asked.take
        if within and (not asked.stratum or mutant.stratum in asked.stratum):
            chosen.append(mutant)
    chosen = [] if asked.list else [m for m in chosen if m.name not in known]
    for nth in range(asked.workers if chosen else 0):
        trial.add_tree(nth)

    def attempt(mutant: Mutant) -> None:
        if asked.minutes is not None and time.monotonic() - began > asked.minutes * 60:
            return
        found = known[mutant.name] = trial.attempt(mutant, tests[mutant.stratum])
        print(
            f"{found['outcome']:8} {found['seconds']:6.1f} s  {mutant.module}:{mutant.line}  "
            f"{mutant.becomes[:70]}  {found['killer'][:90]}",
            flush=True,
        )

    with ThreadPoolExecutor(asked.workers) as pool:
        needed = dict.fromkeys(test for m in chosen for test in tests[m.stratum])
        list(pool.map(lambda test: trial.find_reached(test, modules), needed))
        list(pool.map(attempt, chosen))
    print(*table(mutants, known, reasons), sep="\n")
    said = list(faults(mutants, known, reasons))
    for fault in said:
        print(fault)
    return bool(said)


if __name__ == "__main__":
    sys.exit(main())
