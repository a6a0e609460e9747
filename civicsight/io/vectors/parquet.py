"""GeoParquet: its metadata held to the standard, its shapes walked before they are built.

Before that it is known how much memory the file takes when it is decoded, as its pages say, not
its footer. What a footer calls uncompressed is the size of encoded pages. Numbers that repeat are
kept as one number and a count, texts as numbers of an entry, so a page of some bytes becomes
millions of values; and a footer may say what it likes. The heads of the pages are what a decoder
obeys.

References
----------
GeoParquet 1.1.0: ``geo`` metadata with ``primary_column`` and ``columns``; a column without a
``crs`` is in OGC:CRS84, one with ``null`` in none that is known.
Apache Parquet, ``parquet.thrift`` (PageHeader), "Encodings"; Apache Thrift, compact protocol.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple, NoReturn

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.errors import ShapelyError

from civicsight.core import settings
from civicsight.core.bounded.text import load_json
from civicsight.core.bounded.wkb import load_wkb
from civicsight.core.errors import InputError
from civicsight.io.faults import reject
from civicsight.io.tables.text_files import MAX_COLUMNS
from civicsight.io.vectors.database import CELL_BYTES, refuse_memory
from civicsight.io.vectors.shapes import FoundLayer, drop_endless, read_shapes

WIDTH: Final = {"BOOLEAN": 1, "INT32": 4, "INT64": 8, "INT96": 8, "FLOAT": 4, "DOUBLE": 8}
"""Bytes of a decoded value by its physical type."""

TEXTS: Final = frozenset({"BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY"})

LEVEL_BYTES: Final = 4
"""Bytes beside each value of a column in lists: where its list begins, whether it is there."""

DICTIONARY, PREFIXES = frozenset({2, 8}), 7
"""Encodings that name entries of a dictionary; the one in which a text repeats the one before."""

MAX_HEADS: Final = 5_000_000
"""Pages of a file; one of a gigabyte has thousands."""


class Page(NamedTuple):
    """Head of a page: bytes when unpacked, values, their encoding; a dictionary has none."""

    size: int
    value_count: int
    encoding: int | None


class _Chunk(NamedTuple):
    """One column of one group: where it is, and how long its values are."""

    group: int
    path: str
    kind: str
    pages: tuple[Page, ...]


def decoded_bytes(file: Path, metadata: Any, limit: int) -> int:
    """Return how many bytes the values of a file take, or more than `limit` where they take more.

    Parameters
    ----------
    file, metadata
        The file, and its footer as pyarrow reads it.
    limit
        Where to end; texts are counted exactly up to there, without being written out.

    Raises
    ------
    ValueError
        If the head of a page cannot be read.
    """
    return _decoded(file, _chunks(file, metadata), limit)


def largest_group(file: Path, metadata: Any, limit: int) -> int:
    """Return what the largest group of rows takes when it is decoded; see `decoded_bytes`."""
    groups: dict[int, list[_Chunk]] = {}
    for chunk in _chunks(file, metadata):
        groups.setdefault(chunk.group, []).append(chunk)
    return max((_decoded(file, iter(group), limit) for group in groups.values()), default=0)


def _decoded(file: Path, chunks: Iterator[_Chunk], limit: int) -> int:
    total, open_chunks = 0, []
    for chunk in chunks:
        values = sum(page.value_count for page in chunk.pages if page.encoding is not None)
        size = sum(page.size for page in chunk.pages)
        most = max((page.size for page in chunk.pages), default=0)
        if chunk.kind not in TEXTS:
            total += values * (max(WIDTH[chunk.kind], 8) + LEVEL_BYTES)
        else:
            total += values * CELL_BYTES + size
            known = _entry_bytes(chunk)
            open_chunks += [chunk] if known > 0 else []
        if total + most > limit:
            return total + most
    estimate = total + sum(map(_entry_bytes, open_chunks))
    if estimate <= limit:
        return estimate
    return total + _measured(file, open_chunks, limit - total)


def _entry_bytes(chunk: _Chunk) -> int:
    """Return what texts may take at most that are not written out in their pages."""
    entry = max((page.size for page in chunk.pages if page.encoding is None), default=0)
    return sum(
        page.value_count * (page.size if page.encoding == PREFIXES else entry)
        for page in chunk.pages
        if page.encoding == PREFIXES or page.encoding in DICTIONARY
    )


def _measured(file: Path, chunks: list[_Chunk], limit: int) -> int:
    """Count the texts that entries of dictionaries stand for, entry by entry."""
    from pyarrow import parquet

    total = 0
    with parquet.ParquetFile(file, read_dictionary=sorted({c.path for c in chunks})) as source:
        for chunk in chunks:
            if any(page.encoding == PREFIXES for page in chunk.pages):
                total += _entry_bytes(chunk)
            else:
                column = source.read_row_group(chunk.group, columns=[chunk.path]).column(0)
                total += sum(_spelt_out(part) for part in column.chunks)
            if total > limit:
                break
    return total


def _spelt_out(array: Any) -> int:
    """Return the bytes of an array with every entry of a dictionary written where it is named."""
    from pyarrow import compute, types

    if types.is_dictionary(array.type):
        lengths = compute.binary_length(array.dictionary)
        return int(compute.sum(compute.take(lengths, array.indices)).as_py() or 0)
    if types.is_struct(array.type):
        return sum(_spelt_out(array.field(number)) for number in range(array.type.num_fields))
    return _spelt_out(array.values) if array.type.num_fields else int(array.nbytes)


def _chunks(file: Path, metadata: Any) -> Iterator[_Chunk]:
    left = MAX_HEADS
    # A reading process may not share a map with a file; of a private one nothing is written either.
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_COPY) as data:
        for group in range(metadata.num_row_groups):
            columns = metadata.row_group(group)
            for number in range(metadata.num_columns):
                column = columns.column(number)
                pages = tuple(_pages(data, column, left))
                left -= len(pages)
                yield _Chunk(group, column.path_in_schema, column.physical_type, pages)


def _pages(data: mmap.mmap, column: Any, left: int) -> Iterator[Page]:
    """Yield the heads of the pages of a column, in the order in which a decoder meets them."""
    at = column.data_page_offset
    if column.has_dictionary_page and 0 < column.dictionary_page_offset < at:
        at = column.dictionary_page_offset
    end = min(at + column.total_compressed_size, len(data))
    while at < end and left > 0:
        head = _Compact(data, at)
        told = head.struct()
        size, packed = told.get(2), told.get(3)
        if not (isinstance(size, int) and isinstance(packed, int) and min(size, packed) >= 0):
            msg = f"byte {at}: no head of a page"
            raise ValueError(msg)
        first, second = told.get(5), told.get(8)
        if isinstance(first, dict):
            yield Page(size, _count(first), first.get(2, 0))
        elif isinstance(second, dict):
            yield Page(size, _count(second), second.get(4, 0))
        else:
            yield Page(size, 0, None)
        at = head.at + packed
        left -= 1


def _count(told: dict[int, Any]) -> int:
    found = told.get(1, 0)
    return found if isinstance(found, int) and found >= 0 else 0


class _Compact:
    """Reads numbers and structures of the compact protocol; texts and lists are passed over."""

    def __init__(self, data: mmap.mmap, at: int) -> None:
        self.data = data
        self.at = at

    def struct(self, depth: int = 0) -> dict[int, Any]:
        """Return the fields of a structure by number."""
        found: dict[int, Any] = {}
        number = 0
        while (head := self._byte()) != 0:
            number = number + (head >> 4) if head >> 4 else self._whole()
            found[number] = self._value(head & 15, depth)
        return found

    def _value(self, kind: int, depth: int) -> Any:
        if kind in {1, 2}:
            return kind == 1
        if kind == 3:
            return self._byte()
        if kind in {4, 5, 6}:
            return self._whole()
        if kind in {7, 8}:
            length = 8 if kind == 7 else self._varint()
            self.at += length
            return None
        if kind == 12 and depth < 4:
            return self.struct(depth + 1)
        msg = f"byte {self.at}: no head of a page"
        raise ValueError(msg)

    def _whole(self) -> int:
        value = self._varint()
        return value >> 1 ^ -(value & 1)

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
            if shift > 63:
                msg = f"byte {self.at}: no number"
                raise ValueError(msg)

    def _byte(self) -> int:
        if self.at >= len(self.data):
            msg = "the file ends in a head of a page"
            raise ValueError(msg)
        byte = self.data[self.at]
        self.at += 1
        return byte


MAX_ROWS = 20_000_000
FEW: Final = 100_000
"""So many rows may all have one shape: they take little memory."""


def read_parquet(file: Path, *_: object) -> FoundLayer:
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
            require_size(file, source.metadata)
            column, details = primary_of(file, source)
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
    frame = gpd.GeoDataFrame(_own(plain), geometry=shapes.geometry, crs=crs_of(file, details))
    return FoundLayer(frame, shapes.faults, shapes.mended, has_z=shapes.has_z)


def read_own(path: str | Path) -> gpd.GeoDataFrame:
    """Read a table of ours with its index and types, as `GeoDataFrame.to_parquet` wrote it."""
    shapes = pd.read_parquet(path, columns=["geometry"])["geometry"]
    load_wkb(shapes.tolist())  # walked before GEOS sees them
    return gpd.read_parquet(path)


def _own(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the attributes without one that would stand for the geometry."""
    return frame.drop(columns="geometry") if "geometry" in frame else frame


