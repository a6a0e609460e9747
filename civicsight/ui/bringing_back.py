"""A package that came back: what either side changed, id by id, and how somebody settles it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import streamlit as st

from civicsight.application.bringing_back import (
    SIDES,
    STATES,
    WHOLE,
    Held,
    describe_fields,
    hold_against,
    side_of,
    take_over,
)
from civicsight.application.handing_over import Desk
from civicsight.core.errors import N_
from civicsight.editing.merging import OURS, SAME, THEIRS
from civicsight.editing.refusals import make_guard
from civicsight.presentation.lexicon import number
from civicsight.store import open_store
from civicsight.ui.bringing import may_bring_in
from civicsight.ui.elements import attempt, show_said, table
from civicsight.ui.frame import Visit, current
from civicsight.ui.handing_over import ask_for_package, show_package
from civicsight.ui.mapview import project_names

if TYPE_CHECKING:
    from civicsight.editing.merging import Subject
    from civicsight.presentation.names import Names
    from civicsight.store import Package

HELD: Final = "back.held"
"""Key of the package that came last: of which project and for whom, beside our plan."""

KEY: Final = "back"
MOST: Final = 100
"""So many conflicts are settled here at a time; the command line takes any number."""

WIDTHS: Final = (300, 220, 220)


def draw_returned(visit: Visit) -> None:
    """Take a package back that another installation worked on, and have it settled."""
    if not may_bring_in(visit):
        return
    show_said(visit)
    digest, actor, held = st.session_state.get(HELD, ("", None, None))
    mine = held is not None and (digest, actor) == (visit.project.digest, visit.actor)
    label = N_("Take back a plan that was handed over")
    with st.expander(visit.translate(label), expanded=mine):
        ask_for_package(visit, KEY, _hold)
        if mine:
            _draw(visit, held)


def _hold(package: Package, source: str) -> None:
    """Hold a package against our plan, by the rights of this moment."""
    visit = current()
    project = visit.project
    desk = Desk(project.city, make_guard(project.city, project.rules), project.base)
    st.session_state.pop(HELD, None)
    with open_store(project.store_path) as store:
        held = hold_against(store, visit.actor, package, desk, source)
    st.session_state[HELD] = (project.digest, visit.actor, held)


def _draw(visit: Visit, held: Held) -> None:
    """Draw what differs, a choice for each conflict, and what takes it over."""
    unproven = show_package(visit, held.package, KEY)
    text = N_("Both parted at version %(number)s of ours.", number=held.base)
    st.text(visit.translate(text))
    if not held.brings_something:
        st.success(visit.translate(N_("The package brings nothing that is not here.")))
        _put_away(visit)
        return
    names = project_names(visit.project.digest, visit.project.result, visit.language)
    rows = [
        (
            _name(visit, one, names),
            visit.translate(STATES[one.state]),
            visit.translate(SIDES[side_of(one, {})]),
        )
        for one in held.subjects
        if one.usual and one.state != SAME
    ]
    headings = (N_("Name"), N_("Who changed it"), N_("What holds"))
    if rows:
        table(rows, dict(zip(map(visit.translate, headings), WIDTHS, strict=True)))
    settled = {
        one.label: side
        for n, one in enumerate(held.conflicts[:MOST])
        if (side := _ask(visit, held, one, names, n)) is not None
    }
    reason = st.text_input(visit.translate(N_("Reason")), key=f"{KEY}.reason").strip()
    left = len(held.conflicts) - len(settled)
    if left:
        waits = N_("Still to be settled: %(count)s", count=number(left))
        st.text(visit.translate(waits))
    with st.container(horizontal=True):
        label = N_("Take over as the next version")
        if st.button(
            visit.translate(label), key=f"{KEY}.take", type="primary", disabled=bool(left)
        ):
            done = N_("Taken over as the next version; what was settled is in the decision log.")
            attempt(visit, partial(_take, held, settled, reason, unproven=unproven), done)
        _put_away(visit)


def _ask(visit: Visit, held: Held, one: Subject, names: Names, n: int) -> str | None:
    """Draw a conflict: what both sides say, and the choice."""
    with st.container(border=True, key=f"{KEY}-{n}"):
        st.text(f"{_name(visit, one, names)} · {visit.translate(STATES[one.state])}")
        headings = (N_("Layer"), N_("What"), N_("As both knew it"), SIDES[OURS], SIDES[THEIRS])
        table(
            describe_fields(held, one, visit.translate),
            dict.fromkeys(map(visit.translate, headings)),
        )
        said = {side: visit.translate(SIDES[side]) for side in one.choices}
        chosen: str | None = st.radio(
            visit.translate(N_("What holds")),
            list(said),
            None,
            format_func=said.__getitem__,
            horizontal=True,
            key=f"{KEY}.{held.package.root}.{one.label}",
        )
    return chosen


def _name(visit: Visit, one: Subject, names: Names) -> str:
    if one.remark is not None:
        return f"{visit.translate(one.remark.describe())}: {one.remark.text}"
    return (
        visit.translate(N_("The plan as a whole")) if one.label == WHOLE else names.label(one.label)
    )


def _take(held: Held, settled: dict[str, str], reason: str, *, unproven: bool) -> None:
    visit = current()
    with open_store(visit.project.store_path) as store:
        take_over(store, visit.actor, held, settled, reason=reason, unproven=unproven)
    st.session_state.pop(HELD, None)


def _put_away(visit: Visit) -> None:
    if st.button(visit.translate(N_("Put away")), key=f"{KEY}.away", type="tertiary"):
        st.session_state.pop(HELD, None)
        st.rerun()
