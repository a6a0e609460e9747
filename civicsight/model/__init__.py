"""The tables that cross module borders, each declared once: column, kind, unit, meaning.

All tables of a project share one metric CRS; `civicsight.core.table` says what a declaration holds
and how a table is checked against it.
"""

from __future__ import annotations

from civicsight.core.column import Column
from civicsight.core.table import Table, require_metric
from civicsight.model.city import City, empty_tables
from civicsight.model.inputs import (
    BARRIERS,
    BUILDINGS,
    CAMERAS,
    CANOPIES,
    CITY_TABLES,
    DISTRICTS,
    ENTRANCES,
    LAND_COVER,
    OBSTACLES,
    PLACES,
    PRIVATE_PLACES,
    PROJECTS,
    ROADS,
    SIGNS,
)
from civicsight.model.plan_tables import MEASURE_KINDS, MEASURES, PROPOSALS
from civicsight.model.records import (
    ANSWERS,
    CHANGES,
    CONSENT_AREAS,
    DOCUMENTS,
    PLANS,
    RECORD_TABLES,
)
from civicsight.model.results import FINDINGS, HEADS, NEED, PARTS, READINGS, SAMPLES, ZONES

__all__ = ["ANSWERS", "BARRIERS", "BUILDINGS", "CAMERAS", "CANOPIES", "CHANGES", "CITY_TABLES",
           "CONSENT_AREAS", "DISTRICTS", "DOCUMENTS", "ENTRANCES", "FINDINGS", "HEADS",
           "LAND_COVER", "MEASURES", "MEASURE_KINDS", "NEED", "OBSTACLES", "PARTS", "PLACES",
           "PLANS", "PRIVATE_PLACES", "PROJECTS", "PROPOSALS", "READINGS", "RECORD_TABLES",
           "ROADS", "SAMPLES", "SIGNS", "TABLES", "ZONES", "City", "Column", "Table",
           "empty_tables", "require_metric"]  # fmt: skip

TABLES = (*CITY_TABLES, HEADS, ZONES, PARTS, SAMPLES, FINDINGS, MEASURES)
