"""Spoil every sound file many times, read what came of it, and sum up by format."""

from __future__ import annotations

import itertools
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.spoilt.sound import Sound, make_all
from tests.spoilt.spoil import spoil
from tests.spoilt.watch import READ, STRACE, Answer, watching

SEED: Final = 20_261_128
UNFORESEEN: Final = frozenset({"file.deadly", "file.unreadable"})
PROJECTS: Final = 60
FILES: Final = 20
"""How often each file of another format is spoilt: over 500 in all."""


@dataclass(slots=True)
class Case:
    """One spoilt file: of which sound one, in which way, and what came of it."""

    sound: str
    way: str
    answer: Answer


@dataclass(slots=True)
class Outcome:
    """All cases, what they opened that is not theirs, and how often they called anybody.

    Without `strace`, `counted` is false and the two are nothing that was looked for.
    """

    cases: list[Case] = field(default_factory=list)
    opened: set[str] = field(default_factory=set)
    called: int = 0
    counted: bool = STRACE is not None


def run(folder: Path, each: int | None = None) -> Outcome:
    """Read spoilt files: `each` of every format, or 500 and 60 projects in all."""
    outcome = Outcome()
    sound = folder / "sound"
    sound.mkdir()
    originals = make_all(sound)
    with watching(folder) as watch:
        for original in originals:
            fine = watch.read(original, original.path)
            assert fine.told == READ, (original.path.name, fine)
            for way, path in spoilt(original, folder / "spoilt", each):
                outcome.cases.append(Case(original.path.name, way, watch.read(original, path)))
                path.unlink()
    watch.tell(folder)
    outcome.opened, outcome.called = watch.opened, watch.called
    return outcome


def spoilt(
    original: Sound, folder: Path, each: int | None, seed: int = SEED
) -> Iterator[tuple[str, Path]]:
    """Write one spoilt file after the other; the same ones for the same name and seed."""
    folder.mkdir(exist_ok=True)
    content = original.path.read_bytes()
    dice = random.Random(f"{seed} {original.path.name}")
    count = each or (PROJECTS if original.reader == "project" else FILES)
    for _ in range(count):
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


def table(outcome: Outcome) -> str:
    """Return the table that a person reads."""
    lines = [f"{'file':18}{'cases':>6}{'read':>6}{'s':>7}{'MB':>7}  refused as"]
    names = list(dict.fromkeys(case.sound for case in outcome.cases))
    for name in names:
        mine = [case.answer for case in outcome.cases if case.sound == name]
        told = Counter(answer.told for answer in mine)
        codes = ", ".join(f"{code} {n}" for code, n in told.most_common() if code != READ)
        seconds, peak = max(a.seconds for a in mine), max(a.peak_mb for a in mine)
        lines.append(f"{name:18}{len(mine):6}{told[READ]:6}{seconds:7.2f}{peak:7.0f}  {codes}")
    counted = f"{outcome.called} calls, {len(outcome.opened)} foreign files opened"
    lines.append(
        f"{len(outcome.cases)} files; {counted if outcome.counted else 'calls not counted'}"
    )
    lines += sorted(outcome.opened)
    return "\n".join(lines) + "\n"
