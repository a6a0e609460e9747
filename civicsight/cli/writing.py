"""What people fill in and look at: templates of every table, and how good the data are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from civicsight.cli.effects import require_effect
from civicsight.cli.inputs import Inputs, declares, read_inputs
from civicsight.cli.options import (
    CamerasArgument,
    CityArgument,
    CrsOption,
    DatumOption,
    EncodingOption,
    JsonOption,
    KeepOption,
    LayerOption,
    MappingOption,
    NameOption,
    NorthOption,
    OutOption,
    RulesOption,
    SourceCrsOption,
    as_crs,
    as_declared,
)
from civicsight.cli.show import show_export, show_files
from civicsight.core.errors import N_

if TYPE_CHECKING:
    from civicsight.cli.session import Session


FORMS = ("xlsx", "csv")


def template(
    ctx: typer.Context,
    tables: Annotated[
        list[str] | None,
        typer.Argument(help=str(N_("Tables, such as cameras or signs; all without a name."))),
    ] = None,
    *,
    out: OutOption = Path("out/templates"),
    form: Annotated[
        str, typer.Option("--form", help=str(N_("xlsx for a workbook, csv for text.")))
    ] = "xlsx",
    json_: JsonOption = False,
) -> None:
    """Write templates."""
    from civicsight.io.registers.templates import write_templates

    session: Session = ctx.obj
    if form not in FORMS:
        raise typer.BadParameter(", ".join(FORMS), param_hint="--form")
    with session.step(N_("Writing")):
        files = write_templates(out, tables=tables or None, form=form)  # type: ignore[arg-type]
    show_files(session, files, json_=json_)


def quality(
    ctx: typer.Context,
    city: CityArgument,
    cameras: CamerasArgument = None,
    *,
    out: OutOption = Path("out/quality"),
    rules: RulesOption = None,
    crs: CrsOption = None,
    name: NameOption = None,
    datum: DatumOption = None,
    source_crs: SourceCrsOption = None,
    encoding: EncodingOption = None,
    layer: LayerOption = None,
    north: NorthOption = None,
    mapping: MappingOption = None,
    json_: JsonOption = False,
) -> None:
    """Write how good the data are."""
    from civicsight.io.packs import load_packs
    from civicsight.report.quality.quality_files import write_quality

    session: Session = ctx.obj
    packs = load_packs(user=rules or ())
    require_effect(ctx, declares())
    declared = as_declared(datum, source_crs, encoding, layer, north, mapping)
    place, inventory, imports = read_inputs(
        session, Inputs(city, cameras, name=name, crs=as_crs(crs), declared=declared)
    )
    if inventory is not None:
        known = (*place.provenance, *imports[-1].provenance())
        place = replace(place, cameras=inventory, provenance=known)
    with session.step(N_("Writing")) as tick:
        files = write_quality(place, out, rules=packs, progress=tick)
    show_files(session, files, json_=json_)


def catalogue(
    ctx: typer.Context,
    city: CityArgument,
    cameras: CamerasArgument = None,
    *,
    out: Annotated[
        Path, typer.Option("--out", "-o", help=str(N_("The file to write (.xml).")))
    ] = Path("out/catalogue.xml"),
    system: Annotated[
        str | None,
        typer.Option(
            "--system",
            help=str(
                N_("Id of the system, 20 digits; by default that of the catalogue they came from.")
            ),
        ),
    ] = None,
    crs: CrsOption = None,
    datum: DatumOption = None,
    source_crs: SourceCrsOption = None,
    encoding: EncodingOption = None,
    layer: LayerOption = None,
    north: NorthOption = None,
    mapping: MappingOption = None,
    keep_good: KeepOption = False,
    json_: JsonOption = False,
) -> None:
    """Write a catalogue."""
    from civicsight.report.catalogue import write_catalogue

    session: Session = ctx.obj
    require_effect(ctx, declares())
    declared = as_declared(datum, source_crs, encoding, layer, north, mapping)
    place, inventory, _ = read_inputs(
        session, Inputs(city, cameras, crs=as_crs(crs), declared=declared, keep_good=keep_good)
    )
    table = place.cameras if inventory is None else inventory
    with session.step(N_("Writing")):
        written = write_catalogue(
            table, out, system=system, language=session.language, keep_good=keep_good
        )
    if json_:
        figures = {
            "cameras": written.written,
            "left_out": [fault.to_dict() for fault in written.left_out],
            "to_fill": [fault.to_dict() for fault in written.to_fill],
        }
        session.show_json(figures, [out])
        return
    show_export(session, written)
    show_files(session, [out])
