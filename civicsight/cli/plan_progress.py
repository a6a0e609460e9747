"""Progress of a plan: each step with its own bar, the optimiser with cost, bound and gap."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import TYPE_CHECKING, Any

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from civicsight.core.errors import N_, Text

if TYPE_CHECKING:
    from civicsight.cli.session import Session, Tick
    from civicsight.planning.solver.outcome import Progress as Reached


@dataclass(slots=True, eq=False)
class Steps:
    """Steps of a plan as they begin; the one before ends then."""

    session: Session
    money: bool
    stack: ExitStack = field(default_factory=ExitStack)
    heard: Any = None

    def begin(self, label: Text) -> Tick | None:
        """End the step before, and show this one."""
        from civicsight.planning.make import CHOICE

        self.stack.close()
        self.heard = None
        if label == CHOICE:
            self.heard = self.stack.enter_context(_shown(self.session, label, money=self.money))
            return None
        return self.stack.enter_context(self.session.step(label))

    def hear(self, reached: Reached) -> None:
        """Show where the optimiser is."""
        if self.heard is not None:
            self.heard(reached)


@contextmanager
def showing(session: Session, *, money: bool) -> Iterator[Steps]:
    """Show the steps of a plan; `money`: what the optimiser makes small are yuan."""
    steps = Steps(session, money)
    try:
        yield steps
    finally:
        steps.stack.close()


@contextmanager
def stopping(session: Session) -> Iterator[threading.Event]:
    """Let Ctrl-C stop the optimiser and keep what it has; pressed again it ends the command."""
    stop = threading.Event()

    def hear(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            signal.default_int_handler(number, frame)
        stop.set()
        session.tell(N_("Stopping; the last valid plan is kept. Press again to keep nothing."))

    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = signal.signal(signal.SIGINT, hear)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _shown(session: Session, label: Text, *, money: bool) -> Iterator[Any]:
    """Show value, bound and gap of the optimiser as it goes."""
    sentence = (
        N_("cost %(value)s yuan, bound %(bound)s, gap %(gap)s (%(stage)s)")
        if money
        else N_("places made lawful: %(value)s, at most %(bound)s, gap %(gap)s (%(stage)s)")
    )
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(
        *columns, console=session.err, transient=True, disable=not session.err.is_terminal
    ) as progress:
        task = progress.add_task(session.say(label), total=None)
        last = ""

        def hear(reached: Reached) -> None:
            nonlocal last
            values = {
                "value": f"{reached.value:,.0f}",
                "bound": f"{reached.bound:,.0f}",
                "gap": f"{reached.gap:.2%}",
                "stage": reached.stage,
            }
            last = session.say(Text(sentence.template, values))
            progress.update(task, description=last)

        yield hear
    if not session.err.is_terminal:
        session.tell(N_("done: %(step)s", step=label))
        if last:
            session.tell(last)
