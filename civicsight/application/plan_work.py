"""What a job does that draws up a plan, and what is asked of it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import TYPE_CHECKING, Any, Final

from civicsight.application.messages import At, Report
from civicsight.core.errors import N_, Text
from civicsight.core.settings import worker_count

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult
    from civicsight.model import City
    from civicsight.planning.aims.request import Aims, Run
    from civicsight.planning.prices.price_table import Prices
    from civicsight.planning.record.plan import Plan
    from civicsight.planning.solver.outcome import Progress

CHECKING, KEEPING = N_("Looking through every camera"), N_("Writing the result")

SUMMARY: Final = "summary.json"
PLAN_FOLDER: Final = "plan"

PLAN_STEPS: Final = (0.15, 0.4, 0.7, 0.8, 0.95, 1.0)
"""Share of a plan that is done as each step begins, after the check: candidates, choice, check,
ledger, other shares; and all. They only pace a bar."""


CURVE_FROM: Final = 0.4
"""The same of a curve as its runs begin, after its candidates."""


@dataclass(frozen=True, slots=True)
class PlanAims:
    """What is asked of a plan.

    Parameters
    ----------
    budget_yuan, budget_of, years, few_sites
        Money there is and which sum it limits, years over which it is spread, whether few new
        sites go before little money: see `planning.aims.request.Aims`.
    robust_k
        How many cameras may fail without loss.
    ruled_out
        What it leaves alone, as `RuledOut.of` reads it.
    known_gates, districts
        What is asked for; see `planning.area.scope.Scope`.
    held
        Ids of candidates that it takes in any case.
    prices
        Price table as `Prices.to_csv` gives it; empty: the planning figures of the project.
    start
        Candidates to begin from, of an earlier plan.
    steps, seconds, search_s
        How far to look for a better one: steps of the search, time of the whole run, and time of
        the search alone, None for as much as there is.
    """

    budget_yuan: float | None = None
    years: tuple[int, ...] = ()
    few_sites: bool = False
    robust_k: int = 0
    ruled_out: tuple[str, ...] = ()
    known_gates: bool = False
    districts: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    prices: str = ""
    start: tuple[str, ...] = ()
    steps: int | None = None
    seconds: float = 600.0
    budget_of: str = "investment"
    search_s: float | None = None

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> PlanAims:
        """Read what JSON holds, where every tuple is a list; money without a word is works."""
        read: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items()}
        return cls(**{"budget_of": "works"} | read)


def draw_up(
    aims: PlanAims,
    city: City,
    project: CheckResult,
    folder: Path,
    report: Report,
    stop: Event | None,
) -> None:
    """Draw up a plan for a city and write its documents and its summary into a folder.

    Parameters
    ----------
    aims, city, project
        What is asked, of which city, and the project that it is a draft of, or the city of.
    folder, tell
        Where to write, and who hears where it is.
    stop
        Ends the optimiser, which keeps the best plan so far.

    Raises
    ------
    MismatchError
        If nothing lawful satisfies what is asked.
    """
    from civicsight.planning.make import make_plan
    from civicsight.planning.record.documents import to_documents
    from civicsight.report.plan.script import with_told

    pace = _Pace(report)
    result = _checked(city, project, pace)
    asked, run = _asked(aims, stop)
    prices = _prices_of(aims.prices)
    plan = make_plan(result, asked, prices=prices, run=run, step=pace.begin, watch=pace.watch)
    report(At(PLAN_STEPS[-1], KEEPING))
    for name, content in to_documents(with_told(plan, result)).items():
        place = folder / PLAN_FOLDER / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    summarise(folder, _figures(plan))


def draw_curve(
    aims: PlanAims,
    city: City,
    project: CheckResult,
    folder: Path,
    report: Report,
    stop: Event | None,
) -> None:
    """Find what money buys and write the curve into a folder, as its summary.

    Parameters and errors are those of `draw_up`; a stop ends each run that follows at once.
    """
    from civicsight.planning.city_curve import draw_curve as find

    pace = _Pace(report, (PLAN_STEPS[0], CURVE_FROM, 1.0))
    result = _checked(city, project, pace)
    asked, run = _asked(aims, stop)
    curve = find(result, asked, prices=_prices_of(aims.prices), run=run, step=pace.begin)
    report(At(1.0, KEEPING))
    summarise(folder, {"curve": curve.to_dict("list")})


def _checked(city: City, project: CheckResult, pace: _Pace) -> CheckResult:
    """Return the check of a city: its own if it is that of the project, else a new one."""
    from civicsight.coverage.check import check

    if city is project.city:
        return project
    rules, before = project.rules, project.parts
    return check(city, rules=rules, raster=False, progress=pace.check, before=before)


def _asked(aims: PlanAims, stop: Event | None) -> tuple[Aims, Run]:
    from civicsight.planning.aims.request import Aims, Run
    from civicsight.planning.area.scope import Scope
    from civicsight.planning.candidates.ruled_out import RuledOut
    from civicsight.planning.prices.terms import BudgetOf
    from civicsight.planning.solver.outcome import Limits

    asked = Aims(
        budget_yuan=aims.budget_yuan,
        years=aims.years,
        few_sites=aims.few_sites,
        robust_k=aims.robust_k,
        extras=False,
        ruled_out=RuledOut.of(aims.ruled_out),
        scope=Scope(aims.known_gates, aims.districts),
        held=aims.held,
        budget_of=BudgetOf(aims.budget_of),
    )
    limits = Limits(steps=aims.steps, seconds=aims.seconds, stop=stop)
    search_s = math.inf if aims.search_s is None else aims.search_s
    return asked, Run(limits, threads=worker_count(), start=aims.start, search_s=search_s)


def _prices_of(text: str) -> Prices | None:
    """Read a price table that somebody handed in; None without one."""
    from civicsight.planning.prices.price_table import read_prices

    if not text:
        return None
    with TemporaryDirectory(prefix="civicsight-") as scratch:
        path = Path(scratch) / "prices.csv"
        path.write_text(text, encoding="utf-8")
        return read_prices(path)


def _figures(plan: Plan) -> dict[str, Any]:
    from civicsight.planning.statement.figures import figures_of

    n = figures_of(plan)
    stated = {} if n.statement is None else n.statement.to_dict()
    return {"cost_yuan": plan.cost_yuan, **stated, "figures": n.to_dict()}


def summarise(folder: Path, summary: Mapping[str, Any]) -> None:
    """Write the numbers of a job."""
    text = json.dumps(summary, ensure_ascii=False, default=str)
    (folder / SUMMARY).write_text(text, encoding="utf-8")


def between(first: float, last: float, done: int, total: int) -> float:
    """Return a share between two others."""
    return first + (last - first) * done / max(total, 1)


@dataclass(slots=True, eq=False)
class _Pace:
    """Brings the steps of a plan onto one bar."""

    report: Report
    steps: Sequence[float] = PLAN_STEPS
    step: int = -1
    stage: Text = CHECKING

    def check(self, done: int, total: int) -> None:
        """Hear of the check before the plan."""
        self.report(At(self.steps[0] * done / max(total, 1), CHECKING))

    def begin(self, stage: Text) -> Callable[[int, int], None]:
        """Begin a step; what it returns hears of its progress."""
        self.step, self.stage = min(self.step + 1, len(self.steps) - 2), stage
        first, last = self.steps[self.step : self.step + 2]
        self.report(At(first, stage))
        return lambda done, total: self.report(At(between(first, last, done, total), stage))

    def watch(self, found: Progress) -> None:
        """Hear of the optimiser."""
        first = self.steps[max(self.step, 0)]
        self.report(At(first, self.stage, found.value, found.bound))
