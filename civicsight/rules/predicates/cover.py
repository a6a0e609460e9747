"""Predicates over the coverage matrix: covered, adding enough, offered to what exists."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from civicsight.core.errors import N_
from civicsight.rules.dossier import Dossier, Subject
from civicsight.rules.predicates.declaration import (
    DEMANDED,
    STATUSES,
    Look,
    Parameter,
    choice,
    choices,
    declare,
    quantity,
)
from civicsight.rules.ruling import ASKING, Ruling, failed, not_recorded, passed, unknown
from civicsight.rules.vocabulary import field_word, measure_word, word

BUILDERS: Final[Mapping[str, str]] = {
    "government": "government_department",
    "operator": "responsible_operator",
    "duty_holder": "duty_holder",
}
"""Builders of a camera's record, by whom a class of places names."""


@declare(
    N_("its required parts are seen well enough"),
    choices("by", N_("counting cameras"), *STATUSES),
    choice("parts", N_("parts of"), "zone"),
    of_inventory=True,
    looks=DEMANDED,
)
def covered(dossier: Dossier, subject: Subject, values: Mapping[str, Any]) -> Ruling:
    """Ask whether all parts that a place has to show are seen well enough, for sure.

    A law asks for the parts that its own class of the place demands. What only an assumed pose
    covers is undetermined, and so is a place without a part.
    """
    if subject.value("qualifier") is not None:
        return _possibly(subject)
    mine = dossier.demanded.parts_of(subject.label, values[ASKING])
    if not mine:
        return unknown(N_("no entrance or part of it is known"), missing=["parts"])
    status = {part: dossier.demanded.status.get(part) for part in mine}
    gaps = [part for part, found in status.items() if found == "gap"]
    unsure = [part for part, found in status.items() if found in ("assumed", "possible")]
    unjudged = [part for part, found in status.items() if found is None]
    if gaps:
        certainty, severity = _gravest(dossier, gaps)
        text = N_("%(gaps)s of %(parts)s parts are not covered", gaps=len(gaps), parts=len(mine))
        return Ruling("fail", (text,), certainty, (), {"gaps": gaps, "unsure": unsure}, severity)
    sure, lawful = (part for part in mine if status[part] == "covered"), dossier.lawful_status
    masks = [part for part in sure if lawful.get(part) != "covered"]
    if masks and not unsure and not unjudged:
        text = N_(
            "%(count)s of %(parts)s parts are covered only by cameras that see more of private "
            "façades than allowed; they count once masked, turned or moved",
            count=len(masks),
            parts=len(mine),
        )
        return unknown(text, missing=["mask_plan"], unlawful=masks)
    if unsure or unjudged:
        text = N_(
            "%(count)s of %(parts)s parts are covered only if an assumption holds, or could not be "
            "judged",
            count=len(unsure) + len(unjudged),
            parts=len(mine),
        )
        return unknown(text, missing=["optics"], unsure=unsure, unjudged=unjudged)
    return passed(parts=len(mine))


@declare(
    N_("whom the law names built a camera for each covered part"),
    choices("by", N_("counting cameras"), *STATUSES),
    of_inventory=True,
    looks=DEMANDED,
)
def built_by(dossier: Dossier, subject: Subject, values: Mapping[str, Any]) -> Ruling:
    """Ask whether a camera of whom the class names to build covers each part that is covered.

    That a part is not covered at all is another question; that somebody else's camera sees it too
    does not take the duty away.
    """
    pack = values[ASKING]
    own = dossier.classes_of(subject.row, pack)
    named = [dossier.rules.zone_class(pack, item).builder or "" for item in own]
    wanted = next((BUILDERS[name] for name in named if name in BUILDERS), None)
    if wanted is None:
        return unknown(N_("the law does not say who builds here"), missing=["builder"])
    mine, found = dossier.demanded.parts_of(subject.label, pack), dossier.demanded
    covered_by = {part: found.cameras[part] for part in mine if found.status.get(part) == "covered"}
    if not covered_by:
        return unknown(N_("no part of it is covered for sure"), missing=["parts"])
    builders = dossier.inventory.builders(tuple(values["by"]))
    built = {part: [builders.get(name) for name in seen] for part, seen in covered_by.items()}
    lacking = {part: said for part, said in built.items() if wanted not in said}
    unsaid = [part for part, said in lacking.items() if None in said]
    others = [part for part in lacking if part not in unsaid]
    if others:
        text = N_(
            "%(parts)s covered parts have no camera of: %(builder)s",
            parts=len(others),
            builder=word(wanted),
        )
        return failed(text, parts=others)
    if unsaid:
        return not_recorded("camera", "builder")
    return passed(parts=len(covered_by))


