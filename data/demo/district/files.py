"""Write the district to files that are the same, byte for byte, every time."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pyproj
import shapely

from district.camera import Camera
from district.draw import Drawing
from district.plane import CRS
from district.records import RECORD_COLUMNS

SYNTHETIC = "虚构数据，非真实城市 / made up, no real city"
STAMP = "2026-11-24T00:00:00.000Z"

NAME = "云渚示范片区（虚构）"
WKT = pyproj.CRS(CRS).to_wkt()

GEOD = pyproj.Geod(ellps="WGS84")
STEP_M = 10.0
"""Length of the step along a direction whose bearing is taken [m]."""

LAYERS = {
    "buildings": (
        "building_id",
        ("height_m", "base_m", "height_assumed", "height_source", "kind", "name", "tags"),
    ),
    "obstacles": ("obstacle_id", ("kind", "height_m", "base_m", "height_assumed", "name")),
    "canopies": ("canopy_id", ("kind", "height_m", "base_m", "summer", "winter", "height_assumed")),
    "roads": ("road_id", ("kind", "name", "bridge", "tunnel", "tags")),
    "places": ("place_id", ("name", "tags", "amap", "industry", "item", "standing", "source")),
    "entrances": (
        "entrance_id",
        ("kind", "name", "vehicle", "confirmed", "width_m", "source", "tags"),
    ),
    "barriers": ("barrier_id", ("kind", "height_m")),
}
"""Layers of the GeoPackage with their id and columns, as the package's tables declare them."""

CAMERA_COLUMNS = (
    "camera_id",
    "name",
    "kind",
    "mount",
    "setting",
    "status",
    "lon",
    "lat",
    "height_m",
    "azimuth_deg",
    "tilt_deg",
    "roll_deg",
    "hfov_deg",
    "vfov_deg",
    "width_px",
    "height_px",
    "reach_m",
    "near_m",
    "night_reach_m",
    "usable",
    "purpose",
    "owner",
    "pole_id",
    "source",
    *RECORD_COLUMNS,
)

REGISTERS = {
    "districts": ("district_id", ("code", "name", "level", "source")),
    "private_places": ("private_id", ("kind", "name", "scope", "source")),
    "signs": (
        "sign_id",
        ("facing_deg", "approach", "camera_id", "text", "height_m", "surveyed_on", "source"),
    ),
    "projects": (
        "project_id",
        (
            "name",
            "kind",
            "authority",
            "system_required",
            "main_design_approved_on",
            "system_design_on",
            "main_started_on",
            "main_completed_on",
            "system_started_on",
            "system_completed_on",
            "main_in_use_on",
            "system_in_use_on",
            "acceptance_on",
            "acceptance_result",
            "police_attended",
            "police_unit",
            "documents",
            "source",
        ),
    ),
    "plans": (
        "plan_id",
        (
            "name",
            "status",
            "lead",
            "co_departments",
            "approved_on",
            "approved_by",
            "changed",
            "changed_on",
            "change_approved_on",
            "change_approved_by",
            "plan_date",
            "inventory_date",
            "text",
            "source",
        ),
    ),
    "documents": ("document_id", ("kind", "subject", "department", "dated_on", "title", "source")),
    "answers": (
        "answer_id",
        ("pack", "rule", "subject", "answer", "answered_by", "answered_on", "reason"),
    ),
    "consent_areas": ("consent_id", ("kind", "name", "source")),
    "proposals": (
        "proposal_id",
        (
            "kind",
            "name",
            "height_m",
            "base_m",
            "summer",
            "winter",
            "height_growth_m",
            "crown_growth_m",
            "planned_on",
            "source",
        ),
    ),
}
"""Layers of registers and papers, as `LAYERS`; a layer of papers has no places."""

NUMBERS = (
    "facing_deg",
    "height_m",
    "base_m",
    "summer",
    "winter",
    "height_growth_m",
    "crown_growth_m",
)
"""Columns of registers that hold numbers; the rest are texts, days and JSON."""


