"""Brute-force sight lines, the witness that the engine has to agree with; shares no code with it.

Every target is tried against every feature in double precision:

* a solid is a footprint (even-odd over its rings) between a base and a top; it hides a target if
  the line of sight passes through its interior.
* a panel is an infinitely thin polyline; it hides a target if the line crosses it between base
  and top.
* what the line only touches, within a hair, hides too (`Sight.touched`), but for a roof or an
  underside that it is only level with or ends at the height of.
* a crown lets a share of the light through; a target is hidden if the product over the crossed
  crowns falls below one half. A crown that a camera hangs in does not count.
* the ground hides a target if its bilinear surface rises above the line by more than
  ``GROUND_TOUCH_M``, which lets a target lie on the ground itself.

Each answer has a signed clearance, the distance by which something would have to move for that
answer to change: positive if the target is free, negative if it is hidden. Near zero it is right
to a small factor, elsewhere an estimate; it serves to count grazing lines apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from civicsight.core.arrays import BoolArray, FloatArray
from civicsight.model.terrain import Terrain
from tests.oracle_margin import Meeting, clearance
from tests.oracle_view import Camera, view_of

Kind = Literal["prism", "panel", "canopy"]

GROUND_TOUCH_M = 1e-9
"""Ground that rises above a line by no more than this only touches it [m]."""

PASSING = 0.5
"""Least share of a line of sight that has to pass all crowns."""

CHUNK = 4_000_000
"""At most this many pairs of target and edge are held at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Feature:
    """Something that can stand in the way.

    Parameters
    ----------
    kind
        ``prism`` and ``canopy`` have closed rings, ``panel`` has open lines.
    lines
        Rings or lines, each of shape ``(n, 2)`` [m]; a ring repeats its first point at its end.
    base, top
        Heights above datum [m]; the base of a prism on the ground is ``-inf``.
    transmittance
        Share of a line of sight that passes a canopy.
    """

    kind: Kind
    lines: tuple[FloatArray, ...]
    base: float
    top: float
    transmittance: float = 0.0

    def edges(self) -> tuple[FloatArray, FloatArray]:
        """Return first and second end of every edge, each of shape ``(m, 2)``."""
        first = np.concatenate([line[:-1] for line in self.lines])
        second = np.concatenate([line[1:] for line in self.lines])
        real = (first != second).any(axis=1)
        return first[real], second[real]


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """What one camera sees of ``n`` targets.

    Parameters
    ----------
    visible
        Whether each target is in view and free.
    in_view
        Whether each target is within range and frame.
    px_m
        Pixels per metre at each target, whether visible or not.
    hiders
        Shape ``(n_feature, n)``: whether each prism or panel hides each target, or whether each
        crown is crossed.
    behind_ground
        Whether the ground hides each target.
    clearance
        Signed distance to the nearest change of ``visible`` [m]; NaN if not asked for.
    touched
        Least signed distance to a body, crowns together counting as one [m]; NaN if not asked for.
    """

    visible: BoolArray
    in_view: BoolArray
    px_m: FloatArray
    hiders: BoolArray
    behind_ground: BoolArray
    clearance: FloatArray
    touched: FloatArray


def see(
    camera: Camera,
    targets: FloatArray,
    features: list[Feature],
    terrain: Terrain | None = None,
    *,
    margins: bool = False,
) -> Sight:
    """Try every target, of shape ``(n, 3)``, against everything."""
    view, px_m = view_of(camera, targets)
    n = len(targets)
    hiders = np.zeros((len(features), n), bool)
    clear = np.full((len(features), n), np.inf)
    for row in _near(camera, targets, features):
        if hangs_in(camera, features[row]):
            continue
        for part in _chunks(n, sum(len(line) for line in features[row].lines)):
            hiders[row, part], clear[row, part] = _meet(
                camera, targets[part], features[row], margins=margins
            )
    crown = np.array([feature.kind == "canopy" for feature in features], bool)
    share = np.array([feature.transmittance for feature in features])[crown]
    ground = np.full(n, np.inf) if terrain is None else ground_clearance(camera, targets, terrain)
    ground = ground + GROUND_TOUCH_M
    in_view = view.min(axis=0) >= 0
    through = np.where(hiders[crown], share[:, None], 1.0).prod(axis=0)
    free = ~hiders[~crown].any(axis=0) & (through >= PASSING) & (ground >= 0)
    clearance, touched = np.full(n, np.nan), np.full(n, np.nan)
    if margins:
        soft = _crown_clearance(clear[crown], share)
        clearance = np.vstack([view, clear[~crown], soft[None], ground[None]]).min(axis=0)
        level = _beside(camera, targets, features)
        clear = np.where(level, np.inf, clear)
        soft = _crown_clearance(clear[crown], share)
        touched = np.vstack([clear[~crown], soft[None]]).min(axis=0)
    return Sight(in_view & free, in_view, px_m, hiders, ground < 0, clearance, touched)


