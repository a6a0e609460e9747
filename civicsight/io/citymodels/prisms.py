"""From the faces of buildings to prisms: footprint, underside and top of each.

Every roof surface becomes a prism up to its upper edge, so that a flat roof is exact, and a pitched
one stands too high at its eaves by what the report says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from civicsight.core.arrays import FloatArray
from civicsight.core.bounded.crossings import FEW, tangled
from civicsight.io.citymodels.model import CEILING, FOOTPRINT, GROUND, ROOF, Body, Face

FLAT_AREA_M2: Final = 1e-3
"""A face with a smaller ground plan is a wall."""

SAME_TOP_M: Final = 0.25
"""Roof surfaces whose upper edges differ by less make one prism."""

SLIVER_M: Final = 0.1
"""What is left of a footprint between its roofs counts if it is wider than this."""

FLAT_M: Final = 0.1
"""A body that is lower is an outline, not a building with a height."""

STACKED: Final = 0.5
"""A part with at least this share of its ground plan over a lower part stands on that one."""

STEP_M: Final = 0.5
"""A part is above another if it begins at least this much higher."""


class Prism(NamedTuple):
    """A piece of a building in metres: ground plan, underside and top above sea level.

    `drop_m` is how far the true roof falls below the top; `top_m` is NaN where only an outline is
    known, `under_m` where it reaches down to the foot.
    """

    body: Body
    plan: BaseGeometry
    foot_m: float
    top_m: float
    drop_m: float = 0.0
    under_m: float = np.nan


def prisms_of(body: Body) -> list[Prism]:
    """Return the prisms of one building or part; none if it has no ground plan."""
    faces = body.faces
    heights = np.concatenate([face.rings[0][:, 2] for face in faces]) if faces else np.zeros(0)
    known = heights[np.isfinite(heights)]
    plan = _footprint(faces)
    if plan is None:
        return []
    if not len(known) or known.max() - known.min() < FLAT_M:
        return [Prism(body, plan, float(known.min()) if len(known) else 0.0, np.nan)]
    foot = _lowest([face for face in faces if face.kind == GROUND], known)
    top = float(known.max())
    roofs = [face for face in faces if face.kind == ROOF]
    pieces = _fill(body, roofs, plan, (foot, top))
    for face in faces:
        over = _plan(face) if face.kind == CEILING else None
        beyond = shapely.difference(over, plan) if over is not None else None
        if beyond is not None and not _is_sliver(beyond):
            under = float(np.min(face.rings[0][:, 2]))
            hung = _fill(body, roofs, beyond, (foot, top))
            pieces += [piece._replace(under_m=under) for piece in hung if piece.top_m > under]
    return pieces


def knot_in(body: Body) -> BaseGeometry | None:
    """Return the plan of a face that crosses itself too often to be repaired, None if none does."""
    for face in body.faces:
        if sum(map(len, face.rings)) > FEW:
            shell, *holes = (ring[:, :2] for ring in face.rings)
            plan = shapely.Polygon(shell, holes)
            if tangled(np.array([plan], object))[0]:
                return plan
    return None


def _fill(
    body: Body, roofs: Sequence[Face], plan: BaseGeometry, span: tuple[float, float]
) -> list[Prism]:
    """Return prisms under the roofs over a plan; where there is none, up to the top of all."""
    foot, top = span
    pieces = list(_under_roofs(body, roofs, plan, foot)) if roofs else []
    covered = shapely.union_all([piece.plan for piece in pieces]) if pieces else shapely.Polygon()
    rest = shapely.difference(plan, covered)
    if not _is_sliver(rest):
        pieces.append(Prism(body, rest, foot, top))
    return pieces


def _is_sliver(shape: BaseGeometry) -> bool:
    return bool(shapely.buffer(shape, -SLIVER_M / 2).is_empty)


def stand(prisms: Sequence[Prism]) -> Iterator[tuple[Prism, float]]:
    """Yield each prism with the ground that it stands on or over.

    A part over a lower part of the same building stands on that one's ground; others stand on their
    own.
    """
    by_building: dict[str, list[Prism]] = {}
    for prism in prisms:
        by_building.setdefault(prism.body.parent or prism.body.label, []).append(prism)
    for group in by_building.values():
        for prism in group:
            below = [
                other.foot_m
                for other in group
                if other.foot_m < prism.foot_m - STEP_M
                and shapely.area(shapely.intersection(other.plan, prism.plan))
                >= STACKED * prism.plan.area
            ]
            yield prism, min(below, default=prism.foot_m)


def _under_roofs(
    body: Body, roofs: Sequence[Face], plan: BaseGeometry, foot: float
) -> Iterator[Prism]:
    """Yield a prism for the roof surfaces of about the same upper edge."""
    tops = np.array([float(np.max(face.rings[0][:, 2])) for face in roofs])
    order = np.argsort(tops)
    starts = np.flatnonzero(np.diff(tops[order], prepend=-np.inf) >= SAME_TOP_M)
    for group in np.split(order, starts[1:]):
        top = float(tops[group].max())
        low = min(float(np.min(roofs[n].rings[0][:, 2])) for n in group)
        flat = [shape for n in group if (shape := _plan(roofs[n])) is not None]
        if not flat or top - foot < FLAT_M:
            continue
        piece = shapely.intersection(shapely.union_all(flat), plan)
        if not _is_sliver(piece):
            yield Prism(body, piece, foot, top, top - low)


def _footprint(faces: Sequence[Face]) -> BaseGeometry | None:
    """Return the ground plan: of the ground surfaces, else of all faces."""
    for kinds in ((GROUND,), (FOOTPRINT,), None):
        chosen = [face for face in faces if kinds is None or face.kind in kinds]
        flat = [shape for face in chosen if (shape := _plan(face)) is not None]
        if flat:
            return shapely.union_all(flat)
    return None


def _plan(face: Face) -> Any:
    """Return the ground plan of a face as a valid polygon, None for a wall."""
    shell, *holes = (ring[:, :2] for ring in face.rings)
    if abs(_area(shell)) < FLAT_AREA_M2:
        return None
    polygon = shapely.make_valid(shapely.Polygon(shell, holes))
    pieces = shapely.get_parts(polygon)
    areas = pieces[shapely.get_dimensions(pieces) == 2]
    return shapely.union_all(areas) if len(areas) else None


def _area(ring: FloatArray) -> float:
    x, y = (ring - ring[0]).T
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def _lowest(ground: Sequence[Face], known: FloatArray) -> float:
    heights = [face.rings[0][:, 2] for face in ground]
    own = np.concatenate(heights) if heights else known
    own = own[np.isfinite(own)]
    return float(own.min()) if len(own) else float(known.min())
