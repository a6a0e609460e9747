"""Patches: neighbouring chosen candidates that are freed together, and what they have to meet."""

from __future__ import annotations

from civicsight.core.arrays import BoolArray, FloatArray, IndexArray
from civicsight.coverage._kernels.compile import kernel, part
from civicsight.planning.solver._kernels.cover import ROUNDING, Cover


@kernel
def grow(
    cover: Cover,
    chosen: BoolArray,
    barred: BoolArray,
    most: int,
    freed: IndexArray,
    count: int,
    is_reached: BoolArray,
    is_row: BoolArray,
    rows: IndexArray,
) -> int:
    """Add chosen candidates to ``freed[:count]`` that share requirements with them, up to `most`.

    `is_reached` and `is_row` come zeroed and are left so. Returns how many are freed.
    """
    done, n_row = 0, 0
    for k in range(count):
        is_reached[freed[k]] = True
    while done < count < most:
        j = freed[done]
        done += 1
        for t in range(cover.indptr[j], cover.indptr[j + 1]):
            r = cover.cells[t]
            if is_row[r]:
                continue
            is_row[r] = True
            rows[n_row] = r
            n_row += 1
            count = reach(cover, chosen, barred, r, most, freed, count, is_reached)
    for k in range(count):
        is_reached[freed[k]] = False
    for k in range(n_row):
        is_row[rows[k]] = False
    return count


@part
def reach(
    cover: Cover,
    chosen: BoolArray,
    barred: BoolArray,
    r: int,
    most: int,
    freed: IndexArray,
    count: int,
    is_reached: BoolArray,
) -> int:
    """Add the chosen candidates that meet a requirement; returns how many are freed."""
    for u in range(cover.row_ptr[r], cover.row_ptr[r + 1]):
        i = cover.row_items[u]
        if count < most and chosen[i] and not is_reached[i] and not barred[i]:
            is_reached[i] = True
            freed[count] = i
            count += 1
    return count


@kernel
def widen(
    cover: Cover,
    chosen: BoolArray,
    barred: BoolArray,
    most: int,
    freed: IndexArray,
    count: int,
    columns: IndexArray,
    is_reached: BoolArray,
) -> int:
    """Add chosen candidates that share requirements with those that might stand in for the freed.

    `columns` lists those that might; `is_reached` as for `grow`. Returns
    how many are freed.
    """
    for k in range(count):
        is_reached[freed[k]] = True
    for k in range(len(columns)):
        if count >= most:
            break
        i = columns[k]
        for t in range(cover.indptr[i], cover.indptr[i + 1]):
            r = cover.cells[t]
            count = reach(cover, chosen, barred, r, most, freed, count, is_reached)
    for k in range(count):
        is_reached[freed[k]] = False
    return count


@kernel
def open_up(
    cover: Cover,
    chosen: BoolArray,
    counts: IndexArray,
    freed: IndexArray,
    left: IndexArray,
    rows: IndexArray,
    columns: IndexArray,
    is_row: BoolArray,
    is_column: BoolArray,
) -> tuple[int, int]:
    """List what freed candidates alone meet, and who might meet it in their place.

    `left` comes zeroed: how many of the freed meet each requirement; it receives what a listed
    requirement needs. Unmet requirements of groups that the listed candidates would meet are listed
    too, so that another one may stay unmet instead. Returns the numbers of rows and columns.
    """
    n_row, n_column = 0, 0
    for j in freed:
        for t in range(cover.indptr[j], cover.indptr[j + 1]):
            left[cover.cells[t]] += 1
    for j in freed:
        chosen[j] = False
        for t in range(cover.indptr[j], cover.indptr[j + 1]):
            r = cover.cells[t]
            if not is_row[r] and cover.need[r] > counts[r] - left[r]:
                is_row[r] = True
                rows[n_row] = r
                n_row += 1
    for k in range(n_row):
        for u in range(cover.row_ptr[rows[k]], cover.row_ptr[rows[k] + 1]):
            i = cover.row_items[u]
            if not is_column[i] and not chosen[i]:
                is_column[i] = True
                columns[n_column] = i
                n_column += 1
    for k in range(n_column):
        j = columns[k]
        for t in range(cover.indptr[j], cover.indptr[j + 1]):
            r = cover.cells[t]
            if not is_row[r] and counts[r] < cover.need[r]:
                is_row[r] = True
                rows[n_row] = r
                n_row += 1
    for j in freed:
        chosen[j] = True
    return n_row, n_column


@kernel
def close_up(
    cover: Cover,
    freed: IndexArray,
    rows: IndexArray,
    columns: IndexArray,
    left: IndexArray,
    is_row: BoolArray,
    is_col: BoolArray,
) -> None:
    """Leave the room to work in as it came."""
    for j in freed:
        for t in range(cover.indptr[j], cover.indptr[j + 1]):
            left[cover.cells[t]] = 0
    for r in rows:
        is_row[r] = False
    for j in columns:
        is_col[j] = False


@part
def add(cover: Cover, counts: IndexArray, lost: FloatArray, used: IndexArray, j: int) -> None:
    """Count a candidate in."""
    for t in range(cover.indptr[j], cover.indptr[j + 1]):
        r = cover.cells[t]
        counts[r] += 1
        if counts[r] == cover.need[r] and cover.group[r] >= 0:
            lost[cover.group[r]] -= cover.weight[r]
    if cover.site[j] >= 0:
        used[cover.site[j]] += 1


@part
def remove(cover: Cover, counts: IndexArray, lost: FloatArray, used: IndexArray, j: int) -> None:
    """Count a candidate out."""
    for t in range(cover.indptr[j], cover.indptr[j + 1]):
        r = cover.cells[t]
        if counts[r] == cover.need[r] and cover.group[r] >= 0:
            lost[cover.group[r]] += cover.weight[r]
        counts[r] -= 1
    if cover.site[j] >= 0:
        used[cover.site[j]] -= 1


@part
def is_kept(
    cover: Cover,
    counts: IndexArray,
    lost: FloatArray,
    used: IndexArray,
    out: IndexArray,
    into: IndexArray,
) -> bool:
    """Tell whether an exchange left everything met, within slack and capacity."""
    for j in into:
        s = cover.site[j]
        if s >= 0 and used[s] > cover.capacity[s]:
            return False
    for j in out:
        for t in range(cover.indptr[j], cover.indptr[j + 1]):
            r = cover.cells[t]
            g = cover.group[r]
            if counts[r] >= cover.need[r]:
                continue
            if g < 0 or lost[g] > cover.slack[g] * (1.0 + ROUNDING) + ROUNDING:
                return False
    return True


@kernel
def exchange(
    cover: Cover,
    chosen: BoolArray,
    counts: IndexArray,
    lost: FloatArray,
    used: IndexArray,
    out: IndexArray,
    into: IndexArray,
) -> bool:
    """Put some candidates in for others, or leave all as it was if that is not valid."""
    for j in out:
        remove(cover, counts, lost, used, j)
    for j in into:
        add(cover, counts, lost, used, j)
    if is_kept(cover, counts, lost, used, out, into):
        for j in out:
            chosen[j] = False
        for j in into:
            chosen[j] = True
        return True
    for j in into:
        remove(cover, counts, lost, used, j)
    for j in out:
        add(cover, counts, lost, used, j)
    return False
