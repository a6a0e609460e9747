"""What a reading process can be asked for, by name; a request names nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from civicsight.io.assemble import RASTERS
from civicsight.io.edited import read_edited
from civicsight.io.gazetteer import read_gazetteer
from civicsight.io.project import read_city, read_osm
from civicsight.io.project_file import load_city
from civicsight.io.project_row import read_marks
from civicsight.io.rasters.terrain import read_terrain
from civicsight.io.reader_registry import READERS as KINDS
from civicsight.io.reader_registry import guess_kind
from civicsight.io.registers.planning import read_measured
from civicsight.io.tables.column_matching import read_mapping
from civicsight.io.tables.source import read_sheet
from civicsight.io.vectors.geopackage import digest_layers
from civicsight.io.vectors.parquet import read_own
from civicsight.rules.loader import read_pack

READERS: Final[Mapping[str, Callable[..., Any]]] = {
    **KINDS,
    **RASTERS,
    "kind": guess_kind,
    "city": read_city,
    "osm": read_osm,
    "ground": read_terrain,
    "project": load_city,
    "marks": read_marks,
    "edited": read_edited,
    "sheet": read_sheet,
    "gazetteer": read_gazetteer,
    "heads": read_own,
    "layers": digest_layers,
    "measured": read_measured,
    "mapping": read_mapping,
    "pack": read_pack,
}
"""Reader by name; each takes the path of a file first."""
