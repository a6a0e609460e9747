"""A person and a number plate as one head records them: drawn shapes at the pixels of its picture.

They stand upright on level ground, in the middle of the view, and face the camera; nothing is in
between. Each is projected through the lens and sampled by squares of the size of a pixel, so that
what cannot be made out here cannot be made out in the recording either.

References
----------
GA 36-2018 (plate 440 mm x 140 mm, signs 45 mm x 90 mm, lines 10 mm). The person is 1.70 m tall, the
face as wide and as high as `optics.quality` takes it.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from io import BytesIO
from math import cos, hypot, pi, radians, sin, tan
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from civicsight.core.arrays import FloatArray
from civicsight.coverage.optics.footprint import Picture
from civicsight.coverage.optics.lens import Frame, Optics, density_px_m, focal_px, in_frame
from civicsight.coverage.optics.quality import FACE_HEIGHT_M, FACE_WIDTH_M
from civicsight.rules.pack import TARGET_HEIGHTS_M

PERSON_M: Final = 1.70
PLATE_M: Final = (0.44, 0.14)
"""Width and height of a plate [m]."""

AROUND: Final = 0.12
"""Air around what is drawn, as a share of its height."""

LEAST_AIR_PX: Final = 2
FINE_PX: Final = 1_500
"""Rows of the fine drawing that pixels are averaged from, if a picture has fewer."""

MOST_FINE: Final = 16
MOST_PX: Final = 3_000
"""A picture of more rows or columns is of no use; its subject would stand at the lens."""

SKY, COAT, LEGS, SKIN, DARK = "#dfe3e6", "#3d5a80", "#2b2f36", "#d9a887", "#33251d"
BLUE, WHITE = "#1450a0", "#f4f6f8"

BEYOND: Final = 150.0
"""Grey of what lies outside of the picture."""

Outline = list[tuple[float, float]]
"""Metres to the right of the middle and above the ground."""

Polygon = tuple[str, Outline]
LIMBS: Final[tuple[Polygon, ...]] = (
    (LEGS, [(0.015, 0.0), (0.0, 0.80), (0.0, 0.92), (0.19, 0.92), (0.15, 0.0)]),
    (COAT, [(0.17, 1.42), (0.24, 1.38), (0.29, 0.85), (0.22, 0.85)]),
    (SKIN, [(0.22, 0.85), (0.29, 0.85), (0.27, 0.75), (0.23, 0.75)]),
)
"""Leg, arm and hand of the right side of the picture."""

FACE: Final[Outline] = [(-0.18, 1.42), (0.18, 1.42), (0.18, 1.70), (-0.18, 1.70)]
"""What is shown of a person to see the face."""

SIGN_M, LINE_M, STEP_M = (0.045, 0.090), 0.010, 0.057
SEGMENTS: Final = {
    "a": ((0, 2), (1, 2)), "b": ((1, 2), (1, 1)), "c": ((1, 1), (1, 0)), "d": ((0, 0), (1, 0)),
    "e": ((0, 1), (0, 0)), "f": ((0, 2), (0, 1)), "g": ((0, 1), (1, 1)), "m": ((0.5, 2), (0.5, 0)),
}  # fmt: skip
"""Lines of a sign on a grid of one by two."""

PLATE_SIGNS: Final = ("afbgm", "abcefg", "abdeg", "acdfg", "abcdef", "bcfg", "abc")
"""Lines of each sign of the plate that is drawn."""


def portray(
    optics: Optics,
    frame: Frame,
    distance_m: float,
    *,
    face_m: float = FACE_HEIGHT_M,
    plate_m: float = TARGET_HEIGHTS_M["plate"],
) -> Likeness:
    """Draw a person and a plate at a distance in front of a head, and measure both.

    Parameters
    ----------
    optics, frame
        The head; `frame` counts its height from the ground [m].
    distance_m
        Horizontal distance along the azimuth of the head, positive [m].
    face_m, plate_m
        Heights above the ground at which density is measured and the plate hangs [m]: those of the
        capture profiles in force.
    """
    eye = _Eye(optics, frame, distance_m)
    face, plate = FACE_WIDTH_M / 2.0, PLATE_M[0] / 2.0
    spots = eye.spots([(0.0, 0.0), (0.0, PERSON_M), (0.0, face_m), (0.0, plate_m)])
    seen = in_frame(optics, frame, spots)
    return Likeness(
        distance_m=distance_m,
        person_px=eye.length_px((0.0, 0.0), (0.0, PERSON_M)),
        face_px=eye.length_px((-face, FACE_HEIGHT_M), (face, FACE_HEIGHT_M)),
        plate_px=eye.length_px((-plate, plate_m), (plate, plate_m)),
        face_px_m=float(density_px_m(optics, frame, spots[2])),
        plate_px_m=float(density_px_m(optics, frame, spots[3])),
        whole_person=bool(seen[0] and seen[1]),
        sees_face=bool(seen[2]),
        sees_plate=bool(seen[3]),
        person=eye.paint(_person()),
        face=eye.paint(_person(), FACE),
        plate=eye.paint(_plate(plate_m)),
    )


def encode(picture: npt.NDArray[np.uint8]) -> str:
    """Return a picture as the address of its PNG."""
    out = BytesIO()
    Image.fromarray(picture).save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """What a head records of a person and a plate.

    Parameters
    ----------
    distance_m
        Where they stand.
    person_px, face_px, plate_px
        Height of the person, width of the face and of the plate in pixels of the recording.
    face_px_m, plate_px_m
        Density at the face and at the plate, as the program judges by it.
    whole_person, sees_face, sees_plate
        Whether feet and head, the face, the plate are in the picture and within reach.
    person, face, plate
        Pictures, shape ``(rows, columns, 3)``, a cell for each pixel of the recording; None where
        a plane picture does not reach.
    """

    distance_m: float
    person_px: float
    face_px: float
    plate_px: float
    face_px_m: float
    plate_px_m: float
    whole_person: bool
    sees_face: bool
    sees_plate: bool
    person: npt.NDArray[np.uint8] | None
    face: npt.NDArray[np.uint8] | None
    plate: npt.NDArray[np.uint8] | None


class _Eye:
    """A head and the upright plane in front of it on which things are drawn."""

    def __init__(self, optics: Optics, frame: Frame, distance_m: float) -> None:
        turn = radians(frame.azimuth_deg)
        self.foot = np.array([frame.x + distance_m * sin(turn), frame.y + distance_m * cos(turn)])
        self.right = np.array([cos(turn), -sin(turn)])
        wide, high = optics.hfov_deg, optics.vfov_deg
        self.picture = Picture(
            frame.x,
            frame.y,
            frame.z,
            frame.azimuth_deg,
            frame.tilt_deg,
            frame.roll_deg,
            wide,
            high,
            optics.lens,
        )
        rows = optics.width_px  # the square around its circle
        if optics.lens == "cylindrical":
            rows = optics.width_px * high / wide
        elif optics.lens == "rectilinear":
            rows = float(2.0 * tan(radians(high) / 2.0) * focal_px(optics.width_px, wide))
        self.size_px = np.array([optics.width_px, rows])

    def spots(self, drawn: Outline) -> FloatArray:
        """Return points of the plane in the world, shape ``(n, 3)``."""
        flat = np.asarray(drawn, np.float64)
        return np.column_stack([self.foot + flat[:, :1] * self.right, flat[:, 1]])

    def pixels(self, drawn: Outline) -> FloatArray:
        """Return where points of the plane are in the picture: columns, rows; NaN behind it."""
        at: FloatArray = self.picture.project(self.spots(drawn)) * self.size_px
        return at

    def length_px(self, one: tuple[float, float], two: tuple[float, float]) -> float:
        """Return how far two points of the plane are apart in the picture; NaN behind it."""
        (a, b), (c, d) = self.pixels([one, two])
        return hypot(c - a, d - b)

    def paint(
        self, shapes: list[Polygon], within: Outline | None = None
    ) -> npt.NDArray[np.uint8] | None:
        """Draw polygons, each pixel the mean of what it covers; None if it cannot be drawn.

        `within` is the part of the plane that is drawn, all of them by default.
        """
        placed = [(colour, self.pixels(outline)) for colour, outline in shapes]
        every = np.concatenate([at for _, at in placed]) if within is None else self.pixels(within)
        if not np.isfinite(every).all():
            return None
        high = float(np.ptp(every[:, 1]))
        air = max(LEAST_AIR_PX, AROUND * high)
        low, top = np.floor(every.min(axis=0) - air), np.ceil(every.max(axis=0) + air)
        columns, rows = (top - low).astype(int)
        if max(columns, rows) > MOST_PX:
            return None
        fine = int(np.clip(FINE_PX // max(rows, columns), 1, MOST_FINE))
        drawn = Image.new("RGB", (columns * fine, rows * fine), SKY)
        pen = ImageDraw.Draw(drawn)
        for colour, at in placed:
            pen.polygon(list(map(tuple, (at - low) * fine)), fill=colour)
        cells = np.asarray(drawn.reduce(fine))
        x, y = np.meshgrid(
            *(np.arange(n) + at + 0.5 for n, at in zip((columns, rows), low, strict=True))
        )
        out = (x < 0.0) | (y < 0.0) | (x > self.size_px[0]) | (y > self.size_px[1])
        beyond = (0.25 * cells + 0.75 * BEYOND).astype(np.uint8)
        return None if out.all() else np.where(out[..., None], beyond, cells)


def _person() -> list[Polygon]:
    """Return a person who stands and faces the camera, from back to front."""
    face = (FACE_WIDTH_M / 2.0, PERSON_M - FACE_HEIGHT_M)
    middle = FACE_HEIGHT_M - 0.015
    shapes: list[Polygon] = []
    for side in (-1.0, 1.0):
        for colour, limb in LIMBS:
            shapes.append((colour, [(side * x, y) for x, y in limb]))
    chest = [(0.06, 1.46), (0.22, 1.40), (0.19, 0.88)]
    shapes += [
        (COAT, [*chest, *((-x, y) for x, y in reversed(chest))]),
        (SKIN, [(-0.05, 1.52), (0.05, 1.52), (0.06, 1.45), (-0.06, 1.45)]),
        (DARK, _ellipse(0.0, middle + 0.02, face[0] + 0.008, face[1] - 0.005)),
        (SKIN, _ellipse(0.0, middle - 0.015, face[0], face[1])),
        *((DARK, _ellipse(side * 0.033, middle, 0.013, 0.006)) for side in (-1.0, 1.0)),
        (DARK, _ellipse(0.0, middle - 0.068, 0.026, 0.005)),
    ]
    return shapes


def _ellipse(x: float, y: float, wide: float, high: float) -> Outline:
    turns = [2.0 * pi * k / 40.0 for k in range(40)]
    return [(x + wide * cos(turn), y + high * sin(turn)) for turn in turns]


def _plate(middle_m: float) -> list[Polygon]:
    """Return a plate of seven signs in lines, its middle at a height above the road [m]."""
    rim = 0.006
    wide, high = PLATE_M
    shapes = [
        (BLUE, _box(wide, high)),
        (WHITE, _box(wide - rim, high - rim)),
        (BLUE, _box(wide - 2.0 * rim, high - 2.0 * rim)),
    ]
    gap = STEP_M - SIGN_M[0] + 0.010  # a dot stands between the second sign and the third
    left = -(len(PLATE_SIGNS) * STEP_M + gap - (STEP_M - SIGN_M[0])) / 2.0
    for n, lines in enumerate(PLATE_SIGNS):
        x = left + n * STEP_M + (gap if n > 1 else 0.0)
        shapes += [(WHITE, _line(x, *SEGMENTS[name])) for name in lines]
    dot = left + 2.0 * STEP_M + gap / 2.0 - (STEP_M - SIGN_M[0]) / 2.0
    shapes.append((WHITE, _ellipse(dot, 0.0, 0.005, 0.005)))
    return [(colour, [(x, middle_m + y) for x, y in outline]) for colour, outline in shapes]


def _box(wide: float, high: float) -> Outline:
    x, y = wide / 2.0, high / 2.0
    return [(-x, -y), (x, -y), (x, y), (-x, y)]


def _line(left: float, one: Any, two: Any) -> Outline:
    """Return a line of a sign as a rectangle within the box of the sign."""
    inner = (SIGN_M[0] - LINE_M, (SIGN_M[1] - LINE_M) / 2.0)
    (ax, ay), (bx, by) = (
        (left + LINE_M / 2.0 + x * inner[0], (y - 1.0) * inner[1]) for x, y in (one, two)
    )
    half = LINE_M / 2.0
    x0, x1, y0, y1 = min(ax, bx) - half, max(ax, bx) + half, min(ay, by) - half, max(ay, by) + half
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
