"""How close a line of sight comes to changing its answer, for counting grazing lines apart.

A line that passes through a solid is as deep in it as the middle of its deepest stretch. A line
that passes by is as far away as the nearest of the places where it could come closest: abreast of
an edge, at a crossing, at its own ends, or where it is level with base or top. Distance means the
greater of the distance in plan and the gap in height.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from civicsight.core.arrays import BoolArray, FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Meeting:
    """Lines from one camera and the edges of one feature, in plan relative to the camera.

    Parameters
    ----------
    z
        Height of the camera [m].
    v
        Lines, shape ``(n, 3)``.
    a, b
        Ends of the edges, shape ``(m, 2)``.
    base, top
        Heights of the feature [m].
    t
        Where each line crosses each edge, shape ``(n, m)``; infinite if nowhere.
    hit, low, high
        Stretches of the lines in the feature; for a panel its crossings.
    """

    z: float
    v: FloatArray
    a: FloatArray
    b: FloatArray
    base: float
    top: float
    t: FloatArray
    hit: BoolArray
    low: FloatArray
    high: FloatArray


def clearance(meeting: Meeting) -> FloatArray:
    """Return the signed clearance of each line [m], negative where the feature is hit."""
    depth = _depth(meeting)
    hidden = meeting.hit.any(axis=1)
    return np.where(hidden, -depth, _gap(meeting))


def _depth(m: Meeting) -> FloatArray:
    """Return how deep lines pass through a feature [m], 0 where they do not."""
    panel = m.low is m.high
    depth = np.zeros(len(m.v))
    for column in range(m.hit.shape[1]):
        hit = np.flatnonzero(m.hit[:, column])
        if not len(hit):
            continue
        middle = (m.low[hit, column] + m.high[hit, column]) / 2
        z = m.z + middle * m.v[hit, 2]
        here = m.v[hit, :2] * middle[:, None]
        if panel:
            length = np.hypot(m.v[hit, 0], m.v[hit, 1])
            aside = np.minimum(_to_loose_ends(here, m), length * np.minimum(middle, 1 - middle))
        else:
            aside = _to_edges(here, m.a, m.b).min(axis=1)
        found = np.minimum(aside, np.minimum(z - m.base, m.top - z))
        depth[hit] = np.maximum(depth[hit], found)
    return depth


def _gap(m: Meeting) -> FloatArray:
    """Return how far lines pass by a feature [m]."""
    best = _when(m, _crossing_in_line(m.t), on_edge=True)
    for t in _abreast(m):
        best = np.minimum(best, _when(m, t, on_edge=False))
    for t in (np.zeros(1), np.ones(1), *_level(m)):
        spread = np.broadcast_to(t[:, None], m.t.shape)
        best = np.minimum(best, _when(m, spread, on_edge=False))
    if m.low is not m.high:
        best = np.minimum(best, _over_or_under(m))
    return best


def _crossing_in_line(t: FloatArray) -> FloatArray:
    return np.where((t >= 0) & (t <= 1), t, np.nan)


def _abreast(m: Meeting) -> list[FloatArray]:
    """Return where along each line each end of each edge is abreast, cut to the line."""
    square = np.maximum((m.v[:, :2] ** 2).sum(axis=1), np.finfo(float).tiny)[:, None]
    return [np.clip(m.v[:, :2] @ end.T / square, 0.0, 1.0) for end in (m.a, m.b)]


def _level(m: Meeting) -> list[FloatArray]:
    """Return where each line is at base and at top, cut to the line."""
    with np.errstate(divide="ignore", invalid="ignore"):
        places = [(height - m.z) / m.v[:, 2] for height in (m.base, m.top)]
    return [np.clip(np.nan_to_num(t, nan=0.0), 0.0, 1.0) for t in places]


def _when(m: Meeting, t: FloatArray, *, on_edge: bool) -> FloatArray:
    """Return the least distance to the edges at the given places, each against its own edge."""
    z = m.z + t * m.v[:, 2:]
    height = np.maximum(np.maximum(m.base - z, z - m.top), 0.0)
    if on_edge:
        distance = height
    else:
        x, y = t * m.v[:, :1], t * m.v[:, 1:2]
        edge = m.b - m.a
        along = (x - m.a[:, 0]) * edge[:, 0] + (y - m.a[:, 1]) * edge[:, 1]
        along = np.clip(along / (edge**2).sum(axis=1), 0.0, 1.0)
        dx, dy = x - m.a[:, 0] - along * edge[:, 0], y - m.a[:, 1] - along * edge[:, 1]
        distance = np.maximum(np.hypot(dx, dy), height)
    return np.where(np.isnan(distance), np.inf, distance).min(axis=1, initial=np.inf)


def _over_or_under(m: Meeting) -> FloatArray:
    """Return the least gap in height of lines that begin or end within the footprint."""
    plumb = (m.v[:, :2] == 0).all(axis=1)
    ordered = np.sort(m.t, axis=1)
    most = m.low.shape[1]
    start, end = ordered[:, 0 : 2 * most : 2], ordered[:, 1 : 2 * most : 2]
    best = np.full(len(m.v), np.inf)
    for t in (0.0, 1.0):
        place = np.where(plumb, 0.0, t)[:, None]
        inside = ((start < place) & (place < end)).any(axis=1)
        z = m.z + t * m.v[:, 2]
        height = np.maximum(np.maximum(m.base - z, z - m.top), 0.0)
        best = np.where(inside, np.minimum(best, height), best)
    return best


def _to_edges(points: FloatArray, a: FloatArray, b: FloatArray) -> FloatArray:
    """Return distances from points to edges, shape ``(n, m)`` [m]."""
    edge = b - a
    rel = points[:, None, :] - a
    along = np.clip((rel * edge).sum(axis=2) / (edge**2).sum(axis=1), 0.0, 1.0)
    return np.sqrt(((rel - along[:, :, None] * edge) ** 2).sum(axis=2))


def _to_loose_ends(points: FloatArray, m: Meeting) -> FloatArray:
    """Return distances from points to the ends of a polyline that no other edge shares [m]."""
    ends, count = np.unique(np.vstack([m.a, m.b]), axis=0, return_counts=True)
    loose = ends[count == 1]
    if not len(loose):
        return np.full(len(points), np.inf)
    return np.sqrt(((points[:, None, :] - loose) ** 2).sum(axis=2)).min(axis=1)
