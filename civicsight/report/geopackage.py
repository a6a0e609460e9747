"""One GeoPackage with every layer, its licence and its looks as QML: QGIS shows it as our map."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal
from xml.etree import ElementTree as ET

import geopandas as gpd
import pandas as pd
import pyogrio

from civicsight.core.atomic import written_whole
from civicsight.core.errors import N_, Text
from civicsight.core.hues import BUILDING
from civicsight.core.i18n import in_all, translate
from civicsight.core.inert import CONTROL, as_json
from civicsight.core.table import Table
from civicsight.io.project_file import index_of
from civicsight.io.qgis_forms import VERSION, add_form, add_styles, document_of, name_columns
from civicsight.model import BUILDINGS, CAMERAS
from civicsight.presentation.columns import NONE, heading
from civicsight.presentation.names import direction_of_cameras, judge_parts, with_class_names
from civicsight.presentation.symbols import (
    CAMERA_LABELS,
    CAMERA_STYLES,
    FINDING_STYLES,
    STATUS_LABELS,
    STATUS_STYLES,
    ZONE_STYLE,
)

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult


SIGNS: Final = MappingProxyType(
    {
        "disc": "circle",
        "square": "square",
        "diamond": "diamond",
        "triangle": "triangle",
        "pause": "half_square",
        "cross": "cross_fill",
    }
)
"""Names that QGIS has for our signs."""

PX_TO_MM: Final = 0.2646
"""A pixel of 96 to the inch."""

Shape = Literal["marker", "line", "fill", "any"]


def write_qml(
    style: Style, table: Table | None = None, names: Mapping[str, str] = MappingProxyType({})
) -> str:
    """Return the style document of a layer: its looks, and the form of its table if it has one.

    `names` says what columns are called that the table does not declare.
    """
    categories = "Symbology|Fields" if table is None else "Symbology|Fields|Forms"
    root = ET.Element("qgis", version=VERSION, styleCategories=categories)
    if style.attribute:
        renderer = ET.SubElement(
            root, "renderer-v2", type="RuleRenderer", symbollevels="0", enableorderby="0"
        )
    else:
        renderer = ET.SubElement(root, "renderer-v2", type="singleSymbol", symbollevels="0")
    symbols = ET.Element("symbols")
    if style.attribute or style.shape == "any":
        renderer.set("type", "RuleRenderer")
        rules = ET.SubElement(renderer, "rules", key="root")
        for number, (label, test, shape, look) in enumerate(_cases(style)):
            key = {"key": f"r{number}", "symbol": str(number), "label": label, "filter": test}
            ET.SubElement(rules, "rule", {name: text for name, text in key.items() if text})
            symbols.append(_symbol(str(number), shape, look))
    else:
        (look,) = style.looks.values()
        symbols.append(_symbol("0", style.shape, look))
    renderer.append(symbols)
    if table is not None:
        add_form(root, table)
    name_columns(root, names)
    return document_of(root)


def _cases(style: Style) -> list[tuple[str, str, Shape, Mapping[str, Any]]]:
    """List the cases of a layer: each value of its column, in each shape that it may have."""
    tests: dict[Shape, str] = {
        "marker": "geometry_type($geometry) = 'Point'",
        "line": "geometry_type($geometry) = 'Line'",
        "fill": "geometry_type($geometry) = 'Polygon'",
    }
    out: list[tuple[str, str, Shape, Mapping[str, Any]]] = []
    for value, look in style.looks.items():
        text = style.labels.get(value)
        label = in_all(text, between=" / ") if text else value
        value_test = f"\"{style.attribute}\" = '{value}'" if style.attribute else ""
        if style.shape != "any":
            out.append((label, value_test, style.shape, look))
            continue
        for shape, shape_test in tests.items():
            both = " AND ".join(test for test in (value_test, shape_test) if test)
            out.append((label, both, shape, look))
    return out


def _symbol(name: str, shape: Shape, look: Mapping[str, Any]) -> ET.Element:
    symbol = ET.Element("symbol", name=name, type=shape, alpha="1", clip_to_extent="1")
    make = {"marker": _marker, "line": _line, "fill": _fill}[shape]
    kind, options = make(look)
    layer = ET.SubElement(symbol, "layer", attrib={"class": kind, "enabled": "1", "pass": "0"})
    bag = ET.SubElement(layer, "Option", type="Map")
    for key, value in options.items():
        ET.SubElement(bag, "Option", name=key, value=value, type="QString")
    return symbol


def _marker(look: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    hollow = bool(look.get("hollow"))
    return "SimpleMarker", {
        "name": SIGNS[look.get("sign", "disc")],
        "color": _rgb("#ffffff" if hollow else look["color"]),
        "outline_color": _rgb(look["color"] if hollow else "#1a1a1a"),
        "outline_width": "0.5" if hollow else "0.2",
        "outline_width_unit": "MM",
        "size": f"{2 * look.get('radius', 5) * PX_TO_MM:.2f}",
        "size_unit": "MM",
    }


def _line(look: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    return "SimpleLine", {
        "line_color": _rgb(look["color"]),
        "line_width": f"{look['width'] * PX_TO_MM:.2f}",
        "line_width_unit": "MM",
        "line_style": "solid",
        **_dashes(look),
    }


def _fill(look: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    inside = look.get("fill", 0.15)
    colour = _rgb(inside) if isinstance(inside, str) else _rgb(look["color"], float(inside))
    return "SimpleFill", {
        "color": colour,
        "style": "solid",
        "outline_color": _rgb(look["color"]),
        "outline_style": "dash" if look.get("dash") else "solid",
        "outline_width": f"{look['width'] * PX_TO_MM:.2f}",
        "outline_width_unit": "MM",
    }


def _dashes(look: Mapping[str, Any]) -> dict[str, str]:
    if not look.get("dash"):
        return {}
    lengths = [float(part) * PX_TO_MM for part in str(look["dash"]).split()]
    return {
        "use_custom_dash": "1",
        "customdash": ";".join(f"{length:.2f}" for length in lengths),
        "customdash_unit": "MM",
    }


def _rgb(colour: str, alpha: float = 1.0) -> str:
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return f"{red},{green},{blue},{round(255 * alpha)}"


@dataclass(frozen=True, slots=True)
class Style:
    """How a layer looks.

    Parameters
    ----------
    shape
        What its features are; ``any`` for a layer that mixes points, lines and areas.
    looks
        Look by value of `attribute`; one entry if there is no attribute.
    attribute
        Column that decides; empty for one look for all.
    labels
        What the values are called.
    """

    shape: Shape
    looks: Mapping[str, Mapping[str, Any]]
    attribute: str = ""
    labels: Mapping[str, Text] = field(default_factory=lambda: MappingProxyType({}))


_HEAD: Final = {"color": "#1a1a1a", "sign": "triangle", "radius": 3, "hollow": True}
_SAMPLE: Final = {"color": "#666666", "sign": "disc", "radius": 1.5}

STYLES: Final[Mapping[str, Style]] = MappingProxyType(
    {
        "cameras": Style("marker", CAMERA_STYLES, "direction_known", CAMERA_LABELS),
        "heads": Style("marker", {"heads": _HEAD}),
        "zones": Style("any", {"zones": ZONE_STYLE}),
        "parts": Style("any", STATUS_STYLES, "status", STATUS_LABELS),
        "samples": Style("marker", {"samples": _SAMPLE}),
        "gaps": Style("any", {"gaps": FINDING_STYLES["gap"]}),
        "duplicates": Style("any", {"duplicates": FINDING_STYLES["duplicate"]}),
        "overlaps": Style("any", {"overlaps": FINDING_STYLES["overlap"]}),
        "buildings": Style("fill", {"buildings": BUILDING}),
    }
)
"""Styles by layer."""


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
                layer_options={"IDENTIFIER": translate(titles[name]), **index_of(frame)},
                layer_metadata=dict(notice),
                dataset_metadata=dict(notice) if number == 0 else None,
            )
        add_styles(
            scratch,
            [
                (
                    name,
                    in_all(titles[name]),
                    write_qml(styles[name], FORMS.get(name), names_of(frame, headings)),
                )
                for name, frame in layers.items()
            ],
        )


def names_of(layer: gpd.GeoDataFrame, own: Mapping[str, Text] = NONE) -> dict[str, str]:
    """Return what the columns of a layer are called, in every language."""
    return {name: in_all(heading(name, own)) for name in layer.columns.drop(layer.geometry.name)}


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
