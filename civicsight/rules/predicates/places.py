"""Predicates over positions: inside or outside of layers, close to others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd
import shapely

from civicsight.core.errors import N_, Text
from civicsight.rules.dossier import CONTRADICTED, Dossier, Subject
from civicsight.rules.predicates.declaration import (
    LAYERS,
    PRIVATE,
    SCOPES,
    Look,
    Parameter,
    choice,
    choices,
    declare,
    looks,
    quantity,
)
from civicsight.rules.ruling import Ruling, failed, passed, unknown
from civicsight.rules.vocabulary import join, word

OF_AREAS: Final = (
    Look("districts", (("level",),), ("layer", ("jurisdiction", "district", "district_edge"))),
    Look("consent_areas", when=("layer", ("consent_layer",))),
)
"""Registers of the areas that a rule may measure against."""


@declare(
    N_("it lies in"),
    choice("layer", N_("layer"), *LAYERS),
    Parameter("exactly", N_("exactly"), "count"),
    looks=OF_AREAS,
)
def within(dossier: Dossier, subject: Subject, values: Mapping[str, Any]) -> Ruling:
    """Ask whether it lies inside a layer; with ``exactly``, in that many of its areas."""
    layer = values["layer"]
    areas = dossier.areas(layer)
    place = subject.geometry
    if areas.empty or place is None:
        return unknown(N_("no layer: %(layers)s", layers=word(layer)), missing=[layer])
    spot = place.representative_point()
    inside = areas.index[shapely.covers(areas.geometry.to_numpy(), spot)].tolist()
    if "exactly" in values:
        if len(inside) == values["exactly"]:
            return passed(areas=inside)
        text = N_(
            "it lies in %(count)s of the areas of %(layer)s", count=len(inside), layer=word(layer)
        )
        return failed(text, areas=inside)
    if inside:
        return passed(areas=inside)
    distance = float(shapely.distance(areas.geometry.to_numpy(), spot).min())
    text = N_("it lies %(distance).0f m outside of %(layer)s", distance=distance, layer=word(layer))
    return failed(text, distance_m=distance)


@declare(
    N_("it lies outside"),
    choice("layer", N_("layer"), *LAYERS),
    quantity("buffer", N_("at a distance of"), "m", "higher", required=False),
    choices("scope", N_("kinds of privacy"), *SCOPES, required=False),
    choice("setting", N_("for cameras"), "indoor", "outdoor", required=False),
    choice("output", N_("in the output"), "public", required=False),
    department="owner",
    looks=(
        *OF_AREAS,
        *looks(("layer", ("privacy",)), *PRIVATE),
        Look("cameras", (("secrecy",),), ("layer", ("designated_secret",))),
    ),
)
def outside(dossier: Dossier, subject: Subject, values: Mapping[str, Any]) -> Ruling:
    """Ask whether it keeps out of a layer, by a margin if the rule gives one."""
    if values["layer"] == "privacy":
        return _outside_private(dossier, subject, values)
    if values.get("output") == "public":
        # Judge what a public edition would show: nothing that is secret may be left in it.
        left = dossier.secret_in_public()
        if not left:
            return passed()
        return failed(N_("%(count)s secret items would be published", count=len(left)), items=left)
    layer = values["layer"]
    areas = dossier.areas(layer)
    place = subject.geometry
    if areas.empty or place is None:
        return unknown(N_("no layer: %(layers)s", layers=word(layer)), missing=[layer])
    distance = float(shapely.distance(areas.geometry.to_numpy(), place).min())
    margin = float(values.get("buffer", 0.0))
    if distance > margin or (margin > 0.0 and distance >= margin):
        return passed(distance_m=distance)
    text = N_(
        "it lies %(distance).0f m from %(layer)s, closer than %(margin)g m",
        distance=distance,
        layer=word(layer),
        margin=margin,
    )
    return failed(text, distance_m=distance)


def _outside_private(dossier: Dossier, subject: Subject, values: Mapping[str, Any]) -> Ruling:
    """Judge the position of a camera against private places of the scopes that a rule names."""
    hits = dossier.private_hits(subject.label, tuple(values["scope"]))
    if hits is None:
        return passed()
    places = sorted(set(hits["private_id"]))
    setting = hits["setting"].iloc[0]
    wanted = values.get("setting", setting)
    named = join(name_private(dossier, name) for name in places[:3])
    if CONTRADICTED in set(hits["setting"]):
        return _contradicted(hits, named, places)
    if setting == wanted:
        text = N_("it stands inside of %(places)s", places=named)
        return failed(text, certainty=float(hits["confidence"].max()), places=places)
    if setting in ("unknown", "deep_inside"):
        text = N_("it stands on %(places)s; whether indoors is not recorded", places=named)
        return unknown(text, missing=["setting"], places=places)
    return passed(places=places)


def _contradicted(hits: pd.DataFrame, named: Text, places: list[str]) -> Ruling:
    """Judge a camera by its position, against its record: in rooms of a building a person looks."""
    text = N_(
        "it stands inside of %(places)s, though its record says outdoors: one of the two is wrong",
        places=named,
    )
    if hits["scope"].eq("whole_interior").any():
        return failed(text, certainty=float(hits["confidence"].max()), places=places)
    return unknown(text, missing=["setting"], places=places)


def name_private(dossier: Dossier, private_id: str) -> Text:
    """Return what a private place is called, or else its class, and its id."""
    row = dossier.private.areas.loc[private_id]
    names = [value for value in (row["name"], row["label"]) if isinstance(value, str | Mapping)]
    name = names[0] if names else word(row["kind"])
    return N_("%(name)s (%(id)s)", name=name, id=private_id)
