"""What a reading process can be asked for, by name; a request names nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from civicsight.city.edits.reading import read_edited
from civicsight.city.kinds import READERS as KINDS
from civicsight.city.kinds import guess_kind
from civicsight.city.project import read_city
from civicsight.city.project_file import load_city
from civicsight.city.raised import RASTERS
from civicsight.city.tables.source import read_sheet

READERS: Final[Mapping[str, Callable[..., Any]]] = {
    **KINDS,
    **RASTERS,
    "kind": guess_kind,
    "city": read_city,
    "project": load_city,
    "edited": read_edited,
    "sheet": read_sheet,
}
"""Reader by name; each takes the path of a file first."""
