"""Collect what every surface says of one fact, by a map of labels made by hand, and list quarrels.

The map names sentences as the code has them, so that one entry reads both languages. It was made
for the pages as they were before one value stood behind every number; a sentence that is gone
collects nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from civicsight.core.errors import Text
from civicsight.core.i18n import Language, translate
from tests.figures.surfaces import Lines

NUMBER: Final = r"(?:[<>] )?[\d,]+(?:\.\d+)?(?: %)?"
PLACEHOLDER: Final = re.compile(r"%\((\w+)\)s")
WAN: Final = 10_000.0

EVERYWHERE: Final = ("page:draw", "page:review", "terminal", "docx", "html", "page:report")
MEASURES: Final = {
    "keep": "Keep as it is", "reaim": "Re-aim and record",
    "refurbish": "Replace the device in its place", "connect": "Connect to the shared network",
    "new": "Build new", "drop": "Drop from the plan",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Label:
    """Where a fact stands: surfaces, the sentence around it, and how its number is worked out.

    Parameters
    ----------
    surfaces
        Beginnings of the names of surfaces.
    sentence
        As in the code, with its placeholders; ``{...}`` holds a name that is translated alone.
    sum_of
        Placeholders that are added up, those after a minus taken off.
    scale
        By which it is multiplied.
    which
        Which of several lines counts, the first by default; None: their sum.
    """

    surfaces: tuple[str, ...]
    sentence: str
    sum_of: str = "value"
    scale: float = 1.0
    which: int | None = 0

    def pattern(self, language: Language) -> re.Pattern[str]:
        """Return what finds the sentence in a language."""
        pieces = re.split(r"(\{[^}]*\})", self.sentence)
        text = "".join(
            translate(Text(piece[1:-1]), language) if piece.startswith("{")
            else _translated(piece, language)
            for piece in pieces
        )  # fmt: skip
        found = re.escape(text)
        return re.compile(re.sub(r"‹(\w+)›", lambda named: f"(?P<{named[1]}>{NUMBER})", found))

    def values(self, lines: Lines, language: Language) -> Iterator[float]:
        """Yield what the lines say."""
        pattern = self.pattern(language)
        for line in lines:
            for match in pattern.finditer(line):
                values = {
                    k: float(v.strip("<> %").replace(",", "")) for k, v in match.groupdict().items()
                }
                plus, _, minus = self.sum_of.partition("-")
                total = sum(values[name] for name in plus.split("+") if name)
                yield self.scale * (total - sum(values[name] for name in minus.split("+") if name))


def _translated(piece: str, language: Language) -> str:
    names = PLACEHOLDER.findall(piece)
    return translate(Text(piece, {name: f"‹{name}›" for name in names}), language)


OPEN: Final = (
    "Open with the plan all the same: %(open)s of %(all)s gates and key parts that were judged, in "
    "%(places)s places."
)
NONE_OPEN: Final = (
    "With the plan none of the %(all)s gates and key parts that were judged stays open."
)
PRESENT: Final = (
    "On record are %(cameras)s cameras, of which %(used)s count; of %(lost)s the direction is not "
    "recorded. They cover %(covered)s of %(parts)s gates and key parts for sure, which is %(share)s"
    " of what is demanded."
)
WITH_PLAN: Final = (
    "With the plan %(covered)s of %(parts)s gates and key parts are covered for sure, which is "
    "%(share)s of what is demanded."
)
HEADLINE: Final = (
    "Works: %(cost)s yuan. Covered for sure: %(before)s of the demand now, %(after)s with the plan."
)
COMPARED: Final = (
    "%(count)s of %(all)s places changed. Gaps closed: %(closed)s, opened: %(opened)s."
)
INFERRED: Final = (
    "Places: %(places)s, %(candidates)s of them candidates from map data; %(inferred)s of "
    "%(parts)s gates and key parts inferred."
)
SIGNS: Final = dict(zip(("new", "reaim", "refurbish", "connect", "keep", "drop"), "▲◆■●◇✖",
                        strict=True))  # fmt: skip

FACTS: Final[Mapping[str, tuple[Label, ...]]] = {
    "gates and key parts": (
        Label(("page:home",), "{Gates and key parts} | %(value)s"),
        Label(EVERYWHERE, OPEN, "all"),
        Label(EVERYWHERE, NONE_OPEN, "all"),
        Label(("docx", "html"), PRESENT, "parts"),
        Label(("docx", "html"), WITH_PLAN, "parts"),
        Label(("json",), "parts: %(value)s"),
    ),
    "covered for sure before": (
        Label(("page:home",), "{covered for sure} | %(value)s", which=1),
        Label(("docx", "html"), PRESENT, "covered"),
        Label(("json",), "parts_covered.before: %(value)s"),
    ),
    "open before": (
        Label(("page:home",), "{not covered} | %(value)s", which=1),
        Label(("docx", "html"), PRESENT, "parts-covered"),
    ),
    "open with the plan": (
        Label(EVERYWHERE, OPEN, "open"),
        Label(EVERYWHERE, NONE_OPEN, "-"),
        Label(("page:review", "sheet"), "Still open: %(value)s", "value"),
        Label(("docx", "html"), WITH_PLAN, "parts-covered"),
        Label(("json",), "open.parts: %(value)s"),
    ),
    "gaps closed": (
        Label(("page:review", "sheet"), "Closed: %(count)s", "count"),
        Label(("page:compare",), COMPARED, "closed"),
    ),
    "gaps opened": (
        Label(("page:review", "sheet"), "Opened: %(count)s", "count"),
        Label(("page:compare",), COMPARED, "opened"),
    ),
    "places with something open": (
        Label(EVERYWHERE, OPEN, "places"),
        Label(EVERYWHERE, NONE_OPEN, "-"),
        Label(("page:draw",), "{Places lawful} | %(some)s / %(all)s", "all-some"),
        Label(("json",), "open.places: %(value)s"),
    ),
    "places lawful with the plan": (
        Label(("page:draw",), "{Places lawful} | %(some)s / %(all)s", "some"),
        Label(("json",), "aims.places[0]: %(value)s"),
        Label(("terminal",), "%(aim)s: %(value)s, no plan for this money beats %(bound)s"
              .replace("%(aim)s", "{places made compliant}")),
        Label(("docx", "html"), "{places made compliant} | %(value)s | %(bound)s"),
    ),
    "places": (
        Label(("page:home",), "{Places} | %(value)s"),
        Label(("page:draw",), "{Places lawful} | %(some)s / %(all)s", "all"),
        Label(("page:compare",), COMPARED, "all"),
        Label(("page:home",), INFERRED, "places"),
    ),
    "presumed gates": (
        Label(("page:home",), INFERRED, "inferred"),
        Label(("page:home",), "Confirm gates: %(count)s", "count"),
        Label(("page:complete",), "{Gates} (%(value)s)"),
        Label(("docx", "html", "page:draw"), "Not asked for: %(count)s gates that are only "
              "presumed. Confirm them, and plan again.", "count"),
    ),
    "works [yuan]": (
        Label(("page:draw",), "{Cost of works [10,000 yuan]} | %(value)s", scale=WAN),
        Label(("terminal", "docx", "html"), HEADLINE, "cost"),
        Label(("json",), "works_yuan: %(value)s"),
    ),
    "investment [yuan]": (
        Label(("page:review", "sheet"), "{Investment (10,000 yuan)} | %(value)s", scale=WAN),
        Label(("sheet",), "{In all} | %(points)s | %(value)s", scale=WAN),
        Label(("json",), "investment_yuan: %(value)s"),
    ),
    "places not judged": (
        Label(("page:home",), "{not judged} | %(value)s"),
        Label(("page:review", "sheet"), "%(places)s places, %(parts)s gates and key parts",
              "places"),
    ),
    **{
        f"measures: {name}": (
            Label(("page:draw",), f"{SIGNS[name]}{{{text}}} | %(value)s"),
            Label(("terminal",), f"{{{text}}}: %(value)s"),
            Label(("docx", "html"), f"{{{text}}} | %(value)s | %(yuan)s"),
            Label(("json",), f"measures.{name}: %(value)s"),
            Label(("sheet",), f"{{{text}}} | %(value)s | %(yuan)s"),
            *((Label(("page:compare",), "removed: %(value)s"),
               Label(("sheet",), "{given up} | %(value)s")) if name == "drop" else ()),
            *((Label(("sheet",), "{built} | %(value)s"),) if name == "new" else ()),
        )
        for name, text in MEASURES.items()
    },
}  # fmt: skip
"""Facts, and where each stands."""


def collect(found: Mapping[str, Lines]) -> dict[str, dict[str, float]]:
    """Return what each surface says of each fact, the first that it says."""
    told: dict[str, dict[str, float]] = {}
    for fact, labels in FACTS.items():
        said: dict[str, float] = {}
        for label in labels:
            for name, lines in found.items():
                if not name.startswith(label.surfaces):
                    continue
                language: Language = "zh_CN" if "zh" in name else "en"
                values = list(label.values(lines, language))
                if len(values) > (label.which or 0):
                    value = sum(values) if label.which is None else values[label.which]
                    once_more = name in said and abs(said[name] - value) > _near(fact)
                    said.setdefault(f"{name} once more" if once_more else name, value)
        told[fact] = said
    return told


def _near(fact: str) -> float:
    return 50.0 if fact.endswith("[yuan]") else 1e-9


def quarrels(found: Mapping[str, Lines]) -> dict[str, dict[float, list[str]]]:
    """Return facts of which there is more than one value: the surfaces by what they say."""
    out: dict[str, dict[float, list[str]]] = {}
    for fact, said in collect(found).items():
        groups: dict[float, list[str]] = {}
        for name, value in said.items():
            near = next((one for one in groups if abs(one - value) <= _near(fact)), value)
            groups.setdefault(near, []).append(name)
        if len(groups) > 1:
            out[fact] = groups
    return out


def lines_of(label: str, found: Mapping[str, Lines]) -> Iterable[str]:
    """Yield one line for each fact of which surfaces say different numbers."""
    for fact, groups in quarrels(found).items():
        said = "; ".join(
            f"{value:,.10g} in {', '.join(sorted(names))}" for value, names in groups.items()
        )
        yield f"{label}\t{fact}\t{said}"
