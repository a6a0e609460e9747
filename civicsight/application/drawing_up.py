"""A plan of the optimiser as a page shows it: what it buys, what is done, and why each measure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import pandas as pd

from civicsight.application.plan_work import PlanAims
from civicsight.core.errors import N_, Text
from civicsight.core.figure import Figure
from civicsight.coverage.result import is_presumed
from civicsight.editing.draft import Draft
from civicsight.editing.edit_context import edit_context_of
from civicsight.editing.preview import view_of
from civicsight.planning.area.scope import Scope
from civicsight.planning.candidates.effort import forecast
from civicsight.planning.candidates.ruled_out import carrier_of
from civicsight.planning.prices.terms import BUDGET_OF, BudgetOf
from civicsight.planning.proof.evidence import chosen_ids
from civicsight.planning.record.actions import describe_action, done_in
from civicsight.planning.record.plan import planned_city
from civicsight.presentation.lexicon import number
from civicsight.report.plan.funding import in_wan
from civicsight.report.plan.script import unweighed
from civicsight.report.plan.teller import HOST_LABELS, NEW_CAMERA, Teller
from civicsight.store import ALLOWED, Act, Actor, State, open_store
from civicsight.store.optimised_plans import keep_plan

if TYPE_CHECKING:
    from civicsight.editing.preview import ClassArea
    from civicsight.editing.project import Project
    from civicsight.planning.candidates.effort import Forecast
    from civicsight.planning.record.plan import Plan
    from civicsight.planning.statement.figures import Figures
    from civicsight.store import Plan as Kept
    from civicsight.store import Store

PLAN_ID: Final = "optimised"
"""Id in the store of plans that the optimiser draws up; a number follows from the second on."""

OPEN_STATES: Final = frozenset({State.DRAFT, State.RETURNED})


def may_draw_up(actor: Actor) -> bool:
    """Tell whether somebody may draw up a plan for the whole city; the store asks once more."""
    return not actor.role.is_bound and all(
        actor.role in ALLOWED[act] for act in (Act.CREATE, Act.COMMIT)
    )


def describe_aims(aims: PlanAims) -> Text:
    """Say in a few words what was asked of a plan."""
    if aims.budget_yuan is not None:
        money = in_sum(aims.budget_yuan, BudgetOf(aims.budget_of))
        return N_("most places for %(money)s", money=money)
    if aims.robust_k:
        return N_("all, even if a camera fails")
    if aims.known_gates:
        return (
            N_("known gates, few new sites")
            if aims.few_sites
            else N_("known gates, for least money")
        )
    return N_("all, few new sites") if aims.few_sites else N_("all, for least money")


def in_yuan(sum_: Figure) -> Text:
    """Return a sum as an office writes it."""
    return N_("%(sum)s × 10,000 yuan", sum=sum_.written(in_wan))


def in_sum(yuan: float | Figure, budget_of: BudgetOf) -> Text:
    """Return a sum as an office writes it, with what it is the sum of."""
    sum_ = yuan.written(in_wan) if isinstance(yuan, Figure) else in_wan(yuan)
    return N_("%(of)s %(sum)s × 10,000 yuan", of=BUDGET_OF[budget_of], sum=sum_)


def describe_invested(n: Figures) -> Text:
    """Say what the works come to with all that is added to them, as the bill has it."""
    return N_(
        "%(sum)s with design, supervision, reserve and tax, as the bill and the review count",
        sum=in_sum(n["cost.investment"], BudgetOf.INVESTMENT),
    )


def describe_left_out(teller: Teller) -> list[Text]:
    """Say what a plan is silent on: what it could not weigh, reach, or pay."""
    n, said = teller.figures, unweighed(teller)
    texts = {
        "gaps.unreachable": N_(
            "Left open, and no permitted camera position covers them in full: "
            "%(count)s gates and key parts",
            count=n["gaps.unreachable"],
        ),
        "parts.met_in_part": N_(
            "Compliant although no permitted camera position covers them "
            "completely: %(count)s key parts",
            count=n["parts.met_in_part"],
        ),
        "measures.unbuilt": N_(
            "Chosen, but no year has the money: %(count)s", count=n["measures.unbuilt"]
        ),
    }
    return [*said, *(text for key, text in texts.items() if n.of(key))]


def list_works(plan: Plan) -> gpd.GeoDataFrame:
    """Return what is done, year by year, the dearest first, then what is dropped."""
    measures = done_in(plan)
    rows = measures[measures["year"].gt(0) | measures["measure"].eq("drop")]
    rows = rows.assign(last=rows["measure"].eq("drop"), label=rows.index.astype(str))
    order = ["last", "year", "cost_yuan", "label"]
    ordered = rows.sort_values(order, ascending=[True, True, False, True])
    return gpd.GeoDataFrame(ordered.drop(columns=["last", "label"]))


def name_work(teller: Teller, label: str) -> str:
    """Name a measure by what it is for: a new camera has no name that says anything."""
    names, own = teller.names, list(teller.plan.measures.loc[label, "parts"] or ())
    if not label.startswith("new:") or not own:
        return names.cameras.get(label, label)
    first = names.parts.get(own[0], own[0])
    more = N_("%(first)s and %(count)s more", first=first, count=len(own) - 1)
    return first if len(own) == 1 else names.translate(more)


def describe_measure(row: Any) -> Text:
    """Name what is done with the camera of a row."""
    return describe_action(row.action, row.article)


def candidate_of(plan: Plan, label: str) -> str:
    """Return the id of the candidate that a measure took; empty of one that took none.

    Raises
    ------
    MismatchError
        If the proof of the plan does not name its candidates.
    """
    known = chosen_ids(plan.files)
    own = (label, f"camera:{label}")
    return label if label in known else next((id_ for id_ in known if carrier_of(id_) in own), "")


def foresee(project: Project, aims: PlanAims) -> Forecast:
    """Return what finding the candidates of a plan will take.

    Raises
    ------
    MismatchError
        If the city has no district of the aims.
    """
    private = edit_context_of(project).private
    scope = Scope(aims.known_gates, aims.districts)
    return forecast(project.result, private=private, robust_k=aims.robust_k, scope=scope)


def see_from(
    project: Project, plan: Plan, label: str
) -> tuple[tuple[Mapping[str, Any], ...], tuple[ClassArea, ...]]:
    """Paint what a camera sees as the plan leaves it, and measure it by level of detail.

    One that the plan drops, or of which no view is known, sees nothing.
    """
    city = planned_city(project.result, plan.measures, plan.cameras)
    if label not in city.cameras.index:
        return (), ()
    return view_of(Draft(city), label, edit_context_of(project))


def explain(teller: Teller, label: str) -> list[Text]:
    """Say why a measure is in a plan: what it is for, what would do instead, what it costs.

    Parameters
    ----------
    teller
        The plan with the words for it.
    label
        Id of the camera.
    """
    plan, names = teller.plan, teller.names
    row = done_in(plan).loc[label]
    if row["action"] != "drop" and row["measure"] == "drop":
        return [describe_action(row["action"], row["article"])]
    if row["measure"] == "drop":
        return [
            N_(
                "Others do what it would: it is not built, and %(money)s is saved.",
                money=in_sum(row["saved_yuan"], BudgetOf.WORKS),
            )
        ]
    book = plan.ledger.set_index("camera_id")
    entry = book.loc[label] if label in book.index else None
    own = list(row["parts"] or ())
    said = [N_("It is for: %(parts)s", parts=names.listed(own, names.parts))] if own else []
    presumed = _presumed(teller, own)
    if presumed:
        text = N_(
            "%(count)s of these gates are only presumed: confirm them before it is built.",
            count=number(presumed),
        )
        said.append(text)
    said += _device(row)
    works = in_sum(float(row["cost_yuan"]), BudgetOf.WORKS)
    said.append(N_("It costs: %(money)s", money=works))
    if entry is not None:
        said += _instead(teller, entry)
    area = row["exposure_m2"]
    if pd.notna(area):
        said.append(
            N_("It sees into no private wall.")
            if area <= 0
            else N_(
                "Private wall that it could see, masks counted: %(area)s m²",
                area=number(float(area)),
            )
        )
    return said


def _presumed(teller: Teller, own: list[str]) -> int:
    parts = teller.result.parts
    known = parts.loc[parts.index.intersection(own)]
    return int(is_presumed(known).sum())


def _device(row: pd.Series) -> list[Text]:
    """Say on what it stands and how it looks, of what is known."""
    figures = [row[name] for name in ("height_m", "azimuth_deg", "tilt_deg", "hfov_deg")]
    if any(pd.isna(figure) for figure in figures):
        return []
    host = row["host"] if isinstance(row["host"], str) else ""
    height, azimuth, tilt, width = (float(figure) for figure in figures)
    return [
        N_(
            "%(host)s, lens at %(height)s m, azimuth %(azimuth)s°, %(tilt)s° downwards, view "
            "%(width)s° wide",
            host=HOST_LABELS.get(host, Text(host)),
            height=number(height, 1),
            azimuth=number(azimuth % 360.0),
            tilt=number(tilt),
            width=number(width),
        )
    ]


def _instead(teller: Teller, entry: Any) -> list[Text]:
    """Say what would have to be done without it."""
    names, cost = teller.names, entry["instead_yuan"]
    if pd.isna(cost):
        lost = list(entry["parts_alone"] or ())
        if not lost:
            return []
        text = N_(
            "No other permitted camera can cover: %(parts)s", parts=names.listed(lost, names.parts)
        )
        return [text]
    others = names.listed([_other(teller, label) for label in entry["instead"] or ()])
    if not others:
        return [N_("The rest of the plan meets this without it.")]
    return [
        N_(
            "Without it the cheapest other way is %(others)s for %(money)s: %(more)s yuan more.",
            others=others,
            money=in_sum(float(cost), BudgetOf.WORKS),
            more=number(float(entry["saved_yuan"])),
        )
    ]


def _other(teller: Teller, label: str) -> str:
    """Name a camera that would do instead; a new one by its carrier and direction alone."""
    found = NEW_CAMERA.fullmatch(label)
    if found is None:
        return teller.names.cameras.get(label, label)
    host, _, _, azimuth = found.groups()
    host_text = HOST_LABELS.get(host, Text(host))
    return teller.names.translate(
        N_("new: %(host)s, %(azimuth)s°", host=host_text, azimuth=azimuth)
    )


def keep_drawn(
    project: Project, actor: Actor, plan: Plan, name: str, departments: tuple[str, ...] = ()
) -> str:
    """Keep a plan as a version in the store of a project; return the id of its plan there.

    It is the next version of his last plan of this kind while that is a draft or was returned,
    else the first of a new one.

    Raises
    ------
    Denied
        If somebody has no right to it; it is in the audit.
    """
    with open_store(project.store_path, create=True) as store:
        plan_id = _free_id(store, actor)
        keep_plan(store, actor, plan_id, plan, name, departments)
    return plan_id


def _goes_on(plan: Kept, actor: Actor) -> bool:
    """Tell whether somebody adds a version to a plan, and begins none of his own."""
    return plan.author == actor.name and plan.state in OPEN_STATES


def _free_id(store: Store, actor: Actor) -> str:
    known = {each.plan_id: each for each in store.list_plans(actor)}
    label, number_of = PLAN_ID, 1
    while label in known and not _goes_on(known[label], actor):
        number_of += 1
        label = f"{PLAN_ID}-{number_of}"
    return label
