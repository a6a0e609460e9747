"""Permit sheets: what a proposed facility takes, for the office that allows or refuses it."""

from civicsight.report.permits.permit_files import write_permits

__all__ = ["write_permits"]
