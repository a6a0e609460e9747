"""Proof that a store holds what was written: pages, schema, audit, plans, versions, layers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from civicsight.core.errors import Fault, InputError
from civicsight.store.actors import Act
from civicsight.store.attachments import attachment_faults
from civicsight.store.audit import (
    NOT_JUDGED,
    Head,
    chain_faults,
    end_faults,
    entries,
    entry_times,
    head,
)
from civicsight.store.database import Database
from civicsight.store.refusals import Damaged, changed
from civicsight.store.tables import AUDIT, DOCUMENT, FEATURE, PLAN, PLAN_VERSION, STORE
from civicsight.store.unjudged_record import count_unjudged
from civicsight.store.versions import load_plan, load_version, plan_ids, version_faults

OPENING_ENTRIES: Final = 20_000
"""Entries at the end of the audit that are compared whenever a store is opened."""

CLOCKS_S: Final = 1.0
"""How far the clocks of machines that write in turn may lie apart [s]."""

Watch = Callable[[str, int, int], None]
"""Told the stage, and how much of how much of it is done."""


@dataclass(frozen=True, slots=True)
class ClockStep:
    """An entry that says an earlier time than one before it.

    Parameters
    ----------
    seq
        Its number.
    before, at
        The latest time that was said before, and its own.
    """

    seq: int
    before: str
    at: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What was compared and found as written.

    Parameters
    ----------
    plans, versions, entries
        How many of each.
    head
        End of the audit, to be kept outside of the file.
    clock
        Where the clock of a machine was set back: the order of entries is proved, their times are
        what the machines said.
    """

    plans: int
    versions: int
    entries: int
    head: Head
    clock: tuple[ClockStep, ...] = ()


def proof_of(
    connection: Connection,
    database: Database,
    *,
    ends: Iterable[Head] = (),
    watch: Watch | None = None,
) -> Verified:
    """Compare everything in a store with what was written, and with ends of its audit kept outside.

    Raises
    ------
    Damaged
        If anything differs; all of it is named.
    """
    file = database.name
    _stop_at(database.backend.sound(connection, file))

    def report(done: int) -> None:
        if watch is not None:
            watch("audit", done, end.seq)

    end = head(connection)
    _stop_at(chain_faults(connection, file, watch=report) + end_faults(connection, file, ends))
    keys = [tuple(row) for row in connection.execute(VERSIONS)]
    _stop_at(_record_faults(connection, file, keys))
    faults: list[Fault] = []
    for number, (plan_id, n) in enumerate(keys, start=1):
        faults += version_faults(connection, file, plan_id, n)
        if watch is not None:
            watch("versions", number, len(keys))
    _stop_at([*faults, *_strays(connection, file), *attachment_faults(connection, file)])
    _stop_at(_unjudged_faults(connection, file))
    shown = database.backend.shown(connection, file)
    _stop_at(shown + database.backend.placed(connection, file))
    clock = clock_steps(entry_times(connection))
    return Verified(len(plan_ids(connection, file)), len(keys), end.seq, end, clock)


def clock_steps(said: Iterable[tuple[int, str]]) -> tuple[ClockStep, ...]:
    """Find where entries, by number and time, go back by more than `CLOCKS_S`.

    Each step is said once, by its first entry; a text that is no time says nothing.
    """
    found: list[ClockStep] = []
    before, latest = None, ""
    for seq, at in said:
        try:
            time = datetime.fromisoformat(at)
        except ValueError:
            continue
        if time.tzinfo is None:
            continue
        if before is not None and (before - time).total_seconds() > CLOCKS_S:
            found.append(ClockStep(seq, latest, at))
        before, latest = time, at
    return tuple(found)


def refuse_damage(connection: Connection, database: Database) -> None:
    """Compare what is in use: pages, schema, end of the audit, plans and their latest versions.

    Older versions are compared when they are read.

    Raises
    ------
    Damaged
        If anything differs.
    """
    file = database.name
    _stop_at(database.backend.sound(connection, file))
    _stop_at(chain_faults(connection, file, last=OPENING_ENTRIES))
    keys = [tuple(row) for row in connection.execute(VERSIONS)]
    _stop_at(_record_faults(connection, file, keys))
    latest = connection.execute(select(PLAN.c.plan_id, PLAN.c.version).where(PLAN.c.version > 0))
    faults = [
        fault
        for plan_id, n in latest.all()
        for fault in version_faults(connection, file, plan_id, n, rooted=False)
    ]
    _stop_at(faults + _strays(connection, file))
    _stop_at(database.backend.shown(connection, file))


VERSIONS: Final = select(PLAN_VERSION.c.plan_id, PLAN_VERSION.c.n).order_by(
    PLAN_VERSION.c.plan_id, PLAN_VERSION.c.n
)


def _record_faults(
    connection: Connection, file: str, keys: list[tuple[object, ...]]
) -> list[Fault]:
    """Compare the store, the plans and the list of versions with what the audit saw."""
    faults: list[Fault] = []
    rows = connection.execute(select(STORE)).mappings().all()
    if [dict(found) for found in rows] != [_stated(connection, file)]:
        faults.append(changed(file, "store"))
    for name in plan_ids(connection, file):
        try:
            load_plan(connection, file, name)
        except InputError as error:
            faults += error.faults
    committed = [
        (entry.plan_id, entry.says["plan"]["version"])
        for entry in entries(connection, file, AUDIT.c.action == "commit")
        if entry.rev is not None
    ]
    missing = set(committed) ^ set(keys)
    return [*faults, *(changed(file, f"{plan} {n}", "plan_version") for plan, n in missing)]


def _unjudged_faults(connection: Connection, file: str) -> list[Fault]:
    """Name approvals that say another number of what is not judged than their version gives."""
    faults = []
    for entry in entries(connection, file, AUDIT.c.action == Act.APPROVE):
        says = entry.says
        if NOT_JUDGED not in says:
            continue
        of_version = (PLAN_VERSION.c.plan_id == entry.plan_id) & (
            PLAN_VERSION.c.digest == says["digest"]
        )
        numbers = connection.execute(select(PLAN_VERSION.c.n).where(of_version)).scalars().all()
        counts = [
            count_unjudged(load_version(connection, file, entry.plan_id, n).documents)
            for n in numbers[:1]
        ]
        if counts != [says[NOT_JUDGED]]:
            faults.append(changed(file, f"audit {entry.seq}", NOT_JUDGED, str(says[NOT_JUDGED])))
    return faults


def _stated(connection: Connection, file: str) -> dict[str, object]:
    """Return the row of the store as the audit tells it: as it began, in the format of today."""
    told: dict[str, object] = {}
    for entry in entries(connection, file, AUDIT.c.seq == 1):
        told |= entry.says
    for entry in entries(connection, file, AUDIT.c.action == Act.MIGRATE):
        told |= {"format": entry.says["to"]} if "to" in entry.says else {}
    return told


def _strays(connection: Connection, file: str) -> list[Fault]:
    """Name features and documents that belong to no version."""
    known = {tuple(row) for row in connection.execute(VERSIONS)}
    faults = []
    for table in (FEATURE, DOCUMENT):
        owners = connection.execute(select(table.c.plan_id, table.c.version).distinct())
        faults += [
            changed(file, table.name, found=f"{plan_id} {n}")
            for plan_id, n in owners
            if (plan_id, n) not in known
        ]
    return faults


def _stop_at(faults: list[Fault]) -> None:
    if faults:
        raise Damaged(faults)
