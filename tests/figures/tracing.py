"""Ask of every number on a surface where it is from: a key of the one value, or the closed list.

``listed.toml`` holds the closed list: what is no figure, such as dates, names, prices and poses.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from civicsight.core.figure import MARKS

from tests.figures.surfaces import Lines, Row

LIST: Final = Path(__file__).with_name("listed.toml")
BEGIN, BETWEEN, END = MARKS
MARKED: Final = re.compile(f"{BEGIN}([^{BETWEEN}{END}]*){BETWEEN}([^{END}]*){END}")
DIGITS: Final = re.compile(r"\d[\d,]*(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may stand somewhere without a key.

    Parameters
    ----------
    name
        What it is.
    pattern
        Finds it in a text; None: whatever stands below `heads`.
    heads
        Finds the headings of columns below which it stands; None: anywhere.
    surfaces
        Beginnings of the names of surfaces on which it stands; none: on all.
    """

    name: str
    pattern: re.Pattern[str] | None
    heads: re.Pattern[str] | None
    surfaces: tuple[str, ...]


@cache
def allowed() -> tuple[Allowed, ...]:
    """Return the closed list."""
    entries = tomllib.loads(LIST.read_text("utf-8"))["allowed"]
    return tuple(
        Allowed(
            entry["name"],
            re.compile(entry["pattern"]) if "pattern" in entry else None,
            re.compile(entry["heads"]) if "heads" in entry else None,
            tuple(entry.get("surfaces", ())),
        )
        for entry in entries
    )


@dataclass(slots=True)
class Trace:
    """What became of the numbers of some surfaces: keys, what is on the list, what is neither."""

    keys: Counter[str] = field(default_factory=Counter)
    listed: Counter[str] = field(default_factory=Counter)
    untraced: list[tuple[str, str, str]] = field(default_factory=list)
    values: dict[str, set[str]] = field(default_factory=dict)

    def __str__(self) -> str:
        """Say how many numbers there are of each."""
        traced, listed = self.keys.total(), self.listed.total()
        count = traced + listed + len(self.untraced)
        left = len(self.untraced)
        return f"rendered {count:,}, traced {traced:,}, listed {listed:,}, untraced {left:,}"


def trace(found: Mapping[str, Lines], names: Iterable[str] = ()) -> Trace:
    """Trace every number of some surfaces.

    Parameters
    ----------
    found
        Lines by surface, opened within `core.figure.tracing`.
    names
        Names and ids of places, parts and cameras, whose digits are no numbers.
    """
    told = Trace()
    known = sorted({name for name in names if re.search(r"\d", name)}, key=len, reverse=True)
    called = re.compile("|".join(map(re.escape, known))) if known else None
    for surface, lines in found.items():
        for line in lines:
            for head, text in cells_of(line):
                _trace(told, surface, head, text, called)
    return told


def cells_of(line: str) -> Iterator[tuple[str, str]]:
    """Yield the cells of a row behind their headings; any other line as it is."""
    if not isinstance(line, Row):
        yield "", line
        return
    for n, cell in enumerate(line.cells):
        yield line.heads[n] if n < len(line.heads) else "", cell


def _trace(told: Trace, surface: str, head: str, text: str, called: re.Pattern[str] | None) -> None:
    for key, value in MARKED.findall(text):
        told.keys[key] += 1
        told.values.setdefault(key, set()).add(value)
    rest = MARKED.sub(" ", text)
    if called is not None:
        rest = called.sub(lambda _: _count(told, "names"), rest)
    for entry in allowed():
        if not DIGITS.search(rest):
            return
        if entry.surfaces and not surface.startswith(entry.surfaces):
            continue
        if entry.heads is not None and not entry.heads.search(MARKED.sub(r"\2", head)):
            continue
        finds = entry.pattern or DIGITS
        rest = finds.sub(lambda _, name=entry.name: _count(told, name), rest)
    told.untraced += [(surface, f"{head}: {text}" if head else text, one)
                      for one in DIGITS.findall(rest)]  # fmt: skip


def _count(told: Trace, name: str) -> str:
    told.listed[name] += 1
    return " "
