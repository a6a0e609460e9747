"""Which reader takes which file, and which files are left out and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from tools.golden.arrays import read_array, read_raster
from tools.golden.canonical import Pieces
from tools.golden.pages import read_docx, read_json, read_page, read_text, read_xml
from tools.golden.tables import read_csv, read_geopackage, read_parquet, read_workbook

READERS: Final[dict[str, Callable[[Path], Iterator[tuple[str, Pieces]]]]] = {
    ".csv": read_csv,
    ".docx": read_docx,
    ".geojson": read_json,
    ".gpkg": read_geopackage,
    ".html": read_page,
    ".gpx": read_xml,
    ".json": read_json,
    ".kml": read_xml,
    ".npy": read_array,
    ".npz": read_array,
    ".parquet": read_parquet,
    ".qml": read_text,
    ".sha256": read_text,
    ".tif": read_raster,
    ".txt": read_text,
    ".qgs": read_xml,
    ".xlsx": read_workbook,
    ".xml": read_xml,
    ".yaml": read_text,
}
PICTURES: Final = {
    ".kmz": "it is the KML beside it, packed",
    ".pdf": "it is rendered from the page beside it, which is held",
    ".png": "its pixels are those of a drawing library; what it draws is held as tables",
}
"""Suffixes of which only the presence of a file is held, with the reason."""


def read_folder(folder: Path) -> Iterator[tuple[str, str, Pieces]]:
    """Yield file, part and pieces of everything in a folder.

    Raises
    ------
    LookupError
        If a file is of a kind that nobody reads yet.
    """
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = path.relative_to(folder).as_posix()
            if path.suffix in PICTURES:
                yield name, "", {"": ["written"]}
                continue
            if path.suffix not in READERS:
                msg = f"{name}: no reader for {path.suffix} in {__name__}; name one there"
                raise LookupError(msg)
            for part, pieces in READERS[path.suffix](path):
                yield name, part, pieces
