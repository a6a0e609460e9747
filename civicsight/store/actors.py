"""Who may do what to a plan: one record a role, one record an act, and the states between them."""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from civicsight.core.errors import N_, Text


class Role(StrEnum):
    """What somebody is in the making of a plan; `ROLES` says what that means."""

    PLANNER = "planner"
    DISTRICT_PLANNER = "district_planner"
    ANALYST = "analyst"
    REVIEWER = "reviewer"
    APPROVER = "municipal_approver"
    ADMIN = "admin"
    AUDITOR = "auditor"

    @property
    def is_bound(self) -> bool:
        """Return whether the role is bound to one district, and closed to all others."""
        return ROLES[self].is_bound


class Act(StrEnum):
    """What somebody does, the word that the audit keeps; `ACTS` says what it takes."""

    CREATE = "create"
    COMMIT = "commit"
    READ = "read"
    EXPORT = "export"
    START_REVIEW = "start_review"
    OPINION = "opinion"
    SUBMIT = "submit"
    RETURN = "return"
    APPROVE = "approve"
    IMPLEMENT = "implement"
    SUPERSEDE = "supersede"
    ANSWER = "answer"
    HEAR = "hear"
    SETTLE = "settle"
    WAIVE = "waive"
    AUDIT = "audit"
    BACKUP = "backup"
    RESTORE = "restore"
    MIGRATE = "migrate"
    APPOINT = "appoint"
    DISMISS = "dismiss"
    IMPORT = "import"


class State(StrEnum):
    """State of a plan; the values are those of `model.PLANS`."""

    DRAFT = "draft"
    JOINT_REVIEW = "joint_review"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    IN_IMPLEMENTATION = "in_implementation"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts.

    Parameters
    ----------
    name
        Name by which opinions, approvals and the audit know the person.
    role
        What the person is.
    district
        District of a person whose role is bound to one, who sees and does nothing outside of it.
    user
        User of the operating system on whose account it is done; empty where there is none of his
        own, as for who signed in to the app. An appointment with one binds the name to it.
    signed_in
        How the name was verified, a key of `SIGNED_IN`; empty where it was not. It is no part of
        who somebody is.
    """

    name: str
    role: Role
    district: str = ""
    user: str = ""
    signed_in: str = field(default="", compare=False)

    def is_at_home(self, district: str) -> bool:
        """Tell whether a district is open to the person: all are but to who is bound to another."""
        return not self.role.is_bound or bool(district and self.district == district)


@dataclass(frozen=True, slots=True)
class RoleRecord:
    """All that a role is.

    Parameters
    ----------
    label
        What it is called in sentences for people.
    acts
        What it has the right to, beside `Act.READ`, which all have.
    is_bound
        Whether it is for one district, which the person's account has to name.
    """

    label: Text
    acts: frozenset[Act]
    is_bound: bool = False


@dataclass(frozen=True, slots=True)
class ActRecord:
    """All that an act is, but for who has the right to it.

    Parameters
    ----------
    label
        What the audit says of it.
    begins_in, leads_to
        States of a plan in which it is possible and the one that it leads to; none and None for an
        act that moves no plan.
    by_others
        Whether nobody does it in a plan of which he wrote or submitted a version.
    makes_author
        Whether it makes a plan somebody's own.
    """

    label: Text
    begins_in: frozenset[State] = frozenset()
    leads_to: State | None = None
    by_others: bool = False
    makes_author: bool = False


_DRAWING: Final = frozenset(
    {Act.CREATE, Act.COMMIT, Act.EXPORT, Act.START_REVIEW, Act.SUBMIT, Act.IMPLEMENT, Act.ANSWER,
     Act.HEAR, Act.SETTLE}
)  # fmt: skip

ROLES: Final[Mapping[Role, RoleRecord]] = {
    Role.PLANNER: RoleRecord(N_("municipal planner"), _DRAWING | {Act.BACKUP, Act.IMPORT}),
    Role.DISTRICT_PLANNER: RoleRecord(N_("district planner"), _DRAWING, is_bound=True),
    Role.ANALYST: RoleRecord(N_("analyst"), frozenset({Act.EXPORT})),
    Role.REVIEWER: RoleRecord(
        N_("reviewer of a department"),
        frozenset({Act.EXPORT, Act.OPINION, Act.RETURN, Act.ANSWER, Act.WAIVE}),
    ),
    Role.APPROVER: RoleRecord(
        N_("municipal approver"),
        frozenset({Act.EXPORT, Act.RETURN, Act.APPROVE, Act.SUPERSEDE, Act.WAIVE, Act.AUDIT}),
    ),
    Role.ADMIN: RoleRecord(
        N_("administrator"),
        frozenset({Act.AUDIT, Act.BACKUP, Act.RESTORE, Act.MIGRATE, Act.APPOINT, Act.DISMISS}),
    ),
    Role.AUDITOR: RoleRecord(N_("auditor"), frozenset({Act.EXPORT, Act.AUDIT})),
}
"""Every role.

