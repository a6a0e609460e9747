"""What a check leaves behind: pages, tables, layers and rasters."""

from civicsight.report.bundle import write_report
from civicsight.report.numbers import has_violation, summarise

__all__ = ["has_violation", "summarise", "write_report"]
