"""What of a project goes out, by layer: closed lists of columns, nothing hidden, by district.

Secret cameras and places are left out as in a public edition: where a project has any, it is
checked again as if they did not exist, so that no state of a gate tells of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.application.report_subject import Reported, list_reported, read_reported
from civicsight.application.scope import home_of
from civicsight.core.cache import Remembered
from civicsight.core.errors import N_, Text
from civicsight.coverage.standing import direction_of_cameras
from civicsight.editing.draft import DECLARED, Draft
from civicsight.editing.draft_costs import draft_costs
from civicsight.editing.project import Project
from civicsight.io.crs import LONLAT, moved
from civicsight.io.project_layers import SHAPE_ENDINGS
from civicsight.planning.judging.secrecy import is_secret, secret_items, without_hidden
from civicsight.planning.prices.price_table import read_prices
from civicsight.presentation.names import judge_parts
from civicsight.report.geopackage import SHAPES

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult
    from civicsight.model import City
    from civicsight.store import Actor, Version

BUILDINGS, CAMERAS, PARTS, MEASURES = "buildings", "cameras", "parts", "measures"

BY_SHAPE: Final = {f"{PARTS}{ending}": number for number, ending in enumerate(SHAPE_ENDINGS)}
"""Layers of the parts of one geometry each, with the dimension of its shapes; whoever asks for
`PARTS` by name, as it was called before, has all of them in one."""

TITLES: Final[Mapping[str, Text]] = {
    BUILDINGS: N_("Buildings"),
    CAMERAS: N_("Cameras"),
    PARTS: N_("Gates and key parts"),
    **{
        name: replace(words, values={"layer": N_("Gates and key parts")})
        for name, (_, words) in zip(BY_SHAPE, SHAPES.values(), strict=True)
    },
    MEASURES: N_("Measures of the plan"),
}

_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    BUILDINGS: ("name", "kind", "height_m", "base_m", "height_assumed", "height_source"),
    CAMERAS: (
        *("name", "kind", "mount", "setting", "status", "height_m", "azimuth_deg", "tilt_deg"),
        *("hfov_deg", "width_px", "height_px", "reach_m", "owner", "direction_known"),
    ),
    PARTS: (
        *("place", "zone_id", "item", "article", "rule", "pack", "kind", "profile", "need_px_m"),
        *("status", "fraction_sure", "fraction_assumed", "fraction_possible", "required"),
        *("inferred", "confirmed", "confidence"),
    ),
    MEASURES: (
        *("plan_id", "plan", "version", "state", "camera_id", "measure", "camera_class", "host"),
        *("height_m", "azimuth_deg", "tilt_deg", "hfov_deg", "cost_yuan", "saved_yuan"),
        *("new_site", "year", "district", "article"),
    ),
}
COLUMNS: Final = {**_COLUMNS, **dict.fromkeys(BY_SHAPE, _COLUMNS[PARTS])}
"""All that goes out of each layer: no free text of a record, no tags, no name of who watches."""

OPEN_AT_ONCE: Final = 3
SUPERSEDED: Final = "superseded"
SEEN: Final = ("cameras", "places")
"""Tables with hidden rows that what is found rests on; the others are papers."""

POSE: Final = ("height_m", "azimuth_deg", "tilt_deg", "hfov_deg")

GROUND: Final = ("land_cover", "roads", "buildings", "canopies", "obstacles")
"""Tables of a city that its ground plan shows."""

_GROUND: Final[Remembered[City]] = Remembered(8)
_LAYERS: Final[Remembered[dict[str, OpenLayer]]] = Remembered(8)
_MEASURES: Final[Remembered[gpd.GeoDataFrame]] = Remembered(8)


def serving(project: Project) -> Future[Served]:
    """Return what goes out of a project; the first call for it starts to make it ready."""
    with _SERVING:
        return _serving(project)


def layers_for(served: Served, actor: Actor, plan_id: str = "") -> dict[str, OpenLayer]:
    """Return the layers that somebody may read, by name; measures only where a plan has some.

    Each is of one geometry: the parts are told apart by shape, those that there are.

    Parameters
    ----------
    served, actor, plan_id
        As of `layer_for`.
    """
    found = {name: layer_for(served, actor, name, plan_id) for name in TITLES if name != PARTS}
    return {
        name: layer
        for name, layer in found.items()
        if layer is not None and (name not in BY_SHAPE or len(layer.frame))
    }


def layer_for(served: Served, actor: Actor, name: str, plan_id: str = "") -> OpenLayer | None:
    """Return a layer as somebody may read it, None where there is none of the name.

    Parameters
    ----------
    served, actor
        Of what, and who asks: a district planner gets what lies in the own district.
    name
        One of `COLUMNS`.
    plan_id
        Plan whose latest version is shown; empty: the latest approved version of every plan.

    Raises
    ------
    Denied
        If he may take nothing out of a plan; it is in the audit.
    """
    project = served.project
    if name != MEASURES:
        key = (served, actor.district if actor.role.is_bound else "")
        return _LAYERS.get(key, lambda: _base_layers(served, actor)).get(name)
    tables = [_measures(served, actor, one) for one in _shown(project, actor, plan_id)]
    if not tables:
        return None
    frame = gpd.GeoDataFrame(pd.concat(tables)).sort_index()
    return OpenLayer(MEASURES, gpd.GeoDataFrame(frame[home_of(frame, actor, project.city)]))


def _base_layers(served: Served, actor: Actor) -> dict[str, OpenLayer]:
    return {
        name: OpenLayer(name, gpd.GeoDataFrame(frame[home_of(frame, actor, served.project.city)]))
        for name, frame in served.frames.items()
    }


def ground_for(served: Served, actor: Actor) -> tuple[str, City]:
    """Return the city whose ground somebody may read, cut as features are, and what names it."""
    project = served.project
    if not actor.role.is_bound:
        return project.base, project.city

    def cut() -> City:
        tables = {name: getattr(project.city, name) for name in GROUND}
        own = {name: frame[home_of(frame, actor, project.city)] for name, frame in tables.items()}
        return replace(project.city, **own)

    return f"{project.base}/{actor.district}", _GROUND.get((served, actor.district), cut)


def _shown(project: Project, actor: Actor, plan_id: str) -> list[Reported]:
    """Return the version of each plan that is shown."""
    chosen: dict[str, Reported] = {}
    for one in list_reported(project, actor):
        if plan_id:
            fits = one.plan.plan_id == plan_id and one.is_latest
        else:
            fits = one.approved and one.plan.state != SUPERSEDED
        if fits:
            chosen.setdefault(one.plan.plan_id, one)
    return list(chosen.values())


def _measures(served: Served, actor: Actor, one: Reported) -> gpd.GeoDataFrame:
    """Return what a version does, without what is done for a hidden place or with a hidden camera.

    What it is was proven when it was read first; whether it may be read is asked each time.
    """
    project = served.project

    def read() -> gpd.GeoDataFrame:
        version = read_reported(project, actor, *one.key)
        frame = version.layers.get("measures")
        done = _drawn(project, version) if frame is None else frame
        tables = [
            version.layers[name] for name in ("cameras", "plan_cameras") if name in version.layers
        ]
        secret = served.hidden | frozenset(
            str(label) for table in tables for label in table.index[is_secret(table)]
        )
        parts = done.get("parts", pd.Series([()] * len(done), done.index))
        named = ({str(label), *map(str, of)} for label, of in parts.items())
        kept = done[[not secret & names for names in named]].to_crs(project.city.crs)
        kept = kept.assign(
            plan_id=one.plan.plan_id,
            plan=one.plan.name,
            version=one.head.n,
            camera_id=kept.index.astype(str),
        )
        kept.index = pd.Index(f"{one.plan.plan_id}/" + kept["camera_id"], name="measure_id")
        return gpd.GeoDataFrame(kept)

    key = (served, project.store_path, one.key, one.head.digest)
    return _MEASURES.get(key, read).assign(state=str(one.plan.state))


def _drawn(project: Project, version: Version) -> gpd.GeoDataFrame:
    """Return what a version drawn by hand does with each camera, at what cost.

    A planned camera that is given up is dropped, as in a plan of the optimiser.
    """
    before = Draft(project.city)
    kept = version.layers.get("cameras", before.cameras).to_crs(project.city.crs)
    after = Draft(project.city, {"cameras": gpd.GeoDataFrame(DECLARED["cameras"].complete(kept))})
    priced = draft_costs(before, after, read_prices())
    old, new = before.cameras, after.cameras
    planned = old.index[old["status"].eq("planned")]
    gone = planned.difference(new.index[new["status"].ne("removed")])
    posed = pd.concat([old.loc[gone], new.drop(gone, errors="ignore")])[[*POSE, "geometry"]]
    names = {"device": "camera_class", "yuan": "cost_yuan"}
    told = priced.rename(columns=names).reindex([*priced.index, *gone])
    told = told.fillna({"measure": "drop", "camera_class": "", "cost_yuan": 0})
    return gpd.GeoDataFrame(posed.loc[told.index].join(told))


@dataclass(frozen=True, eq=False)
class OpenLayer:
    """One layer as somebody may read it.

    Parameters
    ----------
    name
        One of `COLUMNS`.
    frame
        Its rows in the working CRS, by id; of its columns those of the list go out.
    """

    name: str
    frame: gpd.GeoDataFrame

    @cached_property
    def ids(self) -> pd.Index:
        """Ids as text."""
        return self.frame.index.astype(str)

    @cached_property
    def plane(self) -> Shapes:
        """Shapes in the working CRS."""
        return Shapes(np.asarray(shapely.force_2d(self.frame.geometry.to_numpy()), object))

    @cached_property
    def degrees(self) -> Shapes:
        """Shapes in WGS 84, longitude first, outer rings counter-clockwise as RFC 7946 has them."""
        flat = gpd.GeoSeries(self.plane.shapes, crs=self.frame.crs)
        return Shapes(shapely.orient_polygons(moved(flat, LONLAT).to_numpy()))

    @cached_property
    def columns(self) -> dict[str, Any]:
        """Columns that go out; one that the table lacks is empty."""
        return {
            name: self.frame.get(name, pd.Series(None, self.frame.index, dtype=object))
            for name in COLUMNS[self.name]
        }

    def rows(self, at: Any) -> list[dict[str, Any]]:
        """Return what is said of rows, by position, as JSON has it."""
        columns = {
            name: [_plain(v) for v in column.iloc[at]] for name, column in self.columns.items()
        }
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


@dataclass(frozen=True, eq=False)
class Shapes:
    """Shapes of a layer in one CRS, and what finds them."""

    shapes: Any

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Return what finds shapes."""
        return shapely.STRtree(self.shapes)

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north; NaN where there is nothing."""
        west, south, east, north = map(float, shapely.total_bounds(self.shapes))
        return west, south, east, north


@dataclass(frozen=True, slots=True, eq=False)
class Served:
    """What goes out of a project.

    Parameters
    ----------
    project
        The project, hidden rows and all.
    frames
        Its layers without them, in the working CRS.
    hidden
        Ids of cameras and parts that no layer may name.
    """

    project: Project
    frames: Mapping[str, gpd.GeoDataFrame]
    hidden: frozenset[str]


_SERVING: Final = Lock()


@lru_cache(maxsize=OPEN_AT_ONCE)
def _serving(project: Project) -> Future[Served]:
    under_way: Future[Served] = Future()

    def work() -> None:
        try:
            under_way.set_result(prepare(project))
        except BaseException as error:  # noqa: BLE001 - the border of a thread: who asks is told
            under_way.set_exception(error)

    Thread(target=work, name="serving", daemon=True).start()
    return under_way


def prepare(project: Project) -> Served:
    """Make ready what goes out of a project."""
    result = _open_result(project)
    names = result.zones["name"] if "name" in result.zones else pd.Series(dtype=object)
    parts = judge_parts(result)
    parts = parts.assign(place=parts["zone_id"].map(names))
    dimension = shapely.get_dimensions(parts.geometry.to_numpy())
    frames = {
        BUILDINGS: result.city.buildings,
        CAMERAS: result.cameras.assign(direction_known=direction_of_cameras(result)),
        PARTS: parts,
        **{name: parts[dimension == number] for name, number in BY_SHAPE.items()},
    }
    hidden = {str(label) for label in secret_items(project.city, project.rules)}
    hidden |= set(map(str, project.result.parts.index.difference(result.parts.index)))
    return Served(
        project,
        {name: gpd.GeoDataFrame(frame).sort_index() for name, frame in frames.items()},
        frozenset(hidden),
    )


def _open_result(project: Project) -> CheckResult:
    """Return what was found, as if no secret camera or place existed."""
    city = without_hidden(project.city, project.rules)
    same = (len(getattr(city, name)) == len(getattr(project.city, name)) for name in SEEN)
    if all(same):
        return project.result
    from civicsight.coverage.check import check

    return check(city, rules=project.rules, raster=False, before=project.result.parts)


def _plain(value: Any) -> Any:
    """Return a value as JSON has it; what is not known is nothing."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return None if value is pd.NA or value is pd.NaT else str(value)
