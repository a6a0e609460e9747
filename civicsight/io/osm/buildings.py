"""Buildings out of OSM features."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from civicsight.core.arrays import BoolArray
from civicsight.core.errors import N_, Fault
from civicsight.io.osm import tags
from civicsight.io.report import Count, ImportReport
from civicsight.io.vectors.buildings import Raw, make_buildings
from civicsight.io.vectors.geometry import MIN_AREA_M2, as_area
from civicsight.io.vectors.heights import FIELDS, building_heights

NOT_BUILT = frozenset({"proposed", "planned", "demolished", "razed", "destroyed", "removed"})
"""Values of ``building`` for what does not stand there."""

UNDERGROUND = frozenset({"underground", "subsurface", "below_ground"})
"""Values of ``location`` for what lies below the ground."""


def read_osm_buildings(
    features: gpd.GeoDataFrame, source: str, cut: frozenset[str] = frozenset()
) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Turn tagged features into the table of buildings.

    Not taken, and counted: points and open lines tagged as buildings, what is only planned, what
    lies underground, and a way that repeats the outline of a relation.

    Parameters
    ----------
    features
        Index ``way/1`` ..., a column ``tags``, geometry in metres.
    source
        Name of the file.
    cut
        Ways of which the extract lacks nodes; those that are buildings are noted.
    """
    wanted = tags.has(features, "building") | tags.has(features, "building:part")
    found = features[wanted]
    geometry = as_area(found.geometry.to_numpy())
    found = found.set_geometry(gpd.GeoSeries(geometry, index=found.index, crs=features.crs))
    reasons = _reasons(found, cut)
    taken = found[reasons == ""]
    is_part = tags.has(taken, "building:part")
    attributes = tags.columns(taken, [field.name for field in FIELDS])
    kind = tags.value(taken, "building")
    heights = building_heights(attributes, kind, source)
    frame = gpd.GeoDataFrame(
        heights.frame.assign(kind=kind, name=tags.value(taken, "name"), tags=taken["tags"]),
        geometry=taken.geometry.to_numpy(),
        crs=features.crs,
        index=taken.index,
    )
    edge = [label for label in taken.index if label in cut]
    faults = heights.faults + tuple(_cut_off(source, label) for label in edge)
    return make_buildings(
        Raw(frame, is_part),
        source,
        read=len(found),
        counts=(*_counts(reasons), *heights.counts),
        faults=faults,
        notes=heights.notes,
    )


def _reasons(found: gpd.GeoDataFrame, cut: frozenset[str]) -> npt.NDArray[np.object_]:
    """Return why each row is not taken, empty where it is."""
    geometry = found.geometry.to_numpy()
    dimension = shapely.get_dimensions(geometry)
    reasons = np.full(len(found), "", object)
    reasons[_repeats_relation(found)] = "duplicate"
    reasons[_underground(found)] = "underground"
    reasons[tags.among(found, "building", NOT_BUILT)] = "not_built"
    off = np.fromiter((label in cut for label in found.index), bool, len(found))
    reasons[off & ~(shapely.area(geometry) > MIN_AREA_M2)] = "cut"
    reasons[(dimension == 1) & ~off] = "line"
    reasons[dimension == 0] = "point"
    return reasons


def _underground(found: gpd.GeoDataFrame) -> BoolArray:
    layer = pd.to_numeric(tags.value(found, "layer"), errors="coerce")
    buried = tags.among(found, "location", UNDERGROUND)
    buried |= (layer < 0).to_numpy() & tags.has(found, "tunnel")
    no_storey = tags.among(found, "building:levels", {"0"}) & tags.has(
        found, "building:levels:underground"
    )
    standing = tags.has(found, "height") | tags.has(found, "roof:levels")
    return buried | (no_storey & ~standing)


def _repeats_relation(found: gpd.GeoDataFrame) -> BoolArray:
    """Tell which ways are the outer ring of a relation that is a building itself."""
    is_area = shapely.get_dimensions(found.geometry.to_numpy()) == 2
    relation, way = tags.element(found, "relation") & is_area, tags.element(found, "way") & is_area
    shells = shapely.get_parts(found.geometry.to_numpy()[relation])
    filled = shapely.polygons(shapely.get_exterior_ring(shells))
    known = set(shapely.to_wkb(shapely.normalize(filled)).tolist())
    repeats = np.zeros(len(found), bool)
    bodies = shapely.to_wkb(shapely.normalize(found.geometry.to_numpy()[way]))
    repeats[way] = [body in known for body in bodies]
    return repeats


def _counts(reasons: npt.NDArray[np.object_]) -> tuple[Count, ...]:
    labels = {
        "point": N_("points tagged as buildings, no footprint"),
        "line": N_("open lines tagged as buildings, no footprint"),
        "cut": N_("cut by the edge of the extract, no footprint left"),
        "not_built": N_("planned or demolished"),
        "underground": N_("underground, no obstacle"),
        "duplicate": N_("ways that repeat the outline of a relation"),
    }
    return tuple(
        Count(f"excluded.{reason}", label, int((reasons == reason).sum()))
        for reason, label in labels.items()
    )


def _cut_off(source: str, label: str) -> Fault:
    return Fault(
        "osm.cut",
        source,
        str(label),
        "geometry",
        "",
        N_("all corners of the outline"),
        N_("The edge of the extract cuts it; take a larger extract if it matters."),
    )
