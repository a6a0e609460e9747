"""Routes beside the pages: files and tiles of the map, and who may fetch what.

The ground plan is public geometry. Coverage and layers show where cameras are: their addresses
carry a signed token that names what it opens, for whom, in which visit, and until when; the visit
and the right are looked up again with each request, and no browser keeps an answer. What is public
can be kept for ever: a changed city has another address.
"""

from __future__ import annotations

import gzip
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from threading import Lock
from typing import Any, Final, Literal

import numpy as np
from itsdangerous import BadSignature, URLSafeSerializer
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from civicsight.coverage.raster import CoverageRaster
from civicsight.maps.assets import MIME, app_digest, app_files
from civicsight.maps.coverage_tiles import coverage_tile
from civicsight.maps.own_basemaps import MOST_ZOOM, Basemap
from civicsight.maps.picture import write_png
from civicsight.maps.vectortiles import TileSource
from civicsight.presentation.symbols import LEVEL_COLOURS, level_colours
from civicsight.ui.access.signin import this_visit, visit_of

Kind = Literal["basemap", "coverage", "layers", "solid", "output"]
MayRead = Callable[[str], bool]
"""Whether an actor, by id, may read something now."""

PATHS: Final[Mapping[Kind, str]] = {
    "basemap": "/{z}/{x}/{y}",
    "coverage": "/{z}/{x}/{y}.png",
    "layers": ".json",
    "solid": ".bin",
    "output": "/file",
}
"""What follows the name of a thing in its address."""

LIVES_S: Final = 1_800
"""A token is valid for one to two times as long; until then the address stays the same."""

KEPT_ITEMS: Final = 32
"""Cities, runs and documents that stay open, the latest used; a page offers its own each time."""

KEPT_RIGHTS: Final = 1_024

KEPT_BYTES: Final = 64_000_000
"""Encoded tiles that stay in memory."""

KEPT_OUTPUTS: Final = 256_000_000
"""Bytes of the files to take away that stay in memory."""

GZIP_LEVEL: Final = 5
FOR_EVER: Final = "public, max-age=31536000, immutable"
GUARDED: Final = "no-store"
"""Whoever signs out leaves nothing in the browser of what only he may see."""
CLEAR_PNG: Final = write_png(np.zeros((1, 1), np.uint8), LEVEL_COLOURS)
"""One clear pixel: a browser takes an answer without a picture for a fault."""

