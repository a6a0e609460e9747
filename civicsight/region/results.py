"""What was found of a part, on disk by the digest of all that it hangs on; no code is loaded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from civicsight.core.cache import Shelf
from civicsight.core.lossless import flatten, restore
from civicsight.region.own import Frames

ABOUT: Final = "about.json"
MOST: Final = 1_000_000
"""Results that stay: all of a nation."""


def shelf_in(out: str | Path) -> Shelf:
    """Return the results that lie in a folder of results of a region."""
    return Shelf(Path(out) / "found", MOST)


def keep_frames(
    shelf: Shelf, key: str, frames: Mapping[str, pd.DataFrame], more: Mapping[str, Any]
) -> None:
    """Put tables down under a key, whole or not at all.

    Raises
    ------
    WriteError
        If they cannot be written.
    """
    columns = {}
    with shelf.filling(key) as scratch:
        for name, frame in frames.items():
            flat, columns[name] = flatten(frame)
            flat.to_parquet(scratch / f"{name}.parquet")
        digest = sha256()
        for name in columns:
            digest.update(f"{name}\n".encode())
            digest.update((scratch / f"{name}.parquet").read_bytes())
        told = {"columns": columns, "sha256": digest.hexdigest(), "more": dict(more)}
        (scratch / ABOUT).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")


def about(shelf: Shelf, key: str) -> dict[str, Any] | None:
    """Return what is said of the tables under a key; None if there are none."""
    place = shelf.find(key)
    if place is None:
        return None
    told: dict[str, Any] = json.loads((place / ABOUT).read_text(encoding="utf-8"))
    return told


def kept_frames(shelf: Shelf, key: str, crs: CRS, names: tuple[str, ...] = ()) -> Frames:
    """Return the tables under a key, or some of them."""
    told = about(shelf, key)
    assert told is not None  # noqa: S101 - whoever asks has asked before
    place = shelf.place(key)
    return {
        name: restore(pd.read_parquet(place / f"{name}.parquet"), columns, crs)
        for name, columns in told["columns"].items()
        if not names or name in names
    }


def joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Return rows of several parts as one table; what one lacks is unknown in it."""
    full = [frame for frame in frames if len(frame)] or frames[:1]
    out = pd.concat(full) if len(full) > 1 else full[0]
    for name in out.columns:
        if name == "geometry":
            continue
        known = [frame[name] for frame in full if name in frame]
        kinds = {str(column.dtype): column.dtype for column in known if column.notna().any()}
        if len(kinds) == 1 and str(out[name].dtype) not in kinds:
            out = out.assign(**{name: out[name].astype(next(iter(kinds.values())))})
        if out[name].dtype == object and out[name].isna().any():
            values = out[name].to_numpy(object, copy=True)
            values[pd.isna(out[name]).to_numpy()] = None
            out = out.assign(**{name: pd.Series(values, out.index, dtype=object)})
    return gpd.GeoDataFrame(out) if isinstance(full[0], gpd.GeoDataFrame) else out
