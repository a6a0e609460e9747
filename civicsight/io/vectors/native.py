"""Files through GDAL, which sees only what was checked before; Shapefiles at once.

GDAL recognises files by content, and among its formats are some that fetch other files or
addresses (VRT, pipelines, service descriptions): the name of a file proves nothing, its first bytes
decide here, and what GDAL says it opened is compared with them.
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
import pandas as pd

from civicsight.core.arrays import Geometries
from civicsight.core.errors import N_, Text
from civicsight.io.refusal import refuse
from civicsight.io.vectors import shapefile
from civicsight.io.vectors.database import MAX_COLUMNS
from civicsight.io.vectors.files import staged
from civicsight.io.vectors.shapefile_lengths import require_lengths
from civicsight.io.vectors.shapes import FoundLayer, Shapes, read_shapes

BUILT_AT = re.compile(r"\S*[/\\]\S+\.(?:cpp|h), ?\d+: ")
"""Where in GDAL something is said, by the folders of whoever built it."""

LATIN = re.compile("[\x00-\xff]+")
"""Bytes that were read as characters."""


def read_shapefile(file: Path, declared: str | None) -> FoundLayer:
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
    encoding = shapefile.find_encoding(table, members, declared, members[".dbf"].name)
    shown = {f"layer{end}": path for end, path in members.items() if end != ".cpg"}
    with staged(shown) as folder:
        # Latin-1 maps every byte to a character and back, so GDAL hands the text on untouched.
        meta, frame, blobs = read_gdal(
            folder / "layer.shp", file, "ESRI Shapefile", encoding="ISO-8859-1"
        )
    frame = decoded(frame, encoding.name)
    notes = (encoding.note,) if not table.text.isascii() or table.full else ()
    shapes = read_shapes(blobs, file.name)
    return layer_of(frame, shapes, meta["crs"], notes, shapefile.shown(encoding.name))


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
    notes: tuple[Text, ...] = (),
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
    refuse(
        "file.damaged",
        file.name,
        N_("a complete file in the format %(driver)s", driver=driver),
        N_("Export or download the file again."),
        found=found[:200],
    )


def require_narrow(file: Path, columns: int) -> None:
    """Refuse a layer with more columns than anybody needs; each would be filled for each row.

    Raises
    ------
    InputError
        If there are more than `MAX_COLUMNS`.
    """
    if columns > MAX_COLUMNS:
        refuse(
            "file.too_large",
            file.name,
            N_("at most %(limit)s columns", limit=MAX_COLUMNS),
            N_("Export only the attributes that are needed."),
            found=str(columns),
        )


def refuse_empty(file: Path) -> NoReturn:
    """Refuse a layer without features.

    Raises
    ------
    InputError
        Always.
    """
    refuse(
        "file.no_features",
        file.name,
        N_("at least one feature"),
        N_("Export the layer again; the selection may have been empty."),
        found="0",
    )
