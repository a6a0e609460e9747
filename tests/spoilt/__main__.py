"""Give hostile files to the three ways in, and say what came of it.

``python -m tests.spoilt api`` reads all hostile files and projects as a program does, ``app`` as a
page sends them, ``entry`` by the commands within this process, ``terminal`` by a process for each;
``terminal 1 3`` takes the first of three parts, ``api Parquet footer`` those whose format and name
hold these words. What is printed is a table, and a line for each
that broke a promise. ``python -m tests.spoilt hunt 60 FOLDER`` spoils new ones for sixty minutes,
and keeps in a folder those that no reader foresaw.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.spoilt.corpus import CORPUS
from tests.spoilt.run import hunt, run, table


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="civicsight-spoilt-") as folder:
        if sys.argv[1:2] != ["hunt"]:
            said = sys.argv[2:]
            if all(word.isdecimal() for word in said):
                part, parts = map(int, said or (1, 1))
                cases = CORPUS[part - 1 :: parts]
            else:
                cases = tuple(case for case in CORPUS if all(word in case.id for word in said))
            tried = run(cases, Path(folder), sys.argv[1:2] or ["api"])
            sys.stdout.write(table(tried))
            sys.exit(bool(tried.broken or tried.opened or tried.called or tried.started))
        minutes, kept = float(sys.argv[2]), Path(sys.argv[3])
        count, broken = hunt(Path(folder), kept, minutes * 60.0)
        unforeseen = len(list(kept.iterdir())) if kept.is_dir() else 0
        lines = [f"{count} files, {unforeseen} unforeseen, {len(broken)} broke a promise", *broken]
        sys.stdout.write("\n".join(lines) + "\n")
        sys.exit(bool(broken))


if __name__ == "__main__":
    main()
