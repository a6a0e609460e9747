"""What codes of the tables are called, for maps and reports."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Final

from civicsight.core import figure
from civicsight.core.errors import N_, Text
from civicsight.core.i18n import Language, translate
from civicsight.coverage import result
from civicsight.coverage.result import ASSUMED, GAP
from civicsight.model import CAMERAS, PLACES

number, share = figure.number, figure.share
"""How a number and a share are written."""

STATE_LABELS: Final[Mapping[str, Text]] = result.STATE_LABELS
"""The one name of each state, on every page."""

LIGHTS: Final[Mapping[str, Text]] = MappingProxyType(
    {"day": N_("by day"), "night": N_("by day and at night")}
)
"""Light in which a capture profile counts a view."""

PART_KINDS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "entrance": N_("Entrance"),
        "vehicle_entrance": N_("Vehicle entrance"),
        "passage": N_("Passage"),
        "perimeter": N_("Perimeter"),
        "area": N_("Area"),
        "road_section": N_("Road section"),
        "junction": N_("Junction"),
        "portal": N_("Portal"),
        "deck": N_("Bridge deck"),
    }
)
_LABELS: Final = {column.name: column.labels for column in (*PLACES, *CAMERAS)}

CAMERA_KINDS: Final[Mapping[str, Text]] = _LABELS["kind"]
MOUNTS: Final[Mapping[str, Text]] = _LABELS["mount"]
CAMERA_STATES: Final[Mapping[str, Text]] = _LABELS["status"]
UNUSED_REASONS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "removed": N_("removed"),
        "out_of_use": N_("out of use"),
        "indoor": N_("indoors"),
        "off_terrain": N_("outside the terrain"),
        "off_map": N_("outside the mapped area"),
    }
)
UNDETERMINED: Final = "open"
"""Verdict of what hangs on a fact that is not on record: no severity, a question to settle."""

VERDICTS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "violation": N_("Violation"),
        "warning": N_("Warning"),
        UNDETERMINED: N_("To be settled"),
        "judgement": N_("For a person to decide"),
        "info": N_("Information"),
    }
)
"""What a reader of a page is told of a finding, most urgent first."""

OUTCOMES: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "pass": N_("met"),
        "fail": N_("not met"),
        "undetermined": N_("to be settled"),
        "not_applicable": N_("only described"),
    }
)
STANDINGS: Final[Mapping[str, Text]] = _LABELS["standing"]
FINDING_KINDS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "gap": N_("Gap"),
        "duplicate": N_("Duplicate"),
        "twin": N_("Twin"),
        "near": N_("Near pair, direction unknown"),
        "overlap": N_("Overlap"),
    }
)


STATUSES: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "in_force": N_("in force"),
        "amended": N_("amended"),
        "repealed": N_("repealed"),
        "unverified": N_("unverified: whether it is still in force is not known"),
        "guidance": N_("guidance"),
        "draft": N_("draft"),
    }
)
"""What is known of the instrument behind a pack."""

ARTICLE_KINDS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "purpose": N_("purpose"),
        "scope": N_("scope"),
        "organisation": N_("organisation"),
        "principle": N_("principle"),
        "duty": N_("duty"),
        "permission": N_("permission"),
        "prohibition": N_("prohibition"),
        "procedure": N_("procedure"),
        "liability": N_("liability"),
        "unavailable": N_("text not available"),
    }
)
EFFECTS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "narrows": N_("narrows it"),
        "widens": N_("widens it"),
        "replaces": N_("takes its place"),
        "adds": N_("adds to it"),
        "check": N_("has to be checked"),
        "opposite": N_("says the opposite"),
    }
)
"""What another law does to an article."""

VERIFIED: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "full": N_("read in full"),
        "excerpt": N_("read in part"),
        "secondary": N_("from a secondary source"),
        "memory": N_("from memory, not checked"),
        "none": N_("not verified"),
    }
)
SUBJECT_KINDS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "camera": N_("camera"),
        "zone": N_("place"),
        "obstacle": N_("proposed facility"),
        "project": N_("project"),
        "plan": N_("plan"),
    }
)
SEVERAL: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "camera": N_("%(count)s cameras"),
        "zone": N_("%(count)s places"),
        "obstacle": N_("%(count)s proposed facilities"),
        "project": N_("%(count)s projects"),
        "plan": N_("%(count)s plans"),
    }
)
"""Several of each kind of subject."""

SEVERITY_LABELS: Final[Mapping[str, Text]] = MappingProxyType(
    {name: VERDICTS[name] for name in ("violation", "warning", "info", "judgement")}
)
INDEX_LABELS: Final[Mapping[str, tuple[Text, Text]]] = MappingProxyType(
    {
        "compliance_sure": (
            N_("Compliance"),
            N_("gates and key parts that are covered for sure, of all that are demanded"),
        ),
        "compliance_assumed": (
            N_("Compliance, if the assumptions about the cameras hold"),
            N_("as above, in the reading that fills gaps in the records"),
        ),
        "compliance_possible": (
            N_("Compliance, at best"),
            N_("as above, with everything that cameras could see by any reading of their records"),
        ),
        "conformance_sure": (
            N_("Conformance to the standard"),
            N_("of what is seen at all for sure, how much is seen as finely as asked"),
        ),
        "reuse": (
            N_("Use of what exists"),
            N_("of the demand that is met for sure, how much existing cameras meet alone"),
        ),
        "shared_ready": (
            N_("Ready to be shared"),
            N_(
                "of the demand that is met for sure, how much cameras meet that are in the shared "
                "network or have a standard interface on record"
            ),
        ),
    }
)
"""Label and meaning of each index that is a share."""

EVIDENCE: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "gaps": STATE_LABELS[GAP],
        "unsure": STATE_LABELS[ASSUMED],
        "unjudged": N_("could not be judged"),
        "offers": N_("could be covered by turning"),
        "places": N_("stands in"),
        "doors": N_("faces"),
        "area_possible_m2": N_("seen at most [m²]"),
        "loss_sure": N_("lost for sure [share]"),
        "loss_assumed": N_("lost as assumed [share]"),
        "loss_possible": N_("lost at most [share]"),
        "distance_m": N_("distance [m]"),
        "share": N_("share of the view"),
        "gain": N_("what it alone adds [share]"),
        "cameras": N_("cameras that lose"),
        "approaches": N_("approaches"),
        "overdue_days": N_("days overdue"),
        "left": N_("found"),
        "right": N_("limit"),
        "twin": N_("other camera"),
        "relies_on": N_("replaced by"),
        "saving": N_("saving"),
        "departments": N_("departments"),
        "subjects": N_("about"),
        "pole": N_("pole"),
        "concerned": N_("how many it concerns"),
    }
)
"""Measures behind a verdict that are worth a word; others stand in the table alone."""


def word(words: Mapping[str, Text], code: object, language: Language) -> str:
    """Return what a code is called; a code that is not listed speaks for itself, none is empty."""
    if code is None or code != code:  # noqa: PLR0124 - NaN is the missing value of a column
        return ""
    text = words.get(str(code))
    return str(code) if text is None else translate(text, language)


def verdict_of(severity: str, outcome: str) -> str:
    """Return the verdict of a finding, a key of `VERDICTS`.

    Examples
    --------
    >>> verdict_of("info", "undetermined"), verdict_of("info", "not_applicable")
    ('open', 'info')
    """
    return UNDETERMINED if outcome == "undetermined" else severity


def local_time(at: datetime) -> str:
    """Return a moment as the clock here shows it, to the minute.

    Examples
    --------
    >>> len(local_time(datetime.fromisoformat("2026-03-01T12:30:00+00:00")))
    16
    """
    return at.astimezone().strftime("%Y-%m-%d %H:%M")


def clock(at: str) -> str:
    """Return a moment of the store (ISO 8601) as the clock here shows it; other words as they are.

    Examples
    --------
    >>> len(clock("2026-03-01T12:30:00+00:00")), clock("-")
    (16, '-')
    """
    try:
        return local_time(datetime.fromisoformat(at))
    except ValueError:
        return at


def numbered(n: str) -> str:
    """Return the number of an article, or of several, with a dash as print has it."""
    return n.replace("-", "\N{EN DASH}")


def place_in(law: str, n: str) -> Text:
    """Return an article with its law."""
    if n.endswith("-"):
        return N_("%(law)s, Article %(n)s and those after it", law=law, n=n.rstrip("-"))
    return N_("%(law)s, Article %(n)s", law=law, n=numbered(n))


def article_name(n: str) -> Text:
    """Return what an article is called; a pack writes ``15-`` for those from 15 on."""
    if n.endswith("-"):
        return N_("Article %(n)s and those after it", n=n.rstrip("-"))
    return N_("Article %(n)s", n=numbered(n))


DRAWN = re.compile(r"(new|zone|obstacle)/(\d+)")
"""Id that the app gives to what is drawn on its map, while nobody has named it."""

DRAWN_NAMES: Mapping[str, Text] = MappingProxyType(
    {
        "new": N_("new camera %(n)s"),
        "zone": N_("drawn place %(n)s"),
        "obstacle": N_("drawn obstacle %(n)s"),
    }
)


def camera_name(label: str, name: object, language: Language) -> str:
    """Return what a camera is called: its own name, else what can be made of its id."""
    own = drawn_name(label, name, language)
    return own if own != label else translate(N_("camera %(id)s", id=label), language)


def drawn_name(label: str, name: object, language: Language) -> str:
    """Return what a row of a draft is called: its name, its kind and number if drawn, or its id."""
    if isinstance(name, str) and name:
        return name
    found = DRAWN.fullmatch(label)
    if found is None:
        return label
    return translate(replace(DRAWN_NAMES[found[1]], values={"n": found[2]}), language)
