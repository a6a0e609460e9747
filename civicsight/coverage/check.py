"""From a city and its cameras to what is covered, missing and doubled, all in memory.

References
----------
Articles 7 and 8. Sampled geometry proves visibility and pixel density at the samples. It proves
neither recognition nor lighting, nor cover between samples.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary

import geopandas as gpd
import numpy as np
import pandas as pd

from civicsight.core.collector import undisturbed
from civicsight.core.errors import CrsError, MismatchError, require_kind
from civicsight.core.progress import Progress
from civicsight.core.settings import present_day
from civicsight.coverage.demand.find import Demand, find_demand
from civicsight.coverage.findings import find_gaps, find_overlaps, find_repairs, find_reuse
from civicsight.coverage.findings.camera_set import UNBUILT, sharing_sets
from civicsight.coverage.findings.duplicates import weigh_duplicates
from civicsight.coverage.findings.evidence import first_rule, predicate_values
from civicsight.coverage.findings.reuse import revive
from civicsight.coverage.findings.rivals import settle
from civicsight.coverage.findings.status import part_status, unmet_samples
from civicsight.coverage.findings.tours import find_tours
from civicsight.coverage.findings.withheld import sees_unjudged, withheld
from civicsight.coverage.jobs import fitting_cell_m, running_on
from civicsight.coverage.matrix import CoverageMatrix, at_night, compute_matrices
from civicsight.coverage.pose.placement import leave_unknown, place_cameras
from civicsight.coverage.pose.sensor_views import read_heads
from civicsight.coverage.privacy.barred_cameras import find_barred, name_barred, without_credit
from civicsight.coverage.raster import CoverageRaster, compute_coverage
from civicsight.coverage.result import CheckResult, is_inventory_given, partition, unseen
from civicsight.coverage.summary import (
    count_buildings,
    count_cameras,
    count_findings,
    count_parts,
    count_redundant,
    count_samples,
    count_zones,
    without_looking,
)
from civicsight.model import CAMERAS, City
from civicsight.model.city import begins_after, standing_in
from civicsight.rules import Rules, load_packs
from civicsight.rules.departures import describe_weakened
from civicsight.scene.bodies import (
    SEASONS,
    Assumed,
    Scene,
    Season,
    build_scene,
    hangs_on_assumptions,
)
from civicsight.scene.nearness import reading_notes, require_settled


class Seen(NamedTuple):
    """What cameras deliver as far as it counts, what is blocked, who is barred, and all of it."""

    matrices: dict[str, CoverageMatrix]
    blocked: pd.DataFrame
    barred: tuple[str, ...]
    seen: dict[str, CoverageMatrix]


def see(
    city: City,
    rules: Rules,
    cameras: gpd.GeoDataFrame,
    heads: gpd.GeoDataFrame,
    demand: Demand,
    scenes: dict[str, Scene],
    *,
    progress: Progress | None,
) -> Seen:
    """Compute the matrices, with a row for every camera; in the first who is barred has nothing."""
    seen, blocked = compute_matrices(
        heads, demand.parts, demand.samples, scenes, camera_ids=cameras.index, progress=progress
    )
    barred = find_barred(city, rules, cameras, seen, demand.samples)
    return Seen(without_credit(seen, barred), blocked, barred, seen)


BOUNDS: Final[dict[str, Assumed]] = {"sure": "highest", "assumed": "as_is", "possible": "lowest"}
"""How assumed heights of buildings are taken: against the camera, as they are, in its favour."""

MAP_READING: Final = "assumed"
"""Reading of the coverage raster, and of cameras that could be turned: what is probably so."""


@undisturbed()
def check(
    city: City,
    cameras: gpd.GeoDataFrame | None = None,
    *,
    rules: Rules | None = None,
    cell_m: float | None = None,
    raster: bool = True,
    night: bool = False,
    season: Season = "summer",
    year: int | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
    before: gpd.GeoDataFrame | CheckResult | None = None,
    early: Callable[[CheckResult], object] = lambda _unseen: None,
) -> CheckResult:
    """Check what the cameras of a city cover of what the law demands.

    Parameters
    ----------
    city, cameras, rules
        The tables of the project, not changed; table `model.CAMERAS` that replaces the city's own;
        rule packs, by default those of the planners.
    cell_m, raster, progress
        Side of a cell, by default `fitting_cell_m`; whether to draw; told heads done, in all.
    night, season, year, executor, before, early
        Whether own light bounds views; season of leaves; year of buildings, by default this one;
        where lines of sight are cast, the same anywhere; parts whose ids stay, or a check of the
        same city, of which places and scenes are taken; given `unseen`, and again once it is drawn.

    Returns
    -------
    CheckResult
        The same for any order of the cameras; its tables are in the order of their ids.

    Raises
    ------
    SchemaError, CrsError, MismatchError, InputError
        If a table is not as declared, CRSs differ, a register names a class that no pack has,
        cameras lie far from the city, or were measured off and their datum is not declared.
    """
    require_kind("city", city, City, "read_city returns the city, then its report")
    require_kind("night", night, (bool, np.bool_))
    require_kind("year", 0 if year is None else year, (int, np.integer))
    if season not in SEASONS:
        msg = f"season is {season!r}, expected {' or '.join(SEASONS)}"
        raise MismatchError(msg)
    rules, given = load_packs() if rules is None else rules, cameras
    require_kind("rules", rules, Rules, "load_packs returns them")
    read, city = city, standing_in(city, year)
    looked = is_inventory_given(city, cameras)
    cameras = city.cameras if cameras is None else cameras
    day = None if year is None else date(year, 12, 31)
    cameras, heads = place_and_read(city, cameras, rules, day)
    require_settled(read, given)
    demand, scenes = _surroundings(city, rules, before, season)
    early(known := unseen(city, rules, cameras, heads, demand))
    seeing = at_night(heads) if night else heads
    mapped = seeing[seeing["reading"].eq(MAP_READING)]
    look, draw = _stages(progress, len(seeing), len(mapped) if raster else 0)
    with running_on(executor), sharing_sets():
        seen = see(city, rules, cameras, seeing, demand, scenes, progress=look)
        inputs = _Inputs(city, rules, cameras, heads, demand, scenes, night, looked, *seen)
        if raster:
            known = replace(known, raster=_draw(inputs, mapped, cell_m, draw))
            early(known)
        result = _judge(inputs, known.raster)
    result.summary["notes"] = [one.to_dict() for one in reading_notes(read, given)]
    _BUILT[result] = {season: scenes}
    return result


def _surroundings(
    city: City, rules: Rules, before: gpd.GeoDataFrame | CheckResult | None, season: Season
) -> tuple[Demand, dict[str, Scene]]:
    """Return what has to be seen and what stands around, which hang on no camera."""
    if not isinstance(before, CheckResult):
        return find_demand(city, rules, before=before), build_scenes(city, season=season)
    tables = (getattr(before, each.name) for each in fields(Demand))
    return Demand(*tables), scenes_of(before, season)


def check_part(
    city: City,
    cameras: gpd.GeoDataFrame,
    heads: gpd.GeoDataFrame,
    demand: Demand,
    scenes: dict[str, Scene],
    rules: Rules,
    *,
    night: bool,
    looked: bool,
) -> tuple[CheckResult, pd.DataFrame]:
    """Check a part of a region of which cameras and demand are known, as `check` does the whole.

    Returns
    -------
    tuple
        What was found, and the rivals of `weigh_duplicates`: who of them goes is not settled, for
        others may stand in other parts.
    """
    seeing = at_night(heads) if night else heads
    seen = see(city, rules, cameras, seeing, demand, scenes, progress=None)
    inputs = _Inputs(city, rules, cameras, heads, demand, scenes, night, looked, *seen)
    rivals: list[pd.DataFrame] = []
    return _judge(inputs, None, rivals), rivals[0]


def build_scenes(
    city: City, *, season: Season = "summer", origin: tuple[float, float] | None = None
) -> dict[str, Scene]:
    """Build the scene of each reading; one serves all where nothing is assumed or unknown."""
    layers = (city.buildings, city.obstacles, city.canopies, city.terrain)
    bounds: dict[str, Assumed] = dict(BOUNDS)
    if not hangs_on_assumptions(*layers, season):
        bounds = dict.fromkeys(BOUNDS, "as_is")
    built: dict[Assumed, Scene] = {}
    for bound in dict.fromkeys(bounds.values()):
        like = next(iter(built.values()), None)
        built[bound] = build_scene(*layers, season=season, assumed=bound, origin=origin, like=like)
    return {reading: built[bound] for reading, bound in bounds.items()}


_BUILT: WeakKeyDictionary[CheckResult, dict[Season, dict[str, Scene]]] = WeakKeyDictionary()


def scenes_of(result: CheckResult, season: Season = "summer") -> dict[str, Scene]:
    """Return the scenes of the city of a result, built once for all who look at it again."""
    built = _BUILT.setdefault(result, {})
    if season not in built:
        built[season] = build_scenes(result.city, season=season)
    return built[season]


def place_and_read(
    city: City, cameras: gpd.GeoDataFrame, rules: Rules | None = None, day: date | None = None
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Place cameras, in the order of their ids, and read their heads, as `check` does.

    Parameters
    ----------
    city, cameras
        The tables of the project; table `model.CAMERAS` in its CRS.
    rules
        As `read_heads` takes them.
    day
        A camera on record as existing that comes into use only after this day, by default today,
        counts as approved: it covers nothing yet.

    Raises
    ------
    SchemaError, CrsError
        If the table is not as declared, or the CRSs differ.
    """
    CAMERAS.check(cameras)
    if cameras.crs != city.crs:
        msg = f"cameras are in {cameras.crs}, the city in {city.crs}: convert them with to_crs()"
        raise CrsError(msg)
    complete = gpd.GeoDataFrame(CAMERAS.complete(cameras)).sort_index()
    later = begins_after(complete, present_day() if day is None else day)
    stands = complete["status"].isna() | complete["status"].eq("existing")
    complete.loc[later & stands, "status"] = "approved"
    placed = place_cameras(complete, city.buildings)
    placed = leave_unknown(placed, city.extent, city.terrain)
    near = {"buildings": city.buildings, "roads": city.roads, "entrances": city.entrances}
    return placed, read_heads(placed, **near, rules=rules)


