"""What a reading process can be asked for, by name; a request names nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from civicsight.city.edits.reading import read_edited
from civicsight.city.kinds import READERS as KINDS
from civicsight.city.kinds import guess_kind
from civicsight.city.project import read_city
from civicsight.city.project_file import load_city
from civicsight.city.rasters.canopy import read_canopy
from civicsight.city.rasters.footprint_heights import heights_from_surface
from civicsight.city.rasters.surface import read_surface
from civicsight.city.rasters.terrain import load_terrain
from civicsight.city.tables.source import read_sheet

READERS: Final[Mapping[str, Callable[..., Any]]] = {
    **KINDS,
    "kind": guess_kind,
    "city": read_city,
    "project": load_city,
    "edited": read_edited,
    "sheet": read_sheet,
    "terrain": load_terrain,
    "canopy": read_canopy,
    "surface": read_surface,
    "heights": heights_from_surface,
}
"""Reader by name; each takes the path of a file first."""
