"""Whether the law that is applied is that of the city at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import shapely

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import Language, pick

if TYPE_CHECKING:
    from civicsight.model import City
    from civicsight.rules import Rules


def applied_elsewhere(city: City, rules: Rules, language: Language) -> tuple[Text, ...]:
    """Say which law is applied to a city that lies outside of its jurisdiction.

    Parameters
    ----------
    city
        Where it lies is told by its extent.
    rules
        Packs; one that states no bounds is the law of more than a city.
    language
        Language in which the jurisdiction is named.
    """
    if city.extent.is_empty:  # nothing is drawn that could lie anywhere
        return ()
    area = gpd.GeoSeries([city.extent], crs=city.crs).to_crs(4326)
    west, south, east, north = area.total_bounds
    return tuple(
        N_(
            "The law of %(place)s is applied to a city that lies elsewhere: its findings show the "
            "method and bind nobody.",
            place=pick(dict(pack.jurisdiction), language),
        )
        for pack in rules.packs
        if pack.bounds is not None
        and not shapely.box(west, south, east, north).intersects(shapely.box(*pack.bounds))
    )
