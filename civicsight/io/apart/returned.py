"""What a reader returns: whoever waits for it holds it to that before anybody uses it.

A file may have taken the reading process over; then what comes back is of its making.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd

from civicsight.io.edited import EditedFile
from civicsight.io.report import ImportReport
from civicsight.io.source_options import ColumnMapping
from civicsight.io.tables.addresses import Addresses
from civicsight.io.tables.sheet import Sheet
from civicsight.model import (
    BUILDINGS,
    CAMERAS,
    CANOPIES,
    CITY_TABLES,
    CONSENT_AREAS,
    OBSTACLES,
    PRIVATE_PLACES,
    PROPOSALS,
    RECORD_TABLES,
    City,
    Table,
)
from civicsight.model.measured import MEASURED
from civicsight.model.terrain import Terrain
from civicsight.rules.document import Document

DECLARED: Final[Mapping[str, Table]] = {
    **{table.name: table for table in (*CITY_TABLES, *RECORD_TABLES, PROPOSALS, MEASURED)},
    "catalogue": CAMERAS,
    "private": PRIVATE_PLACES,
    "consent": CONSENT_AREAS,
    "canopy": CANOPIES,
    "trees": CANOPIES,
    "surface": OBSTACLES,
    "heights": BUILDINGS,
}
"""The table that a reader returns with a report, by its name."""

KINDS: Final[Mapping[str, tuple[type, ...]]] = {
    **dict.fromkeys(DECLARED, (gpd.GeoDataFrame, ImportReport)),
    "city": (City, ImportReport),
    "osm": (City, ImportReport),
    "terrain": (Terrain, ImportReport),
    "marks": (frozenset, dict),
    "project": (City,),
    "ground": (Terrain,),
    "edited": (EditedFile,),
    "gazetteer": (Addresses,),
    "heads": (gpd.GeoDataFrame,),
    "layers": (dict,),
    "kind": (str,),
    "mapping": (ColumnMapping,),
    "pack": (Document,),
    "sheet": (Sheet,),
}
"""The types of what each reader returns."""

OF_TEXT: Final = frozenset({"layers"})
"""Readers that return texts by name."""


def require_declared(reader: str, value: Any) -> None:
    """Refuse what a reader of this name does not return; of names of others nothing is known.

    Raises
    ------
    ValueError
        If it is of another type.
    SchemaError, CrsError
        If a table is not as it is declared; those of a city were looked at when it was made.
    """
    kinds = KINDS.get(reader)
    if kinds is None:
        return
    parts = value if len(kinds) > 1 and isinstance(value, tuple) else (value,)
    fits = len(parts) == len(kinds) and all(map(isinstance, parts, kinds))
    if reader in OF_TEXT:
        fits = fits and all(isinstance(said, str) for entry in value.items() for said in entry)
    if not fits:
        msg = f"{', '.join(type(part).__name__ for part in parts)} instead of what {reader} is"
        raise ValueError(msg)
    if reader in DECLARED:
        DECLARED[reader].check(parts[0])
