"""One GeoPackage with every layer, its looks and its licence: it opens in QGIS as on our map."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import pandas as pd
import pyogrio

from civicsight.core.atomic import written_whole
from civicsight.core.errors import N_, Text
from civicsight.core.i18n import translate
from civicsight.io.qgis_forms import add_styles, both
from civicsight.model import BUILDINGS, CAMERAS
from civicsight.presentation.columns import NONE, heading
from civicsight.presentation.names import direction_of_cameras, judge_parts, with_class_names
from civicsight.report.qml import STYLES, Style, write_qml
from civicsight.report.tables import CONTROL, as_json

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult

TITLES: Final[dict[str, Text]] = {
    "cameras": N_("Cameras"),
    "heads": N_("Camera heads"),
    "zones": N_("Mandatory places"),
    "parts": N_("Gates and key parts"),
    "samples": N_("Sample points"),
    "gaps": N_("Gaps"),
    "duplicates": N_("Duplicates"),
    "overlaps": N_("Overlaps"),
    "buildings": N_("Buildings"),
}
"""Layers in the order in which they are written."""

FORMS: Final = {table.name: table for table in (CAMERAS, BUILDINGS)}
"""Layers that can be edited and taken back into a project."""


def write_geopackage(path: Path, result: CheckResult, *, notice: Mapping[str, str]) -> list[str]:
    """Write all layers of a result into one GeoPackage.

    Parameters
    ----------
    path
        The ``.gpkg`` file.
    result
        What `check` found.
    notice
        Licence, attribution, synthetic mark and so on, kept as metadata of the file.

    Returns
    -------
    list
        Names of the layers. One without rows is there as well, empty.

    References
    ----------
    OGC 12-128r19, GeoPackage Encoding Standard 1.4.
    """
    layers = layers_of(result)
    write_layers(path, layers, TITLES, STYLES, notice=notice)
    return list(layers)


def write_layers(
    path: Path,
    layers: Mapping[str, gpd.GeoDataFrame],
    titles: Mapping[str, Text],
    styles: Mapping[str, Style],
    *,
    notice: Mapping[str, str],
    headings: Mapping[str, Text] = NONE,
) -> None:
    """Write layers with titles, looks and names of columns into one GeoPackage.

    `headings` says what columns are called that no table of the report has; see `write_geopackage`
    for the rest.
    """
    with written_whole(path) as scratch:
        for number, (name, frame) in enumerate(layers.items()):
            pyogrio.write_dataframe(
                frame,
                scratch,
                layer=name,
                driver="GPKG",
                append=number > 0,
                geometry_type=_geometry_type(frame),
                promote_to_multi=False,
                layer_options={"IDENTIFIER": translate(titles[name], "zh_CN")},
                layer_metadata=dict(notice),
                dataset_metadata=dict(notice) if number == 0 else None,
            )
        add_styles(
            scratch,
            [
                (
                    name,
                    both(titles[name]),
                    write_qml(styles[name], FORMS.get(name), names_of(frame, headings)),
                )
                for name, frame in layers.items()
            ],
        )


def names_of(layer: gpd.GeoDataFrame, own: Mapping[str, Text] = NONE) -> dict[str, str]:
    """Return what the columns of a layer are called, in both languages."""
    return {name: both(heading(name, own)) for name in layer.columns.drop(layer.geometry.name)}


def layers_of(result: CheckResult) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers with columns that a GeoPackage can hold: lists and mappings as JSON."""
    frames = {
        "cameras": result.cameras.assign(direction_known=direction_of_cameras(result)),
        "heads": result.heads,
        "zones": with_class_names(result.zones),
        "parts": judge_parts(result),
        "samples": result.samples,
        "gaps": result.gaps,
        "duplicates": result.duplicates,
        "overlaps": result.overlaps,
        "buildings": result.city.buildings,
    }
    return {name: flat_layer(frame) for name, frame in frames.items()}


def flat_layer(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a layer with its index as a column, and lists and mappings as JSON."""
    out = frame.reset_index()
    for name in out.columns.drop("geometry"):
        if not pd.api.types.is_numeric_dtype(out[name]):
            out[name] = out[name].map(_text).astype(object)
    return out


def _text(value: Any) -> str | None:
    if value is None or (isinstance(value, float) and value != value):  # noqa: PLR0124 - NaN
        return None
    if not isinstance(value, str):
        value = json.dumps(value, ensure_ascii=False, default=as_json)
    return CONTROL.sub("", value)


def _geometry_type(frame: gpd.GeoDataFrame) -> str:
    """Name the one type of all rows, or say that there are several."""
    kinds = set(frame.geom_type.unique())
    return str(kinds.pop()) if len(kinds) == 1 else "Unknown"
