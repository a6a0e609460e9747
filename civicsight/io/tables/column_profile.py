"""Profile of each column: what its numbers are like, what is asked of it, and what is noted.

It is computed once, before a number is used. What may be two things is asked: the source is refused
with both readings, and a mapping says which. What is odd and yet clear is noted. A further oddness
is one more question or note here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from civicsight.core.arrays import FloatArray
from civicsight.core.errors import N_, Fault, Text
from civicsight.io.source_options import Declared
from civicsight.io.tables.lexicon import plain
from civicsight.io.tables.quantities import converted, read_amount
from civicsight.io.tables.rows import DIRECTIONS
from civicsight.io.tables.sheet import Sheet
from civicsight.io.tables.source_schema import (
    SourceSchema,
    match_word,
    resolve,
    taught_numbers,
    unit_of_column,
)
from civicsight.io.tables.synonyms import SILENT_WORDS, normal
from civicsight.io.tables.units import Named, units, units_of
from civicsight.model import Column
from civicsight.model.notes import Note, noted

FEWEST: Final = 5
"""Fewer rows with one value say nothing."""

FEWEST_CODES: Final = 2
"""A single whole number is a direction like any other."""

HIGHEST_CODE: Final = 9
CODE: Final = re.compile(r"\d{1,2}(?:\.0+)?")
"""How a code of a closed list is written."""

FEWEST_HEIGHTS: Final = 3
"""Fewer heights are no band: one camera on a tower is not odd by itself."""

HIGH_M: Final = 20.0
"""No mast of a street is as high: lenses that all are above it are on towers, or altitudes [m]."""

BAND: Final = 0.2
"""Altitudes of a district spread over at most this share of their middle [0-1]."""

MANY_HIGH: Final = 10
"""So many lenses that are all high are odd, however far they spread."""

MEASURED: Final = DIRECTIONS | {"height_m", "tilt_deg", "hfov_deg", "reach_m", "night_reach_m"}
"""Columns whose values differ from place to place; one value in all rows was hardly measured."""

HEIGHT: Final = "height_m"
HEADER_ROW: Final = "row 1"
"""Where what is asked of a column stands."""

COORDINATES: Final = {"lon": "deg", "lat": "deg", "x": "m", "y": "m"}
"""Unit of columns that no table declares."""


class ColumnProfile(NamedTuple):
    """What a column is like.

    Parameters
    ----------
    header, meaning, column
        Its name, what it is taken for, and how that is declared; None for coordinates.
    texts
        Cells that say something, one by one.
    numbers
        The same as numbers in the unit of the column, NaN where a cell is none.
    unit
        What its header, or a mapping, names as the unit.
    is_said
        Whether a person said what it is.
    """

    header: str
    meaning: str
    column: Column | None
    texts: tuple[str, ...]
    numbers: FloatArray
    unit: Named | None
    is_said: bool

    @property
    def known(self) -> FloatArray:
        """Its numbers."""
        return self.numbers[np.isfinite(self.numbers)]

    @property
    def one_value(self) -> str:
        """The text that all of several cells hold; empty where they differ."""
        return self.texts[0] if len(self.texts) >= FEWEST and len(set(self.texts)) == 1 else ""

    @property
    def is_zero(self) -> bool:
        """Whether all of several cells are the number 0."""
        return len(self.numbers) >= FEWEST and bool((self.numbers == 0).all())

    @property
    def codes(self) -> tuple[int, ...]:
        """The numbers beside 0, where all are whole and from 1 to 9 and nothing else is said."""
        used = self.numbers[self.numbers != 0]
        whole = (used == np.round(used)) & (used >= 1) & (used <= HIGHEST_CODE)
        if len(used) < FEWEST_CODES or not whole.all():
            return ()
        return tuple(int(code) for code in np.unique(used))

    @property
    def high_band(self) -> tuple[float, float] | None:
        """The least and greatest number, where all lie high up: in a narrow band, or many."""
        known = self.known
        if len(known) < FEWEST_HEIGHTS:
            return None
        low, middle, high = np.quantile(known, [0.05, 0.5, 0.95])
        narrow = high - low <= BAND * middle or len(known) >= MANY_HIGH
        return (float(known.min()), float(known.max())) if low > HIGH_M and narrow else None


def profile_columns(
    sheet: Sheet, found: dict[str, str], schema: SourceSchema, declared: Declared
) -> list[ColumnProfile]:
    """Return the profile of each column that holds numbers, or words of a closed list.

    Parameters
    ----------
    sheet, found, schema, declared
        The rows in one notation, the column of each meaning, and what is known of them.
    """
    mapping = declared.mapping
    said = {} if mapping is None else resolve(mapping.columns, schema.all_headers)
    columns = {column.name: column for column in schema.columns}
    profiles = []
    for meaning, header in found.items():
        column = columns.get(meaning)
        symbol = COORDINATES.get(meaning, "") if column is None else column.unit
        is_number = symbol != "" or (column is not None and column.kind == "float")
        if not is_number and (column is None or not column.choices):
            continue
        unit = unit_of_column(meaning, header, schema, mapping) if symbol in units() else None
        taught = taught_numbers(declared, meaning) if is_number and column is not None else {}
        cells = [text for row in sheet.rows if (text := row.get(header)) is not None]
        texts = tuple(text for text in cells if normal(text) not in SILENT_WORDS)
        read: dict[str, float] = {}
        for text in dict.fromkeys(texts):
            own = unit.unit if unit is not None else None
            base = units().get(symbol)
            told = text if own is None or base is None else converted(text, own, base)
            value = None if plain(text) in taught else read_amount(told, symbol).value
            read[text] = np.nan if value is None else value
        numbers = np.array([read[text] for text in texts], float)
        profiles.append(
            ColumnProfile(header, meaning, column, texts, numbers, unit, bool(said.get(meaning)))
        )
    return profiles


Question = tuple[str, str, Text, Text]
"""Code, what was found, what was expected, and how to answer."""


def ask_columns(
    profiles: Sequence[ColumnProfile], sheet: Sheet, schema: SourceSchema, declared: Declared
) -> list[Fault]:
    """Return what has to be asked of the columns of a source; nothing of it is taken before.

    Each fault names the column, what was found, the readings, and how to say which in a mapping.
    """
    faults = []
    for own in profiles:
        unit = ask_unit(own, declared)
        others = (ask_direction(own, schema), ask_height(own, schema))
        questions = [unit] if unit else [*others, ask_codes(own, schema, declared)]
        faults += [
            Fault(code, sheet.source, HEADER_ROW, own.header, found[:100], expected, remedy)
            for code, found, expected, remedy in filter(None, questions)
        ]
    return faults


def ask_unit(own: ColumnProfile, declared: Declared) -> Question | None:
    """Ask for the unit of a column whose header names one that is none of its quantity."""
    symbol = COORDINATES.get(own.meaning, "") if own.column is None else own.column.unit
    fitting = units_of(symbol)
    if own.unit is None or not fitting or not own.texts:
        return None
    unit = own.unit.unit
    if own.column is not None:
        if unit in fitting.values():
            return None
        return ("column.unit", own.unit.word, *unknown_unit(own.meaning, symbol))
    in_feet = own.meaning in {"x", "y"} and declared.crs is not None and unit in fitting.values()
    if unit == fitting[symbol] or in_feet:
        return None
    remedy = N_("Convert the column, and correct its header.")
    return "column.unit", own.unit.word, N_("coordinates in %(unit)s", unit=symbol), remedy


def unknown_unit(meaning: str, symbol: str) -> tuple[Text, Text]:
    """Return what is expected of a column whose header names a strange unit, and the remedy."""
    known = ", ".join(units_of(symbol))
    expected = N_("a unit that is known for this column: %(units)s", units=known)
    remedy = N_(
        "Say in a mapping file which unit the numbers are in, such as units: {%(meaning)s: "
        "%(unit)s}, or correct the header.",
        meaning=meaning,
        unit="ft" if symbol == "m" else symbol,
    )
    return expected, remedy


def ask_direction(own: ColumnProfile, schema: SourceSchema) -> Question | None:
    """Ask what directions are that may be codes, or that nobody filled in."""
    if own.meaning not in DIRECTIONS or own.is_said:
        return None
    values = {"column": own.header, "meaning": own.meaning}
    if own.is_zero:
        expected = N_("directions that differ: all %(count)s are 0", count=len(own.numbers))
        remedy = N_(
            "Say in a mapping file what they are. Never filled in: columns: {%(meaning)s: ''}. All "
            "of them north: columns: {%(meaning)s: '%(column)s'}.",
            **values,
        )
        return "column.zeros", "0", expected, remedy
    if not own.codes:
        return None
    expected = N_("either degrees or codes of directions: whole numbers from 1 to 9 may be both")
    remedy = N_(
        "Say in a mapping file which they are. Codes: words: {%(meaning)s: {'1': 90}}, each with "
        "its degrees. Degrees: columns: {%(meaning)s: '%(column)s'}.",
        **values,
    )
    if "direction_code" in schema.headers:
        remedy = N_(
            "Say in a mapping file which they are. Codes of GB/T 28181 (1 east, 2 west, 3 south, 4 "
            "north, 5 south-east, 6 north-east, 7 south-west, 8 north-west): columns: "
            "{direction_code: '%(column)s'}. Codes of another list: words: {%(meaning)s: {'1': "
            "90}}, each with its degrees. Degrees: columns: {%(meaning)s: '%(column)s'}.",
            **values,
        )
    return "column.directions", ", ".join(map(str, own.codes)), expected, remedy


def ask_height(own: ColumnProfile, schema: SourceSchema) -> Question | None:
    """Ask whether heights of lenses that all lie high up are altitudes above the sea."""
    band = own.high_band
    if own.meaning != HEIGHT or own.is_said or "altitude_m" not in schema.headers or band is None:
        return None
    low, high = (f"{value:g}" for value in band)
    expected = N_(
        "heights of lenses above the ground: all %(count)s lie between %(low)s and %(high)s m, as "
        "altitudes above the sea do",
        count=len(own.known),
        low=low,
        high=high,
    )
    remedy = N_(
        "Say in a mapping file which they are. Altitudes: columns: {altitude_m: '%(column)s'}; the "
        "heights of the lenses then stay unknown. Heights above the ground: columns: {%(meaning)s: "
        "'%(column)s'}.",
        column=own.header,
        meaning=own.meaning,
    )
    return "column.altitude", f"{low} - {high} m", expected, remedy


def ask_codes(own: ColumnProfile, schema: SourceSchema, declared: Declared) -> Question | None:
    """Ask what the codes of a closed list mean where all of its cells are codes, once for all."""
    column = own.column
    if column is None or not column.choices or not own.texts:
        return None
    codes = {text for text in own.texts if CODE.fullmatch(text)}
    told = {text for text in codes if match_word(schema, declared, column.name, text) is not None}
    untold = sorted(codes - told)
    if len(codes) < len(set(own.texts)) or not untold:
        return None
    choices = ", ".join(column.choices)
    expected = N_("words, or codes whose list is known: %(choices)s", choices=choices)
    values = {"meaning": own.meaning, "first": column.choices[0], "code": untold[0]}
    remedy = N_(
        "Say in a mapping file what each code means: words: {%(meaning)s: {%(first)s: "
        "['%(code)s']}}.",
        **values,
    )
    other = f"{column.name}_code"
    if other in schema.headers:
        remedy = N_(
            "Say in a mapping file which codes they are. PTZType of GB/T 28181 (1 ptz, 2 dome, 3 "
            "fixed, 4 fixed on a pan and tilt head): columns: {%(other)s: '%(column)s'}. Others: "
            "words: {%(meaning)s: {%(first)s: ['%(code)s']}}, each with what it means.",
            other=other,
            column=own.header,
            **values,
        )
    return "column.codes", ", ".join(untold), expected, remedy


def note_columns(profiles: Sequence[ColumnProfile]) -> list[Note]:
    """Say what is odd about columns and yet taken: units that were converted, one value in all."""
    notes = []
    for own in profiles:
        if own.column is None:
            continue
        base, unit = units().get(own.column.unit), own.unit.unit if own.unit else None
        if base is not None and unit is not None and unit != base and own.texts:
            notes.append(
                noted(
                    "read.spelling",
                    N_(
                        "numbers of the column %(column)s are in %(unit)s and were converted: 1 "
                        "%(unit)s is %(factor)s %(base)s",
                        column=own.header,
                        unit=unit.symbol,
                        factor=f"{float(unit.factor / base.factor):.12g}",
                        base=base.symbol,
                    ),
                    len(own.texts),
                )
            )
        if own.meaning in MEASURED and own.one_value:
            notes.append(
                noted(
                    "columns.constant",
                    N_(
                        "all %(count)s rows of the column %(column)s say %(value)s: check "
                        "whether that was measured or filled in",
                        count=len(own.texts),
                        column=own.header,
                        value=own.one_value[:40],
                    ),
                    1,
                )
            )
        if own.is_said and own.meaning in DIRECTIONS and own.codes:
            notes.append(
                noted(
                    "columns.said",
                    N_(
                        "the column %(column)s is read as degrees, as the mapping says, though "
                        "all its numbers are whole and from 1 to 9",
                        column=own.header,
                    ),
                )
            )
        band = own.high_band if own.is_said and own.meaning == HEIGHT else None
        if band is not None:
            notes.append(
                noted(
                    "columns.said",
                    N_(
                        "the column %(column)s is read as heights above the ground, as the mapping "
                        "says, though all lie between %(low)s and %(high)s m",
                        column=own.header,
                        low=f"{band[0]:g}",
                        high=f"{band[1]:g}",
                    ),
                )
            )
    return notes
