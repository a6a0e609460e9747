"""What a planned camera has to deliver, and nothing about who makes it.

A tender may ask for performance alone. Each row follows from the geometry of the plan: the pixels
that the weakest of the samples it is credited with still needs, what else the capture profile of
its part asks of the view, the reach of its own light where views count at night, the interface and
the protection that standards name.

References
----------
GB/T 28181-2022, GB 35114-2017 and IEC 60529 are named as what to ask for; their clauses are not
restated. The class of protection is this project's assumption for street use.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from civicsight.core.errors import N_, MismatchError, Text
from civicsight.coverage.result import CheckResult
from civicsight.model import NEED
from civicsight.rules.criteria import Need

PIXEL_STEP: Final = 16
"""Sensors come in widths of whole macroblocks; a requirement is rounded up to one."""

FEWEST_PRODUCTS: Final = 3
"""A specification that fewer products satisfy may designate one (assumption of the project)."""

CREDITED: Final = "assumed"
"""Reading in which a planned camera is credited: as the plan draws it."""

COLUMNS: Final[dict[str, Text]] = {
    "status": N_("State in the plan"),
    "kind": N_("Build of the camera"),
    "height_m": N_("Height of the lens above the ground"),
    "azimuth_deg": N_("Direction of view, clockwise from grid north"),
    "tilt_deg": N_("Angle of view below the horizontal"),
    "hfov_deg": N_("Horizontal field of view"),
    "width_px_least": N_("Horizontal pixels, at least"),
    "need_px_m": N_("Pixel density asked for"),
    "distance_m": N_("Distance at which it is asked for"),
    "profile": N_("Capture quality asked for"),
    "target_height_m": N_("Height of what has to be made out above the ground"),
    "max_tilt_deg": N_("Greatest angle of view below the horizontal"),
    "max_yaw_deg": N_("Greatest angle off the direction of walking"),
    "min_time_share": N_("Share of time for which a tour has to hold it"),
    "light_m": N_("Range of its own light, at least"),
    "interface": N_("Interface"),
    "security": N_("Security of signalling and media"),
    "protection": N_("Protection of the housing, outdoors"),
    "samples": N_("Sample points that it is credited with"),
}
"""Columns of a specification, for a person."""

INTERFACE, SECURITY, PROTECTION = "GB/T 28181-2022", "GB 35114-2017 A", "IP66, IK08"


def specify(result: CheckResult, cameras: Collection[str] | None = None) -> pd.DataFrame:
    """Write the performance that planned cameras have to deliver.

    Parameters
    ----------
    result
        What `check` found.
    cameras
        Their ids; by default all that are planned or approved.

    Returns
    -------
    DataFrame
        Columns `COLUMNS` by ``camera_id``. A camera that meets no demand asks for nothing that
        could be measured: its pixels and distance are unknown.

    Raises
    ------
    MismatchError
        If a camera is not in the result.
    """
    table = result.cameras
    if cameras is None:
        cameras = table.index[table["status"].isin(["planned", "approved"])]
    unknown = [name for name in cameras if name not in table.index]
    if unknown:
        msg = f"no such cameras: {', '.join(map(str, unknown[:5]))}; name ids of the inventory"
        raise MismatchError(msg)
    rows = {str(name): _row(result, str(name)) for name in sorted(cameras)}
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=list(COLUMNS))
    return frame.rename_axis("camera_id")


def _row(result: CheckResult, name: str) -> dict[str, object]:
    camera = result.cameras.loc[name]
    head = _head(result, name)
    asked = _hardest(result, name, camera)
    return {
        "status": camera["status"],
        "kind": camera["kind"],
        "height_m": round(float(head["height_m"]), 2),
        "azimuth_deg": round(float(head["azimuth_deg"]) % 360.0, 1),
        "tilt_deg": round(float(head["tilt_deg"]), 1),
        "hfov_deg": round(float(head["hfov_deg"]), 1),
        **asked,
        "interface": INTERFACE,
        "security": SECURITY,
        "protection": PROTECTION if camera["setting"] != "indoor" else "",
    }


def _head(result: CheckResult, name: str) -> pd.Series:
    """Return the first head of a camera in the reading that the plan is drawn in."""
    heads = result.heads
    mine = heads[heads["camera_id"].eq(name) & heads["reading"].eq(CREDITED)]
    if len(mine):
        return mine.iloc[0]
    return result.cameras.loc[name]


PROFILE: Final = ("profile", "target_height_m", "max_tilt_deg", "max_yaw_deg", "min_time_share")
"""What the capture profile of a part asks of a view, beside its density."""


def _hardest(result: CheckResult, name: str, camera: pd.Series) -> dict[str, object]:
    """Return what the samples ask that a camera is credited with, and how many they are.

    Pixels scale with the density, so the sample with the least to spare sets what is needed; the
    farthest that counts at night sets the light.
    """
    matrix = result.matrices[CREDITED]
    row = matrix.q[[matrix.camera_ids.get_loc(name)]].tocoo()
    sample, px_m = row.coords[1], row.data.astype(np.float64)
    need = Need.of(result.samples)[sample]
    met = need.is_met(px_m)
    if not met.any():
        nothing: dict[str, object] = dict.fromkeys(
            ("width_px_least", NEED, "distance_m", *PROFILE, "light_m"), math.nan
        )
        return nothing | {"profile": None, "samples": 0}
    ratio = need.px_m[met] / px_m[met]
    hardest = int(np.argmax(ratio))
    width = float(_head(result, name)["width_px"])
    least = math.ceil(width * ratio[hardest] / PIXEL_STEP) * PIXEL_STEP
    own = result.samples.iloc[sample[met]]
    parts = result.parts.reindex(own["part_id"])
    distance = gpd.GeoSeries(own.geometry).distance(camera["geometry"]).to_numpy(np.float64)
    dark = parts["light"].eq("night").to_numpy() | bool(result.summary.get("night"))
    return {
        "width_px_least": float(least),
        NEED: float(need.px_m[met][hardest]),
        "distance_m": round(float(distance[hardest]), 1),
        **{key: parts[key].iloc[hardest] for key in PROFILE},
        "light_m": float(distance[dark].max()) if dark.any() else math.nan,
        "samples": int(met.sum()),
    }


def count_products(specification: pd.DataFrame, products: pd.DataFrame) -> pd.Series:
    """Count how many products satisfy each row of a specification.

    Parameters
    ----------
    specification
        From `specify`.
    products
        A list of what can be bought, without names: columns ``width_px``, ``hfov_min_deg``,
        ``hfov_max_deg`` and, where views count at night, ``light_m``.

    Returns
    -------
    Series
        By camera. Fewer than `FEWEST_PRODUCTS` ask for a look at the row: it may designate one.
    """
    counts = {}
    for name, row in specification.iterrows():
        fits = products["hfov_min_deg"].le(row["hfov_deg"])
        fits &= products["hfov_max_deg"].ge(row["hfov_deg"])
        if not math.isnan(row["width_px_least"]):
            fits &= products["width_px"].ge(row["width_px_least"])
        if not math.isnan(row["light_m"]):
            fits &= products["light_m"].ge(row["light_m"])
        counts[name] = int(fits.sum())
    return pd.Series(counts, name="products", dtype="int64").rename_axis("camera_id")
