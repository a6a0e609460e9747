"""A plan of the optimiser as a version of a plan in a store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from civicsight.planning.documents import to_record
from civicsight.planning.spending import require_kept

if TYPE_CHECKING:
    from civicsight.planning.plan import Plan as Optimised
    from civicsight.store.actors import Actor
    from civicsight.store.store import Store


def keep_plan(
    store: Store,
    actor: Actor,
    plan_id: str,
    plan: Optimised,
    name: str,
    departments: tuple[str, ...] = (),
) -> tuple[int, str]:
    """Commit a plan as a new version, beginning it where it is not there.

    Parameters
    ----------
    store, actor
        Where, and who does it.
    plan_id, name
        Id and name of the plan in the store.
    plan
        What the optimiser drew up.
    departments
        Who is to be heard on it; these and the name count where the plan is begun.

    Returns
    -------
    tuple of int and str
        Number and root of the version.

    Raises
    ------
    Denied
        If somebody has no right to it.
    Conflict
        If the plan is under review, or decided.
    MismatchError
        If it spends more than it may.
    """
    require_kept(plan)
    known = {each.plan_id: each for each in store.list_plans(actor)}
    head = known.get(plan_id) or store.new_plan(actor, plan_id, name=name, departments=departments)
    kept = store.commit_version(
        actor,
        plan_id,
        base_rev=head.rev,
        layers={"measures": plan.measures, "plan_cameras": plan.cameras},
        documents=to_record(plan),
        inputs=plan.inputs,
    )
    return kept.version, kept.digest
