"""Data quality as a product: one page and one table per project."""

from civicsight.report.quality.fitness import FieldQuality, Firm, LayerQuality, Limit, Quality
from civicsight.report.quality.limits import quality_of
from civicsight.report.quality.quality_files import write_quality

__all__ = [
    "FieldQuality",
    "Firm",
    "LayerQuality",
    "Limit",
    "Quality",
    "quality_of",
    "write_quality",
]
