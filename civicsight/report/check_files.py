"""Everything that a check leaves behind: page, tables, layers and rasters, in one folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from civicsight.core.errors import N_, MismatchError, Text
from civicsight.core.i18n import LANGUAGES, Language
from civicsight.core.progress import Progress
from civicsight.planning.statement.figures import figures_of_check
from civicsight.report.check_page import page_name, write_page
from civicsight.report.files import Write, write_files, write_json
from civicsight.report.geopackage import PackageLayer, map_layers, write_geopackage, write_package
from civicsight.report.geotiff import write_geotiff
from civicsight.report.licence import notice_of
from civicsight.report.qgis_project import project_name, write_project
from civicsight.report.tables import make_tables, write_csv, write_notes, write_workbook

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult
    from civicsight.io.report import ImportReport


PACKAGE: Final = "civicsight.gpkg"
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

    As `write_files`; rasters of an earlier run go where this one has none.

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
    beside = _beside(result, languages)
    shown = {name: text for name, (text, _) in beside.items()}
    pages = {
        page_name(language): partial(
            write_page,
            result=result,
            language=language,
            files_beside=shown,
            other_languages=[other for other in languages if other != language],
            imports=imports,
        )
        for language in languages
    }
    files = pages | {name: write for name, (_, write) in beside.items()}
    return write_files(out_dir, files, progress, stale=RASTERS)


def write_one(result: CheckResult, path: str | Path, language: Language) -> None:
    """Write one output; the suffix says which: ``.gpkg``, ``.xlsx``, ``.html`` or ``.json``.

    Raises
    ------
    MismatchError
        If the suffix is none of these.
    """
    file = Path(path)
    notice = notice_of(result)
    jobs: dict[str, Write] = {
        ".gpkg": lambda out: write_geopackage(out, result, notice=notice),
        ".xlsx": lambda out: write_workbook(out, make_tables(result), notice),
        ".html": lambda out: write_page(out, result, language, files_beside={}),
        ".json": lambda out: write_json(out, _summary(result)),
    }
    if file.suffix not in jobs:
        msg = f"{file.name} ends in {file.suffix!r}, expected one of {', '.join(jobs)}"
        raise MismatchError(msg)
    jobs[file.suffix](file)


def _beside(result: CheckResult, languages: Sequence[Language]) -> dict[str, tuple[Text, Write]]:
    """Return what is written beside the pages."""
    notice, tables, rasters = notice_of(result), make_tables(result), {}
    layers = cache(lambda: map_layers(result))
    projects = {
        project_name(language): (
            N_("the map for QGIS, which shows those layers: open this file"),
            partial(_write_project, layers=layers, result=result, language=language),
        )
        for language in languages
    }
    csv = {name: partial(write_csv, frame=frame) for name, frame in tables.items()}
    if result.raster is not None and next(result.raster.blocks(), None) is not None:
        rasters = {
            name: partial(write_geotiff, raster=result.raster, kind=kind, tags=notice)
            for name, kind in RASTERS.items()
        }
    files: dict[str, tuple[Text, Write | None]] = {
        PACKAGE: (
            N_("all layers with their looks, for QGIS"),
            lambda path: write_package(path, layers(), notice=notice),
        ),
        **projects,
        "tables.xlsx": (
            N_("cameras, places, gates and findings as a workbook"),
            partial(write_workbook, tables=tables, notes=notice),
        ),
        "cameras.csv": (N_("cameras as a table"), csv["cameras"]),
        "zones.csv": (N_("mandatory places as a table"), csv["zones"]),
        "parts.csv": (N_("gates and key parts as a table"), csv["parts"]),
        "findings.csv": (N_("findings as a table"), csv["findings"]),
        "about.csv": (
            N_("sources, licences and rule packs with their digests, for the tables"),
            partial(write_notes, notes=notice),
        ),
        "best_px_m.tif": (
            N_("detail on the ground, best camera [px/m], as a raster"),
            rasters.get("best_px_m.tif"),
        ),
        "cameras.tif": (
            N_("number of camera heads that see each cell, as a raster"),
            rasters.get("cameras.tif"),
        ),
        "summary.json": (
            N_("the headline figures, for machines"),
            partial(write_json, value=_summary(result)),
        ),
    }
    return {name: (text, write) for name, (text, write) in files.items() if write is not None}


def _write_project(
    path: Path, layers: Callable[[], list[PackageLayer]], result: CheckResult, language: Language
) -> None:
    write_project(path, PACKAGE, layers(), result, language)


def _summary(result: CheckResult) -> dict[str, Any]:
    judged = {"rules": result.rules.versions, "rules_sha256": dict(result.rules.sha256)}
    return result.summary | judged | {"figures": figures_of_check(result).to_dict()}
