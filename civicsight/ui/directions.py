"""Under a file: small whole numbers as directions in both readings, for a person to choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import cos, radians, sin
from typing import Final

import streamlit as st

from civicsight.application.columns import mapping_of
from civicsight.application.inbox.entry import Entry, Owner
from civicsight.core.errors import N_, CivicsightError, InputError
from civicsight.io.tables.directions import SECTORS
from civicsight.io.tables.rows import DIRECTIONS
from civicsight.presentation.drawing import Canvas
from civicsight.ui.columns import read_again
from civicsight.ui.errors import show_refusal
from civicsight.ui.frame import Visitor
from civicsight.ui.outline import as_image

ASKED: Final = "column.directions"
CODES: Final = "direction_code"
"""Fault of a column whose numbers may be degrees or codes, and what a column of codes is."""

DEGREES: Final = N_("Degrees clockwise from north")
SECTOR_CODES: Final = N_("Codes of GB/T 28181, a sector of 45 degrees each")
"""What the numbers may be."""

HALF_SECTOR: Final = 22.5
"""Half of what a code stands for [deg]."""

SIDE_PX, RADIUS_PX, WORD_PX = 240, 78, 98
"""Side of a picture, length of its arrows, and how far out their numbers stand [px]."""

APART_DEG: Final = 15.0
"""Arrows nearer to each other than this share one word."""

SIGHT, RIM = "#0072B2", "#b9b3a6"


def show_directions(who: Visitor, owner: Owner, entry: Entry) -> None:
    """Draw the numbers of a refused column as degrees and as codes, each to be taken with a click.

    The codes are those of DirectionType in GB/T 28181-2022, a sector of 45 degrees each.
    """
    told = entry.table
    if told is None or not isinstance(entry.error, InputError):
        return
    headers = told.schema.headers
    chosen: dict[str, str] = {}
    for fault in (one for one in entry.error.faults if one.code == ASKED):
        codes = [int(code) for code in fault.found.split(", ")]
        meaning = next(name for name in headers if name in DIRECTIONS)
        readings = [
            (
                meaning,
                draw_compass({code: float(code) for code in codes}, who.translate(DEGREES)),
                DEGREES,
                N_("They are degrees: read again"),
            )
        ]
        if CODES in headers:
            sectors = {code: SECTORS[code] for code in codes if code in SECTORS}
            readings.append(
                (
                    CODES,
                    draw_compass(sectors, who.translate(SECTOR_CODES), HALF_SECTOR),
                    SECTOR_CODES,
                    N_("They are these codes: read again"),
                )
            )
        st.text(who.translate(N_("What are the numbers in %(column)s?", column=fault.field)))
        for column, (taken, picture, name, answer) in zip(st.columns(4), readings, strict=False):
            column.html(picture)
            column.text(who.translate(name))
            key = f"directions-{entry.id}-{entry.turn}-{fault.field}-{taken}"
            if entry.kept and column.button(who.translate(answer), key=key):
                chosen = {fault.field: taken}
    if not chosen:
        return
    try:
        mapping = mapping_of(told, chosen, {}, entry.asked.mapping)
        read_again(owner, entry, replace(entry.asked, kind=told.kind, mapping=mapping))
    except CivicsightError as error:
        show_refusal(error, who.language)


def draw_compass(reading: Mapping[int, float], name: str, half: float = 0.0) -> str:
    """Draw an arrow for each number, from above with north on top, as markup of an image.

    Parameters
    ----------
    reading
        Direction of each number [deg], clockwise from north.
    name
        What the numbers are read as, in words.
    half
        Half of the sector about each direction that a number stands for [deg].
    """
    canvas = Canvas(SIDE_PX, SIDE_PX)
    canvas.area([_at(turn, RADIUS_PX) for turn in range(0, 360, 5)], "#ffffff", RIM)
    turns = sorted(reading.items(), key=lambda one: one[1])
    for _, turn in turns if half else ():
        edge = [_at(turn + half * step / 4, RADIUS_PX) for step in range(-4, 5)]
        canvas.area([_at(0.0, 0.0), *edge], SIGHT, RIM, opacity=0.25)
    groups: list[list[int]] = []
    for number, turn in turns:
        canvas.trace([_at(turn, 0.0), _at(turn, RADIUS_PX - 10)], SIGHT, 2.0)
        sides = (_at(turn - 5, RADIUS_PX - 14), _at(turn + 5, RADIUS_PX - 14))
        canvas.area([_at(turn, RADIUS_PX - 2), *sides], SIGHT)
        if groups and turn - reading[groups[-1][0]] < APART_DEG:
            groups[-1].append(number)
        else:
            groups.append([number])
    for group in groups:
        x, y = _at(sum(reading[one] for one in group) / len(group), WORD_PX)
        text = ", ".join(map(str, group))
        canvas.word(x - 3.5 * len(text), y + 5, text)
    told = ", ".join(f"{number}: {turn:g}°" for number, turn in reading.items())
    return as_image(canvas, f"{name}: {told}")


def _at(turn: float, length: float) -> tuple[float, float]:
    """Return the pixel at a direction [deg] and a distance from the middle [px]."""
    middle = SIDE_PX / 2
    return middle + length * sin(radians(turn)), middle - length * cos(radians(turn))
