"""The audit: what was done and what was refused, each entry chained to the one before."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.sql import ColumnElement

from civicsight.core.errors import N_, Fault
from civicsight.store.actors import Act, Actor
from civicsight.store.records import START, as_text, digest_of
from civicsight.store.refusals import Damaged, changed
from civicsight.store.tables import AUDIT

BATCH: Final = 20_000
"""Entries between two reports of progress."""


CHAIN: Final = "chain"
"""Option of a connection that writes: what takes the right to add entries, where many may write."""

APPOINTED: Final = "appointed"
USER: Final = "user"
SIGNED_IN: Final = "signed_in"
"""What an entry says of its name, where it says so: older entries do not."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, in the order of its columns; `hash` covers all the others."""

    seq: int
    at: str
    actor: str
    role: str
    district: str
    action: str
    plan_id: str
    rev: int | None
    body: str
    prev: str
    hash: str

    @property
    def says(self) -> dict[str, Any]:
        """What the entry says beyond who, when and which plan."""
        said: dict[str, Any] = json.loads(self.body)
        return said


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain: its hash stands for everything before it."""

    seq: int
    hash: str


def now() -> str:
    """Return the time as the store writes it: UTC, ISO 8601, with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def append(
    connection: Connection,
    actor: Actor,
    action: str,
    body: dict[str, Any],
    *,
    plan_id: str = "",
    rev: int | None = None,
    at: str = "",
) -> Entry:
    """Add an entry; whoever comes with another one waits until the transaction has ended.

    What is said is followed by whether anybody is appointed, so that the name is more than a claim,
    and by the user of the operating system and the way of the sign-in where there are such. The
    first entry, with which a store begins, is nobody's act.
    """
    lock_chain(connection)
    last = head(connection)
    said = body if last.seq == 0 else body | _named(connection, actor)
    values = (
        last.seq + 1,
        at or now(),
        actor.name,
        str(actor.role),
        actor.district,
        action,
        plan_id,
        rev,
        as_text(said),
        last.hash,
    )
    entry = Entry(*values, digest_of(values))
    names = [column.name for column in AUDIT.columns]
    connection.execute(insert(AUDIT), dict(zip(names, astuple(entry), strict=True)))
    return entry


def lock_chain(connection: Connection) -> None:
    """Take the right to add entries: from here on nothing of the store changes but by this act."""
    lock = connection.get_execution_options().get(CHAIN)
    if lock is not None:
        lock(connection)


def has_members(connection: Connection) -> bool:
    """Tell whether anybody was ever appointed; where nobody was, every name is believed."""
    query = select(AUDIT.c.body).where(AUDIT.c.action == str(Act.APPOINT))
    return any("refused" not in json.loads(body) for body in connection.execute(query).scalars())


def _named(connection: Connection, actor: Actor) -> dict[str, Any]:
    """Say what the name of who acts rests on."""
    known = {USER: actor.user, SIGNED_IN: actor.signed_in}
    return {APPOINTED: has_members(connection)} | {k: v for k, v in known.items() if v}


def head(connection: Connection) -> Head:
    """Return the end of the chain."""
    row = connection.execute(
        select(AUDIT.c.seq, AUDIT.c.hash).order_by(AUDIT.c.seq.desc()).limit(1)
    ).first()
    return Head(0, START) if row is None else Head(row.seq, row.hash)


def entries(connection: Connection, file: str, *conditions: ColumnElement[bool]) -> Iterator[Entry]:
    """Yield entries in their order, each compared with its own hash.

    Raises
    ------
    Damaged
        If an entry is not what was written.
    """
    query = select(AUDIT).where(*conditions).order_by(AUDIT.c.seq)
    for row in connection.execute(query).all():
        if digest_of(row[:-1]) != row[-1]:
            raise Damaged([changed(file, f"audit {row[0]}")])
        yield Entry(*row)


def entry_times(connection: Connection) -> list[tuple[int, str]]:
    """Return number and time of every entry, in their order."""
    said = connection.execute(select(AUDIT.c.seq, AUDIT.c.at).order_by(AUDIT.c.seq))
    return [(seq, at) for seq, at in said]


def chain_faults(
    connection: Connection,
    file: str,
    *,
    last: int | None = None,
    expect_head: str = "",
    watch: Callable[[int], None] | None = None,
) -> list[Fault]:
    """Compare every entry with its hash and with the entry before it.

    Parameters
    ----------
    connection, file
        Where, and the name of the file for a fault.
    last
        Look only at this many entries at the end.
    expect_head
        Hash of an entry that has to be there, such as one printed on an approval: from inside,
        nothing tells that the end of a chain was cut off.
    watch
        Called with the number of entries done.
    """
    expect_head = expect_head.strip().lower()
    end = head(connection).seq
    first = 1 if last is None else max(1, end - last + 1)
    query = select(AUDIT).where(AUDIT.c.seq >= first).order_by(AUDIT.c.seq)
    rows = connection.execute(query.execution_options(yield_per=BATCH))
    seq, prev, found = first - 1, START if first == 1 else None, not expect_head
    faults: list[Fault] = []
    for row in rows:
        seq += 1
        linked = row[0] == seq and prev in (None, row[9])
        if not linked or digest_of(row[:10]) != row[10]:
            faults.append(changed(file, f"audit {row[0]}"))
            seq = row[0] if isinstance(row[0], int) else seq
        prev = row[10]
        found = found or prev == expect_head
        if watch is not None and seq % BATCH == 0:
            watch(seq - first + 1)
    if not found:
        faults.append(_cut(file, expect_head))
    return faults


def count(connection: Connection) -> int:
    """Return the number of entries."""
    return int(connection.execute(select(func.count()).select_from(AUDIT)).scalar_one())


def _cut(file: str, expect_head: str) -> Fault:
    return Fault(
        "store.cut",
        file,
        "audit",
        found=expect_head,
        expected=N_("a chain with the entry of this hash"),
        remedy=N_("The end was cut off or written anew: restore a backup that has the entry."),
    )
