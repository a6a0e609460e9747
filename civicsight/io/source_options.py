"""What a person declares about a source (CRS, datum, encoding, columns): nothing is guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from civicsight.core.errors import N_, Text
from civicsight.io.datums import Datum

if TYPE_CHECKING:
    from pyproj import CRS

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
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)


UNPLACED = frozenset({"crs.missing", "crs.zone", "crs.metres", "place.metres"})
"""Codes of faults that may end once the coordinate system of a source is declared."""


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
    """

    datum: Datum | None = None
    crs: CRS | None = None
    encoding: str | None = None
    layer: str | None = None
    north: Literal["grid", "true"] | None = None
    mapping: ColumnMapping | None = field(default=None, compare=False)
    addresses: Addresses | None = field(default=None, compare=False)


NOTHING = Declared()
"""Declares nothing."""


def assumed_datum() -> Text:
    """Return the sentence that names what is assumed of a source that names no datum."""
    return N_(
        "datum: assumed WGS 84, as the source names none; declare it with --datum if it is another"
    )
