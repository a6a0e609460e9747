"""What waits for somebody, in all projects: plans in a state that his role moves on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from civicsight.application.review import news_since, open_acts
from civicsight.core.errors import N_, InputError, Text
from civicsight.store import STATE_LABELS, Act, Actor, Plan, Store, open_store, opinions

if TYPE_CHECKING:
    from pathlib import Path

    from civicsight.editing.projects import Listed

UNREAD = N_("its plans cannot be read")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A plan that waits for somebody.

    Parameters
    ----------
    project, plan
        Where it is, and what it is called.
    state
        How it stands, or why nobody can tell.
    news
        What others did since he last acted on it, see `review.news_since`.
    """

    project: Listed
    plan: str
    state: Text
    news: Mapping[Act, int] = field(default_factory=dict)


def list_waiting(actor: Actor, projects: Iterable[Listed]) -> list[Waiting]:
    """Return the plans of projects in use that wait for somebody, or on which others went on.

    Project by project; who never acted on a plan is not told what others do.

    Plans that cannot be read are among them: they wait for whoever keeps the backups.
    """
    found = []
    for project in projects:
        if project.is_archived or not project.plans_path.is_file():
            continue
        try:
            plans = waiting_in(project.plans_path, actor)
        except InputError:
            found.append(Waiting(project, "", UNREAD))
            continue
        found += [Waiting(project, one.plan, one.state, one.news) for one in plans]
    return found


@dataclass(frozen=True, slots=True)
class WaitingPlan:
    """A plan of one project that waits for somebody; fields as of `Waiting`."""

    plan: str
    state: Text
    news: Mapping[Act, int]


def waiting_in(path: Path, actor: Actor) -> list[WaitingPlan]:
    """Return the plans of one file that wait for somebody, or on which others went on.

    Raises
    ------
    InputError
        If they cannot be read.
    """
    if not path.is_file():
        return []
    with open_store(path) as store:
        plans = [
            (one, news_since(store.history(actor, one.plan_id), actor), _waits(store, one, actor))
            for one in store.list_plans(actor)
        ]
    return [
        WaitingPlan(one.name, STATE_LABELS[one.state], news)
        for one, news, waits in plans
        if waits or news
    ]


def _waits(store: Store, plan: Plan, actor: Actor) -> bool:
    """Tell whether somebody can move a plan on, and has not done his part already."""
    acts = set(open_acts(plan, actor)) - {Act.ANSWER, Act.HEAR}
    if Act.OPINION in acts:
        given = opinions(store, actor, plan.plan_id)
        if any(one.digest == plan.digest and one.name == actor.name for one in given):
            acts.discard(Act.OPINION)
    return bool(acts)
