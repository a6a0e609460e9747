"""Install the wheels of a lock: fetched by several pips side by side, then put in place by one.

One pip asks for one wheel after the other and mostly waits. A lock names everything, so nothing has
to be resolved, and any part of it can be fetched by itself. Run by the Python that is installed to,
which has nothing but pip: ``python -m tools.locked_wheels requirements-dev.lock``.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

SIDE_BY_SIDE = 6
PIP = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
LOCKED = ("--no-deps", "--require-hashes", "--only-binary", ":all:")


def deal_out(lock: str, hands: int) -> list[str]:
    """Deal the entries of a lock out to so many locks, each entry with its hashes."""
    entries: list[str] = []
    for line in lock.splitlines(keepends=True):
        if line[0].isspace():
            entries[-1] += line
        else:
            entries.append(line)
    return ["".join(entries[hand::hands]) for hand in range(min(hands, len(entries)))]


def install(lock: Path) -> int:
    """Install what a lock names; return the exit code of the pip that failed, or 0."""
    with tempfile.TemporaryDirectory(dir=sys.prefix) as folder:
        fetching = []
        for hand, text in enumerate(deal_out(lock.read_text(encoding="utf-8"), SIDE_BY_SIDE)):
            part = Path(folder) / f"{hand}.lock"
            part.write_text(text, encoding="utf-8")
            command = (*PIP, "download", *LOCKED, "--dest", folder, "--requirement", str(part))
            fetching.append(subprocess.Popen(command))
        failed = [code for pip in fetching if (code := pip.wait())]
        if failed:
            return failed[0]
        here = ("--no-index", "--find-links", folder, "--requirement", str(lock))
        return subprocess.call([*PIP, "install", *LOCKED, "--no-compile", *here])


if __name__ == "__main__":
    sys.exit(install(Path(sys.argv[1])))
