"""The goals of planning as numbers, and the table that holds what was found against them."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks.bars import print_table
from benchmarks.planning.race import HEAD, OURS, RIVALS

CPU = "of it CPU"
"""Column of the time of processors within a wall time: what a quiet machine would need."""


@dataclass(slots=True)
class Found:
    """What one case found.

    Parameters
    ----------
    figures
        By key of the goal, then by solver: ours and, where it can be asked, those of others.
    rows
        Of the table of instances.
    said
        Sentences: sizes, and who could not be asked.
    """

    figures: dict[str, dict[str, float]] = field(default_factory=dict)
    rows: list[tuple[str, ...]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def note(self, key: str, value: float, solver: str = OURS, *, cpu: float = math.nan) -> None:
        """Keep a figure of a solver, and of a wall time of ours the time of processors in it."""
        of = self.figures.setdefault(key, {})
        of[solver] = float(value)
        if solver == OURS:
            of[CPU] = float(cpu)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal: of which case, named how, at most or at least what."""

    case: str
    key: str
    title: str
    unit: str
    bar: float
    at_least: bool = False

    def line(self, figures: dict[str, dict[str, float]]) -> tuple[str, ...]:
        """Return the line of the table: case, title, bar, ours, processors, verdict, others."""
        of = figures.get(self.key, {})
        ours = of.get(OURS, math.nan)
        sign = ">=" if self.at_least else "<="
        bar = f"{sign} {self.bar:g} {self.unit}".rstrip()
        shown = [_shown(of.get(name, math.nan)) for name in RIVALS]
        cpu = _shown(of.get(CPU, math.nan))
        return self.case.upper(), self.title, bar, _shown(ours), cpu, self.verdict(ours), *shown

    def verdict(self, found: float) -> str:
        """Say whether the goal is met, or missed by how much."""
        if math.isnan(found):
            return "not measured"
        off = self.bar - found if self.at_least else found - self.bar
        return "met" if off <= 0.0 else f"MISSED by {off:.3g}"


def _shown(figure: float) -> str:
    return "-" if math.isnan(figure) else f"{figure:.4g}"


GOALS = (
    Goal("g1", "mean", "OR-Library: mean distance from the best known", "%", 0.10),
    Goal("g1", "most", "the greatest", "%", 1.5),
    Goal("g1", "at best", "share at the best known (60 of 68)", "%", 100 * 60 / 68, at_least=True),
    Goal("g2", "room 21", "a room of 21 x 21 x 5 points: cameras", "", 65.0),
    Goal("g2", "room 51", "a room of 51 x 51 x 5 points: cameras", "", 370.0),
    Goal("g3", "zoned gap", "zones in a city: gap by the solvers' bounds", "%", 0.25),
    Goal("g3", "zoned s", "wall time of that", "s", 60.0),
    Goal("g4", "city gap", "a whole city: gap by prices alone", "%", 6.0),
    Goal("g4", "city cost", "cost, HiGHS in the same time = 1 (800 of 889)", "", 0.9),
    Goal("g5", "first s", "80 million entries: first plan", "s", 3.0),
    Goal("g5", "presolve s", "reduction", "s", 60.0),
    Goal("g5", "saved", "cheaper than pruned greedy in 180 s", "%", 22.0, at_least=True),
    Goal("g5", "peak", "memory", "GiB", 2.5),
    Goal("g5", "bound s", "a bound is there after", "s", 300.0),
    Goal("g6", "same", "least sites: share with the proven optimum", "%", 100.0, at_least=True),
    Goal("g6", "least x", "spopt / ours until proven, the least", "x", 20.0, at_least=True),
    Goal("g6", "median x", "the median", "x", 50.0, at_least=True),
    Goal("g7", "mclp gap", "most for a budget: greatest gap to prices' bound", "%", 3.0),
    Goal("g7", "mclp greedy", "least of ours / greedy", "", 1.0, at_least=True),
    Goal("g8", "reuse", "cost with reuse / without", "", 1.0),
    Goal("g8", "twice gap", "two cameras on a fifth: gap", "%", 0.0),
    Goal("g8", "twice s", "wall time of that", "s", 60.0),
    Goal("g9", "shares s", "duplicates of 23,000 cameras", "s", 1.0),
    Goal("g9", "rho s", "redundancy number", "s", 5.0),
    Goal("g9", "edit ms", "edit of one camera, 99 of 100 within", "ms", 5.0),
    Goal("g10", "stop ms", "slowest stop", "ms", 200.0),
    Goal("g10", "silence s", "longest silence", "s", 0.5),
    Goal("g10", "plans", "different plans on 1, 2, 4 threads", "", 1.0),
    Goal("g11", "verified", "plans that the verifier passes", "%", 100.0, at_least=True),
    Goal("g11", "wrong", "plans unlike the best of all choices", "", 0.0),
    Goal("g12", "bytes", "matrix on disk, an entry", "B", 0.7),
    Goal("g12", "open ms", "open and first query", "ms", 50.0),
)


def print_found(found: list[Found], cases: list[str]) -> None:
    """Print instances, goals, and what was said on the way."""
    rows = [tuple(row) for some in found for row in some.rows]
    if rows:
        print_table(HEAD, rows)
    figures = {key: of for some in found for key, of in some.figures.items()}
    lines = [goal.line(figures) for goal in GOALS if goal.case in cases]
    print_table(("", "goal", "bar", "found", CPU, "", *RIVALS), lines)
    for sentence in dict.fromkeys(sentence for some in found for sentence in some.said):
        print(sentence)
