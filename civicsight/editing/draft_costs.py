"""What a draft drawn by hand costs, by the price table that the optimiser pays by."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
import shapely

from civicsight.core.errors import N_, Text
from civicsight.core.keyed_difference import is_same
from civicsight.editing.draft import Draft
from civicsight.editing.refusals import changed_cameras
from civicsight.planning.candidates.classes import CameraClass, read_classes
from civicsight.planning.candidates.offers import items_of, nearest_class, planned_host
from civicsight.planning.prices.price_table import Items, Prices

DEVICE: Final = ("kind", "hfov_deg", "vfov_deg", "width_px", "height_px", "lens", "reach_m")
POSE: Final = ("azimuth_deg", "tilt_deg", "height_m")
ELSEWHERE_M: Final = 0.5
"""Moved by more, a camera hangs on something else [m]."""

MEASURES: Final[dict[str, Text]] = {
    "new": N_("Build new"),
    "refurbish": N_("Replace the device in its place"),
    "move": N_("Take down and put up elsewhere"),
    "replace": N_("Take down and build another elsewhere"),
    "reaim": N_("Re-aim and record"),
    "dismantle": N_("Take an old device down"),
    "record": N_("Correct the record alone"),
}
"""What is done to a camera of a draft, in the order in which it is listed."""


def draft_works(before: Draft, after: Draft) -> pd.DataFrame:
    """Return what is done to each camera in which a draft differs from what stands.

    Parameters
    ----------
    before, after
        What stands, and the draft.

    Returns
    -------
    DataFrame
        By camera: ``measure`` (a key of `MEASURES`), ``device`` (the neutral class nearest to what
        was drawn, empty where none is bought), ``host`` (what is to carry it, empty where it stays
        where it is) and ``items`` of the price table. A planned camera that is given up has no row.
    """
    classes = read_classes()
    rows = {}
    for label in changed_cameras(before, after):
        old, new = _standing(before, label), _standing(after, label)
        found = _measure(old, new)
        if found:
            camera = old if new is None else new
            host = _host(camera) if found in ("new", "move", "replace") else ""
            items, device = _items(found, host, camera, classes)
            rows[label] = (found, device, host, items)
    columns = ["measure", "device", "host", "items"]
    return pd.DataFrame.from_dict(rows, "index", columns=columns, dtype=object)


def draft_costs(before: Draft, after: Draft, prices: Prices) -> pd.DataFrame:
    """Price each camera in which a draft differs from what stands.

    Parameters
    ----------
    before, after
        As of `draft_works`.
    prices
        Price table.

    Returns
    -------
    DataFrame
        By camera: ``measure`` and ``device`` of `draft_works`, and ``yuan`` (investment, without
        the yearly cost).
    """
    works = draft_works(before, after)
    yuan = [prices.cost_yuan(items) for items in works["items"]]
    return works[["measure", "device"]].assign(yuan=yuan)


def _standing(draft: Draft, label: str) -> pd.Series | None:
    """Return a camera of a draft; None where it is not in it, or is removed."""
    cameras = draft.cameras
    if label not in cameras.index or cameras.loc[label, "status"] == "removed":
        return None
    return cameras.loc[label]


def _measure(old: pd.Series | None, new: pd.Series | None) -> str:
    """Return what is done to a camera; empty where nothing is."""
    if old is None or not bool(pd.isna(old["status"]) or old["status"] == "existing"):
        return "" if new is None else "new"
    if new is None:
        return "dismantle"
    if shapely.distance(old["geometry"], new["geometry"]) > ELSEWHERE_M:
        return "replace" if _differ(old, new, DEVICE) else "move"
    if _differ(old, new, DEVICE):
        return "refurbish"
    return "reaim" if _differ(old, new, POSE) else "record"


def _differ(old: pd.Series, new: pd.Series, names: tuple[str, ...]) -> bool:
    known = [name for name in names if name in old.index and name in new.index]
    return any(not is_same(old[name], new[name]) for name in known)


def _items(
    measure: str, host: str, camera: pd.Series, classes: tuple[CameraClass, ...]
) -> tuple[Items, str]:
    """Return what a measure takes of the price table, and the class of device that it buys."""
    if measure == "record":
        return (), ""
    if measure in ("reaim", "dismantle"):
        return ((measure, 1),), ""
    device = nearest_class(camera, classes).camera_class
    if measure == "refurbish":
        return items_of("refurbish", "", device), device
    works = items_of("new", host, device)
    if measure == "new":
        return works, device
    if measure == "replace":
        return (("dismantle", 1), *works), device
    carried = tuple(item for item in works if not item[0].startswith("device."))
    return (("dismantle", 1), *carried), ""


def _host(camera: pd.Series) -> str:
    """Return what is to carry a camera; a pole that is not on record has to be built."""
    host = planned_host(camera)
    return "ground" if host == "pole" and not isinstance(camera["pole_id"], str) else host


def sum_costs(costs: pd.DataFrame) -> pd.DataFrame:
    """Return ``count`` and ``yuan`` by measure, in the order of `MEASURES`."""
    groups = costs.groupby("measure")["yuan"].agg(["size", "sum"])
    ordered = groups.reindex([name for name in MEASURES if name in groups.index])
    return ordered.rename(columns={"size": "count", "sum": "yuan"}).astype(np.int64)
