"""The policy file of a budget: what a place of each class counts, 1 where it says nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from civicsight.core.errors import N_, Fault, InputError, MismatchError, Text
from civicsight.io.apart.reading import read_apart
from civicsight.io.registers.headers import WEIGHT_HEADERS
from civicsight.io.tables.sheet import Sheet
from civicsight.io.tables.synonyms import match_headers

_CLASS: Final = (
    N_("each class of places once"),
    N_("Name a class as the rule pack does, in one row."),
)
_WEIGHT: Final = (N_("a number above 0"), N_("Give the weight as a number such as 2 or 0.5."))
_COLUMNS: Final = (N_("the columns class and weight"), N_("Name the columns class and weight."))


def read_weights(path: str | Path | None) -> dict[str, float]:
    """Read what a place of each class counts within a budget; no file: all count the same.

    Parameters
    ----------
    path
        CSV or XLSX with columns class (an item of a rule pack, such as 8.4) and weight.

    Raises
    ------
    InputError
        Every row that cannot be used.
    """
    if path is None:
        return {}
    sheet: Sheet = read_apart("sheet", path)
    found = match_headers(sheet.header, WEIGHT_HEADERS)
    if set(found) != set(WEIGHT_HEADERS):
        raise InputError([_fault(sheet, "", "class", ", ".join(sheet.header), _COLUMNS)])
    weights, faults = dict[str, float](), list(sheet.faults)
    for where, cells in zip(sheet.where, sheet.rows, strict=True):
        item, text = ((cells.get(found[name]) or "").strip() for name in ("class", "weight"))
        weight = _number(text)
        if not item or item in weights:
            faults.append(_fault(sheet, where, "class", item, _CLASS))
        elif weight is None:
            faults.append(_fault(sheet, where, "weight", text, _WEIGHT))
        else:
            weights[item] = weight
    if faults:
        raise InputError(faults)
    return weights


def refuse_strangers(weights: Mapping[str, float], items: set[str]) -> None:
    """Refuse a weight of a class that no rule pack has.

    Raises
    ------
    MismatchError
        With the first of them, and the classes that there are.
    """
    strangers = sorted(set(weights) - items)
    if strangers:
        known = ", ".join(sorted(items))
        text = N_("no class of places %(item)s; there are: %(known)s", item=strangers[0],
                  known=known)  # fmt: skip
        raise MismatchError(text)


def _number(text: str) -> float | None:
    with suppress(ValueError):
        value = float(text)
        if math.isfinite(value) and value > 0.0:
            return value
    return None


def _fault(sheet: Sheet, where: str, field: str, found: str, said: tuple[Text, Text]) -> Fault:
    return Fault("weights.row", sheet.source, where, field, found, *said)
