"""Page: what the data lack, and the files that planners bring in."""

from __future__ import annotations

from typing import Final

import streamlit as st

from civicsight.core.errors import N_
from civicsight.core.i18n import Language, translate
from civicsight.editing.project import Project
from civicsight.ui.bringing import bring_in, may_bring_in
from civicsight.ui.elements import table
from civicsight.ui.frame import Visit
from civicsight.ui.services.intake import quality_rows

KEPT: Final = 8
WIDTHS: Final = (90, 330, 80, 70, 370, 370)


def render(visit: Visit) -> None:
    """Draw what brings files in, for whom may, and below it what the data lack."""
    if may_bring_in(visit):
        bring_in(visit)
    else:
        text = N_(
            "Files are brought in by a municipal planner: on this page, or with 'civicsight "
            "import' on the command line."
        )
        st.info(visit.say(text))
    _show_lacks(visit)


def _show_lacks(visit: Visit) -> None:
    heads = (N_("Layer"), N_("What is lacking"), N_("Rows"), N_("Share"), N_("What follows"),
             N_("What would lift it"))  # fmt: skip
    rows = find_quality(visit.project.digest, visit.language, visit.project)
    if rows:
        columns = {visit.say(head): px for head, px in zip(heads, WIDTHS, strict=True)}
        table(rows, columns)
    else:
        st.success(visit.say(N_("The data lack nothing that a finding would need.")))


@st.cache_data(max_entries=KEPT, show_spinner=False)
def find_quality(digest: str, language: Language, _project: Project) -> list[tuple[str, ...]]:
    """Find what the data lack, once a project and language."""
    del digest
    return quality_rows(_project.city, _project.rules, lambda text: translate(text, language))
