"""The engine and the oracle side by side, cell by cell and line by line."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from civicsight.core.arrays import BoolArray
from civicsight.coverage.camera import Camera as EngineCamera
from civicsight.coverage.viewshed import Viewshed, viewshed
from civicsight.scene.bodies import Scene, build_scene
from tests import oracle_compiled
from tests.oracle import Feature, see
from tests.oracle_cells import cell_targets, cells_about, features_of, is_open
from tests.oracle_view import Camera, view_of
from tests.scenes import Case, cameras_of

GRAZING_M = 1e-9
"""An answer that would change if something moved by this much is a tie [m]."""

SIDEWAYS = ((1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0))
UPRIGHT = ((0, 0, 1), (0, 0, -1))

FEW_CELLS = 2_000
"""So many cells are left to the plain oracle, more go to its compiled twin."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One cell on which engine and oracle disagree for a reason."""

    head: str
    target: tuple[float, float, float]
    seen: bool
    clearance: float

    def __str__(self) -> str:
        """Say what was expected and what was found."""
        expected = "hidden" if self.seen else "visible"
        return (
            f"{self.head} -> {self.target}: expected {expected}, clearance {self.clearance:.3g} m"
        )


@dataclass(slots=True)
class Tally:
    """Cells compared, cells in view, ties that were decided otherwise, and true differences."""

    cells: int = 0
    in_view: int = 0
    visible: int = 0
    grazing: int = 0
    differ: list[Difference] | None = None

    def add(self, other: Tally) -> None:
        """Add the counts of another comparison."""
        self.cells += other.cells
        self.in_view += other.in_view
        self.visible += other.visible
        self.grazing += other.grazing
        self.differ = (self.differ or []) + (other.differ or [])


def scene_of(case: Case) -> Scene:
    """Build the engine's scene of a case."""
    return build_scene(case.buildings, case.obstacles, case.canopies, case.terrain)


def compare_case(case: Case) -> Tally:
    """Compare every head of a case on all cells in reach."""
    features, _ = features_of(case.buildings, case.obstacles, case.canopies, case.terrain)
    scene, tally = scene_of(case), Tally()
    for k in range(len(case.heads)):
        tally.add(compare_head(case, case.heads.iloc[[k]], scene, features))
    return tally


def compare_head(
    case: Case,
    head: gpd.GeoDataFrame,
    scene: Scene,
    features: list[Feature],
    camera: Camera | None = None,
) -> Tally:
    """Compare one head on all cells in reach: visibility, open ground and pixels per metre.

    The oracle looks through `camera`, by default through the same head.
    """
    camera = camera or cameras_of(head, case.terrain)[0]
    found = view_from(case, head, scene)
    col, row = cells_about(camera.x, camera.y, camera.reach, case.cell_m)
    targets = cell_targets(col, row, case.cell_m, case.target_height_m, case.terrain)
    view, px_m = view_of(camera, targets)
    seen, is_free, density = _pick(found, col, row, case.cell_m)
    expected = _expected(camera, targets, features, case)
    wrong = seen != expected
    tally = Tally(len(targets), int((view.min(axis=0) >= 0).sum()), int(expected.sum()), 0, [])
    _judge(head.index[0], camera, targets[wrong], seen[wrong], features, case, tally)
    assert (seen <= is_free).all(), "a cell inside a footprint is seen"
    both = seen & expected
    np.testing.assert_allclose(density[both], px_m[both], rtol=2e-6)
    assert (density[~seen] == 0).all()
    return tally


def view_from(case: Case, head: gpd.GeoDataFrame, scene: Scene) -> Viewshed:
    """Ask the engine for the view of one head, given as a table of one row."""
    (row,) = head.itertuples()
    names = (
        "azimuth_deg",
        "tilt_deg",
        "roll_deg",
        "height_m",
        "hfov_deg",
        "vfov_deg",
        "width_px",
        "reach_m",
        "near_m",
        "lens",
    )
    camera = EngineCamera(
        row.geometry.x, row.geometry.y, head.crs, **{name: getattr(row, name) for name in names}
    )
    return viewshed(camera, scene, target_height_m=case.target_height_m, cell_m=case.cell_m)


def _expected(
    camera: Camera, targets: npt.NDArray[np.float64], features: list[Feature], case: Case
) -> BoolArray:
    if len(targets) <= FEW_CELLS:
        expected = see(camera, targets, features, case.terrain).visible
    else:
        packed = oracle_compiled.pack(features)
        expected = oracle_compiled.visible(camera, targets, packed, case.terrain)
    expected[expected] = is_open(targets[expected], features)
    return expected


def _pick(found, col, row, cell):
    """Read the engine's window at cells; outside it nothing is seen."""
    at_row = np.round(found.transform.f / cell).astype(int) - 1 - row
    at_col = col - np.round(found.transform.c / cell).astype(int)
    n_row, n_col = found.visible.shape
    inside = (at_row >= 0) & (at_row < n_row) & (at_col >= 0) & (at_col < n_col)
    where = np.where(inside, at_row, 0), np.where(inside, at_col, 0)
    if not found.visible.size:
        nothing = np.zeros(len(col), bool)
        return nothing, ~nothing, nothing.astype(np.float32)
    return (
        inside & found.visible[where],
        ~inside | found.open[where],
        np.where(inside, found.px_m[where], 0),
    )


def _judge(name, camera, targets, seen, features, case, tally: Tally) -> None:
    """Count ties apart from true differences: a line that touches a body is none, it is hidden."""
    if not len(targets):
        return
    sight = see(camera, targets, features, case.terrain, margins=True)
    touched = (np.abs(sight.touched) < GRAZING_M) | ~_well_open(targets, features, SIDEWAYS)
    on_roof = is_open(targets, features) & ~_well_open(targets, features, UPRIGHT)
    for k in range(len(targets)):
        if touched[k] and not seen[k]:
            continue
        if not touched[k] and (abs(sight.clearance[k]) < GRAZING_M or on_roof[k]):
            tally.grazing += 1
        else:
            tally.differ.append(
                Difference(name, tuple(targets[k]), bool(seen[k]), float(sight.clearance[k]))
            )


def _well_open(targets, features, shifts):
    """Say which targets stay outside every solid when moved a hair."""
    moved = (targets + GRAZING_M * np.array(shift) for shift in shifts)
    return np.all([is_open(points, features) for points in moved], axis=0)
