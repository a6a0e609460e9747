"""What several pages draw alike: links, tables to pick from, jobs watched, files to take away."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING, Any, Final, Literal, NoReturn, TypeVar

import pandas as pd
import streamlit as st
from rich.cells import cell_len

from civicsight.application.job import Job, JobState
from civicsight.application.plans import takes_any_name
from civicsight.core.errors import N_, CivicsightError, Text
from civicsight.core.inert import inert
from civicsight.core.settings import projects_dir
from civicsight.editing.projects import begin_project
from civicsight.presentation.lexicon import number, share
from civicsight.store import NOBODY_APPOINTED, SIGNED_IN
from civicsight.ui.access.signin import may_read
from civicsight.ui.chosen import PARAMETER, work_on
from civicsight.ui.config import root_path
from civicsight.ui.errors import show_refusal, warn
from civicsight.ui.frame import Visit, Visitor
from civicsight.ui.page import Page
from civicsight.ui.pages import PAGES
from civicsight.ui.tiles import SERVED

if TYPE_CHECKING:
    from civicsight.model import City

T = TypeVar("T")

SAID: Final = "said"
"""Key of a sentence that is shown once after the page was drawn anew."""

SHOWN: Final = "shown."
"""What the keys of all states that somebody has on the screen begin with."""

SELECTED: Final = "sel"
"""Parameter of an address that names what is selected."""


def link_to(who: Visitor, code: str, label: Text, **query: str) -> None:
    """Draw a link to another page of the same visit; none where the app has no such page."""
    page = next((page for page in PAGES if page.code == code), None)
    if page is not None:
        target = _target(who, page)
        st.page_link(target, label=who.translate(label), query_params=query or None)


SIDE_PX: Final = 400

PAD_PX, SIGN_PX = 16, 7.4
"""Around the text of a cell, and of a Latin letter; a Chinese one takes two."""


def beside_map(side_px: int = SIDE_PX) -> tuple[Any, Any]:
    """Return the place of a map that fills the window, and that of the one panel beside it."""
    desk = st.container(horizontal=True, key="desk")
    return desk.container(key="ground"), desk.container(width=side_px, key="side", gap="small")


def go_on_with(
    who: Visitor, city: City, kept: Callable[[], None] | None = None, law: bytes = b""
) -> NoReturn:
    """Keep a city as a new project, and lead the visit to it; the run ends here.

    `kept` is called once it is kept; `law` is a rule pack of its own.

    Raises
    ------
    InputError
        If it has no name.
    WriteError
        If it cannot be written.
    """
    begun = begin_project(projects_dir(), city, law)
    if kept is not None:
        kept()
    lead_to(who, begun.code)


def lead_to(who: Visitor, code: str) -> NoReturn:
    """Work on a project of the folder, and lead the visit to its first page; the run ends here."""
    work_on(code)
    st.switch_page(_target(who, PAGES[0]), query_params={PARAMETER: code})


def _target(who: Visitor, page: Page) -> Any:
    """Return a page as something to lead to."""
    return st.Page(
        _nothing,
        title=who.translate(page.title),
        url_path=page.code,
        default=page.code == PAGES[0].code,
    )


def fit_px(cells: Iterable[object]) -> int:
    """Return how wide a column is that shows its heading and every cell whole [px]."""
    return PAD_PX + round(SIGN_PX * max(cell_len(str(cell)) for cell in cells))


def pick_row(
    rows: Sequence[Sequence[object]], columns: Mapping[str, int | None], key: str, *, height: int
) -> int | None:
    """Draw a table, and return the number of the row that is selected.

    Parameters
    ----------
    rows, columns
        The cells, and the width of each column [px] by heading; None is what is left.
    key
        Name of the table in the session; another one forgets the selection.
    height
        Height [px].
    """
    shown = st.dataframe(
        as_frame(rows, columns),
        hide_index=True,
        height=height,
        key=key,
        on_select="rerun",
        selection_mode="single-row",
        column_config={name: _column(width) for name, width in columns.items()},
    )
    chosen = shown["selection"]["rows"]
    return int(chosen[0]) if chosen and chosen[0] < len(rows) else None


def as_frame(rows: Sequence[Sequence[object]], columns: Iterable[str]) -> pd.DataFrame:
    """Return cells that stay text in a spreadsheet too: whoever reads a table can download it."""
    return pd.DataFrame([[inert(cell) for cell in row] for row in rows], columns=list(columns))


def table(
    rows: Sequence[Sequence[object]],
    columns: Mapping[str, int | None],
    *,
    height: int | Literal["content"] = "content",
) -> None:
    """Draw a table as high as its few rows need, or of a height [px] in which it is rolled."""
    st.dataframe(
        as_frame(rows, columns),
        hide_index=True,
        height=height,
        column_config={name: _column(width) for name, width in columns.items()},
    )


def choose(visit: Visit, label: Text, options: dict[str, str], every: Text, key: str) -> str:
    """Draw a choice among codes; the first one, an empty code, asks for nothing."""
    named = {"": visit.translate(every)} | options
    return st.selectbox(visit.translate(label), list(named), format_func=named.__getitem__, key=key)


def attempt(visit: Visitor, act: Callable[[], object], done: Text) -> None:
    """Do what somebody asked for; show why not, or draw the page anew and say that it is done."""
    try:
        act()
    except CivicsightError as error:
        show_refusal(error, visit.language)
        return
    st.session_state[SAID] = done
    for key in [key for key in st.session_state if str(key).startswith(SHOWN)]:
        del st.session_state[key]  # what was on the screen is past
    st.rerun()


def show_actor(visit: Visit) -> None:
    """Say beside an act in whose name it is done, and whether that name is verified."""
    name, how = visit.actor.name, SIGNED_IN.get(visit.actor.signed_in)
    if how is not None:
        said = [N_("%(name)s signed in %(how)s; the name is verified.", name=name, how=how)]
    else:
        said = [N_("You act as %(name)s.", name=name)]
        said += [NOBODY_APPOINTED] if takes_any_name(visit.project) else []
    for text in said:
        st.text(visit.translate(text))


@contextmanager
def step(visit: Visit, name: Text) -> Iterator[Callable[[int, int], None]]:
    """Show a step under way; what it gives is called with what is done and in all."""
    text = visit.translate(name)
    bar = st.progress(0.0, text)

    def tick(done: int, total: int) -> None:
        bar.progress(min(done / max(total, 1), 1.0), text)

    try:
        yield tick
    finally:
        bar.empty()


def as_shown(key: str, now: T) -> T:
    """Return what was on the screen when somebody acted, and keep what is there now for the next.

    A page is drawn anew with each act: without this it would act on a state that nobody has seen.
    """
    before: T = st.session_state.get(SHOWN + key, now)
    st.session_state[SHOWN + key] = now
    return before


def show_said(visit: Visitor) -> None:
    """Show once what was done before the page was drawn anew."""
    said: Text | None = st.session_state.pop(SAID, None)
    if said is None:
        return
    st.success(visit.translate(said))
    if said == Text(said.template):  # it reads Markdown: no sentence that holds names
        st.toast(visit.translate(said))  # seen wherever the page is scrolled


def _column(width: int | None) -> Any:
    return st.column_config.TextColumn(width=width)


def _nothing() -> None:
    """Stand for a page that is named by its address alone."""


POLL_S: Final = 0.5


def poll_s(job: Job | None) -> float | None:
    """Return how often a fragment looks at a job [s]; None: there is nothing to wait for."""
    return None if job is None or job.is_over else POLL_S


def show_bar(visit: Visit, job: Job, key: str) -> None:
    """Show how far a job is and how long it will take, and offer to cancel it."""
    stage, left = visit.translate(job.at.stage), job.eta_s
    if left is not None:
        values = {"stage": stage, "share": share(job.at.share), "left": number(left)}
        stage = visit.translate(N_("%(stage)s: %(share)s, about %(left)s s left", **values))
    st.progress(min(job.at.share, 1.0), stage)
    st.button(visit.translate(N_("Cancel the computation")), key=key, on_click=job.cancel)


def show_failure(visit: Visit, job: Job, key: str) -> None:
    """Say that a job was cancelled, or why it failed; nothing of one that is done."""
    if job.state is JobState.CANCELLED:
        st.info(visit.translate(N_("The computation was cancelled; nothing was changed.")))
    for n, reason in enumerate(job.reasons):
        warn(visit.translate(reason), f"{key}-{n}")


DOWNLOAD: Final = N_("Download")


def link_to_file(visit: Visitor, name: str, content: bytes, told: Text = DOWNLOAD) -> str:
    """Return a link to a file that asks the right of who follows it, and soon expires.

    The server's own button would hand the file to whoever has its address, signed in or not.
    """
    digest = sha256(name.encode() + content).hexdigest()
    path = SERVED.offer("output", digest, (name, content), visit.actor.name, may_read(visit.actor))
    address = escape(root_path() + path, quote=True)
    label = escape(visit.translate(told))
    return f'<a class="civicsight-download" href="{address}" download="{escape(name)}">{label}</a>'
