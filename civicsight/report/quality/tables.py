"""The table of data quality: a row for each layer, then one for each of its columns."""

from __future__ import annotations

from typing import Any

import pandas as pd

from civicsight.core.errors import Text
from civicsight.core.i18n import translate
from civicsight.report.quality.model import FieldQuality, LayerQuality, Quality
from civicsight.report.quality.words import FIELD_VERDICTS, ROLES
from civicsight.report.tables import plain_positions


def quality_tables(quality: Quality) -> dict[str, pd.DataFrame]:
    """Return ``quality``, ``limits`` and ``cells`` as plain tables; sentences in both languages."""
    rows = [row for layer in quality.layers for row in _layer_rows(layer)]
    limits = [
        {
            "limit_id": limit.code,
            "layer": limit.layer,
            "count": limit.count,
            "of": limit.of,
            "share": limit.share,
            "lack": both(limit.lack),
            "effect": both(limit.effect),
            "remedy": both(limit.remedy),
        }
        for limit in quality.limits
    ]
    names = ["limit_id", "layer", "count", "of", "share", "lack", "effect", "remedy"]
    return {
        "quality": pd.DataFrame(rows, dtype=object).set_index("entry"),
        "limits": pd.DataFrame(limits, columns=names).set_index("limit_id"),
        "cells": plain_positions(quality.cells),
    }


def both(text: Text) -> str:
    """Return a sentence in Chinese and English."""
    return f"{translate(text, 'zh_CN')} {translate(text, 'en')}"


def _layer_rows(layer: LayerQuality) -> list[dict[str, Any]]:
    entries = layer.provenance
    imports = [entry for entry in entries if entry.how == "imported"]
    head = {
        "entry": layer.name,
        "layer": layer.name,
        "field": None,
        "meaning": None,
        "unit": None,
        "role": None,
        "rows": layer.rows,
        "known": None,
        "assumed": None,
        "missing": None,
        "share_known": None,
        "verdict": None,
        "sources": _joined(entry.source for entry in entries),
        "imported_on": _joined(entry.imported_on for entry in entries),
        "surveyed_on": _joined(entry.surveyed_on for entry in imports),
        "datum": _joined(entry.datum for entry in imports),
        "crs_found": _joined(entry.crs_found for entry in imports),
        "encoding": _joined(entry.encoding for entry in imports),
        "read": sum(entry.read for entry in imports) if imports else None,
        "kept": sum(entry.kept for entry in imports) if imports else None,
        "repaired": layer.repaired if imports else None,
        "rejected": layer.rejected if imports else None,
        "edited": layer.edited,
        "licence": _joined(entry.licence for entry in entries),
    }
    return [head, *(_field_row(field, head) for field in layer.fields)]


def _field_row(field: FieldQuality, head: dict[str, Any]) -> dict[str, Any]:
    return dict.fromkeys(head) | {
        "entry": f"{field.layer}.{field.name}",
        "layer": field.layer,
        "field": field.name,
        "meaning": both(field.meaning),
        "unit": field.unit,
        "role": both(ROLES[field.role]),
        "rows": field.rows,
        "known": field.known,
        "assumed": field.assumed,
        "missing": field.missing,
        "share_known": field.share,
        "verdict": both(FIELD_VERDICTS[field.verdict]),
    }


def _joined(texts: Any) -> str | None:
    """Join the texts that say something, each once, in their order."""
    return "; ".join(dict.fromkeys(text for text in texts if text)) or None
