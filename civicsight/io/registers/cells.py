"""Cells of registers: codes of districts and industries, storeys."""

from __future__ import annotations

import re
import unicodedata

from civicsight.core.errors import N_
from civicsight.core.words import LIST_COMMA
from civicsight.io.registers.words import BASEMENT, FLOOR_MARKS, NUMERALS, TO
from civicsight.io.tables.rows import Cell
from civicsight.io.tables.synonyms import UNKNOWN_WORDS, normal

PROVINCES = frozenset(
    {
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
    }
)
"""First two digits of GB/T 2260: provinces, regions and cities of that rank."""

SECTIONS = {
    "A": (1, 5),
    "B": (6, 12),
    "C": (13, 43),
    "D": (44, 46),
    "E": (47, 50),
    "F": (51, 52),
    "G": (53, 60),
    "H": (61, 62),
    "I": (63, 65),
    "J": (66, 69),
    "K": (70, 70),
    "L": (71, 72),
    "M": (73, 75),
    "N": (76, 79),
    "O": (80, 82),
    "P": (83, 83),
    "Q": (84, 85),
    "R": (86, 90),
    "S": (91, 96),
    "T": (97, 97),
}
"""Sections of GB/T 4754-2017 and the divisions (first two digits) in each."""

_INDUSTRY = re.compile(r"([A-T]?)(\d{2})\d{0,2}")
_FLOOR = re.compile(r"-?\d{1,3}")
_FLOORS = re.compile(rf"(.+?)(?:[{TO}]|(?<=.)-)(.+)")


def plain(text: str) -> str:
    """Return text in half width, without blanks at its ends."""
    return unicodedata.normalize("NFKC", text).strip()


def read_district_code(text: str) -> Cell:
    """Read a code of GB/T 2260: six digits; nine for a street; twelve of statistics are cut.

    References
    ----------
    GB/T 2260-2007; GB/T 10114-2003 for streets.
    """
    code = plain(text).removesuffix(".0")
    if re.fullmatch(r"\d{6}0{6}", code):
        code = code[:6]
    elif re.fullmatch(r"\d{9}0{3}", code):
        code = code[:9]
    good = re.fullmatch(r"\d{6}(\d{3})?", code) and code[:2] in PROVINCES
    good = good and (code[2:4] != "00" or code[4:6] == "00")
    if good:
        return Cell(code)
    return Cell(None, N_("a GB/T 2260 code of six digits, such as 360102"))


def district_level(code: str) -> str:
    """Return the level of the district that a code of GB/T 2260 stands for."""
    if len(code) == 9:
        return "street"
    if code.endswith("0000"):
        return "province"
    return "city" if code.endswith("00") else "county"


def read_industry(text: str) -> Cell:
    """Read codes of GB/T 4754-2017: two to four digits, with or without the letter of the section.

    Examples
    --------
    >>> read_industry("p8334; 84").value
    'P8334|84'
    >>> read_industry("Q8334").value is None
    True
    """
    codes = [code.upper() for code in re.split(rf"[;|,{LIST_COMMA}\s]+", plain(text)) if code]
    expected = N_("a GB/T 4754 code such as P8334: its section and two to four digits")
    for code in codes:
        match = _INDUSTRY.fullmatch(code)
        if match is None:
            return Cell(None, expected)
        division = int(match[2])
        letters = [name for name, (low, high) in SECTIONS.items() if low <= division <= high]
        if not letters or match[1] not in ("", *letters):
            return Cell(None, expected)
    return Cell("|".join(codes) or None)


def read_floor(text: str) -> Cell:
    """Read one storey as a number: ``3``, ``3F``, ``B1`` or its Chinese name.

    Examples
    --------
    >>> read_floor("B2").value
    '-2'
    """
    floor = plain(text).upper().removesuffix(".0")
    if normal(floor) in UNKNOWN_WORDS:
        return Cell(None)
    sign = ""
    for mark in BASEMENT:
        if floor.startswith(mark):
            floor, sign = floor.removeprefix(mark), "-"
            break
    for mark in FLOOR_MARKS:
        floor = floor.removesuffix(mark).removeprefix(mark)
    floor = NUMERALS.get(floor, floor.strip())
    if _FLOOR.fullmatch(floor) and not (sign and floor.startswith("-")):
        return Cell(sign + floor)
    return Cell(None, N_("a storey such as 3, or -1 for the first below the ground"))


def read_floors(text: str) -> tuple[Cell, Cell]:
    """Read one storey or a range of them, such as ``1-6F``; returns the lowest and the highest."""
    whole = read_floor(text)
    if whole.expected is None:
        return whole, whole
    match = _FLOORS.fullmatch(plain(text))
    if match is None:
        return whole, whole
    low, high = read_floor(match[1]), read_floor(match[2])
    bad = low if low.expected is not None else high
    if bad.expected is not None or low.value is None or high.value is None:
        return whole, whole
    pair = sorted((str(low.value), str(high.value)), key=int)
    return Cell(pair[0]), Cell(pair[1])
