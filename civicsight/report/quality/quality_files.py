"""Everything that says how good the data of a project are: pages, tables, a layer of cells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio

from civicsight.core.atomic import written_whole
from civicsight.core.errors import N_
from civicsight.core.i18n import LANGUAGES, Language, in_all, translate
from civicsight.core.progress import Progress
from civicsight.core.settings import present_day
from civicsight.io.qgis_forms import add_styles
from civicsight.maps.quality_map import CLASS_LABELS, CLASS_STYLES, class_of
from civicsight.model import City
from civicsight.report.files import Write, write_files
from civicsight.report.geopackage import names_of
from civicsight.report.licence import city_notice, packs_notice
from civicsight.report.qgis_style import Style, write_qml
from civicsight.report.quality.cells import THEMES
from civicsight.report.quality.fitness import (
    FIELD_VERDICTS,
    ROLES,
    THEME_LABELS,
    LayerQuality,
    Quality,
)
from civicsight.report.quality.limits import quality_of
from civicsight.report.quality.quality_page import quality_page_name, write_quality_page
from civicsight.report.tables import plain_positions, write_csv, write_workbook
from civicsight.rules import Rules

TITLE = N_("Where the data are thin")


def write_cells(path: Path, cells: gpd.GeoDataFrame, *, notice: Mapping[str, str]) -> None:
    """Write the grid as layer ``cells`` of a GeoPackage, with a look for each theme.

    Parameters
    ----------
    path
        The ``.gpkg`` file.
    cells
        From `make_cells`; each theme also gets a column ``class_*``, by which it is coloured.
    notice
        Kept as metadata of the file.
    """
    classed = {f"class_{theme}": class_of(cells[f"share_{theme}"]) for theme in THEMES}
    frame = cells.assign(**classed).reset_index()
    with written_whole(path) as scratch:
        pyogrio.write_dataframe(
            frame,
            scratch,
            layer="cells",
            driver="GPKG",
            geometry_type="Polygon",
            layer_options={"IDENTIFIER": translate(TITLE)},
            layer_metadata=dict(notice),
            dataset_metadata=dict(notice),
        )
        names = names_of(frame)
        looks = [("cells", in_all(THEME_LABELS[theme]), _look(theme, names)) for theme in THEMES]
        add_styles(scratch, looks)


def _look(theme: str, names: Mapping[str, str]) -> str:
    style = Style("fill", CLASS_STYLES, f"class_{theme}", CLASS_LABELS)
    return write_qml(style, names=names)


def quality_tables(quality: Quality) -> dict[str, pd.DataFrame]:
    """Return ``quality``, ``limits`` and ``cells`` as plain tables; sentences in every language."""
    rows = [row for layer in quality.layers for row in _layer_rows(layer)]
    limits = [
        {
            "limit_id": limit.code,
            "layer": limit.layer,
            "count": limit.count,
            "of": limit.of,
            "share": limit.share,
            "lack": in_all(limit.lack),
            "effect": in_all(limit.effect),
            "remedy": in_all(limit.remedy),
        }
        for limit in quality.limits
    ]
    names = ["limit_id", "layer", "count", "of", "share", "lack", "effect", "remedy"]
    return {
        "quality": pd.DataFrame(rows, dtype=object).set_index("entry"),
        "limits": pd.DataFrame(limits, columns=names).set_index("limit_id"),
        "cells": plain_positions(quality.cells),
    }


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
    return [
        head,
        *(
            dict.fromkeys(head)
            | {
                "entry": f"{field.layer}.{field.name}",
                "layer": field.layer,
                "field": field.name,
                "meaning": in_all(field.meaning),
                "unit": field.unit,
                "role": in_all(ROLES[field.role]),
                "rows": field.rows,
                "known": field.known,
                "assumed": field.assumed,
                "missing": field.missing,
                "share_known": field.share,
                "verdict": in_all(FIELD_VERDICTS[field.verdict]),
            }
            for field in layer.fields
        ),
    ]


def _joined(texts: Any) -> str | None:
    """Join the texts that say something, each once, in their order."""
    return "; ".join(dict.fromkeys(text for text in texts if text)) or None


def write_quality(
    city: City,
    out_dir: str | Path,
    *,
    languages: Sequence[Language] = LANGUAGES,
    rules: Rules | None = None,
    made_on: dt.date | None = None,
    progress: Progress | None = None,
) -> list[Path]:
    """Write how good the data of a project are, and what that caps.

    Parameters
    ----------
    city
        The project.
    out_dir, languages
        Folder, made if it is missing, see `write_files`; languages of the pages.
    rules, made_on
        Rule packs whose caps are meant, by default those of the planners; day to print and to
        reckon ages from, today by default.
    progress
        Called with files done and files in all.

    Returns
    -------
    list
        The files, pages first.

    Raises
    ------
    SchemaError, InputError
        As `quality_of`.
    """
    quality = quality_of(city, rules=rules)
    notice = city_notice(quality.city) | packs_notice(quality.packs, quality.digests)
    tables = quality_tables(quality)
    beside = {
        "quality.csv": (
            N_("layers and columns as a table"),
            partial(write_csv, frame=tables["quality"]),
        ),
        "quality.xlsx": (
            N_("the same, the limits and the cells as a workbook"),
            partial(write_workbook, tables=tables, notes=notice),
        ),
        "quality.gpkg": (
            N_("the cells as a layer with its looks, for QGIS"),
            partial(write_cells, cells=quality.cells, notice=notice),
        ),
    }
    page = partial(
        write_quality_page,
        quality=quality,
        files_beside={name: text for name, (text, _) in beside.items()},
        made_on=made_on or present_day(),
    )
    files: dict[str, Write] = {}
    for own in languages:
        others = [other for other in languages if other != own]
        files[quality_page_name(own)] = partial(page, language=own, other_languages=others)
    beside_it = {name: write for name, (_, write) in beside.items()}
    return write_files(out_dir, files | beside_it, progress)
