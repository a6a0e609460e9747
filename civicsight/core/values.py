"""Cells as whoever filled them wrote them, made into the one value that a table keeps.

What cannot be read comes back as it is, so that the check of the table names it with its row.
"""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, time
from decimal import Decimal

import numpy as np
import pandas as pd

from civicsight.core.words import FALSE_WORDS, TRUE_WORDS


def as_day(value: object) -> object:
    """Return a day as ISO 8601 text, whichever type holds it; a time of the day is no day.

    Examples
    --------
    >>> as_day(date(2026, 3, 1)), as_day("2026-03-01T00:00:00"), as_day("soon")
    ('2026-03-01', '2026-03-01', 'soon')
    """
    held: object = pd.Timestamp(value) if isinstance(value, np.datetime64) else value
    if isinstance(value, str):
        plain = value.strip()
        try:
            held = datetime.fromisoformat(plain)
        except ValueError:
            return value
        if held.date().isoformat() != plain[:10]:
            return value  # weeks and other ways of ISO 8601 that nobody means by a day
    if held is pd.NaT:
        return None
    if isinstance(held, datetime):
        return held.date().isoformat() if held.time() == time() else value
    return held.isoformat() if isinstance(held, date) else value


def as_flag(value: object) -> object:
    """Return yes or no as a truth value of Python, whichever type or word says it.

    Examples
    --------
    >>> as_flag(np.True_), as_flag("yes"), as_flag(0.0), as_flag(None), as_flag("perhaps")
    (True, True, False, None, 'perhaps')
    """
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if is_silent(value):
        return None
    if isinstance(value, int | float | np.number | Decimal):
        return bool(value) if value in (0, 1) else value
    text = value.decode(errors="replace") if isinstance(value, bytes) else value
    if not isinstance(text, str):
        return value
    word = unicodedata.normalize("NFKC", text).strip().lower()
    if word in TRUE_WORDS:
        return True
    return False if word in FALSE_WORDS else value


def is_silent(value: object) -> bool:
    """Tell whether a cell says nothing: none, not a number, or blank."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or pd.isna(value) is True
