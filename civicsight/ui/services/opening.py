"""Opening a project in the background, so that a page can say how far it is."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import Thread

from civicsight.core.errors import N_, Text
from civicsight.core.settings import cache_dir, setting
from civicsight.editing.project import Project, Report, open_demo, open_project


@cache
def opening() -> Opening:
    """Return the one opening of this process; the first call starts it."""
    under_way = Opening()
    Thread(target=_work, args=(under_way,), name="opening", daemon=True).start()
    return under_way


def open_chosen(report: Report | None = None) -> Project:
    """Open the project of the settings, the demo without one.

    Raises
    ------
    InputError
        If the file is no project.
    """
    chosen = setting("project")
    if chosen:
        return open_project(Path(chosen), cache_dir(), report)
    return open_demo(cache_dir(), report)


def _work(under_way: Opening) -> None:
    try:
        under_way.future.set_result(open_chosen(under_way.tell))
    except BaseException as error:  # noqa: BLE001 - the border of a thread: the page raises it again
        under_way.future.set_exception(error)


@dataclass(slots=True, eq=False)
class Opening:
    """How far an opening is, and in the end the project, or why there is none."""

    future: Future[Project] = field(default_factory=Future)
    step: Text = N_("Starting")
    done: int = 0
    total: int = 0

    def tell(self, step: Text, done: int, total: int) -> None:
        """Take note of how far it is."""
        self.step, self.done, self.total = step, done, total

    @property
    def share(self) -> float:
        """Return how much of the step is done, 0 where it is not known."""
        return min(self.done / self.total, 1.0) if self.total else 0.0
