"""Measure how a register of cameras is held against a new list: precision, recall, seconds.

Run ``python -m benchmarks.inventory``; everything is seeded, the truth is known of each row.
"""

from __future__ import annotations

import argparse
import time
from itertools import pairwise

import numpy as np
import pandas as pd

from benchmarks.bars import print_table
from civicsight.inventory import reconcile
from civicsight.model import CAMERAS
from tests.inventory_made import Year, make_year, renumbered, score

STEPS = (0.0, 0.5, 0.8, 0.95, 0.99, 1.0)
"""Certainties between which it is counted how many matches are right."""


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--cameras", type=int, default=10_000)
    asked.add_argument("--share", type=float, default=0.1, help="part that differs")
    options = asked.parse_args()
    rows, sure = [], []
    for name, year, numbered in cases(options.cameras, options.share):
        given = None if numbered else {column.name for column in CAMERAS}
        start = time.process_time()
        found = reconcile(year.known, year.listed, given=given)
        seconds = time.process_time() - start
        precision, recall = score(found.matches, year.truth)
        rows.append((name, f"{precision:.4f}", f"{recall:.4f}", f"{seconds:.1f}"))
        right = found.matches["listed_id"].map(year.truth).eq(found.matches["known_id"])
        sure.append(pd.DataFrame({"certainty": found.matches["certainty"], "right": right}))
    print_table(("list", "precision", "recall", "s of one core"), rows)
    print()
    print_table(("stated certainty", "matches", "mean stated", "right"), _calibrated(sure))


def cases(count: int, share: float) -> list[tuple[str, Year, bool]]:
    """Return the lists by name, and whether their numbers are their own."""
    year = make_year(count, share)
    labels = list(year.listed.index)
    wide = make_year(count, share, noise_m=15.0)
    anew = [f"NEW-{n}" for n in range(len(labels))]
    counted = renumbered(year, [str(n + 1) for n in range(len(labels))])
    before = counted.known.set_axis(pd.Index(map(str, range(1, count + 1)), dtype=object))
    names = dict(zip(counted.known.index, before.index, strict=True))
    again = Year(before, counted.listed, counted.truth.map(names), {})
    return [
        (f"{share:.0%} changed, moved, renumbered, gone, new", year, True),
        ("the same, places measured with 15 m", wide, True),
        ("the same, every number new", renumbered(year, anew), True),
        ("the same, numbered by row in another order", again, True),
        ("the same, without numbers", renumbered(year, anew), False),
    ]


def _calibrated(sure: list[pd.DataFrame]) -> list[tuple[str, str, str, str]]:
    """Return how many matches of each certainty are right, over all lists."""
    every = pd.concat(sure)
    place = np.digitize(every["certainty"], STEPS[1:-1])
    return [
        (f"{low:g} to {high:g}", str(len(own)), f"{own['certainty'].mean():.4f}",
         f"{own['right'].mean():.4f}")
        for k, (low, high) in enumerate(pairwise(STEPS))
        if len(own := every[place == k])
    ]  # fmt: skip


if __name__ == "__main__":
    main()
