"""From the groups of an identity provider to one role of the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from civicsight.store import Actor, Role

DISTRICT_MARK: Final = ":"
"""Separates a role from the district of a district planner: ``district_planner:donghu``."""


def actor_of_groups(
    name: str, groups: Iterable[str], mapping: Mapping[str, str] | None = None
) -> Actor | None:
    """Return who somebody is by his groups, None if they give no role or more than one.

    Parameters
    ----------
    name
        Name by which the audit knows the person.
    groups
        Groups that the provider states.
    mapping
        Role by group; by default a group has the name of its role. A district planner's role
        names his district: ``district_planner:donghu``.

    Notes
    -----
    Two roles are refused, not ranked: whoever plans and approves in one person would undo the
    separation that Articles 4 and 7 ask for.
    """
    wanted = [group if mapping is None else mapping.get(group, "") for group in groups]
    found = {actor for text in wanted if (actor := parse_role(name, text)) is not None}
    return found.pop() if len(found) == 1 and name.strip() else None


def parse_role(name: str, text: str) -> Actor | None:
    """Return the actor of a role such as ``reviewer`` or ``district_planner:donghu``."""
    word, _, district = text.partition(DISTRICT_MARK)
    if word not in set(Role):
        return None
    role = Role(word)
    if role.is_bound is not bool(district.strip()):
        return None
    return Actor(name, role, district.strip())
