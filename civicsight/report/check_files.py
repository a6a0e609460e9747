"""Everything that a check leaves behind: page, tables, layers and rasters, in one folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from civicsight.core.atomic import flush, written_together, written_whole
from civicsight.core.errors import N_, MismatchError, Text
from civicsight.core.i18n import LANGUAGES, Language
from civicsight.core.progress import Progress
from civicsight.report.check_page import page_name, write_page
from civicsight.report.geopackage import write_geopackage
from civicsight.report.geotiff import write_geotiff
from civicsight.report.licence import notice_of
from civicsight.report.tables import make_tables, write_csv, write_notes, write_workbook

if TYPE_CHECKING:
    from civicsight.coverage.raster import CoverageRaster
    from civicsight.coverage.result import CheckResult
    from civicsight.io.report import ImportReport


BESIDE: Final[dict[str, Text]] = {
    "civicsight.gpkg": N_("all layers with their looks, for QGIS"),
    "tables.xlsx": N_("cameras, places, gates and findings as a workbook"),
    "cameras.csv": N_("cameras as a table"),
    "zones.csv": N_("mandatory places as a table"),
    "parts.csv": N_("gates and key parts as a table"),
    "findings.csv": N_("findings as a table"),
    "about.csv": N_("sources, licences and rule packs with their digests, for the tables"),
    "best_px_m.tif": N_("detail on the ground, best camera [px/m], as a raster"),
    "cameras.tif": N_("number of camera heads that see each cell, as a raster"),
    "summary.json": N_("the headline figures, for machines"),
}
"""What is written beside the pages."""

RASTERS: Final = {"best_px_m.tif": "best_px_m", "cameras.tif": "cameras"}


def write_report(
    result: CheckResult,
    out_dir: str | Path,
    *,
    languages: Sequence[Language] = LANGUAGES,
    imports: Sequence[ImportReport] = (),
    progress: Progress | None = None,
) -> list[Path]:
    """Write all outputs of a result into a folder.

    Everything is made in a folder beside it first; a file there of the same name is replaced only
    when all are whole. Rasters of an earlier run go where this one has none; other files stay.

    Parameters
    ----------
    result
        What `check` found.
    out_dir
        Folder, made if it is missing.
    languages
        Languages of the pages.
    imports
        What happened to the inputs, told on the pages.
    progress
        Called with files done and files in all.

    Returns
    -------
    list
        The files, pages first.
    """
    out = Path(out_dir)
    with written_together(out) as scratch:
        names = _write_all(scratch, result, languages, imports, progress)
    for name in RASTERS.keys() - set(names):  # of an earlier run, which this one contradicts
        (out / name).unlink(missing_ok=True)
    flush(out)
    return [out / name for name in names]


def write_one(result: CheckResult, path: str | Path, language: Language) -> None:
    """Write one output; the suffix says which: ``.gpkg``, ``.xlsx``, ``.html`` or ``.json``.

    Raises
    ------
    MismatchError
        If the suffix is none of these.
    """
    file = Path(path)
    notice = notice_of(result)
    jobs: dict[str, Callable[[Path], object]] = {
        ".gpkg": lambda out: write_geopackage(out, result, notice=notice),
        ".xlsx": lambda out: write_workbook(out, make_tables(result), notice),
        ".html": lambda out: write_page(out, result, language, files_beside={}),
        ".json": lambda out: _write_json(out, result),
    }
    if file.suffix not in jobs:
        msg = f"{file.name} ends in {file.suffix!r}, expected one of {', '.join(jobs)}"
        raise MismatchError(msg)
    jobs[file.suffix](file)


def _write_all(
    folder: Path,
    result: CheckResult,
    languages: Sequence[Language],
    imports: Sequence[ImportReport],
    progress: Progress | None,
) -> list[str]:
    notice = notice_of(result)
    tables = make_tables(result)
    rasters = {} if _is_blank(result) else RASTERS
    beside = {name: text for name, text in BESIDE.items() if name not in RASTERS or name in rasters}
    jobs: dict[str, Callable[[Path], object]] = {}
    for language in languages:
        jobs[page_name(language)] = _page_job(result, language, languages, beside, imports)
    jobs["civicsight.gpkg"] = lambda path: write_geopackage(path, result, notice=notice)
    jobs["tables.xlsx"] = lambda path: write_workbook(path, tables, notice)
    for name, frame in tables.items():
        jobs[f"{name}.csv"] = partial(write_csv, frame=frame)
    jobs["about.csv"] = partial(write_notes, notes=notice)
    for name, kind in rasters.items():
        jobs[name] = _raster_job(result.raster, kind, notice)
    jobs["summary.json"] = lambda path: _write_json(path, result)
    for done, (name, job) in enumerate(jobs.items(), start=1):
        job(folder / name)
        if progress is not None:
            progress(done, len(jobs))
    return list(jobs)


def _page_job(
    result: CheckResult,
    language: Language,
    languages: Sequence[Language],
    beside: Mapping[str, Text],
    imports: Sequence[ImportReport],
) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        write_page(
            path,
            result,
            language,
            files_beside=beside,
            other_languages=[other for other in languages if other != language],
            imports=imports,
        )

    return write


def _raster_job(
    raster: CoverageRaster | None, kind: str, notice: dict[str, str]
) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        if raster is not None:
            write_geotiff(path, raster, kind, tags=notice)

    return write


def _is_blank(result: CheckResult) -> bool:
    return result.raster is None or next(result.raster.blocks(), None) is None


def _write_json(path: Path, result: CheckResult) -> None:
    judged = {"rules": result.rules.versions, "rules_sha256": dict(result.rules.sha256)}
    text = json.dumps(result.summary | judged, ensure_ascii=False, indent=2) + "\n"
    with written_whole(path) as scratch:
        scratch.write_text(text, encoding="utf-8")
