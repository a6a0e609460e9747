"""The departments in the review: who has answered what, and the field that takes answers back."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

import streamlit as st

from civicsight.application.consultation import TYPES, stand_in, take_answers
from civicsight.application.outputs import Output
from civicsight.application.review import Review
from civicsight.core.errors import N_, CivicsightError
from civicsight.core.i18n import listed
from civicsight.planning.record.opinions import stage_of
from civicsight.presentation.lexicon import number
from civicsight.report.adoption import reply_of, summary_of
from civicsight.store import ALLOWED, ROLE_LABELS, Act
from civicsight.ui.access.signin import standing
from civicsight.ui.access.uploads import Entitled, take_files
from civicsight.ui.departments import calling
from civicsight.ui.elements import link_to, table
from civicsight.ui.errors import show_refusal
from civicsight.ui.frame import Visit
from civicsight.ui.pages.report import OF, WRITE

WIDTHS: Final = (190, 150, 100, None, 90, 80)

TAKEN: Final = "consulting.taken"
"""Key of what came of the files that were brought in last: sentences, or why not."""


def draw_departments(visit: Visit, review: Review) -> None:
    """Draw how the plan stands with each department, and what can be done about it."""
    if not review.plan.version:
        return
    call = calling(visit)
    stand = tuple(replace(one, department=call(one.department)) for one in stand_in(review))
    if not stand:
        return
    stage = N_("Stage: %(stage)s", stage=stage_of(review.plan.state, stand))
    st.text("\n".join(map(visit.translate, (stage, *summary_of(stand)))))
    asked = N_("Department that is asked")
    headings = (
        asked,
        N_("Answer to the plan as a whole"),
        N_("Day"),
        N_("Opinion"),
        N_("Number of opinions"),
        N_("Not settled"),
    )
    rows = [
        (
            one.department,
            visit.translate(reply_of(one)),
            one.dated_on,
            one.text,
            len(one.voiced),
            len(one.open),
        )
        for one in stand
    ]
    table(rows, dict(zip(map(visit.translate, headings), WIDTHS, strict=True)))
    papers = N_("Write what departments are asked, or how opinions were adopted")
    query = {OF: f"{review.plan.plan_id}/{review.plan.version}", WRITE: Output.CONSULTATION.value}
    link_to(visit, "report", papers, **query)
    if visit.actor.role in ALLOWED[Act.OPINION]:
        entitled = Entitled(visit.actor.name, standing(visit.actor))
        label = N_(
            "Answers of departments, as they came back (XLSX or CSV), several at once if you like"
        )
        take_files(
            visit.translate(label), "consulting", entitled, TYPES, partial(bring_in, visit, review)
        )
        told = st.session_state.pop(TAKEN, None)
        if isinstance(told, CivicsightError):
            show_refusal(told, visit.language)
        elif told is not None:
            st.success(
                visit.translate(N_("Kept with the plan: %(count)s", count=number(len(told))))
            )
            st.text("\n".join(map(visit.translate, told)))
    else:
        roles = listed(ROLE_LABELS[role] for role in sorted(ALLOWED[Act.OPINION]))
        st.text(
            visit.translate(N_("Answers that came back are taken in by: %(roles)s.", roles=roles))
        )


def bring_in(visit: Visit, review: Review, files: list[tuple[str, bytes]]) -> None:
    """Take the answers of files, all or none, and keep what is to be said of them."""
    try:
        st.session_state[TAKEN] = take_answers(visit.project, visit.actor, review, files)
    except CivicsightError as error:
        st.session_state[TAKEN] = error
