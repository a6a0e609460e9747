"""Cameras that nobody may rely on, for they stand or look where the private is: one judgement.

It decides what is credited, not who is to blame, so a doubt counts against the camera: obstacles
are taken as low as they may be, and one within the outline of a private place is inside of it
unless its record says that it hangs outdoors. What is proven is for the rules to say, which know a
third answer.

References
----------
Article 9: no camera in private places nor where it looks into them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import csr_array, diags_array

from civicsight.core.arrays import FloatArray
from civicsight.coverage.privacy.look import Looks, WallPoints, look_at_walls
from civicsight.coverage.privacy.places import find_areas
from civicsight.coverage.privacy.position import as_recorded, find_inside
from civicsight.model import READINGS, City
from civicsight.rules import Rules
from civicsight.rules.dossier import CONTRADICTED

if TYPE_CHECKING:
    from civicsight.coverage.matrix import CoverageMatrix


INDOORS: Final = frozenset({"indoor", "deep_inside", CONTRADICTED})
OUTDOORS: Final = "outdoor"
ALLOWED_ROOMS: Final = frozenset({"lobby", "corridor", "stairs", "reception", "plant_room"})
"""Rooms of a dormitory or hotel in which a camera may be."""


def find_barred(
    city: City,
    rules: Rules,
    cameras: gpd.GeoDataFrame,
    matrices: Mapping[str, CoverageMatrix],
    samples: gpd.GeoDataFrame,
) -> tuple[str, ...]:
    """Find, of the cameras that cover anything, those that stand inside a private place.

    Parameters
    ----------
    city, rules
        Tables of the project; packs that say what is private.
    cameras
        The cameras where they were placed.
    matrices, samples
        What all cameras deliver, and what is demanded.

    Returns
    -------
    tuple
        Their ids, sorted.
    """
    asked = serving(matrices, samples)
    if not asked:
        return ()
    areas, _ = find_areas(city, rules)
    own = gpd.GeoDataFrame(cameras.loc[asked])
    return tuple(sorted(stand_inside(own, find_inside(as_recorded(own), areas))))


def serving(matrices: Mapping[str, CoverageMatrix], samples: gpd.GeoDataFrame) -> list[str]:
    """Return the cameras that meet the need of some sample in some reading, sorted."""
    met = (
        matrix.camera_ids[np.diff(matrix.meets(samples).indptr) > 0] for matrix in matrices.values()
    )
    return sorted(set().union(*met))


def find_unmasked(
    rules: Rules, facades: gpd.GeoDataFrame, walls: WallPoints, heads: gpd.GeoDataFrame
) -> pd.Series:
    """Return the private wall that cameras see, of those that see more than is allowed [m2].

    Parameters
    ----------
    rules
        Packs that say from which density and area on a view counts.
    facades, walls
        The private facades, and the same laid out in the scene that shows most: assumed heights at
        their lowest.
    heads
        Heads that are sure: where nobody knows which way a camera looks, it covers nothing for sure
        in any case.
    """
    density = rules.limit("private_view_density")
    if density is None or heads.empty:
        return pd.Series(dtype=np.float64)
    heads = gpd.GeoDataFrame(heads.assign(reading=READINGS[-1]))
    looks = look_at_walls(heads, walls, density)
    ids = pd.Index(heads["camera_id"].unique(), dtype=object)
    area = pd.Series(seen_m2(looks, heads, ids, facades["area_m2"].to_numpy(np.float64)), ids)
    return area[area > (rules.limit("private_view_area") or 0.0)]


def seen_m2(
    looks: Looks, heads: gpd.GeoDataFrame, ids: pd.Index, areas_m2: FloatArray
) -> FloatArray:
    """Return the walls that each camera sees beside its masks, each piece once [m2]."""
    area = np.zeros(len(ids))
    camera = ids.get_indexer(heads["camera_id"])[looks.head[~looks.veiled]]
    pairs = np.unique(np.column_stack([camera, looks.sample[~looks.veiled]]), axis=0)
    np.add.at(area, pairs[:, 0], areas_m2[pairs[:, 1]])
    return area


def stand_inside(cameras: gpd.GeoDataFrame, hits: pd.DataFrame) -> frozenset[str]:
    """Return the cameras that stand inside a private place, of those that `find_inside` hits."""
    rooms = cameras["room_use"].reindex(hits["camera_id"]).set_axis(hits.index)
    in_rooms = hits["setting"].isin(INDOORS) & rooms.notna() & ~rooms.isin(ALLOWED_ROOMS)
    whole = hits["scope"].eq("whole_interior") & hits["setting"].ne(OUTDOORS)
    removed = cameras.index[cameras["status"].eq("removed")]
    return frozenset(hits.loc[whole | in_rooms, "camera_id"]) - frozenset(removed)


def without_credit(
    matrices: Mapping[str, CoverageMatrix], barred: tuple[str, ...]
) -> dict[str, CoverageMatrix]:
    """Return matrices in which the cameras that are barred deliver nothing."""
    if not barred:
        return dict(matrices)
    found = {}
    for reading, matrix in matrices.items():
        kept = ~matrix.camera_ids.isin(barred)
        q = csr_array(diags_array(kept.astype(np.float32)) @ matrix.q, dtype=np.float32)
        q.eliminate_zeros()
        found[reading] = replace(matrix, q=q)
    return found


def name_barred(
    gaps: gpd.GeoDataFrame,
    matrices: Mapping[str, CoverageMatrix],
    barred: tuple[str, ...],
    samples: gpd.GeoDataFrame,
) -> gpd.GeoDataFrame:
    """Return gaps with the barred cameras that would meet some of each under ``barred``."""
    if not barred or gaps.empty:
        return gaps
    ids = pd.Index(barred, dtype=object)
    matrix = matrices[READINGS[-1]].select(cameras=ids)
    row, column = matrix.meets(samples).tocoo().coords
    part = samples["part_id"].to_numpy(object)[column]
    named: dict[str, set[str]] = {}
    for label, camera in zip(part, ids.to_numpy(object)[row], strict=True):
        named.setdefault(str(label), set()).add(str(camera))
    told = [
        evidence | ({"barred": sorted(named[subject])} if subject in named else {})
        for subject, evidence in zip(gaps["subject"], gaps["evidence"], strict=True)
    ]
    return gpd.GeoDataFrame(gaps.assign(evidence=pd.Series(told, gaps.index, dtype=object)))
