"""The documents of the service: what there is, where it lies, and what it conforms to.

References
----------
OGC 17-069r4 (Features, Part 1), OGC 18-058r1 (Part 2: coordinate systems), OGC 20-057 (Tiles,
Part 1), OGC 17-083r4 (tile matrix sets, Annex D: WebMercatorQuad).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote, urlencode

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import CRS

from civicsight.core import i18n
from civicsight.core.errors import N_
from civicsight.core.i18n import HTML_LANGUAGE, Language
from civicsight.editing.project import Project
from civicsight.maps.vectortiles import MAX_ZOOM, MIN_ZOOM, TILE_PX, WORLD_M, TileSource
from civicsight.presentation.columns import heading
from civicsight.report.licence import city_notice
from civicsight.ui.ogc.layers import TITLES, OpenLayer
from civicsight.ui.ogc.query import CRS84, EPSG, Asked, shapes_in

JSON: Final = "application/json"
GEOJSON: Final = "application/geo+json"
SCHEMA: Final = "application/schema+json"
OPENAPI: Final = "application/vnd.oai.openapi+json;version=3.0"
MVT: Final = "application/vnd.mapbox-vector-tile"
HTML: Final = "text/html"

QUAD: Final = "WebMercatorQuad"
QUAD_URI: Final = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{QUAD}"
MERCATOR: Final = f"{EPSG}3857"
PIXEL_M: Final = 0.28e-3
"""Side of a pixel of the standard, from which it derives denominators of scale."""

FEATURES: Final = "http://www.opengis.net/spec/ogcapi-features-{}/1.0/conf/{}"
TILES: Final = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/{}"
COMMON: Final = "http://www.opengis.net/spec/ogcapi-common-{}/1.0/conf/{}"
CONFORMS: Final = (
    *(FEATURES.format(1, name) for name in ("core", "geojson", "oas30")),
    FEATURES.format(2, "crs"),
    *(COMMON.format(*pair) for pair in ((1, "core"), (2, "collections"))),
    *(TILES.format(name) for name in ("core", "tileset", "tilesets-list", "dataset-tilesets")),
    *(TILES.format(name) for name in ("mvt", "oas30")),
)
"""Classes that the tests hold the service to."""

TILESETS: Final = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"
MATRIX_SETS: Final = "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes"
MATRIX_SET: Final = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"

Document = dict[str, Any]
NONE: Final[Mapping[str, object]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Place:
    """Where the service of a project lies, as who asks knows it, and his language.

    Parameters
    ----------
    address
        Address of the landing page, without a slash behind it.
    app
        Address of the app.
    language
        Language of titles and sentences.
    """

    address: str
    app: str
    language: Language

    def link(
        self, rel: str, path: str, kind: str, title: str = "", query: Mapping[str, object] = NONE
    ) -> Document:
        """Return a link to something of the service."""
        asked = f"?{urlencode(query)}" if query else ""
        found = {"href": f"{self.address}{path}{asked}", "rel": rel, "type": kind}
        found["hreflang"] = HTML_LANGUAGE[self.language]
        return found | ({"title": title} if title else {})


def crs_of(project: Project) -> dict[str, CRS | None]:
    """Return the CRS that are served by identifier: degrees, and the working CRS if it has one."""
    code = project.city.crs.to_epsg()
    return {CRS84: None} | ({} if code is None else {f"{EPSG}{code}": project.city.crs})


def landing(place: Place, project: Project) -> Document:
    """Return the first page."""
    translate = partial(i18n.translate, language=place.language)
    return {
        "title": project.city.name,
        "description": translate(
            N_("Buildings, cameras, gates and measures of a project, to be read only.")
        ),
        **_origin(project),
        "links": [
            place.link("self", "", JSON),
            place.link(
                "service-desc", "/api", OPENAPI, translate(N_("Definition of this service"))
            ),
            place.link("conformance", "/conformance", JSON),
            place.link("data", "/collections", JSON, translate(N_("Layers"))),
            place.link(TILESETS, "/tiles", JSON, translate(N_("Ground plan as vector tiles"))),
            place.link(MATRIX_SETS, "/tileMatrixSets", JSON),
        ],
    }


def conformance() -> Document:
    """Return what the service conforms to."""
    return {"conformsTo": list(CONFORMS)}


def collections(place: Place, project: Project, layers: Mapping[str, OpenLayer]) -> Document:
    """Return all layers."""
    return {
        "links": [place.link("self", "/collections", JSON)],
        "crs": list(crs_of(project)),
        "collections": [collection(place, project, layer) for layer in layers.values()],
    }


def collection(place: Place, project: Project, layer: OpenLayer) -> Document:
    """Return what a layer is."""
    path, title = f"/collections/{layer.name}", i18n.translate(TITLES[layer.name], place.language)
    crss = crs_of(project)
    found: Document = {
        "id": layer.name,
        "title": title,
        "itemType": "feature",
        **_origin(project),
        "crs": list(crss),
        "storageCrs": list(crss)[-1],
        "links": [
            place.link("self", path, JSON),
            place.link("items", f"{path}/items", GEOJSON, title),
            place.link("describedby", f"{path}/schema", SCHEMA),
        ],
    }
    if len(layer.frame):
        found["extent"] = {"spatial": {"bbox": [list(layer.degrees.bounds)], "crs": CRS84}}
    return found


def schema(place: Place, layer: OpenLayer) -> Document:
    """Return what the columns of a layer are and what they are called."""
    columns = {
        name: {"title": i18n.translate(heading(name), place.language), "type": _kind(column)}
        for name, column in layer.columns.items()
    }
    geometry = {"$ref": "https://geojson.org/schema/Geometry.json"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{place.address}/collections/{layer.name}/schema",
        "title": i18n.translate(TITLES[layer.name], place.language),
        "type": "object",
        "properties": {"geometry": geometry, **columns},
    }


def items(
    place: Place,
    project: Project,
    layer: OpenLayer,
    asked: Asked,
    found: npt.NDArray[np.intp],
    given: Mapping[str, str],
) -> bytes:
    """Return one page of features, with what leads to the pages beside it.

    `found` are positions of all features that were asked for, `given` the parameters as they came.
    """
    at = found[asked.offset : asked.offset + asked.limit]
    path = f"/collections/{layer.name}/items"
    links = [
        place.link("self", path, GEOJSON, query=given),
        place.link("collection", f"/collections/{layer.name}", JSON),
    ]
    for rel, offset in (("next", asked.offset + asked.limit), ("prev", asked.offset - asked.limit)):
        is_there = offset < len(found) if rel == "next" else asked.offset > 0
        if is_there:
            page = {**given, "limit": asked.limit, "offset": max(offset, 0)}
            links.append(place.link(rel, path, GEOJSON, query=page))
    head = {
        "type": "FeatureCollection",
        **_origin(project),
        "timeStamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "numberMatched": len(found),
        "numberReturned": len(at),
        "links": links,
    }
    rows = ",".join(
        json.dumps(one, ensure_ascii=False)[:-1] + f', "geometry": {shape}}}'
        for one, shape in _features(layer, project, asked.crs, at)
    )
    return (json.dumps(head, ensure_ascii=False)[:-1] + f', "features": [{rows}]}}').encode()


def item(place: Place, project: Project, layer: OpenLayer, crs: str, at: int) -> bytes:
    """Return one feature; its link into the app carries what to look at, and no right."""
    ((feature, shape),) = _features(layer, project, crs, np.array([at]))
    path = f"/collections/{layer.name}"
    label = str(feature["properties"].get("camera_id") or feature["id"])
    view = urlencode({"sel": label, "project": place.address.rpartition("/")[2]})
    title = i18n.translate(N_("On the map of the app, for who may sign in there"), place.language)
    seen = {"href": f"{place.app}/plan?{view}", "rel": "alternate", "type": HTML, "title": title}
    links = [
        place.link("self", f"{path}/items/{quote(feature['id'], safe='')}", GEOJSON),
        place.link("collection", path, JSON),
        seen,
    ]
    told = json.dumps(feature | {"links": links}, ensure_ascii=False)
    return (told[:-1] + f', "geometry": {shape}}}').encode()


def _features(
    layer: OpenLayer, project: Project, crs: str, at: npt.NDArray[np.intp]
) -> list[tuple[Document, str]]:
    shapes = shapes_in(layer, crs, crs_of(project)[crs], at)
    headings = [
        {"type": "Feature", "id": str(label), "properties": row}
        for label, row in zip(layer.ids[at], layer.rows(at), strict=True)
    ]
    return list(zip(headings, shapes, strict=True))


def tilesets(place: Place, source: TileSource) -> Document:
    """Return the sets of tiles: one."""
    found = tileset(place, source)
    brief = ("title", "dataType", "crs", "tileMatrixSetURI", "links")
    return {
        "links": [place.link("self", "/tiles", JSON)],
        "tilesets": [{name: found[name] for name in brief}],
    }


def tileset(place: Place, source: TileSource) -> Document:
    """Return what the tiles of the ground plan are and where they lie."""
    path = f"/tiles/{QUAD}"
    tiles = place.link("item", f"{path}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}", MVT)
    west, south, east, north = source.bounds
    return {
        "title": i18n.translate(N_("Ground plan as vector tiles"), place.language),
        "dataType": "vector",
        "crs": MERCATOR,
        "tileMatrixSetURI": QUAD_URI,
        "boundingBox": {"lowerLeft": [west, south], "upperRight": [east, north], "crs": CRS84},
        "tileMatrixSetLimits": [_limits(source, z) for z in range(MIN_ZOOM, MAX_ZOOM + 1)],
        "layers": [
            {"id": name, "dataType": "vector"}
            for name in dict.fromkeys(layer.name for layer in source.layers)
        ],
        "links": [
            place.link("self", path, JSON),
            place.link(MATRIX_SET, f"/tileMatrixSets/{QUAD}", JSON),
            tiles | {"templated": True},
        ],
    }


def matrix_sets(place: Place) -> Document:
    """Return the grids of tiles: one."""
    links = [place.link("self", f"/tileMatrixSets/{QUAD}", JSON)]
    return {"tileMatrixSets": [{"id": QUAD, "uri": QUAD_URI, "links": links}]}


def matrix_set() -> Document:
    """Return the grid of web Mercator, so that nobody has to look it up elsewhere."""
    side = 2 * WORLD_M / TILE_PX
    return {
        "id": QUAD,
        "uri": QUAD_URI,
        "crs": MERCATOR,
        "orderedAxes": ["X", "Y"],
        "tileMatrices": [
            {
                "id": str(z),
                "scaleDenominator": side / (1 << z) / PIXEL_M,
                "cellSize": side / (1 << z),
                "cornerOfOrigin": "topLeft",
                "pointOfOrigin": [-WORLD_M, WORLD_M],
                "tileWidth": TILE_PX,
                "tileHeight": TILE_PX,
                "matrixWidth": 1 << z,
                "matrixHeight": 1 << z,
            }
            for z in range(MAX_ZOOM + 1)
        ],
    }


def _limits(source: TileSource, z: int) -> Document:
    """Return the rows and columns in which there is something."""
    lon, lat = np.array(source.bounds[0::2]), np.radians(source.bounds[1::2])
    across = (lon + 180.0) / 360.0
    down = (1.0 - np.arcsinh(np.tan(lat)) / np.pi) / 2.0
    first, last = (
        np.clip(np.floor(np.sort(part) * (1 << z)).astype(int), 0, (1 << z) - 1)
        for part in (down, across)
    )
    return {
        "tileMatrix": str(z),
        "minTileRow": int(first[0]),
        "maxTileRow": int(first[1]),
        "minTileCol": int(last[0]),
        "maxTileCol": int(last[1]),
    }


def _origin(project: Project) -> dict[str, str]:
    """Return what every output says of its origin: sources, licence, made-up data."""
    notice = city_notice(project.city)
    sources = filter(None, (notice["SOURCES"], notice.get("ATTRIBUTION")))
    said = {"attribution": "; ".join(sources)}
    others = (key for key in notice if key.startswith(("LICENCE", "SYNTHETIC")))
    said |= {key.lower(): notice[key] for key in others}
    return {key: text for key, text in said.items() if text}


def _kind(column: pd.Series) -> str:
    """Return what JSON calls the values of a column."""
    if pd.api.types.is_bool_dtype(column):
        return "boolean"
    if pd.api.types.is_integer_dtype(column):
        return "integer"
    return "number" if pd.api.types.is_numeric_dtype(column) else "string"
