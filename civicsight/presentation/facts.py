"""What a person reads about one camera, place or part: rows of facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from civicsight.core.errors import N_
from civicsight.coverage.standing import direction_of_cameras, shown_parts, status_of_parts
from civicsight.model import CAMERAS, NEED, Column
from civicsight.presentation.codes import COLUMNS
from civicsight.presentation.columns import heading
from civicsight.presentation.lexicon import (
    CAMERA_KINDS,
    MOUNTS,
    STANDINGS,
    UNUSED_REASONS,
    number,
    share,
    word,
)
from civicsight.presentation.names import Names, reason_unused, rows_of
from civicsight.presentation.reading_notes import notes_beside
from civicsight.presentation.symbols import CAMERA_LABELS, PART_LABELS, STATUS_LABELS
from civicsight.rules.criteria import BY_KIND, DETECTED_PX_M, PIXEL_DENSITY, criterion_of

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult

Facts = list[tuple[str, str]]

SHOWN: Final = tuple(column for column in CAMERAS if column.shown)
"""Columns of cameras that are told as they are recorded."""


def camera_facts(result: CheckResult, names: Names) -> list[Facts]:
    """Describe each camera, in the order of the table."""
    translate = names.translate
    direction = direction_of_cameras(result)
    heads = result.heads
    believed = heads[heads["reading"] == "assumed"]
    grounds = believed.groupby("camera_id")["assumptions"].first().to_dict()
    shift = heads.groupby("camera_id")["shift_m"].max().to_dict()
    noted = notes_beside(result.notes, "cameras", names.language)
    out = []
    for label, row in rows_of(result.cameras):
        kind = word(CAMERA_KINDS, row.kind or "unknown", names.language)
        mount = word(MOUNTS, row.mount or "unknown", names.language)
        why_unused = (
            names.translate(UNUSED_REASONS[reason_unused(row)])
            if direction[label] == "unused"
            else ""
        )
        facts = [
            (translate(N_("Number")), label),
            (translate(N_("Build")), f"{kind} / {mount}"),
            *((translate(heading(own.name)), _value(own, row, names)) for own in SHOWN),
            (translate(N_("Not counted")), why_unused),
            (translate(N_("Direction")), _direction(row.azimuth_deg, direction[label], names)),
            (translate(N_("Height")), f"{number(row.height_m, 1)} m"),
            (translate(N_("Judged by")), _criterion(row, names)),
            (translate(N_("Assumed")), names.grounds(grounds.get(label))),
            (translate(N_("How the list was read")), noted.get(str(label), "")),
        ]
        if shift.get(label, 0.0) > 0.0:
            facts.append((translate(N_("Moved off a wall by")), f"{number(shift[label], 1)} m"))
        out.append(_filled(facts))
    return out


def _value(column: Column, row: Any, names: Names) -> str:
    """Write a value as a person reads it below a heading with its unit; empty where unknown."""
    value = getattr(row, column.name)
    if value is None or value != value:  # noqa: PLR0124 - NaN is the missing value of a column
        return ""
    if column.kind in ("bool", "maybe"):
        return names.translate(N_("yes") if value else N_("no"))
    if column.kind == "float":
        return f"{value:g}"
    return word(COLUMNS.get(column.name, {}), value, names.language)


def _direction(azimuth: float, known: str, names: Names) -> str:
    if np.isfinite(azimuth):
        return f"{number(azimuth)}°"
    return names.translate(CAMERA_LABELS["unknown" if known == "unused" else known])


def _criterion(row: Any, names: Names) -> str:
    """Say by which range a camera is judged; empty for one that is judged by its pixels."""
    criterion = criterion_of(row.kind)
    if criterion is PIXEL_DENSITY:
        return ""
    stated = getattr(row, criterion.column)
    return names.translate(
        criterion.with_unit(number(stated)) if np.isfinite(stated) else N_("no stated range")
    )


def zone_facts(result: CheckResult, names: Names) -> list[Facts]:
    """Describe each mandatory place, in the order of the table."""
    translate = names.translate
    status = status_of_parts(result)
    counts = pd.crosstab(result.parts["zone_id"], status)
    out = []
    for label, row in rows_of(result.zones):
        facts = [
            (translate(N_("Class")), names.classes_of(row)),
            (translate(N_("Standing")), word(STANDINGS, row.standing, names.language)),
            (translate(N_("Confidence")), share(row.confidence)),
        ]
        if label in counts.index:
            facts += [
                (translate(STATUS_LABELS[name]), number(counts.loc[label, name]))
                for name in STATUS_LABELS
                if name in counts and counts.loc[label, name]
            ]
        out.append(_filled(facts))
    return out


def part_facts(result: CheckResult, names: Names) -> list[Facts]:
    """Describe each part, in the order of the table."""
    translate = names.translate
    shown = shown_parts(result)
    coming = set(result.cameras.index[result.cameras["status"].isin(["planned", "approved"])])
    judged = result.part_status.reindex(result.parts.index)
    by_range = frozenset(result.cameras.index[result.cameras["kind"].isin(list(BY_KIND))])
    out = []
    for (label, row), (_, found) in zip(rows_of(result.parts), rows_of(judged), strict=True):
        need = N_(
            "%(profile)s: %(need)s on %(share)s of it",
            profile=names.profile(row.pack, row.profile),
            need=PIXEL_DENSITY.with_unit(f"{getattr(row, NEED):g}"),
            share=share(row.fraction),
        )
        facts = [
            (translate(N_("Result")), translate(PART_LABELS[shown[label]])),
            (translate(N_("Class")), names.class_of(row.pack, row.item)),
            (translate(N_("Asked for")), translate(need)),
            (translate(N_("Reached there at best")), _delivered(found, by_range, names)),
            (translate(N_("Part met")), met_in_words(found, names)),
            (translate(N_("Seen by")), names.listed(_list(found, "cameras"), names.cameras)),
            (translate(N_("In the way")), names.obstacles_in(_list(found, "blockers"))),
        ]
        if shown[label] == "unbuilt":
            unbuilt = [camera for camera in _list(found, "cameras") if camera in coming]
            facts.append((translate(N_("To be built")), names.listed(unbuilt, names.cameras)))
        held = float(getattr(found, "time_share", np.nan))
        if np.isfinite(held):
            said = translate(N_("Share of time for which a turning camera looks at it"))
            facts.append((said, share(held)))
        if row.inferred:
            facts.append(
                (translate(N_("Place of the part")), translate(N_("inferred, not mapped")))
            )
        out.append(_filled(facts))
    return out


def _delivered(found: Any, by_range: frozenset[str], names: Names) -> str:
    """Write the best that is delivered: a density, or that a stated range holds."""
    credited = found.best_px_m == DETECTED_PX_M and by_range.issuperset(_list(found, "cameras"))
    if credited and by_range:
        return names.translate(N_("a person is detected, by a stated range"))
    return names.translate(PIXEL_DENSITY.with_unit(number(found.best_px_m)))


def met_in_words(found: Any, names: Names) -> str:
    """Return the shares met in the three readings, side by side."""
    return names.translate(
        N_(
            "sure %(sure)s, assumed %(assumed)s, at best %(possible)s",
            sure=share(found.fraction_sure),
            assumed=share(found.fraction_assumed),
            possible=share(found.fraction_possible),
        )
    )


def _list(row: Any, name: str) -> list[object]:
    value = getattr(row, name, None)
    return list(value) if isinstance(value, list | tuple | set | frozenset | np.ndarray) else []


def _filled(facts: Facts) -> Facts:
    return [(label, value) for label, value in facts if value]
