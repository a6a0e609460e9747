"""What the first page says: what waits for somebody, how each district stands, its money."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import pandas as pd

from civicsight.application.plans import current_plan
from civicsight.application.queue import own_gates
from civicsight.application.scope import home_areas, home_names
from civicsight.application.tasks import UNREAD, waiting_in
from civicsight.core.errors import N_, InputError, Text
from civicsight.core.figure import keyed
from civicsight.core.settings import present_day
from civicsight.coverage.result import GAP, STATES, partition
from civicsight.planning.area.districts import name_districts
from civicsight.planning.money.funding import Funding, fund
from civicsight.planning.money.payers import NOBODY, Payer, payers_of
from civicsight.planning.record.documents import find_plan
from civicsight.planning.statement.figures import Figures, figures_of_funding
from civicsight.presentation.lexicon import number
from civicsight.report.plan.funding import in_wan
from civicsight.store import ALLOWED, Act, Actor, open_store, threads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from civicsight.application.findings import FindingRow
    from civicsight.coverage.result import CheckResult
    from civicsight.editing.project import Project

NO_PLACES: Final = N_(
    "No place that the law names is known here, so nothing is judged: hand in a register of "
    "places, or a map that names them."
)

WORST: Final = 5
"""So many gaps of a district are named."""


@dataclass(frozen=True, slots=True)
class Todo:
    """Something that waits for somebody, and the page on which it is done."""

    text: Text
    page: str


@dataclass(frozen=True, slots=True, eq=False)
class YearMoney:
    """What a plan takes in one year, and who pays.

    Parameters
    ----------
    plan, version
        Name of the plan, and number of its version.
    year
        This year, or the next one in which the plan has works.
    payers, funding
        The rules that the version keeps, and who pays for what of it.
    figures
        What that comes to.
    """

    plan: str
    version: int
    year: int
    payers: tuple[Payer, ...]
    funding: Funding
    figures: Figures

    @property
    def total(self) -> str:
        """What the year takes, in units of ten thousand yuan."""
        return self.written(f"year.{self.year}")

    def by(self, column: str) -> dict[str, str]:
        """Return the same by district or source; what nobody assigned has an empty one."""
        key, year = f"year_{column}", str(self.year)
        found = (label.partition("/") for label in self.figures.labels(f"money.{key}"))
        return {own: self.written(f"{key}.{year}/{own}") for when, _, own in found if when == year}

    def written(self, row: str) -> str:
        """Return a sum in units of ten thousand yuan; nought where there is none."""
        key = f"money.{row}.yuan"
        figure = self.figures.entries.get(key)
        return keyed(key, in_wan(0.0)) if figure is None else figure.written(in_wan)


@dataclass(frozen=True, slots=True, eq=False)
class First:
    """What the first page says to somebody: his to-do, the districts, the money of a plan."""

    todo: tuple[Todo, ...]
    districts: pd.DataFrame
    money: YearMoney | None


def read_first(project: Project, actor: Actor) -> First:
    """Read what the first page says to somebody, as project and plans are now.

    Plans that cannot be read are something to do: they wait for whoever keeps the backups.
    """
    counts = count_districts(project.result, actor)
    try:
        money = year_money(project, actor)
        todo = list_todo(project, actor, money, counts)
    except InputError:
        return First((Todo(UNREAD, "review"),), counts, None)
    return First(tuple(todo), counts, money)


def count_districts(result: CheckResult, actor: Actor) -> pd.DataFrame:
    """Count the places of each district by state (columns, `STATES`), of those open to somebody.

    A place that lies in no district has an empty name; all rows together are all places.
    """
    state = partition(result).places["state"]
    shapes = pd.concat([result.zones.geometry, result.left_out.geometry])
    shapes = shapes[~shapes.index.duplicated()].reindex(state.index)
    placed = shapes.notna()
    names = pd.Series("", index=state.index, dtype=object)
    at = gpd.GeoSeries(shapes[placed], crs=result.city.crs)
    names[placed] = name_districts(at, home_areas(actor, result.city))
    table = pd.crosstab(names, state).reindex(columns=list(STATES), fill_value=0)
    table = table.reindex(sorted(table.index, key=lambda name: (not name, name)))
    home = home_names(actor, result.city)
    return table if home is None else table[table.index.isin(home)]


def year_money(project: Project, actor: Actor) -> YearMoney | None:
    """Return what the plan that is worked on takes this year; None without one of the optimiser."""
    plan = current_plan(project, actor)
    if plan is None:
        return None
    with open_store(project.store_path) as store:
        record = store.read_version(actor, plan.plan_id, plan.version).documents
    try:
        made = find_plan(record)
    except InputError:
        return None
    if made is None:
        return None
    payers = payers_of(made)
    funding = fund(made, payers, project.result.cameras["owner"])
    projects, today = funding.projects, present_day().year
    years = sorted({int(year) for year in projects["year"] if year >= today})
    year = years[0] if years else today
    figures = figures_of_funding(funding)
    return YearMoney(plan.name, plan.version, year, payers, funding, figures)


def worst_gaps(rows: Sequence[FindingRow], district: str | None) -> list[FindingRow]:
    """Return the worst gaps of a district, of all districts without one; `rows` are in order."""
    found = [one for one in rows if one.layer == "gaps"]
    return [one for one in found if district is None or one.district == district][:WORST]


def list_todo(
    project: Project, actor: Actor, money: YearMoney | None, counts: pd.DataFrame
) -> list[Todo]:
    """Return what waits for somebody in a project, by what his role may do.

    First the plans that his role moves on, then what others said and nobody settled, then what
    only he can complete; `counts` are the places by district and state. Where there is no place
    that the law names, that comes first: nothing can be judged without one.
    """
    gaps = int(counts[GAP].sum())
    found = [
        Todo(N_("%(plan)s: %(state)s", plan=one.plan, state=one.state), "review")
        for one in waiting_in(project.store_path, actor)
    ]
    remarks = _open_remarks(project, actor)
    if remarks:
        text = N_("Remarks that nobody has settled: %(count)s", count=number(remarks))
        found.append(Todo(text, "review"))
    draws = actor.role in ALLOWED[Act.COMMIT]
    if not draws:
        return found
    if not counts.to_numpy().sum() and actor.role in ALLOWED[Act.IMPORT]:
        found.insert(0, Todo(NO_PLACES, "data"))
    if money is None and gaps:
        text = N_(
            "There is no plan yet for %(gaps)s places that are not covered", gaps=number(gaps)
        )
        found.append(Todo(text, "plan" if actor.role.is_bound else "draw"))
    if money is not None and NOBODY in money.figures.labels("money.source"):
        text = N_(
            "%(plan)s: %(sum)s (10,000 yuan) have no source of money",
            plan=money.plan,
            sum=money.written(f"source.{NOBODY}"),
        )
        found.append(Todo(text, "draw"))
    gates = len(own_gates(project.result, (), actor))
    if gates:
        found.append(
            Todo(
                N_("Confirm gates: %(count)s", count=keyed("gates.waiting", number(gates))),
                "complete",
            )
        )
    return found


def _open_remarks(project: Project, actor: Actor) -> int:
    """Count the threads on the plan that is worked on which nobody has settled."""
    plan = current_plan(project, actor)
    if plan is None:
        return 0
    with open_store(project.store_path) as store:
        return sum(one.is_open for one in threads(store, actor, plan.plan_id))
