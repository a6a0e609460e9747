"""Gates: the list of those to confirm, the answers to it, and the register of the confirmed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from civicsight.cli.commands import check_reading, run_check, save
from civicsight.cli.importing import is_accepted
from civicsight.cli.inputs import Inputs, read_inputs, reads_city
from civicsight.cli.options import (
    AcceptOption,
    CityArgument,
    CrsOption,
    DatumOption,
    JsonOption,
    KeepOption,
    MappingOption,
    RulesOption,
    as_crs,
    as_declared,
)
from civicsight.cli.show import show_files, show_import
from civicsight.cli.sources import open_project
from civicsight.core.errors import N_

if TYPE_CHECKING:
    from civicsight.cli.session import Session

TableOption = Annotated[
    Path, typer.Option("--out", "-o", help=str(N_("The file to write (.xlsx or .csv).")))
]
ProjectArgument = Annotated[
    Path, typer.Argument(help=str(N_("The project file (.gpkg) whose gates are answered.")))
]
ListArgument = Annotated[
    Path, typer.Argument(help=str(N_("The list as 'civicsight gates ask' wrote it, filled in.")))
]


@reads_city
def ask(
    ctx: typer.Context,
    *,
    reading: Any,
    out: TableOption = Path("out/gates.xlsx"),
    json_: JsonOption = False,
) -> None:
    """Write the gates that nobody has confirmed."""
    from civicsight.editing.gate_list import asked_gates, write_gate_list

    session: Session = ctx.obj
    result = check_reading(session, reading)
    with session.step(N_("Writing")):
        files = write_gate_list(out, result, (), session.language)
    count = len(asked_gates(result, ()))
    if json_:
        session.show_json({"gates": count}, files)
        return
    session.print(N_("gates that nobody has confirmed: %(count)s", count=count))
    show_files(session, files)


def answer(
    ctx: typer.Context,
    project: ProjectArgument,
    table: ListArgument,
    *,
    accept: AcceptOption = False,
    rules: RulesOption = None,
    datum: DatumOption = None,
    mapping: MappingOption = None,
    keep_good: KeepOption = False,
    json_: JsonOption = False,
) -> None:
    """Take the answers into a project."""
    from civicsight.editing.gate_list import answer_gates, with_answers
    from civicsight.io.apart.reading import read_apart
    from civicsight.io.edits import apply, compare
    from civicsight.io.packs import load_packs

    session: Session = ctx.obj
    city = open_project(project)
    declared = as_declared(datum, None, None, None, None, mapping)
    with session.step(N_("Reading the source")):
        rows, report = read_apart(
            "gate_list", table, crs=city.crs, near=city.extent, declared=declared, keep_good=True
        )
    result = run_check(session, city, None, load_packs(user=rules or ()), None, raster=False)
    found = answer_gates(result, (), rows, report, keep_good=keep_good)
    edits = compare(city, with_answers(result, found), source=table.name)
    if not json_:
        show_import(session, replace(report, rejected=found.faults), json_=False)
        for text in map(session.translate, found.told):
            session.out.print(text, markup=False, highlight=False, soft_wrap=True)
        session.out.print(edits.summary(session.language), markup=False, highlight=False)
    if is_accepted(session, edits, accept=accept):
        save(session, apply(city, edits), project)
        if not json_:
            show_files(session, [project])
    if json_:
        figures = {
            "settled": len(found.answers),
            "settled_before": found.settled,
            "open": found.left_open,
        }
        session.show_json({**figures, "rejected": [fault.to_dict() for fault in found.faults]})


def register(
    ctx: typer.Context,
    city: CityArgument,
    *,
    out: TableOption = Path("out/entrances.xlsx"),
    crs: CrsOption = None,
    json_: JsonOption = False,
) -> None:
    """Write the gates that somebody confirmed."""
    from civicsight.editing.gate_list import write_register

    session: Session = ctx.obj
    place, _, _ = read_inputs(session, Inputs(city, crs=as_crs(crs)))
    with session.step(N_("Writing")):
        files = write_register(out, place, session.language)
    count = int(place.entrances["confirmed"].sum())
    if json_:
        session.show_json({"gates": count}, files)
        return
    session.print(N_("gates that somebody confirmed: %(count)s", count=count))
    show_files(session, files)
