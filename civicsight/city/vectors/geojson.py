"""GeoJSON without GDAL: a fault is named by line or feature, and no link is ever followed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.errors import ShapelyError
from shapely.geometry import shape

from civicsight.city.crs import LONLAT
from civicsight.city.refusal import refuse
from civicsight.errors import N_, Fault

MAX_BYTES = 1 << 30
"""Larger GeoJSON files are refused: as GeoPackage they are smaller and faster."""


def read_geojson(path: Path) -> tuple[gpd.GeoDataFrame, tuple[Fault, ...]]:
    """Read a FeatureCollection.

    Returns
    -------
    frame
        One row a feature, labelled 1, 2, 3 ...; a property of the name ``geometry`` is dropped.
    faults
        Features whose geometry cannot be built; their rows have none.

    Raises
    ------
    InputError
        If the file is no JSON, no FeatureCollection, too large, or has a CRS that is not named.
    """
    data = _load(path)
    if not isinstance(data, dict) or not isinstance(data.get("features"), list):
        found = type(data).__name__ if not isinstance(data, dict) else str(data.get("type"))
        refuse(
            "geojson.collection",
            path.name,
            N_("a FeatureCollection"),
            N_("Export the layer again as GeoJSON."),
            found=found,
            field="type",
        )
    crs = _crs(data.get("crs"), path.name)
    _require_features(data["features"], path.name)
    geometry, rows, faults = [], [], []
    for number, feature in enumerate(data["features"], start=1):
        place, fault = _geometry(feature, number, path.name)
        geometry.append(place)
        if fault is not None:
            faults.append(fault)
        properties = feature.get("properties") if isinstance(feature, dict) else None
        row = dict(properties) if isinstance(properties, dict) else {}
        if isinstance(feature, dict) and "id" in feature and "id" not in row:
            row["id"] = feature["id"]
        row.pop("geometry", None)
        rows.append(row)
    index = pd.Index([str(n) for n in range(1, len(rows) + 1)], dtype=object)
    frame = gpd.GeoDataFrame(pd.DataFrame(rows, index=index), geometry=geometry, crs=crs)
    return frame, tuple(faults)


def _require_features(features: list[Any], name: str) -> None:
    if not features:
        refuse(
            "file.no_features",
            name,
            N_("at least one feature"),
            N_("Export the layer again; the selection may have been empty."),
            found="0",
            field="features",
        )


def _load(path: Path) -> Any:
    size = path.stat().st_size
    if size > MAX_BYTES:
        refuse(
            "file.too_large",
            path.name,
            N_("at most %(limit)s bytes", limit=MAX_BYTES),
            N_("Convert the file to GeoPackage."),
            found=f"{size} bytes",
        )
    try:
        return json.loads(path.read_bytes().decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        where, found = f"line {error.lineno}, column {error.colno}", error.msg
    except UnicodeDecodeError as error:
        where, found = f"byte {error.start}", "not UTF-8"
    except RecursionError:
        where, found = "", "nested too deeply"
    return refuse(
        "geojson.damaged",
        path.name,
        N_("complete GeoJSON in UTF-8"),
        N_("Export or download the file again."),
        found=found,
        where=where,
    )


def _crs(member: object, file: str) -> CRS:
    """Honour a named CRS; a link would have to be fetched and is refused."""
    if member is None:
        return LONLAT
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if isinstance(member, dict) and member.get("type") == "name" and isinstance(name, str):
        try:
            return CRS.from_user_input(name)
        except CRSError:
            pass
    return refuse(
        "geojson.crs",
        file,
        N_("the name of a coordinate system, or none"),
        N_("Export the layer again with an EPSG code."),
        found=str(member)[:100],
        field="crs",
    )


def _geometry(
    feature: object, number: int, file: str
) -> tuple[shapely.Geometry | None, Fault | None]:
    found = feature.get("geometry") if isinstance(feature, dict) else None
    if found is None:
        return None, None
    try:
        return shape(found), None
    except (
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        ShapelyError,
        RecursionError,
    ) as error:
        return None, Fault(
            "geojson.geometry",
            file,
            str(number),
            "geometry",
            str(error)[:100],
            N_("a geometry with complete coordinates"),
            N_("Draw the feature again."),
        )
