"""What was changed in a project, as values: each change countable, listable and undoable."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from civicsight.core.arrays import Geometries
from civicsight.core.errors import N_, Text
from civicsight.core.i18n import DEFAULT_LANGUAGE, Language, translate
from civicsight.core.keyed_difference import apart_m
from civicsight.io.report import LAYER_LABELS
from civicsight.model.notes import Note

MAX_LISTED: Final = 10
"""A summary lists at most this many changes of one sort in a layer and counts the others."""

DIGITS: Final = 3
"""Decimals of a number that are shown, if they tell it from the one before."""

MAX_SHOWN: Final = 60
"""A longer value is cut in a summary; the table has all of it."""

COLUMNS: Final = ("layer", "id", "what", "field", "old", "new", "distance_m")
"""Columns of `Edits.table`."""


@dataclass(frozen=True, slots=True)
class Change:
    """One value that another took the place of."""

    label: str
    field: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True, eq=False)
class Reshaped:
    """One feature that was moved or drawn anew.

    Parameters
    ----------
    label
        Its id.
    distance_m
        How far it was moved; of a shape drawn anew, how far its outline lies from the old one,
        infinite where there was none or is none now.
    geometry
        Its shape now, in the CRS of the project; None where its place was taken away.
    moved
        Whether it kept its form.
    """

    label: str
    distance_m: float
    geometry: BaseGeometry | None
    moved: bool


@dataclass(frozen=True, slots=True)
class Fresh:
    """An id that was given to a new feature: it had none, or it was a copy of another."""

    label: str
    copy_of: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class LayerEdits:
    """What was changed in one layer.

    Parameters
    ----------
    layer
        Table of the project.
    read
        Rows of the layer in the edited file.
    added
        New rows, as the table is declared, with their ids.
    removed
        Ids of rows that are gone.
    reshaped, changed
        Other places and shapes, and other values, of rows that stayed.
    fresh
        Which new rows were given their id here.
    notes
        What else is to be known before the changes are taken.
    """

    layer: str
    read: int
    added: gpd.GeoDataFrame
    removed: tuple[str, ...] = ()
    reshaped: tuple[Reshaped, ...] = ()
    changed: tuple[Change, ...] = ()
    fresh: tuple[Fresh, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was changed."""
        return not (len(self.added) or self.removed or self.reshaped or self.changed)

    @property
    def moved(self) -> tuple[Reshaped, ...]:
        """What was moved and kept its form."""
        return tuple(entry for entry in self.reshaped if entry.moved)

    @property
    def redrawn(self) -> tuple[Reshaped, ...]:
        """What was drawn anew."""
        return tuple(entry for entry in self.reshaped if not entry.moved)

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Iterate over the changes as rows of `Edits.table`."""
        copies = {entry.label: entry.copy_of for entry in self.fresh}
        for label in self.added.index:
            yield self.layer, label, "added", "", copies.get(label) or None, None, None
        for label in self.removed:
            yield self.layer, label, "removed", "", None, None, None
        for entry in self.reshaped:
            what = "moved" if entry.moved else "redrawn"
            yield self.layer, entry.label, what, "geometry", None, None, entry.distance_m
        for change in self.changed:
            old, new = change.old, change.new
            yield self.layer, change.label, "changed", change.field, old, new, None


@dataclass(frozen=True, slots=True, eq=False)
class Edits:
    """Everything that was changed in a copy of a project.

    Parameters
    ----------
    source
        Name of the edited file.
    layers
        Layers of the file that belong to the project, also those without a change.
    notes
        What of the file was not looked at.
    """

    source: str
    layers: tuple[LayerEdits, ...]
    notes: tuple[Note, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was changed."""
        return all(layer.is_empty for layer in self.layers)

    def layer(self, name: str) -> LayerEdits:
        """Return what was changed in one layer.

        Raises
        ------
        KeyError
            If the edited file does not have it.
        """
        for layer in self.layers:
            if layer.layer == name:
                return layer
        raise KeyError(name)

    def table(self) -> pd.DataFrame:
        """Return every change as a row: `COLUMNS`.

        ``what`` is added, removed, moved, redrawn or changed; ``old`` of an added row is the id
        that it was copied from.
        """
        rows = [row for layer in self.layers for row in layer.rows()]
        return pd.DataFrame(rows, columns=list(COLUMNS))

    def summary(self, language: Language = DEFAULT_LANGUAGE) -> str:
        """Render the difference as lines for a person."""
        head = N_("Edited: %(source)s", source=self.source)
        lines = [translate(head, language)]
        lines += ["  " + translate(one.example, language) for one in self.notes]
        for layer in self.layers:
            if not layer.is_empty or layer.notes:
                lines += _layer_lines(layer, language)
        same = [layer.layer for layer in self.layers if layer.is_empty and not layer.notes]
        if same and not self.is_empty:
            names = translate(N_(", "), language).join(_label(name, language) for name in same)
            lines.append("- " + translate(N_("no difference: %(names)s", names=names), language))
        if self.is_empty:
            lines.append(translate(N_("Nothing was changed."), language))
        return "\n".join(lines)


