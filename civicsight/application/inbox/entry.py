"""A file that somebody sent, from the moment it is taken until its result is put away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Final, Protocol
from uuid import uuid4

from civicsight.core.errors import N_, CivicsightError, InputError, Text
from civicsight.io.datums import DATUMS
from civicsight.io.source_options import UNPLACED, Classes, Declared

if TYPE_CHECKING:
    from pyproj import CRS

    from civicsight.application.columns import Table
    from civicsight.application.intake import Intake
    from civicsight.io.local_systems import LocalSystem
    from civicsight.io.source_options import ColumnMapping, Corrections
    from civicsight.model import City
    from civicsight.store import Actor


class Base(Protocol):
    """What files are read into: a project that is open, or one that is begun with them."""

    @property
    def city(self) -> City | None:
        """The city as it is; None before the first file of a new project."""

    @property
    def digest(self) -> str:
        """What it is known by."""

    @property
    def store_path(self) -> Path:
        """File of its plans, where rights are asked if it is there."""

    @property
    def classes(self) -> Classes | None:
        """What registers may call classes of places; None as the built-in packs do."""


class Stopped(CivicsightError):  # noqa: N818 - what happened
    """The reading of a file was ended, as whoever sent it wished."""


class State(StrEnum):
    """Where a file is; before it is taken, the browser still sends it."""

    WAITING = "waiting"
    READING = "reading"
    DONE = "done"
    REFUSED = "refused"
    CANCELLED = "cancelled"


OVER: Final = frozenset({State.DONE, State.REFUSED, State.CANCELLED})

STATE_LABELS: Final[dict[State, Text]] = {
    State.WAITING: N_("waits for its turn"),
    State.READING: N_("is being read"),
    State.DONE: N_("read"),
    State.REFUSED: N_("refused"),
    State.CANCELLED: N_("cancelled"),
}


@dataclass(frozen=True, slots=True)
class Owner:
    """Who sent a file, in which visit; `stands` tells whether he still may at this moment."""

    actor: Actor
    visit: str = ""
    stands: Callable[[], bool] = field(default=lambda: True, compare=False)

    @property
    def person(self) -> str:
        """Name by which quotas and turns are counted, whatever windows he has open."""
        return self.actor.name


@dataclass(frozen=True, slots=True)
class Asked:
    """What is said of a file beside it: keys of `intake.KIND_LABELS` and `DATUM_LABELS` first."""

    kind: str = ""
    datum: str = ""
    keep_good: bool = False
    crs: CRS | None = None
    mapping: ColumnMapping | None = None
    corrections: Corrections | None = None
    local: LocalSystem | None = None
    classes: Classes | None = None

    @property
    def declared(self) -> Declared:
        """What a reader is told of it."""
        datum = next((one for one in DATUMS if one == self.datum), None)
        return Declared(
            datum=datum,
            crs=self.crs,
            mapping=self.mapping,
            corrections=self.corrections,
            local=self.local,
            classes=self.classes,
        )


@dataclass(slots=True, eq=False)
class Entry:
    """A file and what becomes of it; pages watch it.

    Parameters
    ----------
    owner, base, name, size, asked
        Whose it is, into what it is read, its name without what a name may not have, its bytes,
        and what was said of it.
    state, step, share
        Where it is; while it is read, what is done, and how much of that if anybody knows.
    intake, error
        What was read, or why it was not.
    table, kept
        What was understood of a file of rows, and whether it still lies here to be read again: of
        any other that was refused nothing stays but the words.
    turn
        How often it was read again.
    """

    owner: Owner
    base: Base
    name: str
    size: int
    asked: Asked
    state: State = State.WAITING
    step: Text = STATE_LABELS[State.READING]
    share: float | None = None
    intake: Intake | None = None
    error: CivicsightError | None = None
    table: Table | None = None
    kept: bool = False
    turn: int = 0
    id: str = field(default_factory=lambda: uuid4().hex)
    stop: Event = field(default_factory=Event)
    over: Event = field(default_factory=Event)

    @property
    def is_unplaced(self) -> bool:
        """Whether it was refused, and may be taken once its coordinate system is declared."""
        faults = self.error.faults if isinstance(self.error, InputError) else ()
        return any(fault.code in UNPLACED for fault in faults)

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in OVER

    def report(self, step: Text, share: float | None = None) -> None:
        """Take note of how far the reading is."""
        self.step, self.share = step, share

    def note(self, table: Table) -> None:
        """Take note of what was understood of its columns."""
        self.table = table

    def hear(self, done: int, total: int) -> None:
        """Take note of how far a reader is; end it where nobody wants the file any more."""
        if self.stop.is_set():
            raise Stopped
        if total:
            self.share = done / total

    def begin_again(self, asked: Asked) -> None:
        """Let it wait once more, with other words about it."""
        self.asked, self.turn = asked, self.turn + 1
        self.intake, self.error, self.kept = None, None, False
        self.state, self.step, self.share = State.WAITING, STATE_LABELS[State.READING], None
        self.over.clear()

    def finish(
        self, state: State, intake: Intake | None = None, error: CivicsightError | None = None
    ) -> None:
        """Set how it ended; the first word counts."""
        if not self.is_over:
            self.intake, self.error, self.state = intake, error, state
            self.over.set()
