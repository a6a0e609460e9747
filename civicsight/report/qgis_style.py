"""Looks of layers as QGIS reads them: symbols by case, names on the map, scales at which it shows.

A document of style lies in the table ``layer_styles`` of a GeoPackage, and the same elements stand
in a project file; both are made here, of one `Style`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal
from xml.etree import ElementTree as ET

from civicsight.core.errors import Text
from civicsight.core.hues import INK
from civicsight.core.i18n import in_all
from civicsight.core.table import Table
from civicsight.io.qgis_forms import VERSION, add_form, document_of, name_columns

SIGNS: Final = MappingProxyType(
    {
        "disc": "circle",
        "square": "square",
        "diamond": "diamond",
        "triangle": "triangle",
        "pause": "half_square",
        "cross": "cross_fill",
        "arrow": "filled_arrowhead",
    }
)
"""Names that QGIS has for our signs."""

PX_TO_MM: Final = 0.2646
"""A pixel of 96 to the inch."""

Shape = Literal["marker", "line", "fill", "any"]
Translate = Callable[[Text], str]
"""Renders a sentence: in one language, or in all."""

KINDS: Final[Mapping[Shape, str]] = MappingProxyType(
    {"marker": "Point", "line": "Line", "fill": "Polygon"}
)
"""What QGIS calls the geometry of a layer, by the shape of its symbols."""

PLAIN_LETTERS: Final = "50"
"""Weight of letters that are neither bold nor thin; without one QGIS takes the thinnest."""

EXPRESSION: Final = "3"
"""Number by which QGIS knows a property that follows from an expression."""

SMALL_M2: Final = 150
"""An area of less is marked by a sign in its middle as well."""


def both(text: Text) -> str:
    """Render a sentence in all languages, as files that know of none have it."""
    return in_all(text, between=" / ")


@dataclass(frozen=True, slots=True)
class Lettering:
    """Names on the map.

    Parameters
    ----------
    column
        What is written.
    size
        Height of the letters [pt].
    colour
        ``#rrggbb``.
    below
        Scale from which on it is written: 5,000 for 1 : 5,000 and larger.
    along, beside
        Whether it follows a line, or stands beside a point; else it stands over the middle.
    """

    column: str
    size: float = 8.0
    colour: str = INK
    below: int = 5_000
    along: bool = False
    beside: bool = False


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
    names
        What is written on the map.
    opacity
        Of the layer as a whole.
    below
        Scale from which on it is drawn; 0 for every one.
    """

    shape: Shape
    looks: Mapping[str, Mapping[str, Any]]
    attribute: str = ""
    labels: Mapping[str, Text] = field(default_factory=lambda: MappingProxyType({}))
    names: Lettering | None = None
    opacity: float = 1.0
    below: int = 0


def write_qml(
    style: Style, table: Table | None = None, names: Mapping[str, str] = MappingProxyType({})
) -> str:
    """Return the style document of a layer: its looks, and the form of its table if it has one.

    `names` says what columns are called that the table does not declare.
    """
    categories = "Symbology|Labeling|Rendering|Fields" + ("" if table is None else "|Forms")
    root = ET.Element("qgis", version=VERSION, styleCategories=categories)
    add_style(root, style, both, table, names)
    return document_of(root)


def add_style(
    root: ET.Element,
    style: Style,
    translate: Translate,
    table: Table | None,
    names: Mapping[str, str],
) -> None:
    """Add looks, names of columns and form to a style document or to a layer of a project."""
    if style.below:
        scales = {"minScale": str(style.below), "maxScale": "0"}
        for name, value in {"hasScaleBasedVisibilityFlag": "1", **scales}.items():
            root.set(name, value)
    renderer = ET.SubElement(root, "renderer-v2", type="singleSymbol", symbollevels="0")
    symbols = ET.Element("symbols")
    if style.attribute or style.shape == "any":
        renderer.set("type", "RuleRenderer")
        renderer.set("symbollevels", "1" if any("edge" in v for v in style.looks.values()) else "0")
        rules = ET.SubElement(renderer, "rules", key="root")
        for number, (label, test, shape, look) in enumerate(_cases(style, translate)):
            key = {"key": f"r{number}", "symbol": str(number), "label": label, "filter": test}
            ET.SubElement(rules, "rule", {name: text for name, text in key.items() if text})
            symbols.append(_symbol(str(number), shape, look))
    else:
        (look,) = style.looks.values()
        symbols.append(_symbol("0", style.shape, look))
    renderer.append(symbols)
    if style.names is not None:
        _add_names(root, style.names)
    ET.SubElement(root, "layerOpacity").text = f"{style.opacity:g}"
    if table is not None:
        add_form(root, table)
    name_columns(root, names)


