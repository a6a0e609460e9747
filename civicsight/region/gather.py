"""From tables of a nation to a region on disk: every row goes to its part as it is read.

No table is held in memory as a whole: rows are read some at a time, put down by part, and each
part's rows are then brought into order by themselves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from civicsight.core.atomic import scratch_beside
from civicsight.core.errors import InputError
from civicsight.coverage.jobs import place_on_curve
from civicsight.io.vectors.windows import Box, read_layer, write_layer
from civicsight.model import City, require_metric
from civicsight.model.provenance import Provenance
from civicsight.region.faults import fault, reject
from civicsight.region.folder import (
    COMMON,
    COUNTIES,
    TABLES,
    Part,
    Region,
    Rows,
    area_of,
    around,
    middles,
    open_region,
    owner_of,
    require_name,
    write_manifest,
)
from civicsight.scene.bodies import ALIGN_M

CURVE_M: Final = 64.0
"""Rows of one square of this side stand together in a file [m]."""

Pieces = Iterable[tuple[str, gpd.GeoDataFrame]]
"""Names of tables with some of their rows, in any order."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a region is called, where its rows come from, and how it is cut.

    Parameters
    ----------
    name, crs
        What people call it; the metric CRS into which all rows are brought.
    tile_m, counties
        Side of tiles, or outlines by name of part with a column ``title``; one of the two.
    sources, synthetic, provenance
        As of a `City`.
    area
        Area that the sources cover; None where they do not say, and the box of what they hold
        stands for it.
    """

    name: str
    crs: CRS
    tile_m: float | None = None
    counties: gpd.GeoDataFrame | None = None
    sources: tuple[str, ...] = ()
    synthetic: bool = False
    provenance: tuple[Provenance, ...] = ()
    area: BaseGeometry | None = None


def import_region(pieces: Pieces, origin: Origin, folder: str | Path) -> Region:
    """Write a region, all of it or nothing.

    Parameters
    ----------
    pieces
        Rows of declared tables, some at a time.
    origin
        What it is called, and how it is cut.
    folder
        Where it is written; it must not be there.

    Raises
    ------
    InputError
        If the folder is there, an id stands twice, or no row has a place.
    SchemaError, CrsError
        If a table is not as declared, or has no CRS.
    WriteError
        If it cannot be written.
    """
    place = Path(folder)
    if place.exists():
        reject("region.exists", place.name)
    with scratch_beside(place) as scratch:
        spilt = _Spilt(scratch / "spilt", origin)
        for table, frame in pieces:
            spilt.take(table, frame)
        _settle(spilt, origin, scratch / place.name)
        (scratch / place.name).replace(place)
    return open_region(place)


def pieces_of_city(city: City) -> Iterator[tuple[str, gpd.GeoDataFrame]]:
    """Yield the tables of a city that is in memory.

    Raises
    ------
    InputError
        If it has relief, which a region does not hold.
    """
    if city.terrain is not None:
        reject("region.relief", city.name)
    for name in TABLES:
        frame = getattr(city, name)
        if len(frame):
            yield name, frame


def origin_of_city(
    city: City, tile_m: float | None = None, counties: gpd.GeoDataFrame | None = None
) -> Origin:
    """Return what a region of a city is called and made of."""
    told = (city.sources, city.synthetic, city.provenance)
    return Origin(city.name, city.crs, tile_m, counties, *told, city.extent)


@dataclass(slots=True)
class _Spilt:
    """Rows on their way: some files for each part and table, and the boxes of what is in them."""

    folder: Path
    origin: Origin
    files: dict[tuple[str, str], list[tuple[Path, list[str]]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    boxes: dict[str, list[Box]] = field(default_factory=lambda: defaultdict(list))
    corner: tuple[float, float] = (np.inf, np.inf)

    def take(self, table: str, frame: gpd.GeoDataFrame) -> None:
        """Put some rows down by the part that each belongs to."""
        declared = TABLES[table]
        require_metric(frame, table)
        whole = declared.complete(frame.to_crs(self.origin.crs))
        declared.check(whole)
        if table in COMMON:
            self._put("", table, gpd.GeoDataFrame(whole))
            return
        xy = middles(whole)
        owner = owner_of(xy, self.origin.tile_m, self.origin.counties, [])
        for name in np.unique(owner):
            own = owner == name
            self._put(require_name(str(name)), table, gpd.GeoDataFrame(whole[own]))
            self.boxes[str(name)].append((*xy[own].min(axis=0), *xy[own].max(axis=0)))
        if table in ("buildings", "obstacles", "canopies") and len(whole):
            west, south = whole.total_bounds[:2]
            self.corner = (min(self.corner[0], west), min(self.corner[1], south))

    def _put(self, part: str, table: str, frame: gpd.GeoDataFrame) -> None:
        self.folder.mkdir(exist_ok=True)
        files = self.files[part, table]
        path = self.folder / f"{part}.{table}.{len(files)}.parquet"
        files.append((path, write_layer(frame, path)))


def _settle(spilt: _Spilt, origin: Origin, folder: Path) -> None:
    """Bring the rows of each part into order, and write down what there is."""
    folder.mkdir()
    layers: dict[str, dict[str, Rows]] = defaultdict(dict)
    seen: dict[str, list[pd.Index]] = defaultdict(list)
    for (part, table), files in sorted(spilt.files.items()):
        frame = pd.concat([read_layer(path, objects, origin.crs) for path, objects in files])
        seen[table].append(frame.index)
        into = folder / ("parts" if part else "common") / part / f"{table}.parquet"
        layers[part][table] = _write(gpd.GeoDataFrame(frame), into)
        for path, _ in files:
            path.unlink()
    for table, found in seen.items():
        _require_once(table, found)
    parts = {
        name: Part(name, _title(origin, name), around(spilt.boxes[name]), layers[name])
        for name in sorted(spilt.boxes)
    }
    if not parts:
        reject("region.empty:window", origin.name)
    if origin.counties is not None:
        write_layer(origin.counties[["title", "geometry"]].sort_index(), folder / COUNTIES)
    corner = [
        float(np.floor(c / ALIGN_M) * ALIGN_M) if np.isfinite(c) else 0.0 for c in spilt.corner
    ]
    told = (origin.sources, origin.synthetic, origin.provenance)
    kinds = (origin.name, origin.crs, (corner[0], corner[1]), origin.tile_m, origin.counties)
    area = area_of(parts) if origin.area is None else origin.area
    write_manifest(Region(folder, *kinds, parts, layers[""], *told, area=area))


def _title(origin: Origin, name: str) -> str:
    return name if origin.counties is None else str(origin.counties.loc[name, "title"])


def _write(frame: gpd.GeoDataFrame, path: Path) -> Rows:
    """Write the rows of one part along a curve on which neighbours are close."""
    path.parent.mkdir(parents=True, exist_ok=True)
    there = np.isfinite(shapely.bounds(frame.geometry.to_numpy())).all(axis=1)
    frame = frame.sort_index()
    if there.all():
        order = np.argsort(place_on_curve(middles(frame), CURVE_M), kind="stable")
        frame = frame.iloc[order]
    objects = write_layer(frame, path)
    bounds = tuple(map(float, frame.total_bounds)) if there.any() else None
    digest = sha256(path.read_bytes()).hexdigest()
    return Rows(len(frame), bounds, digest, tuple(objects))  # type: ignore[arg-type]


def _require_once(table: str, found: list[pd.Index]) -> None:
    ids = found[0].append(found[1:])
    repeated = ids[ids.duplicated()].unique()
    if len(repeated):
        raise InputError(
            [
                fault("table.repeated_id", table, str(label), TABLES[table].index, str(label))
                for label in repeated
            ]
        )


def counties_of(table: gpd.GeoDataFrame, crs: CRS) -> gpd.GeoDataFrame:
    """Return districts as the outlines that cut a region, by their codes.

    Parameters
    ----------
    table
        Table `model.DISTRICTS`; of several levels the counties count.
    """
    chosen = table[table["level"].eq("county") | table["level"].isna()]
    found = gpd.GeoDataFrame(chosen if len(chosen) else table).to_crs(crs)
    if found.empty:
        reject("region.no_counties")
    return gpd.GeoDataFrame(
        {"title": found["name"].where(found["name"].notna(), found["code"]).to_numpy(object)},
        index=pd.Index(found["code"].astype(str), name="part"),
        geometry=found.geometry.to_numpy(),
        crs=crs,
    )
