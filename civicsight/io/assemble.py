"""A city out of OSM features: every table, one CRS, one report."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from civicsight.core.errors import N_, Text
from civicsight.io.crs import (
    LONLAT,
    NEAR_DEG,
    centre_bounds,
    crs_name,
    extent,
    in_degrees,
    strays,
    working_crs,
)
from civicsight.io.osm import tags
from civicsight.io.osm.buildings import read_osm_buildings
from civicsight.io.osm.cameras import read_osm_cameras
from civicsight.io.osm.features import LICENCE, Features
from civicsight.io.osm.places import read_entrances, read_places
from civicsight.io.osm.roads import read_barriers, read_obstacles, read_roads
from civicsight.io.osm.trees import read_canopies
from civicsight.io.refusal import refuse
from civicsight.io.report import Count, ImportReport, merge
from civicsight.io.vectors.buildings import assumed_share
from civicsight.io.vectors.footprints import far_fault
from civicsight.model import City, empty_tables

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

Bounds = tuple[float, float, float, float]


def city_from_features(
    features: Features, *, name: str, crs: CRS | None = None, bounds: Bounds | None = None
) -> tuple[City, ImportReport]:
    """Turn tagged features into a city.

    Parameters
    ----------
    features
        What was read, in WGS 84.
    name
        What people call the city.
    crs
        Working CRS; chosen from the centre of buildings and roads by default.
    bounds
        ``min_lon, min_lat, max_lon, max_lat``; features that do not meet the box are left out.

    A public map always holds some broken shapes, which its reader did not make and cannot mend:
    they are left out and reported, and never refuse the whole city.

    Raises
    ------
    InputError
        If nothing lies in the bounds.
    """
    frame, outside = _clipped(features, bounds)
    solid = _solid(frame)
    if crs is None:
        base = in_degrees(frame[solid] if solid.any() else frame)
        crs = working_crs(centre_bounds(base, NEAR_DEG))
    metric = frame.to_crs(crs)
    geometry = metric.geometry.to_numpy()
    far = strays(geometry, geometry[solid] if solid.any() else geometry)
    metric = metric[~far]
    source = features.source
    tables, reports = _tables(metric, source, features.cut)
    area = _extent(tables["buildings"], tables["roads"], bounds, crs)
    city = City(name, crs, area, **tables, sources=(f"{source}: {LICENCE}",))
    first = _feature_report(features, frame, outside, far)
    report = merge(source, (first, *reports), crs_found=crs_name(LONLAT), notes=city_notes(city))
    return replace(city, provenance=report.provenance(licence=LICENCE)), report


def city_notes(city: City) -> tuple[Text, ...]:
    """Say in sentences what holds for a whole city: its CRS and how much of it is assumed."""
    return (
        N_("working coordinate system: %(crs)s", crs=crs_name(city.crs)),
        N_(
            "height assumed for %(share)s %% of the buildings",
            share=f"{100 * assumed_share(city.buildings):.0f}",
        ),
    )


def _tables(
    metric: gpd.GeoDataFrame, source: str, cut: frozenset[str]
) -> tuple[dict[str, gpd.GeoDataFrame], list[ImportReport]]:
    roads = read_roads(metric, source)
    made = {
        "buildings": read_osm_buildings(metric, source, cut),
        "obstacles": read_obstacles(metric, source),
        "canopies": read_canopies(metric, source),
        "roads": roads,
        "places": read_places(metric, source),
        "entrances": read_entrances(metric, roads[0], source),
        "barriers": read_barriers(metric, source),
        "cameras": read_osm_cameras(metric, source),
    }
    tables = {name: table for name, (table, _) in made.items()}
    return {**empty_tables(metric.crs), **tables}, [report for _, report in made.values()]


def _solid(frame: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    """Tell which features are buildings or roads, on which the centre and the bulk are measured."""
    mapped = tags.has(frame, "building") | tags.has(frame, "highway")
    return np.asarray(mapped & (shapely.get_dimensions(frame.geometry.to_numpy()) > 0), bool)


def _clipped(features: Features, bounds: Bounds | None) -> tuple[gpd.GeoDataFrame, int]:
    if bounds is None:
        return features.frame, 0
    meets = shapely.intersects(features.frame.geometry.to_numpy(), shapely.box(*bounds))
    if not meets.any():
        refuse(
            "bounds.empty",
            features.source,
            N_("bounds that meet the data"),
            N_("Give min_lon, min_lat, max_lon, max_lat of the area."),
            found=str(bounds),
        )
    return features.frame[meets], int((~meets).sum())


def _extent(
    buildings: gpd.GeoDataFrame, roads: gpd.GeoDataFrame, bounds: Bounds | None, crs: CRS
) -> BaseGeometry:
    if bounds is not None:
        box = gpd.GeoSeries([shapely.box(*bounds)], crs=LONLAT)
        return box.to_crs(crs).iloc[0]
    return extent(buildings.geometry.to_numpy(), roads.geometry.to_numpy())


def _feature_report(
    features: Features, frame: gpd.GeoDataFrame, outside: int, far: npt.NDArray[np.bool_]
) -> ImportReport:
    counts = tuple(
        Count(f"element.{kind}", label, int(tags.element(features.frame, kind).sum()))
        for kind, label in (
            ("node", N_("nodes")),
            ("way", N_("ways")),
            ("relation", N_("relations")),
        )
    )
    counts += (
        Count("excluded.outside", N_("outside of the given bounds"), outside),
        Count("excluded.far", N_("farther than 50 km from the city"), int(far.sum())),
    )
    # On a public map a stray is nobody's input error: it is left out, and said.
    strays_found = tuple(far_fault(features.source, str(label)) for label in frame.index[far])
    kept = len(frame) - int(far.sum())
    return replace(
        ImportReport(features.source, "features", len(features.frame), kept, counts),
        repaired=strays_found,
    )
