"""What is run: commands that write files, in the order in which one needs the other."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

DAY: Final = "2026-03-01"
FIXED: Final[Mapping[str, str | None]] = {
    "CIVICSIGHT_TODAY": DAY,
    "CIVICSIGHT_LANGUAGE": None,
    "CIVICSIGHT_DEBUG": None,
    "CIVICSIGHT_PROJECT": None,
    "COLUMNS": "120",
    "TERM": "dumb",
    "NO_COLOR": "1",
    "FORCE_COLOR": None,
    "TTY_COMPATIBLE": None,
}
"""The environment of a run; what is not told here must not matter."""


@dataclass(frozen=True, slots=True)
class Run:
    """One command that writes files.

    Parameters
    ----------
    name
        How `--only` calls it, and the prefix of its outputs; empty: its folders are the prefixes.
    words
        Its arguments; ``{root}`` is that of the version of the plan.
    out
        Folder or file that it writes; empty: what it prints is all.
    quick
        Whether the everyday suite runs it.
    """

    name: str
    words: str
    out: str = ""
    quick: bool = False


CITY: Final = "district.gpkg cameras.csv"
STORE: Final = "plans.gpkg east"
PAPER: Final = f"--root {{root}} --date {DAY}"
COUNCIL: Final = (
    "--body 市人民政府 --number 7 --scan scan.pdf --city district.gpkg --cameras cameras.csv"
)
RUNS: Final = (
    Run("district", f"check {CITY} --cell 0.5 --out out/district", "out/district", quick=True),
    Run("demo", "demo --out out/demo", "out/demo"),
    Run(
        "public",
        f"report {CITY} --today {DAY} --edition public --no-pdf --out out/public",
        "out/public",
    ),
    Run(
        "catalogue",
        "catalogue district.gpkg numbered.csv --system 36010200002000000001 --out out/c/c.xml",
        "out/c",
        quick=True,
    ),
    Run(
        "project",
        "import cameras.csv --into out/project/project.gpkg --accept",
        "out/project",
        quick=True,
    ),
    Run(
        "reconcile",
        "inventory reconcile out/project/project.gpkg numbered.csv --rule missing=keep --by Li "
        f"--on {DAY} --out out/reconcile",
        "out/reconcile",
        quick=True,
    ),
    Run("survey", f"survey out {CITY} --out out/survey", "out/survey", quick=True),
    Run("templates", "template --form csv --out out/templates", "out/templates", quick=True),
    Run("quality", f"quality {CITY} --out out/quality", "out/quality"),
    Run("internal", f"report {CITY} --today {DAY} --no-pdf --out out/internal", "out/internal"),
    Run("privacy", f"privacy {CITY} --out out/privacy", "out/privacy"),
    Run("obstruct", f"obstruct {CITY} -p proposals.gpkg --out out/permits", "out/permits"),
    Run("specify", f"specify {CITY} --out out/specify", "out/specify"),
    Run("accept", f"accept {CITY} -m measured.csv --out out/accept", "out/accept"),
    Run("duplicates", f"plan duplicates {CITY} --out out/duplicates", "out/duplicates"),
    Run("new", f"plan new {STORE} --as Li --name East --department housing"),
    Run(
        "plan",
        f"plan optimise {CITY} --steps 100 --seconds 3600 --years 2027,2028 --no-pdf"
        " --store plans.gpkg --plan east --as Li --out out/plan",
        "out/plan",
    ),
    Run("ledger", "plan ledger out/plan --json"),
    Run("verify", "plan verify out/plan --json"),
    Run("years", f"plan years {CITY} --from out/plan --json"),
    Run("review", f"plan submit {STORE} --as Li --json"),
    Run(
        "opinion",
        f"plan opinion {STORE} --as Wang --department housing {PAPER} --text agreed --reply agree",
    ),
    Run("submit", f"plan submit {STORE} --as Li --json"),
    Run("own", f"plan approve {STORE} --as Li {PAPER} {COUNCIL}"),
    Run("approve", f"plan approve {STORE} --as Zhou {PAPER} {COUNCIL} --json"),
    Run("audit", "plan audit plans.gpkg --as Wang --json"),
    Run("store", "plan copy plans.gpkg out/store/plans.gpkg --as Sun", "out/store"),
)


def speak(words: list[str]) -> tuple[int, str, str]:
    """Run a command in this process; return its exit code, and what it printed to both ends."""
    from civicsight.cli import main

    out, err = io.StringIO(), io.StringIO()
    code = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(words)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
    return code, out.getvalue(), err.getvalue()


@contextlib.contextmanager
def fixed(folder: Path) -> Iterator[None]:
    """Work in a folder, with the environment that is told and no other."""
    before, where = dict(os.environ), Path.cwd()
    for name, value in FIXED.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(where)
        os.environ.clear()
        os.environ.update(before)
