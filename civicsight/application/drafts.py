"""Where the draft of somebody is kept between visits, and which of his windows may go on with it.

Each window knows the draft as it showed it last. What it does is kept only if no other window kept
something since: two windows never overwrite each other in silence.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Final

from civicsight.application.faults import fault
from civicsight.core.atomic import written_whole
from civicsight.core.errors import InputError
from civicsight.editing.project import Project
from civicsight.editing.refusals import Guard
from civicsight.editing.session import PlanSession, from_json
from civicsight.presentation.lexicon import local_time
from civicsight.store import Actor

DRAFTS: Final = "drafts"
"""Folder of drafts below that of the caches."""


class Overtaken(InputError):  # noqa: N818 - what happened
    """Another window of the same person went on with the draft."""

    def __init__(self, who: str, at: str) -> None:
        super().__init__([fault("draft.overtaken", who=who, at=at)])


def draft_of(cache_dir: Path, project: Project, actor: Actor) -> KeptDraft:
    """Return the draft of somebody, as a window that knows nothing of it yet."""
    told = f"{project.base}\n{project.plan_id}\n{actor.name}\n{actor.role}\n{actor.district}"
    return KeptDraft(cache_dir / DRAFTS / f"{sha256(told.encode()).hexdigest()}.json", actor.name)


@dataclass(slots=True, eq=False)
class KeptDraft:
    """A draft as a file, as one window knows it.

    Parameters
    ----------
    path, who
        The file, and whose it is.
    known
        Digest of what this window read or kept last; empty: it knows of none.
    """

    path: Path
    who: str
    known: str = ""

    def take_up(self, project: Project, guard: Guard) -> PlanSession | None:
        """Return the draft that was left, None if there is none; this window knows it now.

        Raises
        ------
        InputError
            If it is damaged, or not lawful any more.
        """
        text = self._read()
        self.known = _digest(text)
        return None if text is None else from_json(text, project.city, guard, project.base)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Let no other window keep anything meanwhile.

        Raises
        ------
        Overtaken
            If another one did since this window read or kept the draft.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self.path.with_suffix(".lock").open("ab") as file:
            _hold(file)
            text = self._read()
            if text is not None and _digest(text) != self.known:
                at = datetime.fromtimestamp(self.path.stat().st_mtime, UTC)
                raise Overtaken(self.who, local_time(at))
            yield

    def keep(self, session: PlanSession) -> None:
        """Write a session, whole or not at all; only this user may read it."""
        text = session.to_json().encode()
        with written_whole(self.path) as scratch:
            scratch.touch(mode=0o600)
            scratch.write_bytes(text)
        self.known = _digest(text)

    def _read(self) -> bytes | None:
        return self.path.read_bytes() if self.path.is_file() else None


def _digest(text: bytes | None) -> str:
    return "" if text is None else sha256(text).hexdigest()


def _hold(file: IO[bytes]) -> None:
    """Wait until no other window, of whatever process, holds a file; closing it lets go."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX)
