"""What a check leaves behind: pages, tables, layers and rasters."""

from civicsight.report.check_files import write_report

__all__ = ["write_report"]
