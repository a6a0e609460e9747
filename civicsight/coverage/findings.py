"""Findings over the matrix: gaps, duplicates and overlaps, each row with its article and rule."""

from __future__ import annotations

from civicsight.coverage.duplicates import find_duplicates
from civicsight.coverage.evidence import GROUNDS
from civicsight.coverage.gaps import find_gaps
from civicsight.coverage.overlaps import count_watchers, find_overlaps
from civicsight.coverage.reuse import find_reuse
from civicsight.coverage.status import STATUSES, part_status

__all__ = [
    "GROUNDS",
    "STATUSES",
    "count_watchers",
    "find_duplicates",
    "find_gaps",
    "find_overlaps",
    "find_reuse",
    "part_status",
]
