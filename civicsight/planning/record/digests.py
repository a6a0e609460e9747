"""What a result was computed from, as digests by table, so that a change is noticed and named."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from civicsight.coverage.result import CheckResult
from civicsight.model import CAMERAS, CHANGES, LAND_COVER, City


def input_digests(result: CheckResult) -> dict[str, str]:
    """Return the digest of everything that a check read: tables, ground and rule packs [SHA-256].

    Cameras are those that were checked, where they were placed; tables are by name, packs as
    ``rules`` and the name of the pack.
    """
    found = city_digests(result.city)
    columns = [column.name for column in CAMERAS if column.name in result.cameras]
    found["cameras"] = digest_table(result.cameras[[*columns, "geometry"]])
    return found | {f"rules {pack}": own for pack, own in result.rules.sha256.items()}


def city_digests(city: City) -> dict[str, str]:
    """Return the digest of each table of a city, and of its ground if it has one [SHA-256].

    The record of who settled what is none of them: what it changed stands in the tables. Neither is
    the land cover, from which nothing is computed.
    """
    found = {
        entry.name: digest_table(getattr(city, entry.name))
        for entry in fields(city)
        if entry.metadata.get("table") not in (None, CHANGES, LAND_COVER)
    }
    if city.terrain is not None:
        ground = np.ascontiguousarray(city.terrain.z).tobytes()
        found["terrain"] = hashlib.sha256(ground).hexdigest()
    return found


def digest_table(frame: gpd.GeoDataFrame) -> str:
    """Return the digest of a table, whatever the order of its rows [SHA-256]."""
    frame = frame.sort_index()
    digest = hashlib.sha256()
    for name in frame.columns.drop("geometry", errors="ignore"):
        digest.update(f"\0{name}\0".encode())
        digest.update("\0".join(map(_plain, frame[name])).encode(errors="replace"))
    digest.update("\0".join(map(str, frame.index)).encode(errors="replace"))
    for shape in shapely.to_wkb(frame.geometry.to_numpy()):
        digest.update(shape or b"-")
    return digest.hexdigest()


def changed(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return the names of what is no longer as it was, also of what came or went."""
    return sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))


def _plain(value: Any) -> str:
    return repr(sorted(value.items())) if isinstance(value, dict) else repr(value)
