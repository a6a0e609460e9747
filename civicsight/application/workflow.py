"""What somebody does to the plan of a project: each act asks the store for the right first.

The right is asked for at the moment of the act, whatever was shown before; what is refused is in
the audit of the store. Editing is judged as what it leads to: beginning a plan, or a version of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from civicsight.application.faults import reject
from civicsight.application.messages import plain_text
from civicsight.application.scope import home_areas, home_names, home_of
from civicsight.core.errors import InputError
from civicsight.core.settings import present_day
from civicsight.editing.commands import Command, ConfirmGate, camera_of
from civicsight.editing.draft import Draft
from civicsight.editing.project import Project
from civicsight.editing.refusals import Guard, changed_cameras
from civicsight.editing.session import PlanSession, begin, from_json
from civicsight.planning.area.districts import find_districts, name_districts
from civicsight.store import Act, Actor, Plan, Store, open_store
from civicsight.store.transactions import doing, looking

SESSION, QUESTIONS, COMMENTS = "session", "questions", "comments"
"""Documents of a version that the app wrote."""

PROJECT: Final = "project"
"""Input of a version: the project that it was drawn in."""

NO_PLAN: Final = "store.no_plan"
"""Fault of a store that has no plan of this id."""


def open_session(project: Project, actor: Actor, guard: Guard) -> PlanSession:
    """Open the plan of a project for editing, as it was saved last; a fresh one without a plan.

    Raises
    ------
    Denied
        If somebody may not read it; it is in the audit.
    InputError
        If the saved version was drawn in another state of the project.
    """
    with open_store(project.store_path, create=True) as store:
        plan = find_plan(store, project, actor)
        fresh = begin(project.city, guard, project.base, plan_id=project.plan_id)
        if plan is None:
            return fresh
        fresh = replace(fresh, revision=plan.rev)
        if not plan.version:
            return fresh
        version = store.read_version(actor, plan.plan_id)
    kept = version.documents.get(SESSION)
    if not isinstance(kept, str):
        reject("edit.other:app", where=plan.plan_id)
    return from_json(kept, project.city, guard, project.base).saved(plan.rev)


def perform(project: Project, actor: Actor, session: PlanSession, command: Command) -> PlanSession:
    """Give a command, if somebody has the right to it and the law allows it.

    Raises
    ------
    Denied
        If the role may not draw, or the camera is or would be in another district than the
        district planner's own; it is in the audit.
    Refused, RoomUseAsked, InputError
        As `PlanSession.do`.
    """
    with open_store(project.store_path, create=True) as store:
        plan = require_drawing(store, project, actor)
        command = _signed(command, actor)
        after = session.do(command)
        _require_home(store, actor, plan, session.draft, after.draft, command)
    return after


def _signed(command: Command, actor: Actor) -> Command:
    """Return a command that says, if it confirms a gate, who does so and when."""
    if isinstance(command, ConfirmGate) and not command.by:
        return replace(command, by=actor.name, on=present_day().isoformat())
    return command


def save(
    project: Project,
    actor: Actor,
    session: PlanSession,
    *,
    name: str = "",
    note: str = "",
    departments: tuple[str, ...] = (),
) -> tuple[Plan, PlanSession]:
    """Save a draft as the next version of the plan; the first save begins the plan.

    Parameters
    ----------
    project, actor, session
        Of what, by whom, and what.
    name, departments
        Of a plan that begins: what it is called, by default as the project; and who is heard.
    note
        What is new.

    Returns
    -------
    tuple
        The plan, and the session as it stands now.

    Raises
    ------
    Denied
        If somebody has no right to it, or changed a camera of another district.
    Conflict
        If somebody else changed the plan meanwhile: who and when.
    Refused, RoomUseAsked
        If anything in the draft is not lawful, however it came in.
    """
    with open_store(project.store_path, create=True) as store:
        known = require_drawing(store, project, actor)
        session.require_lawful()
        for camera_id in changed_cameras(session.drafts[0], session.draft):
            _require_district(store, actor, known, session.drafts[0], camera_id)
            _require_district(store, actor, known, session.draft, camera_id)
        if find_plan(store, project, actor) is None:
            known = store.new_plan(
                actor,
                project.plan_id,
                name=name or project.city.name,
                district=known.district,
                departments=departments,
            )
            session = replace(session, revision=known.rev)
        plan = commit_draft(store, actor, session, project.plan_id, session.revision, note)
    return plan, session.saved(plan.rev)


def visible_cameras(
    cameras: gpd.GeoDataFrame, project: Project, actor: Actor
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return the cameras that somebody may see, and how many there are elsewhere.

    Returns
    -------
    tuple
        Rows of the table; and a table ``district``, ``status``, ``count`` of those that a district
        planner sees as numbers alone, empty for all others.
    """
    mine = home_of(cameras, actor, project.city)
    rest = cameras[~mine]
    status = rest["status"].where(rest["status"].notna(), "existing")
    where = name_districts(rest.geometry, find_districts(project.city)) if len(rest) else []
    facts = pd.DataFrame({"district": where, "status": status})
    counts = facts.groupby(["district", "status"], as_index=False).size()
    return gpd.GeoDataFrame(cameras[mine]), counts.rename(columns={"size": "count"})


