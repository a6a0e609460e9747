"""Ask of every number on a surface where it is from: a key of the one value, or the closed list.

``listed.toml`` holds the closed list: what is no figure, such as dates, names, prices and poses.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from civicsight.core.errors import Text
from civicsight.core.figure import MARKS
from civicsight.core.i18n import LANGUAGES, Language, translate
from civicsight.coverage.result import CheckResult
from civicsight.model import City
from civicsight.planning.money.funding import fund
from civicsight.planning.money.payers import payers_of
from civicsight.planning.record.plan import Plan
from civicsight.planning.statement.figures import (
    Figures,
    figures_by_class,
    figures_of,
    figures_of_funding,
)
from civicsight.presentation.names import name_all
from civicsight.report.compliance import Account
from tests.figures.cities import Drawn
from tests.figures.law import phrases
from tests.figures.surfaces import NOT_COVERED, TABLES, UNSURE, Desk, Lines, Row, sentences_of

LIST: Final = Path(__file__).with_name("listed.toml")
BEGIN, BETWEEN, END = MARKS
MARKED: Final = re.compile(f"{BEGIN}([^{BETWEEN}{END}]*){BETWEEN}([^{END}]*){END}")
PLACEHOLDER: Final = re.compile(r"%\(\w+\)(?:s|\.\d+f)")
MEASURE: Final = re.compile(r"[\d,.]+\s?\S*")
"""A number with its unit, which is no sentence."""
DIGITS: Final = re.compile(r"\d[\d,]*(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may stand somewhere without a key.

    Parameters
    ----------
    name
        What it is.
    finds
        Find it in a text.
    heads, head_patterns
        Headings of columns below which it stands, and what finds them; none: anywhere.
    surfaces
        Beginnings of the names of surfaces on which it stands; none: on all.
    beside
        Headings that its table has too, be it all of them; none: any table.
    sums_to
        Keys of figures: a column counts as listed only where its rows sum to one of them.
    owed
        Whether it is a figure all the same, of which the code does not say the key yet.
    """

    name: str
    finds: tuple[re.Pattern[str], ...]
    heads: frozenset[str]
    head_patterns: tuple[re.Pattern[str], ...]
    surfaces: tuple[str, ...]
    beside: tuple[frozenset[str], ...] = ()
    sums_to: tuple[str, ...] = ()
    owed: bool = False

    def at(self, surface: str, head: str, heads: Iterable[str] = ()) -> bool:
        """Tell whether it may stand below a heading of a surface, in a table with `heads`."""
        table = {one.rpartition(": ")[2] for one in heads}
        if any(table.isdisjoint(one) for one in self.beside):
            return False
        anywhere = not self.heads and not self.head_patterns
        return (not self.surfaces or surface.startswith(self.surfaces)) and (
            anywhere
            or head.rpartition(": ")[2] in self.heads
            or any(pattern.search(head) for pattern in self.head_patterns)
        )


@cache
def allowed() -> tuple[Allowed, ...]:
    """Return the closed list. Sentences and headings are named there as the code has them."""
    return tuple(
        Allowed(
            entry["name"],
            tuple(
                re.compile(pattern)
                for pattern in (
                    *entry.get("patterns", ()),
                    *(sentence_of(text, language) for text in entry.get("sentences", ())
                      for language in LANGUAGES),
                )
            )
            or (DIGITS,),
            frozenset(
                translate(Text(text), language)
                for text in entry.get("columns", ())
                for language in LANGUAGES
            ),
            tuple(re.compile(pattern) for pattern in entry.get("head_patterns", ())),
            tuple(entry.get("surfaces", ())),
            tuple(
                frozenset(translate(Text(text), language) for language in LANGUAGES)
                for text in entry.get("beside", ())
            ),
            tuple(entry.get("sums_to", ())),
            kind == "owed",
        )
        for kind in ("allowed", "owed")
        for entry in listed().get(kind, ())
    )  # fmt: skip


@cache
def listed() -> dict[str, Any]:
    """Read the list."""
    return tomllib.loads(LIST.read_text("utf-8"))


def sentence_of(text: str, language: Language) -> str:
    """Return the pattern of a sentence of the code, whatever stands in its places."""
    pieces = PLACEHOLDER.split(translate(Text(text), language))
    return ".*?".join(map(re.escape, pieces)) + "(?!\\d)"


