"""Vector files of any kind that is allowed, recognised by content; and buildings out of them."""

from __future__ import annotations

import glob
import re
import warnings
from pathlib import Path
from typing import NamedTuple, NoReturn

import geopandas as gpd
import pandas as pd
import shapely

from civicsight.city.refusal import refuse
from civicsight.city.vectors.geojson import read_geojson
from civicsight.errors import N_, Fault

SQLITE = b"SQLite format 3\x00"
"""First bytes of any SQLite database; a GeoPackage also has its application id at byte 68."""

MAGIC = (
    (b"fgb\x03fgb", "FlatGeobuf"),
    (b"PAR1", "Parquet"),
    (b"\x00\x00\x27\x0a", "ESRI Shapefile"),
)
"""First bytes of the formats that have some."""

OSM_XML = re.compile(rb"(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<osm[\s>]", re.DOTALL)
"""Beginning of OSM XML."""

DRIVERS = {"GPKG": "GPKG", "ESRI Shapefile": "ESRI Shapefile", "FlatGeobuf": "FlatGeobuf"}
"""Formats that GDAL may read; what the first bytes do not show to be one of them never reaches it.

GDAL recognises files by content, and among its formats are some that fetch other files or
addresses (VRT, pipelines, service descriptions), so the name of a file proves nothing.
"""


class Vector(NamedTuple):
    """One layer as it was found: rows labelled 1, 2, 3 ... in their own CRS."""

    frame: gpd.GeoDataFrame
    driver: str
    faults: tuple[Fault, ...] = ()


def sniff(path: Path) -> str:
    """Name the format of a file by its first bytes.

    Returns
    -------
    str
        A key of `DRIVERS`, ``GeoJSON``, ``Parquet``, ``OSM``, ``text``, or empty for others.
    """
    with path.open("rb") as file:
        head = file.read(512)
    if head.startswith(SQLITE) and head[68:70] == b"GP":
        return "GPKG"
    for start, name in MAGIC:
        if head.startswith(start):
            return name
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if b"OSMHeader" in head or OSM_XML.match(text):
        return "OSM"
    if text.startswith((b"{", b"[")):
        return "GeoJSON"
    return "" if b"\x00" in head or text.startswith(b"<") else "text"


def require_file(path: str | Path) -> Path:
    """Return a path to an existing local file.

    Raises
    ------
    InputError
        If it does not exist, is a folder or is empty; addresses and GDAL's virtual paths never
        exist.
    """
    file = Path(path).absolute()
    if not file.is_file():
        refuse("file.missing", file.name, N_("an existing file"), N_("Check the path."))
    if file.stat().st_size == 0:
        refuse(
            "file.empty",
            file.name,
            N_("a file with content"),
            N_("Export or download the file again."),
            found="0 bytes",
        )
    return file


def read_vector(path: str | Path, *, layer: str | None = None) -> Vector:
    """Read one layer of a vector file.

    Parameters
    ----------
    path
        GeoPackage, Shapefile, FlatGeobuf, GeoJSON or GeoParquet; the content decides.
    layer
        Name of the layer where a file holds several.

    Raises
    ------
    InputError
        If the format is another, the file is damaged, no CRS is declared or the layer is unclear.
    """
    file = require_file(path)
    driver = sniff(file)
    if driver == "GeoJSON":
        frame, faults = read_geojson(file)
        return Vector(frame, driver, faults)
    if driver == "Parquet":
        frame = _read_parquet(file)
    elif driver in DRIVERS:
        frame = _read_gdal(file, driver, layer)
    else:
        refuse(
            "file.format",
            file.name,
            N_("GeoPackage, Shapefile, FlatGeobuf, GeoJSON or GeoParquet"),
            N_("Convert the file with QGIS."),
            found=driver or "unknown format",
        )
    if frame.crs is None:
        refuse(
            "crs.missing",
            file.name,
            N_("a declared coordinate system"),
            N_("Add it (for a Shapefile, the .prj file); it is never guessed."),
        )
    index = pd.Index([str(n) for n in range(1, len(frame) + 1)], dtype=object)
    return Vector(frame.set_axis(index, axis=0), driver)


