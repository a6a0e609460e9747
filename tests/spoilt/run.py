"""Give every hostile file to every way in, sum up by format; and spoil sound ones without end."""

from __future__ import annotations

import itertools
import os
import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from unittest.mock import patch

from tests.spoilt.case import Case
from tests.spoilt.sound import Sound, make_all
from tests.spoilt.spoil import spoil
from tests.spoilt.watch import STRACE, watching
from tests.spoilt.ways import Answer, Outcome, by_app, by_entry, by_python, by_terminal, laid_out

WAYS: Final = ("api", "app", "entry", "terminal")
PATIENCE_S: Final = "540"
"""Seconds by the clock after which a file is given up here; those who wait for ever are found. What
a file may take is `MOST_S` of a processor, which a busy machine gives in many times that."""

UNFORESEEN: Final = frozenset({"file.deadly", "file.unreadable"})


@dataclass(slots=True)
class Tried:
    """All that was tried: what came of each case by each way, and what processes asked for.

    Without `strace`, `counted` is false, and nothing was looked for.
    """

    answers: dict[tuple[str, str, str], Answer] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)
    called: int = 0
    started: int = 0
    counted: bool = False

    @property
    def broken(self) -> list[str]:
        """A line for each answer that breaks a promise."""
        return [
            f"{way} {kind}: {name}: {answer.outcome} {answer.cpu_s:.1f} s {answer.peak_mb:.0f} MB "
            f"{answer.told}"
            for (way, kind, name), answer in self.answers.items()
            if answer.breaks
        ]


def run(cases: Sequence[Case], root: Path, ways: Iterable[str], *, traced: bool = True) -> Tried:
    """Give cases to some of `WAYS`; where `strace` is installed, note what they ask for."""
    tried = Tried(counted=bool(STRACE) and traced)
    patient = patch.dict(os.environ, {"CIVICSIGHT_READ_SECONDS": PATIENCE_S})
    with patient, watching(root, traced=traced) as watch:
        for way, case in itertools.product(ways, cases):
            with laid_out(case, root) as path:
                before = _state(path.parent)
                if way == "api":
                    answer = by_python(case, path, watch.gate)
                elif way == "app":
                    answer = by_app(case, path, root)
                elif way == "entry":
                    answer = by_entry(case, path, root)
                else:
                    answer = by_terminal(case, path, root)
                if answer is not None and _state(path.parent) != before:
                    answer = answer._replace(outcome=Outcome.CHANGED)
                if answer is not None:
                    tried.answers[way, case.format, case.name] = answer
    watch.tell(root)
    tried.opened, tried.called, tried.started = watch.opened, watch.called, watch.started
    return tried


def _state(folder: Path) -> dict[str, tuple[int, int]]:
    """Return size and time of change of all that lies in a folder."""
    found = {}
    for entry in os.scandir(folder):
        info = entry.stat(follow_symlinks=False)
        found[entry.name] = (info.st_size, info.st_mtime_ns)
    return found


def table(tried: Tried) -> str:
    """Return the table that a person reads."""
    titles = ("cases", "read", "refused", "worse", "s", "MB")
    lines = [f"{'format':16}{'way':10}" + "".join(f"{title:>8}" for title in titles)]
    groups = dict.fromkeys((kind, way) for way, kind, _ in tried.answers)
    for kind, way in sorted(groups):
        mine = [a for (w, k, _), a in tried.answers.items() if (k, w) == (kind, way)]
        told = Counter(answer.outcome for answer in mine)
        worse = len(mine) - told[Outcome.READ] - told[Outcome.REFUSED]
        lines.append(
            f"{kind:16}{way:10}{len(mine):8}{told[Outcome.READ]:8}{told[Outcome.REFUSED]:8}"
            f"{worse:8}{max(a.cpu_s for a in mine):8.1f}{max(a.peak_mb for a in mine):8.0f}"
        )
    counted = (
        f"{tried.called} calls, {len(tried.opened)} foreign files opened, "
        f"{tried.started} programs started"
    )
    lines.append(f"{len(tried.answers)} answers, {len(tried.broken)} broke a promise; "
                 f"{counted if tried.counted else 'calls not counted'}")  # fmt: skip
    return "\n".join([*lines, *tried.broken, *sorted(tried.opened)]) + "\n"


def spoilt(original: Sound, folder: Path, each: int, seed: int) -> Iterator[tuple[str, Path]]:
    """Write one spoilt file after the other; the same ones for the same name and seed."""
    folder.mkdir(exist_ok=True)
    content = original.path.read_bytes()
    dice = random.Random(f"{seed} {original.path.name}")
    for _ in range(each):
        way, changed = spoil(content, dice)
        path = folder / original.path.name
        path.write_bytes(changed)
        yield way, path


def hunt(folder: Path, kept: Path, seconds: float) -> tuple[int, list[str]]:
    """Spoil files anew until the time is over, and keep each that was not foreseen.

    Returns
    -------
    count, broken
        Files that were read, and a line for each that broke a promise. Those that a library died
        of, or of which it said something that no reader expects, are kept beside them: they harm
        nobody, but a message of our own would be better.
    """
    sound, count, broken = folder / "sound", 0, []
    sound.mkdir()
    originals, ends = make_all(sound), time.monotonic() + seconds
    with watching(folder, traced=False) as watch:
        for seed in itertools.count(time.time_ns()):
            for original in originals:
                for way, path in spoilt(original, folder / "spoilt", 3, seed):
                    answer = watch.read(original, path)
                    count += 1
                    if answer.breaks or answer.told in UNFORESEEN:
                        kept.mkdir(parents=True, exist_ok=True)
                        path.rename(kept / f"{count}-{answer.told}-{way}-{path.name}")
                    if answer.breaks:
                        broken.append(f"{original.path.name} {way} {answer}")
                    if time.monotonic() > ends:
                        return count, broken
    return count, broken
