"""The plans of the store as the pages need them; every act asks the rights of who acts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from civicsight.application.faults import fault
from civicsight.store import (
    ALLOWED,
    ROLE_LABELS,
    Act,
    Actor,
    Answer,
    Denied,
    Plan,
    Store,
    answer,
    answers,
    open_store,
    waive,
)
from civicsight.store import takes_any_name as store_takes_any_name
from civicsight.store.transactions import looking

if TYPE_CHECKING:
    from civicsight.editing.project import Project

WAIVED = "waived"
"""Answer by which somebody accepts a finding as it is."""


class Kept(Protocol):
    """What has, or will have, plans."""

    @property
    def store_path(self) -> Path:
        """File that keeps them."""


@contextmanager
def opened_store(project: Kept) -> Iterator[Store | None]:
    """Open the store of a project for a while; None where no plan was ever begun."""
    if not project.store_path.is_file():
        yield None
        return
    with open_store(project.store_path) as store:
        yield store


def takes_any_name(project: Project) -> bool:
    """Tell whether nobody is appointed where the plans of a project are, or will be, kept."""
    try:
        now = project.store_path.stat()
    except FileNotFoundError:
        return True
    return _any_name(project.store_path, now.st_mtime_ns, now.st_size)


@lru_cache(maxsize=8)
def _any_name(path: Path, _changed_ns: int, _size: int) -> bool:
    """Read it once for each state of a file: every form that does an act asks."""
    with open_store(path) as store:
        return store_takes_any_name(store)


def list_plans(project: Project, actor: Actor) -> list[Plan]:
    """Return the plans that are open to somebody, the one that is worked on first."""
    with opened_store(project) as store:
        found = [] if store is None else store.list_plans(actor)
    return sorted(found, key=lambda plan: (plan.plan_id != project.plan_id, plan.plan_id))


def current_plan(project: Project, actor: Actor) -> Plan | None:
    """Return the plan that answers belong to: one that has a version, or none."""
    found = [plan for plan in list_plans(project, actor) if plan.version]
    return found[0] if found else None


def stored_answers(project: Project, actor: Actor) -> tuple[Answer, ...]:
    """Return the answers to rules that hold for the latest version of the plan."""
    plan = current_plan(project, actor)
    return () if plan is None else answers_on(project, actor, plan.plan_id, plan.digest)


def answers_on(project: Project, actor: Actor, plan_id: str, digest: str) -> tuple[Answer, ...]:
    """Return the answers to rules that hold for a version of a plan, by its digest."""
    with opened_store(project) as store:
        found = [] if store is None else answers(store, actor, plan_id)
    return tuple(one for one in found if one.pack and one.digest == digest)


def keep_answer(project: Project, actor: Actor, given: Answer) -> Answer | None:
    """Record an answer or a waiver under the plan; None where there is no plan to keep it.

    Raises
    ------
    Denied
        If the role has no right to it; with a plan the attempt is in the audit.
    Conflict
        If the plan has another version than the one that the answer is about.
    """
    act = Act.WAIVE if given.answer == WAIVED else Act.ANSWER
    plan = current_plan(project, actor)
    if plan is None:
        require_right(project, actor, act)
        return None
    with open_store(project.store_path) as store:
        return (waive if act is Act.WAIVE else answer)(store, actor, plan.plan_id, given)


def require_right(project: Kept, actor: Actor, act: Act) -> None:
    """Refuse an act on no plan; where there is a store, it asks its register and keeps a refusal.

    Raises
    ------
    Denied
        If the role has no right to the act, or somebody has lost the role.
    """
    with opened_store(project) as store:
        if store is not None:
            with looking(store.database, actor, act):
                return
    if actor.name.strip() and actor.role in ALLOWED[act]:
        return
    raise Denied([fault("app.denied:role", found=str(ROLE_LABELS[actor.role]))])
