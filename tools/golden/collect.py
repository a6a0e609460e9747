"""Run everything that was chosen, and gather what it wrote and said."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import Final

from tools.golden.answers import answers
from tools.golden.canonical import Pieces
from tools.golden.files import read_folder
from tools.golden.inputs import prepare
from tools.golden.pages import console
from tools.golden.runs import RUNS, Run, fixed, speak

Found = dict[str, Pieces]
"""Pieces by output: its file, and the table, sheet or part of it."""

ANSWERS: Final = "answers"
NAMES: Final = (*(run.name for run in RUNS), ANSWERS)
QUICK: Final = (*(run.name for run in RUNS if run.quick), ANSWERS)
DONE: Final = (0, 1)
ROOT: Final = re.compile(r'"root": "([0-9a-f]{64})"')


def collect(names: Collection[str]) -> Found:
    """Run what is named, in a folder of its own, and return all of its outputs.

    Raises
    ------
    RuntimeError
        If two commands that write the same differ.
    """
    found: Found = {}
    with tempfile.TemporaryDirectory(prefix="golden-") as scratch, fixed(Path(scratch)):
        prepare(Path())
        root = ""
        for run in RUNS:
            if run.name not in names:
                continue
            code, out, err = speak([*run.words.format(root=root).split(), "--lang", "en"])
            told = ROOT.search(out)
            root = told[1] if told else root
            _merge(found, _outputs(run, f"{code} {out if code in DONE else out + err}"))
        if ANSWERS in names:
            found |= {f"{ANSWERS}/{name}": {"": [text]} for name, text in answers()}
    return found


def _outputs(run: Run, said: str) -> Found:
    found: Found = {f"said/{run.name}": {"": [console(said)]}}
    prefix = "" if run.name == "demo" else f"{run.name}/"
    if run.out:
        for name, part, pieces in read_folder(Path(run.out)):
            found[f"{prefix}{name}" + (f" > {part}" if part else "")] = pieces
    return found


def _merge(found: Found, more: Found) -> None:
    unlike = sorted(name for name in found.keys() & more.keys() if found[name] != more[name])
    if unlike:
        msg = f"two commands that write the same do not: {', '.join(unlike)}"
        raise RuntimeError(msg)
    found |= more