def layer_names(path: Path) -> list[str]:
    """Return the names of the layers with or without geometry in a file that GDAL reads.

    Raises
    ------
    InputError
        If the file is damaged.
    """
    import pyogrio
    from pyogrio.errors import DataSourceError

    try:
        return [str(name) for name, _ in pyogrio.list_layers(path)]
    except DataSourceError as error:
        _refuse_damaged(path, sniff(path) or "", str(error))


def _read_gdal(file: Path, driver: str, layer: str | None) -> gpd.GeoDataFrame:
    import pyogrio
    from pyogrio.errors import CRSError, DataLayerError, DataSourceError, FieldError

    _require_siblings(file, driver)
    try:
        with warnings.catch_warnings():
            # The content decides, so a wrong extension is no news.
            warnings.filterwarnings("ignore", ".*non conformant file extension", RuntimeWarning)
            _require_layer(file, layer_names(file), layer)
            found = str(pyogrio.read_info(file, layer=layer)["driver"])
            frame = pyogrio.read_dataframe(file, layer=layer)
    except (DataSourceError, DataLayerError, FieldError, CRSError, UnicodeDecodeError) as error:
        _refuse_damaged(file, driver, str(error))
    if found != DRIVERS[driver]:
        _refuse_damaged(file, driver, found)
    if not isinstance(frame, gpd.GeoDataFrame):
        refuse(
            "layer.no_geometry",
            file.name,
            N_("a layer with geometry"),
            N_("Name another layer."),
            found=layer or "",
        )
    return frame.rename_geometry("geometry") if frame.geometry.name != "geometry" else frame


def _refuse_damaged(file: Path, driver: str, found: str) -> NoReturn:
    refuse(
        "file.damaged",
        file.name,
        N_("a complete file in the format %(driver)s", driver=driver),
        N_("Export or download the file again."),
        found=found[:200],
    )


def _require_siblings(file: Path, driver: str) -> None:
    """Refuse a Shapefile that lost its index or its attributes, which GDAL reads without a word."""
    if driver != "ESRI Shapefile":
        return
    beside = {other.suffix.lower() for other in file.parent.glob(f"{glob.escape(file.stem)}.*")}
    missing = sorted({".shx", ".dbf"} - beside)
    if missing:
        refuse(
            "shapefile.incomplete",
            file.name,
            N_("the files %(names)s beside it", names=", ".join(missing)),
            N_("Copy all files of the Shapefile."),
        )


def _require_layer(file: Path, names: list[str], layer: str | None) -> None:
    """Refuse a choice of layer that is missing or unclear."""
    if not names:
        refuse(
            "layer.missing",
            file.name,
            N_("at least one layer"),
            N_("Export or download the file again."),
        )
    if layer is None and len(names) > 1:
        refuse(
            "layer.several",
            file.name,
            N_("one layer"),
            N_("Name the layer to read."),
            found=", ".join(names),
        )
    if layer is not None and layer not in names:
        refuse(
            "layer.missing",
            file.name,
            N_("one of %(names)s", names=", ".join(names)),
            N_("Name a layer that exists."),
            found=layer,
        )


def _read_parquet(file: Path) -> gpd.GeoDataFrame:
    import pyarrow as pa

    try:
        frame = gpd.read_parquet(file)
    except (pa.ArrowException, ValueError, OSError, shapely.errors.ShapelyError) as error:
        refuse(
            "file.damaged",
            file.name,
            N_("GeoParquet with a geometry column"),
            N_("Export the file again as GeoParquet."),
            found=str(error)[:200],
        )
    return frame.rename_geometry("geometry") if frame.geometry.name != "geometry" else frame
