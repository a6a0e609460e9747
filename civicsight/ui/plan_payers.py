"""Who pays for the plan that is looked at: rules by point, owner, district and kind of measure."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import streamlit as st

from civicsight.application.drawing_up import name_work
from civicsight.core.errors import N_, CivicsightError
from civicsight.planning.money.payers import (
    SOURCES,
    Payer,
    payers_of,
    read_payers,
    to_csv,
    with_payers,
)
from civicsight.planning.record.actions import MEASURE_LABELS
from civicsight.presentation.codes import COLUMNS
from civicsight.report.plan.funding import source_text
from civicsight.report.plan.teller import Teller
from civicsight.ui.access.signin import standing
from civicsight.ui.access.uploads import Entitled, take_file
from civicsight.ui.elements import choose, link_to_file
from civicsight.ui.errors import show_refusal
from civicsight.ui.frame import Visit
from civicsight.ui.overview import find_first

if TYPE_CHECKING:
    from civicsight.planning.money.funding import Funding
    from civicsight.planning.record.plan import Plan

OWN, REFUSED = "draw.payers", "draw.payers.refused"
"""Keys of the rules in use, of why the last table was refused, and of the field for it."""

FIELDS: Final = ("measure", "district", "owner", "source")
UNIT, POINT = "draw.payers.unit", "draw.payers.point"
TYPES: Final = ("csv", "xlsx")
FILE: Final = "payers.csv"


def own_payers() -> tuple[Payer, ...]:
    """Return the rules in use."""
    found: tuple[Payer, ...] = st.session_state.get(OWN, ())
    return found


def begin_with_kept(visit: Visit) -> None:
    """Begin with the rules that the version keeps which is worked on, where none was said yet."""
    if OWN not in st.session_state:
        money = find_first(visit).money
        st.session_state[OWN] = () if money is None else money.payers


def funded(plan: Plan) -> Plan:
    """Return a plan that keeps the rules in use; without any it is as it was."""
    return with_payers(plan, own_payers()) if own_payers() or payers_of(plan) else plan


def ask_who_pays(visit: Visit, found: Teller, funding: Funding, chosen: str) -> None:
    """Show the rules and take one more, or a table of them.

    Parameters
    ----------
    visit, found, funding
        Who looks, at which plan, and who pays for what of it.
    chosen
        The point that is chosen, which a rule may be for alone; empty for none.
    """
    for n, one in enumerate(own_payers()):
        with st.container(horizontal=True, vertical_alignment="center", key=f"payer-{n}"):
            unused = visit.translate(N_(" (fits no point)")) if one in funding.idle else ""
            st.text(f"{n + 1}. {_label(visit, found, one)}{unused}", width="stretch")
            st.button(
                visit.translate(N_("Take back")),
                key=f"draw.payers.back.{n}",
                type="tertiary",
                on_click=_take_back,
                args=(n,),
            )
    _ask(visit, found, chosen)
    content = to_csv(own_payers(), native=visit.language != "en")
    st.html(link_to_file(visit, FILE, content, N_("As a table to fill in")))
    label = visit.translate(N_("Table of who pays (CSV or XLSX), in place of these rules"))
    entitled = Entitled(visit.actor.name, standing(visit.actor))
    take_file(label, OWN, entitled, TYPES, _take)
    error = st.session_state.get(REFUSED)
    if error is not None:
        show_refusal(error, visit.language)


def _label(visit: Visit, found: Teller, one: Payer) -> str:
    """Say a rule in a line."""
    asks = [
        name_work(found, one.camera_id)
        if one.camera_id in found.plan.measures.index
        else one.camera_id,
        visit.translate(MEASURE_LABELS[one.measure]) if one.measure else "",
        one.district,
        visit.translate(COLUMNS["owner"][one.owner]) if one.owner else "",
    ]
    says = [visit.translate(source_text(one.source)) if one.source else "", one.unit]
    separator = visit.translate(N_(", "))
    asked = separator.join(filter(None, asks)) or visit.translate(N_("everything else"))
    return visit.translate(
        N_("%(what)s: %(value)s", what=asked, value=separator.join(filter(None, says)))
    )


def _ask(visit: Visit, found: Teller, chosen: str) -> None:
    """Ask for a rule; the first that fits a point counts, one for a single point before all."""
    works, translate = found.plan.works, visit.translate
    kinds = [name for name in MEASURE_LABELS if works["measure"].eq(name).any()]
    owners = found.result.cameras["owner"].reindex(works.index).dropna().unique()
    options = {
        "measure": {name: translate(MEASURE_LABELS[name]) for name in kinds},
        "district": {str(name): str(name) for name in sorted(works["district"].dropna().unique())},
        "owner": {str(name): translate(COLUMNS["owner"][name]) for name in sorted(owners)},
        "source": {name: translate(text) for name, text in SOURCES.items()},
    }
    labels = (N_("Measure"), N_("District"), N_("Owner"), N_("Money from"))
    everything = (N_("all"), N_("all"), N_("all"), N_("not by this rule"))
    left, right = st.columns(2)
    for n, (name, label, every) in enumerate(zip(FIELDS, labels, everything, strict=True)):
        with left if n % 2 == 0 else right:
            choose(visit, label, options[name], every, f"draw.payers.{name}")
    st.text_input(translate(N_("Responsible unit")), key=UNIT, max_chars=200)
    if chosen:
        st.checkbox(translate(N_("Only for the point that is chosen")), key=POINT)
        st.text(name_work(found, chosen))  # the name of a place is a stranger's text
    st.button(translate(N_("Add the rule")), key="draw.payers.add", on_click=_add, args=(chosen,))


def _add(chosen: str) -> None:
    """Add a rule as the form says; one that says nothing changes nothing."""
    given = {name: str(st.session_state.get(f"draw.payers.{name}") or "") for name in FIELDS}
    unit = str(st.session_state.get(UNIT) or "").strip()
    if chosen and st.session_state.get(POINT):
        one = Payer(source=given["source"], unit=unit, camera_id=chosen)
    else:
        one = Payer(unit=unit, **given)
    if one.source or one.unit:
        others = (o for o in own_payers() if not one.camera_id or o.camera_id != one.camera_id)
        st.session_state[OWN] = (*others, one)


def _take_back(n: int) -> None:
    st.session_state[OWN] = tuple(one for k, one in enumerate(own_payers()) if k != n)


def _take(name: str, content: bytes) -> None:
    """Read a table and use it; one that is refused changes nothing."""
    st.session_state.pop(REFUSED, None)
    end = Path(name).suffix.lower()
    try:
        with TemporaryDirectory(prefix="civicsight-") as scratch:
            path = Path(scratch) / f"payers{end if end in ('.csv', '.xlsx') else '.csv'}"
            path.write_bytes(content)
            st.session_state[OWN] = read_payers(path)
    except CivicsightError as error:
        st.session_state[REFUSED] = error
