"""What places are: AMap codes and names, Baidu classes, industries, items of Article 8; storeys."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Final

import geopandas as gpd
import numpy as np

from civicsight.core.column import headers_in
from civicsight.core.errors import N_
from civicsight.core.i18n import label_in_all, pick
from civicsight.core.words import LIST_COMMA
from civicsight.io.registers.prepare import bad_cell, find_headers, tidy, with_column
from civicsight.io.registers.words import (
    AMAP_CLASSES,
    ANY_THIRD,
    BASEMENT,
    COUNTY_ENDS,
    FLOOR_MARKS,
    ITEM_AFFIXES,
    LEVEL_HEADERS,
    LOWEST,
    NAME_HEADERS,
    ORDINALS,
    STREET_ENDS,
    TO,
)
from civicsight.io.source_options import Classes, Declared
from civicsight.io.tables.rows import Cell, Reader
from civicsight.io.tables.sheet import Sheet
from civicsight.io.tables.synonyms import UNKNOWN_WORDS, normal
from civicsight.io.vectors.measures import chinese_number
from civicsight.model import PLACES
from civicsight.rules import Rules, load_packs
from civicsight.rules.closed import plain as plain_name
from civicsight.rules.closed import register_words
from civicsight.rules.matching import Marks

_TENS = ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 82))
PROVINCES = frozenset(str(code) for low, high in _TENS for code in range(low, high + 1))
"""First two digits of GB/T 2260: provinces, regions and cities of that rank."""

SECTIONS = {
    "A": (1, 5), "B": (6, 12), "C": (13, 43), "D": (44, 46), "E": (47, 50), "F": (51, 52),
    "G": (53, 60), "H": (61, 62), "I": (63, 65), "J": (66, 69), "K": (70, 70), "L": (71, 72),
    "M": (73, 75), "N": (76, 79), "O": (80, 82), "P": (83, 83), "Q": (84, 85), "R": (86, 90),
    "S": (91, 96), "T": (97, 97),
}  # fmt: skip
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


def level_of(code: str, name: str | None) -> str | None:
    """Return the level of a district by its code and name; None where the two contradict.

    Examples
    --------
    >>> level_of("360102001", "A Subdistrict"), level_of("360102001", "B District")
    ('street', None)
    """
    level, said = district_level(code), (name or "").strip().casefold()
    is_street = said.endswith(STREET_ENDS)
    is_county = said.endswith(COUNTY_ENDS) and not is_street
    wrong = is_county if level == "street" else is_street
    return None if wrong else level


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
    number = 1 if floor in LOWEST else chinese_number(floor)
    floor = str(number) if number else floor.strip()
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


NEAR: Final = 0.5
"""Names of classes that are at least so much like a word are offered in its place."""

_ITEM = re.compile(r"\d{1,3}(\.\d{1,3}){1,2}[a-z]?")
_CODE = re.compile(r"\d{6}")
_BETWEEN = re.compile(r"[|\n]+")
_LEVELS = re.compile(r"\s*(?:;|>|:|-{2,})\s*")
UNUSED = "-"
"""Marks a number that has no class here."""


@cache
def _amap_codes() -> dict[str, str]:
    """Return the code of each class of AMap by its name, its levels separated by semicolons."""
    found = {}
    for name, (code, thirds) in AMAP_CLASSES.items():
        if thirds == ANY_THIRD:
            found[name] = f"{code}00"
            continue
        for number, third in enumerate(thirds.split()):
            if third != UNUSED:
                found[f"{name};{plain(third)}"] = f"{code}{number:02d}"
    return found


def amap_code(name: str) -> str | None:
    """Return the AMap code of a class by its name, None if no rule knows the class.

    Examples
    --------
    >>> amap_code("no;such;class") is None
    True
    """
    levels = [level for level in _LEVELS.split(plain(name)) if level]
    codes = _amap_codes()
    exact = codes.get(";".join(levels[:3]))
    if exact is not None:
        return exact
    if len(levels) == 2 and (whole := codes.get(f"{levels[0]};{levels[1]};{levels[1]}")):
        return whole
    return codes.get(";".join(levels[:2])) if len(levels) >= 2 else None


def read_amap(text: str) -> Cell:
    """Read codes or names of AMap as codes; a name that no rule knows gives none.

    Raises nothing: text that is neither six digits nor a name is not understood.
    """
    codes = []
    for part in _BETWEEN.split(plain(text)):
        pieces = [piece for piece in re.split(r"[;,\s]+", part) if piece]
        if pieces and all(_CODE.fullmatch(piece) for piece in pieces):
            codes += pieces
        elif pieces and all(piece.isdigit() for piece in pieces):
            return Cell(None, N_("an AMap code of six digits, such as 141202, or the class's name"))
        elif (code := amap_code(part)) is not None:
            codes.append(code)
    return Cell("|".join(dict.fromkeys(codes)) or None)


def read_baidu(text: str) -> Cell:
    """Read classes of Baidu as ``first;second``, several separated by ``|``."""
    classes = []
    for part in _BETWEEN.split(plain(text)):
        levels = [level for level in _LEVELS.split(part) if level]
        if levels:
            classes.append(";".join(levels[:2]))
    return Cell("|".join(dict.fromkeys(classes)) or None)


def classes_of(rules: Rules) -> Classes:
    """Return what a register may call the classes of places of some packs."""
    zones = rules.zone_classes
    return Classes(tuple(zone.id for zone in zones if not zone.mobile), register_words(zones))


@cache
def _built_in() -> Classes:
    return classes_of(load_packs())


@cache
def item_lists() -> dict[str, str]:
    """Return the items of Article 8 with the names of their classes, as a label."""
    zones = [zone for zone in load_packs().zone_classes if not zone.mobile]
    return label_in_all(
        lambda language: "; ".join(f"{zone.id} {pick(zone.label, language)}" for zone in zones)
    )


def read_item(text: str, classes: Classes | None = None) -> tuple[Cell, str | None]:
    """Read an item of Article 8, by number or by the name of a class, and the kind it then means.

    An item that no pack has is left to the packs that a check is run with.

    Parameters
    ----------
    text
        A cell.
    classes
        Those of the packs that judge; by default of the built-in ones.
    """
    name, known = plain(text), classes or _built_in()
    named = known.names.get(plain_name(name))
    if named is not None:
        return Cell(named[0]), named[1] or None
    number = _number(name)
    foreign = number is not None and _ITEM.fullmatch(number) and not number.startswith("8.")
    if number in known.items or foreign:  # another decree's item is left to its own packs
        return Cell(number), None
    similar = [item for item in known.items if number and item.startswith(number)]
    choices = ", ".join(similar or known.items)
    near = difflib.get_close_matches(plain_name(name), known.names, n=3, cutoff=NEAR)
    said = N_("an item such as %(choices)s, or the name of a class", choices=choices)
    if near:
        said = N_("%(what)s, such as %(names)s", what=said, names=", ".join(near))
    return Cell(None, said), None


def _number(name: str) -> str | None:
    """Return an item in its usual spelling: ``8.5`` for ``8-5``, ``(5)`` or its ordinal."""
    bare = re.sub(r"[()\[\]\s]", "", name)
    for affix in ITEM_AFFIXES:
        bare = bare.replace(affix, "")
    if bare in ORDINALS:
        return f"8.{ORDINALS[bare]}"
    if re.fullmatch(r"\d{1,2}", bare):
        return f"8.{bare}"
    dotted = re.sub(r"[-_]", ".", bare).lower()
    return dotted if _ITEM.fullmatch(dotted) else None


OF_CLASSES: Final = tuple(
    column for column in PLACES if column.name in ("amap", "baidu", "industry", "item", "kind")
)
"""Columns that say what a place is."""


def with_classes(sheet: Sheet, declared: Declared) -> Sheet:
    """Return a sheet of places whose classes are in the columns of `model.PLACES`."""
    found = find_headers(sheet, headers_in(OF_CLASSES), declared)
    readers = {"amap": read_amap, "baidu": read_baidu, "industry": read_industry}
    sheet = _with_items(tidy(sheet, found, readers, PLACES), found, declared.classes)
    names = _level_names(sheet, set(found.values()))
    if names and "amap" not in found:
        sheet = with_column(sheet, "amap", [_read_by(read_amap, name) for name in names])
    elif names:
        known = [
            row[found["amap"]] or _read_by(read_amap, name)
            for row, name in zip(sheet.rows, names, strict=True)
        ]
        sheet = with_column(sheet, found["amap"], known)
    levels = [len(_LEVELS.split(plain(_BETWEEN.split(name)[0]))) for name in names if name]
    if names and "baidu" not in found and set(levels) <= {2}:  # as the names of Baidu have
        classes = [_read_by(read_baidu, name) for name in names]
        sheet = with_column(sheet, "baidu", classes)
    return sheet


def _read_by(read: Reader, name: str | None) -> str | None:
    value = read(name).value if name else None
    return str(value) if value else None


def _level_names(sheet: Sheet, taken: set[str]) -> list[str | None]:
    """Return the full name of each row's class; empty if no columns spell one."""
    by_word = {normal(name): name for name in sheet.header if name not in taken}
    for words in LEVEL_HEADERS:
        if all(word in by_word for word in words):
            columns = [by_word[word] for word in words]
            return [_joined(row, columns) for row in sheet.rows]
    for word in NAME_HEADERS:
        if word in by_word:
            column = by_word[word]
            texts = [row[column] for row in sheet.rows]
            if any(text and len(_LEVELS.split(plain(text))) > 1 for text in texts):
                return texts
    return []


