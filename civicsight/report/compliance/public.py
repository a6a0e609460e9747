"""The public edition: counts of which none under five can be told, and none that gives one away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from civicsight.core.figure import Figure, keyed
from civicsight.report.compliance.account import Account

LEAST: Final = 5
"""The least count that is published."""

SMALL: Final = f"< {LEAST}"
"""What stands for a count under five that stands alone."""

HIDDEN: Final = "*"
"""What stands in a table for a count under five, or for one that would give another away."""

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]
Row = tuple[list[int], list[float], float]
"""Columns, factors and the least sum of one row of a programme."""


def suppress(counts: Sequence[Sequence[int]]) -> list[list[str]]:
    """Return counts as text, with what is too small hidden, and as little else as that takes.

    Sums of rows and columns are taken to be known to the reader. In a row or column of which
    something is hidden that is all of it, or at least two counts of five and more in sum; and by
    all sums together a count under five could be five or more, as long as that is so where nothing
    is shown. Of what is safe in this way the fewest counts are hidden, and of these the smallest.
    All hidden counts look alike, for which of them was small would again give it away.

    Parameters
    ----------
    counts
        Rows of counts, all of one length.

    Examples
    --------
    >>> suppress([[3, 40, 9], [60, 20, 30]])
    [['*', '40', '*'], ['*', '20', '*']]
    """
    if not counts or not counts[0]:
        return [[] for _ in counts]
    table = np.array(counts, np.int64)
    hidden = _least_hidden(tuple(map(tuple, table.tolist())))
    return [
        [HIDDEN if gone else f"{count:,}" for count, gone in zip(row, mask, strict=True)]
        for row, mask in zip(table.tolist(), hidden.tolist(), strict=True)
    ]


def published(count: int) -> str:
    """Return one count that stands alone, hidden if it is too small."""
    return SMALL if count < LEAST else f"{count:,}"


@lru_cache(maxsize=64)
def _least_hidden(counts: tuple[tuple[int, ...], ...]) -> BoolArray:
    """Return `least_hidden` of a table, which stands in several volumes and languages."""
    return least_hidden(np.array(counts, np.int64))


def least_hidden(table: IntArray) -> BoolArray:
    """Return which counts are hidden: the fewest that are safe together.

    A programme of the rules by row and column; where a count is not safe by all sums together, one
    more has to be hidden across the cut that keeps it under five, until all are.
    """
    if (table >= LEAST).all():
        return np.zeros(table.shape, np.bool_)
    cuts: list[Row] = []
    small, nothing_shown = np.argwhere(table < LEAST).tolist(), np.ones(table.shape, np.bool_)
    able = [cell for cell in small if _cut_of(table, nothing_shown, *cell) is None]
    while True:
        hidden = _solve(table, cuts)
        found = [_cut_of(table, hidden, *cell) for cell in able]
        fresh = [(cells, [1.0] * len(cells), 1.0) for cells in found if cells is not None]
        if not fresh:
            return hidden
        cuts += fresh


def _solve(table: IntArray, cuts: list[Row]) -> BoolArray:
    """Return the least that keeps the rules by row and column, and the cuts."""
    at = np.arange(table.size).reshape(table.shape)
    lines = [(cells, table.ravel()[cells]) for cells in (*at, *at.T)]
    rows, count = list(cuts), table.size
    for k, (cells, worth) in enumerate(lines):
        some, whole = count + 2 * k, count + 2 * k + 1
        for cell in cells.tolist():
            rows += [([some, cell], [1.0, -1.0], 0.0), ([cell, whole], [1.0, -1.0], 0.0)]
        for factors, least in (
            (np.ones(len(cells)), 2.0),
            (worth.astype(np.float64), float(LEAST)),
        ):
            rows.append(([*cells.tolist(), some, whole], [*factors.tolist(), -least, least], 0.0))
    width = count + 2 * len(lines)
    ends = np.cumsum([0, *(len(columns) for columns, _, _ in rows)])
    columns = np.array([column for row in rows for column in row[0]])
    factors = np.array([factor for row in rows for factor in row[1]])
    matrix = csr_array((factors, columns, ends), shape=(len(rows), width))
    low = np.zeros(width)
    low[:count] = table.ravel() < LEAST
    cost = np.zeros(width)
    cost[:count] = 1.0 + table.ravel() / (2.0 * max(int(table.sum()), 1))
    found = milp(
        cost,
        constraints=LinearConstraint(matrix, np.array([least for _, _, least in rows]), np.inf),
        integrality=np.ones(width),
        bounds=Bounds(low, 1.0),
        options={"mip_rel_gap": 0.0},
    )
    hidden: BoolArray = np.asarray(found.x[:count] > 0.5).reshape(table.shape)
    return hidden


def _cut_of(table: IntArray, hidden: BoolArray, i: int, j: int) -> list[int] | None:
    """Return the counts of which one more has to be hidden, so that a count could be five.

    It could be as much more as flows from its row to its column: along a row what is hidden may
    fall to nothing, along a column it may rise, no more than to five being asked. None where it
    could be five as it is.
    """
    n_row, n_column = table.shape
    source, end = n_row + n_column, n_row + j  # rows, columns, and whence what it lacks comes
    free = hidden.copy()
    free[i, j] = False
    row, column = np.nonzero(free)
    lacks = LEAST - int(table[i, j])
    ends = (
        np.concatenate([row, n_row + column, [source]]),
        np.concatenate([n_row + column, row, [i]]),
    )
    room = np.concatenate(
        [np.minimum(table[row, column], LEAST), np.full(len(row), LEAST), [lacks]]
    )
    network = csr_array((room.astype(np.int32), ends), shape=(source + 1, source + 1))
    found = maximum_flow(network, source, end)
    if found.flow_value == lacks:
        return None
    inside = np.zeros(source + 1, np.bool_)
    left = csr_array(network - found.flow)
    left.eliminate_zeros()
    inside[breadth_first_order(left, source, return_predecessors=False)] = True
    out = inside[:n_row, None] != inside[None, n_row:source]
    return np.flatnonzero((out & ~hidden).ravel()).tolist()


SHOWN_OUTCOMES: Final = ("fail", "undetermined", "waived", "pass", "not_applicable")
"""Outcomes in the order in which a report tells them."""


Asked = tuple[str, str]
"""Pack and rule."""


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """The verdicts by rule, grouped once.

    Parameters
    ----------
    counts
        How many subjects have each of `SHOWN_OUTCOMES`; not to publish.
    cells
        The same as text. In the public edition what is too small is hidden, for all rules in one
        table: told twice with other neighbours, a count could be reckoned from the two.
    open
        Verdicts that are open, of the rules that have any.
    """

    counts: dict[Asked, list[Figure]]
    cells: dict[Asked, list[str]]
    open: dict[Asked, pd.DataFrame]

    def told(self, rule: Asked) -> dict[str, str]:
        """Return how often a rule has each outcome, without those that it has not or that hide."""
        rows = zip(SHOWN_OUTCOMES, self.counts[rule], self.cells[rule], strict=True)
        return {name: cell for name, figure, cell in rows if figure.value and cell != HIDDEN}


def tally_of(account: Account) -> Tally:
    """Group the verdicts by rule."""
    verdicts, found = account.compliance.verdicts, account.figures
    counts = {
        (rule.pack, rule.id): [
            found[f"rule.{rule.pack}.{rule.id}.{name}"] for name in SHOWN_OUTCOMES
        ]
        for pack in account.result.rules.packs
        for rule in pack.rules
    }
    cells = dict(zip(counts, shown(account, list(counts.values())), strict=True))
    is_open = verdicts["outcome"].eq("undetermined")
    return Tally(counts, cells, dict(iter(verdicts[is_open].groupby(["pack", "rule"]))))


def shown(account: Account, figures: Sequence[Sequence[Figure]]) -> list[list[str]]:
    """Return counts as text; in the public edition none that is too small."""
    if not account.public:
        return [[f"{figure}" for figure in row] for row in figures]
    texts = suppress([[int(figure.value or 0) for figure in row] for row in figures])
    return [
        [
            text if text == HIDDEN else keyed(figure.key, text)
            for figure, text in zip(row, own, strict=True)
        ]
        for row, own in zip(figures, texts, strict=True)
    ]


def rule_table(account: Account) -> pd.DataFrame:
    """Return how many subjects meet each rule, with what is too small hidden."""
    counts = tally_of(account).cells
    articles = {
        (rule.pack, rule.id): rule.article
        for pack in account.result.rules.packs
        for rule in pack.rules
    }
    table = pd.DataFrame(list(counts.values()), columns=list(SHOWN_OUTCOMES))
    table.insert(0, "article", [articles[key] for key in counts])
    table.insert(0, "pack", [pack for pack, _ in counts])
    table.index = pd.Index([rule for _, rule in counts], name="rule")
    return table


def public_indices(account: Account) -> dict[str, float | int | None]:
    """Return the indices as published: shares to a hundredth, None for what rests on under five."""
    found: dict[str, float | int | None] = {}
    for name, value in account.indices.to_dict().items():
        if name.endswith("_m2"):
            found[name] = round(value, -2)
        elif isinstance(value, int):
            found[name] = value if value >= LEAST else None
        elif value is not None:
            parts = account.indices.parts
            few = parts < LEAST or (name.startswith("compliance") and value * parts < LEAST)
            found[name] = None if few else round(value, 2)
        else:
            found[name] = None
    return found
