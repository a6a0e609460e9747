"""The policy file of a budget: in which order its aims come, and what a place of each class counts.

A row names an aim, or a class with its weight. The rows of aims are their order. Aims are a closed
list: no file can ask who lives, prays or votes somewhere.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from civicsight.core.errors import N_, InputError, MismatchError
from civicsight.io.apart.reading import read_apart
from civicsight.io.registers.headers_of_money import AIM_WORDS, POLICY_HEADERS
from civicsight.io.tables.sheet import Sheet
from civicsight.io.tables.synonyms import match_headers
from civicsight.planning.faults import fault, reject
from civicsight.planning.solver.lawful_model import AIMS, KNOWN_AIMS


@dataclass(frozen=True, slots=True)
class Policy:
    """What a budget is for.

    Parameters
    ----------
    aims
        What money makes large, one after the other; of `lawful_model.KNOWN_AIMS`.
    weights
        What a place counts by its class, such as ``8.4``; 1 if not named.
    """

    aims: tuple[str, ...] = AIMS
    weights: Mapping[str, float] = field(default_factory=dict)


def read_policy(path: str | Path | None) -> Policy:
    """Read what a budget is for; no file, or nothing of one kind in it: as without one.

    Parameters
    ----------
    path
        CSV or XLSX with a column aim (``places``, ``parts``, ``metres``, ``exposure``, ``joined``,
        ``surviving``), or columns class (an item of a rule pack, such as 8.4) and weight, or both.

    Raises
    ------
    InputError
        Every row that cannot be used.
    """
    if path is None:
        return Policy()
    sheet: Sheet = read_apart("sheet", path)
    found = match_headers(sheet.header, POLICY_HEADERS)
    if "aim" not in found and not {"class", "weight"} <= set(found):
        reject("policy.row:columns", sheet.source, field="aim", found=", ".join(sheet.header))
    aims, weights, faults = list[str](), dict[str, float](), list(sheet.faults)
    for where, cells in zip(sheet.where, sheet.rows, strict=True):
        aim, item, text = (
            (cells.get(found.get(name, "")) or "").strip() for name in ("aim", "class", "weight")
        )
        wanted = aim.casefold()
        code = next((code for code in KNOWN_AIMS if wanted in (code, *AIM_WORDS[code])), None)
        if bool(aim) == bool(item or text):
            faults.append(fault("policy.row:row", sheet.source, where, "aim", aim or item))
        elif aim and (code is None or code in aims):
            names = ", ".join(KNOWN_AIMS)
            faults.append(fault("policy.row:aim", sheet.source, where, "aim", aim, names=names))
        elif code is not None:
            aims.append(code)
        elif not item or item in weights:
            faults.append(fault("policy.row:class", sheet.source, where, "class", item))
        elif (weight := _number(text)) is None:
            faults.append(fault("policy.row:weight", sheet.source, where, "weight", text))
        else:
            weights[item] = weight
    if faults:
        raise InputError(faults)
    return Policy(tuple(aims) or AIMS, weights)


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
        text = N_(
            "no class of places %(item)s; there are: %(known)s", item=strangers[0], known=known
        )
        raise MismatchError(text)


def _number(text: str) -> float | None:
    with suppress(ValueError):
        value = float(text)
        if math.isfinite(value) and value > 0.0:
            return value
    return None
