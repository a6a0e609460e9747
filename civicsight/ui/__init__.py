"""The app: a map and its lists in a browser, for whoever plans, reviews, approves or audits."""

from __future__ import annotations

from civicsight.ui.config import OPTIONS, SCRIPT
from civicsight.ui.serve import parts

__all__ = ["OPTIONS", "SCRIPT", "parts"]
