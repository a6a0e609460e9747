"""Cities and what is asked of a plan there: budgets, years, presumed gates, nothing to do.

Buildings and roads are real but for those of the made district; cameras and registers are made
(`tests.made`). Each city is cut to a few streets so that a plan takes seconds.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import shapely

from civicsight.coverage.check import check
from civicsight.coverage.result import CheckResult
from civicsight.io import helsinki_path
from civicsight.io.project import read_city
from civicsight.io.tables.inventory import read_cameras
from civicsight.model import City
from civicsight.planning.aims.request import Aims, Run
from civicsight.planning.area.scope import Scope
from civicsight.planning.make import make_plan
from civicsight.planning.money.bill import sums_of
from civicsight.planning.money.budgets import Grant
from civicsight.planning.record.plan import Plan, planned_city
from civicsight.planning.solver.outcome import Limits
from civicsight.report.plan.script import with_told
from civicsight.rules import load_packs
from tests.app_town import app_city
from tests.made import with_made

DEMO: Final = Path(__file__).resolve().parent.parent.parent / "data" / "demo"
SEED: Final = 20_260_101
YEARS: Final = (2027, 2028, 2029)
ROOT: Final = DEMO.parent.parent
DATA: Final = Path(os.environ.get("CIVICSIGHT_TEST_DATA", ROOT.parent / "shared" / "data"))
GUSU: Final = DATA / "suzhou_gusu" / "bd_demo_2.json"
NANSHAN: Final = DATA / "shenzhen_nanshan" / "nanshan-building.geojson"
NEEDED: Final = {"gusu": GUSU, "nanshan": NANSHAN}
"""Files that a city is read from and that do not come with the code."""


def cut(city: City, size_m: float) -> City:
    """Return the middle of a city, a square of so many metres."""
    at = city.buildings.geometry.union_all().centroid
    half = size_m / 2.0
    square = shapely.box(at.x - half, at.y - half, at.x + half, at.y + half)
    tables: dict[str, Any] = {}
    for field in fields(City):
        if "table" in field.metadata:
            table = getattr(city, field.name)
            tables[field.name] = table[table.geometry.within(square)] if len(table) else table
    return replace(city, extent=square, **tables)


def fewer(city: City, *, known: int) -> City:
    """Return a made city with its six smallest places, of so many of which the gate is known."""
    order = city.places.geometry.area.to_numpy().argsort(kind="stable")[:6]
    return replace(
        city, places=city.places.iloc[order], entrances=city.entrances.iloc[order[:known]]
    )


def demo() -> City:
    """Return the made district."""
    city = read_city(DEMO / "district.gpkg")[0]
    cameras = read_cameras(DEMO / "cameras.csv", crs=city.crs, near=city.extent)[0]
    return replace(city, cameras=cameras)


def helsinki() -> City:
    """Return a few streets of Helsinki: places as its map marks them, made cameras."""
    city = cut(read_city(helsinki_path())[0], 420.0)
    return replace(city, cameras=with_made(city, 40, SEED, 1).cameras)


def gusu() -> City:
    """Return a few streets of Suzhou: six made places, of which three have a gate on record."""
    return fewer(with_made(cut(read_city(GUSU, name="姑苏")[0], 500.0), 30, SEED, 1), known=3)


def nanshan() -> City:
    """Return a few streets of Shenzhen of which no gate is known: all are presumed."""
    return fewer(with_made(cut(read_city(NANSHAN, name="南山")[0], 900.0), 30, SEED, 1), known=0)


CITIES: Final[Mapping[str, Callable[[], City]]] = {
    "school": app_city, "demo": demo, "helsinki": helsinki, "gusu": gusu, "nanshan": nanshan,
}  # fmt: skip
"""Cities by name; the first is small enough for every run of the tests."""


@cache
def checked(name: str) -> CheckResult:
    """Return the check of a city."""
    return check(CITIES[name](), rules=load_packs())


RUN: Final = Run(Limits(steps=400, seconds=900.0))
"""Ended by its steps and not by time, so that extras do not depend on how busy a machine is."""
PLAIN: Final = Aims(extras=False)


@cache
def least(name: str) -> Plan:
    """Return the cheapest plan for all that can be covered."""
    return make_plan(checked(name), PLAIN, run=RUN)


def below(name: str) -> Plan:
    """Return a plan for two fifths of what all would cost."""
    money = 0.4 * sums_of(least(name)).investment
    return make_plan(checked(name), Aims(money, extras=False), run=RUN)


def with_extras(name: str) -> Plan:
    """Return a plan for half of what all would cost, and what other sums would buy."""
    return make_plan(checked(name), Aims(0.5 * sums_of(least(name)).investment), run=RUN)


def above(name: str) -> Plan:
    """Return a plan for half as much again as all would cost."""
    money = 1.5 * sums_of(least(name)).investment
    return make_plan(checked(name), Aims(money, extras=False), run=RUN)


def by_years(name: str) -> Plan:
    """Return a plan in three years for known gates alone, with money for each year."""
    money = sums_of(least(name)).investment
    grants = tuple(Grant(year, "", money) for year in YEARS)
    asked = replace(PLAIN, years=YEARS, grants=grants, scope=Scope(known_gates=True))
    return make_plan(checked(name), asked, run=RUN)


def nothing_possible(name: str) -> Plan:
    """Return a plan for one yuan."""
    return make_plan(checked(name), Aims(1.0, extras=False), run=RUN)


@cache
def done(name: str) -> CheckResult:
    """Return the check of a city as its cheapest plan leaves it, built."""
    plan = least(name)
    city = planned_city(checked(name), plan.measures, plan.cameras)
    built = city.cameras["status"].isin(["planned", "approved"])
    cameras = city.cameras.assign(status=city.cameras["status"].mask(built, "existing"))
    return check(replace(city, cameras=gpd.GeoDataFrame(cameras)), rules=load_packs())


def nothing_to_do(name: str) -> Plan:
    """Return a plan for a city whose plan is built."""
    return make_plan(done(name), PLAIN, run=RUN)


PLANS: Final[Mapping[str, Callable[[str], Plan]]] = {
    "least": least, "below": below, "above": above, "years": by_years, "curve": with_extras,
    "nothing-to-do": nothing_to_do, "nothing-possible": nothing_possible,
}  # fmt: skip
"""What is asked of a plan, by name."""


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A plan that was drawn up, and the check that it was drawn up from."""

    city: str
    variant: str
    result: CheckResult
    plan: Plan
    earlier: Plan | None = None
    """The version of the plan before this one."""

    @property
    def label(self) -> str:
        """City and variant."""
        return f"{self.city}/{self.variant}"


def draw(city: str, variant: str) -> Drawn:
    """Draw up a plan, with all that its documents say.

    Raises
    ------
    MismatchError
        If nothing at all satisfies what is asked.
    """
    plan = PLANS[variant](city)
    result = done(city) if variant == "nothing-to-do" else checked(city)
    earlier = None if variant == "least" else with_told(least(city), checked(city))
    return Drawn(city, variant, result, with_told(plan, result), earlier)
