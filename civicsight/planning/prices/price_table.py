"""The price table: what each item of work costs, with the source and the day behind every yuan.

The table that comes with the project states planning figures, and says of each that it is an
assumption; a city hands in its own. Prices of work are whole yuan, so that the bound of a plan may
be rounded up. What a camera costs a year, and what is added to the works, are rows that nobody has
to give; see `terms`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final

import pandas as pd

from civicsight.core.errors import N_, Fault, InputError, MismatchError, Text
from civicsight.core.settings import present_day
from civicsight.io.apart.reading import read_apart
from civicsight.io.registers.headers_of_money import (
    COUNTED_UNITS,
    CURRENCY_HEADERS,
    FREE_WORDS,
    PRICE_HEADERS,
)
from civicsight.io.tables.sheet import Sheet
from civicsight.io.tables.source import read_sheet
from civicsight.io.tables.synonyms import match_headers
from civicsight.planning.faults import fault
from civicsight.planning.prices.amounts import (
    AmountError,
    factor_of,
    factor_of_header,
    plain,
    read_amount,
    read_number,
    same_unit,
)
from civicsight.planning.prices.terms import (
    TERM_ITEMS,
    TERMS,
    Reader,
    is_money,
    is_term,
    no_terms,
    readers_of,
)

Items = tuple[tuple[str, int], ...]
"""Items of the price table, and how many of each."""

COLUMNS: Final = tuple(PRICE_HEADERS)

MOST_YUAN: Final = 10_000_000
"""A dearer item is a project of its own, or a price in the wrong unit."""

NEAR_ITEMS: Final = 3
"""So many items are named that come near to one that nobody knows."""

LABELS: Final[dict[str, Text]] = {
    "keep": N_("Confirm on site that a camera looks as recorded"),
    "reaim": N_("Turn and set a camera, and record its pose"),
    "mask": N_("Set up a mask of the picture"),
    "dismantle": N_("Take an old device down"),
    "connect": N_("Connect a camera to the shared platform"),
    "device.wide": N_("Device, wide"),
    "device.standard": N_("Device, standard"),
    "device.fine": N_("Device, wide and fine"),
    "device.long": N_("Device, long"),
    "device.plate": N_("Device for number plates"),
    "device.panorama": N_("Device of four heads"),
    "mount.camera": N_("Fit a device on the mount of another"),
    "mount.pole": N_("Fit a device on a pole that is there"),
    "mount.lamp": N_("Fit a device on a lamp post"),
    "mount.facade": N_("Fit a device on a wall"),
    "mount.gate": N_("Fit a device on a gate"),
    "mount.new_pole": N_("Fit a device on a new pole"),
    "pole": N_("Erect a pole with its foundation"),
    "supply.near": N_("Power and network from a box on the spot"),
    "supply.new": N_("Lay power and network to the site"),
}
"""Items that candidates are priced by, for a person; a table has to have all of them."""

SHARED: Final[dict[str, Text]] = {
    "shared.pole": N_("Pole that the works of others erect"),
    "shared.supply.new": N_("Trench that the works of others dig"),
}
"""Items that a plan does not pay, because a project of others does; see `shared_works`."""


@dataclass(frozen=True, slots=True, eq=False)
class Prices:
    """A price table.

    Parameters
    ----------
    table
        By ``item``: ``unit``, ``price_yuan`` (whole yuan), ``source``, ``date`` (ISO 8601) and
        ``basis``.
    name
        Of the file that it comes from.
    terms
        Columns `terms.TERMS`; empty where the table has none of these rows.

    Examples
    --------
    >>> prices = read_prices()
    >>> prices.cost_yuan((("pole", 1), ("mount.new_pole", 2))) == (
    ...     prices.price_yuan("pole") + 2 * prices.price_yuan("mount.new_pole")
    ... )
    True
    """

    table: pd.DataFrame
    name: str
    terms: pd.DataFrame = field(default_factory=no_terms)

    @property
    def digest(self) -> str:
        """Return the digest of works and terms [SHA-256]."""
        text = self.table.sort_index().to_csv(lineterminator="\n")
        if len(self.terms):
            text += self.terms.sort_values("item").to_csv(index=False, lineterminator="\n")
        return hashlib.sha256(text.encode()).hexdigest()

    def to_csv(self) -> str:
        """Return the table as a file that reads back as the same prices."""
        terms = self.terms.rename(columns={"dated_on": "date"})
        rows = pd.concat([self.table.reset_index(), terms.assign(basis=terms["source"])])
        costs_nothing = rows["price_yuan"].eq(0) & rows["item"].map(is_money)
        rows["price_yuan"] = rows["price_yuan"].astype(object).mask(costs_nothing, FREE_WORDS[0])
        return str(rows[list(COLUMNS)].to_csv(index=False, lineterminator="\n"))

    def price_yuan(self, item: str) -> int:
        """Return the price of one item.

        Raises
        ------
        MismatchError
            If the table does not have it.
        """
        if item not in self.table.index:
            msg = f"the price table {self.name} has no item {item!r}: add a row for it"
            raise MismatchError(msg)
        return int(self.table.loc[item, "price_yuan"])

    def cost_yuan(self, items: Items) -> int:
        """Return what items cost together."""
        return sum(count * self.price_yuan(item) for item, count in items)


def read_prices(path: str | Path | None = None) -> Prices:
    """Read a price table.

    Parameters
    ----------
    path
        CSV or XLSX with columns item, unit, price_yuan, source, date and basis, or their Chinese
        names; by default the planning figures of the project. A price is in yuan unless its cell,
        its unit, the brackets of its column or a column currency say 10,000 yuan.

    Raises
    ------
    InputError
        Every row that cannot be used: an item that no plan counts, no or an unknown unit, a price
        that is no whole number of yuan or in other money, no source, no day or one to come, an item
        that stands twice; a term of another unit or beyond its range; and items of `LABELS` that
        are missing.
    """
    if path is None:
        with as_file(files("civicsight.planning") / "data" / "prices.csv") as own:
            return _prices_of(read_sheet(own))  # ours, and read by every run
    return _prices_of(read_apart("sheet", path))


def _prices_of(sheet: Sheet) -> Prices:
    """Return the prices of a sheet, or refuse it with all its faults."""
    found = match_headers(sheet.header, PRICE_HEADERS | {"currency": CURRENCY_HEADERS})
    lacking = [name for name in COLUMNS if name not in found]
    if lacking:
        header = ", ".join(sheet.header)
        raise InputError(
            [
                fault("price.column", sheet.source, field=name, found=header, name=name)
                for name in lacking
            ]
        )
    faults = list(sheet.faults)
    try:
        unit = factor_of_header(found["price_yuan"])
    except AmountError as error:
        unit, said = None, (error.expected, error.remedy)
        faults.append(_fault(sheet, "", found["price_yuan"], found["price_yuan"], *said))
    rows: dict[str, dict[str, Any]] = {}
    for where, cells in zip(sheet.where, sheet.rows, strict=True):
        row, wrong = _read_row(sheet, found, where, cells, unit)
        if row["item"] in rows:
            wrong.append(fault("price.row:once", sheet.source, where, found["item"], row["item"]))
        faults += wrong
        rows.setdefault(str(row["item"]), row)
    missing = [item for item in LABELS if item not in rows]
    faults += [
        fault("price.row:missing", sheet.source, field=found["item"], item=item) for item in missing
    ]
    if faults:
        raise InputError(faults)
    table = pd.DataFrame(list(rows.values()), columns=list(COLUMNS))
    is_of_terms = table["item"].map(is_term).astype(bool)
    works = table[~is_of_terms].set_index("item").astype({"price_yuan": "int64"})
    terms = table[is_of_terms].rename(columns={"date": "dated_on"})[list(TERMS)]
    terms = terms.reset_index(drop=True).astype({"price_yuan": "float64"})
    return Prices(works, sheet.source, terms)


def _read_row(
    sheet: Sheet, found: dict[str, str], where: str, cells: dict[str, str | None], unit: int | None
) -> tuple[dict[str, Any], list[Fault]]:
    """Read one row, and say what is wrong with it; `unit` is how many yuan its column counts."""
    texts = {name: (cells.get(header) or "").strip() for name, header in found.items()}
    item, row, faults = texts["item"], dict[str, Any](), list[Fault]()
    if item and item not in LABELS and not is_term(item):
        near = ", ".join(get_close_matches(item, [*LABELS, *TERM_ITEMS], NEAR_ITEMS, 0.0))
        header = found["item"]
        return {"item": item}, [
            fault("price.row:uncounted", sheet.source, where, header, item, near=near)
        ]
    readers = _READERS | readers_of(item)
    beside = {"currency": texts.pop("currency", "")} if is_money(item) else {}
    amount, _, piece = texts["unit"].partition("/")
    for name, word in ({"unit": amount if piece else ""} | beside).items():
        try:
            if name == "unit" and factor_of(word) is None:
                continue  # no money, but a camera and a time
            unit = same_unit(unit, word)
            texts["unit"] = piece if name == "unit" else texts["unit"]
        except AmountError as error:
            wrong = (found[name], cells[found[name]], error.expected, error.remedy)
            faults.append(_fault(sheet, where, *wrong))
            readers = {
                key: own for key, own in readers.items() if key not in ("unit", "price_yuan")
            }
    for name, (read, expected, remedy) in readers.items():
        text, said = texts[name], (expected, remedy)
        is_sum = name == "price_yuan" and is_money(item) and plain(text) not in FREE_WORDS
        try:
            row[name] = read(str(read_amount(text, unit)) if is_sum else text)
        except AmountError as error:
            row[name], said = None, (error.expected, error.remedy)
        if row[name] is None:
            faults.append(_fault(sheet, where, found[name], cells.get(found[name]), *said))
    return row, faults


def _text(text: str) -> str | None:
    return text or None


def _piece(text: str) -> str | None:
    """Return the unit of an item that is counted in pieces; a metre or a day is none."""
    return text if plain(text) in COUNTED_UNITS else None


def _yuan(text: str) -> int | None:
    """Read a whole number of yuan; nothing at all is said in a word."""
    if plain(text) in FREE_WORDS:
        return 0
    value = read_number(text)
    if value is None or not 1 <= value <= MOST_YUAN or value % 1:
        return None
    return int(value)


def _day(text: str) -> str | None:
    """Read a day that is not to come; workbooks write its midnight as well."""
    with suppress(ValueError):
        day = datetime.fromisoformat(text).date()
        return day.isoformat() if day <= present_day() else None
    return None


_SAY: Final = N_("Every price needs one: without it nobody can check the sum.")
_READERS: Final[dict[str, Reader]] = {
    "item": (_text, N_("the name of an item"), N_("Name the item, or remove the row.")),
    "unit": (
        _piece,
        N_("a unit of pieces, such as camera or pole"),
        N_("Give the price of one piece: a plan counts pieces, and neither metres nor days."),
    ),
    "price_yuan": (
        _yuan,
        N_("a whole number of yuan from 1 to %(most)s, or free", most=f"{MOST_YUAN:,}"),
        N_("Give the price rounded to the yuan. Write free where nothing is paid."),
    ),
    "source": (_text, N_("where the price is from"), _SAY),
    "date": (
        _day,
        N_("a date such as 2026-03-01, and no later than today"),
        N_("Give the day on which the price was found: without it nobody can check the sum."),
    ),
    "basis": (_text, N_("what the price rests on"), _SAY),
}


def _fault(
    sheet: Sheet, where: str, field: str, found: object, expected: Text, remedy: Text
) -> Fault:
    shown = "" if found is None else str(found)
    return Fault("price.row", sheet.source, where, field, shown, expected, remedy)


def bill(prices: Prices, items: Iterable[Items]) -> pd.DataFrame:
    """Return the bill of several candidates: each item once, with its quantity and sum.

    Columns ``quantity``, ``unit``, ``price_yuan``, ``cost_yuan``, ``source``, ``date``, ``basis``
    by ``item``, in the order of the price table.
    """
    quantity: dict[str, int] = {}
    for some in items:
        for item, count in some:
            quantity[item] = quantity.get(item, 0) + count
    used = prices.table.loc[[item for item in prices.table.index if item in quantity]]
    counts = pd.Series(quantity, dtype="int64").reindex(used.index)
    lines = used.assign(quantity=counts, cost_yuan=counts * used["price_yuan"])
    names = ["quantity", "unit", "price_yuan", "cost_yuan", "source", "date", "basis"]
    return lines[names].rename_axis("item")
