"""Shapes of a map: sectors where cameras look, and findings with lines to the cameras they name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from civicsight.presentation.evidence import offers_of, others_of

if TYPE_CHECKING:
    from civicsight.coverage.check import CheckResult


MOST_LINES: Final = 4
"""A finding draws lines to at most this many cameras."""

DOT_M: Final = 0.5
"""Half the side of a sample that stands alone."""

WIDEST_DOT_M: Final = 6.0


def trace_findings(findings: gpd.GeoDataFrame, result: CheckResult) -> gpd.GeoSeries:
    """Return one shape a finding.

    Sample points become the area they stand for; lines lead to cameras that could help with a gap,
    or beside which a camera is a duplicate.
    """
    spots = dict(zip(result.cameras.index.astype(str), result.cameras.geometry, strict=True))
    shapes = [
        shapely.geometrycollections([blob(row.geometry), *_lines(row, spots)])
        for row in findings.itertuples()
    ]
    return gpd.GeoSeries(shapes, index=findings.index, crs=findings.crs)


def blob(shape: BaseGeometry) -> BaseGeometry:
    """Return sample points as squares that touch; any other shape as it is."""
    if shape.geom_type != "MultiPoint" or shape.is_empty:
        return shape
    points = shapely.get_parts(shape)
    half = DOT_M
    if len(points) > 1:
        tree = shapely.STRtree(points)
        pairs = tree.query_nearest(points, exclusive=True, all_matches=False, return_distance=True)
        half = float(np.clip(0.55 * np.median(pairs[1]), DOT_M, WIDEST_DOT_M))
    return shapely.union_all(shapely.buffer(points, half, cap_style="square"))


def _lines(row: Any, spots: dict[str, BaseGeometry]) -> list[BaseGeometry]:
    evidence = row.evidence or {}
    if row.kind == "gap":
        start, ends = shapely.point_on_surface(row.geometry), offers_of(evidence)
    elif row.kind in ("twin", "near") or str(row.subject) not in spots:
        return []  # the line between the two is the finding itself
    else:
        start, ends = spots[str(row.subject)], others_of(evidence)
    return [
        shapely.linestrings([[start.x, start.y], [spots[end].x, spots[end].y]])
        for end in ends[:MOST_LINES]
        if end in spots and spots[end].distance(start) > 0.0
    ]


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
