"""Vector files of any kind that is allowed, recognised by content."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import pandas as pd

from civicsight.core.door import by_address
from civicsight.core.errors import N_, Fault
from civicsight.io.faults import reject
from civicsight.io.file_formats import recognise, refuse_format
from civicsight.io.format import PACKED, Format
from civicsight.io.georeference import georeference, misplaced
from civicsight.io.report import Count
from civicsight.io.source_options import NOTHING, Declared
from civicsight.io.vectors import archive, shapefile
from civicsight.io.vectors.exchange import read_exchange
from civicsight.io.vectors.files import (
    head_of,
    pointing_elsewhere,
    refuse_unreadable,
    require_file,
    unchanged,
)
from civicsight.io.vectors.shapes import FoundLayer
from civicsight.model.notes import Note, noted

KNOWN = N_("a vector layer of a format that is read")


class Vector(NamedTuple):
    """One layer as it was found: rows labelled 1, 2, 3 ... in their own CRS, two dimensions.

    `faults` name features whose geometry is not usable (their rows have none), `mended` those that
    were put right. `encoding` is the one of the text, empty where the format has but one. `left`
    and `is_drawing` as of `FoundLayer`.
    """

    frame: gpd.GeoDataFrame
    driver: str
    faults: tuple[Fault, ...] = ()
    mended: tuple[Fault, ...] = ()
    notes: tuple[Note, ...] = ()
    encoding: str = ""
    left: tuple[Count, ...] = ()
    is_drawing: bool = False


def read_vector(
    path: str | Path, *, layer: str | None = None, declared: Declared = NOTHING
) -> Vector:
    """Read one layer of a vector file, at its true place.

    Parameters
    ----------
    path
        Any format of `file_formats.FORMATS` that holds a layer, or a ZIP file with one of them; the
        content decides.
    layer
        Name of the layer where a file holds several; that of `declared` by default.
    declared
        CRS where the file has none, datum, encoding and layer; see `Declared`.

    Raises
    ------
    InputError
        If the format is another, the file is damaged or changes while it is read, the CRS is
        missing or cannot be true (see `georeference`), or the layer is unclear.
    """
    file = require_file(path)
    choice = layer if layer is not None else declared.layer
    entry = recognise(file)
    if entry is not None and PACKED in entry.holds:
        with unchanged(file), archive.opened(file, choice) as inner:
            packed_as = recognise(inner)
            layered = packed_as is not None and packed_as.layered
            vector = _read(inner, choice if layered else None, declared)
        packed = noted("read.as", N_("read from the archive %(name)s", name=file.name))
        return vector._replace(notes=(packed, *vector.notes))
    return _read(file, choice, declared)


def _read(file: Path, choice: str | None, declared: Declared) -> Vector:
    entry = recognise(file)
    with unchanged(file, _beside(file, entry)):
        try:
            found = _layer(file, entry, choice, declared)
        except OSError as error:
            refuse_unreadable(file, error)
    labels = pd.Index([str(n) for n in range(1, len(found.frame) + 1)], dtype=object)
    frame, moved = georeference(found.frame.set_axis(labels, axis=0), file.name, declared)
    lost = misplaced(frame, file.name)
    if lost:  # what is no place on the globe loses its geometry, and is named
        geometry = frame.geometry.copy()
        geometry[[fault.where for fault in lost]] = None
        frame = frame.set_geometry(geometry)
    flat = N_("heights and measures beside the coordinates were left out: places are flat")
    return Vector(
        frame,
        entry.name if entry else "",
        (*found.faults, *lost),
        found.mended,
        (*found.notes, *([noted("read.as", flat)] if found.has_z else []), *moved),
        found.encoding,
        found.left,
        found.is_drawing,
    )


def _beside(file: Path, entry: Format | None) -> list[Path]:
    """Return what else is read with a file: its parts, or what is in its folder."""
    if file.is_dir():
        return sorted(file.iterdir())
    parts = entry.parts[1:] if entry else ()
    return [
        path
        for path in file.parent.iterdir()
        if path.suffix.lower() in parts and path.stem.lower() == file.stem.lower()
    ]


def _layer(file: Path, entry: Format | None, choice: str | None, declared: Declared) -> FoundLayer:
    """Read a file by its format; what points elsewhere never gets so far."""
    shapefile.refuse_orphan(file)
    if entry is None or not entry.is_layer:
        refuse_format(file, KNOWN, N_("Convert the file with QGIS."))
    if entry.drivers and not file.is_dir():
        # In such a file GDAL might see a format that points elsewhere.
        pointing = pointing_elsewhere(head_of(file))
        if pointing:
            reject("file.format:pointing", file.name, found=pointing)
    if not entry.layered and choice not in {None, file.stem}:
        reject("layer.missing", file.name, found=str(choice), names=file.stem)
    if not entry.read_layer:
        return read_exchange(file, entry, choice, declared)
    found: FoundLayer = by_address(entry.read_layer)(file, choice, declared)
    return found
