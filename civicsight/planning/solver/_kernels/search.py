"""Row-weighting search by exchanges, for covers with costs, needs above one, sites and slack.

References
----------
Su, Zhang, Lu 2020, hal-04322244: of all exchanges that meet a random open requirement take the one
that opens least, bar both for a step, and let what stays open weigh more once none helps. The
weights are those of Gao, Weise, Li 2015, doi:10.1016/j.ejor.2015.05.038. Here costs are weighed, a
requirement may need several candidates, a site that is full exchanges one for another, and what
is unmet in a group counts only while it is more than the slack of the group.
"""

from __future__ import annotations

import numpy as np

from civicsight.core.arrays import BoolArray, IndexArray
from civicsight.coverage._kernels.compile import kernel, part
from civicsight.planning.solver._kernels.cover import ROUNDING, Cover
from civicsight.planning.solver._kernels.state import (
    BARRED,
    BEST,
    BROKEN,
    EASED,
    FOUND,
    IN,
    LEAST,
    LOOSE,
    NOW,
    OPEN,
    OUT,
    STEP,
    TAKEN,
    TENURE,
    State,
    draw,
    forget_keepers,
    is_beyond,
    least_kept,
    note_unmet,
    put_in,
    raise_weight,
    take_out,
)

EASE_AFTER, EASE_GROUPS = 3, 1
"""Weights are eased after so many steps for each requirement and as many as the best took; far
sooner where groups have slack: what is hard to meet has to be able to stay out."""

RARELY = 10
"""Steps between two raises of an unmet requirement of a group, about."""


@part
def is_full(cover: Cover, state: State, j: int) -> bool:
    """Tell whether the site of a candidate can carry no more."""
    s = cover.site[j]
    return s >= 0 and state.used[s] >= cover.capacity[s]


@part
def lay_losses(state: State) -> None:
    """Note what each chosen candidate keeps, and that one which may not leave keeps too much."""
    for k in range(state.counters[TAKEN]):
        j = state.taken[k]
        state.loss[j] = state.score[j] if state.until[j] < state.counters[STEP] else BARRED
    state.loss[len(state.chosen)] = BARRED


@part
def lighten(cover: Cover, state: State, i: int, weakest: int) -> int:
    """Lower the losses by what a candidate would keep too.

    Returns who then keeps least for its cost, which before was `weakest`. Most of the time of a
    search is spent here: an index without a sign is not asked whether it counts from the end.
    """
    found, least = weakest, state.loss[weakest] * state.rate[weakest]
    for t in range(cover.indptr[i], cover.indptr[i + 1]):
        r = np.uint32(cover.cells[t])
        j = np.uint32(state.keeper[r])
        left = state.loss[j] - state.row_weight[r]
        state.loss[j] = left
        if left * state.rate[j] < least:
            found, least = state.keeper[r], left * state.rate[j]
    if len(state.others) == 0:
        return found
    for t in range(cover.indptr[i], cover.indptr[i + 1]):
        r = np.uint32(cover.cells[t])
        for at in range(state.slot[r], state.slot[r + 1]):
            j = np.uint32(state.others[at])
            state.loss[j] -= state.row_weight[r]
            if state.loss[j] * state.rate[j] < least:
                found, least = state.others[at], state.loss[j] * state.rate[j]
    return found


@part
def restore(cover: Cover, state: State, i: int) -> None:
    """Undo `lighten`."""
    for t in range(cover.indptr[i], cover.indptr[i + 1]):
        r = np.uint32(cover.cells[t])
        state.loss[np.uint32(state.keeper[r])] += state.row_weight[r]
        if len(state.others) > 0:
            for at in range(state.slot[r], state.slot[r + 1]):
                state.loss[np.uint32(state.others[at])] += state.row_weight[r]


@part
def weakest_of(cover: Cover, state: State, s: int) -> int:
    """Return the chosen candidate of a site that keeps least and may leave, or -1."""
    found = -1
    for t in range(cover.site_ptr[s], cover.site_ptr[s + 1]):
        j = cover.site_items[t]
        may_leave = state.chosen[j] and state.loss[j] < BARRED // 2
        if may_leave and (found < 0 or state.loss[j] < state.loss[found]):
            found = j
    return found


