"""Everything that says how good the data of a project are: pages, a table, a layer, in a folder."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from civicsight.core.atomic import written_together
from civicsight.core.errors import N_, Text
from civicsight.core.i18n import LANGUAGES, Language
from civicsight.core.progress import Progress
from civicsight.core.settings import present_day
from civicsight.model import City
from civicsight.report.licence import city_notice, packs_notice
from civicsight.report.quality.geopackage import write_cells
from civicsight.report.quality.measure import quality_of
from civicsight.report.quality.model import Quality
from civicsight.report.quality.page import quality_page_name, write_quality_page
from civicsight.report.quality.tables import quality_tables
from civicsight.report.tables import write_csv, write_workbook
from civicsight.rules import Rules

BESIDE: Final[dict[str, Text]] = {
    "quality.csv": N_("layers and columns as a table"),
    "quality.xlsx": N_("the same, the limits and the cells as a workbook"),
    "quality.gpkg": N_("the cells as a layer with its looks, for QGIS"),
}
"""What is written beside the pages."""


def write_quality(
    city: City,
    out_dir: str | Path,
    *,
    languages: Sequence[Language] = LANGUAGES,
    rules: Rules | None = None,
    made_on: dt.date | None = None,
    warnings: Sequence[Text] = (),
    progress: Progress | None = None,
) -> list[Path]:
    """Write how good the data of a project are, and what that caps.

    All files are made in a folder beside it first; those of the same name are replaced only when
    all are whole, other files stay.

    Parameters
    ----------
    city
        The project.
    out_dir
        Folder, made if it is missing.
    languages
        Languages of the pages.
    rules
        Rule packs whose caps are meant; by default those of the planners.
    made_on
        Day to print and to reckon ages from; today by default.
    warnings
        What has to be heard first of the inputs.
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
    day = made_on or present_day()
    out = Path(out_dir)
    return _write(_jobs(quality, languages, day, warnings), out, progress)


def _write(
    jobs: dict[str, Callable[[Path], None]], out: Path, progress: Progress | None
) -> list[Path]:
    """Make all files beside their place, then move them into it."""
    with written_together(out) as scratch:
        for done, (name, job) in enumerate(jobs.items(), start=1):
            job(scratch / name)
            if progress is not None:
                progress(done, len(jobs))
    return [out / name for name in jobs]


def _jobs(
    quality: Quality, languages: Sequence[Language], day: dt.date, warnings: Sequence[Text]
) -> dict[str, Callable[[Path], None]]:
    notice = city_notice(quality.city) | packs_notice(quality.packs, quality.digests)
    tables = quality_tables(quality)
    jobs: dict[str, Callable[[Path], None]] = {
        quality_page_name(language): partial(
            write_quality_page,
            quality=quality,
            language=language,
            files_beside=BESIDE,
            other_languages=[other for other in languages if other != language],
            made_on=day,
            warnings=warnings,
        )
        for language in languages
    }
    jobs["quality.csv"] = partial(write_csv, frame=tables["quality"])
    jobs["quality.xlsx"] = partial(write_workbook, tables=tables, notes=notice)
    jobs["quality.gpkg"] = partial(write_cells, cells=quality.cells, notice=notice)
    return jobs
