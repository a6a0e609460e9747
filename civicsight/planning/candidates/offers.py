"""What existing cameras offer: to stay as they are, to be set anew, replaced, or connected.

References
----------
Article 7: what exists is used before anything is built. Article 14: systems of the government are
joined; others keep an interface, so that they can be.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from civicsight.coverage.findings.camera_set import PRIVATE_OWNER, needs_connection
from civicsight.coverage.findings.reuse import revive
from civicsight.coverage.matrix import at_night
from civicsight.coverage.pose.assumptions import SURE_SHIFT_M, USUAL_HEIGHT_M
from civicsight.coverage.pose.sensor_views import is_in_use
from civicsight.planning.candidates.classes import CameraClass
from civicsight.planning.candidates.sites import COLUMNS
from civicsight.planning.prices.price_table import Items

TURNABLE: Final = ("fixed", "dome", "unknown")
"""Builds that look one way, and are set by hand."""

UNUSED_LIGHT: Final = 0.0

MOUNTS: Final = {"pole": "pole", "gate": "gate", "wall": "facade"}
"""Host of a planned camera by its mount; any other is taken as a new pole."""


def standing(cameras: gpd.GeoDataFrame) -> Iterator[tuple[str, str, pd.Series]]:
    """Yield measure, label and row of the cameras in use that stand, are approved or planned.

    One that stands is kept as it is, or connected before it counts.
    """
    used = cameras[is_in_use(cameras)].sort_index()
    as_it_is = np.where(needs_connection(used), "connect", "keep")
    measures = np.where(used["status"].eq("planned"), "new", as_it_is)
    for measure, (label, camera) in zip(measures, used.iterrows(), strict=True):
        yield str(measure), str(label), camera


def camera_sites(cameras: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the sites of cameras that could be set anew or replaced, `COLUMNS` and ``height_m``.

    Broken ones that stand outdoors are among them; those of other owners and planned ones are not.
    """
    idle = revive(cameras)
    standing = cameras["status"].reindex(idle.index).ne("removed")
    own = pd.concat(
        [cameras[is_in_use(cameras)], gpd.GeoDataFrame(idle[standing.to_numpy(bool)])]
    ).sort_index()
    own = own[own["owner"].ne(PRIVATE_OWNER) & own["status"].ne("planned")]
    mount = own["mount"].where(own["mount"].isin(list(USUAL_HEIGHT_M)), "unknown")
    height = own["height_m"].fillna(mount.map(USUAL_HEIGHT_M).astype("float64"))
    facade = own["facade_deg"].astype("float64").mask(own["mount"].eq("pole"))
    rows = {
        "host": "camera",
        "host_id": own.index,
        "capacity": 1,
        "roof_m": np.nan,
        "facade_deg": facade.to_numpy(),
        "assumptions": [_assumed(camera) for _, camera in own.iterrows()],
        "height_m": height.to_numpy(),
    }
    index = pd.Index([f"camera:{label}" for label in own.index], name="site_id", dtype=object)
    table = pd.DataFrame(rows, index=index, columns=[*COLUMNS, "height_m"])
    return gpd.GeoDataFrame(table, geometry=own.geometry.to_numpy(), crs=cameras.crs)


def own_classes(cameras: gpd.GeoDataFrame) -> dict[CameraClass, pd.Index]:
    """Return the cameras that could be turned, by what their devices deliver.

    Only devices whose angle and pixels are on record: what a turned camera of unknown lens would
    see nobody knows.
    """
    kind = cameras["kind"].fillna("unknown")
    known = cameras["hfov_deg"].lt(180.0) & cameras["width_px"].notna()
    shaped = cameras["vfov_deg"].notna() | cameras["height_px"].notna()
    own = cameras[is_in_use(cameras) & kind.isin(TURNABLE) & known & shaped]
    classes: dict[CameraClass, list[str]] = {}
    for label, camera in own.sort_index().iterrows():
        classes.setdefault(_class_of(camera), []).append(str(label))
    return {kind: pd.Index(labels) for kind, labels in classes.items()}


def _class_of(camera: pd.Series) -> CameraClass:
    width, hfov = float(camera["width_px"]), float(camera["hfov_deg"])
    vfov = float(camera["vfov_deg"])
    if np.isnan(vfov):
        half = np.tan(np.radians(hfov) / 2.0) * float(camera["height_px"]) / width
        vfov = float(np.degrees(2.0 * np.arctan(half)))
    reach, light = (float(camera[name]) for name in ("reach_m", "night_reach_m"))
    reach = 120.0 if np.isnan(reach) else reach
    light = UNUSED_LIGHT if np.isnan(light) else light
    return CameraClass("own", hfov, vfov, width, 1, reach, light, 0.0, 500.0)


def _assumed(camera: pd.Series) -> tuple[str, ...]:
    names = {
        "owner_unknown": camera["owner"] not in ("government", "government_leased"),
        "height_unknown": bool(np.isnan(camera["height_m"])),
        "place_unsure": bool(camera["shift_m"] > SURE_SHIFT_M),
    }
    return tuple(name for name, holds in names.items() if holds)


def planned_host(camera: pd.Series) -> str:
    """Return what is to carry a planned camera."""
    if isinstance(camera["pole_id"], str):
        return "pole"
    return MOUNTS.get(str(camera["mount"]), "ground")


def nearest_class(camera: pd.Series, classes: tuple[CameraClass, ...]) -> CameraClass:
    """Return the class that a planned device comes closest to: its angle, then its pixels."""
    angle, width = camera["hfov_deg"], camera["width_px"]
    angle = 60.0 if np.isnan(angle) else angle
    width = 2560.0 if np.isnan(width) else width
    return min(
        classes,
        key=lambda kind: (
            abs(np.log(kind.hfov_deg * kind.heads / angle)) + abs(np.log(kind.width_px / width)),
            kind.camera_class,
        ),
    )


def items_of(measure: str, host: str, camera_class: str | None) -> Items:
    """Return the items of the price table that a measure takes, a mask aside."""
    if measure in ("keep", "reaim", "connect"):
        return ((measure, 1),)
    device = (f"device.{camera_class}", 1)
    if measure == "refurbish":
        return (("dismantle", 1), device, ("mount.camera", 1))
    if host in ("corner", "ground"):
        return (("pole", 1), device, ("mount.new_pole", 1), ("supply.new", 1))
    supply = "supply.near" if host in ("pole", "lamp", "gate") else "supply.new"
    return (device, (f"mount.{host}", 1), (supply, 1))


def lit(heads: gpd.GeoDataFrame, *, night: bool) -> gpd.GeoDataFrame:
    """Return heads as they see by day, or by their own light."""
    return at_night(heads) if night else heads
