"""Cells as whoever filled them wrote them, made into the one value that a table keeps.

What cannot be read comes back as it is, so that the check of the table names it with its row.
"""

from __future__ import annotations

from datetime import date, datetime, time

import numpy as np
import pandas as pd


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
