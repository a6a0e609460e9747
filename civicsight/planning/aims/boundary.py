"""What is chosen as a project is made: the years that it plans for, and its boundary.

What lies outside of a boundary is not asked for, and still stands in the way.

A sight line is never longer than a camera reaches. What stands within that distance of the boundary
is therefore kept as surroundings; places, gates and cameras beyond the boundary are not part of the
project, and how many there were is kept with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from civicsight.core.errors import N_, Text
from civicsight.core.settings import present_day
from civicsight.coverage.pose.assumptions import LONGEST_REACH_M
from civicsight.io.apart.reading import read_apart
from civicsight.io.source_options import NOTHING, Declared
from civicsight.model import City
from civicsight.model.provenance import BOUNDARY, YEARS, Provenance, of_layer
from civicsight.planning.candidates.classes import read_classes
from civicsight.planning.faults import reject

COUNTED: Final = ("places", "cameras", "signs", "projects", "proposals")
"""Tables whose rows are of the project only where they lie within its boundary."""

SURROUNDINGS: Final = ("buildings", "obstacles", "canopies", "roads", "barriers",
                       "private_places", "consent_areas")  # fmt: skip
"""Tables whose rows stand in the way, or must not be looked into, beyond the boundary too."""

AT_GATE_M: Final = 30.0
"""A gate on the edge of a place within the boundary may stand a little beyond it [m]; assumed."""


def farthest_reach_m(cameras: gpd.GeoDataFrame) -> float:
    """Return how far any camera sees, those that stand and those that could be planned [m]."""
    recorded = cameras["reach_m"].to_numpy(np.float64)
    known = [*recorded[np.isfinite(recorded)], *(kind.reach_m for kind in read_classes())]
    return float(max([LONGEST_REACH_M, *known]))


def within(city: City, area: BaseGeometry, name: str) -> City:
    """Return a city as a project within a boundary.

    Parameters
    ----------
    city
        What was read.
    area
        The boundary, in the CRS of the city.
    name
        What the boundary is called, or its file.

    Raises
    ------
    InputError
        If no place and no building lies within it.
    """
    area = shapely.make_valid(area)
    inside = {table: _inside(getattr(city, table), area) for table in COUNTED}
    kept = {table: getattr(city, table)[mask] for table, mask in inside.items()}
    near = area.buffer(farthest_reach_m(kept["cameras"]))
    if not (inside["places"].any() or _meets(city.buildings, area).any()):
        reject("boundary.empty", name)
    # Which gates stand at a place that is kept.
    places = kept["places"]
    found = np.zeros(len(city.entrances), np.bool_)
    tree = shapely.STRtree(places.geometry.to_numpy())
    pairs = tree.query(city.entrances.geometry.to_numpy(), predicate="dwithin", distance=AT_GATE_M)
    found[pairs[0]] = True
    gates = _inside(city.entrances, area) | found
    kept["entrances"] = city.entrances[gates]
    kept |= {
        table: getattr(city, table)[_meets(getattr(city, table), near)] for table in SURROUNDINGS
    }
    districts = _meets(city.districts, area)
    counts = {table: len(getattr(city, table)) - len(rows) for table, rows in kept.items()}
    beyond = int((~_meets(kept["buildings"], area)).sum())
    note = Provenance(
        BOUNDARY,
        name,
        "edited",
        imported_on=present_day().isoformat(),
        counts=(*sorted(counts.items()), (SURROUND, beyond)),
    )
    return replace(
        city,
        **kept,
        districts=city.districts[districts],
        extent=area,
        provenance=(*city.provenance, note),
    )


def with_years(city: City, years: Collection[int]) -> City:
    """Return a city as a project that plans for years; for none in particular without any."""
    if not years:
        return city
    note = Provenance(
        YEARS, ", ".join(map(str, sorted(years))), "edited", imported_on=present_day().isoformat()
    )
    return replace(city, provenance=(*city.provenance, note))


def named_area(districts: gpd.GeoDataFrame, text: str) -> BaseGeometry | None:
    """Return the district of a name or a code as an area; None where there is none.

    Parameters
    ----------
    districts
        Table `model.DISTRICTS`; of several of one name all together.
    text
        Name or code.
    """
    own = districts[districts["name"].eq(text) | districts["code"].eq(text)]
    return None if own.empty else own.geometry.union_all()


def read_boundary(city: City, path: str | Path, declared: Declared = NOTHING) -> BaseGeometry:
    """Read a boundary: all areas of a layer, or of a table with well-known text, together.

    Raises
    ------
    InputError
        If it has no areas, or cannot be placed beside the city.
    """
    table, _ = read_apart("boundary", path, crs=city.crs, declared=declared)
    return table.geometry.union_all()


SURROUND: Final = "surroundings"
"""Count of buildings that are kept beyond the boundary."""


def left_out(city: City) -> Mapping[str, int] | None:
    """Return how many rows of each table a boundary left out; None of a project without one.

    `SURROUND` says how many buildings are kept beyond it as surroundings.
    """
    notes = of_layer(city.provenance, BOUNDARY)
    if not notes:
        return None
    sums = Counter[str]()
    for note in notes:
        sums.update({code: n for code, n in note.counts if code != SURROUND})
    return sums | {SURROUND: dict(notes[-1].counts).get(SURROUND, 0)}


def kept_within(city: City) -> City:
    """Return a project with what was added to it since, where it has a boundary: within that.

    It is the same one if nothing of what was added lies beyond.
    """
    notes = of_layer(city.provenance, BOUNDARY)
    if not notes:
        return city
    again = within(city, city.extent, notes[-1].source)
    left = sum(n for code, n in again.provenance[-1].counts if code != SURROUND)
    return again if left else city


def describe_left_out(city: City) -> list[Text]:
    """Say what the boundary of a project left out; nothing of a project without one."""
    counts = left_out(city)
    if counts is None:
        return []
    name = of_layer(city.provenance, BOUNDARY)[-1].source
    return [
        N_(
            "Boundary: %(name)s. Left out beyond it: %(places)s places, %(entrances)s gates, "
            "%(cameras)s cameras, %(buildings)s buildings out of reach. Kept as surroundings, "
            "which block views and are not counted: %(surroundings)s buildings.",
            name=name,
            **{
                code: f"{counts.get(code, 0):,}"
                for code in ("places", "entrances", "cameras", "buildings", SURROUND)
            },
        )
    ]


def _inside(table: gpd.GeoDataFrame, area: BaseGeometry) -> npt.NDArray[np.bool_]:
    """Tell which rows lie within an area by a point of each; what has no place is everywhere."""
    points = table.geometry.representative_point()
    inside: npt.NDArray[np.bool_] = (points.intersects(area) | _no_place(table)).to_numpy(np.bool_)
    return inside


def _meets(table: gpd.GeoDataFrame, area: BaseGeometry) -> npt.NDArray[np.bool_]:
    meets: npt.NDArray[np.bool_] = (table.intersects(area) | _no_place(table)).to_numpy(np.bool_)
    return meets


def _no_place(table: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    return np.asarray(table.geometry.isna() | table.geometry.is_empty, np.bool_)