OK, NO_CONTENT, FORBIDDEN, NOT_FOUND = 200, 204, 403, 404


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A few things by name, the longest unused forgotten first."""

    limit: int
    size: Callable[[Any], int] = lambda _item: 1
    items: OrderedDict[Any, Any] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)

    def put(self, name: Any, item: Any) -> None:
        """Keep something; what is over the limit is forgotten."""
        with self.lock:
            self.items[name] = item
            self.items.move_to_end(name)
            total = sum(map(self.size, self.items.values()))
            while len(self.items) > 1 and total > self.limit:
                total -= self.size(self.items.popitem(last=False)[1])

    def get(self, name: Any) -> Any:
        """Return it, or None."""
        with self.lock:
            if name in self.items:
                self.items.move_to_end(name)
            return self.items.get(name)


@dataclass(frozen=True, slots=True, eq=False)
class Tiles:
    """What the routes of one process serve.

    Parameters
    ----------
    this_visit, visit_of
        The mark of the visit that a page is drawn for, and that of a browser by its cookies; None
        where no visit stands.
    """

    secret: str = field(default_factory=secrets.token_hex)
    cities: Kept = field(default_factory=lambda: Kept(KEPT_ITEMS))
    guarded: Kept = field(default_factory=lambda: Kept(KEPT_ITEMS))
    outputs: Kept = field(default_factory=lambda: Kept(KEPT_OUTPUTS, lambda file: len(file[1])))
    rights: Kept = field(default_factory=lambda: Kept(KEPT_RIGHTS))
    encoded: Kept = field(default_factory=lambda: Kept(KEPT_BYTES, len))
    clock: Callable[[], float] = time.time
    this_visit: Callable[[], str] = str
    visit_of: Callable[[Mapping[str, str]], str | None] = lambda _cookies: ""

    def offer_city(self, source: TileSource) -> str:
        """Serve the ground plan of a city; return the address of its tiles."""
        self.cities.put(source.digest, source)
        return f"/tiles/base/{source.digest}/{{z}}/{{x}}/{{y}}.pbf"

    def ground(self, source: TileSource, place: tuple[int, int, int]) -> bytes:
        """Return a tile of a ground plan, packed by gzip; empty where nothing is.

        Raises
        ------
        ValueError
            If there is no such tile.
        """
        data: bytes | None = self.encoded.get((source.digest, place))
        if data is None:
            plain = source.tile(*place)
            data = gzip.compress(plain, GZIP_LEVEL, mtime=0) if plain else b""
            self.encoded.put((source.digest, place), data)
        return data

    def offer(self, kind: Kind, name: str, item: Any, actor: str, may_read: MayRead) -> str:
        """Serve a coverage raster, a document or a file; return its address for one actor.

        Parameters
        ----------
        kind, name, item
            What it is: a `Basemap`, a `CoverageRaster` with the least densities of its levels
            [px/m] by the id of its run, the bytes of a document by their digest, or name and bytes
            of a file to take away by the digest of both. The same name is always the same thing.
        actor
            Id of who may read it.
        may_read
            Asked with each request: a right that was taken away is gone at once.
        """
        self._shelf(kind).put((kind, name), item)
        self.rights.put((kind, name, actor), may_read)
        until = (int(self.clock()) // LIVES_S + 2) * LIVES_S
        token = self._signer().dumps([kind, name, actor, self.this_visit(), until])
        return f"/tiles/{kind}/{name}{PATHS[kind]}?token={token}"

    def read(self, kind: Kind, name: str, token: str, cookies: Mapping[str, str]) -> Any:
        """Return what a token opens in the visit of a browser, by its cookies.

        Raises
        ------
        PermissionError
            If it does not open this, or no longer.
        """
        try:
            signed_kind, signed_name, actor, visit, until = self._signer().loads(token)
        except (BadSignature, ValueError) as error:
            raise PermissionError from error
        found, may_read = self._shelf(kind).get((kind, name)), self.rights.get((kind, name, actor))
        fits = (signed_kind, signed_name) == (kind, name) and self.clock() < until
        if (
            not fits
            or visit != self.visit_of(cookies)
            or found is None
            or may_read is None
            or not may_read(actor)
        ):
            raise PermissionError
        return found

    def _shelf(self, kind: Kind) -> Kept:
        return self.outputs if kind == "output" else self.guarded

    def _signer(self) -> URLSafeSerializer:
        return URLSafeSerializer(self.secret, salt="civicsight.tiles")


SERVED: Final = Tiles(this_visit=this_visit, visit_of=visit_of)
"""The one store of this process: pages put things in, routes take them out."""


def routes(tiles: Tiles = SERVED, root: str = "") -> list[BaseRoute]:
    """Return the routes for ``st.App``.

    Parameters
    ----------
    tiles
        What they serve.
    root
        Path below which the app runs, as ``server.baseUrlPath``, with a slash before it.
    """
    table: tuple[tuple[str, Callable[[Request, Tiles], Response]], ...] = (
        ("/tiles/base/{name}/{z:int}/{x:int}/{y:int}.pbf", _base),
        ("/tiles/basemap/{name}/{z:int}/{x:int}/{y:int}", _basemap),
        ("/tiles/coverage/{name}/{z:int}/{x:int}/{y:int}.png", _coverage),
        ("/tiles/layers/{name}.json", partial(_document, kind="layers")),
        ("/tiles/solid/{name}.bin", partial(_document, kind="solid")),
        ("/tiles/output/{name}/file", _output),
        ("/tiles/files/{name}/{file}", _file),
    )
    return [
        Route(root + path, partial(_answer, handle=handle, tiles=tiles)) for path, handle in table
    ]


def file_address(name: str) -> str:
    """Return the address of the script or the style sheet of the map."""
    return f"/tiles/files/{app_digest()}/{name}"


def _answer(
    request: Request, handle: Callable[[Request, Tiles], Response], tiles: Tiles
) -> Response:
    """Turn what cannot be served into an answer; the reason is nobody's business."""
    try:
        return handle(request, tiles)
    except PermissionError:
        return Response(status_code=FORBIDDEN)
    except (KeyError, ValueError):
        return Response(status_code=NOT_FOUND)


