"""The form in which somebody asks for a plan: the aim, money, years, and what is left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import streamlit as st

from civicsight.application.drawing_up import foresee
from civicsight.application.plan_work import PlanAims
from civicsight.core.errors import N_, Text
from civicsight.core.settings import present_day
from civicsight.model.provenance import years_of
from civicsight.planning.area.districts import labels_of, levels_of
from civicsight.planning.money.bill import TEN_THOUSAND
from civicsight.planning.prices.amounts import CENTS
from civicsight.planning.prices.terms import BudgetOf, counted
from civicsight.presentation.lexicon import number
from civicsight.ui.editor.visits import desk_of
from civicsight.ui.errors import warn
from civicsight.ui.frame import Visit
from civicsight.ui.plan_jobs import looked_at, teller_of_job
from civicsight.ui.plan_prices import ask_for_prices, own_prices

if TYPE_CHECKING:
    from civicsight.editing.project import Project
    from civicsight.planning.candidates.effort import Forecast

AIM, MONEY, YEARS, FEW, TIME = "draw.aim", "draw.money", "draw.years", "draw.few", "draw.time"
OF: Final = "draw.budget_of"
KNOWN, DISTRICTS, LEVEL = "draw.known", "draw.districts", "draw.level"
LACKS: Final = "draw.lacks"
"""Key of whether a sum was asked for and not given."""

RULED_OUT, HELD = "draw.ruled_out", "draw.held"
"""Keys of what the next plan leaves alone, and of what it takes: what each is called, by its id."""

WISHES: Final = {RULED_OUT: N_("Without %(name)s"), HELD: N_("In any case %(name)s")}

ALL, BUDGET, FAILURE = "all", "budget", "failure"
AIMS: Final[dict[str, Text]] = {
    ALL: N_("All that the law asks for, for least money"),
    BUDGET: N_("As many places as a sum buys"),
    FAILURE: N_("All, even if any one camera fails"),
}
BUDGETS_OF: Final[dict[BudgetOf, Text]] = {
    BudgetOf.INVESTMENT: N_("The investment: works with design, supervision, reserve and tax"),
    BudgetOf.WORKS: N_("The works alone"),
}
"""Which sum money limits."""

AGAIN_S: Final = 2.0
"""How long whoever changes one measure of a plan waits for the search [s]."""

TIMES: Final[dict[float, Text]] = {
    30.0: N_("half a minute"),
    120.0: N_("two minutes"),
    600.0: N_("ten minutes"),
}
"""How long the whole run takes at most: candidates, search and proof."""

LESS: Final = (0.1, 0.2, 0.3)
"""Shares of the cost of the plan at hand that may be saved at one click."""

USUAL_S: Final = 120.0
FORECASTS: Final = 32
"""How many forecasts are kept."""

YEARS_AHEAD: Final = 5


def ask_for_plan(
    visit: Visit, go: Callable[[], None], compare: Callable[[], None], *, busy: bool
) -> None:
    """Draw the form.

    Parameters
    ----------
    visit
        Who asks, and for which project.
    go, compare
        Begin the plan, and the three options.
    busy
        Whether one is under way: then no other can be begun.
    """
    said = {code: visit.translate(text) for code, text in AIMS.items()}
    aim = st.radio(visit.translate(N_("Aim")), list(said), format_func=said.__getitem__, key=AIM)
    if aim == BUDGET:
        label = visit.translate(N_("Sum [10,000 yuan]"))
        st.number_input(label, min_value=0.0, value=None, step=1.0, key=MONEY)
        sums = {str(code): visit.translate(text) for code, text in BUDGETS_OF.items()}
        st.radio(
            visit.translate(N_("The sum limits")), list(sums), format_func=sums.__getitem__, key=OF
        )
        _less(visit)
    else:
        st.checkbox(visit.translate(N_("Prefer fewer new sites over lower cost")), key=FEW)
    st.checkbox(
        visit.translate(N_("Confirmed gates only")),
        key=KNOWN,
        help=visit.translate(
            N_("Gates that are only presumed are not asked for until they are confirmed.")
        ),
    )
    _districts(visit)
    first = present_day().year + 1
    planned = years_of(visit.project.city.provenance) or (first,)
    years = sorted({*range(first, first + YEARS_AHEAD), *planned})
    st.multiselect(visit.translate(N_("Years of the works")), years, default=planned, key=YEARS)
    times = {code: visit.translate(text) for code, text in TIMES.items()}
    st.selectbox(
        visit.translate(N_("Draw up the plan in at most")),
        list(times),
        format_func=times.__getitem__,
        index=list(times).index(USUAL_S),
        key=TIME,
    )
    ask_for_prices(visit)
    for key, text in WISHES.items():
        _wishes(visit, key, text)
    _begin(visit, go, compare, busy=busy)


def _less(visit: Visit) -> None:
    """Offer sums below the cost of the plan that is looked at."""
    job = looked_at(visit)
    if job is None:
        return
    plan, of = teller_of_job(visit, job).plan, budget_of_form()
    cost = counted(plan.terms, plan.cost_yuan, of)
    with st.container(horizontal=True):
        for less in LESS:
            text = N_("%(share)s %% less than this plan", share=f"{less:.0%}".rstrip("%"))
            st.button(
                visit.translate(text),
                key=f"draw.less.{less:g}",
                on_click=ask_for_sum,
                args=(cost * (1.0 - less), of),
            )


def _begin(
    visit: Visit, go: Callable[[], None], compare: Callable[[], None], *, busy: bool
) -> None:
    """Draw the buttons that begin, with what has to be known before."""
    changes = len(desk_of(visit).session.done)
    if changes:
        text = N_(
            "%(count)s changes of your draft are not part of the project: the plan is drawn "
            "up without them.",
            count=number(changes),
        )
        st.text(visit.translate(text))
    asked = asked_scope()
    key = "|".join(map(str, (visit.project.digest, asked.robust_k, asked.known_gates)))
    told = find_forecast(key, asked.districts, visit.project, asked)
    st.caption(visit.translate(told.describe()))
    short = told.warn(asked.seconds)
    if short is not None:
        warn(visit.translate(short), "draw-time")
    if st.session_state.pop(LACKS, False):
        st.error(visit.translate(N_("Say how much money there is. Nothing was begun.")))
    with st.container(horizontal=True):
        st.button(
            visit.translate(N_("Draw up the plan")),
            type="primary",
            key="draw.go",
            on_click=go,
            disabled=busy,
        )
        st.button(
            visit.translate(N_("Compare three options")),
            key="draw.three",
            on_click=compare,
            disabled=busy,
        )


@st.cache_resource(max_entries=FORECASTS, show_spinner=False)
def find_forecast(
    key: str, districts: tuple[str, ...], _project: Project, _asked: PlanAims
) -> Forecast:
    """Foresee what finding candidates takes, once a project and what is asked of it."""
    del key, districts
    return foresee(_project, _asked)


def _districts(visit: Visit) -> None:
    """Ask for which districts of one level; where nothing divides the city, say so."""
    levels = [sorted(set(labels_of(areas))) for areas in levels_of(visit.project.city)]
    levels = [names for names in levels if len(names) > 1]
    if not levels:
        st.caption(
            visit.translate(
                N_(
                    "The plan is for the whole city: no districts are on record. To "
                    "plan by district, import a register of districts."
                )
            )
        )
        return
    names = levels[0]
    if len(levels) > 1:
        listed = {", ".join(own[:3]): own for own in levels}
        chosen = st.selectbox(
            visit.translate(N_("Level of the districts")),
            list(listed),
            key=LEVEL,
            format_func=lambda first: f"{first} … ({len(listed[first])})",
        )
        names = listed[chosen]
    st.multiselect(
        visit.translate(N_("Districts")),
        names,
        key=DISTRICTS,
        placeholder=visit.translate(N_("All districts")),
    )


def _wishes(visit: Visit, key: str, text: Text) -> None:
    """Show what the next plan leaves alone or takes, each with a way to take that back."""
    for label, name in st.session_state.get(key, {}).items():
        with st.container(horizontal=True, vertical_alignment="center", key=f"{key}-{label}"):
            st.text(visit.translate(Text(text.template, {"name": name})))
            st.button(
                visit.translate(N_("Take back")),
                key=f"back-{label}",
                type="tertiary",
                on_click=take_back,
                args=(key, label),
            )


def take_back(key: str, label: str) -> None:
    """Wish for something no more."""
    st.session_state.get(key, {}).pop(label, None)


def wish(key: str, label: str, name: str) -> None:
    """Wish for something in the plans that follow."""
    st.session_state[key] = {**st.session_state.get(key, {}), label: name}


def wished(key: str) -> tuple[str, ...]:
    """Return the ids of all that is wished for under a key."""
    return tuple(sorted(st.session_state.get(key, {})))


def asked_aims() -> PlanAims | None:
    """Return what is asked, as the fields say; None, said by the form, where the sum is missing."""
    state = st.session_state
    aim = state.get(AIM, ALL)
    money = state.get(MONEY) if aim == BUDGET else None
    if aim == BUDGET and money is None:
        state[LACKS] = True
        return None
    return replace(
        asked_scope(),
        budget_yuan=None if money is None else round(float(money) * TEN_THOUSAND, CENTS),
        few_sites=aim != BUDGET and bool(state.get(FEW, False)),
        held=wished(HELD) if aim != BUDGET else (),
    )


def asked_scope() -> PlanAims:
    """Return what is asked but for money, few sites and what is held."""
    state = st.session_state
    known, spare = bool(state.get(KNOWN, False)), int(state.get(AIM, ALL) == FAILURE)
    return replace(other_fields(), known_gates=known, robust_k=spare)


def budget_of_form() -> BudgetOf:
    """Return which sum the form says that money is."""
    return BudgetOf(st.session_state.get(OF, BudgetOf.INVESTMENT))


def ask_for_sum(yuan: float, budget_of: BudgetOf) -> None:
    """Have the form ask for as many places as a sum buys; before it is drawn."""
    st.session_state[AIM], st.session_state[MONEY] = BUDGET, yuan / TEN_THOUSAND
    st.session_state[OF] = str(budget_of)


def scope_fields() -> PlanAims:
    """Return what is asked for whatever the money: known gates, districts, bans, prices, time."""
    return replace(asked_scope(), years=(), held=(), robust_k=0)


def other_fields() -> PlanAims:
    """Return what is asked beside the aim: years, districts, bans and time."""
    state = st.session_state
    return PlanAims(
        years=tuple(sorted(state.get(YEARS) or ())) or (present_day().year + 1,),
        ruled_out=wished(RULED_OUT),
        held=wished(HELD),
        prices=own_prices(),
        districts=tuple(sorted(state.get(DISTRICTS) or ())),
        seconds=float(state.get(TIME, USUAL_S)),
        budget_of=str(budget_of_form()),
    )
