"""Polygons to rows of bits.

A canvas is a window of the cell grid, one bit a cell, 64 cells a word, words aligned with column 0
of the grid, so that windows of different eyes can be compared word by word. Words are stored column
by column: what is done to every row alike is then done to several at a time. Outlines are drawn by
toggling, in each row whose centres an edge passes, the first cell to its right; running the
toggles together along a row fills the polygon by the even-odd rule, whatever its shape.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from civicsight.coverage._kernels.compile import part
from civicsight.coverage._kernels.views import Words

HAIR_M = 1e-9
"""What comes within this of a cell centre or a sight line touches it [m]."""

ONE = np.uint64(1)
ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
NONE = np.uint64(0)
SIGN = np.uint64(63)
"""Shift that leaves the last bit of a word."""
WORD, IN_WORD = np.uint64(6), np.uint64(63)
"""Shift and mask that split a column into word and bit."""


class Canvas(NamedTuple):
    """A window of `n_row` rows of `n_word` words.

    Word ``bits[word * n_row + row]``, and behind them room for two more words a row: for toggles to
    the right of the window, and where an edge passes its rows. `row0` and `word0` are its first row
    and word in the grid; ``(x, y)`` is the eye in cells, such that cell centres lie on whole
    numbers; `scale` is cells per metre.
    """

    bits: Words
    row0: int
    word0: int
    n_row: int
    n_word: int
    x: float
    y: float
    scale: float


@part
def place_of(canvas: Canvas, row: int, word: int) -> int:
    """Return where the word of a row lies; rows count from the grid's, words from the window's."""
    return word * canvas.n_row + row - canvas.row0


@part
def clear_canvas(canvas: Canvas) -> None:
    """Set every bit of the window to 0."""
    for i in range(canvas.n_row * canvas.n_word):
        canvas.bits[i] = NONE


@part
def toggle_edge(canvas: Canvas, ax: float, ay: float, bx: float, by: float) -> None:
    """Draw an edge between two points relative to the eye [m]."""
    ax, ay = canvas.x + ax * canvas.scale, canvas.y + ay * canvas.scale
    bx, by = canvas.x + bx * canvas.scale, canvas.y + by * canvas.scale
    if ay != by:
        low, high = min(ay, by), max(ay, by)
        _toggle(canvas, canvas.bits, -1.0, low, high, ax, ay, (bx - ax) / (by - ay))


@part
def draw_edge(canvas: Canvas, ink: Words, ax: float, ay: float, bx: float, by: float) -> None:
    """Draw an edge between two points relative to the eye, and ink the cells that lie on it.

    Which side of a toggle such a cell falls on is chance; `ink` has a bit for each word of the
    window, and whoever fills the polygon decides by it.
    """
    ax, ay = canvas.x + ax * canvas.scale, canvas.y + ay * canvas.scale
    bx, by = canvas.x + bx * canvas.scale, canvas.y + by * canvas.scale
    hair = HAIR_M * canvas.scale
    if ay != by:
        low, high = min(ay, by), max(ay, by)
        touch = hair if high - low > hair else -1.0
        _toggle(canvas, ink, touch, low, high, ax, ay, (bx - ax) / (by - ay))
    _ink_ends(canvas, ink, hair, ax, ay, bx, by)


@part
def draw_ray(
    canvas: Canvas, ink: Words, dx: float, dy: float, ax: float, ay: float, bx: float, by: float
) -> None:
    """Draw an edge as `toggle_ray` does, and ink the cells that lie on it."""
    ax, ay = canvas.x + ax * canvas.scale, canvas.y + ay * canvas.scale
    bx, by = canvas.x + bx * canvas.scale, canvas.y + by * canvas.scale
    hair = HAIR_M * canvas.scale
    if ay != by and dy != 0.0:
        low, high = min(ay, by), max(ay, by)
        touch = hair if high - low > hair else -1.0
        _toggle(canvas, ink, touch, low, high, canvas.x, canvas.y, dx / dy)
    _ink_ends(canvas, ink, hair, ax, ay, bx, by)


@part
def ink_ray(
    canvas: Canvas, ink: Words, dx: float, dy: float, ax: float, ay: float, bx: float, by: float
) -> None:
    """Ink the cells of an edge that lies on a line through the eye, and draw nothing.

    Drawn twice, an edge toggles nothing.
    """
    draw_ray(canvas, ink, dx, dy, ax, ay, bx, by)
    toggle_ray(canvas, dx, dy, ay, by)


@part
def ink_edge(canvas: Canvas, ink: Words, ax: float, ay: float, bx: float, by: float) -> None:
    """Ink the cells that lie on an edge between two points relative to the eye."""
    ax, ay = canvas.x + ax * canvas.scale, canvas.y + ay * canvas.scale
    bx, by = canvas.x + bx * canvas.scale, canvas.y + by * canvas.scale
    hair = HAIR_M * canvas.scale
    low, high = min(ay, by), max(ay, by)
    for row in range(*rows_between(canvas, low - hair, high + hair)):
        x_low, x_high = widen(row, hair, ax, ay, bx, by, math.inf, -math.inf)
        first, last = columns_in(canvas, x_low - hair, x_high + hair)
        for col in range(first, last):
            _ink(canvas, ink, row, col)


@part
def rows_between(canvas: Canvas, low: float, high: float) -> tuple[int, int]:
    """Return the rows between two values of y, both included, as a half-open range."""
    first = max(int(math.ceil(max(low, canvas.row0 - 1.0))), canvas.row0)
    last = int(math.floor(min(high, canvas.row0 + canvas.n_row + 1.0))) + 1
    return first, min(last, canvas.row0 + canvas.n_row)


@part
def _ink_ends(
    canvas: Canvas, ink: Words, hair: float, ax: float, ay: float, bx: float, by: float
) -> None:
    """Ink what toggles do not meet: all of a level edge, and the ends of any other."""
    row = int(math.floor(ay + 0.5))
    if abs(ay - by) <= hair:
        if abs(ay - row) <= hair and 0 <= row - canvas.row0 < canvas.n_row:
            first, last = columns_in(canvas, min(ax, bx) - hair, max(ax, bx) + hair)
            for col in range(first, last):
                _ink(canvas, ink, row, col)
        return
    if abs(ay - row) <= hair:
        _ink_near(canvas, ink, hair, row, ax)
    row = int(math.floor(by + 0.5))
    if abs(by - row) <= hair:
        _ink_near(canvas, ink, hair, row, bx)


@part
def _ink_near(canvas: Canvas, ink: Words, hair: float, row: int, x: float) -> None:
    """Ink the cell of a row whose centre a point lies on, if there is one."""
    at = x - canvas.word0 * 64
    col = math.floor(at + 0.5)
    if abs(at - col) <= hair and 0 <= row - canvas.row0 < canvas.n_row:
        _ink(canvas, ink, row, int(col))


@part
def _ink(canvas: Canvas, ink: Words, row: int, col: int) -> None:
    if 0 <= col < canvas.n_word * 64:
        ink[place_of(canvas, row, col >> 6)] |= ONE << np.uint64(col & 63)


@part
def toggle_ray(canvas: Canvas, dx: float, dy: float, ay: float, by: float) -> None:
    """Draw an edge that lies on a line through the eye, between two values of y.

    Its direction is given, not taken from its ends, so that two neighbours draw the same line.
    """
    ay, by = canvas.y + ay * canvas.scale, canvas.y + by * canvas.scale
    if ay != by and dy != 0.0:
        low, high = min(ay, by), max(ay, by)
        _toggle(canvas, canvas.bits, -1.0, low, high, canvas.x, canvas.y, dx / dy)


@part
def _toggle(
    canvas: Canvas,
    ink: Words,
    hair: float,
    low: float,
    high: float,
    x: float,
    y: float,
    slope: float,
) -> None:
    """Toggle right of the line through (x, y), from `low` up to, not including, `high`.

    Cells within a hair of it are inked, if that is not negative.
    """
    touch = hair * (1.0 + abs(slope))
    first = max(int(math.ceil(max(low, canvas.row0 - 1.0))), canvas.row0)
    last = min(
        int(math.ceil(min(high, canvas.row0 + canvas.n_row + 1.0))), canvas.row0 + canvas.n_row
    )
    col0 = canvas.word0 * 64
    limit = canvas.n_word * 64.0
    # First where it passes each row, several at a time, then the toggles, one after the other.
    cols = canvas.bits[canvas.n_row * (canvas.n_word + 1) :]
    touched = 0
    for k in range(last - first):
        at = x + (first + k - y) * slope - col0
        beside = np.ceil(at)
        touched += int(not touch < beside - at < 1.0 - touch)
        cols[k] = np.uint64(np.int32(min(max(beside, 0.0), limit)))
    n_row, row = np.uint64(canvas.n_row), np.uint64(max(first - canvas.row0, 0))
    for k in range(last - first):
        col = cols[k]
        place = (col >> WORD) * n_row + row
        canvas.bits[place] ^= ONE << (col & IN_WORD)
        row += ONE
    if touched > 0:
        for k in range(first, last):
            at = x + (k - y) * slope - col0
            if at < limit and not touch < np.ceil(at) - at < 1.0 - touch:
                _ink(canvas, ink, k, int(math.floor(at + 0.5)))


@part
def run_together(word: np.uint64) -> np.uint64:
    """Turn toggles into runs: each bit becomes the parity of the toggles up to it."""
    word ^= word << np.uint64(1)
    word ^= word << np.uint64(2)
    word ^= word << np.uint64(4)
    word ^= word << np.uint64(8)
    word ^= word << np.uint64(16)
    word ^= word << np.uint64(32)
    return word


@part
def bits_between(low: int, high: int) -> np.uint64:
    """Return a word with the bits from `low` up to, not including, `high`, both clipped to it."""
    return bits_below(high) & ~bits_below(low)


@part
def bits_below(place: int) -> np.uint64:
    """Return a word with the bits below a place, which is clipped to it.

    The shift is done in halves, because one by all 64 bits is none.
    """
    place = min(max(place, 0), 64)
    half = place >> 1
    return ~((ALL << np.uint64(half)) << np.uint64(place - half))


@part
def fill_runs(canvas: Canvas, row0: int, row1: int, carry: Words) -> None:
    """Run the toggles of rows together, ``row0:row1`` counted from the first of the window.

    `carry` is room for one word a row. Slices begin where the loops do: an index that might be
    negative keeps the compiler from taking several rows at a time.
    """
    for k in range(row1 - row0):
        carry[k] = NONE
    for word in range(canvas.n_word):
        bits = canvas.bits[word * canvas.n_row + row0 : word * canvas.n_row + row1]
        for k in range(row1 - row0):
            filled = run_together(bits[k]) ^ carry[k]
            carry[k] = ALL * (filled >> SIGN)
            bits[k] = filled


@part
def widen(
    row: int, hair: float, ax: float, ay: float, bx: float, by: float, x_low: float, x_high: float
) -> tuple[float, float]:
    """Widen an interval of x by where an edge crosses a row, or comes within a hair of it."""
    if not min(ay, by) - hair <= row <= max(ay, by) + hair:
        return x_low, x_high
    if abs(ay - by) <= hair:
        return min(x_low, ax, bx), max(x_high, ax, bx)
    y = min(max(row, min(ay, by)), max(ay, by))
    x = ax + (y - ay) * ((bx - ax) / (by - ay))
    return min(x_low, x), max(x_high, x)


@part
def columns_in(canvas: Canvas, x_low: float, x_high: float) -> tuple[int, int]:
    """Return the cells of the window whose centres lie in an interval, as a half-open range."""
    col0 = canvas.word0 * 64
    limit = canvas.n_word * 64
    if not x_low <= x_high or x_high < col0 or x_low >= col0 + limit:
        return 0, 0
    first = max(int(math.ceil(max(x_low, col0 - 1.0))) - col0, 0)
    last = min(int(math.floor(min(x_high, col0 + limit + 1.0))) - col0 + 1, limit)
    return first, last


@part
def clear_columns(canvas: Canvas, row: int, first: int, last: int) -> None:
    """Clear a half-open range of columns of a row, counted from the left of the window."""
    for word in range(first >> 6, ((last - 1) >> 6) + 1):
        k = place_of(canvas, row, word)
        canvas.bits[k] &= ~bits_between(first - word * 64, last - word * 64)


@part
def population(word: np.uint64) -> int:
    """Count the set bits of a word; the compiler knows these steps, and takes one instruction."""
    word -= (word >> np.uint64(1)) & np.uint64(0x5555555555555555)
    word = (word & np.uint64(0x3333333333333333)) + (
        (word >> np.uint64(2)) & np.uint64(0x3333333333333333)
    )
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return int(np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56)))


@part
def lowest_bit(word: np.uint64) -> int:
    """Return the place of the lowest set bit of a word that is not 0: how many lie below it."""
    return population(~word & (word - ONE))


@part
def first_run(word: np.uint64) -> tuple[int, int, np.uint64]:
    """Split the lowest run of set bits off a word that is not 0: its half-open range, the rest."""
    first = lowest_bit(word)
    beyond = ~word & (ALL << np.uint64(first))
    last = 64 if beyond == NONE else lowest_bit(beyond)
    return first, last, word & ~bits_between(first, last)
