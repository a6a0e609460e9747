"""The import: read any source, show what was understood and what changes, and save a project."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from civicsight.cli.app import app
from civicsight.cli.commands import save
from civicsight.cli.options import (
    CityArgument,
    CrsOption,
    DatumOption,
    DemOption,
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
from civicsight.errors import N_

if TYPE_CHECKING:
    from pyproj import CRS

    from civicsight.city import ImportReport
    from civicsight.city.declared import Declared
    from civicsight.cli.session import Session
    from civicsight.schema import City


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
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help=str(N_("The project file to write (.gpkg).")))
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=str(N_("Only report; write nothing.")))
    ] = False,
    mapping: MappingOption = None,
    datum: DatumOption = None,
    source_crs: SourceCrsOption = None,
    encoding: EncodingOption = None,
    layer: LayerOption = None,
    north: NorthOption = None,
    name: NameOption = None,
    dem: DemOption = None,
    crs: CrsOption = None,
    keep_good: KeepOption = False,
    json_: JsonOption = False,
) -> None:
    """Read a source and save it, alone or into a project."""
    session: Session = ctx.obj
    if out is None and not dry_run:
        raise typer.BadParameter(session.say(N_("Give --out FILE.gpkg, or --dry-run.")))
    if out is not None and out.suffix.lower() != ".gpkg":
        raise typer.BadParameter(session.say(N_("A project is a .gpkg file.")), param_hint="--out")
    declared = as_declared(datum, source_crs, encoding, layer, north, mapping)
    what = _kind(path, kind)
    with session.step(N_("Reading the source")):
        city, report = _read(path, what, declared, name, as_crs(crs), dem, keep_good=keep_good)
    if out is not None and not dry_run:
        save(session, city, out)
    show_import(session, report, json_=json_)
    if out is not None and not dry_run and not json_:
        show_files(session, [out])


def _kind(path: Path, kind: str | None) -> str:
    """Return what the source holds: as the person says, else as its content looks."""
    from civicsight.city.kinds import CITY, READERS, guess_kind

    kinds = (CITY, *READERS)
    if kind is not None and kind not in kinds:
        raise typer.BadParameter(", ".join(kinds), param_hint="--as")
    return guess_kind(path) if kind is None else kind


def _read(
    path: Path,
    kind: str,
    declared: Declared,
    name: str | None,
    crs: CRS | None,
    dem: Path | None,
    *,
    keep_good: bool,
) -> tuple[City, ImportReport]:
    from civicsight.city import read_city
    from civicsight.city.kinds import CITY, read_into

    if kind == CITY:
        return read_city(path, name=name, crs=crs, dem=dem, keep_good=keep_good)
    return read_into(path, kind, crs=crs, declared=declared, keep_good=keep_good)