def write_layers(drawing: Drawing, path: Path) -> None:
    """Write all layers into one new GeoPackage."""
    path.unlink(missing_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": STAMP})
    for layer, (label, columns) in LAYERS.items():
        rows = drawing.district.rows[layer]
        data = {label: [row["id"] for row in rows]}
        data |= {column: [row.get(column) for row in rows] for column in columns}
        frame = gpd.GeoDataFrame(data, geometry=[row["geometry"] for row in rows], crs=CRS)
        for column in ("amap", "industry", "item", "standing"):
            if column in frame:
                frame[column] = frame[column].astype("string")
        pyogrio.write_dataframe(
            frame,
            path,
            layer=layer,
            driver="GPKG",
            append=path.exists(),
            layer_options={"DESCRIPTION": f"{SYNTHETIC} ({layer})"},
        )
    _write_registers(drawing, path)
    pyogrio.write_dataframe(
        _no_cameras(), path, layer="cameras", driver="GPKG", append=True, geometry_type="Point"
    )
    pyogrio.write_dataframe(_project(drawing), path, layer="civicsight", driver="GPKG", append=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _write_registers(drawing: Drawing, path: Path) -> None:
    """Write registers and papers; a row without a place has an empty geometry."""
    for layer, (label, columns) in REGISTERS.items():
        rows = drawing.district.rows[layer]
        data = {label: [row["id"] for row in rows]}
        for column in columns:
            values = [_plain(row.get(column)) for row in rows]
            kind = "float64" if column in NUMBERS else "string"
            data[column] = pd.Series(values, dtype=kind)
        shapes = [row["geometry"] for row in rows]
        kind = shapes[0].geom_type if shapes[0] is not None else "Polygon"
        kind = kind if all(shape is None or shape.geom_type == kind for shape in shapes) else None
        pyogrio.write_dataframe(
            gpd.GeoDataFrame(data, geometry=gpd.GeoSeries(shapes, crs=CRS)),
            path,
            layer=layer,
            driver="GPKG",
            append=True,
            geometry_type=kind or "Unknown",
            layer_options={"DESCRIPTION": f"{SYNTHETIC} ({layer})"},
        )


def _plain(value: object) -> object:
    """Return a value as it is stored: truth as JSON, no text for an empty one."""
    if isinstance(value, bool):
        return json.dumps(value)
    return None if value == "" else value


def _no_cameras() -> gpd.GeoDataFrame:
    """Return the layer of cameras that a project needs; the inventory is a file of its own."""
    columns = {name: pd.Series(dtype="string") for name in ("camera_id", "name", "usable", "tags")}
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries([], crs=CRS), crs=CRS)


def _project(drawing: Drawing) -> pd.DataFrame:
    """Return the row by which the package knows the file as a project, and as made up."""
    shapes = [row["geometry"] for layer in LAYERS for row in drawing.district.rows[layer]]
    extent = shapely.box(*shapely.total_bounds(shapes))
    return pd.DataFrame(
        [
            {
                "format": 1,
                "name": NAME,
                "crs": WKT,
                "extent": shapely.to_wkt(extent, rounding_precision=2),
                "sources": json.dumps([SYNTHETIC], ensure_ascii=False),
                "synthetic": 1,
                "terrain": None,
            }
        ]
    )


def camera_ids(cameras: list[Camera]) -> dict[str, str]:
    """Return the number in the inventory of every camera's key."""
    return {camera.key: f"C{number:03d}" for number, camera in enumerate(cameras, 1)}


def _true_azimuth(camera: Camera, transform: pyproj.Transformer) -> float:
    """Return where a camera looks from true north, as surveyors write it beside degrees.

    The district is drawn on the grid; the bearing on the ellipsoid of a step along the drawn
    direction differs from it by the convergence of the meridians.
    """
    turn = math.radians(camera.azimuth_deg)
    ahead = transform.transform(
        camera.x + STEP_M * math.sin(turn), camera.y + STEP_M * math.cos(turn)
    )
    bearing, _, _ = GEOD.inv(*transform.transform(camera.x, camera.y), *ahead)
    return round(bearing % 360.0, 4)


def write_cameras(cameras: list[Camera], path: Path) -> None:
    """Write the inventory as UTF-8 CSV: positions in degrees, directions from true north."""
    transform = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
    ids, poles = camera_ids(cameras), {}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(CAMERA_COLUMNS)
        for camera in cameras:
            lon, lat = transform.transform(camera.x, camera.y)
            pole = camera.pole
            if not pole and camera.mount in ("pole", "gate"):
                pole = poles.setdefault((camera.x, camera.y), f"L-{len(poles) + 1:03d}")
            writer.writerow(
                (
                    ids[camera.key],
                    camera.name,
                    camera.kind,
                    camera.mount,
                    camera.setting,
                    camera.status,
                    f"{lon:.8f}",
                    f"{lat:.8f}",
                    camera.height_m,
                    "" if camera.azimuth_deg is None else _true_azimuth(camera, transform),
                    camera.tilt_deg,
                    0.0,
                    camera.lens.hfov_deg,
                    camera.vfov_deg,
                    camera.lens.width_px,
                    camera.lens.height_px,
                    camera.reach_m,
                    0.0,
                    0.0 if camera.setting == "indoor" else 30.0,
                    "true" if camera.usable else "false",
                    camera.extra.get("purpose", camera.purpose),
                    camera.owner,
                    camera.extra.get("pole_id", pole),
                    "虚构台账",
                    *(camera.extra.get(column, "") for column in RECORD_COLUMNS),
                )
            )


def write_json(content: object, path: Path) -> None:
    """Write readable JSON."""
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
