"""Everything that a check leaves behind: page, tables, layers and rasters, in one folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pandas as pd

from civicsight.core.errors import N_, MismatchError, Text
from civicsight.core.extensions import added, extensions
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
    from civicsight.coverage.raster import CoverageRaster
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
    made = Made(result, languages)
    names = {output.name for output in OWN_OUTPUTS}
    outputs = (*OWN_OUTPUTS, *added("outputs", Output, names, attrgetter("name")))
    beside = [output for output in outputs if output.is_there(made)]
    shown = {output.name: output.says for output in beside}
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
    files = pages | {output.name: partial(output.write, made) for output in beside}
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


class Made:
    """What a check is written from: its result, with tables and layers that are made once."""

    def __init__(self, result: CheckResult, languages: Sequence[Language]) -> None:
        self.result, self.languages = result, languages
        self.notice = notice_of(result)

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables of the result by name, as people read them."""
        return make_tables(self.result)

    @cached_property
    def layers(self) -> list[PackageLayer]:
        """Layers of the map."""
        return map_layers(self.result)

    @cached_property
    def raster(self) -> CoverageRaster | None:
        """What cameras see of the ground; None where no camera sees any."""
        raster = self.result.raster
        return None if raster is None or next(raster.blocks(), None) is None else raster


class Output(NamedTuple):
    """A file that a check leaves: its name, what it is, and what writes it.

    Parameters
    ----------
    is_there
        Tells whether there is anything to write.
    """

    name: str
    says: Text
    write: Callable[[Made, Path], None]
    is_there: Callable[[Made], bool] = lambda _: True


def _table(name: str, says: Text) -> Output:
    return Output(f"{name}.csv", says, lambda made, path: write_csv(path, made.tables[name]))


def _raster(name: str, says: Text) -> Output:
    def write(made: Made, path: Path) -> None:
        if made.raster is not None:
            write_geotiff(path, made.raster, RASTERS[name], tags=made.notice)

    return Output(name, says, write, lambda made: made.raster is not None)


def _project(language: Language) -> Output:
    return Output(
        project_name(language),
        N_("the map for QGIS, which shows those layers: open this file"),
        lambda made, path: write_project(path, PACKAGE, made.layers, made.result, language),
        lambda made: language in made.languages,
    )


OWN_OUTPUTS: Final = (
    Output(
        PACKAGE,
        N_("all layers with their looks, for QGIS"),
        lambda made, path: write_package(path, made.layers, notice=made.notice),
    ),
    *map(_project, LANGUAGES),
    Output(
        "tables.xlsx",
        N_("cameras, places, gates and findings as a workbook"),
        lambda made, path: write_workbook(path, made.tables, made.notice),
    ),
    _table("cameras", N_("cameras as a table")),
    _table("zones", N_("mandatory places as a table")),
    _table("parts", N_("gates and key parts as a table")),
    _table("findings", N_("findings as a table")),
    Output(
        "about.csv",
        N_("sources, licences and rule packs with their digests, for the tables"),
        lambda made, path: write_notes(path, made.notice),
    ),
    _raster("best_px_m.tif", N_("detail on the ground, best camera [px/m], as a raster")),
    _raster("cameras.tif", N_("number of camera heads that see each cell, as a raster")),
    Output(
        "summary.json",
        N_("the headline figures, for machines"),
        lambda made, path: write_json(path, _summary(made.result)),
    ),
)
"""What we write beside the pages."""


def _summary(result: CheckResult) -> dict[str, Any]:
    judged = {"rules": result.rules.versions, "rules_sha256": dict(result.rules.sha256)}
    others = {"extensions": extensions()} if extensions() else {}
    return result.summary | judged | others | {"figures": figures_of_check(result).to_dict()}
