"""Terms of money beside the works: what a camera costs a year, what is added, at which rate.

Rows of the price table that nobody has to give. A yearly row may be given for one measure, as
``upkeep.keep``: it then goes before the row of all cameras, so that a device that stays may cost
more to keep than a new one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from civicsight.core.errors import N_, MismatchError, Text
from civicsight.io.registers.headers_of_money import FREE_WORDS, PRICE_UNITS
from civicsight.planning.prices.amounts import plain, read_number

YEARLY: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "storage": N_("Storage of pictures"),
        "platform": N_("Shared platform"),
        "licence": N_("Licences"),
        "power": N_("Power"),
        "network": N_("Network"),
        "upkeep": N_("Upkeep and repair"),
    }
)
"""What a camera costs as long as it runs."""

ADDED: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "design": N_("Design, on the works"),
        "supervision": N_("Supervision, on the works"),
        "contingency": N_("Contingency, on works, design and supervision"),
        "tax": N_("Tax, on all of the above"),
    }
)
"""What is added to the works, in this order, and what it is a share of."""

REACH: Final[Mapping[str, Text]] = MappingProxyType(
    {"rate": N_("Rate of the present cost"), "life": N_("Years that are counted")}
)
"""What brings yearly cost to one sum."""

TERM_ITEMS: Final = (*YEARLY, "lease", *ADDED, *REACH)
"""Items that are terms, without the measure that a yearly one may have behind a point."""

MEASURES: Final = ("keep", "reaim", "connect", "refurbish", "new")
"""Measures that leave a camera which the plan counts on."""

LEASE: Final = "lease"
"""What a leased camera costs, and the measure of yearly rows that are for leased cameras alone."""

TERMS: Final = ("item", "unit", "price_yuan", "source", "dated_on")
"""Columns of terms as a plan keeps them; shares and the rate are in percent."""

ROOM: Final = 1e-9
"""Share of a sum by which searches and certificates may be off, for rounding."""

MOST: Final = 1_000_000
MOST_YEARS: Final = 50
PLACES: Final = 4
"""Digits after the point: a camera-day costs less than a yuan."""

TIMES: Final = {word: time for time in ("day", "month", "year") for word in PRICE_UNITS[time]}
PERIOD: Final = re.compile(
    rf"(?:{'|'.join(PRICE_UNITS['camera'])})[-·/\s]*(\d{{1,2}})?[-·\s]*({'|'.join(TIMES)})"
)
A_YEAR: Final = {"camera-day": Fraction(365), "camera-month": Fraction(12),
                 "camera-year": Fraction(1)}  # fmt: skip
OVER_YEARS: Final = re.compile(r"camera-(\d+)-years")


class BudgetOf(StrEnum):
    """Which sum a budget limits."""

    INVESTMENT = "investment"
    """Works with all that is added to them: what the bill sums."""
    WORKS = "works"
    """Works alone; every budget of plans that do not say of what theirs is."""

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> BudgetOf:
        """Return which sum the budget of a kept plan, or a row of one, limits.

        Plans of before a budget had a word for it counted works.
        """
        return cls(kept.get("budget_of") or cls.WORKS)


BUDGET_OF: Final[Mapping[BudgetOf, Text]] = MappingProxyType(
    {BudgetOf.INVESTMENT: N_("Investment"), BudgetOf.WORKS: N_("Works")}
)
"""What the sums are called, as in a bill."""

Reader = tuple[Callable[[str], Any], Text, Text]


def is_term(item: str) -> bool:
    """Tell whether a row of the price table is a term, and no item of work."""
    return item in ADDED or item in REACH or item.partition(".")[0] in {*YEARLY, LEASE}


def is_money(item: str) -> bool:
    """Tell whether the number of a row is a sum of money, and no share, rate or years."""
    return item not in ADDED and item not in REACH


def readers_of(item: str) -> dict[str, Reader]:
    """Return how cells of a row are read where its item is a term: other units, other numbers."""
    name, _, measure = item.partition(".")
    if name in YEARLY or name == LEASE:
        own = {"unit": _PERIOD, "price_yuan": _MONEY}
        known = MEASURES if name == LEASE else (*MEASURES, LEASE)
        return own if not measure or measure in known else own | {"item": _MEASURE}
    if item == "life":
        return {"unit": _YEAR, "price_yuan": _YEARS}
    if item in ADDED or item in REACH:
        return {"unit": _PERCENT, "price_yuan": _SHARE}
    return {}


def times_a_year(unit: str) -> Fraction:
    """Return how often a yearly row is paid in a year.

    Examples
    --------
    >>> times_a_year("camera-month"), times_a_year("camera-5-years")
    (Fraction(12, 1), Fraction(1, 5))
    """
    spread = OVER_YEARS.fullmatch(unit)
    return A_YEAR[unit] if spread is None else Fraction(1, int(spread[1]))


def price_of(terms: pd.DataFrame, item: str) -> Fraction | None:
    """Return the number of a term as it is written; None where it has no row."""
    found = terms.loc[terms["item"].eq(item), "price_yuan"]
    return None if found.empty else Fraction(str(found.iloc[0]))


def yearly_rows(terms: pd.DataFrame, measure: str) -> list[str]:
    """Return the rows that a camera of a measure pays by, one for each yearly item there is."""
    known = set(terms["item"])
    wanted = ((f"{name}.{measure}", name) for name in YEARLY)
    return [own if own in known else name for own, name in wanted if {own, name} & known]


def yearly_of(terms: pd.DataFrame, measure: str) -> Fraction:
    """Return what a camera of a measure costs a year [yuan]; ``lease`` of a leased one."""
    return _a_year(terms[terms["item"].isin(yearly_rows(terms, measure))])


def lease_of(terms: pd.DataFrame, measure: str) -> Fraction | None:
    """Return what leasing a camera in place of a measure costs a year [yuan]; None without a row.

    The row of that measure, as ``lease.new``, goes before that of all.
    """
    for item in (f"{LEASE}.{measure}", LEASE):
        rows = terms[terms["item"].eq(item)]
        if len(rows):
            return _a_year(rows)
    return None


def _a_year(rows: pd.DataFrame) -> Fraction:
    return sum(
        (
            Fraction(str(price)) * times_a_year(unit)
            for price, unit in zip(rows["price_yuan"], rows["unit"], strict=True)
        ),
        Fraction(0),
    )


def added_to(terms: pd.DataFrame, works: int) -> dict[str, tuple[int, int]]:
    """Return what is added to works, in the order of `ADDED`: what it is a share of, and its sum.

    Each sum is rounded to the whole yuan, a half up, as a bill prints it.
    """
    found: dict[str, tuple[int, int]] = {}
    for name in ADDED:
        share = price_of(terms, name)
        if share is None:
            continue
        base = works
        if name != "supervision":
            base += sum(own for _, own in found.values())  # nothing comes before the design
        found[name] = (base, rounded(share / 100 * base))
    return found


def invested(terms: pd.DataFrame, works: int) -> int:
    """Return what works come to with all that is added to them, as a bill sums it [yuan]."""
    return works + sum(own for _, own in added_to(terms, works).values())


def counted(terms: pd.DataFrame, works: float, budget_of: BudgetOf) -> float:
    """Return works as a budget counts them: by themselves, or with all that is added [yuan]."""
    return works if budget_of is BudgetOf.WORKS else float(invested(terms, math.ceil(works)))


def works_within(terms: pd.DataFrame, budget_yuan: float, budget_of: BudgetOf) -> float:
    """Return the dearest works that a budget pays [yuan].

    Of an investment it is the largest whole sum whose bill does not exceed the budget: what is
    added is rounded row by row, so no division finds it. A bill never falls as works rise, and the
    sum is found by halving.

    Examples
    --------
    >>> terms = pd.DataFrame({"item": ["design"], "unit": ["%"], "price_yuan": [10.0]})
    >>> works_within(terms, 1_100, BudgetOf.INVESTMENT), works_within(terms, 1_099, BudgetOf.WORKS)
    (1000.0, 1099)
    """
    if budget_of is BudgetOf.WORKS or math.isinf(budget_yuan):
        return budget_yuan
    low, high = 0, math.floor(budget_yuan)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if invested(terms, middle) <= budget_yuan else (low, middle - 1)
    # A choice may be off by this share of its limit, which is a yuan from a milliard on.
    return float(low - math.floor(low * ROOM))


def rounded(value: Fraction) -> int:
    """Return whole yuan, a half up."""
    return math.floor(value + Fraction(1, 2))


def with_added(terms: pd.DataFrame) -> Fraction:
    """Return what a yuan of works comes to with all that is added to it."""
    design, supervision, contingency, tax = (
        (price_of(terms, name) or Fraction(0)) / 100 for name in ADDED
    )
    return (1 + design + supervision) * (1 + contingency) * (1 + tax)


def annuity(rate: Fraction, years: int) -> Fraction:
    """Return what a yuan at the end of each year is worth now.

    Parameters
    ----------
    rate
        Of a year, such as 3/100.
    years
        How many years are counted.
    """
    return sum((1 / (1 + rate) ** year for year in range(1, years + 1)), Fraction(0))


def annuity_of(terms: pd.DataFrame) -> Fraction | None:
    """Return the same by the rate and the years of terms; None where one of them has no row."""
    rate, life = price_of(terms, "rate"), price_of(terms, "life")
    return None if rate is None or life is None else annuity(rate / 100, int(life))


def lacking(terms: pd.DataFrame) -> tuple[str, ...]:
    """Return the terms that have no row, in their order: these are not counted."""
    known = {item.partition(".")[0] for item in terms["item"]}
    return tuple(name for name in (*YEARLY, *ADDED, *REACH) if name not in known)


def require_life(terms: pd.DataFrame, table: str) -> None:
    """Refuse to count life-cycle cost without what it takes.

    Raises
    ------
    MismatchError
        With the rows that the price table lacks.
    """
    missing = lacking(terms)
    rows = [name for name in REACH if name in missing]
    rows += [", ".join(YEARLY)] if set(YEARLY) <= set(missing) else []
    if rows:
        text = N_(
            "The price table %(name)s has no row for %(rows)s: without it there is no life-cycle "
            "cost. Add it, with unit, source and day.",
            name=table,
            rows="; ".join(rows),
        )
        raise MismatchError(text)


def no_terms() -> pd.DataFrame:
    """Return terms without rows."""
    return pd.DataFrame(columns=list(TERMS), dtype=object)


def _period(text: str) -> str | None:
    """Read a unit such as camera-day or camera-5-years, in the words of any language."""
    found = PERIOD.fullmatch(text.casefold())
    if found is None:
        return None
    count, period = found[1], TIMES[found[2]]
    if count is None or int(count) == 1:
        return f"camera-{period}"
    return f"camera-{count}-years" if period == "year" and int(count) > 0 else None


def _number(text: str, most: int) -> float | None:
    """Read a number from 0 on, of few digits after the point, exactly as it is written."""
    value = read_number(text)
    is_right = value is not None and value <= most and value == round(value, PLACES)
    return float(value) if value is not None and is_right else None


def _money(text: str) -> float | None:
    return 0.0 if plain(text) in FREE_WORDS else _number(text, MOST) or None


def _share(text: str) -> float | None:
    return _number(plain(text).removesuffix("%"), 100)


def _years(text: str) -> float | None:
    value = _number(text, MOST_YEARS)
    return value if value and value == int(value) else None


def _percent(text: str) -> str | None:
    return "%" if text.casefold() in PRICE_UNITS["%"] else None


def _year(text: str) -> str | None:
    return "year" if text.casefold() in PRICE_UNITS["year"] else None


def _nothing(_: str) -> None:
    """Read nothing."""


_PERIOD: Final[Reader] = (
    _period,
    N_("camera-day, camera-month, camera-year, or camera-5-years for a sum of five years"),
    N_("Say for how long the price of a camera is."),
)
_MONEY: Final[Reader] = (
    _money,
    N_("yuan above 0 and up to %(most)s, of at most %(digits)s digits after the point, or free",
       most=f"{MOST:,}", digits=PLACES),
    N_("Give the price of one camera for the time that the unit says. Write free where "
       "nothing is paid, or remove the row."),
)  # fmt: skip
_PERCENT: Final[Reader] = (_percent, Text("%"), N_("This row is a share: its unit is percent."))
_SHARE: Final[Reader] = (
    _share,
    N_("a number of percent from 0 to 100"),
    N_("Give a share such as 3.5, which is 3.5 percent."),
)
_YEAR: Final[Reader] = (_year, N_("year"), N_("This row is a number of years."))
_YEARS: Final[Reader] = (
    _years,
    N_("whole years from 1 to %(most)s", most=MOST_YEARS),
    N_("Say over how many years the cost is counted."),
)
_MEASURE: Final[Reader] = (
    _nothing,
    N_("a yearly item, alone or with one of %(measures)s behind a point",
       measures=", ".join((*MEASURES, LEASE))),
    N_("Name the measure that the row is for, or none for all cameras."),
)  # fmt: skip
