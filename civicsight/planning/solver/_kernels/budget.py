"""The most that a budget buys: greedy filling, parts completed one by one, and swaps.

All state is in arrays, so that a search goes on where it was; a move is made, looked at and taken
back. What a requirement adds to the gain of its candidates changes only when it becomes met or
unmet, so that keeping all gains costs one pass over the candidates of that requirement.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from civicsight.core.arrays import ByteArray, FloatArray, IndexArray, IntArray
from civicsight.coverage._kernels.compile import kernel, part

Words = npt.NDArray[np.uint64]

VALUE, COMPLETE, PROGRESS, CURRENT, BEST, STEP = range(6)
"""Places in `State.sums`: worth that is met, parts complete, worth with partial progress, score of
the search now and at its best, steps taken."""

SOFT = 0.05
"""Share at which progress towards a need above 1 counts while searching."""

REFRESH = 1000
"""Gains are added up anew after so many steps, so that rounding does not build up."""

GREATEST_HOLE = 5
"""At most so many neighbouring candidates are taken out at once."""

TRIES = 6
"""How many parts a step tries to complete, and how often it looks for a neighbour."""


class Task(NamedTuple):
    """What is asked; `unit` is what one more candidate adds to a requirement while unmet.

    `row_ptr, cells` candidates to requirements, `col_ptr, owners` back, `part_ptr, members` groups
    to requirements; `floor` and `least` are weights by district and group, `price` is the cost with
    a tiny one for what is free, `penalty` of each unit of weight below a floor, `tiny` a gain that
    is nothing but rounding.
    """

    row_ptr: IntArray
    cells: IndexArray
    col_ptr: IntArray
    owners: IndexArray
    part_ptr: IntArray
    members: IntArray
    cost: FloatArray
    price: FloatArray
    need: IndexArray
    unit: FloatArray
    worth: FloatArray
    weight: FloatArray
    site: IndexArray
    capacity: IndexArray
    district: IndexArray
    place: IndexArray
    group: IndexArray
    floor: FloatArray
    least: FloatArray
    part_worth: float
    penalty: float
    tiny: float


class State(NamedTuple):
    """Where a search is; `room` is the money left by district and, last, in all."""

    chosen: ByteArray
    best: ByteArray
    cover: IndexArray
    gain: FloatArray
    used: IndexArray
    room: FloatArray
    met_place: FloatArray
    met_group: FloatArray
    sums: FloatArray
    tabu: ByteArray
    near: FloatArray
    touched: IntArray
    log: IntArray
    random: Words


@part
def draw(state: State, count: int) -> int:
    """Return a number below `count` from a xorshift generator."""
    x = state.random[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    state.random[0] = x
    return int(np.int64((x >> np.uint64(11)) % np.uint64(count)))


@part
def turn(task: Task, state: State, r: int, sign: float) -> None:
    """Count a requirement that became met (1) or unmet (-1)."""
    state.sums[VALUE] += sign * task.worth[r]
    if task.place[r] >= 0:
        state.met_place[task.place[r]] += sign * task.weight[r]
    g = task.group[r]
    if g >= 0:
        before = state.met_group[g] >= task.least[g]
        state.met_group[g] += sign * task.weight[r]
        after = state.met_group[g] >= task.least[g]
        state.sums[COMPLETE] += int(after) - int(before)
    change = sign * task.unit[r]
    for t in range(task.col_ptr[r], task.col_ptr[r + 1]):
        state.gain[task.owners[t]] -= change


@part
def add(task: Task, state: State, j: int) -> None:
    """Take a candidate in."""
    state.chosen[j] = 1
    state.room[-1] -= task.cost[j]
    if task.district[j] >= 0:
        state.room[task.district[j]] -= task.cost[j]
    if task.site[j] >= 0:
        state.used[task.site[j]] += 1
    for t in range(task.row_ptr[j], task.row_ptr[j + 1]):
        r = task.cells[t]
        state.cover[r] += 1
        if state.cover[r] <= task.need[r]:
            state.sums[PROGRESS] += task.worth[r] / task.need[r]
        if state.cover[r] == task.need[r]:
            turn(task, state, r, 1.0)


@part
def remove(task: Task, state: State, j: int) -> None:
    """Take a candidate out."""
    state.chosen[j] = 0
    state.room[-1] += task.cost[j]
    if task.district[j] >= 0:
        state.room[task.district[j]] += task.cost[j]
    if task.site[j] >= 0:
        state.used[task.site[j]] -= 1
    for t in range(task.row_ptr[j], task.row_ptr[j + 1]):
        r = task.cells[t]
        if state.cover[r] <= task.need[r]:
            state.sums[PROGRESS] -= task.worth[r] / task.need[r]
        if state.cover[r] == task.need[r]:
            turn(task, state, r, -1.0)
        state.cover[r] -= 1


@part
def undo(task: Task, state: State, first: int, last: int) -> None:
    """Take back the moves ``first:last`` of the log: ``j`` added, ``~j`` removed."""
    for t in range(last - 1, first - 1, -1):
        j = state.log[t]
        if j >= 0:
            remove(task, state, j)
        else:
            add(task, state, ~j)


@part
def can_take(task: Task, state: State, j: int) -> bool:
    """Tell whether a candidate is out, allowed, and within money and capacity."""
    if state.chosen[j] or state.tabu[j] or task.cost[j] > state.room[-1]:
        return False
    if task.district[j] >= 0 and task.cost[j] > state.room[task.district[j]]:
        return False
    return task.site[j] < 0 or state.used[task.site[j]] < task.capacity[task.site[j]]


@part
def score_of(task: Task, state: State) -> float:
    """Return what the search makes as large as it can."""
    score = state.sums[VALUE] + task.part_worth * state.sums[COMPLETE]
    score += SOFT * state.sums[PROGRESS]
    for d in range(len(task.floor)):
        score -= task.penalty * max(task.floor[d] - state.met_place[d], 0.0)
    return score


@part
def add_best(task: Task, state: State, first: int, count: int, by_gain: int) -> int:
    """Take in what gains most for its cost (lowest id among equals); -1 if nothing fits."""
    best, most, n = -1, 0.0, len(task.cost)
    for t in range(count):
        j = first + t
        if j >= n:
            j -= n
        gain = state.gain[j]
        rate = gain if by_gain else gain / task.price[j]
        if rate > most and gain > task.tiny and can_take(task, state, j):
            best, most = j, rate
    if best >= 0:
        add(task, state, best)
    return best


@kernel
def refresh(task: Task, state: State) -> None:
    """Add up the gain of every candidate anew."""
    for j in range(len(task.cost)):
        total = 0.0
        for t in range(task.row_ptr[j], task.row_ptr[j + 1]):
            r = task.cells[t]
            if state.cover[r] < task.need[r]:
                total += task.unit[r]
        state.gain[j] = total


@kernel
def move(task: Task, state: State, j: int, inward: int) -> None:
    """Take a candidate in or out."""
    if inward:
        add(task, state, j)
    else:
        remove(task, state, j)


@kernel
def fill(task: Task, state: State, most: int) -> int:
    """Take in the best for its cost, at most so often; return how many were."""
    for count in range(most):
        if add_best(task, state, 0, len(task.cost), 0) < 0:
            return count
    return most


@part
def complete(task: Task, state: State, g: int, logged: int) -> int:
    """Complete a group with the best for its cost; return the new length of the log.

    Nothing changes where the money does not suffice.
    """
    near, touched, count, begun = state.near, state.touched, 0, logged
    for t in range(task.part_ptr[g], task.part_ptr[g + 1]):
        r = task.members[t]
        if state.cover[r] < task.need[r]:
            for s in range(task.col_ptr[r], task.col_ptr[r + 1]):
                i = task.owners[s]
                if near[i] == 0.0:
                    touched[count] = i
                    count += 1
                near[i] += task.weight[r] / task.need[r]
    while state.met_group[g] < task.least[g]:
        best, most = -1, 0.0
        for t in range(count):
            i = touched[t]
            if near[i] / task.price[i] > most and can_take(task, state, i):
                best, most = i, near[i] / task.price[i]
        if best < 0:
            break
        for t in range(task.row_ptr[best], task.row_ptr[best + 1]):
            r = task.cells[t]
            if task.group[r] == g and state.cover[r] + 1 == task.need[r]:
                for s in range(task.col_ptr[r], task.col_ptr[r + 1]):
                    near[task.owners[s]] -= task.weight[r] / task.need[r]
        add(task, state, best)
        state.log[logged] = best
        logged += 1
    for t in range(count):
        near[touched[t]] = 0.0
    if state.met_group[g] < task.least[g]:
        undo(task, state, begun, logged)
        return begun
    return logged


@part
def cost_of(task: Task, state: State, logged: int) -> float:
    """Return what the moves of the log cost: all are into the choice."""
    total = 0.0
    for t in range(logged):
        total += task.cost[state.log[t]]
    return total


@kernel
def complete_parts(task: Task, state: State, estimate: FloatArray) -> int:
    """Complete the part that takes least money, again and again; return how many were.

    `estimate` is what each part took when last tried. Money spent on others can only make a part
    cheaper, or leave no room for it: one that does not fit is not tried again.
    """
    count = 0
    for g in range(len(task.least)):
        logged = complete(task, state, g, 0)
        is_open = state.met_group[g] < task.least[g] or logged == 0
        estimate[g] = np.inf if is_open else cost_of(task, state, logged)
        undo(task, state, 0, logged)
    while True:
        g = int(np.argmin(estimate)) if len(estimate) else -1
        if g < 0 or estimate[g] == np.inf:
            return count
        logged = complete(task, state, g, 0)
        spent = cost_of(task, state, logged)
        if state.met_group[g] >= task.least[g]:
            known, estimate[g] = estimate[g], np.inf
            if spent > known and spent > estimate[int(np.argmin(estimate))]:
                undo(task, state, 0, logged)
                estimate[g] = spent
                continue
            count += 1
        estimate[g] = np.inf


@part
def any_chosen(state: State) -> int:
    """Return a chosen candidate at random, -1 if there is none."""
    n = len(state.chosen)
    j = draw(state, n)
    for _ in range(n):
        if state.chosen[j]:
            return j
        j = j + 1 if j + 1 < n else 0
    return -1


@part
def open_hole(task: Task, state: State, size: int) -> int:
    """Take out a chosen candidate and chosen ones beside it; return the length of the log."""
    centre = any_chosen(state)
    if centre < 0:
        return 0
    first, last = task.row_ptr[centre], task.row_ptr[centre + 1]
    remove(task, state, centre)
    state.log[0] = ~centre
    logged = 1
    for _ in range(TRIES * size):
        if logged >= size or first == last:
            break
        r = task.cells[first + draw(state, last - first)]
        start, stop = task.col_ptr[r], task.col_ptr[r + 1]
        offset = draw(state, stop - start)
        for t in range(stop - start):
            i = task.owners[start + (offset + t) % (stop - start)]
            if state.chosen[i]:
                remove(task, state, i)
                state.log[logged] = ~i
                logged += 1
                break
    return logged


@part
def refill(task: Task, state: State, logged: int, width: int) -> int:
    """Spend what is left: on open parts first where they count, then on what gains most."""
    if task.part_worth > 0.0 and len(task.least):
        for _ in range(TRIES):
            g = draw(state, len(task.least))
            if state.met_group[g] < task.least[g]:
                logged = complete(task, state, g, logged)
    by_gain = int(draw(state, 8) == 0)
    n = len(task.cost)
    if draw(state, 2) == 0:
        width = min(width, 64 + draw(state, n))
    first = (~state.log[0] - draw(state, width)) % n if width < n and logged else 0
    while True:
        j = add_best(task, state, first, width, by_gain)
        if j < 0:
            return logged
        state.log[logged] = j
        logged += 1


@kernel
def swap(task: Task, state: State, steps: int, whole: int, heat: float, width: int) -> None:
    """Open a hole and fill it, `steps` times of `whole`; keep what is not much worse.

    How much worse may be kept falls from `heat` to nothing over the whole search.
    """
    n = len(task.cost)
    for _ in range(steps):
        if int(state.sums[STEP]) % REFRESH == 0:
            refresh(task, state)
        removed = open_hole(task, state, 1 + draw(state, GREATEST_HOLE))
        barred = removed > 0 and draw(state, 2) == 0
        if barred:
            state.tabu[~state.log[0]] = 1
        logged = refill(task, state, removed, min(width, n))
        if barred:
            state.tabu[~state.log[0]] = 0
        score = score_of(task, state)
        allowed = heat * (1.0 - state.sums[STEP] / whole)
        state.sums[STEP] += 1.0
        if score < state.sums[CURRENT] - allowed:
            undo(task, state, 0, logged)
            continue
        state.sums[CURRENT] = score
        if score > state.sums[BEST] + 1e-12 * abs(score):
            state.sums[BEST] = score
            for j in range(n):
                state.best[j] = state.chosen[j]
