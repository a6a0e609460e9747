"""Row-weighting local search for covers with costs, needs above one, sites and slack.

References
----------
Gao, Weise, Li 2015, doi:10.1016/j.ejor.2015.05.038: take one out, put one in that meets a random
open requirement, and let what stays open weigh more, step by step. Here costs are weighed, a
requirement may need several candidates, a site that is full exchanges one for another, and what
is unmet in a group counts only while it is more than the slack of the group.
"""

from __future__ import annotations

from typing import NamedTuple

from civicsight.core.arrays import BoolArray, FloatArray, IndexArray, IntArray
from civicsight.coverage._kernels.compile import kernel, part
from civicsight.planning.solver._kernels.cover import ROUNDING, Cover

DRAW, STEP, TAKEN, OPEN, LOOSE, BROKEN, BEST, BARRED, FOUND, EASED = range(10)
"""Places in `State.tally`: last random number, steps done, lengths of `taken`, `open` and `loose`,
groups beyond their slack, length of `best`, the candidate that may not leave at once, steps
at which the best was found and weights were last eased."""

NOW, LEAST = 0, 1
"""Places in `State.money`: cost of the present choice, and of the best valid one."""


EASE_AFTER, EASE_GROUPS = 300, 1
"""Weights are eased after so many steps for each requirement and as many as the best took; far
sooner where groups have slack: what is hard to meet has to be able to stay out."""

RARELY = 10
"""Steps between two raises of an unmet requirement of a group, about."""


class State(NamedTuple):
    """Where a search is.

    `score` of a chosen candidate: row weight that it alone keeps; of another: what it would add.
    `open` lists unmet requirements that have to be met, `loose` those of groups, `place` where
    each stands; `owner` is the exclusive-or of the chosen that meet a requirement, the very one if
    it is alone. `free` bars what was taken out until something beside it changes.
    """

    chosen: BoolArray
    counts: IndexArray
    row_weight: IntArray
    score: IntArray
    since: IntArray
    free: BoolArray
    owner: IndexArray
    taken: IndexArray
    taken_place: IndexArray
    open: IndexArray
    loose: IndexArray
    place: IndexArray
    lost: FloatArray
    used: IndexArray
    best: IndexArray
    counters: IntArray
    money: FloatArray


@part
def draw(state: State, count: int) -> int:
    """Return a number below `count` (Park and Miller 1988)."""
    state.counters[DRAW] = state.counters[DRAW] * 48271 % 2147483647
    return state.counters[DRAW] % count


@part
def is_beyond(cover: Cover, state: State, g: int) -> bool:
    """Tell whether more of a group is unmet than may be."""
    return state.lost[g] > cover.slack[g] * (1.0 + ROUNDING) + ROUNDING


@part
def note_unmet(cover: Cover, state: State, r: int) -> None:
    """Enter a requirement in its list of unmet ones."""
    g = cover.group[r]
    if g < 0:
        state.open[state.counters[OPEN]] = r
        state.place[r] = state.counters[OPEN]
        state.counters[OPEN] += 1
        return
    state.loose[state.counters[LOOSE]] = r
    state.place[r] = state.counters[LOOSE]
    state.counters[LOOSE] += 1
    was_beyond = is_beyond(cover, state, g)
    state.lost[g] += cover.weight[r]
    state.counters[BROKEN] += int(is_beyond(cover, state, g)) - int(was_beyond)


@part
def note_met(cover: Cover, state: State, r: int) -> None:
    """Strike a requirement from its list of unmet ones; the last takes its place."""
    g = cover.group[r]
    if g < 0:
        state.counters[OPEN] -= 1
        last = state.open[state.counters[OPEN]]
        state.open[state.place[r]] = last
        state.place[last] = state.place[r]
        return
    state.counters[LOOSE] -= 1
    last = state.loose[state.counters[LOOSE]]
    state.loose[state.place[r]] = last
    state.place[last] = state.place[r]
    was_beyond = is_beyond(cover, state, g)
    state.lost[g] -= cover.weight[r]
    state.counters[BROKEN] += int(is_beyond(cover, state, g)) - int(was_beyond)


@part
def change_others(cover: Cover, state: State, r: int, change: int) -> None:
    """Change what those not chosen would add by meeting a requirement; they are free again."""
    for t in range(cover.row_ptr[r], cover.row_ptr[r + 1]):
        i = cover.row_items[t]
        if not state.chosen[i]:
            state.score[i] += change
            state.free[i] = True


@part
def change_keepers(cover: Cover, state: State, r: int, besides: int, change: int) -> None:
    """Change what the chosen ones besides one keep by meeting a requirement."""
    if cover.need[r] == 1:
        state.score[state.owner[r] ^ besides] += change
        return
    for t in range(cover.row_ptr[r], cover.row_ptr[r + 1]):
        i = cover.row_items[t]
        if state.chosen[i] and i != besides:
            state.score[i] += change


