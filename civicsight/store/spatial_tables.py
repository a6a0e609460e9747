"""Tables of a PostGIS database, read by window and in pieces, never whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS
from pyproj.exceptions import CRSError
from sqlalchemy import column, func, make_url, select, table, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from civicsight.core.bounded.wkb import load_wkb
from civicsight.store.faults import reject
from civicsight.store.postgis import connect

ROWS_AT_ONCE: Final = 50_000
SHAPE: Final = "wkb_of_shape"

FIND_SHAPE: Final = text(
    "SELECT f_geometry_column, srid FROM geometry_columns "
    "WHERE f_table_schema = :schema AND f_table_name = :name"
)

Box = tuple[float, float, float, float]


def pieces_of_table(
    url: str, schema: str, name: str, window: Box | None = None
) -> Iterator[gpd.GeoDataFrame]:
    """Yield the rows of a table with a geometry, those whose boxes meet a window if one is given.

    The server looks through its index; rows come some at a time, whatever there are.

    Parameters
    ----------
    url
        As ``postgresql://user@host/database``; a password is better kept in ``~/.pgpass``.
    schema, name
        The table.
    window
        In the CRS of the table.

    Raises
    ------
    InputError
        If the server does not answer, the table is not there, has no geometry or several, or
        holds one that cannot be used.
    """
    try:
        database = connect(make_url(url))
    except ArgumentError:
        reject("postgis.url")
    try:
        with database.engine.connect() as connection, ExitStack() as cursors:
            shape, srid = _shape_of(connection, schema, name)
            crs = _crs_of(name, srid)
            streamed = connection.execution_options(stream_results=True, yield_per=ROWS_AT_ONCE)
            query = _query(schema, name, shape, srid, window)
            rows = cursors.enter_context(streamed.execute(query))
            names = list(rows.keys())
            for batch in rows.partitions(ROWS_AT_ONCE):
                yield _piece(name, batch, names, shape, crs)
    except DBAPIError as error:
        told = str(error.orig).splitlines()[0] if str(error.orig) else ""
        reject("postgis.server", name, found=told)
    finally:
        database.engine.dispose()


def _shape_of(connection: Any, schema: str, name: str) -> tuple[str, int]:
    """Return the column of geometries and its SRID."""
    found = connection.execute(FIND_SHAPE, {"schema": schema, "name": name}).all()
    if len(found) != 1:
        reject("postgis.table", f"{schema}.{name}", found=str(len(found)))
    return str(found[0][0]), int(found[0][1])


def _crs_of(name: str, srid: int) -> CRS:
    try:
        return CRS.from_epsg(srid)
    except CRSError:
        reject("postgis.srid", name, found=str(srid))


def _query(schema: str, name: str, shape: str, srid: int, window: Box | None) -> Any:
    """Ask for all columns, and the geometry as WKB of two dimensions."""
    geometry: Any = column(shape)
    source = table(name, schema=schema)
    asked = select(text("*"), func.ST_AsBinary(func.ST_Force2D(geometry)).label(SHAPE))
    asked = asked.select_from(source)
    if window is not None:
        asked = asked.where(geometry.op("&&")(func.ST_MakeEnvelope(*window, srid)))
    return asked


def _piece(name: str, batch: Any, names: list[str], shape: str, crs: CRS) -> gpd.GeoDataFrame:
    frame = pd.DataFrame([tuple(row) for row in batch], columns=names)
    blobs = [None if blob is None else bytes(blob) for blob in frame[SHAPE]]
    try:
        shapes = load_wkb(blobs)
    except ValueError as error:
        reject("postgis.geometry", name, found=str(error)[:200])
    plain = frame.drop(columns=[SHAPE, shape])
    return gpd.GeoDataFrame(plain, geometry=np.asarray(shapes), crs=crs)
