"""What a reading process can be asked for, by name; a request names nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from civicsight.city.edited import read_edited
from civicsight.city.gazetteer import read_gazetteer
from civicsight.city.kinds import READERS as KINDS
from civicsight.city.kinds import guess_kind
from civicsight.city.project import read_city, read_osm
from civicsight.city.project_file import load_city
from civicsight.city.project_row import read_marks
from civicsight.city.raised import RASTERS
from civicsight.city.rasters.terrain import read_terrain
from civicsight.city.registers.papers import read_measured
from civicsight.city.tables.mapping import read_mapping
from civicsight.city.tables.source import read_sheet
from civicsight.city.vectors.geopackage import digest_layers
from civicsight.city.vectors.parquet import read_own
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
