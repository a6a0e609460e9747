"""The audit: what was done and what was refused, each entry chained to the one before."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.sql import ColumnElement

from civicsight.core.errors import N_, Fault, Text
from civicsight.store.actors import Act, Actor
from civicsight.store.records import START, as_text, digest_of
from civicsight.store.refusals import Damaged, changed
from civicsight.store.tables import AUDIT, STORE

BATCH: Final = 20_000
"""Entries between two reports of progress."""


CHAIN: Final = "chain"
"""Option of a connection that writes: what takes the right to add entries, where many may write."""

BEGIN: Final = "begin"
"""What the first entry says was done: nobody's act, so none of `Act`."""

NOT_JUDGED: Final = "not_judged"
"""What an approval says of its version: how many places and parts are not judged with it."""

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
    """The end of a chain: its hash stands for everything before it.

    Parameters
    ----------
    seq, hash
        Number and digest of the last entry; the number is 0 where the digest alone is known.
    store
        Id of the store, where it is said.
    """

    seq: int
    hash: str
    store: str = ""

    def describe(self) -> Text:
        """Return the line that leaves a store with whatever is written from it."""
        return Text(PINNED.template, {"entry": str(self.seq), "digest": self.hash})


PINNED: Final = N_("Audit up to entry %(entry)s, digest %(digest)s")
"""The end of an audit on a paper; `ends.read_ends` finds it again, in either language."""


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


def own_end(connection: Connection) -> Head:
    """Return the end of the chain with the id of its store: what leaves with a package."""
    return replace(
        head(connection), store=connection.execute(select(STORE.c.store_id)).scalar_one()
    )


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
    watch: Callable[[int], None] | None = None,
) -> list[Fault]:
    """Compare every entry with its hash and with the entry before it.

    Parameters
    ----------
    connection, file
        Where, and the name of the file for a fault.
    last
        Look only at this many entries at the end.
    watch
        Called with the number of entries done.
    """
    end = head(connection).seq
    first = 1 if last is None else max(1, end - last + 1)
    query = select(AUDIT).where(AUDIT.c.seq >= first).order_by(AUDIT.c.seq)
    rows = connection.execute(query.execution_options(yield_per=BATCH))
    seq, prev = first - 1, START if first == 1 else None
    faults: list[Fault] = []
    for row in rows:
        seq += 1
        linked = row[0] == seq and prev in (None, row[9])
        if not linked or digest_of(row[:10]) != row[10]:
            faults.append(changed(file, f"audit {row[0]}"))
            seq = row[0] if isinstance(row[0], int) else seq
        prev = row[10]
        if watch is not None and seq % BATCH == 0:
            watch(seq - first + 1)
    return faults


CUT: Final = N_(
    "The audit was cut off after entry %(entry)s. Restore a backup that has the rest. If the "
    "digest is of other plans, give one of these plans."
)
REWRITTEN: Final = N_(
    "Entry %(entry)s of the audit was rewritten, or one before it. Restore a backup that has the "
    "entry. If the digest is of other plans, give one of these plans."
)
LOST: Final = N_(
    "The audit was cut off or rewritten: restore a backup that has the entry. If the digest is of "
    "other plans, give one of these plans."
)
"""What became of an end that was kept outside; in the last case its number is not known."""


def end_faults(connection: Connection, file: str, ends: Iterable[Head]) -> list[Fault]:
    """Name each end kept outside that a chain does not hold: cut off, or written anew.

    From inside, nothing tells that the end of a chain was cut off.
    """
    last, faults = head(connection), []
    for end in ends:
        here = AUDIT.c.hash == end.hash.strip().lower()
        query = select(AUDIT.c.seq).where(here & (AUDIT.c.seq == end.seq) if end.seq else here)
        if connection.execute(query).first() is not None:
            continue
        code, expected, said = "store.cut", end.describe(), {"entry": str(last.seq)}
        if end.seq > last.seq:
            remedy = Text(CUT.template, said)
        elif end.seq:
            code, remedy = "store.rewritten", Text(REWRITTEN.template, {"entry": str(end.seq)})
        else:
            expected, remedy = N_("an entry with the digest %(digest)s", digest=end.hash), LOST
        faults.append(Fault(code, file, "audit", "", str(last.seq), expected, remedy))
    return faults


def count(connection: Connection) -> int:
    """Return the number of entries."""
    return int(connection.execute(select(func.count()).select_from(AUDIT)).scalar_one())
