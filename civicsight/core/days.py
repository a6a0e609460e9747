"""Days as papers state them: read, and held against today, against a plan and each other."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from civicsight.core.errors import N_, Text


class Bound(NamedTuple):
    """A day that another is held against, and what happened on it."""

    day: date
    what: Text


def read_day(value: object) -> date | None:
    """Return the day that a record states (ISO 8601); None of what is none."""
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def find_misdated(
    what: Text, day: date, today: date, *, since: Bound | None = None, until: Bound | None = None
) -> Text | None:
    """Say why what was done cannot be of a day; None if it can.

    Parameters
    ----------
    what, day
        What the day is of, and the day.
    today
        Nothing that was done is of a later day.
    since, until
        What it cannot come before, and what it cannot come after.

    Examples
    --------
    >>> str(find_misdated(Text("a letter"), date(2035, 1, 1), date(2026, 1, 1)))
    'a letter is dated 2035-01-01, after today (2026-01-01)'
    """
    said = {"what": what, "day": day.isoformat()}
    if day > today:
        return N_(
            "%(what)s is dated %(day)s, after today (%(today)s)", **said, today=today.isoformat()
        )
    if since is not None and day < since.day:
        return N_(
            "%(what)s is dated %(day)s, before %(bound)s (%(limit)s)",
            **said,
            bound=since.what,
            limit=since.day.isoformat(),
        )
    if until is not None and day > until.day:
        return N_(
            "%(what)s is dated %(day)s, after %(bound)s (%(limit)s)",
            **said,
            bound=until.what,
            limit=until.day.isoformat(),
        )
    return None
