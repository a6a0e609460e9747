"""Today as one of the versions that can be compared: what stands, with number 0 in every plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from civicsight.store import Actor, Version, VersionHead, open_store

if TYPE_CHECKING:
    from civicsight.editing.project import Project

TODAY: Final = 0
"""Number of what stands, before the first version of any plan."""


def today_of(project: Project, plan_id: str) -> VersionHead:
    """Return what stands as the head of a version."""
    return VersionHead(plan_id, TODAY, 0, "", "", "", "", {}, project.digest)


def is_today(head: VersionHead) -> bool:
    """Tell whether a head is of what stands."""
    return head.n == TODAY


def read_side(project: Project, actor: Actor, plan_id: str, number: int) -> Version:
    """Read a version of a plan that is open to somebody, or what stands.

    Raises
    ------
    Denied
        If the plan is not open to him, whichever of its versions he asks for.
    Damaged
        If a version is not what was written.
    """
    with open_store(project.store_path) as store:
        if number != TODAY:
            return store.read_version(actor, plan_id, number)
        store.plan(actor, plan_id)
    return Version(today_of(project, plan_id), {"cameras": project.city.cameras}, {})
