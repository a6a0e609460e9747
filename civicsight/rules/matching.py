"""Find the places that selectors of a pack look for by tags, classes or codes, and measure them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from civicsight.rules.hidden import is_hidden
from civicsight.rules.pack import ANY, Bound, Selector

_NUMBERS = re.compile(r"\d+(?:\.\d+)?")
_THOUSANDS = re.compile(r"(?<=\d)[, ](?=\d{3}(?!\d))")

AREA_TYPES: Final = ("Polygon", "MultiPolygon")
LINE_TYPES: Final = ("LineString", "MultiLineString", "LinearRing")


def shape_of(geometry: BaseGeometry) -> str:
    """Return ``point``, ``line`` or ``area``."""
    if geometry.geom_type in AREA_TYPES:
        return "area"
    return "line" if geometry.geom_type in LINE_TYPES else "point"


def longest_side(geometry: BaseGeometry) -> float:
    """Return the longer side [m] of the smallest rectangle around a geometry.

    For a bridge drawn as several ways, one per carriageway, this is its length; the sum of the
    ways would count it twice.
    """
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(geometry))
    if len(corners) < 3:
        return float(geometry.length)
    steps = corners[1:3] - corners[:2]
    return float((steps**2).sum(axis=1).max() ** 0.5)


def measure(field: str, geometry: BaseGeometry, tags: Mapping[str, str]) -> float | None:
    """Return a measure of a place; None if the data do not have it.

    Parameters
    ----------
    field
        ``area_m2``, ``floor_area_m2``, ``length_m``, ``capacity`` [persons or cars] or
        ``voltage_v``. Of several voltages, as ``110000;20000``, the highest counts.

    Notes
    -----
    A shop has as many floors as its building. Where their number is unknown the outline is the
    least that the floor area can be: it may show that a place is large, never that it is not.
    """
    if field == "area_m2":
        return float(geometry.area) if shape_of(geometry) == "area" else None
    if field == "floor_area_m2":
        if shape_of(geometry) != "area":
            return None
        floors = _NUMBERS.findall(tags.get("building:levels", ""))
        return float(geometry.area) * float(floors[0]) if floors else None
    if field == "length_m":
        return longest_side(geometry) if shape_of(geometry) != "point" else None
    text = tags.get("voltage" if field == "voltage_v" else field, "")
    numbers = [float(number) for number in _NUMBERS.findall(_THOUSANDS.sub("", text))]
    return max(numbers) if numbers else None


def reaches(bound: Bound, geometry: BaseGeometry, tags: Mapping[str, str]) -> bool | None:
    """Tell whether a place reaches a bound; None if its measure is unknown."""
    value = measure(bound.field, geometry, tags)
    if value is None and bound.field == "floor_area_m2":
        return True if geometry.area >= bound.at_least else None
    return None if value is None else value >= bound.at_least


_SPLIT = re.compile(r"[;|,\s]+")
_AMAP = re.compile(r"\d{6}")
_INDUSTRY = re.compile(r"[A-T]?(\d{2,4})")


@dataclass(frozen=True, slots=True)
class Match:
    """A row of a table and the strongest selector that found it."""

    row: int
    selector: Selector


class Marks:
    """What a table's rows carry, turned round so that a selector finds its rows at once.

    Places of worship and of the armed forces carry nothing here, so that no selector finds them,
    whatever else they are tagged as.

    Parameters
    ----------
    frame
        Table with a geometry, and ``tags``, ``amap``, ``baidu`` or ``industry`` where it has them.
        Codes that are not six digits (AMap), or two to four behind the letter of their section
        (GB/T 4754), are no marks.
    tags
        Tags of each row, if not those of the column.
    """

    def __init__(
        self, frame: gpd.GeoDataFrame, tags: Sequence[Mapping[str, str]] | None = None
    ) -> None:
        self.geometry: list[Any] = list(frame.geometry)
        self.tags = [dict(entry) for entry in (tags if tags is not None else read_tags(frame))]
        self._by_tag: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._by_amap: dict[str, list[int]] = defaultdict(list)
        self._by_industry: dict[str, list[int]] = defaultdict(list)
        self._by_baidu: dict[str, list[int]] = defaultdict(list)
        columns = [_texts(frame, name) for name in ("amap", "industry", "baidu")]
        for row, (entry, amap, industry, baidu) in enumerate(zip(self.tags, *columns, strict=True)):
            codes, trades = _codes(amap, _AMAP), _codes(industry, _INDUSTRY)
            classes = [name.strip() for name in baidu.split("|") if name.strip()] if baidu else []
            if is_hidden(entry, codes, trades, classes):
                continue
            for key, text in entry.items():
                plain = ";" not in text and text == text.strip()
                for word in (text,) if plain else {text, *map(str.strip, text.split(";"))}:
                    self._by_tag[key, word].append(row)
            for code in codes:
                self._by_amap[code].append(row)
            for code in trades:
                self._by_industry[code].append(row)
            for name in classes:
                self._by_baidu[name].append(row)

    def find(self, selectors: Iterable[Selector]) -> dict[int, Match]:
        """Return for each row that any selector finds the match of highest confidence.

        Of two that are equally strong, the one that the pack names first wins.
        """
        best: dict[int, Match] = {}
        for selector in selectors:
            for row in self._rows(selector):
                if row not in best or selector.conf > best[row].selector.conf:
                    best[row] = Match(row, selector)
        return dict(sorted(best.items()))

    def find_unmeasured(self, selectors: Iterable[Selector]) -> dict[int, Match]:
        """Return for each row the first match that a measure would decide which is not known."""
        found: dict[int, Match] = {}
        for selector in selectors:
            bound = selector.where
            if bound is None:
                continue
            for row in self._rows(replace(selector, where=None)):
                if reaches(bound, self.geometry[row], self.tags[row]) is None:
                    found.setdefault(row, Match(row, selector))
        return dict(sorted(found.items()))

    def _rows(self, selector: Selector) -> set[int]:
        rows = set[int]()
        if selector.osm:
            rows = set.intersection(*(self._tagged(key, values) for key, values in selector.osm))
            for key, values in selector.exclude:
                rows -= self._tagged(key, values)
        for low, high in selector.amap:
            rows.update(*(found for code, found in self._by_amap.items() if low <= code <= high))
        for prefix in selector.industry:
            rows.update(
                *(found for code, found in self._by_industry.items() if code.startswith(prefix))
            )
        for name in selector.baidu:
            rows.update(
                *(
                    found
                    for own, found in self._by_baidu.items()
                    if own == name or own.startswith(f"{name};")
                )
            )
        if selector.geom:
            rows = {row for row in rows if shape_of(self.geometry[row]) == selector.geom}
        if selector.where is not None:
            bound = selector.where
            rows = {row for row in rows if reaches(bound, self.geometry[row], self.tags[row])}
        return rows

    def _tagged(self, key: str, values: tuple[str, ...]) -> set[int]:
        rows = set[int]()
        for value in values:
            if value != ANY:
                rows.update(self._by_tag.get((key, value), ()))
                continue
            rows.update(
                *(found for (k, word), found in self._by_tag.items() if k == key and word != "no")
            )
        return rows


def _codes(text: str, pattern: re.Pattern[str]) -> list[str]:
    """Return the digits of every code of a cell that is one."""
    found = (pattern.fullmatch(part) for part in _SPLIT.split(text)) if text else ()
    return [match[match.lastindex or 0] for match in found if match]


def read_tags(frame: pd.DataFrame) -> list[Mapping[str, str]]:
    """Return the tags of each row; empty where a row has none."""
    if "tags" not in frame.columns:
        return [{} for _ in range(len(frame))]
    return [entry if isinstance(entry, dict) else {} for entry in frame["tags"]]


def road_tags(roads: gpd.GeoDataFrame) -> list[Mapping[str, str]]:
    """Return the tags of each road, with its class, bridge and tunnel as the table has them."""
    found: list[Mapping[str, str]] = []
    columns = zip(
        read_tags(roads),
        roads["kind"],
        np.asarray(roads["bridge"]),
        np.asarray(roads["tunnel"]),
        strict=True,
    )
    for tags, kind, bridge, tunnel in columns:
        entry = {**tags, "highway": str(kind)}
        entry["bridge"] = entry.get("bridge", "yes") if bridge else "no"
        entry["tunnel"] = entry.get("tunnel", "yes") if tunnel else "no"
        found.append(entry)
    return found


def _texts(frame: pd.DataFrame, name: str) -> list[str]:
    if name not in frame.columns:
        return [""] * len(frame)
    return [value if isinstance(value, str) else "" for value in frame[name]]
