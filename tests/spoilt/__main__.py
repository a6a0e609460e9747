"""Spoil files and say what came of it.

``python -m tests.spoilt`` prints a table of over five hundred files and sixty projects, the same
ones every time; ``python -m tests.spoilt hunt 60 FOLDER`` draws new ones for sixty minutes, and
keeps in a folder those that no reader foresaw.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.spoilt.run import hunt, run, table


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="civicsight-spoilt-") as folder:
        if sys.argv[1:2] != ["hunt"]:
            sys.stdout.write(table(run(Path(folder))))
            return
        minutes, kept = float(sys.argv[2]), Path(sys.argv[3])
        count, broken = hunt(Path(folder), kept, minutes * 60.0)
        unforeseen = len(list(kept.iterdir())) if kept.is_dir() else 0
        lines = [f"{count} files, {unforeseen} unforeseen, {len(broken)} broke a promise", *broken]
        sys.stdout.write("\n".join(lines) + "\n")
        sys.exit(bool(broken))


if __name__ == "__main__":
    main()
