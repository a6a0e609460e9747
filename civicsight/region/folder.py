"""A region: a folder of GeoParquet, one part for each county or tile, and what lies where.

Every row stands in one part, that of the middle of its box; whoever looks across a border reads the
rows of other parts that meet a window. What has no place, and districts, stands once for all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from civicsight.core.atomic import written_whole
from civicsight.core.bounded.text import load_crs, load_json, load_wkt
from civicsight.core.errors import InputError
from civicsight.core.regular import require_all_regular
from civicsight.io.vectors.windows import Box, read_layer
from civicsight.model import CITY_TABLES, DISTRICTS, City, empty_tables
from civicsight.model.format_versions import FORMATS, REGION, brought_up, own_version
from civicsight.model.provenance import Provenance, from_dict
from civicsight.model.records import CONSENT_AREAS
from civicsight.region.faults import reject

MANIFEST: Final = "region.json"
COUNTIES: Final = "counties.parquet"
COMMON: Final = frozenset(
    {table.name for table in CITY_TABLES if not table.placed} | {DISTRICTS.name, CONSENT_AREAS.name}
)
"""Tables that stand once for all parts: what has no place, and what every part is in."""

TABLES: Final = {table.name: table for table in CITY_TABLES}
NAME_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
MOST_LETTERS: Final = 64


@dataclass(frozen=True, slots=True)
class Rows:
    """A file of rows: how many, the box of them, its digest, and the columns that are JSON."""

    rows: int
    bounds: Box | None
    sha256: str
    objects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a region.

    Parameters
    ----------
    name, title
        Name of its folder, and what people call it.
    bounds
        Box of the middles of all its rows.
    layers
        Its tables, those without rows left out.
    """

    name: str
    title: str
    bounds: Box
    layers: Mapping[str, Rows]

    @property
    def digest(self) -> str:
        """Digest of all its rows."""
        told = json.dumps({name: layer.sha256 for name, layer in sorted(self.layers.items())})
        return sha256(told.encode()).hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A region on disk.

    Parameters
    ----------
    folder, name, crs
        Where it is, what people call it, and the metric CRS of everything.
    origin
        Corner that the scenes of all parts are relative to [m].
    tile_m
        Side of a tile; None where counties cut it.
    counties
        Their outlines by name of part; None where tiles cut it.
    parts, common
        By name; tables that stand once for all.
    sources, synthetic, provenance
        As of a `City`.
    left_out
        Parts whose rows nobody reads, for they cannot be used.
    area
        Area that was read, as the extent of a `City`: a camera outside of it is not judged. Empty
        where it is not known.
    """

    folder: Path
    name: str
    crs: CRS
    origin: tuple[float, float]
    tile_m: float | None
    counties: gpd.GeoDataFrame | None
    parts: Mapping[str, Part]
    common: Mapping[str, Rows]
    sources: tuple[str, ...] = ()
    synthetic: bool = False
    provenance: tuple[Provenance, ...] = field(default=())
    left_out: frozenset[str] = frozenset()
    area: BaseGeometry = field(default_factory=shapely.Polygon)

    @property
    def has_cameras(self) -> bool:
        """Whether any camera is in its inventory."""
        return any("cameras" in part.layers for part in self.parts.values())

    def near(self, window: Box) -> list[str]:
        """Return the parts of which some row may meet a window, sorted by name."""
        return [
            name
            for name, part in sorted(self.parts.items())
            if any(meet(layer.bounds, window) for layer in part.layers.values())
        ]

    def require_sound(self, part: str) -> None:
        """Refuse a part whose files are not what the region says, or whose rows cannot be used.

        Raises
        ------
        InputError
            With the file of each fault, by its place in the region.
        """
        for table, layer in sorted(self.parts[part].layers.items()):
            path = self._path(part, table)
            where, declared = path.relative_to(self.folder).as_posix(), TABLES[table]
            frame = self._read(path, layer, None)
            try:
                rows = declared.complete(frame)
                declared.check(rows)
            except InputError as error:
                raise InputError([replace(fault, file=where) for fault in error.faults]) from error
            xy = middles(gpd.GeoDataFrame(rows))
            away = owner_of(xy, self.tile_m, self.counties, []) != part  # as it was cut
            if away.any():
                reject(
                    "region.elsewhere",
                    where,
                    str(rows.index[away][0]),
                    found=f"{int(away.sum())} / {len(rows)}",
                )

    def read_window(self, window: Box) -> City:
        """Return all that meets a window, rows in the order of their ids."""
        found = {}
        for name, empty in empty_tables(self.crs).items():
            frames = [frame for frame in self._frames(name, window) if len(frame)]
            merged = pd.concat(frames) if frames else empty
            found[name] = TABLES[name].complete(gpd.GeoDataFrame(merged)).sort_index()
        return self.as_city(found, self.area)

    def as_city(self, tables: Mapping[str, gpd.GeoDataFrame], extent: Any) -> City:
        """Return tables as a city of this region; those that are not given have no rows."""
        return City(
            self.name,
            self.crs,
            extent,
            **{**empty_tables(self.crs), **tables},
            sources=self.sources,
            synthetic=self.synthetic,
            provenance=self.provenance,
        )

    def read_ids(self, part: str, table: str) -> pd.Index:
        """Return the ids of the rows of a table that stand in a part."""
        return self.read_own(part, table).index

    def read_own(self, part: str, table: str) -> gpd.GeoDataFrame:
        """Return the rows of a table that stand in a part."""
        layer = self.parts[part].layers.get(table)
        if layer is None:
            return empty_tables(self.crs)[table]
        return self._read(self._path(part, table), layer, None)

    def owner_of(self, xy: npt.NDArray[np.float64]) -> npt.NDArray[np.object_]:
        """Return the part that each point belongs to, shape ``(n,)``."""
        return owner_of(xy, self.tile_m, self.counties, list(self.parts))

    def _frames(self, table: str, window: Box) -> Iterable[gpd.GeoDataFrame]:
        if table in COMMON:
            layer = self.common.get(table)
            return [] if layer is None else [self._read(self._path("", table), layer, None)]
        return [
            self._read(self._path(name, table), layer, window)
            for name, part in sorted(self.parts.items())
            if name not in self.left_out
            and (layer := part.layers.get(table)) is not None
            and meet(layer.bounds, window)
        ]

    def _path(self, part: str, table: str) -> Path:
        return self.folder / ("parts" if part else "common") / part / f"{table}.parquet"

    def _read(self, path: Path, layer: Rows, window: Box | None) -> gpd.GeoDataFrame:
        """Read a file that is what the manifest says it is."""
        where = path.relative_to(self.folder).as_posix()
        digest = sha256()
        try:
            with path.open("rb") as file:
                while block := file.read(1 << 20):
                    digest.update(block)
        except OSError:
            reject("region.damaged:file", where)
        if digest.hexdigest() != layer.sha256:
            reject("region.damaged:bytes", where)
        try:
            return read_layer(path, list(layer.objects), self.crs, window)
        except InputError as error:
            raise InputError([replace(fault, file=where) for fault in error.faults]) from error


def meet(one: Box | None, other: Box) -> bool:
    """Tell whether two boxes touch; where there is none, nothing does."""
    if one is None:
        return False
    across = one[0] <= other[2] and one[2] >= other[0]
    return across and one[1] <= other[3] and one[3] >= other[1]


def grown(box: Box, by_m: float) -> Box:
    """Return a box that is larger on every side."""
    return box[0] - by_m, box[1] - by_m, box[2] + by_m, box[3] + by_m


def around(boxes: Iterable[Box]) -> Box:
    """Return the box of some boxes."""
    west, south, east, north = np.array(list(boxes), np.float64).T
    return float(west.min()), float(south.min()), float(east.max()), float(north.max())


def middles(frame: gpd.GeoDataFrame) -> npt.NDArray[np.float64]:
    """Return the middle of the box of each row, shape ``(n, 2)``."""
    bounds = frame.bounds.to_numpy(np.float64)
    middle: npt.NDArray[np.float64] = (bounds[:, :2] + bounds[:, 2:]) / 2.0
    return middle


def tile_of(xy: npt.NDArray[np.float64], tile_m: float) -> npt.NDArray[np.object_]:
    """Return the name of the tile that holds each point."""
    column, row = np.floor(xy / tile_m).astype(np.int64).T
    names = [f"{c}_{r}" for c, r in zip(column.tolist(), row.tolist(), strict=True)]
    return np.array(names, object).reshape(len(xy))


def owner_of(
    xy: npt.NDArray[np.float64],
    tile_m: float | None,
    counties: gpd.GeoDataFrame | None,
    parts: list[str],
) -> npt.NDArray[np.object_]:
    """Return the part of each point; of one that lies in none, the nearest, by name if several."""
    if counties is None:
        assert tile_m is not None  # noqa: S101 - one of the two cuts a region
        owner = tile_of(xy, tile_m)
        known = sorted(parts)
        lost = ~np.isin(owner, known) if parts else np.zeros(len(xy), bool)
        if lost.any():
            corners = np.array([[int(n) for n in name.split("_")] for name in known], np.float64)
            shapes = shapely.box(*(corners * tile_m).T, *((corners + 1.0) * tile_m).T)
            owner[lost] = _nearest(xy[lost], shapes, known)
        return owner
    ordered = counties.sort_index()
    return _nearest(xy, ordered.geometry.to_numpy(), list(ordered.index))


def _nearest(
    xy: npt.NDArray[np.float64], shapes: npt.NDArray[np.object_], names: list[str]
) -> npt.NDArray[np.object_]:
    """Return the name of the shape that is nearest to each point, the first of several."""
    if not len(xy):
        return np.zeros(0, object)
    point, shape = shapely.STRtree(shapes).query_nearest(shapely.points(xy))
    order = np.lexsort((shape, point))
    first = order[np.diff(point[order], prepend=-1) != 0]
    found: npt.NDArray[np.object_] = np.array(names, object)[shape[first]]
    return found


def write_manifest(region: Region) -> None:
    """Write down what a region holds, last of all: without it there is none."""
    told = {
        "civicsight": own_version(),
        "format": FORMATS[REGION].number,
        "name": region.name,
        "crs": region.crs.to_wkt(),
        "origin": region.origin,
        "area": shapely.to_wkt(region.area, rounding_precision=-1),
        "tile_m": region.tile_m,
        "sources": region.sources,
        "synthetic": region.synthetic,
        "provenance": [entry.to_dict() for entry in region.provenance],
        "common": {name: asdict(layer) for name, layer in region.common.items()},
        "parts": {
            name: {
                "title": part.title,
                "bounds": part.bounds,
                "layers": {table: asdict(layer) for table, layer in part.layers.items()},
            }
            for name, part in region.parts.items()
        },
    }
    with written_whole(region.folder / MANIFEST) as scratch:
        scratch.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")


def open_region(folder: str | Path) -> Region:
    """Open a region; its tables are read when they are asked for.

    Raises
    ------
    InputError
        If there is none, it is of a later format, or its list does not say what it has to.
    """
    place = Path(folder)
    require_all_regular(place)
    try:
        told = load_json((place / MANIFEST).read_bytes())
    except OSError:
        reject("region.damaged:folder", MANIFEST)
    except ValueError as error:
        reject("region.damaged:json", MANIFEST, found=str(error)[:100])
    if not isinstance(told, dict):
        reject("region.damaged:parts", MANIFEST, found=type(told).__name__)
    told = brought_up(REGION, told, MANIFEST)
    try:
        return _region(place, told)
    except InputError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        reject("region.damaged:parts", MANIFEST, found=str(error)[:100])


def _region(place: Path, told: dict[str, Any]) -> Region:
    crs = load_crs(told["crs"])
    tile_m = told["tile_m"]
    counties = None
    if tile_m is None:
        counties = read_layer(place / COUNTIES, [], crs)
    elif not 0.0 < float(tile_m) < 1e7:
        reject("region.damaged:tile", MANIFEST, field="tile_m", found=str(tile_m))
    x, y = (float(value) for value in told["origin"])
    parts = {require_name(name): _part(name, entry) for name, entry in told["parts"].items()}
    return Region(
        place,
        str(told["name"]),
        crs,
        (x, y),
        None if tile_m is None else float(tile_m),
        counties,
        parts,
        _layers(told["common"]),
        tuple(map(str, told["sources"])),
        bool(told["synthetic"]),
        tuple(from_dict(entry) for entry in told["provenance"]),
        area=load_wkt(told["area"]) if "area" in told else area_of(parts),
    )


def area_of(parts: Mapping[str, Part]) -> BaseGeometry:
    """Return the box of all buildings and roads, empty without any: the area, if no source says."""
    layers = (part.layers.get(name) for part in parts.values() for name in ("buildings", "roads"))
    boxes = [layer.bounds for layer in layers if layer is not None and layer.bounds is not None]
    return shapely.box(*around(boxes)) if boxes else shapely.Polygon()


def _part(name: str, entry: dict[str, Any]) -> Part:
    return Part(name, str(entry["title"]), _box(entry["bounds"]), _layers(entry["layers"]))


def _layers(told: dict[str, Any]) -> dict[str, Rows]:
    strange = sorted(set(told) - set(TABLES))
    if strange:
        reject("region.damaged:tables", MANIFEST, found=", ".join(strange)[:100])
    return {
        name: Rows(
            int(entry["rows"]),
            None if entry["bounds"] is None else _box(entry["bounds"]),
            str(entry["sha256"]),
            tuple(map(str, entry["objects"])),
        )
        for name, entry in told.items()
    }


def _box(told: Any) -> Box:
    west, south, east, north = (float(value) for value in told)
    if not (np.isfinite([west, south, east, north]).all() and west <= east and south <= north):
        reject("region.damaged:bounds", MANIFEST, field="bounds", found=str(told)[:100])
    return west, south, east, north


def require_name(name: str) -> str:
    """Return the name of a part, which becomes that of a folder."""
    if not name or len(name) > MOST_LETTERS or not NAME_LETTERS.issuperset(name):
        reject("region.damaged:name", MANIFEST, field="parts", found=name[:100], most=MOST_LETTERS)
    return name