def shown(value: object, language: Language) -> str:
    """Write a value for a person, cut if it is long."""
    if value is None or value != value:  # noqa: PLR0124 - NaN is the missing number
        return translate(N_("(empty)"), language)
    if isinstance(value, bool):
        return translate(N_("yes") if value else N_("no"), language)
    if isinstance(value, float):
        text = f"{value:.10g}"
    elif isinstance(value, str):
        text = value
    else:
        text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"


def _layer_lines(layer: LayerEdits, language: Language) -> list[str]:
    counts = _counts(layer)
    if not counts:
        counts = [N_("no difference")]
    told = translate(N_(", "), language).join(translate(text, language) for text in counts)
    head = N_("%(what)s: %(value)s", what=_label(layer.layer, language), value=told)
    lines = ["- " + translate(head, language)]
    lines += ["    " + translate(one.example, language) for one in layer.notes]
    for sentences in _sentences(layer, language):
        lines += ["    " + translate(text, language) for text in sentences[:MAX_LISTED]]
        if len(sentences) > MAX_LISTED:
            more = N_("... and %(count)s more", count=len(sentences) - MAX_LISTED)
            lines.append("    " + translate(more, language))
    return lines


def _label(name: str, language: Language) -> str:
    return translate(LAYER_LABELS.get(name, Text(name)), language)


def _counts(layer: LayerEdits) -> list[Text]:
    touched = len({change.label for change in layer.changed})
    counts = []
    if len(layer.added):
        counts.append(N_("%(count)s added", count=len(layer.added)))
    if layer.removed:
        counts.append(N_("%(count)s removed", count=len(layer.removed)))
    if layer.moved:
        farthest = f"{max(entry.distance_m for entry in layer.moved):.2f}"
        counts.append(
            N_("%(count)s moved, by %(most)s m at most", count=len(layer.moved), most=farthest)
        )
    if layer.redrawn:
        counts.append(N_("%(count)s drawn anew", count=len(layer.redrawn)))
    if touched:
        counts.append(
            N_("%(count)s values changed in %(rows)s rows", count=len(layer.changed), rows=touched)
        )
    return counts


def _sentences(layer: LayerEdits, language: Language) -> list[list[Text]]:
    """List the changes, sort by sort."""
    copies = {entry.label: entry.copy_of for entry in layer.fresh}
    return [
        [_added(label, copies) for label in layer.added.index.astype(str)],
        [N_("removed: %(id)s", id=label) for label in layer.removed],
        [
            N_("moved: %(id)s, by %(distance)s m", id=e.label, distance=f"{e.distance_m:.2f}")
            for e in layer.moved
        ],
        [_redrawn(entry) for entry in layer.redrawn],
        [
            N_(
                "changed: %(id)s, %(field)s: %(old)s → %(new)s",
                id=change.label,
                field=change.field,
                old=old,
                new=new,
            )
            for change in layer.changed
            for old, new in [_pair(change, language)]
        ],
    ]


