"""Ids of an edited layer: kept where they are, made where a feature has none of its own.

A desktop GIS renumbers rows at will, leaves the id of a drawn feature empty and copies it with a
copied one; the id of a project is the column of the table, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import count

import geopandas as gpd
import numpy as np
import shapely

from civicsight.io.edits.model import Fresh
from civicsight.io.edits.values import is_missing
from civicsight.model import Table


def label_rows(
    table: Table,
    before: gpd.GeoDataFrame,
    raw: list[object],
    shapes: np.ndarray,
    tolerance_m: float,
) -> tuple[list[str], tuple[Fresh, ...]]:
    """Return an id for every edited row.

    Parameters
    ----------
    table, before
        The table and its rows in the project.
    raw
        The column of ids in the edited file.
    shapes
        Geometries of the edited rows in the CRS of the project, None where there is none.
    tolerance_m
        Differences of place up to this are rounding.

    Returns
    -------
    labels, fresh
        An id for each row, no two alike; and which of them were made here. Of several rows with
        one id the row nearest to where that feature was keeps it. A row that was given an id when
        the same file was taken over before, gets that one again.
    """
    numbers = _by_number(before.index)
    known = set(before.index)
    found = [_clean(value, known, numbers) for value in raw]
    keepers = _keepers(found, before, shapes)
    new = _new_labels(table, known | {label for label in found if label})
    given = _given_before(table, before, found)
    labels: list[str] = []
    fresh = []
    for row, label in enumerate(found):
        if label and keepers[label] == row:
            labels.append(label)
            continue
        again = _same_place(given, shapes[row], tolerance_m)
        if again:
            del given[again]
            labels.append(again)
            continue
        labels.append(next(new))
        fresh.append(Fresh(labels[-1], label or ""))
    return labels, tuple(fresh)


def _clean(value: object, known: set[str], numbers: dict[int, str]) -> str | None:
    """Return an id as the project writes it, None for an empty cell."""
    if is_missing(value) or not str(value).strip():
        return None
    if isinstance(value, float | np.floating) and float(value).is_integer():
        value = int(value)
    if isinstance(value, int | np.integer) and str(value) not in known:
        return numbers.get(int(value), str(value))  # 007 that became 7
    text = str(value)
    return text if text in known else text.strip()


def _by_number(labels: Iterable[str]) -> dict[int, str]:
    """Return ids made of digits by their number, those that no other id shares it with."""
    found: dict[int, list[str]] = {}
    for label in labels:
        if label.isascii() and label.isdecimal():
            found.setdefault(int(label), []).append(label)
    return {number: same[0] for number, same in found.items() if len(same) == 1}


def _keepers(
    found: list[str | None], before: gpd.GeoDataFrame, shapes: np.ndarray
) -> dict[str, int]:
    """Return the row that keeps each id."""
    rows: dict[str, list[int]] = {}
    for row, label in enumerate(found):
        if label:
            rows.setdefault(label, []).append(row)
    keepers = {}
    for label, same in rows.items():
        keepers[label] = same[0]
        if len(same) > 1 and label in before.index:
            place = before.geometry.loc[label]
            away = [_away(place, shapes[row]) for row in same]
            keepers[label] = same[int(np.argmin(away))]
    return keepers


def _away(one: object, two: object) -> float:
    """Return how far two shapes are apart by their outlines; a missing one is infinitely far."""
    return float("inf") if two is None else float(shapely.hausdorff_distance(one, two))


def _given_before(
    table: Table, before: gpd.GeoDataFrame, found: list[str | None]
) -> dict[str, object]:
    """Return the places of rows whose id was made here once, and that the file does not name."""
    made = re.compile(rf"{_stem(table)}-[1-9]\d*")
    named = set(found)
    return {
        label: shape
        for label, shape in before.geometry.items()
        if label not in named and made.fullmatch(label)
    }


def _same_place(places: dict[str, object], shape: object, tolerance_m: float) -> str:
    """Return the id of the row that stands just there; empty if none does."""
    for label, place in places.items():
        if shapely.equals_exact(place, shape, tolerance_m):
            return label
    return ""


def _stem(table: Table) -> str:
    return table.index.removesuffix("_id")


def _new_labels(table: Table, taken: set[str]) -> Iterator[str]:
    """Yield ids that no row has: camera-1, camera-2 ..."""
    for number in count(1):
        label = f"{_stem(table)}-{number}"
        if label not in taken:
            yield label