def find_plan(store: Store, project: Project, actor: Actor) -> Plan | None:
    """Return the plan of a project, None if nobody has begun it.

    Raises
    ------
    Denied
        If somebody may not read it; it is in the audit.
    """
    try:
        return store.plan(actor, project.plan_id)
    except InputError as error:
        if error.faults[0].code != NO_PLAN:
            raise
        return None


def require_drawing(store: Store, project: Project, actor: Actor) -> Plan:
    """Return the plan that somebody may draw, or as it would begin.

    Raises
    ------
    Denied, InputError
        If he may not, or the plan is in a state in which nobody may; it is in the audit.
    """
    plan = find_plan(store, project, actor)
    if plan is not None:
        with looking(store.database, actor, Act.COMMIT, plan.plan_id):
            return plan
    fresh = Plan(project.plan_id, "", actor.name, actor.district, (), "draft", 0, 0, "")
    with doing(store.database, actor, Act.CREATE, fresh):
        return fresh


def commit_draft(
    store: Store,
    actor: Actor,
    session: PlanSession,
    plan_id: str,
    base_rev: int,
    note: str,
    taken: Mapping[str, Any] | None = None,
) -> Plan:
    """Commit a draft as the next version of a plan; arguments as of `Store.commit_version`."""
    draft = session.draft
    layers = {"cameras": draft.cameras} | dict(draft.changed)
    said = [
        {
            "camera": q.camera_id,
            "article": q.article,
            "rule": f"{q.pack}:{q.rule}",
            "text": plain_text(q.text),
        }
        for q in session.questions
    ]
    return store.commit_version(
        actor,
        plan_id,
        base_rev=base_rev,
        layers=layers,
        documents={
            SESSION: session.to_json(),
            QUESTIONS: said,
            COMMENTS: [list(one) for one in draft.comments],
        },
        inputs={PROJECT: session.base_digest},
        note=note,
        taken=taken,
    )


def _require_home(
    store: Store, actor: Actor, plan: Plan, before: Draft, after: Draft, command: Command
) -> None:
    """Refuse a district planner what lies in another district, before the command or after it."""
    if not actor.role.is_bound:
        return
    camera_id = camera_of(command)
    for draft in (before, after):
        if camera_id:
            _require_district(store, actor, plan, draft, camera_id)
    for name, table in after.changed.items():
        if name != "cameras" and table is not before.table(name):
            was, own = before.table(name), [getattr(command, "gate_id", "")]
            fresh = table.loc[table.index.difference(was.index.difference(own))]
            gone = was.loc[was.index.difference(table.index.difference(own))]
            for rows in (fresh, gone):
                _require_rows(store, actor, plan, after, gpd.GeoDataFrame(rows))


def _require_district(store: Store, actor: Actor, plan: Plan, draft: Draft, camera_id: str) -> None:
    if actor.role.is_bound and camera_id in draft.cameras.index:
        row = gpd.GeoDataFrame(draft.cameras.loc[[camera_id]])
        _require_rows(store, actor, plan, draft, row)


def _require_rows(
    store: Store, actor: Actor, plan: Plan, draft: Draft, rows: gpd.GeoDataFrame
) -> None:
    """Refuse rows outside of the home of somebody; the store says so and keeps it."""
    home = home_names(actor, draft.base) or frozenset()
    names = np.array(name_districts(rows.geometry, home_areas(actor, draft.base)), object)
    for name in names[[name not in home or not name for name in names]]:
        # As an act on a plan of that district, which is what it would be.
        with doing(store.database, actor, Act.COMMIT, replace(plan, district=str(name))):
            pass
