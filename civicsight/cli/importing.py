"""The import: read any source, show what was understood and what changes, and save a project."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from civicsight.cli.app import app
from civicsight.cli.commands import save
from civicsight.cli.options import (
    CanopyOption,
    CityArgument,
    CrsOption,
    DatumOption,
    DemOption,
    DsmOption,
    EncodingOption,
    JsonOption,
    KeepOption,
    LayerOption,
    MappingOption,
    NameOption,
    NorthOption,
    SourceCrsOption,
    as_crs,
    as_declared,
)
from civicsight.cli.show import show_files, show_import
from civicsight.cli.sources import (
    Source,
    as_rasters,
    keep_rejects,
    open_project,
    read_source,
    understand,
    write_rejects,
)
from civicsight.errors import N_

if TYPE_CHECKING:
    from civicsight.cli.session import Session


__all__ = ["app", "import_"]


@app.command(
    "import",
    help=str(
        N_(
            "Read a city, an inventory or a register, say what was understood, mended and "
            "rejected, and save it as a project."
        )
    ),
)
def import_(
    ctx: typer.Context,
    path: CityArgument,
    *,
    kind: Annotated[
        str | None,
        typer.Option(
            "--as",
            help=str(
                N_(
                    "What the source holds: city, buildings, cameras, catalogue, places, "
                    "entrances, private, districts, signs, projects or obstacles; by default "
                    "judged by its content."
                )
            ),
        ),
    ] = None,
    into: Annotated[
        Path | None,
        typer.Option(
            "--into",
            help=str(
                N_(
                    "The project that takes the rows, or the edited copy of itself; nothing is "
                    "written without --accept."
                )
            ),
        ),
    ] = None,
    accept: Annotated[
        bool, typer.Option("--accept", help=str(N_("Accept the difference that was shown.")))
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help=str(N_("The project file to write (.gpkg).")))
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=str(N_("Only report; write nothing.")))
    ] = False,
    mapping: MappingOption = None,
    write_mapping: Annotated[
        Path | None,
        typer.Option(
            "--write-mapping",
            help=str(N_("Write what was understood of the columns, to edit and use again.")),
        ),
    ] = None,
    rejects: Annotated[
        Path | None,
        typer.Option("--rejects", help=str(N_("Write every row that was refused, as CSV."))),
    ] = None,
    datum: DatumOption = None,
    source_crs: SourceCrsOption = None,
    encoding: EncodingOption = None,
    layer: LayerOption = None,
    north: NorthOption = None,
    name: NameOption = None,
    dem: DemOption = None,
    dsm: DsmOption = None,
    dsm_holds: Annotated[
        str,
        typer.Option(
            "--dsm-holds",
            help=str(
                N_(
                    "What --dsm holds: the surface above sea level, or heights above_ground of "
                    "everything, or of buildings only."
                )
            ),
        ),
    ] = "surface",
    canopy: CanopyOption = None,
    unit: Annotated[
        str | None,
        typer.Option(
            "--unit", help=str(N_("Unit of heights in rasters that name none: m, ft or us-ft."))
        ),
    ] = None,
    crs: CrsOption = None,
    keep_good: KeepOption = False,
    json_: JsonOption = False,
) -> None:
    """Read a source and save it, alone or into a project."""
    session: Session = ctx.obj
    if out is None and into is None and not dry_run:
        raise typer.BadParameter(
            session.say(N_("Give --out FILE.gpkg, --into PROJECT.gpkg or --dry-run."))
        )
    if out is not None and out.suffix.lower() != ".gpkg":
        raise typer.BadParameter(session.say(N_("A project is a .gpkg file.")), param_hint="--out")
    source = Source(
        path,
        _kind(path, kind),
        as_declared(datum, source_crs, encoding, layer, north, mapping),
        name=name,
        crs=as_crs(crs),
        rasters=as_rasters(dem, dsm, dsm_holds, canopy, unit),
        keep_good=keep_good,
    )
    if not json_ or write_mapping is not None:
        understand(session, source, write_mapping, quiet=json_)
    base = None if into is None else open_project(into)
    with keep_rejects(rejects):
        with session.step(N_("Reading the source")):
            city, report, edits = read_source(source, base)
        write_rejects(rejects, report)
    show_import(session, report, json_=json_)
    if edits is not None and not json_:
        session.out.print(edits.summary(session.language), markup=False, highlight=False)
    target = out or into
    if dry_run or target is None:
        return
    if edits is not None and not accept:
        session.tell(N_("Nothing was written. To accept the difference, repeat with --accept."))
        return
    save(session, city, target)
    if not json_:
        show_files(session, [target])


def _kind(path: Path, kind: str | None) -> str:
    """Return what the source holds: as the person says, else as its content looks."""
    from civicsight.city.kinds import CITY, READERS, guess_kind

    kinds = (CITY, *READERS)
    if kind is not None and kind not in kinds:
        raise typer.BadParameter(", ".join(kinds), param_hint="--as")
    return guess_kind(path) if kind is None else kind
