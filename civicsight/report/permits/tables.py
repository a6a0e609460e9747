"""What facilities take, as a table for a spreadsheet and as layers for QGIS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.coverage.obstruction import Permit
from civicsight.coverage.obstruction.loss import SAMPLE_COLUMNS
from civicsight.coverage.result import CheckResult
from civicsight.model import READINGS
from civicsight.presentation.symbols import OBSTACLE, STATUS_STYLES
from civicsight.report.geopackage import write_layers
from civicsight.report.permits.words import LAYER_HEADS, LAYER_TITLES, TABLE_HEADS, VIEW_HEADS
from civicsight.report.qml import Style

LIMITS = ("greatest_height_m", "offset_m", "offset_deg", "first_year", "season")

_LOST: Final = STATUS_STYLES["gap"]
LAYER_STYLES: Final[Mapping[str, Style]] = {
    "facilities": Style("any", {"facilities": OBSTACLE}),
    "lost_samples": Style("marker", {"lost_samples": _LOST}),
    "lost_ground": Style("fill", {"lost_ground": _LOST | {"fill": 0.2}}),
}
"""Looks of the layers."""


def limits_of(permit: Permit) -> pd.DataFrame:
    """Return one row a reading: greatest height, smallest move, first year of a tree.

    A height without a limit is infinite; what there is none of is NaN or None.
    """
    rows = []
    for reading in READINGS:
        offset, first = permit.offsets[reading], permit.first_year(reading)
        rows.append(
            {
                "reading": reading,
                "greatest_height_m": permit.heights[reading],
                "offset_m": np.nan if offset is None else offset.distance_m,
                "offset_deg": np.nan if offset is None else offset.direction_deg,
                "first_year": None if first is None else first[0],
                "season": None if first is None else first[1],
            }
        )
    return pd.DataFrame(rows)


def loss_table(permits: Sequence[Permit]) -> pd.DataFrame:
    """Return what every camera loses to every facility, one row a reading, camera and part.

    A facility that takes nothing has one row without a camera in each reading, with its limits.
    """
    frames = []
    for permit in permits:
        limits = limits_of(permit)
        rows = limits.merge(permit.loss.cameras, on="reading", how="left")
        rows["lost_m2"] = [
            permit.ground[camera].lost_m2 if camera in permit.ground else np.nan
            for camera in rows["camera_id"]
        ]
        rows.insert(0, "proposal_id", permit.facility.id)
        frames.append(rows)
    if not frames:
        return pd.DataFrame(columns=["proposal_id"]).set_index("proposal_id")
    whole = pd.concat(frames, ignore_index=True)
    order = [name for name in TABLE_HEADS if name in whole.columns]
    return whole[order].set_index("proposal_id")


def view_table(permits: Sequence[Permit]) -> pd.DataFrame:
    """Return all that cameras within reach see and lose, one row a camera, ground and class."""
    frames = [
        permit.outlook.assign(
            proposal_id=permit.facility.id, verdict=permit.verdict, tolerance=permit.tolerance
        )
        for permit in permits
    ]
    whole = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=VIEW_HEADS)
    return whole[list(VIEW_HEADS)].set_index("proposal_id")


def write_permit_layers(
    path: Path, result: CheckResult, permits: Sequence[Permit], notice: Mapping[str, str]
) -> None:
    """Write facilities, lost samples and lost ground as layers of a GeoPackage."""
    layers = layers_of(result, permits)
    write_layers(path, layers, LAYER_TITLES, LAYER_STYLES, notice=notice, headings=LAYER_HEADS)


def layers_of(result: CheckResult, permits: Sequence[Permit]) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers: ``facilities``, ``lost_samples``, ``lost_ground``."""
    crs = result.city.crs
    facilities = [
        {
            "proposal_id": permit.facility.id,
            "kind": permit.facility.kind,
            "name": permit.facility.name,
            "height_m": permit.facility.height_m,
            "base_m": permit.facility.base_m,
            "holds": permit.holds,
            **{
                f"greatest_height_m_{reading}": min(permit.heights[reading], 1e9)
                for reading in READINGS
            },
        }
        for permit in permits
    ]
    samples = [permit.loss.samples.assign(proposal_id=permit.facility.id) for permit in permits]
    none = pd.DataFrame(columns=[*SAMPLE_COLUMNS, "proposal_id"])
    joined = pd.concat(samples, ignore_index=True) if samples else none
    ground = [
        {"proposal_id": permit.facility.id, "camera_id": camera, "lost_m2": lost.lost_m2}
        for permit in permits
        for camera, lost in permit.ground.items()
    ]
    shapes = [
        shapely.multipolygons(_areas(lost.lost)) for p in permits for lost in p.ground.values()
    ]
    return {
        "facilities": gpd.GeoDataFrame(
            pd.DataFrame(facilities, columns=None if facilities else ["proposal_id"]),
            geometry=[permit.facility.shape for permit in permits],
            crs=crs,
        ),
        "lost_samples": gpd.GeoDataFrame(
            joined,
            geometry=result.samples.geometry.reindex(joined["sample_id"]).to_numpy(),
            crs=crs,
        ),
        "lost_ground": gpd.GeoDataFrame(
            pd.DataFrame(ground, columns=["proposal_id", "camera_id", "lost_m2"]),
            geometry=shapes,
            crs=crs,
        ),
    }


def _areas(shape: shapely.Geometry) -> list[shapely.Geometry]:
    return [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
