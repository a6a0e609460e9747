"""The readers as whoever calls them from a program or a notebook has them: each file read apart.

The command line and the app call the same by name (`read_apart`). The functions of these names in
their own modules read in the process that calls them: a reading process does, and whoever reads a
file that we ship.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import signature
from pathlib import Path
from typing import ParamSpec, TypeVar

from civicsight.city import project, project_file
from civicsight.city.apart.reading import read_apart
from civicsight.city.rasters import terrain
from civicsight.city.registers import obstacles, proposals, read
from civicsight.city.tables import inventory
from civicsight.city.vectors import footprints

P = ParamSpec("P")
R = TypeVar("R")


def reading_apart(name: str, reader: Callable[P, R]) -> Callable[P, R]:
    """Return a reader that is called like another, and reads in a process of its own.

    Parameters
    ----------
    name
        What `readers.READERS` calls it.
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


load_city = reading_apart("project", project_file.load_city)
read_buildings = reading_apart("buildings", footprints.read_buildings)
read_cameras = reading_apart("cameras", inventory.read_cameras)
read_city = reading_apart("city", project.read_city)
read_districts = reading_apart("districts", read.read_districts)
read_entrances = reading_apart("entrances", inventory.read_entrances)
read_obstacles = reading_apart("obstacles", obstacles.read_obstacles)
read_osm = reading_apart("osm", project.read_osm)
read_places = read_register = reading_apart("places", read.read_places)
read_private_places = reading_apart("private", read.read_private_places)
read_projects = reading_apart("projects", read.read_projects)
read_proposals = reading_apart("proposals", proposals.read_proposals)
read_signs = reading_apart("signs", read.read_signs)
read_terrain = reading_apart("ground", terrain.read_terrain)
