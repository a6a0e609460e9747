"""The readers as whoever calls them from a program or a notebook has them: each file read apart.

The command line and the app call the same by name (`read_apart`). The functions of these names in
their own modules read in the process that calls them: a reading process does, and whoever reads a
file that we ship.

A reader of one table takes a city for `near`: then the table comes in its CRS and near its extent,
and what the datum of the source seems to be is measured against its roads and buildings. An extent
alone, as a shape or its bounds in the CRS, says where the rows should lie; nothing can be measured
against it, and the report says so.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, TypeAlias, TypeVar

from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from civicsight.core.errors import CrsError
from civicsight.io import project, project_file
from civicsight.io.apart.reading import read_apart
from civicsight.io.crs import crs_name
from civicsight.io.datum_fit import marked, with_fit, with_outside
from civicsight.io.rasters import terrain
from civicsight.io.registers import barriers, obstacles, planning, read
from civicsight.io.source_options import NOTHING, Declared
from civicsight.io.tables import inventory
from civicsight.io.vectors import footprints
from civicsight.model import City
from civicsight.scene.nearness import mark_shift

if TYPE_CHECKING:
    import geopandas as gpd
    from pyproj import CRS

    from civicsight.io.report import ImportReport

Near: TypeAlias = BaseGeometry | City | tuple[float, float, float, float] | None
"""Where rows should lie: a city, an extent, or its bounds (west, south, east, north)."""

P = ParamSpec("P")
R = TypeVar("R")


def reading_apart(name: str, reader: Callable[P, R]) -> Callable[P, R]:
    """Return a reader that is called like another, and reads in a process of its own.

    Parameters
    ----------
    name
        What `reader_registry.READERS` calls it.
    reader
        Takes the path of a file first; further paths are parameters annotated as such.
    """
    said = signature(reader)
    paths = {entry.name for entry in said.parameters.values() if "Path" in str(entry.annotation)}

    @wraps(reader)
    def apart(*args: P.args, **kwargs: P.kwargs) -> R:
        asked = said.bind(*args, **kwargs)  # what is called wrongly is no fault of the file
        for given in paths & asked.arguments.keys():
            place = asked.arguments[given]
            asked.arguments[given] = place if place is None else Path(place)
        found: R = read_apart(name, *asked.args, **asked.kwargs)
        return found

    return apart


class TableReader(Protocol):
    """Reads one table; see `civicsight.io.tables.inventory.read_cameras`."""

    def __call__(
        self,
        path: str | Path,
        *,
        crs: CRS | None = None,
        near: Near = None,
        declared: Declared = NOTHING,
        keep_good: bool = False,
        **more: Any,
    ) -> tuple[gpd.GeoDataFrame, ImportReport]:
        """Read a table, in the CRS of the city that is near, if one is."""


def reading_table(
    name: str, reader: Callable[P, tuple[gpd.GeoDataFrame, ImportReport]]
) -> TableReader:
    """Return a reader of one table that reads apart, and measures the datum against a city.

    Parameters
    ----------
    name, reader
        As of `reading_apart`.
    """
    read: Callable[..., tuple[gpd.GeoDataFrame, ImportReport]] = reading_apart(name, reader)

    @wraps(reader)
    def near_city(
        path: str | Path, *, near: Near = None, declared: Declared = NOTHING, **more: Any
    ) -> tuple[gpd.GeoDataFrame, ImportReport]:
        city = near if isinstance(near, City) else None
        if isinstance(near, City):
            crs = more.get("crs")
            if crs is not None and crs != near.crs:
                msg = f"crs is {crs_name(crs)}, and the city near it is in {crs_name(near.crs)}"
                raise CrsError(msg)
            more["crs"], near = near.crs, near.extent
        extent = box(*near) if isinstance(near, tuple) else near
        table, report = read(path, near=extent, declared=declared, **more)
        report = with_fit(report, table, city, declared.datum)
        report = with_outside(report, table, city)
        return marked(table, report), report

    return near_city


def marking_shift(
    reader: Callable[P, tuple[City, ImportReport]],
) -> Callable[P, tuple[City, ImportReport]]:
    """Return a reader of a city whose cameras carry by how much their list was off."""

    @wraps(reader)
    def read(*args: P.args, **kwargs: P.kwargs) -> tuple[City, ImportReport]:
        city, report = reader(*args, **kwargs)
        return mark_shift(city), report

    return read


read_barriers = reading_table("barriers", barriers.read_barriers)
load_city = reading_apart("project", project_file.load_city)
read_buildings = reading_table("buildings", footprints.read_buildings)
read_cameras = reading_table("cameras", inventory.read_cameras)
read_city = marking_shift(reading_apart("city", project.read_city))
read_districts = reading_table("districts", read.read_districts)
read_entrances = reading_table("entrances", inventory.read_entrances)
read_obstacles = reading_table("obstacles", obstacles.read_obstacles)
read_osm = reading_apart("osm", project.read_osm)
read_places = read_register = reading_table("places", read.read_places)
read_private_places = reading_table("private", read.read_private_places)
read_projects = reading_table("projects", read.read_projects)
read_proposals = reading_table("proposals", planning.read_proposals)
read_signs = reading_table("signs", read.read_signs)
read_trees = reading_table("trees", obstacles.read_trees)
read_terrain = reading_apart("ground", terrain.read_terrain)
