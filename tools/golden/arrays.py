"""Canonical arrays: rasters tile by tile, and the numbers of a certificate one by one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from tools.golden.canonical import Pieces, number, words

TILE: Final = 128
"""Cells along a tile: a difference of a raster is told to a tile of so many metres."""

PROFILE: Final = ("driver", "dtype", "width", "height", "count", "nodata", "compress", "interleave")


def read_array(path: Path) -> Iterator[tuple[str, Pieces]]:
    """Yield the arrays of a file of numpy, value by value."""
    found = np.load(path, allow_pickle=False)
    if isinstance(found, np.ndarray):
        yield "", {"": _values(found, path.stem)}
        return
    with found as archive:
        yield "", {name: _values(archive[name], name) for name in sorted(archive.files)}


def _values(array: Any, name: str) -> list[str]:
    single = "px_m" if array.dtype == np.float32 else name
    flat = array.ravel().tolist()
    rest = [number(v, single) if isinstance(v, float) else words(str(v)) for v in flat]
    return [f"{array.dtype.kind} {array.shape}", *rest]


def read_raster(path: Path) -> Iterator[tuple[str, Pieces]]:
    """Yield the profile of a GeoTIFF, and per tile its seen cells exactly and its mean roughly.

    Which cells are seen is exact on every processor. Densities are single floats, of which a
    digest would hold the last bit: a tile keeps their mean and their greatest instead.
    """
    import rasterio

    with rasterio.open(path) as source:
        profile = source.profile
        tags = {key: value for key, value in source.tags().items() if key != "AREA_OR_POINT"}
        form = [f"{key} {profile.get(key)}" for key in PROFILE]
        form += [f"epsg {source.crs.to_epsg()}", f"overviews {source.overviews(1)}"]
        form += [f"at {number(float(value), 'x')}" for value in source.transform[:6]]
        form += [words(f"{key} {value}") for key, value in sorted(tags.items())]
        yield "(profile)", {"": form}
        for band in range(1, source.count + 1):
            yield f"band {band}", _tiles(source.read(band), profile.get("nodata"))


def _tiles(values: Any, nodata: float | None) -> Pieces:
    known = ~np.isnan(values) if nodata is None or np.isnan(nodata) else values != nodata
    pieces: Pieces = {"tile": [], "cells": [], "mean": [], "greatest": []}
    for row in range(0, values.shape[0], TILE):
        for column in range(0, values.shape[1], TILE):
            window = np.s_[row : row + TILE, column : column + TILE]
            seen = known[window] & (values[window] != 0)
            if not known[window].any():
                continue
            inside = values[window][seen].astype(np.float64)
            layout = hashlib.sha256(np.packbits(np.stack([known[window], seen])).tobytes())
            pieces["tile"].append(f"{row // TILE},{column // TILE}")
            pieces["cells"].append(f"{int(seen.sum())} {layout.hexdigest()[:8]}")
            pieces["mean"].append(number(float(inside.mean()) if inside.size else 0.0, "px_m"))
            pieces["greatest"].append(number(float(inside.max(initial=0.0)), "px_m"))
    return pieces