def _beside(camera: Camera, targets: FloatArray, features: list[Feature]) -> BoolArray:
    """Say which lines are above or below each feature from end to end, or level with it."""
    low, high = np.minimum(targets[:, 2], camera.z), np.maximum(targets[:, 2], camera.z)
    top = np.array([feature.top for feature in features])[:, None]
    base = np.array([feature.base for feature in features])[:, None]
    return (top <= low) | (base >= high)


def hangs_in(camera: Camera, feature: Feature) -> bool:
    """Say whether a camera hangs in a crown; it looks through that one."""
    if feature.kind != "canopy" or not feature.base < camera.z < feature.top:
        return False
    return bool(covers(feature, np.array([[camera.x, camera.y]]))[0])


def covers(feature: Feature, points: FloatArray) -> BoolArray:
    """Say which points, of shape ``(n, 2)``, are inside the rings of a feature or on them."""
    a, b = feature.edges()
    ax, ay = a[:, 0] - points[:, :1], a[:, 1] - points[:, 1:]
    bx, by = b[:, 0] - points[:, :1], b[:, 1] - points[:, 1:]
    cross = ax * by - ay * bx
    beyond = ((ay > 0) != (by > 0)) & ((cross > 0) == (by > ay))
    on = (cross == 0) & (ax * bx <= 0) & (ay * by <= 0)
    return (beyond.sum(axis=1) % 2 == 1) | on.any(axis=1)


def ground_clearance(camera: Camera, targets: FloatArray, terrain: Terrain) -> FloatArray:
    """Return the least height of each line of sight above the ground [m], exactly.

    Within a patch the ground along a line is a quadratic; its extreme is at one of the two ends
    of the line within the patch or where its slope is that of the line. Patches beside unknown
    nodes hide nothing.
    """
    v = targets - (camera.x, camera.y, camera.z)
    low = np.minimum(targets[:, :2].min(axis=0), (camera.x, camera.y))
    high = np.maximum(targets[:, :2].max(axis=0), (camera.x, camera.y))
    origin = np.array([terrain.x0, terrain.y0])
    first = np.maximum(np.floor((low - origin) / terrain.step).astype(int) - 1, 0)
    last = np.ceil((high - origin) / terrain.step).astype(int) + 1
    last = np.minimum(last, np.array(terrain.z.shape)[::-1] - 1)
    least = np.full(len(targets), np.inf)
    for row in range(first[1], last[1]):
        for col in range(first[0], last[0]):
            nodes = terrain.z[row : row + 2, col : col + 2]
            if np.isfinite(nodes).all():
                corner = origin + np.array([col, row]) * terrain.step - (camera.x, camera.y)
                least = np.fmin(least, _above_patch(camera.z, v, corner, terrain.step, nodes))
    return least


def _above_patch(
    z: float, v: FloatArray, corner: FloatArray, step: float, nodes: FloatArray
) -> FloatArray:
    """Return the least height of lines above one patch [m], NaN for lines that miss it."""
    enter, leave = np.zeros(len(v)), np.ones(len(v))
    for axis in (0, 1):
        with np.errstate(divide="ignore", invalid="ignore"):
            one, two = corner[axis] / v[:, axis], (corner[axis] + step) / v[:, axis]
        still = v[:, axis] == 0
        within = corner[axis] <= 0 <= corner[axis] + step
        one = np.where(still, -np.inf if within else np.inf, one)
        two = np.where(still, np.inf if within else -np.inf, two)
        enter = np.maximum(enter, np.where(still, one, np.minimum(one, two)))
        leave = np.minimum(leave, np.where(still, two, np.maximum(one, two)))
    met = enter <= leave
    enter, leave = np.where(met, enter, 0.0), np.where(met, leave, 0.0)
    (sw, se), (nw, ne) = nodes
    x0, y0 = -corner / step
    dx, dy = v[:, 0] / step, v[:, 1] / step
    east, north, twist = se - sw, nw - sw, ne - se - nw + sw
    square = -twist * dx * dy
    linear = v[:, 2] - (east * dx + north * dy + twist * (x0 * dy + y0 * dx))
    constant = z - (sw + east * x0 + north * y0 + twist * x0 * y0)
    with np.errstate(divide="ignore", invalid="ignore"):
        turn = np.where(square > 0, -linear / (2 * square), enter)
    turn = np.clip(turn, enter, leave)
    height = np.array([constant + t * (linear + t * square) for t in (enter, turn, leave)])
    return np.where(met, height.min(axis=0), np.nan)


