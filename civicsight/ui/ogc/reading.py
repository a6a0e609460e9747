"""What is answered at each address of the service, to whom has come in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from starlette.datastructures import QueryParams

from civicsight.application.tokens import Token
from civicsight.core.errors import N_
from civicsight.editing.project import Project
from civicsight.maps.vectortiles import TileSource
from civicsight.model import City
from civicsight.ui.language import PARAMETER
from civicsight.ui.ogc import documents as told
from civicsight.ui.ogc.definition import definition
from civicsight.ui.ogc.layers import OpenLayer, Served, ground_for, layer_for, layers_for
from civicsight.ui.ogc.query import (
    ITEM,
    ITEMS,
    PAGE,
    AnswerError,
    find_rows,
    read_asked,
    read_crs,
    require_known,
)

NOT_FOUND: Final = 404
NOTHING: Final = 204
TILE: Final = (PARAMETER,)
WHOLE: Final = re.compile(r"\d{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered: its kind, its bytes, and whether gzip has packed them already."""

    kind: str
    data: bytes
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    is_packed: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """The ground plan of a city by its name, and a tile of it packed by gzip, or empty."""

    source_of: Callable[[str, City], TileSource]
    cut: Callable[[TileSource, tuple[int, int, int]], bytes]


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """One request that came in: what it may read, where it asked, and with which parameters."""

    served: Served
    token: Token
    place: told.Place
    given: QueryParams
    ground: Ground

    def answer(self, parts: list[str]) -> Answer:
        """Return what lies at an address, by its parts behind the project.

        Raises
        ------
        AnswerError
            If nothing lies there, or a parameter is not as expected.
        """
        match parts:
            case ["collections", *rest]:
                return self._of_layers(rest)
            case ["tiles", *rest]:
                return self._of_tiles(rest)
            case _:
                return self._page(parts)

    def _page(self, parts: list[str]) -> Answer:
        match parts:
            case []:
                found = told.landing(self.place, self._project)
            case ["conformance"]:
                found = told.conformance()
            case ["tileMatrixSets"]:
                found = told.matrix_sets(self.place)
            case ["tileMatrixSets", told.QUAD]:
                found = told.matrix_set()
            case ["api"]:
                return self._document(definition(self.place, self._project), told.OPENAPI)
            case _:
                raise _unknown()
        return self._document(found)

    def _of_layers(self, parts: list[str]) -> Answer:
        actor, plan_id = self.token.actor, self.token.plan_id
        if not parts:
            layers = layers_for(self.served, actor, plan_id)
            return self._document(told.collections(self.place, self._project, layers))
        layer = layer_for(self.served, actor, parts[0], plan_id)
        if layer is None:
            raise _unknown()
        match parts[1:]:
            case []:
                return self._document(told.collection(self.place, self._project, layer))
            case ["schema"]:
                return self._document(told.schema(self.place, layer), told.SCHEMA)
            case ["items"]:
                return self._items(layer)
            case ["items", label]:
                return self._item(layer, label)
            case _:
                raise _unknown()

    def _items(self, layer: OpenLayer) -> Answer:
        require_known(self.given, ITEMS)
        asked = read_asked(self.given, told.crs_of(self._project))
        found = find_rows(layer, asked)
        data = told.items(self.place, self._project, layer, asked, found, dict(self.given))
        return Answer(told.GEOJSON, data, {"Content-Crs": f"<{asked.crs}>"})

    def _item(self, layer: OpenLayer, label: str) -> Answer:
        require_known(self.given, ITEM)
        crs = read_crs(self.given, "crs", told.crs_of(self._project))
        at = layer.ids.get_indexer([label])[0]
        if at < 0:
            raise _unknown()
        data = told.item(self.place, self._project, layer, crs, int(at))
        return Answer(told.GEOJSON, data, {"Content-Crs": f"<{crs}>"})

    def _of_tiles(self, parts: list[str]) -> Answer:
        source = self.ground.source_of(*ground_for(self.served, self.token.actor))
        match parts:
            case []:
                return self._document(told.tilesets(self.place, source))
            case [told.QUAD]:
                return self._document(told.tileset(self.place, source))
            case [told.QUAD, z, rest]:
                return self._tile(source, [z, *rest.split("/")])
            case _:
                raise _unknown()

    def _tile(self, source: TileSource, parts: list[str]) -> Answer:
        """Return a tile; the standard names its row before its column."""
        require_known(self.given, TILE)
        numbers = [int(part) for part in parts if WHOLE.fullmatch(part)]
        if len(parts) != len(numbers) or len(numbers) != len(("z", "row", "column")):
            raise _unknown()
        z, row, column = numbers
        try:
            data = self.ground.cut(source, (z, column, row))
        except ValueError as error:
            raise _unknown() from error
        return Answer(told.MVT, data, is_packed=True)

    def _document(
        self, found: dict[str, Any], kind: str = told.JSON, known: Collection[str] = PAGE
    ) -> Answer:
        require_known(self.given, known)
        return Answer(kind, json.dumps(found, ensure_ascii=False).encode())

    @property
    def _project(self) -> Project:
        return self.served.project


def _unknown() -> AnswerError:
    return AnswerError(NOT_FOUND, "NotFound", N_("Nothing lies at this address."))
