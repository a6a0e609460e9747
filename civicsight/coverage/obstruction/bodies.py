"""A proposed facility as a body in the scene: of its height, after some years, at another place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from civicsight.core.errors import SchemaError
from civicsight.coverage.faults import fault
from civicsight.model import BUILDINGS, CANOPIES, OBSTACLES, City
from civicsight.model.plan_tables import PROPOSALS
from civicsight.scene.bodies import (
    GROUNDED,
    LOWEST_CROWN_M,
    MIN_TRANSMITTANCE,
    SEASONS,
    TRANSMITTANCE,
    Assumed,
    Scene,
    Season,
    build_scene,
)
from civicsight.scene.segments import Volumes, cut_walls, index_boxes, wall_boxes

THIN_M: Final = 0.1
"""Thickness given to a line that partly lets light pass: only a body can do so [m]."""


@dataclass(frozen=True, slots=True, eq=False)
class Facility:
    """One row of `PROPOSALS`.

    Parameters
    ----------
    id, kind, name, planned_on
        As in the table.
    shape, crs
        Footprint, a line or an area.
    height_m, base_m
        Top and underside above the ground [m].
    passing
        Share of a sight line that passes, by season; None for a crown of unknown density.
    height_growth_m, crown_growth_m
        Growth of height and radius of the crown [m/year]; 0 but for trees.
    """

    id: str
    kind: str
    name: str
    planned_on: str | None
    shape: BaseGeometry
    crs: CRS
    height_m: float
    base_m: float
    passing: dict[Season, float | None]
    height_growth_m: float = 0.0
    crown_growth_m: float = 0.0

    @property
    def crown(self) -> bool:
        """Whether it is a crown in the scene: a tree, or what lets light pass."""
        return self.kind == "tree" or any(
            share is None or share > 0.0 for share in self.passing.values()
        )

    def standing_shape(self) -> BaseGeometry:
        """Return the footprint of the body: the shape, or a thin area where that has to be one."""
        if not self.crown or shapely.get_dimensions(self.shape) == 2:
            return self.shape
        return shapely.buffer(self.shape, THIN_M / 2, cap_style="flat")

    def solid_bounds(self) -> tuple[float, float, float, float]:
        """Return west, south, east and north of the body [m]."""
        west, south, east, north = shapely.bounds(self.shape)
        wider = THIN_M if self.crown else 0.0
        return west - wider, south - wider, east + wider, north + wider

    def at_height(self, height_m: float) -> Facility:
        """Return it with another top above the ground [m]; all else stays."""
        return replace(self, height_m=height_m)

    def moved(self, east_m: float, north_m: float) -> Facility:
        """Return it at another place."""
        shape = shapely.transform(self.shape, lambda xy: xy + np.array([east_m, north_m]))
        return replace(self, shape=shape)

    def after(self, years: int) -> Facility:
        """Return a tree as it is after some years; the underside of the crown stays where it is."""
        wider = self.crown_growth_m * years
        shape = shapely.buffer(self.shape, wider) if wider > 0.0 else self.shape
        return replace(self, shape=shape, height_m=self.height_m + self.height_growth_m * years)

    def tables(self) -> dict[str, gpd.GeoDataFrame]:
        """Return its row in the table of a city that it belongs to, by the name of the table."""
        if self.crown:
            row: dict[str, object] = {
                "kind": "tree",
                "summer": self.passing["summer"],
                "winter": self.passing["winter"],
            }
            return {"canopies": self._row(CANOPIES, row, self.standing_shape())}
        if self.kind == "building" and shapely.get_dimensions(self.shape) == 2:
            return {"buildings": self._row(BUILDINGS, {"kind": "proposed"}, self.shape)}
        return {"obstacles": self._row(OBSTACLES, {"kind": "structure"}, self.shape)}

    def _row(self, table: object, row: dict[str, object], shape: BaseGeometry) -> gpd.GeoDataFrame:
        values = {
            "name": self.name,
            "height_m": self.height_m,
            "base_m": self.base_m,
            "height_assumed": False,
        } | row
        if table is CANOPIES:
            values.pop("name")
        made = gpd.GeoDataFrame([values], index=[self.id], geometry=[shape], crs=self.crs)
        complete: gpd.GeoDataFrame = table.complete(made)  # type: ignore[attr-defined]
        return complete


def read_facilities(proposals: gpd.GeoDataFrame) -> tuple[Facility, ...]:
    """Turn a table `PROPOSALS` into facilities, in its order.

    Raises
    ------
    SchemaError
        If the table is not as declared, a footprint is a point, or a tree is no area.
    CrsError
        If it is not in metres.
    """
    PROPOSALS.check(proposals)
    table = PROPOSALS.complete(proposals)
    flat = shapely.get_dimensions(table.geometry.to_numpy())
    least = np.where(table["kind"].eq("tree"), 2, 1)
    faults = [
        fault(
            "proposal.shape",
            PROPOSALS.name,
            str(table.index[row]),
            "geometry",
            table.geometry.iloc[row].geom_type,
        )
        for row in np.flatnonzero(flat < least)
    ]
    if faults:
        raise SchemaError(faults)
    return tuple(_facility(str(label), row, proposals.crs) for label, row in table.iterrows())


def _facility(label: str, row: pd.Series, crs: CRS) -> Facility:
    tree = row["kind"] == "tree"

    def known(name: str, otherwise: float | None) -> float | None:
        return otherwise if pd.isna(row[name]) else float(row[name])

    passing = {season: known(season, None if tree else 0.0) for season in SEASONS}
    return Facility(
        label,
        row["kind"],
        row["name"] or label,
        row["planned_on"],
        row.geometry,
        crs,
        float(row["height_m"]),
        known("base_m", 0.0) or 0.0,
        passing,
        (known("height_growth_m", 0.0) or 0.0) if tree else 0.0,
        (known("crown_growth_m", 0.0) or 0.0) if tree else 0.0,
    )


def with_facility(city: City, facility: Facility) -> City:
    """Return a city in which a facility stands."""
    more = facility.tables()
    joined = {
        name: gpd.GeoDataFrame(pd.concat([getattr(city, name), row]), crs=city.crs)
        for name, row in more.items()
    }
    return replace(city, **joined)


def body_of(facility: Facility, scene: Scene, season: Season, assumed: Assumed) -> gpd.GeoDataFrame:
    """Return a facility as features of a scene; without a row if it hides nothing."""
    return raise_body(foot_of(facility, scene, season, assumed), facility)


def foot_of(facility: Facility, scene: Scene, season: Season, assumed: Assumed) -> gpd.GeoDataFrame:
    """Return a facility as features whose top is the ground that it is measured from."""
    tables = {"buildings": BUILDINGS.empty(facility.crs)} | facility.at_height(0.0).tables()
    made = build_scene(**tables, terrain=scene.terrain, season=season, assumed=assumed)
    return made.features


def moved_foot(foot: gpd.GeoDataFrame, facility: Facility) -> gpd.GeoDataFrame:
    """Return the features of `foot_of` at the place of a facility, where the ground is level."""
    return foot.set_geometry([facility.standing_shape()] * len(foot), crs=foot.crs)


def raise_body(foot: gpd.GeoDataFrame, facility: Facility) -> gpd.GeoDataFrame:
    """Return the features of `foot_of` with their top at the height of a facility."""
    low = max(facility.base_m, LOWEST_CROWN_M) if facility.crown else facility.base_m
    if facility.height_m <= low:
        return foot.iloc[:0]
    return foot.assign(top=foot["top"] + facility.height_m)


def part_of_scene(scene: Scene, rows: np.ndarray, more: gpd.GeoDataFrame) -> Scene:
    """Return a scene of some features of another and of more, on the same ground and origin."""
    joined = pd.concat([scene.features.iloc[rows], more], ignore_index=True)
    features = gpd.GeoDataFrame(joined, geometry="geometry", crs=scene.crs)
    walls = cut_walls(features, scene.origin)
    passing = features["transmittance"].to_numpy(np.float64)
    volumes = _volumes(features, passing, scene.origin)
    return replace(
        scene,
        features=features,
        walls=walls,
        solid_index=index_boxes(
            wall_boxes(walls.xyz), np.flatnonzero(passing[walls.owner] < MIN_TRANSMITTANCE)
        ),
        volumes=volumes,
        volume_index=index_boxes(volumes.boxes, np.arange(len(volumes.boxes))),
        transmittance=passing,
    )


def _volumes(
    features: gpd.GeoDataFrame, passing: np.ndarray, origin: tuple[float, float]
) -> Volumes:
    raised = features["base"].to_numpy(float) > GROUNDED
    body = (raised & ~features["two_sided"].to_numpy(bool)) | (passing >= MIN_TRANSMITTANCE)
    rows = np.flatnonzero(body)
    boxes = shapely.bounds(features.geometry.to_numpy()[rows]) - np.asarray(origin * 2)
    return Volumes(boxes.reshape(-1, 4), rows.astype(np.int32))


def hides_for_sure(facility: Facility, season: Season) -> str:
    """Return the weakest reading that its density allows: sure if known, assumed or possible."""
    if facility.passing[season] is not None:
        return "sure"
    return "assumed" if TRANSMITTANCE[season] < MIN_TRANSMITTANCE else "possible"
