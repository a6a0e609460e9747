"""The oracle once more, one target at a time, compiled, for proofs of many millions of cells.

The same rules as `tests.oracle` in another form: it walks along each line instead of trying all
lines against one feature, and stops at the first thing that hides the target. It is held to the
plain oracle by a test, and shares no code with the engine.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np
import numpy.typing as npt

from civicsight.core.arrays import BoolArray, FloatArray
from civicsight.model.terrain import Terrain
from tests.oracle import GROUND_TOUCH_M, PASSING, Feature, hangs_in
from tests.oracle_view import Camera, view_of

KINDS = {"prism": 0, "panel": 1, "canopy": 2}
MOST_CROSSINGS = 256
KINDS_CANOPY = KINDS["canopy"]
KINDS_PANEL = KINDS["panel"]


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """Features as plain arrays.

    Parameters
    ----------
    edges
        Shape ``(m, 4)``.
    start
        First edge of each feature, shape ``(n_feature + 1,)``.
    facts
        Shape ``(n_feature, 4)``: kind, base, top, transmittance.
    boxes
        Shape ``(n_feature, 4)``.
    features
        Where all of it comes from.
    """

    edges: FloatArray
    start: npt.NDArray[np.int64]
    facts: FloatArray
    boxes: FloatArray
    features: list[Feature]


def pack(features: list[Feature]) -> Packed:
    """Lay out features for the compiled oracle."""
    ends = [np.hstack(feature.edges()) for feature in features]
    count = np.array([0, *map(len, ends)])
    facts = [(KINDS[f.kind], f.base, f.top, f.transmittance) for f in features]
    points = [e.reshape(-1, 2) for e in ends]
    boxes = [np.concatenate([p.min(axis=0), p.max(axis=0)]) for p in points]
    return Packed(
        np.vstack([np.zeros((0, 4)), *ends]),
        np.cumsum(count),
        np.array(facts, float).reshape(-1, 4),
        np.array(boxes, float).reshape(-1, 4),
        features,
    )


def visible(
    camera: Camera, targets: FloatArray, packed: Packed, terrain: Terrain | None = None
) -> BoolArray:
    """Say which targets, of shape ``(n, 3)``, one camera sees."""
    view, _ = view_of(camera, targets)
    out = view.min(axis=0) >= 0
    eye = np.array([camera.x, camera.y, camera.z])
    if len(packed.facts):
        facts = packed.facts.copy()
        facts[[hangs_in(camera, feature) for feature in packed.features], 3] = 1.0
        _try_features(eye, targets, packed.edges, packed.start, facts, packed.boxes, out)
    if terrain is not None:
        _try_ground(eye, targets, terrain.z, terrain.x0, terrain.y0, terrain.step, out)
    return out


@nb.njit(nogil=True, cache=True)
def _try_features(eye, targets, edges, start, facts, boxes, out):
    t = np.empty(MOST_CROSSINGS)
    low_x, low_y = min(eye[0], targets[:, 0].min()), min(eye[1], targets[:, 1].min())
    high_x, high_y = max(eye[0], targets[:, 0].max()), max(eye[1], targets[:, 1].max())
    near = np.flatnonzero(
        (boxes[:, 0] <= high_x)
        & (boxes[:, 2] >= low_x)
        & (boxes[:, 1] <= high_y)
        & (boxes[:, 3] >= low_y)
    )
    for i in range(len(targets)):
        if not out[i]:
            continue
        share = 1.0
        for f in near:
            if _apart(eye, targets[i], boxes[f]):
                continue
            count = _crossings(eye, targets[i], edges[start[f] : start[f + 1]], t)
            if _through(eye, targets[i], t[:count], facts[f]):
                share *= facts[f, 3] if facts[f, 0] == KINDS_CANOPY else 0.0
            if share < PASSING:
                out[i] = False
                break


@nb.njit(nogil=True, cache=True)
def _apart(eye, target, box):
    return (
        max(eye[0], target[0]) < box[0]
        or min(eye[0], target[0]) > box[2]
        or max(eye[1], target[1]) < box[1]
        or min(eye[1], target[1]) > box[3]
    )


@nb.njit(nogil=True, cache=True)
def _crossings(eye, target, edges, t):
    """Write where the line crosses edges, in ascending order; return how many."""
    vx, vy = target[0] - eye[0], target[1] - eye[1]
    if vx == 0 and vy == 0:
        vx = 1.0
    count = 0
    for e in range(len(edges)):
        ax, ay = edges[e, 0] - eye[0], edges[e, 1] - eye[1]
        bx, by = edges[e, 2] - eye[0], edges[e, 3] - eye[1]
        side_a, side_b = vx * ay - vy * ax, vx * by - vy * bx
        if (side_a > 0) == (side_b > 0):
            continue
        ex, ey = edges[e, 2] - edges[e, 0], edges[e, 3] - edges[e, 1]
        here = (ax * ey - ay * ex) / (side_b - side_a)
        place = count
        while place > 0 and t[place - 1] > here:
            t[place] = t[place - 1]
            place -= 1
        t[place] = here
        count += 1
        if count == len(t):
            raise OverflowError
    return count


@nb.njit(nogil=True, cache=True)
def _through(eye, target, t, facts):
    """Say whether the line passes through a solid or crosses a panel."""
    kind, base, top = facts[0], facts[1], facts[2]
    rise = target[2] - eye[2]
    plumb = target[0] == eye[0] and target[1] == eye[1]
    if kind == KINDS_PANEL:
        for k in range(len(t)):
            if not plumb and 0 < t[k] < 1 and base < eye[2] + t[k] * rise < top:
                return True
        return False
    for k in range(0, len(t) - 1, 2):
        low, high = max(t[k], 0.0), min(t[k + 1], 1.0)
        if plumb:
            if not t[k] < 0 < t[k + 1]:
                continue
            low, high = 0.0, 1.0
        if rise == 0:
            if not base < eye[2] < top:
                continue
        else:
            one, two = (base - eye[2]) / rise, (top - eye[2]) / rise
            low, high = max(low, min(one, two)), min(high, max(one, two))
        if low < high:
            return True
    return False


@nb.njit(nogil=True, cache=True)
def _try_ground(eye, targets, z, x0, y0, step, out):
    for i in range(len(targets)):
        if out[i] and _ground_rises(eye, targets[i], z, x0, y0, step):
            out[i] = False


@nb.njit(nogil=True, cache=True)
def _ground_rises(eye, target, z, x0, y0, step):
    """Walk from one grid line to the next and try the quadratic of each patch."""
    x, y = (eye[0] - x0) / step, (eye[1] - y0) / step
    dx, dy = (target[0] - eye[0]) / step, (target[1] - eye[1]) / step
    rise = target[2] - eye[2]
    t = 0.0
    while t < 1.0:
        after = min(1.0, _next_line(x, dx, t), _next_line(y, dy, t))
        middle = (t + after) / 2
        col, row = int(np.floor(x + middle * dx)), int(np.floor(y + middle * dy))
        if 0 <= col < z.shape[1] - 1 and 0 <= row < z.shape[0] - 1:
            sw, se, nw, ne = z[row, col], z[row, col + 1], z[row + 1, col], z[row + 1, col + 1]
            twist = ne - se - nw + sw
            u, w = x - col, y - row
            a = -twist * dx * dy
            b = rise - ((se - sw) * dx + (nw - sw) * dy + twist * (u * dy + w * dx))
            c = eye[2] - (sw + (se - sw) * u + (nw - sw) * w + twist * u * w)
            least = min(c + t * (b + t * a), c + after * (b + after * a))
            if a > 0 and t < -b / (2 * a) < after:
                least = min(least, c - b * b / (4 * a))
            if least < -GROUND_TOUCH_M:
                return True
        t = after
    return False


@nb.njit(nogil=True, cache=True)
def _next_line(start, slope, t):
    """Return where along the line the next grid line comes, strictly after ``t``."""
    if slope == 0:
        return 2.0
    here = start + t * slope
    line = np.floor(here) + 1 if slope > 0 else np.ceil(here) - 1
    after = (line - start) / slope
    while after <= t:
        line += 1 if slope > 0 else -1
        after = (line - start) / slope
    return after
