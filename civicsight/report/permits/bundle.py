"""Everything that a permit check writes: sheets, a table, layers, in a folder."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from civicsight.core.i18n import LANGUAGES, Language
from civicsight.core.progress import Progress
from civicsight.core.settings import present_day
from civicsight.coverage.obstruction import Permit
from civicsight.coverage.result import CheckResult
from civicsight.report.licence import notice_of
from civicsight.report.permits.page import sheet_name, write_sheet
from civicsight.report.permits.tables import loss_table, view_table, write_permit_layers
from civicsight.report.permits.words import TABLE_HEADS, VIEW_HEADS
from civicsight.report.tables import write_csv


def write_permits(
    result: CheckResult,
    permits: Sequence[Permit],
    out_dir: str | Path,
    *,
    languages: Sequence[Language] = LANGUAGES,
    made_on: dt.date | None = None,
    progress: Progress | None = None,
) -> list[Path]:
    """Write the sheets of a permit check, its losses as a table and as layers.

    Parameters
    ----------
    result, permits
        What was checked, and what `obstruct` found; with ``ground`` the pictures show it.
    out_dir
        Folder, made if it is missing; files of the same name are replaced, each as a whole.
    languages
        Languages of the sheets.
    made_on
        Day to print; today by default.
    progress
        Called with files done and files in all.

    Returns
    -------
    list
        The files, sheets first.
    """
    out = Path(out_dir)
    out.mkdir(parents=True, exist_ok=True)
    day = made_on or present_day()
    files = []
    total = len(permits) * len(languages) + 3
    for number, permit in enumerate(permits, start=1):
        for language in languages:
            path = out / sheet_name(permit, number, language)
            write_sheet(path, result, permit, language, made_on=day)
            files.append(path)
            if progress is not None:
                progress(len(files), total)
    table, views, layers = (out / name for name in ("losses.csv", "views.csv", "losses.gpkg"))
    write_csv(table, loss_table(permits), TABLE_HEADS)
    write_csv(views, view_table(permits), VIEW_HEADS)
    write_permit_layers(layers, result, permits, notice_of(result))
    if progress is not None:
        progress(total, total)
    return [*files, table, views, layers]