@dataclass(slots=True)
class Trace:
    """What became of the numbers of some surfaces: keys, what is on the list, what is neither."""

    keys: Counter[str] = field(default_factory=Counter)
    listed: Counter[str] = field(default_factory=Counter)
    owed: Counter[str] = field(default_factory=Counter)
    untraced: list[tuple[str, str, str]] = field(default_factory=list)
    values: dict[str, set[str]] = field(default_factory=dict)
    where: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    by_surface: dict[str, dict[str, int]] = field(default_factory=dict)

    def numbers(self) -> dict[str, int]:
        """Return how many numbers there are of each."""
        return {
            "traced": self.keys.total(),
            "listed": self.listed.total(),
            "owed": self.owed.total(),
            "untraced": len(self.untraced),
        }

    def __str__(self) -> str:
        """Say how many numbers there are of each."""
        numbers = self.numbers()
        numbers = {"rendered": sum(numbers.values())} | numbers
        return ", ".join(f"{name} {count:,}" for name, count in numbers.items())


def trace(
    found: Mapping[str, Lines],
    names: Iterable[str] = (),
    figures: Mapping[str, float | None] = MappingProxyType({}),
    sentences: Iterable[str] = (),
) -> Trace:
    """Trace every number of some surfaces.

    Parameters
    ----------
    found
        Lines by surface, opened within `core.figure.tracing`.
    names
        Names and ids of places, parts and cameras, whose digits are no numbers.
    figures
        What was counted, by key: rows of a table that breaks one of them down sum to it.
    sentences
        What is said of one camera, part or place alone, word for word.
    """
    told = Trace()
    said = [one for one in sentences if DIGITS.search(one) and not MEASURE.fullmatch(one)]
    whole = sorted(said, key=len, reverse=True)
    known = sorted(
        {name for name in names if re.search(r"\d", name) and re.search(r"[^\W\d_]", name)},
        key=len,
        reverse=True,
    )
    called = re.compile(f"(?<!\\d)(?:{'|'.join(map(re.escape, known))})(?!\\d)") if known else None
    proved, items = lines_of_papers(found)
    proved |= lines_of_pages(found, items)
    for surface, lines in found.items():
        before = told.numbers()
        summed = columns_that_sum(surface, lines, figures)
        for row, line in enumerate(lines):
            if (surface, row) in proved:
                for cell in line.cells[1:]:
                    _count_marks(told, surface, cell)
                    numbers = len(DIGITS.findall(MARKED.sub(" ", cell)))
                    told.listed["lines of the bill that multiply and add up"] += numbers
                continue
            for n, (head, text) in enumerate(cells_of(line)):
                if (id(getattr(line, "heads", None)), n) in summed:
                    _count_marks(told, surface, text)
                    told.listed["rows that sum to a figure"] += len(
                        DIGITS.findall(MARKED.sub(" ", text))
                    )
                else:
                    rest = without(told, text, whole)
                    _trace(told, surface, head, rest, called, getattr(line, "heads", ()))
        own = told.numbers()
        told.by_surface[surface] = {name: count - before[name] for name, count in own.items()}
    return told


def trace_all(desk: Desk, found: Mapping[str, Lines], counted: Mapping[str, float | None]) -> Trace:
    """Trace every number of all pages and papers of a plan; `counted` as `recount` has it."""
    drawn = desk.drawn
    shown = {name: lines for name, lines in found.items() if not name.startswith(TABLES)}
    known = names_of(drawn.result, drawn.plan, drawn.earlier) | reasons_of(counted)
    figures = all_of(drawn, desk.account).to_dict()
    return trace(shown, known, figures, sentences_of(desk.account))


def without(told: Trace, text: str, sentences: Iterable[str]) -> str:
    """Take out of a text what is said of one camera, part or place alone, and count its numbers."""
    for one in sentences:
        if one in text:
            text, times = re.subn(rf"(?<![\d,.]){re.escape(one)}(?!\d)", " ", text)
            told.listed["what is said of one alone"] += times * len(DIGITS.findall(one))
    return text


def columns_that_sum(
    surface: str, lines: Lines, figures: Mapping[str, float | None]
) -> set[tuple[int, int]]:
    """Return columns, by their table and place, whose rows sum to a figure as the list says.

    Tables of the same headings, such as those of several years, may sum to it together.
    """
    tables: dict[int, list[Row]] = defaultdict(list)
    alike: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for line in lines:
        if isinstance(line, Row) and line.heads:
            tables[id(line.heads)].append(line)
            alike[line.heads].append(line)
    found: set[tuple[int, int]] = set()
    for rows in (*tables.values(), *alike.values()):
        for n, head in enumerate(rows[0].heads):
            keys = {
                key
                for entry in allowed()
                if entry.sums_to and entry.at(surface, MARKED.sub(r"\2", head), rows[0].heads)
                for key in entry.sums_to
            }
            cells = [row.cells[n] for row in rows if n < len(row.cells)]
            own = [float(one.replace(",", "")) for cell in cells
                   for one in DIGITS.findall(MARKED.sub(" ", cell))]  # fmt: skip
            if any(_sums_to(own, figures.get(key)) for key in keys):
                found |= {(id(row.heads), n) for row in rows}
    return found


