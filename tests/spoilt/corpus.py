"""All hostile files and projects, the same ones every time, and which formats they attack."""

from __future__ import annotations

from typing import Final

from civicsight.io.file_formats import FORMATS
from tests.spoilt.attacks import (
    bases,
    books,
    exchange,
    extracts,
    markup,
    models,
    packages,
    papers,
    places,
    projects,
    rasters,
    shapefiles,
    texts,
    whole,
)
from tests.spoilt.case import Case
from tests.spoilt.sound import NOT_A_TABLE

PROJECT: Final = "project"
CORPUS: Final[tuple[Case, ...]] = tuple(
    case
    for room in (
        *(whole, packages, markup, texts, books, exchange, places),
        *(models, shapefiles, bases, extracts, rasters, papers, projects),
    )
    for case in room.CASES
)
FILES: Final = tuple(case for case in CORPUS if case.format != PROJECT)
PROJECTS: Final = tuple(case for case in CORPUS if case.format == PROJECT)
READ_FORMATS: Final = (*(entry.name for entry in FORMATS if entry.holds), *NOT_A_TABLE.values())
"""What is read: each is attacked at least `EACH` times."""

EACH: Final = 8


def sample(each: int) -> list[Case]:
    """Return so many cases of each format, spread over its attacks, none of them dear."""
    chosen: list[Case] = []
    for name in dict.fromkeys(case.format for case in CORPUS):
        own = [case for case in CORPUS if case.format == name and not case.slow]
        chosen += own[:: max(len(own) // each, 1)][:each]
    return chosen
