"""Findings over the matrix: gaps, duplicates and overlaps, each row with its article and rule."""

from __future__ import annotations

from civicsight.coverage.findings.duplicates import find_duplicates
from civicsight.coverage.findings.evidence import GROUNDS
from civicsight.coverage.findings.gaps import find_gaps
from civicsight.coverage.findings.overlaps import count_watchers, find_overlaps
from civicsight.coverage.findings.reuse import find_repairs, find_reuse
from civicsight.coverage.findings.status import STATUSES, part_status

__all__ = [
    "GROUNDS",
    "STATUSES",
    "count_watchers",
    "find_duplicates",
    "find_gaps",
    "find_overlaps",
    "find_repairs",
    "find_reuse",
    "part_status",
]
