"""A plan under edit: the project as it was opened, and the commands given since.

A session never changes; each act returns another. So undo is a step back, a draft survives a
restart as the list of its commands, and nobody sees a plan half changed.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any, Final

from civicsight.core.bounded.text import load_json
from civicsight.editing.codec import from_plain, to_plain
from civicsight.editing.commands import Command
from civicsight.editing.draft import Draft
from civicsight.editing.faults import reject
from civicsight.editing.refusals import Guard, Question, changed_cameras
from civicsight.model import City
from civicsight.model.format_versions import FORMATS, SESSION, brought_up

MAX_COMMANDS: Final = 10_000
KINDS: Final = {"format": int, "base": str, "plan_id": str, "revision": int, "saved": str,
                "done": list, "undone": list}  # fmt: skip
"""Fields of a session as text, and their types."""

MAX_BYTES: Final = 20_000_000
"""Longest text of a session that is read at all."""


def begin(
    city: City, guard: Guard, base_digest: str, *, plan_id: str = "plan", revision: int = 0
) -> PlanSession:
    """Begin to edit a project.

    Parameters
    ----------
    city, guard
        The project as it is, and what the law forbids in it.
    base_digest
        Digest of the project.
    plan_id, revision
        The plan in the store that this becomes a version of, and its revision as it was read; 0
        where there is none yet.
    """
    return PlanSession(guard, base_digest, plan_id, revision, (Draft(city),))


def from_json(text: str | bytes, city: City, guard: Guard, base_digest: str) -> PlanSession:
    """Read a session again, every command asked of the law anew.

    Parameters
    ----------
    text
        What `PlanSession.to_json` wrote, or anybody else.
    city, guard, base_digest
        The project that is open.

    Raises
    ------
    InputError
        If it is no session, belongs to another state of the project, or holds a command that is
        none.
    Refused, RoomUseAsked
        If a command is not lawful.
    """
    data = _read(text)
    if data["base"] != base_digest:
        reject("edit.base")
    done = [from_plain(value) for value in data["done"]]
    session = begin(city, guard, base_digest, plan_id=data["plan_id"], revision=data["revision"])
    for command in done:
        session = session.do(command)
    undone = tuple(from_plain(value) for value in data["undone"])
    return replace(session, undone=undone, saved_digest=data["saved"] or session.saved_digest)


def _read(text: str | bytes) -> dict[str, Any]:
    """Return the fields of a session, each of its type."""
    try:
        data = load_json(text, limit=MAX_BYTES)
    except ValueError:
        data = None
    if isinstance(data, dict) and isinstance(data.get("format"), int):
        data = brought_up(SESSION, data, "")
    if not isinstance(data, dict) or not _fits(data):
        reject("edit.draft")
    return data


def _fits(data: dict[str, Any]) -> bool:
    """Tell whether a text has the fields of a session, each of its type, and not too many."""
    if data.keys() != KINDS.keys() or any(type(data[name]) is not KINDS[name] for name in KINDS):
        return False
    return len(data["done"]) + len(data["undone"]) <= MAX_COMMANDS


@dataclass(frozen=True, slots=True, eq=False)
class PlanSession:
    """A plan under edit.

    Parameters
    ----------
    guard
        What the law forbids; every command is asked of it.
    base_digest, plan_id, revision
        The project, and the plan and its revision that a save builds on.
    drafts
        The city before the first command and after each.
    done, undone
        Commands in effect, oldest first; and those taken back, the next to come again last.
    saved_digest
        Digest of what was saved last; empty: nothing is yet.
    """

    guard: Guard
    base_digest: str
    plan_id: str
    revision: int
    drafts: tuple[Draft, ...]
    done: tuple[Command, ...] = ()
    undone: tuple[Command, ...] = ()
    saved_digest: str = ""

    @property
    def draft(self) -> Draft:
        """The city as it is now."""
        return self.drafts[-1]

    @property
    def digest(self) -> str:
        """Digest of project and commands: the same for the same draft, whenever it is made."""
        told = [self.base_digest, [to_plain(command) for command in self.done]]
        return hashlib.sha256(_as_text(told).encode()).hexdigest()

    @property
    def dirty(self) -> bool:
        """Whether there is anything that no saved version has."""
        return self.digest != self.saved_digest if self.saved_digest else bool(self.done)

    @property
    def can_undo(self) -> bool:
        """Whether a command is in effect."""
        return bool(self.done)

    @property
    def can_redo(self) -> bool:
        """Whether a command was taken back."""
        return bool(self.undone)

    @property
    def questions(self) -> tuple[Question, ...]:
        """What the draft leaves to a person."""
        return self.guard.questions(self.draft)

    def do(self, command: Command) -> PlanSession:
        """Return the session with a command in effect.

        Raises
        ------
        Refused, RoomUseAsked
            If the law forbids it, or asks for the use of a room first; nothing has changed then.
        InputError
            If it cannot be done: an unknown id, a value out of its bounds.
        """
        if len(self.done) >= MAX_COMMANDS:
            reject("edit.many", count=MAX_COMMANDS)
        after = command.apply(self.draft)
        self.guard.check(after, command)
        return replace(self, drafts=(*self.drafts, after), done=(*self.done, command), undone=())

    def undo(self) -> PlanSession:
        """Return the session without the last command; itself if there is none."""
        if not self.done:
            return self
        return replace(
            self, drafts=self.drafts[:-1], done=self.done[:-1], undone=(*self.undone, self.done[-1])
        )

    def redo(self) -> PlanSession:
        """Return the session with the last command that was taken back; itself if there is none."""
        if not self.undone:
            return self
        return replace(self.do(self.undone[-1]), undone=self.undone[:-1])

    def saved(self, revision: int) -> PlanSession:
        """Return the session as it stands once it is a version of the plan."""
        return replace(self, revision=revision, saved_digest=self.digest)

    def require_lawful(self) -> None:
        """Ask the law once more of all that differs from the project, whoever built the session.

        Raises
        ------
        Refused, RoomUseAsked
            As `do`.
        """
        session = begin(self.drafts[0].base, self.guard, self.base_digest)
        for command in self.done:
            session = session.do(command)
        if changed_cameras(session.draft, self.draft):
            reject("edit.foreign")

    def to_json(self) -> str:
        """Return the session as text: what it was drawn in, and the commands."""
        return _as_text(
            {
                "format": FORMATS[SESSION].number,
                "base": self.base_digest,
                "plan_id": self.plan_id,
                "revision": self.revision,
                "saved": self.saved_digest,
                "done": [to_plain(command) for command in self.done],
                "undone": [to_plain(command) for command in self.undone],
            }
        )


def _as_text(value: Any) -> str:
    return json.dumps(
        value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    )
