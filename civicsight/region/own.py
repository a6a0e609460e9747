"""What a part of a region owns: its cameras where they were placed, and what has to be seen in it.

A mandatory place belongs to the part in which its first drawing stands. What it is made of may
reach across a border: drawings of one place are taken in by steps of `SAME_PLACE_M`, junctions by
steps of `JUNCTION_M`, so the window grows until nothing that an own place hangs on touches its rim.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from civicsight.coverage.check import place_and_read
from civicsight.coverage.demand.find import find_demand
from civicsight.io.vectors.windows import Box
from civicsight.model import City
from civicsight.model.city import standing_in
from civicsight.region.folder import Region, grown
from civicsight.rules import Rules
from civicsight.rules.classes import Candidate
from civicsight.rules.crossings import join
from civicsight.rules.matching import Marks
from civicsight.rules.nested_places import SAME_PLACE_M
from civicsight.rules.select import find_candidates

CONTEXT_M: Final = 700.0
"""What a place is made of and entered by lies no farther from its drawings: an exit of the
underground 300 m from its mark, and a stop 150 m from that, are the farthest; a test adds them up.
"""

BESIDE_M: Final = 650.0
"""Places no farther apart may claim one entrance: both within 300 m of it, or by their outlines."""

Frames = dict[str, pd.DataFrame]


@dataclass(frozen=True, slots=True)
class Options:
    """How a region is checked: by night, the season of leaves, the year whose buildings stand."""

    night: bool = False
    season: str = "summer"
    year: int | None = None


def find_own(
    region: Region, part: str, window: Box, rules: Rules, options: Options
) -> tuple[Frames | None, Box]:
    """Place the cameras of a part, and find what has to be seen in it.

    Parameters
    ----------
    region, part
        The part of a region.
    window
        As far as is looked; at least the box of the part, and `CONTEXT_M` around it.
    rules, options
        The packs, and how it is checked.

    Returns
    -------
    tuple
        None, and the box that is needed, if the window is too small; else tables ``cameras``,
        ``heads``, ``zones``, ``parts``, ``samples``, ``missing`` and ``left_out`` of what the part
        owns, each row as a check of the whole region has it, and the window.

    Raises
    ------
    InputError
        If a table of it, or of a part beside it, cannot be used.
    """
    city = standing_in(region.read_window(window), options.year)
    need = _hangs_on(region, part, city, rules)
    if need is not None and not _holds(window, need):
        return None, need
    demand = find_demand(city, rules)
    zones = demand.zones[_own_zones(region, part, demand.zones)]
    left_out = demand.left_out.assign(road_id=demand.left_out.index)
    left_out = left_out[_own_zones(region, part, left_out)].drop(columns="road_id")
    parts = demand.parts[demand.parts["zone_id"].isin(zones.index)]
    mine = region.read_ids(part, "cameras")
    cameras, heads = place_and_read(city, city.cameras[city.cameras.index.isin(mine)], rules)
    own = city.buildings[city.buildings.index.isin(region.read_ids(part, "buildings"))]
    counts = {"count": [len(own)], "height_assumed": [int(own["height_assumed"].sum())]}
    found = {
        "cameras": cameras,
        "heads": heads,
        "zones": zones,
        "parts": parts,
        "samples": demand.samples[demand.samples["part_id"].isin(parts.index)],
        "missing": demand.missing[demand.missing["zone_id"].isin(zones.index)],
        "left_out": left_out,
        "buildings": pd.DataFrame(counts, index=pd.Index([part], name="part")),
    }
    return found, window


def _holds(window: Box, need: Box) -> bool:
    lower = window[0] <= need[0] and window[1] <= need[1]
    return lower and window[2] >= need[2] and window[3] >= need[3]


def _own_zones(region: Region, part: str, zones: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    """Tell which places belong to a part: by the row, or the point, that they are named by."""
    own: npt.NDArray[np.bool_] = zones["place_id"].isin(region.read_ids(part, "places")).to_numpy()
    roads = zones["road_id"].isin(region.read_ids(part, "roads")).to_numpy()
    derived = zones["place_id"].isna() & zones.geometry.geom_type.eq("Point")
    derived = derived.to_numpy(bool)
    at = np.zeros(len(zones), bool)
    if derived.any():
        xy = shapely.get_coordinates(zones.geometry.to_numpy()[derived])
        at[derived] = region.owner_of(xy) == part
    mine: npt.NDArray[np.bool_] = own | roads | at
    return mine


def _hangs_on(region: Region, part: str, city: City, rules: Rules) -> Box | None:
    """Return the box of all that the places of a part may hang on, as far as the window shows."""
    found = find_candidates(city.places, city.roads, Marks(city.places), rules)
    if not found:
        return None
    boxes, label = _groups(found)
    # Which candidates stand in rows of a part, or are junctions that meet its box.
    rows = set(region.read_ids(part, "places")) | set(region.read_ids(part, "roads"))
    box = shapely.box(*region.parts[part].bounds)
    own = np.array(
        [
            one.key in rows
            or any(name.removeprefix("road/") in rows for name in one.drawn)
            or (
                one.made_of is not None
                and one.made_of.intersects(box.envelope.buffer(SAME_PLACE_M))
            )
            for one in found
        ]
    )
    mine = np.isin(label, label[own])
    if not mine.any():
        return None
    shapes = shapely.box(*boxes.T)
    # Input first; of each shape whether there is one, not all of them.
    near, _ = shapely.STRtree(shapes[mine]).query_nearest(
        shapes, max_distance=BESIDE_M + 1e-3, all_matches=False
    )
    beside = np.isin(label, label[np.unique(near)])
    west, south = boxes[beside, :2].min(axis=0)
    east, north = boxes[beside, 2:].max(axis=0)
    return grown((float(west), float(south), float(east), float(north)), CONTEXT_M)


def _groups(found: list[Candidate]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int32]]:
    """Return the box of each candidate, and which of them may become one place."""
    shapes = np.array([one.made_of or one.geometry for one in found], object)
    kinds: dict[Any, int] = {}
    kind = np.array(
        [kinds.setdefault((one.zone.pack, one.zone.id, one.via.pack), len(kinds)) for one in found]
    )
    first, second = shapely.STRtree(shapes).query(
        shapes, predicate="dwithin", distance=SAME_PLACE_M
    )
    alike = kind[first] == kind[second]
    drawn: dict[str, int] = {}
    same = [drawn.setdefault(one.key, at) for at, one in enumerate(found)]
    first = np.concatenate([first[alike], np.arange(len(found))])
    second = np.concatenate([second[alike], np.array(same)])
    return shapely.bounds(shapes), join(len(found), first, second)
