"""Whose file is read next: that of who had a turn longest ago, and never two of one person at once.

So whoever sends many files, or such that run into the time limit, keeps nobody waiting for longer
than one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from civicsight.application.faults import fault
from civicsight.application.inbox.entry import Entry, State
from civicsight.core.errors import Fault, InputError
from civicsight.core.settings import MEGABYTE, inbox_bounds


class Turns:
    """Files that wait, by person; whoever uses it holds a lock."""

    def __init__(self) -> None:
        self._of: dict[str, list[Entry]] = {}
        self._last: dict[str, int] = {}
        self._busy: set[str] = set()

    def add(self, entry: Entry) -> None:
        """Let a file wait behind those of the same person."""
        self._of.setdefault(entry.owner.person, []).append(entry)

    def drop(self, entry: Entry) -> None:
        """Let a file wait no longer."""
        waiting = self._of.get(entry.owner.person, [])
        if entry in waiting:
            waiting.remove(entry)
            self._forget(entry.owner.person)

    def take(self) -> Entry | None:
        """Return the file whose turn it is, None if there is none."""
        person = _next([who for who in self._of if who not in self._busy], self._last)
        if person is None:
            return None
        entry = self._of[person].pop(0)
        self._busy.add(person)
        self._forget(person)
        return entry

    def give_back(self, entry: Entry) -> None:
        """Let the person of a file that was taken have turns again."""
        self._busy.discard(entry.owner.person)
        if not self._of and not self._busy:
            self._last.clear()  # nobody waits: whoever comes next is as good as any other

    def order(self) -> list[Entry]:
        """Return the files that wait, in the order in which they come, if nobody sends more."""
        waiting, last = {who: list(own) for who, own in self._of.items()}, dict(self._last)
        order = []
        while (person := _next(list(waiting), last)) is not None:
            order.append(waiting[person].pop(0))
            if not waiting[person]:
                del waiting[person]
        return order

    def _forget(self, person: str) -> None:
        if not self._of[person]:
            del self._of[person]


def _next(people: list[str], last: dict[str, int]) -> str | None:
    """Return who had a turn longest ago, and note that he has one now; None if there is nobody."""
    if not people:
        return None
    person = min(people, key=lambda who: last.get(who, 0))
    last[person] = max(last.values(), default=0) + 1
    return person


FILE_BYTES: Final = 50_000_000
"""A larger file is imported on the command line; the server's own bound is the same."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one person may have waiting, in bytes and files; what all; and how many are read."""

    person_bytes: int
    person_files: int
    all_bytes: int
    reads: int

    @classmethod
    def of_settings(cls) -> Bounds:
        """Return the bounds of the settings."""
        return cls(*inbox_bounds())

    def excess(self, size: int, known: Sequence[Entry]) -> int:
        """Return by how much one more file would be too many on the disk, with those kept."""
        kept = sum(entry.size for entry in known if entry.kept)
        return sum(under_way(known, results=False)) + kept + size - self.all_bytes

    def refusal(self, person: str, name: str, size: int, known: Sequence[Entry]) -> Fault | None:
        """Return why a file is not taken beside those that are here, None if it is."""
        own = sum(under_way(known, person))
        if size > FILE_BYTES:
            return fault("app.import:size", name, size=FILE_BYTES // MEGABYTE)
        if len(under_way(known, person, results=False)) >= self.person_files:
            return fault("app.full:files", name, count=self.person_files)
        if own + size > self.person_bytes:
            return fault("app.full:size", name, size=self.person_bytes // MEGABYTE)
        if sum(under_way(known, results=False)) + size > self.all_bytes:
            return fault("app.full:server", name, name="CIVICSIGHT_UPLOAD_SCRATCH")
        return None


def under_way(
    known: Sequence[Entry], person: str | None = None, *, results: bool = True
) -> list[int]:
    """Return the bytes of the files of somebody, or of all, that wait or are read.

    With `results` also of those that were read: what was in them is in memory until it is put away,
    and a table lies here until then.
    """
    return [
        entry.size
        for entry in known
        if person in {None, entry.owner.person}
        and (not entry.is_over or (results and (entry.state is State.DONE or entry.kept)))
    ]


def refused(fault: Fault) -> InputError:
    """Return an error with one fault."""
    return InputError([fault])
