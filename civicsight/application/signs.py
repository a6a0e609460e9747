"""What a version of a plan does, as signs on the map: of the optimiser, or drawn by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from civicsight.application.comparing_places import draft_of
from civicsight.application.drawing_up import describe_measure, list_works, name_work
from civicsight.application.scope import home_of
from civicsight.application.today import read_side
from civicsight.core.errors import N_
from civicsight.editing.draft import Draft
from civicsight.editing.draft_costs import draft_works
from civicsight.maps.works import work_layers
from civicsight.planning.record.actions import ACTIONS
from civicsight.planning.record.documents import find_plan
from civicsight.report.plan.teller import teller_with
from civicsight.store import Actor

if TYPE_CHECKING:
    from civicsight.editing.project import Project
    from civicsight.presentation.names import Names

DRAWN: Final = {"replace": "move", "dismantle": "take_down"}
"""The action that what is done by hand is, where it is called otherwise."""


def sign_version(
    project: Project, actor: Actor, plan_id: str, number: int, names: Names
) -> list[dict[str, Any]]:
    """Draw what a version does with each camera, of those that somebody may see.

    Returns
    -------
    list of dict
        Layers as of `work_layers`; none of what stands, and none of a version that others made.

    Raises
    ------
    Denied
        If the plan is not open to him.
    """
    version = read_side(project, actor, plan_id, number)
    plan = find_plan(version.documents)
    if plan is not None:
        teller = teller_with(plan, project.result, names)
        works, cameras = list_works(plan), plan.cameras
        called = {str(label): name_work(teller, str(label)) for label in works.index}
        said = {str(row.Index): describe_measure(row) for row in works.itertuples()}
    else:
        draft = draft_of(project, version)
        if draft is None:
            return []
        works, cameras = _drawn(Draft(project.city), draft), draft.cameras
        called = {
            str(label): names.camera(str(label), name) for label, name in works["name"].items()
        }
        said = {str(row.Index): ACTIONS[str(row.action)] for row in works.itertuples()}
    works = gpd.GeoDataFrame(works[home_of(works, actor, project.city)])
    titles = {
        label: names.translate(N_("%(what)s: %(value)s", what=name, value=said[label]))
        for label, name in called.items()
    }
    return work_layers(works, titles, cameras, project.result)


def _drawn(before: Draft, after: Draft) -> gpd.GeoDataFrame:
    """Return ``action``, ``name`` and place of each camera in which a draft differs."""
    known = pd.concat([after.cameras, before.cameras])
    known = known[~known.index.duplicated()]
    measures = draft_works(before, after)["measure"].replace(DRAWN)
    action = measures[measures.isin(list(ACTIONS))].rename("action")
    rows = known.loc[action.index, ["name", "geometry"]].join(action).assign(year=np.int64(0))
    return gpd.GeoDataFrame(rows, crs=before.city.crs)
