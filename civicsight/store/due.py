"""Who decides on a plan, under which number, and on which day: what cannot be is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from typing import Final

from civicsight.core.days import Bound, find_misdated, read_day
from civicsight.core.errors import N_, InputError, Text
from civicsight.core.settings import present_day
from civicsight.rules import Rules, load_packs
from civicsight.rules.closed import find_term, lists_of, nearest_term
from civicsight.rules.pack import Place, Vocabulary
from civicsight.store.faults import fault, reject
from civicsight.store.records import Plan
from civicsight.store.transactions import Transaction
from civicsight.store.versions import load_heads

EARLIEST: Final = timedelta(days=365)
"""Time before a version in which somebody may have written of it; as letters of a plan have."""

APPROVES: Final = "approved_by"
"""Field of a plan whose closed lists name the bodies that may approve one."""

YEAR: Final = re.compile(r"[\u3014\[(\uff08](\d{4})[\u3015\])\uff09]")
"""Year in the number of a document."""


@cache
def _packs() -> Rules:
    return load_packs()


def require_days(
    deed: Transaction, file: str, what: Text, days: Iterable[str], since: Bound | None = None
) -> None:
    """Refuse days on which nobody can have written of the latest version of a plan.

    Parameters
    ----------
    deed, file
        The act, and where the plan is kept.
    what, days
        What is dated, and each of its days (ISO 8601).
    since
        What came before it, where something has to have.

    Raises
    ------
    InputError
        With every such day.
    """
    before = deed.before
    head = load_heads(deed.connection, file, before.plan_id)[-1]
    made = min(date.fromisoformat(head.created_at[:10]), present_day()) - EARLIEST
    first = Bound(made, N_("a year before the version was made"))
    latest = first if since is None or since.day < made else since
    read = {day: read_day(day) for day in dict.fromkeys(days)}
    told = {
        day: find_misdated(what, own, present_day(), since=latest)
        for day, own in read.items()
        if own is not None
    }
    faults = [
        fault("store.day", file, before.plan_id, "dated_on", day, why=why)
        for day, why in told.items()
        if why is not None
    ]
    if faults:
        raise InputError(faults)


def require_department(file: str, plan: Plan, name: str, rules: Rules | None = None) -> None:
    """Refuse an opinion of a department that nobody asks.

    Raises
    ------
    InputError
        If the plan does not name it, and no pack puts plans before it.
    """
    bodies = (each.body for each in (rules or _packs()).consulted)
    known = Vocabulary("", {}, tuple(bodies))
    if name in plan.departments or find_term(name, [known]) is not None:
        return
    asked = ", ".join(plan.departments) or "–"
    reject("store.department", file, plan.plan_id, "department", name, names=asked)


def require_decision(
    file: str,
    plan_id: str,
    body: str,
    number: str,
    day: str,
    *,
    rules: Rules | None = None,
    places: tuple[Place, ...] | None = None,
) -> None:
    """Refuse an approval by a body that no law lets approve, or without a number of a document.

    Parameters
    ----------
    file, plan_id, body, number, day
        Where, of which plan, and what the document says.
    rules, places
        The packs that judge, by default the built-in ones; and the places of the jurisdiction,
        where they are known.

    Raises
    ------
    InputError
        With all that is wrong.
    """
    packs = (rules or _packs()).packs
    lists = lists_of((rule for pack in packs for rule in pack.rules), APPROVES)
    faults = []
    if lists and find_term(body, lists, places) is None:
        faults.append(
            fault("store.body", file, plan_id, "body", body, name=nearest_term(body, lists).label)
        )
    years = [int(year) for year in YEAR.findall(number)]
    read = read_day(day)
    if not re.search(r"\d", number) or (read is not None and any(y > read.year for y in years)):
        faults.append(fault("store.number", file, plan_id, "document_number", number))
    if faults:
        raise InputError(faults)
