"""Whether somebody may act, asked at the moment of the act; what is refused is in the audit."""

from __future__ import annotations

import unicodedata
from typing import Final, NamedTuple

from sqlalchemy import Connection

from civicsight.core.errors import Fault
from civicsight.core.i18n import listed
from civicsight.store.actors import ACTS, ALLOWED, ROLE_LABELS, STATE_LABELS, Act, Actor
from civicsight.store.audit import entries
from civicsight.store.faults import fault
from civicsight.store.records import Plan
from civicsight.store.tables import AUDIT

DENIED: Final = "store.denied"

AUTHORS: Final = tuple(act for act, one in ACTS.items() if one.makes_author)
"""Acts that make a plan somebody's own."""


def refusal_of(
    connection: Connection, file: str, actor: Actor, act: Act, plan: Plan | None
) -> Fault | None:
    """Return why somebody may not do something, or None if he may.

    Parameters
    ----------
    connection, file
        Where the register and the audit are, and the name of the file.
    actor, act
        Who wants to do what.
    plan
        To which plan; None for an act on the whole store.
    """
    person = f"{actor.name} ({actor.role})"
    if not actor.name.strip():
        return fault("store.denied:nobody", file, field=str(act), found=person)
    if not is_registered(connection, file, actor):
        return fault("store.denied:unknown", file, field=str(act), found=person)
    if actor.role not in ALLOWED[act]:
        roles = listed(ROLE_LABELS[role] for role in sorted(ALLOWED[act]))
        return fault("store.denied:role", file, field=str(act), found=person, roles=roles)
    return None if plan is None else _refusal_in_plan(connection, file, actor, act, plan)


def _refusal_in_plan(
    connection: Connection, file: str, actor: Actor, act: Act, plan: Plan
) -> Fault | None:
    person = f"{actor.name} ({actor.role})"
    if not actor.is_at_home(plan.district):
        return fault("store.denied:district", file, plan.plan_id, str(act), person)
    if ACTS[act].by_others and is_author(connection, file, actor.name, plan.plan_id):
        return fault("store.denied:own", file, plan.plan_id, str(act), person)
    begins_in = ACTS[act].begins_in
    if begins_in and plan.state not in begins_in:
        return fault(
            "store.state:act",
            file,
            plan.plan_id,
            "state",
            plan.state,
            states=listed(STATE_LABELS[state] for state in sorted(begins_in)),
        )
    return None


def is_author(connection: Connection, file: str, name: str, plan_id: str) -> bool:
    """Tell whether somebody created, wrote or submitted a plan."""
    rows = entries(
        connection, file, AUDIT.c.plan_id == plan_id, AUDIT.c.action.in_(map(str, AUTHORS))
    )
    return same_person(name) in {same_person(e.actor) for e in rows if "refused" not in e.says}


def same_person(name: str) -> str:
    """Return a name without what only spelling adds: width, case and blanks."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


class Member(NamedTuple):
    """Somebody who is appointed: as what, where, and to which user of the system he is bound."""

    role: str
    district: str
    user: str


def is_registered(connection: Connection, file: str, actor: Actor) -> bool:
    """Tell whether somebody is who he says; where nobody was ever appointed, he is believed.

    Who has a user of the operating system, as on the command line, can act by no name that is bound
    to another user, and by no other name than the one to which his own is bound.
    """
    members = register(connection, file)
    if not members:
        return True
    member = members.get(same_person(actor.name))
    if member is None or member[:2] != (actor.role, actor.district):
        return False
    users = {one.user for one in members.values()}
    return not actor.user or member.user == (actor.user if actor.user in users else "")


def register(connection: Connection, file: str) -> dict[str, Member]:
    """Return everybody who is appointed, by name."""
    members: dict[str, Member] = {}
    acts = (str(Act.APPOINT), str(Act.DISMISS))
    for entry in entries(connection, file, AUDIT.c.action.in_(acts)):
        says = entry.says
        if "refused" in says:
            continue
        person = same_person(says["name"])
        if entry.action == Act.APPOINT:
            members[person] = Member(says["role"], says["district"], says.get("bound", ""))
        else:
            members.pop(person, None)
    return members
