"""Files through GDAL, which sees only what was checked before; Shapefiles at once.

GDAL recognises files by content, and among its formats are some that fetch other files or
addresses (VRT, pipelines, service descriptions): the name of a file proves nothing, its first bytes
decide here, and what GDAL says it opened is compared with them. It passes over a record of a
Shapefile that is not as long, or does not lie where, it and its index say, or takes what follows
it for its points: that is looked at before.

References
----------
ESRI, "ESRI Shapefile Technical Description" (1998): lengths and places in words of two bytes, big
endian; what is in a record little endian, its kind first.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from civicsight.core.arrays import Geometries, IntArray
from civicsight.core.errors import N_
from civicsight.io.faults import reject
from civicsight.io.report import Count
from civicsight.io.source_options import NOTHING, Declared
from civicsight.io.tables.text_files import MAX_COLUMNS
from civicsight.io.vectors import shapefile
from civicsight.io.vectors.files import staged
from civicsight.io.vectors.shapefile import SHX_HEAD, SHX_RECORD
from civicsight.io.vectors.shapes import FoundLayer, Shapes, read_shapes
from civicsight.model.notes import Note

Bytes = npt.NDArray[np.uint8]


def require_lengths(file: Path, members: dict[str, Path]) -> None:
    """Refuse a Shapefile whose records say that they are longer than they are, or lie elsewhere.

    Raises
    ------
    InputError
        With the first such record.
    """
    shapes = np.fromfile(file, np.uint8)
    index = np.fromfile(members[".shx"], ">i4", offset=SHX_HEAD)
    starts, lengths = index[: len(index) // 2 * 2].reshape(-1, 2).astype(np.int64).T * 2
    inside = (starts >= SHX_HEAD) & (lengths >= 4) & (starts + SHX_RECORD + lengths <= len(shapes))
    at = np.where(inside, starts, 0)
    wrong = ~inside | (_numbers(shapes, at + 4, ">i4") * 2 != lengths)
    needed = _needed(shapes, at + SHX_RECORD, np.where(wrong, 0, lengths))
    wrong |= needed > lengths
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        reject("shapefile.length", file.name, str(first + 1), found=str(int(lengths[first])))


def _needed(shapes: Bytes, at: IntArray, lengths: IntArray) -> IntArray:
    """Return how many bytes shapes take by the counts of parts and points that they state."""
    kinds = np.where(lengths >= 4, _numbers(shapes, at, "<i4"), 0)
    needed = np.select([kinds == 0, kinds % 10 == 1], [4, 20], 40).astype(np.int64)
    counted = lengths >= 44
    first = np.where(counted, _numbers(shapes, np.where(counted, at + 36, 0), "<i4"), 0)
    second = np.where(counted, _numbers(shapes, np.where(counted, at + 40, 0), "<i4"), 0)
    lined = np.isin(kinds % 10, (3, 5)) & (kinds < 30)
    many = (kinds % 10 == 8) & (kinds < 30)
    below = (lined & ((first < 0) | (second < 0))) | (many & (first < 0))
    needed = np.where(lined, 44 + 4 * first + 16 * second, needed)
    needed = np.where(many, 40 + 16 * first, needed)
    return np.where(below, np.iinfo(np.int64).max, needed)


def _numbers(data: Bytes, at: IntArray, kind: str) -> IntArray:
    """Return the whole numbers of four bytes that begin at places of a file."""
    places = np.minimum(at[:, None] + np.arange(4), max(len(data) - 1, 0))
    return np.ascontiguousarray(data[places]).view(kind)[:, 0].astype(np.int64)


BUILT_AT = re.compile(r"\S*[/\\]\S+\.(?:cpp|h), ?\d+: ")
"""Where in GDAL something is said, by the folders of whoever built it."""

LATIN = re.compile("[\x00-\xff]+")
"""Bytes that were read as characters."""


def read_shapefile(file: Path, _: str | None = None, declared: Declared = NOTHING) -> FoundLayer:
    """Read a Shapefile with its text in the encoding that `shapefile.find_encoding` finds.

    Raises
    ------
    InputError
        If a companion is missing, they do not belong together, or the encoding is not clear.
    """
    members = shapefile.members_of(file)
    shapefile.require_members(file, members)
    table = shapefile.read_table(members[".dbf"])
    shapefile.require_counts(members, table)
    require_lengths(file, members)
    encoding = shapefile.find_encoding(table, members, declared.encoding, members[".dbf"].name)
    shown = {f"layer{end}": path for end, path in members.items() if end != ".cpg"}
    with staged(shown) as folder:
        # Latin-1 maps every byte to a character and back, so GDAL hands the text on untouched.
        meta, frame, blobs = read_gdal(
            folder / "layer.shp", file, "ESRI Shapefile", encoding="ISO-8859-1"
        )
    frame = decoded(frame, encoding.name)
    notes = (encoding.note,) if not table.text.isascii() or table.full else ()
    shapes = read_shapes(blobs, file.name)
    layer = layer_of(frame, shapes, meta["crs"], notes, shapefile.shown(encoding.name))
    if not table.struck:
        return layer
    label = N_("rows that the Shapefile marks as deleted, left out")
    return layer._replace(left=(Count("excluded.struck", label, table.struck),))


def read_gdal(
    path: Path, file: Path, driver: str, *, encoding: str | None = None, **options: Any
) -> tuple[dict[str, Any], pd.DataFrame, Geometries]:
    """Let GDAL read a file that was staged.

    Parameters
    ----------
    path, file
        The staged file, and the one that messages are about.
    driver
        The only one of GDAL's formats that it may be.
    encoding
        What text is decoded from; what the format says by default.
    options
        Layer, and options of the driver.

    Returns
    -------
    meta, table, blobs
        What GDAL says of the layer, its attributes, and its geometries as WKB.

    Raises
    ------
    InputError
        If it is damaged, or GDAL takes it for another format.
    """
    import pyogrio

    with asked(path, file, driver):
        layer = options.get("layer")
        about = pyogrio.read_info(path, layer=layer, encoding=encoding)
        if str(about["driver"]) != driver:
            refuse_damaged(file, driver, str(about["driver"]))
        require_narrow(file, len(about["fields"]))
        meta, fids, blobs, fields = pyogrio.raw.read(
            path, encoding=encoding, return_fids=True, **options
        )
    names = [str(name) for name in meta["fields"]]
    table = pd.DataFrame(dict(zip(names, map(_plain, fields), strict=True)), index=range(len(fids)))
    if blobs is None:
        blobs = np.full(len(fids), None, object)
    return meta, table, blobs


@contextmanager
def asked(path: Path, file: Path, driver: str) -> Iterator[None]:
    """Turn what GDAL raises of a staged file into a refusal of the file itself.

    Raises
    ------
    InputError
        As `read_gdal`.
    """
    from pyogrio.errors import CRSError, DataLayerError, DataSourceError, FieldError, GeometryError

    try:
        with warnings.catch_warnings():
            # What GDAL remarks about numbers and names is in the values that it returns.
            warnings.simplefilter("ignore", RuntimeWarning)
            yield
    except (
        DataSourceError,
        DataLayerError,
        FieldError,
        CRSError,
        GeometryError,
        UnicodeDecodeError,
        IndexError,  # from pyogrio, where a file turns out to have no layer
    ) as error:
        said = BUILT_AT.sub("", str(error)).replace(str(path), file.name)
        refuse_damaged(file, driver, said)


def _plain(values: Any) -> Any:
    """Return a column; lists in its cells become lists that a table may hold."""
    if values.dtype != object:
        return values
    return pd.array([v.tolist() if isinstance(v, np.ndarray) else v for v in values], dtype=object)


def layer_of(
    table: pd.DataFrame,
    shapes: Shapes,
    crs: str | None,
    notes: tuple[Note, ...] = (),
    encoding: str = "",
) -> FoundLayer:
    """Return a layer of attributes and shapes in a CRS, as far as it is known."""
    plain = table.drop(columns="geometry") if "geometry" in table else table
    frame = gpd.GeoDataFrame(plain, geometry=shapes.geometry, crs=crs or None)
    return FoundLayer(frame, shapes.faults, shapes.mended, notes, encoding, shapes.has_z)


def decoded(table: pd.DataFrame, codec: str) -> pd.DataFrame:
    """Turn bytes that were read as Latin-1 into the text that they are.

    What is no such byte was spelt out in the file as a character, and stays.
    """

    def run(found: re.Match[str]) -> str:
        return str(shapefile.decode_value(found[0].encode("latin-1"), codec))

    def text(value: object) -> object:
        return LATIN.sub(run, value) if isinstance(value, str) else value

    columns = {
        name: values if pd.api.types.is_numeric_dtype(values) else values.astype(object).map(text)
        for name, values in table.items()
    }
    out = pd.DataFrame(columns, index=table.index)
    return out.set_axis([str(text(name)) for name in table.columns], axis=1)


def refuse_damaged(file: Path, driver: str, found: str) -> NoReturn:
    """Refuse a file that its format's reader cannot make sense of.

    Raises
    ------
    InputError
        Always.
    """
    reject("file.damaged", file.name, found=found[:200], driver=driver)


def require_narrow(file: Path, columns: int) -> None:
    """Refuse a layer with more columns than anybody needs; each would be filled for each row.

    Raises
    ------
    InputError
        If there are more than `MAX_COLUMNS`.
    """
    if columns > MAX_COLUMNS:
        reject("file.too_large:columns", file.name, found=str(columns), limit=MAX_COLUMNS)


def refuse_empty(file: Path) -> NoReturn:
    """Refuse a layer without features.

    Raises
    ------
    InputError
        Always.
    """
    reject("file.no_features", file.name, found="0")
