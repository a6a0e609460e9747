"""The page of data quality: what can be believed, why, and where to record first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from civicsight.core import i18n
from civicsight.core.errors import N_, Text
from civicsight.core.i18n import HTML_LANGUAGE, Language
from civicsight.io.report import LAYER_LABELS
from civicsight.maps.assets import take_apart
from civicsight.maps.quality_map import CLASS_LABELS, CLASS_STYLES, quality_map
from civicsight.model.notes import sentence_of
from civicsight.model.provenance import Provenance
from civicsight.presentation.columns import HEADINGS
from civicsight.presentation.drawing import draw_shares
from civicsight.presentation.lexicon import number, share
from civicsight.presentation.reading_notes import note_table
from civicsight.report.files import write_bytes
from civicsight.report.html import links_to, origin_of, read_template, render
from civicsight.report.quality.cells import COLUMNS, THEMES
from civicsight.report.quality.fitness import (
    FIELD_VERDICTS,
    FIRM_LABELS,
    MISSING_LAYERS,
    ROLES,
    THEME_LABELS,
    FieldQuality,
    Firm,
    LayerQuality,
    Quality,
)

MOST_CELLS: Final = 6
"""So many cells are listed for a theme, those in which most lacks first."""

ROLE_ORDER: Final = ("decides", "helps", "describes")


def quality_page_name(language: Language) -> str:
    """Return the file name of the page in a language."""
    return f"quality.{HTML_LANGUAGE[language]}.html"


def write_quality_page(
    path: Path,
    quality: Quality,
    language: Language,
    *,
    files_beside: Mapping[str, Text],
    other_languages: Sequence[Language] = (),
    made_on: dt.date,
) -> None:
    """Write the page in one language: one file that asks the network for nothing."""
    translate = partial(i18n.translate, language=language)
    themes = {
        theme: translate(THEME_LABELS[theme])
        for theme in THEMES
        if quality.cells[f"share_{theme}"].notna().any()
    }
    labels = [translate(HEADINGS[name]) for name in COLUMNS]
    counts = quality.cells[list(COLUMNS)].to_numpy(np.int64)
    drawn = take_apart(
        quality_map(
            quality.city,
            quality.cameras,
            quality.cells,
            themes,
            [
                [(label, number(int(n))) for label, n in zip(labels, row, strict=True) if n]
                for row in counts
            ],
            language,
        )
    )
    own = {
        **_head(quality, language, other_languages, made_on),
        **_lists(quality, language, made_on),
        "banners": [translate(sentence_of(one)) for one in quality.city.notes if one.is_loud],
        "notes": note_table(quality.city.notes, language),
        "map_markup": drawn.markup,
        "themes": _themes(quality, themes, translate),
        "classes": [
            {"colour": look["color"], "fill": look["fill"], "label": translate(CLASS_LABELS[name])}
            for name, look in CLASS_STYLES.items()
        ],
        "cell_m": number(quality.cell_m),
        "files": [{"name": name, "text": translate(text)} for name, text in files_beside.items()],
    }
    styles = [*drawn.styles, read_template("page.css"), read_template("quality.css")]
    scripts = (*drawn.libraries, drawn.script, read_template("quality.js"))
    write_bytes(path, render("quality.html.jinja", language, own, styles=styles, scripts=scripts))


def _head(
    quality: Quality, language: Language, other_languages: Sequence[Language], made_on: dt.date
) -> dict[str, Any]:
    title = i18n.translate(N_("How good the data are"), language)
    return origin_of(quality.city, language) | {
        "page_title": f"{quality.city.name} · {title}",
        "date": made_on.isoformat(),
        "packs": quality.packs,
        "digests": quality.digests,
        "other_pages": links_to(other_languages, quality_page_name),
    }


def _lists(quality: Quality, language: Language, made_on: dt.date) -> dict[str, Any]:
    translate = partial(i18n.translate, language=language)
    firm = {entry.code: entry for entry in quality.firm}
    return {
        "headline": translate(_headline(firm)),
        "firm": [
            {
                "label": translate(FIRM_LABELS[code]),
                "firm": number(firm[code].firm),
                "of": number(firm[code].of),
                "share": share(firm[code].firm / firm[code].of) if firm[code].of else "–",
                "bar": draw_shares([firm[code].firm, 0, firm[code].of - firm[code].firm], ""),
            }
            for code in FIRM_LABELS
        ],
        "limits": [
            {
                "code": entry.code,
                "share": share(entry.share) if entry.of else "",
                "count": number(entry.count),
                "of": number(entry.of) if entry.of else "",
                "bar": draw_shares([0, 0, entry.count, entry.of - entry.count], ""),
                "lack": translate(entry.lack),
                "effect": translate(entry.effect),
                "remedy": translate(entry.remedy),
            }
            for entry in quality.limits
        ],
        "layers": [_layer(layer, quality, translate, made_on) for layer in quality.layers],
        "max_age": number(quality.max_age_days),
    }


def _headline(firm: Mapping[str, Firm]) -> Text:
    """Say how many cameras are sure, and at how many gates a violation can be found at all."""
    findings, cameras = firm["findings"], firm["cameras"]
    values = {"cameras": number(cameras.firm), "all_cameras": number(cameras.of)}
    if not findings.of:
        return N_(
            "%(cameras)s of %(all_cameras)s cameras in use can cover anything for sure; there are "
            "no data on places, so no gate was looked at.",
            **values,
        )
    return N_(
        "%(cameras)s of %(all_cameras)s cameras in use can cover anything for sure; at "
        "%(parts)s of %(all_parts)s gates and key parts the data would prove a violation, if there "
        "is one.",
        parts=number(findings.firm),
        all_parts=number(findings.of),
        **values,
    )


def _layer(
    layer: LayerQuality, quality: Quality, translate: Any, made_on: dt.date
) -> dict[str, Any]:
    fields = sorted(layer.fields, key=lambda field: ROLE_ORDER.index(field.role))
    empty = MISSING_LAYERS.get(layer.name)
    return {
        "name": layer.name,
        "label": translate(LAYER_LABELS[layer.name]),
        "rows": number(layer.rows),
        "has_rows": layer.rows > 0,
        "without": translate(empty) if empty is not None and not layer.rows else "",
        "age": _age(layer, quality, translate, made_on),
        "sources": [_source(entry, translate) for entry in layer.provenance],
        "repaired": number(layer.repaired) if layer.provenance else "–",
        "rejected": number(layer.rejected) if layer.provenance else "–",
        "edited": number(layer.edited) if layer.provenance else "–",
        "decides": [_field(field, translate) for field in fields if field.role == "decides"],
        "fields": [_field(field, translate) for field in fields],
        "is_open": any(f.role == "decides" and f.verdict != "complete" for f in fields),
    }


def _field(field: FieldQuality, translate: Any) -> dict[str, Any]:
    counts = [field.known, field.assumed, field.missing]
    label = translate(
        N_(
            "%(known)s known, %(assumed)s assumed, %(missing)s missing",
            known=number(field.known),
            assumed=number(field.assumed),
            missing=number(field.missing),
        )
    )
    return {
        "name": field.name,
        "meaning": translate(field.meaning),
        "unit": field.unit,
        "role": field.role,
        "role_text": translate(ROLES[field.role]),
        "share": share(field.share),
        "counts": label,
        "bar": draw_shares(counts, label),
        "verdict": field.verdict,
        "verdict_text": translate(FIELD_VERDICTS[field.verdict]),
    }


def _age(layer: LayerQuality, quality: Quality, translate: Any, made_on: dt.date) -> dict[str, Any]:
    """Say of which day the rows are, and whether the rule pack takes that as too long ago."""
    if not layer.rows or not layer.as_of:
        return {"text": "–" if not layer.rows else translate(N_("not known")), "old": False}
    days = (made_on - dt.date.fromisoformat(layer.as_of)).days
    word = N_("surveyed %(day)s") if layer.is_surveyed else N_("imported %(day)s")
    return {
        "text": translate(Text(word.template, {"day": layer.as_of})),
        "old": days > quality.max_age_days,
    }


def _source(entry: Provenance, translate: Any) -> dict[str, Any]:
    """Tell one import or edit in a line."""
    if entry.how == "edited":
        changes = sum(number for _, number in entry.counts)
        line = N_(
            "edited by hand on %(day)s: %(count)s changes", day=entry.imported_on, count=changes
        )
        return {"name": entry.source, "line": translate(line), "facts": []}
    line = N_(
        "imported on %(day)s: %(read)s read, %(kept)s kept",
        day=entry.imported_on or "–",
        read=number(entry.read),
        kept=number(entry.kept),
    )
    facts = [
        (N_("surveyed on"), entry.surveyed_on),
        (N_("coordinate system"), entry.crs_found),
        (N_("datum"), entry.datum),
        (N_("text encoding"), entry.encoding),
        (N_("licence"), entry.licence),
    ]
    return {
        "name": entry.source,
        "line": translate(line),
        "facts": [
            f"{translate(label)}{translate(N_(': '))}{value}" for label, value in facts if value
        ],
    }


def _themes(quality: Quality, themes: Mapping[str, str], translate: Any) -> list[dict[str, Any]]:
    """Return the themes of the map, each with the cells in which most lacks."""
    out = []
    for theme, label in themes.items():
        lacks, there = THEMES[theme]
        worst = quality.cells[quality.cells[lacks] > 0]
        worst = worst.sort_values([lacks, there], ascending=[False, True], kind="stable")
        out.append(
            {
                "name": theme,
                "label": label,
                "lacks": translate(HEADINGS[lacks]),
                "there": translate(HEADINGS[there]),
                "cells": [
                    {"id": str(name), "lacks": number(a), "there": number(b), "share": share(a / b)}
                    for name, a, b in worst[[lacks, there]].head(MOST_CELLS).itertuples()
                ],
                "more": max(0, len(worst) - MOST_CELLS),
            }
        )
    return out
