"""Everything that a permit check writes: sheets, tables, layers, and its lines for a terminal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.core import i18n
from civicsight.core.errors import N_, Text
from civicsight.core.i18n import LANGUAGES, Language
from civicsight.core.progress import Progress
from civicsight.core.settings import present_day
from civicsight.coverage.obstruction import Permit
from civicsight.coverage.obstruction.loss import SAMPLE_COLUMNS
from civicsight.coverage.result import CheckResult
from civicsight.model import READINGS
from civicsight.presentation.symbols import OBSTACLE, STATUS_STYLES
from civicsight.report.files import Write, write_files
from civicsight.report.geopackage import write_layers
from civicsight.report.licence import notice_of
from civicsight.report.permit_page import (
    limit_in_words,
    limits_of,
    sheet_name,
    surest_rows,
    write_sheet,
)
from civicsight.report.permit_words import (
    HOLDS,
    KINDS,
    LAYER_HEADINGS,
    LAYER_TITLES,
    TABLE_HEADINGS,
    VIEW_HEADINGS,
    headline_of,
    verdict_of,
)
from civicsight.report.qgis_style import Style
from civicsight.report.tables import write_csv

_LOST: Final = STATUS_STYLES["gap"]
LAYER_STYLES: Final[Mapping[str, Style]] = {
    "facilities": Style("any", {"facilities": OBSTACLE}),
    "lost_samples": Style("marker", {"lost_samples": _LOST}),
    "lost_ground": Style("fill", {"lost_ground": _LOST | {"fill": 0.2}}),
}
"""Looks of the layers."""


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
    order = [name for name in TABLE_HEADINGS if name in whole.columns]
    return whole[order].set_index("proposal_id")


def view_table(permits: Sequence[Permit]) -> pd.DataFrame:
    """Return all that cameras within reach see and lose, one row a camera, ground and class."""
    frames = [
        permit.outlook.assign(
            proposal_id=permit.facility.id, verdict=permit.verdict, tolerance=permit.tolerance
        )
        for permit in permits
    ]
    whole = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=VIEW_HEADINGS)
    return whole[list(VIEW_HEADINGS)].set_index("proposal_id")


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


def write_permits(
    result: CheckResult,
    permits: Sequence[Permit],
    out_dir: str | Path,
    *,
    languages: Sequence[Language] = LANGUAGES,
    made_on: dt.date | None = None,
    progress: Progress | None = None,
) -> list[Path]:
    """Write the sheets of a permit check, its losses as a table and as layers.

    Parameters
    ----------
    result, permits
        What was checked, and what `obstruct` found; with ``ground`` the pictures show it.
    out_dir
        Folder, made if it is missing; see `write_files`.
    languages
        Languages of the sheets.
    made_on
        Day to print; today by default.
    progress
        Called with files done and files in all.

    Returns
    -------
    list
        The files, sheets first.
    """
    day = made_on or present_day()
    files: dict[str, Write] = {
        sheet_name(permit, number, language): partial(
            write_sheet, result=result, permit=permit, language=language, made_on=day
        )
        for number, permit in enumerate(permits, start=1)
        for language in languages
    }
    files["losses.csv"] = partial(write_csv, frame=loss_table(permits), headings=TABLE_HEADINGS)
    files["views.csv"] = partial(write_csv, frame=view_table(permits), headings=VIEW_HEADINGS)
    files["losses.gpkg"] = partial(
        write_layers,
        layers=layers_of(result, permits),
        titles=LAYER_TITLES,
        styles=LAYER_STYLES,
        notice=notice_of(result),
        headings=LAYER_HEADINGS,
    )
    return write_files(out_dir, files, progress)


def brief_permit(permit: Permit, language: Language) -> list[str]:
    """Return what a facility takes, how high it may be, how far it has to move."""
    facility, loss = permit.facility, permit.loss

    def translate(text: Text) -> str:
        return i18n.translate(text, language)

    lines = [f"{facility.id} {facility.name} · {translate(KINDS[facility.kind])}"]
    lines += ["  " + translate(text) for text in (headline_of(permit), verdict_of(permit))]
    surest = surest_rows(loss.cameras)
    for (camera, holds), own in surest.groupby(["camera_id", "holds"], sort=False):
        lost = N_(
            "  %(camera)s loses %(lost)s of %(met)s samples, %(holds)s",
            camera=camera,
            lost=int(own["samples_lost"].sum()),
            met=int(own["samples_met"].sum()),
            holds=translate(HOLDS[str(holds)]),
        )
        lines.append(translate(lost))
    for _, row in limits_of(permit).iterrows():
        words = limit_in_words(row, translate)
        limit = N_(
            "  to leave %(cover)s: greatest height %(height)s, smallest move %(move)s",
            cover=words["reading"],
            height=words["height"],
            move=words["move"],
        )
        lines.append(translate(limit))
        if permit.years:
            begins = N_(
                "  as it grows it begins to take of %(cover)s: %(year)s",
                cover=words["reading"],
                year=words["year"],
            )
            lines.append(translate(begins))
    return lines