@part
def put_in(cover: Cover, state: State, j: int) -> None:
    """Choose a candidate; what it would have added is what it now keeps."""
    state.chosen[j] = True
    for t in range(cover.indptr[j], cover.indptr[j + 1]):
        r = cover.cells[t]
        beyond = state.counts[r] - cover.need[r]
        state.counts[r] += 1
        state.owner[r] ^= j
        if beyond == -1:
            note_met(cover, state, r)
            change_others(cover, state, r, -state.row_weight[r])
        elif beyond == 0:
            change_keepers(cover, state, r, j, -state.row_weight[r])
    state.taken[state.counters[TAKEN]] = j
    state.taken_place[j] = state.counters[TAKEN]
    state.counters[TAKEN] += 1
    state.money[NOW] += cover.cost[j]
    state.since[j] = state.counters[STEP]
    if cover.site[j] >= 0:
        state.used[cover.site[j]] += 1


@part
def take_out(cover: Cover, state: State, j: int) -> None:
    """Give a chosen candidate up; what it kept is what it now would add."""
    for t in range(cover.indptr[j], cover.indptr[j + 1]):
        r = cover.cells[t]
        beyond = state.counts[r] - cover.need[r]
        state.counts[r] -= 1
        if beyond == 0:
            note_unmet(cover, state, r)
            change_others(cover, state, r, state.row_weight[r])
        elif beyond == 1:
            change_keepers(cover, state, r, j, state.row_weight[r])
        state.owner[r] ^= j
    state.chosen[j] = False
    state.free[j] = False
    state.counters[TAKEN] -= 1
    last = state.taken[state.counters[TAKEN]]
    state.taken[state.taken_place[j]] = last
    state.taken_place[last] = state.taken_place[j]
    state.money[NOW] -= cover.cost[j]
    state.since[j] = state.counters[STEP]
    if cover.site[j] >= 0:
        state.used[cover.site[j]] -= 1


@part
def least_kept(cover: Cover, state: State) -> int:
    """Return the chosen candidate that keeps least for its cost, the oldest of equals, or -1."""
    found, least = -1, 0.0
    for k in range(state.counters[TAKEN]):
        j = state.taken[k]
        if j == state.counters[BARRED]:
            continue
        value = state.score[j] / cover.price[j]
        if found < 0 or value < least or (value == least and state.since[j] < state.since[found]):
            found, least = j, value
    return found


@part
def weakest_of(cover: Cover, state: State, s: int) -> int:
    """Return the chosen candidate of a site that keeps least, or -1."""
    found = -1
    for t in range(cover.site_ptr[s], cover.site_ptr[s + 1]):
        j = cover.site_items[t]
        if state.chosen[j] and (found < 0 or state.score[j] < state.score[found]):
            found = j
    return found


@part
def is_full(cover: Cover, state: State, j: int) -> bool:
    """Tell whether the site of a candidate can carry no more."""
    s = cover.site[j]
    return s >= 0 and state.used[s] >= cover.capacity[s]


@part
def best_for(cover: Cover, state: State, r: int) -> int:
    """Return who adds most for its cost among those that meet a requirement, or -1.

    The choice has to stay cheaper than the best one; where a site is full, one goes for it.
    """
    found, most = -1, 0.0
    room = state.money[LEAST] * (1.0 - ROUNDING) - state.money[NOW]
    for t in range(cover.row_ptr[r], cover.row_ptr[r + 1]):
        j = cover.row_items[t]
        if state.chosen[j] or not state.free[j]:
            continue
        gain, extra = state.score[j], cover.cost[j]
        if is_full(cover, state, j):
            other = weakest_of(cover, state, cover.site[j])
            if other < 0:
                continue
            gain -= state.score[other]
            extra -= cover.cost[other]
        if extra >= room:
            continue
        value = gain / cover.price[j]
        if found < 0 or value > most or (value == most and state.since[j] < state.since[found]):
            found, most = j, value
    return found


@part
def pick_loose(cover: Cover, state: State) -> int:
    """Return a random unmet requirement of a group that is beyond its slack, or -1."""
    count = state.counters[LOOSE]
    if state.counters[BROKEN] == 0 or count == 0:
        return -1
    first = draw(state, count)
    for k in range(count):
        r = state.loose[(first + k) % count]
        if is_beyond(cover, state, cover.group[r]):
            return r
    return -1


@part
def pick_unmet(cover: Cover, state: State) -> int:
    """Return a random requirement that has to be met: first of those without slack."""
    if state.counters[OPEN] > 0:
        return state.open[draw(state, state.counters[OPEN])]
    return pick_loose(cover, state)


