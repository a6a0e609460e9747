"""What a public edition may not show: it is computed as if the hidden rows did not exist."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import geopandas as gpd
import pandas as pd

from civicsight.core.errors import N_, Text
from civicsight.core.values import as_flag, is_silent
from civicsight.model import City
from civicsight.model.notes import ATTR
from civicsight.rules import Rules

HIDDEN_LAYERS: Final = ("consent_areas", "answers", "documents", "private_places")
"""Layers that no public edition rests on: what they say of one place could be read back."""


def without_hidden(city: City, rules: Rules) -> City:
    """Return a city without anything that a public edition may not rest on.

    Secret cameras go with the signs that announce them, and so do places of a class that is
    designated only, with their entrances' registers left as the map has them.
    """
    secret = {zone.id for zone in rules.zone_classes if zone.secrecy or zone.designated_only}
    hidden = {name: getattr(city, name).iloc[:0] for name in HIDDEN_LAYERS}
    gone = is_secret(city.cameras)
    signs = city.signs[~city.signs["camera_id"].isin(city.cameras.index[gone])]
    places = city.places[~city.places["item"].isin(secret)]
    cameras = city.cameras[~gone]
    cameras.attrs.pop(ATTR, None)  # what was noted of a list names its rows
    return replace(city, cameras=cameras, places=places, signs=signs, provenance=(), **hidden)


def count_hidden(city: City, cameras: gpd.GeoDataFrame, rules: Rules) -> int:
    """Count the records of a city, and of the cameras checked in it, that are not for the public.

    No public edition may rest on any. The cameras may be those of a list beside the city.
    """
    kept = without_hidden(city, rules)
    layers = ("places", *HIDDEN_LAYERS)
    gone = sum(len(getattr(city, name)) - len(getattr(kept, name)) for name in layers)
    secret = {label for own in (cameras, city.cameras) for label in own.index[is_secret(own)]}
    return len(secret) + gone


def count_unsaid(cameras: gpd.GeoDataFrame) -> int:
    """Count the cameras of which nobody says whether they are secret."""
    if "secrecy" not in cameras:
        return len(cameras)
    return int(cameras["secrecy"].astype(object).map(is_silent).sum())


def describe_unstated(cameras: gpd.GeoDataFrame) -> tuple[Text, ...]:
    """Ask for the secrecy of the cameras of which nobody says it; nothing where all say it."""
    count = count_unsaid(cameras)
    text = N_(
        "Cameras that do not say whether their record is secret: %(count)s. They are "
        "taken as not secret; fill in the column before you publish.",
        count=f"{count:,}",
    )
    return (text,) if count else ()


def secret_items(city: City, rules: Rules) -> list[str]:
    """Return the ids of cameras and places that only the reviewers' edition may show."""
    secret = {zone.id for zone in rules.zone_classes if zone.secrecy or zone.designated_only}
    cameras = city.cameras.index[is_secret(city.cameras)]
    places = city.places.index[city.places["item"].isin(secret)]
    return sorted([*map(str, cameras), *map(str, places), *map(str, city.consent_areas.index)])


def is_secret(cameras: gpd.GeoDataFrame) -> pd.Series:
    """Tell which cameras are secret; one of which nobody says anything is not.

    What is said and is no plain no counts as secret: to publish cannot be undone.
    """
    said = cameras.get("secrecy", pd.Series(None, cameras.index, dtype=object)).astype(object)
    return said.map(lambda value: not is_silent(value) and as_flag(value) is not False).astype(bool)
