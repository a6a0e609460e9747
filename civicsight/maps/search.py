"""What the search of a map finds beside the features of its layers: streets by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import shapely

from civicsight.core.errors import N_
from civicsight.maps.encode import lon_lat
from civicsight.presentation.names import Names

if TYPE_CHECKING:
    from civicsight.model import City


def search_data(city: City, names: Names) -> dict[str, Any]:
    """Return where each street is, once a name, and what the search calls things.

    Parameters
    ----------
    city
        Its roads; those without a name cannot be searched for.
    names
        Language.

    Returns
    -------
    dict
        ``streets``: ``names`` and ``at`` (latitude, longitude in the middle of the longest piece);
        ``kinds``: what layers are called, by key; ``label`` of the field; ``none`` and ``more``
        (with ``{n}``) for what is not listed.
    """
    translate, roads = names.translate, city.roads
    called = roads["name"].fillna("").astype(str).str.strip()
    kept = roads[called.ne("")]
    longest = pd.Series(kept.length, kept.index).groupby(called[kept.index]).idxmax()
    lines = kept.geometry.loc[longest]
    middle = shapely.line_interpolate_point(
        [max(shapely.get_parts(line), key=shapely.length) for line in lines], 0.5, normalized=True
    )
    spots = gpd.GeoSeries(middle, crs=roads.crs)
    return {
        "streets": {"names": longest.index.tolist(), "at": lon_lat(spots) if len(spots) else []},
        "kinds": {
            "cameras": translate(N_("camera")),
            "zones": translate(N_("place")),
            "parts": translate(N_("gate or key part")),
            "streets": translate(N_("street")),
        },
        "label": translate(N_("Find a camera, place or street")),
        "none": translate(N_("Nothing on this map is called that.")),
        "more": translate(N_("%(n)s more: type on", n="{n}")),
    }
