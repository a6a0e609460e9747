"""Data quality as a product: one page and one table per project."""

from civicsight.report.quality.bundle import write_quality
from civicsight.report.quality.measure import quality_of
from civicsight.report.quality.model import FieldQuality, Firm, LayerQuality, Limit, Quality

__all__ = [
    "FieldQuality",
    "Firm",
    "LayerQuality",
    "Limit",
    "Quality",
    "quality_of",
    "write_quality",
]
