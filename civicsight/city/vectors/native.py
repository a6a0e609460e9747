"""Shapefile and FlatGeobuf through GDAL, which sees only what was checked before.

GDAL recognises files by content, and among its formats are some that fetch other files or
addresses (VRT, pipelines, service descriptions): the name of a file proves nothing, its first bytes
decide here, and what GDAL says it opened is compared with them.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, NoReturn

import geopandas as gpd
import pandas as pd

from civicsight.city.refusal import refuse
from civicsight.city.vectors import shapefile
from civicsight.city.vectors.files import staged
from civicsight.city.vectors.shapefile_lengths import require_lengths
from civicsight.city.vectors.shapes import FoundLayer, Geometries, Shapes, read_shapes
from civicsight.errors import N_, Text


def read_flatgeobuf(file: Path) -> FoundLayer:
    """Read the one layer of a FlatGeobuf file.

    Raises
    ------
    InputError
        If it is damaged, or GDAL takes it for another format.
    """
    with staged({"layer.fgb": file}) as folder:
        meta, table, blobs = _read(folder / "layer.fgb", file, "FlatGeobuf")
    return _layer(table, read_shapes(blobs, file.name), meta["crs"])


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
        meta, frame, blobs = _read(folder / "layer.shp", file, "ESRI Shapefile", "ISO-8859-1")
    frame = _decoded(frame, encoding.name)
    notes = (encoding.note,) if not table.text.isascii() or table.full else ()
    shapes = read_shapes(blobs, file.name)
    return _layer(frame, shapes, meta["crs"], notes, shapefile.shown(encoding.name))


def _read(
    path: Path, file: Path, driver: str, encoding: str | None = None
) -> tuple[dict[str, Any], pd.DataFrame, Geometries]:
    """Let GDAL read the staged file `path`; messages are about `file`."""
    import pyogrio
    from pyogrio.errors import CRSError, DataLayerError, DataSourceError, FieldError, GeometryError

    try:
        with warnings.catch_warnings():
            # What GDAL remarks about numbers and names is in the values that it returns.
            warnings.simplefilter("ignore", RuntimeWarning)
            found = str(pyogrio.read_info(path, encoding=encoding)["driver"])
            if found != driver:
                refuse_damaged(file, driver, found)
            meta, fids, blobs, fields = pyogrio.raw.read(path, encoding=encoding, return_fids=True)
    except (
        DataSourceError,
        DataLayerError,
        FieldError,
        CRSError,
        GeometryError,
        UnicodeDecodeError,
        IndexError,  # from pyogrio, where a file turns out to have no layer
    ) as error:
        refuse_damaged(file, driver, str(error).replace(str(path), file.name))
    names = [str(name) for name in meta["fields"]]
    table = pd.DataFrame(dict(zip(names, fields, strict=True)), index=range(len(fids)))
    return meta, table, blobs


def _layer(
    table: pd.DataFrame,
    shapes: Shapes,
    crs: str | None,
    notes: tuple[Text, ...] = (),
    encoding: str = "",
) -> FoundLayer:
    plain = table.drop(columns="geometry") if "geometry" in table else table
    frame = gpd.GeoDataFrame(plain, geometry=shapes.geometry, crs=crs or None)
    return FoundLayer(frame, shapes.faults, shapes.mended, notes, encoding, shapes.has_z)


def _decoded(table: pd.DataFrame, codec: str) -> pd.DataFrame:
    """Turn bytes that were read as Latin-1 into the text that they are."""

    def text(value: object) -> object:
        if not isinstance(value, str):
            return value
        return shapefile.decode_value(value.encode("latin-1"), codec)

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
