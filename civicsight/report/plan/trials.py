"""What a plan says of its limits: money by year and district, order of aims, cameras that fail."""

from __future__ import annotations

from typing import Any, Final

from civicsight.core.errors import N_
from civicsight.planning.policy import AIM_TEXTS, Aim
from civicsight.planning.robustness import describe
from civicsight.planning.solver.phases_model import WHY_UNBUILT, Reason
from civicsight.presentation.lexicon import number, share
from civicsight.report.plan.story import Section, Teller
from civicsight.report.plan.words import MEASURE_LABELS

NEAR: Final = 1e-6
"""A bound that is nearer to what is reached is that."""


def funds(teller: Teller) -> list[Any]:
    """Tell what became of money and floors, and what no year has the money for."""
    plan, blocks = teller.plan, list[Any]()
    whole, every = N_("All districts"), N_("All years")
    rows = [
        (str(row.year) if row.year else every, row.district or whole, _money(row.budget_yuan),
         number(row.spent_yuan), _share(row.floor), _share(row.share))
        for row in plan.funds.itertuples()
    ]  # fmt: skip
    if rows:
        heads = (
            N_("Year"),
            N_("District"),
            N_("Budget [yuan]"),
            N_("Spent [yuan]"),
            N_("Least share"),
            N_("Share reached"),
        )
        blocks.append(teller.grid(N_("Budgets and least shares"), heads, rows, (2, 3, 4, 5)))
    unbuilt = [
        (row.camera_id, MEASURE_LABELS[row.measure], number(row.cost_yuan),
         WHY_UNBUILT[Reason(row.reason)])
        for row in plan.unbuilt.itertuples()
    ]  # fmt: skip
    if unbuilt:
        caption = N_("Chosen, and not built for want of money in its years")
        columns = (N_("Camera"), N_("Measure"), N_("Cost [yuan]"), N_("Reason"))
        blocks.append(teller.grid(caption, columns, unbuilt, (2,)))
    return blocks


def stages(teller: Teller) -> list[Any]:
    """Tell what was reached of each aim, in their order."""
    rows = [
        (AIM_TEXTS[Aim(row.aim)], number(row.value, 1), number(row.bound, 1))
        for row in teller.plan.stages.itertuples()
    ]
    if not rows:
        return []
    is_bought = teller.plan.proof.goal == "widest"
    most = N_("At most for this money") if is_bought else N_("At least in any plan")
    heads = (N_("Aim"), N_("Reached"), most)
    caption = N_("Aims in their order; each keeps what those before it reached")
    return [teller.grid(caption, heads, rows, (1, 2))]


def curve(teller: Teller) -> list[Any]:
    """Tell what other money would buy, with what no plan can beat."""
    table = teller.plan.curve
    rows = [
        (number(row.budget_yuan), number(row.cost_yuan),
         *(_of_most(*pair) for pair in ((row.places, row.most_places), (row.parts, row.most_parts),
                                        (row.metres, row.most_metres))))
        for row in table.itertuples()
    ]  # fmt: skip
    if not rows:
        return []
    heads = (
        N_("Budget [yuan]"),
        N_("Spent [yuan]"),
        N_("Places made lawful"),
        N_("Gates and key parts"),
        N_("Met [m, m²]"),
    )
    caption = N_("What money buys; in brackets what no plan for it can beat, where that is more")
    return [teller.grid(caption, heads, rows, range(5))]


def robustness(teller: Teller) -> Section:
    """Tell how much is kept when any camera fails and when poses are off."""
    table, names = teller.plan.robustness, teller.names
    blocks: list[Any] = [teller.say(describe(row)) for _, row in table.iterrows()]
    for _, row in table.iterrows():
        if len(row["worst_cameras"]):
            worst = names.listed(row["worst_cameras"], names.cameras)
            blocks.append(teller.say(N_("The worst failure: %(cameras)s.", cameras=worst)))
    return Section(teller.say(N_("Robustness")), blocks)


def _of_most(value: float, most: float) -> str:
    reached = number(value, 1)
    return reached if most <= value + NEAR * max(1.0, value) else f"{reached} ({number(most, 1)})"


def _money(value: float) -> str | None:
    return None if value != value else number(value)  # noqa: PLR0124 - NaN


def _share(value: float) -> str | None:
    return None if value != value else share(value)  # noqa: PLR0124 - NaN
