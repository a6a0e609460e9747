"""Vector files of any kind that is allowed, recognised by content; and buildings out of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from civicsight.city.buildings import Raw, make_buildings
from civicsight.city.crs import LONLAT, centre_bounds, strays, working_crs
from civicsight.city.geojson import read_geojson
from civicsight.city.heights import building_heights
from civicsight.city.report import Count, ImportReport
from civicsight.city.synonyms import BUILDING_HEADERS, match_headers
from civicsight.errors import Fault, InputError, N_, Text

SQLITE = b"SQLite format 3\x00"
DRIVERS = {"GPKG": "GPKG", "ESRI Shapefile": "ESRI Shapefile", "FlatGeobuf": "FlatGeobuf"}
"""Formats that GDAL may read; what the first bytes do not show to be one of them never reaches it.

GDAL recognises files by content, and among its formats are some that fetch other files or
addresses (VRT, pipelines, service descriptions), so the name of a file proves nothing.
"""

ID_SHARE = 0.5
"""A column is an identifier if at least this share of its values differ; rows may repeat some."""


class Vector(NamedTuple):
    """One layer as it was found: rows labelled 1, 2, 3 ... in their own CRS."""

    frame: gpd.GeoDataFrame
    driver: str
    faults: tuple[Fault, ...] = ()


def sniff(path: Path) -> str:
    """Name the format of a file by its first bytes: a key of `DRIVERS`, ``GeoJSON``, ``Parquet``,
    ``OSM``, ``text`` or empty.
    """
    with path.open("rb") as file:
        head = file.read(512)
    if head.startswith(SQLITE):
        return "GPKG"
    if head.startswith(b"fgb\x03fgb"):
        return "FlatGeobuf"
    if head.startswith(b"PAR1"):
        return "Parquet"
    if head.startswith(b"\x00\x00\x27\x0a"):
        return "ESRI Shapefile"
    if b"OSMHeader" in head:
        return "OSM"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith((b"{", b"[")):
        return "GeoJSON"
    if re.match(rb"(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<osm[\s>]", text, re.DOTALL):
        return "OSM"
    return "" if b"\x00" in head or text.startswith(b"<") else "text"


def require_file(path: str | Path) -> Path:
    """Return a path to an existing local file.

    Raises
    ------
    InputError
        If it does not exist, is a folder or is empty. Addresses and GDAL's virtual paths never exist.
    """
    file = Path(path).absolute()
    if not file.is_file():
        raise InputError([Fault("file.missing", file.name, "", "", "", N_("an existing file"),
                                N_("Check the path."))])
    if file.stat().st_size == 0:
        raise InputError([Fault("file.empty", file.name, "", "", "0 bytes", N_("a file with content"),
                                N_("Export or download the file again."))])
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
        raise InputError([Fault(
            "file.format", file.name, "", "", driver or "unknown format",
            N_("GeoPackage, Shapefile, FlatGeobuf, GeoJSON or GeoParquet"),
            N_("Convert the file with QGIS."),
        )])
    if frame.crs is None:
        raise InputError([Fault(
            "crs.missing", file.name, "", "", "", N_("a declared coordinate system"),
            N_("Add it (for a Shapefile, the .prj file); it is never guessed."),
        )])
    index = pd.Index([str(n) for n in range(1, len(frame) + 1)], dtype=object)
    return Vector(frame.set_axis(index, axis=0), driver)


def layer_names(path: Path) -> list[str]:
    """Return the names of the layers with or without geometry in a file that GDAL reads."""
    import pyogrio  # noqa: PLC0415 - only where GDAL is needed

    return [str(name) for name, _ in pyogrio.list_layers(path)]


def _read_gdal(file: Path, driver: str, layer: str | None) -> gpd.GeoDataFrame:
    import pyogrio  # noqa: PLC0415 - only where GDAL is needed
    from pyogrio.errors import CRSError, DataLayerError, DataSourceError, FieldError  # noqa: PLC0415

    try:
        names = layer_names(file)
        if layer is None and len(names) > 1:
            raise InputError([Fault("layer.several", file.name, "", "", ", ".join(names),
                                    N_("one layer"), N_("Name the layer to read."))])
        if layer is not None and layer not in names:
            raise InputError([Fault("layer.missing", file.name, "", "", layer,
                                    N_("one of %(names)s", names=", ".join(names)),
                                    N_("Name a layer that exists."))])
        info = pyogrio.read_info(file, layer=layer)
        if info["driver"] != DRIVERS[driver]:
            raise InputError([Fault("file.format", file.name, "", "", str(info["driver"]),
                                    N_("a file in the format %(driver)s", driver=driver),
                                    N_("Convert the file with QGIS."))])
        frame = pyogrio.read_dataframe(file, layer=layer)
    except (DataSourceError, DataLayerError, FieldError, CRSError, UnicodeDecodeError) as error:
        raise InputError([Fault("file.damaged", file.name, "", "", str(error)[:200],
                                N_("a complete file in the format %(driver)s", driver=driver),
                                N_("Export or download the file again."))]) from error
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError([Fault("layer.no_geometry", file.name, "", "", layer or "",
                                N_("a layer with geometry"), N_("Name another layer."))])
    return frame.rename_geometry("geometry") if frame.geometry.name != "geometry" else frame


def _read_parquet(file: Path) -> gpd.GeoDataFrame:
    import pyarrow  # noqa: PLC0415 - only where Parquet is read

    try:
        frame = gpd.read_parquet(file)
    except (pyarrow.ArrowException, ValueError, OSError, shapely.errors.ShapelyError) as error:
        raise InputError([Fault("file.damaged", file.name, "", "", str(error)[:200],
                                N_("GeoParquet with a geometry column"),
                                N_("Export the file again as GeoParquet."))]) from error
    return frame.rename_geometry("geometry") if frame.geometry.name != "geometry" else frame


def read_buildings(
    path: str | Path, *, crs: CRS | None = None, layer: str | None = None, keep_good: bool = False
) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Read building footprints with their heights from a vector file.

    Attributes are found by name (``height``, ``floors``, ``min_height`` ... in many spellings).
    Rows that share an identifier, as where tiles cut a building, are joined.

    Parameters
    ----------
    path
        GeoPackage, Shapefile, FlatGeobuf, GeoJSON or GeoParquet with a declared CRS.
    crs
        Working CRS; chosen from the centre of the data by default.
    layer
        Layer to read where there are several.
    keep_good
        Whether to take the usable rows where others are rejected.

    Returns
    -------
    buildings
        `schema.BUILDINGS` in the working CRS.
    report
        What was read, joined, repaired, assumed and rejected.

    Raises
    ------
    InputError
        If the file cannot be read, or rows are rejected and not `keep_good`.
    """
    vector = read_vector(path, layer=layer)
    return buildings_of(vector, Path(path).name, crs=crs, keep_good=keep_good)