ITEM, QUANTITY = "Item of work", "Quantity"
PRICES: Final = ("Price [yuan]", "Price or base [yuan]", "A year [yuan]")
SUM, IN_TENS = "Sum [yuan]", "Sum (10,000 yuan)"
TIMES: Final = (1.0, 0.01, 12.0, 365.0)
"""What a quantity is multiplied with: pieces, per cent, months, days."""


def lines_of_papers(
    found: Mapping[str, Lines],
) -> tuple[set[tuple[str, int]], dict[tuple[str, str], set[float]]]:
    """Return the lines of bills in papers that hold by themselves, and their sums by item.

    A line holds whose quantity times price is its sum, a sub-total to which the lines above it add
    up, and a term of which there is neither price nor sum. Sums of the whole carry their keys.
    """
    proved: set[tuple[str, int]] = set()
    items: dict[tuple[str, str], set[float]] = defaultdict(set)
    for surface, lines in found.items():
        above = 0.0
        for n, line in enumerate(lines):
            price = _below(line, *PRICES) if isinstance(line, Row) else None
            if not isinstance(line, Row) or price is None:
                above = 0.0
                continue
            amount, total = _below(line, QUANTITY), _below(line, SUM)
            known = [None if cell is None else _value(cell) for cell in (amount, price, total)]
            if MARKED.search(total or ""):
                above = 0.0
            holds = _holds(*known, above)
            if holds:
                proved.add((surface, n))
                items[line.cells[0], amount or ""].add(known[2] or 0.0)
            above = above + (known[2] or 0.0) if known[1] is not None else 0.0
    return proved, items


def lines_of_pages(
    found: Mapping[str, Lines], items: Mapping[tuple[str, str], set[float]]
) -> set[tuple[str, int]]:
    """Return the lines of bills on pages that say the quantity and the sum of a line in papers."""
    return {
        (surface, n)
        for surface, lines in found.items()
        for n, line in enumerate(lines)
        if isinstance(line, Row)
        and (total := _below(line, IN_TENS)) is not None
        and any(
            abs((_value(total) or 0.0) - yuan / 10_000.0) < 0.0151
            for yuan in items.get((line.cells[0], _below(line, QUANTITY) or ""), ())
        )
    }


def _holds(amount: float | None, price: float | None, total: float | None, above: float) -> bool:
    """Tell whether a line of a bill multiplies or adds up; a term says its amount alone."""
    if total is None:
        return amount is not None and price is None
    if amount is None or price is None:
        return abs(total - above) < 1.0
    return any(abs(amount * price * by - total) <= 0.51 + 5e-5 * price * by for by in TIMES)


def _below(line: Row, *heads: str) -> str | None:
    """Return the cell of a row of a bill below one of some headings, in any language."""
    said = {translate(Text(head), language) for head in (ITEM, *heads) for language in LANGUAGES}
    if not line.heads or line.heads[0] not in said or line.cells == line.heads:
        return None
    own = [cell for head, cell in zip(line.heads, line.cells, strict=False) if head in said]
    return own[1] if len(own) > 1 else None


def _value(cell: str) -> float | None:
    told = MARKED.sub(r"\2", cell).replace(",", "")
    return float(told) if DIGITS.fullmatch(told) else None


def _sums_to(numbers: Sequence[float], value: float | None) -> bool:
    """Tell whether rows sum to a figure, be they in yuan or in units of ten thousand."""
    total = sum(numbers)
    return value is not None and (
        abs(total - value) < 1e-6 or abs(total - value / 10_000.0) < 0.005 * (len(numbers) + 1)
    )


def cells_of(line: str) -> Iterator[tuple[str, str]]:
    """Yield the cells of a row behind their headings; any other line as it is."""
    if not isinstance(line, Row):
        yield "", line
        return
    for n, cell in enumerate(line.cells):
        yield line.heads[n] if n < len(line.heads) else "", cell


