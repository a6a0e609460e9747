"""GeoParquet read by window or in pieces, never whole: groups of rows whose boxes meet a window.

References
----------
GeoParquet 1.1.0, ``covering``: the box of each shape in a column of its own, whose statistics tell
a reader which groups of rows it can pass over.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NoReturn

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from civicsight.core.errors import InputError
from civicsight.core.lossless import flatten, restore
from civicsight.io.faults import reject
from civicsight.io.vectors.parquet import crs_of, primary_of, require_size
from civicsight.io.vectors.shapes import read_shapes

Box = tuple[float, float, float, float]
"""West, south, east and north [m]."""

ROWS_IN_GROUP: Final = 4_096
ROWS_AT_ONCE: Final = 50_000
COVERING: Final = "bbox"
BROKEN: Final = (ValueError, OSError, KeyError, TypeError, NotImplementedError)
"""What a torn or foreign file raises; errors of pyarrow are among them."""


def write_layer(frame: gpd.GeoDataFrame, path: Path) -> list[str]:
    """Write a table in groups of rows, with the box of each shape; return what stands as JSON.

    Rows should come in an order in which neighbours are close.
    """
    flat, columns = flatten(frame)
    shapes = frame.geometry.to_numpy()
    shaped = gpd.GeoDataFrame(flat.drop(columns="geometry"), geometry=frame.geometry, crs=frame.crs)
    shaped.to_parquet(
        path,
        write_covering_bbox=bool(len(frame) and np.isfinite(shapely.bounds(shapes)).all()),
        row_group_size=ROWS_IN_GROUP,
        compression="zstd",
    )
    objects: list[str] = columns["objects"]
    return objects


def read_layer(
    path: Path, objects: list[str], crs: CRS, window: Box | None = None
) -> gpd.GeoDataFrame:
    """Read the rows of a table of `write_layer` whose boxes meet a window; all without one.

    Raises
    ------
    InputError
        If the file is damaged or another.
    """
    from pyarrow import parquet

    try:
        source = parquet.ParquetFile(path)
        names = [name for name in source.schema_arrow.names if name != COVERING]
        covers = COVERING in source.schema_arrow.names
        meets = None if window is None or not covers else _meeting(window)
        table = parquet.read_table(path, columns=names, filters=meets)
        return restore(table.to_pandas(), {"objects": objects, "geometry": "geometry"}, crs)
    except BROKEN as error:
        _refuse(path, error)


def _meeting(window: Box) -> Any:
    """Return the condition that the box of a row meets a window."""
    from pyarrow import compute

    def edge(name: str) -> Any:
        return compute.field(COVERING, name)

    west, south, east, north = window
    across = (edge("xmin") <= east) & (edge("xmax") >= west)
    return across & (edge("ymin") <= north) & (edge("ymax") >= south)


def pieces_of(path: Path, window: Box | None = None) -> Iterator[gpd.GeoDataFrame]:
    """Yield the rows of a GeoParquet file some at a time, those that meet a window if one is given.

    Where the file has a covering of boxes, groups of rows that miss the window are not even read.

    Raises
    ------
    InputError
        If it is damaged, too wide, or names no column of geometries.
    """
    from pyarrow import dataset, parquet

    try:
        with parquet.ParquetFile(path) as source:
            require_size(path, source.metadata, rows=False)
            column, details = primary_of(path, source)
            covers = COVERING in source.schema_arrow.names
        names = [name for name in source.schema_arrow.names if name != COVERING]
        meets = None if window is None or not covers else _meeting(window)
        scanner = dataset.dataset(path, format="parquet").scanner(
            columns=names, filter=meets, batch_size=ROWS_AT_ONCE, use_threads=False
        )
        # pandas keeps its labels in a column that it names in the metadata.
        kept = (source.schema_arrow.pandas_metadata or {}).get("index_columns", [])
        index = kept[0] if len(kept) == 1 and isinstance(kept[0], str) else None
        for batch in scanner.to_batches():
            if batch.num_rows:
                yield _piece(path, batch, column, crs_of(path, details), index, window)
    except InputError:
        raise
    except BROKEN as error:
        _refuse(path, error)


def _piece(
    path: Path, batch: Any, column: str, crs: CRS | None, index: str | None, window: Box | None
) -> gpd.GeoDataFrame:
    """Return some rows as a table, without those whose shapes cannot be used."""
    blobs = batch.column(column).to_pylist()
    plain = batch.drop_columns([column]).to_pandas()
    if index in plain.columns:
        plain = plain.set_index(index)
    shapes = read_shapes(blobs, path.name)
    if shapes.faults:
        raise InputError(shapes.faults)
    frame = gpd.GeoDataFrame(pd.DataFrame(plain), geometry=np.asarray(shapes.geometry), crs=crs)
    if window is None:
        return frame
    bounds = frame.bounds.to_numpy()
    west, south, east, north = window
    inside = (bounds[:, 0] <= east) & (bounds[:, 2] >= west)
    return frame[inside & (bounds[:, 1] <= north) & (bounds[:, 3] >= south)]


def _refuse(path: Path, error: Exception) -> NoReturn:
    reject(
        "file.damaged:geoparquet", path.name, found=str(error).replace(str(path), path.name)[:200]
    )
