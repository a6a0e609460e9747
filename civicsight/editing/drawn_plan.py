"""What was drawn by hand as a plan: the measures, bill and parts that papers and works ask for.

A version drawn by hand goes the way of any other: departments are asked about its points, and its
works are followed. What an optimiser would add is not in it: nothing is proved of its cost.
"""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from civicsight.core.settings import present_day
from civicsight.editing.draft import Draft
from civicsight.editing.draft_costs import draft_works
from civicsight.editing.edit_context import EditContext
from civicsight.editing.gap_changes import judge_parts
from civicsight.model import CAMERAS, MEASURES, READINGS
from civicsight.planning.area.districts import district_names
from civicsight.planning.judging.secrecy import count_hidden
from civicsight.planning.prices.price_table import Prices
from civicsight.planning.record.digests import input_digests
from civicsight.planning.record.plan import (
    BILL,
    CHECKED_ON,
    CURVE,
    PART_COLUMNS,
    PRICES,
    Goal,
    Plan,
    Proof,
    no_rows,
)
from civicsight.planning.solver.outcome import Status
from civicsight.planning.statement.figures import before_of

SURE: Final = READINGS[0]

KIND_OF: Final = {
    "new": "new", "refurbish": "refurbish", "move": "new", "replace": "new", "reaim": "reaim",
    "dismantle": "drop", "record": "keep",
}  # fmt: skip
"""Measures of a plan by those of a draft. A camera on another mount is built anew; its bill says
what is taken down for it."""


def plan_of_draft(draft: Draft, edit_context: EditContext, prices: Prices, year: int) -> Plan:
    """Return what a draft asks to be built, changed and taken down, as a plan.

    Parameters
    ----------
    draft
        What was drawn.
    edit_context
        Of the project in which it was drawn.
    prices
        Price table.
    year
        Year in which all of it is due: a draft names none.

    Notes
    -----
    Its proof claims nothing: no plan costs less than nothing. It has no terms of what cameras cost
    a year, so that it costs what the sheet of the decision says.
    """
    before, city = Draft(draft.base), draft.base
    result = edit_context.result
    hidden = count_hidden(city, result.cameras, result.rules)
    works = draft_works(before, draft)
    stays = draft.cameras[draft.cameras["status"].ne("removed")]
    planned = before.cameras["status"].eq("planned")
    given_up = before.cameras.index[planned].difference(stays.index).difference(works.index)
    rest = stays.index.difference(works.index)
    gone = before.cameras.loc[before.cameras.index.difference(stays.index)]
    cameras = gpd.GeoDataFrame(pd.concat([stays, gone]) if len(gone) else stays)
    done = pd.concat(
        [
            works,
            pd.DataFrame({"measure": "record", "host": ""}, index=rest),
            pd.DataFrame({"measure": "dismantle", "host": ""}, index=given_up),
        ]
    )
    own = cameras.loc[done.index]
    bill = _bill(works, prices)
    cost = bill.groupby("camera_id")["cost_yuan"].sum().reindex(done.index).fillna(0.0)
    serves = _serves(draft, edit_context).reindex(done.index)
    measures = gpd.GeoDataFrame(
        {
            "measure": done["measure"].map(KIND_OF),
            "camera_class": done["device"].where(done["device"].ne(""), None),
            "host": done["host"].where(done["host"].ne(""), "camera"),
            **{
                name: own[name].astype(float)
                for name in ("height_m", "azimuth_deg", "tilt_deg", "hfov_deg")
            },
            "cost_yuan": cost,
            "saved_yuan": 0.0,
            "new_site": done["host"].isin(["ground", "corner"]),
            "year": np.where(done.index.isin(works.index), year, 0),
            "district": district_names(own.geometry, city),
            "serves": serves["serves"].fillna(0.0),
            "alone": serves["alone"].fillna(0.0),
            "parts": [parts if isinstance(parts, list) else [] for parts in serves["parts"]],
            "assumptions": [[] for _ in done.index],
        },
        geometry=own.geometry,
        crs=city.crs,
    )
    changed = stays.loc[stays.index.intersection(works.index)]
    value = float(cost.sum())
    was, places = before_of(edit_context.result)
    return Plan(
        measures=gpd.GeoDataFrame(MEASURES.complete(measures.rename_axis(MEASURES.index))),
        cameras=gpd.GeoDataFrame(CAMERAS.complete(gpd.GeoDataFrame(changed))).sort_index(),
        bill=bill,
        parts=_parts(draft, edit_context),
        ledger=no_rows(("camera_id", "instead", "saved_yuan", "parts", "alone")),
        unreachable=no_rows(("part_id", "samples", "weight", "reason")),
        forbidden=no_rows(("measure", "host", "article", "reason", "count")),
        barred=no_rows(("camera_id", "article", "reason", "area_m2")),
        slider=no_rows(("share", "cost_yuan", "bound_yuan")),
        alternatives=no_rows(("number", "cost_yuan", "differs")),
        history=no_rows(("seconds", "steps", "value", "bound", "stage")),
        proof=Proof(Goal.CHEAPEST, Status.FEASIBLE, value, 0.0, 0.0, 0, 0),
        parameters={"years": [year], "hidden": hidden, CHECKED_ON: present_day().isoformat()},
        before=was,
        places_before=places,
        inputs=input_digests(edit_context.result) | {PRICES: prices.digest},
        files={},
        curve=no_rows(CURVE),
    )


