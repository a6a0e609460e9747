"""What hides a view in OSM features: buildings, and trees, rows and woods that let a part pass."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.core.arrays import FloatArray, Geometries, ObjectArray
from civicsight.core.errors import N_, Fault
from civicsight.io.faults import fault
from civicsight.io.osm import tags
from civicsight.io.report import Count, ImportReport
from civicsight.io.vectors.attributes import FIELDS, Field, building_heights, read_column
from civicsight.io.vectors.buildings import Raw, make_buildings
from civicsight.io.vectors.geometry import (
    MIN_AREA_M2,
    as_area,
    divide,
    repair_polygons,
    tangled_faults,
)
from civicsight.io.vectors.measures import read_length
from civicsight.model import CANOPIES
from civicsight.scene.bodies import TRANSMITTANCE

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
    faults = heights.faults + tuple(
        fault("osm.cut", source, str(label), "geometry") for label in edge
    )
    labels = {
        "point": N_("points tagged as buildings, no footprint"),
        "line": N_("open lines tagged as buildings, no footprint"),
        "cut": N_("cut by the edge of the extract, no footprint left"),
        "not_built": N_("planned or demolished"),
        "underground": N_("underground, no obstacle"),
        "duplicate": N_("ways that repeat the outline of a relation"),
    }
    excluded = tuple(
        Count(f"excluded.{reason}", label, int((reasons == reason).sum()))
        for reason, label in labels.items()
    )
    return make_buildings(
        Raw(frame, is_part),
        source,
        read=len(found),
        counts=(*excluded, *heights.counts),
        faults=faults,
        notes=heights.notes,
    )


def _reasons(found: gpd.GeoDataFrame, cut: frozenset[str]) -> ObjectArray:
    """Return why each row is not taken, empty where it is."""
    geometry = found.geometry.to_numpy()
    dimension = shapely.get_dimensions(geometry)
    reasons = np.full(len(found), "", object)
    # Which ways are the outer ring of a relation that is a building itself.
    is_area = shapely.get_dimensions(found.geometry.to_numpy()) == 2
    relation, way = (
        tags.element(found, "relation") & is_area,
        tags.element(found, "way") & is_area,
    )
    shells = shapely.get_parts(found.geometry.to_numpy()[relation])
    filled = shapely.polygons(shapely.get_exterior_ring(shells))
    known = set(shapely.to_wkb(shapely.normalize(filled)).tolist())
    repeats = np.zeros(len(found), bool)
    bodies = shapely.to_wkb(shapely.normalize(found.geometry.to_numpy()[way]))
    repeats[way] = [body in known for body in bodies]
    reasons[repeats] = "duplicate"
    layer = pd.to_numeric(tags.value(found, "layer"), errors="coerce")
    buried = tags.among(found, "location", UNDERGROUND)
    buried |= (layer < 0).to_numpy() & tags.has(found, "tunnel")
    no_storey = tags.among(found, "building:levels", {"0"}) & tags.has(
        found, "building:levels:underground"
    )
    standing = tags.has(found, "height") | tags.has(found, "roof:levels")
    reasons[(buried | (no_storey & ~standing))] = "underground"
    reasons[tags.among(found, "building", NOT_BUILT)] = "not_built"
    off = np.fromiter((label in cut for label in found.index), bool, len(found))
    reasons[off & ~(shapely.area(geometry) > MIN_AREA_M2)] = "cut"
    reasons[(dimension == 1) & ~off] = "line"
    reasons[dimension == 0] = "point"
    return reasons


TREE_HEIGHT_M, TREE_BASE_M, TREE_CROWN_M = 8.0, 2.5, 5.0
"""Top, underside and width of the crown of a street tree (assumptions of the project) [m].

