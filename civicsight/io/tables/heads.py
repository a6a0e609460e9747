"""Rules of a camera inventory: several heads of a pole, optics that contradict each other."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

import numpy as np
import shapely

from civicsight.core.arrays import BoolArray
from civicsight.core.errors import N_, Text
from civicsight.io.report import Count
from civicsight.io.tables.addresses import PLACED_BY
from civicsight.io.tables.counts import BUILDS, count_builds
from civicsight.io.tables.directions import SECTOR_TAG, SECTORS
from civicsight.io.tables.doubts import doubt_dates, doubt_units, doubt_zeros
from civicsight.io.tables.rows import Rows, as_objects
from civicsight.model import Column

MAX_HEADS: Final = 64
"""No pole carries more cameras; a greater number is a slip."""

SAME_PLACE_M: Final = 0.05
"""Records closer than this are at the same place [m]: a coordinate with six decimals is 0.1 m."""

HALF_TURN_DEG: Final = 180.0
"""A lens that is not made for panoramas has a smaller field of view [deg]."""

NARROW: Final = frozenset({"fixed", "dome", "ptz"})
"""Builds with one rectilinear lens."""

HEAD_M: Final = 1.6
"""Height of a head [m]: a lens below it looks up at people."""

TALL_M: Final = 60.0
"""Above this a camera is not on a mast but on a tower, or the unit is wrong [m]."""

MANY: Final = 5
"""Groups of rows that a note names before it counts the others."""


CONDITIONS: Final[dict[str, tuple[bool | None, str]]] = {
    "working": (True, "existing"),
    "broken": (False, "existing"),
    "in_building": (None, "approved"),
    "removed": (None, "removed"),
}
"""Whether a device of a state works, and its state in the plan."""


def _extra(name: str, meaning: Text, unit: str, low: float, high: float) -> Column:
    return Column(name, "float", meaning, unit, low=low, high=high)


EXTRA: Final[tuple[Column, ...]] = (
    _extra("count", N_("Number of cameras that the row stands for"), "", 0, MAX_HEADS),
    *(
        _extra(f"count_{build}", N_("Number of cameras of this build"), "", 0, MAX_HEADS)
        for build in BUILDS
    ),
    _extra("direction_code", N_("Direction by DirectionType of GB/T 28181"), "", 1, 8),
    _extra("focal_mm", N_("Focal length"), "mm", 0.1, 5_000),
    _extra("sensor_mm", N_("Width of the sensor"), "mm", 0.5, 100),
    Column("resolution", "text", N_("Picture size, such as 1920x1080 or 1080P")),
    Column("condition", "text", N_("State of the device"), choices=tuple(CONDITIONS)),
    _extra("pan_min_deg", N_("Least pan"), "deg", -720, 720),
    _extra("pan_max_deg", N_("Greatest pan"), "deg", -720, 720),
    _extra("tilt_min_deg", N_("Least tilt"), "deg", -180, 180),
    _extra("tilt_max_deg", N_("Greatest tilt"), "deg", -180, 180),
)
"""Columns of an inventory that its table has no place for, and that other columns follow from."""


def settle_cameras(rows: Rows) -> None:
    """Apply what holds for cameras: codes, optics, limits, and a row for each head."""
    _read_codes(rows)
    _read_sizes(rows)
    _read_conditions(rows)
    _read_lenses(rows)
    _check_lenses(rows)
    _check_limits(rows)
    _look_at_heights(rows)
    doubt_zeros(rows)
    doubt_units(rows)
    doubt_dates(rows)
    _compare_places(rows)
    _make_heads(rows)
    for column in EXTRA:
        rows.columns.pop(column.name, None)


def _which(mask: BoolArray) -> list[int]:
    return [int(row) for row in np.flatnonzero(mask)]


def _read_codes(rows: Rows) -> None:
    """Keep the sector that a code stands for where the row has no direction of its own."""
    if "direction_code" not in rows.columns:
        return
    azimuth = rows.text("azimuth_deg")
    for row, code in enumerate(rows.number("direction_code")):
        if np.isnan(code):
            continue
        if code not in SECTORS:
            rows.fault(
                row,
                "direction_code",
                "cell.value",
                N_("a whole number from 1 to 8"),
                N_("Enter the code of GB/T 28181, or leave it empty."),
            )
        elif azimuth[row] is None:
            rows.columns["tags"][row][SECTOR_TAG] = f"{SECTORS[int(code)]:g}"


def _read_sizes(rows: Rows) -> None:
    """Take the pixels from a picture size that has a name or both numbers."""
    if "resolution" not in rows.columns:
        return
    width, height = rows.text("width_px").copy(), rows.text("height_px").copy()
    for row, size in enumerate(rows.text("resolution")):
        if size is not None and width[row] is None and height[row] is None:
            width[row], height[row] = map(float, str(size).split("x"))
    rows.columns |= {"width_px": width, "height_px": height}


def _read_conditions(rows: Rows) -> None:
    """Take from the state of a device whether it works and stands, where nothing else says so."""
    if "condition" not in rows.columns:
        return
    for number, name in enumerate(("usable", "status")):
        values = rows.text(name).copy()
        for row, word in enumerate(rows.text("condition")):
            if values[row] is None and word is not None:
                values[row] = CONDITIONS[str(word)][number]
        rows.columns[name] = values


def _read_lenses(rows: Rows) -> None:
    """Work the field of view out from focal length and sensor where both are given."""
    if "focal_mm" not in rows.columns:
        return
    focal, sensor = rows.number("focal_mm"), rows.number("sensor_mm")
    view = rows.text("hfov_deg").copy()
    for row in _which(np.isfinite(focal)):
        if view[row] is not None:
            continue
        if np.isnan(sensor[row]):
            rows.notice(
                row,
                "focal_mm",
                N_("the width of the sensor beside the focal length"),
                N_("Without it the field of view stays unknown."),
            )
            continue
        angle = float(np.degrees(2 * np.arctan(sensor[row] / (2 * focal[row]))))
        view[row] = angle
        rows.notice(
            row,
            "focal_mm",
            N_("a field of view"),
            N_("It was worked out from focal length and sensor: %(angle)s.", angle=f"{angle:.1f}°"),
        )
    rows.columns["hfov_deg"] = view


def _check_lenses(rows: Rows) -> None:
    kinds = rows.text("kind")
    for name in ("hfov_deg", "vfov_deg"):
        for row in _which(rows.number(name) >= HALF_TURN_DEG):
            if kinds[row] in NARROW:
                rows.fault(
                    row,
                    name,
                    "camera.view",
                    N_("a field of view below 180 degrees for a camera with one lens"),
                    N_("Enter the angle of the lens, not the range that the camera pans over."),
                )
    near, reach = rows.number("near_m"), rows.number("reach_m")
    for row in _which(near >= reach):
        rows.fault(
            row,
            "near_m",
            "camera.near",
            N_("a least distance below the range of %(reach)s m", reach=f"{reach[row]:g}"),
            N_("Check both distances."),
        )


def _check_limits(rows: Rows) -> None:
    for name in ("pan", "tilt"):
        low, high = rows.number(f"{name}_min_deg"), rows.number(f"{name}_max_deg")
        for row in _which(low > high):
            rows.fault(
                row,
                f"{name}_min_deg",
                "camera.limits",
                N_("a least value below the greatest, %(high)s", high=f"{high[row]:g}"),
                N_("Exchange the two limits, or correct them."),
            )


def _look_at_heights(rows: Rows) -> None:
    heights = rows.number("height_m")
    for row in _which(heights > TALL_M):
        rows.notice(
            row,
            "height_m",
            N_("a mast of at most %(limit)s m", limit=f"{TALL_M:g}"),
            N_("It was taken as it is; check the unit."),
        )
    for row in _which(heights < HEAD_M):
        rows.notice(
            row,
            "height_m",
            N_("a lens above the heads of people"),
            N_("It was taken as it is; check the height."),
        )
    tilt = rows.number("tilt_deg")
    upward = int((tilt < 0).sum())
    if upward and upward > (tilt > 0).sum():
        rows.notes.append(
            N_(
                "%(count)s cameras look up: here the tilt counts downwards; if the source counts "
                "upwards, change the sign",
                count=upward,
            )
        )


def _compare_places(rows: Rows) -> None:
    """Tell heads at one place from records that stand twice; both are kept."""
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    good = rows.good() & rows.points.notna().to_numpy()
    xy = np.full((len(good), 2), np.nan)
    xy[good] = shapely.get_coordinates(rows.points[good].centroid.to_numpy())
    for row in _which(good):
        groups[round(xy[row, 0] / SAME_PLACE_M), round(xy[row, 1] / SAME_PLACE_M)].append(row)
    label = rows.found.get("camera_id")
    together: list[list[int]] = []
    twice: list[list[int]] = []
    for group in (group for group in groups.values() if len(group) > 1):
        cells = {
            tuple(v for name, v in rows.sheet.rows[row].items() if name != label) for row in group
        }
        (twice if len(cells) < len(group) else together).append(group)
    _count_groups(
        rows,
        together,
        "co_located",
        N_("at the same point as another"),
        N_(
            "records at the same address, which need not be one pole: %(rows)s",
            rows=_named(rows, together),
        )
        if PLACED_BY in rows.sheet.header
        else N_(
            "records at the same point, taken for heads of one pole: %(rows)s",
            rows=_named(rows, together),
        ),
    )
    _count_groups(
        rows,
        twice,
        "repeated_record",
        N_("the same as another in all but the id"),
        N_(
            "records that are the same in all but their id, kept: %(rows)s",
            rows=_named(rows, twice),
        ),
    )
    _compare_digits(rows, {row for group in (*together, *twice) for row in group})


def _compare_digits(rows: Rows, told: set[int]) -> None:
    """Name records whose coordinates are written alike and yet lie apart: in different datums."""
    if not {"lon", "lat"} <= rows.found.keys():
        return
    alike: dict[tuple[str | None, str | None], list[int]] = defaultdict(list)
    for row in _which(rows.good()):
        cells = rows.sheet.rows[row]
        alike[cells[rows.found["lon"]], cells[rows.found["lat"]]].append(row)
    groups = [group for group in alike.values() if len(group) > 1 and not told & set(group)]
    _count_groups(
        rows,
        groups,
        "same_digits",
        N_("with the coordinates of another in a different datum"),
        N_(
            "records with the same coordinates in different datums, which lie apart: %(rows)s",
            rows=_named(rows, groups),
        ),
    )


def _count_groups(rows: Rows, groups: list[list[int]], code: str, title: Text, note: Text) -> None:
    if groups:
        rows.notes.append(note)
        rows.counts.append(Count(code, title, sum(map(len, groups))))


def _named(rows: Rows, groups: list[list[int]]) -> str:
    """Write the places of rows in groups, the first of many."""
    named = "; ".join(
        ", ".join(str(rows.where[row]).removeprefix("row ") for row in group[: MANY * 2])
        + (" ..." if len(group) > MANY * 2 else "")
        for group in groups[:MANY]
    )
    return named + ("" if len(groups) <= MANY else " ...")


def _keep_text(rows: Rows, row: int, meaning: str) -> None:
    """Keep what the source says where it cannot be said of one head."""
    header = rows.found.get(meaning)
    if header is not None:
        rows.columns["tags"][row][header] = str(rows.sheet.rows[row][header])


def _make_heads(rows: Rows) -> None:
    """Make as many rows of each as it has cameras, on one pole, their directions unknown."""
    if not {"count", *(f"count_{build}" for build in BUILDS)} & rows.columns.keys():
        return
    counts, builds = count_builds(rows)
    several = dict(rows.several)
    azimuth = rows.text("azimuth_deg")
    index: list[int] = []
    labels: list[str] = []
    directions: list[object] = []
    kinds: list[object] = []
    for row, count in enumerate(counts):
        if np.isfinite(count) and not float(count).is_integer():
            rows.fault(
                row,
                "count",
                "cell.value",
                N_("a whole number of cameras"),
                N_("Correct the number."),
            )
        heads = 1 if np.isnan(count) else int(count)
        own, built = several.get(row, ()), builds[row]
        if heads > 1 and azimuth[row] is not None:
            _keep_text(rows, row, "azimuth_deg")
        for head in range(heads):
            index.append(row)
            labels.append(str(rows.labels[row]) if heads == 1 else f"{rows.labels[row]}#{head + 1}")
            known = own[head] if len(own) == heads else None
            kinds.append(built[head] if len(built) == heads else rows.text("kind")[row])
            directions.append(azimuth[row] if heads == 1 and not own else known)
    empty = int((counts == 0)[rows.good()].sum())
    pole = rows.text("pole_id").copy()
    pole[[value is None for value in pole]] = rows.labels[[value is None for value in pole]]
    rows.columns["pole_id"] = pole
    rows.take(index, labels)
    rows.columns |= {"azimuth_deg": as_objects(directions), "kind": as_objects(kinds)}
    poles = set(rows.text("pole_id")[rows.good()])
    rows.counts.append(Count("poles", N_("poles"), len(poles)))
    if empty:
        rows.counts.append(Count("excluded.no_camera", N_("rows without a camera"), empty))
    rows.notes.append(
        N_(
            "each row stands for the number of cameras that it names; where these are several, "
            "their directions are unknown"
        )
    )