def _bill(works: pd.DataFrame, prices: Prices) -> pd.DataFrame:
    """Return a line for each camera and item of work."""
    table = prices.table
    lines = [
        (
            label,
            item,
            float(count),
            table.loc[item, "unit"],
            float(table.loc[item, "price_yuan"]),
            float(count * table.loc[item, "price_yuan"]),
            table.loc[item, "source"],
            table.loc[item, "date"],
        )
        for label, items in works["items"].items()
        for item, count in items
    ]
    return pd.DataFrame(lines, columns=list(BILL)).astype({"cost_yuan": float})


def _serves(draft: Draft, edit_context: EditContext) -> pd.DataFrame:
    """Return what each camera of a draft meets for sure: ``serves``, ``alone`` and ``parts``."""
    samples = edit_context.standing(draft).samples
    matrix = edit_context.matrices(draft)[SURE]
    parts = edit_context.standing(draft).parts
    part = samples["part_id"].to_numpy(object)
    counted = samples["part_id"].isin(parts.index).to_numpy()
    weight = np.where(counted, samples["weight"].to_numpy(np.float64), 0.0)
    k = parts["k"].reindex(part).fillna(1).to_numpy(np.int64)
    met = csr_array(matrix.meets(samples))
    needed = np.asarray(met.sum(axis=0)).ravel() <= k
    columns = [met.indices[slice(*met.indptr[row : row + 2])] for row in range(met.shape[0])]
    return pd.DataFrame(
        {
            "serves": [float(weight[own].sum()) for own in columns],
            "alone": [float(weight[own[needed[own]]].sum()) for own in columns],
            "parts": [sorted(map(str, {*part[own[counted[own]]]})) for own in columns],
        },
        index=matrix.camera_ids,
    )


def _parts(draft: Draft, edit_context: EditContext) -> pd.DataFrame:
    """Return what became of each part, columns `PART_COLUMNS`, as far as the draft asks for it."""
    was = edit_context.result.part_status
    standing = edit_context.standing(draft)
    now = judge_parts(draft, edit_context, standing.parts.index)
    known = standing.parts.loc[now.index]
    frame = pd.DataFrame(known[["zone_id", "item", "kind"]]).rename_axis("part_id")
    return frame.assign(
        district=district_names(known.geometry, draft.base),
        weight=now["weight"],
        required=now["required"],
        status_before=was["status"].reindex(now.index).fillna("gap"),
        status_after=now["status"],
        share_before=was["fraction_sure"].reindex(now.index).fillna(0.0),
        share_after=now["fraction_sure"],
    )[list(PART_COLUMNS)]
