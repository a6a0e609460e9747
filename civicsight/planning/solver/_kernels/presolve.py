"""Sets within sets: what a problem can do without, found by inclusion of sorted lists.

Both directions of the matrix are compressed rows of ascending numbers. A kernel that is halted
leaves fewer reductions, each of them valid.
"""

from __future__ import annotations

from civicsight.core.arrays import BoolArray, FloatArray, IndexArray, IntArray
from civicsight.coverage._kernels.compile import kernel, part


@part
def place_from(items: IndexArray, first: int, last: int, wanted: int) -> int:
    """Return the first place in ``items[first:last]`` of a number not below `wanted`."""
    reach = 1
    while first + reach < last and items[first + reach] < wanted:
        first += reach
        reach *= 2
    high = min(last, first + reach)
    while first < high:
        middle = (first + high) // 2
        if items[middle] < wanted:
            first = middle + 1
        else:
            high = middle
    return first


@part
def is_within(ptr: IntArray, items: IndexArray, inner: int, outer: int) -> bool:
    """Tell whether a list is part of another that is at least as long."""
    place, last = ptr[outer], ptr[outer + 1]
    for t in range(ptr[inner], ptr[inner + 1]):
        place = place_from(items, place, last, items[t])
        if place == last or items[place] != items[t]:
            return False
        place += 1
    return True


@part
def shortest_of(ptr: IntArray, items: IndexArray, which: int, lengths: IntArray) -> int:
    """Return the entry of a list whose own list, on the other side, is the shortest."""
    found = items[ptr[which]]
    for t in range(ptr[which], ptr[which + 1]):
        if length_of(lengths, items[t]) < length_of(lengths, found):
            found = items[t]
    return found


@part
def length_of(ptr: IntArray, which: int) -> int:
    """Return the length of a list."""
    return ptr[which + 1] - ptr[which]


@kernel
def hash_lists(indptr: IntArray, cells: IndexArray, code: IntArray, out: IntArray) -> None:
    """Fill `out`, zeroed, with the exclusive-or of the codes of who meets each requirement."""
    for j in range(len(indptr) - 1):
        for t in range(indptr[j], indptr[j + 1]):
            out[cells[t]] ^= code[j]


@kernel
def compare_lists(
    ptr: IntArray, items: IndexArray, first: IntArray, second: IntArray, same: BoolArray
) -> None:
    """Tell of each pair of lists whether they are the same."""
    for k in range(len(first)):
        same[k] = length_of(ptr, first[k]) == length_of(ptr, second[k]) and is_within(
            ptr, items, first[k], second[k]
        )


@kernel
def find_implied_rows(
    row_ptr: IntArray,
    row_items: IndexArray,
    indptr: IntArray,
    cells: IndexArray,
    need: IndexArray,
    is_soft: BoolArray,
    gone: BoolArray,
    halt: BoolArray,
) -> None:
    """Mark requirements that are met whenever another one is that has to be met."""
    for r in range(len(need)):
        if gone[r] or is_soft[r] or halt[0] or length_of(row_ptr, r) == 0:
            continue
        j = shortest_of(row_ptr, row_items, r, indptr)
        for t in range(indptr[j], indptr[j + 1]):
            s = cells[t]
            if s == r or gone[s] or need[s] > need[r]:
                continue
            if length_of(row_ptr, s) >= length_of(row_ptr, r):
                gone[s] = is_within(row_ptr, row_items, r, s)


@kernel
def find_inferior_columns(
    indptr: IntArray,
    cells: IndexArray,
    row_ptr: IntArray,
    row_items: IndexArray,
    cost: FloatArray,
    need: IndexArray,
    site: IndexArray,
    gone: BoolArray,
    halt: BoolArray,
) -> None:
    """Mark candidates for which others can always stand in.

    Another can stand in if it meets all the same at no higher cost and its site has room for it: it
    has no site with a capacity, or the same one. With so many of them as any of the requirements
    needs, either one is not chosen yet and can be, or nothing is left to do.
    """
    for j in range(len(cost)):
        if halt[0] or length_of(indptr, j) == 0:
            continue
        missing = 1
        for t in range(indptr[j], indptr[j + 1]):
            missing = max(missing, need[cells[t]])
        r = shortest_of(indptr, cells, j, row_ptr)
        for t in range(row_ptr[r], row_ptr[r + 1]):
            i = row_items[t]
            if i == j or gone[i] or cost[i] > cost[j] or not (site[i] < 0 or site[i] == site[j]):
                continue
            if length_of(indptr, i) >= length_of(indptr, j) and is_within(indptr, cells, j, i):
                missing -= 1
                if missing == 0:
                    gone[j] = True
                    break


@kernel
def copy_kept(
    indptr: IntArray,
    cells: IndexArray,
    kept: IntArray,
    number: IndexArray,
    out_ptr: IntArray,
    out_cells: IndexArray,
) -> None:
    """Copy the lists of the candidates `kept`, without requirements whose new number is below 0."""
    end = 0
    for k in range(len(kept)):
        for t in range(indptr[kept[k]], indptr[kept[k] + 1]):
            if number[cells[t]] >= 0:
                out_cells[end] = number[cells[t]]
                end += 1
        out_ptr[k + 1] = end


@kernel
def join(indptr: IntArray, cells: IndexArray, label: IntArray, parent: IntArray) -> None:
    """Join candidates with the requirements they meet, and with `label` where that is not below 0.

    `parent` is a forest of numbers: candidates, requirements, then labels; it comes with every
    number its own root, and each root is the lowest of its tree (Tarjan 1975, path halving).
    """
    n = len(indptr) - 1
    for j in range(n):
        for t in range(indptr[j], indptr[j + 1]):
            unite(parent, j, n + cells[t])
    for k in range(len(label)):
        if label[k] >= 0:
            unite(parent, k, label[k])


@part
def root_of(parent: IntArray, k: int) -> int:
    """Return the root of a tree, halving the path on the way."""
    while parent[k] != k:
        parent[k] = parent[parent[k]]
        k = parent[k]
    return k


@part
def unite(parent: IntArray, a: int, b: int) -> None:
    """Make the lower root the root of both trees."""
    a, b = root_of(parent, a), root_of(parent, b)
    if a < b:
        parent[b] = a
    else:
        parent[a] = b


@kernel
def flatten(parent: IntArray) -> None:
    """Let every number point to its root."""
    for k in range(len(parent)):
        parent[k] = parent[parent[k]]


@kernel
def lower_prices(indptr: IntArray, cells: IndexArray, cost: FloatArray, dual: FloatArray) -> None:
    """Lower duals in place until no candidate collects more than its cost."""
    for j in range(len(cost)):
        paid = 0.0
        for t in range(indptr[j], indptr[j + 1]):
            paid += dual[cells[t]]
        if paid > cost[j]:
            for t in range(indptr[j], indptr[j + 1]):
                dual[cells[t]] *= cost[j] / paid
