"""Cameras out of OSM features: what is one, and what its record says."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.core.arrays import BoolArray
from civicsight.core.errors import N_, Fault
from civicsight.io.crs import grid_azimuth
from civicsight.io.faults import fault
from civicsight.io.osm import tags
from civicsight.io.report import Count, ImportReport
from civicsight.io.tables.directions import read_azimuth
from civicsight.io.vectors.attributes import Field, read_column
from civicsight.io.vectors.measures import read_length
from civicsight.model import CAMERAS

PLATE_READERS = frozenset({"ALPR", "ANPR", "alpr", "anpr"})
"""Values of ``surveillance:type`` for cameras that read number plates."""

KINDS: Mapping[str, str] = {
    "fixed": "fixed", "static": "fixed", "bullet": "fixed", "panning": "ptz", "ptz": "ptz",
    "dome": "dome", "panorama": "panorama", "panoramic": "panorama", "fisheye": "fisheye",
    "multi": "multi_head",
}  # fmt: skip
"""Build of a camera by OSM's ``camera:type``."""

MOUNTS: Mapping[str, str] = {
    "wall": "wall", "building": "wall", "facade": "wall", "pole": "pole", "street_lamp": "pole",
    "mast": "pole", "traffic_signals": "pole", "ceiling": "ceiling", "roof": "roof",
    "gate": "gate", "gantry": "gate",
}  # fmt: skip
"""What carries a camera by OSM's ``camera:mount``."""

SETTINGS_OF: Mapping[str, str] = {"indoor": "indoor", "outdoor": "outdoor", "public": "outdoor"}
"""Indoors or outdoors by OSM's ``surveillance``; a watched public area lies outdoors."""

OWNERS: Mapping[str, str] = {
    "government": "government", "public": "government", "military": "government",
    "private": "non_government", "business": "non_government", "community": "non_government",
}  # fmt: skip
"""Owner by OSM's ``operator:type``."""

MAX_TILT_DEG = 90.0
"""``camera:angle`` is the inclination; some enter the width of view, which exceeds this [deg]."""

CAMERA_HEIGHT = Field("height", read_length, 500.0)


def read_osm_cameras(
    features: gpd.GeoDataFrame, source: str
) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Turn ``man_made=surveillance`` into the table of cameras.

    An untyped feature counts as a camera, and is counted as untyped; guards and other equipment
    and relations are not cameras. What the record does not say stays unknown.

    Parameters
    ----------
    features
        Tagged features in metres; directions are turned to the grid north of their CRS.
    source
        Name of the file.
    """
    found = features[tags.among(features, "man_made", {"surveillance"})]
    kind_of = tags.value(found, "surveillance:type")
    route = tags.element(found, "relation")
    plate = kind_of.isin(PLATE_READERS).to_numpy(bool)
    camera = kind_of.isna().to_numpy() | kind_of.isin(("camera", "yes")).to_numpy(bool) | plate
    drawn = shapely.get_type_id(found.geometry.to_numpy()) != shapely.GeometryType.POINT
    taken = camera & ~route & ~drawn
    used = found[taken]
    table, faults = _records(used, plate[taken], source)
    shapes = found[camera & ~route & drawn]
    counts = (
        Count(
            "untyped",
            N_("without a type, taken as cameras"),
            int(tags.value(used, "surveillance:type").isna().sum()),
        ),
        Count("plate_reader", N_("number plate readers"), int(plate[taken].sum())),
        Count("direction", N_("with a direction"), int(table["azimuth_deg"].notna().sum())),
        Count("height", N_("with a height"), int(table["height_m"].notna().sum())),
        Count("kind", N_("of known build"), int((table["kind"] != "unknown").sum())),
        Count("indoor", N_("indoors"), int((table["setting"] == "indoor").sum())),
        Count(
            "excluded.guard",
            N_("guards and other equipment, no cameras"),
            int((~camera & ~route).sum()),
        ),
        Count("excluded.relation", N_("relations, no place of their own"), int(route.sum())),
        Count("excluded.shape", N_("lines and areas, whose middle is no camera"), len(shapes)),
    )
    faults += tuple(
        fault("place.shape", source, str(name), "geometry", place.geom_type, shape="Point")
        for name, place in shapes.geometry.items()
    )
    return table, ImportReport(source, "cameras", len(found), len(table), counts, faults)


def _records(
    used: gpd.GeoDataFrame, plate: BoolArray, source: str
) -> tuple[gpd.GeoDataFrame, tuple[Fault, ...]]:
    points = used.geometry
    height, low_faults = read_column(tags.value(used, "height"), CAMERA_HEIGHT, source)
    azimuth, turn_faults = _azimuths(used, source)
    tilt, tilt_faults = _tilts(used, source)
    name = tags.value(used, "name")
    build = tags.value(used, "camera:type").map(KINDS)
    frame = gpd.GeoDataFrame(
        {
            "name": name.where(name.notna(), tags.value(used, "ref")),
            "kind": build.where(build.notna() | ~plate, "fixed").fillna("unknown"),
            "mount": tags.value(used, "camera:mount").map(MOUNTS).fillna("unknown"),
            "setting": tags.value(used, "surveillance").map(SETTINGS_OF).fillna("unknown"),
            "status": "existing",
            "height_m": height.where(height > 0),
            "azimuth_deg": grid_azimuth(azimuth.to_numpy(float), points),
            "tilt_deg": tilt,
            "purpose": pd.Series(plate, index=used.index).map({True: "ALPR", False: None}),
            "owner": tags.value(used, "operator:type").map(OWNERS).fillna("unknown"),
            "source": "osm",
            "tags": used["tags"],
        },
        geometry=points,
        crs=used.crs,
        index=used.index,
    )
    return CAMERAS.complete(frame), low_faults + turn_faults + tilt_faults


def _azimuths(used: gpd.GeoDataFrame, source: str) -> tuple[pd.Series, tuple[Fault, ...]]:
    text = tags.value(used, "camera:direction")
    text = text.where(text.notna(), tags.value(used, "direction"))
    values = [read_azimuth(entry) for entry in text]
    faults = tuple(
        fault("camera.direction", source, str(label), "camera:direction", str(entry))
        for label, entry, value in zip(used.index, text, values, strict=True)
        if value is None
    )
    numbers = [np.nan if value is None else value for value in values]
    return pd.Series(numbers, index=used.index, dtype=float), faults


def _tilts(used: gpd.GeoDataFrame, source: str) -> tuple[pd.Series, tuple[Fault, ...]]:
    text = tags.value(used, "camera:angle")
    angle = pd.to_numeric(text.astype("string").str.rstrip("° "), errors="coerce").astype(float)
    usable = angle.abs().le(MAX_TILT_DEG).fillna(value=False).to_numpy(bool)
    bad = text.notna().to_numpy() & ~usable
    faults = tuple(
        fault("camera.tilt", source, str(label), "camera:angle", str(text[label]))
        for label in used.index[bad]
    )
    # Mappers write the inclination without or with a minus sign, always meaning downwards.
    return angle.abs().where(usable), faults
