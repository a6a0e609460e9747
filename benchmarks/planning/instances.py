"""Made problems of the kinds that a plan meets: seeded cities, zones in them, open rooms.

A city is a grid of blocks with buildings; sites stand along facades and streets, each with eight
headings and three camera classes, whose sectors stop at walls. An open room is the kind of the
camera placement contest of GECCO 2020: the same view everywhere, nothing in the way, equal cost.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from civicsight.planning.solver.model import Problem

HEADINGS = 8
CLASSES = ((60.0, 60.0, 16.0), (40.0, 75.0, 10.0), (28.0, 90.0, 8.0))
"""Range [m], field of view [degrees] and cost (tenths) of each camera class."""


ROOM_HEIGHT, ROOM_REACH, ROOM_FIELD, ROOM_TILTS = 4.5, 6.0, (65.0, 40.0), (20.0, 40.0, 60.0)
"""Height and reach [m], field of view and tilts below the horizon [degrees] in an empty room."""


@dataclass(frozen=True)
class City:
    """What a made city is like; lengths in metres."""

    side_m: float
    cell_m: float
    spacing_m: float
    zoned: float = 1.0
    seed: int = 1


SMALL = City(side_m=240.0, cell_m=2.0, spacing_m=25.0)
MIDDLE = City(side_m=730.0, cell_m=2.0, spacing_m=25.0)
LARGE = City(side_m=2300.0, cell_m=2.0, spacing_m=25.0)
ZONED = City(side_m=2300.0, cell_m=2.0, spacing_m=25.0, zoned=0.1)
HUGE = City(side_m=1250.0, cell_m=1.0, spacing_m=13.7)
TINY = City(side_m=160.0, cell_m=4.0, spacing_m=25.0)
ZONES = City(side_m=720.0, cell_m=2.0, spacing_m=25.0, zoned=0.1)
SITES = (
    City(side_m=240.0, cell_m=4.0, spacing_m=30.0),
    City(side_m=500.0, cell_m=3.0, spacing_m=40.0, zoned=0.2),
    City(side_m=720.0, cell_m=3.0, spacing_m=40.0, zoned=0.1),
)
"""Cities that a dense matrix can hold."""


def make_city(city: City) -> Problem:
    """Return the problem of covering a city, or the zones in it."""
    rng = np.random.default_rng(city.seed)
    blocked = _build(city, rng)
    wanted = ~blocked
    if city.zoned < 1.0:
        wanted &= _zones(city, rng)
    number = np.where(wanted, np.cumsum(wanted).reshape(wanted.shape) - 1, -1).astype(np.int32)
    sites = _sites(city, blocked, rng)
    return _problem_of(_look(blocked, number, sites, city.cell_m), int(wanted.sum()))


def make_room(side: int) -> Problem:
    """Return the problem of covering an empty room of `side` x `side` x 5 points 1 m apart.

    A camera may hang over every point of the floor, half a metre below the fifth layer, in eight
    headings and three tilts: `side` x `side` x 24 candidates that cost the same, each seeing the
    same pattern, clipped at the walls. Reach, field and tilts of the contest are not at hand; these
    give nearly the same entries (0.42 million, 0.41 there, for 21 points) and linear bounds (16.1
    and 52.5 cameras for 11 and 21 points, 16.1 and 51.9 there).
    """
    x, y = np.divmod(np.arange(side * side), side)
    views = _views()
    seen = [
        _within(side, points + np.array([u, v, 0]))
        for u, v in zip(x, y, strict=True)
        for points in views
    ]
    return Problem.of(seen, cost=1.0, n_requirement=5 * side * side)


def _views() -> list[npt.NDArray[np.int64]]:
    """Return what a camera at the origin sees in each heading and tilt: columns, rows, layers."""
    half_width, half_height = (math.tan(math.radians(angle / 2)) for angle in ROOM_FIELD)
    span = np.arange(-int(ROOM_REACH), int(ROOM_REACH) + 1)
    points = np.stack(np.meshgrid(span, span, np.arange(5), indexing="ij"), -1).reshape(-1, 3)
    rays = points - np.array([0.0, 0.0, ROOM_HEIGHT])
    views = []
    for tilt in np.radians(ROOM_TILTS):
        for heading in np.arange(HEADINGS) * 2.0 * math.pi / HEADINGS:
            aside = np.array([-math.sin(heading), math.cos(heading), 0.0])
            ahead = np.array([aside[1], -aside[0], -math.tan(tilt)]) * math.cos(tilt)
            depth = rays @ ahead
            seen = (depth > 1e-9) & (np.linalg.norm(rays, axis=1) <= ROOM_REACH)
            seen &= np.abs(rays @ aside) <= half_width * depth + 1e-9
            seen &= np.abs(rays @ np.cross(ahead, aside)) <= half_height * depth + 1e-9
            views.append(points[seen])
    return views


def _within(side: int, points: npt.NDArray[np.int64]) -> list[int]:
    """Return the numbers of the points that are in a room."""
    x, y, z = points[((points[:, :2] >= 0) & (points[:, :2] < side)).all(axis=1)].T
    numbers: list[int] = np.sort((z * side + y) * side + x).tolist()
    return numbers


def _build(city: City, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Return which cells are built on: blocks between streets, buildings and yards in them."""
    n = round(city.side_m / city.cell_m)
    blocked = np.zeros((n, n), np.bool_)
    edges = [_cuts(city.side_m, rng) for _ in range(2)]
    for y0, y1 in edges[0]:
        for x0, x1 in edges[1]:
            _build_block(blocked, (x0, y0, x1, y1), city.cell_m, rng)
    return blocked


