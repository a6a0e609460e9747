"""How exposed cameras could be cleared: who sees what is private, and the least that ends it."""

from __future__ import annotations

import math
from typing import Any, Final

import pandas as pd

from civicsight.core.errors import N_, Text
from civicsight.core.progress import Progress
from civicsight.coverage.privacy.look import WallPoints
from civicsight.coverage.privacy.remediation import LEVERS, Change, Clearance, find_clearance
from civicsight.planning.judging.dossier import Dossier

COLUMNS: Final[dict[str, Text]] = {
    "sure_m2": N_("Private wall seen for sure [m2]"),
    "possible_m2": N_("Private wall that could be seen [m2]"),
    "before_m2": N_("The same without masks [m2]"),
    "places": N_("Buildings"),
    "pan_deg": N_("Turn it by, clockwise [deg]"),
    "tilt_deg": N_("Tilt it down by [deg]"),
    "zoom_deg": N_("Narrow its field of view by [deg]"),
    "lower_m": N_("Hang it lower by [m]"),
    "change_lost": N_("Required coverage that the best of these takes"),
    "mask_plan": N_("Mask of its picture, from 0 to 1"),
    "mask_lost": N_("Required coverage that the mask takes"),
    "mask_parts": N_("Gates and key parts that the mask uncovers"),
    "note": N_("Note"),
}
"""Columns of a table of exposed cameras, for a person."""

SHOWN: Final = {"pan": "pan_deg", "tilt": "tilt_deg", "zoom": "zoom_deg", "height": "lower_m"}
"""Column of each lever; what makes something less is given as the amount taken away."""

TAKEN_AWAY: Final = ("zoom", "height")

MOST_PLACES: Final = 5


def clear_exposed(dossier: Dossier, *, progress: Progress | None = None) -> pd.DataFrame:
    """Find for every exposed camera the smallest changes that clear it, and a mask.

    Parameters
    ----------
    dossier
        What was checked. A camera is exposed if it could see more private wall than the packs
        allow (``private_view_area``), at the density from which they count it.
    progress
        Called with cameras done and in all.

    Returns
    -------
    DataFrame
        Columns `COLUMNS` by ``camera_id``, the most exposed first. A change that no lever gives is
        NaN. ``change_lost`` and ``mask_lost`` are weights of samples, metres of gate and square
        metres of area together.
    """
    allowed = dossier.rules.value("private_view_area")
    density = dossier.rules.value("private_view_density")
    exposed = dossier.exposed
    exposed = exposed[exposed["possible_m2"].gt(allowed) | exposed["before_m2"].gt(allowed)]
    exposed = exposed.sort_values("before_m2", ascending=False, kind="stable")
    hits = dossier.exposure.hits()
    walls = WallPoints(dossier.private.facades, dossier.scenes["possible"])
    rows = {}
    for done, (label, areas) in enumerate(exposed.iterrows(), start=1):
        mine = hits[hits["camera_id"].eq(label)].nlargest(MOST_PLACES, "area_m2")
        found = find_clearance(
            str(label),
            dossier.result,
            dossier.scenes,
            dossier.private.facades,
            density_px_m=density,
            area_m2=allowed,
            walls=walls,
        )
        rows[str(label)] = _row(areas, mine["building_id"].tolist(), found)
        if progress is not None:
            progress(done, len(exposed))
    table = pd.DataFrame.from_dict(rows, orient="index", columns=list(COLUMNS))
    return table.rename_axis("camera_id")


def _row(areas: pd.Series, places: list[str], found: Clearance) -> dict[str, Any]:
    amounts = {SHOWN[name]: math.nan for name in LEVERS}
    amounts |= {SHOWN[change.lever]: _amount(change) for change in found.changes}
    best = found.changes[0].cost.lost if found.changes else math.nan
    cost = found.mask_cost
    return {
        "sure_m2": round(float(areas["sure_m2"]), 2),
        "possible_m2": round(float(areas["possible_m2"]), 2),
        "before_m2": round(float(areas["before_m2"]), 2),
        "places": ", ".join(map(str, places)),
        **amounts,
        "change_lost": round(best, 2),
        "mask_plan": found.mask,
        "mask_lost": math.nan if cost is None else round(cost.lost, 2),
        "mask_parts": "" if cost is None else ", ".join(cost.parts_failed),
        "note": found.reason,
    }


def _amount(change: Change) -> float:
    """Return by how much to change, as a person sets it."""
    amount = -change.amount if change.lever in TAKEN_AWAY else change.amount
    return round(amount, 2)
