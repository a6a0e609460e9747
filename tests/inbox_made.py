"""People who send files to the app, and an inbox for them without any page."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from shapely import Point

from civicsight.application.inbox.desk import Inbox
from civicsight.application.inbox.entry import Asked, Entry, Owner
from civicsight.application.inbox.queue import Bounds
from civicsight.core.progress import report_progress
from civicsight.core.settings import MEGABYTE
from civicsight.editing.project import Project
from civicsight.io.apart import reading
from civicsight.store import Actor, Role
from tests.conftest import ROOT
from tests.result_factory import make_result
from tests.ui_made import make_project
from tests.waiting import WAIT_S

TOWN = "School"
CAMERAS = Asked("cameras")
BOUNDS = Bounds(4 * MEGABYTE, 3, 6 * MEGABYTE, 2)


def planner(name: str, visit: str = "", stands: Callable[[], bool] = lambda: True) -> Owner:
    """Return a planner in a visit of his own."""
    return Owner(Actor(name, Role.PLANNER), visit or f"visit of {name}", stands)


def town_project(folder: Path) -> Project:
    """Return the project of the town whose plans are kept in a folder."""
    return make_project(folder, TOWN)


def rows_of(*names: str) -> bytes:
    """Return an inventory of cameras that the town does not have."""
    spot = _middle()
    rows = "".join(f"{name},{spot.x + k},{spot.y},4.5\n" for k, name in enumerate(names))
    return f"camera_id,x,y,height_m\n{rows}".encode()


@cache
def _middle() -> Point:
    return Point(make_result(TOWN).city.extent.centroid)


@contextmanager
def opened(folder: Path, bounds: Bounds = BOUNDS, **options: Any) -> Iterator[Inbox]:
    """Open an inbox; afterwards nothing of what was sent is there."""
    box = Inbox(folder, bounds, **options)
    try:
        yield box
    finally:
        box.close()
    assert not list(folder.iterdir())


class Held:
    """A reader that reads a file when it is told to, as slow as a test wants it to be."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.let: dict[str, Event] = {}

    def __call__(self, entry: Entry, path: Path, _tell: Any) -> Any:
        """Wait until the file may be read, or is not wanted any more."""
        assert path.read_bytes() is not None
        self.begun.append(entry.name)
        free = self.let.setdefault(entry.name, Event())
        while not free.wait(0.01):
            report_progress(0, 0)
        return f"what is in {entry.name}"

    def read(self, *names: str) -> None:
        """Let files be read."""
        for name in names:
            self.let.setdefault(name, Event()).set()


def end_of(entry: Entry) -> Entry:
    """Wait until a file is read, refused or cancelled."""
    assert entry.over.wait(WAIT_S)
    return entry


def reading_processes(box: Inbox) -> dict[str, int]:
    """Return the processes that read, by the id of the file: each works in the folder of it."""
    gate, found = reading.gate(), {}
    server = 0 if gate._server is None else gate._server.pid
    with suppress(OSError):
        listed = Path(f"/proc/{server}/task/{server}/children").read_text(encoding="ascii")
        for child in listed.split():
            with suppress(OSError, ValueError):
                place = Path(f"/proc/{child}/cwd").readlink().relative_to(box.folder.resolve())
                found[place.parts[0]] = int(child)
    return found


@contextmanager
def sleepy_gate() -> Iterator[None]:
    """Let whoever reads a file with `sleep` in its name sleep for ever."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        gate = reading.Gate("tests.apart_sleepy")
        gate.lacks()
        patch.setattr(reading, "_GATES", {os.getpid(): gate})
        try:
            yield
        finally:
            gate.close()
