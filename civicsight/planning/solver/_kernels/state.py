"""Where a row-weighting search is: what is chosen, what each would win or lose, what is unmet."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from civicsight.core.arrays import BoolArray, FloatArray, IndexArray, IntArray
from civicsight.coverage._kernels.compile import part
from civicsight.planning.solver._kernels.cover import ROUNDING, Cover

DRAW, STEP, TAKEN, OPEN, LOOSE, BROKEN, BEST, FOUND, EASED, IN, OUT = range(11)
"""Places in `State.counters`: last random number, steps done, lengths of `taken`, `open` and
`loose`, groups beyond their slack, length of `best`, steps at which the best was found and weights
were last eased, the candidates that an exchange puts in and takes out."""

NOW, LEAST = 0, 1
"""Places in `State.money`: cost of the present choice, and of the best valid one."""

TENURE = 1
"""Steps for which what was exchanged stays as it is."""

BARRED = 2**62
"""What a candidate that may not leave would open: more than any, whatever their costs."""


class State(NamedTuple):
    """Where a search is.

    `score` of a chosen candidate: row weight that it alone keeps; of another: what it would add;
    `rate` turns it into weight for each unit of cost. `open` lists unmet requirements that have to
    be met, `loose` those of groups, `place` where each stands. `owner` is the exclusive-or of the
    chosen that meet a requirement. While none of these can be spared `keeper` names them, where
    more than one is needed `others` from `slot` on, and else nobody: the candidate after the last.
    `until` is the step up to which a candidate stays in or out; where groups have slack it stays
    out until something beside it changes. `loss` is what an exchange that is looked at would open.
    """

    chosen: BoolArray
    counts: IndexArray
    row_weight: IntArray
    score: IntArray
    rate: FloatArray
    until: IntArray
    loss: IntArray
    owner: IndexArray
    keeper: IndexArray
    slot: IntArray
    others: IndexArray
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
def name_keepers(cover: Cover, state: State, r: int) -> None:
    """Name the chosen that meet a requirement just so often as it needs."""
    if cover.need[r] == 1:
        state.keeper[r] = state.owner[r]
        return
    at = state.slot[r]
    for t in range(cover.row_ptr[r], cover.row_ptr[r + 1]):
        if state.chosen[cover.row_items[t]]:
            state.others[at] = cover.row_items[t]
            at += 1


@part
def forget_keepers(state: State, r: int) -> None:
    """Let a requirement have no keepers: it is unmet, or met more often than it needs."""
    state.keeper[r] = len(state.chosen)
    for at in range(state.slot[r], state.slot[r + 1]):
        state.others[at] = len(state.chosen)


@part
def change_keepers(cover: Cover, state: State, r: int, change: int) -> None:
    """Change the score of the keepers of a requirement."""
    if cover.need[r] == 1:
        state.score[state.keeper[r]] += change
    for at in range(state.slot[r], state.slot[r + 1]):
        state.score[state.others[at]] += change


@part
def change_all(cover: Cover, state: State, r: int, change: int) -> None:
    """Change the score of all that meet a requirement."""
    for t in range(cover.row_ptr[r], cover.row_ptr[r + 1]):
        state.score[np.uint32(cover.row_items[t])] += change
    if len(cover.slack) > 0:
        free(cover, state, r)


@part
def free(cover: Cover, state: State, r: int) -> None:
    """Let all that might meet a requirement come in again."""
    for t in range(cover.row_ptr[r], cover.row_ptr[r + 1]):
        if not state.chosen[cover.row_items[t]]:
            state.until[cover.row_items[t]] = -1


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
            name_keepers(cover, state, r)
            change_all(cover, state, r, -state.row_weight[r])
            change_keepers(cover, state, r, state.row_weight[r])
        elif beyond == 0:
            change_keepers(cover, state, r, -state.row_weight[r])
            forget_keepers(state, r)
    state.taken[state.counters[TAKEN]] = j
    state.taken_place[j] = state.counters[TAKEN]
    state.counters[TAKEN] += 1
    state.money[NOW] += cover.cost[j]
    state.until[j] = state.counters[STEP] + TENURE
    if cover.site[j] >= 0:
        state.used[cover.site[j]] += 1


@part
def take_out(cover: Cover, state: State, j: int) -> None:
    """Give a chosen candidate up; what it kept is what it now would add."""
    state.chosen[j] = False
    for t in range(cover.indptr[j], cover.indptr[j + 1]):
        r = cover.cells[t]
        beyond = state.counts[r] - cover.need[r]
        state.counts[r] -= 1
        state.owner[r] ^= j
        if beyond == 0:
            note_unmet(cover, state, r)
            change_keepers(cover, state, r, -state.row_weight[r])
            change_all(cover, state, r, state.row_weight[r])
            forget_keepers(state, r)
        elif beyond == 1:
            name_keepers(cover, state, r)
            change_keepers(cover, state, r, state.row_weight[r])
    state.counters[TAKEN] -= 1
    last = state.taken[state.counters[TAKEN]]
    state.taken[state.taken_place[j]] = last
    state.taken_place[last] = state.taken_place[j]
    state.money[NOW] -= cover.cost[j]
    state.until[j] = state.counters[STEP] + TENURE
    if len(cover.slack) > 0:
        state.until[j] = BARRED
    if cover.site[j] >= 0:
        state.used[cover.site[j]] -= 1


@part
def least_kept(state: State) -> int:
    """Return the chosen candidate that keeps least for its cost and may leave, or -1."""
    found, least = -1, 0.0
    for k in range(state.counters[TAKEN]):
        j = state.taken[k]
        value = state.score[j] * state.rate[j]
        if state.until[j] < state.counters[STEP] and (found < 0 or value < least):
            found, least = j, value
    return found


@part
def raise_weight(cover: Cover, state: State, r: int) -> None:
    """Let an unmet requirement weigh more for all that meet it, chosen or not."""
    state.row_weight[r] += cover.share[r]
    for t in range(cover.row_ptr[r], cover.row_ptr[r + 1]):
        state.score[cover.row_items[t]] += cover.share[r]
    if cover.group[r] >= 0:
        free(cover, state, r)
