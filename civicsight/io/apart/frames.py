"""Tables that cross to a reading process and back, as streams of Arrow.

A geometry goes as WKB, which is walked before GEOS sees it; a CRS as well-known text; a cell that
is neither text nor a number as JSON. What the columns are is said beside the data, not guessed.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from civicsight.core.bounded.room import SHAPE_CELL, TEXT_CELL, Room, size_built
from civicsight.core.bounded.text import MAX_JSON, load_crs, load_json
from civicsight.core.bounded.wkb import load_wkb

if TYPE_CHECKING:
    from pyproj import CRS

Convert = Callable[[Any], Any]

ABOUT: Final = b"civicsight"
"""Key of what is said of the columns, in the metadata of the schema."""

NUMBER: Final = re.compile(r"bool|u?int(8|16|32|64)|float(32|64)|datetime64\[(s|ms|us|ns)\]")
"""Types of column that Arrow has as well."""

TEXTS: Final = frozenset({str, type(None)})
"""Types of the cells of a column that goes as text."""

CELL: Final = 8
"""Bytes that a cell takes at least, be it a number or the address of an object."""

TOGETHER: Final = 32
"""Cells that go as one text of JSON, which stands in the row of the first."""

FOUND: Final = (
    *(pa.types.is_boolean, pa.types.is_integer, pa.types.is_floating, pa.types.is_timestamp),
    *(pa.types.is_large_string, pa.types.is_large_binary),
)
"""Types of Arrow that a stream may hold."""


def write_frame(frame: pd.DataFrame, write: Convert) -> bytes:
    """Return a table as a stream of Arrow.

    Parameters
    ----------
    frame
        A table with or without geometry.
    write
        Makes JSON of a single value, as `codec` does.

    Raises
    ------
    TypeError
        If its index has several levels.
    """
    if isinstance(frame.index, pd.MultiIndex) or isinstance(frame.columns, pd.MultiIndex):
        raise TypeError(type(frame.index).__name__)
    arrays, columns = [], []
    for at in range(frame.shape[1]):
        values = frame.iloc[:, at]
        array, how = _written(values, write)
        arrays.append(array)
        columns.append(
            {"name": write(values.name), "how": how, "type": str(values.dtype)} | _crs_said(values)
        )
    about = {"columns": columns, "labels": write(frame.columns.name), "rows": len(frame)}
    index = frame.index
    if isinstance(index, pd.RangeIndex):
        about["range"] = [index.start, index.stop, index.step]
    else:
        array, how = _written(index.to_series(), write)
        arrays.append(array)
        about["index"] = {"how": how, "type": str(index.dtype)}
    about["index_name"] = write(index.name)
    if isinstance(frame, gpd.GeoDataFrame):
        about["geometry"] = write(frame._geometry_column_name)  # noqa: SLF001 - may not be set yet
    schema = pa.schema(
        [pa.field(str(at), array.type) for at, array in enumerate(arrays)],
        metadata={ABOUT: json.dumps(about).encode()},
    )
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as stream:
        stream.write_table(pa.Table.from_arrays(arrays, schema=schema))
    return bytes(sink.getvalue())


def _written(values: pd.Series, write: Convert) -> tuple[pa.Array, str]:
    """Return a column as Arrow has it, and how it is to be read again."""
    if isinstance(values.dtype, gpd.array.GeometryDtype):
        blobs = shapely.to_wkb(np.asarray(values.array, object))
        return pa.array(list(blobs), pa.large_binary()), "geometry"
    if NUMBER.fullmatch(str(values.dtype)):
        return pa.array(values.to_numpy(), from_pandas=False), "number"
    cells = values.tolist()
    kinds = set(map(type, cells))
    if kinds == {type(None)}:
        return pa.nulls(len(cells), pa.bool_()), "nothing"
    # Arrow's text has to be UTF-8; a lone half of a character, which may not be, is not printable.
    if kinds <= TEXTS and all(map(str.isprintable, filter(None, cells))):
        return pa.array(cells, pa.large_string()), "text"
    texts: list[str | None] = [None] * len(cells)
    for at in range(0, len(cells), TOGETHER):
        texts[at] = json.dumps(list(map(write, cells[at : at + TOGETHER])))
    return pa.array(texts, pa.large_string()), "json"


def _crs_said(values: pd.Series) -> dict[str, str]:
    crs: CRS | None = getattr(values.array, "crs", None)
    return {} if crs is None else {"crs": crs.to_wkt()}


def read_frame(content: Any, read: Convert, room: Room) -> pd.DataFrame:
    """Return the table of a stream of Arrow that `write_frame` made.

    Parameters
    ----------
    content, read
        The stream, and what makes a value of JSON.
    room
        What its cells are taken from before they are built.

    Raises
    ------
    ValueError
        If it is damaged, or holds what is not written there.
    MemoryError
        If there is no room for it.
    """
    try:
        rows = sum(map(_plain_rows, _batches(content)))
        with pa.ipc.open_stream(pa.py_buffer(content)) as stream:
            kinds = [entry.type for entry in stream.schema]
            if not all(any(fits(kind) for fits in FOUND) for kind in kinds):
                raise TypeError(str(kinds)[:100])
            room.take(rows * (len(kinds) + 1) * CELL)
            metadata, table = stream.schema.metadata, stream.read_all()
        table.validate(full=True)
    except (pa.ArrowException, OSError, StopIteration, struct.error) as error:  # or no stream
        raise ValueError(str(error)[:200]) from None
    room.take(size_built(metadata[ABOUT]))
    about = load_json(metadata[ABOUT], limit=MAX_JSON)
    columns = {
        at: _column(table.column(at), said, read, room) for at, said in enumerate(about["columns"])
    }
    if "range" in about:
        index = pd.RangeIndex(*about["range"])
    else:
        labels = _column(table.column(len(columns)), about["index"], read, room)
        index = pd.Index(labels.array, dtype=labels.dtype)
    if len(index) != about["rows"] or (columns and len(index) != table.num_rows):
        msg = f"{len(index)} labels of {table.num_rows} rows"
        raise ValueError(msg)
    if not columns:  # labels alone, which no batch bears out
        room.take(len(index) * CELL)
    index = index.rename(read(about["index_name"]))
    frame = pd.DataFrame(
        {at: column.set_axis(index) for at, column in columns.items()}, index=index
    )
    names = [read(said["name"]) for said in about["columns"]]
    frame.columns = pd.Index(names, name=read(about["labels"]), dtype=None if names else object)
    if "geometry" not in about:
        return frame
    active = read(about["geometry"])
    whole = gpd.GeoDataFrame(frame)
    return whole.set_geometry(active) if active in names else whole


def _batches(content: Any) -> Iterator[pa.ipc.Message]:
    """Yield what follows the schema of a stream; nothing of it is built."""
    messages = pa.ipc.MessageReader.open_stream(pa.py_buffer(content))
    messages.read_next_message()
    yield from messages


def _plain_rows(message: pa.ipc.Message) -> int:
    """Return the rows of a batch whose columns lie side by side as they are.

    Compression, dictionaries and buffers that several columns share would let a small stream fill
    the memory, and Arrow has no option that refuses them. Its own head of the batch says so first.

    Raises
    ------
    ValueError
        If the batch would grow when it is read.

    References
    ----------
    Apache Arrow, "Columnar format", Message.fbs: a ``Message`` has version, kind, header; its
    ``RecordBatch`` has length, nodes, buffers, compression. FlatBuffers, "Internals".
    """
    if message.type != "record batch":
        msg = f"a {message.type} does not cross"
        raise ValueError(msg)
    head = bytes(message.metadata)

    def number(kind: str, at: int) -> int:
        return int(struct.unpack_from(kind, head, at)[0])

    def field_of(table: int, which: int) -> int:
        """Return where a field of a table lies, 0 where it is left out."""
        places = table - number("<i", table)
        entry = 4 + 2 * which
        there = number("<H", places + entry) if entry < number("<H", places) else 0
        return table + there if there else 0

    header = field_of(number("<I", 0), 2)
    batch = header + number("<I", header)
    length, buffers, packed = (field_of(batch, which) for which in (0, 2, 3))
    begin = buffers + number("<I", buffers)
    sizes = np.frombuffer(head, "<i8", 2 * number("<I", begin), begin + 4)[1::2].tolist()
    if packed or min(sizes, default=0) < 0 or sum(sizes) > message.body.size:
        msg = f"{message.body.size} bytes that would grow"
        raise ValueError(msg)
    return number("<q", length) if length else 0


def _column(array: pa.ChunkedArray, said: dict[str, Any], read: Convert, room: Room) -> pd.Series:
    """Return one column as it was."""
    how, kind = said["how"], said["type"]
    if how == "geometry":
        room.take(array.nbytes + len(array) * SHAPE_CELL)
        crs = None if "crs" not in said else load_crs(said["crs"])
        shapes = load_wkb(array.to_pylist())
        return pd.Series(gpd.array.GeometryArray(shapes, crs=crs))
    if how == "number":
        if not NUMBER.fullmatch(kind):
            raise TypeError(kind)
        return pd.Series(array.to_numpy().astype(kind))
    if how == "nothing":
        return pd.Series([None] * len(array), dtype=object)
    # A text of no letters takes nothing but its cell; each other has a byte at least.
    letters = max(array.nbytes - len(array) * CELL, 0)
    room.take(letters + min(len(array), letters) * TEXT_CELL)
    values = array.to_numpy().astype(object, copy=False)
    if how == "json":
        room.take(sum(map(size_built, values[::TOGETHER])))
        groups = (load_json(text, limit=MAX_JSON) for text in values[::TOGETHER])
        cells = (read(cell) for group in groups for cell in group)
        values = np.fromiter(cells, object, len(values))
    series = pd.Series(values, dtype=object)
    return series if kind == "object" else series.astype(kind)
