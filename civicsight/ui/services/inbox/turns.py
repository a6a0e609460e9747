"""Whose file is read next: that of who had a turn longest ago, and never two of one person at once.

So whoever sends many files, or such that run into the time limit, keeps nobody waiting for longer
than one of them.
"""

from __future__ import annotations

from civicsight.ui.services.inbox.entry import Entry


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
