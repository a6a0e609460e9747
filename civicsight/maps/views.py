"""Sectors that show where cameras look, short enough to be told apart."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import shapely

SHOWN_M: Final = 22.0
"""A sector is a sign of direction; how far a camera really sees is the picture of coverage."""

STEPS: Final = 24
"""Corners of an arc."""

FULL_CIRCLE_DEG: Final = 359.0


def view_wedges(heads: gpd.GeoDataFrame, reading: str) -> gpd.GeoSeries:
    """Return the sector of each head of a reading, indexed by head.

    A head that is recorded has no assumed sector beside its sure one.
    """
    chosen = heads[heads["reading"] == reading]
    if reading == "assumed":
        sure = set(heads.loc[heads["reading"] == "sure", "camera_id"])
        chosen = chosen[~chosen["camera_id"].isin(sure)]
    reach = np.minimum(chosen["reach_m"].to_numpy(float), SHOWN_M)
    span = chosen["hfov_deg"].to_numpy(float)
    turn = np.linspace(-0.5, 0.5, STEPS + 1)
    angle = np.radians(chosen["azimuth_deg"].to_numpy(float)[:, None] + span[:, None] * turn)
    centre = np.column_stack([chosen.geometry.x, chosen.geometry.y])
    arc = np.stack([np.sin(angle), np.cos(angle)], axis=-1) * reach[:, None, None]
    arc += centre[:, None, :]
    # A full circle has no point at its centre.
    apex = np.where((span >= FULL_CIRCLE_DEG)[:, None], arc[:, 0], centre)[:, None, :]
    ring = np.concatenate([apex, arc, apex], axis=1)
    wedges = shapely.polygons(ring) if len(ring) else []
    return gpd.GeoSeries(wedges, index=chosen.index, crs=heads.crs)
