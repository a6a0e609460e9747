"""What is decided of a plan that the optimiser made: money by measure, what it may look into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from civicsight.core.errors import N_, Text
from civicsight.planning.funding import fund
from civicsight.planning.payers import payers_of
from civicsight.presentation.lexicon import number
from civicsight.report.plan.funding import source_text
from civicsight.ui.services.drawing_up import in_yuan, list_works, name_work, say_measure

if TYPE_CHECKING:
    import pandas as pd

    from civicsight.planning.figures import Figures
    from civicsight.planning.plan import Plan
    from civicsight.report.plan.teller import Teller

NAMED: Final = 12
"""So many cameras are named one by one."""


@dataclass(frozen=True, slots=True)
class Money:
    """What is paid.

    Parameters
    ----------
    rows
        What for, of how many cameras (None: not of cameras), and how much [yuan].
    investment_yuan
        What it comes to.
    said
        What the sum is silent on, and what is paid beside it.
    sources, years
        The same by source of money and by year: points, and hundreds of yuan; none of a draft.
    """

    rows: tuple[tuple[Text, int | None, float], ...]
    investment_yuan: float
    said: tuple[Text, ...]
    sources: tuple[tuple[Text, int, int], ...] = ()
    years: tuple[tuple[str, int, int], ...] = ()


def money_of(plan: Plan, n: Figures, owners: pd.Series) -> Money:
    """Sum what a plan costs by measure, with what is added to the works, and by who pays.

    `n` are its figures, `owners` the classes of the owners of the cameras that stand.
    """
    works = list_works(plan)
    labels = [say_measure(row) for row in works.itertuples()]
    rows: dict[str, tuple[Text, int, float]] = {}
    for label, yuan in zip(labels, works["cost_yuan"], strict=True):
        known = rows.get(str(label), (label, 0, 0.0))
        rows[str(label)] = (label, known[1] + 1, known[2] + float(yuan))
    investment = float(n["cost.investment"].value or 0.0)
    added = investment - float(n["cost.works"].value or 0.0)
    listed: list[tuple[Text, int | None, float]] = list(rows.values())
    if round(added):
        listed.append((N_("Design, supervision, reserve, tax"), None, added))
    said = [N_("Investment by the price table that the plan was made with.")]
    if n["cost.yearly"].value is None:
        said.append(N_("Yearly costs are not in the price table."))
    else:
        said.append(N_("Yearly cost beside it: %(money)s.", money=in_yuan(n["cost.yearly"])))
    if n["cost.present"].value is not None:
        said.append(N_("Net present cost: %(money)s.", money=in_yuan(n["cost.present"])))
    funding = fund(plan, payers_of(plan), owners)
    sources = tuple(
        (source_text(row.source), int(row.points), int(row.hundreds))
        for row in funding.by("source").itertuples()
    )
    years = tuple(
        (str(row.year), int(row.points), int(row.hundreds))
        for row in funding.by("year").itertuples()
    )
    return Money(tuple(listed), investment, tuple(said), sources, years)


def privacy_of(teller: Teller) -> list[str]:
    """Return what of a plan touches private places: breaches that it ends, walls it may see."""
    works, say = list_works(teller.plan), teller.names.say
    ends = works[works["article"].notna() & works["measure"].eq("drop") & works["year"].gt(0)]
    said = [
        say(N_("%(what)s: %(value)s", what=name_work(teller, str(label)), value=say_measure(row)))
        for label, row in ends.iterrows()
    ]
    seen = works[works["exposure_m2"].fillna(0.0).gt(0.0) & works["measure"].ne("drop")]
    seen = seen.sort_values("exposure_m2", ascending=False)
    for label, row in seen.head(NAMED).iterrows():
        text = N_("Private wall that it could see, masks counted: %(area)s m²",
                  area=number(float(row["exposure_m2"])))  # fmt: skip
        name = name_work(teller, str(label))
        said.append(say(N_("%(what)s: %(value)s", what=name, value=text)))
    if len(seen) > NAMED:
        said.append(say(N_("... and %(count)s more", count=len(seen) - NAMED)))
    return said
