"""Where the data are thin: a grid over the project, with what lacks in each cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from civicsight.report.quality.basis import Basis

SIDES_M: Final = (50.0, 100.0, 250.0, 500.0, 1_000.0, 2_500.0, 5_000.0, 10_000.0)
"""Sides of a cell, from a block of houses to a district."""

MOST_CELLS: Final = 400
"""A map with more cells than about twenty by twenty is a carpet, not a picture."""

THEMES: Final[Mapping[str, tuple[str, str]]] = {
    "heights": ("heights_assumed", "buildings"),
    "cameras": ("cameras_incomplete", "cameras"),
    "gates": ("gates_inferred", "gates"),
    "places": ("places_candidate", "places"),
}
"""By theme: the column of what lacks, and of what there is."""

COLUMNS: Final = (
    "buildings",
    "heights_assumed",
    "cameras",
    "cameras_incomplete",
    "cameras_no_direction",
    "places",
    "places_candidate",
    "gates",
    "gates_inferred",
    "entrances",
)


def make_cells(basis: Basis) -> tuple[gpd.GeoDataFrame, float]:
    """Count in each cell what there is and what lacks.

    Returns
    -------
    cells, side_m
        One row for each cell that holds anything: columns `COLUMNS`, and ``share_*`` by theme
        [0-1], NaN where there is nothing of it; indexed as on a street plan, letters from the west
        and numbers from the north. The corners lie on whole multiples of the side.
    """
    frames = _frames(basis)
    points = {
        name: shapely.get_coordinates(frame.representative_point().to_numpy())
        for name, frame in frames.items()
    }
    everything = np.concatenate(list(points.values()))
    crs = basis.city.crs
    if not len(everything):
        return _empty(crs), SIDES_M[0]
    side = fit_side(everything)
    low = np.floor(everything.min(axis=0) / side).astype(np.int64)
    high = np.floor(everything.max(axis=0) / side).astype(np.int64)
    shape = tuple(int(n) for n in (high - low + 1)[::-1])
    counts = {name: _count(place, low, side, shape, None) for name, place in points.items()}
    for name, masks in _masks(basis, frames).items():
        for column, mask in masks.items():
            counts[column] = _count(points[name], low, side, shape, mask)
    return _table(counts, low, side, crs), side


def fit_side(points: npt.NDArray[np.float64]) -> float:
    """Return the least side with which a grid over points has no more than `MOST_CELLS` cells."""
    width, depth = np.ptp(points, axis=0)
    for side in SIDES_M:
        if (width // side + 2) * (depth // side + 2) <= MOST_CELLS:
            return side
    return SIDES_M[-1]


def name_cell(column: int, row: int) -> str:
    """Name a cell as on a street plan.

    Examples
    --------
    >>> name_cell(0, 0), name_cell(25, 9), name_cell(26, 0)
    ('A1', 'Z10', 'AA1')
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row + 1}"


def _frames(basis: Basis) -> dict[str, gpd.GeoSeries]:
    used = basis.cameras[basis.cameras["used"]]
    return {
        "buildings": basis.city.buildings.geometry,
        "cameras": used.geometry,
        "places": basis.zones.geometry,
        "gates": basis.parts.geometry,
        "entrances": basis.city.entrances.geometry,
    }


def _masks(
    basis: Basis, frames: Mapping[str, gpd.GeoSeries]
) -> dict[str, dict[str, npt.NDArray[np.bool_]]]:
    """Return by layer what lacks, by column."""
    used = basis.cameras.loc[frames["cameras"].index]
    standing = basis.zones["standing"].isin(["designated", "confirmed"])
    return {
        "buildings": {"heights_assumed": basis.city.buildings["height_assumed"].to_numpy(bool)},
        "cameras": {
            "cameras_incomplete": ~used["sure"].to_numpy(bool),
            "cameras_no_direction": (~used["sure"] & used["azimuth_deg"].isna()).to_numpy(bool),
        },
        "places": {"places_candidate": ~standing.to_numpy(bool)},
        "gates": {"gates_inferred": basis.parts["guessed"].to_numpy(bool)},
        "entrances": {},
    }


def _count(
    points: npt.NDArray[np.float64],
    low: npt.NDArray[np.int64],
    side: float,
    shape: tuple[int, ...],
    mask: npt.NDArray[np.bool_] | None,
) -> npt.NDArray[np.int64]:
    """Count points by cell, rows from the south."""
    chosen = points if mask is None else points[mask]
    cell = np.floor(chosen / side).astype(np.int64) - low
    flat = cell[:, 1] * shape[1] + cell[:, 0]
    counted: npt.NDArray[np.int64] = np.bincount(flat, minlength=shape[0] * shape[1])
    return counted.reshape(shape)


def _table(
    counts: Mapping[str, npt.NDArray[np.int64]],
    low: npt.NDArray[np.int64],
    side: float,
    crs: object,
) -> gpd.GeoDataFrame:
    total = np.sum([counts[name] for name in COLUMNS], axis=0)
    rows, columns = np.nonzero(total)
    order = np.lexsort((columns, -rows))
    rows, columns = rows[order], columns[order]
    last = total.shape[0] - 1
    labels = [name_cell(int(c), last - int(r)) for r, c in zip(rows, columns, strict=True)]
    x, y = (low[0] + columns) * side, (low[1] + rows) * side
    frame = gpd.GeoDataFrame(
        {name: counts[name][rows, columns] for name in COLUMNS},
        geometry=shapely.box(x, y, x + side, y + side),
        index=pd.Index(labels, name="cell_id", dtype=object),
        crs=crs,
    )
    for theme, (lacks, there) in THEMES.items():
        whole = frame[there].to_numpy(np.float64)
        with np.errstate(invalid="ignore", divide="ignore"):
            frame[f"share_{theme}"] = np.where(whole > 0, frame[lacks] / whole, np.nan)
    return frame


def _empty(crs: object) -> gpd.GeoDataFrame:
    data = {name: pd.Series(dtype="int64") for name in COLUMNS}
    data |= {f"share_{theme}": pd.Series(dtype="float64") for theme in THEMES}
    index = pd.Index([], name="cell_id", dtype=object)
    return gpd.GeoDataFrame(data, geometry=gpd.GeoSeries([], crs=crs), index=index, crs=crs)
