"""What is decided of a plan that the optimiser made: money by measure, what it may look into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from civicsight.application.drawing_up import describe_measure, in_yuan, list_works, name_work
from civicsight.core.errors import N_, Text
from civicsight.planning.money.funding import fund
from civicsight.planning.money.payers import payers_of
from civicsight.planning.record.actions import ACTIONS
from civicsight.planning.statement.figures import figures_of_funding
from civicsight.presentation.lexicon import number
from civicsight.report.plan.funding import source_text

if TYPE_CHECKING:
    import pandas as pd

    from civicsight.core.figure import Figure
    from civicsight.planning.record.plan import Plan
    from civicsight.planning.statement.figures import Figures
    from civicsight.report.plan.teller import Teller

NAMED: Final = 12
"""So many cameras are named one by one."""


@dataclass(frozen=True, slots=True)
class Money:
    """What is paid.

    Parameters
    ----------
    rows
        What for, of how many cameras (None: not of cameras), and how much.
    investment
        What it comes to.
    said
        What the sum is silent on, and what is paid beside it.
    sources, years
        The same by source of money and by year: points and money; none of a draft.
    """

    rows: tuple[tuple[Text, Figure | None, Figure], ...]
    investment: Figure
    said: tuple[Text, ...]
    sources: tuple[tuple[Text, Figure, Figure], ...] = ()
    years: tuple[tuple[Text, Figure, Figure], ...] = ()


def money_of(plan: Plan, n: Figures, owners: pd.Series) -> Money:
    """Sum what a plan costs by measure, with what is added to the works, and by who pays.

    `n` are its figures, `owners` the classes of the owners of the cameras that stand.
    """
    rows: list[tuple[Text, Figure | None, Figure]] = [
        (label, n[f"works.action.{name}.cameras"], n[f"works.action.{name}.cost_yuan"])
        for name, label in ACTIONS.items()
        if n.of(f"works.action.{name}.cameras")
    ]
    added = n["cost.added"]
    rows += [(added.label, None, added)] if n.of(added.key) else []
    said = [N_("Investment by the price table that the plan was made with.")]
    if n["cost.yearly"].value is None:
        said.append(N_("Yearly costs are not in the price table."))
    else:
        said.append(N_("Yearly cost beside it: %(money)s.", money=in_yuan(n["cost.yearly"])))
    if n["cost.present"].value is not None:
        said.append(N_("Net present cost: %(money)s.", money=in_yuan(n["cost.present"])))
    paid = figures_of_funding(fund(plan, payers_of(plan), owners))
    sources, years = (
        tuple(
            (call(label), paid[f"money.{by}.{label}.points"], paid[f"money.{by}.{label}.yuan"])
            for label in paid.labels(f"money.{by}")
        )
        for by, call in (("source", source_text), ("year", Text))
    )
    return Money(tuple(rows), n["cost.investment"], tuple(said), sources, years)


def privacy_of(teller: Teller) -> list[str]:
    """Return what of a plan touches private places: breaches that it ends, walls it may see."""
    works, translate = list_works(teller.plan), teller.names.translate
    ends = works[works["article"].notna() & works["measure"].eq("drop") & works["year"].gt(0)]
    said = [
        translate(
            N_(
                "%(what)s: %(value)s",
                what=name_work(teller, str(label)),
                value=describe_measure(row),
            )
        )
        for label, row in ends.iterrows()
    ]
    seen = works[works["exposure_m2"].fillna(0.0).gt(0.0) & works["measure"].ne("drop")]
    seen = seen.sort_values("exposure_m2", ascending=False)
    for label, row in seen.head(NAMED).iterrows():
        text = N_(
            "Private wall that it could see, masks counted: %(area)s m²",
            area=number(float(row["exposure_m2"])),
        )
        name = name_work(teller, str(label))
        said.append(translate(N_("%(what)s: %(value)s", what=name, value=text)))
    if len(seen) > NAMED:
        said.append(translate(N_("... and %(count)s more", count=len(seen) - NAMED)))
    return said
