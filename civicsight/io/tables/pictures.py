"""Sizes of pictures as inventories write them: pixels, names, and millions of pixels."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from civicsight.core.errors import N_
from civicsight.io.tables.rows import Cell
from civicsight.io.tables.synonyms import SILENT_WORDS, normal
from civicsight.io.tables.words_cells import MILLIONS, PICTURES, RESOLUTIONS

PAIR: Final = re.compile(r"([1-9]\d{1,4})[x×*]([1-9]\d{1,4})(?:p|px)?")
"""Pixels across and down, without blanks."""


def read_size(text: str) -> Cell:
    """Read a size of pictures as ``1920x1080``; one that is not understood stays unknown, and said.

    Millions of pixels stand for the picture that cameras of so many usually have; of two that are
    sold the narrower one.

    Examples
    --------
    >>> read_size("1080P").value, read_size("2560*1440").value, read_size("4 MP").value
    ('1920x1080', '2560x1440', '2560x1440')
    """
    if normal(text) in SILENT_WORDS:
        return Cell(None)
    plain = "".join(unicodedata.normalize("NFKC", text).lower().split())
    pair = PAIR.fullmatch(plain)
    if pair:
        return Cell(f"{pair[1]}x{pair[2]}")
    if plain in RESOLUTIONS:
        return Cell(_written(RESOLUTIONS[plain]))
    found = MILLIONS.fullmatch(plain)
    size = PICTURES.get(_millions(found)) if found else None
    if size is None:
        return Cell(None, None, N_("It is no picture size that is known: the pixels stay unknown."))
    shown = _written(size)
    return Cell(
        shown, None, N_("It was read as %(value)s, which is usual; enter the pixels.", value=shown)
    )


def _millions(found: re.Match[str]) -> float:
    return round(float(found[1]) * (1 if found["million"] else 0.01), 2)


def _written(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"