def _trace(
    told: Trace,
    surface: str,
    head: str,
    text: str,
    called: re.Pattern[str] | None,
    heads: Iterable[str],
) -> None:
    _count_marks(told, surface, text)
    rest = MARKED.sub(" ", text)
    if called is not None:
        rest = called.sub(partial(_taken, told.listed, "names"), rest)
    for entry in allowed():
        if not DIGITS.search(rest):
            return
        if not entry.sums_to and entry.at(surface, MARKED.sub(r"\2", head), heads):
            for find in entry.finds:
                count = told.owed if entry.owed else told.listed
                rest = find.sub(partial(_taken, count, entry.name), rest)
    told.untraced += [(surface, f"{head}: {text}" if head else text, one)
                      for one in DIGITS.findall(rest)]  # fmt: skip


def _count_marks(told: Trace, surface: str, text: str) -> None:
    for key, value in MARKED.findall(text):
        told.keys[key] += 1
        told.values.setdefault(key, set()).add(value)
        told.where[key].add(surface.rpartition(":")[0])


def _taken(count: Counter[str], name: str, found: re.Match[str]) -> str:
    """Count the numbers in what an entry found, and take it out of the text."""
    count[name] += len(DIGITS.findall(found[0]))
    return " "


def all_of(drawn: Drawn, account: Account) -> Figures:
    """Return the figures of a plan, by class and payer too, and of its check with own keys."""
    plan, today = figures_of(drawn.plan), account.figures
    found = {name: figure for name, figure in today.entries.items() if name not in plan.entries}
    for own in figures_by_class(plan, drawn.result).values():
        found |= own.entries
    paid = fund(drawn.plan, payers_of(drawn.plan), drawn.result.cameras["owner"])
    found |= figures_of_funding(paid).entries
    return replace(plan, entries={**plan.entries, **found})


def names_of(result: CheckResult, *plans: Plan | None) -> set[str]:
    """Return names and ids of places, parts and cameras in all languages; None is no plan."""
    found = set[str]()
    for plan in filter(None, plans):
        found |= {*map(str, plan.measures.index), *map(str, plan.measures["site_id"].dropna())}
    for language in LANGUAGES:
        names = name_all(result, language)
        for known in (names.cameras, names.parts, names.zones):
            found |= {*map(str, known), *map(str, known.values())}
            found |= {re.split("[:：]", str(one), maxsplit=1)[-1].strip() for one in known.values()}
        found |= phrases(result.rules, language)
    layers = (one.name for one in fields(City) if "table" in one.metadata)
    for table in (getattr(result.city, name) for name in layers):
        found |= {*map(str, table.index), *map(str, table.get("name", ()))}
    return found | {result.city.name}


def reasons_of(counted: Mapping[str, float | None]) -> set[str]:
    """Return what a rule may say of how the parts of a place are covered, as was recounted."""
    found = set[str]()
    for key, parts in counted.items():
        place, _, name = key.rpartition(".")
        if ".law." not in place or name != "parts":
            continue
        gaps, unsure = counted[f"{place}.gap"], counted[f"{place}.assumed"]
        unsure = (unsure or 0) + (counted[f"{place}.not_judged"] or 0)
        for language in LANGUAGES:
            told = (
                Text(NOT_COVERED, {"gaps": gaps, "parts": parts}),
                Text(UNSURE, {"count": unsure, "parts": parts}),
            )
            found |= {translate(text, language) for text in told}
    return found


ROUNDED: Final = ("works.", "money.year", "money.source", "money.district", "money.project",
                  "earlier.works.", "cost.later")  # fmt: skip
"""Beginnings of the keys of money in rows, which are rounded so that they add up to their sum."""


def says(key: str, text: str, value: float | None, unit: str) -> bool:
    """Tell whether a text says the number of a key, be it in yuan or in units of ten thousand."""
    if value is None:
        return text == "–"
    if unit == "share":
        said = float(text.strip("<> %"))
        return abs(said - 100.0 * value) <= 1.0 and (said < 100.0 or value == 1.0)
    if text.startswith("< "):
        return value < float(text.removeprefix("< "))
    said = float(text.replace(",", "").replace("\N{MINUS SIGN}", "-"))
    ways = (value, value / 10_000.0) if unit == "yuan" else (value,)
    digits = len(text.partition(".")[2])
    off = 1.0 if unit == "yuan" and key.startswith(ROUNDED) else 0.5
    return any(abs(said - way) <= off * 10.0**-digits + 1e-9 for way in ways)
