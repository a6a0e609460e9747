"""What each of several cameras sees, as a table of polygons or as labelled arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from affine import Affine
from pyproj import CRS

from civicsight.core.door import map_of
from civicsight.core.errors import Fault, InputError, require_kind
from civicsight.core.i18n import DEFAULT_LANGUAGE, Language
from civicsight.core.overview import Overview, crs_name
from civicsight.core.progress import Progress
from civicsight.coverage._kernels.views import EYE, Cells
from civicsight.coverage.bounds import CELL_M, MILLION, require_cells, require_window
from civicsight.coverage.faults import fault
from civicsight.coverage.grid import prepare_cells, reach_boxes
from civicsight.coverage.jobs import run_jobs
from civicsight.coverage.prepare import Eyes, prepare, prepare_heads, require_in_city
from civicsight.coverage.privacy.apply_masks import mask_cells
from civicsight.coverage.privacy.masks import picture_of, placed_masks
from civicsight.coverage.table_inputs import Cameras, as_heads, describe_assumed
from civicsight.coverage.viewshed import TARGET_HEIGHT_M, keep, look_around
from civicsight.coverage.window import Band, Viewshed, as_dataset, draw_seen, outline, write_tiff
from civicsight.model import CAMERAS, HEADS
from civicsight.scene.bodies import BUILD, Scene
from civicsight.scene.nearness import require_unshifted

CAMERAS_PER_JOB: Final = 64
"""Cameras looked from in one job."""

SKETCHED_VIEWS: Final = 200
"""Views of a small map; of more, every second, third and so on is drawn."""

MOST_LABELLED: Final = 500_000_000
"""Cells of labelled arrays, all cameras together: 3 GB."""


@dataclass(frozen=True, slots=True, eq=False)
class Viewsheds:
    """What each of several cameras sees, each in a window of its own.

    Parameters
    ----------
    views
        One for each camera; a camera inside a building sees no cell.
    ids
        Its label: index of the table of heads.
    inside
        bool, shape ``(n,)``: cameras inside a building.
    crs, cell_m
        CRS of the scene, and side of a cell [m].
    assumed
        By camera the values that were assumed, for a frame did not say them; ``{}`` for none.
    """

    views: tuple[Viewshed, ...]
    ids: pd.Index
    inside: npt.NDArray[np.bool_]
    crs: CRS
    cell_m: float
    assumed: pd.Series

    def __len__(self) -> int:
        """Count the cameras."""
        return len(self.views)

    def __iter__(self) -> Iterator[Viewshed]:
        """Go through the views in the order of the cameras."""
        return iter(self.views)

    def __getitem__(self, label: object) -> Viewshed:
        """Return the view of a camera by its label.

        Raises
        ------
        KeyError
            If no camera is called so.
        """
        view: Viewshed = self.views[self.ids.get_loc(label)]
        return view

    def __repr__(self) -> str:
        """Say how many there are and how much they see, in one line."""
        return self._overview().line()

    def _repr_html_(self) -> str:
        """Show the same beside a small map, for a notebook."""
        return self._overview().html()

    def _overview(self) -> Overview:
        area = [view.area_m2 for view in self.views]
        facts = {
            "cameras": f"{len(self.views):,}",
            "inside": f"{int(self.inside.sum()):,}",
            "mean area_m2": f"{np.mean(area) if area else 0.0:,.0f}",
            "cell_m": f"{self.cell_m:g}",
            "crs": crs_name(self.crs),
        }
        facts |= {"assumed": describe_assumed(self.assumed)} if any(self.assumed) else {}
        step = -(-len(area) // SKETCHED_VIEWS) or 1
        seen = {f"{label}": f"{m2:,.0f} m2" for label, m2 in zip(self.ids, area, strict=True)}
        return Overview(
            "Viewsheds", facts, {"area_m2": seen}, lambda: [draw_seen(self.views[::step])]
        )

    def explore(self, language: Language = DEFAULT_LANGUAGE) -> Any:
        """Return a `folium.Map` of what each camera sees by level, which asks no network.

        Raises
        ------
        MismatchError
            If no camera sees anything.
        """
        return map_of("viewsheds", "views_map")(self, language)

    def to_polygons(self, *, least_px_m: float = 0.0) -> gpd.GeoDataFrame:
        """Return a table of one row a camera: what it sees with at least `least_px_m`.

        Columns ``area_m2``, ``best_px_m``, ``inside`` and ``geometry``, along cell edges; units in
        its ``attrs``.
        """
        masks = [view.visible & (view.px_m >= least_px_m) for view in self.views]
        table = gpd.GeoDataFrame(
            {
                "area_m2": [float(mask.sum()) * self.cell_m**2 for mask in masks],
                "best_px_m": [float(view.px_m.max(initial=0.0)) for view in self.views],
                "inside": self.inside,
            },
            index=self.ids,
            geometry=[
                outline(mask, view.transform) for mask, view in zip(masks, self.views, strict=True)
            ],
            crs=self.crs,
        )
        table.attrs["units"] = {"area_m2": "m2", "best_px_m": "px/m"}
        return table

    def _window(self) -> tuple[tuple[int, int], Affine]:
        """Return shape and transform of the window around all."""
        size = self.cell_m
        if not self.views:
            return (0, 0), Affine(size, 0.0, 0.0, 0.0, -size, 0.0)
        at = [(view.transform, view.visible.shape) for view in self.views if view.visible.size]
        west = min((t.c for t, _ in at), default=0.0)
        north = max((t.f for t, _ in at), default=0.0)
        east = max((t.c + s[1] * size for t, s in at), default=west)
        south = min((t.f - s[0] * size for t, s in at), default=north)
        shape = (round((north - south) / size), round((east - west) / size))
        return shape, Affine(size, 0.0, west, 0.0, -size, north)

    def _place(self, view: Viewshed, whole: Affine) -> tuple[slice, slice]:
        """Return where the window of a view lies in that of all."""
        row = round((whole.f - view.transform.f) / self.cell_m)
        col = round((view.transform.c - whole.c) / self.cell_m)
        n_row, n_col = view.visible.shape
        return slice(row, row + n_row), slice(col, col + n_col)

    def layers(self) -> tuple[dict[str, Band], Affine]:
        """Return px/m of every camera in one window around all, shape ``(n, n_row, n_col)``.

        Raises
        ------
        InputError
            If cameras lie so far apart that there would be too many cells.
        """
        shape, transform = self._window()
        count = len(self.views) * shape[0] * shape[1]
        if count > MOST_LABELLED:
            raise InputError([_too_many(count)])
        px_m = np.zeros((len(self.views), *shape), np.float32)
        for at, view in zip(px_m, self.views, strict=True):
            at[self._place(view, transform)] = view.px_m
        meaning = "pixel density on a target, 0 where not seen"
        return {"px_m": Band(px_m, "px/m", meaning)}, transform

    def to_xarray(self) -> Any:
        """Return an `xarray.Dataset` over ``camera``, ``y``, ``x``, with units in its ``attrs``.

        Raises
        ------
        InputError
            If cameras lie so far apart that there would be too many cells.
        MismatchError
            If xarray is not installed.
        """
        layers, transform = self.layers()
        return as_dataset(layers, transform, self.crs, {"camera": self.ids.to_numpy(object)})

    def to_geotiff(self, path: Path | str) -> None:
        """Write the best px/m of all cameras, and how many see a cell, as bands of a GeoTIFF."""
        shape, transform = self._window()
        best, count = np.zeros(shape, np.float32), np.zeros(shape, np.uint16)
        for view in self.views:
            at = self._place(view, transform)
            best[at] = np.maximum(best[at], view.px_m)
            count[at] += view.visible
        layers = {
            "best_px_m": Band(best, "px/m", "best pixel density of any camera"),
            "cameras": Band(count, "1", "number of cameras that see the cell"),
        }
        write_tiff(Path(path), layers, transform, self.crs)


def _too_many(count: int) -> Fault:
    return fault(
        "grid.cells:cameras",
        HEADS.name,
        field="cell_m",
        found=f"{count // MILLION:,}",
        most=MOST_LABELLED // MILLION,
    )


def viewsheds(
    cameras: Cameras,
    scene: Scene,
    *,
    target_height_m: float = TARGET_HEIGHT_M,
    cell_m: float = CELL_M,
    roofs: bool = False,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Viewsheds:
    """Compute what each of several cameras sees; as `viewshed`, for many.

    Parameters
    ----------
    cameras
        A list of `Camera`, rows of a city's cameras, a plain frame of ``x`` and ``y`` or a
        geometry, ``azimuth_deg``, ``height_m`` and any other value of a `Camera`, or table
        `model.HEADS`; all in the CRS of the scene. What a frame leaves open is as in `Camera`,
        which a warning and `Viewsheds.assumed` say.
    scene, target_height_m, cell_m, roofs
        As `viewshed`.
    progress, executor
        As `raster.compute_coverage`.

    Returns
    -------
    Viewsheds
        One view a camera, in the order given.

    Raises
    ------
    InputError, CrsError, MismatchError, SchemaError
        As `viewshed`; but a camera inside a building is marked, not refused. Or if a frame lacks
        what places a camera or says where it looks, or was measured off when it was read.

    Examples
    --------
    >>> from civicsight import Camera, build_scene, model
    >>> two = [Camera(x, 0.0, "EPSG:32635", reach_m=20.0) for x in (0.0, 50.0)]
    >>> len(viewsheds(two, build_scene(model.BUILDINGS.empty("EPSG:32635"))))
    2
    """
    require_kind("scene", scene, Scene, BUILD)
    if isinstance(cameras, pd.DataFrame):
        require_unshifted(cameras, CAMERAS.name)
    heads = as_heads(cameras, scene.crs)
    eyes = prepare_heads(heads, scene)
    require_in_city(heads.geometry.to_numpy(), heads.index, scene)
    require_cells(cell_m, target_height_m)
    require_window(eyes.table[:, EYE.reach], cell_m)
    boxes = reach_boxes(eyes.table[:, :2], eyes.table[:, [EYE.reach]], cell_m)
    cells = prepare_cells(scene, cell_m, target_height_m, boxes)
    parts = [slice(k, k + CAMERAS_PER_JOB) for k in range(0, len(heads), CAMERAS_PER_JOB)]
    jobs = [
        (heads.iloc[rows], Eyes(eyes.table[rows], eyes.skips, eyes.inside[rows])) for rows in parts
    ]
    weights = [len(job[0]) for job in jobs]
    found = run_jobs(_look, jobs, weights, progress, executor, shared=(cells, scene, roofs))
    views = tuple(view for some in found for view in some)
    ids = cameras.index if isinstance(cameras, pd.DataFrame) else heads.index
    notes = heads.get("assumptions", pd.Series(None, heads.index, dtype=object))
    said = [dict(note) if isinstance(note, Mapping) else {} for note in notes]
    assumed = pd.Series(said, ids, dtype=object, name="assumed")
    return Viewsheds(views, ids, eyes.inside, scene.crs, float(cell_m), assumed)


def _look(
    cells: Cells,
    scene: Scene,
    roofs: bool,  # noqa: FBT001 - a job is called with what it takes, in order
    heads: gpd.GeoDataFrame,
    eyes: Eyes,
) -> list[Viewshed]:
    """Look from the cameras of one job."""
    ready, masks, views = prepare(scene), placed_masks(heads), []
    for row in range(len(heads)):
        one = Eyes(eyes.table[row : row + 1], eyes.skips, eyes.inside[row : row + 1])
        view = look_around(one, ready, cells, scene, roofs=roofs and not eyes.inside[row])
        if row in masks and not eyes.inside[row]:
            look = (picture_of(heads, row, eyes.table[row, :3]), masks[row])
            view = keep(view, mask_cells(view, look, ready, cells, scene))
        views.append(view)
    return views
