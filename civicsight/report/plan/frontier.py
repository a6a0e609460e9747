"""What a budget buys, for a person: curves, plans that none beats, and what surviving costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from civicsight.core import i18n
from civicsight.core.arrays import FloatArray
from civicsight.core.errors import N_, Text
from civicsight.core.hues import INK
from civicsight.core.i18n import HTML_LANGUAGE, LANGUAGES, Language
from civicsight.planning.frontier import Frontier, Survival
from civicsight.planning.prices.terms import BUDGET_OF, BudgetOf
from civicsight.planning.record.plan import CURVE
from civicsight.presentation.document import Document, Figure, Section, Table
from civicsight.presentation.drawing import Canvas
from civicsight.presentation.lexicon import number
from civicsight.report.files import write_bytes, write_files, write_json
from civicsight.report.html import render_sections
from civicsight.report.plan.endings import NEAR
from civicsight.report.plan.figures import BOUND, GRID, VALUE
from civicsight.report.tables import write_csv, write_workbook

TITLE: Final = N_("What a budget buys")

CURVES: Final = (
    ("places", N_("Places made compliant")),
    ("parts", N_("Gates and key parts made compliant")),
    ("metres", N_("Met of what the law asks for [m, m²]")),
)
HEADINGS: Final = {
    "number": N_("Plan"),
    "places": N_("Places made compliant"),
    "most_places": N_("Places, at most (the solver's report)"),
    "parts": N_("Gates and key parts"),
    "most_parts": N_("Gates and key parts, at most (the solver's report)"),
    "metres": N_("Met [m, m²]"),
    "most_metres": N_("Met, at most (the solver's report) [m, m²]"),
    "exposure_m2": N_("Private wall in view [m²]"),
    "lost_m": N_("Lost when the worst camera fails [m, m²]"),
    "worst": N_("The worst camera"),
}
"""What columns are called beside those of money, see `headings_of`; sheets are by budget, and by
plan."""

WIDTH, LEFT, RIGHT, TOP, PANEL, BOTTOM = 720, 64, 24, 34, 150, 44
"""Of a drawing [px]; a panel for each thing that is drawn over money."""

THOUSAND: Final = 1000.0
"""Unit of money in a drawing [yuan]."""

PALE, DARK = (0xF2, 0xE4, 0xEE), (0x6E, 0x00, 0x46)
"""Fill of a plan that shows no private wall, and the most: a scale of lightness alone."""


Origin = Callable[[Language], Sequence[Text]]
"""What holds for all of a paper, in a language."""


def write_frontier(
    found: Frontier, candidate_ids: pd.Index, out: Path, *, name: str, origin: Origin
) -> list[Path]:
    """Write pages and drawings in every language, tables, and the candidates of each plan.

    Parameters
    ----------
    found, candidate_ids
        What money buys, and the ids of its candidates.
    name, origin
        Of the city; and what holds for all of it, in a language.
    """
    plans = table_of(found, candidate_ids)
    files: dict[str, Callable[[Path], object]] = {}
    for language in LANGUAGES:
        tongue = HTML_LANGUAGE[language]
        told = frontier_document(found, plans, language, name=name, origin=origin)
        page = render_sections(told, (Text(""), ""))
        files[f"page.{tongue}.html"] = partial(write_bytes, content=page)
        for figure, canvas in drawings(found, language).items():
            drawn = canvas.svg_file(i18n.translate(TITLE, language))
            files[f"{figure}.{tongue}.svg"] = partial(write_bytes, content=drawn)
    headings = headings_of(found.budget_of)
    curve = found.curve[list(CURVE)].set_index("budget_yuan")
    files["curve.csv"] = partial(write_csv, frame=curve, headings=headings)
    files["plans.csv"] = partial(write_csv, frame=plans, headings=headings)
    notes = {i18n.translate(TITLE, language): name for language in LANGUAGES}
    sheets = {"funds": curve, "plans": plans}
    files["frontier.xlsx"] = partial(write_workbook, tables=sheets, notes=notes, headings=headings)
    own = {
        str(number): list(map(str, candidate_ids[chosen]))
        for number, chosen in zip(plans.index, found.choices, strict=True)
    }
    files["choices.json"] = partial(write_json, value=own)
    return write_files(out, files)


def headings_of(budget_of: BudgetOf) -> dict[str, Text]:
    """Return what columns are called, with the sum that their money is."""
    of = BUDGET_OF[budget_of]
    money = {"budget_yuan": N_("Budget, %(of)s [yuan]", of=of), "cost_yuan": in_yuan(of)}
    return HEADINGS | money


def in_yuan(of: Text, *, thousands: bool = False) -> Text:
    """Return the heading of a sum."""
    return N_("%(of)s [1,000 yuan]", of=of) if thousands else N_("%(of)s [yuan]", of=of)


def table_of(found: Frontier, candidate_ids: pd.Index) -> pd.DataFrame:
    """Return the plans by their number, the worst camera by its id."""
    plans = found.plans.copy()
    plans.index = pd.RangeIndex(1, len(plans) + 1, name="number")
    plans["worst"] = [str(candidate_ids[k]) if k >= 0 else "" for k in plans["worst"]]
    return plans


def frontier_document(
    found: Frontier, plans: pd.DataFrame, language: Language, *, name: str, origin: Origin
) -> Document:
    """Say in one language what money buys."""

    def translate(text: Text) -> str:
        return i18n.translate(text, language)

    drawn = drawings(found, language)
    curve = N_("What money buys; the line above is the most that the solver reports as possible")
    beside = N_(
        "Plans by cost and places. A larger disc loses more when its worst camera fails, a darker "
        "one shows more private wall."
    )
    sections = [
        Section(
            translate(N_("What money buys")),
            [Figure(translate(curve), drawn["curve"]), _curve(found, translate)],
        ),
        Section(
            translate(N_("Plans none of which beats another")),
            [
                translate(ending_of(found)),
                Figure(translate(beside), drawn["plans"]),
                _plans(plans, found.budget_of, translate),
            ],
        ),
    ]
    if found.survival is not None:
        told = [translate(text) for text in survival_of(found.survival, found.budget_of)]
        sections.append(Section(translate(N_("What surviving any one failure costs")), [*told]))
    banners = tuple(map(translate, origin(language)))
    title = translate(N_("%(what)s: %(value)s", what=name, value=TITLE))
    return Document(language, title, (), banners, tuple(sections))


def ending_of(found: Frontier) -> Text:
    """Say how complete the list of plans is."""
    if found.is_complete:
        return N_(
            "The solver reports that this list is complete: no other plan beats one of these."
        )
    return N_(
        "No plan of this list beats another in cost, places, private wall and loss at once. Others "
        "may exist; in brackets is the most that the solver reports as possible for this cost."
    )


def survival_of(survival: Survival, budget_of: BudgetOf) -> list[Text]:
    """Say what it costs that any one camera may fail."""
    if np.isnan(survival.price_yuan):
        return [N_("No plan was found that meets all, and with one camera to spare.")]
    figures = N_(
        "Meeting all that can be met costs %(cost)s yuan (%(of)s); so that any one camera may fail "
        "it costs %(spare)s yuan: %(price)s yuan more, and at least %(least)s more as the solver "
        "reports.",
        of=BUDGET_OF[budget_of],
        cost=number(survival.cost_yuan),
        spare=number(survival.spare_yuan),
        price=number(survival.price_yuan),
        least=number(survival.least_yuan),
    )
    lone = N_(
        "No second permitted camera can see %(metres)s m (m²) of it: there a failure takes "
        "something whatever is paid.",
        metres=number(survival.lone_m, 1),
    )
    return [figures, lone] if survival.lone_m > 0.0 else [figures]


def _curve(found: Frontier, translate: Callable[[Text], str]) -> Table:
    """Lay out what each level of money buys."""
    rows = [
        (
            number(row.budget_yuan),
            number(row.cost_yuan),
            *(_of_most(getattr(row, kind), getattr(row, f"most_{kind}")) for kind, _ in CURVES),
        )
        for row in found.curve.itertuples()
    ]
    known = headings_of(found.budget_of)
    headings = [known[name] for name in ("budget_yuan", "cost_yuan", *(kind for kind, _ in CURVES))]
    caption = N_(
        "What money buys; in brackets, where it is more, the most that the solver "
        "reports as possible"
    )
    return Table(
        translate(caption), tuple(map(translate, headings)), tuple(rows), frozenset(range(5))
    )


def _plans(plans: pd.DataFrame, budget_of: BudgetOf, translate: Callable[[Text], str]) -> Table:
    """Lay out the plans."""
    rows = [
        (
            str(row.Index),
            number(row.cost_yuan),
            _of_most(row.places, row.most_places),
            *map(_figure, (row.parts, row.metres, row.exposure_m2, row.lost_m)),
        )
        for row in plans.itertuples()
    ]
    names = ("number", "cost_yuan", "places", "parts", "metres", "exposure_m2", "lost_m")
    headings = tuple(translate(headings_of(budget_of)[name]) for name in names)
    return Table(translate(N_("Plans, by cost")), headings, tuple(rows), frozenset(range(7)))


def _of_most(value: float, most: float) -> str:
    beyond = most > value + NEAR * max(1.0, value)
    return f"{_figure(value)} ({_figure(most)})" if beyond else _figure(value)


def drawings(found: Frontier, language: Language) -> dict[str, Canvas]:
    """Draw the curves, and the plans, with words of a language."""

    def translate(text: Text) -> str:
        return i18n.translate(text, language)

    of = in_yuan(BUDGET_OF[found.budget_of], thousands=True)
    curve = draw_curve(found.curve, translate, unit=(THOUSAND, of))
    return {"curve": curve, "plans": draw_plans(found.plans, translate, of)}


def draw_curve(
    curve: pd.DataFrame,
    translate: Callable[[Text], str],
    *,
    curves: Sequence[tuple[str, Text]] = CURVES,
    width: int = WIDTH,
    unit: tuple[float, Text],
) -> Canvas:
    """Draw figures over money, by default all of `CURVES`, each below what no plan can beat."""
    canvas = Canvas(width, len(curves) * (PANEL + TOP) + BOTTOM)
    money = curve["cost_yuan"].to_numpy(np.float64) / unit[0]
    asked = curve["budget_yuan"].to_numpy(np.float64) / unit[0]
    for k, (kind, title) in enumerate(curves):
        reached = curve[kind].to_numpy(np.float64)
        most = np.nan_to_num(curve[f"most_{kind}"].to_numpy(np.float64))
        top = max(float(reached.max(initial=0.0)), float(most.max(initial=0.0)), 1e-9)
        panel = _Panel(canvas, TOP + k * (PANEL + TOP), _room(asked), top, translate(title))
        panel.frame(last=k == len(curves) - 1, unit=translate(unit[1]))
        panel.steps(asked, most, BOUND)
        panel.steps(money, reached, VALUE)
        for x, y in zip(money, reached, strict=True):
            canvas.area(_disc(*panel.at(x, y), 3.5), VALUE)
    legend = ((VALUE, N_("reached")), (BOUND, N_("at most, as the solver reports")))
    y = 14 if width == WIDTH else 6  # where it is narrow, clear of the first title
    for k, (colour, text) in enumerate(legend):
        x = width - RIGHT - 250 + 110 * k
        canvas.trace([(x, y), (x + 20, y)], colour, 2.5)
        canvas.word(x + 26, y + 4, translate(text))
    return canvas


def draw_plans(plans: pd.DataFrame, translate: Callable[[Text], str], unit: Text) -> Canvas:
    """Draw plans as discs over cost and places; size is loss, darkness private wall in view."""
    height = 3 * PANEL
    canvas = Canvas(WIDTH, TOP + height + BOTTOM)
    cost = plans["cost_yuan"].to_numpy(np.float64) / THOUSAND
    places = plans["places"].to_numpy(np.float64)
    wall, lost = (plans[name].to_numpy(np.float64) for name in ("exposure_m2", "lost_m"))
    top = max(float(places.max(initial=0.0)), 1e-9)
    panel = _Panel(canvas, TOP, _room(cost), top, translate(CURVES[0][1]), height)
    panel.frame(last=True, unit=translate(unit))
    share = wall / max(float(wall.max(initial=0.0)), 1e-9)
    sizes = 4.0 + 10.0 * np.sqrt(lost / max(float(lost.max(initial=0.0)), 1e-9))
    for k in np.argsort(-sizes, kind="stable"):
        canvas.area(_disc(*panel.at(cost[k], places[k]), sizes[k]), _shade(share[k]), INK)
    for k, size in enumerate(sizes):
        x, y = panel.at(cost[k], places[k])
        canvas.word(x + size + 1.0, y - size + 3.0, str(k + 1))
    return canvas


class _Panel:
    """A frame of a drawing: from money and a figure to pixels."""

    def __init__(
        self, canvas: Canvas, top: float, money: float, most: float, title: str, height: int = PANEL
    ) -> None:
        self.canvas, self.top, self.height, self.title = canvas, top, height, title
        self.money, self.most = money, _round(most * 1.02)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return the pixel of an amount of money [1000 yuan] and a figure."""
        return (
            LEFT + x / self.money * (self.canvas.width - LEFT - RIGHT),
            self.top + self.height - y / self.most * self.height,
        )

    def frame(self, *, last: bool, unit: str) -> None:
        """Draw the grid with its numbers; the axis of money stands below the last panel."""
        self.canvas.word(LEFT, self.top - 8, self.title)
        for level in np.linspace(0.0, self.most, 5):
            self.canvas.trace([self.at(0.0, level), self.at(self.money, level)], GRID)
            self.canvas.word(8, self.at(0.0, level)[1] + 4, _figure(level))
        for level in np.linspace(0.0, self.money, 6):
            x, y = self.at(level, 0.0)
            self.canvas.trace([(x, y), (x, y + 5)], INK)
            if last:
                self.canvas.word(x - 3.0 * len(_figure(level)), y + 18, _figure(level))
        if last:
            self.canvas.word(LEFT, self.top + self.height + 36, unit)

    def steps(self, x: FloatArray, y: FloatArray, colour: str) -> None:
        """Draw a figure that holds from one amount of money to the next."""
        points: list[tuple[float, float]] = []
        for k, (money, figure) in enumerate(zip(x, y, strict=True)):
            if k:
                points.append(self.at(money, y[k - 1]))
            points.append(self.at(money, figure))
        if points:
            self.canvas.trace([*points, self.at(self.money, y[-1])], colour, 2.0)


def _figure(value: float) -> str:
    """Return a figure without what is nothing behind its point."""
    return number(value, 0 if abs(value - round(value)) < NEAR else 1)


def _room(money: FloatArray) -> float:
    return _round(max(float(money.max(initial=0.0)), 1e-9) * 1.05)


def _round(value: float) -> float:
    """Return the next number of two figures of which a fifth or a quarter is short as well."""
    size = 10.0 ** np.floor(np.log10(value))
    steps: Sequence[float] = (1.0, 1.2, 1.6, 2.0, 2.4, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
    return float(size * next(step for step in steps if step * size >= value))


def _disc(x: float, y: float, radius: float) -> list[tuple[float, float]]:
    turns = np.linspace(0.0, 2.0 * np.pi, 24, endpoint=False)
    return [(x + radius * float(np.cos(t)), y + radius * float(np.sin(t))) for t in turns]


def _shade(share: float) -> str:
    mixed = [round(a + (b - a) * share) for a, b in zip(PALE, DARK, strict=True)]
    return "#{:02x}{:02x}{:02x}".format(*mixed)
