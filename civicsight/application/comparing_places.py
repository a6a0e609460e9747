"""Two versions of a plan place by place: how each stands before and after, and what that costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from civicsight.application.today import read_side
from civicsight.core.errors import CivicsightError
from civicsight.coverage.result import NOT_JUDGED
from civicsight.editing.draft import DECLARED, Draft
from civicsight.editing.edit_context import edit_context_of
from civicsight.editing.gap_changes import parts_after
from civicsight.planning.area.districts import find_districts, name_districts
from civicsight.planning.record.documents import find_plan
from civicsight.planning.statement.difference import compare_plans
from civicsight.planning.statement.figures import after_of, count_places
from civicsight.store import Actor

if TYPE_CHECKING:
    from civicsight.editing.project import Project
    from civicsight.planning.record.plan import Plan
    from civicsight.store import Version


def compare_places(
    project: Project, actor: Actor, plan_id: str, before: int, after: int
) -> pd.DataFrame | None:
    """Compare how every place stands in two versions of a plan, or in one and today.

    Returns
    -------
    DataFrame or None
        By ``zone_id``: ``name``, ``pack``, ``item``, ``district`` and ``geometry`` of the place;
        what `count_places` counts of it: its parts by state before and after, ``closed`` and
        ``opened``, the parts that are gaps no more and those that have become one, and
        ``changed``, whether the state of any part differs; ``cost_before`` and ``cost_after``
        [yuan] of measures that differ and serve it, NaN where no version has costs. A measure that
        serves several places counts in each. None if a version does not tell how places stand, or
        if somebody may not see all districts.

    Raises
    ------
    Denied
        If the plan is not open to him.
    """
    pair = [read_side(project, actor, plan_id, n) for n in (before, after)]
    if actor.role.is_bound:
        return None
    states = [state_of(project, version) for version in pair]
    if any(state is None for state in states):
        return None
    one, two = (state for state in states if state is not None)
    table = count_places(one.parts, two.parts)
    table = table.join(_places(project, two.zones, one.zones), how="left")
    plans = [find_plan(version.documents) for version in pair]
    table = table.join(cost_places(*plans), how="left")
    none = 0.0 if any(plan is not None for plan in plans) else np.nan
    return table.fillna({"cost_before": none, "cost_after": none})


def state_of(project: Project, version: Version) -> VersionState | None:
    """Return how the parts of all places stand in a version; None if it does not tell."""
    plan = find_plan(version.documents)
    if plan is not None:
        return _state_of_plan(project, plan)
    draft = draft_of(project, version)
    return None if draft is None else _state_of_draft(project, draft)


def draft_of(project: Project, version: Version) -> Draft | None:
    """Return the city that a version leaves; None if it keeps no cameras, or not those of here."""
    layers = {name: table for name, table in version.layers.items() if name in DECLARED}
    if "cameras" not in layers or not _fits(project, layers):
        return None
    return Draft(
        project.city, MappingProxyType({n: gpd.GeoDataFrame(t) for n, t in layers.items()})
    )


def cost_places(before: Plan | None, after: Plan | None) -> pd.DataFrame:
    """Sum by place what the measures cost that differ and serve it [yuan], before and after."""
    if before is None and after is None:
        return pd.DataFrame({"cost_before": [], "cost_after": []}, dtype=np.float64)
    differ = None
    if before is not None and after is not None:
        differ = set(compare_plans(before, after).measures["camera_id"])
    columns = {"cost_before": _costs(before, differ), "cost_after": _costs(after, differ)}
    return pd.DataFrame(columns).fillna(0.0).rename_axis("zone_id")


def _costs(plan: Plan | None, among: set[str] | None) -> pd.Series:
    """Return by place what the measures cost that serve it, each once; of all or of some."""
    if plan is None:
        return pd.Series(dtype=np.float64)
    own = plan.measures if among is None else plan.measures[plan.measures.index.isin(among)]
    parts = own["parts"].explode().dropna()
    zone = plan.parts["zone_id"].reindex(parts).to_numpy(object)
    pairs = pd.DataFrame({"camera_id": parts.index.to_numpy(object), "zone_id": zone})
    pairs = pairs.dropna().drop_duplicates()
    cost = own["cost_yuan"].reindex(pairs["camera_id"]).to_numpy(np.float64)
    total: pd.Series = pd.Series(cost).groupby(pairs["zone_id"].to_numpy(object)).sum()
    return total


def _state_of_plan(project: Project, plan: Plan) -> VersionState:
    """Return what an optimiser found, and beside it what was not judged."""
    known = after_of(plan)
    if plan.before.empty:
        known = _with_missing(known, project.result.missing)
    return VersionState(known.rename_axis("part_id"), project.result.zones)


def _state_of_draft(project: Project, draft: Draft) -> VersionState:
    """Return how parts stand in the city that somebody drew: as today, but for what differs."""
    context = edit_context_of(project)
    standing = context.standing(draft)
    known = parts_after(draft, context)
    known = known[known["compliance"].ne(NOT_JUDGED)]
    return VersionState(_with_missing(known, standing.missing), standing.zones)


def _with_missing(known: pd.DataFrame, missing: pd.DataFrame) -> pd.DataFrame:
    """Return parts with those that could not be judged."""
    rows = missing.set_index("part_id")[["zone_id"]]
    rows = rows.assign(state=NOT_JUDGED, compliance=NOT_JUDGED)
    rows = rows[~rows.index.duplicated()]
    return pd.concat([known.drop(index=rows.index, errors="ignore"), rows]).rename_axis("part_id")


def _fits(project: Project, layers: Mapping[str, pd.DataFrame]) -> bool:
    """Tell whether tables are those of a city in the CRS of the project."""
    try:
        for name, table in layers.items():
            DECLARED[name].check(gpd.GeoDataFrame(table))
    except CivicsightError:
        return False
    crs = project.city.crs
    return all(getattr(table, "crs", crs) == crs for table in layers.values())


def _places(project: Project, *zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return what is known of the places of two versions, of the later one first."""
    columns = ["name", "pack", "item", "geometry"]
    both = pd.concat([table[columns] for table in zones])
    places = gpd.GeoDataFrame(both[~both.index.duplicated()], crs=project.city.crs)
    districts = find_districts(project.city)
    known: Any = "" if districts.empty else name_districts(places.geometry, districts)
    return pd.DataFrame(places).assign(district=known)


@dataclass(frozen=True, slots=True, eq=False)
class VersionState:
    """How a version leaves the places: ``zone_id``, ``state`` and ``compliance`` by part."""

    parts: pd.DataFrame
    zones: gpd.GeoDataFrame
