"""Counting, the transpose, a greedy choice and its pruning.

The parts that a kernel calls stand in its own file: the cache of compiled kernels looks at no other
(see `civicsight.coverage._kernels.compile`).
"""

from __future__ import annotations

from typing import NamedTuple

from civicsight.core.arrays import BoolArray, FloatArray, IndexArray, IntArray
from civicsight.coverage._kernels.compile import kernel, part

ROUNDING = 1e-9
"""Share by which sums of weights and costs may differ from rounding alone."""


class Cover(NamedTuple):
    """A problem as the kernels read it (see `civicsight.planning.solver.model.Problem`).

    `row_ptr`, `row_items` name the candidates that meet each requirement, `site_ptr`, `site_items`
    those of each site. `share` is the weight of a requirement of a group in whole units, the same
    for every requirement that has to be met; `price` the cost, above 0.
    """

    indptr: IntArray
    cells: IndexArray
    row_ptr: IntArray
    row_items: IndexArray
    cost: FloatArray
    price: FloatArray
    need: IndexArray
    weight: FloatArray
    share: IntArray
    site: IndexArray
    capacity: IndexArray
    site_ptr: IntArray
    site_items: IndexArray
    group: IndexArray
    slack: FloatArray


@kernel
def count_entries(cells: IndexArray, row_ptr: IntArray) -> None:
    """Fill `row_ptr` with where each row of the transpose starts; it comes zeroed."""
    for t in range(len(cells)):
        row_ptr[cells[t] + 1] += 1
    for r in range(len(row_ptr) - 1):
        row_ptr[r + 1] += row_ptr[r]


@kernel
def find_flagged(indptr: IntArray, cells: IndexArray, flags: BoolArray, out: IndexArray) -> None:
    """Fill `out` with the first flagged requirement that each candidate meets, -1 for none."""
    for j in range(len(out)):
        out[j] = -1
        for t in range(indptr[j], indptr[j + 1]):
            if flags[cells[t]]:
                out[j] = cells[t]
                break


@kernel
def transpose(
    indptr: IntArray, cells: IndexArray, row_ptr: IntArray, row_items: IndexArray
) -> None:
    """Fill `row_items`, ascending in each row; `row_ptr` is moved on and put back."""
    for j in range(len(indptr) - 1):
        for t in range(indptr[j], indptr[j + 1]):
            r = cells[t]
            row_items[row_ptr[r]] = j
            row_ptr[r] += 1
    for r in range(len(row_ptr) - 1, 0, -1):
        row_ptr[r] = row_ptr[r - 1]
    row_ptr[0] = 0


@part
def worth_of(cover: Cover, asked: IndexArray, lost: FloatArray, j: int) -> float:
    """Return the weight that a candidate would add for each unit of cost."""
    gain = 0
    if len(cover.slack) == 0:
        for t in range(cover.indptr[j], cover.indptr[j + 1]):
            gain += asked[cover.cells[t]]
        return gain / cover.price[j]
    for t in range(cover.indptr[j], cover.indptr[j + 1]):
        r = cover.cells[t]
        g = cover.group[r]
        if g < 0 or lost[g] > cover.slack[g] * (1.0 + ROUNDING) + ROUNDING:
            gain += asked[r]
    return gain / cover.price[j]


@part
def is_before(worth: FloatArray, a: int, b: int) -> bool:
    """Order candidates by worth, then by lowest number."""
    return worth[a] > worth[b] or (worth[a] == worth[b] and a < b)


@part
def sift_down(heap: IntArray, size: int, worth: FloatArray, place: int) -> None:
    """Let an entry of a binary heap sink to where it belongs."""
    item = heap[place]
    child = 2 * place + 1
    while child < size:
        if child + 1 < size and is_before(worth, heap[child + 1], heap[child]):
            child += 1
        if not is_before(worth, heap[child], item):
            break
        heap[place] = heap[child]
        place, child = child, 2 * child + 1
    heap[place] = item


@part
def take(cover: Cover, counts: IndexArray, asked: IndexArray, lost: FloatArray, j: int) -> None:
    """Count a candidate in."""
    for t in range(cover.indptr[j], cover.indptr[j + 1]):
        r = cover.cells[t]
        counts[r] += 1
        if counts[r] == cover.need[r]:
            asked[r] = 0
            if cover.group[r] >= 0:
                lost[cover.group[r]] -= cover.weight[r]


@kernel
def choose_greedily(
    cover: Cover,
    chosen: BoolArray,
    counts: IndexArray,
    asked: IndexArray,
    lost: FloatArray,
    used: IndexArray,
    heap: IntArray,
    worth: FloatArray,
    halt: BoolArray,
) -> None:
    """Take the candidate of greatest worth until nothing is open or none is left.

    `asked` is the weight in whole units of what is unmet, 0 of what is met.

    Worth only falls while others are taken, so it is computed anew for the first of the queue
    alone (Minoux 1978). Equal worth: lowest number, which in a raster is the neighbour.
    """
    for j in range(len(chosen)):
        worth[j] = -1.0 if chosen[j] else worth_of(cover, asked, lost, j)
        heap[j] = j
    size = len(chosen)
    for place in range(size // 2 - 1, -1, -1):
        sift_down(heap, size, worth, place)
    while size > 0 and worth[heap[0]] > 0.0 and not halt[0]:
        j = heap[0]
        s = cover.site[j]
        is_full = s >= 0 and used[s] >= cover.capacity[s]
        now = -1.0 if is_full else worth_of(cover, asked, lost, j)
        if now == worth[j]:
            chosen[j] = True
            take(cover, counts, asked, lost, j)
            if s >= 0:
                used[s] += 1
            now = -1.0
        worth[j] = now
        if now <= 0.0:
            size -= 1
            heap[0] = heap[size]
        sift_down(heap, size, worth, 0)


@kernel
def drop_surplus(
    cover: Cover, order: IntArray, chosen: BoolArray, counts: IndexArray, lost: FloatArray
) -> None:
    """Drop in the given order whatever the rest can do without; `lost` follows."""
    for k in range(len(order)):
        j = order[k]
        is_needed = False
        last = cover.indptr[j]
        while last < cover.indptr[j + 1] and not is_needed:
            r = cover.cells[last]
            g = cover.group[r]
            if counts[r] == cover.need[r]:
                is_needed = g < 0
                if g >= 0:
                    lost[g] += cover.weight[r]
                    is_needed = lost[g] > cover.slack[g] * (1.0 + ROUNDING) + ROUNDING
            counts[r] -= 1
            last += 1
        if not is_needed:
            chosen[j] = False
            continue
        for t in range(cover.indptr[j], last):
            r = cover.cells[t]
            counts[r] += 1
            if counts[r] == cover.need[r] and cover.group[r] >= 0:
                lost[cover.group[r]] -= cover.weight[r]
