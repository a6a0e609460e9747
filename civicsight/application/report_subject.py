"""What a report is about: the project as it stands, or as a version of a plan leaves it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from civicsight.application.approving import inputs_now, rests_on_city
from civicsight.application.coverage_difference import city_of
from civicsight.application.faults import reject
from civicsight.application.plans import opened_store
from civicsight.application.workflow import PROJECT
from civicsight.core.cache import Remembered
from civicsight.editing.draft import Draft
from civicsight.editing.drawn_plan import plan_of_draft
from civicsight.editing.edit_context import edit_context_of
from civicsight.model.provenance import years_of
from civicsight.planning.prices.price_table import read_prices
from civicsight.planning.record.digests import changed
from civicsight.planning.record.documents import find_plan
from civicsight.planning.record.plan import Plan as Made
from civicsight.store import Act, Actor, Plan, State, Version, VersionHead, approvals, open_store
from civicsight.store.transactions import looking

if TYPE_CHECKING:
    from civicsight.editing.project import Project
    from civicsight.model import City

DECIDED: Final = frozenset({State.APPROVED, State.IN_IMPLEMENTATION})

_CHECKED: Final[Remembered[Project]] = Remembered(2)
_INPUTS: Final[Remembered[dict[str, str]]] = Remembered(2)


def list_reported(project: Project, actor: Actor) -> list[Reported]:
    """Return the versions that somebody may report on, by plan, the latest of each first."""
    found: list[Reported] = []
    with opened_store(project) as store:
        if store is None:
            return []
        for plan in store.list_plans(actor):
            approved = {one.digest for one in approvals(store, actor, plan.plan_id)}
            heads = reversed(store.list_versions(actor, plan.plan_id))
            found += [Reported(plan, head, head.digest in approved) for head in heads]
    return found


def usual_one(listed: list[Reported]) -> Reported | None:
    """Return what most people want a report of: the plan that was approved, else the project."""
    decided = (one for one in listed if one.is_latest and one.plan.state in DECIDED)
    return next(decided, None)


def read_reported(project: Project, actor: Actor, plan_id: str, number: int) -> Version:
    """Read a version to report on.

    Raises
    ------
    Denied
        If somebody may not read it, or take nothing out of it; it is in the audit.
    """
    with (
        open_store(project.store_path) as store,
        looking(store.database, actor, Act.EXPORT, plan_id),
    ):
        return store.read_version(actor, plan_id, number)


def city_left(project: Project, version: Version, name: str) -> City:
    """Return the city as a version leaves it, called by the name of its plan as well.

    Raises
    ------
    InputError
        If the version keeps no cameras: others made it than the app or the optimiser.
    """
    city = city_of(project, version)
    if city is None:
        reject("app.no_cameras")
    return replace(city, name=f"{city.name} · {name} · v{version.head.n}")


def plan_of(project: Project, version: Version) -> Made:
    """Return what a version builds, changes and takes down, whoever made it.

    Of one that was drawn by hand it is computed from its cameras; all is due in `drawn_year`.

    Raises
    ------
    InputError
        If the version keeps no cameras: others made it than the app or the optimiser.
    """
    if (plan := find_plan(version.documents)) is not None:
        return plan
    left = city_left(project, version, "")
    changed = {name: getattr(left, name) for name in version.layers if hasattr(left, name)}
    draft, year = Draft(project.city, changed), drawn_year(project, version.head)
    return plan_of_draft(draft, edit_context_of(project), read_prices(), year)


def drawn_year(project: Project, head: VersionHead) -> int:
    """Return when the works of a version are due that was drawn by hand, so that it names no years.

    It is the last year that the project plans for, else the year after it was saved.
    """
    years = years_of(project.city.provenance)
    return max(years) if years else int(head.created_at[:4]) + 1


def project_left(
    project: Project,
    version: Version,
    name: str,
    progress: Callable[[int, int], None] | None = None,
) -> Project:
    """Return the project as a version leaves it, checked once for the same project and version.

    Parameters
    ----------
    project, version, name
        Of which project, which version, and what its plan is called.
    progress
        Called with steps done and in all.
    """
    from civicsight.coverage.check import check

    told = f"{project.digest}\n{version.digest}\n{version.head.n}\n{name}"
    digest = sha256(told.encode()).hexdigest()

    def work() -> Project:
        city = city_left(project, version, name)
        before = project.result.parts
        result = check(city, rules=project.rules, progress=progress, before=before)
        return replace(project, city=result.city, result=result, digest=digest)

    return _CHECKED.get(digest, work)


def changed_since(project: Project, head: VersionHead) -> list[str]:
    """Return the names of the inputs that are no longer as they were when a version was made."""
    if not rests_on_city(head.inputs):
        return []
    now = _INPUTS.get(
        (project.digest, *sorted(head.inputs.items())),
        lambda: inputs_now(head.inputs, project.result, project.base) or {},
    )
    return changed(head.inputs, now)


@dataclass(frozen=True, slots=True)
class Reported:
    """A version that can be reported on: its plan, what is known of it, whether it was approved."""

    plan: Plan
    head: VersionHead
    approved: bool

    @property
    def is_latest(self) -> bool:
        """Tell whether the plan has no later version."""
        return self.head.n == self.plan.version

    @property
    def is_drawn(self) -> bool:
        """Tell whether it was drawn by hand, so that it has no measures."""
        return PROJECT in self.head.inputs

    @property
    def key(self) -> tuple[str, int]:
        """Id of the plan and number of the version."""
        return self.plan.plan_id, self.head.n