def _pair(change: Change, language: Language) -> tuple[str, str]:
    """Write both values of a change, with no more digits than it takes to tell them apart."""
    plain = [
        shown(round(value, DIGITS) if isinstance(value, float) else value, language)
        for value in (change.old, change.new)
    ]
    if plain[0] != plain[1]:
        return plain[0], plain[1]
    return shown(change.old, language), shown(change.new, language)


def _redrawn(entry: Reshaped) -> Text:
    if entry.geometry is None:
        return N_("no longer on the map: %(id)s", id=entry.label)
    if math.isinf(entry.distance_m):
        return N_("drawn anew: %(id)s", id=entry.label)
    return N_(
        "drawn anew: %(id)s, up to %(distance)s m from the old outline",
        id=entry.label,
        distance=f"{entry.distance_m:.2f}",
    )


def _added(label: str, copies: dict[str, str]) -> Text:
    if label not in copies:
        return N_("added: %(id)s", id=label)
    if copies[label]:
        return N_(
            "added: %(id)s, a new number, for it was copied from %(other)s",
            id=label,
            other=copies[label],
        )
    return N_("added: %(id)s, a new number, for it had none", id=label)


SAME_M: Final = 0.001
"""In the CRS of the project a feature that lies within a millimetre of where it was is in place."""

REPROJECTED_M: Final = 0.02
"""In another CRS two centimetres are rounding: GeoJSON keeps seven digits of a degree, 1.1 cm.

References
----------
RFC 7946, section 11.2; GDAL, driver GeoJSON, option COORDINATE_PRECISION.
"""


def find_reshaped(
    labels: list[str], old: Geometries, new: Geometries, tolerance_m: float
) -> tuple[Reshaped, ...]:
    """Return what was moved or drawn anew, feature by feature.

    Parameters
    ----------
    labels
        Ids.
    old, new
        Geometries in one metric CRS; None where a row has no place.
    tolerance_m
        Differences up to this are rounding.
    """
    unplaced = shapely.is_missing(old) & shapely.is_missing(new)
    different = np.flatnonzero(~shapely.equals_exact(old, new, tolerance_m) & ~unplaced)
    found = [_reshaped(labels[k], old[k], new[k], tolerance_m) for k in different]
    return tuple(entry for entry in found if entry is not None)


def _reshaped(
    label: str, old: BaseGeometry | None, new: BaseGeometry | None, tolerance_m: float
) -> Reshaped | None:
    if old is None or new is None:
        return Reshaped(label, math.inf, new, moved=False)
    one, two = _plain(old), _plain(new)
    if one.geom_type == two.geom_type == "Point":
        distance = one.distance(two)
        return Reshaped(label, distance, new, moved=True) if distance > tolerance_m else None
    step = _shift(one, two, tolerance_m)
    if step is not None:
        return Reshaped(label, step, new, moved=True) if step > tolerance_m else None
    off = float(apart_m(np.array([one]), np.array([two]))[0])
    return Reshaped(label, off, new, moved=False) if off > tolerance_m else None


def _plain(shape: BaseGeometry) -> BaseGeometry:
    """Return a collection of one as that one, its points in a fixed order."""
    parts = shapely.get_parts(shape)
    single: BaseGeometry = parts[0] if len(parts) == 1 else shape
    plain: BaseGeometry = shapely.normalize(single)
    return plain


def _shift(one: BaseGeometry, two: BaseGeometry, tolerance_m: float) -> float | None:
    """Return how far a shape was moved as a whole; None if its form is another."""
    before, after = shapely.get_coordinates(one), shapely.get_coordinates(two)
    if one.geom_type != two.geom_type or before.shape != after.shape:
        return None
    steps = after - before
    if np.ptp(steps, axis=0).max() > 2.0 * tolerance_m:
        return None
    return float(np.hypot(*steps.mean(axis=0)))
