"""What a person declares about a source, and what the source says itself of its datum."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from civicsight.core.errors import N_, Fault, InputError, MismatchError, Text
from civicsight.io.datums import DATUM_NAMES, DATUMS, SHIFTED, Datum
from civicsight.io.tables.words import AXIS, named_datums
from civicsight.model.notes import Note, noted

if TYPE_CHECKING:
    from pyproj import CRS

    from civicsight.io.local_systems import LocalSystem
    from civicsight.io.tables.addresses import Addresses


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """What a person says about the columns and words of a table.

    Parameters
    ----------
    columns
        Header of the file by meaning, such as ``{"height_m": "lens height (m)"}``; an empty
        header says that the meaning has no column, whatever its name.
    words
        Further words for the closed lists of values, such as
        ``{"kind": {"ptz": ["rotating"]}}``, and words that stand for numbers, by the number:
        ``{"azimuth_deg": {"22.5": ["NNO"]}}``.
    units
        Unit of the bare numbers of a column by its meaning, such as ``{"height_m": "ft"}``, where
        the header names none or another; the symbols are those of `units.units`.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Corrections:
    """Cells that a person corrected, without changing the file.

    Parameters
    ----------
    cells
        Text by column, by row as the file counts it: ``{"row 3": {"height": "4.5"}}``; empty text
        empties a cell.
    by
        Who corrected them.
    """

    cells: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    by: str = ""


UNPLACED = frozenset({"crs.missing", "crs.zone", "crs.metres", "place.metres"})
"""Codes of faults that may end once the coordinate system of a source is declared."""


@dataclass(frozen=True, slots=True)
class Classes:
    """What registers may call the classes of places of the packs that judge.

    Parameters
    ----------
    items
        Items that a register may name.
    names
        Item and kind by each name in comparable form, as `rules.closed.register_words`.
    """

    items: tuple[str, ...]
    names: Mapping[str, tuple[str, str]]


North = Literal["grid", "true"]
NORTHS: Final[tuple[North, North]] = ("grid", "true")
"""What azimuths may count from."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What is known about a source from the person who brings it.

    Parameters
    ----------
    datum
        Geodetic system of longitudes and latitudes; by default the one that the source names, and
        WGS 84 where it names none.
    crs
        CRS of ``x`` and ``y`` columns, or of a vector layer that declares none. It never overrides
        one that the source declares: contradictions are refused.
    encoding
        Encoding of text; by default detected, and always named in the report.
    layer
        Layer of a vector file or sheet of a workbook, where there are several.
    north
        What azimuths count from; by default true north for rows with longitude and latitude, and
        grid north for rows with metres.
    mapping
        Which column means what, and words of one's own, from a mapping file.
    addresses
        Places by address, for rows that have no coordinates.
    corrections
        Cells of a table that a person corrected.
    local
        The local system of ``x`` and ``y`` columns, which then go before longitude and latitude, or
        of a layer that declares no CRS; it goes before `crs`.
    classes
        What a register of places may call its classes, as `registers.classes.classes_of`; by
        default those of the built-in packs.
    """

    datum: Datum | None = None
    crs: CRS | None = None
    encoding: str | None = None
    layer: str | None = None
    north: North | None = None
    mapping: ColumnMapping | None = field(default=None, compare=False)
    addresses: Addresses | None = field(default=None, compare=False)
    corrections: Corrections | None = field(default=None, compare=False)
    local: LocalSystem | None = field(default=None, compare=False)
    classes: Classes | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        """Refuse words that no source is read by, as if nothing or another had been declared.

        Raises
        ------
        MismatchError
            With the words that may be.
        """
        for name, said, known in (("datum", self.datum, DATUMS), ("north", self.north, NORTHS)):
            if said is not None and said not in known:
                msg = f"{name} is {said!r}, expected {', '.join(known)}"
                raise MismatchError(msg)


NOTHING = Declared()
"""Declares nothing."""


def assumed_datum() -> Note:
    """Return the sentence that names what is assumed of a source that names no datum."""
    return noted(
        "datum.assumed",
        N_("datum: assumed WGS 84, as the source names none; declare it if it is another"),
    )


MANY: Final = 5
"""Notes that a refusal names; more would say the same."""


class Remark(NamedTuple):
    """A text of a source that is none of its values, and where it stands.

    `where` is empty for the name of the file itself; `field` names a column, sheet or layer.
    """

    where: str
    field: str
    text: str


def remarks_of(
    source: str, columns: Iterable[str], beside: Sequence[Remark] = (), layer: str | None = None
) -> list[Remark]:
    """Return what a source says of itself: name, layer, notes, and names of columns.

    A column of coordinates says what it holds itself; another one may hold the same places in
    another datum.
    """
    names = [Remark("", name, name) for name in columns if not AXIS.search(name.lower())]
    return [Remark("", "", source), Remark("", "", layer or ""), *beside, *names]


def hold_datum(
    source: str, remarks: Iterable[Remark], claims: Sequence[Datum], declared: Declared
) -> Note | None:
    """Refuse remarks that name another datum than the coordinates are taken in.

    Parameters
    ----------
    source, remarks
        Name of the file, and what it says of itself. A remark that names several systems, as one
        about a conversion does, contradicts none of them.
    claims
        What the coordinates are taken in: as declared or as headers or rows say; nothing where it
        is assumed.
    declared
        To say whose word it is.

    Returns
    -------
    Note or None
        Which remark names the datum that is taken, if one does.

    Raises
    ------
    InputError
        With every remark that contradicts.
    """
    taken = claims or ("wgs84",)
    told = [
        (remark, named)
        for remark in remarks
        if (named := named_datums(remark.text, column=remark.field == remark.text))
    ]
    wrong = [remark for remark, named in told if not _frames(named) & _frames(taken)]
    if wrong:
        expected = N_(
            "%(datum)s, which the coordinates are taken in (%(by)s)",
            datum=_names(taken),
            by=_by(claims, declared),
        )
        raise InputError([_contradiction(source, remark, expected) for remark in wrong[:MANY]])
    if not told:
        return None
    first, named = told[0]
    return noted(
        "read.coordinates",
        N_("datum: %(datum)s, named in %(text)s", datum=_names(named), text=first.text[:60]),
    )


def _frames(datums: Iterable[Datum]) -> set[str]:
    """Return systems that are shifted by name, and one word for all that are not."""
    return {datum if datum in SHIFTED else "true" for datum in datums}


def _names(datums: Iterable[Datum]) -> str:
    known = set(datums)
    return ", ".join(DATUM_NAMES[datum] for datum in DATUMS if datum in known)


def _by(claims: Sequence[Datum], declared: Declared) -> Text:
    if not claims:
        return N_("assumed, as nothing is declared")
    if declared.datum in claims:
        return N_("declared, or named by the headers of the coordinates")
    return N_("named by a column")


def _contradiction(source: str, remark: Remark, expected: Text) -> Fault:
    return Fault(
        "datum.contradiction",
        source,
        remark.where,
        remark.field,
        remark.text[:100],
        expected,
        N_(
            "Declare the datum of the coordinates with --datum; where it is declared already, "
            "correct the name or note that says otherwise."
        ),
    )
