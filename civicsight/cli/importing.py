"""The import: read any source, show what was understood and what changes, and save a project."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from civicsight.cli.commands import save
from civicsight.cli.options import (
    AcceptOption,
    BoundaryOption,
    CanopyOption,
    CityArgument,
    CrsOption,
    DatumOption,
    DemOption,
    DryRunOption,
    DsmHoldsOption,
    DsmOption,
    EncodingOption,
    GazetteerOption,
    IntoOption,
    JsonOption,
    KeepOption,
    KindOption,
    LayerOption,
    LocalOption,
    MappingOption,
    NameOption,
    NorthOption,
    OverwriteOption,
    PlannedYearsOption,
    ProjectOption,
    RejectsOption,
    RulesOption,
    SourceCrsOption,
    UnitOption,
    WriteMappingOption,
    as_crs,
    as_declared,
)
from civicsight.cli.plan_arguments import years_of
from civicsight.cli.show import print_notes, show_files, show_import
from civicsight.cli.sources import Source, as_rasters, open_project, read_source, understand
from civicsight.core.errors import N_, Fault, InputError
from civicsight.core.progress import hearing

if TYPE_CHECKING:
    from civicsight.cli.session import Session
    from civicsight.io.edits import Edits
    from civicsight.io.report import ImportReport
    from civicsight.io.source_options import Declared
    from civicsight.io.tables.sheet import Sheet
    from civicsight.model import City


HEADINGS: Final = (N_("Row"), N_("Column"), N_("Found"), N_("Expected"), N_("How to mend it"))
"""Titles of what is wrong, before the columns of the row."""

BETWEEN: Final = N_("; ")
"""Between several faults of one row."""


@contextmanager
def keep_rejects(session: Session, path: Path | None, source: Source) -> Iterator[None]:
    """Write every fault of an input that is refused, and refuse it."""
    try:
        yield
    except InputError as error:
        if path is not None:
            write_rejects(session, path, source, error.faults)
        raise


def write_rejects(session: Session, path: Path, source: Source, faults: Sequence[Fault]) -> None:
    """Write a line a row: what is wrong with it, all faults of a row together, then the row.

    The titles of what is wrong are in the language of the session and mean nothing to a reader, so
    that the mended file can be imported as it is.
    """
    from civicsight.core.atomic import written_whole
    from civicsight.core.inert import as_written
    from civicsight.io.report import row_text

    sheet = _sheet(source)
    rows = {} if sheet is None else dict(zip(sheet.where, sheet.rows, strict=True))
    by_row: dict[str, list[Fault]] = {}
    for fault in faults:
        by_row.setdefault(fault.where, []).append(fault)
    with (
        written_whole(path) as scratch,
        scratch.open("w", encoding="utf-8-sig", newline="") as file,
    ):
        writer = csv.writer(file)
        header = [] if sheet is None else sheet.header
        writer.writerow([*(session.translate(text) for text in HEADINGS), *header])
        for where, own in by_row.items():
            row = rows.get(where, {})
            said = [
                session.translate(BETWEEN).join(dict.fromkeys(filter(None, texts)))
                for texts in (
                    [fault.field for fault in own],
                    [fault.found for fault in own],
                    [session.translate(fault.expected) for fault in own],
                    [session.translate(fault.remedy) for fault in own],
                )
            ]
            cells = [session.translate(row_text(where)), *said, *(row.get(name) for name in header)]
            writer.writerow([as_written(cell) for cell in cells])


def _sheet(source: Source) -> Sheet | None:
    """Return the rows of a table as they stand in the file; None where there are none to show."""
    from civicsight.io.apart.reading import read_apart
    from civicsight.io.registers.templates import SOURCE_SCHEMAS

    if source.kind not in SOURCE_SCHEMAS:
        return None
    try:
        sheet: Sheet = read_apart("sheet", source.path, source.declared)
    except InputError:
        return None
    return sheet


def import_(
    ctx: typer.Context,
    path: CityArgument,
    *,
    kind: KindOption = None,
    into: IntoOption = None,
    accept: AcceptOption = False,
    out: ProjectOption = None,
    overwrite: OverwriteOption = False,
    dry_run: DryRunOption = False,
    mapping: MappingOption = None,
    write_mapping: WriteMappingOption = None,
    gazetteer: GazetteerOption = None,
    rejects: RejectsOption = None,
    datum: DatumOption = None,
    source_crs: SourceCrsOption = None,
    local: LocalOption = None,
    encoding: EncodingOption = None,
    layer: LayerOption = None,
    north: NorthOption = None,
    name: NameOption = None,
    boundary: BoundaryOption = None,
    years: PlannedYearsOption = "",
    dem: DemOption = None,
    dsm: DsmOption = None,
    dsm_holds: DsmHoldsOption = "surface",
    canopy: CanopyOption = None,
    unit: UnitOption = None,
    crs: CrsOption = None,
    keep_good: KeepOption = False,
    rules: RulesOption = None,
    json_: JsonOption = False,
) -> None:
    """Read a source and save it, alone or into a project."""
    session: Session = ctx.obj
    declared = as_declared(
        datum, source_crs, encoding, layer, north, mapping, gazetteer, local, rules
    )
    held = _kind(path, kind, declared, into)
    rasters = as_rasters(dem, dsm, dsm_holds, canopy, unit)
    source = Source(path, held, declared, name, as_crs(crs), rasters, keep_good=keep_good)
    _require_target(session, out, into, dry_run=dry_run, overwrite=overwrite)
    _require_new(session, into, boundary, years)
    if not json_ or write_mapping is not None:
        understand(session, source, write_mapping, quiet=json_)
    # Read the source, say what happened to it and what it changes in a project.
    base = None if into is None else open_project(into)
    step = session.step(N_("Reading the source"))
    with keep_rejects(session, rejects, source), step as tick, hearing(tick):
        city, report, edits = read_source(source, base)
    if rejects is not None:
        write_rejects(session, rejects, source, report.rejected)
    if report.parts and not json_:
        show_import(session, report, json_=False)
    if edits is not None and not json_:
        session.out.print(edits.summary(session.language), markup=False, highlight=False)
    city = _framed(session, city, into, boundary, years, declared)
    target = out or into
    _repeat_stops(session, report, accept=accept)
    if target is not None and not dry_run and is_accepted(session, edits, accept=accept):
        save(session, city, target)
        if not json_:
            show_files(session, [target])
    if json_:
        show_import(session, report, json_=True)


def _bounded(session: Session, city: City, boundary: str | None, declared: Declared) -> City:
    """Return a city within a boundary, and say what that left out.

    Raises
    ------
    typer.BadParameter
        If it is neither a file nor a district.
    """
    from civicsight.planning.aims.boundary import (
        describe_left_out,
        named_area,
        read_boundary,
        within,
    )
    from civicsight.planning.area.districts import find_districts

    if boundary is None:
        return city
    path, districts = Path(boundary), find_districts(city)
    area = read_boundary(city, path, declared) if path.is_file() else None
    if area is None:
        area = named_area(districts, boundary)
    if area is None:
        known = ", ".join(districts["name"].dropna().astype(str))
        text = N_("a file with areas, or a district of the data: %(known)s", known=known or "-")
        raise typer.BadParameter(session.translate(text), param_hint="--boundary")
    cut = within(city, area, path.name)
    for text in describe_left_out(cut):
        session.print(text)
    return cut


def _repeat_stops(session: Session, report: ImportReport, *, accept: bool) -> None:
    """Repeat what stops a check; refuse acceptance while the datum is not declared."""
    print_notes(session, report.stops)
    if report.stops and accept:
        raise typer.BadParameter(
            session.translate(N_("refused until the datum is declared; nothing was written")),
            param_hint="--accept",
        )


def is_accepted(session: Session, edits: Edits | None, *, accept: bool) -> bool:
    """Tell whether a project may be written: a difference only once a person accepted it."""
    if edits is None or accept:
        return True
    if edits.is_empty:
        return False
    session.print(N_("Nothing was written. To accept the difference, repeat with --accept."))
    return False


def _require_target(
    session: Session, out: Path | None, into: Path | None, *, dry_run: bool, overwrite: bool
) -> None:
    """Refuse a command that names no file to write, one that is no project, or one in use."""
    if out is None and into is None and not dry_run:
        raise typer.BadParameter(
            session.translate(N_("Give --out FILE.gpkg, --into PROJECT.gpkg or --dry-run."))
        )
    if out is not None and out.suffix.lower() != ".gpkg":
        raise typer.BadParameter(
            session.translate(N_("A project is a .gpkg file.")), param_hint="--out"
        )
    if out is not None and out.exists() and not (dry_run or overwrite):
        there = N_("%(file)s is there already: name another file, or --overwrite.", file=out.name)
        raise typer.BadParameter(session.translate(there), param_hint="--out")


def _require_new(session: Session, into: Path | None, boundary: str | None, years: str) -> None:
    """Refuse what is chosen as a project is made where it is there already, and what is no year."""
    if into is not None and (boundary is not None or years):
        text = N_("boundary and years of a project are chosen as it is made: import it with --out")
        hint = "--years" if boundary is None else "--boundary"
        raise typer.BadParameter(session.translate(text), param_hint=hint)
    years_of(years)


def _framed(
    session: Session,
    city: City,
    into: Path | None,
    boundary: str | None,
    years: str,
    declared: Declared,
) -> City:
    """Return a city as the project that is asked for, or within the boundary of the one it is."""
    from civicsight.planning.aims.boundary import kept_within, with_years

    if into is not None:
        return kept_within(city)
    return with_years(_bounded(session, city, boundary, declared), years_of(years))


def _kind(path: Path, kind: str | None, declared: Declared, into: Path | None) -> str:
    """Return what the source holds: as the person says, else as its content looks.

    Buildings that come into no project are a city of their own.
    """
    from civicsight.io.apart.reading import read_apart
    from civicsight.io.guessing import BUILDINGS
    from civicsight.io.reader_registry import CITY, TABLE_READERS

    kinds = (CITY, *TABLE_READERS)
    if kind is not None and kind not in kinds:
        raise typer.BadParameter(", ".join(kinds), param_hint="--as")
    if kind is not None:
        return kind
    found = str(read_apart("kind", path, declared, edited=into is not None))
    return CITY if found == BUILDINGS and into is None else found