def require_size(file: Path, metadata: Any, *, rows: bool = True) -> None:
    """Refuse a file that is larger when it is decoded than memory should hold.

    Of one that is read in pieces, `rows` may be any number: no group of them may be too large.
    """
    if (rows and metadata.num_rows > MAX_ROWS) or metadata.num_columns > MAX_COLUMNS:
        reject(
            "file.too_large:table",
            file.name,
            found=f"{metadata.num_rows} rows, {metadata.num_columns} columns",
            rows=MAX_ROWS,
            columns=MAX_COLUMNS,
        )
    limit = settings.read_memory()
    size = (decoded_bytes if rows else largest_group)(file, metadata, limit)
    if size > limit:
        refuse_memory(file.name, f">= {size // 1_000_000} MB")
    size = file.stat().st_size
    if rows and metadata.num_rows > max(
        size, FEW
    ):  # a shape takes some bytes, unless it is named again
        found = f"{metadata.num_rows} rows in {size} bytes"
        reject("parquet.repeated", file.name, found=found)


def primary_of(file: Path, source: Any) -> tuple[str, dict[str, Any]]:
    """Return the name of the geometry column and what the metadata say of it."""
    raw = (source.metadata.metadata or {}).get(b"geo")
    if raw is None:
        reject(
            "parquet.no_geo",
            file.name,
            field="geo",
            found=", ".join(source.schema_arrow.names)[:200],
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


def crs_of(file: Path, details: dict[str, Any]) -> CRS | None:
    """Return the CRS that the metadata state; None where they say that it is not known."""
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
    except (
        *(pa.ArrowException, AttributeError, LookupError, ValueError, TypeError, OSError),
        ShapelyError,
    ) as error:  # columns that are not laid out as said end in whatever geopandas meets first
        _refuse(file, str(error))
    geometry, faults = drop_endless(np.asarray(frame.geometry.force_2d(), object), file.name)
    plain = pd.DataFrame(frame.drop(columns=frame.geometry.name)).reset_index(drop=True)
    out = gpd.GeoDataFrame(_own(plain), geometry=geometry, crs=frame.crs)
    return FoundLayer(out, faults, has_z=bool(frame.geometry.has_z.any()))


def _refuse(file: Path, found: str) -> NoReturn:
    reject("file.damaged:geoparquet", file.name, found=found.replace(str(file), file.name)[:200])