def _possibly(subject: Subject) -> Ruling:
    """Say of a place that its measure alone leaves out of its class what is open."""
    value, least = float(subject.row["value"]), f"{subject.row['at_least']:,.0f}"
    if math.isnan(value):
        measure = subject.row["measure"]
        text = N_(
            "possibly such a place, and nothing of it was judged: its %(measure)s is not recorded, "
            "and from %(least)s on it is one; record it",
            measure=measure_word(measure),
            least=least,
        )
        return unknown(text, missing=[measure])
    text = N_(
        "possibly such a place, and nothing of it was judged: whether it is %(word)s is open, by a "
        "measure of %(value)s, while %(least)s are assumed",
        word=dict(subject.row["qualifier"]),
        value=f"{value:,.0f}",
        least=least,
    )
    return unknown(text, missing=["standing"])


def _gravest(dossier: Dossier, gaps: list[str]) -> tuple[float, str | None]:
    """Return the certainty and the severity of the gravest finding of parts."""
    found = [dossier.demanded.gaps[part] for part in gaps if part in dossier.demanded.gaps]
    for severity in ("violation", "warning", "info"):
        same = [gap.certainty for gap in found if gap.severity == severity]
        if same:
            return max(same), severity
    return 1.0, None


@declare(
    N_("it adds enough to what is there"),
    choices("against", N_("compared with"), *STATUSES),
    Parameter("same_profile", N_("at the same or a better quality"), "flag"),
    quantity("at_least", N_("at least"), "ratio", "higher"),
    looks=DEMANDED,
)
def marginal_gain(dossier: Dossier, subject: Subject, values: Mapping[str, Any]) -> Ruling:
    """Ask whether a camera adds enough to those that exist or are approved."""
    del values
    return dossier.finding(subject, "marginal_gain")


@declare(
    N_("the plan loses enough without it"),
    quantity("at_least", N_("at least"), "ratio", "higher"),
    looks=(*DEMANDED, Look("cameras", (("kind",),))),
)
def contribution(dossier: Dossier, subject: Subject, values: Mapping[str, Any]) -> Ruling:
    """Ask whether the plan loses enough without a camera.

    Of a camera that adds too little to what is there the check says that alone; what it adds to the
    whole plan is no more than that.
    """
    ruling = dossier.finding(subject, "contribution")
    beside = dossier.finding(subject, "marginal_gain")
    if ruling.outcome != "pass" or "gain" not in beside.evidence:
        return ruling
    if beside.evidence["gain"] < float(values["at_least"]):
        return beside
    return unknown(*beside.because, missing=["optics"], **beside.evidence)


@declare(
    N_("no other stands close by and looks the same way"),
    choices("against", N_("compared with"), *STATUSES, "pole"),
    quantity("distance", N_("within a distance of"), "m", "higher"),
    quantity("bearing", N_("and an angle of"), "deg", "higher", required=False),
    looks=(Look("cameras"), Look("cameras", (("mount",),), ("against", ("pole",)))),
)
def separation(dossier: Dossier, subject: Subject, values: Mapping[str, Any]) -> Ruling:
    """Ask whether no other camera stands close by and looks the same way, or no pole is near."""
    if "pole" in values["against"]:
        distance_m = float(values["distance"])
        near = dossier.inventory.poles.within(distance_m, subject.geometry)
        others = [name for name in near if name != subject.label]
        if not others:
            return passed()
        text = N_("poles near by: %(poles)s", poles=", ".join(others[:3]))
        return failed(text, poles=others)
    ruling = dossier.finding(subject, "separation")
    if ruling.outcome != "pass":
        return ruling
    # The cameras near by of which nobody knows whether they look the same way.
    distance_m = float(values["distance"])
    known, blind = dossier.inventory, subject.value("azimuth_deg") is None
    near = known.places.within(distance_m, subject.geometry)
    unturned = [
        name for name in near if name != subject.label and (blind or name in known.undirected)
    ]
    if not unturned:
        return ruling
    text = N_("not recorded: %(fields)s", fields=field_word("azimuth_deg"))
    return unknown(text, missing=["azimuth_deg"], cameras=unturned)


@declare(
    N_("existing cameras nearby were considered"),
    quantity("radius", N_("within a radius of"), "m", "higher"),
    of_inventory=True,
    looks=(*DEMANDED, Look("cameras", (("kind",),))),
)
def reuse_considered(dossier: Dossier, subject: Subject, values: Mapping[str, Any]) -> Ruling:
    """Ask whether no gap of a place could be closed by turning a camera that exists."""
    del values
    known, mine = dossier.demanded.gaps, dossier.demanded.parts_of(subject.label)
    found = sorted((part for part in mine if part in known), key=lambda part: known[part].rank)
    offers = {part: list(known[part].offers) for part in found if known[part].offers}
    if not offers:
        return passed()
    cameras = sorted({camera for names in offers.values() for camera in names})
    text = N_("existing cameras could be turned: %(cameras)s", cameras=", ".join(cameras[:5]))
    return failed(text, offers=offers)
