"""The definition of the service for programs: OpenAPI 3.0, of the parameters that are read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial
from typing import Any, Final

from civicsight.core import i18n
from civicsight.core.errors import N_, Text
from civicsight.editing.project import Project
from civicsight.maps.vectortiles import MAX_ZOOM, MIN_ZOOM
from civicsight.model.format_versions import own_version
from civicsight.ui.ogc.documents import GEOJSON, JSON, MVT, QUAD, SCHEMA, Document, Place, crs_of
from civicsight.ui.ogc.layers import TITLES
from civicsight.ui.ogc.query import CRS84, ITEM, ITEMS, MOST_LIMIT, PAGE, USUAL_LIMIT

NUMBERS: Final = {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}

PATHS: Final[dict[str, tuple[Text, str, tuple[str, ...]]]] = {
    "/": (N_("First page"), JSON, PAGE),
    "/api": (N_("Definition of this service"), JSON, PAGE),
    "/conformance": (N_("What this service conforms to"), JSON, PAGE),
    "/collections": (N_("Layers"), JSON, PAGE),
    "/collections/{collectionId}": (N_("One layer"), JSON, PAGE),
    "/collections/{collectionId}/schema": (N_("Columns of a layer"), SCHEMA, PAGE),
    "/collections/{collectionId}/items": (N_("Features of a layer"), GEOJSON, ITEMS),
    "/collections/{collectionId}/items/{featureId}": (N_("One feature"), GEOJSON, ITEM),
    "/tiles": (N_("Sets of tiles"), JSON, PAGE),
    "/tiles/{tileMatrixSetId}": (N_("One set of tiles"), JSON, PAGE),
    "/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}": (N_("One tile"), MVT, ("lang",)),
    "/tileMatrixSets": (N_("Grids of tiles"), JSON, PAGE),
    "/tileMatrixSets/{tileMatrixSetId}": (N_("One grid of tiles"), JSON, PAGE),
}
"""Every path: what it is, as what it answers, and the parameters it takes."""

FAULTS: Final = ("400", "401", "403", "404", "405", "429", "503")


def definition(place: Place, project: Project) -> Document:
    """Return the definition of the service of a project."""
    translate = partial(i18n.translate, language=place.language)
    crss = list(crs_of(project))
    return {
        "openapi": "3.0.3",
        "info": {"title": project.city.name, "version": own_version()},
        "servers": [{"url": place.address}],
        "security": [{"bearer": []}, {"basic": []}],
        "paths": {
            path: {"get": _operation(path, translate(told), kind, names)}
            for path, (told, kind, names) in PATHS.items()
        },
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "basic": {"type": "http", "scheme": "basic"},
            },
            "parameters": _query(crss) | _parts(),
            "schemas": {
                "exception": {
                    "type": "object",
                    "required": ["code"],
                    "properties": {"code": {"type": "string"}, "description": {"type": "string"}},
                }
            },
            "responses": {
                "fault": {
                    "description": translate(N_("Why it cannot be, in words")),
                    "content": _content(JSON, {"$ref": "#/components/schemas/exception"}),
                }
            },
        },
    }


def _operation(path: str, told: str, kind: str, names: Iterable[str]) -> Document:
    parts = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    binary = {"type": "string", "format": "binary"}
    answer = _content(kind, binary if kind == MVT else {"type": "object"})
    return {
        "operationId": re.sub(r"\W+", ".", path).strip(".") or "page",
        "summary": told,
        "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in (*parts, *names)],
        "responses": {
            "200": {"description": told, "content": answer},
            **({"204": {"description": told}} if kind == MVT else {}),
            **{status: {"$ref": "#/components/responses/fault"} for status in FAULTS},
        },
    }


def _content(kind: str, schema: Document) -> Document:
    return {kind.partition(";")[0]: {"schema": schema}}


def _query(crss: list[str]) -> Document:
    whole = {"type": "integer", "minimum": 1, "maximum": MOST_LIMIT, "default": USUAL_LIMIT}
    one_of = {"type": "string", "enum": crss, "default": CRS84}
    schemas: dict[str, Any] = {
        "bbox": NUMBERS,
        "bbox-crs": one_of,
        "crs": one_of,
        "datetime": {"type": "string"},
        "f": {"type": "string", "enum": ["json", "geojson"]},
        "lang": {"type": "string"},
        "limit": whole,
        "offset": {"type": "integer", "minimum": 0, "default": 0},
    }
    return {
        name: {
            "name": name,
            "in": "query",
            "required": False,
            "schema": schema,
            "style": "form",
            "explode": False,
        }
        for name, schema in schemas.items()
    }


def _parts() -> Document:
    place = {"type": "integer", "minimum": 0}
    schemas: dict[str, Any] = {
        "collectionId": {"type": "string", "enum": list(TITLES)},
        "featureId": {"type": "string"},
        "tileMatrixSetId": {"type": "string", "enum": [QUAD]},
        "tileMatrix": {"type": "string", "enum": [str(z) for z in range(MIN_ZOOM, MAX_ZOOM + 1)]},
        "tileRow": place,
        "tileCol": place,
    }
    return {
        name: {"name": name, "in": "path", "required": True, "schema": schema}
        for name, schema in schemas.items()
    }
