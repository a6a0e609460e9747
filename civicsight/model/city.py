"""A city: the tables of one project in one metric CRS."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import geopandas as gpd
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from civicsight.core.errors import CrsError
from civicsight.model.inputs import (
    BARRIERS,
    BUILDINGS,
    CAMERAS,
    CANOPIES,
    CITY_TABLES,
    DISTRICTS,
    ENTRANCES,
    OBSTACLES,
    PLACES,
    PRIVATE_PLACES,
    PROJECTS,
    ROADS,
    SIGNS,
)
from civicsight.model.proposals import PROPOSALS
from civicsight.model.provenance import Provenance
from civicsight.model.records import ANSWERS, CONSENT_AREAS, DOCUMENTS, PLANS
from civicsight.model.terrain import Terrain


def empty_tables(crs: CRS) -> dict[str, gpd.GeoDataFrame]:
    """Return every table of a city without rows."""
    return {table.name: table.empty(crs) for table in CITY_TABLES}


@dataclass(frozen=True, slots=True, eq=False)
class City:
    """The tables of one project, all in one metric CRS.

    Parameters
    ----------
    name
        What people call it.
    crs
        The working CRS.
    extent
        Area that was read; nothing outside it is known.
    sources
        Origin and licence of each layer, shown on every output.
    terrain
        The ground; None where it is taken as flat at height 0.
    synthetic
        Whether it is made up; every output then says so.
    provenance
        What was imported into each layer and edited there, oldest first.
    """

    name: str
    crs: CRS
    extent: BaseGeometry
    buildings: gpd.GeoDataFrame = field(metadata={"table": BUILDINGS})
    obstacles: gpd.GeoDataFrame = field(metadata={"table": OBSTACLES})
    canopies: gpd.GeoDataFrame = field(metadata={"table": CANOPIES})
    roads: gpd.GeoDataFrame = field(metadata={"table": ROADS})
    places: gpd.GeoDataFrame = field(metadata={"table": PLACES})
    entrances: gpd.GeoDataFrame = field(metadata={"table": ENTRANCES})
    barriers: gpd.GeoDataFrame = field(metadata={"table": BARRIERS})
    cameras: gpd.GeoDataFrame = field(metadata={"table": CAMERAS})
    districts: gpd.GeoDataFrame = field(metadata={"table": DISTRICTS})
    private_places: gpd.GeoDataFrame = field(metadata={"table": PRIVATE_PLACES})
    signs: gpd.GeoDataFrame = field(metadata={"table": SIGNS})
    projects: gpd.GeoDataFrame = field(metadata={"table": PROJECTS})
    plans: gpd.GeoDataFrame = field(metadata={"table": PLANS})
    documents: gpd.GeoDataFrame = field(metadata={"table": DOCUMENTS})
    answers: gpd.GeoDataFrame = field(metadata={"table": ANSWERS})
    consent_areas: gpd.GeoDataFrame = field(metadata={"table": CONSENT_AREAS})
    proposals: gpd.GeoDataFrame = field(metadata={"table": PROPOSALS})
    terrain: Terrain | None = None
    sources: tuple[str, ...] = ()
    synthetic: bool = False
    provenance: tuple[Provenance, ...] = ()

    def __post_init__(self) -> None:
        """Check every table and that all share the CRS."""
        for entry in fields(self):
            table = entry.metadata.get("table")
            if table is not None:
                frame = getattr(self, entry.name)
                table.check(frame)
                if frame.crs != self.crs:
                    msg = f"{table.name} is in {frame.crs.name!r}, the city in {self.crs.name!r}"
                    msg += ": convert it with to_crs()"
                    raise CrsError(msg)
