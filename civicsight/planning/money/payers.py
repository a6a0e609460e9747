"""Who pays for what of a plan, and who carries it out: rules that a planner sets.

A rule names points, or owner, district and kind of measure, and says a source of money, a unit, or
both. Those of single points go first; of the others the first that fits counts.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from civicsight.core.errors import N_, Fault, InputError, Text
from civicsight.core.inert import as_written
from civicsight.io.apart.reading import read_apart
from civicsight.io.registers.headers_of_money import (
    MEASURE_WORDS,
    OWNER_WORDS,
    PAYER_HEADERS,
    PAYER_WORDS,
)
from civicsight.io.tables.sheet import Sheet
from civicsight.io.tables.synonyms import match_headers
from civicsight.planning.faults import fault
from civicsight.planning.money.shares import BETWEEN, percent, read_shares, shares_of

if TYPE_CHECKING:
    from civicsight.planning.record.plan import Plan

SOURCES: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "city": N_("City budget"),
        "district": N_("District budget"),
        "own": N_("Own funds of the unit"),
        "lease": N_("Leased from an operator"),
    }
)
"""Sources of money, in the order in which they are listed."""

NOBODY: Final = ""
"""Source of what nobody assigned, and unit that nobody named."""

PAYERS: Final = "payers"
"""Name of the rules among the parameters of a plan."""

SAYS: Final = ("source", "unit")
"""What a rule says."""

CODED: Final = {"source": PAYER_WORDS, "measure": MEASURE_WORDS, "owner": OWNER_WORDS}
"""Words of the columns that hold codes."""

MOST_LETTERS: Final = 200


@dataclass(frozen=True, slots=True)
class Payer:
    """A rule; what is empty asks for nothing, or says nothing.

    Parameters
    ----------
    source, unit
        Where the money comes from (`SOURCES`; several with their shares, as `shares_of` reads), and
        who is responsible.
    camera_id
        The one point that it is for.
    owner, district, measure
        Of the points that it is for: class of the owner, district, what is done.
    """

    source: str = NOBODY
    unit: str = NOBODY
    camera_id: str = ""
    owner: str = ""
    district: str = ""
    measure: str = ""


CONDITIONS: Final = ("camera_id", "owner", "district", "measure")
"""What a rule may ask of a point."""


def payers_of(plan: Plan) -> tuple[Payer, ...]:
    """Return the rules that a plan keeps; none of before have any."""
    kept = plan.parameters.get(PAYERS) or ()
    known = {entry.name for entry in fields(Payer)}
    return tuple(Payer(**{k: str(v) for k, v in one.items() if k in known}) for one in kept)


def with_payers(plan: Plan, payers: Iterable[Payer]) -> Plan:
    """Return a plan that keeps these rules in place of those that it had."""
    others = {name: value for name, value in plan.parameters.items() if name != PAYERS}
    own = [asdict(one) for one in payers]
    return replace(plan, parameters=others | ({PAYERS: own} if own else {}))


def assign(points: pd.DataFrame, payers: Iterable[Payer]) -> tuple[pd.DataFrame, list[Payer]]:
    """Return ``source`` and ``unit`` of each point, and the rules that fit none of them.

    Parameters
    ----------
    points
        ``owner``, ``district`` and ``measure`` by ``camera_id``.
    payers
        In their order; source and unit are each said by the first rule that fits and says it.
    """
    idle, general = [], []
    single: dict[str, dict[str, str]] = {name: {} for name in SAYS}
    for one in payers:
        if not one.camera_id:
            general.append(one)
            continue
        if not (one.camera_id in points.index and _fits(points.loc[[one.camera_id]], one).all()):
            idle.append(one)
            continue
        for name in SAYS:
            if value := getattr(one, name):
                single[name].setdefault(one.camera_id, value)
    found = {
        name: pd.Series(
            [single[name].get(label, NOBODY) for label in points.index],
            index=points.index,
            dtype=object,
        )
        for name in SAYS
    }
    for one in general:
        fits = _fits(points, one)
        if not fits.any():
            idle.append(one)
        for name in SAYS:
            if value := getattr(one, name):
                found[name] = found[name].mask(fits & found[name].eq(NOBODY), value)
    return pd.DataFrame(found, index=points.index), idle


def _fits(points: pd.DataFrame, one: Payer) -> pd.Series:
    """Tell which points a rule is for."""
    fits = pd.Series(np.ones(len(points), np.bool_), index=points.index)
    for name in ("owner", "district", "measure"):
        if value := getattr(one, name):
            fits &= points[name].eq(value)
    return fits


def read_payers(path: str | Path) -> tuple[Payer, ...]:
    """Read a table of who pays.

    Parameters
    ----------
    path
        CSV or XLSX with columns camera_id, owner, district, measure, source and unit, or their
        Chinese names; source, measure and owner in words or codes.

    Raises
    ------
    InputError
        Every row that cannot be used: a word that is none of its column, neither source nor unit,
        a point that stands twice; and a table without a column source or unit.
    """
    sheet: Sheet = read_apart("sheet", path)
    found = match_headers(sheet.header, PAYER_HEADERS)
    faults = list(sheet.faults)
    if not set(SAYS) & set(found):
        header = ", ".join(sheet.header)
        faults.append(fault("payers.column", sheet.source, field="source", found=header))
    payers: list[Payer] = []
    points: set[str] = set()
    for where, cells in zip(sheet.where, sheet.rows, strict=True):
        one, wrong = _read_row(sheet, found, where, cells)
        if not wrong and not (one.source or one.unit):
            header = found.get("source", "source")
            wrong.append(fault("payers.row:nothing", sheet.source, where, header))
        if not wrong and one.camera_id in points:
            header = found["camera_id"]
            wrong.append(fault("payers.row:once", sheet.source, where, header, one.camera_id))
        points |= {one.camera_id} - {""}
        faults += wrong
        payers.append(one)
    if faults:
        raise InputError(faults)
    return tuple(payers)


def _read_row(
    sheet: Sheet, found: Mapping[str, str], where: str, cells: Mapping[str, str | None]
) -> tuple[Payer, list[Fault]]:
    """Read one row, and say what is wrong with it."""
    values: dict[str, Any] = {}
    faults = []
    for name, header in found.items():
        text = (cells.get(header) or "").strip()
        words = CODED.get(name)
        if words is None or not text:
            values[name] = text[:MOST_LETTERS]
            continue
        if name == "source":
            code = read_shares(text, words)
        else:
            code = next((c for c, own in words.items() if text.casefold() in own), None)
        if code is None:
            known = ", ".join(" / ".join(own[:2]) for own in words.values())
            faults.append(
                fault(
                    "payers.row:shares" if name == "source" else "payers.row:word",
                    sheet.source,
                    where,
                    header,
                    text,
                    known=known,
                )
            )
        values[name] = code or ""
    return Payer(**values), faults


def to_csv(payers: Iterable[Payer], *, native: bool) -> bytes:
    """Return rules as a file that reads back as the same ones.

    Parameters
    ----------
    payers
        The rules; none makes a file to fill in.
    native
        Whether headings and words are those of a Chinese office.
    """
    at = 1 if native else 0
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([PAYER_HEADERS[name][at] for name in (*CONDITIONS, *SAYS)])
    for one in payers:
        cells = ((name, getattr(one, name)) for name in (*CONDITIONS, *SAYS))
        writer.writerow([as_written(_word(name, text, at)) for name, text in cells])
    return out.getvalue().encode("utf-8-sig")


def _word(name: str, text: str, at: int) -> str:
    """Return what a cell says in words; sources with their shares."""
    if name not in CODED or not text:
        return text
    shares = shares_of(text)
    if len(shares) == 1:
        return CODED[name][text][at]
    return BETWEEN.join(f"{CODED[name][one][at]} {percent(part)}%" for one, part in shares.items())