def _cases(style: Style, translate: Translate) -> list[tuple[str, str, Shape, Mapping[str, Any]]]:
    """List the cases of a layer: each value of its column, in each shape that it may have."""
    out: list[tuple[str, str, Shape, Mapping[str, Any]]] = []
    for value, look in style.looks.items():
        text = style.labels.get(value)
        label = translate(text) if text else value
        value_test = f"\"{style.attribute}\" = '{value}'" if style.attribute else ""
        if style.shape != "any":
            out.append((label, value_test, style.shape, look))
            continue
        for shape, kind in KINDS.items():
            shape_test = f"geometry_type($geometry) = '{kind}'"
            tests = " AND ".join(test for test in (value_test, shape_test) if test)
            out.append((label, tests, shape, look))
    return out


def _symbol(name: str, shape: Shape, look: Mapping[str, Any]) -> ET.Element:
    symbol = ET.Element("symbol", name=name, type=shape, alpha="1", clip_to_extent="1")
    if shape == "marker" and "area" in look:
        kind, options = "GeometryGenerator", {"SymbolType": "Fill", "units": "MapUnit"}
        layer = _add_layer(symbol, kind, options | {"geometryModifier": str(look["area"])})
        layer.append(_symbol(f"@{name}@0", "fill", {k: v for k, v in look.items() if k != "area"}))
        return symbol
    if shape == "line" and "edge" in look:
        width = look["width_m"] + look["edge_m"]
        _add_layer(symbol, *_line({**look, "color": look["edge"], "width_m": width}))
    make = {"marker": _marker, "line": _line, "fill": _fill}[shape]
    layer = _add_layer(symbol, *make(look), "1" if "edge" in look else "0")
    if "middle" in look:
        spot = _add_layer(symbol, "CentroidFill", {"point_on_surface": "1"}, "1")
        spot.append(_symbol(f"@{name}@1", "marker", look["middle"]))
        _add_expressions(spot, {"enabled": f"area($geometry) < {SMALL_M2}"})
    if "angle" in look:
        _add_expressions(
            layer,
            {
                "angle": str(look["angle"]),
                "name": f"if({look['angle']} IS NULL, '{SIGNS['disc']}', '{SIGNS[look['sign']]}')",
            },
        )
    return symbol


def _add_layer(
    symbol: ET.Element, kind: str, options: Mapping[str, str], level: str = "0"
) -> ET.Element:
    layer = ET.SubElement(symbol, "layer", attrib={"class": kind, "enabled": "1", "pass": level})
    bag = ET.SubElement(layer, "Option", type="Map")
    for key, value in options.items():
        ET.SubElement(bag, "Option", name=key, value=value, type="QString")
    return layer


def _add_expressions(layer: ET.Element, told: Mapping[str, str]) -> None:
    """Let properties of a symbol follow from the columns of a feature."""
    bag = ET.SubElement(ET.SubElement(layer, "data_defined_properties"), "Option", type="Map")
    ET.SubElement(bag, "Option", name="name", value="", type="QString")
    properties = ET.SubElement(bag, "Option", name="properties", type="Map")
    for name, expression in told.items():
        entry = ET.SubElement(properties, "Option", name=name, type="Map")
        ET.SubElement(entry, "Option", name="active", value="true", type="bool")
        ET.SubElement(entry, "Option", name="expression", value=expression, type="QString")
        ET.SubElement(entry, "Option", name="type", value=EXPRESSION, type="int")
    ET.SubElement(bag, "Option", name="type", value="collection", type="QString")


