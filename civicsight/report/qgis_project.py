"""A project file of QGIS beside a GeoPackage: the map of a check as it has to open.

Layers in groups, in the order of the map; what is loud on top, samples and overlaps switched off;
themes; and a layout to print, with legend, scale and sources. The file names the GeoPackage
relative to itself, so that both can be moved together. The same result gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from civicsight.core.errors import N_, Text
from civicsight.core.hues import GROUND
from civicsight.core.i18n import HTML_LANGUAGE, Language, translate
from civicsight.io.qgis_forms import VERSION, document_of
from civicsight.presentation.columns import heading
from civicsight.report.files import write_bytes
from civicsight.report.geopackage import FORMS, PackageLayer, geometry_of
from civicsight.report.licence import MADE_UP
from civicsight.report.qgis_style import KINDS, PLAIN_LETTERS, add_style

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult

GROUPS: Final[tuple[tuple[Text, tuple[str, ...]], ...]] = (
    (N_("Findings"), ("gaps", "duplicates", "overlaps")),
    (N_("Cameras"), ("cameras", "heads")),
    (N_("Mandatory places"), ("parts", "samples", "zones")),
    (N_("Ground plan"), ("buildings", "views", "roads", "land_cover")),
)
"""Layers by group, the topmost first."""

OFF: Final = ("overlaps", "samples")
"""Layers that are off when the project opens."""

MARGIN: Final = 0.04
"""Share of the longer side that is left around what a map is about."""

SHEET_MM: Final = (420.0, 297.0)
MAP_MM: Final = (10.0, 22.0, 300.0, 265.0)
"""A3 across; west, north, width and height of the map on it."""

PRINTED: Final[dict[str, Any]] = {"textColor": "26,26,26", "fontWeight": PLAIN_LETTERS}

LETTERS: Final = (
    *(("title", "12", "0"), ("group", "9", "2.5"), ("subgroup", "8", "1.5")),
    *(("symbol", "7", "0.6"), ("symbolLabel", "7", "0.6")),
)
"""Parts of the legend, the size of their letters [pt], and the room above [mm]."""

ASIDE_MM: Final = (315.0, 95.0)
"""West edge and width of what stands beside the map on a sheet."""

MAP_ITEM, LEGEND_ITEM, SCALE_ITEM, LABEL_ITEM, PAGE_ITEM = 65639, 65642, 65646, 65641, 65638
"""Kinds of items of a layout, by the numbers of QGIS."""


def project_name(language: Language) -> str:
    """Return the file name of the project in a language."""
    return f"civicsight.{HTML_LANGUAGE[language]}.qgs"


def write_project(
    path: Path,
    package: str,
    layers: Sequence[PackageLayer],
    result: CheckResult,
    language: Language,
) -> None:
    """Write the project file of a GeoPackage of a check.

    Parameters
    ----------
    path
        The ``.qgs`` file.
    package
        Name of the GeoPackage, in the same folder.
    layers
        What it holds; layers without rows are left out.
    result
        What `check` found.
    language
        Of titles, legend and columns.
    """
    shown = [layer for layer in layers if len(layer.frame)]
    crs, extent = result.city.crs, extent_of(result)
    title = translate(N_("%(city)s: what cameras cover", city=result.city.name), language)
    root = ET.Element("qgis", projectname=title, version=VERSION)
    ET.SubElement(root, "homePath", path="")
    ET.SubElement(root, "title").text = title
    _add_system(ET.SubElement(root, "projectCrs"), crs)
    _add_tree(root, shown, language, package)
    canvas = ET.SubElement(root, "mapcanvas", name="theMapCanvas", annotationsVisible="1")
    ET.SubElement(canvas, "units").text = "meters"
    parent = ET.SubElement(canvas, "extent")
    for name, value in zip(("xmin", "ymin", "xmax", "ymax"), extent, strict=True):
        ET.SubElement(parent, name).text = _number(value)
    _add_system(ET.SubElement(canvas, "destinationsrs"), crs)
    kept = ET.SubElement(root, "projectlayers")
    for layer in shown:
        kind, _ = geometry_of(layer)
        entry = {"type": "vector", "geometry": KINDS[layer.style.shape], "wkbType": kind}
        made = ET.SubElement(kept, "maplayer", entry, styleCategories="AllStyleCategories")
        ET.SubElement(made, "id").text = _id(layer)
        ET.SubElement(made, "datasource").text = _source(package, layer)
        ET.SubElement(made, "layername").text = translate(layer.title, language)
        _add_system(ET.SubElement(made, "srs"), crs)
        ET.SubElement(made, "provider", encoding="UTF-8").text = "ogr"
        names = {
            str(name): translate(heading(name), language)
            for name in layer.frame.columns.drop(layer.frame.geometry.name)
        }
        add_style(
            made, layer.style, lambda text: translate(text, language), FORMS.get(layer.of), names
        )
    order = ET.SubElement(root, "layerorder")
    for layer in shown:
        ET.SubElement(order, "layer", id=_id(layer))
    _add_themes(root, shown, language)
    _add_properties(root)
    view = ET.SubElement(root, "ProjectViewSettings", UseProjectScales="0", rotation="0")
    ends = dict(zip(("xmin", "ymin", "xmax", "ymax"), map(_number, extent), strict=True))
    corners = ET.SubElement(view, "DefaultViewExtent", ends)
    _add_system(corners, crs)
    layouts = ET.SubElement(root, "Layouts")
    made_up = [translate(MADE_UP, language)] if result.city.synthetic else []
    sources = [*result.city.sources, *made_up, result.rules.versions]
    _add_layout(layouts, title, crs, extent, language, sources)
    write_bytes(path, document_of(root) + "\n")


def extent_of(result: CheckResult) -> tuple[float, float, float, float]:
    """Return west, south, east and north of what is judged, with a margin; else what was read."""
    shapes = pd.concat([result.cameras.geometry, result.parts.geometry])
    area = result.city.extent.envelope
    if len(shapes):
        inside = shapely.box(*shapes.total_bounds).intersection(area)
        area = area if inside.is_empty else inside
    west, south, east, north = area.bounds
    margin = max(MARGIN * max(east - west, north - south), 10.0)
    return west - margin, south - margin, east + margin, north + margin


def _number(value: float) -> str:
    return f"{value:.3f}"


def _add_system(parent: ET.Element, crs: CRS) -> None:
    """Name a coordinate system: in full, and by its number where it has one."""
    system = ET.SubElement(parent, "spatialrefsys", nativeFormat="Wkt")
    ET.SubElement(system, "wkt").text = crs.to_wkt()
    authority = crs.to_authority()
    ET.SubElement(system, "authid").text = ":".join(authority) if authority else ""


def _grouped(layers: Sequence[PackageLayer]) -> list[tuple[Text, list[PackageLayer]]]:
    """Return the groups that have layers, with them."""
    groups = [(title, [one for one in layers if one.of in names]) for title, names in GROUPS]
    return [(title, own) for title, own in groups if own]


def _add_tree(
    root: ET.Element, layers: Sequence[PackageLayer], language: Language, package: str
) -> None:
    """Lay the layers out in groups; their order is that in which they are drawn."""
    tree = ET.SubElement(root, "layer-tree-group")
    for title, own in _grouped(layers):
        name = translate(title, language)
        group = ET.SubElement(tree, "layer-tree-group", name=name, checked="Qt::Checked")
        group.set("expanded", "1")
        for layer in own:
            checked = "Qt::Unchecked" if layer.of in OFF else "Qt::Checked"
            entry = {"id": _id(layer), "name": translate(layer.title, language)}
            entry |= {"providerKey": "ogr", "checked": checked, "expanded": "0"}
            ET.SubElement(group, "layer-tree-layer", entry, source=_source(package, layer))


def _id(layer: PackageLayer) -> str:
    """Return the id of a layer in the project; QGIS passes over one without an underscore."""
    return f"civicsight_{layer.name}"


def _source(package: str, layer: PackageLayer) -> str:
    return f"./{package}|layername={layer.name}"


def _add_themes(root: ET.Element, layers: Sequence[PackageLayer], language: Language) -> None:
    """Add two themes: the map as it opens, and all that was tested."""
    presets = ET.SubElement(root, "visibility-presets")
    groups = [translate(title, language) for title, _ in _grouped(layers)]
    for title, hidden in ((N_("Findings"), OFF), (N_("All layers"), ())):
        name = translate(title, language)
        preset = ET.SubElement(presets, "visibility-preset", name=name)
        preset.set("has-checked-group-info", "1")
        for layer in layers:
            visible = str(int(layer.of not in hidden))
            ET.SubElement(
                preset, "layer", id=_id(layer), visible=visible, style="default", expanded="0"
            )
        checked = ET.SubElement(preset, "checked-group-nodes")
        for group in groups:
            ET.SubElement(checked, "checked-group-node", id=group)


def _add_properties(root: ET.Element) -> None:
    """Keep paths relative, use the system of the project, and the ground of all our maps."""
    properties = ET.SubElement(root, "properties")
    system = ET.SubElement(properties, "SpatialRefSys")
    ET.SubElement(system, "ProjectionsEnabled", type="int").text = "1"
    paths = ET.SubElement(properties, "Paths")
    ET.SubElement(paths, "Absolute", type="bool").text = "false"
    gui = ET.SubElement(properties, "Gui")
    for name, at in (("Red", 1), ("Green", 3), ("Blue", 5)):
        part = ET.SubElement(gui, f"CanvasColor{name}Part", type="int")
        part.text = str(int(GROUND[at : at + 2], 16))


def _add_layout(
    parent: ET.Element,
    title: str,
    crs: CRS,
    extent: tuple[float, float, float, float],
    language: Language,
    sources: Sequence[str],
) -> None:
    """Add a sheet to print: title, map, legend, scale, and where the data are from."""
    name = translate(N_("Map sheet A3"), language)
    layout = ET.SubElement(parent, "Layout", name=name, units="mm", printResolution="200")
    pages = ET.SubElement(layout, "PageCollection")
    _add_item(pages, PAGE_ITEM, "page", (0.0, 0.0, *SHEET_MM))
    west, width = ASIDE_MM
    sheet = _add_item(layout, MAP_ITEM, "map", MAP_MM, frame="true", followPreset="true")
    sheet.set("followPresetName", translate(N_("Findings"), language))
    across, down = MAP_MM[2:]
    middle = np.array([extent[0] + extent[2], extent[1] + extent[3]]) / 2
    metres = max((extent[2] - extent[0]) / across, (extent[3] - extent[1]) / down)
    half = np.array([across, down]) * metres / 2
    ends = dict(
        zip(("xmin", "ymin", "xmax", "ymax"), (*(middle - half), *(middle + half)), strict=True)
    )
    ET.SubElement(sheet, "Extent", {key: _number(float(value)) for key, value in ends.items()})
    _add_system(ET.SubElement(sheet, "crs"), crs)
    legend = {"resizeToContents": "1", "symbolWidth": "6", "symbolHeight": "3.2", "boxSpace": "0"}
    box = _add_item(layout, LEGEND_ITEM, "legend", (west, 22.0, width, 215.0), **legend)
    box.set("map_uuid", "{map}")
    box.set("title", translate(N_("Legend"), language))
    styles = ET.SubElement(box, "styles")
    for part, size, above in LETTERS:
        one = ET.SubElement(styles, "style", name=part, marginTop=above, marginBottom="0.6")
        one.set("marginLeft", "1.5" if part == "symbolLabel" else "0")
        ET.SubElement(one, "text-style", fontSize=size, fontSizeUnit="Point", **PRINTED)
    scale = {"mapUuid": "{map}", "numSegments": "2", "numSegmentsLeft": "0", "style": "Single Box"}
    step = _round_step(across * metres / 8)
    scale |= {"numUnitsPerSegment": f"{step:g}", "numMapUnitsPerScaleBarUnit": "1"}
    scale |= {"unitType": "meters", "unitLabel": "m", "height": "3"}
    bar = _add_item(layout, SCALE_ITEM, "scale", (west, 245.0, width, 14.0), **scale)
    ET.SubElement(bar, "text-style", fontSize="8", fontSizeUnit="Point", **PRINTED)
    for name, text, size, place in (
        ("title", title, "16", (10.0, 8.0, 400.0, 12.0)),
        ("sources", "\n".join(sources), "7", (west, 262.0, width, 25.0)),
    ):
        label = _add_item(layout, LABEL_ITEM, name, place, labelText=text)
        look: dict[str, str] = {"fontSize": size, "fontSizeUnit": "Point", **PRINTED}
        ET.SubElement(label, "text-style", look)


def _round_step(metres: float) -> float:
    """Return the round length next below: 1, 2 or 5 times a power of ten."""
    power = 10.0 ** np.floor(np.log10(max(metres, 1.0)))
    return float(max(step * power for step in (1, 2, 5) if step * power <= max(metres, 1.0)))


def _add_item(
    parent: ET.Element, kind: int, name: str, place: tuple[float, ...], **more: Any
) -> ET.Element:
    """Add an item of a layout at west, north, width and height [mm]."""
    west, north, width, height = place
    at = {"position": f"{west:g},{north:g},mm", "positionOnPage": f"{west:g},{north:g},mm"}
    own = {"type": str(kind), "id": name, "uuid": f"{{{name}}}", "templateUuid": f"{{{name}}}"}
    size = {"size": f"{width:g},{height:g},mm", "visibility": "1", "opacity": "1"}
    return ET.SubElement(parent, "LayoutItem", {**own, **at, **size, **more})
