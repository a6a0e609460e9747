"""A plan of the optimiser as a version of a plan in a store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from civicsight.core.errors import N_, Text
from civicsight.planning.prices.terms import BUDGET_OF, BudgetOf
from civicsight.planning.record.documents import find_plan, to_record
from civicsight.planning.record.plan import CHECKED_ON
from civicsight.planning.statement.figures import figures_of
from civicsight.planning.statement.spending import require_kept

if TYPE_CHECKING:
    from civicsight.planning.record.plan import Plan as Optimised
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


FREE: Final = frozenset({"budget_yuan", "seed", "candidates", CHECKED_ON})
"""What may differ of two plans that are asked for the same with other money."""


def describe_better(store: Store, actor: Actor, plan_id: str, plan: Optimised) -> tuple[Text, ...]:
    """Say which kept versions make more places compliant than a plan, for no more money.

    Two searches that end by time may do so. Versions of other inputs, or that something else was
    asked of, are compared with nothing.

    Parameters
    ----------
    store, actor, plan_id
        Where, who reads, and the plan whose versions are read.
    plan
        The plan, with a budget.
    """
    money = plan.parameters.get("budget_yuan")
    if money is None:
        return ()
    reached, told = figures_of(plan).of("places.compliant.after"), []
    for head in store.list_versions(actor, plan_id):
        if dict(head.inputs) != dict(plan.inputs):
            continue
        other = find_plan(store.read_version(actor, plan_id, head.n).documents)
        if other is None or _asked(other) != _asked(plan):
            continue
        less, places = (
            other.parameters["budget_yuan"],
            figures_of(other).of("places.compliant.after"),
        )
        if less is not None and less <= money and places > reached:
            told.append(
                N_(
                    "Version %(n)s makes %(places)s places compliant for a budget (%(of)s) of "
                    "%(less)s yuan, this plan %(reached)s for %(money)s. Export that version and "
                    "begin from its folder with --from.",
                    n=head.n,
                    of=BUDGET_OF[BudgetOf.of(plan.parameters)],
                    places=places,
                    less=f"{less:,.0f}",
                    reached=reached,
                    money=f"{money:,.0f}",
                )
            )
    return tuple(told)


def _asked(plan: Optimised) -> dict[str, Any]:
    return {name: value for name, value in plan.parameters.items() if name not in FREE}