def _draw(
    inputs: _Inputs, heads: gpd.GeoDataFrame, cell_m: float | None, progress: Progress | None
) -> CoverageRaster:
    """Draw what the cameras see, but for those that are barred."""
    heads = gpd.GeoDataFrame(heads[~heads["camera_id"].isin(inputs.barred)])
    cell_m = fitting_cell_m(heads) if cell_m is None else cell_m
    return compute_coverage(heads, inputs.scenes[MAP_READING], cell_m=cell_m, progress=progress)


def _stages(
    progress: Progress | None, first: int, second: int
) -> tuple[Progress | None, Progress | None]:
    """Report two stages as one."""
    if progress is None:
        return None, None
    total = first + second
    return (lambda done, _: progress(done, total), lambda done, _: progress(first + done, total))


def _judge(
    inputs: _Inputs, raster: CoverageRaster | None, unsettled: list[pd.DataFrame] | None = None
) -> CheckResult:
    """Turn the matrices into findings and numbers; rivals stay open for whoever asks for them."""
    cameras, demand, matrices = inputs.cameras, inputs.demand, inputs.matrices
    zones, parts, samples = demand.zones, demand.parts, demand.samples
    heads, rules = inputs.heads, inputs.rules
    status = part_status(
        parts,
        samples,
        matrices,
        blocked=inputs.blocked,
        features=inputs.scenes[MAP_READING].features,
        turning=cameras.index[cameras["kind"].eq("ptz")],
        unbuilt=cameras.index[cameras["status"].isin(UNBUILT)],
    )
    seeing = at_night(heads) if inputs.night else heads
    mapped = seeing[seeing["reading"].eq(MAP_READING)]
    tours = find_tours(mapped, parts, samples, inputs.scenes[MAP_READING])
    longest = tours.drop_duplicates("part_id").set_index("part_id")["share"]
    status["time_share"] = longest.astype("float64").reindex(status.index)
    gaps = _gaps(inputs, status, tours)
    held = _withheld(inputs)
    duplicates, rivals = weigh_duplicates(
        cameras, parts, zones, samples, matrices, heads, rules, held
    )
    if unsettled is None:
        duplicates = settle(duplicates, rivals)
    else:
        unsettled.append(rivals)
    overlaps = find_overlaps(cameras, parts, samples, matrices, heads, rules)
    summary = _summarise(
        inputs, status, count_findings(gaps, duplicates, overlaps, looked=inputs.looked)
    )
    result = CheckResult(
        inputs.city,
        rules,
        cameras,
        heads,
        zones,
        parts,
        samples,
        matrices,
        status,
        gaps,
        duplicates,
        overlaps,
        raster,
        summary,
        demand.left_out,
        inputs.blocked,
        demand.missing,
        held,
        inputs.looked,
        inputs.barred,
    )
    return replace(result, summary=summary | {"partition": partition(result).counts()})


