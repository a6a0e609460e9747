"""Findings in words: what was found, on which measures, and what it stands on."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import join_sentences
from civicsight.coverage.findings.evidence import NO_INVENTORY
from civicsight.coverage.findings.withheld import WHY
from civicsight.model import NEED
from civicsight.presentation.facts import Facts
from civicsight.presentation.lexicon import (
    CAMERA_STATES,
    FINDING_KINDS,
    OUTCOMES,
    VERDICTS,
    number,
    share,
    verdict_of,
    word,
)
from civicsight.presentation.names import Names
from civicsight.rules.ruling import OUT_OF_USE

DOUBLES: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "certain": N_("Other cameras see all that it sees."),
        "substantial": N_("Other cameras see nearly all that it sees."),
        "partial": N_("Other cameras see most of what it sees."),
        "network_instead": N_(
            "A camera that is not in the shared network sees the same: connect it instead."
        ),
        "redundant_with": N_("Existing cameras see nearly all that it sees."),
        "not_weighed": N_(
            "Nothing is said against it: something beside it was not judged, and that may need it."
        ),
        "kept_if_others_go": N_("It adds nothing now, but is needed once the others are dropped."),
        "upgrade": N_("An existing camera nearby looks the same way, only too coarsely."),
        "twin": N_("It stands near another camera and looks the same way."),
        "direction_unknown": N_(
            "It stands near another camera; which way one of them looks is not recorded."
        ),
        "out_of_use": N_(
            "It stands near a camera that looks the same way and is out of use: no double of it."
        ),
        "other_purpose": N_("It looks the same way as a camera nearby, for another purpose."),
        "other_level": N_("It looks the same way as a camera nearby, at another level of detail."),
    }
)
OFFERS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "re-aim": N_("Would see enough if turned: %(cameras)s."),
        "upgrade": N_("Would see enough with a better lens: %(cameras)s."),
        "re-aim-and-upgrade": N_(
            "Would see enough if turned and given a better lens: %(cameras)s."
        ),
    }
)
IDLE: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "broken": N_("%(camera)s, out of use, stands %(distance)s m away."),
        "removed": N_("%(camera)s, removed, stood %(distance)s m away."),
    }
)
IDLE_ABLE: Final = N_(
    "%(camera)s, out of use, stands %(distance)s m away and would cover it once repaired."
)
"""Cameras at a gap that do not count; one indoors does not look at a gate."""

MENDS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "assumed": N_("Record what is assumed of these cameras."),
        "possible": N_("Record or measure where these cameras look."),
    }
)
LONGER: Final = N_("Set the tour so that it looks here for longer.")
NEW_CAMERA: Final = N_("No camera nearby can be turned to it: plan one.")
DIRECTIONS: Final = N_("Put on record which way both look.")
"""What settles whether two cameras that stand close together see the same."""

REPAIR_FIRST: Final = N_(
    "Repair the camera that is out of use, or take it down, before another is built."
)
"""What follows from a camera beside one that does not work."""

BOTH_STAND: Final = N_("For information: that two stand together is no reason to take one away.")
"""What follows from two existing cameras at one point."""

WHY_TWO: Final = N_("Leave one out, or put on record why both are needed.")
"""What mends a finding of which no camera nearby takes care."""

LEAST_TURN_DEG: Final = 1.0
"""A smaller turn is not worth naming."""

SHARES: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "fraction_sure": N_("Met for sure"),
        "fraction_assumed": N_("Met as assumed"),
        "fraction_possible": N_("Met at best"),
        "required": N_("Share to be met"),
        "gain": N_("What it alone adds"),
        "containment": N_("Seen by the other as well"),
    }
)
MEASURES: Final[Mapping[str, tuple[Text, str]]] = MappingProxyType(
    {
        NEED: (N_("Detail asked for"), "px/m"),
        "best_px_m_possible": (N_("Detail at best"), "px/m"),
        "distance_m": (N_("Distance apart"), "m"),
        "angle_deg": (N_("Angle between the views"), "°"),
    }
)
CAMERAS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "cameras": N_("Seen by"),
        "relies_on": N_("Replaced by"),
        "twin": N_("Other camera"),
        "barred": N_("Sees it, but counts for nothing by law"),
        "dominated_by": N_("Sees all of it alone"),
    }
)


def subject_name(row: Any, names: Names) -> str:
    """Return the name of the part or camera that a finding is about."""
    subject = str(row.subject)
    return names.parts.get(subject, names.cameras.get(subject, subject))


def finding_title(row: Any, names: Names) -> str:
    """Return the heading of a finding: what it is about, or for cameras what they do."""
    subject = subject_name(row, names)
    if row.kind == "gap":
        return subject
    kind = word(FINDING_KINDS, row.kind, names.language)
    state = (row.evidence or {}).get("camera_status")
    if state is not None:
        said = word(CAMERA_STATES, state, names.language)
        subject = names.translate(N_("%(camera)s (%(state)s)", camera=subject, state=said))
    return names.translate(N_("%(kind)s: %(subject)s", kind=kind, subject=subject))


def finding_sentence(row: Any, names: Names) -> str:
    """Say in a sentence or three what was found and what could be done."""
    evidence = row.evidence or {}
    parts = _gap_sentences(row, names) if row.kind == "gap" else _double_sentences(evidence, names)
    return join_sentences(parts, names.language)


def finding_remedy(row: Any, names: Names) -> str:
    """Say what would mend a finding: work on a camera nearby, a record, a camera, a reason."""
    evidence, translate = row.evidence or {}, names.translate
    if row.kind != "gap":
        if evidence.get("verdict") == OUT_OF_USE:
            return translate(REPAIR_FIRST)
        stand = row.kind == "twin" and row.outcome == "not_applicable"
        return translate(DIRECTIONS if row.kind == "near" else BOTH_STAND if stand else WHY_TWO)
    longer = [translate(LONGER)] if evidence.get("tours") and row.outcome == "undetermined" else []
    parts = [*longer, *_idle_sentences(evidence, names), *_offer_sentences(evidence, names)]
    if not parts:
        parts = [translate(MENDS.get(evidence.get("status", ""), NEW_CAMERA))]
    return join_sentences(parts, names.language)


def finding_facts(row: Any, names: Names) -> Facts:
    """Return all that is known about a finding, most important first."""
    translate = names.translate
    evidence = row.evidence or {}
    facts = [("", finding_sentence(row, names)), (translate(N_("Verdict")), _verdict(row, names))]
    facts += [
        (translate(SHARES[key]), share(float(evidence[key]))) for key in SHARES if key in evidence
    ]
    facts += [
        (translate(label), f"{number(float(evidence[key]))} {unit}")
        for key, (label, unit) in MEASURES.items()
        if key in evidence
    ]
    facts += [
        (translate(label), names.listed(_several(evidence[key]), names.cameras))
        for key, label in CAMERAS.items()
        if evidence.get(key)
    ]
    facts += [
        (translate(N_("Stands on")), names.grounds(row.assumptions)),
        (translate(N_("Certainty")), share(row.certainty)),
        (
            translate(N_("Rule")),
            translate(N_("Article %(article)s, %(rule)s", article=row.article, rule=row.rule)),
        ),
    ]
    return [(label, value) for label, value in facts if value]


def _verdict(row: Any, names: Names) -> str:
    verdict = word(VERDICTS, verdict_of(row.severity, row.outcome), names.language)
    if row.outcome == "undetermined":
        return verdict
    outcome = word(OUTCOMES, row.outcome, names.language)
    return names.translate(N_("%(verdict)s, %(outcome)s", verdict=verdict, outcome=outcome))


def offers_of(evidence: Mapping[str, Any]) -> list[str]:
    """Return the cameras that a finding names as able to help."""
    return [str(offer["camera"]) for offer in evidence.get("reuse") or ()]


def others_of(evidence: Mapping[str, Any]) -> list[str]:
    """Return the cameras beside which another one is a duplicate."""
    return [str(name) for key in ("relies_on", "twin") for name in _several(evidence.get(key))]


def _gap_sentences(row: Any, names: Names) -> list[str]:
    translate, evidence = names.translate, row.evidence or {}
    found = []
    status = evidence.get("status")
    if status == "assumed":
        found.append(translate(N_("Covered only if what is assumed of the cameras holds.")))
    elif status == "possible" and evidence.get("tours"):
        found.append(_tour_sentence(evidence, names))
    elif status == "possible":
        found.append(translate(N_("Covered only if cameras of unknown pose happen to look here.")))
    elif NO_INVENTORY not in (row.assumptions or ()):
        found.append(translate(N_("No working camera covers it under any assumption.")))
        best = float(evidence.get("best_px_m_possible", 0.0))
        if best > 0.0:
            detail = N_(
                "At best it is seen at %(best)s of %(need)s px/m.",
                best=number(best),
                need=f"{float(evidence[NEED]):g}",
            )
            found.append(translate(detail))
    if evidence.get("barred"):
        detail = N_(
            "It is seen by %(cameras)s, which count for nothing: they stand in a private place. "
            "Take them down or move them.",
            cameras=names.listed(evidence["barred"], names.cameras),
        )
        found.append(translate(detail))
    if evidence.get("blockers"):
        blockers = names.obstacles_in(evidence["blockers"])
        found.append(translate(N_("In the way: %(what)s.", what=blockers)))
    return [*found, *_idle_sentences(evidence, names), *_offer_sentences(evidence, names)]


def _tour_sentence(evidence: Mapping[str, Any], names: Names) -> str:
    """Say for what share of time a tour looks at a part, and what share is asked for."""
    longest = evidence["tours"][0]
    return names.translate(
        N_(
            "%(camera)s turns and looks here for %(share)s of the time, but at least %(least)s is "
            "required.",
            camera=names.listed([longest["camera"]], names.cameras),
            share=share(float(longest["share"])),
            least=share(float(evidence["min_time_share"])),
        )
    )


def _idle_sentences(evidence: Mapping[str, Any], names: Names) -> list[str]:
    """Name the cameras at the place that are broken or gone."""
    return [
        names.translate(
            IDLE_ABLE
            if (idle["why"] == "broken" and idle.get("would_cover") is True)
            else IDLE[idle["why"]]
        )
        % {
            "camera": names.listed([idle["camera"]], names.cameras),
            "distance": number(idle["distance_m"]),
        }
        for idle in evidence.get("out_of_use") or ()
        if idle["why"] in IDLE
    ]


def _offer_sentences(evidence: Mapping[str, Any], names: Names) -> list[str]:
    """Say which cameras could help, and how far each stands and has to be turned."""
    offers = evidence.get("reuse") or ()
    return [
        names.translate(text)
        % {"cameras": names.listed([_offer(o, names) for o in offers if o["how"] == how], {})}
        for how, text in OFFERS.items()
        if any(offer["how"] == how for offer in offers)
    ]


def _offer(offer: Mapping[str, Any], names: Names) -> str:
    camera = names.listed([offer["camera"]], names.cameras)
    distance, turn = number(offer["distance_m"]), offer.get("turn_deg")
    if turn is None or turn < LEAST_TURN_DEG or offer["how"] == "upgrade":
        return names.translate(
            N_("%(camera)s (%(distance)s m away)", camera=camera, distance=distance)
        )
    return names.translate(
        N_(
            "%(camera)s (%(distance)s m away, to be turned by %(turn)s°)",
            camera=camera,
            distance=distance,
            turn=number(turn),
        )
    )


def _double_sentences(evidence: Mapping[str, Any], names: Names) -> list[str]:
    translate = names.translate
    found = [word(DOUBLES, evidence.get("verdict"), names.language)]
    others = others_of(evidence)
    if others:
        which = names.listed(others, names.cameras)
        found.append(translate(N_("Beside: %(cameras)s.", cameras=which)))
    if evidence.get("withheld"):
        why, settles = WHY[evidence["withheld"]]
        places = names.listed(evidence.get("beside") or (), names.zones)
        text = N_(
            "%(why)s (%(places)s). What would settle it: %(settles)s.",
            why=why,
            places=places,
            settles=settles,
        )
        found.append(translate(text))
    if "gain" in evidence:
        alone = share(float(evidence["gain"]))
        found.append(translate(N_("It alone sees %(share)s of what it sees.", share=alone)))
    return [text for text in found if text]


def _several(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
