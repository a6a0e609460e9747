"""The places of the made district, by quarter."""

from __future__ import annotations

from district.sites.middle import MIDDLE_EAST, MIDDLE_WEST
from district.sites.north import NORTH_EAST, NORTH_WEST
from district.sites.riverside import RIVERSIDE
from district.sites.south import SOUTH

__all__ = ["SITES"]

SITES = SOUTH + MIDDLE_WEST + MIDDLE_EAST + NORTH_WEST + NORTH_EAST + RIVERSIDE
