"""Values of a table that can be read and are hardly meant: said with their count, and kept."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from civicsight.core.errors import N_, Text
from civicsight.core.settings import present_day
from civicsight.io.report import Count
from civicsight.io.tables.rows import Rows

COARSE_DEG: Final = 0.001
"""Coordinates that are whole multiples of this were cut: one in a million is so by chance [deg]."""

FEWEST_COARSE: Final = 2
"""A single place may lie so by chance."""

FEWEST_ZEROS, LEAST_OTHERS, TIMES_NEXT = 5, 10, 4
"""Zeros, other directions, and how many times as often as the next one 0 has to stand."""

FEWEST_RADIANS: Final = 5
"""So many directions, all within one turn in radians and not all whole, are hardly degrees."""

NARROWEST_DEG, COARSEST_PX = 3.0, 320.0
"""Less than the longest lens of a surveillance camera sees, and less than any of them delivers."""

ZERO: Final = re.compile(r"[+-]?0+(?:[.,]0*)?\s*\D{0,3}")
"""How a direction of 0 is written as a number."""


def coarse_places(degrees: npt.NDArray[np.float64]) -> tuple[Text, ...]:
    """Say how many places have coordinates that were cut.

    Parameters
    ----------
    degrees
        Longitude and latitude of each row as the source writes them, NaN where unknown.
    """
    steps = degrees / COARSE_DEG
    with np.errstate(invalid="ignore"):
        cut = (np.abs(steps - np.round(steps)) < COARSE_DEG).all(axis=1)
        tenth = np.abs(steps[cut] / 10 - np.round(steps[cut] / 10)) < COARSE_DEG
    count = int(cut.sum())
    if count < FEWEST_COARSE:
        return ()
    by_cent = bool(tenth.all())
    note = N_(
        "%(count)s rows have coordinates cut to %(digits)s decimals, which leaves their place open "
        "by %(metres)s m: enter them with five",
        count=count,
        digits=2 if by_cent else 3,
        metres=1_000 if by_cent else 100,
    )
    return (note,)


def doubt_zeros(rows: Rows) -> None:
    """Say how many directions are 0 as a number where the others vary: a cell nobody filled in."""
    header = rows.found.get("azimuth_deg")
    values = rows.number("azimuth_deg")
    if header is None or len(values) != len(rows.sheet.rows):
        return
    texts = [row[header] or "" for row in rows.sheet.rows]
    zero = np.array([bool(ZERO.fullmatch(text)) for text in texts], bool)
    others, often = np.unique(values[~zero & np.isfinite(values)], return_counts=True)
    count = int(zero.sum())
    if count < FEWEST_ZEROS or len(others) < LEAST_OTHERS or count < TIMES_NEXT * often.max():
        return
    note = N_(
        "%(count)s of %(known)s directions are exactly 0 while the others vary: they look like "
        "cells that were never filled in; leave those empty, or confirm that they face north",
        count=count,
        known=int(np.isfinite(values).sum()),
    )
    rows.notes.append(note)
    rows.counts.append(Count("doubtful.azimuth", N_("with a direction of 0 in doubt"), count))


def doubt_units(rows: Rows) -> None:
    """Say how many directions, angles of view and picture sizes look as if in another unit."""
    azimuth = rows.number("azimuth_deg")
    known = azimuth[np.isfinite(azimuth)]
    if (
        len(known) >= FEWEST_RADIANS
        and (known >= 0.0).all()
        and (known <= 2 * np.pi).all()
        and (known % 1.0 != 0.0).any()
    ):
        rows.notes.append(
            N_(
                "all %(count)s directions lie between 0 and 6.28: if they are radians, turn them "
                "into degrees",
                count=len(known),
            )
        )
        rows.counts.append(Count("doubtful.radians", N_("with a direction in doubt"), len(known)))
    for name, least, note, label in (
        (
            "hfov_deg",
            NARROWEST_DEG,
            N_(
                "%(count)s angles of view are below %(least)s degrees: check their unit; such a "
                "camera sees next to nothing"
            ),
            N_("with an angle of view in doubt"),
        ),
        (
            "width_px",
            COARSEST_PX,
            N_(
                "%(count)s pictures are less than %(least)s pixels wide: check their size; such a "
                "camera recognises next to nothing"
            ),
            N_("with a picture size in doubt"),
        ),
    ):
        count = int((rows.number(name) < least).sum())
        if count:
            rows.notes.append(Text(note.template, {"count": count, "least": f"{least:g}"}))
            rows.counts.append(Count(f"doubtful.{name}", label, count))


def doubt_dates(rows: Rows) -> None:
    """Say how many cameras are recorded as standing, and as installed on a day still to come."""
    if "installed_on" not in rows.columns:
        return
    today = present_day()
    standing = pd.Series(rows.text("status")).fillna("existing").eq("existing")
    days = pd.to_datetime(pd.Series(rows.text("installed_on")), errors="coerce")
    count = int((standing & (days > pd.Timestamp(today))).sum())
    if count:
        note = N_(
            "%(count)s cameras are recorded as existing and as installed after %(today)s: correct "
            "the date, or record them as planned; they count as existing",
            count=count,
            today=today.isoformat(),
        )
        rows.notes.append(note)
        rows.counts.append(Count("doubtful.installed", N_("installed in the future"), count))
