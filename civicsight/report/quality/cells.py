"""Where the data are thin: fields on record by layer, and a grid with what lacks in each cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from civicsight.core.arrays import BoolArray
from civicsight.core.column import Column
from civicsight.coverage.check import place_and_read
from civicsight.coverage.demand.find import find_demand
from civicsight.coverage.findings.evidence import weigh_parts
from civicsight.coverage.pose.sensor_views import is_in_use
from civicsight.coverage.standing import directions_of
from civicsight.model import CITY_TABLES, City, Table
from civicsight.model.provenance import of_layer
from civicsight.report.quality.fitness import FieldQuality, LayerQuality
from civicsight.rules import Rules


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """Cameras with their heads, places and gates, as findings see them.

    Parameters
    ----------
    city, rules
        The project and the packs.
    cameras
        Cameras as placed, with ``known`` (``sure``, ``assumed``, ``unknown`` or ``unused``),
        ``used`` and ``sure`` (whether the record is complete).
    zones
        Mandatory places.
    parts
        Their gates and key parts, with ``guessed`` (inferred and not confirmed), ``capped`` (no
        violation may rest on it) and ``grounds``.
    """

    city: City
    rules: Rules
    cameras: gpd.GeoDataFrame
    zones: gpd.GeoDataFrame
    parts: gpd.GeoDataFrame


def read_basis(city: City, rules: Rules) -> Basis:
    """Read what findings would be made of, without looking for sight lines.

    Raises
    ------
    InputError
        If a register names a class that no pack has.
    """
    cameras, heads = place_and_read(city, city.cameras, rules)
    sure = set(heads.loc[heads["reading"].eq("sure"), "camera_id"])
    cameras = cameras.assign(
        known=directions_of(heads, cameras.index),
        used=is_in_use(cameras),
        sure=[label in sure for label in cameras.index],
    )
    demand = find_demand(city, rules)
    weights = weigh_parts(demand.parts, demand.zones, rules)
    guessed = demand.parts["inferred"].to_numpy(bool) & ~demand.parts["confirmed"].to_numpy(bool)
    parts = demand.parts.assign(
        guessed=guessed,
        capped=weights["capped"].to_numpy(bool),
        grounds=pd.Series(weights["grounds"], index=demand.parts.index, dtype=object),
    )
    return Basis(city, rules, cameras, demand.zones, parts)


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
    used = basis.cameras[basis.cameras["used"]]
    frames = {
        "buildings": basis.city.buildings.geometry,
        "cameras": used.geometry,
        "places": basis.zones.geometry,
        "gates": basis.parts.geometry,
        "entrances": basis.city.entrances.geometry,
    }
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


def _masks(basis: Basis, frames: Mapping[str, gpd.GeoSeries]) -> dict[str, dict[str, BoolArray]]:
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
    mask: BoolArray | None,
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


DECIDES: Final[Mapping[str, frozenset[str]]] = {
    "cameras": frozenset({"height_m", "azimuth_deg", "tilt_deg", "hfov_deg", "width_px"}),
    "buildings": frozenset({"height_m"}),
    "obstacles": frozenset({"height_m"}),
    "canopies": frozenset({"height_m"}),
    "places": frozenset({"standing"}),
}
"""Columns without which nothing is sure: what `coverage.pose.confidence_levels` asks of a
complete record, what stands in a sight line, and whether a place belongs to its class."""

HELPS: Final[Mapping[str, frozenset[str]]] = {
    "cameras": frozenset(
        {"kind", "mount", "setting", "status", "vfov_deg", "height_px", "reach_m", "usable"}
        | {"night_reach_m", "owner", "roll_deg", "near_m"}
    ),
    "buildings": frozenset({"base_m"}),
    "obstacles": frozenset({"kind", "base_m"}),
    "canopies": frozenset({"kind", "base_m", "summer", "winter"}),
    "roads": frozenset({"kind"}),
    "places": frozenset({"tags", "amap", "baidu", "industry", "item"}),
    "entrances": frozenset({"kind", "width_m"}),
    "barriers": frozenset({"kind", "height_m"}),
}
"""Columns that an assumption, a filter or a rule reads where they are filled."""

NO_ANSWER: Final = "unknown"
"""The value of a list that says that nothing is known."""


def measure_layers(city: City) -> tuple[LayerQuality, ...]:
    """Measure every table of a project."""
    return tuple(_layer(table, getattr(city, table.name), city) for table in CITY_TABLES)


def is_known(column: Column, values: pd.Series) -> BoolArray:
    """Tell which cells say something: not empty, and not only that nothing is known."""
    known: BoolArray = values.map(lambda value: _is_stated(column, value)).to_numpy(bool)
    return known


def _is_stated(column: Column, value: Any) -> bool:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return False
    if isinstance(value, str):
        return bool(value) and not (column.choices and value == NO_ANSWER)
    if isinstance(value, list | tuple | dict | set):
        return bool(value)
    return True


def _layer(table: Table, frame: gpd.GeoDataFrame, city: City) -> LayerQuality:
    """Measure a table; yes-or-no columns have no empty cells, so there is nothing to measure."""
    fields = tuple(
        _field(table, column, frame)
        for column in table
        if column.kind != "bool" and column.name in frame.columns
    )
    return LayerQuality(table.name, len(frame), fields, of_layer(city.provenance, table.name))


def _field(table: Table, column: Column, frame: gpd.GeoDataFrame) -> FieldQuality:
    known = is_known(column, frame[column.name])
    assumed = np.zeros(len(frame), bool)
    if column.name == "height_m" and "height_assumed" in frame.columns:
        assumed = known & frame["height_assumed"].to_numpy(bool)
    role = "describes"
    if column.name in DECIDES.get(table.name, ()):
        role = "decides"
    elif column.name in HELPS.get(table.name, ()):
        role = "helps"
    return FieldQuality(
        table.name,
        column.name,
        column.meaning,
        column.unit,
        len(frame),
        int((known & ~assumed).sum()),
        int(assumed.sum()),
        role,
    )
