"""Words inside of cells: what stands around the number of a storey, and numerals."""

from __future__ import annotations

TO = "~—–至到"
"""Signs between the ends of a range."""

BASEMENT = ("地下室", "地下", "负", "B")
"""What a storey below the ground begins with."""

FLOOR_MARKS = ("地上", "第", "层", "楼", "F", "L")
"""What may stand around the number of a storey."""

_ONES = "一二三四五六七八九"

NUMERALS = {
    **{word: str(number) for number, word in enumerate(_ONES, 1)},
    "十": "10",
    "首": "1",
    "底": "1",
    **{f"十{word}": str(10 + number) for number, word in enumerate(_ONES, 1)},
    **{f"{word}十": str(10 * number) for number, word in enumerate(_ONES, 1)},
    **{
        f"{ten}十{one}": str(10 * tens + ones)
        for tens, ten in enumerate(_ONES, 1)
        for ones, one in enumerate(_ONES, 1)
    },
}
"""Chinese numerals up to 99."""
