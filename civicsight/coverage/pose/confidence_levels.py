"""One camera, three readings: what its record says, what is assumed of it, all it could see.

A record is complete if it gives what the geometry needs: height, tilt, horizontal field and
pixels, a vertical field or the shape of the image, and the azimuth unless the view is a full
circle. A record that is silent on roll, nearest focus and reach is read as level, from 0 m, and to
where the density falls to the least that is of use, below any requirement. A camera that turns is
credited by its recorded presets only.
"""

from __future__ import annotations

from dataclasses import replace
from math import isfinite, nan
from typing import Final

from civicsight.coverage.optics.footprint import depression_deg
from civicsight.coverage.optics.lens import (
    WIDEST_RECTILINEAR_DEG,
    Lens,
    arc_distance_m,
    square_vfov_deg,
)
from civicsight.coverage.optics.quality import FACE_HEIGHT_M
from civicsight.coverage.optics.rigs import head_azimuths_deg, preset_duty
from civicsight.coverage.pose.assumptions import (
    ABOVE_ROOF_M,
    BELOW_ROOF_M,
    HEIGHT_RANGE_M,
    LONGEST_REACH_M,
    SURE_SHIFT_M,
    USUAL_HEIGHT_M,
    USUAL_OPTICS,
    WIDEST_DEG,
    UsualOptics,
)
from civicsight.coverage.pose.image import (
    FULL_CIRCLE_DEG,
    VFOV_DEG,
    Band,
    Record,
    View,
    bands_of,
    edge_gain,
    finest_image,
    image_angle_deg,
    is_full_circle,
    lens_of,
    one_band,
    or_else,
    vfov_of,
    widest_image,
)

SECTOR_DEG: Final = 45.0
"""Width of the sector that a catalogue of GB/T 28181 gives a direction to."""


def sure_views(record: Record) -> tuple[View, ...]:
    """Return the views that the record alone gives; none if it is incomplete."""
    if record.shift_m > SURE_SHIFT_M:
        return ()
    return _recorded_views(record)


def assumed_views(record: Record) -> tuple[View, ...]:
    """Return the recorded views, or else views in which every gap is filled by a named assumption.

    A fixed camera that stands free, with no entrance or junction to look at, gets none.
    """
    recorded = _recorded_views(record)
    if recorded:
        if not record.shift_m > SURE_SHIFT_M:
            return recorded
        return tuple(replace(view, assumptions=("moved_far",)) for view in recorded)
    filled, notes = _fill(record)
    direction = _direction(filled)
    if direction is None:
        return ()
    azimuth, span, notes_of_direction = direction
    notes += notes_of_direction
    if not isfinite(filled.azimuth_deg):
        filled = replace(filled, azimuth_deg=azimuth)
    if span is not None:  # looks in turn over a wider angle than its image spans
        return (_sweep(filled, azimuth, span, notes),)
    return tuple(replace(view, assumptions=notes) for view in _recorded_views(filled))


def possible_views(record: Record) -> tuple[View, ...]:
    """Return views that together hold all that the camera could see.

    The recorded views if they are complete and fixed; else bands as wide, as high and as dense as
    the record leaves open.
    """
    recorded = _recorded_views(record)
    if recorded and record.kind != "ptz":
        return assumed_views(record)
    angle, width, is_known = finest_image(record)
    azimuth, play, notes = _possible_azimuths(record)
    notes += () if is_known else ("best_optics",)
    tilt = nan if record.kind == "ptz" else record.tilt_deg
    notes += () if isfinite(tilt) else ("any_tilt",)
    image = widest_image(record)
    shaped = isfinite(vfov_of(record, image.hfov_deg, image.lens))
    notes += () if shaped or image.lens == "equidistant" else ("shape_of_image",)
    heights = _possible_heights(record)
    notes += ("any_height",) if len(heights) > 1 else ()
    notes += ("moved_far",) if record.shift_m > SURE_SHIFT_M else ()
    bands = bands_of(image.lens, image.hfov_deg, image.vfov_deg, tilt, record.roll_deg)
    aside = 0.5 * image.beyond_deg + play
    return tuple(
        _band_view(record, azimuth, band, aside, height, (angle, width), notes)
        for height in heights
        for band in one_band(bands, aside)
    )


def _possible_azimuths(record: Record) -> tuple[float, float, tuple[str, ...]]:
    """Return the azimuth of the axis, how far off it may be, and what that stands on."""
    turns = record.kind in ("ptz", "fisheye")
    if isfinite(record.azimuth_deg) and not turns:
        return record.azimuth_deg, 0.0, ()
    if isfinite(record.sector_deg) and not turns:
        return record.sector_deg, 0.5 * SECTOR_DEG, ("direction_by_sector",)
    return 0.0, 0.5 * FULL_CIRCLE_DEG, ("any_direction",)


