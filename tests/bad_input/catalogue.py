"""All cases, in the order of their numbers."""

from __future__ import annotations

from tests.bad_input import (
    cameras,
    catalogues,
    geometries,
    georeference,
    rasters,
    tables,
    vectors,
    workbooks,
)
from tests.bad_input.case import Case

ROOMS = (tables, workbooks, vectors, geometries, georeference, rasters, cameras, catalogues)
CASES: tuple[Case, ...] = tuple(
    sorted((case for room in ROOMS for case in room.CASES), key=lambda case: case.number)
)