def _joined(row: Mapping[str, str | None], columns: list[str]) -> str | None:
    texts = [row[column] for column in columns]
    levels = [text for text in texts if text]
    if len(levels) == 1 and ";" in plain(levels[0]):
        return levels[0]
    return ";".join(levels) if levels else None


def _with_items(sheet: Sheet, found: Mapping[str, str], classes: Classes | None) -> Sheet:
    """Read the items, and give each row the kind that the name of its class means."""
    header = found.get("item")
    if header is None:
        return sheet
    rows, faults = [dict(row) for row in sheet.rows], list(sheet.faults)
    kinds: list[str | None] = []
    own = found.get("kind")
    for row, where in zip(rows, sheet.where, strict=True):
        text, kind = row[header], None
        if text is not None:
            cell, kind = read_item(text, classes)
            if cell.expected is not None:
                remedy = N_("Correct the item.")
                faults.append(bad_cell(sheet, where, header, text, cell.expected, remedy))
            row[header] = str(cell.value) if cell.value else None
        kinds.append((row[own] if own else None) or kind)
    sheet = sheet._replace(rows=rows, faults=tuple(faults))
    return with_column(sheet, own or "kind", kinds)


def count_known(places: gpd.GeoDataFrame) -> int:
    """Count the places that a register names or that a mark of our packs finds."""
    packs = load_packs().packs
    selectors = [
        *(mark for pack in packs for zone in pack.zones for mark in zone.selectors),
        *(mark for pack in packs for place in pack.privacy for mark in place.selectors),
    ]
    named = np.flatnonzero(places["item"].notna().to_numpy())
    return len({*named.tolist(), *Marks(places).find(selectors)})
