"""What the cameras of a region see on the ground: one tile of raster a part, and their catalogue.

Every cell belongs to the part in which its middle lies, and holds what all cameras in reach see of
it, whatever part they stand in; beside each other the tiles are the raster of the whole.

References
----------
SpatioTemporal Asset Catalog (STAC) 1.0.0: catalogue and items; its projection extension 2.0.0.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from civicsight.core.atomic import written_together
from civicsight.core.settings import present_day
from civicsight.coverage.check import MAP_READING, build_scenes
from civicsight.coverage.matrix import at_night
from civicsight.coverage.raster import CoverageRaster, compute_coverage
from civicsight.io.vectors.windows import Box
from civicsight.model.city import standing_in
from civicsight.region.folder import Region, around, grown
from civicsight.region.neighbours import SLACK_M
from civicsight.region.results import about, kept_frames, shelf_in
from civicsight.region.work import Owned, Task, key_of, region_of, rows_in
from civicsight.report.geotiff import BLOCK, KINDS, write_geotiff

STAC: Final = "1.0.0"
PROJECTION: Final = "https://stac-extensions.github.io/projection/v2.0.0/schema.json"
COG: Final = "image/tiff; application=geotiff; profile=cloud-optimized"
ITEM: Final = "item.json"
ROOT: Final = {"rel": "root", "href": "./catalog.json", "type": "application/json"}


def territory(region: Region, part: str) -> shapely.Geometry:
    """Return the ground of a part: its tile, or its county."""
    if region.counties is not None:
        return region.counties.geometry[part]
    side = float(region.tile_m or 0.0)
    column, row = (int(word) for word in part.split("_"))
    return shapely.box(column * side, row * side, (column + 1) * side, (row + 1) * side)


def draw_part(
    task: Task, part: str, owned: Mapping[str, Owned], barred: tuple[str, ...], cell_m: float
) -> str | None:
    """Draw what all cameras see of the ground of a part, or find it drawn.

    Returns
    -------
    str or None
        The key under which the files lie; None if no camera reaches it.
    """
    region, shelf = region_of(task), shelf_in(task.out)
    ground = territory(region, part)
    heads, window = _heads_near(region, task, ground, owned, barred)
    if heads.empty:
        return None
    beside = sorted({name for name in owned if _reaches(owned[name], ground)})
    inputs = [part, cell_m, barred, [owned[name].sha256 for name in beside]]
    key = key_of(task, "raster", region, [*inputs, rows_in(region, window)])
    if shelf.find(key) is not None:
        return key
    city = standing_in(region.read_window(window), task.options.year)
    scenes = build_scenes(city, season=task.options.season, origin=region.origin)  # type: ignore[arg-type]
    raster = _cut(compute_coverage(heads, scenes[MAP_READING], cell_m=cell_m), region, part)
    if not (raster.count > 0).any():
        return None
    with shelf.filling(key) as scratch:
        for kind in KINDS:
            tags = {
                "SOURCES": "; ".join(region.sources),
                "SYNTHETIC": str(region.synthetic).lower(),
            }
            write_geotiff(scratch / f"{kind}.tif", raster, kind, tags=tags)
        told = json.dumps(_item(region, part, raster), ensure_ascii=False, indent=1)
        (scratch / ITEM).write_text(told, encoding="utf-8")
    return key


def _reaches(own: Owned, ground: shapely.Geometry) -> bool:
    return own.box is not None and bool(ground.intersects(shapely.box(*own.box)))


def _heads_near(
    region: Region,
    task: Task,
    ground: shapely.Geometry,
    owned: Mapping[str, Owned],
    barred: tuple[str, ...],
) -> tuple[gpd.GeoDataFrame, Box]:
    """Return the heads that reach a ground, in the order of their ids, and the window of walls."""
    shelf, found = shelf_in(task.out), []
    for own in owned.values():
        if not _reaches(own, ground) or about(shelf, own.key) is None:
            continue
        heads = kept_frames(shelf, own.key, region.crs, ("heads",))["heads"]
        heads = at_night(gpd.GeoDataFrame(heads)) if task.options.night else heads
        chosen = heads["reading"].eq(MAP_READING) & ~heads["camera_id"].isin(barred)
        found.append(heads[chosen & _near(heads, ground)])
    heads = gpd.GeoDataFrame(pd.concat(found)) if found else gpd.GeoDataFrame()
    if heads.empty:
        return heads, (0.0, 0.0, 0.0, 0.0)
    reach = heads["reach_m"].to_numpy(np.float64)[:, None]
    xy = shapely.get_coordinates(heads.geometry.to_numpy())
    low, high = (xy - reach).min(axis=0), (xy + reach).max(axis=0)
    box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return gpd.GeoDataFrame(heads.sort_index()), grown(around([box]), SLACK_M)


def _near(heads: pd.DataFrame, ground: shapely.Geometry) -> npt.NDArray[np.bool_]:
    reach = heads["reach_m"].to_numpy(np.float64)
    points = np.asarray(heads["geometry"].array)
    near: npt.NDArray[np.bool_] = shapely.distance(points, ground) <= reach + 1.0
    return near


def _cut(raster: CoverageRaster, region: Region, part: str) -> CoverageRaster:
    """Leave of a raster the cells whose middle lies in a part."""
    best, count = raster.best.copy(), raster.count.copy()
    along = (np.arange(BLOCK) + 0.5) * raster.cell_m
    blocks = raster.blocks_at
    ground = territory(region, part)
    for r, c in zip(*np.nonzero(blocks.number >= 0), strict=True):
        number = blocks.number[r, c]
        west = raster.origin[0] + (blocks.col0 + int(c)) * BLOCK * raster.cell_m
        south = raster.origin[1] + (blocks.row0 + int(r)) * BLOCK * raster.cell_m
        side = BLOCK * raster.cell_m
        if ground.covers(shapely.box(west, south, west + side, south + side)):
            continue
        x, y = np.meshgrid(west + along, south + along)
        owner = region.owner_of(np.column_stack([x.ravel(), y.ravel()]))
        outside = (owner != part).reshape(BLOCK, BLOCK)
        best[number][outside], count[number][outside] = 0.0, 0
    return replace(raster, best=best, count=count)


def _item(region: Region, part: str, raster: CoverageRaster) -> dict[str, Any]:
    """Describe the files of a part as an item of STAC."""
    ground = gpd.GeoSeries([territory(region, part)], crs=region.crs).to_crs("EPSG:4326")
    return {
        "type": "Feature",
        "stac_version": STAC,
        "stac_extensions": [PROJECTION],
        "id": part,
        "geometry": shapely.geometry.mapping(ground.iloc[0]),
        "bbox": [float(edge) for edge in ground.total_bounds],
        "properties": {
            "datetime": f"{present_day().isoformat()}T00:00:00Z",
            "title": region.parts[part].title,
            "proj:wkt2": region.crs.to_wkt(),
            "gsd": raster.cell_m,
        },
        "links": [ROOT, {"rel": "parent", "href": "./catalog.json", "type": "application/json"}],
        "assets": {
            kind: {"href": f"./{part}.{kind}.tif", "type": COG, "title": said, "roles": ["data"]}
            for kind, (_, _, said) in KINDS.items()
        },
    }


def publish(task: Task, keys: Mapping[str, str | None], out: Path) -> list[Path]:
    """Lay the tiles of all parts side by side, with the catalogue that lists them.

    Raises
    ------
    WriteError
        If they cannot be written.
    """
    region, shelf = region_of(task), shelf_in(task.out)
    drawn = {part: key for part, key in sorted(keys.items()) if key is not None}
    with written_together(out) as scratch:
        for part, key in drawn.items():
            place = shelf.place(key)
            shutil.copyfile(place / ITEM, scratch / f"{part}.json")
            for kind in KINDS:
                shutil.copyfile(place / f"{kind}.tif", scratch / f"{part}.{kind}.tif")
        links = [
            {"rel": "item", "href": f"./{part}.json", "type": "application/geo+json"}
            for part in drawn
        ]
        told = {
            "type": "Catalog",
            "stac_version": STAC,
            "id": region.name,
            "description": region.name,
            "links": [ROOT, *links],
        }
        text = json.dumps(told, ensure_ascii=False, indent=1)
        (scratch / "catalog.json").write_text(text, encoding="utf-8")
        names = sorted(path.name for path in scratch.iterdir())
    return [out / name for name in names]