@part
def weigh_unmet(cover: Cover, state: State) -> None:
    """Let every unmet requirement without slack weigh more, now and then one that is beyond it.

    In a group some will stay unmet: were they all to weigh more, none would stay out for long.
    """
    for k in range(state.counters[OPEN]):
        raise_weight(cover, state, state.open[k])
    r = pick_loose(cover, state)
    if r >= 0 and draw(state, RARELY) == 0:
        raise_weight(cover, state, r)


@part
def raise_weight(cover: Cover, state: State, r: int) -> None:
    """Let an unmet requirement weigh more for all that meet it, chosen or not."""
    state.row_weight[r] += cover.share[r]
    for t in range(cover.row_ptr[r], cover.row_ptr[r + 1]):
        state.score[cover.row_items[t]] += cover.share[r]
        if cover.group[r] >= 0:
            state.free[cover.row_items[t]] = True


@part
def is_valid(state: State) -> bool:
    """Tell whether nothing is unmet that has to be met."""
    return state.counters[OPEN] == 0 and state.counters[BROKEN] == 0


@part
def record(cover: Cover, state: State) -> None:
    """Keep the present choice if it is the cheapest valid one so far; its cost is summed anew."""
    total = 0.0
    for k in range(state.counters[TAKEN]):
        total += cover.cost[state.taken[k]]
    state.money[NOW] = total
    if total < state.money[LEAST]:
        state.counters[BEST] = state.counters[TAKEN]
        for k in range(state.counters[TAKEN]):
            state.best[k] = state.taken[k]
        state.money[LEAST] = total
        state.counters[FOUND] = state.counters[STEP]


@part
def mend(cover: Cover, state: State) -> None:
    """Put in candidates for random unmet requirements while money is left.

    An exchange ends it: exchanges could go round for ever.
    """
    while not is_valid(state):
        j = best_for(cover, state, pick_unmet(cover, state))
        if j < 0:
            return
        is_exchange = is_full(cover, state, j)
        if is_exchange:
            take_out(cover, state, weakest_of(cover, state, cover.site[j]))
        put_in(cover, state, j)
        state.counters[BARRED] = j
        if is_exchange or state.money[LEAST] == float("inf"):
            return


@part
def ease_weights(cover: Cover, state: State) -> None:
    """Let go of what weights were raised by: old quarrels would drown new ones."""
    state.counters[EASED] = state.counters[STEP]
    state.score[:] = 0
    state.free[:] = True
    for r in range(len(cover.need)):
        state.row_weight[r] = cover.share[r]
        beyond = state.counts[r] - cover.need[r]
        for t in range(cover.row_ptr[r], cover.row_ptr[r + 1]):
            j = cover.row_items[t]
            if beyond < 0 or (beyond == 0 and state.chosen[j]):
                state.score[j] += state.row_weight[r]


@part
def is_stuck(cover: Cover, state: State) -> bool:
    """Tell whether it is time to ease weights."""
    patience = EASE_AFTER * len(cover.need) + state.counters[FOUND]
    if len(cover.slack) > 0:
        patience = EASE_GROUPS * len(cover.need)
    return state.counters[STEP] - max(state.counters[FOUND], state.counters[EASED]) > patience


@kernel
def begin(cover: Cover, start: IndexArray, state: State) -> None:
    """Set up a search from chosen candidates; arrays come zeroed, weights and scores are set."""
    for r in range(len(cover.need)):
        state.row_weight[r] = cover.share[r]
        if cover.need[r] > 0:
            note_unmet(cover, state, r)
    for j in range(len(cover.cost)):
        state.free[j] = True
        for t in range(cover.indptr[j], cover.indptr[j + 1]):
            r = cover.cells[t]
            state.score[j] += cover.share[r] if cover.need[r] > 0 else 0
    for k in range(len(start)):
        put_in(cover, state, start[k])
    state.counters[BARRED] = -1
    state.money[LEAST] = float("inf")


@kernel
def search(cover: Cover, state: State, steps: int, target: float, halt: BoolArray) -> None:
    """Go on for a number of steps, until the best costs no more than `target`, or until halted."""
    end = state.counters[STEP] + steps
    while state.counters[STEP] < end and state.money[LEAST] > target and not halt[0]:
        while is_valid(state):
            record(cover, state)
            if state.counters[TAKEN] == 0:
                return
            state.counters[BARRED] = -1
            take_out(cover, state, least_kept(cover, state))
        if state.money[LEAST] < float("inf"):
            j = least_kept(cover, state)
            if j >= 0:
                take_out(cover, state, j)
        mend(cover, state)
        weigh_unmet(cover, state)
        state.counters[STEP] += 1
        if is_stuck(cover, state):
            ease_weights(cover, state)