References
----------
Measures of Nanchang for public-safety video, Article 4: the county organs act in their own county;
Article 7: the plan is approved by the people's government, so neither planners nor administrators
can.
"""

ACTS: Final[Mapping[Act, ActRecord]] = {
    Act.CREATE: ActRecord(N_("began the plan"), makes_author=True),
    Act.COMMIT: ActRecord(
        N_("committed a version"),
        frozenset(State) - {State.SUPERSEDED},
        State.DRAFT,
        makes_author=True,
    ),
    Act.READ: ActRecord(N_("read")),
    Act.EXPORT: ActRecord(N_("took out a file")),
    Act.START_REVIEW: ActRecord(
        N_("started the joint review"), frozenset({State.DRAFT, State.RETURNED}), State.JOINT_REVIEW
    ),
    Act.OPINION: ActRecord(N_("gave an opinion"), by_others=True),
    Act.SUBMIT: ActRecord(
        N_("submitted the plan"),
        frozenset({State.JOINT_REVIEW}),
        State.SUBMITTED,
        makes_author=True,
    ),
    Act.RETURN: ActRecord(N_("returned the plan"), frozenset({State.SUBMITTED}), State.RETURNED),
    Act.APPROVE: ActRecord(
        N_("approved the plan"), frozenset({State.SUBMITTED}), State.APPROVED, by_others=True
    ),
    Act.IMPLEMENT: ActRecord(
        N_("started the implementation"), frozenset({State.APPROVED}), State.IN_IMPLEMENTATION
    ),
    Act.SUPERSEDE: ActRecord(
        N_("superseded the plan"),
        frozenset({State.APPROVED, State.IN_IMPLEMENTATION}),
        State.SUPERSEDED,
    ),
    Act.ANSWER: ActRecord(N_("answered a question")),
    Act.HEAR: ActRecord(N_("changed the departments to be heard"), makes_author=True),
    Act.SETTLE: ActRecord(N_("settled an opinion")),
    Act.WAIVE: ActRecord(N_("waived a finding"), by_others=True),
    Act.AUDIT: ActRecord(N_("read the audit")),
    Act.BACKUP: ActRecord(N_("made a backup")),
    Act.RESTORE: ActRecord(N_("restored a backup")),
    Act.MIGRATE: ActRecord(N_("brought the file up to date")),
    Act.APPOINT: ActRecord(N_("appointed a member")),
    Act.DISMISS: ActRecord(N_("dismissed a member")),
    Act.IMPORT: ActRecord(N_("brought a file in")),
}
"""Every act.

A new version makes any plan a draft again: opinions and approvals hold for the digest that they
were given on, and the approved version stays as it was.
"""

ALLOWED: Final[Mapping[Act, frozenset[Role]]] = {
    act: frozenset(role for role, one in ROLES.items() if act in one.acts or act is Act.READ)
    for act in Act
}
"""Roles that have the right to an act."""

ROLE_LABELS: Final[Mapping[str, Text]] = {role: one.label for role, one in ROLES.items()}
ACT_LABELS: Final[Mapping[str, Text]] = {act: one.label for act, one in ACTS.items()}

STATE_LABELS: Final[Mapping[str, Text]] = {
    State.DRAFT: N_("draft plan"),
    State.JOINT_REVIEW: N_("in joint review"),
    State.SUBMITTED: N_("submitted for approval"),
    State.RETURNED: N_("returned to the planner"),
    State.APPROVED: N_("approved plan"),
    State.IN_IMPLEMENTATION: N_("in implementation"),
    State.SUPERSEDED: N_("superseded plan"),
}


SIGNED_IN: Final[Mapping[str, Text]] = {
    "password": N_("by password"),
    "provider": N_("by the identity provider of the organisation"),
}
"""How somebody signs in, so that the name is verified."""


def system_user() -> str:
    """Return the user of the operating system that runs this; no variable can say another."""
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except ImportError:  # not a Unix
        return getpass.getuser()
    except KeyError:  # a container may have no such user
        return str(os.getuid())
