"""What every command shares: the application, the language, two streams, progress."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderHook, RenderResult
from rich.measure import Measurement
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.segment import Segment
from rich.text import Text as Line

from civicsight.core import i18n
from civicsight.core.errors import N_, MismatchError, Text
from civicsight.core.i18n import LANGUAGES, Language
from civicsight.core.settings import setting
from civicsight.core.shown import shown

Tick = Callable[[int, int], None]

COMPILING: Final = N_("Compiling kernels, once on this machine: this run takes longer.")


@dataclass(frozen=True, slots=True)
class Shown:
    """Anything that a console prints, with every sign in it shown that a terminal would obey."""

    told: ConsoleRenderable

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the same pieces; those by which the console itself moves stay."""
        for piece in console.render(self.told, options):
            yield piece if piece.control else Segment(shown(piece.text), piece.style)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """Return how wide it is."""
        return Measurement.get(console, options, self.told)


class _Showing(RenderHook):
    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [Shown(told) for told in renderables]


def inert_console(console: Console) -> Console:
    """Return a console, which from now on shows whatever a terminal would obey."""
    console.push_render_hook(_Showing())
    return console


def choose_language(name: str | None = None) -> Language:
    """Return a language by its name or code, by default the setting.

    Raises
    ------
    MismatchError
        If there is no such language.
    """
    wanted = (name or setting("language")).replace("-", "_").lower()
    for language in LANGUAGES:
        if wanted in (language.lower(), language.partition("_")[0].lower()):
            return language
    choices = ", ".join(LANGUAGES)
    raise MismatchError(
        N_("no language %(found)s; expected %(choices)s", found=wanted, choices=choices)
    )


@dataclass(frozen=True, slots=True, eq=False)
class Session:
    """One run of a command.

    Parameters
    ----------
    language
        Language of everything that is printed.
    out, err
        Results, and everything else.
    compiled
        Kernels that were compiled for this run.
    """

    language: Language
    out: Console
    err: Console
    compiled: list[str] = field(default_factory=list)

    def translate(self, text: Text) -> str:
        """Render a sentence."""
        return i18n.translate(text, self.language)

    def print(self, text: Text | str, *, whole: bool = False) -> None:
        """Print a line to a person; what it holds is text, never markup.

        A line with a root is left whole, so that it can be copied.
        """
        line = text if isinstance(text, str) else self.translate(text)
        self.err.print(line, markup=False, highlight=False, soft_wrap=whole)

    def print_compiling(self, name: str) -> None:
        """Say once why a first run takes longer."""
        if not self.compiled:
            self.print(COMPILING)
        self.compiled.append(name)

    def show_json(self, value: Any, files: Sequence[Path] | None = None) -> None:
        """Print a value for a program, and nothing else on that stream.

        Parameters
        ----------
        value
            Figures by name, as `cli.outputs` declares them.
        files
            Files that were written, told beside it under ``files``.
        """
        if files is not None:
            value = {**value, "files": [str(file) for file in files]}
        self.out.print(as_json(value), markup=False, highlight=False, soft_wrap=True)

    @contextmanager
    def step(self, label: Text) -> Iterator[Tick]:
        """Show a step of work: a running clock, and with the first tick rate and remaining time."""
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            RateColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        with Progress(
            *columns, console=self.err, transient=True, disable=not self.err.is_terminal
        ) as progress:
            task = progress.add_task(self.translate(label), total=None)

            def tick(done: int, total: int) -> None:
                progress.update(task, completed=done, total=total or None)

            yield tick
        if not self.err.is_terminal:  # a log has no moving bar; it names each step once
            self.print(N_("done: %(step)s", step=label))


def as_json(value: Any) -> str:
    """Write a value as JSON; a number that is unknown or without a limit becomes null.

    JSON has neither NaN nor infinity (RFC 8259, section 6).

    Examples
    --------
    >>> as_json({"bound": float("inf")}) == as_json({"bound": None})
    True
    """
    return json.dumps(_known(value), ensure_ascii=False, allow_nan=False, indent=2)


def _known(value: Any) -> Any:
    """Return a value with null in place of each number that is none."""
    if isinstance(value, Mapping):
        return {key: _known(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_known(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


class RateColumn(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Line:
        """Return the rate, empty while it is not known."""
        speed = task.finished_speed or task.speed
        return Line("" if speed is None else f"{speed:,.0f}/s")