def _gaps(inputs: _Inputs, status: pd.DataFrame, tours: pd.DataFrame) -> gpd.GeoDataFrame:
    """Find the parts that are not covered for sure, and what could help."""
    demand = inputs.demand
    gaps = find_gaps(
        status,
        demand.parts,
        demand.zones,
        demand.samples,
        inputs.matrices,
        inputs.heads,
        inputs.rules,
        reuse=_reuse(inputs, status),
        repairs=_repairs(inputs, status),
        tours=tours,
        looked=inputs.looked,
    )
    return name_barred(gaps, inputs.seen, inputs.barred, demand.samples)


def _withheld(inputs: _Inputs) -> pd.DataFrame:
    """Find the cameras against which nothing may be said."""
    demand, heads = inputs.demand, inputs.heads
    widest, scene = heads[heads["reading"].eq("possible")], inputs.scenes["possible"]
    unjudged = sees_unjudged(widest, demand.zones, demand.parts, demand.missing, scene)
    return withheld(inputs.cameras, demand.parts, demand.samples, inputs.matrices, unjudged)


def _summarise(inputs: _Inputs, status: pd.DataFrame, findings: dict[str, Any]) -> dict[str, Any]:
    """Put the numbers of a check together."""
    cameras, demand, matrices = inputs.cameras, inputs.demand, inputs.matrices
    zones, parts, samples = demand.zones, demand.parts, demand.samples
    weakened = describe_weakened(inputs.rules)
    counts = {
        "city": inputs.city.name,
        "synthetic": inputs.city.synthetic,
        "night": inputs.night,
        "sources": list(inputs.city.sources),
        "rules": inputs.rules.versions,
        "rules_sha256": dict(inputs.rules.sha256),
        **({"weakened": list(map(str, weakened))} if weakened else {}),
        "cameras": count_cameras(cameras, inputs.heads) | {"barred": len(inputs.barred)},
        "buildings": count_buildings(inputs.city.buildings),
        "zones": count_zones(zones) | {"left_out": len(demand.left_out)},
        "parts": count_parts(parts, status, looked=inputs.looked),
        "samples": count_samples(samples, parts, matrices),
        "findings": findings,
        "redundant": count_redundant(cameras, parts, samples, matrices),
    }
    return counts if inputs.looked else without_looking(counts)


