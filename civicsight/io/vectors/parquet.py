"""GeoParquet: its metadata held to the standard, its shapes walked before they are built.

References
----------
GeoParquet 1.1.0: ``geo`` metadata with ``primary_column`` and ``columns``; a column without a
``crs`` is in OGC:CRS84, one with ``null`` in none that is known.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.errors import ShapelyError

from civicsight.core import settings
from civicsight.core.bounded.text import load_json
from civicsight.core.bounded.wkb import load_wkb
from civicsight.core.errors import N_, InputError
from civicsight.io.refusal import refuse
from civicsight.io.vectors.database import MAX_COLUMNS, refuse_memory
from civicsight.io.vectors.parquet_size import decoded_bytes
from civicsight.io.vectors.shapes import FoundLayer, drop_endless, read_shapes

MAX_ROWS = 20_000_000


def read_parquet(file: Path) -> FoundLayer:
    """Read the primary geometry of a GeoParquet file with all other columns.

    Raises
    ------
    InputError
        If it is damaged, too large, or names no column of geometries.
    """
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(file) as source:
            _require_size(file, source.metadata)
            column, details = _primary(file, source)
            if str(details.get("encoding", "WKB")).upper() != "WKB":
                return _read_native(file)
            table = source.read()
        plain = table.drop_columns([column]).to_pandas(ignore_metadata=True)
        blobs = table.column(column).to_pylist()
    except InputError:  # a ValueError too, and said all there is
        raise
    except (pa.ArrowException, ValueError, OSError, KeyError, NotImplementedError) as error:
        _refuse(file, str(error))
    if not all(blob is None or isinstance(blob, bytes) for blob in blobs):
        _refuse(file, str(table.schema.field(column).type))
    shapes = read_shapes(blobs, file.name)
    frame = gpd.GeoDataFrame(_own(plain), geometry=shapes.geometry, crs=_crs(file, details))
    return FoundLayer(frame, shapes.faults, shapes.mended, has_z=shapes.has_z)


def read_own(path: str | Path) -> gpd.GeoDataFrame:
    """Read a table of ours with its index and types, as `GeoDataFrame.to_parquet` wrote it."""
    shapes = pd.read_parquet(path, columns=["geometry"])["geometry"]
    load_wkb(shapes.tolist())  # walked before GEOS sees them
    return gpd.read_parquet(path)


def _own(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the attributes without one that would stand for the geometry."""
    return frame.drop(columns="geometry") if "geometry" in frame else frame


def _require_size(file: Path, metadata: Any) -> None:
    """Refuse a file that is larger when it is decoded than memory should hold."""
    if metadata.num_rows > MAX_ROWS or metadata.num_columns > MAX_COLUMNS:
        refuse(
            "file.too_large",
            file.name,
            N_("at most %(rows)s rows and %(columns)s columns", rows=MAX_ROWS, columns=MAX_COLUMNS),
            N_("Split the table, or cut out the area that is needed."),
            found=f"{metadata.num_rows} rows, {metadata.num_columns} columns",
        )
    limit = settings.read_memory()
    size = decoded_bytes(file, metadata, limit)
    if size > limit:
        refuse_memory(file.name, f">= {size // 1_000_000} MB")


def _primary(file: Path, source: Any) -> tuple[str, dict[str, Any]]:
    """Return the name of the geometry column and what the metadata say of it."""
    raw = (source.metadata.metadata or {}).get(b"geo")
    if raw is None:
        refuse(
            "parquet.no_geo",
            file.name,
            N_("GeoParquet with a geometry column"),
            N_("Write it with GDAL, DuckDB's spatial extension or geopandas, with its CRS."),
            found=", ".join(source.schema_arrow.names)[:200],
            field="geo",
        )
    try:
        geo = load_json(raw)
        column = geo["primary_column"]
        details = geo["columns"][column]
    except (ValueError, KeyError, TypeError):
        _refuse(file, "geo")
    if column not in source.schema_arrow.names or not isinstance(details, dict):
        _refuse(file, str(column))
    return str(column), details


def _crs(file: Path, details: dict[str, Any]) -> CRS | None:
    if "crs" not in details:
        return CRS.from_authority("OGC", "CRS84")
    try:
        return None if details["crs"] is None else CRS.from_json_dict(details["crs"])
    except (CRSError, TypeError, ValueError, AttributeError):
        _refuse(file, "crs")


def _read_native(file: Path) -> FoundLayer:
    """Read geometries in Arrow's own layout, which cannot be nested."""
    import pyarrow as pa

    try:
        frame = gpd.read_parquet(file)
    except (pa.ArrowException, ValueError, TypeError, OSError, ShapelyError) as error:
        _refuse(file, str(error))
    geometry, faults = drop_endless(np.asarray(frame.geometry.force_2d(), object), file.name)
    plain = pd.DataFrame(frame.drop(columns=frame.geometry.name)).reset_index(drop=True)
    out = gpd.GeoDataFrame(_own(plain), geometry=geometry, crs=frame.crs)
    return FoundLayer(out, faults, has_z=bool(frame.geometry.has_z.any()))


def _refuse(file: Path, found: str) -> NoReturn:
    refuse(
        "file.damaged",
        file.name,
        N_("GeoParquet with a geometry column"),
        N_("Export the file again as GeoParquet."),
        found=found.replace(str(file), file.name)[:200],
    )
