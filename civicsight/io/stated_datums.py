"""What titles, notes and names of a source say of its datum, held against what is declared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from civicsight.core.errors import N_, Fault, InputError, Text
from civicsight.io.datums import DATUM_NAMES, DATUMS, SHIFTED, Datum
from civicsight.io.source_options import Declared
from civicsight.io.tables.words_cells import AXIS, named_datums

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
) -> Text | None:
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
    Text or None
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
    return N_("datum: %(datum)s, named in %(text)s", datum=_names(named), text=first.text[:60])


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