def _band_view(
    record: Record,
    azimuth: float,
    band: Band,
    aside_deg: float,
    height_m: float,
    image: tuple[float, float],
    notes: tuple[str, ...],
) -> View:
    """Return a band as a view, as dense everywhere as an image of so many pixels over its angle."""
    angle, width = image
    span = min(FULL_CIRCLE_DEG, 2.0 * (band.half_deg + aside_deg))
    return View(
        azimuth,
        band.tilt_deg,
        0.0,
        span,
        band.vfov_deg,
        width * span / angle,
        height_m,
        _reach(record, width, angle),
        record.near_m,
        "cylindrical",
        assumptions=notes,
        edge_gain=edge_gain(record, angle),
    )


def _recorded_views(record: Record) -> tuple[View, ...]:
    """Return the views of a complete record."""
    if not isfinite(record.height_m) or not isfinite(record.width_px):
        return ()
    if record.kind == "ptz":
        return _preset_views(record)
    needed = (record.hfov_deg, record.tilt_deg)
    if not all(isfinite(value) for value in needed):
        return ()
    if record.kind == "multi_head":
        return _head_views(record)
    lens = lens_of(record)
    vfov = record.hfov_deg if lens == "equidistant" else vfov_of(record, record.hfov_deg, lens)
    azimuth = record.azimuth_deg
    if not isfinite(azimuth) and is_full_circle(record, lens):
        azimuth = 0.0
    if not isfinite(azimuth) or not isfinite(vfov):
        return ()
    return (_view(record, azimuth, record.tilt_deg, record.hfov_deg, vfov, lens),)


def _preset_views(record: Record) -> tuple[View, ...]:
    """Return one view for each preset at which the camera dwells."""
    views = []
    duties = preset_duty(record.presets) if record.presets else ()
    for number, (preset, duty) in enumerate(zip(record.presets, duties, strict=True), start=1):
        vfov = vfov_of(record, preset.hfov_deg, "rectilinear")
        if duty > 0.0 and isfinite(vfov):
            view = _view(
                record, preset.azimuth_deg, preset.tilt_deg, preset.hfov_deg, vfov, "rectilinear"
            )
            views.append(replace(view, duty=duty, stop=number))
    return tuple(views)


def _head_views(record: Record) -> tuple[View, ...]:
    """Return one view for each head of a camera that spans an angle with several."""
    full = record.hfov_deg >= FULL_CIRCLE_DEG
    azimuth = 0.0 if full and not isfinite(record.azimuth_deg) else record.azimuth_deg
    if record.heads < 1 or not isfinite(azimuth):
        return ()
    hfov = image_angle_deg(record)
    vfov = vfov_of(record, hfov, "rectilinear")
    if not hfov < WIDEST_RECTILINEAR_DEG or not isfinite(vfov):
        return ()
    around = head_azimuths_deg(azimuth, record.hfov_deg, record.heads)
    return tuple(
        _view(record, towards, record.tilt_deg, hfov, vfov, "rectilinear") for towards in around
    )


def _fill(record: Record) -> tuple[Record, tuple[str, ...]]:
    """Fill every gap but the direction, and name what was assumed."""
    notes: list[str] = []
    if record.kind == "unknown":
        kind = "fixed" if isfinite(record.azimuth_deg) else "dome"
        record = replace(record, kind=kind)
        notes.append(f"untyped_as_{kind}")
    if not isfinite(record.height_m):
        height, note = _usual_height(record)
        record = replace(record, height_m=height)
        notes.append(note)
    record, of_image = _fill_image(record, USUAL_OPTICS[record.kind])
    notes += of_image
    if not isfinite(record.tilt_deg):
        down = record.kind == "fisheye"
        notes.append("looks_down" if down else "tilt_by_reach")
        record = replace(record, tilt_deg=90.0 if down else _tilt_to_reach(record))
    if record.shift_m > SURE_SHIFT_M:
        notes.append("moved_far")
    return record, tuple(notes)


def _fill_image(record: Record, usual: UsualOptics) -> tuple[Record, list[str]]:
    """Fill field of view, pixels and number of heads."""
    notes = []
    if not isfinite(record.hfov_deg):
        several = record.kind == "multi_head"
        record = replace(record, hfov_deg=FULL_CIRCLE_DEG if several else usual.hfov_deg)
        notes.append("angle_by_kind")
    if record.kind == "multi_head" and record.heads < 1:
        record = replace(record, heads=max(1, round(record.hfov_deg / usual.hfov_deg)))
        notes.append("heads_by_span")
    if not isfinite(record.width_px):
        record = replace(record, width_px=usual.width_px)
        notes.append("pixels_by_kind")
    if record.kind == "ptz" and not isfinite(record.height_px):
        record = replace(record, height_px=record.width_px * 9.0 / 16.0)
        notes.append("shape_of_image")
    one, lens = image_angle_deg(record), lens_of(record)
    if lens != "equidistant" and not isfinite(vfov_of(record, one, lens)):
        plane = lens == "rectilinear"
        vfov = square_vfov_deg(min(one, WIDEST_DEG), 16.0, 9.0) if plane else usual.vfov_deg
        record = replace(record, vfov_deg=vfov)
        notes.append("shape_of_image")
    return record, notes


