"""The states of a plan and the acts that lead from one to the next."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from civicsight.store.actors import Act


class State(StrEnum):
    """State of a plan; the values are those of `schema.PLANS`."""

    DRAFT = "draft"
    JOINT_REVIEW = "joint_review"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    IN_IMPLEMENTATION = "in_implementation"
    SUPERSEDED = "superseded"


MOVES: Final[dict[Act, tuple[frozenset[State], State]]] = {
    Act.COMMIT: (frozenset(State) - {State.SUPERSEDED}, State.DRAFT),
    Act.START_REVIEW: (frozenset({State.DRAFT, State.RETURNED}), State.JOINT_REVIEW),
    Act.SUBMIT: (frozenset({State.JOINT_REVIEW}), State.SUBMITTED),
    Act.RETURN: (frozenset({State.SUBMITTED}), State.RETURNED),
    Act.APPROVE: (frozenset({State.SUBMITTED}), State.APPROVED),
    Act.IMPLEMENT: (frozenset({State.APPROVED}), State.IN_IMPLEMENTATION),
    Act.SUPERSEDE: (frozenset({State.APPROVED, State.IN_IMPLEMENTATION}), State.SUPERSEDED),
}
"""From which states an act is possible, and to which it leads.

A new version makes any plan a draft again: opinions and approvals hold for the digest that they
were given on, and the approved version stays as it was.
"""
