"""The year after approval: a month's report of the works against the plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from civicsight.cli.inventories import day_of
from civicsight.cli.options import JsonOption, OutOption
from civicsight.cli.plan_inputs import (
    READER,
    PlansArgument,
    ReaderOption,
    VersionOption,
    WhichOption,
    print_kept,
    read_version,
)
from civicsight.cli.show import show_files
from civicsight.core.errors import N_

if TYPE_CHECKING:
    from civicsight.cli.session import Session

ReportArgument = Annotated[
    Path,
    typer.Argument(
        help=str(
            N_(
                "The month's report, CSV or XLSX; 'civicsight template progress' writes one to "
                "fill in."
            )
        )
    ),
]
JudgedOnOption = Annotated[
    str | None,
    typer.Option("--on", help=str(N_("Day on which it is judged, YYYY-MM-DD; today by default."))),
]


def progress(
    ctx: typer.Context,
    place: PlansArgument,
    path: ReportArgument,
    *,
    plan: WhichOption = None,
    version: VersionOption = None,
    as_: ReaderOption = READER,
    on: JudgedOnOption = None,
    out: OutOption = Path("out/progress"),
    json_: JsonOption = False,
) -> None:
    """Follow the works of a plan."""
    from datetime import date

    from civicsight.inventory.filled_in import read_filled_in
    from civicsight.planning.works.progress import follow_works
    from civicsight.report.progress import FILLED, summary_of, write_progress

    session: Session = ctx.obj
    day = date.fromisoformat(day_of(on))
    made, root = read_version(place, plan, version, as_)
    print_kept(session, made)
    with session.step(N_("Reading the report")):
        reported, _ = read_filled_in("progress", path, FILLED, crs=made.measures.crs)
    found = follow_works(made.measures, reported, day, source=path.name)
    with session.step(N_("Writing")):
        files = write_progress(found, out, name=plan or Path(place).name, root=root)
    if json_:
        states = {str(name): int(n) for name, n in found.works["state"].value_counts().items()}
        overdue = found.filing.index[found.filing["overdue_days"] > 0]
        session.show_json({"states": states, "overdue": [*overdue]}, files)
        return
    for text in summary_of(found):
        session.out.print(session.translate(text), markup=False, highlight=False)
    show_files(session, files)
