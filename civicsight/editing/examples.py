"""Cities to try: the made district of a clone, and central Helsinki as OpenStreetMap maps it."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from civicsight.core.errors import N_, Text

if TYPE_CHECKING:
    from civicsight.model import City

DISTRICT, HELSINKI = "district", "helsinki"
INSIDE: Final = Path("data", "demo")
PLACES: Final = (Path(__file__).resolve().parent.parent.parent, Path(sys.prefix).parent)
DATA: Final = next((at / INSIDE for at in PLACES if (at / INSIDE).is_dir()), PLACES[0] / INSIDE)
"""The made district lies beside the package in a clone, beside its environment in a bundle."""

LABELS: Final[dict[str, Text]] = {
    DISTRICT: N_("Made-up district: every kind of finding, with cameras, gates and registers"),
    HELSINKI: N_("Central Helsinki, as OpenStreetMap maps it"),
}


def list_examples() -> list[str]:
    """Return the codes of the examples that are here, the first to try first."""
    return [DISTRICT, HELSINKI] if (DATA / "district.gpkg").is_file() else [HELSINKI]


def read_example(code: str) -> City:
    """Read an example; its files are ours, and nothing is downloaded.

    Raises
    ------
    KeyError
        If there is none of this code.
    """
    from civicsight.io import helsinki_path, read_cameras
    from civicsight.io.project import read_city

    if code not in list_examples():
        raise KeyError(code)
    if code == HELSINKI:
        return read_city(helsinki_path(), name="Helsinki")[0]
    city, _ = read_city(DATA / "district.gpkg")
    cameras, _ = read_cameras(DATA / "cameras.csv", near=city)
    return replace(city, cameras=cameras)