def _near(camera: Camera, targets: FloatArray, features: list[Feature]) -> list[int]:
    """Return the features whose box, widened by a metre, meets the box of all lines."""
    if not len(targets):
        return []
    low = np.minimum(targets[:, :2].min(axis=0), (camera.x, camera.y)) - 1.0
    high = np.maximum(targets[:, :2].max(axis=0), (camera.x, camera.y)) + 1.0
    boxes = [np.concatenate(feature.lines) for feature in features]
    return [
        row
        for row, box in enumerate(boxes)
        if (box.min(axis=0) <= high).all() and (box.max(axis=0) >= low).all()
    ]


def _chunks(n: int, width: int) -> list[slice]:
    size = max(1, CHUNK // max(1, width))
    return [slice(start, start + size) for start in range(0, n, size)]


def _crown_clearance(clear: FloatArray, share: FloatArray) -> FloatArray:
    """Return by how much lines clear the crowns that together let too little through.

    If everything within a distance of a line counted as crossed, the distance at which the
    product of the shares falls below the limit is the clearance.
    """
    if not len(share):
        return np.full(clear.shape[1], np.inf)
    order = np.argsort(clear, axis=0, kind="stable")
    dark = np.cumprod(share[order], axis=0) < PASSING
    first = np.argmax(dark, axis=0)[None]
    reached = np.take_along_axis(np.take_along_axis(clear, order, 0), first, 0)[0]
    return np.where(dark.any(axis=0), reached, np.inf)


def _meet(
    camera: Camera, targets: FloatArray, feature: Feature, *, margins: bool
) -> tuple[BoolArray, FloatArray]:
    """Return whether lines pass through one feature, and their signed clearance of it [m]."""
    first, second = feature.edges()
    a, b = first - (camera.x, camera.y), second - (camera.x, camera.y)
    v = targets - (camera.x, camera.y, camera.z)
    plumb = (v[:, :2] == 0).all(axis=1)
    ray = np.where(plumb[:, None], (1.0, 0.0), v[:, :2])
    side_a = ray[:, :1] * a[:, 1] - ray[:, 1:] * a[:, 0]
    side_b = ray[:, :1] * b[:, 1] - ray[:, 1:] * b[:, 0]
    crossed = (side_a > 0) != (side_b > 0)
    across = np.where(crossed, side_b - side_a, 1.0)
    edge = second - first
    t = np.where(crossed, (a[:, 0] * edge[:, 1] - a[:, 1] * edge[:, 0]) / across, np.inf)
    if feature.kind == "panel":
        hit = crossed & (t > 0) & (t < 1) & ~plumb[:, None]
        z = camera.z + np.where(hit, t, 0.0) * v[:, 2:]
        hit &= (z > feature.base) & (z < feature.top)
        hidden, low, high = hit.any(axis=1), t, t
        chord = hit
    else:
        low, high = _chords(t, plumb)
        low, high, chord = _within(camera.z, v[:, 2], low, high, feature)
        hidden = chord.any(axis=1)
    if not margins:
        return hidden, np.full(len(v), np.nan)
    return hidden, clearance(
        Meeting(camera.z, v, a, b, feature.base, feature.top, t, chord, low, high)
    )


def _chords(t: FloatArray, plumb: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Pair crossings, of shape ``(n, m)``, into stretches inside the footprint, cut to the line.

    Parameters of the line run from 0 at the camera to 1 at the target. A plumb line is one
    point, whose stretch is all of the line if the point is strictly inside.
    """
    most = int(np.isfinite(t).sum(axis=1).max(initial=0))
    ordered = np.sort(t, axis=1)[:, :most]
    low, high = ordered[:, 0::2], ordered[:, 1::2]
    inside = plumb[:, None] & (low < 0) & (high > 0)
    cut_low, cut_high = np.maximum(low, 0.0), np.minimum(high, 1.0)
    low = np.where(inside, 0.0, np.where(plumb[:, None], np.inf, cut_low))
    high = np.where(inside, 1.0, np.where(plumb[:, None], -np.inf, cut_high))
    return low, high


def _within(
    z: float, rise: FloatArray, low: FloatArray, high: FloatArray, feature: Feature
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Cut stretches to where the line is strictly between base and top; say which remain."""
    with np.errstate(divide="ignore", invalid="ignore"):
        at_base, at_top = (feature.base - z) / rise, (feature.top - z) / rise
    level = rise == 0
    between = feature.base < z < feature.top
    first = np.where(level, -np.inf if between else np.inf, np.minimum(at_base, at_top))
    last = np.where(level, np.inf if between else -np.inf, np.maximum(at_base, at_top))
    low, high = np.maximum(low, first[:, None]), np.minimum(high, last[:, None])
    return low, high, low < high
