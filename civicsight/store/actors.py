"""Who may do what: roles, acts, and the one table that joins them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What somebody is in the making of a plan."""

    PLANNER = "planner"
    DISTRICT_PLANNER = "district_planner"
    ANALYST = "analyst"
    REVIEWER = "reviewer"
    APPROVER = "municipal_approver"
    ADMIN = "admin"
    AUDITOR = "auditor"


class Act(StrEnum):
    """What somebody does; the word that the audit keeps."""

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
    WAIVE = "waive"
    AUDIT = "audit"
    BACKUP = "backup"
    RESTORE = "restore"
    MIGRATE = "migrate"
    APPOINT = "appoint"
    DISMISS = "dismiss"
    IMPORT = "import"


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
        County of a district planner, who sees and does nothing outside of it.
    user
        User of the operating system on whose account it is done; empty where there is none of his
        own, as for who signed in to the app. An appointment with one binds the name to it.
    """

    name: str
    role: Role
    district: str = ""
    user: str = ""


_DRAWS: Final = frozenset({Role.PLANNER, Role.DISTRICT_PLANNER})
_ALL: Final = frozenset(Role)

ALLOWED: Final[dict[Act, frozenset[Role]]] = {
    Act.CREATE: _DRAWS,
    Act.COMMIT: _DRAWS,
    Act.READ: _ALL,
    Act.EXPORT: _ALL - {Role.ADMIN},
    Act.START_REVIEW: _DRAWS,
    Act.OPINION: frozenset({Role.REVIEWER}),
    Act.SUBMIT: _DRAWS,
    Act.RETURN: frozenset({Role.REVIEWER, Role.APPROVER}),
    Act.APPROVE: frozenset({Role.APPROVER}),
    Act.IMPLEMENT: _DRAWS,
    Act.SUPERSEDE: frozenset({Role.APPROVER}),
    Act.ANSWER: _DRAWS | {Role.REVIEWER},
    Act.WAIVE: frozenset({Role.REVIEWER, Role.APPROVER}),
    Act.AUDIT: frozenset({Role.AUDITOR, Role.ADMIN, Role.APPROVER}),
    Act.BACKUP: frozenset({Role.ADMIN, Role.PLANNER}),
    Act.RESTORE: frozenset({Role.ADMIN}),
    Act.MIGRATE: frozenset({Role.ADMIN}),
    Act.APPOINT: frozenset({Role.ADMIN}),
    Act.DISMISS: frozenset({Role.ADMIN}),
    Act.IMPORT: frozenset({Role.PLANNER}),
}
"""Roles that have the right to an act.

References
----------
Measures of Nanchang for public-safety video, Article 4: the county organs act in their own county;
Article 7: the plan is approved by the people's government, so neither planners nor administrators
can.
"""

NOT_IN_OWN_PLAN: Final = frozenset({Act.OPINION, Act.APPROVE, Act.WAIVE})
"""Acts that nobody does in a plan of which he wrote or submitted a version."""
