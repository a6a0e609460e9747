"""A window of cells that somebody sees, with labels: as polygons, xarray, GeoTIFF, HTML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from affine import Affine
from pyproj import CRS
from shapely.geometry import shape

from civicsight.core.atomic import written_whole
from civicsight.core.errors import MismatchError
from civicsight.core.hues import SEEN
from civicsight.core.overview import Drawn, Overview, crs_name


class Band(NamedTuple):
    """One array of a window, its unit and what it is."""

    values: npt.NDArray[Any]
    units: str
    meaning: str


@dataclass(frozen=True, slots=True, eq=False)
class Viewshed:
    """What one camera sees.

    Parameters
    ----------
    visible
        bool, shape ``(n_row, n_col)``, rows from north to south.
    open
        bool, same shape: ground outside footprints.
    px_m
        float32, same shape: px/m, 0 where not visible; within 2e-7 of itself.
    transform, crs
        From ``(col, row)`` to the CRS, as rasterio has it.
    """

    visible: npt.NDArray[np.bool_]
    open: npt.NDArray[np.bool_]
    px_m: npt.NDArray[np.float32]
    transform: Affine
    crs: CRS

    def __repr__(self) -> str:
        """Say how much is seen, in one line."""
        return self._overview().line()

    def _repr_html_(self) -> str:
        """Show the same beside a small map, for a notebook."""
        return self._overview().html()

    def _overview(self) -> Overview:
        rows, cols = self.visible.shape
        best = float(self.px_m.max(initial=0.0))
        facts = {
            "area_m2": f"{self.area_m2:,.0f}",
            "best px_m": f"{best:,.0f}",
            "cells": f"{rows} x {cols} of {self.transform.a:g} m",
            "crs": crs_name(self.crs),
        }
        return Overview("Viewshed", facts, drawn=lambda: [draw_seen([self])])

    @property
    def area_m2(self) -> float:
        """Area of the visible cells [m2]."""
        return float(self.visible.sum() * abs(self.transform.a * self.transform.e))

    def to_polygons(self, *, least_px_m: float = 0.0) -> gpd.GeoSeries:
        """Return the visible cells with at least `least_px_m` as one geometry, along cell edges."""
        shape = outline(self.visible & (self.px_m >= least_px_m), self.transform)
        return gpd.GeoSeries([shape], crs=self.crs)

    def layers(self) -> dict[str, Band]:
        """Return the arrays by name, with their units."""
        return {
            "px_m": Band(self.px_m, "px/m", "pixel density on a target, 0 where not seen"),
            "visible": Band(self.visible, "1", "whether the camera sees the cell"),
            "open": Band(self.open, "1", "ground outside footprints"),
        }

    def to_xarray(self) -> Any:
        """Return an `xarray.Dataset` over ``y``, ``x``: `layers`, with units in their ``attrs``.

        Raises
        ------
        MismatchError
            If xarray is not installed.
        """
        return as_dataset(self.layers(), self.transform, self.crs)

    def to_geotiff(self, path: Path | str) -> None:
        """Write px/m and open ground as the two bands of a GeoTIFF."""
        layers = self.layers()
        del layers["visible"]  # where px/m are not 0
        write_tiff(Path(path), layers, self.transform, self.crs)


def outline(mask: npt.NDArray[np.bool_], transform: Affine) -> shapely.Geometry:
    """Return cells of a mask as one geometry, along their edges."""
    edges = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    row, start = np.nonzero(edges == 1)
    _, stop = np.nonzero(edges == -1)
    cell = transform.a
    west, east = transform.c + start * cell, transform.c + stop * cell
    north = transform.f - row * cell
    return shapely.union_all(shapely.box(west, north - cell, east, north))


SKETCHED: Final = 60
"""Cells along the longer side of a view on a small map; finer ones are skipped."""


def draw_seen(views: Iterable[Viewshed]) -> Drawn:
    """Return what is seen for a small map: of each view every second, third and so on cell."""
    found: list[npt.NDArray[Any]] = []
    for view in views:
        step = -(-max(view.visible.shape) // SKETCHED) or 1
        row, col = np.nonzero(view.visible[::step, ::step])
        size = view.transform.a * step
        west, north = view.transform.c + col * size, view.transform.f - row * size
        boxes = shapely.box(west, north - size, west + size, north)
        found += [shapely.union_all(boxes)] if len(boxes) else []
    return Drawn(found, SEEN, SEEN)


def trace_levels(
    levels: npt.NDArray[np.uint8], west: float, north: float, cell_m: float
) -> tuple[list[int], list[shapely.Geometry]]:
    """Return the areas of each level above 0 of a grid, rows from north to south.

    Edges within the grid are smoothed by about two cells, the same for areas on both sides; those
    along its rim stay, so that areas of grids side by side meet.
    """
    from rasterio.features import shapes

    transform = Affine(cell_m, 0.0, west, 0.0, -cell_m, north)
    found = [(int(value), shape(one)) for one, value in shapes(levels, transform=transform)]
    level = np.array([value for value, _ in found])
    areas = shapely.coverage_simplify(
        [one for _, one in found], 2.0 * cell_m, simplify_boundary=False
    )
    own = [value for value in np.unique(level).tolist() if value]
    polygons = [shapely.get_parts(areas[level == value]) for value in own]
    return own, [shapely.multipolygons(some) for some in polygons]


def describe(
    layers: Mapping[str, Band],
    transform: Affine,
    crs: CRS,
    labels: Mapping[str, npt.NDArray[Any]] | None = None,
) -> dict[str, Any]:
    """Describe arrays as `xarray.Dataset.from_dict` takes them, with names of CF and of GDAL.

    Parameters
    ----------
    layers
        Arrays whose last two axes are rows from north to south, and columns.
    labels
        Labels along the axes before those, by name of the axis.
    """
    labels = labels or {}
    n_row, n_col = next(iter(layers.values())).values.shape[-2:]
    cell = transform.a
    x = transform.c + (np.arange(n_col) + 0.5) * cell
    y = transform.f - (np.arange(n_row) + 0.5) * cell
    middle: dict[str, str] = {"units": "m", "long_name": "middle of the cell"}
    coords: dict[str, Any] = {
        name: {"dims": (name,), "data": values, "attrs": {}} for name, values in labels.items()
    }
    for name, values in (("y", y), ("x", x)):
        attrs = {"standard_name": f"projection_{name}_coordinate", **middle}
        coords[name] = {"dims": (name,), "data": values, "attrs": attrs}
    place = " ".join(f"{v:.12g}" for v in transform.to_gdal())
    where: dict[str, str] = {"crs_wkt": crs.to_wkt(), "GeoTransform": place}
    coords["spatial_ref"] = {"dims": (), "data": 0, "attrs": where}
    variables = {
        name: {
            "dims": (*labels, "y", "x"),
            "data": layer.values,
            "attrs": {
                "units": layer.units,
                "long_name": layer.meaning,
                "grid_mapping": "spatial_ref",
            },
        }
        for name, layer in layers.items()
    }
    about = {"crs": crs_name(crs), "cell_m": cell}
    return {"coords": coords, "data_vars": variables, "attrs": about, "dims": {}}


def as_dataset(
    layers: Mapping[str, Band],
    transform: Affine,
    crs: CRS,
    labels: Mapping[str, npt.NDArray[Any]] | None = None,
) -> Any:
    """Return arrays as an `xarray.Dataset` (see `describe`).

    Raises
    ------
    MismatchError
        If xarray is not installed.
    """
    try:
        xarray = import_module("xarray")
    except ImportError as error:
        msg = "xarray is not installed: pip install xarray, or take the arrays as they are"
        raise MismatchError(msg) from error
    return xarray.Dataset.from_dict(describe(layers, transform, crs, labels))


def write_tiff(path: Path, layers: Mapping[str, Band], transform: Affine, crs: CRS) -> None:
    """Write arrays of two axes as the bands of one GeoTIFF, all or nothing.

    Raises
    ------
    MismatchError
        If there is no cell to write.
    """
    import rasterio

    arrays = [np.asarray(layer.values, np.float32) for layer in layers.values()]
    height, width = arrays[0].shape
    if not arrays[0].size:
        msg = "nothing is in reach, so that there is no cell to write: check the camera"
        raise MismatchError(msg)
    profile = {
        "driver": "GTiff",
        "width": width,
        "height": height,
        "count": len(arrays),
        "dtype": "float32",
        "crs": rasterio.crs.CRS.from_wkt(crs.to_wkt()),
        "transform": transform,
        "compress": "deflate",
    }
    with written_whole(path) as scratch, rasterio.open(scratch, "w", **profile) as file:
        for band, (name, layer) in enumerate(layers.items(), start=1):
            file.write(arrays[band - 1], band)
            file.set_band_description(band, name)
            file.update_tags(band, units=layer.units, long_name=layer.meaning)
