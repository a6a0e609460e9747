"""Print what came back of each act: `python -m tests.fence [--landlock 7 4 1] [--bombs]`.

A column is a user and a kernel: root and an ordinary user, with Landlock of the versions asked for
and the filter of calls, and each without any fence, where what is refused shows nothing.
"""

from __future__ import annotations

import argparse
import os
import sys

from civicsight.io.apart import fence
from tests.fence.bombs import SENDING, TAKING
from tests.fence.started import OTHER_USER, OtherUserError, rows, start

LITTLE = {"CIVICSIGHT_READ_MEMORY": "100", "CIVICSIGHT_READ_SECONDS": "20"}


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
    print("| act |", " | ".join(columns), "|")
    print("| --- |", " | ".join("---" for _ in columns), "|")
    for act in next(iter(columns.values())):
        cells = [column[act] for column in columns.values()]
        print(f"| {act} |", " | ".join(("" if c.is_refused else "**NOT REFUSED** ") + c.came
                                       + (" (seen)" if c.effect else "") for c in cells), "|")  # fmt: skip
    counts = [sum(row.is_refused for row in column.values()) for column in columns.values()]
    print("| refused |", " | ".join(f"{n} of {len(cells_of)}" for n, cells_of in zip(
        counts, columns.values(), strict=True)), "|")  # fmt: skip
    for line in start(os.getuid(), settings=LITTLE, bombs=[*TAKING, *SENDING] if asked.bombs else []):
        name, code, got, grown, left = line
        print(f"{name}: {code or got}; the app grew by {grown >> 20} MiB, {left >> 20} MiB of disk")


if __name__ == "__main__":
    main()