def _direction(record: Record) -> tuple[float, float | None, tuple[str, ...]] | None:
    """Return azimuth, the angle it looks over in turn (None: its image only), and assumptions."""
    on_wall = isfinite(record.facade_deg)
    if record.presets and record.kind == "ptz":
        return 0.0, None, ()
    if record.kind == "ptz":
        if on_wall:
            return record.facade_deg, 180.0, ("tour_all_round", "outward_half")
        return 0.0, FULL_CIRCLE_DEG, ("tour_all_round",)
    if isfinite(record.azimuth_deg) or is_full_circle(record, lens_of(record)):
        return or_else(record.azimuth_deg, 0.0), None, ()
    if isfinite(record.sector_deg):
        return record.sector_deg, None, ("direction_by_sector",)
    return _direction_by_place(record, on_wall=on_wall)


def _direction_by_place(
    record: Record, *, on_wall: bool
) -> tuple[float, float | None, tuple[str, ...]] | None:
    """Return the direction of a camera of which only its place and build are known."""
    if record.kind == "dome":
        if on_wall:
            return record.facade_deg, 180.0, ("outward_half",)
        return 0.0, FULL_CIRCLE_DEG, ("all_round",)
    if isfinite(record.entrance_deg):
        return record.entrance_deg, None, ("faces_entrance",)
    if on_wall:
        return record.facade_deg, None, ("faces_outward",)
    if isfinite(record.junction_deg):
        return record.junction_deg, None, ("faces_junction",)
    return None


def _sweep(record: Record, azimuth: float, span: float, notes: tuple[str, ...]) -> View:
    """Return a band with the density of one image, over all that the camera turns to.

    Of a camera that turns, no direction is in the picture for longer than the share of the image.
    """
    angle = min(record.hfov_deg, span)
    # A round image is as high as it is wide; a plane one has been given its shape.
    vfov = or_else(vfov_of(record, angle, "rectilinear"), min(angle, VFOV_DEG[1]))
    return View(
        azimuth,
        record.tilt_deg,
        0.0,
        span,
        vfov,
        record.width_px * span / angle,
        record.height_m,
        _reach(record, record.width_px, angle),
        record.near_m,
        "cylindrical",
        duty=angle / span if record.kind == "ptz" else 1.0,
        assumptions=notes,
    )


def _view(
    record: Record, azimuth: float, tilt: float, hfov: float, vfov: float, lens: Lens
) -> View:
    return View(
        azimuth,
        tilt,
        record.roll_deg,
        hfov,
        vfov,
        record.width_px,
        record.height_m,
        _reach(record, record.width_px, hfov),
        record.near_m,
        lens,
    )


def _reach(record: Record, width_px: float, hfov_deg: float) -> float:
    """Return the recorded reach, or the distance at which the view is of no use."""
    if isfinite(record.reach_m):
        return record.reach_m
    return min(LONGEST_REACH_M, float(arc_distance_m(width_px, hfov_deg, record.least_px_m)))


def _tilt_to_reach(record: Record) -> float:
    """Return the tilt at which a face at the reach is at the upper edge of the frame [deg]."""
    one, lens = image_angle_deg(record), lens_of(record)
    vfov = one if lens == "equidistant" else vfov_of(record, one, lens)
    reach = _reach(record, record.width_px, one)
    edge = float(depression_deg(record.height_m, FACE_HEIGHT_M, reach))
    return min(90.0, max(0.0, edge + vfov / 2.0))


def _usual_height(record: Record) -> tuple[float, str]:
    """Return the usual height of a mount, and the assumption behind it."""
    if record.mount == "roof" and isfinite(record.roof_m):
        return record.roof_m + ABOVE_ROOF_M, "height_by_roof"
    mount = record.mount if record.mount in USUAL_HEIGHT_M else "unknown"
    if mount == "unknown" and isfinite(record.facade_deg):
        mount = "wall"
    return _below_roof(record, USUAL_HEIGHT_M[mount]), "height_by_mount"


def _possible_heights(record: Record) -> tuple[float, ...]:
    if isfinite(record.height_m):
        return (record.height_m,)
    if record.mount == "roof" and isfinite(record.roof_m):
        return (record.roof_m + ABOVE_ROOF_M,)
    return tuple(dict.fromkeys(_below_roof(record, height) for height in HEIGHT_RANGE_M))


def _below_roof(record: Record, height_m: float) -> float:
    """Keep a camera on a wall below the roof of a low house."""
    if not isfinite(record.facade_deg) or not isfinite(record.roof_m):
        return height_m
    return min(height_m, max(record.roof_m - BELOW_ROOF_M, record.roof_m / 2.0))
