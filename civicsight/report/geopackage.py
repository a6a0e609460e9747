"""One GeoPackage with every layer, its looks and its licence: it opens in QGIS as on our map."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import pandas as pd
import pyogrio

from civicsight.errors import N_, Text
from civicsight.i18n import translate
from civicsight.maps.describe import direction_of_cameras, judge_parts
from civicsight.report.atomic import written_whole
from civicsight.report.qml import STYLES, write_qml
from civicsight.report.tables import CONTROL, as_json

if TYPE_CHECKING:
    from civicsight.coverage.check import CheckResult

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

LAYER_STYLES: Final = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
    f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
    update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now'))
)
"""
"""The table in which QGIS keeps styles inside a data base."""


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
                layer_options={"IDENTIFIER": translate(TITLES[name], "zh_CN")},
                layer_metadata=dict(notice),
                dataset_metadata=dict(notice) if number == 0 else None,
            )
        add_styles(scratch, [(name, _title(name), write_qml(STYLES[name])) for name in layers])
    return list(layers)


def layers_of(result: CheckResult) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers with columns that a GeoPackage can hold: lists and mappings as JSON."""
    frames = {
        "cameras": result.cameras.assign(direction_known=direction_of_cameras(result)),
        "heads": result.heads,
        "zones": result.zones,
        "parts": judge_parts(result),
        "samples": result.samples,
        "gaps": result.gaps,
        "duplicates": result.duplicates,
        "overlaps": result.overlaps,
        "buildings": result.city.buildings,
    }
    return {name: _flat(frame) for name, frame in frames.items()}


def _flat(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
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


def add_styles(path: Path, looks: Sequence[tuple[str, str, str]]) -> None:
    """Add a table of styles to a GeoPackage, and list it as the standard asks for every table.

    Parameters
    ----------
    path
        The ``.gpkg`` file, without styles yet.
    looks
        Layer, title and QGIS style document; the first of a layer is its default.
    """
    first = {layer: number for number, (layer, _, _) in reversed(list(enumerate(looks)))}
    rows = [
        (layer, title, document, int(first[layer] == number), title)
        for number, (layer, title, document) in enumerate(looks)
    ]
    with closing(sqlite3.connect(path)) as base, base:
        base.execute(LAYER_STYLES)
        base.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier) "
            "VALUES ('layer_styles', 'attributes', 'layer_styles')"
        )
        base.executemany(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
            "f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, owner) "
            "VALUES ('', '', ?, 'geom', ?, ?, '', ?, ?, '')",
            rows,
        )


def _title(name: str) -> str:
    return f"{translate(TITLES[name], 'zh_CN')} {translate(TITLES[name], 'en')}"
