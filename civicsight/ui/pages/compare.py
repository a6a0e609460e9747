"""Page: two versions of a plan side by side: figures, money, and every row that differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from civicsight.application.comparing import (
    WHAT,
    Compared,
    compare_versions,
    describe_change,
    list_versions,
)
from civicsight.application.comparing_places import compare_places
from civicsight.application.coverage_difference import see_version
from civicsight.application.plans import list_plans
from civicsight.application.signs import sign_version
from civicsight.application.today import is_today, today_of
from civicsight.core.errors import N_, Text
from civicsight.core.figure import Unit, keyed
from civicsight.maps.events import EDITED
from civicsight.maps.swipe import on_side
from civicsight.maps.works import WORKS
from civicsight.planning.record.actions import ACTIONS
from civicsight.planning.statement.difference import Difference
from civicsight.presentation.lexicon import number
from civicsight.report.plan.frontier import in_yuan
from civicsight.report.plan.funding import NO_DISTRICT
from civicsight.store import VersionHead
from civicsight.ui.bringing_back import draw_returned
from civicsight.ui.comparing import list_places
from civicsight.ui.elements import beside_map, link_to, pick_row, step, table
from civicsight.ui.frame import Visit, empty
from civicsight.ui.mapview import project_names, show_project
from civicsight.ui.plan_drawn import sign_list

if TYPE_CHECKING:
    import pandas as pd

    from civicsight.coverage.raster import CoverageRaster
    from civicsight.editing.project import Project
    from civicsight.presentation.names import Names
    from civicsight.store import Actor

HEIGHT: Final = 330
WIDTHS: Final = (110, 300, 200, 320, 320)
MAP: Final = "compare.map"
MAP_PX: Final = 480
SIDE_PX: Final = 580
"""Width of the table of places."""
KEPT: Final = 6
"""So many pictures of coverage are kept for everybody."""


def render(visit: Visit) -> None:
    """Draw the choice of two versions and what differs between them."""
    plans = [plan for plan in list_plans(visit.project, visit.actor) if plan.version]
    if not plans:
        empty(
            visit,
            N_("There is no version of a plan to compare yet."),
            N_(
                "Each saved draft and each kept plan is a version, to be compared with another one "
                "or with today."
            ),
        )
        return
    draw_returned(visit)
    names = {plan.plan_id: plan.name for plan in plans}
    left, middle, right = st.columns(3)
    with left:
        plan_id = st.selectbox(
            visit.translate(N_("Plan")), list(names), format_func=names.__getitem__
        )
    versions = list_versions(visit.project, visit.actor, plan_id)
    headings = {heading.n: heading for heading in (today_of(visit.project, plan_id), *versions)}
    latest = len(headings) - 1
    with middle:
        before = _version(visit, N_("Before"), headings, latest - 1, f"compare.one.{plan_id}")
    with right:
        after = _version(visit, N_("After"), headings, latest, f"compare.two.{plan_id}")
    found = compare_versions(visit.project, visit.actor, plan_id, before, after)
    if found.is_empty:
        st.success(visit.translate(N_("Nothing differs.")))
        return
    for name in found.inputs:
        st.text(visit.translate(N_("made from another state of: %(name)s", name=name)))
    if found.plans is not None:
        _plans(visit, found.plans)
    _beside_map(visit, headings[before], headings[after])
    _changes(visit, found)


def _beside_map(visit: Visit, *pair: VersionHead) -> None:
    """Draw the places that differ beside the map; the one that is selected is marked there."""
    places = _places(visit, *pair)
    seen = st.toggle(
        visit.translate(N_("Show on the map what the cameras of each see")), key="compare.seen"
    )
    ground, side = beside_map(SIDE_PX)
    with side:
        group = list_places(visit, places, since_today=is_today(pair[0]))
    with ground:
        runs = _pictures(visit, *pair) if seen else None
        signs = [_signs(visit, head) for head in pair]
        if any(signs):
            st.html(sign_list(visit, _counts(signs)))
        layers = [*on_side(signs[0], "left"), *on_side(signs[1], "right")]
        group = group | {"layers": [*layers, *group["layers"]]}
        called = (_called(visit, pair[0]), _called(visit, pair[1]))
        names = called if runs or layers else ("", "")
        show_project(visit, MAP, group=group, height=MAP_PX, runs=runs, names=names)


def _signs(visit: Visit, head: VersionHead) -> list[dict[str, Any]]:
    """Return what a version does as signs, computed once a project, version, right and language."""
    actor, project = visit.actor, visit.project
    told = (project.digest, actor.role, actor.district, head.plan_id, head.digest, visit.language)
    names = project_names(project.digest, project.result, visit.language)
    return find_signs("|".join(told), project, actor, head, names)


def _counts(signs: Sequence[Sequence[Mapping[str, Any]]]) -> dict[str, str]:
    """Return by action how many signs there are on the left and on the right of the line."""
    sides = [{one["key"]: len(one["data"]["ids"]) for one in own} for own in signs]
    found = {kind: [side.get(f"{EDITED}{WORKS}_{kind}", 0) for side in sides] for kind in ACTIONS}
    return {
        kind: f"{keyed(f'earlier.works.action.{kind}.cameras', number(one))} → "
        f"{keyed(f'works.action.{kind}.cameras', number(two))}"
        for kind, (one, two) in found.items()
        if one or two
    }


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def find_signs(
    key: str, _project: Project, _actor: Actor, _head: VersionHead, _names: Names
) -> list[dict[str, Any]]:
    """Draw what a version does, once for each key."""
    del key
    return sign_version(_project, _actor, _head.plan_id, _head.n, _names)


def _places(visit: Visit, one: VersionHead, two: VersionHead) -> pd.DataFrame | None:
    """Return how places stand in two versions, computed once a project, pair and right."""
    actor, project = visit.actor, visit.project
    told = (project.digest, actor.role, actor.district, one.digest, two.digest)
    with st.spinner(visit.translate(N_("Comparing place by place"))):
        return find_places("|".join(told), project, actor, one, two)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def find_places(
    key: str, _project: Project, _actor: Actor, _one: VersionHead, _two: VersionHead
) -> pd.DataFrame | None:
    """Compare two versions of a plan place by place, once for each key."""
    del key
    return compare_places(_project, _actor, _one.plan_id, _one.n, _two.n)


def _pictures(visit: Visit, *pair: VersionHead) -> dict[str, CoverageRaster] | None:
    """Return what two versions see, between which a line parts the map; None if it is not open."""
    runs = {}
    for head in pair:
        actor = visit.actor
        told = (visit.project.digest, actor.role, actor.district, head.digest)
        kept = find_shelf("|".join(told))
        if not kept:
            with step(visit, N_("Looking through every camera")) as tick:
                kept.append(see_version(visit.project, actor, head.plan_id, head.n, tick))
        picture = kept[0]
        if picture is None:
            st.info(visit.translate(N_("What they see together is not open to you, or not kept.")))
            return None
        runs[f"{visit.project.digest}{head.digest}{head.n}"] = picture
    return runs


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def find_shelf(key: str) -> list[CoverageRaster | None]:
    """Return where a picture is kept: progress cannot be shown inside of what is cached."""
    del key
    return []


def _version(visit: Visit, label: Text, heads: dict[int, VersionHead], at: int, key: str) -> int:
    told = {
        n: " · ".join(filter(None, (str(n), head.author, head.created_at[:10], head.note)))
        for n, head in heads.items()
    }
    told |= {n: _called(visit, head) for n, head in heads.items() if is_today(head)}
    return st.selectbox(
        visit.translate(label), list(heads), at, format_func=told.__getitem__, key=key
    )


def _called(visit: Visit, head: VersionHead) -> str:
    if is_today(head):
        return visit.translate(N_("today, as it stands"))
    return visit.translate(N_("version %(number)s", number=head.n))


def _plans(visit: Visit, found: Difference) -> None:
    """Show the figures of two optimised plans as cards, and the money by year and district."""
    with st.container(horizontal=True):
        for old, new in found.figures.values():
            label = in_yuan(new.label) if new.unit is Unit.YUAN else new.label
            st.metric(visit.translate(label), f"{old} → {new}")
    headings = (
        N_("Year"),
        N_("District"),
        N_("Works before [yuan]"),
        N_("Works after [yuan]"),
        N_("Change [yuan]"),
    )
    rows = []
    for row in found.money.itertuples():
        key = f"works.year_district.{row.year}/{row.district}.cost_yuan"
        # The sign of print: before a hyphen a table puts an apostrophe, as it may begin a formula.
        change = number(row.change).replace("-", "\N{MINUS SIGN}")
        sums = (
            keyed(f"earlier.{key}", number(row.before)),
            keyed(key, number(row.after)),
            keyed(f"compared.{key}", change),
        )
        rows.append((str(row.year), row.district or visit.translate(NO_DISTRICT), *sums))
    if rows:
        table(rows, dict.fromkeys((visit.translate(heading) for heading in headings), None))


def _changes(visit: Visit, found: Compared) -> None:
    """List every value that differs; a camera leads to the map."""
    counts = Counter(change.what for change in found.changes)
    told = [
        visit.translate(N_("%(what)s: %(value)s", what=WHAT[what], value=counts[what]))
        for what in WHAT
        if counts[what]
    ]
    values = sum(one.is_value for one in found.changes)
    if values:
        told.append(visit.translate(N_("values that differ: %(count)s", count=number(values))))
    st.text(" · ".join(told))
    headings = (N_("Layer"), N_("Name"), N_("What"), N_("Before"), N_("After"))
    names = project_names(visit.project.digest, visit.project.result, visit.language)
    rows = [describe_change(one, names, visit.translate) for one in found.changes]
    columns = dict(zip(map(visit.translate, headings), WIDTHS, strict=True))
    picked = pick_row(rows, columns, "compare.changes", height=HEIGHT)
    if picked is not None:
        link_to(visit, "plan", N_("Show it on the map"), sel=found.changes[picked].row_id)
