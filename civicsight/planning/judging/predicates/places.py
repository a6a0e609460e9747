"""Predicates over positions: inside or outside of layers, close to others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from civicsight.core.errors import N_, Text
from civicsight.coverage.privacy.position import CONTRADICTED
from civicsight.planning.judging.dossier import Dossier, Subject
from civicsight.planning.judging.ruling import Ruling, failed, passed, unknown
from civicsight.rules.wording import field_word, join, word


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


def outside(dossier: Dossier, subject: Subject, values: Mapping[str, Any]) -> Ruling:
    """Ask whether it keeps out of a layer, by a margin if the rule gives one."""
    if values["layer"] == "privacy":
        return _outside_private(dossier, subject, values)
    if values.get("output") == "public":
        return _hidden_in_public(dossier)
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
    if hits.empty:
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


def _hidden_in_public(dossier: Dossier) -> Ruling:
    """Judge what a public edition would show: nothing that is secret may be left in it."""
    left = dossier.secret_in_public()
    if not left:
        return passed()
    return failed(N_("%(count)s secret items would be published", count=len(left)), items=left)


def faces(dossier: Dossier, subject: Subject, values: Mapping[str, Any]) -> Ruling:
    """Ask whether it looks at a layer from near by; with ``negate``, whether it does not.

    What it would face only as far as its direction is not recorded is unknown.
    """
    doors = dossier.faced_doors(subject.label, float(values["within"]), float(values["angle"]))
    names = doors["entrance_id"].tolist()
    sure = doors[doors["reading"].eq("sure")]
    away = bool(values.get("negate", False))
    if doors.empty and not away:
        return failed(N_("it faces none"))
    if doors.empty:
        return _may_face(dossier, subject, values)
    text = N_("it faces %(doors)s", doors=", ".join(names[:3]))
    if sure.empty:
        return unknown(text, missing=["azimuth_deg"], doors=names)
    if away:
        return failed(text, certainty=float(sure["confidence"].max()), doors=names)
    return passed(float(sure["confidence"].max()), doors=names)


def _may_face(dossier: Dossier, subject: Subject, values: Mapping[str, Any]) -> Ruling:
    """Rule on a camera that faces no known door: those of a place near by may not be mapped."""
    near = dossier.doorless(subject.label, float(values["within"]), float(values["angle"]))
    if not near:
        return passed()
    text = N_(
        "the doors of %(places)s are not known",
        places=join(name_private(dossier, name) for name in near[:3]),
    )
    return unknown(text, missing=["entrances"], places=near)


def separation(dossier: Dossier, subject: Subject, values: Mapping[str, Any]) -> Ruling:
    """Ask whether no other camera stands close by and looks the same way, or no pole is near."""
    if "pole" in values["against"]:
        return _apart_from_poles(dossier, subject, float(values["distance"]))
    ruling = dossier.finding(subject, "separation")
    if ruling.outcome != "pass":
        return ruling
    unturned = _near_without_direction(dossier, subject, float(values["distance"]))
    if not unturned:
        return ruling
    text = N_("not recorded: %(fields)s", fields=field_word("azimuth_deg"))
    return unknown(text, missing=["azimuth_deg"], cameras=unturned)


def _near_without_direction(dossier: Dossier, subject: Subject, distance_m: float) -> list[str]:
    """Return the cameras near by of which nobody knows whether they look the same way."""
    cameras = dossier.tables["camera"]
    away = shapely.distance(cameras.geometry.to_numpy(), subject.geometry)
    near = cameras[(away <= distance_m) & cameras.index.to_series().ne(subject.label).to_numpy()]
    if subject.value("azimuth_deg") is None:
        return list(map(str, near.index))
    return list(map(str, near.index[near["azimuth_deg"].isna()]))


def _apart_from_poles(dossier: Dossier, subject: Subject, distance_m: float) -> Ruling:
    poles = dossier.poles
    place: BaseGeometry = subject.geometry
    near = poles[poles.distance(place) <= distance_m]
    others = near[near.index != subject.label]
    if others.empty:
        return passed()
    text = N_("poles near by: %(poles)s", poles=", ".join(map(str, others.index[:3])))
    return failed(text, poles=others.index.tolist())