The underside is the clearance that is kept over pavements.
"""

ROW_WIDTH_M = 5.0
"""Width of the crown of a row of trees [m] (assumption of the project)."""

WOOD_HEIGHT_M, WOOD_BASE_M = 15.0, 1.5
"""Top and underside of a wood [m] (assumptions of the project)."""

EVERGREEN = frozenset({"evergreen", "semi_evergreen"})

TREE_HEIGHT = Field("height", read_length, 120.0)
CROWN = Field("diameter_crown", read_length, 60.0)


def read_canopies(features: gpd.GeoDataFrame, source: str) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Turn trees, tree rows and woods into crowns.

    A tree is an octagon of the width of its crown; evergreen and needle-leaved crowns let as
    little pass in winter as in summer.
    """
    parts = [_trees(features, source), _rows(features, source), _woods(features, source)]
    frame = gpd.GeoDataFrame(
        pd.concat([part for part, _ in parts]), geometry="geometry", crs=features.crs
    )
    shapes = frame.geometry.to_numpy()
    repair = repair_polygons(shapes)
    read = len(frame)
    frame = frame.set_geometry(gpd.GeoSeries(repair.geometry, index=frame.index, crs=features.crs))
    rows, divided = divide(frame[~repair.lost & ~repair.tiny])
    table = CANOPIES.complete(rows)
    counts = (
        *(
            Count(f"kind.{kind}", label, int((frame["kind"] == kind).sum()))
            for kind, label in (
                ("tree", N_("single trees")),
                ("row", N_("rows of trees")),
                ("wood", N_("woods")),
            )
        ),
        Count("height_assumed", N_("height assumed by kind"), int(table["height_assumed"].sum())),
        Count(
            "excluded.unusable", N_("without a usable area"), int((repair.lost | repair.tiny).sum())
        ),
        *divided,
    )
    labels = frame.index.to_numpy(object)
    faults = (
        *(fault for _, found in parts for fault in found),
        *tangled_faults(labels, shapes, repair.tangled, source),
    )
    return table, ImportReport(source, "canopies", read, len(table), counts, faults)


def _crowns(
    found: gpd.GeoDataFrame, kind: str, top: float, base: float, source: str
) -> tuple[gpd.GeoDataFrame, tuple[Fault, ...]]:
    mapped, faults = read_column(tags.value(found, "height"), TREE_HEIGHT, source)
    mapped = mapped.where(mapped > 0)
    height = mapped.fillna(top)
    always = tags.among(found, "leaf_cycle", EVERGREEN) | tags.among(
        found, "leaf_type", {"needleleaved"}
    )
    frame = gpd.GeoDataFrame(
        {
            "kind": kind,
            "height_m": height,
            "base_m": np.minimum(base, height / 2),
            "summer": TRANSMITTANCE["summer"],
            "winter": np.where(always, TRANSMITTANCE["summer"], TRANSMITTANCE["winter"]),
            "height_assumed": mapped.isna(),
        },
        geometry=found.geometry.to_numpy(),
        crs=found.crs,
        index=found.index,
    )
    return frame, faults


def _trees(features: gpd.GeoDataFrame, source: str) -> tuple[gpd.GeoDataFrame, tuple[Fault, ...]]:
    found = features[tags.among(features, "natural", {"tree"})]
    found = found[shapely.get_dimensions(found.geometry.to_numpy()) == 0]
    width, faults = read_column(tags.value(found, "diameter_crown"), CROWN, source)
    radius = width.where(width > 0).fillna(TREE_CROWN_M).to_numpy(float) / 2
    found = found.set_geometry(
        gpd.GeoSeries(
            octagons(shapely.get_coordinates(found.geometry.to_numpy()), radius),
            index=found.index,
            crs=features.crs,
        )
    )
    frame, more = _crowns(found, "tree", TREE_HEIGHT_M, TREE_BASE_M, source)
    return frame, faults + more


def octagons(centre: FloatArray, radius: FloatArray) -> Geometries:
    """Return regular octagons of the area of the circles they stand for."""
    angle = np.radians(np.arange(8) * 45.0 + 22.5)
    scale = np.sqrt(2 * np.pi / (8 * np.sin(np.pi / 4)))
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=1)[None] * (scale * radius)[:, None, None]
    out: Geometries = shapely.polygons(centre[:, None, :] + ring)
    return out


def _rows(features: gpd.GeoDataFrame, source: str) -> tuple[gpd.GeoDataFrame, tuple[Fault, ...]]:
    found = features[tags.among(features, "natural", {"tree_row"})]
    found = found[shapely.length(found.geometry.to_numpy()) > MIN_AREA_M2]
    crowns = shapely.buffer(found.geometry.to_numpy(), ROW_WIDTH_M / 2, quad_segs=2)
    found = found.set_geometry(gpd.GeoSeries(crowns, index=found.index, crs=features.crs))
    return _crowns(found, "row", TREE_HEIGHT_M, TREE_BASE_M, source)


def _woods(features: gpd.GeoDataFrame, source: str) -> tuple[gpd.GeoDataFrame, tuple[Fault, ...]]:
    wood = tags.among(features, "natural", {"wood"}) | tags.among(features, "landuse", {"forest"})
    found = features[wood]
    found = found[shapely.get_dimensions(found.geometry.to_numpy()) == 2]
    return _crowns(found, "wood", WOOD_HEIGHT_M, WOOD_BASE_M, source)