@part
def find_exchange(cover: Cover, state: State, r: int) -> float:
    """Find who best comes in to meet a requirement, and who goes for it.

    Puts them into `IN` and `OUT`, -1 for nobody: nobody goes while there is money left below the
    cost of the best choice, and room at the site; where groups have slack nobody goes for want of
    money. Returns weight for each unit of cost that is lost less what is won. Ties are broken at
    random.
    """
    lay_losses(state)
    weakest = least_kept(state)
    best, ties = 0.0, 0
    state.counters[IN] = state.counters[OUT] = -1
    room = state.money[LEAST] * (1.0 - ROUNDING) - state.money[NOW]
    for t in range(cover.row_ptr[r], cover.row_ptr[r + 1]):
        i = cover.row_items[t]
        if state.chosen[i] or state.until[i] >= state.counters[STEP]:
            continue
        won, lost, out = state.score[i] * state.rate[i], 0.0, -1
        if is_full(cover, state, i) or cover.cost[i] >= room:
            if len(cover.slack) > 0 and not is_full(cover, state, i):
                continue
            if weakest < 0 or (ties > 0 and -won > best):
                continue
            out = lighten(cover, state, i, weakest)
            if is_full(cover, state, i):
                out = weakest_of(cover, state, cover.site[i])
            if out >= 0:
                lost = state.loss[out] * state.rate[out]
            restore(cover, state, i)
            if out < 0:
                continue
        if ties == 0 or lost - won < best:
            ties = 0
            best = lost - won
        if lost - won == best:
            ties += 1
            if ties == 1 or draw(state, ties) == 0:
                state.counters[IN], state.counters[OUT] = i, out
    return best


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
def exchange(cover: Cover, state: State) -> bool:
    """Meet a random unmet requirement by the best exchange; tell whether that helped."""
    change = find_exchange(cover, state, pick_unmet(cover, state))
    out = state.counters[OUT]
    if state.counters[IN] < 0:
        return False
    put_in(cover, state, state.counters[IN])
    while out >= 0:
        take_out(cover, state, out)
        out = -1
        if state.money[NOW] >= state.money[LEAST] * (1.0 - ROUNDING):
            out = least_kept(state)
            change = 0.0
    return change < 0.0


@part
def renew(cover: Cover, state: State) -> None:
    """Give the candidate up that keeps least, and put others in while money is left.

    So where groups have slack: what an exchange opens there may well stay unmet, and the best one
    for a requirement that could as well stay out is a step back more often than not.
    """
    j = least_kept(state)
    if j >= 0 and state.money[LEAST] < float("inf"):
        take_out(cover, state, j)
    while not is_valid(state):
        exchange(cover, state)
        if state.counters[IN] < 0 or state.counters[OUT] >= 0:
            return


@part
def ease_weights(cover: Cover, state: State) -> None:
    """Let go of what weights were raised by: old quarrels would drown new ones."""
    state.counters[EASED] = state.counters[STEP]
    state.score[:] = 0
    state.until[:] = -1
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
        state.slot[r + 1] = state.slot[r] + (cover.need[r] if cover.need[r] > 1 else 0)
        forget_keepers(state, r)
        if cover.need[r] > 0:
            note_unmet(cover, state, r)
    for j in range(len(cover.cost)):
        state.rate[j] = 1.0 / cover.price[j]
        state.until[j] = -1
        for t in range(cover.indptr[j], cover.indptr[j + 1]):
            r = cover.cells[t]
            state.score[j] += cover.share[r] if cover.need[r] > 0 else 0
    state.rate[len(cover.cost)] = 1.0
    for k in range(len(start)):
        put_in(cover, state, start[k])
    state.money[LEAST] = float("inf")


@kernel
def search(cover: Cover, state: State, steps: int, target: float, halt: BoolArray) -> None:
    """Go on for a number of steps, until the best costs no more than `target`, or until halted."""
    end = state.counters[STEP] + steps
    while state.counters[STEP] < end and state.money[LEAST] > target and not halt[0]:
        state.counters[STEP] += 1
        while is_valid(state):
            record(cover, state)
            state.counters[STEP] += TENURE
            if state.counters[TAKEN] == 0:
                return
            take_out(cover, state, least_kept(state))
        if len(cover.slack) > 0:
            renew(cover, state)
            weigh_unmet(cover, state)
        elif not exchange(cover, state):
            weigh_unmet(cover, state)
        if is_stuck(cover, state):
            ease_weights(cover, state)
