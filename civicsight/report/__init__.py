"""What a check leaves behind: pages, tables, layers and rasters."""

from civicsight.report.bundle import write_report

__all__ = ["write_report"]
