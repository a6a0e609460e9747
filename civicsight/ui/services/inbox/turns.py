"""Whose file is read next: one of each person in turn, and never two of one person at once.

So whoever sends many files, or such that run into the time limit, keeps nobody waiting for longer
than one of them.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from itertools import chain, zip_longest

from civicsight.ui.services.inbox.entry import Entry


class Turns:
    """Files that wait, by person; whoever uses it holds a lock."""

    def __init__(self) -> None:
        self._of: OrderedDict[str, deque[Entry]] = OrderedDict()
        self._busy: set[str] = set()

    def add(self, entry: Entry) -> None:
        """Let a file wait behind those of the same person."""
        self._of.setdefault(entry.owner.person, deque()).append(entry)

    def drop(self, entry: Entry) -> None:
        """Let a file wait no longer."""
        waiting = self._of.get(entry.owner.person, deque())
        if entry in waiting:
            waiting.remove(entry)

    def take(self) -> Entry | None:
        """Return the file whose turn it is, None if there is none; its person has had a turn."""
        person = next((who for who in self._of if self._of[who] and who not in self._busy), None)
        if person is None:
            return None
        self._of.move_to_end(person)
        self._busy.add(person)
        return self._of[person].popleft()

    def give_back(self, entry: Entry) -> None:
        """Let the person of a file that was taken have turns again."""
        self._busy.discard(entry.owner.person)
        if not self._of.get(entry.owner.person, True):
            del self._of[entry.owner.person]

    def order(self) -> list[Entry]:
        """Return the files that wait, in the order in which they come, if nobody sends more."""
        people = sorted(self._of, key=lambda who: who in self._busy)  # the others are before them
        rounds = zip_longest(*(self._of[who] for who in people))
        return [entry for entry in chain.from_iterable(rounds) if entry is not None]
