"""What a plan does with a camera, in the one division that every count, list and map has.

A table of measures says ``drop`` of all that a plan gives up: a camera that was planned and is not
built, one that stands and breaks the law, one that another replaces. Those are different things for
whoever has to do them, so that each has an action, a name and a sign of its own.

References
----------
Article 9 of the Measures: what looks into a private place is masked or turned away, what stands
inside of one is taken down.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from civicsight.core.errors import N_, Text

if TYPE_CHECKING:
    from civicsight.planning.record.plan import Plan

MEASURE_LABELS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "keep": N_("Keep as it is"),
        "reaim": N_("Re-aim and record"),
        "refurbish": N_("Replace the device in its place"),
        "connect": N_("Connect to the shared network"),
        "new": N_("Build new"),
        "drop": N_("Drop from the plan"),
    }
)
"""What each kind of measure of a table is called."""

MASK, MOVE, TAKE_DOWN, DROP = GIVING_UP = ("mask", "move", "take_down", "drop")
"""Mask a picture, turn or move a camera away, take one down, not build a planned one."""

ACTIONS: Final[Mapping[str, Text]] = MappingProxyType(
    {name: label for name, label in MEASURE_LABELS.items() if name != DROP}
    | {
        MASK: N_("Mask its picture"),
        MOVE: N_("Turn it away or move it"),
        TAKE_DOWN: N_("Take it down"),
        DROP: MEASURE_LABELS[DROP],
    }
)
"""What each action is called, from what stays to what is not built after all."""

CHANGES: Final[Mapping[str, tuple[Text, tuple[str, ...]]]] = MappingProxyType(
    {
        "built": (N_("built"), ("new",)),
        "changed": (N_("changed"), ("reaim", "refurbish", "connect", MASK)),
        "given_up": (N_("given up"), (MOVE, TAKE_DOWN, DROP)),
    }
)
"""What becomes of a camera: the actions that build one, change one that stands, give one up."""

OF_BREACH: Final[Mapping[str, str]] = MappingProxyType(
    {"inside": TAKE_DOWN, "sight": MASK, "door": MOVE, "consent": MOVE}
)
"""The least that ends a breach, by its reason (`candidates.model.REASONS`)."""


def actions_of(plan: Plan) -> pd.Series:
    """Return the action of each camera of a plan, keys of `ACTIONS`.

    A camera that breaks the law and that the plan does not use gets the least that ends the breach:
    a mask where one does, else to be turned or moved away, and to be taken down where it stands
    inside of a private place. A camera whose only work is a mask is masked, and not re-aimed.
    """
    measures, items = plan.measures, plan.bill["item"]
    works = pd.Series(items.to_numpy(object), plan.bill["camera_id"].to_numpy(object))
    of_mask = works.eq(MASK)
    only_masked = measures.index.isin(works.index[of_mask].difference(works.index[~of_mask]))
    is_drop, is_done = measures["measure"].eq(DROP), measures["year"].gt(0)
    ends = measures["article"].notna()
    # By camera the most of what its breaches ask for.
    barred = plan.barred
    asked = barred["reason"].map(OF_BREACH).fillna(MOVE).astype(object)
    if "maskable" in barred:
        asked = asked.mask(asked.eq(MASK) & ~barred["maskable"].astype(bool), MOVE)
    rank = asked.map(GIVING_UP.index).groupby(barred["camera_id"]).max()
    remedies = {str(label): GIVING_UP[number] for label, number in rank.items()}
    remedy = pd.Series(measures.index.map(remedies.get), measures.index, dtype=object)
    action = np.select(
        [
            is_drop & is_done & ends,
            is_drop & is_done,
            measures["measure"].eq("reaim") & only_masked,
        ],
        [remedy.fillna(MOVE), TAKE_DOWN, MASK],
        measures["measure"],
    )
    return pd.Series(action, measures.index, dtype=object, name="action")


def done_in(plan: Plan) -> gpd.GeoDataFrame:
    """Return the measures of a plan with their ``action``."""
    return gpd.GeoDataFrame(plan.measures.assign(action=actions_of(plan)))


def describe_action(action: str, article: Any = None) -> Text:
    """Name what is done with a camera, with the article of the law behind it where there is one."""
    if action in GIVING_UP[:-1] and isinstance(article, str):
        return N_("%(action)s: Article %(article)s", action=ACTIONS[action], article=article)
    return ACTIONS[action]
