"""Print what came back of each act: `python -m tests.fence [--landlock 7 4 1] [--bombs]`.

A column is a user and a kernel: root and an ordinary user, with Landlock of the versions asked for
and the filter of calls, and each without any fence, where what is refused shows nothing.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable

from civicsight.io.apart import fence
from tests.fence.acts import BY_NAME
from tests.fence.app import Row
from tests.fence.bombs import LITTLE, SENDING, TAKING
from tests.fence.started import OTHER_USER, OtherUserError, rows, start


def main() -> None:
    """Print the table, and a line for each bomb where asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.fence", description=__doc__)
    parser.add_argument("--landlock", nargs="+", type=int, default=[fence.landlock_version(), 4, 1])
    parser.add_argument("--unfenced", action="store_true", help="a column without any fence")
    parser.add_argument("--bombs", action="store_true", help="what would fill the machine, too")
    asked = parser.parse_args()
    columns, names = {}, {0: "root", OTHER_USER: "other"}
    for user in (0, OTHER_USER) if os.getuid() == 0 else (os.getuid(),):
        kernels = [{"landlock": version} for version in asked.landlock]
        try:
            said = start(user, kernels=kernels, unfenced=asked.unfenced)
        except OtherUserError as error:
            print(f"not as user {user}: {error}", file=sys.stderr)
            continue
        heads = [f"Landlock {version}" for version in asked.landlock] + ["no fence"]
        for head, line in zip(heads, said, strict=False):
            columns[f"{names.get(user, user)}, {head}"] = {row.act: row for row in rows(line)}
    show("act", columns)
    show("---", ["---"] * len(columns))
    for act in next(iter(columns.values())):
        show(act, map(cell, (column[act] for column in columns.values())))
    refused = [sum(row.is_refused for row in column.values()) for column in columns.values()]
    show("refused", [f"{count} of {len(BY_NAME)}" for count in refused])
    bombs = [*TAKING, *SENDING] if asked.bombs else []
    for bomb, code, got, grown, left in start(os.getuid(), settings=LITTLE, bombs=bombs):
        print(f"{bomb}: {code or got}; the app grew by {grown >> 20} MiB, {left >> 20} MiB of disk")


def cell(row: Row) -> str:
    """Return what came of an act as a cell of the table."""
    told = row.came[:60] + (" (seen)" if row.effect else "")
    return told if row.is_refused else f"**NOT REFUSED** {told}"


def show(head: str, cells: Iterable[str]) -> None:
    """Print a row."""
    print("|", " | ".join([head, *cells]), "|")


if __name__ == "__main__":
    main()
