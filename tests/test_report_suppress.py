"""The least suppression that is safe, beside trying every mask of small tables."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from scipy.optimize import linprog

from civicsight.report.compliance.public import LEAST, least_hidden, suppress
from tests.drawn import LONG

VALUES = (0, 4, 5, 9) if LONG else (1, 6)
SHAPES = [(r, c) for r in (1, 2, 3) for c in (1, 2, 3)]


def most_of(table, hidden, cell):
    """Return the most that a hidden count could be by all sums, by linear programming."""
    cells = np.argwhere(hidden)
    own = np.array([tuple(each) == cell for each in cells.tolist()])
    rows = [
        (cells[:, axis] == line).astype(float)
        for axis in (0, 1)
        for line in range(table.shape[axis])
    ]
    shown = np.where(hidden, table, 0)
    sums = [*shown.sum(axis=1), *shown.sum(axis=0)]
    found = linprog(-own.astype(float), A_eq=np.array(rows), b_eq=sums, bounds=(0, None))
    return -found.fun


def is_safe(table, hidden, able):
    for counts, mask in zip((*table, *table.T), (*hidden, *hidden.T), strict=True):
        gone = counts[mask]
        if 0 < len(gone) < len(counts) and (len(gone) == 1 or gone.sum() < LEAST):
            return False
    return all(most_of(table, hidden, cell) >= LEAST - 1e-6 for cell in able)


def best_by_every_mask(table):
    """Return how many counts have to be hidden, and their sum, trying every mask."""
    small = table < LEAST
    cells = [tuple(cell) for cell in np.argwhere(small).tolist()]
    everything = np.ones(table.shape, bool)
    able = [cell for cell in cells if most_of(table, everything, cell) >= LEAST - 1e-6]
    rest = np.argwhere(~small).tolist()
    for more in range(len(rest) + 1):
        sums = []
        for some in combinations(rest, more):
            hidden = small.copy()
            for cell in some:
                hidden[tuple(cell)] = True
            if is_safe(table, hidden, able):
                sums.append(table[hidden].sum())
        if sums:
            return len(cells) + more, min(sums)
    raise AssertionError(table)


def small_tables():
    """Yield tables up to 3 x 3, one of those that differ in the order of rows or columns only."""
    seen = set()
    for shape in SHAPES:
        for values in product(VALUES, repeat=shape[0] * shape[1]):
            table = np.array(values).reshape(shape)
            once = table[np.lexsort(table.T[::-1])]
            once = once[:, np.lexsort(once[::-1])]
            key = (shape, once.tobytes())
            if key not in seen:
                seen.add(key)
                yield table


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_no_more_is_hidden_than_is_needed_in_any_table_up_to_three_by_three(shape):
    for table in small_tables():
        if table.shape != shape or not (table < LEAST).any():
            continue
        hidden = least_hidden(table)
        assert hidden[table < LEAST].all()
        assert (hidden.sum(), table[hidden].sum()) == best_by_every_mask(table)


def test_four_are_hidden_where_four_suffice():
    assert suppress([[3, 40, 9], [60, 20, 30], [70, 80, 90]]) == [
        ["*", "40", "*"], ["*", "20", "*"], ["70", "80", "90"],
    ]  # fmt: skip


def test_counts_that_a_ring_of_sums_gives_away_are_hidden_better():
    """Row by row all looks well, yet the sums together leave one value: more is hidden."""
    table = np.array([[0, 5, 50], [50, 5, 0], [5, 50, 5]])
    ring = table < 50
    assert is_safe(table, ring, [])
    assert most_of(table, ring, (0, 0)) == pytest.approx(0.0)
    hidden = least_hidden(table)
    for cell in np.argwhere(table < LEAST).tolist():
        assert most_of(table, hidden, tuple(cell)) >= LEAST


def test_a_table_of_the_size_of_the_report_takes_no_time():
    rng = np.random.default_rng(3)
    table = rng.choice([0, 0, 0, 1, 3, 7, 40, 200], (90, 5))
    hidden = least_hidden(table)
    assert hidden[table < LEAST].all()
    able = [tuple(cell) for cell in np.argwhere(table < LEAST).tolist()[:20]]
    assert is_safe(table, hidden, able)
