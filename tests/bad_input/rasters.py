"""Bad inputs: rasters, and heights of buildings."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import shapely
from pyproj import CRS
from rasterio.errors import NotGeoreferencedWarning
from rasterio.transform import Affine

from civicsight.io import read_buildings, read_city
from civicsight.io.assemble import add_surface
from tests.bad_input.case import Case

METRIC = CRS.from_epsg(32650)
X0, Y0 = 390_000.0, 3_170_000.0
"""South-west corner of the made city, in Nanchang [m]."""

SIDE_M, CELL_M = 1_500.0, 10.0
NORTH_UP = Affine(CELL_M, 0, X0 - 500, 0, -CELL_M, Y0 + 1_000)
SHAPE = (int(SIDE_M / CELL_M), int(SIDE_M / CELL_M))

DEM = ("import", "{input.parent}/city.geojson", "--as", "buildings", "--dem", "{input}",
       "--crs", "EPSG:32650", "--out", "{out}")  # fmt: skip
DSM = (*DEM[:5], "{input.parent}/ground.tif", "--dsm", "{input}", *DEM[6:])
HEIGHTS = ("import", "{input}", "--as", "buildings", "--out", "{out}")

VRT = (
    '<VRTDataset rasterXSize="10" rasterYSize="10"><VRTRasterBand dataType="Byte" band="1" '
    'subClass="VRTRawRasterBand"><SourceFilename>{path}</SourceFilename></VRTRasterBand>'
    "</VRTDataset>"
)


def write_city(folder: Path, heights: tuple[object, ...] = (12, 15, 9)) -> Path:
    """Write three houses within 300 m of the corner."""
    features = [
        {
            "type": "Feature",
            "properties": {"id": f"b{n}", "height": height},
            "geometry": shapely.geometry.mapping(
                shapely.box(X0 + 100 * n, Y0 + 50, X0 + 100 * n + 40, Y0 + 90)
            ),
        }
        for n, height in enumerate(heights)
    ]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32650"}}
    path = folder / "city.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}))
    return path


def hills(shape: tuple[int, int] = SHAPE) -> np.ndarray:
    """Return ground that rises from 20 m by 30 m from one side to the other."""
    return 20.0 + np.linspace(0.0, 30.0, shape[1])[None, :] + np.zeros(shape)


def write_tif(
    path: Path, z: np.ndarray, transform: Affine | None = NORTH_UP, **options: Any
) -> Path:
    """Write one band of heights."""
    options = {"crs": METRIC, **options}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        _write(path, z, transform, options)
    return path


def _write(path: Path, z: np.ndarray, transform: Affine | None, options: dict[str, Any]) -> None:
    with rasterio.open(path, "w", "GTiff", z.shape[1], z.shape[0], 1,
                       dtype=z.dtype, transform=transform, **options) as out:  # fmt: skip
        out.write(z, 1)


def dem(change: Callable[[np.ndarray], np.ndarray], **options: Any) -> Callable[[Path], Path]:
    """Return a maker of a city and of a DEM with something wrong in it."""

    def make(folder: Path) -> Path:
        write_city(folder)
        return write_tif(folder / "dem.tif", change(hills()), **options)

    return make


def marked(value: float, dtype: str) -> Callable[[np.ndarray], np.ndarray]:
    """Return a change that puts a marker into a patch of 40 m under the first house."""

    def change(z: np.ndarray) -> np.ndarray:
        out = z.astype(dtype)
        out[91:95, 48:52] = value
        return out

    return change


def vrt(folder: Path) -> Path:
    write_city(folder)
    secret = folder / "secret.bin"
    secret.write_bytes(b"canary" * 30)
    path = folder / "dem.tif"
    path.write_text(VRT.format(path=secret))
    return path


def mask_elsewhere(folder: Path) -> Path:
    path = dem(lambda z: z)(folder)
    (folder / "dem.tif.msk").write_text(VRT.format(path=folder / "city.geojson"))
    return path


def sparse(folder: Path) -> Path:
    """Write 40 thousand million cells in a file of a few megabytes."""
    write_city(folder)
    path = folder / "dem.tif"
    transform = Affine(0.5, 0, X0 - 50_000, 0, -0.5, Y0 + 50_000)
    profile = {"dtype": "int16", "crs": METRIC, "transform": transform, "tiled": True}
    layout = {"blockxsize": 1024, "blockysize": 1024, "SPARSE_OK": True, "BIGTIFF": "YES"}
    with rasterio.open(path, "w", "GTiff", 200_000, 200_000, 1, **profile, **layout):
        return path


def tilted(folder: Path) -> Path:
    write_city(folder)
    turn = Affine.translation(X0 - 700, Y0 + 300) @ Affine.rotation(20)
    return write_tif(folder / "dem.tif", hills(), turn @ Affine.scale(CELL_M, -CELL_M))


def upside_down(folder: Path) -> Path:
    write_city(folder)
    return write_tif(folder / "dem.tif", hills(), Affine(CELL_M, 0, X0 - 500, 0, CELL_M, Y0 - 500))


def surface(factor: float, columns: int = SHAPE[1]) -> Callable[[Path], Path]:
    """Return a maker of a DSM over its ground: a block of 25 m in the middle of open ground."""

    def make(folder: Path) -> Path:
        write_city(folder)
        z = hills()
        write_tif(folder / "ground.tif", z)
        top = z.copy()
        top[80:90, 60:70] += 25.0
        return write_tif(folder / "dsm.tif", (top * factor)[:, :columns])

    return make


def read_dem(path: Path) -> object:
    return read_city(path.parent / "city.geojson", dem=path, crs=METRIC)


def read_dsm(path: Path) -> object:
    folder = path.parent
    city, report = read_city(folder / "city.geojson", dem=folder / "ground.tif", crs=METRIC)
    return add_surface(city, report, path)


def far(folder: Path) -> Path:
    write_city(folder)
    return write_tif(
        folder / "dem.tif", hills(), Affine(CELL_M, 0, X0 + 90_000, 0, -CELL_M, Y0 + 1_000)
    )


def odd_heights(folder: Path) -> Path:
    return write_city(folder, ("3 层", "12m", -5, 1e9))


def case(number: int, title: str, make: Callable[[Path], Path], **more: Any) -> Case:
    """Return a case that gives a raster as DEM unless it says otherwise."""
    return Case(number, title, make, **{"call": read_dem, "command": DEM, **more})


refused = partial(case, outcome="refused")
read = partial(case, outcome="read")

CASES: tuple[Case, ...] = (
    refused(89, "a VRT named .tif", vrt, code="raster.format", says=("dem.tif",)),
    refused(
        89, "a mask that is a VRT", mask_elsewhere, code="raster.format", says=("dem.tif.msk",)
    ),
    refused(
        90,
        "200 000 x 200 000 cells in a few megabytes",
        sparse,
        code="raster.too_large",
        says=("dem.tif", "200000"),
    ),
    read(91, "no data written as -32768", dem(marked(-32768, "int16")), says=("dem.tif", "16")),
    read(91, "no data written as 1e38", dem(marked(1e38, "float32")), says=("dem.tif", "16")),
    read(91, "no data written as -9999", dem(marked(-9999, "float64")), says=("dem.tif", "16")),
    refused(
        91,
        "a surface in feet",
        surface(1 / 0.3048),
        call=read_dsm,
        command=DSM,
        code="surface.feet",
        says=("dsm.tif",),
    ),
    read(
        92,
        "heights that overflow int16 in feet",
        dem(lambda z: (z + 8_900).astype("int16")),
        says=("8940",),
    ),
    read(92, "a rotated raster", tilted, says=("dem.tif",)),
    read(92, "a raster from south to north", upside_down, says=("dem.tif",)),
    refused(
        92,
        "a raster without a system",
        dem(lambda z: z, crs=None),
        code="crs.missing",
        says=("dem.tif",),
    ),
    refused(
        92,
        "a raster without a place",
        dem(lambda z: z, transform=None),
        code="raster.no_place",
        says=("dem.tif",),
    ),
    Case(
        93,
        "heights as 3 层, 12m, -5 and 1e9",
        odd_heights,
        read_buildings,
        HEIGHTS,
        "read",
        says=("-5", "1000000000"),
    ),
    read(94, "a DEM that ends in the city", dem(lambda z: z[:, :65]), says=("dem.tif", "115.875")),
    refused(94, "a DEM of another place", far, code="dem.elsewhere", says=("dem.tif",)),
    read(
        94,
        "a surface that ends in the city",
        surface(1.0, 65),
        call=read_dsm,
        command=DSM,
        says=("dsm.tif",),
    ),
)
"""All cases, in the order of their numbers."""