def _reuse(inputs: _Inputs, status: pd.DataFrame) -> pd.DataFrame | None:
    """Look for existing cameras that could be turned towards what nothing covers yet."""
    rule = first_rule(inputs.rules, "reuse_considered", "zone")
    open_parts = status.index[status["status"].isin(["possible", "gap"])]
    if rule is None or not len(open_parts):
        return None
    demand = inputs.demand
    wanted = demand.parts.loc[open_parts]
    unmet = unmet_samples(demand.samples, wanted, inputs.matrices[MAP_READING])
    return find_reuse(
        wanted,
        demand.samples,
        unmet,
        inputs.cameras,
        at_night(inputs.heads) if inputs.night else inputs.heads,
        inputs.scenes[MAP_READING],
        radius_m=float(predicate_values(rule, "reuse_considered")["radius"]),
    )


def _repairs(inputs: _Inputs, status: pd.DataFrame) -> pd.DataFrame:
    """Look for cameras out of use beside what is not covered for sure."""
    city, demand = inputs.city, inputs.demand
    heads = read_heads(
        revive(inputs.cameras),
        buildings=city.buildings,
        roads=city.roads,
        entrances=city.entrances,
        rules=inputs.rules,
    )
    return find_repairs(
        demand.parts.loc[status.index[status["status"].ne("covered")]],
        demand.samples,
        inputs.matrices["sure"],
        inputs.cameras,
        at_night(heads) if inputs.night else heads,
        inputs.scenes[MAP_READING],
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Inputs:
    """Everything that findings are made of."""

    city: City
    rules: Rules
    cameras: gpd.GeoDataFrame
    heads: gpd.GeoDataFrame
    demand: Demand
    scenes: dict[str, Scene]
    night: bool
    looked: bool
    matrices: dict[str, CoverageMatrix]
    blocked: pd.DataFrame
    barred: tuple[str, ...]
    seen: dict[str, CoverageMatrix]