def _marker(look: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    hollow = bool(look.get("hollow"))
    return "SimpleMarker", {
        "name": SIGNS[look.get("sign", "disc")],
        "angle": f"{look.get('turn', 0):g}",
        "color": _rgb("#ffffff" if hollow else look["color"]),
        "outline_color": _rgb(look["color"] if hollow else look.get("outline", INK)),
        "outline_width": "0.5" if hollow else "0.2",
        "outline_width_unit": "MM",
        "size": f"{2 * look.get('radius', 5) * PX_TO_MM:.2f}",
        "size_unit": "MM",
    }


def _line(look: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    in_metres = "width_m" in look
    width = look["width_m"] if in_metres else look["width"] * PX_TO_MM
    return "SimpleLine", {
        "line_color": _rgb(look["color"]),
        "line_width": f"{width:.2f}",
        "line_width_unit": "MapUnit" if in_metres else "MM",
        "line_style": "solid",
        "capstyle": "round",
        "joinstyle": "round",
        **_dashes(look),
    }


def _fill(look: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    inside = look.get("fill", 0.15)
    colour = _rgb(inside) if isinstance(inside, str) else _rgb(look["color"], float(inside))
    outline = "dash" if look.get("dash") else "solid"
    return "SimpleFill", {
        "color": colour,
        "style": "solid",
        "outline_color": _rgb(look["color"]),
        "outline_style": outline if look["width"] else "no",
        "outline_width": f"{look['width'] * PX_TO_MM:.2f}",
        "outline_width_unit": "MM",
    }


def _dashes(look: Mapping[str, Any]) -> dict[str, str]:
    if not look.get("dash"):
        return {}
    lengths = [float(part) * PX_TO_MM for part in str(look["dash"]).split()]
    return {
        "capstyle": "flat",
        "use_custom_dash": "1",
        "customdash": ";".join(f"{length:.2f}" for length in lengths),
        "customdash_unit": "MM",
    }


def _rgb(colour: str, alpha: float = 1.0) -> str:
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return f"{red},{green},{blue},{round(255 * alpha)}"


def _add_names(root: ET.Element, names: Lettering) -> None:
    """Write a column on the map, with a pale edge round the letters."""
    labeling = ET.SubElement(root, "labeling", type="simple")
    settings = ET.SubElement(labeling, "settings", calloutType="simple")
    look = {
        "fieldName": names.column,
        "isExpression": "0",
        "fontSize": f"{names.size:g}",
        "fontSizeUnit": "Point",
        "textColor": _rgb(names.colour),
        "textOpacity": "1",
        "multilineHeight": "1",
        "fontWeight": PLAIN_LETTERS,
    }
    text = ET.SubElement(settings, "text-style", look)
    edge = {"bufferDraw": "1", "bufferSize": "0.7", "bufferSizeUnits": "MM", "bufferOpacity": "0.9"}
    ET.SubElement(text, "text-buffer", {**edge, "bufferColor": _rgb("#ffffff")})
    ET.SubElement(settings, "text-format", wrapChar="", autoWrapLength="14", multilineAlign="3")
    where = {"placement": "6" if names.beside else "1", "dist": "2" if names.beside else "0"}
    if names.along:
        where |= {"placement": "2", "placementFlags": "9"}
    order = {"priority": "3" if names.along else "7", "repeatDistance": "0", "distUnits": "MM"}
    ET.SubElement(settings, "placement", {**where, **order, "offsetType": "1"})
    shown = {"scaleVisibility": "1", "scaleMin": "1", "scaleMax": str(names.below)}
    merged = {"mergeLines": "1" if names.along else "0", "obstacle": "0", "drawLabels": "1"}
    ET.SubElement(settings, "rendering", {**shown, **merged, "fontMinPixelSize": "3"})
    root.set("labelsEnabled", "1")
