"""Run the golden run from the command line: ``python -m tools.golden``."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tools.golden.collect import NAMES, QUICK, collect
from tools.golden.stored import STORED, differences, summed, write_copies, write_stored

LAST = Path(__file__).resolve().parents[2] / "out" / "golden"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, compare or store, and return 1 if anything differs."""
    parser = argparse.ArgumentParser(prog="python -m tools.golden", description=__doc__)
    parser.add_argument("--write", action="store_true", help="store what is found")
    parser.add_argument("--quick", action="store_true", help="only " + ", ".join(QUICK))
    parser.add_argument("--only", nargs="+", choices=NAMES, metavar="RUN", help=", ".join(NAMES))
    parser.add_argument("--stored", type=Path, default=STORED, help="default: %(default)s")
    parser.add_argument("--out", type=Path, help="write the canonical form of all outputs there")
    parser.add_argument(
        "--against",
        type=Path,
        default=LAST,
        help="canonical form of what is stored, to show cells; by default that of the last run "
        "that was equal or stored, out/golden",
    )
    asked = parser.parse_args(arguments)
    names = asked.only or (QUICK if asked.quick else NAMES)
    against, began = asked.against.resolve(), time.process_time()
    found = collect(names)
    print(f"{len(found)} outputs, {time.process_time() - began:.0f} s of CPU")
    if asked.out:
        write_copies(found, asked.out)
    if asked.write:
        write_stored(summed(found), names, asked.stored)
        write_copies(found, LAST)
        print(f"stored in {asked.stored}")
        return 0
    blocks = differences(found, names, against, asked.stored)
    print("\n".join([*blocks, f"{len(blocks)} outputs differ" if blocks else "all equal"]))
    if not blocks:
        write_copies(found, LAST)
    return 1 if blocks else 0


if __name__ == "__main__":
    sys.exit(main())
