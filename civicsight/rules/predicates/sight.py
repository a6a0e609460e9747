"""Predicates over what a camera sees: private façades, areas of consent, its target, its signs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from civicsight.core.errors import N_, Text
from civicsight.model import READINGS
from civicsight.rules.dossier import Dossier, Subject
from civicsight.rules.predicates.declaration import (
    DEMANDED,
    HIDING,
    KINDS,
    LAYERS,
    PRIVATE,
    SIGHT,
    STATUSES,
    Look,
    Parameter,
    choice,
    choices,
    declare,
    looks,
    quantity,
)
from civicsight.rules.predicates.places import OF_AREAS, name_private
from civicsight.rules.ruling import Ruling, failed, passed, unknown
from civicsight.rules.vocabulary import join, word

LEAST_SHOWN: Final = 0.001
"""A smaller share of the required coverage is not told apart from others as small."""

OF_NO_PICTURE: Final = N_(
    "its mask hides nothing for certain: bind a mask to each stop of the tour, and record where "
    "the camera looks"
)
"""Why a mask that is on record does not clear a camera."""


@declare(
    N_("it sees no more than allowed of"),
    choice("layer", N_("layer"), *LAYERS),
    quantity("area", N_("area at most"), "m2", "lower"),
    quantity("density", N_("counted from"), "px/m", "lower", required=False),
    department="owner",
    looks=(*OF_AREAS, *HIDING, *looks(("layer", ("privacy",)), *PRIVATE)),
)
def sees_at_most(dossier: Dossier, subject: Subject, values: Mapping[str, Any]) -> Ruling:
    """Ask whether a camera sees no more of a layer than allowed [m2].

    What its record proves to be seen fails. What it could see, as far as nobody recorded where it
    looks, is not cleared either: harm to the private counts as soon as it is possible.
    """
    layer, allowed = values["layer"], float(values["area"])
    seen = dossier.seen_area(subject.label, layer)
    if seen is None:
        return unknown(N_("no layer: %(layers)s", layers=word(layer)), missing=[layer])
    sure, possible = seen["sure"], seen["possible"]
    evidence = {f"area_{reading}_m2": round(area, 3) for reading, area in seen.items()}
    if sure > allowed:
        text = N_("it sees %(area).1f m² of %(layer)s", area=sure, layer=word(layer))
        return failed(text, certainty=dossier.trust(subject.label), **evidence)
    if possible > allowed:
        text = N_(
            "as far as its record goes, it could see %(area).1f m² of %(layer)s",
            area=possible,
            layer=word(layer),
        )
        if layer == "privacy" and dossier.exposures.get(subject.label, {}).get("unplaced"):
            return unknown(text, OF_NO_PICTURE, missing=["optics", "mask_plan"], **evidence)
        return unknown(text, missing=["optics"], **evidence)
    return passed(**evidence)


@declare(
    N_("it faces"),
    choice("layer", N_("layer"), *LAYERS),
    quantity("within", N_("within a distance of"), "m", "lower"),
    quantity("angle", N_("and an angle of"), "deg", "lower"),
    Parameter("negate", N_("must not hold"), "flag"),
    turned_by=("negate", True),
    department="owner",
    looks=(*PRIVATE, *HIDING, Look("entrances")),
)
def faces(dossier: Dossier, subject: Subject, values: Mapping[str, Any]) -> Ruling:
    """Ask whether it looks at a layer from near by; with ``negate``, whether it does not.

    What it would face only as far as its direction is not recorded is unknown.
    """
    doors = dossier.faced_doors(subject.label, float(values["within"]), float(values["angle"]))
    away = bool(values.get("negate", False))
    if doors is None:
        return _may_face(dossier, subject, values) if away else failed(N_("it faces none"))
    names = doors["entrance_id"].tolist()
    sure = doors[doors["reading"].eq("sure")]
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


@declare(
    N_("enough of its view is on target or public"),
    quantity("at_least", N_("at least"), "ratio", "higher"),
    is_private=True,
    looks=(*SIGHT, Look("places", (KINDS,)), Look("roads", (("kind",),))),
)
def on_target(dossier: Dossier, subject: Subject, values: Mapping[str, Any]) -> Ruling:
    """Ask whether enough of the ground that a camera sees is a listed place, a street or public.

    Maps do not say what ground is private, so a low share alone proves nothing.
    """
    share = dossier.public_share(subject.label)
    if share is None:
        return unknown(N_("it sees no ground for sure"), missing=["optics"])
    if share >= float(values["at_least"]):
        return passed(share=round(share, 3))
    text = N_("only %(share).0f %% of its view is known to be target or street", share=share * 100)
    return unknown(text, missing=["zones"], share=round(share, 3))


@declare(
    N_("whoever enters the view meets a sign first"),
    choice("per", N_("for every"), "approach"),
    quantity(
        "standard",
        N_("no more than a warning without a local standard on signs, of which are given"),
        "count",
        "higher",
        required=False,
    ),
    department="owner",
    looks=(*SIGHT, Look("roads"), Look("signs")),
)
def sign_visible(dossier: Dossier, subject: Subject, values: Mapping[str, Any]) -> Ruling:
    """Ask whether whoever enters the view meets a sign first.

    The law asks for clear signs, not for one at each approach: without a local standard that says
    where they have to stand, an approach without one is no more than a warning.
    """
    if not len(dossier.city.signs):
        return unknown(N_("no layer: %(layers)s", layers=word("signs")), missing=["signs"])
    mine = dossier.signs.get(subject.label)
    if mine is None:
        return unknown(N_("no approach to its view is known"), missing=["optics"])
    sure = mine["reading"].eq(READINGS[0])
    unmet = mine.index[mine["met"].eq("unmet") & sure].tolist()
    unsure = mine.index[mine["met"].eq("undetermined") | ~sure].tolist()
    if unmet:
        text = N_("%(unmet)s of %(all)s approaches meet no sign", unmet=len(unmet), all=len(mine))
        most = None if float(values.get("standard", 1)) > 0 else "warning"
        found = {"approaches": unmet}
        return Ruling("fail", (text,), dossier.trust(subject.label), (), found, most)
    if unsure:
        text = N_("%(count)s approaches could not be judged", count=len(unsure))
        return unknown(text, missing=["signs"], approaches=unsure)
    return passed(approaches=len(mine))


@declare(
    N_("it costs no more required coverage, and no more of any view, than allowed"),
    choices("of", N_("seen by cameras"), *STATUSES),
    quantity("loss", N_("loss at most"), "ratio", "lower"),
    quantity("view", N_("of the view of any camera at most"), "ratio", "lower", required=False),
    Parameter("parts_stay_covered", N_("no part falls below its share"), "flag"),
    quantity("years", N_("after a growth of"), "year", "higher", required=False),
    of_inventory=True,
    looks=DEMANDED,
)
def keeps_coverage(dossier: Dossier, subject: Subject, values: Mapping[str, Any]) -> Ruling:
    """Ask whether a proposed facility costs no more required coverage than allowed."""
    loss = dossier.lost_coverage(subject.label, tuple(values["of"]), int(values.get("years", 0)))
    allowed = float(values["loss"])
    evidence = {f"loss_{reading}": round(share, 4) for reading, share in loss.shares.items()}
    tolerated = float(values.get("view", 1.0))
    evidence |= {f"view_{reading}": round(share, 4) for reading, share in loss.views.items()}
    evidence |= {f"lost_{ground}_m2": round(area, 1) for ground, area in loss.areas.items()}
    stay = bool(values.get("parts_stay_covered", False))
    dropped, doubtful = (loss.dropped, loss.doubtful) if stay else ([], [])
    if loss.shares["sure"] > allowed or dropped:
        text = N_(
            "required coverage lost: %(loss)s; gates and key parts no longer covered: %(parts)s",
            loss=_lost(loss.shares["sure"]),
            parts=len(dropped),
        )
        return failed(text, cameras=loss.cameras, parts=dropped, **evidence)
    if loss.shares["possible"] > allowed or doubtful:
        text = N_(
            "required coverage that could be lost: %(loss)s; gates and key parts in doubt: "
            "%(parts)s",
            loss=_lost(loss.shares["possible"]),
            parts=len(doubtful),
        )
        found = {"cameras": loss.cameras, "parts": doubtful, **evidence}
        return unknown(text, missing=["optics"], **found)
    if loss.views["possible"] > tolerated:
        is_sure = loss.views["sure"] > tolerated
        text = N_(
            "a camera loses up to %(view)s of its view or sees it in a lower class, tolerated are "
            "%(tolerated)s; roads %(road)s m², other public ground %(public)s m²",
            view=_lost(loss.views["sure" if is_sure else "possible"]),
            tolerated=_lost(tolerated),
            road=f"{loss.areas['road']:.0f}",
            public=f"{loss.areas['public']:.0f}",
        )
        return (
            failed(text, **evidence) if is_sure else unknown(text, missing=["optics"], **evidence)
        )
    return passed(**evidence)


def _lost(share: float) -> Text:
    """Say a share of the required coverage; what is less than the last digit is not nothing."""
    if share <= 0.0:
        return N_("nothing")
    if share < LEAST_SHOWN:
        return N_("less than 0.1 %")
    return Text("%(percent).1f %%", {"percent": share * 100.0})