def _base(request: Request, tiles: Tiles) -> Response:
    place = _place(request)
    name = request.path_params["name"]
    source: TileSource | None = tiles.cities.get(name)
    if source is None:
        raise KeyError(name)
    data = tiles.ground(source, place)
    headers = {"Cache-Control": FOR_EVER}
    if not data:
        return Response(status_code=NO_CONTENT, headers=headers)
    headers["Content-Encoding"] = "gzip"
    return Response(data, media_type="application/vnd.mapbox-vector-tile", headers=headers)


def _coverage(request: Request, tiles: Tiles) -> Response:
    name = request.path_params["name"]
    run: tuple[CoverageRaster, Sequence[float]] = _opened(request, tiles, "coverage")
    raster, levels = run
    place = _place(request)
    data = tiles.encoded.get((name, place))
    if data is None:
        data = coverage_tile(raster, levels, level_colours(len(levels)), *place)
        data = data or CLEAR_PNG
        tiles.encoded.put((name, place), data)
    return Response(data, media_type=MIME["png"], headers={"Cache-Control": GUARDED})


def _basemap(request: Request, tiles: Tiles) -> Response:
    source: Basemap = _opened(request, tiles, "basemap")
    name, place = request.path_params["name"], _place(request)
    z, x, y = place
    if not (z <= MOST_ZOOM and x < 1 << z and y < 1 << z):
        raise KeyError(name)
    data = tiles.encoded.get((name, place))
    if data is None:
        picture, mime = source.tile(*place) or (CLEAR_PNG, MIME["png"])
        data = mime.encode() + b"\0" + picture
        tiles.encoded.put((name, place), data)
    mime, _, picture = data.partition(b"\0")
    return Response(picture, media_type=mime.decode(), headers={"Cache-Control": GUARDED})


def _document(request: Request, tiles: Tiles, kind: Kind) -> Response:
    data, name = _opened(request, tiles, kind), request.path_params["name"]
    packed = tiles.encoded.get((kind, name))
    if packed is None:
        packed = gzip.compress(data, GZIP_LEVEL)
        tiles.encoded.put((kind, name), packed)
    headers = {"Cache-Control": GUARDED, "Content-Encoding": "gzip"}
    mime = "application/json" if kind == "layers" else "application/octet-stream"
    return Response(packed, media_type=mime, headers=headers)


def _output(request: Request, tiles: Tiles) -> Response:
    file, data = _opened(request, tiles, "output")
    headers = {
        "Cache-Control": GUARDED,
        "Content-Disposition": f'attachment; filename="{file}"',
        "X-Content-Type-Options": "nosniff",
    }
    return Response(data, media_type="application/octet-stream", headers=headers)


def _file(request: Request, _tiles: Tiles) -> Response:
    name = request.path_params["file"]
    if request.path_params["name"] != app_digest():
        raise KeyError(name)
    headers = {"Cache-Control": FOR_EVER, "Content-Encoding": "gzip"}
    mime = MIME[name.rpartition(".")[2]]
    return Response(_zipped(name), media_type=mime, headers=headers)


@cache
def _zipped(name: str) -> bytes:
    return gzip.compress(app_files()[name], GZIP_LEVEL, mtime=0)


def _opened(request: Request, tiles: Tiles, kind: Kind) -> Any:
    """Return what the address opens for who asks."""
    token = request.query_params.get("token", "")
    return tiles.read(kind, request.path_params["name"], token, request.cookies)


def _place(request: Request) -> tuple[int, int, int]:
    found = request.path_params
    return found["z"], found["x"], found["y"]
