"""What departments say of a plan, and how it is settled: the words, and how it stands with each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from civicsight.core.errors import N_, Text

AGREED: Final = "agree"
"""What a department answers that has no objection."""

REPLIES: Final[Mapping[str, Text]] = {
    AGREED: N_("agrees"),
    "remark": N_("wants changes"),
    "disagree": N_("does not agree"),
}
"""What a department may answer."""

UNSTATED: Final = N_("not said whether it agrees")
"""Stands for the answer of an opinion that was recorded without one."""

ADOPTIONS: Final[Mapping[str, Text]] = {
    "adopted": N_("adopted"),
    "partly": N_("adopted in part"),
    "refused": N_("not adopted"),
}
"""How an opinion may be settled."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a department says of a point, or of the plan as a whole.

    Parameters
    ----------
    subject
        Number of the camera; empty for the plan.
    reply
        A key of `REPLIES`.
    text
        What it says; empty where it agrees without a word.
    name, dated_on
        Who answers for the department, on which day (ISO 8601).
    """

    subject: str
    reply: str
    text: str
    name: str
    dated_on: str


@dataclass(frozen=True, slots=True)
class Voiced:
    """An opinion of a department that does not simply agree, and how it was settled.

    Parameters
    ----------
    number
        Of its entry in the audit.
    subject, reply, text
        On which camera (empty: the plan), what was answered (empty: not said) and what was said.
    adopted, reason, settled_by, settled_at
        A key of `ADOPTIONS`, why, by whom and when (ISO 8601 with seconds); empty while it is open.
    """

    number: int
    subject: str
    reply: str
    text: str
    adopted: str = ""
    reason: str = ""
    settled_by: str = ""
    settled_at: str = ""

    @property
    def is_open(self) -> bool:
        """Tell whether nobody has settled it."""
        return not self.adopted


@dataclass(frozen=True, slots=True)
class Answered:
    """How a plan stands with one department.

    Parameters
    ----------
    department, is_named
        Its name, and whether the plan waits for it.
    has_answered
        Whether it gave an opinion on the latest version.
    voiced
        What it wants changed, of all versions.
    reply, text, answered_by, dated_on
        The last one: what it answered (empty: not said), in which words, who and when.
    """

    department: str
    is_named: bool
    has_answered: bool
    voiced: tuple[Voiced, ...]
    reply: str = ""
    text: str = ""
    answered_by: str = ""
    dated_on: str = ""

    @property
    def open(self) -> tuple[Voiced, ...]:
        """Return what nobody has settled."""
        return tuple(one for one in self.voiced if one.is_open)


def is_complete(answered: tuple[Answered, ...]) -> bool:
    """Tell whether every department that a plan names has answered, and everything is settled."""
    return all(one.has_answered or not one.is_named for one in answered) and not any(
        voiced.reply for one in answered for voiced in one.open
    )


CONSULTED: Final = N_("draft for consultation")
REVIEWED: Final = N_("draft for review")
SUBMITTED: Final = N_("draft for approval")
DECIDED: Final = N_("approved text")
"""Stages of a plan as its documents name them; they follow from its state and its opinions."""

STAGE_OF: Final[Mapping[str, Text]] = {
    "draft": CONSULTED,
    "joint_review": CONSULTED,
    "returned": CONSULTED,
    "submitted": SUBMITTED,
    "approved": DECIDED,
    "in_implementation": DECIDED,
    "superseded": DECIDED,
}
"""Stage by state; a plan under review whose opinions are all in and settled is for review."""


def stage_of(state: str, answered: tuple[Answered, ...]) -> Text:
    """Return at which stage a plan is: for consultation, for review, for approval, or decided.

    Parameters
    ----------
    state
        State of the plan, a value of `store.actors.State`.
    answered
        How it stands with each department.
    """
    if state == "joint_review" and answered and is_complete(answered):
        return REVIEWED
    return STAGE_OF[state]