def buildings_of(
    vector: Vector, source: str, *, crs: CRS | None = None, keep_good: bool = False
) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Turn a layer that was read into the table of buildings; see `read_buildings`."""
    found = match_headers(vector.frame.columns, BUILDING_HEADERS)
    read = len(vector.frame)
    frame, notes = _labelled(vector.frame, found.get("id"))
    frame = to_working(frame, crs)
    far = strays(frame.geometry.to_numpy())
    rejected = vector.faults + _far_faults(frame, far, source)
    frame = frame[~far]
    frame, joined = _join_rows(frame)
    attributes = pd.DataFrame(
        {name: frame[column] for name, column in found.items() if name not in {"id", "kind", "name"}},
        index=frame.index,
    )
    kind = _text_column(frame, found.get("kind"))
    heights, faults = building_heights(attributes, kind, source)
    rows = gpd.GeoDataFrame(heights.assign(
        kind=kind, name=_text_column(frame, found.get("name")), tags=None,
    ), geometry=frame.geometry.to_numpy(), crs=frame.crs, index=frame.index)
    counts = (Count("joined", N_("rows joined with another of the same id"), joined),)
    bad = {fault.where for fault in vector.faults}
    rows = rows[[label not in bad for label in rows.index]]
    table, report = make_buildings(
        Raw(rows, _is_part(frame, kind)[[label not in bad for label in frame.index]]),
        source, read=read, counts=counts, faults=faults,
    )
    columns = ", ".join(f"{name} = {column}" for name, column in found.items())
    report = ImportReport(
        source, "buildings", report.read, report.kept, report.counts, report.repaired,
        rejected + report.rejected,
        (*notes, N_("columns understood: %(columns)s", columns=columns)), "",
        crs_name(vector.frame.crs),
    )
    report.raise_rejected(keep_good=keep_good)
    return table, report


def to_working(frame: gpd.GeoDataFrame, crs: CRS | None) -> gpd.GeoDataFrame:
    """Move a table into the working CRS, chosen from its centre where none is given."""
    if crs is None:
        crs = working_crs(centre_bounds(frame.geometry.to_crs(LONLAT).to_numpy()))
    return frame.to_crs(crs)


def crs_name(crs: CRS) -> str:
    """Return code and name of a CRS for a person."""
    authority = crs.to_authority()
    return f"{':'.join(authority)} {crs.name}" if authority else str(crs.name)


def _labelled(frame: gpd.GeoDataFrame, column: str | None) -> tuple[gpd.GeoDataFrame, tuple[Text, ...]]:
    """Label rows by their identifier, if the column is one."""
    if column is None:
        return frame, (N_("no column with identifiers: rows are numbered"),)
    values = frame[column]
    if values.isna().any() or values.nunique() < ID_SHARE * len(frame):
        return frame, (N_("column %(column)s repeats too often to identify rows: rows are numbered",
                          column=column),)
    labels = pd.Index([str(value) for value in values], dtype=object)
    return frame.set_axis(labels, axis=0), ()


def _join_rows(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, int]:
    """Unite the footprints of rows that share a label; the first row gives the attributes."""
    repeated = frame.index.duplicated(keep=False)
    if not repeated.any():
        return frame, 0
    pieces = frame[repeated]
    first = pieces[~pieces.index.duplicated()]
    code = pd.Categorical(pieces.index, categories=first.index).codes
    order = np.argsort(code, kind="stable")
    geometry = pieces.geometry.to_numpy()[order]
    invalid = ~shapely.is_valid(geometry)
    geometry[invalid] = shapely.make_valid(geometry[invalid])
    groups = np.split(geometry, np.flatnonzero(np.diff(code[order])) + 1)
    united = np.array([shapely.union_all(group) for group in groups], dtype=object)
    first = first.set_geometry(gpd.GeoSeries(united, index=first.index, crs=frame.crs))
    whole = gpd.GeoDataFrame(pd.concat([frame[~repeated], first]), geometry="geometry", crs=frame.crs)
    return whole, len(pieces) - len(first)


def _text_column(frame: gpd.GeoDataFrame, column: str | None) -> pd.Series:
    if column is None:
        return pd.Series([None] * len(frame), index=frame.index, dtype=object)
    values = frame[column].astype(object)
    return values.where(values.notna(), None).map(lambda v: None if v is None else str(v))


def _is_part(frame: gpd.GeoDataFrame, kind: pd.Series) -> npt.NDArray[np.bool_]:
    is_part = kind.isin(("building_part", "part", "BuildingPart")).to_numpy(bool)
    if "building:part" in frame.columns:
        mapped = frame["building:part"]
        is_part |= (mapped.notna() & mapped.astype(str).ne("no")).to_numpy(bool)
    return is_part


def _far_faults(frame: gpd.GeoDataFrame, far: npt.NDArray[np.bool_], source: str) -> tuple[Fault, ...]:
    return tuple(far_fault(source, str(label)) for label in frame.index[far])


def far_fault(source: str, label: str) -> Fault:
    """Return the fault of a feature that lies far from all others."""
    return Fault(
        "place.far", source, label, "geometry", "",
        N_("a place within 50 km of the other features"),
        N_("Check the coordinates; (0, 0) stands for unknown."),
    )

