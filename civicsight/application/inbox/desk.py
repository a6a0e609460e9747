"""Where files that planners send are taken, wait, and are read: each in a process of its own.

What is taken lies in one locked folder of this process until it is read, refused or cancelled. A
table whose columns are known stays there until it is put away, at most as long as the visit, to be
read again with what a person says of them; the oldest go where room is needed. Of any other file
that is refused nothing stays but the words that say why. A server that was killed leaves its files
to the next one, which begins by removing them.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from threading import Condition, Thread
from typing import Final

from civicsight.application.beginning import Beginning
from civicsight.application.faults import fault
from civicsight.application.inbox.entry import Asked, Base, Entry, Owner, State, Stopped
from civicsight.application.inbox.queue import Bounds, Turns, refused, under_way
from civicsight.application.intake import Intake, safe_name, take_in
from civicsight.application.plans import require_right
from civicsight.core.atomic import naming_target, scratch_beside
from civicsight.core.errors import N_, CivicsightError, InputError, SetupError, Text
from civicsight.core.progress import hearing
from civicsight.core.settings import cache_dir
from civicsight.io.apart.reading import scratch_in
from civicsight.store import Act, Denied

FILES: Final = "uploads"
"""Folder below that of the caches."""

KEPT: Final = 20
"""So many results of one visit stay until they are put away; the oldest go first."""

ENDED: Final = N_("The reading ended without a result; nothing was kept. Send the file again.")
RELEASED: Final = fault("app.released")
GONE: Final = fault("app.denied:visit")

Report = Callable[[Text, float | None], None]
Read = Callable[[Entry, Path, Report], Intake]
"""Reads a file that was taken, and says how far it is."""


def read_entry(entry: Entry, path: Path, report: Report) -> Intake:
    """Read a file as its owner asked."""
    asked, base = entry.asked, entry.base
    if isinstance(base, Beginning) and base.city is None:
        return base.take_city(
            path,
            declared=asked.declared,
            keep_good=asked.keep_good,
            progress=report,
            note=entry.note,
        )
    assert base.city is not None  # noqa: S101 - a project that is open has one
    return take_in(
        base.city,
        path,
        kind=asked.kind,
        declared=asked.declared,
        keep_good=asked.keep_good,
        progress=report,
        note=entry.note,
    )


@cache
def inbox() -> Inbox:
    """Return the one inbox of this process; the first call makes it."""
    return Inbox(cache_dir() / FILES, Bounds.of_settings())


def waiting_bytes(person: str | None = None) -> int:
    """Return how much is in the inbox of this process, see `Inbox.waiting_bytes`."""
    return inbox().waiting_bytes(person) if inbox.cache_info().currsize else 0


def close_inbox() -> None:
    """End the inbox of this process, if there is one."""
    if inbox.cache_info().currsize:
        inbox().close()
        inbox.cache_clear()


class Inbox:
    """Takes files, has them read in turn, and keeps what came of them while the visit lasts.

    Parameters
    ----------
    folder
        Where files wait; what a process that was killed left there is removed.
    bounds
        How much is taken.
    read
        Reads one.
    """

    def __init__(self, folder: Path, bounds: Bounds, read: Read = read_entry) -> None:
        self.bounds = bounds
        self._read = read
        self._around = ExitStack()
        self.folder = self._around.enter_context(scratch_beside(folder / FILES))
        self._entries: dict[str, Entry] = {}
        self._turns, self._reading = Turns(), 0
        self._change = Condition()

    def take(self, base: Base, owner: Owner, name: str, content: bytes, asked: Asked) -> Entry:
        """Take a file, or say why not: of one that is refused no byte is kept.

        Raises
        ------
        Denied
            If somebody may not bring files in, or his visit is over; it is in the audit.
        """
        self._require(base, owner)
        entry = Entry(owner, base, safe_name(name), len(content), asked)
        with self._change:
            known = list(self._entries.values())
            fault = self.bounds.refusal(owner.person, entry.name, entry.size, known)
            if fault is not None:
                entry.finish(State.REFUSED, error=refused(fault))
            else:
                self._make_room(entry.size, known)
            self._entries[entry.id] = entry
        if fault is None and self._wrote(entry, content):
            with self._change:
                if not entry.is_over:
                    self._turns.add(entry)
        if entry.is_over:  # also if it was cancelled meanwhile
            self._remove(entry)
        self._go_on()
        return entry

    def again(self, owner: Owner, entry_id: str, asked: Asked) -> None:
        """Have a file that is kept read once more, with other words about it.

        Raises
        ------
        Denied
            If its owner may not bring files in any more, or his visit is over.
        InputError
            If it is not kept.
        """
        entry = self.find(owner, entry_id)
        if entry is None:
            raise refused(RELEASED)
        self._require(entry.base, owner)
        with self._change:
            if not entry.kept:
                raise refused(RELEASED)
            if isinstance(entry.base, Beginning) and entry.intake is not None:
                entry.base.let_go(entry.intake)
            entry.begin_again(asked)
            self._turns.add(entry)
        self._go_on()

    def of_visit(self, owner: Owner, base: Base | None = None) -> list[Entry]:
        """Return the files of a visit, into one base or any, the first that was sent first."""
        with self._change:
            own = [entry for entry in self._entries.values() if entry.owner == owner]
        return [entry for entry in own if base is None or entry.base.digest == base.digest]

    def find(self, owner: Owner, entry_id: str) -> Entry | None:
        """Return a file of a visit by its id; nobody else's."""
        return next((entry for entry in self.of_visit(owner) if entry.id == entry_id), None)

    def place(self, entry: Entry) -> tuple[int, int]:
        """Return the place of a file among those that wait, from 1, and how many do; 0: none."""
        with self._change:
            order = self._turns.order()
        return (order.index(entry) + 1 if entry in order else 0), len(order)

    def waiting_bytes(self, person: str | None = None) -> int:
        """Return how much of all waits or is read, or of somebody with what was read [bytes]."""
        with self._change:
            known = list(self._entries.values())
        return sum(under_way(known, person, results=person is not None))

    def cancel(self, entry: Entry) -> None:
        """End it: at once if it waits, within a second if it is being read."""
        entry.stop.set()
        with self._change:
            self._turns.drop(entry)
            if entry.state is State.WAITING:
                self._remove(entry)
                entry.finish(State.CANCELLED)

    def put_away(self, entry: Entry) -> None:
        """Forget it; one that is not over is cancelled."""
        self.cancel(entry)
        with self._change:
            self._entries.pop(entry.id, None)
            if entry.is_over:
                self._release(entry)

    def sweep(self) -> None:
        """Cancel and forget what belongs to visits that are over."""
        with self._change:
            entries = list(self._entries.values())
        over = {owner for owner in {entry.owner for entry in entries} if not owner.stands()}
        for entry in entries:
            if entry.owner in over:
                self.put_away(entry)

    def close(self) -> None:
        """Cancel everything, and remove what waits."""
        with self._change:
            entries = list(self._entries.values())
        for entry in entries:
            self.put_away(entry)
        with self._change:
            self._change.wait_for(lambda: self._reading == 0)
        self._around.close()

    @staticmethod
    def _require(base: Base, owner: Owner) -> None:
        """Refuse whoever may not bring files in at this moment."""
        require_right(base, owner.actor, Act.IMPORT)
        if not owner.stands():
            raise Denied([GONE])

    def _make_room(self, size: int, known: list[Entry]) -> None:
        """Let go of the oldest files that are kept, as far as a new one needs their room."""
        over = self.bounds.excess(size, known)
        for entry in [entry for entry in known if entry.kept]:
            if over <= 0:
                break
            self._release(entry)
            over -= entry.size

    def _release(self, entry: Entry) -> None:
        """Keep no byte of a file any more; what is known of it stays."""
        entry.kept = False
        self._remove(entry)

    def _place(self, entry: Entry) -> Path:
        return self.folder / entry.id

    def _remove(self, entry: Entry) -> None:
        shutil.rmtree(self._place(entry), ignore_errors=True)

    def _wrote(self, entry: Entry, content: bytes) -> bool:
        """Write a file where it waits; what cannot be written is refused in words."""
        place = self._place(entry)
        try:
            with naming_target(Path(entry.name), self.folder, place, need_bytes=len(content)):
                for folder in (place, place / "file", place / "scratch"):
                    folder.mkdir(mode=0o700)
                (place / "file" / entry.name).write_bytes(content)
        except CivicsightError as error:
            entry.finish(State.REFUSED, error=error)
            return False
        return True

    def _go_on(self) -> None:
        """Begin to read as many files as may be read at once."""
        with self._change:
            while self._reading < self.bounds.reads:
                entry = self._turns.take()
                if entry is None:
                    break
                entry.state = State.READING
                self._reading += 1
                Thread(target=self._work, args=(entry,), name="inbox", daemon=True).start()
            self._forget_old()

    def _forget_old(self) -> None:
        """Forget the oldest results of who has too many."""
        of: dict[Owner, list[Entry]] = {}
        for entry in self._entries.values():
            of.setdefault(entry.owner, []).append(entry)
        for own in of.values():
            over = [entry for entry in own if entry.is_over]
            for entry in over[: max(len(own) - KEPT, 0)]:
                del self._entries[entry.id]
                self._release(entry)

    def _work(self, entry: Entry) -> None:
        """Read one file, whatever comes of it; then go on with the next."""
        state, intake, error = State.REFUSED, None, None
        place = self._place(entry)
        try:
            with scratch_in(place / "scratch"), hearing(entry.hear):
                intake = self._read(entry, place / "file" / entry.name, entry.report)
            state = State.DONE
        except Stopped:
            state = State.CANCELLED
        except CivicsightError as found:
            error = found
        finally:
            with self._change:
                if entry.stop.is_set():
                    state, intake, error = State.CANCELLED, None, None
                elif state is State.REFUSED and error is None:
                    error = SetupError(ENDED)
                entry.kept = self._is_to_keep(entry, state, error)
                if not entry.kept:
                    self._remove(entry)
                self._turns.give_back(entry)
                self._reading -= 1
                entry.finish(state, intake, error)
                self._change.notify_all()
            self._go_on()

    def _is_to_keep(self, entry: Entry, state: State, error: CivicsightError | None) -> bool:
        """Tell whether a file may be read again: a table, and nobody has put it away meanwhile."""
        was_read = state is State.DONE or isinstance(error, InputError)
        return was_read and entry.table is not None and entry.id in self._entries
