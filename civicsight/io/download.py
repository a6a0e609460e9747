"""OSM features by place name or bounding box: the only part that uses the network, on request."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
from pyproj import CRS

from civicsight.core.damage import report_damage
from civicsight.core.errors import N_, OfflineError, Text
from civicsight.core.settings import cache_dir
from civicsight.io.assemble import Bounds, city_from_features
from civicsight.io.faults import reject
from civicsight.io.osm.features import features_from_osmnx
from civicsight.io.osm.places import PLACE_KEYS, PLACE_VALUES
from civicsight.io.report import ImportReport
from civicsight.model import City

TIMEOUT_S = 10
"""Longest wait for one answer [s]; without a network the whole attempt ends within 15 s."""

WANTED: Mapping[str, bool | str | list[str]] = {
    **dict.fromkeys(
        ("building", "building:part", "highway", "barrier", "entrance", "advertising"), True
    ),
    **dict.fromkeys(PLACE_KEYS, True),
    **{
        key: sorted(values)
        for key, values in PLACE_VALUES.items()
        if key not in {"highway", "barrier"}
    },
    "man_made": True,
    "natural": ["tree", "tree_row", "wood"],
    "landuse": ["forest", *sorted(PLACE_VALUES["landuse"])],
    "railway": ["subway_entrance", *sorted(PLACE_VALUES["railway"])],
}
"""Features that are asked for: what becomes a row of some table."""


def fetch_city(
    place: str | Bounds,
    *,
    name: str | None = None,
    crs: CRS | None = None,
    cache: str | Path | None = None,
) -> tuple[City, ImportReport]:
    """Download a city from OpenStreetMap.

    Parameters
    ----------
    place
        Name such as ``"Nanchang, China"``, or ``min_lon, min_lat, max_lon, max_lat``.
    name
        What people call it; the place by default.
    crs
        Working CRS; chosen from the data by default.
    cache
        Folder for answers of the servers; a place that was fetched before needs no network.

    Raises
    ------
    OfflineError
        If a server does not answer; the message says what to do without a network.
    InputError
        If the place is not known or holds no features.
    """
    label = name or (place if isinstance(place, str) else " ".join(f"{value:g}" for value in place))
    frame = _ask(place, label, Path(cache) if cache is not None else cache_dir() / "osm")
    source = f"OpenStreetMap: {label}"
    return city_from_features(
        features_from_osmnx(frame, source),
        name=label,
        crs=crs,
        bounds=None if isinstance(place, str) else place,
    )


def _ask(place: str | Bounds, label: str, folder: Path) -> gpd.GeoDataFrame:
    """Ask the servers of OpenStreetMap, or the folder of their earlier answers."""
    import osmnx

    with _settings(osmnx.settings, folder):
        _clear_damaged(folder)
        try:
            if isinstance(place, str):
                return osmnx.features.features_from_place(place, dict(WANTED))
            return osmnx.features.features_from_bbox(place, dict(WANTED))
        except (
            OSError,  # requests derives its errors from it
            osmnx._errors.ResponseStatusCodeError,  # noqa: SLF001 - not exported anywhere else
            json.JSONDecodeError,
        ) as error:
            raise OfflineError(_advice(label, error)) from error
        except (TypeError, ValueError):  # osmnx finds no place, no area or no feature
            return reject("place.unknown", field="place", found=label)


def _clear_damaged(folder: Path) -> None:
    """Remove kept answers that are none: osmnx would take a torn one for that of the server."""
    for path in folder.glob("*.json"):
        try:
            told = json.loads(path.read_bytes())
        except (OSError, ValueError, RecursionError):
            told = None
        is_answer = "elements" in told if isinstance(told, dict) else isinstance(told, list)
        if not is_answer:
            report_damage(path.name)
            with contextlib.suppress(OSError):
                path.unlink()


@contextlib.contextmanager
def _settings(settings: Any, folder: Path) -> Iterator[None]:
    """Set osmnx's global settings for one download and put the old ones back.

    Its defaults wait a minute for a server's queue status even without a network.
    """
    wanted = {
        "use_cache": True,
        "cache_folder": str(folder),
        "overpass_rate_limit": False,
        "requests_timeout": TIMEOUT_S,
        "doh_url_template": None,
        "log_console": False,
    }
    before = {key: getattr(settings, key) for key in wanted}
    for key, value in wanted.items():
        setattr(settings, key, value)
    try:
        yield
    finally:
        for key, value in before.items():
            setattr(settings, key, value)


def _advice(label: str, error: Exception) -> Text:
    return N_(
        "OpenStreetMap did not answer (%(error)s), so %(place)s cannot be downloaded. Connect to "
        "the network and try again, or download an extract (.osm.pbf) on another machine and "
        "import the file.",
        error=type(error).__name__,
        place=label,
    )