def _cuts(side: float, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Cut a side into blocks with streets of 12 to 18 m between them."""
    blocks, at = [], float(rng.uniform(4.0, 10.0))
    while at < side - 20.0:
        end = min(at + float(rng.uniform(50.0, 90.0)), side - 4.0)
        blocks.append((at, end))
        at = end + float(rng.uniform(12.0, 18.0))
    return blocks


def _build_block(
    blocked: npt.NDArray[np.bool_],
    box: tuple[float, float, float, float],
    cell_m: float,
    rng: np.random.Generator,
) -> None:
    """Put up to nine buildings into a block, each with a margin of its own."""
    x0, y0, x1, y1 = box
    for row in range(3):
        for column in range(3):
            if rng.random() < 0.25:
                continue
            width, depth = (x1 - x0) / 3, (y1 - y0) / 3
            low = np.array([x0 + column * width, y0 + row * depth]) + rng.uniform(1.0, 5.0, 2)
            high = np.array([x0 + (column + 1) * width, y0 + (row + 1) * depth])
            high -= rng.uniform(1.0, 5.0, 2)
            (a, b), (c, d) = (low / cell_m).astype(int), (high / cell_m).astype(int)
            blocked[b:d, a:c] = True


def _zones(city: City, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Return discs of 20 to 60 m until their share of the city is reached."""
    n = round(city.side_m / city.cell_m)
    zones = np.zeros((n, n), np.bool_)
    y, x = np.mgrid[0:n, 0:n]
    while zones.mean() < city.zoned:
        at = rng.uniform(0.0, n, 2)
        radius = rng.uniform(20.0, 60.0) / city.cell_m
        zones |= (x - at[0]) ** 2 + (y - at[1]) ** 2 < radius**2
    return zones


def _sites(
    city: City, blocked: npt.NDArray[np.bool_], rng: np.random.Generator
) -> npt.NDArray[np.int32]:
    """Return open cells to stand on: half of them at facades, in raster order, spread evenly."""
    n = len(blocked)
    near = np.zeros_like(blocked)
    near[1:] |= blocked[:-1]
    near[:-1] |= blocked[1:]
    near[:, 1:] |= blocked[:, :-1]
    near[:, :-1] |= blocked[:, 1:]
    wanted = round((city.side_m / city.spacing_m) ** 2)
    chosen = []
    for kind in (near & ~blocked, ~near & ~blocked):
        cells = np.flatnonzero(kind)
        chosen.append(rng.choice(cells, min(len(cells), wanted // 2), replace=False))
    cells = np.sort(np.concatenate(chosen))
    return np.column_stack((cells % n, cells // n)).astype(np.int32)


Found = tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]


def _look(
    blocked: npt.NDArray[np.bool_],
    number: npt.NDArray[np.int32],
    sites: npt.NDArray[np.int32],
    cell_m: float,
) -> list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], float]]:
    """Return what each class sees from each site and heading."""
    return [
        (*_sweep(blocked, number, sites, reach / cell_m, view, 0.0), cost)
        for reach, view, cost in CLASSES
    ]


def _sweep(
    blocked: npt.NDArray[np.bool_],
    number: npt.NDArray[np.int32],
    sites: npt.NDArray[np.int32],
    reach: float,
    view_deg: float,
    near: float,
) -> Found:
    """Count, then list, what is seen from each site in each heading."""
    lengths = np.zeros(len(sites) * HEADINGS, np.int64)
    none = np.zeros(0, np.int32)
    half = math.radians(view_deg / 2)
    _march(blocked, number, sites, reach, half, near, lengths, none)
    ends = np.concatenate(([0], np.cumsum(lengths)))
    cells = np.empty(ends[-1], np.int32)
    _march(blocked, number, sites, reach, half, near, ends[:-1].copy(), cells)
    return ends, cells


@numba.njit(nogil=True, cache=True)
def _is_seen(blocked, x, y, u, v):  # noqa: ANN001, ANN202
    steps = 2 * max(abs(u - x), abs(v - y))
    for k in range(1, steps):
        a = round(x + (u - x) * k / steps)
        b = round(y + (v - y) * k / steps)
        if blocked[b, a]:
            return False
    return True


@numba.njit(nogil=True, cache=True)
def _march(blocked, number, sites, reach, half, near, at, cells):  # noqa: ANN001, ANN202
    """Add one to `at` for each cell seen, and write its number there if `cells` has room."""
    turn = 2.0 * np.pi / HEADINGS
    writes = len(cells) > 0
    for s in range(len(sites)):
        x, y = sites[s, 0], sites[s, 1]
        r = int(reach)
        for v in range(max(0, y - r), min(len(blocked), y + r + 1)):
            for u in range(max(0, x - r), min(blocked.shape[1], x + r + 1)):
                far = (u - x) ** 2 + (v - y) ** 2
                if number[v, u] < 0 or far > reach * reach or far < near * near or far == 0:
                    continue
                if not _is_seen(blocked, x, y, u, v):
                    continue
                angle = np.arctan2(v - y, u - x)
                for h in range(HEADINGS):
                    off = abs((angle - h * turn + np.pi) % (2.0 * np.pi) - np.pi)
                    if off <= half:
                        if writes:
                            cells[at[s * HEADINGS + h]] = number[v, u]
                        at[s * HEADINGS + h] += 1


def _problem_of(
    looks: list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], float]], count: int
) -> Problem:
    """Join what all classes see; cells that nobody sees ask for nothing, blind poses are left out.

    Candidates of one site stand together, as they would in a register.
    """
    lengths = np.concatenate([np.diff(ends) for ends, _, _ in looks])
    costs = np.concatenate([np.full(len(ends) - 1, cost) for ends, _, cost in looks])
    offsets = np.cumsum([0, *(len(cells) for _, cells, _ in looks)])
    starts = np.concatenate(
        [ends[:-1] + offset for (ends, _, _), offset in zip(looks, offsets, strict=False)]
    )
    site = np.concatenate([np.arange(len(ends) - 1) // HEADINGS for ends, _, _ in looks])
    order = np.argsort(site, kind="stable")
    order = order[lengths[order] > 0]
    cells = np.concatenate([part for _, part, _ in looks])
    indptr = np.concatenate(([0], np.cumsum(lengths[order])))
    out = np.empty(indptr[-1], np.int32)
    _gather(cells, starts[order], indptr, out)
    free = np.full(len(order), -1, np.int32)
    need = (np.bincount(out, minlength=count) > 0).astype(np.int32)
    none = np.zeros(0, np.int32)
    return Problem(
        indptr,
        out,
        costs[order],
        need,
        np.ones(count),
        free,
        none,
        np.full(count, -1, np.int32),
        np.zeros(0),
    )


@numba.njit(nogil=True, cache=True)
def _gather(cells, starts, indptr, out):  # noqa: ANN001, ANN202
    for k in range(len(starts)):
        for t in range(indptr[k], indptr[k + 1]):
            out[t] = cells[starts[k] + t - indptr[k]]
