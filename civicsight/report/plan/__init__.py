"""The plan as officials hand it on: document, pages, table of cameras, map sheets, layers."""

from civicsight.report.plan.papers import write_plan

__all__ = ["write_plan"]
