"""What the compliance report calls things."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from civicsight.core.errors import N_, Text
from civicsight.coverage.partition import ASSUMED, GAP
from civicsight.report.judged import STATE_LABELS

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
    {
        "violation": N_("Violation"),
        "warning": N_("Warning"),
        "info": N_("Information"),
        "judgement": N_("For a person to decide"),
    }
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
