"""Geometries out of well-known binary: each good one built, each bad one named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from civicsight.core.arrays import Geometries
from civicsight.core.bounded.wkb import MAX_DEPTH, MAX_VERTICES, Flaw, flaw_of
from civicsight.core.errors import N_, Fault, Text
from civicsight.core.progress import counted
from civicsight.io.report import Count


class Shapes(NamedTuple):
    """Geometries of a layer in two dimensions; None where there is none, or a faulty one.

    `faults` name what cannot be built, `mended` what was put right. `has_z` tells whether heights
    or measures stood beside the coordinates and were dropped.
    """

    geometry: Geometries
    faults: tuple[Fault, ...] = ()
    mended: tuple[Fault, ...] = ()
    has_z: bool = False


class FoundLayer(NamedTuple):
    """One layer as it was found: a row for each feature in its order; its CRS may be None.

    `faults` name features whose geometry is not usable (their rows have none), `mended` those that
    were put right. `left` counts what the reader left out, beside the rows. `is_drawing` tells that
    shapes of all kinds stand together, of which a table takes those of its own kind.
    """

    frame: gpd.GeoDataFrame
    faults: tuple[Fault, ...] = ()
    mended: tuple[Fault, ...] = ()
    notes: tuple[Text, ...] = ()
    encoding: str = ""
    has_z: bool = False
    left: tuple[Count, ...] = ()
    is_drawing: bool = False


EXPECTED: dict[str, Text] = {
    "wkb.depth": N_("at most %(limit)s collections in each other", limit=MAX_DEPTH),
    "wkb.size": N_("at most %(limit)s coordinates in one feature", limit=MAX_VERTICES),
    "wkb.curve": N_("points, lines and polygons of straight lines"),
    "wkb.damaged": N_("a geometry with complete coordinates"),
    "geometry.ring": N_("rings of at least three different points"),
    "geometry.number": N_("finite coordinates"),
}
REMEDY: dict[str, Text] = {
    "wkb.depth": N_("Take the collection apart (QGIS: Multipart to singleparts)."),
    "wkb.size": N_("Simplify or split the feature (QGIS: Subdivide)."),
    "wkb.curve": N_("Convert curves to lines (QGIS: Segmentize), then export again."),
    "wkb.damaged": N_("Export the layer again, or draw the feature again."),
    "geometry.ring": N_("Draw the feature again."),
    "geometry.number": N_("Correct the coordinates, or remove the feature."),
}


def shape_fault(flaw: Flaw, file: str, where: str) -> Fault:
    """Return the fault of one geometry."""
    return Fault(
        flaw.code, file, where, "geometry", flaw.found, EXPECTED[flaw.code], REMEDY[flaw.code]
    )


def closed_fault(file: str, where: str) -> Fault:
    """Return the note that rings of a feature were closed."""
    return Fault(
        "geometry.unclosed",
        file,
        where,
        "geometry",
        "",
        N_("rings that end where they begin"),
        N_("They were closed with a straight line; compare with the source."),
    )


def read_shapes(
    blobs: Sequence[bytes | None] | Geometries, file: str, *, flat: bool = True
) -> Shapes:
    """Build geometries from WKB; features are named by their number, beginning with 1.

    Rings that are not closed are closed and noted; heights are dropped where all has to be `flat`.
    """
    faults: list[Fault] = []
    sound: Geometries = np.full(len(blobs), None, object)
    for row, blob in enumerate(counted(blobs, len(blobs))):
        flaw = None if blob is None else flaw_of(bytes(blob))
        if flaw is None:
            sound[row] = blob
        else:
            faults.append(shape_fault(flaw, file, str(row + 1)))
    there = np.fromiter((blob is not None for blob in sound), bool, len(sound))
    geometry = shapely.from_wkb(sound, on_invalid="ignore")
    bad = there & shapely.is_missing(geometry)
    mended = _close(geometry, sound, bad, file)
    faults += [
        shape_fault(Flaw("geometry.ring", "1-3 points"), file, str(row + 1))
        for row in np.flatnonzero(there & shapely.is_missing(geometry))
    ]
    has_z = bool((shapely.has_z(geometry) | shapely.has_m(geometry)).any())
    kept, endless = drop_endless(shapely.force_2d(geometry) if flat else geometry, file)
    return Shapes(kept, (*faults, *endless), mended, has_z)


def _close(
    geometry: Geometries, blobs: Geometries, bad: npt.NDArray[np.bool_], file: str
) -> tuple[Fault, ...]:
    """Close open rings in place, as far as that makes a ring of them."""
    if not bad.any():
        return ()
    geometry[bad] = shapely.from_wkb(blobs[bad], on_invalid="fix")
    closed = np.flatnonzero(bad & ~shapely.is_missing(geometry))
    return tuple(closed_fault(file, str(row + 1)) for row in closed)


def drop_endless(geometry: Geometries, file: str) -> tuple[Geometries, tuple[Fault, ...]]:
    """Take out geometries with coordinates that are no numbers, and name them."""
    xy, of = shapely.get_coordinates(geometry, return_index=True)
    wrong = ~np.isfinite(xy).all(axis=1)
    # The empty point is stored with NaN for its coordinates, and has none once it is read.
    rows, first = np.unique(of[wrong], return_index=True)
    found = xy[wrong][first]
    out = geometry.copy()
    out[rows] = None
    faults = tuple(
        shape_fault(Flaw("geometry.number", f"{x:g}, {y:g}"), file, str(row + 1))
        for row, (x, y) in zip(rows, found, strict=True)
    )
    return out, faults
